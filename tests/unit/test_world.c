/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole world, assembled, with engines that only listen and ask. */
#include "tests/unit/small_world.h"

static const char rules[] =
    "groups:\n"
    "  - name: test\n"
    "    rules:\n"
    "      - alert: Errors\n"
    "        expr: >-\n"
    "          sum by (service) (rate(http_requests_total{code=\"500\"}[5s]))\n"
    "          / sum by (service) (rate(http_requests_total[5s])) > 0.05\n";

static void answer_query(void *context, struct prom *prom, int64_t now_ms,
                         const struct eff_query *query, struct in_query_result *out) {
    (void)context, (void)prom, (void)query;
    out->kind = VALUE_NUMBER;
    out->micro = now_ms;
}

static bool translate_alert(void *context, const struct prom_alert *alert, struct in_alert *out) {
    (void)context;
    text_set(&out->rule, alert->name);
    out->symptom = SYMPTOM_ERRORS;
    out->firing = alert->firing;
    out->service = ID_NONE(svc_id);
    for (uint32_t i = 0; i < alert->label_count; i++)
        if (strcmp(alert->labels[i].name, "service") == 0)
            out->service.v = strcmp(alert->labels[i].value, "left") == 0 ? 1 : NONE_ID;
    return out->service.v != NONE_ID;
}

static struct plan_history_operation past_operation = {
    .service = {2}, .kind = OPKIND_ROLLBACK, .failed = true, .before_ns = NS_PER_HOUR};
static struct plan_history_change past_change = {
    .service = {1}, .kind = OPKIND_DEPLOYMENT, .author = "ann", .before_ns = NS_PER_MIN};

static struct small_world *plan_world(void) {
    struct small_world *s = small_new();
    s->plan.entry_rate_milli = 200000;
    s->plan.history.operations = &past_operation;
    s->plan.history.operation_count = 1;
    s->plan.history.changes = &past_change;
    s->plan.history.change_count = 1;
    s->engines[1].symptoms = 1u << SYMPTOM_LATENCY;
    s->faults[0] = (struct plan_fault){.kind = FAULT_ERROR_RATE,
                                       .name = "errors",
                                       .at = 10 * NS_PER_S,
                                       .lasts_ns = TIME_NEVER,
                                       .service = {1},
                                       .value = 152000,
                                       .exception = "",
                                       .file = ""};
    s->faults[1] = (struct plan_fault){.kind = FAULT_PARTITION,
                                       .name = "store away",
                                       .at = 5 * NS_PER_S,
                                       .lasts_ns = 10 * NS_PER_S,
                                       .service = {NONE_ID},
                                       .from = 0,
                                       .to = SMALL_ENGINES + NODE_LOCK_STORE};
    s->plan.fault_count = 2;
    return s;
}

static uint32_t restarts;
static void count_restart(void *context, uint32_t engine) {
    (void)context, (void)engine;
    restarts++;
}

static struct world *open_world(struct small_world *s) {
    arena_open(&s->arena);
    s->told = ARENA_NEW(&s->arena, struct told, SMALL_TOLD_MAX);
    s->records = ARENA_NEW(&s->arena, uint8_t, SMALL_TRACE_MAX);
    struct prom_options options = {.series_max = app_metrics_series_max(&s->plan) + 64,
                                   .samples_per_series = 512,
                                   .retention_ms = 24 * 3600 * 1000,
                                   .lookback_ms = 300000,
                                   .rules_max = 8};
    struct prom *prom = prom_open(&s->arena, &options);
    struct diags diags = {.count = 0};
    CU_ASSERT(prom_rules_load(prom, &s->arena, "rules", rules, sizeof rules - 1, &diags));
    diag_print(&diags, stderr);
    struct sim_options sim_options = world_sim_options(&s->plan);
    struct sim *sim = sim_open(&s->arena, &sim_options);
    struct trace *trace = trace_open(&s->arena, 1u << 16, small_sink, s);
    struct world_hooks hooks = {.context = s,
                                .input = small_input,
                                .query = answer_query,
                                .alert = translate_alert,
                                .restart = count_restart};
    restarts = 0;
    struct world *world = world_open(&s->arena, &s->plan, sim, prom, trace, &hooks);
    s->world = *world; /* the same parts, for the helpers that look */
    arena_seal(&s->arena);
    CU_ASSERT_EQUAL(trace_record_count(trace), 0);
    world_start(world);
    return world;
}

static uint32_t told_kind(const struct small_world *s, uint32_t engine, enum input_kind kind) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->told_count; i++)
        count += s->told[i].engine == engine && s->told[i].input.kind == kind;
    return count;
}

