/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/decision_story.h"

/* One decision of each type that holds, and what breaks it; remedies and gates: the file beside. */

/* ---- incident_detection ---- */

static void figures_of_payment(struct tb *t) {
    tb_figure(t, AT, QUERY_OWN_ERROR_SHARE, 0, VALUE_NUMBER, 152000);
    tb_figure(t, AT, QUERY_REQUEST_RATE, 0, VALUE_NUMBER, 1000000000);
}
static const struct story detected = {
    DECISION_INCIDENT_DETECTION,
    "incident",
    1000000,
    HEAD("incident_detection",
         FACTOR("errors", "0.152") "," FACTOR("limit", "0.05") "," FACTOR("surely", "0.140565"),
         "incident", "1"),
    {INPUTS(IN("own_error_share", "0.152", "metrics", "") "," IN("request_rate", "1000", "metrics",
                                                                 "")),
     WEIGHED(WAS("incident", "0.140565") "," NOT("no incident", "0.05"))},
    figures_of_payment,
    0};

static void a_detection(void) {
    FOLLOWS(detected);
    LIES(detected, "\"incident\"", "\"no incident\"");
    LIES(detected, "\"score\":0.140565", "\"score\":0.152");
    LIES(detected, "," NOT("no incident", "0.05"), "");
    LIES(detected, "\"limit\",\"value\":0.05", "\"limit\",\"value\":0.01");
    LIES(detected, IN("own_error_share", "0.152", "metrics", "") ",", "");
    LIES(detected, IN("request_rate", "1000", "metrics", ""),
         IN("request_rate", "2000", "metrics", "")); /* nobody told that */
}

/* ---- rca_analysis ---- */

static void figures_of_two(struct tb *t) {
    tb_figure(t, AT, QUERY_OWN_ERROR_SHARE, 0, VALUE_NUMBER, 152000);
    tb_figure(t, AT, QUERY_OWN_ERROR_SHARE, 0, VALUE_NUMBER, 3000);
}
static const struct story diagnosed = {
    DECISION_RCA_ANALYSIS,
    "cause",
    950000,
    HEAD("rca_analysis", FACTOR("score", "0.3745"), "cause", "0.95"),
    {INPUTS(IN("own_error_share", "0.152", "metrics", ",\"service\":2") "," IN(
         "own_error_share", "0.003", "metrics",
         ",\"service\":2,\"offset\":6") "," IN("alerted", "0", "engine",
                                               ",\"service\":2") "," IN("hops", "0", "graph",
                                                                        ",\"service\":"
                                                                        "2") "," IN("ho"
                                                                                    "p"
                                                                                    "s",
                                                                                    "1",
                                                                                    "gr"
                                                                                    "ap"
                                                                                    "h",
                                                                                    ","
                                                                                    "\""
                                                                                    "se"
                                                                                    "rv"
                                                                                    "ic"
                                                                                    "e"
                                                                                    "\""
                                                                                    ":"
                                                                                    "0")),
     WEIGHED(WAS("service 2", "0.3745") "," NOT("service 0", "0"))},
    figures_of_two,
    0};

static void a_diagnosis(void) {
    FOLLOWS(diagnosed);
    LIES(diagnosed, "\"score\":0.3745", "\"score\":0.4745");
    LIES(diagnosed, "," NOT("service 0", "0"), "");
    LIES(diagnosed, WAS("service 2", "0.3745") "," NOT("service 0", "0"),
         NOT("service 2", "0.3745") "," WAS("service 0", "0"));
    LIES(diagnosed, "\"hops\",\"value\":1", "\"hops\",\"value\":2");
}

/* ---- verification ---- */

