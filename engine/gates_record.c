/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/* What the gates were judged by, for the decision log: every figure of every gate that judged. */

static void inputs_of_metrics(const struct engine *e, struct decision_note *d,
                              const struct op *op) {
    const struct gate_facts *f = &op->facts;
    const struct eng_gates *gates = &e->config->gates;
    time_ns now = e->config->detection.rate_window_ns, past = op->gates_offset_ns;
    decide_told(d, QUERY_BUDGET_REQUESTS, &f->budget_requests, gates->budget_window_ns, past);
    decide_told(d, QUERY_BUDGET_ERRORS, &f->budget_errors, gates->budget_window_ns, past);
    decide_told(d, QUERY_CPU_SHARE, &f->cpu_share, now, 0);
    decide_told(d, QUERY_MEMORY_SHARE, &f->memory_share, now, 0);
    decide_told(d, QUERY_DISK_SHARE, &f->disk_share, now, 0);
    if (!op->verdicts.gate[GATE_SLO].judged) return;
    enum query_kind query = f->slo.latency ? QUERY_SLOW_SHARE : QUERY_BAD_SHARE;
    decide_told(d, query, &f->slo_bad, f->slo.window_ns, past);
    for (uint32_t k = 0; k < gates->burn_count; k++) {
        decide_told(d, query, &f->burn_long[k], gates->burn[k].long_ns, past);
        decide_told(d, query, &f->burn_short[k], gates->burn[k].short_ns, past);
    }
}

static void inputs_of_patch(struct decision_note *d, const struct op *op) {
    const struct gate_facts *f = &op->facts;
    decide_count(d, "changes_shared", op->changes_shared, INPUT_OF_PATCH);
    decide_count(d, "lines_changed", f->lines_changed, INPUT_OF_PATCH);
    decide_count(d, "checks_known", f->checks_known, INPUT_OF_CI);
    decide_count(d, "syntax", f->syntax, INPUT_OF_CI);
    decide_count(d, "analysis", f->analysis, INPUT_OF_CI);
    decide_count(d, "dependencies", f->dependencies, INPUT_OF_CI);
    decide_count(d, "tests_failed", f->tests_failed, INPUT_OF_CI);
}

static void inputs_of_plan(const struct engine *e, struct decision_note *d, const struct op *op) {
    const struct gate_facts *f = &op->facts;
    decide_count(d, "remedy", f->remedy, INPUT_OF_ENGINE);
    if (f->remedy == REMEDY_PATCH) inputs_of_patch(d, op);
    decide_count(d, "affected", f->blast.count, INPUT_OF_GRAPH);
    decide_known(d, "affected_share", f->blast.share_ppm, INPUT_OF_GRAPH);
    decide_known(d, "criticality", f->criticality_ppm, INPUT_OF_GRAPH);
    decide_known(d, "own_excess", f->own_excess_ppm, INPUT_OF_ENGINE);
    decide_count(d, "failed_operations", f->failed_operations, INPUT_OF_ENGINE);
    decide_count(d, "incidents", f->incidents_last_hour, INPUT_OF_ENGINE);
    decide_count(d, "failures_in_row", e->failures_in_row, INPUT_OF_ENGINE);
    if (f->changed_before)
        decide_known(d, "changed_before", (f->now_wall - f->last_change_wall) / NS_PER_US,
                     INPUT_OF_CHANGES);
}

/* What a person approved, and what of it was shown: its figures then. */
static void inputs_of_approval(struct decision_note *d, const struct gates_decision *decision) {
    if (!decision->approved) return;
    decide_count(d, "approved", 1, INPUT_OF_PEOPLE);
    decide_count(d, "failures_shown", decision->shown_failures, INPUT_OF_PEOPLE);
}

static bool waived(const struct op *op, const struct gates_decision *decision, int g) {
    struct gate_verdicts one = {.pass = true};
    if (!decision->approved) return false;
    one.gate[g] = op->verdicts.gate[g];
    return gate_after_approval(&one, decision->shown) == GATE_COUNT;
}

static void findings(struct decision_note *d, const struct op *op,
                     const struct gates_decision *decision) {
    for (int g = 0; g < GATE_COUNT; g++) {
        const struct gate_verdict *v = &op->verdicts.gate[g];
        if (!v->judged) continue;
        bool blocking = v->pass || (v->action > ACTION_WARN && !waived(op, decision, g));
        decide_constraint(d, gate_name(g), v->pass, blocking);
    }
}

/* Its score: the share of the gates that were judged that ask for it. */
static void alternatives(struct decision_note *d, const struct op *op, enum action chosen) {
    static const struct {
        enum action action;
        const char *choice, *pro, *con, *rejected;
    } all[] = {
        {ACTION_ALLOW, "pass", "it heals soonest", "", "something fails that binds"},
        {ACTION_DELAY, "delay", "it may pass later", "the incident stands", "none delays it"},
        {ACTION_PAUSE, "pause", "a person sees it", "people are slow", "nothing asks for it"},
        {ACTION_REJECT, "reject", "it never serves", "no patch is left",
         "the patch is not at fault"}};
    for (size_t k = 0; k < ARRAY_LEN(all); k++) {
        int64_t judged = 0, asking = 0;
        for (int g = 0; g < GATE_COUNT; g++) {
            judged += op->verdicts.gate[g].judged;
            asking += op->verdicts.gate[g].judged && op->verdicts.gate[g].action == all[k].action;
        }
        decide_alternative(d, all[k].choice, judged > 0 ? ppm_of(asking, judged) : 0, all[k].pro,
                           all[k].con, all[k].action == chosen ? NULL : all[k].rejected);
    }
}

static const char *why(const struct op *op, const struct gates_decision *decision) {
    if (decision->action != ACTION_ALLOW)
        return op->verdicts.pass ? "the last operations failed"
                                 : "the highest ranking failure decides";
    return op->verdicts.pass ? "all gates pass" : "what fails was approved, and is no worse";
}

void gates_record(struct engine *e, struct op *op, const struct gates_decision *decision) {
    const struct eng_gates *gates = &e->config->gates;
    const int64_t weights[] = {gates->risk_criticality_ppm, gates->risk_change_ppm,
                               gates->risk_severity_ppm, gates->risk_hour_ppm};
    static const char *const parts[] = {"risk_criticality", "risk_change", "risk_severity",
                                        "risk_hour"};
    struct decision_note d = decide(e, DECISION_SAFETY_GATE, &e->incidents[op->incident], op);
    decide_since(&d, op->gates_asked_mono);
    for (int g = 0; g < GATE_COUNT; g++) {
        const struct gate_verdict *v = &op->verdicts.gate[g];
        if (v->judged)
            decide_factor(&d, gate_name(g), gate_figure_micro(v), v->pass ? "pass" : "fail");
    }
    for (size_t k = 0; k < ARRAY_LEN(parts) && op->verdicts.gate[GATE_RISK].judged; k++)
        decide_weighed(&d, parts[k], op->verdicts.risk_parts_ppm[k], weights[k], "of the risk");
    inputs_of_metrics(e, &d, op);
    inputs_of_plan(e, &d, op);
    inputs_of_approval(&d, decision);
    findings(&d, op, decision);
    alternatives(&d, op, decision->action);
    op->decided[DECISION_SAFETY_GATE] =
        decide_end(&d, decision->action == ACTION_ALLOW ? "pass" : action_name(decision->action),
                   PPM_ONE, why(op, decision));
}
