/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_ALERTMANAGER_PARTS_H
#define SIM_PROMETHEUS_ALERTMANAGER_PARTS_H
/* What an alertmanager.yml says, as alertmanager.c runs it. Private to the Alertmanager. */
#include "engine/yaml/yaml.h"
#include "sim/prometheus/alertmanager.h"
#include "sim/prometheus/labels.h"
#include "sim/prometheus/regex.h"

enum am_operator { AM_EQUAL, AM_DIFFERS, AM_MATCHES, AM_MATCHES_NOT };
struct am_matcher {
    const char *name, *value;
    enum am_operator op;
    const struct regex *regex;
};
struct am_matchers {
    struct am_matcher *list;
    uint32_t count;
};

struct am_receiver {
    const char *name;
    bool is_somebody, send_resolved;
};

struct am_route {
    const struct am_receiver *receiver;
    struct am_matchers matchers;
    bool continues, by_all;
    const char *const *by;
    uint32_t by_count;
    int64_t wait_ms, interval_ms, repeat_ms;
    const struct am_route *child, *next;
};

struct am_inhibition {
    struct am_matchers source, target;
    const char *const *equal;
    uint32_t equal_count;
};

struct alertmanager_config {
    const struct am_route *root;
    uint32_t route_count, receiver_count, inhibition_count;
    struct am_receiver *receivers;
    struct am_inhibition *inhibitions;
    int64_t resolve_timeout_ms;
};

/* ---- alertmanager_matchers.c ---- */

/* The keys of a route or of one side of an inhibition: a mapping of equal values, one of patterns,
 * and a list of matchers, name="value"; each may be NULL. All of them have to hold. */
struct am_matchers am_matchers_read(struct yaml_doc *doc, struct yaml_node *equal,
                                    struct yaml_node *patterns, struct yaml_node *list);
bool am_matches(const struct am_matchers *matchers, const struct prom_label *labels, uint32_t count,
                struct regex_scratch *scratch);
/* A label that is missing is empty. */
const char *am_label(const struct prom_label *labels, uint32_t count, const char *name);

#endif
