/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/lockbook.h"
#include <stdlib.h>

static struct lock_entry *new_entry(struct lockbook *book, int64_t scope, int64_t name,
                                    int64_t authority) {
    if (book->count == book->capacity) {
        size_t larger = book->capacity == 0 ? 16 : 2 * book->capacity;
        struct lock_entry *moved = realloc(book->list, larger * sizeof *moved);
        if (!moved) return NULL;
        book->list = moved;
        book->capacity = larger;
    }
    struct lock_entry *entry = &book->list[book->count++];
    *entry = (struct lock_entry){.scope = scope, .name = name, .authority = authority};
    return entry;
}

/* A held one before one that is free, a later authority before an earlier one. */
static bool tells_more(const struct lock_entry *a, const struct lock_entry *b) {
    return a->held != b->held ? a->held : a->authority > b->authority;
}

struct lock_entry *lockbook_entry(struct lockbook *book, int64_t scope, int64_t name) {
    struct lock_entry *best = NULL;
    for (size_t i = 0; i < book->count; i++) {
        struct lock_entry *e = &book->list[i];
        if (e->scope == scope && e->name == name && (!best || tells_more(e, best))) best = e;
    }
    return best ? best : new_entry(book, scope, name, 0);
}

struct lock_entry *lockbook_of(struct lockbook *book, int64_t scope, int64_t name,
                               int64_t authority) {
    if (authority == 0) return lockbook_entry(book, scope, name);
    for (size_t i = 0; i < book->count; i++) {
        struct lock_entry *e = &book->list[i];
        if (e->scope != scope || e->name != name) continue;
        if (e->authority == 0) e->authority = authority; /* looked up before it was granted */
        if (e->authority == authority) return e;
    }
    return new_entry(book, scope, name, authority);
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
    struct lock_entry *entry = lockbook_of(book, l->scope, l->name, l->token_epoch);
    if (!entry) return;
    switch (l->event) {
    case LOCK_GRANTED:
    case LOCK_RETURNED: granted(entry, l); break;
    case LOCK_RENEWED: entry->expires_at = l->expires_at; break;
    case LOCK_RELEASED:
    case LOCK_EXPIRED:
    case LOCK_FORGOTTEN:
    case LOCK_FORCED: entry->held = false; break;
    default: break;
    }
}

void lockbook_free(struct lockbook *book) {
    free(book->list);
    *book = (struct lockbook){0};
}
