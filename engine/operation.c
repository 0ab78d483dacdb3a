/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

#include "engine/base/check.h"

/*
 * The life of one operation: nine states by the table in words.def, each transition audited, each
 * state with a limit that stops while a person decides. op_move is the only writer of op->state.
 */

struct op *op_by_id(struct engine *e, struct op_id id) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->ops[k].in_use && ID_EQ(e->ops[k].id, id)) return &e->ops[k];
    return NULL;
}

void op_limit_arm(struct engine *e, struct op *op, time_ns limit) {
    op->state_began_mono = e->mono;
    op->state_left_ns = limit;
    if (limit > 0)
        op_timer_arm(e, op, TIMER_STATE, limit);
    else
        op_timer_cancel(e, op, TIMER_STATE);
}

void op_move(struct engine *e, struct op *op, enum op_state to, const char *why) {
    enum op_state from = op->state;
    ASSERT(state_may_follow(from, to));
    op->state = to;
    struct text detail;
    text_set(&detail, state_name(to));
    audit_figures(e, CATEGORY_STATE_TRANSITION, SEVERITY_INFO, op, NULL, why, &detail,
                  &(struct entry_figure){"state", to}, 1);
    report(e, REPORT_STATE, &e->incidents[op->incident], op, to);
    if (to == STATE_PAUSED) { /* the former state's limit stops; the pause has its own */
        time_ns limit = op->state_left_ns, left = limit - (e->mono - op->state_began_mono);
        op_limit_arm(e, op, e->config->states.limit_ns[STATE_PAUSED]);
        op->state_left_ns = limit == 0 ? 0 : left > 0 ? left : 1; /* 0: none */
    } else if (from == STATE_PAUSED && !state_is_final(to))
        op_limit_arm(e, op, op->state_left_ns);
    else if (!state_is_final(to))
        op_limit_arm(e, op, e->config->states.limit_ns[to]);
}

struct op *op_take(struct engine *e) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++) {
        struct op *op = &e->ops[k];
        if (op->in_use) continue;
        int64_t generations[TIMER_COUNT]; /* outlive the slot: old timers must stay stale */
        memcpy(generations, op->timer_generation, sizeof generations);
        memset(op, 0, sizeof *op);
        memcpy(op->timer_generation, generations, sizeof generations);
        op->in_use = true;
        return op;
    }
    return NULL;
}

static bool at_work(const struct engine *e, struct svc_id service) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->ops[k].in_use && ID_EQ(e->ops[k].service, service)) return true;
    return false;
}

void incident_wait(struct engine *e, struct incident *i, time_ns wait) {
    i->waits = true;
    incident_timer_arm(e, i, wait > 0 ? wait : e->config->locking.backoff_max_ns);
}

void op_open(struct engine *e, struct incident *i) {
    if (e->suspended || e->verifying || e->mode == MODE_OBSERVE) return;
    if (i->advised && e->mode != MODE_ACT) return; /* once is enough */
    i->advised = false;
    if (at_work(e, i->service)) { /* one remedy a service, whatever the alerts are called */
        i->waited = true;
        incident_wait(e, i, 0);
        return;
    }
    /* a loop of remedies needs a brake */
    if (i->operations >= e->config->limits.operations_per_incident ||
        i->rollbacks >= e->config->human.failures_in_row) {
        incident_hand_over(e, i, REASON_TWO_FAILURES, "it was tried often enough");
        return;
    }
    struct op *op = op_take(e);
    if (!op) {
        refuse(e, "operation: max_concurrent_operations run", e->config->limits.operations);
        incident_hand_over(e, i, REASON_CAPACITY, "too many operations at once");
        return;
    }
    i->operations++;
    i->op = op_index(e, op);
    op->incident = incident_index(e, i);
    op->id.v =
        ((uint64_t)e->config->engine << 48) | ((uint64_t)e->incarnation << 32) | ++e->next_op;
    op->service = i->service;
    op->kind = OPKIND_DEPLOYMENT;
    op->state = STATE_INIT;
    op->feedback = i->feedback;
    op->waited = i->waited; /* then the cause may be gone */
    op_limit_arm(e, op, e->config->states.limit_ns[STATE_INIT]);
    if (remedies_beside(&e->config->remedies)) {
        audit(e, CATEGORY_FIX_PLANNING, SEVERITY_INFO, op, i, "remedies are weighed", NULL);
        report(e, REPORT_STATE, i, op, STATE_INIT);
        plan_begin(e, op);
        return;
    }
    plan_of_patch(e, op);
    audit(e, CATEGORY_FIX_PLANNING, SEVERITY_INFO, op, i, "a patch is planned", NULL);
    report(e, REPORT_STATE, i, op, STATE_INIT);
    patch_begin(e, op);
}

