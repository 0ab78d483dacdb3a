/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_IMPORT_OTHERS_H
#define TOPOLOGIES_IMPORT_OTHERS_H
/* Reading YAML that was not written for us: a key or a text of another shape than looked for is
 * as if it were not there. */
#include "engine/yaml/yaml.h"

struct yaml_node *others_key(struct yaml_node *node, const char *key);
/* NULL if it is no scalar, or empty. */
const char *others_text(const struct yaml_node *node);
/* Numbers are looked at closely: 0 when it is not stated, and on an error, which has its place. */
int64_t others_int(struct yaml_doc *doc, const struct yaml_node *node, int64_t low, int64_t high);
/* In millicores and MiB: "250m", "64Mi", "129e6" of Kubernetes, "0.5", "300m" (of memory) and "1GB"
 * of Compose. */
int64_t kubernetes_cpu(struct yaml_doc *doc, const struct yaml_node *node);
int64_t kubernetes_memory(struct yaml_doc *doc, const struct yaml_node *node);
int64_t compose_cpu(struct yaml_doc *doc, const struct yaml_node *node);
int64_t compose_memory(struct yaml_doc *doc, const struct yaml_node *node);

#endif
