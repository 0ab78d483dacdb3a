/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/waits_for.h"
#include "engine/base/check.h"
#include <stdlib.h>

static void *grown(void *items, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity) return items;
    *capacity = *capacity == 0 ? 16 : 2 * *capacity;
    void *moved = realloc(items, *capacity * size);
    ASSERT(moved != NULL);
    return moved;
}

/* ---- one lock: who holds it, who waits, in the order in which they came ---- */

struct line {
    int64_t scope, name;
    struct op_id holder; /* v = 0: free */
    struct op_id *queue;
    uint32_t count, capacity;
};
struct store {
    struct line *lines;
    uint32_t count, capacity;
};

static struct line *line_of(struct store *s, const struct fact_lock *l) {
    for (uint32_t k = 0; k < s->count; k++)
        if (s->lines[k].scope == l->scope && s->lines[k].name == l->name) return &s->lines[k];
    s->lines = grown(s->lines, s->count, &s->capacity, sizeof *s->lines);
    s->lines[s->count] = (struct line){.scope = l->scope, .name = l->name};
    return &s->lines[s->count++];
}

static bool queued(const struct line *line, struct op_id op) {
    for (uint32_t k = 0; k < line->count; k++)
        if (ID_EQ(line->queue[k], op)) return true;
    return false;
}

static void leaves(struct line *line, struct op_id op) {
    uint32_t kept = 0;
    for (uint32_t k = 0; k < line->count; k++)
        if (!ID_EQ(line->queue[k], op)) line->queue[kept++] = line->queue[k];
    line->count = kept;
}

static void line_moves(struct line *line, const struct fact_lock *l) {
    if (l->event == LOCK_REFUSED) return;
    line->holder = (struct op_id){real64(l->holder.v) ? l->holder.v : 0};
    if (l->event == LOCK_GRANTED || l->event == LOCK_LEFT) leaves(line, l->op);
    if (l->event != LOCK_QUEUED || queued(line, l->op)) return;
    line->queue = grown(line->queue, line->count, &line->capacity, sizeof *line->queue);
    line->queue[line->count++] = l->op;
}

/* ---- edges ---- */

static bool same_edge(const struct wait_edge *a, const struct wait_edge *b) {
    return ID_EQ(a->waiter, b->waiter) && ID_EQ(a->holder, b->holder) && a->scope == b->scope &&
           a->name == b->name && a->behind == b->behind;
}

/* The k-th edge of a lock as it stands: of each waiter first the one to the holder, then the one to
 * who is before it. False: it has no more; waiter v = 0: none at this place. */
static bool edge_at(const struct line *line, uint32_t k, struct wait_edge *out) {
    uint32_t place = k / 2;
    if (place >= line->count) return false;
    *out = (struct wait_edge){.scope = line->scope, .name = line->name, .behind = k % 2 == 1};
    if (out->behind && place == 0) return true;
    out->holder = out->behind ? line->queue[place - 1] : line->holder;
    bool another = out->holder.v != 0 && !ID_EQ(out->holder, line->queue[place]);
    if (another) out->waiter = line->queue[place];
    return true;
}

static bool stands(const struct line *line, const struct wait_edge *edge) {
    struct wait_edge now;
    for (uint32_t k = 0; edge_at(line, k, &now); k++)
        if (now.waiter.v != 0 && same_edge(&now, edge)) return true;
    return false;
}

static bool known(const struct waits_for *g, const struct wait_edge *edge) {
    for (uint32_t k = 0; k < g->edge_count; k++)
        if (g->edges[k].open && same_edge(&g->edges[k], edge)) return true;
    return false;
}

/* Ends the lock's edges that stand no more, begins those that are new; true if anything changed. */
static bool edges_move(struct waits_for *g, const struct line *line, time_ns at) {
    struct wait_edge now;
    bool changed = false;
    for (uint32_t k = 0; k < g->edge_count; k++) {
        struct wait_edge *e = &g->edges[k];
        bool ours = e->open && e->scope == line->scope && e->name == line->name;
        if (!ours || stands(line, e)) continue;
        e->open = false;
        e->to = at;
        changed = true;
    }
    for (uint32_t k = 0; edge_at(line, k, &now); k++) {
        if (now.waiter.v == 0 || known(g, &now)) continue;
        g->edges = grown(g->edges, g->edge_count, &g->edge_capacity, sizeof *g->edges);
        now.from = now.to = at;
        now.open = changed = true;
        g->edges[g->edge_count++] = now;
    }
    return changed;
}

