/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * An intent that is taken back. A lock that nobody lets go of ends with its lease; an intent stands
 * for as long as a person may take to answer, and holds others up so long. So a withdrawal counts
 * only when the store has said that the intent is gone, and is asked for again until then, one a
 * step. What is stated and what is withdrawn may overtake each other on their way: an answer to an
 * operation that has ended, with a number, is of an intent that arrived last. And a store that
 * failed over, or a log that was cut, leaves intents of ours that no operation has: whoever reads
 * the registry sees them, and takes them back.
 */

static struct withdrawal *withdrawal_of(struct engine *e, struct op_id op) {
    for (uint32_t k = 0; k < ARRAY_LEN(e->withdrawals); k++)
        if (e->withdrawals[k].request != 0 && ID_EQ(e->withdrawals[k].op, op))
            return &e->withdrawals[k];
    return NULL;
}

/* Of those under way, the one that waits for its answer the longest; NULL: none is. */
static struct withdrawal *oldest(struct engine *e) {
    struct withdrawal *found = NULL;
    for (uint32_t k = 0; k < ARRAY_LEN(e->withdrawals); k++) {
        struct withdrawal *w = &e->withdrawals[k];
        if (w->request != 0 && (!found || w->request < found->request)) found = w;
    }
    return found;
}

/* Full: the oldest is left to its end at the store. */
static struct withdrawal *slot_for(struct engine *e) {
    for (uint32_t k = 0; k < ARRAY_LEN(e->withdrawals); k++)
        if (e->withdrawals[k].request == 0) return &e->withdrawals[k];
    return oldest(e);
}

/* One timer for all of them. */
static void ask(struct engine *e, struct withdrawal *w) {
    w->request = next_request(e);
    emit(e, EFF_registry_remove)->registry_remove = (struct eff_registry_remove){w->request, w->op};
    engine_timer_arm(e, ENGINE_TIMER_WITHDRAW, e->config->locking.reply_timeout_ns);
}

void withdraw(struct engine *e, struct op_id op) {
    struct withdrawal *w = slot_for(e);
    w->op = op;
    ask(e, w);
}

void withdraw_on_timer(struct engine *e) {
    struct withdrawal *w = oldest(e);
    if (w) ask(e, w);
}

static bool ours(const struct engine *e, struct op_id op) {
    return op.v >> 48 == e->config->engine;
}

void withdraw_on_snapshot(struct engine *e, const struct in_registry_snapshot *in) {
    struct withdrawal *w = withdrawal_of(e, in->op);
    bool answered = w && w->request == in->request;
    if (in->number == 0 && answered) {
        w->request = 0;
        if (!oldest(e)) engine_timer_cancel(e, ENGINE_TIMER_WITHDRAW);
    } else if (in->number != 0 && w && !answered)
        ask(e, w);
    else if (in->number != 0 && !w && ours(e, in->op) && !e->verifying)
        withdraw(e, in->op); /* while it verifies, it may yet be taken up again */
}

/* One a step: its effects are bounded. The others are seen at the next read. */
void withdraw_strays(struct engine *e, const struct intents *intents) {
    for (uint32_t k = 0; k < intents->count && !e->verifying; k++) {
        struct op_id op = intents->list[k].op;
        if (!ours(e, op) || op_by_id(e, op) || withdrawal_of(e, op)) continue;
        withdraw(e, op);
        return;
    }
}
