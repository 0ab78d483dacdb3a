/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/yaml/yaml.h"
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include <inttypes.h>
#include <stdio.h>

#define SHOWN 81 /* of a text from the input: 80 bytes */

/* Tells what was expected against what stands there. */
static void refuse(struct yaml_doc *doc, const struct yaml_node *node, const char *expected) {
    char got[SHOWN];
    switch (node->kind) {
    case YAML_SCALAR:
        printable(got, sizeof(got), node->text, node->len);
        yaml_error(doc, node, "expected %s, got \"%s\"", expected, got);
        break;
    case YAML_SEQUENCE: yaml_error(doc, node, "expected %s, got a list", expected); break;
    case YAML_MAPPING: yaml_error(doc, node, "expected %s, got a mapping", expected); break;
    }
}

static void refuse_range(struct yaml_doc *doc, const struct yaml_node *node, const char *what,
                         const char *low, const char *high) {
    char expected[160];
    if (high)
        snprintf(expected, sizeof(expected), "%s from %s to %s", what, low, high);
    else
        snprintf(expected, sizeof(expected), "%s of at least %s", what, low);
    refuse(doc, node, expected);
}

/* Digits with an optional sign and at most `decimals` after a point, scaled by 10^decimals. Returns
 * how many bytes were read; 0 if this is no such number. Leading zeros are refused: "010" means 8
 * to some readers and 10 to others. */
static size_t number_prefix(const char *s, size_t len, int decimals, int64_t *out) {
    bool negative = len > 0 && s[0] == '-';
    size_t i = negative, first = i;
    int64_t v = 0;
    for (; i < len && s[i] >= '0' && s[i] <= '9'; i++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s[i] - '0', &v))
            return 0;
    if (i == first || (s[first] == '0' && i > first + 1)) return 0;
    if (decimals > 0 && i + 1 < len && s[i] == '.' && s[i + 1] >= '0' && s[i + 1] <= '9') {
        for (i++; i < len && s[i] >= '0' && s[i] <= '9'; i++, decimals--) {
            if (decimals == 0) return 0;
            if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s[i] - '0', &v))
                return 0;
        }
    }
    for (; decimals > 0; decimals--)
        if (__builtin_mul_overflow(v, 10, &v)) return 0;
    *out = negative ? -v : v;
    return i;
}

static bool number(const struct yaml_node *node, int decimals, int64_t *out) {
    return node->kind == YAML_SCALAR && node->len > 0 &&
           number_prefix(node->text, node->len, decimals, out) == node->len;
}

/* A number followed by one of the units: the value in millionths, and which unit. */
static bool number_with_unit(const struct yaml_node *node, const char *const *units, size_t count,
                             int64_t *micro, size_t *unit) {
    if (node->kind != YAML_SCALAR) return false;
    size_t n = number_prefix(node->text, node->len, 6, micro);
    if (n == 0 || *micro < 0) return false;
    for (size_t i = 0; i < count; i++) {
        *unit = i;
        if (strcmp(node->text + n, units[i]) == 0) return true;
    }
    return false;
}

const char *yaml_text(struct yaml_doc *doc, struct yaml_node *node, const char *otherwise) {
    if (yaml_is_null(node)) return otherwise;
    if (node->kind == YAML_SCALAR) return node->text;
    refuse(doc, node, "a text");
    return otherwise;
}