static void figures_after(struct tb *t) {
    tb_figure(t, AT, QUERY_OWN_ERROR_SHARE, 0, VALUE_NUMBER, 3000);
    tb_figure(t, AT, QUERY_ERROR_SHARE, 0, VALUE_NUMBER, 3000);
}
static const struct story verified = {
    DECISION_VERIFICATION,
    "healed",
    950000,
    HEAD("verification",
         FACTOR("errors", "0.003") "," FACTOR("limit", "0.05") "," FACTOR("before", "0.152"),
         "healed", "0.95"),
    {INPUTS(IN("symptom", "0", "engine", "") "," IN("before", "0.152", "engine", "") "," IN(
         "own_error_share", "0.003", "metrics", "") "," IN("error_share", "0.003", "metrics", "")),
     WEIGHED(WAS("healed", "0.047") "," NOT("watch on", "0") "," NOT("go back", "-0.047"))},
    figures_after,
    5};

static void a_verification(void) {
    FOLLOWS(verified);
    LIES(verified, "\"healed\"", "\"go back\"");
    LIES(verified, "\"score\":0.047", "\"score\":0.05");
    LIES(verified, "," NOT("go back", "-0.047"), "");
    LIES(verified, IN("before", "0.152", "engine", ""), IN("before", "0.001", "engine", ""));
}

/* ---- rollback ---- */

static const struct story went_back = {
    DECISION_ROLLBACK,
    "roll back",
    1000000,
    HEAD("rollback", "", "roll back", "1"),
    {INPUTS(IN("taken_up", "1", "engine", "")),
     WEIGHED(WAS("roll back", "1") "," NOT("let it serve", "0") "," NOT("ask a person", "0"))},
    NULL,
    5};

static void a_rollback(void) {
    FOLLOWS(went_back);
    LIES(went_back, "\"taken_up\",\"value\":1", "\"taken_up\",\"value\":0");
    LIES(went_back, "\"let it serve\",\"score\":0", "\"let it serve\",\"score\":2");
    LIES(went_back, "," NOT("ask a person", "0"), "");
}

/* ---- concurrency: order calls payment, and is being changed ---- */

static void another_works(struct tb *t) {
    TB_TOLD(t, AT, 0, registry_snapshot, .op = {5}, .number = 2,
            .intents = {1, {{.number = 1, .op = {9}, .service = {TB_ORDER}}}});
}
static const struct story conflicting = {
    DECISION_CONCURRENCY,
    "pause",
    1000000,
    HEAD("concurrency", FACTOR("DEPENDENCY", "1"), "pause", "1"),
    {INPUTS(IN("registry_number", "2", "store", "") "," IN("deployment", "1", "store",
                                                           ",\"service\":1,\"of\":9")),
     WEIGHED(NOT("allow", "0") "," NOT("warn", "0") "," NOT("delay", "0") "," NOT(
         "block", "0") "," WAS("pause", "1") "," NOT("reject", "0"))},
    another_works,
    5};

static void a_conflict(void) {
    FOLLOWS(conflicting);
    LIES(conflicting, "\"pause\"", "\"allow\"");
    LIES(conflicting, FACTOR("DEPENDENCY", "1"), "");
    LIES(conflicting, "\"pause\",\"score\":1", "\"pause\",\"score\":2");
    LIES(conflicting, "," NOT("reject", "0"), "");
    LIES(conflicting, "," IN("deployment", "1", "store", ",\"service\":1,\"of\":9"), "");
}

/* ---- human_escalation ---- */

static const struct story escalated = {
    DECISION_HUMAN_ESCALATION,
    "TAKE_OVER",
    1000000,
    HEAD("human_escalation", FACTOR("critical_errors", "1"), "TAKE_OVER", "1"),
    {INPUTS(IN("own", "0.4", "engine", "")),
     WEIGHED(
         NOT("CONFIRM", "0") "," WAS("TAKE_OVER", "1") "," NOT("TELL", "0") "," NOT("go on", "0"))},
    NULL,
    0};

static void a_question(void) {
    FOLLOWS(escalated);
    LIES(escalated, "\"own\",\"value\":0.4", "\"own\",\"value\":0.1");
    LIES(escalated, "\"TAKE_OVER\"", "\"CONFIRM\"");
    LIES(escalated, "," NOT("go on", "0"), "");
    LIES(escalated, "\"TAKE_OVER\",\"score\":1", "\"TAKE_OVER\",\"score\":0");
}

/* ---- deployment: 240 requests of the candidate, none failed; 150 of stable's 1000 ---- */

