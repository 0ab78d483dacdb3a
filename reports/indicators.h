/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_INDICATORS_H
#define REPORTS_INDICATORS_H
/* Shares that say how the whole system does, each as two counts: the formula stands beside the
 * figure, and a share of nothing is told from 0 %. */
#include "reports/contention.h"

#define INDICATOR(name, formula, target) INDICATOR_##name,
enum indicator {
#include "reports/indicators.def"
    INDICATOR_COUNT
};
#undef INDICATOR

struct share {
    int64_t part, whole;
};
struct indicators {
    struct share of[INDICATOR_COUNT];
};
/* What of a run made an indicator. */
struct indicator_part {
    enum indicator which;
    uint32_t run;     /* of the report */
    int64_t incident; /* in the run's verdict; -1: the run's as a whole */
    struct share share;
};

const char *indicator_name(enum indicator which);
const char *indicator_formula(enum indicator which);
const char *indicator_target(enum indicator which);
/* The target's ends, in ppm: 0 and 1,000,000 where it has none. */
void indicator_range(enum indicator which, int64_t *least_ppm, int64_t *most_ppm);

/* The 95 % interval of a share (Wilson, 1927), in ppm: 0 to all of nothing. It takes what is
 * counted for independent, which incidents of one run are only more or less. */
void indicator_interval(const struct share *share, int64_t *low_ppm, int64_t *high_ppm);

/* What one run adds, piece by piece; an incident of -1 is the run as a whole. */
typedef void (*indicator_sink)(void *context, enum indicator which, int64_t incident,
                               struct share share);
void indicators_each(const struct facts *facts, const struct verdict *verdict,
                     const struct contention *contention, indicator_sink sink, void *context);
/* Adds one run. */
void indicators_add(struct indicators *indicators, const struct facts *facts,
                    const struct verdict *verdict, const struct contention *contention);

#endif
