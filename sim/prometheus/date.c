/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates of the proleptic Gregorian calendar in UTC, from seconds since 1970. */
#include "sim/prometheus/functions.h"
#include <math.h>

#define DAY_S INT64_C(86400)

struct date {
    int64_t year;
    int month, day; /* from 1 */
    int64_t days;   /* since 1970-01-01 */
    int64_t second; /* of the day */
};

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Years are counted from March, so that the leap day is the last of its year; 400 years are an era
 * of 146097 days. (After H. Hinnant, chrono-compatible low-level date algorithms.) */
static bool date_of(double seconds, struct date *out) {
    if (!(fabs(seconds) < 1e15)) return false; /* NaN, and times without a year to speak of */
    int64_t whole = (int64_t)seconds;
    out->days = floor_div(whole, DAY_S);
    out->second = whole - out->days * DAY_S;
    int64_t shifted = out->days + 719468, era = floor_div(shifted, 146097);
    int64_t day = shifted - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    out->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = year + era * 400 + (out->month <= 2);
    return true;
}

static bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

#define DATE_VALUE(name, what)                                                                     \
    double value_##name(double v, const double *s) {                                               \
        struct date d;                                                                             \
        (void)s;                                                                                   \
        return date_of(v, &d) ? (double)(what) : (double)NAN;                                      \
    }

static int days_before(int month, bool leap) {
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return before[month - 1] + (leap && month > 2);
}

DATE_VALUE(minute, d.second / 60 % 60)
DATE_VALUE(hour, d.second / 3600)
DATE_VALUE(day_of_week, ((d.days + 4) % 7 + 7) % 7) /* 1970 began on a Thursday */
DATE_VALUE(day_of_month, d.day)
DATE_VALUE(day_of_year, days_before(d.month, is_leap(d.year)) + d.day)
DATE_VALUE(days_in_month,
           days_before(d.month + 1, is_leap(d.year)) - days_before(d.month, is_leap(d.year)))
DATE_VALUE(month, d.month)
DATE_VALUE(year, d.year)