/* ---- shapes ---- */

static bool placed(const struct waits_for *g, uint32_t first, struct op_id op) {
    for (uint32_t k = first; k < g->order_count; k++)
        if (ID_EQ(g->order[k], op)) return true;
    return false;
}

/* Nobody who is not placed yet waits for it. */
static bool unwaited(const struct waits_for *g, uint32_t first, struct op_id op) {
    for (uint32_t k = 0; k < g->edge_count; k++) {
        const struct wait_edge *e = &g->edges[k];
        if (e->open && ID_EQ(e->holder, op) && !placed(g, first, e->waiter)) return false;
    }
    return true;
}

static bool place(struct waits_for *g, uint32_t first, struct op_id op) {
    if (placed(g, first, op) || !unwaited(g, first, op)) return false;
    g->order = grown(g->order, g->order_count, &g->order_capacity, sizeof *g->order);
    g->order[g->order_count++] = op;
    return true;
}

/* Every waiter before whom it waits for: one after the other those for whom nobody left waits. */
static void shape_now(struct waits_for *g, time_ns at) {
    uint32_t first = g->order_count, edges = 0;
    bool whole = true;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t k = 0; k < g->edge_count; k++) {
            const struct wait_edge e = g->edges[k];
            if (!e.open) continue;
            bool one = place(g, first, e.waiter), other = place(g, first, e.holder);
            more = more || one || other;
        }
    }
    for (uint32_t k = 0; k < g->edge_count; k++) {
        const struct wait_edge *e = &g->edges[k];
        edges += e->open;
        whole = whole && (!e->open || (placed(g, first, e->waiter) && placed(g, first, e->holder)));
    }
    if (edges > g->most) g->most = edges;
    if (!whole) g->order_count = first;
    g->cyclic += !whole;
    if (edges == 0) return;
    g->shapes = grown(g->shapes, g->shape_count, &g->shape_capacity, sizeof *g->shapes);
    g->shapes[g->shape_count++] = (struct wait_shape){at, first, g->order_count - first, edges};
}

/* An edge of no length, made and undone by records of one instant, was never waited along. */
static void drop_moments(struct waits_for *g) {
    uint32_t kept = 0;
    for (uint32_t k = 0; k < g->edge_count; k++)
        if (g->edges[k].open || g->edges[k].to > g->edges[k].from) g->edges[kept++] = g->edges[k];
    g->edge_count = kept;
}

struct waits_for waits_for_of(const struct facts *f) {
    struct waits_for g = {0};
    struct store store = {0};
    EACH(f, lock, l) {
        struct line *line = line_of(&store, l);
        line_moves(line, l);
        if (edges_move(&g, line, l->at)) shape_now(&g, l->at);
    }
    for (uint32_t k = 0; k < g.edge_count; k++)
        if (g.edges[k].open) g.edges[k].to = f->ends_at;
    drop_moments(&g);
    for (uint32_t k = 0; k < store.count; k++) free(store.lines[k].queue);
    free(store.lines);
    return g;
}

void waits_for_free(struct waits_for *g) {
    free(g->edges);
    free(g->shapes);
    free(g->order);
    *g = (struct waits_for){0};
}

/* ---- the check ---- */

static uint32_t place_in(const struct waits_for *g, const struct wait_shape *s, struct op_id op) {
    uint32_t k = 0;
    while (k < s->count && !ID_EQ(g->order[s->first + k], op)) k++;
    return k;
}

bool waits_for_proven(const struct waits_for *g) {
    for (uint32_t n = 0; n < g->shape_count; n++) {
        const struct wait_shape *s = &g->shapes[n];
        bool last = n + 1 == g->shape_count || g->shapes[n + 1].at > s->at;
        for (uint32_t k = 0; k < g->edge_count && last; k++) {
            const struct wait_edge *e = &g->edges[k];
            bool there = e->from <= s->at && (e->open || e->to > s->at);
            uint32_t waiter = place_in(g, s, e->waiter), holder = place_in(g, s, e->holder);
            if (there && (waiter >= holder || holder == s->count)) return false;
        }
        if (s->count == 0) return false;
    }
    return true;
}
