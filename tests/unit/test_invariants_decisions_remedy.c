/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/decision_story.h"

/* Which remedy, and the safety gates: what holds, and what breaks it. */

/* ---- fix_generation ---- */

/* clang-format off */
#define FIGURE(name, value) IN(name, value, "metrics", ",\"window\":5")
#define WEIGHS(name, value, weight)                                                                \
    "{\"name\":\"" name "\",\"value\":" value ",\"weight\":" weight ",\"explanation\":\"so\"}"
#define REMEDY(choice, evidence, preference, cheapness)                                            \
    HEAD("fix_generation",                                                                         \
         WEIGHS("evidence", evidence, "0.6") ","                                                   \
         WEIGHS("preference", preference, "0.15") ","                                              \
         WEIGHS("cheapness", cheapness, "0.25"),                                                   \
         choice, "0.9")
#define METRICS(worst, next)                                                                       \
    FIGURE("own_error_share", "0.152") ","                                                         \
    FIGURE("cpu_share", "0.3") ","                                                                 \
    FIGURE("request_rate", "1000") ","                                                             \
    IN("request_rate", "990", "metrics", ",\"window\":5,\"offset\":26") ","                        \
    FIGURE("memory_share", "\"none\"") ","                                                      \
    FIGURE("in_flight_age", "0.02") ","                                                            \
    FIGURE("pod_worst", worst) ","                                                                 \
    FIGURE("pod_next", next)
#define OTHERS(located, changed)                                                                   \
    IN("symptom", "0", "engine", "") ","                                                           \
    IN("limit", "0.05", "policy", "") ","                                                          \
    IN("located", located, "logs", "") ","                                                         \
    IN("mitigated", "0", "engine", "") ","                                                         \
    IN("tried", "0", "engine", "") ","                                                             \
    IN("changed", changed, "changes", "") ","                                                      \
    IN("change_age", "2", "changes", "") ","                                                       \
    IN("pods", "4", "target", "") ","                                                              \
    IN("pod", "3", "metrics", "")
#define NOT_NAMED NOT("restart", "0") "," NOT("scale_out", "0") "," NOT("wait", "0")
/* clang-format on */

static void tell_limit(struct tb *t, const char *key, int64_t value) {
    tb_limit(t, 0, &(struct rec_limit){.key = {key, strlen(key)}, .value = value});
}
static void figures_of_remedies(struct tb *t, int64_t worst, int64_t next) {
    tb_figure(t, AT, QUERY_OWN_ERROR_SHARE, 0, VALUE_NUMBER, 152000);
    tb_figure(t, AT, QUERY_CPU_SHARE, 0, VALUE_NUMBER, 300000);
    tb_figure(t, AT, QUERY_REQUEST_RATE, 0, VALUE_NUMBER, 1000000000);
    tb_figure(t, AT, QUERY_REQUEST_RATE, 0, VALUE_NUMBER, 990000000);
    tb_figure(t, AT, QUERY_MEMORY_SHARE, 0, VALUE_NONE, 0);
    tb_figure(t, AT, QUERY_IN_FLIGHT_AGE, 0, VALUE_NUMBER, 20000);
    tb_figure(t, AT, QUERY_POD_NEXT, 0, VALUE_NUMBER, next);
    TB_TOLD(t, AT, 0, query_result, .query = QUERY_POD_WORST, .service = {TB_PAYMENT},
            .kind = VALUE_NUMBER, .micro = worst, .pod = 3);
    TB_TOLD(t, AT, 0, deployment, .op = {5}, .service = {TB_PAYMENT}, .serving = {2}, .former = {1},
            .pods_total = 4);
}

/* Others changed it 2 s before the onset, and going back there is preferred. */
static void others_changed(struct tb *t) {
    tell_limit(t, "remedy_order", 21);
    figures_of_remedies(t, 160000, 150000);
}
/* clang-format off */
static const struct story undone = {
    DECISION_FIX_GENERATION, "roll_back_change", 900000,
    REMEDY("roll_back_change", "0.998334", "1", "0.7"),
    {INPUTS(METRICS("0.16", "0.15")),
     INPUTS(OTHERS("0", "1")),
     WEIGHED(NOT("patch", "0.475") "," WAS("roll_back_change", "0.924") "," NOT("drain", "0") "," NOT_NAMED)},
    others_changed, 5};
