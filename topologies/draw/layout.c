/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/draw/layout.h"
#include "engine/base/check.h"

#include <igraph.h>
#include <math.h>
#include <stdlib.h>

#define SWEEPS  100
#define SEED    1
#define NEAREST 1e-9
#define LEVELS  1000 /* parts of a unit that are told apart */
/* what a passing call needs of a step, between others and beside a service */
#define BESIDE_CALL    0.25
#define BESIDE_SERVICE 0.6

static bool done(igraph_error_t status) { return status == IGRAPH_SUCCESS; }

struct plane {
    igraph_t graph, routed; /* routed: with a node at each bend */
    igraph_matrix_t places;
    igraph_vector_int_t originals; /* of the routed graph's edges */
    bool has_bends;
};

static bool graph_of(const struct drawing *d, uint32_t services, igraph_t *graph) {
    igraph_vector_int_t ends;
    if (!done(igraph_vector_int_init(&ends, 2 * (igraph_integer_t)d->edge_count))) return false;
    for (uint32_t e = 0; e < d->edge_count; e++) {
        VECTOR(ends)[2 * e] = d->edges[e].from;
        VECTOR(ends)[2 * e + 1] = d->edges[e].to;
    }
    bool ok = done(igraph_create(graph, &ends, services, IGRAPH_DIRECTED));
    igraph_vector_int_destroy(&ends);
    return ok;
}

static bool in_layers(struct plane *p) {
    p->has_bends = done(igraph_layout_sugiyama(&p->graph, &p->places, &p->routed, &p->originals,
                                               NULL, 1, 1, SWEEPS, NULL));
    return p->has_bends;
}

static bool by_springs(struct plane *p) {
    igraph_integer_t n = igraph_vcount(&p->graph);
    if (!done(igraph_layout_circle(&p->graph, &p->places, igraph_vss_all()))) return false;
    return done(igraph_layout_kamada_kawai(&p->graph, &p->places, true, 50 * n, 0, (double)n, NULL,
                                           NULL, NULL, NULL, NULL));
}

static bool by_drl(struct plane *p) {
    igraph_layout_drl_options_t options;
    return done(igraph_layout_drl_options_init(&options, IGRAPH_LAYOUT_DRL_DEFAULT)) &&
           done(igraph_rng_seed(igraph_rng_default(), SEED)) &&
           done(igraph_layout_drl(&p->graph, &p->places, false, &options, NULL));
}

/* Of layers a unit is a step already; other layouts have units of their own: the nearest two are
 * drawn a step apart, as far as that leaves a picture that can be looked at. */
static double unit_of(const struct plane *p, uint32_t count, enum draw_layout layout) {
    double nearest = INFINITY, widest = 0;
    if (layout == DRAW_SUGIYAMA || count < 2) return 1;
    for (uint32_t a = 0; a < count; a++)
        for (uint32_t b = 0; b < a; b++) {
            double x = MATRIX(p->places, a, 0) - MATRIX(p->places, b, 0);
            double y = MATRIX(p->places, a, 1) - MATRIX(p->places, b, 1);
            double apart = sqrt(x * x + y * y);
            if (apart > NEAREST && apart < nearest) nearest = apart;
            if (apart > widest) widest = apart;
        }
    if (widest <= NEAREST) return 1;
    double wanted = 1 / nearest, most = 3 * sqrt((double)count) / widest;
    return wanted < most ? wanted : most;
}

struct scale {
    double unit, left, top;
    struct draw_point step;
};

static struct draw_point point_of(const struct plane *p, const struct scale *s,
                                  igraph_integer_t n) {
    double down = MATRIX(p->places, n, 0) - s->left, right = MATRIX(p->places, n, 1) - s->top;
    return (struct draw_point){(int32_t)lround(right * s->unit * s->step.x),
                               (int32_t)lround(down * s->unit * s->step.y)};
}

static void fit(struct drawing *d, struct draw_point point) {
    if (point.x > d->width) d->width = point.x;
    if (point.y > d->height) d->height = point.y;
}

/* ---- in layers: closer together ---- */

struct item { /* a service, or where a call passes a layer */
    igraph_integer_t node;
    int64_t layer, level;
    bool service;
};

