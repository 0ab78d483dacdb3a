/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Locks in canonical order: SERVICE, INCIDENT, DEPLOYMENT, one after the other. A lease is counted
 * from the moment the request left, by the engine's own monotonic clock, so it ends here before it
 * ends at the store; a grant that comes after a wait is renewed before it is believed, because its
 * message may have been under way for long. Every wait has a generation: a grant of an older one is
 * given back, and the store offers it to the next. Unreachable is not held: no answer suspends
 * automation at once.
 */

static struct op_lock *lock_asked(struct op *op) { return &op->lock[op->lock_next]; }

static struct op_lock *lock_named(struct op *op, int64_t scope, int64_t name) {
    for (int k = 0; k < OP_LOCKS; k++)
        if ((int64_t)op->lock[k].scope == scope && op->lock[k].name == name) return &op->lock[k];
    return NULL;
}

void lock_note(struct engine *e, const struct op *op, enum severity severity, const char *what,
               const struct op_lock *lock, const struct text *detail) {
    struct text scope;
    text_set(&scope, scope_name(lock->scope));
    audit(e, CATEGORY_LOCK_OPERATION, severity, op, NULL, what, detail ? detail : &scope);
}

static void note(struct engine *e, const struct op *op, enum severity severity, const char *what,
                 const struct op_lock *lock) {
    lock_note(e, op, severity, what, lock, NULL);
}

/* By its token a later incarnation lets it go. */
static void note_granted(struct engine *e, const struct op *op, const struct op_lock *lock) {
    const struct entry_figure figures[] = {{"scope", lock->scope},
                                           {"name", lock->name},
                                           {"token_epoch", lock->token_epoch},
                                           {"token_number", lock->token_number}};
    struct text scope;
    text_set(&scope, scope_name(lock->scope));
    audit_figures(e, CATEGORY_LOCK_OPERATION, SEVERITY_INFO, op, NULL, "lock granted", &scope,
                  figures, ARRAY_LEN(figures));
}

void lock_begin(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    const struct {
        enum lock_scope scope;
        int64_t name;
    } wanted[OP_LOCKS] = {{SCOPE_SERVICE, op->service.v},
                          {SCOPE_INCIDENT, (int64_t)i->id.v},
                          {SCOPE_DEPLOYMENT, op->service.v}};
    for (int k = 0; k < OP_LOCKS; k++) {
        int64_t generation = op->lock[k].generation;
        op->lock[k] = (struct op_lock){
            .scope = wanted[k].scope, .name = wanted[k].name, .generation = generation};
    }
    op->lock_next = 0;
    lock_next(e, op);
}

static void all_held(struct engine *e, struct op *op) {
    if (e->config->locking.renew_interval_ns > 0)
        op_timer_arm(e, op, TIMER_RENEW, e->config->locking.renew_interval_ns);
    op->lock_attempt = 0;
    if (op->state == STATE_INIT) {
        op_move(e, op, STATE_LOCKED, "all locks are held");
        persist_check(e, op);
    } else { /* they had been lost under way */
        op->step = op->unlocked_step;
        op_go_on(e, op);
    }
}

time_ns lock_margin(const struct engine *e) {
    time_ns share = ppm_mul(e->config->locking.ttl_ns, e->config->locking.margin_ppm);
    return share > e->config->locking.margin_min_ns ? share : e->config->locking.margin_min_ns;
}

static void lease_timer(struct engine *e, struct op *op) {
    time_ns first = TIME_NEVER;
    for (int k = 0; k < OP_LOCKS; k++)
        if (op->lock[k].held && op->lock[k].lease_mono < first) first = op->lock[k].lease_mono;
    if (first != TIME_NEVER) op_timer_arm(e, op, TIMER_LEASE, first - lock_margin(e) - e->mono);
}

void lock_next(struct engine *e, struct op *op) {
    if (op->lock_next == OP_LOCKS) {
        all_held(e, op);
        return;
    }
    struct op_lock *lock = lock_asked(op);
    struct text why;
    if (lock_order_broken(op, lock, &why)) { /* before it reaches the store */
        lock_refuse(e, op, lock, &why);
        return;
    }
    op->step = STEP_LOCK;
    if (e->suspended) return; /* goes on when a person lifts that */
    lock->generation++;
    lock->asked = true;
    lock->asked_mono = e->mono;
    op->request = next_request(e);
    emit(e, EFF_lock_acquire)->lock_acquire = (struct eff_lock_acquire){
        op->request,          op->id,          lock->scope, lock->name, e->config->locking.ttl_ns,
        op->lock_attempt + 1, lock->generation};
    op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
}

static void renew(struct engine *e, struct op *op, struct op_lock *lock) {
    lock->asked_mono = e->mono;
    lock->renewals++;
    lock->renewal = next_request(e);
    emit(e, EFF_lock_renew)->lock_renew = (struct eff_lock_renew){lock->renewal,
                                                                  op->id,
                                                                  lock->scope,
                                                                  lock->name,
                                                                  e->config->locking.ttl_ns,
                                                                  lock->token_epoch,
                                                                  lock->token_number};
    op_timer_arm(e, op, TIMER_STORE, e->config->locking.reply_timeout_ns);
}

