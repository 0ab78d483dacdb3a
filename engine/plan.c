/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * From a diagnosed incident to its remedy. Where the policy names nothing but the patch there is
 * nothing to weigh. Else figures are asked of metrics, and of the deploy target what serves and
 * what did before; what is not answered in time is no evidence (remedy.h). Then the operation goes
 * the way of all: intent, conflicts, locks, gates; mitigate.c carries it out.
 */

enum part {
    PART_OWN,
    PART_CPU,
    PART_RATE,
    PART_RATE_BEFORE,
    PART_MEMORY,
    PART_AGE,
    PART_POD,
    PART_POD_NEXT,
    PART_COUNT
};

static enum query_kind asked_of(const struct incident *i, enum part part) {
    bool slow = i->symptom == SYMPTOM_LATENCY;
    switch (part) {
    case PART_CPU: return QUERY_CPU_SHARE;
    case PART_RATE:
    case PART_RATE_BEFORE: return QUERY_REQUEST_RATE;
    case PART_MEMORY: return QUERY_MEMORY_SHARE;
    case PART_AGE: return QUERY_IN_FLIGHT_AGE;
    case PART_POD: return slow ? QUERY_POD_SLOWEST : QUERY_POD_WORST;
    case PART_POD_NEXT: return slow ? QUERY_POD_NEXT_SLOWEST : QUERY_POD_NEXT;
    default: return symptom_query(i->symptom);
    }
}

static struct gate_number *figure_of(struct remedy_facts *f, enum part part) {
    switch (part) {
    case PART_CPU: return &f->cpu;
    case PART_RATE: return &f->rate;
    case PART_RATE_BEFORE: return &f->rate_before;
    case PART_MEMORY: return &f->memory;
    case PART_AGE: return &f->in_flight_age;
    case PART_POD: return &f->pod_worst;
    case PART_POD_NEXT: return &f->pod_next;
    default: return &f->own;
    }
}

static void facts_begin(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    op->plan_mono = e->mono;
    op->weighed = (struct remedy_facts){.symptom = i->symptom,
                                        .limit = breach_limit(e, i->symptom),
                                        .located = i->file.len > 0,
                                        .mitigated = i->mitigated,
                                        .tried = i->tried,
                                        .pod = -1};
    for (enum part part = PART_OWN; part < PART_COUNT; part++)
        *figure_of(&op->weighed, part) = (struct gate_number){.kind = VALUE_UNAVAILABLE};
}

void plan_of_patch(struct engine *e, struct op *op) {
    struct remedy_choice choice;
    facts_begin(e, op);
    remedy_weigh(&e->config->remedies, &op->weighed, &choice);
    plan_record(e, op, &choice);
    op->planned = true;
}

void plan_begin(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    op->step = STEP_PLAN;
    facts_begin(e, op);
    /* before the incident, and before what its alert needs to see of it */
    op->plan_offset_ns = incident_lasts(e, i) + 4 * e->config->detection.rate_window_ns;
    drop_queries(e, OWNER_OP, op_index(e, op));
    op->answers_due = 1; /* the deploy target's */
    for (enum part part = PART_OWN; part < PART_COUNT; part++)
        if (ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, part, asked_of(i, part),
                        op->service, (struct revision_id){0}, e->config->detection.rate_window_ns,
                        part == PART_RATE_BEFORE ? op->plan_offset_ns : 0))
            op->answers_due++;
    op->request = next_request(e);
    emit(e, EFF_ask_deployment)->ask_deployment =
        (struct eff_ask_deployment){op->request, op->id, op->service};
    op_timer_arm(e, op, TIMER_REPLY, e->config->detection.query_timeout_ns);
}

/* ---- what others changed ---- */

