/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/decision_story.h"

/* A look at the canary of an incident that a remedy eased before: 2400 requests of the candidate
 * and 10000 of stable, none of which failed. No worse is all that the patch can be. */
#define COUNTED(revision, requests)                                                                \
    IN("requests", requests, "metrics", ",\"revision\":" revision)                                 \
    "," IN("own_errors", "0", "metrics", ",\"revision\":" revision) "," IN(                        \
        "failures", "0", "metrics", ",\"revision\":" revision)
#define GAUGED(revision)                                                                           \
    IN("cpu_share", "0.3", "metrics", ",\"revision\":" revision)                                   \
    "," IN("memory_floor", "0.4", "metrics", ",\"revision\":" revision)

static void figures(struct tb *t) {
    for (uint32_t revision = 1; revision <= 2; revision++) {
        tb_figure(t, AT, QUERY_REQUESTS, revision, VALUE_NUMBER,
                  revision == 1 ? 10000000000 : 2400000000);
        tb_figure(t, AT, QUERY_OWN_ERRORS, revision, VALUE_NUMBER, 0);
        tb_figure(t, AT, QUERY_FAILURES, revision, VALUE_NUMBER, 0);
        tb_figure(t, AT, QUERY_CPU_SHARE, revision, VALUE_NUMBER, 300000);
        tb_figure(t, AT, QUERY_MEMORY_FLOOR, revision, VALUE_NUMBER, 400000);
    }
}
static void eased_before(struct tb *t) {
    tb_reports(t, AT, 0, REPORT_MITIGATED, 1, 4, REMEDY_RESTART);
    figures(t);
}

#define LOOK(figures_told)                                                                         \
    {                                                                                              \
        DECISION_DEPLOYMENT, "promote", 950000,                                                    \
            HEAD("deployment",                                                                     \
                 FACTOR("difference", "0") "," FACTOR("low", LOW) "," FACTOR(                      \
                     "high", HIGH) "," FACTOR("samples",                                           \
                                              "2400") "," FACTOR("passed_on",                      \
                                                                 "0") "," FACTOR("slow", "0"),     \
                 "promote", "0.95"),                                                               \
            {"{\"decision\":1,\"factors\":[" FACTOR("given_up", "0") "],\"inputs\":[" IN(          \
                 "stage", "0", "engine", "") "," IN("soaked", "3", "engine",                       \
                                                    "") "," IN("mitigated", "1", "engine",         \
                                                               "") "," COUNTED("2", "2400") "]}",  \
             INPUTS(GAUGED("2") "," COUNTED("1", "10000") "," GAUGED("1")),                        \
             WEIGHED(WAS("promote", "-" HIGH) "," NOT("hold", "0") "," NOT("abort", LOW))},        \
            figures_told, 5                                                                        \
    }
#define LOW  "-0.001642"
#define HIGH "0.006806"
static const struct story eased = LOOK(eased_before), as_it_says = LOOK(figures);

static void no_worse_is_enough_for_an_eased_incident(void) {
    FOLLOWS(eased);
    LIES(eased, "\"promote\"", "\"abort\"");
    LIES(eased, "\"mitigated\",\"value\":1", "\"mitigated\",\"value\":0");
}

static void which_was_reported(void) { CU_ASSERT_EQUAL(tell(&as_it_says, NULL, NULL), 1); }

TEST_MAIN("invariants: decisions, eased", TEST(no_worse_is_enough_for_an_eased_incident),
          TEST(which_was_reported))
