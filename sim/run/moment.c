/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/moment.h"

#include "engine/base/text.h"
#include "sim/prometheus/lexer.h"

#define SECONDS_MAX INT64_C(9000000000000)

static bool seconds_to_ms(const char *text, size_t len, int64_t *ms) {
    bool negative = len > 0 && text[0] == '-';
    int128 value;
    size_t used = read_decimal(text + negative, len - negative, 3, &value);
    if (used == 0 || used != len - negative || value > (int128)SECONDS_MAX * 1000) return false;
    *ms = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

/* So many digits. */
static bool digits(const char **at, const char *end, int count, int64_t *out) {
    *out = 0;
    for (; count > 0; count--, ++*at) {
        if (*at == end || **at < '0' || **at > '9') return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool sign(const char **at, const char *end, char c) { return *at < end && *(*at)++ == c; }

/* Days since 1970, of the proleptic Gregorian calendar: the leap days before the year, and a table
 * of the months. */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int64_t past = year - 1;
    int64_t days = past * 365 + past / 4 - past / 100 + past / 400 - 719162;
    return days + before[month - 1] + (leap && month > 2) + day - 1;
}

static bool date_to_ms(const char *text, size_t len, int64_t *ms) {
    const char *at = text, *end = text + len;
    int64_t year, month, day, hour, minute, rest;
    if (!digits(&at, end, 4, &year) || !sign(&at, end, '-') || !digits(&at, end, 2, &month) ||
        !sign(&at, end, '-') || !digits(&at, end, 2, &day) || !sign(&at, end, 'T') ||
        !digits(&at, end, 2, &hour) || !sign(&at, end, ':') || !digits(&at, end, 2, &minute) ||
        !sign(&at, end, ':') || end - at < 3 || end[-1] != 'Z' || at[2] == '-')
        return false;
    bool fits =
        year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60;
    if (!fits || !seconds_to_ms(at, (size_t)(end - 1 - at), &rest) || rest >= 61000) return false;
    *ms = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60000 + rest;
    return true;
}

bool moment_read(const char *text, size_t len, int64_t *ms) {
    return seconds_to_ms(text, len, ms) || date_to_ms(text, len, ms);
}

bool span_read(const char *text, size_t len, int64_t *ms) {
    return promql_duration(text, len, ms) || seconds_to_ms(text, len, ms);
}
