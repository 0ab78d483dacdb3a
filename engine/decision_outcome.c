/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/* What came of decisions, told when it is known: of an operation's at its end, of an incident's at
 * its own. Right is what the end bears out; where it says nothing of a decision, nothing is said.
 */

void decision_came_to(struct engine *e, int64_t decision, const char *outcome,
                      enum rightness right) {
    if (decision == 0) return;
    struct eff_decision_outcome *o = &emit(e, EFF_decision_outcome)->decision_outcome;
    o->decision = decision;
    o->right = right;
    text_set(&o->outcome, outcome);
}

/* Once each. */
static void came_to(struct engine *e, int64_t *decided, const char *outcome, enum rightness right) {
    decision_came_to(e, *decided, outcome, right);
    *decided = 0;
}

/* A canary that was taken back before it served all was judged rightly; one that was let through
 * was not. */
void decisions_of_op(struct engine *e, struct op *op, enum op_state how,
                     enum cancel_reason cancel) {
    bool healed = how == STATE_COMPLETED, back = how == STATE_ROLLED_BACK;
    bool served_all = op->canary.stage + 1 >= e->config->canary.stage_count;
    const char *outcome = cancel == CANCEL_NONE ? state_name(how) : cancel_name(cancel);
    enum rightness of_fix = healed ? RIGHT_YES : back ? RIGHT_NO : RIGHT_UNKNOWN;
    enum rightness of_canary = healed || (back && !served_all) ? RIGHT_YES : of_fix;
    const enum rightness right[DECISION_COUNT] = {
        [DECISION_INCIDENT_DETECTION] = RIGHT_UNKNOWN,
        [DECISION_RCA_ANALYSIS] = RIGHT_UNKNOWN,
        [DECISION_FIX_GENERATION] = of_fix,
        [DECISION_SAFETY_GATE] = of_fix,
        [DECISION_DEPLOYMENT] = of_canary,
        [DECISION_ROLLBACK] = back ? RIGHT_YES : RIGHT_UNKNOWN,
        [DECISION_VERIFICATION] = healed || back ? RIGHT_YES : RIGHT_UNKNOWN,
        [DECISION_CONCURRENCY] = healed ? RIGHT_YES : RIGHT_UNKNOWN,
        [DECISION_HUMAN_ESCALATION] = RIGHT_UNKNOWN};
    for (int kind = 0; kind < DECISION_COUNT; kind++)
        came_to(e, &op->decided[kind], outcome, right[kind]);
}

void decisions_of_incident(struct engine *e, struct incident *i, enum report_kind how) {
    enum rightness right = how == REPORT_CLOSED_RESOLVED ? RIGHT_YES : RIGHT_UNKNOWN;
    for (int kind = 0; kind < DECISION_COUNT; kind++)
        came_to(e, &i->decided[kind], report_name(how),
                kind == DECISION_INCIDENT_DETECTION ? RIGHT_YES : right);
}
