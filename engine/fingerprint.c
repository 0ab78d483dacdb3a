/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

#include "engine/base/digest.h"

/* What of the state decides what comes next, for whoever looks at every order of events: two states
 * with the same digest need to be followed only once. */

#define ADD(...)                                                                                   \
    do {                                                                                           \
        const int64_t values_[] = {__VA_ARGS__};                                                   \
        for (size_t i_ = 0; i_ < ARRAY_LEN(values_); i_++)                                         \
            digest_add_u64(d, (uint64_t)values_[i_]);                                              \
    } while (0)

/* Times of the past count from now; one that was never set is told apart. */
static int64_t since(time_ns now, time_ns then) { return then == 0 ? -1 : now - then; }
static int64_t back(const struct engine *e, int64_t request) {
    return request == 0 ? -1 : e->next_request - request;
}

static void add_lock(const struct engine *e, struct digest *d, const struct op_lock *l) {
    ADD(l->scope, l->name, l->held, l->asked, l->granted, l->token_epoch, l->token_number,
        l->generation, back(e, l->renewal), l->held ? l->lease_mono - e->mono : 0,
        l->asked || l->renewal ? e->mono - l->asked_mono : 0);
}

static void add_canary(const struct engine *e, struct digest *d, const struct canary *c) {
    ADD(c->stage, since(e->mono, c->began_mono), since(e->mono, c->held_since_mono),
        c->baseline_known, c->answers_due);
}

static void add_op(const struct engine *e, struct digest *d, const struct op *op) {
    ADD(op->in_use);
    if (!op->in_use) return;
    ADD((int64_t)op->id.v, op->incident, op->service.v, op->kind, op->state, op->paused_from,
        op->step, op->paused_step, op->unlocked_step, op->paused_why, op->base.v, op->revision.v,
        op->patch_requests, op->patch_attempt, op->checks_known, op->served, op->served_before,
        op->registered, op->registry_number, op->lock_next, op->lock_attempt, op->waited,
        op->answers_due, op->approved, op->held, op->watch_extended, back(e, op->request),
        (int64_t)op->holder.v, since(e->mono, op->gates_mono), op->question.message != 0,
        op->question.level, op->feedback.len, op->verdicts.pass, op->gone.answers_due,
        since(e->mono, op->gone.began_mono), op->gone_asked, op->planned, op->remedy, op->amount,
        op->pod);
    for (int k = 0; k < OP_LOCKS; k++) add_lock(e, d, &op->lock[k]);
    for (int t = 0; t < TIMER_COUNT; t++) ADD(op_timer_armed(op, (enum op_timer)t));
    add_canary(e, d, &op->canary);
}

static void add_incident(const struct engine *e, struct digest *d, const struct incident *i) {
    ADD(i->in_use);
    if (!i->in_use) return;
    ADD((int64_t)i->id.v, i->stage, i->service.v, i->symptom, i->severity, i->op, i->operations,
        i->rollbacks, i->waits, i->waited, i->own_due, i->question.message != 0, i->question.level,
        i->answers_due, since(e->wall, i->closed_wall), i->timer_generation % 2, i->fading,
        i->fading ? since(e->mono, i->gone.asked_mono) : 0, i->gone.seen_micro, i->tried,
        i->mitigated);
}

uint64_t eng_fingerprint(const struct engine *e) {
    struct digest whole, *d = &whole;
    digest_init(d);
    ADD(e->started, e->suspended, e->suspended_why, e->failures_in_row, e->past_count,
        e->incident_wall_count, e->round, e->audit_sequence - e->audit_acked);
    for (uint32_t k = 0; k < e->config->limits.operations; k++) add_op(e, d, &e->ops[k]);
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) add_incident(e, d, &e->incidents[k]);
    for (uint32_t k = 0; k < e->change_count; k++)
        ADD(e->changes[k].service.v, (int64_t)e->changes[k].op.v, e->changes[k].running,
            e->mono - e->changes[k].at_mono);
    for (uint32_t k = 0; k < ARRAY_LEN(e->withdrawals); k++)
        if (e->withdrawals[k].request != 0)
            ADD((int64_t)e->withdrawals[k].op.v, back(e, e->withdrawals[k].request));
    for (uint32_t k = 0; k < e->config->limits.audit_pending; k++) ADD(e->pending[k].sequence != 0);
    return digest_value(d);
}

int64_t eng_newest_request(const struct engine *e) { return e->next_request; }
