/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files a scenario refers to: read whole, kept as sources, and made into what they say. */
#include "scenarios/loading.h"
#include "topologies/generate.h"

/* scenario, options, included parts, topology, policy, Alertmanager, profiles, rules, recording,
 * time zones */
#define SOURCES_MAX (6 + SCN_INCLUDES_MAX + SCN_PROFILES_MAX + SCN_RULES_MAX + SCN_ZONES_MAX)

void scn_add_source(struct scn_loading *l, const char *kind, const char *name, const char *bytes,
                    size_t len) {
    if (!l->sources) l->sources = ARENA_NEW(l->arena, struct plan_source, SOURCES_MAX);
    l->sources[l->plan->source_count++] =
        (struct plan_source){.kind = kind, .name = name, .bytes = bytes, .len = len};
    l->plan->sources = l->sources;
}

/* Where a file is named: by a node of a document, or by an option, which has no line. */
struct naming {
    const char *file;
    const struct yaml_node *node; /* may be NULL */
};

/* why: what reading it met; NULL: there is none of that name. */
static void not_found(struct scn_loading *l, struct naming where, const char *kind,
                      const char *name, const char *why) {
    uint32_t count = 0;
    const char *const *names =
        l->files->list ? l->files->list(l->files->context, kind, &count) : NULL;
    struct yaml_node asked = {.text = name, .len = strlen(name)};
    if (where.node) {
        asked.line = where.node->line;
        asked.column = where.node->column;
    }
    if (!why) {
        scn_unknown_in(l, where.file, &asked, kind, names, count);
        return;
    }
    char shown[81];
    printable(shown, sizeof shown, name, strlen(name));
    diag_error(l->doc->diags, where.file, asked.line, asked.column, "%s \"%s\" %s", kind, shown,
               why);
}

/* What messages call the file; its bytes are the source added last. NULL if there is no such file.
 */
static const char *read_file(struct scn_loading *l, struct naming where, const char *kind,
                             const char *name) {
    struct plan_source found = {0};
    if (!l->files->read(l->files->context, kind, name, &found)) {
        not_found(l, where, kind, name, found.bytes);
        return NULL;
    }
    scn_add_source(l, kind, name, found.bytes, found.len);
    return found.name ? found.name : name;
}

const char *scn_read_file(struct scn_loading *l, const struct yaml_node *node, const char *kind,
                          const char *name) {
    return read_file(l, (struct naming){l->doc->file, node}, kind, name);
}

/* A name that the command line gives outranks the scenario's, which has to be right all the same.
 */
static const char *reference(struct scn_loading *l, const char *kind, const char *given,
                             struct naming *where) {
    struct yaml_node *node = scn_required(l, l->root, kind, "a scenario");
    const char *name = scn_text(l, node, SCN_TITLE_BYTES, NULL);
    *where = given ? (struct naming){scn_format(l->arena, "--%s", kind), NULL}
                   : (struct naming){l->doc->file, node};
    return given ? given : name;
}

/* "topology: {kind: tiers, services: 12, seed: 7}": kept as a source like any file, so that a trace
 * shows what it was, and made again from its figures. */
static void read_generated(struct scn_loading *l, struct yaml_node *node) {
    static const char *const kinds[] = {TOPO_SHAPES(TOPO_SHAPE_WORD)};
    struct topo_recipe recipe = {
        .shape = (enum topo_shape)yaml_choice(l->doc,
                                              scn_required(l, node, "kind", "a generated topology"),
                                              kinds, TOPO_SHAPE_COUNT, TOPO_TREE),
        .services =
            (uint32_t)yaml_int(l->doc, scn_required(l, node, "services", "a generated topology"),
                               TOPO_GENERATED_MIN, TOPO_GENERATED_MAX, TOPO_GENERATED_MIN),
        .seed = (uint64_t)yaml_int(l->doc, yaml_key(l->doc, node, "seed"), 0, INT64_MAX, 1),
    };
    yaml_unknown_keys(l->doc, node, "generated topology");
    if (l->doc->diags->errors > 0) return;
    char *name = arena_take(l->arena, TOPO_GENERATED_NAME, 1);
    size_t len;
    topo_generated_name(&recipe, name);
    const char *text = topo_generate(l->arena, &recipe, &len);
    scn_add_source(l, "topology", name, text, len);
    l->scenario->topology_name = name;
    l->plan->topology = topo_load(l->arena, name, text, len, l->doc->diags);
}

