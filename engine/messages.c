/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Messages to people. A TELL is sent and done. CONFIRM and TAKE_OVER are questions: while nobody
 * answers, the same question goes to more people by and by, as the policy's escalation says;
 * whoever answers first, answers it.
 */

static void send(struct engine *e, const struct question *q, const struct incident *i,
                 const struct op *op) {
    struct eff_notify *n = &emit(e, EFF_notify)->notify;
    n->message = q->message;
    n->form = q->form;
    n->severity = q->severity;
    n->reason = q->why;
    n->level = q->level;
    n->service = op ? op->service : i ? i->service : ID_NONE(svc_id);
    if (i) n->incident = i->id;
    if (op) n->op = op->id;
    n->plan = q->plan;
    text_set(&n->body, q->what);
    audit(e, CATEGORY_NOTIFICATION, q->severity, op, i, reason_name(q->why), NULL);
}

void tell(struct engine *e, enum severity severity, enum reason why, const struct incident *i,
          const struct op *op, const char *what) {
    struct question message = {.message = ++e->next_message,
                               .form = FORM_TELL,
                               .severity = severity,
                               .why = why,
                               .what = what};
    if (op) message.plan = op->plan;
    send(e, &message, i, op);
}

static void ask(struct engine *e, struct question *q, const struct incident *i,
                const struct op *op) {
    q->message = ++e->next_message;
    q->asked_mono = e->mono;
    send(e, q, i, op);
    struct decision_note d = decide(e, DECISION_HUMAN_ESCALATION, i, op);
    decide_end(&d, form_name(q->form), PPM_ONE, q->what);
}

/* How long until the next level is asked, too; false at the last. */
static bool escalates(const struct engine *e, const struct question *q, time_ns *after) {
    if (q->level + 1 >= (int64_t)ARRAY_LEN(e->config->human.escalation_ns)) return false;
    *after = e->config->human.escalation_ns[q->level + 1] - (e->mono - q->asked_mono);
    return true;
}

static void op_escalation_arm(struct engine *e, struct op *op) {
    time_ns after;
    if (escalates(e, &op->question, &after)) op_timer_arm(e, op, TIMER_ASK, after);
}
static void incident_escalation_arm(struct engine *e, struct incident *i) {
    time_ns after;
    if (escalates(e, &i->question, &after)) incident_timer_arm(e, i, after);
}

void op_ask(struct engine *e, struct op *op, enum message_form form, enum reason why,
            const char *what) {
    op->question = (struct question){
        .form = form, .severity = SEVERITY_CRITICAL, .why = why, .plan = op->plan, .what = what};
    ask(e, &op->question, &e->incidents[op->incident], op);
    op_escalation_arm(e, op);
}

void incident_ask(struct engine *e, struct incident *i, enum message_form form,
                  enum severity severity, enum reason why, const struct hash *plan,
                  const char *what) {
    i->question = (struct question){.form = form, .severity = severity, .why = why, .what = what};
    if (plan) i->question.plan = *plan;
    ask(e, &i->question, i, i->op == NO_INDEX ? NULL : &e->ops[i->op]);
    incident_escalation_arm(e, i);
}

void op_unanswered(struct engine *e, struct op *op) {
    op->question.level++;
    send(e, &op->question, &e->incidents[op->incident], op);
    op_escalation_arm(e, op);
}

void incident_unanswered(struct engine *e, struct incident *i) {
    i->question.level++;
    send(e, &i->question, i, NULL);
    incident_escalation_arm(e, i);
}

void op_answered(struct engine *e, struct op *op) {
    op->question.message = 0;
    op_timer_cancel(e, op, TIMER_ASK);
}

void incident_answered(struct engine *e, struct incident *i) {
    i->question.message = 0;
    incident_timer_cancel(e, i);
}

void messages_on_ack(struct engine *e, const struct in_notify_ack *in) {
    if (!in->delivered)
        audit(e, CATEGORY_NOTIFICATION, SEVERITY_ERROR, NULL, NULL, "a message was lost", NULL);
}
