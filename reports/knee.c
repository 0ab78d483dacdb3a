/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/knee.h"

#include "engine/base/check.h"
#include "reports/crossing.h"

#include <math.h>
#include <stdlib.h>

#define SIDE_LEVEL     0.02 /* of one point's side, over all its looks */
#define SIDE_RESAMPLES 300
#define AGAINST_LEVEL  0.05 /* of all neighbours together */
#define WINDOW_ERRORS  3.0  /* standard errors on either side */
#define WIDENED_MAX    6
#define LEFT_MAX       0.01 /* share of resamples that may meet the limit outside the window */

/* ---- figures of points ---- */

struct at_point {
    const struct knee_question *q;
    uint32_t point, other;
};

static double figure_at(void *context, const uint32_t *seeds, uint32_t count) {
    const struct at_point *a = context;
    return a->q->figure(a->q->context, a->point, seeds, count);
}

static double rise_from(void *context, const uint32_t *seeds, uint32_t count) {
    const struct at_point *a = context;
    return a->q->figure(a->q->context, a->other, seeds, count) -
           a->q->figure(a->q->context, a->point, seeds, count);
}

/* Over the first seeds, each once. */
static double plain(double (*of)(void *, const uint32_t *, uint32_t), void *context,
                    uint32_t seeds) {
    uint32_t *each = calloc(seeds + 1, sizeof *each);
    ASSERT(each != NULL);
    for (uint32_t k = 0; k < seeds; k++) each[k] = k;
    double figure = of(context, each, seeds);
    free(each);
    return figure;
}

struct knee_point knee_point_of(const struct knee_question *q, uint32_t point, uint32_t seeds) {
    struct at_point a = {q, point, 0};
    struct resampled r = resample(seeds, point, KNEE_RESAMPLES, figure_at, &a);
    return (struct knee_point){.point = point,
                               .seeds = seeds,
                               .value = plain(figure_at, &a, seeds),
                               .low = r.low,
                               .high = r.high};
}

static double value_of(const struct knee_question *q, double point) {
    return q->low + point * q->step;
}

/* ---- what was measured ---- */

struct search {
    const struct knee_question *q;
    struct knee *out;
    uint32_t window[KNEE_WINDOW], window_count;
};

static struct knee_point *known(struct search *s, uint32_t point) {
    for (uint32_t k = 0; k < s->out->count; k++)
        if (s->out->list[k].point == point) return &s->out->list[k];
    return NULL;
}

static void keep(struct search *s, uint32_t point, uint32_t seeds, bool curve) {
    struct knee *out = s->out;
    struct knee_point *there = known(s, point);
    if (!there) {
        if (out->count == KNEE_POINTS_MAX) return;
        uint32_t at = out->count++;
        for (; at > 0 && out->list[at - 1].point > point; at--) out->list[at] = out->list[at - 1];
        there = &out->list[at];
        *there = (struct knee_point){.point = point};
    }
    bool was = there->curve;
    if (seeds > there->seeds) *there = knee_point_of(s->q, point, seeds);
    there->curve = was || curve;
}

static bool measured(struct search *s, const uint32_t *points, uint32_t count, uint32_t seeds,
                     bool curve) {
    if (!s->q->measure(s->q->context, points, count, seeds)) {
        s->out->status = KNEE_GIVEN_UP;
        return false;
    }
    for (uint32_t k = 0; k < count; k++) {
        keep(s, points[k], seeds, curve);
        struct knee_point *p = known(s, points[k]);
        if (p && isnan(p->value)) {
            s->out->status = KNEE_NOT_KNOWN;
            return false;
        }
    }
    return true;
}

/* ---- curve ---- */

static bool behind(const struct search *s, double value) {
    return s->out->rises ? value > s->q->limit : value < s->q->limit;
}

static bool ends_differ(struct search *s) {
    uint32_t ends[] = {0, s->q->last};
    if (!measured(s, ends, 2, s->q->seeds_first, true)) return false;
    double low = known(s, 0)->value, high = known(s, s->q->last)->value;
    s->out->rises = high > low;
    if (behind(s, low) == behind(s, high)) {
        s->out->status = KNEE_SAME_SIDE;
        return false;
    }
    return true;
}

