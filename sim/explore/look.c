/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold at every effect and in every state. */
#include "sim/explore/state.h"
#include <stdarg.h>
#include <stdio.h>

const char *const explore_invariants[] = {"mutual_exclusion", "acts_locked",    "lock_hierarchy",
                                          "registry_agrees",  "no_lost_wakeup", "no_deadlock",
                                          "clean_end"};
const uint32_t explore_invariant_count = ARRAY_LEN(explore_invariants);

#define NAME_(NAME, text) text,
const char *const explore_reached_names[] = {EXPLORE_REACHED(NAME_)};

#define OP(id) ((unsigned long long)(id).v)

void breach(struct explorer *x, const char *invariant, const char *format, ...) {
    if (x->result->broken) return;
    x->result->broken = invariant;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(x->result->why, sizeof x->result->why, format, arguments);
    va_end(arguments);
}

/* ---- at an effect ---- */

/* An order leaves only while the store has the lock for its operation, by the token it carries: an
 * engine gives up a margin before its lease ends. A lease that ended early is the store's lie. */
static void look_at_order(struct explorer *x, struct op_id op, struct svc_id service,
                          int64_t token) {
    const struct x_hold *h = hold_of(x->now, SCOPE_SERVICE, service.v);
    if (x->now->expired > 0 || (h && ID_EQ(h->op, op) && h->token == token)) return;
    breach(x, "acts_locked", "operation %llx orders by token %lld, which it does not hold", OP(op),
           (long long)token);
}

/* By what the engine knows: a grant that crosses its leave is given back when it comes. */
static void look_at_acquire(struct explorer *x, uint32_t engine, const struct eff_lock_acquire *a) {
    struct eng_lock_health own[8];
    uint32_t count = eng_lock_health(x->engines[engine], own, ARRAY_LEN(own));
    for (uint32_t i = 0; i < count; i++) {
        bool above = own[i].scope > a->scope || (own[i].scope == a->scope && own[i].name > a->name);
        if (own[i].held && ID_EQ(own[i].op, a->op) && above)
            breach(x, "lock_hierarchy", "operation %llx asks for %s while it holds %s", OP(a->op),
                   scope_name(a->scope), scope_name(own[i].scope));
    }
}

/* Whoever stated its intent first of all never gives way. */
static void look_at_question(struct explorer *x, const struct eff_notify *n) {
    for (uint32_t i = 0; i < x->now->intent_count; i++)
        if (ID_EQ(x->now->intents[i].op, n->op) && x->now->intents[i].number == 1)
            breach(x, "registry_agrees", "operation %llx gives way, and nobody came before it",
                   OP(n->op));
}

static void count(struct explorer *x, const struct eng_effect *e) {
    uint64_t *reached = x->result->reached;
    reached[REACHED_SUSPENDED] += e->kind == EFF_suspend && e->suspend.on;
    if (e->kind == EFF_notify) {
        reached[REACHED_CONFLICT] += e->notify.reason == REASON_CONFLICT;
        reached[REACHED_LOCK_LOST] += e->notify.reason == REASON_LOCK_LOST;
    }
    if (e->kind == EFF_report && e->report.kind == REPORT_STATE) {
        reached[REACHED_COMPLETED] += e->report.detail == STATE_COMPLETED;
        reached[REACHED_CANCELLED] += e->report.detail == STATE_CANCELLED;
    }
}

void look_at_effect(struct explorer *x, uint32_t engine, const struct eng_effect *e) {
    count(x, e);
    if (e->kind == EFF_lock_acquire) look_at_acquire(x, engine, &e->lock_acquire);
    if (e->kind == EFF_deploy_stage)
        look_at_order(x, e->deploy_stage.op, e->deploy_stage.service, e->deploy_stage.token_number);
    if (e->kind == EFF_roll_back)
        look_at_order(x, e->roll_back.op, e->roll_back.service, e->roll_back.token_number);
    if (e->kind == EFF_notify && e->notify.reason == REASON_CONFLICT)
        look_at_question(x, &e->notify);
}

/* ---- in a state ---- */

static bool about(const struct x_message *m, struct op_id op) {
    if (m->to_engine)
        return (m->input.kind == IN_lock_reply && ID_EQ(m->input.lock_reply.op, op)) ||
               (m->input.kind == IN_registry_snapshot &&
                ID_EQ(m->input.registry_snapshot.op, op)) ||
               (m->input.kind == IN_deployment && ID_EQ(m->input.deployment.op, op));
    switch (m->effect.kind) {
    case EFF_lock_acquire: return ID_EQ(m->effect.lock_acquire.op, op);
    case EFF_lock_renew: return ID_EQ(m->effect.lock_renew.op, op);
    case EFF_lock_release: return ID_EQ(m->effect.lock_release.op, op);
    case EFF_lock_leave: return ID_EQ(m->effect.lock_leave.op, op);
    case EFF_registry_register: return ID_EQ(m->effect.registry_register.op, op);
    case EFF_registry_read: return ID_EQ(m->effect.registry_read.op, op);
    case EFF_registry_remove: return ID_EQ(m->effect.registry_remove.op, op);
    default: return true; /* an order: whoever sent it is at work */
    }
}
static bool under_way(const struct x_state *s, struct op_id op) {
    for (uint32_t i = 0; i < s->message_count; i++)
        if (about(&s->messages[i], op)) return true;
    return false;
}

