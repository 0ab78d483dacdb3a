/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/* The safety gates of one plan: collect the figures, judge (gate.h), act on the verdict. Bound to
 * the plan and to now: resuming, or too long a wait, judges again. */

enum part {
    PART_BUDGET_REQUESTS,
    PART_BUDGET_ERRORS,
    PART_CPU,
    PART_MEMORY,
    PART_DISK,
    PART_COUNT,
    PART_SLO = PART_COUNT, /* of a service that has an objective; then two for each burn rate */
    PART_BURN
};

static int64_t incidents_last_hour(const struct engine *e) {
    uint32_t kept = e->incident_wall_count < PAST_MAX ? e->incident_wall_count : PAST_MAX;
    int64_t count = 0;
    for (uint32_t k = 0; k < kept; k++)
        if (e->wall - e->incident_walls[k] < NS_PER_HOUR) count++;
    return count - 1; /* this one is left out */
}

static void facts_of(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    struct gate_facts *f = &op->facts;
    memset(f, 0, sizeof *f);
    f->service = op->service;
    graph_blast(e->search, &e->config->conflicts, op->service, op->changes_shared, &f->blast);
    f->failed_operations = failed_operations(e, e->config->gates.failures_window_ns);
    const struct planned own = admit_planned(op);
    for (uint32_t k = 0; k < e->change_count; k++) {
        time_ns at_wall = e->wall - (e->mono - e->changes[k].at_mono); /* by the clock as it is */
        if (ID_EQ(e->changes[k].service, op->service) && !change_is_undone(&e->changes[k], &own) &&
            (!f->changed_before || at_wall > f->last_change_wall)) {
            f->changed_before = true;
            f->last_change_wall = at_wall;
        }
    }
    f->incidents_last_hour = incidents_last_hour(e);
    f->checks_known = op->checks_known;
    f->syntax = op->syntax;
    f->analysis = op->analysis;
    f->dependencies = op->dependencies;
    f->tests_run = op->tests_run;
    f->tests_failed = op->tests_failed;
    f->criticality_ppm = e->graph.criticality_ppm[op->service.v];
    f->lines_changed = op->size_lines;
    f->own_excess_ppm = i->symptom == SYMPTOM_ERRORS ? i->own_now - i->own_baseline : 0;
    f->now_wall = e->wall;
    f->remedy = op->remedy;
    if (e->config->slos) f->slo = e->config->slos[op->service.v];
}

/* What came before the incident: its own bad requests are what is about to be healed. */
static void ask_slo(struct engine *e, struct op *op, time_ns incident_age) {
    const struct eng_gates *gates = &e->config->gates;
    const struct eng_slo *slo = &op->facts.slo;
    enum query_kind query = slo->latency ? QUERY_SLOW_SHARE : QUERY_BAD_SHARE;
    if (slo->objective_ppm == 0 || !gates->enabled[GATE_SLO]) return;
    for (uint32_t part = PART_SLO; part < PART_BURN + 2 * gates->burn_count; part++) {
        uint32_t k = (part - PART_BURN) / 2;
        time_ns window = part == PART_SLO              ? slo->window_ns
                         : (part - PART_BURN) % 2 == 0 ? gates->burn[k].long_ns
                                                       : gates->burn[k].short_ns;
        if (ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, part, query, op->service,
                        (struct revision_id){0}, window, incident_age))
            op->answers_due++;
    }
}

void gates_begin(struct engine *e, struct op *op) {
    static const enum query_kind queries[PART_COUNT] = {QUERY_BUDGET_REQUESTS, QUERY_BUDGET_ERRORS,
                                                        QUERY_CPU_SHARE, QUERY_MEMORY_SHARE,
                                                        QUERY_DISK_SHARE};
    const struct incident *i = &e->incidents[op->incident];
    if (op->state == STATE_LOCKED) op_move(e, op, STATE_SAFETY_CHECK, "the gates judge");
    op->step = STEP_GATES;
    facts_of(e, op);
    drop_queries(e, OWNER_OP, op_index(e, op));
    op->answers_due = 0;
    time_ns incident_age = incident_lasts(e, i) + e->config->detection.rate_window_ns;
    for (uint32_t part = 0; part < PART_COUNT; part++) {
        bool budget = part <= PART_BUDGET_ERRORS;
        if (ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, part, queries[part],
                        op->service, (struct revision_id){0},
                        budget ? e->config->gates.budget_window_ns
                               : e->config->detection.rate_window_ns,
                        budget ? incident_age : 0))
            op->answers_due++;
    }
    ask_slo(e, op, incident_age);
    op->gates_offset_ns = incident_age;
    op->gates_asked_mono = e->mono;
    op_timer_arm(e, op, TIMER_REPLY, e->config->detection.query_timeout_ns);
}

