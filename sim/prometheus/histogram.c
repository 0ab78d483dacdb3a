/* SPDX-License-Identifier: GPL-3.0-or-later */
/* histogram_quantile and histogram_fraction over classic buckets. */
#include "sim/prometheus/eval.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/number.h"
#include <math.h>

/* Differences this small come from floating point, not from counters that went back. */
#define TOLERANCE 1e-12

struct buckets {
    struct bucket *at;
    uint32_t count;
};

/* By bound; few and nearly in order, so insertion is the right sort. */
static void sort_by_bound(struct buckets *b) {
    for (uint32_t i = 1; i < b->count; i++) {
        struct bucket moved = b->at[i];
        uint32_t to = i;
        for (; to > 0 && b->at[to - 1].bound > moved.bound; to--) b->at[to] = b->at[to - 1];
        b->at[to] = moved;
    }
}

static void merge_equal_bounds(struct buckets *b) {
    uint32_t last = 0;
    for (uint32_t i = 1; i < b->count; i++) {
        if (b->at[i].bound == b->at[last].bound)
            b->at[last].count += b->at[i].count;
        else
            b->at[++last] = b->at[i];
    }
    b->count = last + 1;
}

/* Returns whether a count went back by more than rounding. */
static bool make_monotonic(struct buckets *b) {
    double former = b->at[0].count;
    bool forced = false;
    for (uint32_t i = 1; i < b->count; i++) {
        if (numbers_are_near(former, b->at[i].count, TOLERANCE)) {
            b->at[i].count = former;
        } else if (b->at[i].count < former) {
            b->at[i].count = former;
            forced = true;
        } else {
            former = b->at[i].count;
        }
    }
    return forced;
}

static double quantile_in(double rank, const struct buckets *b) {
    uint32_t low = 0, last = b->count - 1;
    for (uint32_t high = last; low < high;) {
        uint32_t middle = (low + high) / 2;
        if (b->at[middle].count >= rank)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == last) return b->at[last - 1].bound;
    if (low == 0 && b->at[0].bound <= 0) return b->at[0].bound;
    double start = low > 0 ? b->at[low - 1].bound : 0, below = low > 0 ? b->at[low - 1].count : 0;
    return start + (b->at[low].bound - start) * ((rank - below) / (b->at[low].count - below));
}

static double quantile(struct prom *p, double q, struct buckets b) {
    if (isnan(q)) return NAN;
    if (q < 0) return -INFINITY;
    if (q > 1) return INFINITY;
    sort_by_bound(&b);
    if (b.at[b.count - 1].bound != INFINITY) return NAN;
    merge_equal_bounds(&b);
    if (make_monotonic(&b)) note_info(p, "a histogram's buckets had to be made monotonic", "");
    double observations = b.at[b.count - 1].count;
    if (b.count < 2 || observations == 0) return NAN;
    return quantile_in(q * observations, &b);
}

/* Finds each element's group, bound and count; elements with a bad le fall away. */
static bool read_buckets(struct prom *p, struct node *node, const struct vector *v, uint32_t *used,
                         uint32_t *groups) {
    *used = *groups = 0;
    set_map_clear(&p->groups_by_set);
    for (uint32_t i = 0; i < v->count; i++) {
        const char *le = labels_value(&p->labels, v->at[i].labels, p->le);
        double bound;
        if (!le || !promql_number(le, strlen(le), &bound)) {
            note_warning(p, "a bucket's label le is missing or no number: ", le ? le : "");
            continue;
        }
        struct group *g = group_of(p, node->as.call.buckets, &v->at[i], groups);
        if (!g) return false;
        p->buckets[(*used)++] = (struct bucket){bound, v->at[i].value, (uint32_t)(g - p->groups)};
    }
    return true;
}

/* ---- fractions ---- */

/* How many observations lie below a value: within a bucket they are spread evenly; in the one for
 * everything, and in a first one below zero, they lie at the end that is known. */
static double count_below(double value, const struct buckets *b) {
    double below = 0, start = b->at[0].bound <= 0 ? -INFINITY : 0;
    for (uint32_t i = 0; i < b->count; start = b->at[i].bound, below = b->at[i++].count) {
        if (start >= value) return below;
        if (b->at[i].bound <= value) continue;
        double share = (value - start) / (b->at[i].bound - start);
        return isfinite(start) && isfinite(b->at[i].bound)
                   ? below + (b->at[i].count - below) * share
                   : below;
    }
    return below;
}

static double fraction(double lower, double upper, struct buckets b) {
    sort_by_bound(&b);
    if (b.at[b.count - 1].bound != INFINITY) return NAN;
    merge_equal_bounds(&b);
    double observations = b.at[b.count - 1].count;
    if (observations == 0 || isnan(lower) || isnan(upper)) return NAN;
    if (lower >= upper) return 0;
    return (count_below(upper, &b) - count_below(lower, &b)) / observations;
}

/* ---- both ---- */

static double answer_of(struct prom *p, const struct node *node, const double *scalars,
                        struct buckets b) {
    return node->as.call.function->whole == WHOLE_HISTOGRAM_QUANTILE
               ? quantile(p, scalars[0], b)
               : fraction(scalars[0], scalars[1], b);
}

static bool arguments(struct evaluation *e, struct node *node, double *scalars, struct value *in) {
    uint32_t last = node->as.call.count - 1;
    for (uint32_t i = 0; i < last; i++) {
        struct value scalar;
        if (!eval_node(e, node->as.call.arguments[i], &scalar)) return false;
        scalars[i] = scalar.scalar;
    }
    if (node->as.call.function->whole == WHOLE_HISTOGRAM_QUANTILE &&
        !(scalars[0] >= 0 && scalars[0] <= 1))
        note_warning(e->prom, "a quantile should be between 0 and 1", "");
    return eval_node(e, node->as.call.arguments[last], in);
}

bool eval_histogram(struct evaluation *e, struct node *node, struct vector *out) {
    struct prom *p = e->prom;
    struct value in;
    double scalars[2];
    uint32_t used, groups;
    if (!arguments(e, node, scalars, &in) || !read_buckets(p, node, &in.vector, &used, &groups))
        return false;
    /* each group's buckets to one place: counted above, now where each begins, then dealt out */
    struct bucket *dealt = p->buckets + used;
    groups_deal(p, groups);
    for (uint32_t i = 0; i < used; i++) {
        struct group *g = &p->groups[p->buckets[i].group];
        dealt[g->begin + g->count++] = p->buckets[i];
    }
    for (uint32_t i = 0; i < groups; i++) {
        struct group *g = &p->groups[i];
        struct buckets buckets = {dealt + g->begin, g->count};
        in.vector.at[i] =
            (struct element){g->labels, g->nameless, answer_of(p, node, scalars, buckets)};
    }
    vector_shrink(p, &in.vector, groups);
    *out = in.vector;
    return vector_transform(p, out, node->as.call.transform);
}
