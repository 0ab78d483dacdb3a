/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/views.h"
#include "engine/base/check.h"
#include "engine/base/text.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/relabel.h"
#include "sim/prometheus/store.h"

#define VIEWS_MAX 4u
#define NO_COPY   UINT32_MAX

struct view {
    const struct relabelling *targets, *metrics, *alerts;
};

/* A series of a view, in the chain of the one that it is of. */
struct copy {
    uint32_t series, next;
    double scale;
};
struct views {
    const struct view *list[VIEWS_MAX];
    uint32_t count;
    uint32_t *first; /* by series: its first copy */
    struct copy *copies;
    uint32_t copy_count, copy_max;
    struct relabel_set set;
};

const struct view *view_read(struct arena *arena, const char *file, const char *text, size_t len,
                             struct diags *diags) {
    struct yaml_doc doc;
    struct view *view = ARENA_NEW(arena, struct view, 1);
    uint32_t errors = diags->errors;
    if (!yaml_read(&doc, arena, diags, file, text, len, NULL, NULL)) return NULL;
    if (doc.document_count != 1) {
        yaml_error(&doc, NULL, "expected one document with \"metric_relabel_configs\"");
        return NULL;
    }
    view->targets = relabelling_read(&doc, yaml_key(&doc, doc.root, "relabel_configs"));
    view->metrics = relabelling_read(&doc, yaml_key(&doc, doc.root, "metric_relabel_configs"));
    view->alerts = relabelling_read(&doc, yaml_key(&doc, doc.root, "alert_relabel_configs"));
    yaml_unknown_keys(&doc, doc.root, "metrics profile");
    return diags->errors == errors ? view : NULL;
}

void prom_view(struct prom *p, const struct view *view) {
    struct arena *arena = p->memory.arena;
    ASSERT(p->series_count == 0);
    if (!p->views) {
        p->views = ARENA_NEW(arena, struct views, 1);
        p->views->copy_max = p->options.series_max;
        p->views->copies = ARENA_NEW(arena, struct copy, p->views->copy_max);
        p->views->first = ARENA_NEW(arena, uint32_t, p->options.series_max);
        for (uint32_t i = 0; i < p->options.series_max; i++) p->views->first[i] = NO_COPY;
    }
    ASSERT(p->views->count < VIEWS_MAX);
    p->views->list[p->views->count++] = view;
}

/* ---- series ---- */

static bool is_target_label(const char *name) {
    return strcmp(name, "service") == 0 || strcmp(name, "pod") == 0 ||
           strcmp(name, "revision") == 0 || strcmp(name, "job") == 0;
}

/* What Prometheus writes of a scrape itself is not relabelled as a metric. */
static bool is_of_scrape(const char *metric) {
    return strcmp(metric, "up") == 0 || strncmp(metric, "scrape_", 7) == 0;
}

static const char *address_of(struct relabel_set *set) {
    const char *pod = relabel_get(set, "pod");
    struct writer w = writer_of(set->bytes + set->used, RELABEL_BYTES - set->used);
    write_text(&w, *pod ? pod : relabel_get(set, "service"));
    write_bytes(&w, ":8080", 6);
    const char *address = set->bytes + set->used;
    set->used += w.len;
    return address;
}

static void target_labels(struct relabel_set *set, const struct prom_label *labels,
                          uint32_t count) {
    static const char *const meta[][2] = {{"__meta_kubernetes_pod_name", "pod"},
                                          {"__meta_kubernetes_pod_container_name", "service"},
                                          {"__meta_kubernetes_pod_label_app", "service"},
                                          {"__meta_kubernetes_service_name", "service"}};
    set->count = 0;
    set->used = 0;
    set->full = false;
    relabel_put(set, "job", "services");
    for (uint32_t i = 0; i < count; i++)
        if (is_target_label(labels[i].name)) relabel_put(set, labels[i].name, labels[i].value);
    relabel_put(set, "__address__", address_of(set));
    relabel_put(set, "__meta_kubernetes_namespace", "default");
    for (size_t k = 0; k < ARRAY_LEN(meta); k++)
        relabel_put(set, meta[k][0], relabel_get(set, meta[k][1]));
}

static bool relabelled(struct prom *p, const struct view *view, const struct prom_label *labels,
                       uint32_t count, double *scale) {
    struct relabel_set *set = &p->views->set;
    const char *metric = "";
    target_labels(set, labels, count);
    if (!relabel(view->targets, p->regex, set)) return false;
    const char *address = relabel_get(set, "__address__");
    if (!*relabel_get(set, "instance")) relabel_put(set, "instance", address);
    relabel_strip(set);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(labels[i].name, "__name__") == 0) metric = labels[i].value;
        if (!is_target_label(labels[i].name)) relabel_put(set, labels[i].name, labels[i].value);
    }
    if (!is_of_scrape(metric) && !relabel(view->metrics, p->regex, set)) return false;
    const char *factor = relabel_get(set, "__scale__");
    if (!*factor || !promql_number(factor, strlen(factor), scale)) *scale = 1;
    relabel_strip(set);
    return !set->full && *relabel_get(set, "__name__") && *relabel_get(set, "instance");
}

void views_series(struct prom *p, uint32_t series, const struct prom_label *labels, uint32_t count,
                  uint32_t capacity) {
    struct views *v = p->views;
    if (series == UINT32_MAX || v->first[series] != NO_COPY) return;
    for (uint32_t k = 0; k < v->count; k++) {
        double scale = 1;
        if (!relabelled(p, v->list[k], labels, count, &scale)) continue;
        uint32_t copy = series_of_set(p, labels_set(&p->labels, v->set.at, v->set.count), capacity);
        if (copy == UINT32_MAX || v->copy_count == v->copy_max) {
            p->refused++;
            continue;
        }
        v->copies[v->copy_count] = (struct copy){copy, v->first[series], scale};
        v->first[series] = v->copy_count++;
    }
}

void views_append(struct prom *p, uint32_t series, int64_t at_ms, double value) {
    const struct views *v = p->views;
    for (uint32_t i = v->first[series]; i != NO_COPY; i = v->copies[i].next)
        sample_append(p, v->copies[i].series, at_ms,
                      is_stale_marker(value) ? value : value * v->copies[i].scale);
}

/* ---- alerts ---- */

bool prom_alert_relabel(struct prom *p, const struct prom_alert *alert, struct prom_alert *out) {
    *out = *alert;
    if (!p->views) return true;
    struct relabel_set *set = &p->views->set;
    set->count = 0;
    set->used = 0;
    set->full = false;
    for (uint32_t i = 0; i < alert->label_count; i++)
        relabel_put(set, alert->labels[i].name, alert->labels[i].value);
    for (uint32_t k = 0; k < p->views->count; k++)
        if (!relabel(p->views->list[k]->alerts, p->regex, set)) return false;
    relabel_strip(set);
    out->name = relabel_get(set, "alertname");
    out->labels = set->at;
    out->label_count = set->count;
    return !set->full;
}
