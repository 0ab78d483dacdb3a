/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kubernetes manifests, several documents or a List: workloads are services, and the variables of
 * their containers say whom they call, by the name of a Service that selects it or its own. */
#include "engine/yaml/yaml.h"
#include "topologies/import/draft.h"
#include "topologies/import/others.h"

struct manifests {
    struct draft *d;
    struct yaml_doc *doc;
    struct yaml_node **workloads, **services;
    uint32_t *numbers; /* of the workloads, as services of the draft */
    uint32_t workload_count, service_count;
    const char **aliases; /* name of a Service, name of what it selects, ... NULL */
};

static const char *const workload_kinds[] = {"Deployment", "StatefulSet", "DaemonSet"};

static const char *name_of(struct yaml_node *object) {
    struct yaml_node *metadata = others_key(object, "metadata");
    return others_text(others_key(metadata, "name"));
}

static struct yaml_node *template_of(struct yaml_node *workload) {
    return others_key(others_key(workload, "spec"), "template");
}

static void sort_object(struct manifests *m, struct yaml_node *object) {
    const char *kind = others_text(others_key(object, "kind"));
    struct yaml_node *items = others_key(object, "items");
    if (kind && strcmp(kind, "List") == 0 && items && items->kind == YAML_SEQUENCE)
        for (uint32_t k = 0; k < items->count; k++)
            if (items->items[k] != object) sort_object(m, items->items[k]);
    if (!kind || !name_of(object)) return;
    if (strcmp(kind, "Service") == 0) m->services[m->service_count++] = object;
    for (size_t k = 0; k < ARRAY_LEN(workload_kinds); k++)
        if (strcmp(kind, workload_kinds[k]) == 0) m->workloads[m->workload_count++] = object;
}

static uint32_t objects_in(struct yaml_node *object) {
    struct yaml_node *items = others_key(object, "items");
    uint32_t count = 1;
    if (items && items->kind == YAML_SEQUENCE)
        for (uint32_t k = 0; k < items->count; k++) count += objects_in(items->items[k]);
    return count;
}

/* ---- services ---- */

static bool selects(struct yaml_node *selector, struct yaml_node *workload) {
    struct yaml_node *metadata = others_key(template_of(workload), "metadata");
    struct yaml_node *labels = others_key(metadata, "labels");
    if (!selector || selector->kind != YAML_MAPPING || selector->count == 0) return false;
    for (uint32_t k = 0; k < selector->count; k++) {
        const char *want = others_text(selector->items[k]);
        const char *have = others_text(others_key(labels, selector->keys[k]->text));
        if (!want || !have || strcmp(want, have) != 0) return false;
    }
    return true;
}

static void take_service(struct manifests *m, struct yaml_node *service, uint32_t *aliases) {
    struct yaml_node *spec = others_key(service, "spec");
    struct yaml_node *selector = others_key(spec, "selector");
    const char *type = others_text(others_key(spec, "type"));
    bool published = type && (strcmp(type, "LoadBalancer") == 0 || strcmp(type, "NodePort") == 0);
    for (uint32_t w = 0; w < m->workload_count; w++) {
        if (!selects(selector, m->workloads[w])) continue;
        struct draft_service *s = &m->d->services[m->numbers[w]];
        s->published |= published;
        m->aliases[(*aliases)++] = name_of(service);
        m->aliases[(*aliases)++] = s->name;
        return; /* of versions behind one name the first stands for all */
    }
}

/* ---- workloads ---- */

static void take_container(struct manifests *m, struct yaml_node *container,
                           struct draft_service *s) {
    struct yaml_node *resources = others_key(container, "resources");
    struct yaml_node *limits = others_key(resources, "limits");
    struct yaml_node *ports = others_key(container, "ports");
    const char *image = others_text(others_key(container, "image"));
    s->cpu_millicores += kubernetes_cpu(m->doc, others_key(limits, "cpu"));
    s->memory_mb += kubernetes_memory(m->doc, others_key(limits, "memory"));
    if (ports && ports->kind == YAML_SEQUENCE && ports->count > 0 && s->port == 0)
        s->port = others_int(m->doc, others_key(ports->items[0], "containerPort"), 1, 65535);
    if (s->kind == TOPO_SERVICE && image) s->kind = draft_kind(image);
}

static struct yaml_node *containers_of(struct yaml_node *workload) {
    struct yaml_node *spec = others_key(template_of(workload), "spec");
    struct yaml_node *list = others_key(spec, "containers");
    return list && list->kind == YAML_SEQUENCE ? list : NULL;
}

static void take_workload(struct manifests *m, uint32_t w) {
    struct yaml_node *workload = m->workloads[w], *list = containers_of(workload);
    struct yaml_node *spec = others_key(workload, "spec");
    const char *name = name_of(workload);
    m->numbers[w] = draft_service(m->d, name, strlen(name));
    struct draft_service *s = &m->d->services[m->numbers[w]];
    s->replicas = others_int(m->doc, others_key(spec, "replicas"), 1, 100000);
    if (s->replicas == 0) s->replicas = 1; /* what Kubernetes takes */
    for (uint32_t k = 0; list && k < list->count; k++) take_container(m, list->items[k], s);
}

static void take_variables(struct manifests *m, uint32_t w) {
    struct yaml_node *list = containers_of(m->workloads[w]);
    for (uint32_t c = 0; list && c < list->count; c++) {
        struct yaml_node *env = others_key(list->items[c], "env");
        if (!env || env->kind != YAML_SEQUENCE) continue;
        for (uint32_t k = 0; k < env->count; k++) {
            struct yaml_node *name = others_key(env->items[k], "name");
            struct yaml_node *value = others_key(env->items[k], "value");
            struct draft_variable v = {others_text(name),   others_text(value),
                                       env->items[k]->line, env->items[k]->column,
                                       m->aliases,          true};
            if (v.name) draft_variable(m->d, m->numbers[w], &v);
        }
    }
}

void import_kubernetes(struct draft *d, struct yaml_doc *doc) {
    struct manifests m = {.d = d, .doc = doc};
    uint32_t objects = 0, aliases = 0;
    for (uint32_t k = 0; k < doc->document_count; k++) objects += objects_in(doc->documents[k]);
    m.workloads = ARENA_NEW(d->arena, struct yaml_node *, objects);
    m.services = ARENA_NEW(d->arena, struct yaml_node *, objects);
    m.numbers = ARENA_NEW(d->arena, uint32_t, objects);
    for (uint32_t k = 0; k < doc->document_count; k++) sort_object(&m, doc->documents[k]);
    m.aliases = ARENA_NEW(d->arena, const char *, 2 * (size_t)m.service_count + 1);
    for (uint32_t w = 0; w < m.workload_count; w++) take_workload(&m, w);
    for (uint32_t s = 0; s < m.service_count; s++) take_service(&m, m.services[s], &aliases);
    for (uint32_t w = 0; w < m.workload_count; w++) take_variables(&m, w);
}
