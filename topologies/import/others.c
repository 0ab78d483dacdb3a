/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/import/others.h"
#include "engine/base/text.h"

#include <ctype.h>
#include <string.h>

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

/* In thousandths; 0 unless it begins with a number. */
static int64_t number_of(const char *text, const char **unit) {
    int128 value = 0;
    size_t used = text ? read_decimal(text, strlen(text), 3, &value) : 0;
    *unit = text ? text + used : "";
    return used > 0 && value > 0 && value < (int128)LIMIT_MAX * 1000000 ? (int64_t)value : 0;
}

int64_t others_int(const struct yaml_node *node, int64_t low, int64_t high) {
    const char *unit;
    int64_t milli = number_of(others_text(node), &unit);
    bool whole = milli > 0 && *unit == '\0' && milli % 1000 == 0;
    return whole && milli / 1000 >= low && milli / 1000 <= high ? milli / 1000 : 0;
}

static int64_t limited(int128 value) {
    return value > LIMIT_MAX ? LIMIT_MAX : value < 0 ? 0 : (int64_t)value;
}

int64_t others_cpu(const struct yaml_node *node) {
    const char *unit;
    int64_t milli = number_of(others_text(node), &unit);
    return limited(*unit == 'm' ? milli / 1000 : milli);
}

/* Compose writes "m" and "k" in small letters for the same. */
int64_t others_memory(const struct yaml_node *node) {
    const char *unit;
    int64_t milli = number_of(others_text(node), &unit);
    int shift = 0; /* from bytes */
    switch (tolower((unsigned char)*unit)) {
    case 'k': shift = 10; break;
    case 'm': shift = 20; break;
    case 'g': shift = 30; break;
    case 't': shift = 40; break;
    default: break;
    }
    int128 mb = (((int128)milli << shift) / 1000) >> 20;
    return limited(mb == 0 && milli > 0 ? 1 : mb);
}
