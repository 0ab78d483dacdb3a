/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_QUERY_H
#define SIM_PROMETHEUS_QUERY_H
/*
 * Queries as Prometheus' HTTP API has them: at an instant, or over a range in steps, and the answer
 * as its JSON. For commands and tests: answers are copies, in an arena of the caller's.
 */
#include "sim/prometheus/prometheus.h"

struct prom_point {
    int64_t at_ms;
    double value;
};

struct prom_line {
    const struct prom_label *labels; /* the Prometheus' */
    uint32_t label_count;
    const struct prom_point *points;
    uint32_t count;
};

struct prom_answer {
    enum prom_type type; /* of a range query always PROM_MATRIX */
    int64_t at_ms;
    double scalar;
    const char *string;
    const struct prom_line *lines; /* a vector's have one point each */
    uint32_t count;
    const char *error; /* NULL, or why there is no answer */
    uint32_t warnings, infos;
    const char *warning, *info; /* the first ones */
};

#define QUERY_STEPS_MAX 11000

void prom_query_instant(struct prom *p, struct arena *arena, const struct prom_expr *e,
                        int64_t at_ms, struct prom_answer *out);
/* Steps from start to end, both included; step_ms > 0, at most QUERY_STEPS_MAX. */
void prom_query_range(struct prom *p, struct arena *arena, const struct prom_expr *e,
                      int64_t start_ms, int64_t end_ms, int64_t step_ms, struct prom_answer *out);

/* {"status":"success","data":{...}} and a newline. */
void prom_answer_write(const struct prom_answer *answer, FILE *out);

#endif
