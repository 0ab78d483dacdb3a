/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/root_cause.h"
#include "tests/runner.h"
#include "tests/unit/small_graph.h"

/* front -> order -> payment -> ledger; front -> search. */
enum { FRONT, ORDER, PAYMENT, LEDGER, SEARCH, NODES };
static struct small_graph shape;
static struct eng_config config;
static struct arena arena;
static struct eng_search *search;
static struct candidate candidates[NODES];
static struct diagnosis diagnosis;

/* Payment fails; what calls it has the small own excess of unaligned windows. */
static void begin(void) {
    shape = (struct small_graph){.nodes = NODES, .is_service = {1, 1, 1, 1, 1}};
    shape.call[FRONT][ORDER] = shape.call[ORDER][PAYMENT] = true;
    shape.call[PAYMENT][LEDGER] = shape.call[FRONT][SEARCH] = true;
    memset(&config, 0, sizeof config);
    config.conflicts.max_depth = 3;
    config.detection.critical_error_ppm = 300000;
    config.detection.own_error_limit_ppm = 50000;
    config.root_cause = (struct eng_root_cause){.weight_commit = 300000,
                                                .weight_deployment = 250000,
                                                .weight_frequency = 200000,
                                                .weight_severity = 150000,
                                                .weight_proximity = 100000,
                                                .confirm_below_ppm = 800000,
                                                .hand_over_below_ppm = 400000,
                                                .change_window_ns = NS_PER_HOUR};
    config.graph = small_graph_adjacency(&shape);
    arena_open(&arena);
    search = search_open(&arena, &config.graph);
    for (uint32_t s = 0; s < NODES; s++)
        candidates[s] = (struct candidate){.service = {s}, .own_known = true};
    candidates[FRONT].own_excess_ppm = 4000;
    candidates[ORDER].own_excess_ppm = 9000;
    candidates[PAYMENT].own_excess_ppm = 149000;
    candidates[LEDGER].own_excess_ppm = -1000;
}

static void all_alike(int64_t own_excess_ppm) {
    begin();
    for (uint32_t s = 0; s < NODES; s++) candidates[s].own_excess_ppm = own_excess_ppm;
}

/* The confidence that `service` is the cause; 0 if another is named. Leaves candidates in rank
 * order, so that each test begins anew. */
static int64_t sure_of(uint32_t service) {
    struct svc_id detected = {PAYMENT};
    root_cause_rank(search, &config, detected, candidates, NODES, &diagnosis);
    arena_close(&arena);
    return diagnosis.service.v == service ? diagnosis.confidence_ppm : 0;
}

static void one_clear_own_excess(void) {
    begin();
    CU_ASSERT(sure_of(PAYMENT) >= 900000);
    CU_ASSERT_EQUAL(diagnosis.own_breaches, 1);
    CU_ASSERT_FALSE(diagnosis.misleading_change);
    for (uint32_t i = 1; i < NODES; i++)
        CU_ASSERT(candidates[i - 1].score_ppm >= candidates[i].score_ppm);
    begin(); /* alerted on a caller: the cause is two calls away */
    struct svc_id front = {FRONT};
    root_cause_rank(search, &config, front, candidates, NODES, &diagnosis);
    CU_ASSERT(diagnosis.service.v == PAYMENT && diagnosis.confidence_ppm >= 900000);
    arena_close(&arena);
}

static void a_change_of_the_same_service_agrees(void) {
    begin();
    int64_t alone = sure_of(PAYMENT);
    begin();
    candidates[PAYMENT].changed_deployment = true;
    candidates[PAYMENT].change_age_ns = NS_PER_HOUR / 3;
    CU_ASSERT(sure_of(PAYMENT) > alone);
    CU_ASSERT_FALSE(diagnosis.misleading_change);
}

/* SPEC's row 10: whatever the traces say for it and however fresh or old the other's change, a
 * person is asked, and about the right service. */
