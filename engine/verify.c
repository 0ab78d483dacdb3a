/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Verification at 100 %: after the watch, the incident's own figure must be under the limit and
 * under what it was, and the other symptom no worse than it was beside the canary: a cure for
 * latency that fails requests is none. Close to the limit the watch is extended; no data extends it
 * too, and is never success.
 */

enum part { PART_OWN, PART_OTHER, PART_COUNT };

void verify_begin(struct engine *e, struct op *op) {
    op_step_set(op, STEP_WATCH);
    op->watch_extended = 0;
    op_timer_arm(e, op, TIMER_LOOK, e->config->verification.watch_ns);
}

void verify_look(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    bool slow = i->symptom == SYMPTOM_LATENCY;
    const enum query_kind queries[PART_COUNT] = {slow ? QUERY_LATENCY_P95 : QUERY_OWN_ERROR_SHARE,
                                                 slow ? QUERY_OWN_ERROR_SHARE : QUERY_LATENCY_P95};
    op->answers_due = 0;
    for (uint32_t part = 0; part < PART_COUNT; part++)
        if (ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, part, queries[part],
                        op->service, (struct revision_id){0}, e->config->detection.rate_window_ns,
                        0))
            op->answers_due++;
    op_timer_arm(e, op, TIMER_REPLY, e->config->detection.query_timeout_ns); /* asked or refused */
}

static void healed(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    audit(e, CATEGORY_VERIFICATION, SEVERITY_INFO, op, i, "verified: healed", NULL);
    op_end(e, op, STATE_COMPLETED, CANCEL_NONE, "verified");
    incident_close(e, i, REPORT_CLOSED_RESOLVED);
}

static void extend(struct engine *e, struct op *op, const char *why) {
    if (op->state == STATE_PAUSED) { /* nothing is decided, but it is watched on */
        op_timer_arm(e, op, TIMER_LOOK, e->config->verification.extend_ns);
        return;
    }
    if (op->watch_extended >= e->config->verification.extensions_max) {
        rollback_begin(e, op, why);
        return;
    }
    op->watch_extended++;
    audit(e, CATEGORY_VERIFICATION, SEVERITY_WARNING, op, NULL, why, NULL);
    op_timer_arm(e, op, TIMER_LOOK, e->config->verification.extend_ns);
}

void verify_on_silence(struct engine *e, struct op *op) {
    drop_queries(e, OWNER_OP, op_index(e, op));
    extend(e, op, "metrics do not answer");
}

static int64_t limit_of(const struct engine *e, const struct incident *i) {
    return i->symptom == SYMPTOM_LATENCY ? e->config->detection.latency_limit_micro
                                         : e->config->verification.error_limit_ppm;
}

/* Worse than beside the canary, where stable showed what was before; attributable to this change.
 */
static bool side_effect(const struct engine *e, const struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    const struct gate_number *other = &op->watched[PART_OTHER];
    if (other->kind != VALUE_NUMBER) return false;
    if (i->symptom == SYMPTOM_LATENCY) {
        struct proportion before = canary_counted_stable(&op->canary);
        int64_t share = before.total > 0 ? ppm_of(before.errors, before.total) : 0;
        return other->micro >= e->config->verification.error_limit_ppm &&
               other->micro > share + e->config->canary.min_effect_ppm;
    }
    const struct gate_number *before = &op->canary.gauges[1].latency;
    return before->kind == VALUE_NUMBER &&
           other->micro >= e->config->detection.latency_limit_micro &&
           other->micro > ppm_mul(before->micro, e->config->canary.latency_ratio_ppm);
}

static void judged(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    int64_t limit = limit_of(e, i), value = op->watched[PART_OWN].micro;
    bool known = op->watched[PART_OWN].kind == VALUE_NUMBER;
    struct decision_note d = decide(e, DECISION_VERIFICATION, i, op);
    decide_factor(&d, symptom_name(i->symptom), value, known ? "over the window" : "no data");
    decide_factor(&d, "limit", limit, "must be under");
    decide_factor(&d, "before", i->own_now, "must be under this too");
    bool worse = side_effect(e, op);
    bool under = known && value < limit && value < i->own_now && !worse;
    bool close = under && value > limit - ppm_mul(limit, e->config->verification.margin_ppm);
    const char *choice = under && !close ? "healed" : !known || close ? "watch on" : "go back";
    decide_end(&d, choice, PPM_ONE - e->config->canary.alpha_ppm,
               worse ? "the other symptom is worse than before" : "own figure after 100 %");
    if (!known)
        extend(e, op, "no data to verify by");
    else if (close)
        extend(e, op, "close to the limit");
    else if (under && op->state == STATE_PAUSED)
        extend(e, op, "healed, but a person decides");
    else if (under)
        healed(e, op);
    else if (!rollback_begin(e, op, worse ? "it harms elsewhere" : "it is not healed at 100 %"))
        op_timer_arm(e, op, TIMER_LOOK, e->config->verification.extend_ns); /* perhaps later */
}

void verify_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                      uint32_t part) {
    op->watched[part % PART_COUNT] = (struct gate_number){(enum value_kind)in->kind, in->micro};
    if (op->answers_due > 1) {
        op->answers_due--;
        return;
    }
    op->answers_due = 0;
    op_timer_cancel(e, op, TIMER_REPLY);
    judged(e, op);
}