static bool measure_curve(struct search *s) {
    uint32_t points[KNEE_CURVE_MAX], count = s->q->curve;
    ASSERT(count >= 2 && count <= KNEE_CURVE_MAX);
    for (uint32_t k = 0; k < count; k++)
        points[k] = (uint32_t)((uint64_t)s->q->last * k / (count - 1));
    return measured(s, points, count, s->q->seeds_first, true);
}

/* Neighbours of the curve, on the same seeds, level shared by all pairs. */
static void look_for_contradictions(struct search *s) {
    struct knee *out = s->out;
    uint32_t pairs = out->count - 1, seeds = s->q->seeds_first;
    out->against = out->count;
    for (uint32_t k = 0; k < pairs; k++) {
        struct at_point a = {s->q, out->list[k].point, out->list[k + 1].point};
        struct resampled r = resample(seeds, a.point, SIDE_RESAMPLES, rise_from, &a);
        double rise = plain(rise_from, &a, seeds), far = out->rises ? -rise : rise;
        if (!isnan(r.deviation) &&
            far > resample_quantile(AGAINST_LEVEL / pairs, seeds) * r.deviation && far > 0)
            out->against = k;
    }
}

/* ---- bracket ---- */

struct bracket {
    uint32_t low, high, middle;
    double deviation; /* of the figure in the middle */
};

/* On the pooled curve: the last point before the limit, and the first behind. */
static struct bracket bracket_of_curve(struct search *s) {
    double values[KNEE_CURVE_MAX];
    const struct knee *out = s->out;
    uint32_t first = 0;
    for (uint32_t k = 0; k < out->count; k++) values[k] = out->list[k].value;
    crossing_pool(values, out->count, out->rises);
    while (first < out->count - 1 && !behind(s, values[first])) first++;
    if (first == 0) first = 1;
    return (struct bracket){.low = out->list[first - 1].point, .high = out->list[first].point};
}

/* 1: behind the limit, -1: before it, 0: not known with all seeds; -2: given up. */
static int side_of(struct search *s, struct bracket *b) {
    uint32_t looks = 1, seeds = s->q->seeds_first;
    for (uint32_t n = seeds; n < s->q->seeds; n *= 2) looks++;
    for (;;) {
        if (!measured(s, &b->middle, 1, seeds, false)) return -2;
        struct at_point a = {s->q, b->middle, 0};
        struct resampled r = resample(seeds, b->middle, SIDE_RESAMPLES, figure_at, &a);
        double value = plain(figure_at, &a, seeds), far = value - s->q->limit;
        b->deviation = isnan(r.deviation) ? 0 : r.deviation;
        bool sure = fabs(far) > resample_quantile(SIDE_LEVEL / looks, seeds) * b->deviation;
        if (sure && fabs(far) > 0) return behind(s, value) ? 1 : -1;
        if (seeds == s->q->seeds) return 0;
        seeds = 2 * seeds < s->q->seeds ? 2 * seeds : s->q->seeds;
    }
}

static bool bisect(struct search *s, struct bracket *b) {
    b->middle = (b->low + b->high) / 2;
    while (b->high - b->low > 1) {
        b->middle = (b->low + b->high) / 2;
        int side = side_of(s, b);
        if (side == -2) return false;
        if (side == 0) break;
        *(side > 0 ? &b->high : &b->low) = b->middle;
    }
    return true;
}

/* ---- knee ---- */

/* Points around the middle, in range, each once. */
static void lay_window(struct search *s, const struct bracket *b, uint32_t half) {
    int64_t last = s->q->last, middle = b->middle, reach = half;
    int64_t from = middle - reach < 0 ? 0 : middle - reach;
    int64_t to = middle + reach > last ? last : middle + reach;
    s->window_count = 0;
    for (int k = 0; k < KNEE_WINDOW; k++) {
        uint32_t point = (uint32_t)(from + (to - from) * k / (KNEE_WINDOW - 1));
        if (s->window_count == 0 || s->window[s->window_count - 1] != point)
            s->window[s->window_count++] = point;
    }
}

/* As far as the noise may have moved what bisection came to, on the slope between its ends. */
static uint32_t half_of(struct search *s, const struct bracket *b) {
    double width = b->high - b->low;
    double rise = fabs(known(s, b->high)->value - known(s, b->low)->value);
    double half = rise > 0 ? WINDOW_ERRORS * b->deviation * width / rise : width;
    if (half < 2) half = 2;
    return half < s->q->last ? (uint32_t)half : s->q->last;
}

