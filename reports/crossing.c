/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/crossing.h"

#include "engine/base/check.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_interp.h>
#include <gsl/gsl_roots.h>
#include <math.h>

#define STEPS_MAX 100
#define PRECISION 1e-12 /* of x */

void crossing_pool(double *values, uint32_t count, bool rises) {
    struct block {
        double sum;
        uint32_t count;
    } blocks[CROSSING_POINTS_MAX];
    uint32_t last = 0, at = 0;
    ASSERT(count <= CROSSING_POINTS_MAX);
    for (uint32_t k = 0; k < count; k++) {
        blocks[last++] = (struct block){values[k], 1};
        while (last > 1) {
            struct block *a = &blocks[last - 2], *b = &blocks[last - 1];
            double before = a->sum / a->count, after = b->sum / b->count;
            if (rises ? before <= after : before >= after) break;
            *a = (struct block){a->sum + b->sum, a->count + b->count};
            last--;
        }
    }
    for (uint32_t b = 0; b < last; b++)
        for (uint32_t k = 0; k < blocks[b].count; k++)
            values[at++] = blocks[b].sum / blocks[b].count;
}

struct curve {
    const double *x, *y;
    gsl_interp *through; /* NULL: a straight line between two points */
    gsl_interp_accel *place;
    double limit;
};

static double above(double x, void *context) {
    const struct curve *c = context;
    double y = c->through ? gsl_interp_eval(c->through, c->x, c->y, x, c->place)
                          : c->y[0] + (x - c->x[0]) * (c->y[1] - c->y[0]) / (c->x[1] - c->x[0]);
    return y - c->limit;
}

/* The limit is between the curve's values there. */
static double root(struct curve *c, double low, double high) {
    gsl_function f = {above, c};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    ASSERT(solver != NULL);
    double at = high;
    if (above(low, c) * above(high, c) >= 0) return fabs(above(low, c)) > 0 ? high : low;
    if (gsl_root_fsolver_set(solver, &f, low, high) == GSL_SUCCESS)
        for (int step = 0; step < STEPS_MAX; step++) {
            if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) break;
            at = gsl_root_fsolver_root(solver);
            if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                       gsl_root_fsolver_x_upper(solver), PRECISION,
                                       PRECISION) == GSL_SUCCESS)
                break;
        }
    gsl_root_fsolver_free(solver);
    return at;
}

enum crossing_side crossing_of(const double *x, double *values, uint32_t count, bool rises,
                               double limit, double *at) {
    ASSERT(count >= 2);
    crossing_pool(values, count, rises);
    uint32_t behind = 0; /* the first point that is behind the limit */
    while (behind < count && (rises ? values[behind] <= limit : values[behind] >= limit)) behind++;
    if (behind == 0 || behind == count) {
        *at = x[behind == 0 ? 0 : count - 1];
        return behind == 0 ? CROSSING_BEFORE : CROSSING_BEHIND;
    }
    struct curve c = {.x = x, .y = values, .limit = limit};
    if (count > 2) {
        c.through = gsl_interp_alloc(gsl_interp_steffen, count);
        c.place = gsl_interp_accel_alloc();
        ASSERT(c.through && c.place);
        gsl_interp_init(c.through, x, values, count);
    }
    *at = root(&c, x[behind - 1], x[behind]);
    gsl_interp_free(c.through);
    gsl_interp_accel_free(c.place);
    return CROSSING_INSIDE;
}
