/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/dist.h"
#include "engine/base/check.h"
#include "engine/base/digest.h"
#include "engine/base/ratio.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

#define SCALE_BITS       20
#define SIGNIFICANT_BITS 30

/* The quantile functions from either end: a probability near 1 would lose its digits as 1 - q. */
struct shape {
    enum topo_distribution kind;
    double sigma;
};

static double from_below(const struct shape *s, double p) {
    switch (s->kind) {
    case TOPO_EXPONENTIAL: return gsl_cdf_exponential_Pinv(p, 1.0);
    case TOPO_ERLANG2: return gsl_cdf_gamma_Pinv(p, 2.0, 0.5);
    case TOPO_LOGNORMAL: return gsl_cdf_lognormal_Pinv(p, -s->sigma * s->sigma / 2, s->sigma);
    case TOPO_FIXED:
    case TOPO_DISTRIBUTION_COUNT: break;
    }
    UNREACHABLE();
}

static double from_above(const struct shape *s, double q) {
    switch (s->kind) {
    case TOPO_EXPONENTIAL: return gsl_cdf_exponential_Qinv(q, 1.0);
    case TOPO_ERLANG2: return gsl_cdf_gamma_Qinv(q, 2.0, 0.5);
    case TOPO_LOGNORMAL: return gsl_cdf_lognormal_Qinv(q, -s->sigma * s->sigma / 2, s->sigma);
    case TOPO_FIXED:
    case TOPO_DISTRIBUTION_COUNT: break;
    }
    UNREACHABLE();
}

struct knots {
    double body[QUANTILE_CELLS + 1], low[QUANTILE_TAIL + 1], high[QUANTILE_TAIL + 1];
};

static void knots_fill(struct knots *k, const struct shape *s) {
    for (int i = 0; i <= QUANTILE_TAIL; i++) {
        k->low[i] = from_below(s, ldexp(1.0, -10 - i));
        k->high[i] = from_above(s, ldexp(1.0, -10 - i));
    }
    for (int i = 1; i < QUANTILE_CELLS; i++) {
        double u = (double)i / QUANTILE_CELLS;
        k->body[i] = u <= 0.5 ? from_below(s, u) : from_above(s, 1 - u);
    }
    k->body[0] = k->low[QUANTILE_TAIL];
    k->body[QUANTILE_CELLS] = k->high[QUANTILE_TAIL];
}

/* The mean of what is drawn: of the straight lines between the knots. */
static double knots_mean(const struct knots *k) {
    double mean = 0;
    for (int i = 1; i < QUANTILE_CELLS - 1; i++)
        mean += (k->body[i] + k->body[i + 1]) / 2 / QUANTILE_CELLS;
    for (int i = 0; i < QUANTILE_TAIL; i++)
        mean += (k->low[i] + k->low[i + 1] + k->high[i] + k->high[i + 1]) / 2 * ldexp(1.0, -11 - i);
    return mean +
           (k->low[QUANTILE_TAIL] + k->high[QUANTILE_TAIL]) * ldexp(1.0, -10 - QUANTILE_TAIL);
}

static uint64_t knot_rounded(double v) {
    int exponent;
    double mantissa = frexp(v, &exponent);
    double rounded = ldexp(rint(ldexp(mantissa, SIGNIFICANT_BITS)), exponent - SIGNIFICANT_BITS);
    return (uint64_t)rint(ldexp(rounded, SCALE_BITS));
}

/* A line between two points of a convex curve lies above it: the drawn mean would be 1e-4 too high.
 * Dividing by it makes every table's mean 1, which is what service times and rates are stated in.
 */
static void table_fill(struct quantile_table *table, const struct shape *s) {
    struct knots k;
    knots_fill(&k, s);
    double scale = 1 / knots_mean(&k);
    for (int i = 0; i <= QUANTILE_CELLS; i++) table->body[i] = knot_rounded(k.body[i] * scale);
    for (int i = 0; i <= QUANTILE_TAIL; i++) {
        table->low[i] = knot_rounded(k.low[i] * scale);
        table->high[i] = knot_rounded(k.high[i] * scale);
    }
}

