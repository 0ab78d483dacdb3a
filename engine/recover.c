/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * After a crash. A new incarnation knows nothing but its audit log, which it reads at start anyway:
 * the entries, once verified, are folded into what was open when the last incarnation fell silent.
 * What had not been ordered is ended and its incident diagnosed anew; what had been ordered is
 * taken up under new locks (so with a newer fencing token than whatever the former one still has
 * under way), looked at at the deploy target, and finished if it serves everything, else taken
 * back. Nothing is ordered a second time. What waited for a person is a person's again; a
 * suspension stands until a person lifts it.
 *
 * Only figures count here, never the words of an entry.
 */

static struct trail_op *trail_of_op(struct engine *e, uint64_t id) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->trail_ops[k].op.v == id) return &e->trail_ops[k];
    return NULL;
}

static struct trail_incident *trail_of_incident(struct engine *e, uint64_t id) {
    for (uint32_t k = 0; k < e->config->limits.incidents; k++)
        if (e->trail_incidents[k].incident.v == id) return &e->trail_incidents[k];
    return NULL;
}

static int64_t figure(const struct blob *body, const char *name, int64_t otherwise) {
    int64_t value;
    return entry_number(body, name, &value) ? value : otherwise;
}

void recover_forget(struct engine *e) {
    memset(e->trail_ops, 0, e->config->limits.operations * sizeof *e->trail_ops);
    memset(e->trail_incidents, 0, e->config->limits.incidents * sizeof *e->trail_incidents);
}

/* ---- folding ---- */

static void incident_entry(struct engine *e, const struct blob *body, uint64_t id) {
    struct trail_incident *t = trail_of_incident(e, id);
    int64_t event = figure(body, "event", -1);
    if (event == REPORT_OPENED && !t && (t = trail_of_incident(e, 0)) != NULL) {
        *t = (struct trail_incident){.incident = {id},
                                     .service = {(uint32_t)figure(body, "service", NONE_ID)},
                                     .symptom =
                                         (enum symptom)figure(body, "symptom", SYMPTOM_ERRORS),
                                     .own = figure(body, "own", 0),
                                     .opened_wall = figure(body, "wall_ns", 0)};
        e->incident_walls[e->incident_wall_count++ % PAST_MAX] = t->opened_wall;
    } else if (t && event == REPORT_ESCALATED)
        t->handed_over = true;
    else if (t && (event == REPORT_CLOSED_RESOLVED || event == REPORT_CLOSED_HEALED_BY_ANOTHER))
        memset(t, 0, sizeof *t);
}

static void op_over(struct engine *e, struct trail_op *t, enum op_state how, time_ns wall) {
    bool failed = how == STATE_ROLLED_BACK || how == STATE_FAILED;
    struct trail_incident *i = trail_of_incident(e, t->incident.v);
    e->past[e->past_count++ % PAST_MAX] = (struct past_op){wall, failed};
    e->failures_in_row = failed                   ? e->failures_in_row + 1
                         : how == STATE_COMPLETED ? 0
                                                  : e->failures_in_row;
    if (t->ordered && t->service.v < e->graph.service_count)
        remember_change(e, t->service, t->op, wall, false);
    if (i && how == STATE_ROLLED_BACK) i->rollbacks += t->remedy == REMEDY_PATCH;
    if (i && t->ordered && t->remedy != REMEDY_PATCH) {
        i->tried |= 1u << t->remedy;
        i->mitigated |= how == STATE_COMPLETED; /* what it cured is closed, and forgotten */
    }
    memset(t, 0, sizeof *t);
}

static void lock_entry(struct trail_op *t, const struct blob *body) {
    int64_t scope = figure(body, "scope", -1);
    if (scope < SCOPE_SERVICE || scope > SCOPE_DEPLOYMENT) return;
    t->token[scope - SCOPE_SERVICE] =
        (struct trail_token){.name = figure(body, "name", 0),
                             .epoch = figure(body, "token_epoch", 0),
                             .number = figure(body, "token_number", 0)};
}

static struct trail_op *op_began(struct engine *e, const struct blob *body, uint64_t id,
                                 uint64_t incident) {
    struct trail_incident *i = trail_of_incident(e, incident);
    struct trail_op *t = trail_of_op(e, 0);
    int64_t service = figure(body, "service", NONE_ID);
    if (!i || !t || service < 0 || service >= e->graph.service_count) return NULL;
    *t = (struct trail_op){
        .op = {id}, .incident = {incident}, .service = {(uint32_t)service}, .state = STATE_INIT};
    i->operations++;
    i->service = t->service;
    return t;
}