static bool waits_or_holds(const struct x_state *s, const struct eng_lock_health *lock) {
    for (uint32_t i = 0; i < s->wait_count; i++)
        if (s->waits[i].scope == lock->scope && s->waits[i].name == lock->name &&
            ID_EQ(s->waits[i].op, lock->op))
            return true;
    for (uint32_t i = 0; i < s->hold_count; i++)
        if (s->holds[i].scope == lock->scope && s->holds[i].name == lock->name &&
            ID_EQ(s->holds[i].op, lock->op))
            return true;
    return false;
}

/* Somebody waits, and nobody will ever tell it. */
static void look_at_waits(struct explorer *x, uint32_t k) {
    struct eng_lock_health locks[8];
    uint32_t count = eng_lock_health(x->engines[k], locks, ARRAY_LEN(locks));
    for (uint32_t i = 0; i < x->now->wait_count; i++)
        if (!hold_of(x->now, x->now->waits[i].scope, x->now->waits[i].name))
            breach(x, "no_lost_wakeup", "operation %llx waits for %s, which is free",
                   OP(x->now->waits[i].op), scope_name(x->now->waits[i].scope));
    for (uint32_t i = 0; i < count; i++)
        if (!locks[i].held && !waits_or_holds(x->now, &locks[i]) && !under_way(x->now, locks[i].op))
            breach(x, "no_lost_wakeup", "operation %llx waits for %s, which the store knows not",
                   OP(locks[i].op), scope_name(locks[i].scope));
}

static bool gone(const struct explorer *x, uint32_t engine, struct op_id op) {
    return x->now->nodes[engine].alive && eng_op_state(x->engines[engine], op) == STATE_CANCELLED &&
           !under_way(x->now, op);
}

/* With nothing under way, an operation that ended has left nothing behind. */
static void look_at_ends(struct explorer *x) {
    const struct x_state *s = x->now;
    for (uint32_t i = 0; i < s->hold_count; i++)
        if (gone(x, s->holds[i].engine, s->holds[i].op))
            breach(x, "clean_end", "operation %llx has ended and holds %s", OP(s->holds[i].op),
                   scope_name(s->holds[i].scope));
    for (uint32_t i = 0; i < s->wait_count; i++)
        if (gone(x, s->waits[i].engine, s->waits[i].op))
            breach(x, "clean_end", "operation %llx has ended and waits for %s", OP(s->waits[i].op),
                   scope_name(s->waits[i].scope));
    for (uint32_t i = 0; i < s->intent_count; i++)
        if (gone(x, s->intent_engine[i], s->intents[i].op))
            breach(x, "clean_end", "operation %llx has ended and its intent stands",
                   OP(s->intents[i].op));
}

static const struct x_wait *wait_of(const struct x_state *s, struct op_id op) {
    for (uint32_t i = 0; i < s->wait_count; i++)
        if (ID_EQ(s->waits[i].op, op)) return &s->waits[i];
    return NULL;
}

static void look_at_circles(struct explorer *x) {
    struct x_state *s = x->now;
    for (uint32_t i = 0; i < s->wait_count; i++) {
        struct op_id at = s->waits[i].op;
        for (uint32_t steps = 0; steps <= s->wait_count; steps++) {
            const struct x_wait *w = wait_of(s, at);
            const struct x_hold *h = w ? hold_of(s, w->scope, w->name) : NULL;
            if (!h) break;
            at = h->op;
            if (ID_EQ(at, s->waits[i].op)) {
                breach(x, "no_deadlock", "operation %llx waits for itself", OP(at));
                return;
            }
        }
    }
}

static bool acts(const struct explorer *x, uint32_t i) {
    uint32_t k = x->now->intent_engine[i];
    return x->now->nodes[k].alive &&
           eng_op_state(x->engines[k], x->now->intents[i].op) == STATE_IN_PROGRESS;
}

/* Operations on services of which one calls the other: of two, one goes on. */
static void look_at_intents(struct explorer *x) {
    const struct x_state *s = x->now;
    for (uint32_t i = 0; i < s->intent_count; i++)
        for (uint32_t j = i + 1; j < s->intent_count; j++)
            if (!ID_EQ(s->intents[i].service, s->intents[j].service) && acts(x, i) && acts(x, j))
                breach(x, "registry_agrees", "operations %llx and %llx both go on",
                       OP(s->intents[i].op), OP(s->intents[j].op));
}

void look_at_state(struct explorer *x) {
    bool told_all = x->now->lost == 0; /* what was lost may keep anybody waiting, for a while */
    for (uint32_t k = 0; told_all && k < x->options->engines; k++)
        if (x->now->nodes[k].alive) look_at_waits(x, k);
    if (told_all) look_at_ends(x);
    look_at_circles(x);
    look_at_intents(x);
}
