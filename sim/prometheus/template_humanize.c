/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for people: humanize and its relatives, as Prometheus writes them. */
#include "sim/prometheus/template_parts.h"
#include <math.h>
#include <stdio.h>

#define HUMAN_TEXT 64

/* Go's "%.4g" and a unit. */
static bool four_digits(struct template_run *r, const char *sign, double v, const char *unit,
                        const char *after, struct template_value *out) {
    char text[HUMAN_TEXT];
    if (isnan(v) || isinf(v))
        snprintf(text, sizeof text, "%s%s%s",
                 isnan(v) ? "NaN"
                 : v > 0  ? "+Inf"
                          : "-Inf",
                 unit, after);
    else
        snprintf(text, sizeof text, "%s%.4g%s%s", sign, v, unit, after);
    return run_text(r, text, strlen(text), out);
}

static const char *const small_units[] = {"m", "u", "n", "p", "f", "a", "z", "y"};

/* Multiplies until it is one at least. */
static const char *make_larger(double *v) {
    const char *unit = "";
    for (size_t i = 0; i < ARRAY_LEN(small_units) && fabs(*v) < 1; i++) {
        unit = small_units[i];
        *v *= 1000;
    }
    return unit;
}

static const char *make_smaller(double *v, double base, const char *const units[8]) {
    const char *unit = "";
    for (int i = 0; i < 8 && fabs(*v) >= base; i++) {
        unit = units[i];
        *v /= base;
    }
    return unit;
}

bool humanize_si(struct template_run *r, struct template_value *arguments, uint32_t count,
                 struct template_value *out) {
    static const char *const units[8] = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
    double v;
    (void)count;
    if (!value_number(r, &arguments[0], &v)) return false;
    if (v == 0 || isnan(v) || isinf(v)) return four_digits(r, "", v, "", "", out);
    const char *unit = fabs(v) >= 1 ? make_smaller(&v, 1000, units) : make_larger(&v);
    return four_digits(r, "", v, unit, "", out);
}

bool humanize_1024(struct template_run *r, struct template_value *arguments, uint32_t count,
                   struct template_value *out) {
    static const char *const units[8] = {"ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};
    double v;
    (void)count;
    if (!value_number(r, &arguments[0], &v)) return false;
    if (fabs(v) <= 1 || isnan(v) || isinf(v)) return four_digits(r, "", v, "", "", out);
    const char *unit = make_smaller(&v, 1024, units);
    return four_digits(r, "", v, unit, "", out);
}

bool humanize_percentage(struct template_run *r, struct template_value *arguments, uint32_t count,
                         struct template_value *out) {
    double v;
    (void)count;
    return value_number(r, &arguments[0], &v) && four_digits(r, "", v * 100, "%", "", out);
}

bool humanize_duration(struct template_run *r, struct template_value *arguments, uint32_t count,
                       struct template_value *out) {
    double v;
    (void)count;
    if (!value_number(r, &arguments[0], &v)) return false;
    if (isnan(v) || isinf(v)) return four_digits(r, "", v, "", "", out);
    if (v == 0) return four_digits(r, "", v, "s", "", out);
    if (fabs(v) < 1) {
        const char *unit = make_larger(&v);
        return four_digits(r, "", v, unit, "s", out);
    }
    const char *sign = v < 0 ? "-" : "";
    v = fabs(v);
    if (v >= 9.2e18) return run_fail(r, "a duration beyond what can be written");
    int64_t whole = (int64_t)v, s = whole % 60, m = whole / 60 % 60, h = whole / 3600 % 24,
            d = whole / 86400;
    char text[HUMAN_TEXT];
    if (d > 0)
        snprintf(text, sizeof text, "%s%lldd %lldh %lldm %llds", sign, (long long)d, (long long)h,
                 (long long)m, (long long)s);
    else if (h > 0)
        snprintf(text, sizeof text, "%s%lldh %lldm %llds", sign, (long long)h, (long long)m,
                 (long long)s);
    else if (m > 0)
        snprintf(text, sizeof text, "%s%lldm %llds", sign, (long long)m, (long long)s);
    else
        return four_digits(r, sign, v, "s", "", out);
    return run_text(r, text, strlen(text), out);
}

/* Days since 1970 as a date of the proleptic Gregorian calendar (H. Hinnant, chrono-compatible
 * low-level date algorithms). */
static void date_of(int64_t days, int64_t *year, int *month, int *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = y + era * 400 + (*month <= 2);
}

bool humanize_timestamp(struct template_run *r, struct template_value *arguments, uint32_t count,
                        struct template_value *out) {
    double v;
    (void)count;
    if (!value_number(r, &arguments[0], &v)) return false;
    if (isnan(v) || isinf(v)) return four_digits(r, "", v, "", "", out);
    double ns = v * 1e9;
    if (!(ns > -9.2e18 && ns < 9.2e18))
        return run_fail(r,
                        "%g cannot be represented as a nanoseconds timestamp since it overflows "
                        "int64",
                        v);
    int64_t ms = (int64_t)ns / 1000000, second = ms / 1000, rest = ms % 1000, year;
    if (rest < 0) {
        rest += 1000;
        second--;
    }
    int64_t days = second / 86400, of_day = second % 86400;
    if (of_day < 0) {
        of_day += 86400;
        days--;
    }
    int month, day;
    date_of(days, &year, &month, &day);
    char text[HUMAN_TEXT], fraction[16] = "";
    int digits = rest % 10 > 0 ? 3 : rest % 100 > 0 ? 2 : 1;
    if (rest > 0)
        snprintf(fraction, sizeof fraction, ".%0*d", digits,
                 (int)(rest / (digits == 3   ? 1
                               : digits == 2 ? 10
                                             : 100)));
    snprintf(text, sizeof text, "%04lld-%02d-%02d %02d:%02d:%02d%s +0000 UTC", (long long)year,
             month, day, (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60),
             fraction);
    return run_text(r, text, strlen(text), out);
}