static void op_entry(struct engine *e, const struct blob *body, int64_t category, uint64_t id,
                     uint64_t incident) {
    struct trail_op *t = trail_of_op(e, id);
    if (!t && category == CATEGORY_FIX_PLANNING) t = op_began(e, body, id, incident);
    if (!t) return;
    int64_t state = figure(body, "state", -1), revision = figure(body, "revision", -1);
    if (category == CATEGORY_STATE_TRANSITION && state >= 0 && state < STATE_COUNT) {
        t->state = (enum op_state)state;
        if (state_is_final(t->state) || t->state == STATE_FAILED)
            op_over(e, t, t->state, figure(body, "wall_ns", 0));
    } else if (category == CATEGORY_DEPLOYMENT && revision >= 0) {
        if (!t->ordered) t->ordered_wall = figure(body, "wall_ns", 0);
        t->ordered = true;
        t->revision.v = (uint32_t)revision;
        t->base.v = (uint32_t)figure(body, "base", 0);
        int64_t remedy = figure(body, "remedy", REMEDY_PATCH);
        t->remedy = remedy >= 0 && remedy < REMEDY_COUNT ? (enum remedy)remedy : REMEDY_PATCH;
        t->amount = figure(body, "amount", 0);
        t->pod = figure(body, "pod", -1);
        t->pods_before = figure(body, "pods", 0);
        t->drained_before = figure(body, "drained", 0);
    } else if (category == CATEGORY_LOCK_OPERATION)
        lock_entry(t, body);
}

void recover_on_entry(struct engine *e, const struct blob *body) {
    struct text category = entry_text(body, "category");
    int kind = category_of(category.s, category.len);
    uint64_t op = (uint64_t)figure(body, "operation", 0);
    uint64_t incident = (uint64_t)figure(body, "incident", 0);
    int64_t suspended = figure(body, "suspended", -1);
    if (suspended >= 0) {
        e->trail_suspended = suspended != 0;
        e->trail_reason = (enum reason)figure(body, "reason", REASON_PERSON_PAUSE);
    }
    int64_t mode = figure(body, "mode", -1);
    if (mode >= 0 && mode < MODE_COUNT) e->mode = (enum mode)mode;
    if (kind == CATEGORY_INCIDENT_DETECTION && incident != 0)
        incident_entry(e, body, incident);
    else if (op != 0 && incident != 0)
        op_entry(e, body, kind, op, incident);
}

/* ---- taking up ---- */

static void diagnose_again(struct engine *e, struct incident *i) {
    i->stage = INCIDENT_GATHERING;
    i->candidate_count = i->answers_due = 0;
    memset(i->source_answered, 0, sizeof i->source_answered);
    diagnose_begin(e, i);
}

static bool has_operation(struct engine *e, const struct trail_incident *t) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->trail_ops[k].op.v != 0 && ID_EQ(e->trail_ops[k].incident, t->incident)) return true;
    return false;
}

static void take_up_incident(struct engine *e, const struct trail_incident *t) {
    struct incident *i = incident_slot(e);
    if (!i || t->service.v >= e->graph.service_count) return;
    i->id = t->incident;
    i->alerted = i->service = t->service;
    i->symptom = t->symptom;
    i->own_now = t->own;
    i->opened_wall = i->since_wall = t->opened_wall;
    i->opened_mono = mono_of(e, t->opened_wall);
    i->operations = t->operations;
    i->rollbacks = t->rollbacks;
    i->mitigated = t->mitigated;
    i->tried = t->tried;
    audit(e, CATEGORY_INCIDENT_DETECTION, SEVERITY_WARNING, NULL, i,
          "taken up again after a restart", NULL);
    if (t->handed_over) {
        i->stage = INCIDENT_HANDED_OVER;
        if (!has_operation(e, t))
            incident_ask(e, i, FORM_TAKE_OVER, SEVERITY_CRITICAL, REASON_ENGINE_RESTARTED, NULL,
                         "the engine restarted; the incident is still yours");
    } else if (has_operation(e, t))
        i->stage = INCIDENT_HEALING;
    else
        diagnose_again(e, i);
}

/* Under the tokens that the log knows; what has run out meanwhile the store refuses. */
static void let_go(struct engine *e, const struct trail_op *t) {
    for (int k = OP_LOCKS - 1; k >= 0; k--)
        if (t->token[k].number > 0)
            emit(e, EFF_lock_release)->lock_release = (struct eff_lock_release){
                next_request(e),   t->op, SCOPE_SERVICE + k, t->token[k].name, t->token[k].epoch,
                t->token[k].number};
}

static void give_up(struct engine *e, struct op *op, bool was_a_persons) {
    struct incident *i = &e->incidents[op->incident];
    op_give_up(e, op, CANCEL_DEFERRED, "the engine restarted before anything was ordered");
    if (i->stage == INCIDENT_HANDED_OVER || was_a_persons) {
        i->stage = INCIDENT_HANDED_OVER;
        incident_ask(e, i, FORM_TAKE_OVER, SEVERITY_CRITICAL, REASON_ENGINE_RESTARTED, NULL,
                     "the engine restarted while a person was asked");
    } else
        diagnose_again(e, i);
}

