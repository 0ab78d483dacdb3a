/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patch service, CI, evidence and change feed, on an application under load. */
#include "tests/unit/small_world.h"

#define SERVICE ((struct svc_id){1})

static const struct plan_answer good = {.reply = REPLY_OK,
                                        .service = {NONE_ID},
                                        .symptom = -1,
                                        .fixes = true,
                                        .error_ppm = -1,
                                        .size_lines = 12,
                                        .syntax = true,
                                        .analysis = true,
                                        .dependencies = true,
                                        .tests_run = 3};

static struct small_world *open_services(const struct plan_answer *answers, uint32_t count) {
    struct small_world *s = small_new();
    s->faults[0] = (struct plan_fault){.kind = FAULT_ERROR_RATE,
                                       .name = "npe",
                                       .at = NS_PER_S,
                                       .lasts_ns = TIME_NEVER,
                                       .service = SERVICE,
                                       .value = 152000,
                                       .symptom = SYMPTOM_ERRORS,
                                       .exception = "NullPointerException",
                                       .file = "PaymentService.java",
                                       .line = 237};
    s->faults[1] = (struct plan_fault){.kind = FAULT_LATENCY,
                                       .name = "slow",
                                       .at = NS_PER_S,
                                       .lasts_ns = 10 * NS_PER_S,
                                       .service = SERVICE,
                                       .value = 5 * NS_PER_MS,
                                       .symptom = SYMPTOM_LATENCY,
                                       .exception = "",
                                       .file = ""};
    s->plan.fault_count = 2;
    s->plan.answers = answers;
    s->plan.answer_count = count;
    s->plan.entry_rate_milli = 200000;
    s->plan.times.patch_ns = 10 * NS_PER_S;
    s->plan.times.checks_ns = 3 * NS_PER_S;
    small_open(s);
    small_open_app(s);
    patch_service_open(&s->world, &s->arena);
    ci_service_open(&s->world);
    evidence_open(&s->world);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    app_start(s->world.app);
    return s;
}

static void ask_patch(struct small_world *s, int64_t symptom) {
    struct eng_effect e = {.kind = EFF_ask_patch};
    e.ask_patch.service = SERVICE;
    e.ask_patch.symptom = symptom;
    e.ask_patch.base = app_serving(s->world.app, SERVICE);
    network_send(&s->world, 0, &e);
}

static const struct in_patch_reply *patched(struct small_world *s, int64_t symptom, time_ns ns) {
    ask_patch(s, symptom);
    small_run(s, sim_now(s->world.sim) + ns);
    return &small_last(s, 0)->input.patch_reply;
}

static const struct in_check_results *checked(struct small_world *s, struct revision_id revision) {
    struct eng_effect e = {.kind = EFF_ask_checks};
    e.ask_checks.revision = revision;
    network_send(&s->world, 0, &e);
    small_run(s, sim_now(s->world.sim) + 3 * NS_PER_S);
    return &small_last(s, 0)->input.check_results;
}

static const struct in_evidence *evidence(struct small_world *s, enum source_kind source,
                                          struct svc_id service) {
    struct eng_effect e = {.kind = EFF_ask_evidence};
    e.ask_evidence.source = source;
    e.ask_evidence.service = service;
    e.ask_evidence.window_ns = 10 * NS_PER_S;
    network_send(&s->world, 0, &e);
    small_run(s, sim_now(s->world.sim));
    return &small_last(s, 0)->input.evidence;
}

