/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Range vectors: the windows of a selector's series, and those that a subquery makes. */
#include "sim/prometheus/eval.h"

#define POINTS_LEAST ((uint32_t)1 << 14)

bool points_room(struct prom *p, uint32_t more) {
    struct points *points = &p->points;
    if (more <= points->size - points->used) return true;
    uint64_t size = points->size > 0 ? 2 * (uint64_t)points->size : POINTS_LEAST;
    while (size < (uint64_t)points->used + more) size *= 2;
    struct points grown = {.used = points->used, .size = (uint32_t)size};
    if (size < UINT32_C(1) << 30) {
        grown.times = memory_take(&p->memory, size, sizeof *grown.times);
        grown.values = memory_take(&p->memory, size, sizeof *grown.values);
        grown.sets = memory_take(&p->memory, size, sizeof *grown.sets);
    }
    if (!grown.times || !grown.values || !grown.sets)
        return eval_fail(p, "a subquery has more points than there is memory for");
    if (points->used > 0) {
        memcpy(grown.times, points->times, points->used * sizeof *points->times);
        memcpy(grown.values, points->values, points->used * sizeof *points->values);
        memcpy(grown.sets, points->sets, points->used * sizeof *points->sets);
    }
    *points = grown;
    return true;
}

/* ---- subqueries ---- */

static bool put_down(struct prom *p, const struct vector *v, int64_t at_ms) {
    struct points *points = &p->points;
    if (!points_room(p, v->count)) return false;
    for (uint32_t i = 0; i < v->count; i++, points->used++) {
        points->times[points->used] = at_ms;
        points->values[points->used] = v->at[i].value;
        points->sets[points->used] = v->at[i].labels | (v->at[i].nameless ? POINT_NAMELESS : 0);
    }
    return true;
}

/* Steps are multiples of the step from the epoch, so that they do not move with the query. */
static bool run_steps(struct evaluation *e, struct node *node, const struct matrix *m) {
    struct prom *p = e->prom;
    int64_t step = node->as.subquery.step_ms;
    if (step == 0) step = p->options.subquery_step_ms;
    struct evaluation inner = *e;
    inner.root = NULL;
    inner.at_ms = m->from_ms / step * step;
    int64_t first = prom_before(p, PROM_VERSION(3, 0)) ? m->from_ms : m->from_ms + 1;
    if (inner.at_ms < first) inner.at_ms += step;
    for (; inner.at_ms <= m->to_ms; inner.at_ms += step) {
        struct value value;
        if (p->steps_left == 0)
            return eval_fail(p, "subqueries take too many steps; make the step longer");
        p->steps_left--;
        if (!eval_node(&inner, node->as.subquery.child, &value) ||
            !put_down(p, &value.vector, inner.at_ms))
            return false;
        vector_shrink(p, &value.vector, 0);
    }
    return true;
}

/* From step by step to series by series: counted, and then each dealt to its place. */
static bool by_series(struct prom *p, struct matrix *m) {
    struct points *points = &p->points;
    uint32_t end = points->used, begin = end, count = end - m->base;
    if (!points_room(p, count)) return false;
    set_map_clear(&p->groups_by_set);
    for (uint32_t i = m->base; i < end; i++) {
        bool fresh, nameless = points->sets[i] & POINT_NAMELESS;
        uint32_t set = points->sets[i] &= ~POINT_NAMELESS;
        uint32_t *slot = set_map_slot(&p->groups_by_set, set, &fresh);
        if (fresh) p->groups[ *slot = m->count++] = (struct group){.labels = set};
        p->groups[*slot].count++;
        p->groups[*slot].nameless |= nameless;
    }
    for (uint32_t i = 0; i < m->count; i++) {
        p->groups[i].begin = begin;
        begin += p->groups[i].count;
        p->groups[i].count = 0;
    }
    for (uint32_t i = m->base; i < end; i++) {
        struct group *g = &p->groups[p->groups_by_set.slots[points->sets[i]]];
        uint32_t to = g->begin + g->count++;
        points->times[to] = points->times[i];
        points->values[to] = points->values[i];
    }
    points->used = end + count;
    return true;
}

/* ---- both kinds ---- */

static void span(struct matrix *m, const struct evaluation *e, const struct shift *shift,
                 int64_t range_ms) {
    m->to_ms = shifted_ms(e, shift);
    m->from_ms = m->to_ms - range_ms;
    m->now_ms = e->at_ms;
}

bool matrix_open(struct evaluation *e, struct node *node, struct matrix *m) {
    struct prom *p = e->prom;
    *m = (struct matrix){.prom = p, .base = p->points.used};
    if (node->kind == NODE_SUBQUERY) {
        span(m, e, &node->as.subquery.shift, node->as.subquery.range_ms);
        return run_steps(e, node, m) && by_series(p, m);
    }
    struct selector *s = &node->as.selector;
    m->selector = s;
    span(m, e, &s->shift, s->range_ms);
    if (!selector_find(p, s)) return false;
    m->count = s->found.count;
    return true;
}

struct window matrix_window(struct matrix *m, uint32_t n, struct element *out) {
    struct prom *p = m->prom;
    struct window w;
    if (m->selector) {
        uint32_t series = m->selector->found.series[n];
        *out = (struct element){p->series[series].labels, false, 0};
        w = series_window(p, series, m->from_ms, m->to_ms);
    } else {
        const struct group *g = &p->groups[n];
        *out = (struct element){g->labels, g->nameless, 0};
        w = (struct window){.times = p->points.times + g->begin,
                            .values = p->points.values + g->begin,
                            .count = g->count,
                            .from_ms = m->from_ms,
                            .to_ms = m->to_ms,
                            .early_zero = prom_before(p, PROM_VERSION(2, 51))};
    }
    w.now_ms = m->now_ms;
    if (p->points.size > 0) w.scratch = p->points.values + p->points.used;
    return w;
}

void matrix_close(struct matrix *m) { m->prom->points.used = m->base; }
