/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of one value, in exact arithmetic. */
#include "sim/prometheus/functions.h"
#include <math.h>

double value_abs(double v, const double *s) { return (void)s, fabs(v); }
double value_ceil(double v, const double *s) { return (void)s, ceil(v); }
double value_floor(double v, const double *s) { return (void)s, floor(v); }
double value_sqrt(double v, const double *s) { return (void)s, sqrt(v); }
double value_sgn(double v, const double *s) { return (void)s, v > 0 ? 1 : v < 0 ? -1 : v; }
/* As Go's math.Max and Min: NaN wins over all but the infinity asked for. */
static double larger(double a, double b) {
    if (a == INFINITY || b == INFINITY) return INFINITY;
    return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
}
static double smaller(double a, double b) {
    if (a == -INFINITY || b == -INFINITY) return -INFINITY;
    return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
}
double value_clamp_min(double v, const double *s) { return larger(v, s[0]); }
double value_clamp_max(double v, const double *s) { return smaller(v, s[0]); }

double value_round(double v, const double *s) {
    double inverse = 1 / s[0]; /* as Prometheus: less is lost than in dividing by 0.1 */
    return floor(v * inverse + 0.5) / inverse;
}

#define PI 3.14159265358979323846
double value_deg(double v, const double *s) { return (void)s, v * 180 / PI; }
double value_rad(double v, const double *s) { return (void)s, v * PI / 180; }
