/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of keys that a command line sets, and incidents that come at a rate. */
#include "tests/runner.h"
#include "tests/unit/scenario_files.h"

#define HEAD                                                                                       \
    "name: t\ntopology: shop\npolicy: fast\nduration: 1h\nload: {entry: 10/s}\n"                   \
    "expect: [{invariants: true}]\n"
#define HANDS                                                                                      \
    HEAD "incidents: {rate: 10/min, over: [payment, order], "                                      \
         "cause: {kind: lock_held, keeps: 5s, waits: 10s}}\n"

static struct diags diags;

static const struct scenario *load(struct arena *arena, const char *text, uint64_t seed,
                                   const char *set) {
    struct catalogue catalogue = {arena, NULL};
    struct scn_files files = catalogue_files(&catalogue);
    struct scn_options options = {.seed_given = true, .seed = seed, .set = set};
    struct scenario *list;
    uint32_t count;
    diags = (struct diags){0};
    bool good =
        scn_load(arena, "t.yaml", text, strlen(text), &files, &options, &diags, &list, &count);
    return good ? &list[0] : NULL;
}

static bool refused(const char *text, const char *set, const char *file, const char *message) {
    struct arena arena;
    arena_open(&arena);
    bool good = !load(&arena, text, 1, set) && strcmp(diags.list[0].file, file) == 0 &&
                strstr(diags.list[0].message, message) != NULL;
    if (!good)
        fprintf(stderr, "set %s: %s: %s\n", set ? set : "nothing",
                diags.count ? diags.list[0].file : "", diags.count ? diags.list[0].message : "");
    arena_close(&arena);
    return good;
}

static void values_are_set(void) {
    struct arena arena;
    arena_open(&arena);
    const struct scenario *s =
        load(&arena, HANDS, 1,
             "engines=3,load.entry=20/s,roles.payment.replicas=7,locking.default_ttl_seconds=120");
    CU_ASSERT_FATAL(s != NULL);
    CU_ASSERT(s->plan.engine_count == 3);
    CU_ASSERT(s->plan.entry_rate_milli == 20000);
    struct svc_id payment = topo_service_named(s->plan.topology, "payment");
    CU_ASSERT(s->plan.services[payment.v].replicas == 7);
    CU_ASSERT(s->policy.config.locking.ttl_ns == 120 * NS_PER_S);
    arena_close(&arena);
}

/* A trace holds what was set, and makes the same plan again. */
static void what_was_set_is_a_source(void) {
    struct arena arena;
    struct scenario *again, *other;
    arena_open(&arena);
    const struct scenario *s = load(&arena, HANDS, 5, "incidents.rate=7.25/min");
    CU_ASSERT_FATAL(s != NULL);
    CU_ASSERT_FATAL(scn_reload(&arena, s->plan.sources, s->plan.source_count, &diags, &again));
    CU_ASSERT(scn_plan_digest(again) == scn_plan_digest(s));
    CU_ASSERT_FATAL(scn_reseed(&arena, s, 6, &diags, &other));
    CU_ASSERT(other->plan.faults[0].at != s->plan.faults[0].at);
    arena_close(&arena);
}

