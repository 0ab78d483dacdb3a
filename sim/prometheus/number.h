/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_NUMBER_H
#define SIM_PROMETHEUS_NUMBER_H
/*
 * Doubles as text: the fewest digits that read back as the same value, in the two forms that
 * Prometheus writes. Both write NaN, +Inf and -Inf, and exponents of at least two digits. And when
 * two of them are the same but for rounding.
 */
#include "engine/base/base.h"

#define NUMBER_TEXT 40 /* bytes, the zero at the end included */

/* Go's %v, in templates and exposition: plain from 1e-4 on and below 1e+06, as in 0.0001, 999999,
 * 1e+06, 1e-05. Returns the length. */
size_t number_go(char out[NUMBER_TEXT], double value);
/* The HTTP API's: plain decimals unless below 1e-6 or from 1e21. */
size_t number_json(char out[NUMBER_TEXT], double value);
/* Whether two numbers differ by less than that share of their sum; numbers so small that they have
 * no full precision are compared as if they were the smallest that has. */
bool numbers_are_near(double a, double b, double tolerance);
/* Never an exponent: the label values of count_values(). */
#define NUMBER_PLAIN_TEXT 360
size_t number_plain(char out[NUMBER_PLAIN_TEXT], double value);

#endif