static void a_patch_takes_out_the_defect_that_shows_the_symptom(void) {
    struct small_world *s = open_services(&good, 1);
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(app_revision_defects(s->world.app, app_serving(s->world.app, SERVICE)), 3);
    const struct in_patch_reply *in = patched(s, SYMPTOM_ERRORS, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(small_last(s, 0)->at, 12 * NS_PER_S);
    CU_ASSERT_EQUAL(in->reply, REPLY_OK);
    CU_ASSERT_EQUAL(in->size_lines, 12);
    CU_ASSERT_EQUAL(app_revision_defects(s->world.app, in->revision), 2);
    CU_ASSERT_EQUAL(small_records(s, REC_revision_made, 0, NULL), 1);
    struct revision_id made = in->revision;
    const struct in_check_results *results = checked(s, made);
    CU_ASSERT(results->syntax && results->analysis && results->dependencies);
    CU_ASSERT_EQUAL(results->tests_run, 3);
    CU_ASSERT_EQUAL(results->reply, REPLY_OK);
    in = patched(s, SYMPTOM_ERRORS, 10 * NS_PER_S); /* answers are used up */
    CU_ASSERT_EQUAL(in->reply, REPLY_ABSENT);
    CU_ASSERT_EQUAL(checked(s, (struct revision_id){made.v + 5})->reply, REPLY_ABSENT);
    small_close(s);
}

static void answers_fit_in_order_and_the_last_may_repeat(void) {
    struct plan_answer answers[3] = {good, good, good};
    answers[0].symptom = SYMPTOM_LATENCY;
    answers[0].size_lines = 1;
    answers[1].size_lines = 2;
    answers[1].fixes = false;
    answers[1].analysis = false;
    answers[1].finding = "SQL injection";
    answers[2].size_lines = 3;
    answers[2].repeat = true;
    struct small_world *s = open_services(answers, 3);
    small_run(s, 2 * NS_PER_S);
    const struct in_patch_reply *in = patched(s, SYMPTOM_ERRORS, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(in->size_lines, 2);
    CU_ASSERT_EQUAL(app_revision_defects(s->world.app, in->revision), 3);
    const struct in_check_results *results = checked(s, in->revision);
    CU_ASSERT(!results->analysis);
    CU_ASSERT(text_is(&results->finding, "SQL injection"));
    CU_ASSERT_EQUAL(patched(s, SYMPTOM_ERRORS, 10 * NS_PER_S)->size_lines, 3);
    CU_ASSERT_EQUAL(patched(s, SYMPTOM_LATENCY, 10 * NS_PER_S)->size_lines, 1);
    CU_ASSERT_EQUAL(patched(s, SYMPTOM_LATENCY, 10 * NS_PER_S)->size_lines, 3);
    small_close(s);
}

static void a_rate_limit_answers_at_once_and_holds_until_it_is_over(void) {
    struct plan_answer answers[2] = {good, good};
    answers[0].reply = REPLY_RATE_LIMITED;
    answers[0].retry_after_ns = NS_PER_MIN;
    struct small_world *s = open_services(answers, 2);
    small_run(s, 2 * NS_PER_S);
    const struct in_patch_reply *in = patched(s, SYMPTOM_ERRORS, 0);
    CU_ASSERT_EQUAL(in->reply, REPLY_RATE_LIMITED);
    CU_ASSERT_EQUAL(in->retry_after_ns, NS_PER_MIN);
    small_run(s, 32 * NS_PER_S);
    in = patched(s, SYMPTOM_ERRORS, 0);
    CU_ASSERT_EQUAL(in->reply, REPLY_RATE_LIMITED);
    CU_ASSERT_EQUAL(in->retry_after_ns, 30 * NS_PER_S);
    small_run(s, 62 * NS_PER_S);
    in = patched(s, SYMPTOM_ERRORS, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(in->reply, REPLY_OK);
    CU_ASSERT_EQUAL(small_last(s, 0)->at, 72 * NS_PER_S);
    small_close(s);
}

static void logs_and_traces_say_what_failed(void) {
    struct small_world *s = open_services(&good, 1);
    small_run(s, NS_PER_S / 2);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_LOGS, SERVICE)->reply, REPLY_ABSENT);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_TRACES, (struct svc_id){0})->reply, REPLY_ABSENT);
    small_run(s, 5 * NS_PER_S);
    const struct in_evidence *in = evidence(s, SOURCE_LOGS, SERVICE);
    CU_ASSERT_EQUAL(in->reply, REPLY_OK);
    CU_ASSERT(text_is(&in->exception, "NullPointerException"));
    CU_ASSERT(text_is(&in->file, "PaymentService.java"));
    CU_ASSERT_EQUAL(in->line, 237);
    CU_ASSERT(in->count > 60 && in->count < 200); /* 15.2 % of 800 */
    in = evidence(s, SOURCE_TRACES, (struct svc_id){0});
    CU_ASSERT_EQUAL(in->reply, REPLY_OK);
    CU_ASSERT_EQUAL(in->culprit.v, SERVICE.v);
    CU_ASSERT(in->culprit_share_ppm > 900000);
    CU_ASSERT_EQUAL(small_records(s, REC_evidence_given, 0, NULL), 4);
    small_close(s);
}

static void faults_end_by_themselves_or_by_the_heal(void) {
    struct small_world *s = open_services(&good, 1);
    small_run(s, 12 * NS_PER_S);
    int64_t value = 0;
    CU_ASSERT_EQUAL(small_records(s, REC_fault_on, 0, NULL), 2);
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 0, &value), 1);
    CU_ASSERT_EQUAL(value, 1);
    small_records(s, REC_fault_off, 1, &value);
    CU_ASSERT(value > 1000); /* requests that waited */
    CU_ASSERT_EQUAL(fault_heal_all(&s->world), 1);
    CU_ASSERT_EQUAL(fault_heal_all(&s->world), 0);
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 2, &value), 2);
    CU_ASSERT_EQUAL(value, 1); /* healed */
    small_close(s);
}