static int by_level(const void *a, const void *b) {
    const struct item *x = a, *y = b;
    if (x->level != y->level) return x->level < y->level ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

static double room(const struct item *a, const struct item *b) {
    if (a->service && b->service) return 1;
    return a->service || b->service ? BESIDE_SERVICE : BESIDE_CALL;
}

/* igraph gives a passing call as much room as a service. What is on one level stays on one, so that
 * straight lines stay straight, and levels move together as far as every layer allows. */
static void compact(struct arena *arena, struct plane *p, uint32_t services) {
    size_t count = (size_t)igraph_matrix_nrow(&p->places);
    struct item *items = ARENA_NEW(arena, struct item, count);
    int64_t layers = 0;
    for (size_t k = 0; k < count; k++) {
        igraph_integer_t n = (igraph_integer_t)k;
        items[k] = (struct item){n, llround(MATRIX(p->places, n, 1)),
                                 llround(MATRIX(p->places, n, 0) * LEVELS), k < services};
        if (items[k].layer >= layers) layers = items[k].layer + 1;
    }
    qsort(items, count, sizeof *items, by_level);
    const struct item **last = ARENA_NEW(arena, const struct item *, (size_t)layers);
    double *filled = ARENA_NEW(arena, double, (size_t)layers), at = 0;
    for (size_t k = 0, end; k < count; k = end) {
        for (end = k; end < count && items[end].level == items[k].level; end++) {
            int64_t layer = items[end].layer;
            if (!last[layer]) continue;
            at = fmax(at, filled[layer] + room(last[layer], &items[end]));
        }
        for (size_t n = k; n < end; n++) {
            last[items[n].layer] = &items[n];
            filled[items[n].layer] = at;
            MATRIX(p->places, items[n].node, 0) = at;
        }
    }
}

/* A call over several layers is a chain of edges of the routed graph, in order. */
static void take_bends(struct arena *arena, const struct plane *p, const struct scale *s,
                       uint32_t services, struct drawing *d) {
    igraph_integer_t edges = igraph_ecount(&p->routed);
    uint32_t *count = ARENA_NEW(arena, uint32_t, d->edge_count);
    struct draw_point **bends = ARENA_NEW(arena, struct draw_point *, d->edge_count);
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1)
            for (uint32_t e = 0; e < d->edge_count; e++)
                bends[e] = ARENA_NEW(arena, struct draw_point, count[e]);
        memset(count, 0, d->edge_count * sizeof *count);
        for (igraph_integer_t k = 0; k < edges; k++) {
            igraph_integer_t e = VECTOR(p->originals)[k], to = IGRAPH_TO(&p->routed, k);
            if (to < (igraph_integer_t)services) continue;
            if (pass == 1) fit(d, bends[e][count[e]] = point_of(p, s, to));
            count[e]++;
        }
    }
    for (uint32_t e = 0; e < d->edge_count; e++) {
        d->edges[e].bend_count = count[e];
        d->edges[e].bends = bends[e];
    }
}

static void take_places(struct arena *arena, const struct plane *p, uint32_t services,
                        struct scale *s, struct drawing *d) {
    s->left = s->top = INFINITY;
    for (igraph_integer_t n = 0; n < igraph_matrix_nrow(&p->places); n++) {
        s->left = fmin(s->left, MATRIX(p->places, n, 0));
        s->top = fmin(s->top, MATRIX(p->places, n, 1));
    }
    for (uint32_t k = 0; k < services; k++) fit(d, d->services[k] = point_of(p, s, k));
    if (p->has_bends) take_bends(arena, p, s, services, d);
}

static bool lay_out(struct arena *arena, struct plane *p, uint32_t services,
                    enum draw_layout layout, struct draw_point step, struct drawing *d) {
    bool ok = layout == DRAW_SUGIYAMA       ? in_layers(p)
              : layout == DRAW_KAMADA_KAWAI ? by_springs(p)
                                            : by_drl(p);
    struct scale s = {.step = step};
    if (ok && layout == DRAW_SUGIYAMA) compact(arena, p, services);
    if (ok) s.unit = unit_of(p, services, layout);
    if (ok) take_places(arena, p, services, &s, d);
    if (p->has_bends) igraph_destroy(&p->routed);
    return ok;
}

static void take_edges(struct arena *arena, const struct topology *t, struct drawing *d) {
    d->edges = ARENA_NEW(arena, struct draw_edge, t->out_offset[t->service_count]);
    for (uint32_t s = 0; s < t->service_count; s++)
        for (uint32_t k = t->out_offset[s]; k < t->out_offset[s + 1]; k++)
            d->edges[d->edge_count++] = (struct draw_edge){.from = s, .to = t->out_target[k]};
}

bool draw_lay_out(struct arena *arena, const struct topology *t, enum draw_layout layout,
                  struct draw_point step, struct drawing *out) {
    struct plane p = {.has_bends = false};
    *out = (struct drawing){.services = ARENA_NEW(arena, struct draw_point, t->service_count)};
    igraph_set_error_handler(igraph_error_handler_ignore);
    igraph_set_warning_handler(igraph_warning_handler_ignore);
    take_edges(arena, t, out);
    if (!graph_of(out, t->service_count, &p.graph)) return false;
    bool ok = false;
    if (done(igraph_matrix_init(&p.places, 0, 0))) {
        if (done(igraph_vector_int_init(&p.originals, 0))) {
            ok = lay_out(arena, &p, t->service_count, layout, step, out);
            igraph_vector_int_destroy(&p.originals);
        }
        igraph_matrix_destroy(&p.places);
    }
    igraph_destroy(&p.graph);
    return ok;
}
