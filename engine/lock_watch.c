/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * What is looked at around the locks. The canonical order makes a deadlock impossible; that it is
 * kept is looked at before each request, and the waits-for graph at each wait, since a bug, or a
 * stranger who locks by hand, could make one all the same. An engine sees the waits of its own
 * operations: who of others waits for whom, no message tells.
 */

/* By scope, then by name, upwards only. */
static bool goes_before(const struct op_lock *wanted, const struct op_lock *held) {
    return held->scope != wanted->scope ? held->scope > wanted->scope : held->name >= wanted->name;
}

static void write_lock(struct writer *w, const struct op_lock *lock) {
    write_text(w, scope_name(lock->scope));
    write_text(w, " ");
    write_int(w, lock->name);
}

const struct op_lock *lock_order_broken(const struct op *op, const struct op_lock *wanted,
                                        struct text *why) {
    for (int k = 0; k < OP_LOCKS; k++) {
        const struct op_lock *held = &op->lock[k];
        if (!held->held || !goes_before(wanted, held)) continue;
        char said[TEXT_MAX];
        struct writer w = writer_of(said, sizeof said);
        write_text(&w, "asks for ");
        write_lock(&w, wanted);
        write_text(&w, " while it holds ");
        write_lock(&w, held);
        write_text(&w, ": the order is SYSTEM, SERVICE, INCIDENT, DEPLOYMENT, then by name");
        text_setn(why, said, w.len);
        return held;
    }
    return NULL;
}

/* Nothing was asked of the store; the operation cannot go on, and somebody has to look why. */
void lock_refuse(struct engine *e, struct op *op, const struct op_lock *wanted,
                 const struct text *why) {
    struct incident *i = &e->incidents[op->incident];
    lock_note(e, op, SEVERITY_ERROR, "refused: it would break the lock order", wanted, why);
    if (op->served) {
        op_pause(e, op, REASON_LOCK_TIMEOUT, FORM_TAKE_OVER, "it would break the lock order");
        return;
    }
    op_give_up(e, op, CANCEL_REFUSED, "it would break the lock order");
    incident_hand_over(e, i, REASON_LOCK_TIMEOUT, "a lock was refused: it would break the order");
}

static bool waits(const struct op *op) {
    return op->step == STEP_LOCK && op->lock_next < OP_LOCKS && op->lock[op->lock_next].asked &&
           op_timer_armed(op, TIMER_WAIT);
}

/* The youngest on the way from op back to itself; NULL: there is no such way. */
static struct op *deadlocked(struct engine *e, struct op *op) {
    struct op *youngest = op, *at = op;
    for (uint32_t steps = 0; steps < e->config->limits.operations; steps++) {
        at = waits(at) ? op_by_id(e, at->holder) : NULL;
        if (!at) return NULL;
        if (at->id.v > youngest->id.v) youngest = at;
        if (at == op) return youngest;
    }
    return NULL;
}

void lock_watch(struct engine *e, struct op *op) {
    if (!e->config->locking.deadlock_watch) return;
    struct op *victim = deadlocked(e, op);
    if (!victim) return;
    lock_note(e, victim, SEVERITY_CRITICAL, "deadlock", &victim->lock[victim->lock_next], NULL);
    tell(e, SEVERITY_CRITICAL, REASON_LOCK_TIMEOUT, &e->incidents[victim->incident], victim,
         "operations wait for each other: a bug, or locks taken by hand");
    if (e->config->locking.deadlock_release) {
        op_timer_cancel(e, victim, TIMER_WAIT);
        lock_release_all(e, victim);
        victim->lock_attempt++;
        lock_back_off(e, victim);
    } else
        op_pause(e, victim, REASON_LOCK_TIMEOUT, FORM_TAKE_OVER, "it waits for itself");
}

void lock_health(struct engine *e, struct op *op) {
    for (int k = 0; k < OP_LOCKS; k++) {
        struct op_lock *lock = &op->lock[k];
        if (!lock->held || lock->renewal == 0) continue;
        lock->failures++;
        lock_note(e, op, SEVERITY_WARNING, "a renewal was not answered before the next", lock,
                  NULL);
    }
}

uint32_t eng_lock_health(const struct engine *e, struct eng_lock_health *out, uint32_t max) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < e->config->limits.operations; k++) {
        const struct op *op = &e->ops[k];
        for (int l = 0; op->in_use && l < OP_LOCKS && count < max; l++) {
            const struct op_lock *lock = &op->lock[l];
            bool waiting = waits(op) && (uint32_t)l == op->lock_next;
            if (!lock->held && !waiting) continue;
            out[count++] = (struct eng_lock_health){
                .op = op->id,
                .scope = lock->scope,
                .name = lock->name,
                .held = lock->held,
                .age_ns = e->mono - (lock->held ? lock->since_mono : lock->asked_mono),
                .left_ns = lock->held ? lock->lease_mono - lock_margin(e) - e->mono : 0,
                .renewals = lock->renewals,
                .failures = lock->failures};
        }
    }
    return count;
}
