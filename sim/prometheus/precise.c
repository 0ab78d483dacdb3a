/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exponentials, logarithms, powers and trigonometry, correctly rounded: a C library's own differ in
 * the last bit between processors, MPFR's do not. Numbers as IEEE 754 doubles, subnormal ones
 * included, as MPFR's manual says to emulate them.
 */
#include "sim/prometheus/functions.h"
#include <math.h>
#include <mpfr.h>

#define BITS 53

typedef int (*unary)(mpfr_ptr out, mpfr_srcptr in, mpfr_rnd_t round);
typedef int (*binary)(mpfr_ptr out, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t round);

struct range {
    mpfr_exp_t low, high;
};

static struct range range_of_doubles(void) {
    struct range old = {mpfr_get_emin(), mpfr_get_emax()};
    mpfr_set_emin(-1073);
    mpfr_set_emax(1024);
    return old;
}

static double take(mpfr_ptr value, int inexact, struct range old) {
    mpfr_subnormalize(value, inexact, MPFR_RNDN);
    double result = mpfr_get_d(value, MPFR_RNDN);
    mpfr_clear(value);
    mpfr_set_emin(old.low);
    mpfr_set_emax(old.high);
    return result;
}

static double of_one(unary function, double v) {
    struct range old = range_of_doubles();
    mpfr_t x;
    mpfr_init2(x, BITS);
    mpfr_set_d(x, v, MPFR_RNDN);
    return take(x, function(x, x, MPFR_RNDN), old);
}

static double of_two(binary function, double a, double b) {
    struct range old = range_of_doubles();
    mpfr_t x, y;
    mpfr_init2(x, BITS);
    mpfr_init2(y, BITS);
    mpfr_set_d(x, a, MPFR_RNDN);
    mpfr_set_d(y, b, MPFR_RNDN);
    int inexact = function(x, x, y, MPFR_RNDN);
    mpfr_clear(y);
    return take(x, inexact, old);
}

double precise_power(double base, double exponent) {
    if (exponent == 2) return base * base; /* rounded once, as it should be */
    return of_two(mpfr_pow, base, exponent);
}

double precise_atan2(double y, double x) { return of_two(mpfr_atan2, y, x); }

#define PRECISE(name, function)                                                                    \
    double value_##name(double v, const double *s) { return (void)s, of_one(function, v); }

PRECISE(acos, mpfr_acos)
PRECISE(acosh, mpfr_acosh)
PRECISE(asin, mpfr_asin)
PRECISE(asinh, mpfr_asinh)
PRECISE(atan, mpfr_atan)
PRECISE(atanh, mpfr_atanh)
PRECISE(cos, mpfr_cos)
PRECISE(cosh, mpfr_cosh)
PRECISE(exp, mpfr_exp)
PRECISE(ln, mpfr_log)
PRECISE(log10, mpfr_log10)
PRECISE(log2, mpfr_log2)
PRECISE(sin, mpfr_sin)
PRECISE(sinh, mpfr_sinh)
PRECISE(tan, mpfr_tan)
PRECISE(tanh, mpfr_tanh)
