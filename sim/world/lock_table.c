/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/lock_table.h"

struct lock_hold *table_hold(struct lock_table *t, struct lock_key key) {
    for (uint32_t i = 0; i < t->held_count; i++)
        if (lock_key_eq(t->held[i].owner.key, key)) return &t->held[i];
    return NULL;
}

struct lock_hold *table_token(struct lock_table *t, int64_t epoch, int64_t number) {
    for (uint32_t i = 0; i < t->held_count; i++)
        if (t->held[i].epoch == epoch && t->held[i].number == number) return &t->held[i];
    return NULL;
}

struct lock_request *table_waiter(struct lock_table *t, struct lock_key key, struct op_id op) {
    for (uint32_t i = 0; i < t->waiting_count; i++)
        if (lock_key_eq(t->waiting[i].key, key) && ID_EQ(t->waiting[i].op, op))
            return &t->waiting[i];
    return NULL;
}

void table_drop_waiter(struct lock_table *t, struct lock_request *waiter) {
    const struct lock_request *end = t->waiting + t->waiting_count;
    memmove(waiter, waiter + 1, (size_t)(end - waiter - 1) * sizeof *waiter);
    t->waiting_count--;
}

int64_t table_queue(const struct lock_table *t, struct lock_key key,
                    const struct lock_request *until) {
    int64_t len = 0;
    for (uint32_t i = 0; i < t->waiting_count; i++) {
        len += lock_key_eq(t->waiting[i].key, key);
        if (&t->waiting[i] == until) break;
    }
    return len;
}

struct lock_intent *table_intent(struct lock_table *t, struct op_id op) {
    for (uint32_t i = 0; i < t->intent_count; i++)
        if (ID_EQ(t->intents[i].intent.op, op)) return &t->intents[i];
    return NULL;
}

void table_drop_intent(struct lock_table *t, struct lock_intent *intent) {
    const struct lock_intent *end = t->intents + t->intent_count;
    memmove(intent, intent + 1, (size_t)(end - intent - 1) * sizeof *intent);
    t->intent_count--;
}
