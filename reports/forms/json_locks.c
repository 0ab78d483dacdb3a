/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How locks were fought for, as JSON: per lock, scope and engine, queues over time, and the
 * waits-for graph with its proof. */
#include "reports/forms/json_parts.h"
#include "reports/spans.h"

static json_t *lock(const struct lock_figures *x) {
    json_t *o = json_object();
    json_set_text(o, "lock", x->label);
    json_set_int(o, "requests", x->requests);
    json_set_int(o, "grants", x->grants);
    json_set_int(o, "timeouts", x->timeouts);
    json_set_int(o, "refused", x->refused);
    json_set_int(o, "lost", x->lost);
    json_set_int(o, "forced", x->forced);
    json_set_int(o, "queue_max", x->queue_max);
    json_set_int(o, "convoy_max", x->convoy_max);
    json_set_int(o, "utilisation_ppm", x->utilisation_ppm);
    json_set_int(o, "queue_mean_ppm", x->queue_mean_ppm);
    json_set_int(o, "little_ppm", x->little_ppm);
    json_set_int(o, "waited_ns", x->waited);
    json_set(o, "wait", json_distribution(&x->wait));
    json_set(o, "hold", json_distribution(&x->hold));
    return o;
}

static json_t *locks(const struct lock_figures *list, uint32_t count) {
    json_t *all = json_array();
    for (uint32_t k = 0; k < count; k++) json_array_append_new(all, lock(&list[k]));
    return all;
}

static json_t *queues(const struct contention *c) {
    json_t *all = json_array();
    for (uint32_t k = 0; k < c->queue_count; k++) {
        const struct queue_point *q = &c->queues[k];
        json_t *o = json_object();
        json_set_text(o, "lock", c->list[q->lock].label);
        json_set_int(o, "at_ns", q->at);
        json_set_int(o, "waiters", q->waiters);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *op(struct op_id id) {
    char label[OP_LABEL];
    return json_text(op_label(label, id));
}

static json_t *edge(const struct facts *f, const struct wait_edge *e) {
    char label[LOCK_LABEL];
    json_t *o = json_object();
    json_set(o, "waiter", op(e->waiter));
    json_set(o, "for", op(e->holder));
    json_set_text(o, "lock", lock_label(label, f, e->scope, e->name));
    json_set(o, "behind", json_boolean(e->behind));
    json_set_int(o, "from_ns", e->from);
    json_set(o, "to_ns", e->open ? json_null() : json_integer(e->to));
    return o;
}

static json_t *shape(const struct waits_for *g, const struct wait_shape *s) {
    json_t *o = json_object(), *order = json_array();
    for (uint32_t k = 0; k < s->count; k++)
        json_array_append_new(order, op(g->order[s->first + k]));
    json_set_int(o, "at_ns", s->at);
    json_set_int(o, "edges", s->edges);
    json_set(o, "order", s->count > 0 ? order : json_null());
    if (s->count == 0) json_decref(order);
    return o;
}

static json_t *graph(const struct facts *f, const struct contention *c) {
    const struct waits_for *g = &c->graph;
    json_t *o = json_object(), *edges = json_array(), *shapes = json_array();
    for (uint32_t k = 0; k < g->edge_count; k++)
        json_array_append_new(edges, edge(f, &g->edges[k]));
    for (uint32_t k = 0; k < g->shape_count; k++)
        json_array_append_new(shapes, shape(g, &g->shapes[k]));
    json_set(o, "acyclic", json_boolean(c->acyclic));
    json_set_int(o, "most_edges", g->most);
    json_set(o, "edges", edges);
    json_set(o, "proof", shapes);
    return o;
}

json_t *json_contention(const struct report_run *run) {
    const struct contention *c = &run->contention;
    json_t *o = json_object();
    json_set(o, "all", lock(&c->total));
    json_set(o, "locks", locks(c->list, c->count));
    json_set(o, "scopes", locks(c->scopes, c->scope_count));
    json_set(o, "engines", locks(c->engines, c->engine_count));
    json_set(o, "queues", queues(c));
    json_set_int(o, "fenced_off", c->fenced_off);
    json_set_int(o, "fairness_ppm", c->fairness_ppm);
    json_set_int(o, "wait_edges", c->wait_edges);
    json_set_int(o, "cycles", c->cycles);
    json_set(o, "little_holds", json_boolean(contention_little_holds(c)));
    json_set(o, "waits_for", graph(run->facts, c));
    return o;
}