static void remember_past(struct engine *e, const struct op *op, bool failed) {
    e->past[e->past_count++ % PAST_MAX] = (struct past_op){e->wall, failed};
    if (op->served) remember_change(e, op->service, op->id, e->wall, false);
}

void op_end(struct engine *e, struct op *op, enum op_state how, enum cancel_reason cancel,
            const char *why) {
    ASSERT(state_is_final(how) || how == STATE_FAILED);
    struct incident *i = &e->incidents[op->incident];
    op_move(e, op, how, cancel == CANCEL_NONE ? why : cancel_name(cancel));
    for (int timer = 0; timer < TIMER_COUNT; timer++) op_timer_cancel(e, op, (enum op_timer)timer);
    drop_pending(e, op->id);
    drop_queries(e, OWNER_OP, op_index(e, op));
    lock_release_all(e, op);
    if (op->registered) withdraw(e, op->id);
    bool failed = how == STATE_ROLLED_BACK || how == STATE_FAILED;
    remember_past(e, op, failed);
    decisions_of_op(e, op, how, cancel);
    if (failed)
        e->failures_in_row++;
    else if (how == STATE_COMPLETED)
        e->failures_in_row = 0;
    i->op = NO_INDEX;
    op->in_use = false;
    if (i->stage == INCIDENT_HANDED_OVER) fading_begin(e, i); /* perhaps nothing is left to do */
}

/* The table has no way from IN_PROGRESS to CANCELLED, not even where its first stage never left. */
void op_give_up(struct engine *e, struct op *op, enum cancel_reason cancel, const char *why) {
    op_end(e, op, op->state == STATE_IN_PROGRESS ? STATE_FAILED : STATE_CANCELLED, cancel, why);
}

void op_refuse(struct engine *e, struct op *op, const char *why) {
    struct incident *i = &e->incidents[op->incident];
    i->stage = INCIDENT_HANDED_OVER;
    if (!op->served)
        op_give_up(e, op, CANCEL_REJECTED, why);
    else if (!rollback_begin(e, op, why) && op->state == STATE_PAUSED)
        tell(e, SEVERITY_CRITICAL, REASON_ROLLBACK_FAILED, i, op,
             "it may not act: going back is yours");
}

bool op_is_approved(const struct engine *e, const struct op *op, enum reason finding) {
    return op->approved && op->paused_why == finding &&
           e->mono - op->approved_mono < e->config->human.approval_life_ns;
}

int64_t failed_operations(const struct engine *e, time_ns window) {
    uint32_t kept = e->past_count < PAST_MAX ? e->past_count : PAST_MAX;
    int64_t count = 0;
    for (uint32_t k = 0; k < kept; k++)
        if (e->past[k].failed && e->wall - e->past[k].ended_wall < window) count++;
    return count;
}

bool op_holds_locks(const struct op *op) {
    for (int k = 0; k < OP_LOCKS; k++)
        if (!op->lock[k].held) return false;
    return true;
}

bool op_may_act(const struct engine *e, const struct op *op) {
    if (e->suspended || !op_holds_locks(op)) return false;
    for (int k = 0; k < OP_LOCKS; k++)
        if (e->mono >= op->lock[k].lease_mono - lock_margin(e)) return false;
    return true;
}

void op_pause(struct engine *e, struct op *op, enum reason why, enum message_form form,
              const char *what) {
    struct incident *i = &e->incidents[op->incident];
    if (op->state == STATE_PAUSED) return;
    op->paused_from = op->state;
    op->paused_step = op->step;
    op->paused_why = why;
    op->approved = false;
    op_move(e, op, STATE_PAUSED, reason_name(why));
    op->step = STEP_PERSON;
    op_timer_cancel(e, op, TIMER_WAIT);
    op_timer_cancel(e, op, TIMER_REPLY);
    drop_pending(e, op->id);
    if (op->paused_from == STATE_INIT) lock_release_all(e, op); /* INIT holds none */
    if (!op->served) { /* what serves is watched on; nothing else may be judged meanwhile */
        op_timer_cancel(e, op, TIMER_LOOK);
        drop_queries(e, OWNER_OP, op_index(e, op));
    }
    if (form == FORM_TELL)
        tell(e, SEVERITY_WARNING, why, i, op, what);
    else
        op_ask(e, op, form, why, what);
}

const char *op_resume_refused(const struct engine *e, const struct op *op) {
    if (op->state != STATE_PAUSED || op->step != STEP_PERSON) return "the operation is not paused";
    if (e->mode != MODE_ACT && op->paused_from == STATE_IN_PROGRESS)
        return "the mode is not to act: that is set first";
    return NULL;
}

/* Goes on where it was paused. One that goes back already does not turn round. */
void op_resume(struct engine *e, struct op *op) {
    if (op->state != STATE_PAUSED || op->step != STEP_PERSON) return;
    op_answered(e, op);
    op->held = false;
    op_move(e, op, op->paused_from, "resumed by a person");
    op->step = op->paused_step;
    op_go_on(e, op);
}

