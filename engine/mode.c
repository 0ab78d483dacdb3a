/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * How far the engine may go. observe: it detects and reports. advise: it does all but change the
 * world: causes, patches, checks, conflicts, locks and gates, and where it would deploy it says
 * what, and lets go. act: everything. A person may set it while it runs. Then nothing more is begun
 * that the mode does not allow; what serves already is paused for a person, watched on, and goes
 * back on a breach: leaving it unwatched would be less careful than before.
 */

bool mode_advises(struct engine *e, struct op *op) {
    if (e->mode == MODE_ACT) return false;
    struct incident *i = &e->incidents[op->incident];
    struct decision_note d = decide(e, DECISION_DEPLOYMENT, i, op);
    decide_count(&d, "mode", e->mode, INPUT_OF_POLICY);
    decide_about(&d, decision_name(DECISION_SAFETY_GATE), op->decided[DECISION_SAFETY_GATE],
                 INPUT_OF_ENGINE);
    decide_constraint(&d, "mode_is_to_act", false, true);
    decide_alternative(&d, "advise", PPM_ONE, "a person decides", "the incident stands", NULL);
    decide_alternative(&d, "promote", 0, "it heals", "", "the mode is not to act");
    op->decided[DECISION_DEPLOYMENT] =
        decide_end(&d, "advise", PPM_ONE, "all gates pass, and the mode is not to act");
    tell(e, SEVERITY_ERROR, REASON_ADVICE, i, op,
         "this revision passes every check and gate: deploying it is yours");
    i->advised = true;
    report(e, REPORT_ESCALATED, i, op, REASON_ADVICE);
    op_give_up(e, op, CANCEL_REFUSED, "the mode is not to act");
    return true;
}

void mode_set(struct engine *e, enum mode mode) {
    if (e->mode == mode) return;
    e->mode = mode;
    audit_figures(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_WARNING, NULL, NULL, "the mode is set", NULL,
                  &(struct entry_figure){"mode", mode}, 1);
    tell(e, SEVERITY_WARNING, REASON_MODE_CHANGED, NULL, NULL, mode_meaning(mode));
    round_begin(e);
}

bool mode_visit(struct engine *e, struct op *op) {
    if (e->mode == MODE_ACT || op->state == STATE_PAUSED) return false;
    if (op->served)
        op_pause(e, op, REASON_MODE_CHANGED, FORM_TAKE_OVER,
                 "a stage serves, and the mode is no longer to act");
    else if (op->state == STATE_IN_PROGRESS || e->mode == MODE_OBSERVE)
        op_give_up(e, op, CANCEL_REFUSED, "the mode is no longer to act");
    else
        return false;
    return true;
}