static void healing_calls_off_what_has_not_begun(void) {
    struct small_world *s = open_services(&good, 1);
    small_run(s, NS_PER_S / 2);
    CU_ASSERT_EQUAL(fault_heal_all(&s->world), 0);
    small_run(s, 5 * NS_PER_S);
    CU_ASSERT_EQUAL(small_records(s, REC_fault_on, 0, NULL), 0);
    small_close(s);
}

/* While two faults keep logs down, the end of one does not bring them back. */
static void a_source_that_is_down_answers_errors(void) {
    struct small_world *s = small_new();
    for (uint32_t f = 0; f < 3; f++)
        s->faults[f] = (struct plan_fault){.kind = f < 2 ? FAULT_LOGS_DOWN : FAULT_TRACES_DOWN,
                                           .name = "down",
                                           .at = NS_PER_S,
                                           .lasts_ns = (2 * f + 2) * NS_PER_S,
                                           .service = ID_NONE(svc_id)};
    s->plan.fault_count = 3;
    small_open(s);
    small_open_app(s);
    evidence_open(&s->world);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_LOGS, SERVICE)->reply, REPLY_ABSENT);
    small_run(s, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_LOGS, SERVICE)->reply, REPLY_UNAVAILABLE);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_TRACES, SERVICE)->reply, REPLY_UNAVAILABLE);
    small_run(s, 4 * NS_PER_S);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_LOGS, SERVICE)->reply, REPLY_UNAVAILABLE);
    small_run(s, 6 * NS_PER_S);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_LOGS, SERVICE)->reply, REPLY_ABSENT);
    CU_ASSERT_EQUAL(evidence(s, SOURCE_TRACES, SERVICE)->reply, REPLY_UNAVAILABLE);
    small_run(s, NS_PER_MIN);
    int64_t acted = 0;
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 1, &acted), 3);
    CU_ASSERT_EQUAL(acted, 2); /* of traces: the questions that it refused */
    small_close(s);
}

static void a_misleading_change_is_told_to_everybody_once(void) {
    struct small_world *s = small_new();
    s->faults[0] = (struct plan_fault){.kind = FAULT_MISLEADING_CHANGE,
                                       .name = "herring",
                                       .at = NS_PER_S,
                                       .lasts_ns = NS_PER_S,
                                       .service = {2},
                                       .value = 10 * NS_PER_MIN};
    s->plan.fault_count = 1;
    small_open(s);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL_FATAL(s->told_count, SMALL_ENGINES);
    const struct in_change *in = &small_last(s, 0)->input.change;
    CU_ASSERT_EQUAL(in->at_wall, s->plan.start_wall + NS_PER_S - 10 * NS_PER_MIN);
    CU_ASSERT_EQUAL(in->service.v, 2);
    CU_ASSERT_TRUE(in->ended);
    CU_ASSERT_EQUAL(in->op.v, ID_NONE64(op_id).v); /* nobody's of this run */
    int64_t acted = 0;
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 1, &acted), 1);
    CU_ASSERT_EQUAL(acted, SMALL_ENGINES);
    small_close(s);
}

static void the_past_is_told_with_its_time(void) {
    struct small_world *s = small_new();
    struct plan_history_change past = {
        .service = {2}, .kind = OPKIND_DEPLOYMENT, .author = "ann", .before_ns = NS_PER_HOUR};
    s->plan.history.changes = &past;
    s->plan.history.change_count = 1;
    small_open(s);
    change_feed_start(&s->world);
    small_run(s, 0);
    CU_ASSERT_EQUAL(s->told_count, SMALL_ENGINES);
    const struct in_change *in = &small_last(s, 0)->input.change;
    CU_ASSERT_EQUAL(in->at_wall, s->plan.start_wall - NS_PER_HOUR);
    CU_ASSERT_EQUAL(in->service.v, 2);
    CU_ASSERT(text_is(&in->author, "ann"));
    small_close(s);
}

TEST_MAIN("services", TEST(a_patch_takes_out_the_defect_that_shows_the_symptom),
          TEST(answers_fit_in_order_and_the_last_may_repeat),
          TEST(a_rate_limit_answers_at_once_and_holds_until_it_is_over),
          TEST(logs_and_traces_say_what_failed), TEST(faults_end_by_themselves_or_by_the_heal),
          TEST(healing_calls_off_what_has_not_begun), TEST(the_past_is_told_with_its_time),
          TEST(a_source_that_is_down_answers_errors),
          TEST(a_misleading_change_is_told_to_everybody_once))
