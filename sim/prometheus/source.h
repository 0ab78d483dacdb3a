/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_SOURCE_H
#define SIM_PROMETHEUS_SOURCE_H
/*
 * Where a byte of a YAML text stands in its file. The reader knows where a text begins, not how it
 * was written: plain, quoted, or as a block whose lines are indented, folded or kept. But no way of
 * writing adds or drops anything but blanks and, in quotes, escapes; so the n-th byte that is no
 * blank is looked for.
 */
#include "engine/yaml/yaml.h"

struct source {
    const char *text;
    size_t len;
};
/* offset: bytes into the text's value, its length at most. */
void source_place(const struct source *source, const struct yaml_node *node, size_t offset,
                  int *line, int *column);
/* The offset of a place inside a text; both count from 1. */
size_t source_offset(const char *text, size_t len, int line, int column);

#endif