/* The store's record decides how long, but never longer than was asked for. */
static void lease_begin(struct engine *e, struct op_lock *lock, const struct in_lock_reply *in) {
    time_ns ttl = e->config->locking.ttl_ns;
    lock->lease_mono =
        time_add(lock->asked_mono, in->expires_in_ns < ttl ? in->expires_in_ns : ttl);
}

static void take(struct engine *e, struct op *op, struct op_lock *lock,
                 const struct in_lock_reply *in) {
    lock->held = true;
    lock->asked = lock->granted = false;
    lock->since_mono = e->mono;
    lease_begin(e, lock, in);
    note_granted(e, op, lock);
    lease_timer(e, op);
    op->lock_next++;
    lock_next(e, op);
}

static void give_back(struct engine *e, const struct in_lock_reply *in) {
    emit(e, EFF_lock_release)->lock_release = (struct eff_lock_release){
        next_request(e), in->op, in->scope, in->name, in->token_epoch, in->token_number};
}

static bool waits_for(struct op *op, const struct op_lock *lock) {
    return op->step == STEP_LOCK && op->lock_next < OP_LOCKS && lock == lock_asked(op) &&
           lock->asked;
}

static void granted(struct engine *e, struct op *op, struct op_lock *lock,
                    const struct in_lock_reply *in) {
    if ((lock->held || lock->granted) && lock->token_epoch == in->token_epoch &&
        lock->token_number == in->token_number)
        return; /* told twice */
    bool waiting = waits_for(op, lock);
    /* It crossed our leave, and we ask anew: to the store that is the same hold, which it grants
     * again under the new generation. To give it back now would take that one from us. */
    if (waiting && in->generation < lock->generation) return;
    if (!waiting || in->generation != lock->generation) {
        give_back(e, in);
        return;
    }
    bool after_wait = op_timer_armed(op, TIMER_WAIT);
    op_timer_cancel(e, op, TIMER_REPLY);
    op_timer_cancel(e, op, TIMER_WAIT);
    if (e->suspended) { /* nothing is begun: it asks anew when a person lifts that */
        lock->asked = false;
        give_back(e, in);
        return;
    }
    lock->token_epoch = in->token_epoch;
    lock->token_number = in->token_number;
    lock->granted = after_wait;
    if (after_wait)
        renew(e, op, lock);
    else
        take(e, op, lock, in);
}

static void queued(struct engine *e, struct op *op, struct op_lock *lock,
                   const struct in_lock_reply *in) {
    if (!waits_for(op, lock) || lock->granted || in->request != op->request) return;
    op_timer_cancel(e, op, TIMER_REPLY);
    op->waited = true;
    op->holder = in->holder;
    note(e, op, SEVERITY_INFO, "lock held by another: queued", lock);
    struct decision_note d = decide(e, DECISION_CONCURRENCY, &e->incidents[op->incident], op);
    decide_factor(&d, "place", in->place * PPM_ONE, "in the store's wait list");
    decide_factor(&d, "expires_in_s", in->expires_in_ns / 1000, "of the holder's lease");
    decide_input(&d, &(struct decision_input){.name = lock_reply_name(in->result),
                                              .source = INPUT_OF_STORE,
                                              .figure = {VALUE_NUMBER, in->place * PPM_ONE, 0},
                                              .other = (int64_t)in->holder.v});
    decide_known(&d, "expires_in", in->expires_in_ns / NS_PER_US, INPUT_OF_STORE);
    decide_count(&d, "attempt", op->lock_attempt, INPUT_OF_ENGINE);
    decide_constraint(&d, "lock_free", false, true);
    decide_alternative(&d, "wait", PPM_ONE, "the holder ends by itself", "the incident stands",
                       NULL);
    decide_alternative(&d, "go on", 0, "it heals sooner", "two would change one service",
                       "another operation holds the lock");
    decide_alternative(&d, "give up", 0, "", "nobody heals it", "it has not waited yet");
    op->decided[DECISION_CONCURRENCY] =
        decide_end(&d, "wait", PPM_ONE, "another operation holds the lock");
    op_timer_arm(e, op, TIMER_WAIT, e->config->locking.wait_timeout_ns);
    lock_watch(e, op);
}

/* Only the newest renewal's answer counts: the lease is counted from when that one left. */
static bool answers_renewal(struct engine *e, struct op *op, struct op_lock *lock,
                            const struct in_lock_reply *in) {
    if (lock->renewal == 0 || lock->renewal != in->request) return false;
    lock->renewal = 0;
    for (int k = 0; k < OP_LOCKS; k++)
        if (op->lock[k].renewal != 0) return true;
    op_timer_cancel(e, op, TIMER_STORE);
    return true;
}

