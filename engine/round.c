/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * What concerns every operation and incident at once (a suspension that is lifted, a cascade) is
 * done in a round: one of them a step, the next by a timer that is due at once. A step's effects
 * are bounded; how many operations and incidents there are is the policy's choice.
 */

void round_begin(struct engine *e) {
    e->round = 0;
    engine_timer_arm(e, ENGINE_TIMER_ROUND, 0);
}

/* What came while automation was suspended was let go by: it is asked for anew. */
static bool visit_op(struct engine *e, struct op *op) {
    if (!op->in_use || e->suspended) return false;
    if (mode_visit(e, op)) return true;
    if (op->state == STATE_PAUSED && !op->held && op_is_approved(e, op, op->paused_why)) {
        op_resume(e, op);
        return true;
    }
    if (!op_stalled(op)) return false;
    op_go_on(e, op);
    return true;
}

static bool visit_incident(struct engine *e, struct incident *i) {
    if (!i->in_use) return false;
    if (incident_in_cascade(e, i)) {
        incident_hand_over(e, i, REASON_CASCADE, "several services fail by themselves");
        return true;
    }
    if (i->stage == INCIDENT_GATHERING && e->mode != MODE_OBSERVE && i->candidate_count == 0) {
        diagnose_begin(e, i); /* it was opened while the mode was to observe */
        return true;
    }
    if (i->stage != INCIDENT_HEALING || i->op != NO_INDEX || i->waits) return false;
    op_open(e, i);
    return true;
}

void round_on_timer(struct engine *e) {
    uint32_t operations = e->config->limits.operations;
    uint32_t end = operations + e->config->limits.incidents;
    bool met = false;
    while (e->round < end && !met) {
        uint32_t k = e->round++;
        met = k < operations ? visit_op(e, &e->ops[k])
                             : visit_incident(e, &e->incidents[k - operations]);
    }
    if (e->round < end) engine_timer_arm(e, ENGINE_TIMER_ROUND, 0);
}
