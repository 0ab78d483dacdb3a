/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/import/others.h"
#include "engine/base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NANO      INT64_C(1000000000)
#define LIMIT_MAX INT64_C(1000000000) /* what a topology may state */

struct yaml_node *others_key(struct yaml_node *node, const char *key) {
    if (!node || node->kind != YAML_MAPPING) return NULL;
    for (uint32_t k = 0; k < node->count; k++)
        if (strcmp(node->keys[k]->text, key) == 0) return node->items[k];
    return NULL;
}

const char *others_text(const struct yaml_node *node) {
    return node && node->kind == YAML_SCALAR && node->len > 0 ? node->text : NULL;
}

static int64_t refused(struct yaml_doc *doc, const struct yaml_node *node, const char *expected) {
    char shown[81] = "";
    if (node->kind == YAML_SCALAR) printable(shown, sizeof shown, node->text, node->len);
    if (*shown)
        yaml_error(doc, node, "expected %s, not \"%s\"", expected, shown);
    else
        yaml_error(doc, node, "expected %s", expected);
    return 0;
}

/* In billionths; *unit is what follows the number. False if it does not begin with one. */
static bool number_of(const char *text, size_t len, int128 *value, const char **unit) {
    size_t used = read_decimal(text, len, 9, value);
    *unit = text + used;
    return used > 0;
}

int64_t others_int(struct yaml_doc *doc, const struct yaml_node *node, int64_t low, int64_t high) {
    char expected[80];
    const char *unit;
    int128 value;
    if (yaml_is_null(node)) return 0;
    if (node->kind == YAML_SCALAR && number_of(node->text, node->len, &value, &unit) && !*unit &&
        value % NANO == 0 && value >= low * NANO && value <= high * NANO)
        return (int64_t)(value / NANO);
    snprintf(expected, sizeof expected, "a whole number from %" PRId64 " to %" PRId64, low, high);
    return refused(doc, node, expected);
}

/* ---- quantities ---- */

struct unit {
    const char *name;
    int128 times, by;
};
#define BINARY(bits)   ((int128)1 << (bits)), 1
#define DECIMAL(zeros) INT64_C(1##zeros), 1
#define PART(zeros)    1, INT64_C(1##zeros)
/* The suffixes of a Kubernetes resource.Quantity. */
static const struct unit kubernetes[] = {
    {"", 1, 1},
    {"n", PART(000000000)},
    {"u", PART(000000)},
    {"m", PART(000)},
    {"k", DECIMAL(000)},
    {"M", DECIMAL(000000)},
    {"G", DECIMAL(000000000)},
    {"T", DECIMAL(000000000000)},
    {"P", DECIMAL(000000000000000)},
    {"E", DECIMAL(000000000000000000)},
    {"Ki", BINARY(10)},
    {"Mi", BINARY(20)},
    {"Gi", BINARY(30)},
    {"Ti", BINARY(40)},
    {"Pi", BINARY(50)},
    {"Ei", BINARY(60)},
    {NULL, 0, 0},
};
static const struct unit compose_bytes[] = {
    {"", 1, 1},          {"b", 1, 1},         {"k", BINARY(10)},   {"kb", BINARY(10)},
    {"kib", BINARY(10)}, {"m", BINARY(20)},   {"mb", BINARY(20)},  {"mib", BINARY(20)},
    {"g", BINARY(30)},   {"gb", BINARY(30)},  {"gib", BINARY(30)}, {"t", BINARY(40)},
    {"tb", BINARY(40)},  {"tib", BINARY(40)}, {NULL, 0, 0},
};
static const struct unit plain[] = {{"", 1, 1}, {NULL, 0, 0}};

/* "129e6", which Kubernetes takes too. */
static bool exponent_of(const char *text, struct unit *found) {
    if (tolower((unsigned char)*text) != 'e' || !isdigit((unsigned char)text[1])) return false;
    char *end;
    long zeros = strtol(text + 1, &end, 10);
    if (*end || zeros > 18) return false;
    *found = (struct unit){text, 1, 1};
    while (zeros-- > 0) found->times *= 10;
    return true;
}

/* Compose's are the same in small letters and capitals. */
static bool is_called(const char *name, const char *text, bool any_case) {
    while (*name && *name == (any_case ? tolower((unsigned char)*text) : *text)) name++, text++;
    return *name == '\0' && *text == '\0';
}

static bool unit_of(const char *text, const struct unit *units, struct unit *found) {
    for (const struct unit *u = units; u->name; u++) {
        *found = *u;
        if (is_called(u->name, text, units == compose_bytes)) return true;
    }
    return units == kubernetes && exponent_of(text, found);
}

/* In whole steps of so many billionths; what is there at all is one at least. */
static int64_t quantity(struct yaml_doc *doc, const struct yaml_node *node,
                        const struct unit *units, int128 step, const char *expected) {
    const char *rest;
    int128 value;
    struct unit unit;
    if (yaml_is_null(node) || (node->kind == YAML_SCALAR && node->len == 0)) return 0;
    if (node->kind != YAML_SCALAR || !number_of(node->text, node->len, &value, &rest) ||
        !unit_of(rest, units, &unit) || value > ((int128)1 << 126) / unit.times ||
        value * unit.times / unit.by / step > LIMIT_MAX)
        return refused(doc, node, expected);
    int64_t steps = (int64_t)(value * unit.times / unit.by / step);
    return steps == 0 && value > 0 ? 1 : steps;
}

#define MILLICORE (NANO / 1000)
#define MEBIBYTE  ((int128)NANO << 20)
int64_t kubernetes_cpu(struct yaml_doc *doc, const struct yaml_node *node) {
    return quantity(doc, node, kubernetes, MILLICORE, "a number of CPUs such as 250m or 0.5");
}
int64_t kubernetes_memory(struct yaml_doc *doc, const struct yaml_node *node) {
    return quantity(doc, node, kubernetes, MEBIBYTE, "memory such as 64Mi or 1Gi");
}
int64_t compose_cpu(struct yaml_doc *doc, const struct yaml_node *node) {
    return quantity(doc, node, plain, MILLICORE, "a number of CPUs such as 0.5");
}
int64_t compose_memory(struct yaml_doc *doc, const struct yaml_node *node) {
    return quantity(doc, node, compose_bytes, MEBIBYTE, "memory such as 64M or 1G");
}
