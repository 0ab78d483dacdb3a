/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate of a service's objective: beside a model in plain fractions, and in the engine. */
#include "engine/base/prng.h"
#include "engine/base/ratio.h"
#include "engine/policy/policy.h"
#include "engine/gate.h"
#include "tests/support/engine_test.h"

#define S NS_PER_S

static struct eng_config config;
static struct gate_facts facts;
static struct gate_verdicts verdicts;

static void begin(int64_t objective_ppm) {
    policy_defaults(&config);
    for (int g = 0; g < GATE_COUNT; g++) config.gates.enabled[g] = g == GATE_SLO;
    memset(&facts, 0, sizeof facts);
    facts.slo.objective_ppm = objective_ppm;
}
static const struct gate_verdict *judged(void) {
    gate_judge(&config, &facts, &verdicts);
    return &verdicts.gate[GATE_SLO];
}
static struct gate_number share(int64_t ppm) { return (struct gate_number){VALUE_NUMBER, ppm, 0}; }
static void all(int64_t used, int64_t longer, int64_t shorter) {
    facts.slo_bad = share(used);
    for (uint32_t k = 0; k < config.gates.burn_count; k++) {
        facts.burn_long[k] = share(longer);
        facts.burn_short[k] = share(shorter);
    }
}

/* The workbook's example: 99.9% over 30 days, 14.4 times over 1h and 5m, 6 times over 6h and 30m.
 */
static void the_workbooks_figures(void) {
    begin(999000);
    CU_ASSERT_EQUAL(config.gates.burn_count, 2);
    all(500, 14400, 14400);
    facts.burn_long[1] = facts.burn_short[1] = share(6000);
    CU_ASSERT_TRUE(judged()->pass); /* at the limit: not over it */
    facts.burn_long[0] = facts.burn_short[0] = share(14401);
    CU_ASSERT_FALSE(judged()->pass);
    CU_ASSERT_EQUAL(judged()->of, FIGURE_BURN_RATE);
    CU_ASSERT_EQUAL(judged()->figure, 14401000);
    CU_ASSERT_EQUAL(judged()->limit, 14400000);
    CU_ASSERT_EQUAL(judged()->action, ACTION_PAUSE);
    facts.burn_short[0] = share(14400); /* it has ended: the short window says so */
    CU_ASSERT_TRUE(judged()->pass);
    facts.burn_long[1] = facts.burn_short[1] = share(6001);
    CU_ASSERT_EQUAL(judged()->limit, 6000000);
    all(1000, 0, 0);
    CU_ASSERT_TRUE(judged()->pass); /* just used up */
    CU_ASSERT_EQUAL(judged()->figure, PPM_ONE);
    all(1001, 0, 0);
    CU_ASSERT_FALSE(judged()->pass);
    CU_ASSERT_EQUAL(judged()->of, FIGURE_SLO_BUDGET);
}

static void a_service_without_one_is_not_judged(void) {
    begin(0);
    all(PPM_ONE, PPM_ONE, PPM_ONE);
    CU_ASSERT_FALSE(judged()->judged);
    CU_ASSERT_TRUE(verdicts.pass);
}

static void what_is_not_known_does_not_pass(void) {
    static const enum value_kind kinds[] = {VALUE_NONE, VALUE_NAN, VALUE_PLUS_INF,
                                            VALUE_UNAVAILABLE};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        for (int which = 0; which < 3; which++) {
            begin(999000);
            all(0, 0, 0);
            struct gate_number *unknown[] = {&facts.slo_bad, &facts.burn_long[1],
                                             &facts.burn_short[0]};
            unknown[which]->kind = kinds[k];
            CU_ASSERT_FALSE(judged()->pass);
            CU_ASSERT_TRUE(judged()->no_data);
        }
    }
}

/* bad / allowed > factor, in whole numbers: bad * 1e6 > factor * allowed. */
static bool over(int64_t bad, int64_t allowed, int64_t factor) {
    return (int128)bad * PPM_ONE > (int128)factor * allowed;
}
static void agrees_with_a_model(void) {
    struct prng random = prng_named(3, "slo", 0);
    int refused = 0, passed = 0;
    for (int n = 0; n < 20000; n++) {
        begin(PPM_ONE - 1 - (int64_t)prng_below(&random, 50000));
        int64_t allowed = PPM_ONE - facts.slo.objective_ppm;
        config.gates.burn_count = (uint32_t)prng_below(&random, BURN_RATES_MAX + 1);
        facts.slo_bad = share((int64_t)prng_below(&random, 2 * (uint64_t)allowed));
        bool pass = !over(facts.slo_bad.micro, allowed, PPM_ONE);
        for (uint32_t k = 0; k < config.gates.burn_count; k++) {
            int64_t factor = (int64_t)prng_below(&random, 20 * PPM_ONE) + 1;
            uint64_t most = (uint64_t)(2 * factor * allowed / PPM_ONE + 2);
            config.gates.burn[k] = (struct eng_burn){factor, 2, 1};
            facts.burn_long[k] = share((int64_t)prng_below(&random, most));
            facts.burn_short[k] = share((int64_t)prng_below(&random, most));
            pass &= !over(facts.burn_long[k].micro, allowed, factor) ||
                    !over(facts.burn_short[k].micro, allowed, factor);
        }
        CU_ASSERT_EQUAL_FATAL(judged()->pass, pass);
        (*(pass ? &passed : &refused))++;
    }
    CU_ASSERT_TRUE(refused > 2000 && passed > 2000);
}

/* ---- in the engine ---- */