static void read_topology(struct scn_loading *l) {
    struct yaml_node *node = yaml_key(l->doc, l->root, "topology");
    if (node && node->kind == YAML_MAPPING && !l->options->topology) {
        read_generated(l, node);
        return;
    }
    struct naming where;
    const char *name = reference(l, "topology", l->options->topology, &where);
    const char *file = name ? read_file(l, where, "topology", name) : NULL;
    if (!file) return;
    const struct plan_source *source = &l->sources[l->plan->source_count - 1];
    l->scenario->topology_name = name;
    l->plan->topology = topo_load(l->arena, file, source->bytes, source->len, l->doc->diags);
}

/* What messages call the policy's file, whose bytes are the source added last; NULL after one. */
static const char *read_policy(struct scn_loading *l) {
    struct naming where;
    struct policy *policy = &l->scenario->policy;
    const char *name = reference(l, "policy", l->options->policy, &where);
    const char *file = name ? read_file(l, where, "policy", name) : NULL;
    struct yaml_node *overrides = yaml_key(l->doc, l->root, "policy_overrides");
    if (!file) return NULL;
    const struct plan_source *source = &l->sources[l->plan->source_count - 1];
    l->scenario->policy_name = name;
    if (!policy_load(policy, l->arena, file, source->bytes, source->len, l->doc->diags))
        return NULL;
    bool good = yaml_is_null(overrides) || policy_override(policy, l->doc, overrides);
    return good ? file : NULL;
}

/* Of a policy that names none: the rules made for it, where the catalogue has such. */
static const char *const *rules_of_policy(struct scn_loading *l, uint32_t *count) {
    static const char *const fast[] = {"fast"}, *const otherwise[] = {"default"};
    const struct policy *policy = &l->scenario->policy;
    *count = policy->rule_count ? policy->rule_count : 1;
    if (policy->rule_count) return policy->rules;
    return strcmp(l->scenario->policy_name, "fast") == 0 ? fast : otherwise;
}

static const char *const *rules_stated(struct scn_loading *l, struct yaml_node *list,
                                       uint32_t *count) {
    uint32_t stated = scn_count(l, list, SCN_RULES_MAX, "rule files");
    const char **names = ARENA_NEW(l->arena, const char *, stated);
    *count = 0;
    for (uint32_t i = 0; i < stated; i++) {
        const char *name = scn_text(l, list->items[i], SCN_TITLE_BYTES, NULL);
        if (name)
            names[(*count)++] = name;
        else if (yaml_is_null(list->items[i]))
            yaml_error(l->doc, list->items[i], "expected the name of a rules file");
    }
    return names;
}

/* Rules that a policy names are missing where it names them: in its file, or in what the scenario
 * puts over it. */
static struct naming in_policy(struct scn_loading *l, const struct plan_source *policy,
                               const char *file, const char *rules) {
    struct yaml_doc doc;
    struct yaml_node *overrides = yaml_key(l->doc, l->root, "policy_overrides");
    const struct yaml_node *node = scn_rules_place(l->doc, overrides, rules);
    if (node) return (struct naming){l->doc->file, node};
    if (yaml_read(&doc, l->arena, l->doc->diags, file, policy->bytes, policy->len, NULL, NULL))
        node = scn_rules_place(&doc, doc.root, rules);
    return (struct naming){file, node};
}

const struct yaml_node *scn_rules_place(struct yaml_doc *doc, struct yaml_node *policy,
                                        const char *rules) {
    struct yaml_node *list = yaml_key(doc, yaml_key(doc, policy, "detection"), "rules");
    for (uint32_t i = 0, count = yaml_count(doc, list); i < count; i++)
        if (list->items[i]->kind == YAML_SCALAR && strcmp(list->items[i]->text, rules) == 0)
            return list->items[i];
    return NULL;
}