#define COUNTED(revision, requests, errors)                                                        \
    IN("requests", requests, "metrics", ",\"revision\":" revision)                                 \
    "," IN("own_errors", errors, "metrics", ",\"revision\":" revision) "," IN(                     \
        "failures", errors, "metrics", ",\"revision\":" revision)
#define GAUGED(revision)                                                                           \
    IN("cpu_share", "0.3", "metrics", ",\"revision\":" revision)                                   \
    "," IN("memory_floor", "0.4", "metrics", ",\"revision\":" revision)

static void figures_of_canary(struct tb *t) {
    for (uint32_t revision = 1; revision <= 2; revision++) {
        int64_t failed = revision == 1 ? 150000000 : 0;
        tb_figure(t, AT, QUERY_REQUESTS, revision, VALUE_NUMBER,
                  revision == 1 ? 1000000000 : 240000000);
        tb_figure(t, AT, QUERY_OWN_ERRORS, revision, VALUE_NUMBER, failed);
        tb_figure(t, AT, QUERY_FAILURES, revision, VALUE_NUMBER, failed);
        tb_figure(t, AT, QUERY_CPU_SHARE, revision, VALUE_NUMBER, 300000);
        tb_figure(t, AT, QUERY_MEMORY_FLOOR, revision, VALUE_NUMBER, 400000);
    }
}
static const struct story promoted = {
    DECISION_DEPLOYMENT,
    "promote",
    950000,
    HEAD("deployment",
         FACTOR("difference", "-0.15") "," FACTOR("low", "-0.201438") "," FACTOR(
             "high", "-0.074352") "," FACTOR("samples", "240") "," FACTOR("passed_on",
                                                                          "0") "," FACTOR("slow",
                                                                                          "0"),
         "promote", "0.95"),
    {"{\"decision\":1,\"factors\":[" FACTOR("given_up", "0") "],\"inputs\":[" IN(
         "stage", "0", "engine", "") "," IN("soaked", "3", "engine", "") "," COUNTED("2", "240",
                                                                                     "0") "]}",
     INPUTS(GAUGED("2") "," COUNTED("1", "1000", "150") "," GAUGED("1")),
     WEIGHED(WAS("promote", "0.074352") "," NOT("hold", "0") "," NOT("abort", "-0.201438"))},
    figures_of_canary,
    5};

static void a_look_at_a_canary(void) {
    FOLLOWS(promoted);
    LIES(promoted, "\"promote\"", "\"abort\"");
    LIES(promoted, "\"low\",\"value\":-0.201438", "\"low\",\"value\":-0.171438");
    LIES(promoted, "\"hold\",\"score\":0", "\"hold\",\"score\":1");
    LIES(promoted, "," NOT("abort", "-0.201438"), "");
    LIES(promoted, "\"soaked\",\"value\":3", "\"soaked\",\"value\":1");
}

/* ---- what each has to carry ---- */

static void what_is_not_said(void) {
    LIES(verified, "\"reasoning\":\"so it is\"", "\"reasoning\":\"\"");
    LIES(verified, ",\"duration\":0", "");
    LIES(verified, "\"source\":\"engine\"", "\"source\":\"\"");
    LIES(verified, "\"rejected\":\"worse\"", "\"rejected\":\"\"");
    LIES(verified, "\"rejected\":\"worse\"", "\"rejected\":null");
}

static void an_outcome_of_nothing(void) {
    struct tb t;
    tb_begin(&t);
    tb_plan(&t, NULL, NULL);
    TB_TOLD(&t, AT, 0, timer_fired, .timer = 1);
    TB_WANTS(&t, AT, 0, decision_outcome, .decision = 7, .right = 1);
    tb_end_of(&t, TB_S(75));
    CU_ASSERT_EQUAL(violations_in(&t, "decision_recomputes"), 1);
}

TEST_MAIN("invariants: decisions", TEST(a_detection), TEST(a_diagnosis), TEST(a_verification),
          TEST(a_rollback), TEST(a_conflict), TEST(a_question), TEST(a_look_at_a_canary),
          TEST(what_is_not_said), TEST(an_outcome_of_nothing))