struct passing {
    const struct knee_question *q;
    const uint32_t *points;
    uint32_t count;
    bool rises;
    uint32_t left; /* resamples that met the limit outside */
};

static double passes_at(void *context, const uint32_t *seeds, uint32_t count) {
    struct passing *p = context;
    double x[CROSSING_POINTS_MAX], values[CROSSING_POINTS_MAX], at;
    for (uint32_t k = 0; k < p->count; k++) {
        x[k] = p->points[k];
        values[k] = p->q->figure(p->q->context, p->points[k], seeds, count);
        if (isnan(values[k])) return NAN;
    }
    enum crossing_side side = crossing_of(x, values, p->count, p->rises, p->q->limit, &at);
    p->left += side != CROSSING_INSIDE;
    return at;
}

bool knee_between(const struct knee_question *q, const uint32_t *points, uint32_t count,
                  uint32_t seeds, double *at, double *low, double *high) {
    struct passing p = {q, points, count, true, 0};
    struct at_point ends = {q, points[0], points[count - 1]};
    p.rises = plain(rise_from, &ends, seeds) > 0;
    double point = plain(passes_at, &p, seeds);
    if (isnan(point) || p.left > 0) return false;
    struct resampled r = resample(seeds, points[0], KNEE_RESAMPLES, passes_at, &p);
    *at = value_of(q, point);
    *low = value_of(q, r.low);
    *high = value_of(q, r.high);
    return true;
}

static bool look(struct search *s, uint32_t seeds, bool *inside) {
    if (!measured(s, s->window, s->window_count, seeds, false)) return false;
    struct passing p = {s->q, s->window, s->window_count, s->out->rises, 0};
    double at = plain(passes_at, &p, seeds);
    struct resampled r = resample(seeds, s->q->last, KNEE_RESAMPLES, passes_at, &p);
    *inside = p.left <= LEFT_MAX * KNEE_RESAMPLES;
    s->out->at = value_of(s->q, at);
    s->out->low = value_of(s->q, isnan(r.low) ? at : r.low);
    s->out->high = value_of(s->q, isnan(r.high) ? at : r.high);
    s->out->low_open = !*inside && s->window[0] == 0 && r.low <= 0;
    s->out->high_open =
        !*inside && s->window[s->window_count - 1] == s->q->last && r.high >= (double)s->q->last;
    s->out->seeds = seeds;
    return true;
}

static bool precise(const struct search *s) {
    const struct knee *out = s->out;
    return (out->high - out->low) / 2 < s->q->precision * fabs(out->at);
}

static bool pin_down(struct search *s, const struct bracket *b) {
    uint32_t half = half_of(s, b), seeds = s->q->seeds;
    if (s->q->precision > 0 && seeds > KNEE_FIRST_LOOK) seeds = KNEE_FIRST_LOOK;
    for (uint32_t widened = 0;;) {
        bool inside;
        lay_window(s, b, half);
        if (s->window_count < 2 || !look(s, seeds, &inside)) return false;
        if (!inside && half < s->q->last && widened < WIDENED_MAX) {
            half *= 2;
            widened++;
            continue;
        }
        s->out->precise = s->q->precision > 0 && precise(s);
        if (s->out->precise || seeds == s->q->seeds) return true;
        seeds += 1 + seeds / 10;
        if (seeds > s->q->seeds) seeds = s->q->seeds;
    }
}

static uint32_t nearest_point(const struct search *s) {
    uint32_t nearest = 0;
    for (uint32_t k = 1; k < s->out->count; k++)
        if (fabs(value_of(s->q, s->out->list[k].point) - s->out->at) <
            fabs(value_of(s->q, s->out->list[nearest].point) - s->out->at))
            nearest = k;
    return nearest;
}

struct knee knee_find(const struct knee_question *q) {
    struct knee out = {.status = KNEE_FOUND};
    struct search s = {.q = q, .out = &out};
    if (!ends_differ(&s) || !measure_curve(&s)) return out;
    look_for_contradictions(&s);
    uint32_t against = out.against == out.count ? UINT32_MAX : out.list[out.against].point;
    struct bracket b = bracket_of_curve(&s);
    if (!bisect(&s, &b) || !pin_down(&s, &b)) return out;
    out.nearest = nearest_point(&s);
    out.against = out.count; /* the list grew */
    for (uint32_t k = 0; k < out.count; k++)
        if (out.list[k].point == against) out.against = k;
    return out;
}
