/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/* Messages to people, their answers and commands, and the suspension of all automation. */

int64_t ask_person(struct engine *e, enum message_form form, enum severity severity,
                   enum reason why, const struct incident *i, const struct op *op,
                   const struct hash *plan, const char *what) {
    struct eff_notify *n = &emit(e, EFF_notify)->notify;
    n->message = ++e->next_message;
    n->form = form;
    n->severity = severity;
    n->reason = why;
    n->service = op ? op->service : i ? i->service : ID_NONE(svc_id);
    if (i) n->incident = i->id;
    if (op) n->op = op->id;
    if (plan) n->plan = *plan;
    text_set(&n->body, what);
    int64_t message = n->message;
    audit(e, CATEGORY_NOTIFICATION, severity, op, i, reason_name(why), NULL);
    if (form != FORM_TELL) {
        struct decision_note d = decide(e, DECISION_HUMAN_ESCALATION, i, op);
        decide_end(&d, form_name(form), PPM_ONE, what);
    }
    return message;
}

int64_t tell(struct engine *e, enum severity severity, enum reason why, const struct incident *i,
             const struct op *op, const char *what) {
    return ask_person(e, FORM_TELL, severity, why, i, op, NULL, what);
}

void people_on_ack(struct engine *e, const struct in_notify_ack *in) {
    if (!in->delivered)
        audit(e, CATEGORY_NOTIFICATION, SEVERITY_ERROR, NULL, NULL, "a message was lost", NULL);
}

/* All automation stops; what runs is left as it is (a person decides), what is watched goes on. */
void suspend(struct engine *e, enum reason why, const char *what) {
    if (e->suspended) return;
    e->suspended = true;
    e->suspended_why = why;
    emit(e, EFF_suspend)->suspend = (struct eff_suspend){true, why};
    audit(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_CRITICAL, NULL, NULL, what, NULL);
    tell(e, SEVERITY_CRITICAL, why, NULL, NULL, what);
}

static bool same_plan(const struct hash *a, const struct hash *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

/* An approval serves once, for this plan, within its life; op_resume looks at the life again. */
static void decide_operation(struct engine *e, struct op *op, const struct in_person_decision *in) {
    op->question = 0;
    if (in->answer == ANSWER_YES && same_plan(&in->plan, &op->plan)) {
        op->approved = true;
        op->approval = in->approval;
        op->approved_mono = e->mono;
        op_resume(e, op);
    } else if (in->answer == ANSWER_NO)
        op_refuse(e, op, "a person said no");
    /* TAKEN_OVER or an approval of another plan: the pause stands */
}

static void decide_diagnosis(struct engine *e, struct incident *i,
                             const struct in_person_decision *in) {
    i->question = 0;
    if (i->stage != INCIDENT_CONFIRMING) return;
    if (in->answer == ANSWER_YES && same_plan(&in->plan, &i->plan))
        diagnose_confirmed(e, i, i->diagnosis.service);
    else if (in->answer == ANSWER_CORRECTION && in->service.v < e->graph.service_count)
        diagnose_confirmed(e, i, in->service);
    else
        i->stage = INCIDENT_HANDED_OVER;
}

void people_on_decision(struct engine *e, const struct in_person_decision *in) {
    audit(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_INFO, NULL, NULL, answer_name(in->answer),
          &in->notes);
    if (in->message == 0) return;
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->ops[k].in_use && e->ops[k].question == in->message) {
            decide_operation(e, &e->ops[k], in);
            return;
        }
    for (uint32_t k = 0; k < e->config->limits.incidents; k++)
        if (e->incidents[k].in_use && e->incidents[k].question == in->message) {
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
    case COMMAND_UNFREEZE:
        if (!e->suspended) break;
        e->suspended = false;
        emit(e, EFF_suspend)->suspend = (struct eff_suspend){false, REASON_PERSON_PAUSE};
        break;
    case COMMAND_PAUSE:
        if (op) op_pause(e, op, REASON_PERSON_PAUSE, FORM_TELL, "a person paused it");
        break;
    case COMMAND_CANCEL:
        if (op) op_refuse(e, op, "a person cancelled it");
        break;
    default:
        break; /* resume comes as a decision, with its approval; the rest needs no operation here */
    }
}
