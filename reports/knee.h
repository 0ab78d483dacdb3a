/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_KNEE_H
#define REPORTS_KNEE_H
/*
 * Where a figure that can only be measured with noise passes a limit, as one key is varied. Every
 * point is measured with the same seeds (common random numbers), so that luck moves the curve as a
 * whole more than its points against each other.
 *
 *   curve    evenly spaced points with a few seeds; both ends have to be on different sides
 *   bracket  bisection; on which side a middle is, a sequential test decides, which takes twice as
 *            many seeds until it is sure or all are used (bisection with noisy answers: Waeber,
 *            Frazier and Henderson, SIAM J. Control Optim. 51, 2013). Its level is shared by its
 * looks knee     five points around what bisection came to, as far apart as the noise there asks
 * for, all with all seeds; where a monotone curve through them meets the limit (crossing.h), with a
 *            bootstrap over seeds as its interval (resample.h). A window that resamples leave is
 * widened enough   with a precision: seeds grow by a tenth until half the interval is less than it,
 * relative to the knee, not before KNEE_FIRST_LOOK (fixed relative precision: Chow and Robbins,
 * Ann. Math. Statist. 36, 1965)
 *
 * Everything follows from what was measured and nothing from how long it took, so any number of
 * processes comes to the same.
 */
#include "reports/resample.h"

#define KNEE_CURVE_MAX  33
#define KNEE_POINTS_MAX 128
#define KNEE_WINDOW     5
#define KNEE_RESAMPLES  1000
#define KNEE_FIRST_LOOK 50

struct knee_question {
    void *context;
    /* Sees to it that these points are measured with the first so many seeds. False: it cannot. */
    bool (*measure)(void *context, const uint32_t *points, uint32_t count, uint32_t seeds);
    /* The figure at a point over these seeds, numbers from 0, which may repeat; NaN: not known. */
    double (*figure)(void *context, uint32_t point, const uint32_t *seeds, uint32_t count);
    double low, step; /* point k is the value low + k * step */
    uint32_t last;    /* the last point; the first is 0 */
    double limit;
    uint32_t curve;              /* points of the curve, from 2 */
    uint32_t seeds_first, seeds; /* of the curve; at most */
    double precision;            /* 0: none asked for */
};
struct knee_point {
    uint32_t point, seeds;
    double value, low, high; /* of the figure */
    bool curve;              /* one of those that are evenly spaced */
};
enum knee_status { KNEE_FOUND, KNEE_SAME_SIDE, KNEE_NOT_KNOWN, KNEE_GIVEN_UP };
struct knee {
    enum knee_status status;
    struct knee_point list[KNEE_POINTS_MAX]; /* by point */
    uint32_t count;
    bool rises;
    double at, low, high;     /* values of the key; only if found */
    bool low_open, high_open; /* the interval goes on beyond the range */
    uint32_t seeds;           /* that it was found with */
    uint32_t nearest;         /* of the points: index in the list */
    bool precise;             /* as precise as was asked for */
    /* Two neighbours of the curve that go against its direction by more than noise; count if none.
     */
    uint32_t against;
};

struct knee knee_find(const struct knee_question *question);
/* Of points that are measured already, with so many seeds: where they pass the limit, with its
 * interval. False: not between them, or not known. */
bool knee_between(const struct knee_question *question, const uint32_t *points, uint32_t count,
                  uint32_t seeds, double *at, double *low, double *high);
/* The figure of a point that is measured, with its interval. */
struct knee_point knee_point_of(const struct knee_question *question, uint32_t point,
                                uint32_t seeds);

#endif
