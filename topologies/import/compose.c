/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Docker Compose: services, what they are told in their environment, and what they wait for. A
 * service that one depends on and that no variable names is called, too. */
#include "engine/yaml/yaml_expand.h"
#include "topologies/import/draft.h"
#include "topologies/import/others.h"

struct composition {
    struct draft *d;
    struct yaml_doc *doc;
    struct yaml_node *services;
    uint32_t *numbers;
    const char **aliases;
};

/* "${NAME:-default}" is its default: what it is in somebody's environment nobody knows here. */
static struct yaml_node *stands(struct composition *c, struct yaml_node *node) {
    if (!node || node->kind != YAML_SCALAR || !strchr(node->text, '$')) return node;
    char *text = ARENA_NEW(c->d->arena, char, node->len + 1);
    size_t len = 0;
    if (yaml_expand(text, &len, node->len, node->text, node->len, NULL, NULL)) {
        node->text = text;
        node->len = len;
    } else {
        yaml_error(c->doc, node, "\"${NAME:-\" without its closing \"}\"");
    }
    return node;
}

static struct yaml_node *value_of(struct composition *c, struct yaml_node *node, const char *key) {
    return stands(c, others_key(node, key));
}

/* NULL, with a warning, if the number is a variable without a default. */
static struct yaml_node *number_of(struct composition *c, struct yaml_node *node, const char *key) {
    struct yaml_node *value = value_of(c, node, key);
    if (!value || value->kind != YAML_SCALAR || !strchr(value->text, '$')) return value;
    diag_warning(c->d->diags, c->d->file, value->line, value->column,
                 "%s is a variable without a default: left out", key);
    return NULL;
}

static void take_limits(struct composition *c, struct yaml_node *node, struct draft_service *s) {
    struct yaml_node *deploy = others_key(node, "deploy");
    struct yaml_node *resources = others_key(deploy, "resources");
    struct yaml_node *limits = others_key(resources, "limits");
    int64_t scale = others_int(c->doc, number_of(c, node, "scale"), 1, 100000);
    int64_t cpus = compose_cpu(c->doc, number_of(c, node, "cpus"));
    int64_t memory = compose_memory(c->doc, number_of(c, node, "mem_limit"));
    s->replicas = others_int(c->doc, number_of(c, deploy, "replicas"), 1, 100000);
    s->cpu_millicores = compose_cpu(c->doc, number_of(c, limits, "cpus"));
    s->memory_mb = compose_memory(c->doc, number_of(c, limits, "memory"));
    if (s->cpu_millicores == 0) s->cpu_millicores = cpus;
    if (s->memory_mb == 0) s->memory_mb = memory;
    if (s->replicas == 0) s->replicas = scale;
    if (s->replicas == 0) s->replicas = 1; /* what Compose starts */
}

static void take_service(struct composition *c, uint32_t k, uint32_t *aliases) {
    const struct yaml_node *key = c->services->keys[k];
    struct yaml_node *node = c->services->items[k];
    c->numbers[k] = draft_service(c->d, key->text, key->len);
    struct draft_service *s = &c->d->services[c->numbers[k]];
    struct yaml_node *ports = others_key(node, "ports");
    const char *image = others_text(value_of(c, node, "image"));
    take_limits(c, node, s);
    s->published = ports && ports->kind == YAML_SEQUENCE && ports->count > 0;
    if (s->kind == TOPO_SERVICE && image) s->kind = draft_kind(image);
    static const char *const called[] = {"container_name", "hostname"};
    for (size_t n = 0; n < ARRAY_LEN(called); n++) {
        const char *other = others_text(value_of(c, node, called[n]));
        if (!other) continue;
        c->aliases[(*aliases)++] = other;
        c->aliases[(*aliases)++] = s->name;
    }
}

/* "NAME=value", "NAME", or a pair of a mapping. */
static void take_variable(struct composition *c, uint32_t from, const struct yaml_node *place,
                          const char *name, const char *value) {
    const char *equals = value ? NULL : strchr(name, '=');
    if (equals) {
        value = equals + 1;
        name = arena_text(c->d->arena, name, (size_t)(equals - name));
    }
    struct draft_variable v = {
        name, value && *value ? value : NULL, place->line, place->column, c->aliases, false};
    draft_variable(c->d, from, &v);
}

static void take_environment(struct composition *c, uint32_t from, struct yaml_node *env) {
    for (uint32_t k = 0; env && env->kind != YAML_SCALAR && k < env->count; k++) {
        const struct yaml_node *item = stands(c, env->items[k]);
        if (env->kind == YAML_MAPPING)
            take_variable(c, from, env->keys[k], env->keys[k]->text, others_text(item));
        else if (others_text(item))
            take_variable(c, from, item, item->text, NULL);
    }
}

static bool calls_already(const struct draft *d, uint32_t since, uint32_t to) {
    for (uint32_t k = since; k < d->call_count; k++)
        if (d->calls[k].to == to) return true;
    return false;
}

static void take_dependencies(struct composition *c, uint32_t from, uint32_t since,
                              struct yaml_node *list) {
    for (uint32_t k = 0; list && list->kind != YAML_SCALAR && k < list->count; k++) {
        const struct yaml_node *name = list->kind == YAML_MAPPING ? list->keys[k] : list->items[k];
        const char *text = others_text(name);
        uint32_t to = text ? draft_find(c->d, text, name->len) : UINT32_MAX;
        if (text && to == UINT32_MAX) {
            char shown[81];
            printable(shown, sizeof shown, text, name->len);
            diag_error(c->d->diags, c->d->file, name->line, name->column,
                       "depends on \"%s\", which is no service of this file", shown);
        }
        if (to != UINT32_MAX && !calls_already(c->d, since, to))
            draft_call(c->d, &(struct draft_call){from, to, "", "depends_on", -1});
    }
}

void import_compose(struct draft *d, struct yaml_doc *doc) {
    struct composition c = {.d = d, .doc = doc, .services = others_key(doc->root, "services")};
    uint32_t count = yaml_pairs(doc, c.services), aliases = 0;
    c.numbers = ARENA_NEW(d->arena, uint32_t, count);
    c.aliases = ARENA_NEW(d->arena, const char *, 4 * (size_t)count + 1);
    for (uint32_t k = 0; k < count; k++) take_service(&c, k, &aliases);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t since = d->call_count;
        take_environment(&c, c.numbers[k], others_key(c.services->items[k], "environment"));
        take_dependencies(&c, c.numbers[k], since, others_key(c.services->items[k], "depends_on"));
    }
}
