/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/authority.h"

/*
 * Messages to people. A TELL is sent and done. CONFIRM and TAKE_OVER are questions: while nobody
 * answers, the same question goes to more people by and by, as the policy's escalation says;
 * whoever answers first, answers it.
 */

static void send(struct engine *e, const struct question *q, const struct incident *i,
                 const struct op *op) {
    struct eff_notify n = {.message = q->message,
                           .form = q->form,
                           .severity = q->severity,
                           .reason = q->why,
                           .level = q->level,
                           .service = op  ? op->service
                                      : i ? i->service
                                          : ID_NONE(svc_id),
                           .plan = q->plan};
    if (i) n.incident = i->id;
    if (op) n.op = op->id;
    text_set(&n.body, q->what);
    notice_send(e, &n);
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

/* By what a person is asked: the figures that such a reason can stand on. */
static int64_t record(struct engine *e, const struct question *q, const struct incident *i,
                      const struct op *op) {
    static const enum decision_kind kinds[] = {DECISION_RCA_ANALYSIS, DECISION_SAFETY_GATE,
                                               DECISION_CONCURRENCY};
    struct decision_note d = decide(e, DECISION_HUMAN_ESCALATION, i, op);
    decide_factor(&d, reason_name(q->why), PPM_ONE, reason_meaning(q->why));
    decide_about(&d, "message", q->message, INPUT_OF_ENGINE);
    decide_known(&d, "own", i->own_now, INPUT_OF_ENGINE);
    decide_count(&d, "in_breach", incidents_in_breach(e), INPUT_OF_ENGINE);
    decide_known(&d, "confidence", i->diagnosis.confidence_ppm, INPUT_OF_ENGINE);
    decide_count(&d, "failures_in_row", e->failures_in_row, INPUT_OF_ENGINE);
    decide_count(&d, "rollbacks", i->rollbacks, INPUT_OF_ENGINE);
    decide_count(&d, "operations", i->operations, INPUT_OF_ENGINE);
    decide_count(&d, "affected", op ? op->facts.blast.count : 0, INPUT_OF_GRAPH);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        const int64_t *decided =
            kinds[k] == DECISION_RCA_ANALYSIS || !op ? i->decided : op->decided;
        decide_about(&d, decision_name(kinds[k]), decided[kinds[k]], INPUT_OF_ENGINE);
    }
    decide_constraint(&d, reason_name(q->why), false, true);
    for (int form = 0; form < FORM_COUNT; form++)
        decide_alternative(&d, form_name(form), form == (int)q->form ? PPM_ONE : 0,
                           form == FORM_TELL ? "it costs nobody's time" : "a person decides",
                           form == FORM_TELL ? "nobody decides" : "the incident stands until then",
                           form == (int)q->form     ? NULL
                           : form == FORM_TELL      ? "an answer is needed"
                           : form == FORM_TAKE_OVER ? "there is one plan to say yes or no to"
                                                    : "there is no plan to confirm");
    decide_alternative(&d, "go on", 0, "it heals sooner", "nobody saw it", q->what);
    return decide_end(&d, form_name(q->form), PPM_ONE, q->what);
}

static void ask(struct engine *e, struct question *q, const struct incident *i,
                const struct op *op) {
    q->message = ++e->next_message;
    q->asked_mono = e->mono;
    send(e, q, i, op);
    q->decision = record(e, q, i, op);
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
    if (op->question.message != 0)
        decision_came_to(e, op->question.decision, "a person answered", RIGHT_UNKNOWN);
    op->question.message = 0;
    op_timer_cancel(e, op, TIMER_ASK);
}

void incident_answered(struct engine *e, struct incident *i) {
    if (i->question.message != 0)
        decision_came_to(e, i->question.decision, "a person answered", RIGHT_UNKNOWN);
    i->question.message = 0;
    incident_timer_cancel(e, i);
}

/* ---- acknowledgements: somebody looks into it, and has not decided yet ---- */

/* The next level is asked when its time from the acknowledgement on is over, not from the question
 * on. False at the last level, and of a question that was answered or is held. */
static bool asked_anew(const struct engine *e, struct question *q, int64_t message) {
    if (q->message == 0 || q->message != message) return false;
    q->asked_mono = e->mono - e->config->human.escalation_ns[q->level];
    return true;
}

static bool question_acknowledged(struct engine *e, int64_t message) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++) {
        struct op *op = &e->ops[k];
        if (!op->in_use || !asked_anew(e, &op->question, message)) continue;
        if (op_timer_armed(op, TIMER_ASK)) op_escalation_arm(e, op);
        return true;
    }
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        struct incident *i = &e->incidents[k];
        if (!i->in_use || !asked_anew(e, &i->question, message)) continue;
        if (!i->waits) incident_escalation_arm(e, i);
        return true;
    }
    return false;
}

void messages_on_acknowledgement(struct engine *e, const struct in_acknowledgement *in) {
    if (!may_approve(e, &in->team, &in->role) && !may_command(e, &in->team, &in->role)) {
        person_refused(e, NULL, "acknowledgement refused", &in->team, &in->role,
                       "not of a team and role that may acknowledge");
        return;
    }
    const struct entry_figure figures[] = {{"message", in->message}};
    bool open = notice_acknowledged(e, in->message) || question_acknowledged(e, in->message);
    audit_figures(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_INFO, NULL, NULL,
                  open ? "a person looks into a message" : "acknowledged: nothing waits for that",
                  NULL, figures, ARRAY_LEN(figures));
}