/* clang-format on */

static void a_remedy(void) {
    FOLLOWS(undone);
    LIES(undone, "\"roll_back_change\"", "\"patch\"");
    LIES(undone, NOT("patch", "0.475") "," WAS("roll_back_change", "0.924"),
         WAS("patch", "0.475") "," NOT("roll_back_change", "0.924"));
    LIES(undone, "\"score\":0.924", "\"score\":0.749"); /* its cost left out */
    LIES(undone, "\"score\":0.475", "\"score\":0");
    LIES(undone, NOT("drain", "0") ",", "");
    LIES(undone, "\"weight\":0.25", "\"weight\":0.2");
    LIES(undone, "\"value\":0.998334", "\"value\":1");
    LIES(undone, "\"changed\",\"value\":1", "\"changed\",\"value\":0");
    LIES(undone, "\"change_age\",\"value\":2", "\"change_age\",\"value\":601");
    LIES(undone, "\"limit\",\"value\":0.05", "\"limit\",\"value\":0.5");
    LIES(undone, "," FIGURE("pod_next", "0.15"), "");
    LIES(undone, "\"pods\",\"value\":4", "\"pods\",\"value\":5");
    LIES(undone, "\"located\",\"value\":0", "\"located\",\"value\":1"); /* no logs said so */
}

/* A wrong choice that is told throughout: every line says patch. */
/* clang-format off */
static const struct story patched = {
    DECISION_FIX_GENERATION, "patch", 900000,
    REMEDY("patch", "0.5", "0.5", "0.4"),
    {INPUTS(METRICS("0.16", "0.15")),
     INPUTS(OTHERS("0", "1")),
     WEIGHED(WAS("patch", "0.475") "," NOT("roll_back_change", "0.924") "," NOT("drain", "0") "," NOT_NAMED)},
    others_changed, 5};
/* clang-format on */

static void another_remedy(void) { LIES(patched, NULL, NULL); }

/* Logs name a place and the patch scores more; but one pod is bad, and what eases comes first. */
static void a_pod_is_bad(struct tb *t) {
    tell_limit(t, "remedy_order", 15);
    tell_limit(t, "mitigate_first", 1);
    TB_TOLD(t, AT, 0, evidence, .incident = {1}, .service = {TB_PAYMENT}, .source = SOURCE_LOGS,
            .reply = REPLY_OK, .file = {.len = 1, .s = "f"});
    figures_of_remedies(t, 400000, 20000);
}
/* clang-format off */
static const struct story drained = {
    DECISION_FIX_GENERATION, "drain", 900000,
    REMEDY("drain", "0.95", "0.5", "0.8"),
    {INPUTS(METRICS("0.4", "0.02")),
     INPUTS(OTHERS("1", "0")),
     WEIGHED(NOT("patch", "0.85") "," NOT("roll_back_change", "0") "," WAS("drain", "0.845") "," NOT_NAMED)},
    a_pod_is_bad, 5};
/* clang-format on */

static void what_eases_first(void) {
    FOLLOWS(drained);
    LIES(drained, "\"drain\"", "\"patch\"");
    LIES(drained, NOT("patch", "0.85"), NOT("patch", "0.84"));
    LIES(drained, "\"pod\",\"value\":3", "\"pod\",\"value\":2"); /* another is the worst */
    LIES(drained, "\"pod_worst\",\"value\":0.4", "\"pod_worst\",\"value\":0.3");
    LIES(drained, "\"pod_next\",\"value\":0.02", "\"pod_next\",\"value\":\"none\"");
    LIES(drained, "\"tried\",\"value\":0", "\"tried\",\"value\":16");
    LIES(drained, "\"mitigated\",\"value\":0", "\"mitigated\",\"value\":1");
}

/* Where all was tried, a person decides; not before. */
/* clang-format off */
static const struct story nothing = {
    DECISION_FIX_GENERATION, "none", 900000,
    HEAD("fix_generation", "", "none", "0.9"),
    {INPUTS(METRICS("0.4", "0.02")),
     INPUTS(IN("tried", "17", "engine", "") "," OTHERS("1", "0")),
     WEIGHED(NOT("patch", "0.85") "," NOT("roll_back_change", "0") "," NOT("drain", "0.845") "," NOT_NAMED)},
    a_pod_is_bad, 5};