static void a_misleading_change_asks_a_person(void) {
    for (int64_t trace = 0; trace <= 1000000; trace += 250000)
        for (time_ns age = 0; age <= NS_PER_HOUR; age += NS_PER_HOUR / 4) {
            begin();
            candidates[PAYMENT].trace_share_ppm = trace;
            candidates[SEARCH].changed_deployment = true;
            candidates[SEARCH].changed_commit = age > NS_PER_HOUR / 2;
            candidates[SEARCH].change_age_ns = age;
            int64_t sure = sure_of(PAYMENT);
            CU_ASSERT(sure >= 400000 && sure <= 700000);
            CU_ASSERT(diagnosis.misleading_change);
        }
    begin(); /* its own change too: still below, as is any policy's bound */
    candidates[PAYMENT].changed_commit = candidates[SEARCH].changed_commit = true;
    candidates[PAYMENT].trace_share_ppm = 1000000;
    config.root_cause.confirm_below_ppm = 600000;
    CU_ASSERT_EQUAL(sure_of(PAYMENT), 599999);
    begin(); /* older than the window: not recent */
    candidates[SEARCH].changed_deployment = true;
    candidates[SEARCH].change_age_ns = NS_PER_HOUR + 1;
    CU_ASSERT(sure_of(PAYMENT) >= 900000);
    CU_ASSERT_FALSE(diagnosis.misleading_change);
}

static void two_nearly_equal(void) {
    begin();
    candidates[ORDER].own_excess_ppm = 140000;
    int64_t sure = sure_of(PAYMENT);
    CU_ASSERT(sure > 400000 && sure < 800000);
    CU_ASSERT_EQUAL(diagnosis.own_breaches, 2);
    begin(); /* the change of one of them decides between the two */
    candidates[ORDER].own_excess_ppm = 140000;
    candidates[ORDER].changed_commit = candidates[ORDER].changed_deployment = true;
    CU_ASSERT(sure_of(ORDER) > 0);
    CU_ASSERT_FALSE(diagnosis.misleading_change);
}

static void nobody_has_own_excess(void) {
    all_alike(0);
    CU_ASSERT_EQUAL(sure_of(NONE_ID), 0);
    CU_ASSERT_EQUAL(diagnosis.service.v, NONE_ID);
    all_alike(-1);
    candidates[SEARCH].changed_deployment = true;
    candidates[SEARCH].trace_share_ppm = 1000000;
    int64_t sure = sure_of(SEARCH);
    CU_ASSERT(sure > 0 && sure < 400000);
    CU_ASSERT(diagnosis.misleading_change);
    begin(); /* nothing but noise */
    candidates[PAYMENT].own_excess_ppm = 0;
    sure = sure_of(ORDER);
    CU_ASSERT(sure > 0 && sure < 400000);
}

static void an_unmeasured_best_is_never_sure(void) {
    begin();
    candidates[PAYMENT].own_known = false;
    candidates[PAYMENT].changed_deployment = true;
    candidates[PAYMENT].trace_share_ppm = 1000000;
    int64_t sure = sure_of(PAYMENT);
    CU_ASSERT(sure > 400000 && sure < 800000);
    CU_ASSERT_EQUAL(diagnosis.own_breaches, 0);
}

static void traces_support_and_contradict(void) {
    begin();
    candidates[PAYMENT].own_excess_ppm = 40000; /* less than the limit */
    int64_t without = sure_of(PAYMENT);
    begin();
    candidates[PAYMENT].own_excess_ppm = 40000;
    candidates[PAYMENT].trace_share_ppm = 900000;
    CU_ASSERT(sure_of(PAYMENT) > without);
    begin();
    candidates[LEDGER].trace_share_ppm = 1000000;
    int64_t against = sure_of(PAYMENT);
    CU_ASSERT(against > 400000 && against < 800000);
    begin();
    candidates[LEDGER].trace_share_ppm = 600000;
    candidates[PAYMENT].trace_share_ppm = 400000;
    int64_t divided = sure_of(PAYMENT);
    CU_ASSERT(divided > against && divided < 950000);
}