/* The newest that may be to blame: by others, of what serves, and not long before. */
static const struct recent_change *blamed(const struct engine *e, const struct op *op,
                                          const struct in_deployment *in) {
    const struct recent_change *newest = NULL;
    for (uint32_t k = 0; k < e->change_count; k++) {
        const struct recent_change *c = &e->changes[k];
        bool kind = c->kind == OPKIND_DEPLOYMENT || c->kind == OPKIND_CONFIGURATION;
        if (!ID_EQ(c->service, op->service) || !kind || c->running) continue;
        if (c->op.v != 0 && c->op.v != NONE_ID64) continue; /* an engine's looks after itself */
        if (!ID_EQ(c->revision, in->serving)) continue;
        if (!newest || c->at_mono > newest->at_mono) newest = c;
    }
    return newest;
}

static bool others_are_changing(const struct engine *e, const struct op *op) {
    for (uint32_t k = 0; k < e->change_count; k++)
        if (ID_EQ(e->changes[k].service, op->service) && e->changes[k].running) return true;
    return false;
}

static void take_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    const struct incident *i = &e->incidents[op->incident];
    struct remedy_facts *f = &op->weighed;
    const struct recent_change *change = blamed(e, op, in);
    op->base = in->serving;
    op->former = in->former;
    op->pods_before = f->pods = in->pods_total;
    op->drained_before = in->drained;
    f->changing = others_are_changing(e, op) || in->candidate.v != 0;
    f->changed = change && in->former.v != 0 && in->candidate.v == 0;
    if (!change) return;
    f->change_age_ns = (e->mono - change->at_mono) - incident_lasts(e, i);
    op->undone_mono = change->at_mono;
}

/* ---- the choice ---- */

static void go(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    struct text what;
    text_set(&what, remedy_name(op->remedy));
    audit(e, CATEGORY_FIX_PLANNING, SEVERITY_INFO, op, i, "a remedy is chosen", &what);
    switch (op->remedy) {
    case REMEDY_PATCH: patch_begin(e, op); break;
    case REMEDY_WAIT:
        op_end(e, op, STATE_CANCELLED, CANCEL_DEFERRED, "waiting is the best there is");
        i->waited = true;
        incident_wait(e, i, 0);
        break;
    default:
        op->revision = op->remedy == REMEDY_ROLL_BACK_CHANGE ? op->former : op->base;
        plan_hash(op);
        admit_begin(e, op);
    }
}

static void choose(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    struct remedy_choice choice;
    op_timer_cancel(e, op, TIMER_REPLY);
    drop_queries(e, OWNER_OP, op_index(e, op));
    op->answers_due = 0;
    remedy_weigh(&e->config->remedies, &op->weighed, &choice);
    plan_record(e, op, &choice);
    op->planned = true;
    if (!choice.any) {
        op_end(e, op, STATE_CANCELLED, CANCEL_REFUSED, "nothing speaks for what the policy allows");
        incident_hand_over(e, i, REASON_NO_REMEDY, "nothing speaks for what the policy allows");
        return;
    }
    op->remedy = choice.chosen;
    op->kind = remedy_kind(choice.chosen);
    op->cures = choice.cures;
    op->amount = choice.amount;
    op->pod = choice.pod;
    go(e, op);
}

static void answered(struct engine *e, struct op *op) {
    if (op->answers_due > 0 && --op->answers_due == 0) choose(e, op);
}

void plan_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                    uint32_t part) {
    if (part >= PART_COUNT) return;
    *figure_of(&op->weighed, (enum part)part) =
        (struct gate_number){(enum value_kind)in->kind, in->micro, e->wall};
    if (part == PART_POD) op->weighed.pod = in->pod;
    answered(e, op);
}

void plan_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    if (op->request == 0) return; /* told twice, it counts once */
    op->request = 0;
    take_deployment(e, op, in);
    answered(e, op);
}

/* Without what serves nothing can be planned; without figures, on what there is. */
void plan_on_silence(struct engine *e, struct op *op) {
    if (op->base.v == 0)
        op_pause(e, op, REASON_DEPLOY_REFUSED, FORM_TAKE_OVER, "the deploy target does not answer");
    else
        choose(e, op);
}
