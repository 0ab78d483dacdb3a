/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alertmanager.yml: routes, receivers, inhibition rules. What only a real Alertmanager needs
 * (hosts, keys, templates, what a receiver's service wants) is read over. */
#include "sim/prometheus/alertmanager_parts.h"
#include "sim/prometheus/source.h"

#define DEFAULT_WAIT_MS     (30 * INT64_C(1000))
#define DEFAULT_INTERVAL_MS (300 * INT64_C(1000))
#define DEFAULT_REPEAT_MS   (4 * 3600 * INT64_C(1000))
#define NAMES_MAX           64u

struct reading {
    struct yaml_doc doc;
    struct alertmanager_config *config;
};

static struct yaml_node *key(struct reading *r, struct yaml_node *node, const char *name) {
    return yaml_key(&r->doc, node, name);
}

/* ---- receivers ---- */

/* The services that receivers can have, and whether they tell of what has resolved by default. */
static const struct {
    const char *key;
    bool send_resolved;
} integrations[] = {
    {"discord_configs", true},   {"email_configs", false},      {"incidentio_configs", true},
    {"jira_configs", true},      {"mattermost_configs", true},  {"msteams_configs", true},
    {"msteamsv2_configs", true}, {"opsgenie_configs", true},    {"pagerduty_configs", true},
    {"pushover_configs", true},  {"rocketchat_configs", false}, {"slack_configs", false},
    {"sns_configs", true},       {"telegram_configs", true},    {"victorops_configs", true},
    {"webex_configs", true},     {"webhook_configs", true},     {"wechat_configs", false},
};

static void read_receiver(struct reading *r, struct yaml_node *node) {
    struct am_receiver *receiver = &r->config->receivers[r->config->receiver_count];
    receiver->name = yaml_text(&r->doc, key(r, node, "name"), "");
    if (!receiver->name[0]) yaml_error(&r->doc, node, "a receiver needs \"name\"");
    for (uint32_t i = 0; i < r->config->receiver_count; i++)
        if (strcmp(r->config->receivers[i].name, receiver->name) == 0)
            yaml_error(&r->doc, node, "receiver \"%.80s\" stands here twice", receiver->name);
    for (size_t k = 0; k < ARRAY_LEN(integrations); k++) {
        struct yaml_node *list = key(r, node, integrations[k].key);
        for (uint32_t i = 0, count = yaml_count(&r->doc, list); i < count; i++) {
            receiver->is_somebody = true;
            receiver->send_resolved |= yaml_bool(&r->doc, key(r, list->items[i], "send_resolved"),
                                                 integrations[k].send_resolved);
        }
    }
    yaml_unknown_keys(&r->doc, node, "receiver");
    r->config->receiver_count++;
}

static void read_receivers(struct reading *r, struct yaml_node *list) {
    uint32_t count = yaml_count(&r->doc, list);
    r->config->receivers = ARENA_NEW(r->doc.arena, struct am_receiver, count + 1);
    for (uint32_t i = 0; i < count; i++) read_receiver(r, list->items[i]);
}

static const struct am_receiver *receiver_named(struct reading *r, struct yaml_node *node) {
    const char *names[NAMES_MAX], *name = yaml_text(&r->doc, node, "");
    size_t known = 0;
    for (uint32_t i = 0; i < r->config->receiver_count; i++) {
        const struct am_receiver *receiver = &r->config->receivers[i];
        if (strcmp(receiver->name, name) == 0) return receiver;
        if (known < NAMES_MAX) names[known++] = receiver->name;
    }
    const char *nearest = nearest_name(name, strlen(name), names, known);
    yaml_error(&r->doc, node, "no receiver \"%.80s\"%s%s%s", name,
               nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    return NULL;
}

/* ---- routes ---- */

static const char *const *read_names(struct reading *r, struct yaml_node *list, uint32_t *count) {
    *count = yaml_count(&r->doc, list);
    const char **names = ARENA_NEW(r->doc.arena, const char *, *count + 1);
    for (uint32_t i = 0; i < *count; i++) {
        names[i] = yaml_text(&r->doc, list->items[i], "");
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(names[j], names[i]) == 0)
                yaml_error(&r->doc, list->items[i], "label \"%.80s\" stands here twice", names[i]);
    }
    return names;
}

static void read_grouping(struct reading *r, struct yaml_node *list, struct am_route *route) {
    if (!list) return;
    route->by = read_names(r, list, &route->by_count);
    route->by_all = false;
    for (uint32_t i = 0; i < route->by_count; i++)
        route->by_all |= strcmp(route->by[i], "...") == 0;
    if (route->by_all && route->by_count > 1)
        yaml_error(&r->doc, list, "\"...\" groups by all labels; others beside it say nothing");
}

static void read_period(struct reading *r, struct yaml_node *node, int64_t *ms) {
    *ms = source_duration(&r->doc, node, *ms);
    if (node && *ms <= 0) yaml_error(&r->doc, node, "expected more than 0");
}

static void refuse_intervals(struct reading *r, struct yaml_node *node) {
    static const char *const keys[] = {"mute_time_intervals", "active_time_intervals"};
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        struct yaml_node *list = key(r, node, keys[k]);
        if (yaml_count(&r->doc, list) > 0)
            yaml_error(&r->doc, list, "%s are not supported", keys[k]);
    }
}

