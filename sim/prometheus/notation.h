/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_NOTATION_H
#define SIM_PROMETHEUS_NOTATION_H
/*
 * Series as Prometheus' test files write them: name{label="value"} and then values, one a step:
 *
 *   5 -1 NaN Inf     values            _  _x3        nothing, once or three times
 *   0+10x3           0 10 20 30        stale         a stale marker
 *   7x3              7 7 7 7           {{schema:1}}  a native histogram, read over
 */
#include "sim/prometheus/prometheus.h"

struct notation_value {
    double value;
    bool is_gap;
};

struct notation {
    const struct prom_label *labels; /* as written */
    uint32_t label_count;
    const struct notation_value *values;
    uint32_t value_count;
    bool has_histogram; /* those values are gaps */
};

/* A whole line. False after one diagnostic, whose column counts from `column`. */
bool notation_read(struct arena *arena, const char *file, int line, int column, const char *text,
                   size_t len, struct notation *out, struct diags *diags) MUST_CHECK;
/* The values alone, as promtool's "values:" has them. */
bool notation_read_values(struct arena *arena, const char *file, int line, int column,
                          const char *text, size_t len, struct notation *out,
                          struct diags *diags) MUST_CHECK;
/* The labels alone. */
bool notation_read_labels(struct arena *arena, const char *file, int line, int column,
                          const char *text, size_t len, struct notation *out,
                          struct diags *diags) MUST_CHECK;

#endif
