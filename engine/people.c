/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/authority.h"

/*
 * What people answer. Of two who disagree the more cautious holds, whoever answers first: a no
 * outranks "taken over", which outranks a yes or a correction; and two who name different services
 * are a no. A no that comes after a yes takes back what the yes let go on; a yes that comes after a
 * no is refused. Cautious is what changes less without a person.
 */

static void refused(struct engine *e, const struct op *op, const struct in_person_decision *in,
                    const char *why) {
    person_refused(e, op, "answer refused", &in->team, &in->role, why);
}

static struct approval approval_of(const struct in_person_decision *in) {
    return (struct approval){in->approval, in->plan, in->issued_wall};
}

static void disagree(struct engine *e, const struct incident *i, const struct op *op) {
    tell(e, SEVERITY_CRITICAL, REASON_PEOPLE_DISAGREE, i, op,
         "two people disagree: the more cautious answer holds");
}

/* ---- about an operation ---- */

/* For this plan, within its life: op_is_approved looks at that when it matters. A suspended engine
 * keeps it until automation goes on. */
static void approve(struct engine *e, struct op *op, const struct in_person_decision *in) {
    struct approval approval = approval_of(in);
    const char *why = op_resume_refused(e, op);
    if (!why)
        why = op->held ? "somebody holds the operation: it takes a resume"
                       : approval_refused(e, &approval, &op->plan);
    if (why) {
        refused(e, op, in, why);
        return;
    }
    op_answered(e, op);
    op->answered = (struct answer_given){in->message, ANSWER_YES};
    op->approved = true;
    op->approved_mono = e->mono - approval_age(e, &approval);
    if (!e->suspended) op_resume(e, op);
}

static void decide_operation(struct engine *e, struct op *op, const struct in_person_decision *in) {
    bool first = op->question.message == in->message;
    switch ((enum answer)in->answer) {
    case ANSWER_YES:
        if (first)
            approve(e, op, in);
        else if (op->answered.answer != ANSWER_YES)
            refused(e, op, in, "somebody else said no before");
        break;
    case ANSWER_NO:
        if (!first && op->answered.answer == ANSWER_NO) break;
        if (!first) disagree(e, &e->incidents[op->incident], op);
        op->answered = (struct answer_given){in->message, ANSWER_NO};
        op_answered(e, op);
        op_refuse(e, op, first ? "a person said no" : "a person said no after another's yes");
        break;
    case ANSWER_TAKEN_OVER: /* the pause and the question stand until somebody resumes it */
        if (!first) break;
        op->held = true;
        op_timer_cancel(e, op, TIMER_ASK);
        break;
    default: break;
    }
}

/* ---- about a diagnosis, or an incident that is a person's ---- */

static void take_from_engine(struct engine *e, struct incident *i, const char *why) {
    struct op *op = i->op == NO_INDEX ? NULL : &e->ops[i->op];
    incident_timer_cancel(e, i);
    if (op)
        op_refuse(e, op, why);
    else
        i->stage = INCIDENT_HANDED_OVER;
}

/* After another's answer to the same question: more cautious, or too late. */
static void decide_again(struct engine *e, struct incident *i,
                         const struct in_person_decision *in) {
    bool yes = in->answer == ANSWER_YES || in->answer == ANSWER_CORRECTION;
    bool stood = i->answered.answer == ANSWER_YES || i->answered.answer == ANSWER_CORRECTION;
    if (yes && !stood) refused(e, NULL, in, "somebody else said no before");
    if (!stood || (yes && ID_EQ(in->service, i->service))) return;
    i->answered.answer = ANSWER_NO;
    disagree(e, i, NULL);
    take_from_engine(e, i, "two people disagree about the cause");
}

static void confirm(struct engine *e, struct incident *i, const struct in_person_decision *in) {
    struct approval approval = approval_of(in);
    bool yes = in->answer == ANSWER_YES;
    const char *why = approval_refused(e, &approval, &i->plan);
    if (!why && !yes && in->service.v >= e->graph.service_count) why = "a service nobody knows";
    if (why) {
        refused(e, NULL, in, why);
        return;
    }
    incident_answered(e, i);
    i->answered = (struct answer_given){in->message, (enum answer)in->answer};
    decision_came_to(e, i->decided[DECISION_RCA_ANALYSIS],
                     yes ? "a person confirmed it" : "a person named another service",
                     yes ? RIGHT_YES : RIGHT_NO);
    i->decided[DECISION_RCA_ANALYSIS] = 0;
    diagnose_confirmed(e, i, yes ? i->diagnosis.service : in->service);
}

static void decide_diagnosis(struct engine *e, struct incident *i,
                             const struct in_person_decision *in) {
    bool yes = in->answer == ANSWER_YES || in->answer == ANSWER_CORRECTION;
    if (i->question.message != in->message)
        decide_again(e, i, in);
    else if (i->stage == INCIDENT_CONFIRMING && yes)
        confirm(e, i, in);
    else {
        incident_answered(e, i);
        i->answered = (struct answer_given){in->message, ANSWER_NO};
        if (yes)
            i->stage = INCIDENT_HANDED_OVER;
        else /* with what an answer to another question let go on */
            take_from_engine(e, i, "a person said no");
    }
}

/* ---- whose it is ---- */

static bool is_about(const struct question *open, const struct answer_given *answered,
                     int64_t message) {
    return open->message == message || answered->message == message;
}

void people_on_decision(struct engine *e, const struct in_person_decision *in) {
    if (!may_approve(e, &in->team, &in->role)) {
        refused(e, NULL, in, "not of a team and role that may approve");
        return;
    }
    audit(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_INFO, NULL, NULL, answer_name(in->answer),
          &in->notes);
    if (in->message == 0) return;
    for (uint32_t k = 0; k < e->config->limits.operations; k++) {
        struct op *op = &e->ops[k];
        if (!op->in_use || !is_about(&op->question, &op->answered, in->message)) continue;
        decide_operation(e, op, in);
        return;
    }
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        struct incident *i = &e->incidents[k];
        if (!i->in_use || !is_about(&i->question, &i->answered, in->message)) continue;
        decide_diagnosis(e, i, in);
        return;
    }
}
