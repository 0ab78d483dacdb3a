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
/* What was found inside the text of a node, whose places count from its first byte as line 1 and
 * column 1, is told to the document at its place in the file. */
void source_tell(const struct source *source, struct yaml_doc *doc, const struct yaml_node *node,
                 const struct diags *found);

/* A duration as Prometheus writes it, 1h30m; "0" is one, too. */
int64_t source_duration(struct yaml_doc *doc, struct yaml_node *node, int64_t otherwise);

#endif