static void begins_with_what_an_engine_must_know(void) {
    struct small_world *s = plan_world();
    open_world(s);
    small_run(s, 0);
    CU_ASSERT_EQUAL(s->told_count, 3 * SMALL_ENGINES);
    for (uint32_t e = 0; e < SMALL_ENGINES; e++) {
        const struct told *told = &s->told[3 * e];
        CU_ASSERT_EQUAL(told[0].engine, e);
        CU_ASSERT_EQUAL(told[0].input.kind, IN_recovered);
        CU_ASSERT_EQUAL(told[0].input.wall, s->plan.start_wall);
        CU_ASSERT_EQUAL(told[1].input.kind, IN_past_operation);
        CU_ASSERT(told[1].input.past_operation.failed);
        CU_ASSERT_EQUAL(told[1].input.past_operation.ended_wall, s->plan.start_wall - NS_PER_HOUR);
        CU_ASSERT_EQUAL(told[2].input.kind, IN_change);
    }
    small_close(s);
}

static void alerts_go_to_the_engines_in_charge(void) {
    struct small_world *s = plan_world();
    open_world(s);
    small_run(s, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(told_kind(s, 0, IN_alert), 0);
    small_run(s, 20 * NS_PER_S);
    CU_ASSERT(told_kind(s, 0, IN_alert) >= 5);
    CU_ASSERT_EQUAL(told_kind(s, 1, IN_alert), 0);
    CU_ASSERT_EQUAL(told_kind(s, 2, IN_alert), told_kind(s, 0, IN_alert));
    CU_ASSERT_EQUAL(small_last(s, 0)->at % NS_PER_S, 0);
    small_close(s);
}

/* How many alerts engine 0 heard of in ten seconds, how many of them said that it is over, and how
 * often the fault says that it acted. */
static void alerts_by(enum fault_kind kind, struct svc_id service, int64_t value, uint32_t *heard,
                      uint32_t *over, int64_t *acted) {
    struct small_world *s = plan_world();
    s->faults[1] = (struct plan_fault){.kind = kind,
                                       .name = "alerts",
                                       .at = 20 * NS_PER_S,
                                       .lasts_ns = 10 * NS_PER_S,
                                       .service = service,
                                       .value = value};
    open_world(s);
    small_run(s, 20 * NS_PER_S - 1);
    uint32_t before = s->told_count;
    small_run(s, 30 * NS_PER_S);
    *heard = *over = 0;
    for (uint32_t i = before; i < s->told_count; i++) {
        if (s->told[i].engine != 0 || s->told[i].input.kind != IN_alert) continue;
        ++*heard;
        *over += !s->told[i].input.alert.firing;
    }
    small_records(s, REC_fault_off, 1, acted);
    small_close(s);
}

static void alerts_storm_double_and_flap(void) {
    uint32_t healthy, heard, over;
    int64_t acted;
    alerts_by(FAULT_ALERT_STORM, ID_NONE(svc_id), 2, &heard, &over, &acted);
    CU_ASSERT_EQUAL(acted, 20);
    healthy = heard - 20;
    CU_ASSERT(healthy >= 10 && over == 0);
    alerts_by(FAULT_ALERT_DUPLICATED, ID_NONE(svc_id), 2, &heard, &over, &acted);
    CU_ASSERT(heard >= 3 * 10 && heard <= 3 * healthy);
    CU_ASSERT(acted >= 10);
    alerts_by(FAULT_ALERT_FLAPPING, (struct svc_id){1}, 2 * NS_PER_S, &heard, &over, &acted);
    CU_ASSERT_EQUAL(heard, healthy);
    CU_ASSERT_EQUAL(over, 4); /* of seconds 22, 23, 26 and 27 */
    CU_ASSERT_EQUAL(acted, 4);
    alerts_by(FAULT_ALERT_FLAPPING, (struct svc_id){2}, 2 * NS_PER_S, &heard, &over, &acted);
    CU_ASSERT(over == 0 && acted == 0); /* another service's */
}

/* The successor begins in the instant of the order, which leaves later, as it was. */
static void a_former_engine_has_its_order_in_hand(void) {
    struct small_world *s = plan_world();
    s->faults[0] = (struct plan_fault){.kind = FAULT_ENGINE_ZOMBIE,
                                       .name = "zombie",
                                       .at = NS_PER_S,
                                       .lasts_ns = TIME_NEVER,
                                       .service = {NONE_ID},
                                       .from = 2,
                                       .value = 7 * NS_PER_S};
    s->plan.fault_count = 1;
    struct world *world = open_world(s);
    small_run(s, 2 * NS_PER_S);
    struct eng_effect e = {.kind = EFF_roll_back};
    e.roll_back.service = (struct svc_id){1};
    world_effect(world, 2, &e);
    CU_ASSERT_EQUAL(restarts, 0);
    small_run(s, 2 * NS_PER_S + 1);
    CU_ASSERT_EQUAL(restarts, 1);
    CU_ASSERT_EQUAL(small_records(s, REC_process, 0, NULL), 2);
    small_run(s, 9 * NS_PER_S - 1);
    CU_ASSERT_EQUAL(small_records(s, REC_deploy_order, 0, NULL), 0);
    small_run(s, 9 * NS_PER_S + 1);
    CU_ASSERT_EQUAL(small_records(s, REC_deploy_order, 0, NULL), 1);
    world_effect(world, 2, &e); /* the successor's own */
    small_run(s, 10 * NS_PER_S);
    CU_ASSERT_EQUAL(small_records(s, REC_deploy_order, 0, NULL), 2);
    CU_ASSERT_EQUAL(restarts, 1);
    small_close(s);
}

static void answers_queries_and_serves_timers(void) {
    struct small_world *s = plan_world();
    s->plan.times.metrics_ns = NS_PER_MS;
    struct world *world = open_world(s);
    small_run(s, NS_PER_S);
    struct eng_effect e = {.kind = EFF_query};
    e.query = (struct eff_query){.request = 4, .query = QUERY_REQUESTS, .service = {2}};
    world_effect(world, 1, &e);
    e = (struct eng_effect){.kind = EFF_arm_timer};
    e.arm_timer = (struct eff_arm_timer){3, 1, NS_PER_S};
    world_effect(world, 1, &e);
    e = (struct eng_effect){.kind = EFF_report};
    world_effect(world, 1, &e);
    small_run(s, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(told_kind(s, 1, IN_query_result), 1);
    CU_ASSERT_EQUAL(told_kind(s, 1, IN_timer_fired), 1);
    const struct in_query_result *in = &small_last(s, 1)->input.query_result;
    CU_ASSERT_EQUAL(in->request, 4);
    CU_ASSERT_EQUAL(in->service.v, 2);
    CU_ASSERT_EQUAL(in->micro, s->plan.start_wall / NS_PER_MS + 1001);
    small_close(s);
}

static void a_partition_hides_the_store_and_ends(void) {
    struct small_world *s = plan_world();
    struct world *world = open_world(s);
    struct eng_effect e = {.kind = EFF_lock_query};
    time_ns at[3] = {NS_PER_S, 6 * NS_PER_S, 16 * NS_PER_S};
    for (int i = 0; i < 3; i++) {
        small_run(s, at[i]);
        world_effect(world, 0, &e);
        world_effect(world, 1, &e);
    }
    small_run(s, 17 * NS_PER_S);
    CU_ASSERT_EQUAL(told_kind(s, 0, IN_lock_reply), 2);
    CU_ASSERT_EQUAL(told_kind(s, 1, IN_lock_reply), 3);
    int64_t fired = 0;
    CU_ASSERT_EQUAL(small_records(s, REC_fault_off, 1, &fired), 1);
    CU_ASSERT_EQUAL(fired, 1);
    small_close(s);
}

static void heals_once_and_falls_quiet(void) {
    struct small_world *s = plan_world();
    struct world *world = open_world(s);
    small_run(s, 20 * NS_PER_S);
    world_heal(world);
    world_stop_load(world);
    int64_t value = -1;
    CU_ASSERT_EQUAL(small_records(s, REC_heal, 0, &value), 1);
    CU_ASSERT_EQUAL(value, 1);
    CU_ASSERT(small_records(s, REC_truth, 0, NULL) >= 20);
    uint64_t requests = world_request_count(world);
    CU_ASSERT(requests > 3000);
    small_run(s, 40 * NS_PER_S);
    CU_ASSERT_EQUAL(world_request_count(world), requests);
    CU_ASSERT(!small_last(s, 0)->input.alert.firing);
    CU_ASSERT(sim_pending_count(s->world.sim) <= 3); /* scrape, evaluate, truth */
    small_close(s);
}

static void the_same_plan_gives_the_same_trace(void) {
    uint64_t digests[2];
    for (int run = 0; run < 2; run++) {
        struct small_world *s = plan_world();
        struct world *world = open_world(s);
        struct eng_effect e = {.kind = EFF_lock_acquire};
        e.lock_acquire.ttl_ns = NS_PER_S;
        for (uint32_t i = 0; i < 3; i++) {
            e.lock_acquire.op.v = i + 1;
            world_effect(world, i, &e);
        }
        small_run(s, 20 * NS_PER_S);
        digests[run] = trace_digest(s->world.trace);
        CU_ASSERT(trace_record_count(s->world.trace) > 60);
        small_close(s);
    }
    CU_ASSERT_EQUAL(digests[0], digests[1]);
}

TEST_MAIN("world", TEST(begins_with_what_an_engine_must_know),
          TEST(alerts_go_to_the_engines_in_charge), TEST(alerts_storm_double_and_flap),
          TEST(a_former_engine_has_its_order_in_hand), TEST(answers_queries_and_serves_timers),
          TEST(a_partition_hides_the_store_and_ends), TEST(heals_once_and_falls_quiet),
          TEST(the_same_plan_gives_the_same_trace))
