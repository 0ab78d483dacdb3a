/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/* What people answer and command, and the suspension of all automation. */

/* All automation stops; what runs is left as it is (a person decides), what is watched goes on. */
void suspend(struct engine *e, enum reason why, const char *what) {
    if (e->suspended) return;
    e->suspended = true;
    e->suspended_why = why;
    emit(e, EFF_suspend)->suspend = (struct eff_suspend){true, why};
    audit(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_CRITICAL, NULL, NULL, what, NULL);
    tell(e, SEVERITY_CRITICAL, why, NULL, NULL, what);
}

/* What was let go by meanwhile is asked for anew. An entry that is still unacknowledged is waited
 * for again: if the log store is still silent, so is the engine in a moment. */
static void lift(struct engine *e) {
    if (!e->suspended) return;
    e->suspended = false;
    emit(e, EFF_suspend)->suspend = (struct eff_suspend){false, REASON_PERSON_PAUSE};
    if (e->audit_acked < e->audit_sequence)
        engine_timer_arm(e, ENGINE_TIMER_AUDIT, e->config->locking.reply_timeout_ns);
    round_begin(e);
}

/* Each approval has a number, and none serves twice. */
static bool approval_serves(struct engine *e, int64_t approval) {
    uint32_t kept = e->approval_count < PAST_MAX ? e->approval_count : PAST_MAX;
    for (uint32_t k = 0; k < kept; k++)
        if (e->approvals[k] == approval) return false;
    if (approval > 0) e->approvals[e->approval_count++ % PAST_MAX] = approval;
    return approval > 0;
}

static void answer_refused(struct engine *e, const struct op *op, const char *why) {
    audit(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_WARNING, op, NULL, why, NULL);
}

/* For this plan, within its life: op_is_approved looks at that when it matters. A suspended engine
 * keeps it until automation goes on. */
static void approve(struct engine *e, struct op *op, const struct in_person_decision *in) {
    if (!hash_eq(&in->plan, &op->plan))
        answer_refused(e, op, "refused: an approval of another plan");
    else if (!approval_serves(e, in->approval))
        answer_refused(e, op, "refused: an approval that served before");
    else {
        op_answered(e, op);
        op->approved = true;
        op->approved_mono = e->mono;
        if (!e->suspended) op_resume(e, op);
    }
}

static void decide_operation(struct engine *e, struct op *op, const struct in_person_decision *in) {
    if (in->answer == ANSWER_YES)
        approve(e, op, in);
    else if (in->answer == ANSWER_NO) {
        op_answered(e, op);
        op_refuse(e, op, "a person said no");
    } else if (in->answer == ANSWER_TAKEN_OVER)
        op_timer_cancel(e, op, TIMER_ASK); /* somebody is at it: the pause and the question stand */
}

static void decide_diagnosis(struct engine *e, struct incident *i,
                             const struct in_person_decision *in) {
    bool confirming = i->stage == INCIDENT_CONFIRMING;
    bool yes = confirming && in->answer == ANSWER_YES;
    if (yes && !hash_eq(&in->plan, &i->plan)) return; /* of another diagnosis */
    incident_answered(e, i);
    if (yes)
        diagnose_confirmed(e, i, i->diagnosis.service);
    else if (confirming && in->answer == ANSWER_CORRECTION &&
             in->service.v < e->graph.service_count)
        diagnose_confirmed(e, i, in->service);
    else
        i->stage = INCIDENT_HANDED_OVER;
}

void people_on_decision(struct engine *e, const struct in_person_decision *in) {
    audit(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_INFO, NULL, NULL, answer_name(in->answer),
          &in->notes);
    if (in->message == 0) return;
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->ops[k].in_use && e->ops[k].question.message == in->message) {
            decide_operation(e, &e->ops[k], in);
            return;
        }
    for (uint32_t k = 0; k < e->config->limits.incidents; k++)
        if (e->incidents[k].in_use && e->incidents[k].question.message == in->message) {
            decide_diagnosis(e, &e->incidents[k], in);
            return;
        }
}

/* Who may command is checked against the policy's teams; until those are loaded only an empty team
 * is a stranger. A refused command is audited and somebody is told. */
void people_on_command(struct engine *e, const struct in_person_command *in) {
    if (in->team.len == 0) {
        audit(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_WARNING, NULL, NULL, "command refused",
              &in->reason);
        tell(e, SEVERITY_WARNING, REASON_COMMAND_REFUSED, NULL, NULL,
             "a command by somebody unknown was refused");
        return;
    }
    audit(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_WARNING, NULL, NULL, command_name(in->command),
          &in->reason);
    struct op *op = op_by_id(e, in->op);
    switch ((enum command_kind)in->command) {
    case COMMAND_FREEZE: suspend(e, REASON_PERSON_PAUSE, "a person froze all automation"); break;
    case COMMAND_UNFREEZE: lift(e); break;
    case COMMAND_RESUME: /* findings are not waived by a command: they are judged anew */
        if (op && !e->suspended && approval_serves(e, in->approval)) op_resume(e, op);
        break;
    case COMMAND_PAUSE:
        if (op) op_pause(e, op, REASON_PERSON_PAUSE, FORM_TELL, "a person paused it");
        break;
    case COMMAND_CANCEL:
        if (op) op_refuse(e, op, "a person cancelled it");
        break;
    default: break; /* a lock is freed at the store; the mode is the policy's */
    }
}
