/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_RELABEL_H
#define SIM_PROMETHEUS_RELABEL_H
/*
 * Relabelling as Prometheus configures it (relabel_configs, metric_relabel_configs,
 * alert_relabel_configs): a list of steps over a label set. All its actions: replace, keep, drop,
 * keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase.
 * Applying allocates nothing.
 */
#include "engine/yaml/yaml.h"
#include "sim/prometheus/labels.h"
#include "sim/prometheus/regex.h"

struct relabelling;

/* The steps of a list; errors go to the document. Never NULL. */
const struct relabelling *relabelling_read(struct yaml_doc *doc, struct yaml_node *list);

#define RELABEL_BYTES 16384u
/* Labels on their way through steps; texts that are made stand in its own bytes. */
struct relabel_set {
    struct prom_label at[LABELS_MAX];
    uint32_t count;
    char bytes[RELABEL_BYTES];
    size_t used;
    bool full; /* a label or a text found no room: the set is not what it should be */
};
/* "" when it is not there. */
const char *relabel_get(const struct relabel_set *set, const char *name);
/* value "" takes the label away; texts are not copied. */
void relabel_put(struct relabel_set *set, const char *name, const char *value);
/* False when a step drops the set. */
bool relabel(const struct relabelling *steps, struct regex_scratch *scratch,
             struct relabel_set *set) MUST_CHECK;
/* Labels that begin with "__" were for the steps alone; __name__ stays. */
void relabel_strip(struct relabel_set *set);

/* RFC 1321; hashmod is made of it. */
void md5(const void *bytes, size_t len, uint8_t out[16]);

#endif