static void bad_values_are_refused_where_they_stand(void) {
    CU_ASSERT(refused(HANDS, "incidents.rte=5/min", "--set", "did you mean"));
    CU_ASSERT(refused(HANDS, "incidens.rate=5/min", "--set", "did you mean \"incidents\"?"));
    CU_ASSERT(refused(HANDS, "loking.wait=5", "--set", "did you mean \"locking\"?"));
    CU_ASSERT(refused(HANDS, "locking.wait_timeout_second=5", "--set", "wait_timeout_seconds"));
    CU_ASSERT(refused(HANDS, "incidents.rate=0/min", "--set", "a rate above 0"));
    CU_ASSERT(refused(HANDS, "incidents.rate", "--set", "expected such as"));
    CU_ASSERT(refused(HANDS, "duration.more=1s", "--set", "no key of a single value"));
    CU_ASSERT(refused(HANDS, "engines=0", "--set", "from 1 to 64"));
    CU_ASSERT(refused(HANDS, "incidents.rate=60/min", "--set", "at most 2000 fit"));
    CU_ASSERT(refused(HEAD "incidents: {rate: 1/s}\n", NULL, "t.yaml", "needs the key \"over\""));
    CU_ASSERT(refused(HEAD "incidents: {rate: 1/h, over: [payment], cause: {kind: partition}}\n",
                      NULL, "t.yaml", "happens to no service"));
    CU_ASSERT(refused(HEAD "incidents: {rate: 1/s, over: [payment], "
                           "cause: {kind: error_rate, value: 9%}}\n",
                      NULL, "t.yaml", "at most 62 fit"));
    CU_ASSERT(refused(HEAD "incidents: {rate: 1/s, over: [payment], until: 30m, "
                           "cause: {kind: lock_held, keeps: 5s}}\n",
                      NULL, "t.yaml", "a shorter \"waits\""));
}

/* 10 a minute over an hour is 600, give or take; gaps have the variance of exponential ones. */
static void incidents_come_as_a_poisson_stream(void) {
    double sum = 0, squares = 0, kept = 0;
    uint32_t count = 0, first = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct arena arena;
        arena_open(&arena);
        const struct scenario *s = load(&arena, HANDS, seed, NULL);
        CU_ASSERT_FATAL(s != NULL);
        time_ns before = 0;
        for (uint32_t f = 0; f < s->plan.fault_count; f++) {
            double gap = (double)(s->plan.faults[f].at - before) / (double)NS_PER_S;
            before = s->plan.faults[f].at;
            sum += gap;
            squares += gap * gap;
            kept += (double)s->plan.faults[f].keeps_ns;
            first += s->plan.faults[f].service.v == s->plan.faults[0].service.v;
            count++;
        }
        arena_close(&arena);
    }
    double mean = sum / count, variance = squares / count - mean * mean;
    CU_ASSERT(count > 11500 && count < 12500);
    CU_ASSERT(mean > 5.8 && mean < 6.2);
    CU_ASSERT(variance > 0.93 * 36 && variance < 1.07 * 36);
    CU_ASSERT(kept == 5e9 * count);
    CU_ASSERT(first > 5500 && first < 6500);
}

/* Another rate moves the same incidents: what comes n-th befalls the same service. */
static void another_rate_is_the_same_luck(void) {
    struct arena arena;
    arena_open(&arena);
    const struct scenario *slow = load(&arena, HANDS, 9, "incidents.rate=5/min");
    const struct scenario *fast = load(&arena, HANDS, 9, "incidents.rate=10/min");
    CU_ASSERT_FATAL(slow != NULL && fast != NULL);
    for (uint32_t f = 0; f < slow->plan.fault_count; f++) {
        time_ns apart = slow->plan.faults[f].at - 2 * fast->plan.faults[f].at;
        CU_ASSERT(apart > -2000 && apart < 2000); /* of rounding, gap by gap */
        CU_ASSERT(ID_EQ(slow->plan.faults[f].service, fast->plan.faults[f].service));
    }
    arena_close(&arena);
}

static void keeps_can_be_exponential(void) {
    struct arena arena;
    arena_open(&arena);
    const struct scenario *s = load(&arena, HANDS, 3, "incidents.keeps=exponential");
    CU_ASSERT_FATAL(s != NULL);
    double sum = 0;
    for (uint32_t f = 0; f < s->plan.fault_count; f++) sum += (double)s->plan.faults[f].keeps_ns;
    CU_ASSERT(sum / s->plan.fault_count > 4.3e9 && sum / s->plan.fault_count < 5.7e9);
    arena_close(&arena);
}

TEST_MAIN("incidents", TEST(values_are_set), TEST(what_was_set_is_a_source),
          TEST(bad_values_are_refused_where_they_stand), TEST(incidents_come_as_a_poisson_stream),
          TEST(another_rate_is_the_same_luck), TEST(keeps_can_be_exponential))