struct lognormal {
    int64_t cv_ppm;
    struct quantile_table table;
};
struct dist_tables {
    struct quantile_table exponential, erlang2;
    struct lognormal *lognormals; /* ascending by cv */
    uint32_t lognormal_count;
    uint64_t digest;
};

static uint32_t rank_of(const int64_t *sorted, uint32_t count, int64_t v) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sorted[middle] < v)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The coefficients of variation in use, ascending, each once. */
static uint32_t variations(const struct topology *t, int64_t *sorted) {
    uint32_t count = 0;
    for (uint32_t s = 0; s < t->service_count; s++) {
        if (t->services[s].distribution != TOPO_LOGNORMAL) continue;
        int64_t cv = t->services[s].cv_ppm;
        uint32_t at = rank_of(sorted, count, cv);
        if (at < count && sorted[at] == cv) continue;
        memmove(sorted + at + 1, sorted + at, (count - at) * sizeof *sorted);
        sorted[at] = cv;
        count++;
    }
    return count;
}

static void digest_table(struct digest *d, const struct quantile_table *t) {
    for (size_t i = 0; i < ARRAY_LEN(t->body); i++) digest_add_u64(d, t->body[i]);
    for (size_t i = 0; i < ARRAY_LEN(t->low); i++) digest_add_u64(d, t->low[i]);
    for (size_t i = 0; i < ARRAY_LEN(t->high); i++) digest_add_u64(d, t->high[i]);
}

static uint64_t tables_digest(const struct dist_tables *tables) {
    struct digest d;
    digest_init(&d);
    digest_table(&d, &tables->exponential);
    digest_table(&d, &tables->erlang2);
    for (uint32_t i = 0; i < tables->lognormal_count; i++) {
        digest_add_u64(&d, (uint64_t)tables->lognormals[i].cv_ppm);
        digest_table(&d, &tables->lognormals[i].table);
    }
    return digest_value(&d);
}

struct dist_tables *dist_open(struct arena *arena, const struct topology *topology) {
    struct dist_tables *tables = ARENA_NEW(arena, struct dist_tables, 1);
    int64_t *sorted = ARENA_NEW(arena, int64_t, topology->service_count);
    tables->lognormal_count = variations(topology, sorted);
    tables->lognormals = ARENA_NEW(arena, struct lognormal, tables->lognormal_count);
    table_fill(&tables->exponential, &(struct shape){.kind = TOPO_EXPONENTIAL});
    table_fill(&tables->erlang2, &(struct shape){.kind = TOPO_ERLANG2});
    for (uint32_t i = 0; i < tables->lognormal_count; i++) {
        double cv = (double)sorted[i] / PPM_ONE;
        tables->lognormals[i].cv_ppm = sorted[i];
        table_fill(&tables->lognormals[i].table,
                   &(struct shape){TOPO_LOGNORMAL, sqrt(log1p(cv * cv))});
    }
    tables->digest = tables_digest(tables);
    return tables;
}

const struct quantile_table *dist_table(const struct dist_tables *tables, enum topo_distribution d,
                                        int64_t cv_ppm) {
    switch (d) {
    case TOPO_FIXED: return NULL;
    case TOPO_EXPONENTIAL: return &tables->exponential;
    case TOPO_ERLANG2: return &tables->erlang2;
    case TOPO_LOGNORMAL:
        for (uint32_t low = 0, high = tables->lognormal_count; low < high;) {
            uint32_t middle = low + (high - low) / 2;
            const struct lognormal *l = &tables->lognormals[middle];
            if (l->cv_ppm == cv_ppm) return &l->table;
            if (l->cv_ppm < cv_ppm)
                low = middle + 1;
            else
                high = middle;
        }
        break;
    case TOPO_DISTRIBUTION_COUNT: break;
    }
    UNREACHABLE();
}

uint64_t dist_digest(const struct dist_tables *tables) { return tables->digest; }