bool yaml_bool(struct yaml_doc *doc, struct yaml_node *node, bool otherwise) {
    if (yaml_is_null(node)) return otherwise;
    static const char *const words[2][9] = {
        {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"},
        {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}};
    for (size_t i = 0; node->kind == YAML_SCALAR && i < ARRAY_LEN(words[0]); i++) {
        if (strcmp(node->text, words[0][i]) == 0) return false;
        if (strcmp(node->text, words[1][i]) == 0) return true;
    }
    refuse(doc, node, "true or false");
    return otherwise;
}

int64_t yaml_int(struct yaml_doc *doc, struct yaml_node *node, int64_t low, int64_t high,
                 int64_t otherwise) {
    if (yaml_is_null(node)) return otherwise;
    int64_t v;
    if (!number(node, 0, &v)) {
        refuse(doc, node, "a whole number");
        return otherwise;
    }
    if (v >= low && v <= high) return v;
    char from[24], to[24];
    snprintf(from, sizeof(from), "%" PRId64, low);
    snprintf(to, sizeof(to), "%" PRId64, high);
    refuse_range(doc, node, "a whole number", from, high == INT64_MAX ? NULL : to);
    return otherwise;
}

time_ns yaml_duration(struct yaml_doc *doc, struct yaml_node *node, time_ns low, time_ns high,
                      time_ns otherwise) {
    if (yaml_is_null(node)) return otherwise;
    time_ns v = 0;
    bool zero = node->kind == YAML_SCALAR && strcmp(node->text, "0") == 0;
    if (node->kind != YAML_SCALAR || (!zero && !duration_parse(node->text, node->len, &v))) {
        refuse(doc, node, "a duration such as \"250ms\", \"36s\" or \"5m\"");
        return otherwise;
    }
    if (v >= low && v <= high) return v;
    char from[32], to[32];
    duration_format(from, sizeof(from), low);
    duration_format(to, sizeof(to), high);
    refuse_range(doc, node, "a duration", from, high == TIME_NEVER ? NULL : to);
    return otherwise;
}

int64_t yaml_share(struct yaml_doc *doc, struct yaml_node *node, int64_t low_ppm, int64_t high_ppm,
                   int64_t otherwise) {
    if (yaml_is_null(node)) return otherwise;
    int64_t v;
    if (node->kind != YAML_SCALAR || !share_parse(node->text, node->len, &v)) {
        refuse(doc, node, "a share such as \"15.2%\" or 0.152");
        return otherwise;
    }
    if (v >= low_ppm && v <= high_ppm) return v;
    char from[32], to[32];
    share_format(from, sizeof(from), low_ppm);
    share_format(to, sizeof(to), high_ppm);
    refuse_range(doc, node, "a share", from, high_ppm == INT64_MAX ? NULL : to);
    return otherwise;
}

static void decimal_format(char *buffer, size_t size, int64_t micro) {
    struct writer w = writer_of(buffer, size - 1);
    write_micro(&w, micro);
    buffer[w.len] = '\0';
}

/* 300s where the key's name has the unit already. */
static bool has_unit(const struct yaml_node *node) {
    int64_t micro;
    size_t n = node->kind == YAML_SCALAR ? number_prefix(node->text, node->len, 6, &micro) : 0;
    return n > 0 && (node->text[n] == '%' || (node->text[n] >= 'a' && node->text[n] <= 'z'));
}

int64_t yaml_decimal(struct yaml_doc *doc, struct yaml_node *node, int64_t low_micro,
                     int64_t high_micro, int64_t otherwise) {
    if (yaml_is_null(node)) return otherwise;
    int64_t v;
    if (!number(node, 6, &v)) {
        refuse(doc, node,
               has_unit(node) ? "a number without a unit" : "a number with at most six decimals");
        return otherwise;
    }
    if (v >= low_micro && v <= high_micro) return v;
    char from[32], to[32];
    decimal_format(from, sizeof(from), low_micro);
    decimal_format(to, sizeof(to), high_micro);
    refuse_range(doc, node, "a number", from, high_micro == INT64_MAX ? NULL : to);
    return otherwise;
}

static const char *const rate_units[] = {"/s", "/min", "/m", "/h", "/day"};
static const int64_t rate_seconds[] = {1, 60, 60, 3600, 86400};

int64_t yaml_rate(struct yaml_doc *doc, struct yaml_node *node, int64_t otherwise_milli) {
    if (yaml_is_null(node)) return otherwise_milli;
    int64_t micro;
    size_t unit;
    if (!number_with_unit(node, rate_units, ARRAY_LEN(rate_units), &micro, &unit)) {
        refuse(doc, node, "a rate such as \"1250/s\" or \"3/min\"");
        return otherwise_milli;
    }
    int64_t milli = muldiv(micro, 1, 1000 * rate_seconds[unit]);
    if (milli > 0 || micro == 0) return milli;
    refuse(doc, node, "a rate of at least \"0.001/s\"");
    return otherwise_milli;
}

time_ns yaml_gap(struct yaml_doc *doc, struct yaml_node *node, time_ns otherwise) {
    if (yaml_is_null(node)) return otherwise;
    int64_t micro;
    size_t unit;
    if (number_with_unit(node, rate_units, ARRAY_LEN(rate_units), &micro, &unit) && micro > 0) {
        time_ns gap = muldiv(1000000, rate_seconds[unit] * NS_PER_S, micro);
        if (gap > 0) return gap;
    }
    refuse(doc, node, "a rate above 0 such as \"1250/s\" or \"3/min\"");
    return otherwise;
}

int64_t yaml_size(struct yaml_doc *doc, struct yaml_node *node, int64_t otherwise_bytes) {
    if (yaml_is_null(node)) return otherwise_bytes;
    static const char *const units[] = {"B",   "kB", "KB",  "KiB", "MB",
                                        "MiB", "GB", "GiB", "TB",  "TiB"};
    static const int64_t bytes[] = {1,
                                    1000,
                                    1000,
                                    1024,
                                    1000000,
                                    1 << 20,
                                    1000000000,
                                    1 << 30,
                                    INT64_C(1000000000000),
                                    INT64_C(1) << 40};
    int64_t micro;
    size_t unit;
    if (!number_with_unit(node, units, ARRAY_LEN(units), &micro, &unit) ||
        micro > muldiv(INT64_MAX, 1000000, bytes[unit])) {
        refuse(doc, node, "a size such as \"2GiB\" or \"800MB\"");
        return otherwise_bytes;
    }
    return muldiv(micro, bytes[unit], 1000000);
}

time_ns yaml_wall(struct yaml_doc *doc, struct yaml_node *node, time_ns otherwise) {
    if (yaml_is_null(node)) return otherwise;
    time_ns v;
    if (node->kind == YAML_SCALAR && wall_parse(node->text, node->len, &v)) return v;
    refuse(doc, node, "a time in UTC such as \"2026-01-05T09:00:00Z\"");
    return otherwise;
}

int yaml_choice(struct yaml_doc *doc, struct yaml_node *node, const char *const *names,
                size_t count, int otherwise) {
    if (yaml_is_null(node)) return otherwise;
    for (size_t i = 0; node->kind == YAML_SCALAR && i < count; i++)
        if (strcmp(node->text, names[i]) == 0) return (int)i;
    const char *near =
        node->kind == YAML_SCALAR ? nearest_name(node->text, node->len, names, count) : NULL;
    if (near) {
        char got[SHOWN];
        printable(got, sizeof(got), node->text, node->len);
        yaml_error(doc, node, "unknown name \"%s\"; did you mean \"%s\"?", got, near);
        return otherwise;
    }
    char expected[300] = "one of ";
    for (size_t i = 0, n = strlen(expected); i < count && n < sizeof(expected) - 1; i++)
        n += (size_t)snprintf(expected + n, sizeof(expected) - n, "%s\"%s\"", i ? ", " : "",
                              names[i]);
    refuse(doc, node, expected);
    return otherwise;
}
