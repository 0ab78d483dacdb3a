/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_LABELS_H
#define SIM_PROMETHEUS_LABELS_H
/*
 * Label sets as small numbers. Names and values are interned, so that equal texts are equal
 * pointers; sets are interned, so that equal sets have equal ids; each set has a rank in the order
 * of label sets (by name, then value, pair by pair), so that a vector is sorted by comparing
 * integers. What an operator does to labels (keep these, drop those) is a transform, which
 * remembers its answer for each set: grouping, matching and dropping names cost one load an
 * element.
 *
 * Memory comes from the arena until it is sealed, then from what was set aside; when that is out,
 * sets are refused (NO_SET).
 */
#include "engine/base/arena.h"
#include "sim/prometheus/prometheus.h"

#define NO_SET     UINT32_MAX
#define EMPTY_SET  0u
#define LABELS_MAX 64u /* pairs of one set */
#define NO_METRIC  UINT32_MAX

struct memory {
    struct arena *arena;
    uint8_t *reserve;
    size_t left;
};
void memory_open(struct memory *memory, struct arena *arena, size_t reserve);
void *memory_take(struct memory *memory, size_t count, size_t size); /* zeroed; NULL when out */

/* An interned text. A metric's name chains the series that have it. */
struct symbol {
    struct symbol *next;
    uint32_t hash;
    uint32_t first_series, last_series;
    char text[];
};
struct symbol *symbol_of(const char *interned);

struct label_set {
    const struct prom_label *labels; /* sorted by name, no empty value, interned */
    uint32_t count, hash;
    uint32_t next;
    uint32_t series; /* the series with these labels, or UINT32_MAX */
};

struct transform {
    struct transform *next;
    bool keep; /* keep only these names, or drop them */
    uint32_t count;
    const char **names; /* interned */
    bool marks;         /* an element it is applied to loses its name at the end */
    uint32_t *memo;     /* by set: id + 1; NULL when there was no memory for it */
};

struct labels {
    struct memory *memory;
    const char *metric_name; /* "__name__", interned */
    struct symbol **symbols;
    struct label_set *sets;
    uint32_t *set_slots, *rank, *order;
    uint64_t *keys, *keys_scratch; /* for sorting: rank << 32 | payload */
    struct transform *transforms;
    uint32_t symbol_mask, set_mask, set_count, set_max, ranked;
};

void labels_open(struct labels *labels, struct memory *memory, uint32_t set_max);
/* The interned copy of s; NULL when memory is out. */
const char *labels_intern(struct labels *labels, const char *s, size_t len);
/* The set of these pairs, in any order, not yet interned; empty values fall away. NO_SET when the
 * store is full, a name comes twice, or there are too many. */
uint32_t labels_set(struct labels *labels, const struct prom_label *pairs, uint32_t count);
/* The interned value, or NULL when the set lacks that (interned) name. */
const char *labels_value(const struct labels *labels, uint32_t set, const char *name);

/* The same request gives the same transform. Names are interned on the way. NULL: no memory. */
struct transform *labels_transform(struct labels *labels, bool keep, const char *const *names,
                                   uint32_t count);
uint32_t labels_apply(struct labels *labels, struct transform *transform, uint32_t set);

/* The set with these (interned) names as they are in `from`: set, or absent there and so removed.
 */
uint32_t labels_with(struct labels *labels, uint32_t set, const char *const *names, uint32_t count,
                     uint32_t from);

/* Brings the ranks up to date with the sets interned since; then rank[set] orders sets. */
void labels_rank(struct labels *labels);

/* Sorts keys; scratch as long as keys. before: NULL compares the numbers. */
typedef bool (*key_before)(const void *context, uint64_t a, uint64_t b);
void sort_keys(uint64_t *keys, uint64_t *scratch, uint32_t count, key_before before,
               const void *context);

/* {a="b", c="d"} for messages. */
struct writer;
void labels_write(const struct labels *labels, uint32_t set, struct writer *out);

#endif
