/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Verification at 100 %: after the watch, the incident's own figure must be under the limit and
 * under what it was. Close to the limit the watch is extended; no data extends it too, and is never
 * success.
 */

void verify_begin(struct engine *e, struct op *op) {
    op->step = STEP_WATCH;
    op->watch_extended = 0;
    op_timer_arm(e, op, TIMER_LOOK, e->config->verification.watch_ns);
}

void verify_look(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    enum query_kind query =
        i->symptom == SYMPTOM_LATENCY ? QUERY_LATENCY_P95 : QUERY_OWN_ERROR_SHARE;
    ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, 0, query, op->service,
                (struct revision_id){0}, e->config->detection.rate_window_ns, 0);
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

void verify_on_metric(struct engine *e, struct op *op, const struct in_query_result *in) {
    const struct incident *i = &e->incidents[op->incident];
    int64_t limit = limit_of(e, i), value = 0;
    op_timer_cancel(e, op, TIMER_REPLY);
    bool known = number_of(in, &value);
    struct decision_note d = decide(e, DECISION_VERIFICATION, i, op);
    decide_factor(&d, symptom_name(i->symptom), value, known ? "over the window" : "no data");
    decide_factor(&d, "limit", limit, "must be under");
    decide_factor(&d, "before", i->own_now, "must be under this too");
    bool under = known && value < limit && value < i->own_now;
    bool close = under && value > limit - ppm_mul(limit, e->config->verification.margin_ppm);
    const char *choice = under && !close ? "healed" : !known || close ? "watch on" : "go back";
    decide_end(&d, choice, PPM_ONE - e->config->canary.alpha_ppm, "own figure after 100 %");
    if (!known)
        extend(e, op, "no data to verify by");
    else if (close)
        extend(e, op, "close to the limit");
    else if (under && op->state == STATE_PAUSED)
        extend(e, op, "healed, but a person decides");
    else if (under)
        healed(e, op);
    else if (!rollback_begin(e, op, "it is not healed at 100 %"))
        op_timer_arm(e, op, TIMER_LOOK, e->config->verification.extend_ns); /* perhaps later */
}
