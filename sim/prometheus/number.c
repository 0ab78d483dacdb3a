/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/number.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 17

/* 0.d1d2d3... * 10^point, without trailing zeros. */
struct digits {
    char at[DIGITS_MAX + 1];
    int count, point;
};

static struct digits digits_of(const char *scientific) {
    struct digits d = {{0}, 0, 0};
    const char *s = scientific;
    for (; *s && *s != 'e'; s++)
        if (*s != '.') d.at[d.count++] = *s;
    d.point = (int)strtol(s + 1, NULL, 10) + 1;
    while (d.count > 1 && d.at[d.count - 1] == '0') d.count--;
    if (d.at[0] == '0') d.point = 1;
    return d;
}

/* Fifteen digits survive the way to a double and back, so if fifteen do, the shortest are these
 * without their zeros. Values below the normal range hold fewer. */
static struct digits shortest(double magnitude) {
    char text[NUMBER_TEXT];
    int first = magnitude < DBL_MIN ? 1 : 15;
    for (int count = first;; count++) {
        snprintf(text, sizeof text, "%.*e", count - 1, magnitude);
        if (count == DIGITS_MAX || strtod(text, NULL) == magnitude) return digits_of(text);
    }
}

static char *put(char *out, const char *s, int count) {
    memcpy(out, s, (size_t)count);
    return out + count;
}

static char *put_zeros(char *out, int count) {
    for (; count > 0; count--) *out++ = '0';
    return out;
}

static char *plain(char *out, const struct digits *d) {
    if (d->point <= 0) {
        out = put_zeros(put(out, "0.", 2), -d->point);
        return put(out, d->at, d->count);
    }
    int whole = d->count < d->point ? d->count : d->point;
    out = put_zeros(put(out, d->at, whole), d->point - whole);
    if (d->count > whole) out = put(put(out, ".", 1), d->at + whole, d->count - whole);
    return out;
}

static char *scientific(char *out, const struct digits *d) {
    out = put(out, d->at, 1);
    if (d->count > 1) out = put(put(out, ".", 1), d->at + 1, d->count - 1);
    return out + snprintf(out, 8, "e%+03d", d->point - 1);
}

/* Exponents (of the first digit) from low on and below high are written plainly. */
static size_t write_number(char *out, double value, int low, int high) {
    if (isnan(value) || isinf(value)) {
        const char *name = isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        memcpy(out, name, strlen(name) + 1);
        return strlen(name);
    }
    struct digits d = shortest(fabs(value));
    char *at = out;
    if (signbit(value)) *at++ = '-';
    bool is_plain = value == 0 || (d.point - 1 >= low && d.point - 1 < high);
    at = is_plain ? plain(at, &d) : scientific(at, &d);
    *at = '\0';
    return (size_t)(at - out);
}

size_t number_go(char out[NUMBER_TEXT], double value) { return write_number(out, value, -4, 6); }

size_t number_json(char out[NUMBER_TEXT], double value) { return write_number(out, value, -6, 21); }

size_t number_plain(char out[NUMBER_PLAIN_TEXT], double value) {
    return write_number(out, value, -400, 400);
}

bool numbers_are_near(double a, double b, double tolerance) {
    if (a == b) return true;
    double sum = fabs(a) + fabs(b), difference = fabs(a - b);
    if (a == 0 || b == 0 || sum < DBL_MIN) return difference < tolerance * DBL_MIN;
    return difference / fmin(sum, DBL_MAX) < tolerance;
}