/* What a person is to decide before it may run, beside what the gates say. */
static bool failing_in_row(const struct engine *e) {
    return e->failures_in_row >= e->config->human.failures_in_row;
}

static void pass(struct engine *e, struct op *op) {
    op->approved = false; /* serves once */
    op->gates_mono = e->mono;
    report(e, REPORT_GATED, &e->incidents[op->incident], op, 0);
    if (!op->served && mode_advises(e, op)) return;
    if (op->state != STATE_IN_PROGRESS) op_move(e, op, STATE_IN_PROGRESS, "all gates pass");
    if (op->remedy == REMEDY_PATCH)
        canary_begin(e, op);
    else
        remedy_begin(e, op);
}

static void fail(struct engine *e, struct op *op, enum gate deciding) {
    struct incident *i = &e->incidents[op->incident];
    const struct gate_verdict *verdict = &op->verdicts.gate[deciding];
    switch (verdict->action) {
    case ACTION_PAUSE:
        if (op->facts.blast.count > e->config->human.blast_services) /* reserved to people */
            op_pause(e, op, REASON_BLAST_RADIUS, FORM_TAKE_OVER,
                     "too many services would be affected");
        else
            op_pause(e, op, REASON_GATE, FORM_CONFIRM, gate_meaning(deciding));
        break;
    case ACTION_DELAY:
        op_give_up(e, op, CANCEL_DEFERRED, "a gate delays it");
        incident_wait(e, i, verdict->until_wall - e->wall);
        break;
    default:
        op_give_up(e, op, CANCEL_REJECTED, "a gate rejects it");
        incident_hand_over(e, i, REASON_PATCH_REJECTED, "a gate rejected the plan");
        break;
    }
}

/* What was found that fails is audited, each. */
static void audit_findings(struct engine *e, const struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    for (int g = 0; g < GATE_COUNT; g++) {
        const struct gate_verdict *verdict = &op->verdicts.gate[g];
        struct text why;
        if (!verdict->judged || verdict->pass) continue;
        gate_explain((enum gate)g, verdict, &why);
        audit(e, CATEGORY_SAFETY_GATES, SEVERITY_WARNING, op, i, gate_name(g), &why);
    }
    audit(e, CATEGORY_SAFETY_GATES, SEVERITY_INFO, op, i,
          op->verdicts.pass ? "all gates pass" : "gates do not pass", NULL);
}

static void judged(struct engine *e, struct op *op) {
    if (e->suspended) return; /* nothing is begun: judged anew when a person lifts that */
    struct gate_verdicts shown = op->verdicts;
    int64_t shown_failures = op->shown_failures;
    gate_judge(e->config, &op->facts, &op->verdicts);
    op->shown_failures = e->failures_in_row;
    /* one question is asked about all that was found at once, so one answer covers it */
    bool approved = op_is_approved(e, op, REASON_GATE) ||
                    op_is_approved(e, op, REASON_BLAST_RADIUS) ||
                    op_is_approved(e, op, REASON_TWO_FAILURES);
    struct gates_decision decision = {.approved = approved, .shown = &shown};
    enum gate deciding =
        approved ? gate_after_approval(&op->verdicts, &shown) : op->verdicts.deciding;
    bool fails = deciding != GATE_COUNT && op->verdicts.gate[deciding].action > ACTION_WARN;
    bool in_row =
        !fails && failing_in_row(e) && !(approved && e->failures_in_row <= shown_failures);
    decision.shown_failures = shown_failures;
    decision.action = fails    ? op->verdicts.gate[deciding].action
                      : in_row ? ACTION_PAUSE
                               : ACTION_ALLOW;
    gates_record(e, op, &decision);
    audit_findings(e, op);
    if (fails)
        fail(e, op, deciding);
    else if (in_row)
        op_pause(e, op, REASON_TWO_FAILURES, FORM_CONFIRM, "the last operations failed");
    else
        pass(e, op);
}

void gates_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                     uint32_t part) {
    struct gate_number number = {(enum value_kind)in->kind, in->micro, e->wall};
    if (part >= PART_BURN) {
        uint32_t k = (part - PART_BURN) / 2;
        *((part - PART_BURN) % 2 == 0 ? &op->facts.burn_long[k] : &op->facts.burn_short[k]) =
            number;
    } else if (part == PART_SLO)
        op->facts.slo_bad = number;
    switch ((enum part)part) {
    case PART_BUDGET_REQUESTS: op->facts.budget_requests = number; break;
    case PART_BUDGET_ERRORS: op->facts.budget_errors = number; break;
    case PART_CPU: op->facts.cpu_share = number; break;
    case PART_MEMORY: op->facts.memory_share = number; break;
    case PART_DISK: op->facts.disk_share = number; break;
    default: break;
    }
    if (--op->answers_due > 0) return;
    op_timer_cancel(e, op, TIMER_REPLY);
    judged(e, op);
}