/* clang-format on */

static void nothing_is_left(void) {
    FOLLOWS(nothing);
    LIES(nothing, "\"tried\",\"value\":17", "\"tried\",\"value\":16");
}

/* ---- safety_gate ---- */

static void figures_of_gates(struct tb *t) {
    TB_TOLD(t, AT, 0, patch_reply, .op = {5}, .reply = REPLY_OK, .revision = {2}, .base = {1},
            .size_lines = 12);
    TB_TOLD(t, AT, 0, check_results, .op = {5}, .reply = REPLY_OK, .revision = {2}, .syntax = true,
            .analysis = true, .dependencies = true, .tests_run = 3);
    tb_figure(t, AT, QUERY_BUDGET_REQUESTS, 0, VALUE_NUMBER, 1000000000);
    tb_figure(t, AT, QUERY_BUDGET_ERRORS, 0, VALUE_NUMBER, 5000000);
    tb_figure(t, AT, QUERY_CPU_SHARE, 0, VALUE_NUMBER, 300000);
    tb_figure(t, AT, QUERY_MEMORY_SHARE, 0, VALUE_NUMBER, 400000);
    tb_figure(t, AT, QUERY_DISK_SHARE, 0, VALUE_NUMBER, 500000);
}
/* clang-format off */
#define FINDING(name, value, says)                                                                 \
    "{\"name\":\"" name "\",\"value\":" value ",\"weight\":1,\"explanation\":\"" says "\"}"
#define STANDS(name, passes) "{\"name\":\"" name "\",\"satisfied\":" passes ",\"blocking\":true}"
#define FINDINGS(cooldown, says, choice)                                                           \
    HEAD("safety_gate",                                                                            \
         FACTOR("error_budget", "0.005") ","                                                       \
         FACTOR("blast_radius", "1") ","                                                           \
         FACTOR("recent_failures", "0") ","                                                        \
         FINDING("cooldown", cooldown, says) ","                                                   \
         FACTOR("resource_capacity", "0.5") ","                                                    \
         FACTOR("incident_rate", "1") ","                                                          \
         FACTOR("time_windows", "0") ","                                                           \
         FACTOR("patch", "0") ","                                                                  \
         FACTOR("risk", "0.318"),                                                                  \
         choice, "1")
#define RISK_AND_FIGURES                                                                           \
    "{\"decision\":1,\"factors\":["                                                                \
    FACTOR("risk_criticality", "0.2") ","                                                          \
    FACTOR("risk_change", "0.018") ","                                                             \
    FACTOR("risk_severity", "0.1") ","                                                             \
    FACTOR("risk_hour", "0") "],\"inputs\":["                                                      \
    IN("budget_requests", "1000", "metrics", "") ","                                               \
    IN("budget_errors", "5", "metrics", "") ","                                                    \
    IN("cpu_share", "0.3", "metrics", "") ","                                                      \
    IN("memory_share", "0.4", "metrics", "") ","                                                   \
    IN("disk_share", "0.5", "metrics", "") "]}"
#define PLAN                                                                                       \
    IN("remedy", "0", "engine", "") ","                                                            \
    IN("changes_shared", "0", "patch", "") ","                                                     \
    IN("lines_changed", "12", "patch", "") ","                                                     \
    IN("checks_known", "1", "ci", "") ","                                                          \
    IN("syntax", "1", "ci", "") ","                                                                \
    IN("analysis", "1", "ci", "") ","                                                              \
    IN("dependencies", "1", "ci", "") ","                                                          \
    IN("tests_failed", "0", "ci", "") ","                                                          \
    IN("affected", "1", "graph", "") ","                                                           \
    IN("affected_share", "0.333333", "graph", "") ","                                              \
    IN("criticality", "0.5", "graph", "") ","                                                      \
    IN("own_excess", "0.15", "engine", "") ","                                                     \
    IN("failed_operations", "0", "engine", "") ","                                                 \
    IN("incidents", "1", "engine", "")
