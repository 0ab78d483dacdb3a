/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * A remedy beside the patch, carried out: the recent change undone, pods restarted, added or
 * drained. It is ordered (audited first), watched as a patch at 100 % is (verify.c), and taken back
 * when it did not help (rollback.c): pods go, or come back, or the change serves again; a restart
 * has nothing to take back. One that helped and cures closes the incident. One that only eases it
 * has mitigated: the cause is patched next, and nobody takes the silence for health.
 */

static struct eng_effect order_of(const struct engine *e, const struct op *op, bool undo) {
    const struct incident *i = &e->incidents[op->incident];
    struct eng_effect effect;
    if (op->remedy == REMEDY_ROLL_BACK_CHANGE || op->remedy == REMEDY_PATCH) {
        effect = (struct eng_effect){.kind = EFF_roll_back};
        effect.roll_back = (struct eff_roll_back){.request = op->request,
                                                  .incident = i->id,
                                                  .op = op->id,
                                                  .service = op->service,
                                                  .from = undo ? op->revision : op->base,
                                                  .to = undo ? op->base : op->revision,
                                                  .token_epoch = op->lock[0].token_epoch,
                                                  .token_number = op->lock[0].token_number};
        return effect;
    }
    effect = (struct eng_effect){.kind = EFF_remedy};
    effect.remedy = (struct eff_remedy){.request = op->request,
                                        .incident = i->id,
                                        .op = op->id,
                                        .service = op->service,
                                        .remedy = op->remedy,
                                        .amount = op->amount,
                                        .token_epoch = op->lock[0].token_epoch,
                                        .token_number = op->lock[0].token_number,
                                        .pod = op->pod,
                                        .undo = undo};
    return effect;
}

void remedy_order_back(struct engine *e, struct op *op, const char *why) {
    op->step = STEP_BACK;
    op->request = next_request(e);
    struct eng_effect effect = order_of(e, op, true);
    act_when_audited(e, CATEGORY_ROLLBACK, op, &effect, why);
}

void remedy_order(struct engine *e, struct op *op) {
    if (!op->served && e->mono - op->gates_mono > e->config->gates.valid_ns) {
        gates_begin(e, op); /* it was kept waiting: what they said is too old to act on */
        return;
    }
    op->step = STEP_REMEDY;
    op->request = next_request(e);
    struct eng_effect effect = order_of(e, op, false);
    op_timer_arm(e, op, TIMER_REPLY, e->config->canary.hold_max_ns);
    act_when_audited(e, CATEGORY_DEPLOYMENT, op, &effect, "a remedy is carried out");
}

void remedy_begin(struct engine *e, struct op *op) {
    static const struct gate_number nothing = {.kind = VALUE_UNAVAILABLE};
    memset(&op->canary, 0, sizeof op->canary);
    op->canary.first_mono = e->mono;
    op->canary.gauges[0].latency = op->canary.gauges[1].latency = nothing;
    remedy_order(e, op);
}

bool remedy_is_order(const struct op *op, const struct eng_effect *effect) {
    if (effect->kind == EFF_remedy) return !effect->remedy.undo;
    return effect->kind == EFF_roll_back && op->remedy == REMEDY_ROLL_BACK_CHANGE &&
           ID_EQ(effect->roll_back.to, op->revision);
}

/* ---- what comes of it ---- */

static void tried(struct engine *e, struct op *op) {
    e->incidents[op->incident].tried |= 1u << op->remedy;
}

/* What a former incarnation ordered left no diagnosis to go on from. */
static void next(struct engine *e, struct incident *i, bool taken_up) {
    if (taken_up)
        recover_restored(e, i);
    else if (i->stage != INCIDENT_HANDED_OVER)
        op_open(e, i);
}

static void failed(struct engine *e, struct op *op, const char *why) {
    struct incident *i = &e->incidents[op->incident];
    bool taken_up = op->taken_up;
    tried(e, op);
    op_end(e, op, STATE_FAILED, CANCEL_NONE, why);
    next(e, i, taken_up);
}

/* Some of the pods that serve could not be reached: the same again, as long as judgement waits. */
static void incomplete(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    op_timer_cancel(e, op, TIMER_REPLY);
    if (c->held_since_mono == 0) c->held_since_mono = e->mono;
    audit(e, CATEGORY_DEPLOYMENT, SEVERITY_WARNING, op, NULL,
          "pods are out of reach: it will be ordered again", NULL);
    if (e->mono - c->held_since_mono >= e->config->canary.hold_max_ns)
        rollback_begin(e, op, "it stays incomplete");
    else
        op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_initial_ns);
}

void remedy_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    if (in->request != op->request) return;
    if (op->step == STEP_PERSON && in->status != DEPLOY_DONE) return;
    switch ((enum deploy_status)in->status) {
    case DEPLOY_ACCEPTED: break;
    case DEPLOY_DONE:
        op_timer_cancel(e, op, TIMER_REPLY);
        report(e, REPORT_REMEDIED, &e->incidents[op->incident], op, op->remedy);
        verify_begin(e, op);
        break;
    case DEPLOY_PARTIAL: incomplete(e, op); break;
    case DEPLOY_FAILED:
        op_timer_cancel(e, op, TIMER_REPLY);
        op->served = op->served_before;
        failed(e, op, "the deploy target cannot do that");
        break;
    default: canary_refused(e, op, in->status); break;
    }
}

void remedy_helped(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    enum remedy remedy = op->remedy;
    bool taken_up = op->taken_up;
    audit(e, CATEGORY_VERIFICATION, SEVERITY_INFO, op, i,
          op->cures ? "verified: the remedy healed it" : "verified: the remedy eased it", NULL);
    if (op->cures) {
        op_end(e, op, STATE_COMPLETED, CANCEL_NONE, "verified");
        incident_close(e, i, REPORT_CLOSED_RESOLVED);
        return;
    }
    tried(e, op);
    i->mitigated = true;
    report(e, REPORT_MITIGATED, i, op, remedy);
    op_end(e, op, STATE_COMPLETED, CANCEL_NONE, "mitigated");
    next(e, i, taken_up);
}

bool remedy_gives_up(struct engine *e, struct op *op, const char *why) {
    if (op->remedy != REMEDY_RESTART) return false;
    failed(e, op, why);
    return true;
}

bool remedy_is_back(const struct op *op, const struct in_deployment *in) {
    if (op->remedy == REMEDY_SCALE_OUT) return in->pods_total == op->pods_before;
    if (op->remedy == REMEDY_DRAIN) return in->drained == op->drained_before;
    return ID_EQ(in->serving, op->base) && in->candidate.v == 0;
}

void remedy_taken_back(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    bool taken_up = op->taken_up;
    tried(e, op);
    if (op->held) i->stage = INCIDENT_HANDED_OVER; /* who paused it decides what comes next */
    tell(e, SEVERITY_ERROR, REASON_ROLLED_BACK, i, op, "a remedy that did not help is taken back");
    op_end(e, op, STATE_ROLLED_BACK, CANCEL_NONE, "it is as it was");
    next(e, i, taken_up);
}
