/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/lockbook.h"
#include <stdlib.h>

struct lock_entry *lockbook_entry(struct lockbook *book, int64_t scope, int64_t name) {
    for (size_t i = 0; i < book->count; i++)
        if (book->list[i].scope == scope && book->list[i].name == name) return &book->list[i];
    if (book->count == book->capacity) {
        size_t larger = book->capacity == 0 ? 16 : 2 * book->capacity;
        struct lock_entry *moved = realloc(book->list, larger * sizeof *moved);
        if (!moved) return NULL;
        book->list = moved;
        book->capacity = larger;
    }
    struct lock_entry *entry = &book->list[book->count++];
    *entry = (struct lock_entry){.scope = scope, .name = name};
    return entry;
}

static void granted(struct lock_entry *entry, const struct fact_lock *l) {
    entry->held = true;
    entry->holder = l->op;
    entry->engine = l->engine;
    entry->epoch = l->token_epoch;
    entry->number = l->token_number;
    entry->granted_at = l->at;
    entry->expires_at = l->expires_at;
    entry->record = l->record;
    bool higher = l->token_epoch > entry->top_epoch ||
                  (l->token_epoch == entry->top_epoch && l->token_number > entry->top_number);
    if (!higher) return;
    entry->top_epoch = l->token_epoch;
    entry->top_number = l->token_number;
}

void lockbook_apply(struct lockbook *book, const struct fact_lock *l) {
    struct lock_entry *entry = lockbook_entry(book, l->scope, l->name);
    if (!entry) return;
    switch (l->event) {
    case LOCK_GRANTED: granted(entry, l); break;
    case LOCK_RENEWED: entry->expires_at = l->expires_at; break;
    case LOCK_RELEASED:
    case LOCK_EXPIRED:
    case LOCK_FORCED: entry->held = false; break;
    default: break;
    }
}

void lockbook_free(struct lockbook *book) {
    free(book->list);
    *book = (struct lockbook){0};
}
