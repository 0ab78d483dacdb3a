/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/scenario.h"
#include "scenarios/words/expect.def"
#include "tests/runner.h"
#include "tests/unit/scenario_files.h"

static struct arena arena;
static struct diags diags;
static struct scenario *list;
static uint32_t count;

static bool load_text(const char *file, const char *text, const struct scn_options *options) {
    struct catalogue catalogue = {.arena = &arena};
    struct scn_files files = catalogue_files(&catalogue);
    diags = (struct diags){0};
    bool ok = scn_load(&arena, file, text, strlen(text), &files, options, &diags, &list, &count);
    if (!ok) diag_print(&diags, stderr);
    return ok;
}

static bool load(const char *name, const struct scn_options *options) {
    char path[1024];
    size_t len;
    snprintf(path, sizeof path, "%s/scenarios/%s.yaml", FIREDRILL_SOURCE_DIR, name);
    const char *text = file_whole(&arena, path, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    return load_text(name, text, options);
}

static const char *const files[] = {
    "core/00_healthy",
    "core/01_high_error_rate",
    "core/demo",
    "core/03_critical_error_rate",
    "core/04_conflicting_fixes",
    "core/07_canary_failure",
    "core/02_moderate_error_rate",
    "core/05_lock_timeout",
    "core/06_dependency_failure",
    "core/08_safety_gate_rejection",
    "core/09_patch_fails_tests",
    "core/13_network_partition",
    "core/18_rate_limit",
    "core/19_deployment_rollback",
    "core/21_patch_fixes_nothing",
    "extended/chosen_role",
    "extended/low_traffic_canary",
    "extended/rollback_out_of_reach",
};

static uint64_t reloaded_digest(const struct scenario *s) {
    struct scenario *again;
    if (!scn_reload(&arena, s->plan.sources, s->plan.source_count, &diags, &again)) {
        diag_print(&diags, stderr);
        return 0;
    }
    return scn_plan_digest(again);
}

static void every_file_loads_on_both_topologies_and_from_its_sources(void) {
    static const char *const topologies[] = {"shop", "online-boutique"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        for (size_t t = 0; t < ARRAY_LEN(topologies); t++) {
            arena_open(&arena);
            struct scn_options options = {.topology = topologies[t]};
            CU_ASSERT_TRUE_FATAL(load(files[i], &options));
            CU_ASSERT_EQUAL(count, 1);
            CU_ASSERT_EQUAL(diags.count, 0);
            CU_ASSERT_STRING_EQUAL(list[0].topology_name, topologies[t]);
            CU_ASSERT_EQUAL(reloaded_digest(&list[0]), scn_plan_digest(&list[0]));
            arena_close(&arena);
        }
    }
}

static void another_seed_is_as_if_the_command_line_had_said_so(void) {
    struct scenario *other;
    struct scn_options options = {.topology = "online-boutique"};
    arena_open(&arena);
    CU_ASSERT_TRUE_FATAL(load("core/01_high_error_rate", &options));
    CU_ASSERT_TRUE_FATAL(scn_reseed(&arena, &list[0], 99, &diags, &other));
    options.seed_given = true;
    options.seed = 99;
    CU_ASSERT_TRUE_FATAL(load("core/01_high_error_rate", &options));
    CU_ASSERT_EQUAL(other->plan.seed, 99);
    CU_ASSERT_EQUAL(scn_plan_digest(other), scn_plan_digest(&list[0]));
    arena_close(&arena);
}

static void check_system(const struct plan *p) {
    CU_ASSERT_STRING_EQUAL(p->name, "high_error_rate");
    CU_ASSERT_STRING_EQUAL(p->title, "High error rate");
    CU_ASSERT_STRING_EQUAL(p->file, "core/01_high_error_rate");
    CU_ASSERT_EQUAL(p->seed, 1);
    time_ns start = 0;
    CU_ASSERT_TRUE(wall_parse("2026-01-05T09:00:00Z", 20, &start));
    CU_ASSERT_EQUAL(p->start_wall, start);
    CU_ASSERT_EQUAL(p->duration_ns, 120 * NS_PER_S);
    CU_ASSERT_EQUAL(p->scrape_ns, NS_PER_S);
    CU_ASSERT_EQUAL(p->evaluate_ns, NS_PER_S);
    CU_ASSERT_EQUAL(p->scrape_offset_ns, 0);
    CU_ASSERT_EQUAL(p->lock_expiry_slack_ns, 0);
    CU_ASSERT_EQUAL(p->arrivals, ARRIVALS_POISSON);
    CU_ASSERT_EQUAL(p->entry_rate_milli, 1250000);
    CU_ASSERT_FALSE(p->trace_requests);
    uint32_t payment = topo_service_named(p->topology, "payment-service").v;
    CU_ASSERT_EQUAL(p->services[payment].replicas, 20);
    CU_ASSERT_EQUAL(p->services[payment].slots, 8);
    CU_ASSERT_EQUAL(p->visits_ppm[payment], 1000000);
    CU_ASSERT_EQUAL(p->engine_count, 1);
    CU_ASSERT_STRING_EQUAL(p->engines[0].name, "engine-0");
    CU_ASSERT_EQUAL(p->engines[0].symptoms, 7);
    const struct plan_times times = {.logs_ns = 4 * NS_PER_S,
                                     .traces_ns = 6 * NS_PER_S,
                                     .patch_ns = 10 * NS_PER_S,
                                     .checks_ns = 3 * NS_PER_S,
                                     .rollout_ns = NS_PER_S,
                                     .rollback_ns = NS_PER_S,
                                     .pod_start_ns = 3 * NS_PER_S};
    CU_ASSERT_EQUAL(memcmp(&p->times, &times, sizeof times), 0);
}

static void check_causes(const struct plan *p) {
    CU_ASSERT_EQUAL_FATAL(p->fault_count, 1);
    const struct plan_fault *f = &p->faults[0];
    CU_ASSERT_EQUAL(f->kind, FAULT_ERROR_RATE);
    CU_ASSERT_STRING_EQUAL(f->name, "null-pointer");
    CU_ASSERT_EQUAL(f->at, 30 * NS_PER_S);
    CU_ASSERT_EQUAL(f->lasts_ns, TIME_NEVER);
    CU_ASSERT_STRING_EQUAL(p->topology->services[f->service.v].name, "payment-service");
    CU_ASSERT_EQUAL(f->from, NONE_ID);
    CU_ASSERT_EQUAL(f->to, NONE_ID);
    CU_ASSERT_EQUAL(f->value, 152000);
    CU_ASSERT_EQUAL(f->symptom, SYMPTOM_ERRORS);
    CU_ASSERT_STRING_EQUAL(f->exception, "NullPointerException");
    CU_ASSERT_STRING_EQUAL(f->file, "PaymentService.java");
    CU_ASSERT_EQUAL(f->line, 237);
    CU_ASSERT_EQUAL_FATAL(p->answer_count, 1);
    const struct plan_answer *a = &p->answers[0];
    CU_ASSERT_EQUAL(a->reply, REPLY_OK);
    CU_ASSERT_EQUAL(a->service.v, f->service.v);
    CU_ASSERT_EQUAL(a->symptom, -1);
    CU_ASSERT_TRUE(a->fixes && a->syntax && a->analysis && a->dependencies);
    CU_ASSERT_FALSE(a->changes_shared || a->repeat);
    CU_ASSERT_EQUAL(a->error_ppm, -1);
    CU_ASSERT_EQUAL(a->latency_ns, 0);
    CU_ASSERT_EQUAL(a->size_lines, 12);
    CU_ASSERT_EQUAL(a->retry_after_ns, 0);
    CU_ASSERT_EQUAL(a->tests_run, 3);
    CU_ASSERT_EQUAL(a->tests_failed, 0);
    CU_ASSERT_STRING_EQUAL(a->finding, "");
}

static void check_people_and_past(const struct plan *p) {
    CU_ASSERT_EQUAL_FATAL(p->person_count, 1);
    const struct plan_person *person = &p->people[0];
    CU_ASSERT_STRING_EQUAL(person->name, "on-call");
    CU_ASSERT_STRING_EQUAL(person->team, "sre");
    CU_ASSERT_STRING_EQUAL(person->role, "on-call");
    CU_ASSERT_EQUAL(person->reads_ns, 5 * NS_PER_MIN);
    CU_ASSERT_EQUAL(person->confirm, ANSWER_YES);
    CU_ASSERT_EQUAL(person->take_over, ANSWER_TAKEN_OVER);
    CU_ASSERT_EQUAL(person->correction.v, NONE_ID);
    CU_ASSERT_EQUAL(p->history.span_ns, 24 * NS_PER_HOUR);
    CU_ASSERT_EQUAL(p->history.series_count, p->topology->service_count);
    const struct plan_history_series *series = &p->history.series[p->faults[0].service.v];
    CU_ASSERT_EQUAL(series->rate_milli, 1250000);
    CU_ASSERT_EQUAL(series->error_ppm, 3000);
    CU_ASSERT_EQUAL(p->history.operation_count, 0);
    CU_ASSERT_EQUAL(p->history.change_count, 0);
}

static void check_expectations(const struct plan *p) {
    CU_ASSERT_EQUAL_FATAL(p->expect_count, 1);
    CU_ASSERT_STRING_EQUAL(p->expects[0].name, "null-pointer");
    CU_ASSERT_STRING_EQUAL(p->expects[0].reaction, "auto_fix");
    CU_ASSERT_STRING_EQUAL(p->expects[0].outcome, "resolved");
    CU_ASSERT_EQUAL(p->expects[0].fault, 0);
    CU_ASSERT_EQUAL(p->expects[0].mttr_min_ns, 0);
    CU_ASSERT_EQUAL(p->expects[0].mttr_max_ns, 60 * NS_PER_S);
    CU_ASSERT_EQUAL(p->bound_count, 0);
    CU_ASSERT_EQUAL_FATAL(p->must_not_count, 2);
    CU_ASSERT_STRING_EQUAL(p->must_nots[0].what, "rollback");
    CU_ASSERT_EQUAL(p->must_nots[0].service.v, NONE_ID);
    CU_ASSERT_STRING_EQUAL(p->must_nots[1].what, "page");
}

static void the_first_row_field_by_field(void) {
    arena_open(&arena);
    CU_ASSERT_TRUE_FATAL(load("core/01_high_error_rate", NULL));
    const struct scenario *s = &list[0];
    check_system(&s->plan);
    check_causes(&s->plan);
    check_people_and_past(&s->plan);
    check_expectations(&s->plan);
    CU_ASSERT_STRING_EQUAL(s->topology_name, "shop");
    CU_ASSERT_STRING_EQUAL(s->policy_name, "fast");
    CU_ASSERT_EQUAL_FATAL(s->rule_count, 1);
    CU_ASSERT_STRING_EQUAL(s->rules[0], "fast");
    static const char *const kinds[] = {"scenario", "topology", "policy", "rules"};
    CU_ASSERT_EQUAL_FATAL(s->plan.source_count, ARRAY_LEN(kinds));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        CU_ASSERT_STRING_EQUAL(s->plan.sources[i].kind, kinds[i]);
    CU_ASSERT_STRING_EQUAL(s->plan.sources[1].name, "shop"); /* as written, not where it lay */
    arena_close(&arena);
}

static void rows_three_and_four(void) {
    arena_open(&arena);
    CU_ASSERT_TRUE_FATAL(load("core/03_critical_error_rate", NULL));
    CU_ASSERT_EQUAL(list[0].plan.times.notify_ns, NS_PER_S);
    CU_ASSERT_EQUAL_FATAL(list[0].plan.bound_count, 1);
    CU_ASSERT_STRING_EQUAL(list[0].plan.bounds[0].key, "person_reached_within_ns");
    CU_ASSERT_EQUAL(list[0].plan.bounds[0].value, 5 * NS_PER_S);
    CU_ASSERT_TRUE_FATAL(load("core/04_conflicting_fixes", NULL));
    const struct plan *p = &list[0].plan;
    CU_ASSERT_EQUAL(list[0].policy.config.gates.cooldown_ns, 0);
    CU_ASSERT_EQUAL(p->engine_count, 2);
    CU_ASSERT_EQUAL(p->engines[0].symptoms, 1u << SYMPTOM_ERRORS);
    CU_ASSERT_EQUAL(p->engines[1].symptoms, 1u << SYMPTOM_LATENCY);
    CU_ASSERT_EQUAL(p->faults[1].symptom, SYMPTOM_LATENCY);
    CU_ASSERT_EQUAL(p->faults[1].value, 700 * NS_PER_MS);
    CU_ASSERT_EQUAL(p->answers[1].symptom, SYMPTOM_LATENCY);
    CU_ASSERT_EQUAL(p->expects[1].fault, 1);
    arena_close(&arena);
}

#define NOTHING "expect: [{none: true}]\n"

/* w calls a, b and c: a is visited most, but calls b, which is a leaf; d calls no service either,
 * and gets no requests. */
#define SHAPES                                                                                     \
    "name: shapes\nentrypoints: [w]\nservices:\n- {name: w, kind: frontend}\n- {name: a}\n"        \
    "- {name: b}\n- {name: c}\n- {name: d}\n- {name: db, kind: datastore}\ncalls:\n"               \
    "- {from: w, to: a, per_request: 1}\n- {from: w, to: b, per_request: 0.2}\n"                   \
    "- {from: a, to: b, per_request: 0.1}\n- {from: w, to: c, per_request: 0.2}\n"                 \
    "- {from: b, to: db, per_request: 1}\n"
#define CHOOSING(payment)                                                                          \
    "name: t\ntopology: shapes\npolicy: fast\nduration: 100s\nload: {entry: 10/s}\n" NOTHING       \
    "roles:\n  payment: {choose: " payment "}\n  cash: {choose: leaf}\n"                           \
    "faults: [{kind: error_rate, target: payment, at: 1s, value: 9%}, {kind: latency, target: "    \
    "cash, at: 1s, value: 1s}]\n"

static void roles_that_a_topology_lacks_are_chosen_by_a_rule(void) {
    static const struct made_up shapes[] = {{"topology", "shapes", SHAPES}, {NULL, NULL, NULL}};
    static const struct made_up mapped[] = {{"topology", "shapes", SHAPES "roles: {payment: d}\n"},
                                            {NULL, NULL, NULL}};
    static const struct {
        const struct made_up *files;
        const char *text, *payment, *cash;
    } cases[] = {{shapes, CHOOSING("caller"), "a", "b"},
                 {shapes, CHOOSING("leaf"), "b", "c"},
                 {mapped, CHOOSING("leaf"), "d", "b"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        arena_open(&arena);
        diags = (struct diags){0};
        struct catalogue catalogue = {.arena = &arena, .made_up = cases[i].files};
        struct scn_files known = catalogue_files(&catalogue);
        bool ok = scn_load(&arena, "t.yaml", cases[i].text, strlen(cases[i].text), &known, NULL,
                           &diags, &list, &count);
        diag_print(&diags, stderr);
        CU_ASSERT_TRUE_FATAL(ok);
        const struct plan *p = &list[0].plan;
        const struct topo_service *services = p->topology->services;
        CU_ASSERT_STRING_EQUAL(services[p->faults[0].service.v].name, cases[i].payment);
        CU_ASSERT_STRING_EQUAL(services[p->faults[1].service.v].name, cases[i].cash);
        arena_close(&arena);
    }
}

/* On the boutique four requests of five pay. */
static void a_roles_rate_is_solved_for_what_enters(void) {
    arena_open(&arena);
    struct scn_options options = {.topology = "online-boutique"};
    CU_ASSERT_TRUE_FATAL(load("core/01_high_error_rate", &options));
    const struct plan *p = &list[0].plan;
    CU_ASSERT_EQUAL(p->entry_rate_milli, 1562500);
    CU_ASSERT_STRING_EQUAL(p->topology->services[p->faults[0].service.v].name, "paymentservice");
    arena_close(&arena);
}

#define HEAD(name)                                                                                 \
    "name: " name "\ntopology: shop\npolicy: fast\nduration: 100s\nload: {entry: 10/s}\n"

/* With every way of beginning and ending a document, and what looks like one but is not. */
static void documents_of_one_file_are_scenarios_of_their_own(void) {
    arena_open(&arena);
    CU_ASSERT_TRUE_FATAL(
        load_text("many.yaml",
                  "# a comment\n---\n" HEAD("one") NOTHING "---\r\n" HEAD("two") NOTHING
                  "title: >-\n  a\n  ---\n...\n--- # three\n" HEAD("three") NOTHING
                  "title: \"a # --- ---b\"\n--- {name: four, topology: shop, policy: fast, "
                  "duration: 1s, load: {entry: 1/min}, expect: [{none: true}]}\n---\n",
                  NULL));
    static const char *const names[] = {"one", "two", "three", "four"};
    CU_ASSERT_EQUAL_FATAL(count, ARRAY_LEN(names));
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_STRING_EQUAL(list[i].plan.name, names[i]);
        CU_ASSERT_EQUAL(reloaded_digest(&list[i]), scn_plan_digest(&list[i]));
    }
    CU_ASSERT_STRING_EQUAL(list[1].plan.title, "a ---");
    CU_ASSERT_EQUAL(list[3].plan.entry_rate_milli, 16);
    arena_close(&arena);
}

static void a_cause_taken_out_never_begins(void) {
    arena_open(&arena);
    struct scn_options options = {.without = "slow-query"};
    CU_ASSERT_TRUE_FATAL(load("core/04_conflicting_fixes", NULL));
    uint64_t plain = scn_plan_digest(&list[0]);
    CU_ASSERT_TRUE_FATAL(load("core/04_conflicting_fixes", &options));
    const struct plan *p = &list[0].plan;
    CU_ASSERT_EQUAL_FATAL(p->fault_count, 2);
    CU_ASSERT_EQUAL(p->faults[0].at, 30 * NS_PER_S);
    CU_ASSERT_EQUAL(p->faults[1].at, TIME_NEVER);
    CU_ASSERT_EQUAL(p->expect_count, 2); /* still expected, so that the run cannot pass */
    CU_ASSERT_NOT_EQUAL(scn_plan_digest(&list[0]), plain);
    CU_ASSERT_EQUAL(reloaded_digest(&list[0]), scn_plan_digest(&list[0]));
    arena_close(&arena);
}

static void without_all_no_cause_begins(void) {
    arena_open(&arena);
    struct scn_options options = {.without = "all"};
    CU_ASSERT_TRUE_FATAL(load("core/04_conflicting_fixes", &options));
    for (uint32_t f = 0; f < list[0].plan.fault_count; f++)
        CU_ASSERT_EQUAL(list[0].plan.faults[f].at, TIME_NEVER);
    arena_close(&arena);
}

static void links_people_and_the_past(void) {
    arena_open(&arena);
    CU_ASSERT_TRUE_FATAL(load_text(
        "t.yaml",
        "name: links\ntopology: shop\npolicy: default\nduration: 100s\n" NOTHING
        "seed: 9\nstart: 2026-02-01T00:00:00Z\nscrape: 2s\nscrape_offset: 500ms\nrules: [default]\n"
        "load: {entry: 10/s, arrivals: erlang2}\nroles: {cash: {service: payment-service}}\n"
        "engines: [{}, {name: b, alerts: []}]\n"
        "faults:\n- {kind: partition, from: b, to: lock-store, at: 1s, for: 99s}\n"
        "- {kind: link_loss, from: metrics, to: engine-0, at: 2s, value: 1%}\n"
        "- {kind: link_latency, from: people, to: log-store, at: 3s, value: 5ms}\n"
        "- {kind: lock_held, target: cash, at: 4s, for: 51s, locks: [DEPLOYMENT, SERVICE], every: "
        "3s}\n"
        "- {kind: pods_unreachable, target: cash, at: 5s, for: 18s, value: 20}\n"
        "patches: [{reply: rate_limited, retry_after: 60s}, {error_rate: 0, latency: 1s, "
        "bad_from: {share: 100%, error_rate: 18%}, checks: "
        "{analysis: false, tests_run: 5, tests_failed: 1, finding: SQL injection}}]\n"
        "people: [{name: ann, answers_after: never}, {name: bob, confirm: correction, correction: "
        "cash, take_over: no}]\n"
        "history: {span: 2h, series: [{service: cash, error_rate: 1%}], operations: [{service: "
        "order, kind: restart, failed: yes, before: 10m}], changes: [{service: user, author: eve, "
        "before: 1h}]}\n",
        NULL));
    const struct plan *p = &list[0].plan;
    struct svc_id cash = topo_service_named(p->topology, "payment-service");
    CU_ASSERT_EQUAL(p->seed, 9);
    CU_ASSERT_EQUAL(p->evaluate_ns, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(p->scrape_offset_ns, 500 * NS_PER_MS);
    CU_ASSERT_EQUAL(p->arrivals, ARRIVALS_ERLANG2);
    CU_ASSERT_STRING_EQUAL(list[0].rules[0], "default");
    CU_ASSERT_EQUAL(p->faults[3].held_count, 2);
    CU_ASSERT_EQUAL(p->faults[3].held[0], SCOPE_DEPLOYMENT);
    CU_ASSERT_EQUAL(p->faults[3].step_every_ns, 3 * NS_PER_S);
    CU_ASSERT_FALSE(p->target_unguarded);
    CU_ASSERT_EQUAL(p->engines[0].symptoms, 7);
    CU_ASSERT_EQUAL(p->engines[1].symptoms, 0);
    CU_ASSERT_EQUAL_FATAL(p->fault_count, 5);
    CU_ASSERT_STRING_EQUAL(p->faults[0].name, "partition");
    CU_ASSERT_EQUAL(p->faults[0].from, 1);
    CU_ASSERT_EQUAL(p->faults[0].to, 2 + NODE_LOCK_STORE);
    CU_ASSERT_EQUAL(p->faults[0].lasts_ns, 99 * NS_PER_S);
    CU_ASSERT_EQUAL(p->faults[0].service.v, NONE_ID);
    CU_ASSERT_EQUAL(p->faults[1].value, 10000);
    CU_ASSERT_EQUAL(p->faults[2].value, 5 * NS_PER_MS);
    CU_ASSERT_EQUAL(p->faults[3].service.v, cash.v);
    CU_ASSERT_EQUAL(p->faults[4].service.v, cash.v);
    CU_ASSERT_EQUAL(p->faults[4].value, 20);
    CU_ASSERT_EQUAL(p->answers[1].bad_from_ppm, 1000000);
    CU_ASSERT_EQUAL(p->answers[1].bad_ppm, 180000);
    CU_ASSERT_EQUAL(p->answers[0].reply, REPLY_RATE_LIMITED);
    CU_ASSERT_EQUAL(p->answers[0].retry_after_ns, 60 * NS_PER_S);
    CU_ASSERT_EQUAL(p->answers[1].error_ppm, 0);
    CU_ASSERT_FALSE(p->answers[1].analysis);
    CU_ASSERT_STRING_EQUAL(p->answers[1].finding, "SQL injection");
    CU_ASSERT_EQUAL(p->people[0].reads_ns, TIME_NEVER);
    CU_ASSERT_EQUAL(p->people[1].confirm, ANSWER_CORRECTION);
    CU_ASSERT_EQUAL(p->people[1].correction.v, cash.v);
    CU_ASSERT_EQUAL(p->people[1].take_over, ANSWER_NO);
    CU_ASSERT_EQUAL(p->history.span_ns, 2 * NS_PER_HOUR);
    CU_ASSERT_EQUAL(p->history.series[cash.v].rate_milli, 10000);
    CU_ASSERT_EQUAL(p->history.series[cash.v].error_ppm, 10000);
    CU_ASSERT_EQUAL(p->history.operations[0].kind, OPKIND_RESTART);
    CU_ASSERT_TRUE(p->history.operations[0].failed);
    CU_ASSERT_EQUAL(p->history.changes[0].kind, OPKIND_DEPLOYMENT);
    CU_ASSERT_STRING_EQUAL(p->history.changes[0].author, "eve");
    arena_close(&arena);
}

static uint64_t digest_of(const char *text) {
    CU_ASSERT_TRUE_FATAL(load_text("t.yaml", text, NULL));
    return scn_plan_digest(&list[0]);
}

static void the_digest_tells_plans_apart(void) {
    arena_open(&arena);
    uint64_t plain = digest_of(HEAD("a") NOTHING);
    CU_ASSERT_EQUAL(digest_of(HEAD("a") NOTHING), plain);
    CU_ASSERT_NOT_EQUAL(digest_of(HEAD("b") NOTHING), plain);
    CU_ASSERT_NOT_EQUAL(digest_of(HEAD("a") NOTHING "\n"), plain); /* a source's bytes count */
    struct catalogue catalogue = {.arena = &arena};
    struct scn_files elsewhere = catalogue_files(&catalogue);
    const char *text = HEAD("a") NOTHING;
    CU_ASSERT_TRUE(scn_load(&arena, "/other/place.yaml", text, strlen(text), &elsewhere, NULL,
                            &diags, &list, &count));
    CU_ASSERT_EQUAL(scn_plan_digest(&list[0]), plain);
    arena_close(&arena);
}

/* Each block of the document that starts with ```yaml. */
static void the_documented_examples_load(void) {
    static const char fence[] = "```yaml\n";
    arena_open(&arena);
    size_t len;
    char *document = file_whole(&arena, FIREDRILL_SOURCE_DIR "/docs/SCENARIOS.md", &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(document);
    uint32_t scenarios = 0;
    for (char *block = document; (block = strstr(block, fence)); block++) {
        char *text = block + strlen(fence), *end = strstr(text, "```");
        CU_ASSERT_PTR_NOT_NULL_FATAL(end);
        CU_ASSERT_TRUE(load_text("docs", arena_text(&arena, text, (size_t)(end - text)), NULL));
        scenarios += count;
    }
    CU_ASSERT_EQUAL(scenarios, 8);
    arena_close(&arena);
}

/* The judge's tables, which the loader may not see: whatever a scenario can say, it can judge. */
static void the_words_are_those_of_the_judge(void) {
#define WORD_(word, meaning)     #word,
#define DURATION_(word, meaning) #word "_ns",
#define SHARE_(word, meaning)    #word "_ppm",
#define BOUND(word, meaning)     #word,
#define MUST_NOT(word, meaning)  #word,
    static const char *const ours[] = {EXPECT_BOUNDS(DURATION_, WORD_, SHARE_)
                                           EXPECT_MUST_NOTS(WORD_)};
    static const char *const theirs[] = {
#include "reports/judge/bounds.def"
#include "reports/judge/must_not.def"
    };
    CU_ASSERT_EQUAL_FATAL(ARRAY_LEN(ours), ARRAY_LEN(theirs));
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) CU_ASSERT_STRING_EQUAL(ours[i], theirs[i]);
}

TEST_MAIN("scenario", TEST(every_file_loads_on_both_topologies_and_from_its_sources),
          TEST(another_seed_is_as_if_the_command_line_had_said_so),
          TEST(the_first_row_field_by_field), TEST(rows_three_and_four),
          TEST(roles_that_a_topology_lacks_are_chosen_by_a_rule),
          TEST(a_roles_rate_is_solved_for_what_enters),
          TEST(documents_of_one_file_are_scenarios_of_their_own),
          TEST(a_cause_taken_out_never_begins), TEST(without_all_no_cause_begins),
          TEST(links_people_and_the_past), TEST(the_digest_tells_plans_apart),
          TEST(the_documented_examples_load), TEST(the_words_are_those_of_the_judge))