static struct eng_slo slos[5];
static void objective(struct rig *rig, int64_t ppm) {
    memset(slos, 0, sizeof slos);
    slos[PAYMENT.v] = (struct eng_slo){.objective_ppm = ppm, .window_ns = 24 * NS_PER_HOUR};
    rig->config.slos = slos;
}

static void asks_over_each_window_before_the_incident(void) {
    RIG_OPEN(rig);
    objective(&rig, 999000);
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    static const time_ns windows[] = {24 * NS_PER_HOUR, NS_PER_HOUR, 5 * NS_PER_MIN,
                                      6 * NS_PER_HOUR, 30 * NS_PER_MIN};
    uint32_t asked = 0;
    for (uint32_t k = 0; k < rig.log_count; k++) {
        const struct eff_query *q = &rig.log[k].effect.query;
        if (rig.log[k].effect.kind != EFF_query || q->query != QUERY_BAD_SHARE) continue;
        CU_ASSERT_TRUE_FATAL(asked < ARRAY_LEN(windows));
        CU_ASSERT_EQUAL(q->window_ns, windows[asked++]);
        CU_ASSERT_TRUE(q->offset_ns >= rig.config.detection.rate_window_ns);
    }
    CU_ASSERT_EQUAL(asked, ARRAY_LEN(windows));
    CLOSE(rig);
}

static void asks_nothing_without_an_objective(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 30 * S);
    for (uint32_t k = 0; k < rig.log_count; k++)
        CU_ASSERT_FALSE(rig.log[k].effect.kind == EFF_query &&
                        rig.log[k].effect.query.query >= QUERY_BAD_SHARE);
    CLOSE(rig);
}

/* Burnt: a person is asked, and lets it go on; worse than shown: asked again. */
static void a_burnt_budget_is_a_persons(void) {
    for (int worse = 0; worse < 2; worse++) {
        RIG_OPEN(rig);
        objective(&rig, 990000);
        rig.micro[QUERY_BAD_SHARE] = 20000;
        rig_start(&rig);
        rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
        rig_run(&rig, S);
        CU_ASSERT_EQUAL_FATAL(rig_state(&rig), STATE_PAUSED);
        CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_SAFETY_GATES,
                                   "200% of the objective's error budget used, at most 100%"));
        rig.micro[QUERY_BAD_SHARE] += worse;
        CU_ASSERT_TRUE(rig_decide(&rig, FORM_CONFIRM, ANSWER_YES));
        rig_run(&rig, 30 * S);
        CU_ASSERT_EQUAL(rig_state(&rig), worse ? STATE_PAUSED : STATE_COMPLETED);
        CLOSE(rig);
    }
}

static void a_latency_objective_asks_for_slow_ones(void) {
    RIG_OPEN(rig);
    objective(&rig, 990000);
    slos[PAYMENT.v].latency = true;
    rig.micro[QUERY_BAD_SHARE] = PPM_ONE;
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* ---- in a policy ---- */

static struct diags diags;
static bool load(struct policy *policy, struct arena *arena, const char *text) {
    memset(&diags, 0, sizeof diags);
    return policy_load(policy, arena, "p.yaml", text, strlen(text), &diags);
}

static void a_policy_states_them(void) {
    struct arena arena;
    struct policy policy;
    arena_open(&arena);
    CU_ASSERT_TRUE_FATAL(
        load(&policy, &arena,
             "slos: {payment: {objective: 99.95%, window: 7d, indicator: latency},\n"
             "  order: {objective: 0.99}}\n"
             "safety_gates: {slo: {action: warn, burn_rates:\n"
             "  [{factor: 2.5, long: 3d, short: 6h}]}}\n"));
    CU_ASSERT_EQUAL_FATAL(policy.slo_count, 2);
    CU_ASSERT_EQUAL(policy.slos[0].slo.objective_ppm, 999500);
    CU_ASSERT_EQUAL(policy.slos[0].slo.window_ns, 7 * 24 * NS_PER_HOUR);
    CU_ASSERT_TRUE(policy.slos[0].slo.latency);
    CU_ASSERT_EQUAL(policy.slos[1].slo.window_ns, 30 * 24 * NS_PER_HOUR);
    CU_ASSERT_FALSE(policy.slos[1].slo.latency);
    CU_ASSERT_EQUAL(policy.config.gates.burn_count, 1);
    CU_ASSERT_EQUAL(policy.config.gates.burn[0].factor_ppm, 2500000);
    static const char *const bad[] = {
        "slos: {payment: {window: 7d}}\n", "slos: {payment: {objective: 100%}}\n",
        "slos: {payment: {objective: 99%, indicater: latency}}\n",
        "safety_gates: {slo: {burn_rates: [{factor: 2, long: 5m, short: 5m}]}}\n",
        "safety_gates: {slo: {burn_rates: [{long: 5m, short: 1m}]}}\n"};
    for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
        CU_ASSERT_FALSE(load(&policy, &arena, bad[k]));
        CU_ASSERT_EQUAL(diags.list[0].line, 1);
    }
    arena_close(&arena);
}

TEST_MAIN("engine: objectives", TEST(the_workbooks_figures),
          TEST(a_service_without_one_is_not_judged), TEST(what_is_not_known_does_not_pass),
          TEST(agrees_with_a_model), TEST(asks_over_each_window_before_the_incident),
          TEST(asks_nothing_without_an_objective), TEST(a_burnt_budget_is_a_persons),
          TEST(a_latency_objective_asks_for_slow_ones), TEST(a_policy_states_them))
