/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_IMPORT_OTHERS_H
#define TOPOLOGIES_IMPORT_OTHERS_H
/* Reading YAML that was not written for us: what has another shape than looked for is as if it were
 * not there. */
#include "engine/yaml/yaml.h"

struct yaml_node *others_key(struct yaml_node *node, const char *key);
/* NULL if it is no scalar, or empty. */
const char *others_text(const struct yaml_node *node);
/* 0 if it is no whole number from low to high. */
int64_t others_int(const struct yaml_node *node, int64_t low, int64_t high);
int64_t others_cpu(const struct yaml_node *node); /* "250m", "0.5", in millicores; 0: not stated */
int64_t others_memory(const struct yaml_node *node); /* "64Mi", "1G", "512M", "300m", in MB */

#endif
