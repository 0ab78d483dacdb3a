/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/shrink.h"

#include "sim/run/loading.h"
#include "sim/run/terminal.h"
#include "sim/run/workers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define KNOTS_MAX      512 /* children of one parent that are looked at */
#define CANDIDATES_MAX KNOTS_MAX

/* What is tried: these switched off, or the first with another text. */
struct candidate {
    struct knot *const *knots;
    uint32_t count;
    const char *text;
};
struct batch {
    const struct shrinking *s;
    const char *text[CANDIDATES_MAX];
    size_t len[CANDIDATES_MAX];
    int64_t found; /* the first that fails as it should; -1 */
    struct verified verified;
    enum status status;
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- trying ---- */

/* Whatever a candidate complains of is of no interest. */
static enum status run_candidate(void *context, uint64_t unit, struct bytes *answer) {
    const struct batch *b = context;
    struct arena arena;
    struct diags diags = {0};
    struct scenario *list;
    struct verified verified;
    uint32_t count;
    if (!freopen("/dev/null", "w", stderr)) return STATUS_BUG;
    arena_open(&arena);
    enum status status = STATUS_BAD_INPUT;
    if (scenarios_load(&arena, b->s->file, b->text[unit], b->len[unit], NULL, &diags, &list,
                       &count))
        status = verify_scenario(&list[0], &verified);
    if (status == STATUS_OK) bytes_sink(answer, &verified, sizeof verified);
    arena_close(&arena);
    return status;
}

static bool take_candidate(void *context, uint64_t unit, const struct worked *worked) {
    struct batch *b = context;
    b->status = worked->status;
    if (worked->status == STATUS_OK) memcpy(&b->verified, worked->answer.bytes, sizeof b->verified);
    bool fails = b->s->invariant
                     ? worked->status == STATUS_OK && verified_fails(&b->verified, b->s->invariant)
                     : worked->status == STATUS_BUG;
    if (fails) b->found = (int64_t)unit;
    return !fails;
}

static void try_all(struct shrinking *s, struct batch *b, uint32_t count) {
    struct work work = {b, count, s->at_once, run_candidate, take_candidate};
    b->s = s;
    b->found = -1;
    (void)work_run(&work);
    s->tries += b->found < 0 ? count : (uint32_t)b->found + 1;
}

enum status shrink_try(struct shrinking *s, struct verified *out) {
    static struct batch b;
    b.text[0] = knot_write(s->arena, s->root, &b.len[0]);
    try_all(s, &b, 1);
    *out = b.verified;
    return b.status;
}

static void change(const struct candidate *c, bool on) {
    for (uint32_t k = 0; k < c->count; k++) c->knots[k]->off = on;
}

/* The first that still fails, which is then done; -1: none, or there is no time. */
static int64_t first_failing(struct shrinking *s, const struct candidate *list, uint32_t count) {
    static struct batch b;
    struct arena scratch;
    if (count == 0 || now() > s->seconds) return -1;
    arena_open(&scratch);
    for (uint32_t k = 0; k < count; k++) {
        const char *was = list[k].knots[0]->text;
        if (list[k].text)
            list[k].knots[0]->text = list[k].text;
        else
            change(&list[k], true);
        b.text[k] = knot_write(&scratch, s->root, &b.len[k]);
        list[k].knots[0]->text = was;
        if (!list[k].text) change(&list[k], false);
    }
    try_all(s, &b, count);
    arena_close(&scratch);
    if (b.found >= 0 && list[b.found].text)
        list[b.found].knots[0]->text = list[b.found].text;
    else if (b.found >= 0)
        change(&list[b.found], true);
    const struct knot *faults = knot_key(s->root, "faults");
    progress("%" PRIu32 " runs, %" PRIu32 " faults left", s->tries, faults ? knot_live(faults) : 0);
    return b.found;
}

/* ---- removing ---- */

static uint32_t live_children(const struct knot *parent, struct knot **out) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < parent->count && count < KNOTS_MAX; k++)
        if (!parent->items[k]->off) out[count++] = parent->items[k];
    return count;
}

/* Halves, quarters, ... single children, as long as any of that size can go. */
static bool remove_children(struct shrinking *s, const struct knot *parent) {
    struct knot *live[KNOTS_MAX];
    struct candidate list[CANDIDATES_MAX];
    bool any = false;
    uint32_t count = live_children(parent, live);
    for (uint32_t size = count; size > 0;) {
        uint32_t candidates = 0;
        for (uint32_t at = 0; at < count; at += size)
            list[candidates++] =
                (struct candidate){&live[at], count - at < size ? count - at : size, NULL};
        bool went = first_failing(s, list, candidates) >= 0;
        any |= went;
        count = live_children(parent, live);
        if (!went || size > count)
            size = size == 1 && !went ? 0 : (size > count ? count : size / 2);
        if (now() > s->seconds) break;
    }
    return any;
}

static bool remove_below(struct shrinking *s, const struct knot *parent) {
    if (parent->kind == YAML_SCALAR || parent->off) return false;
    bool any = remove_children(s, parent);
    for (uint32_t k = 0; k < parent->count; k++)
        if (!parent->items[k]->off) any |= remove_below(s, parent->items[k]);
    return any;
}

/* ---- making smaller ---- */

static bool is_size(const char *key) {
    static const char *const keys[] = {"duration", "settle", "services", "entry",   "rate",
                                       "for",      "at",     "value",    "replicas"};
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        if (strcmp(keys[k], key) == 0) return true;
    return false;
}

/* "83512ms": 83 s, an eighth, a quarter, half and three quarters of it. */
static bool make_smaller(struct shrinking *s, struct knot *scalar) {
    bool any = false;
    for (bool went = true; went;) {
        char *unit;
        struct candidate list[5];
        uint32_t count = 0;
        int64_t v = strtoll(scalar->text, &unit, 10);
        const int64_t smaller[] = {v / 8, v / 4, v / 2, v * 3 / 4};
        char text[64];
        if (unit == scalar->text || *unit == '.' || v < 2) return any;
        if (strcmp(unit, "ms") == 0 && v > 2000) {
            snprintf(text, sizeof text, "%" PRId64 "s", v / 1000);
            list[count++] =
                (struct candidate){&scalar, 1, arena_text(s->arena, text, strlen(text))};
        }
        for (size_t k = 0; k < ARRAY_LEN(smaller); k++) {
            snprintf(text, sizeof text, "%" PRId64 "%s", smaller[k], unit);
            if (smaller[k] > 0)
                list[count++] =
                    (struct candidate){&scalar, 1, arena_text(s->arena, text, strlen(text))};
        }
        went = first_failing(s, list, count) >= 0;
        any |= went;
    }
    return any;
}

static bool make_all_smaller(struct shrinking *s, const struct knot *parent) {
    bool any = false;
    for (uint32_t k = 0; k < parent->count; k++) {
        struct knot *child = parent->items[k];
        if (child->off) continue;
        if (child->kind != YAML_SCALAR)
            any |= make_all_smaller(s, child);
        else if (parent->kind == YAML_MAPPING && is_size(parent->keys[k]))
            any |= make_smaller(s, child);
    }
    return any;
}

bool shrink(struct shrinking *s) {
    for (bool any = true; any && now() <= s->seconds;) {
        struct knot *faults = knot_key(s->root, "faults");
        any = faults && remove_children(s, faults);
        any |= remove_below(s, s->root);
        any |= make_all_smaller(s, s->root);
    }
    progress_clear();
    return now() <= s->seconds;
}