#define JUDGED(cooldown, alternatives)                                                             \
    "{\"decision\":1,\"constraints\":["                                                            \
    STANDS("error_budget", "true") ","                                                             \
    STANDS("blast_radius", "true") ","                                                             \
    STANDS("recent_failures", "true") ","                                                          \
    STANDS("cooldown", cooldown) ","                                                               \
    STANDS("resource_capacity", "true") ","                                                        \
    STANDS("incident_rate", "true") ","                                                            \
    STANDS("time_windows", "true") ","                                                             \
    STANDS("patch", "true") ","                                                                    \
    STANDS("risk", "true") "],\"alternatives\":[" alternatives "]}"

static const struct story passing = {
    DECISION_SAFETY_GATE, "pass", 1000000,
    FINDINGS("0", "pass", "pass"),
    {RISK_AND_FIGURES, INPUTS(PLAN),
     JUDGED("true", WAS("pass", "1") "," NOT("delay", "0") "," NOT("pause", "0") "," NOT("reject", "0"))},
    figures_of_gates, 5};

/* Somebody changed it 100 s ago. */
static const struct story delaying = {
    DECISION_SAFETY_GATE, "delay", 1000000,
    FINDINGS("100", "fail", "delay"),
    {RISK_AND_FIGURES, INPUTS(PLAN), INPUTS(IN("changed_before", "100", "changes", "")),
     JUDGED("false", NOT("pass", "0.888888") "," WAS("delay", "0.111111") "," NOT("pause", "0") "," NOT("reject", "0"))},
    figures_of_gates, 5};
/* The same, and passed all the same. */
static const struct story passed_over = {
    DECISION_SAFETY_GATE, "pass", 1000000,
    FINDINGS("100", "fail", "pass"),
    {RISK_AND_FIGURES, INPUTS(PLAN), INPUTS(IN("changed_before", "100", "changes", "")),
     JUDGED("false", WAS("pass", "0.888888") "," NOT("delay", "0.111111") "," NOT("pause", "0") "," NOT("reject", "0"))},
    figures_of_gates, 5};
/* clang-format on */

static void gates_that_pass(void) {
    FOLLOWS(passing);
    LIES(passing, "\"pass\",\"score\":1", "\"pass\",\"score\":0.9");
    LIES(passing, "," NOT("reject", "0"), "");
    LIES(passing, STANDS("risk", "true"), STANDS("slo", "true"));
    LIES(passing, "\"error_budget\",\"value\":0.005", "\"error_budget\",\"value\":0.004");
    LIES(passing, "\"risk\",\"value\":0.318", "\"risk\",\"value\":0.218");
    LIES(passing, "\"risk_change\",\"value\":0.018", "\"risk_change\",\"value\":0.01");
    LIES(passing, IN("memory_share", "0.4", "metrics", "") ",", "");
    LIES(passing, "\"cpu_share\",\"value\":0.3", "\"cpu_share\",\"value\":0.2");
    LIES(passing, "\"lines_changed\",\"value\":12", "\"lines_changed\",\"value\":2");
    LIES(passing, "\"tests_failed\",\"value\":0", "\"tests_failed\",\"value\":1");
    LIES(passing, "\"affected\",\"value\":1", "\"affected\",\"value\":2");
    LIES(passing, "\"incidents\",\"value\":1", "\"incidents\",\"value\":6");
}

static void a_gate_that_delays(void) {
    FOLLOWS(delaying);
    LIES(delaying, "\"delay\"", "\"pass\"");
    LIES(passed_over, NULL, NULL);
    LIES(delaying, NOT("pass", "0.888888") "," WAS("delay", "0.111111"),
         WAS("pass", "0.888888") "," NOT("delay", "0.111111"));
    LIES(delaying, "\"delay\",\"score\":0.111111", "\"delay\",\"score\":0");
    LIES(delaying, STANDS("cooldown", "false"), STANDS("cooldown", "true"));
    LIES(delaying, "\"changed_before\",\"value\":100", "\"changed_before\",\"value\":300");
}

TEST_MAIN("invariants: decisions on remedies and gates", TEST(a_remedy), TEST(another_remedy),
          TEST(what_eases_first), TEST(nothing_is_left), TEST(gates_that_pass),
          TEST(a_gate_that_delays))
