/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Back to the revision that served before, by the same operation under the same locks; then a look
 * whether it does serve, whatever the target said. If it does not, or the target failed, it is
 * ordered again for as long as judgement may be on hold; then a person is asked, and the locks stay
 * until then.
 */

/* What speaks for it: a decision about the canary or the fix, judgement on hold for too long, a
 * limit that ran out, a person's no, a restart. */
static void record(struct engine *e, struct op *op, const char *why) {
    const struct incident *i = &e->incidents[op->incident];
    const enum decision_kind told =
        op->decided[DECISION_VERIFICATION] > op->decided[DECISION_DEPLOYMENT]
            ? DECISION_VERIFICATION
            : DECISION_DEPLOYMENT;
    const struct canary *c = &op->canary;
    time_ns held = c->held_since_mono == 0 ? 0 : e->mono - c->held_since_mono;
    time_ns left = op->state_left_ns - (e->mono - op->state_began_mono);
    struct decision_note d = decide(e, DECISION_ROLLBACK, i, op);
    decide_since(&d, c->held_since_mono ? c->held_since_mono : e->mono);
    decide_about(&d, decision_name(told), op->decided[told], INPUT_OF_ENGINE);
    decide_known(&d, "on_hold", held / NS_PER_US, INPUT_OF_ENGINE);
    if (op->state_left_ns > 0 && op->state != STATE_PAUSED)
        decide_known(&d, "state_left", left / NS_PER_US, INPUT_OF_ENGINE);
    decide_count(&d, "extended", op->watch_extended, INPUT_OF_ENGINE);
    decide_count(&d, "paused", op->state == STATE_PAUSED, INPUT_OF_ENGINE);
    decide_count(&d, "refused_by_person", i->stage == INCIDENT_HANDED_OVER, INPUT_OF_PEOPLE);
    decide_count(&d, "taken_up", op->taken_up, INPUT_OF_ENGINE);
    decide_constraint(&d, "locks_held", true, true);
    decide_constraint(&d, "not_suspended", true, true);
    decide_alternative(
        &d, "roll back", PPM_ONE,
        remedy_of_pods(op->remedy) ? "the pods are as they were" : "the former revision serves",
        remedy_of_pods(op->remedy) ? "what it eased comes back" : "the fix is lost", NULL);
    decide_alternative(&d, "let it serve", 0, "it may heal yet", "it may harm on", why);
    decide_alternative(&d, "ask a person", 0, "a person sees more", "it harms until then",
                       "the locks are held: it may act by itself");
    op->decided[DECISION_ROLLBACK] = decide_end(&d, "roll back", PPM_ONE, why);
}

bool rollback_begin(struct engine *e, struct op *op, const char *why) {
    if (op->step == STEP_BACK || op->step == STEP_BACK_CHECK) return true;
    if (!op_may_act(e, op)) { /* without its locks an operation changes nothing, not even back */
        if (op->state != STATE_PAUSED)
            op_pause(e, op, REASON_ROLLBACK_FAILED, FORM_TAKE_OVER,
                     "it should go back but may not act");
        return false;
    }
    drop_pending(e, op->id);
    drop_queries(e, OWNER_OP, op_index(e, op));
    op_timer_cancel(e, op, TIMER_LOOK);
    op_timer_cancel(e, op, TIMER_WAIT);
    record(e, op, why);
    if (remedy_gives_up(e, op, why)) return true;
    text_set(&op->feedback, why);
    op->back_since_mono = e->mono;
    rollback_again(e, op, why);
    return true;
}

/* After a pause, or where it stopped at pods out of reach. A timer for its answer that runs does so
 * on: after that it is a person's. */
void rollback_again(struct engine *e, struct op *op, const char *why) {
    if (op->back_since_mono == 0) op->back_since_mono = e->mono; /* a person said: once more */
    if (!op_timer_armed(op, TIMER_REPLY))
        op_timer_arm(e, op, TIMER_REPLY, e->config->canary.hold_max_ns);
    remedy_order_back(e, op, why);
}

static const char *not_back(const struct op *op) {
    return remedy_of_pods(op->remedy) ? "the pods are not as they were"
                                      : "the former revision does not serve";
}

/* Not the end of it: a person's yes, or the end of the pause, tries again. */
void rollback_failed(struct engine *e, struct op *op) {
    op_timer_cancel(e, op, TIMER_WAIT);
    op_timer_cancel(e, op, TIMER_REPLY);
    op->back_since_mono = 0;
    if (op->state == STATE_PAUSED) {
        op->paused_step = STEP_BACK;
        op->step = STEP_PERSON;
        tell(e, SEVERITY_CRITICAL, REASON_ROLLBACK_FAILED, &e->incidents[op->incident], op,
             not_back(op));
        return;
    }
    op_pause(e, op, REASON_ROLLBACK_FAILED, FORM_TAKE_OVER, not_back(op));
}

/* Its deadline runs on from the first order. */
static void try_again(struct engine *e, struct op *op, const char *why) {
    time_ns left = op->back_since_mono + e->config->canary.hold_max_ns - e->mono;
    if (left <= e->config->locking.backoff_initial_ns) {
        rollback_failed(e, op);
        return;
    }
    op->step = STEP_BACK;
    audit(e, CATEGORY_ROLLBACK, SEVERITY_WARNING, op, NULL, why, NULL);
    op_timer_arm(e, op, TIMER_REPLY, left);
    op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_initial_ns);
}

static void restored(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    i->feedback = op->feedback;
    i->rollbacks++;
    if (op->held) i->stage = INCIDENT_HANDED_OVER; /* who paused it decides what comes next */
    tell(e, SEVERITY_ERROR, REASON_ROLLED_BACK, i, op, "the former revision serves again");
    bool taken_up = op->taken_up;
    op_end(e, op, STATE_ROLLED_BACK, CANCEL_NONE, "the former revision serves again");
    if (taken_up)
        recover_restored(e, i);
    else if (i->stage != INCIDENT_HANDED_OVER)
        op_open(e, i);
}

void rollback_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    if (in->request != op->request) return;
    if (op->step == STEP_BACK_CHECK && in->status == DEPLOY_STATE) {
        op_timer_cancel(e, op, TIMER_REPLY);
        if (remedy_is_back(op, in) && op->remedy != REMEDY_PATCH)
            remedy_taken_back(e, op);
        else if (remedy_is_back(op, in))
            restored(e, op);
        else
            try_again(e, op, "the former revision does not serve all");
    } else if (op->step == STEP_BACK && in->status == DEPLOY_DONE) {
        op->step = STEP_BACK_CHECK;
        op->request = next_request(e);
        emit(e, EFF_ask_deployment)->ask_deployment =
            (struct eff_ask_deployment){op->request, op->id, op->service};
        op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
    } else if (op->step == STEP_BACK && in->status == DEPLOY_PARTIAL) {
        op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_initial_ns);
    } else if (op->step == STEP_BACK && in->status == DEPLOY_FAILED) {
        try_again(e, op, "the rollback failed");
    } else if (op->step == STEP_BACK && in->status != DEPLOY_ACCEPTED) {
        rollback_failed(e, op);
    }
}