static void take_up_op(struct engine *e, const struct trail_op *t) {
    struct incident *i = incident_by_id(e, t->incident);
    struct op *op = i ? op_take(e) : NULL;
    let_go(e, t);
    if (!op) return;
    i->op = op_index(e, op);
    op->incident = incident_index(e, i);
    op->id = t->op;
    op->service = t->service;
    op->kind = remedy_kind(t->remedy);
    op->planned = true;
    op->remedy = t->remedy;
    op->cures = t->remedy == REMEDY_ROLL_BACK_CHANGE; /* of pods: taken back, not watched */
    op->amount = t->amount;
    op->pod = t->pod;
    op->pods_before = t->pods_before;
    op->drained_before = t->drained_before;
    if (t->remedy != REMEDY_PATCH) op->canary.gauges[1].latency.kind = VALUE_UNAVAILABLE;
    op->state = t->state;
    op->base = t->base;
    op->revision = t->revision;
    op->served = op->served_before = t->ordered;
    op->canary.first_mono = mono_of(e, t->ordered_wall);
    op->registered = op->taken_up = true;
    op->step = STEP_RECOVER;
    for (int k = 0; k < OP_LOCKS; k++) op->lock[k].generation = (int64_t)e->incarnation << 20;
    op_limit_arm(e, op, e->config->states.limit_ns[op->state]);
    audit(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_WARNING, op, i, "taken up again after a restart",
          NULL);
    if (!t->ordered) {
        give_up(e, op, t->state == STATE_PAUSED);
    } else if (t->state == STATE_PAUSED) {
        op->paused_from = STATE_IN_PROGRESS;
        op->paused_step = STEP_RECOVER;
        op->paused_why = REASON_ENGINE_RESTARTED;
        op->step = STEP_PERSON;
        op_ask(e, op, FORM_TAKE_OVER, REASON_ENGINE_RESTARTED,
               "the engine restarted; a stage may serve");
    } else {
        op->unlocked_step = STEP_RECOVER;
        lock_begin(e, op);
    }
}

static bool anything_left(struct engine *e) {
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        struct trail_incident *t = &e->trail_incidents[k];
        if (t->incident.v == 0 || t->taken_up) continue;
        t->taken_up = true;
        take_up_incident(e, t);
        return true;
    }
    for (uint32_t k = 0; k < e->config->limits.operations; k++) {
        struct trail_op *t = &e->trail_ops[k];
        if (t->op.v == 0) continue;
        take_up_op(e, t);
        memset(t, 0, sizeof *t);
        return true;
    }
    return false;
}

/* One of them a step, incidents first. */
void recover_next(struct engine *e) {
    if (e->trail_suspended && !e->suspended)
        suspend(e, e->trail_reason, "still suspended after a restart: a person has to lift it");
    else if (!anything_left(e)) {
        e->verifying = false;
        recover_forget(e);
        if (!e->suspended) round_begin(e); /* what was noticed meanwhile */
        return;
    }
    engine_timer_arm(e, ENGINE_TIMER_RECOVER, 0);
}

/* ---- looking at what had been ordered ---- */

void recover_look(struct engine *e, struct op *op) {
    op->step = STEP_RECOVER;
    op->request = next_request(e);
    emit(e, EFF_ask_deployment)->ask_deployment =
        (struct eff_ask_deployment){op->request, op->id, op->service};
    op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
}

/* Once more under the new token, even where nothing seems to serve: an order of the former
 * incarnation may be under way, and is refused from then on. */
void recover_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    struct incident *i = &e->incidents[op->incident];
    if (in->status != DEPLOY_STATE) return;
    op_timer_cancel(e, op, TIMER_REPLY);
    bool whole = ID_EQ(in->serving, op->revision) && in->candidate.v == 0;
    bool partly = ID_EQ(in->candidate, op->revision) || ID_EQ(in->serving, op->base);
    bool patch = op->remedy == REMEDY_PATCH;
    if (remedy_of_pods(op->remedy)) /* whether it helps died with the former one's figures */
        rollback_begin(e, op, "the engine restarted in the middle of it");
    else if (whole) {
        report(e, patch ? REPORT_PROMOTED : REPORT_REMEDIED, i, op,
               patch ? (int64_t)e->config->canary.stage_count - 1 : op->remedy);
        verify_begin(e, op);
    } else if (partly)
        rollback_begin(e, op, "the engine restarted in the middle of it");
    else {
        op_end(e, op, STATE_FAILED, CANCEL_DEFERRED, "another revision serves since");
        incident_hand_over(e, i, REASON_ENGINE_RESTARTED, "another revision serves since");
    }
}

/* The patch was not to blame: its incident is looked at as a new one is. */
void recover_restored(struct engine *e, struct incident *i) {
    if (i->stage != INCIDENT_HANDED_OVER) diagnose_again(e, i);
}
