/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/topology.h"
#include "engine/base/ratio.h"
#include "engine/yaml/yaml.h"
#include "topologies/adjacency.h"
#include "topologies/defaults.h"
#include <stdlib.h>

#define SHOWN              81 /* of a text from the input: 80 bytes */
#define MAX_FILE_VALUE     INT64_C(1000000000)
#define MAX_REPLICAS       100000
#define MAX_SLOTS          1000000
#define MAX_CV_PPM         (10 * PPM_ONE)
#define MAX_PER_REQUEST    (1000 * PPM_ONE)
#define MAX_RETRIES        100
#define MAX_NAMES_COMPARED 4096

/* Something of the file before it has its rank, with the place to name when it is wrong. */
struct service_draft {
    struct topo_service service;
    const struct yaml_node *at;
};
struct call_draft {
    struct topo_call call;
    const char *role; /* why the call is made; tells two calls from one service to another apart */
    const struct yaml_node *at;
};
struct group_draft {
    struct topo_group group;
    const struct yaml_node *at;
};

struct loading {
    struct yaml_doc doc;
    struct arena *arena;  /* what the topology keeps */
    struct arena scratch; /* the document, the drafts */
    struct topo_service *services;
    uint32_t service_count;
    const char **service_names; /* as in services, for the nearest */
    const char **zones;         /* NULL: the file lists none and any will do */
    uint32_t zone_count;
};

/* ---- Texts and references ---- */

/* A text that goes into names, labels and reports; otherwise is returned when it is absent or bad.
 */
static const char *text_of(struct loading *l, struct yaml_node *node, const char *otherwise) {
    const char *s = yaml_text(&l->doc, node, NULL);
    if (!s) return otherwise;
    char shown[4 * TOPO_MAX_NAME_BYTES + 1];
    if (node->len == 0 || node->len > TOPO_MAX_NAME_BYTES) {
        yaml_error(&l->doc, node, "expected a text of 1 to %d bytes, got %zu", TOPO_MAX_NAME_BYTES,
                   node->len);
        return otherwise;
    }
    printable(shown, sizeof shown, s, node->len);
    if (strcmp(shown, s) == 0) return s;
    yaml_error(&l->doc, node, "expected printable UTF-8, got \"%.80s\"", shown);
    return otherwise;
}

/* NULL, with a diagnostic, when it is absent or bad. */
static const char *required_text(struct loading *l, struct yaml_node *mapping, const char *key,
                                 const char *whose) {
    struct yaml_node *node = yaml_key(&l->doc, mapping, key);
    if (yaml_is_null(node) && mapping->kind == YAML_MAPPING)
        yaml_error(&l->doc, mapping, "a %s needs the key \"%s\"", whose, key);
    return text_of(l, node, NULL);
}

static const char *kept(struct loading *l, const char *s) {
    return *s ? arena_text(l->arena, s, strlen(s)) : "";
}

static void unknown_name(struct loading *l, const struct yaml_node *at, const char *what,
                         const char *name, const char *const *names, uint32_t count) {
    char shown[SHOWN];
    printable(shown, sizeof shown, name, strlen(name));
    /* A hostile file must not buy a million comparisons with each wrong name. */
    bool compare = count <= MAX_NAMES_COMPARED && l->doc.diags->count < DIAG_MAX;
    const char *near = compare ? nearest_name(name, strlen(name), names, count) : NULL;
    if (near)
        yaml_error(&l->doc, at, "no %s \"%s\"; did you mean \"%s\"?", what, shown, near);
    else
        yaml_error(&l->doc, at, "no %s \"%s\"", what, shown);
}

static struct svc_id service_of(struct loading *l, struct yaml_node *node) {
    const char *name = text_of(l, node, NULL);
    if (node && yaml_is_null(node)) yaml_error(&l->doc, node, "expected the name of a service");
    if (!name) return ID_NONE(svc_id);
    struct svc_id s = topo_find_service(l->services, l->service_count, name);
    if (s.v == NONE_ID) unknown_name(l, node, "service", name, l->service_names, l->service_count);
    return s;
}