static void read_route(struct reading *r, struct yaml_node *node, const struct am_route *parent,
                       struct am_route *route) {
    struct yaml_node *receiver = key(r, node, "receiver");
    *route = *parent;
    route->child = route->next = NULL;
    r->config->route_count++;
    if (receiver) route->receiver = receiver_named(r, receiver);
    route->matchers = am_matchers_read(&r->doc, key(r, node, "match"), key(r, node, "match_re"),
                                       key(r, node, "matchers"));
    route->continues = yaml_bool(&r->doc, key(r, node, "continue"), false);
    read_grouping(r, key(r, node, "group_by"), route);
    route->wait_ms = source_duration(&r->doc, key(r, node, "group_wait"), route->wait_ms);
    read_period(r, key(r, node, "group_interval"), &route->interval_ms);
    read_period(r, key(r, node, "repeat_interval"), &route->repeat_ms);
    refuse_intervals(r, node);
    struct yaml_node *routes = key(r, node, "routes");
    const struct am_route **link = &route->child;
    for (uint32_t i = 0, count = yaml_count(&r->doc, routes); i < count; i++) {
        struct am_route *child = ARENA_NEW(r->doc.arena, struct am_route, 1);
        read_route(r, routes->items[i], route, child);
        *link = child;
        link = &child->next;
    }
    yaml_unknown_keys(&r->doc, node, "route");
}

static void read_root(struct reading *r, struct yaml_node *node) {
    static const struct am_route defaults = {.wait_ms = DEFAULT_WAIT_MS,
                                             .interval_ms = DEFAULT_INTERVAL_MS,
                                             .repeat_ms = DEFAULT_REPEAT_MS};
    struct am_route *root = ARENA_NEW(r->doc.arena, struct am_route, 1);
    r->config->root = root;
    if (yaml_is_null(node)) {
        yaml_error(&r->doc, r->doc.root, "an alertmanager.yml needs \"route\"");
        return;
    }
    read_route(r, node, &defaults, root);
    if (!key(r, node, "receiver")) yaml_error(&r->doc, node, "the first route needs \"receiver\"");
    if (root->matchers.count > 0)
        yaml_error(&r->doc, node, "the first route matches every alert and has no matchers");
}

/* ---- inhibition ---- */

static void read_inhibition(struct reading *r, struct yaml_node *node) {
    struct am_inhibition *rule = &r->config->inhibitions[r->config->inhibition_count++];
    rule->source =
        am_matchers_read(&r->doc, key(r, node, "source_match"), key(r, node, "source_match_re"),
                         key(r, node, "source_matchers"));
    rule->target =
        am_matchers_read(&r->doc, key(r, node, "target_match"), key(r, node, "target_match_re"),
                         key(r, node, "target_matchers"));
    rule->equal = read_names(r, key(r, node, "equal"), &rule->equal_count);
    key(r, node, "name");
    yaml_unknown_keys(&r->doc, node, "inhibition rule");
}

static void read_inhibitions(struct reading *r, struct yaml_node *list) {
    uint32_t count = yaml_count(&r->doc, list);
    r->config->inhibitions = ARENA_NEW(r->doc.arena, struct am_inhibition, count + 1);
    for (uint32_t i = 0; i < count; i++) read_inhibition(r, list->items[i]);
}

/* ---- the file ---- */

static void read_file(struct reading *r) {
    static const char *const read_over[] = {"templates", "time_intervals", "mute_time_intervals",
                                            "tracing"};
    struct yaml_node *root = r->doc.root;
    r->config->resolve_timeout_ms = DEFAULT_INTERVAL_MS;
    read_period(r, key(r, key(r, root, "global"), "resolve_timeout"),
                &r->config->resolve_timeout_ms);
    for (size_t k = 0; k < ARRAY_LEN(read_over); k++) key(r, root, read_over[k]);
    read_receivers(r, key(r, root, "receivers"));
    read_root(r, key(r, root, "route"));
    read_inhibitions(r, key(r, root, "inhibit_rules"));
    yaml_unknown_keys(&r->doc, root, "alertmanager.yml");
}

const struct alertmanager_config *alertmanager_read(struct arena *arena, const char *file,
                                                    const char *text, size_t len,
                                                    struct diags *diags) {
    struct reading r = {.config = ARENA_NEW(arena, struct alertmanager_config, 1)};
    uint32_t errors = diags->errors;
    if (!yaml_read(&r.doc, arena, diags, file, text, len, NULL, NULL)) return NULL;
    if (r.doc.document_count != 1)
        yaml_error(&r.doc, NULL, "expected one document with \"route\" and \"receivers\"");
    else
        read_file(&r);
    return diags->errors == errors ? r.config : NULL;
}

struct alertmanager_counts alertmanager_counts(const struct alertmanager_config *config) {
    return (struct alertmanager_counts){config->route_count, config->receiver_count,
                                        config->inhibition_count};
}