/* Along calls in either direction, whichever is shorter. */
static void of_equals_the_nearer_leads(void) {
    struct svc_id ledger = {LEDGER};
    all_alike(0);
    candidates[FRONT].own_excess_ppm = candidates[ORDER].own_excess_ppm = 100000;
    root_cause_rank(search, &config, ledger, candidates, NODES, &diagnosis);
    CU_ASSERT_EQUAL(diagnosis.service.v,
                    ORDER); /* two calls above the one that alerted, not three */
    arena_close(&arena);
    all_alike(0);
    shape.call[SEARCH][PAYMENT] = shape.call[LEDGER][SEARCH] = true;
    config.graph = small_graph_adjacency(&shape);
    candidates[FRONT].own_excess_ppm = candidates[SEARCH].own_excess_ppm = 100000;
    CU_ASSERT(sure_of(SEARCH) > 0); /* calls payment directly, and is called by it over two */
}

static void of_two_changes_the_newer_leads(void) {
    all_alike(0);
    candidates[ORDER].changed_commit = candidates[SEARCH].changed_commit = true;
    candidates[ORDER].change_age_ns = NS_PER_HOUR / 2;
    CU_ASSERT(sure_of(SEARCH) > 0);
}

static void a_change_with_own_excess_does_not_mislead(void) {
    begin();
    candidates[SEARCH].own_excess_ppm = 25000; /* half the limit */
    candidates[SEARCH].changed_commit = true;
    int64_t sure = sure_of(PAYMENT);
    CU_ASSERT(sure > 400000 && sure < 900000);
    CU_ASSERT_FALSE(diagnosis.misleading_change);
    begin();
    candidates[SEARCH].own_excess_ppm = 24999;
    candidates[SEARCH].changed_commit = true;
    CU_ASSERT(sure_of(PAYMENT) < sure);
    CU_ASSERT(diagnosis.misleading_change);
}

static void ties_go_to_the_lower_id(void) {
    all_alike(0);
    candidates[0].service.v = SEARCH;
    candidates[SEARCH].service.v = FRONT;
    candidates[0].changed_commit = candidates[SEARCH].changed_commit = true;
    CU_ASSERT(sure_of(FRONT) > 0);
    CU_ASSERT_EQUAL(candidates[0].score_ppm, candidates[1].score_ppm);
}

static void order_of_arrival_does_not_matter(void) {
    struct prng luck = prng_named(6, "arrival", 0);
    uint32_t wrong = 0;
    for (int round = 0; round < 300; round++) {
        struct candidate first[NODES];
        begin();
        for (uint32_t s = 0; s < NODES; s++) {
            candidates[s].own_excess_ppm = (int64_t)prng_below(&luck, 200000) - 20000;
            candidates[s].changed_commit = prng_chance(&luck, 300000);
            candidates[s].change_age_ns = (int64_t)prng_below(&luck, NS_PER_HOUR * 2);
            candidates[s].trace_share_ppm = (int64_t)prng_below(&luck, 300000);
        }
        memcpy(first, candidates, sizeof first);
        sure_of(PAYMENT);
        struct diagnosis expected = diagnosis;
        begin();
        for (uint32_t s = 0; s < NODES; s++) candidates[s] = first[NODES - 1 - s];
        sure_of(PAYMENT);
        wrong += diagnosis.service.v != expected.service.v;
        wrong += diagnosis.confidence_ppm != expected.confidence_ppm;
        wrong += diagnosis.confidence_ppm < 0 || diagnosis.confidence_ppm > 1000000;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

TEST_MAIN("root cause", TEST(one_clear_own_excess), TEST(a_change_of_the_same_service_agrees),
          TEST(a_misleading_change_asks_a_person), TEST(two_nearly_equal),
          TEST(nobody_has_own_excess), TEST(an_unmeasured_best_is_never_sure),
          TEST(traces_support_and_contradict), TEST(of_equals_the_nearer_leads),
          TEST(of_two_changes_the_newer_leads), TEST(a_change_with_own_excess_does_not_mislead),
          TEST(ties_go_to_the_lower_id), TEST(order_of_arrival_does_not_matter))
