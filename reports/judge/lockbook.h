/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_LOCKBOOK_H
#define REPORTS_JUDGE_LOCKBOOK_H
/* The lock store's state as its own records tell it, replayed one record at a time. Owned by the
 * caller: lockbook_free. */
#include "reports/judge/facts.h"

struct lock_entry {
    int64_t scope, name;
    int64_t authority; /* the store's epoch: a successor keeps a book of its own; 0: not known */
    bool held;
    struct op_id holder;
    int64_t engine, epoch, number; /* of the hold; of the last one while free */
    int64_t top_epoch, top_number; /* the highest token ever granted */
    time_ns granted_at, expires_at;
    uint64_t record; /* that granted it */
};
struct lockbook {
    struct lock_entry *list;
    size_t count, capacity;
};

/* Of all authorities: who holds it, or the latest. Never asked for: a free entry. NULL when memory
 * is out. */
struct lock_entry *lockbook_entry(struct lockbook *book, int64_t scope, int64_t name);
/* Of one authority, by the epoch of a token; 0: as above. */
struct lock_entry *lockbook_of(struct lockbook *book, int64_t scope, int64_t name,
                               int64_t authority);
void lockbook_apply(struct lockbook *book, const struct fact_lock *lock);
void lockbook_free(struct lockbook *book);

#endif