static void renewed(struct engine *e, struct op *op, struct op_lock *lock,
                    const struct in_lock_reply *in) {
    if (!answers_renewal(e, op, lock, in)) return;
    if (lock->held) {
        lease_begin(e, lock, in);
        lease_timer(e, op);
    } else if (lock->granted)
        take(e, op, lock, in);
}

static void not_ours(struct engine *e, struct op *op, struct op_lock *lock,
                     const struct in_lock_reply *in) {
    if (!answers_renewal(e, op, lock, in)) return;
    lock->failures++;
    if (lock->held)
        lock_lost(e, op, "the store says another holds it");
    else if (lock->granted) {
        lock->granted = false;
        lock_on_wait_over(e, op);
    }
}

void lock_on_reply(struct engine *e, const struct in_lock_reply *in) {
    struct op *op = op_by_id(e, in->op);
    struct op_lock *lock = op ? lock_named(op, in->scope, in->name) : NULL;
    if (!lock) {
        if (in->result == LOCK_REPLY_GRANTED) give_back(e, in);
        return;
    }
    switch ((enum lock_result)in->result) {
    case LOCK_REPLY_GRANTED: granted(e, op, lock, in); break;
    case LOCK_REPLY_HELD: queued(e, op, lock, in); break;
    case LOCK_REPLY_RENEWED: renewed(e, op, lock, in); break;
    case LOCK_REPLY_NOT_HOLDER: not_ours(e, op, lock, in); break;
    default: break; /* released, cancelled, free: nothing waits for it */
    }
}

void lock_back_off(struct engine *e, struct op *op) {
    time_ns wait = e->config->locking.backoff_initial_ns;
    for (int64_t k = 1; k < op->lock_attempt; k++)
        wait = ppm_mul(wait, e->config->locking.backoff_multiplier_ppm);
    if (wait > e->config->locking.backoff_max_ns) wait = e->config->locking.backoff_max_ns;
    op->step = STEP_BACKOFF;
    op_timer_arm(e, op, TIMER_WAIT, wait);
}

void lock_on_wait_over(struct engine *e, struct op *op) {
    if (op->step == STEP_BACKOFF) {
        lock_begin(e, op);
        return;
    }
    if (op->step != STEP_LOCK) return;
    note(e, op, SEVERITY_WARNING, "lock wait timed out", lock_asked(op));
    lock_release_all(e, op);
    op->lock_attempt++;
    if (op->lock_attempt < e->config->locking.attempts) {
        lock_back_off(e, op);
        return;
    }
    op->step = STEP_BACKOFF;
    op->request = next_request(e);
    emit(e, EFF_registry_read)->registry_read = (struct eff_registry_read){op->request, op->id};
    op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
}

void lock_renew_all(struct engine *e, struct op *op) {
    lock_health(e, op);
    for (int k = 0; k < OP_LOCKS; k++)
        if (op->lock[k].held) renew(e, op, &op->lock[k]);
    op_timer_arm(e, op, TIMER_RENEW, e->config->locking.renew_interval_ns);
}

static void lock_timers_cancel(struct engine *e, struct op *op) {
    for (int k = 0; k < OP_LOCKS; k++) op->lock[k].renewal = 0;
    op_timer_cancel(e, op, TIMER_LEASE);
    op_timer_cancel(e, op, TIMER_RENEW);
    op_timer_cancel(e, op, TIMER_STORE);
}

/* With one lost the others go too: to keep them and take the lost one again would break the order.
 */
void lock_lost(struct engine *e, struct op *op, const char *how) {
    lock_release_all(e, op);
    drop_pending(e, op->id);
    note(e, op, SEVERITY_CRITICAL, "lock lost", &op->lock[0]);
    if (state_is_final(op->state)) return;
    if (op->state == STATE_PAUSED)
        tell(e, SEVERITY_CRITICAL, REASON_LOCK_LOST, &e->incidents[op->incident], op, how);
    else
        op_pause(e, op, REASON_LOCK_LOST, FORM_TAKE_OVER, how);
}

/* In the reverse of the order they were taken; a wait is left, so that the store offers it on. */
void lock_release_all(struct engine *e, struct op *op) {
    for (int k = OP_LOCKS - 1; k >= 0; k--) {
        struct op_lock *lock = &op->lock[k];
        if (lock->held || lock->granted)
            emit(e, EFF_lock_release)->lock_release = (struct eff_lock_release){
                next_request(e),   op->id, lock->scope, lock->name, lock->token_epoch,
                lock->token_number};
        else if (lock->asked)
            emit(e, EFF_lock_leave)->lock_leave = (struct eff_lock_leave){
                next_request(e), op->id, lock->scope, lock->name, lock->generation};
        lock->held = lock->asked = lock->granted = false;
    }
    lock_timers_cancel(e, op);
}

void store_silent(struct engine *e, struct op *op) {
    audit(e, CATEGORY_LOCK_OPERATION, SEVERITY_CRITICAL, op, NULL, "the lock store is silent",
          NULL);
    suspend(e, REASON_STORE_UNREACHABLE, "the lock store does not answer: automation stops");
}
