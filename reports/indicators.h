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

const char *indicator_name(enum indicator which);
const char *indicator_formula(enum indicator which);
const char *indicator_target(enum indicator which);

/* Adds one run. */
void indicators_add(struct indicators *indicators, const struct facts *facts,
                    const struct verdict *verdict, const struct contention *contention);

#endif