bool op_stalled(const struct op *op) {
    return op->state != STATE_PAUSED && !op_timer_armed(op, TIMER_REPLY) &&
           !op_timer_armed(op, TIMER_WAIT) && !op_timer_armed(op, TIMER_LOOK);
}

/* What was decided before is decided again, and locks that were lost are taken again first. */
void op_go_on(struct engine *e, struct op *op) {
    op->waited = true;
    if (op->state == STATE_INIT)
        lock_release_all(e, op);
    else if (!op_holds_locks(op)) {
        if (op->step != STEP_LOCK && op->step != STEP_BACKOFF) op->unlocked_step = op->step;
        lock_release_all(e, op);
        lock_begin(e, op);
        return;
    }
    switch (op->state) {
    case STATE_INIT:
        if (!op->planned)
            plan_begin(e, op);
        else if (op->checks_known || op->remedy != REMEDY_PATCH)
            admit_begin(e, op);
        else
            patch_begin(e, op);
        break;
    case STATE_LOCKED: persist_check(e, op); break;
    case STATE_SAFETY_CHECK: gates_begin(e, op); break;
    default: canary_resume(e, op); break;
    }
}

/* A pause that ends goes back. That may fail again, or have to wait until automation goes on: it is
 * tried once more after as long. Who has no lock any more cannot, and says so by its end. */
static void pause_over(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    op_timer_arm(e, op, TIMER_STATE, e->config->states.limit_ns[STATE_PAUSED]);
    if (rollback_begin(e, op, "nobody answered") || e->suspended) return;
    op_end(e, op, STATE_FAILED, CANCEL_TIMEOUT, "nobody answered, and it may not act");
    incident_hand_over(e, i, REASON_TIMEOUT, "a stage serves that nobody may take back");
}

static void limit_reached(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    if (op->served && op->state == STATE_PAUSED)
        pause_over(e, op);
    else if (op->served)
        rollback_begin(e, op, "the state's limit ran out");
    else {
        op_give_up(e, op, CANCEL_TIMEOUT, "the state's limit ran out");
        incident_hand_over(e, i, REASON_TIMEOUT, "an operation ran out of time");
    }
}

enum op_step op_step_of(const struct op *op) {
    return op->step == STEP_PERSON ? op->paused_step : op->step;
}

void op_step_set(struct op *op, enum op_step step) {
    if (op->step == STEP_PERSON)
        op->paused_step = step;
    else
        op->step = step;
}

static void silence(struct engine *e, struct op *op) {
    switch (op_step_of(op)) {
    case STEP_PATCH:
    case STEP_CHECKS: patch_on_timeout(e, op); break;
    case STEP_BASE:
    case STEP_REBASE:
    case STEP_ORDER:
    case STEP_REMEDY:
    case STEP_RECOVER:
        op_pause(e, op, REASON_DEPLOY_REFUSED, FORM_TAKE_OVER, "the deploy target does not answer");
        break;
    case STEP_PLAN: plan_on_silence(e, op); break;
    case STEP_PERSIST:
    case STEP_GATES:
        op_pause(e, op, REASON_NO_DATA, FORM_TAKE_OVER, "metrics do not answer");
        break;
    case STEP_WATCH: verify_on_silence(e, op); break;
    case STEP_BACK:
    case STEP_BACK_CHECK: rollback_failed(e, op); break;
    default: store_silent(e, op); break;
    }
}

static void wait_over(struct engine *e, struct op *op) {
    if (e->suspended)
        op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_max_ns);
    else if (op->step == STEP_RETRY_AFTER)
        patch_request(e, op);
    else if (op->step == STEP_COOLDOWN)
        admit_begin(e, op);
    else if (op->step == STEP_PERSIST)
        persist_again(e, op);
    else if (op->step == STEP_REORDER || op->step == STEP_REMEDY)
        canary_resume(e, op);
    else if (op->step == STEP_BACK)
        rollback_again(e, op, "back again, to the pods that were out of reach");
    else
        lock_on_wait_over(e, op);
}

void op_on_timer(struct engine *e, struct op *op, enum op_timer timer) {
    switch (timer) {
    case TIMER_STATE: limit_reached(e, op); break;
    case TIMER_REPLY: silence(e, op); break;
    case TIMER_RENEW: lock_renew_all(e, op); break;
    case TIMER_STORE: store_silent(e, op); break;
    case TIMER_LEASE: lock_lost(e, op, "it could not be renewed in time"); break;
    case TIMER_LOOK:
        if (op_step_of(op) == STEP_WATCH)
            verify_look(e, op);
        else
            canary_look(e, op);
        break;
    case TIMER_WAIT: wait_over(e, op); break;
    case TIMER_ASK: op_unanswered(e, op); break;
    default: break;
    }
}
