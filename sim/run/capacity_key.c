/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/capacity_key.h"

#include <math.h>
#include <stdlib.h>

#define FINEST 1000 /* points, at least */

struct number {
    double value;
    bool whole;
    const char *unit;
    size_t unit_len;
};

/* Units of one kind, with what one of them is in the first. */
static const struct {
    const char *unit;
    double size;
    int kind;
} units[] = {{"ns", 1, 0},        {"us", 1e3, 0},         {"ms", 1e6, 0}, {"s", 1e9, 0},
             {"m", 60e9, 0},      {"h", 3600e9, 0},       {"/h", 1, 1},   {"/m", 60, 1},
             {"/min", 60, 1},     {"/s", 3600, 1},        {"B", 1, 2},    {"kB", 1e3, 2},
             {"KB", 1e3, 2},      {"MB", 1e6, 2},         {"GB", 1e9, 2}, {"KiB", 1024, 2},
             {"MiB", 1048576, 2}, {"GiB", 1073741824, 2}, {"%", 1, 3}};

static int unit_of(const struct number *n) {
    for (size_t k = 0; k < ARRAY_LEN(units); k++)
        if (strlen(units[k].unit) == n->unit_len &&
            memcmp(units[k].unit, n->unit, n->unit_len) == 0)
            return (int)k;
    return -1;
}

/* Digits, at most one point, then a unit up to the end. */
static bool read_number(struct number *out, const char *text, size_t len) {
    char copy[40];
    size_t digits = strspn(text, "0123456789.");
    if (digits > len) digits = len;
    if (digits == 0 || digits >= sizeof copy || len - digits > 4) return false;
    snprintf(copy, sizeof copy, "%.*s", (int)digits, text);
    char *end;
    out->value = strtod(copy, &end);
    out->whole = !memchr(text, '.', digits);
    out->unit = text + digits;
    out->unit_len = len - digits;
    return *end == '\0' && end != copy && (out->unit_len == 0 || unit_of(out) >= 0);
}

/* The high end in the low one's unit. */
static bool same_unit(const struct number *low, struct number *high) {
    int a = unit_of(low), b = unit_of(high);
    if (a < 0 || b < 0) return a < 0 && b < 0;
    if (units[a].kind != units[b].kind) return false;
    high->value *= units[b].size / units[a].size;
    return true;
}

static void lay_points(struct capacity_axis *out, double low, double high, bool whole) {
    double step = whole ? 1 : pow(10, floor(log10((high - low) / FINEST)));
    out->decimals = 0;
    for (double finest = 1; !whole && finest > step * 1.5 && out->decimals < 6; finest /= 10)
        out->decimals++;
    if (!whole) step = pow(10, -out->decimals);
    out->low = round(low / step) * step;
    out->step = step;
    out->last = (uint32_t)floor((high - out->low) / step + 1e-6);
}

static bool wrong(const char *text, const char *expected, struct diags *diags) {
    char shown[120];
    printable(shown, sizeof shown, text, strlen(text));
    diag_error(diags, "--vary", 0, 0, "expected %s, got \"%s\"", expected, shown);
    return false;
}

bool capacity_key_read(struct capacity_axis *out, const char *text, struct diags *diags) {
    static const char such[] = "such as \"incidents.rate=1/min..200/min\" or \"engines=1..8\"";
    const char *equals = strchr(text, '='), *dots = equals ? strstr(equals, "..") : NULL;
    struct number low, high;
    *out = (struct capacity_axis){0};
    if (!dots || equals == text || (size_t)(equals - text) >= sizeof out->key ||
        !read_number(&low, equals + 1, (size_t)(dots - equals - 1)) ||
        !read_number(&high, dots + 2, strlen(dots + 2)))
        return wrong(text, such, diags);
    if (!same_unit(&low, &high)) return wrong(text, "both ends in one unit", diags);
    if (high.value <= low.value) return wrong(text, "a range that rises", diags);
    if (high.value - low.value > 1e9) return wrong(text, "a narrower range", diags);
    snprintf(out->key, sizeof out->key, "%.*s", (int)(equals - text), text);
    snprintf(out->unit, sizeof out->unit, "%.*s", (int)low.unit_len, low.unit);
    lay_points(out, low.value, high.value, low.whole && high.whole && low.unit_len == 0);
    return out->last > 0 || wrong(text, "a wider range", diags);
}