static void read_rules(struct scn_loading *l, const char *policy_file) {
    struct yaml_node *list = yaml_key(l->doc, l->root, "rules");
    const struct plan_source policy = l->sources[l->plan->source_count - 1];
    uint32_t count;
    const char *const *names =
        yaml_is_null(list) ? rules_of_policy(l, &count) : rules_stated(l, list, &count);
    if (count > SCN_RULES_MAX) {
        yaml_error(l->doc, l->root, "the policy names %u rule files; expected at most %d", count,
                   SCN_RULES_MAX);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct plan_source found = {0};
        if (l->files->read(l->files->context, "rules", names[i], &found)) {
            scn_add_source(l, "rules", names[i], found.bytes, found.len);
            continue;
        }
        struct naming where = yaml_is_null(list) ? in_policy(l, &policy, policy_file, names[i])
                                                 : (struct naming){l->doc->file, list->items[i]};
        not_found(l, where, "rules", names[i], found.bytes);
    }
    l->scenario->rules = names;
    l->scenario->rule_count = count;
}

/* Its bytes are a source; whoever runs it reads them. */
static void read_alertmanager(struct scn_loading *l) {
    struct yaml_node *node = yaml_key(l->doc, l->root, "alertmanager");
    const char *name = scn_text(l, node, SCN_TITLE_BYTES, NULL);
    if (name) read_file(l, (struct naming){l->doc->file, node}, "alertmanager", name);
}

static void read_profile(struct scn_loading *l, struct yaml_node *node) {
    const char *name = scn_text(l, node, SCN_TITLE_BYTES, NULL);
    if (name) read_file(l, (struct naming){l->doc->file, node}, "profile", name);
}

/* "metrics: {profile: istio}", or a list of them. */
static void read_profiles(struct scn_loading *l) {
    struct yaml_node *node = yaml_key(l->doc, l->root, "metrics");
    struct yaml_node *profile = yaml_key(l->doc, node, "profile");
    if (yaml_is_null(profile) || profile->kind != YAML_SEQUENCE)
        read_profile(l, profile);
    else
        for (uint32_t i = 0, n = scn_count(l, profile, SCN_PROFILES_MAX, "profiles"); i < n; i++)
            read_profile(l, profile->items[i]);
    yaml_unknown_keys(l->doc, node, "metrics");
}

static struct svc_id service_called(const struct topology *t, const char *name) {
    for (uint32_t k = 0; k < t->role_count; k++)
        if (strcmp(t->roles[k].name, name) == 0) return t->roles[k].service;
    return topo_service_named(t, name);
}

/* A policy serves many topologies: a service that this one lacks is no error. */
static void place_slos(struct scn_loading *l) {
    struct policy *policy = &l->scenario->policy;
    const struct topology *t = l->plan->topology;
    if (!t || policy->slo_count == 0) return;
    struct eng_slo *slos = ARENA_NEW(l->arena, struct eng_slo, t->service_count);
    for (uint32_t k = 0; k < policy->slo_count; k++) {
        struct svc_id service = service_called(t, policy->slos[k].service);
        if (!ID_EQ(service, ID_NONE(svc_id))) slos[service.v] = policy->slos[k].slo;
    }
    policy->config.slos = slos;
}

/* A zone is what it was when the run was made, so its bytes are a source. */
static bool read_zone(void *context, const char *name, const char **bytes, size_t *len) {
    struct scn_loading *l = context;
    struct plan_source found = {0};
    if (l->plan->source_count == SOURCES_MAX ||
        !l->files->read(l->files->context, "zone", name, &found))
        return false;
    scn_add_source(l, "zone", name, found.bytes, found.len);
    *bytes = found.bytes;
    *len = found.len;
    return true;
}

static void read_zones(struct scn_loading *l) {
    struct policy_zone_files files = {l, read_zone};
    if (!policy_zones_load(&l->scenario->policy, l->arena, l->doc->diags, &files))
        l->plan->topology = NULL; /* nothing further has a meaning */
}

void scn_read_references(struct scn_loading *l) {
    read_topology(l);
    const char *policy = read_policy(l);
    if (policy) read_rules(l, policy);
    read_alertmanager(l);
    read_profiles(l);
    if (policy) place_slos(l);
    if (policy) read_zones(l);
}
