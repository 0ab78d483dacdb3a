/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_DIFFERENTIAL_EXPRESSIONS_H
#define TESTS_DIFFERENTIAL_EXPRESSIONS_H
/* Random samples, and random well-typed expressions over them, both by a seed. */
#include "engine/base/prng.h"
#include "sim/prometheus/prometheus.h"

#define BEGIN_MS  INT64_C(1700000000000)
#define LENGTH_MS INT64_C(5400000)
#define STEP_MS   INT64_C(15000)

/* Counters with resets, gauges with gaps, NaN and infinities, histograms, info series. */
void random_series(struct prom *p, uint64_t seed);
/* A vector or scalar expression, terminated. */
void random_expression(struct prng *random, char *out, size_t size);

#endif