static void stands_twice(struct loading *l, const struct yaml_node *at,
                         const struct yaml_node *first, const char *what, const char *name) {
    char shown[SHOWN];
    printable(shown, sizeof shown, name, strlen(name));
    yaml_error(&l->doc, at, "%s \"%s\" stands twice, first in line %d", what, shown, first->line);
}

static int place_order(const struct yaml_node *a, const struct yaml_node *b) {
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

/* ---- Services ---- */

static enum topo_kind kind_of(struct loading *l, struct yaml_node *node) {
    const char *names[TOPO_KIND_COUNT];
    for (int k = 0; k < TOPO_KIND_COUNT; k++) names[k] = topo_kind_name((enum topo_kind)k);
    return (enum topo_kind)yaml_choice(&l->doc, node, names, TOPO_KIND_COUNT, TOPO_SERVICE);
}

static enum topo_distribution distribution_of(struct loading *l, struct yaml_node *node,
                                              enum topo_distribution otherwise) {
    const char *names[TOPO_DISTRIBUTION_COUNT];
    for (int d = 0; d < TOPO_DISTRIBUTION_COUNT; d++)
        names[d] = topo_distribution_name((enum topo_distribution)d);
    return (enum topo_distribution)yaml_choice(&l->doc, node, names, TOPO_DISTRIBUTION_COUNT,
                                               (int)otherwise);
}

static const char *zone_of(struct loading *l, struct yaml_node *node) {
    const char *zone = text_of(l, node, "");
    if (!*zone || !l->zones) return zone;
    for (uint32_t i = 0; i < l->zone_count; i++)
        if (strcmp(l->zones[i], zone) == 0) return zone;
    unknown_name(l, node, "zone", zone, l->zones, l->zone_count);
    return zone;
}

static uint32_t count_of(struct loading *l, struct yaml_node *node, uint32_t low, uint32_t high,
                         uint32_t otherwise) {
    return (uint32_t)yaml_int(&l->doc, node, low, high, otherwise);
}

/* An objective is the business of policies; here it only has to be a mapping. */
static void accept_slo(struct loading *l, struct yaml_node *slo) {
    if (slo && slo->kind != YAML_MAPPING)
        yaml_error(&l->doc, slo, "expected a mapping of objectives to values");
}

static void read_service(struct loading *l, struct yaml_node *node, struct service_draft *draft) {
    struct yaml_doc *doc = &l->doc;
    const char *name = required_text(l, node, "name", "service");
    struct topo_service s = topo_default_service(kind_of(l, yaml_key(doc, node, "kind")));
    s.name = name ? name : "";
    s.replicas = count_of(l, yaml_key(doc, node, "replicas"), 1, MAX_REPLICAS, s.replicas);
    s.cpu_limit_millicores = yaml_int(doc, yaml_key(doc, node, "cpu_limit_millicores"), 1,
                                      MAX_FILE_VALUE, s.cpu_limit_millicores);
    s.memory_limit_mb =
        yaml_int(doc, yaml_key(doc, node, "memory_limit_mb"), 1, MAX_FILE_VALUE, s.memory_limit_mb);
    s.port = count_of(l, yaml_key(doc, node, "port"), 1, 65535, 0);
    s.language = text_of(l, yaml_key(doc, node, "language"), "");
    s.slots = count_of(l, yaml_key(doc, node, "slots"), 1, MAX_SLOTS, s.slots);
    s.slots_stated = !yaml_is_null(yaml_key(doc, node, "slots"));
    s.service_time_ns = yaml_duration(doc, yaml_key(doc, node, "service_time"), NS_PER_US,
                                      NS_PER_HOUR, s.service_time_ns);
    s.distribution = distribution_of(l, yaml_key(doc, node, "distribution"), s.distribution);
    s.cv_ppm = yaml_decimal(doc, yaml_key(doc, node, "cv"), 0, MAX_CV_PPM, s.cv_ppm);
    s.error_ppm = yaml_share(doc, yaml_key(doc, node, "error_rate"), 0, PPM_ONE, s.error_ppm);
    s.criticality_ppm =
        yaml_share(doc, yaml_key(doc, node, "criticality"), 0, PPM_ONE, s.criticality_ppm);
    s.zone = zone_of(l, yaml_key(doc, node, "zone"));
    accept_slo(l, yaml_key(doc, node, "slo"));
    yaml_unknown_keys(doc, node, "service");
    *draft = (struct service_draft){s, node};
}

static int service_order(const void *a, const void *b) {
    const struct service_draft *x = a, *y = b;
    int order = strcmp(x->service.name, y->service.name);
    return order ? order : place_order(x->at, y->at);
}

static void keep_services(struct loading *l, const struct service_draft *drafts, uint32_t count) {
    l->service_count = count;
    l->services = ARENA_NEW(l->arena, struct topo_service, count);
    l->service_names = ARENA_NEW(&l->scratch, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        struct topo_service *s = &l->services[i];
        *s = drafts[i].service;
        s->name = l->service_names[i] = kept(l, s->name);
        s->language = kept(l, s->language);
        s->zone = kept(l, s->zone);
    }
}

static bool read_services(struct loading *l, struct yaml_node *root) {
    uint32_t errors = l->doc.diags->errors;
    struct yaml_node *list = yaml_key(&l->doc, root, "services");
    uint32_t count = yaml_count(&l->doc, list);
    if (l->doc.diags->errors == errors && (count == 0 || count > TOPO_MAX_SERVICES))
        yaml_error(&l->doc, list ? list : root, "expected 1 to %d services, got %u",
                   TOPO_MAX_SERVICES, count);
    if (l->doc.diags->errors > errors) return false;
    struct service_draft *drafts = ARENA_NEW(&l->scratch, struct service_draft, count);
    for (uint32_t i = 0; i < count; i++) read_service(l, list->items[i], &drafts[i]);
    qsort(drafts, count, sizeof *drafts, service_order);
    for (uint32_t i = 1; i < count; i++)
        if (*drafts[i].service.name &&
            strcmp(drafts[i - 1].service.name, drafts[i].service.name) == 0)
            stands_twice(l, drafts[i].at, drafts[i - 1].at, "service", drafts[i].service.name);
    if (l->doc.diags->errors > errors) return false; /* a lost name would be missed by every call */
    keep_services(l, drafts, count);
    return true;
}

/* ---- Calls ---- */

static struct svc_id end_of_call(struct loading *l, struct yaml_node *call, const char *key) {
    struct yaml_node *end = yaml_key(&l->doc, call, key);
    if (!end && call->kind == YAML_MAPPING)
        yaml_error(&l->doc, call, "a call needs the key \"%s\"", key);
    return service_of(l, end);
}

static void read_call(struct loading *l, struct yaml_node *node, struct call_draft *draft) {
    struct yaml_doc *doc = &l->doc;
    struct svc_id from = end_of_call(l, node, "from"), to = end_of_call(l, node, "to");
    if (from.v != NONE_ID && ID_EQ(from, to))
        yaml_error(doc, node, "service \"%.80s\" calls itself", l->services[to.v].name);
    struct topo_call c = topo_default_call(from, to);
    c.protocol = text_of(l, yaml_key(doc, node, "protocol"), c.protocol);
    c.async = topo_protocol_async(c.protocol);
    c.per_request_ppm = yaml_decimal(doc, yaml_key(doc, node, "per_request"), 0, MAX_PER_REQUEST,
                                     c.per_request_ppm);
    c.timeout_ns =
        yaml_duration(doc, yaml_key(doc, node, "timeout"), NS_PER_US, NS_PER_HOUR, c.timeout_ns);
    c.retries = count_of(l, yaml_key(doc, node, "retries"), 0, MAX_RETRIES, c.retries);
    const char *role = text_of(l, yaml_key(doc, node, "role"), "");
    yaml_unknown_keys(doc, node, "call");
    *draft = (struct call_draft){c, role, node};
}

/* Equal are two calls that say the same; another protocol or role is another call. */
static int call_sameness(const struct call_draft *a, const struct call_draft *b) {
    if (a->call.from.v != b->call.from.v) return a->call.from.v < b->call.from.v ? -1 : 1;
    if (a->call.to.v != b->call.to.v) return a->call.to.v < b->call.to.v ? -1 : 1;
    int order = strcmp(a->call.protocol, b->call.protocol);
    return order ? order : strcmp(a->role, b->role);
}

static int call_order(const void *a, const void *b) {
    const struct call_draft *const *x = a, *const *y = b;
    int order = call_sameness(*x, *y);
    return order ? order : place_order((*x)->at, (*y)->at);
}

static void refuse_same_calls(struct loading *l, const struct call_draft *drafts, uint32_t count) {
    const struct call_draft **sorted = ARENA_NEW(&l->scratch, const struct call_draft *, count);
    for (uint32_t i = 0; i < count; i++) sorted[i] = &drafts[i];
    qsort(sorted, count, sizeof *sorted, call_order);
    for (uint32_t i = 1; i < count; i++) {
        if (sorted[i]->call.from.v == NONE_ID || sorted[i]->call.to.v == NONE_ID) continue;
        if (call_sameness(sorted[i - 1], sorted[i]) != 0) continue;
        yaml_error(&l->doc, sorted[i]->at,
                   "the call from \"%.80s\" to \"%.80s\" stands twice, first in line %d",
                   l->services[sorted[i]->call.from.v].name, l->services[sorted[i]->call.to.v].name,
                   sorted[i - 1]->at->line);
    }
}

static struct topo_call *read_calls(struct loading *l, struct yaml_node *root, uint32_t *count) {
    struct yaml_node *list = yaml_key(&l->doc, root, "calls");
    *count = yaml_count(&l->doc, list);
    if (*count > TOPO_MAX_CALLS) {
        yaml_error(&l->doc, list, "expected at most %d calls, got %u", TOPO_MAX_CALLS, *count);
        *count = 0;
    }
    struct call_draft *drafts = ARENA_NEW(&l->scratch, struct call_draft, *count);
    struct topo_call *calls = ARENA_NEW(&l->scratch, struct topo_call, *count);
    for (uint32_t i = 0; i < *count; i++) read_call(l, list->items[i], &drafts[i]);
    refuse_same_calls(l, drafts, *count);
    for (uint32_t i = 0; i < *count; i++) {
        calls[i] = drafts[i].call;
        calls[i].protocol = kept(l, calls[i].protocol);
    }
    return calls;
}

/* ---- Entry points, groups, roles ---- */

static void read_entrypoints(struct loading *l, struct yaml_node *root) {
    struct yaml_node *list = yaml_key(&l->doc, root, "entrypoints");
    uint32_t errors = l->doc.diags->errors, count = yaml_count(&l->doc, list);
    if (count == 0 && l->doc.diags->errors == errors)
        yaml_error(&l->doc, list ? list : root,
                   "no entry point: name the services that users' requests reach first");
    for (uint32_t i = 0; i < count; i++) {
        struct svc_id s = service_of(l, list->items[i]);
        if (s.v == NONE_ID) continue;
        if (l->services[s.v].entry)
            yaml_error(&l->doc, list->items[i], "entry point \"%.80s\" stands twice",
                       l->services[s.v].name);
        l->services[s.v].entry = true;
    }
}

static int id_order(const void *a, const void *b) {
    const struct svc_id *x = a, *y = b;
    return (x->v > y->v) - (x->v < y->v);
}

static void read_group(struct loading *l, struct yaml_node *node, struct group_draft *draft) {
    const char *name = required_text(l, node, "name", "shared resource");
    struct yaml_node *list = yaml_key(&l->doc, node, "users");
    uint32_t count = yaml_count(&l->doc, list);
    struct svc_id *users = ARENA_NEW(l->arena, struct svc_id, count);
    for (uint32_t i = 0; i < count; i++) users[i] = service_of(l, list->items[i]);
    qsort(users, count, sizeof *users, id_order);
    for (uint32_t i = 1; i < count; i++)
        if (users[i].v != NONE_ID && ID_EQ(users[i - 1], users[i]))
            yaml_error(&l->doc, list, "user \"%.80s\" stands twice", l->services[users[i].v].name);
    yaml_unknown_keys(&l->doc, node, "shared resource");
    *draft = (struct group_draft){{name ? kept(l, name) : "", count, users}, node};
}

static int group_order(const void *a, const void *b) {
    const struct group_draft *x = a, *y = b;
    int order = strcmp(x->group.name, y->group.name);
    return order ? order : place_order(x->at, y->at);
}

static const struct topo_group *read_groups(struct loading *l, struct yaml_node *root,
                                            uint32_t *count) {
    struct yaml_node *list = yaml_key(&l->doc, root, "shared_resources");
    *count = yaml_count(&l->doc, list);
    struct group_draft *drafts = ARENA_NEW(&l->scratch, struct group_draft, *count);
    struct topo_group *groups = ARENA_NEW(l->arena, struct topo_group, *count);
    for (uint32_t i = 0; i < *count; i++) read_group(l, list->items[i], &drafts[i]);
    qsort(drafts, *count, sizeof *drafts, group_order);
    for (uint32_t i = 0; i < *count; i++) {
        groups[i] = drafts[i].group;
        if (i > 0 && *groups[i].name && strcmp(groups[i - 1].name, groups[i].name) == 0)
            stands_twice(l, drafts[i].at, drafts[i - 1].at, "shared resource", groups[i].name);
    }
    return groups;
}

static int role_order(const void *a, const void *b) {
    const struct topo_role *x = a, *y = b;
    return strcmp(x->name, y->name); /* distinct: they were keys */
}

static const struct topo_role *read_roles(struct loading *l, struct yaml_node *root,
                                          uint32_t *count) {
    struct yaml_node *mapping = yaml_key(&l->doc, root, "roles");
    *count = 0;
    if (yaml_is_null(mapping)) return NULL;
    if (mapping->kind != YAML_MAPPING) {
        yaml_error(&l->doc, mapping, "expected a mapping of roles to services");
        return NULL;
    }
    struct topo_role *roles = ARENA_NEW(l->arena, struct topo_role, mapping->count);
    for (; *count < mapping->count; ++*count) {
        const char *name = text_of(l, mapping->keys[*count], "");
        roles[*count] = (struct topo_role){kept(l, name), service_of(l, mapping->items[*count])};
    }
    qsort(roles, *count, sizeof *roles, role_order);
    return roles;
}

static void read_zones(struct loading *l, struct yaml_node *root) {
    struct yaml_node *list = yaml_key(&l->doc, root, "zones");
    l->zone_count = yaml_count(&l->doc, list);
    if (l->zone_count == 0) return;
    l->zones = ARENA_NEW(&l->scratch, const char *, l->zone_count);
    for (uint32_t i = 0; i < l->zone_count; i++) l->zones[i] = text_of(l, list->items[i], "");
}

/* ---- The file ---- */

static const struct topology *read_topology(struct loading *l, struct yaml_node *root) {
    uint32_t errors = l->doc.diags->errors;
    const char *name = required_text(l, root, "name", "topology");
    const char *title = text_of(l, yaml_key(&l->doc, root, "title"), name);
    read_zones(l, root);
    if (!read_services(l, root)) return NULL;
    uint32_t call_count, group_count, role_count;
    const struct topo_call *calls = read_calls(l, root, &call_count);
    read_entrypoints(l, root);
    const struct topo_group *groups = read_groups(l, root, &group_count);
    const struct topo_role *roles = read_roles(l, root, &role_count);
    yaml_key(&l->doc, root, "source"); /* free-form, for people */
    yaml_key(&l->doc, root, "notes");
    yaml_unknown_keys(&l->doc, root, "topology");
    if (l->doc.diags->errors > errors) return NULL;
    struct topology *t = topo_assemble(l->arena, l->services, l->service_count, calls, call_count);
    if (!t) {
        yaml_error(&l->doc, root, "the graph library failed on this topology");
        return NULL;
    }
    t->name = kept(l, name);
    t->title = kept(l, title);
    t->groups = groups;
    t->group_count = group_count;
    t->roles = roles;
    t->role_count = role_count;
    return t;
}

const struct topology *topo_load(struct arena *arena, const char *file, const char *text,
                                 size_t len, struct diags *diags) {
    struct loading l = {.arena = arena};
    arena_open(&l.scratch);
    const struct topology *t = NULL;
    if (yaml_read(&l.doc, &l.scratch, diags, file, text, len, NULL, NULL)) {
        if (l.doc.document_count != 1 || l.doc.root->kind != YAML_MAPPING)
            diag_error(diags, file, 1, 1, "expected one document, a mapping of keys to values");
        else
            t = read_topology(&l, l.doc.root);
    }
    arena_close(&l.scratch);
    return t;
}
