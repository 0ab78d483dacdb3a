/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/compare.h"

#include "engine/base/check.h"
#include "engine/base/prng.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

void compare_open(struct compare *c, uint32_t runs_a_seed) {
    ASSERT(runs_a_seed > 0);
    *c = (struct compare){.runs_a_seed = runs_a_seed};
}

void compare_close(struct compare *c) {
    free(c->base.runs);
    free(c->candidate.runs);
    *c = (struct compare){0};
}

void compare_add(struct compare_side *side, const struct run_summary *run) {
    if (side->count == side->capacity) {
        side->capacity = side->capacity ? 2 * side->capacity : 64;
        side->runs = realloc(side->runs, side->capacity * sizeof *side->runs);
        ASSERT(side->runs != NULL);
    }
    side->runs[side->count++] = figured_run(run);
}

/* ---- the figures of a list of seeds, either side */

struct desk { /* what a resample needs */
    const struct compare *c;
    uint32_t *seeds;
    bool *swapped;
    double *times[2];
};

/* Of the desk's seeds; pairs of incidents repaired on both sides are counted. */
static uint32_t figures_of(const struct desk *d, struct figured out[2]) {
    const struct compare *c = d->c;
    struct figured_sums sums[2] = {0};
    uint32_t pairs = 0;
    for (uint32_t k = 0; k < c->seeds; k++) {
        int first = d->swapped[k];
        for (uint32_t i = 0; i < c->runs_a_seed; i++) {
            uint32_t at = d->seeds[k] * c->runs_a_seed + i;
            const struct figured_run *a = &c->base.runs[at], *b = &c->candidate.runs[at];
            figured_add(&sums[first], a);
            figured_add(&sums[!first], b);
            for (uint32_t n = 0; n < a->incidents && n < b->incidents; n++)
                if (a->mended[n] && b->mended[n]) {
                    d->times[first][pairs] = (double)a->mttr[n];
                    d->times[!first][pairs++] = (double)b->mttr[n];
                }
        }
    }
    for (int side = 0; side < 2; side++)
        figured_finish(&sums[side], d->times[side], pairs, &out[side]);
    return pairs;
}

static double difference(const struct figured f[2], int which) {
    return f[1].of[which] - f[0].of[which];
}

/* ---- intervals and tests */

static void as_they_are(struct desk *d) {
    for (uint32_t k = 0; k < d->c->seeds; k++) {
        d->seeds[k] = k;
        d->swapped[k] = false;
    }
}

static void intervals(struct compare *c, struct desk *d, uint32_t resamples, double *seen) {
    struct prng stream = prng_named(0, "compare bootstrap", c->seeds);
    for (uint32_t r = 0; r < resamples; r++) {
        struct figured f[2];
        for (uint32_t k = 0; k < c->seeds; k++)
            d->seeds[k] = (uint32_t)prng_below(&stream, c->seeds);
        (void)figures_of(d, f);
        for (int k = 0; k < COMPARED_COUNT; k++) seen[(size_t)k * resamples + r] = difference(f, k);
    }
    for (int k = 0; k < COMPARED_COUNT; k++) {
        double *of = seen + (size_t)k * resamples;
        size_t known = 0;
        for (uint32_t r = 0; r < resamples; r++)
            if (!isnan(of[r])) of[known++] = of[r];
        if (known == 0) continue;
        gsl_sort(of, 1, known);
        c->of[k].low = gsl_stats_quantile_from_sorted_data(of, 1, known, COMPARE_LEVEL / 2);
        c->of[k].high = gsl_stats_quantile_from_sorted_data(of, 1, known, 1 - COMPARE_LEVEL / 2);
    }
}

static void tests(struct compare *c, struct desk *d, uint32_t resamples) {
    struct prng stream = prng_named(0, "compare swaps", c->seeds);
    uint32_t as_large[COMPARED_COUNT] = {0};
    for (uint32_t r = 0; r < resamples; r++) {
        struct figured f[2];
        for (uint32_t k = 0; k < c->seeds; k++) d->swapped[k] = prng_below(&stream, 2) == 1;
        (void)figures_of(d, f);
        for (int k = 0; k < COMPARED_COUNT; k++) {
            double is = fabs(c->of[k].candidate - c->of[k].base);
            /* sums in another order differ in their last bits */
            as_large[k] += fabs(difference(f, k)) >= is - 1e-9 * fabs(c->of[k].base);
        }
    }
    for (int k = 0; k < COMPARED_COUNT; k++)
        if (c->of[k].known) c->of[k].p = (1.0 + as_large[k]) / (1.0 + resamples);
}

/* Holm: the smallest p times the number of figures, the next times one less, never falling. */
static void correct(struct compare *c) {
    uint32_t figures = 0, done = 0;
    bool taken[COMPARED_COUNT] = {false};
    double floor = 0;
    for (int k = 0; k < COMPARED_COUNT; k++) figures += c->of[k].known;
    for (; done < figures; done++) {
        int least = -1;
        for (int k = 0; k < COMPARED_COUNT; k++)
            if (c->of[k].known && !taken[k] && (least < 0 || c->of[k].p < c->of[least].p))
                least = k;
        taken[least] = true;
        floor = fmax(floor, fmin(1, c->of[least].p * (figures - done)));
        c->of[least].adjusted = floor;
    }
}

static size_t incidents_of(const struct compare_side *side) {
    size_t count = 0;
    for (uint32_t k = 0; k < side->count; k++) count += side->runs[k].incidents;
    return count;
}

/* A resample may draw the seed with most incidents each time. */
static size_t most_pairs(const struct compare *c) {
    size_t most = 0;
    for (uint32_t k = 0; k < c->base.count; k++)
        if (c->base.runs[k].incidents > most) most = c->base.runs[k].incidents;
    return most * c->base.count + incidents_of(&c->base) + 1;
}

void compare_finish(struct compare *c, uint32_t resamples) {
    ASSERT(c->base.count == c->candidate.count && c->base.count % c->runs_a_seed == 0);
    c->seeds = c->base.count / c->runs_a_seed;
    struct desk d = {
        .c = c,
        .seeds = calloc(c->seeds + 1, sizeof *d.seeds),
        .swapped = calloc(c->seeds + 1, sizeof *d.swapped),
        .times = {calloc(most_pairs(c), sizeof(double)), calloc(most_pairs(c), sizeof(double))}};
    double *seen = calloc((size_t)COMPARED_COUNT * resamples + 1, sizeof *seen);
    struct figured f[2];
    ASSERT(d.seeds && d.swapped && d.times[0] && d.times[1] && seen);
    as_they_are(&d);
    c->pairs = figures_of(&d, f);
    for (int k = 0; k < COMPARED_COUNT; k++)
        c->of[k] = (struct compared_figure){.known = !isnan(f[0].of[k]) && !isnan(f[1].of[k]),
                                            .base = f[0].of[k],
                                            .candidate = f[1].of[k],
                                            .p = 1,
                                            .adjusted = 1};
    if (c->seeds > 0) {
        intervals(c, &d, resamples, seen);
        as_they_are(&d);
        tests(c, &d, resamples);
        correct(c);
    }
    free(d.seeds);
    free(d.swapped);
    free(d.times[0]);
    free(d.times[1]);
    free(seen);
}

const char *compared_verdict(const struct compare *c, enum compared which) {
    const struct compared_figure *f = &c->of[which];
    if (!f->known) return "unknown";
    if (f->adjusted > COMPARE_LEVEL) return "no difference shown";
    bool less = f->candidate < f->base;
    return less == (compared_better(which) == BETTER_LESS) ? "better" : "worse";
}
