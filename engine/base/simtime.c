/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/simtime.h"
#include "engine/base/text.h"

#define FORMATTED_MAX 64

time_ns time_add(time_ns a, time_ns b) {
    time_ns sum;
    if (__builtin_add_overflow(a, b, &sum)) return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static const struct unit {
    const char *name;
    time_ns ns;
} units[] = {
    {"d", 24 * NS_PER_HOUR}, {"h", NS_PER_HOUR}, {"m", NS_PER_MIN}, {"s", NS_PER_S},
    {"ms", NS_PER_MS},       {"us", NS_PER_US},  {"ns", 1},
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static time_ns unit_of(const char *s, size_t len) {
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strlen(units[i].name) == len && memcmp(units[i].name, s, len) == 0) return units[i].ns;
    return 0;
}

bool duration_parse(const char *s, size_t len, time_ns *out) {
    size_t i = 0;
    bool negative = len > 0 && s[0] == '-';
    if (negative) i++;
    int128 value = 0, scale = 1; /* the number read is value / scale */
    size_t whole_start = i;
    for (; i < len && is_digit(s[i]); i++) {
        value = value * 10 + (s[i] - '0');
        if (value > INT64_MAX) return false;
    }
    if (i == whole_start) return false;
    if (i < len && s[i] == '.') {
        size_t first = ++i;
        for (; i < len && is_digit(s[i]); i++) {
            if (i - first >= 15) return false;
            value = value * 10 + (s[i] - '0');
            scale *= 10;
        }
        if (i == first) return false;
    }
    time_ns unit = unit_of(s + i, len - i);
    /* value < 1e34 needs care: a unit is below 1e14, and 2^127 is 1.7e38 */
    if (unit == 0 || value / scale > INT64_MAX / unit || value > INT64_MAX * (int128)100000) return false;
    int128 ns = value * unit;
    if (ns % scale != 0 || ns / scale > INT64_MAX) return false;
    *out = (time_ns)(negative ? -(ns / scale) : ns / scale);
    return true;
}

/* As snprintf: the whole length, what fits, terminated. */
static int give(char *buffer, size_t size, const struct writer *w) {
    ASSERT(!w->overflow);
    size_t fits = size == 0 ? 0 : w->len < size ? w->len : size - 1;
    if (size > 0) {
        memcpy(buffer, w->buffer, fits);
        buffer[fits] = '\0';
    }
    return (int)w->len;
}
