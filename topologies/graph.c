/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/graph.h"
#include "engine/base/check.h"
#include <igraph.h>

/* The diameter is a search from every service; above this it is not worked out. */
#define DIAMETER_MAX_SERVICES 5000

/* igraph's default handlers abort and print; an error is a status here. */
static bool done(igraph_error_t status) { return status == IGRAPH_SUCCESS; }

static bool graph_of(const struct topology *t, igraph_t *graph) {
    igraph_set_error_handler(igraph_error_handler_ignore);
    igraph_set_warning_handler(igraph_warning_handler_ignore);
    igraph_vector_int_t ends;
    uint32_t edges = t->out_offset[t->service_count];
    if (!done(igraph_vector_int_init(&ends, 2 * (igraph_integer_t)edges))) return false;
    igraph_integer_t at = 0;
    for (uint32_t s = 0; s < t->service_count; s++)
        for (uint32_t i = t->out_offset[s]; i < t->out_offset[s + 1]; i++) {
            VECTOR(ends)[at++] = s;
            VECTOR(ends)[at++] = t->out_target[i];
        }
    bool ok = done(igraph_create(graph, &ends, t->service_count, IGRAPH_DIRECTED));
    igraph_vector_int_destroy(&ends);
    return ok;
}

static bool strong_membership(const igraph_t *graph, uint32_t *component) {
    igraph_vector_int_t membership;
    if (!done(igraph_vector_int_init(&membership, 0))) return false;
    bool ok = done(igraph_connected_components(graph, &membership, NULL, NULL, IGRAPH_STRONG));
    for (igraph_integer_t s = 0; ok && s < igraph_vector_int_size(&membership); s++)
        component[s] = (uint32_t)VECTOR(membership)[s];
    igraph_vector_int_destroy(&membership);
    return ok;
}

bool topo_strong_components(const struct topology *t, uint32_t *component) {
    igraph_t graph;
    if (!graph_of(t, &graph)) return false;
    bool ok = strong_membership(&graph, component);
    igraph_destroy(&graph);
    return ok;
}

static bool count_components(const igraph_t *graph, uint32_t *components) {
    igraph_integer_t count = 0;
    bool ok = done(igraph_connected_components(graph, NULL, NULL, &count, IGRAPH_WEAK));
    *components = (uint32_t)count;
    return ok;
}

static bool count_cycles(const igraph_t *graph, uint32_t *cycles) {
    igraph_vector_int_t sizes;
    if (!done(igraph_vector_int_init(&sizes, 0))) return false;
    bool ok = done(igraph_connected_components(graph, NULL, &sizes, NULL, IGRAPH_STRONG));
    *cycles = 0;
    for (igraph_integer_t i = 0; ok && i < igraph_vector_int_size(&sizes); i++)
        *cycles += VECTOR(sizes)[i] > 1;
    igraph_vector_int_destroy(&sizes);
    return ok;
}

static bool mark_articulation(const igraph_t *graph, uint8_t *articulation) {
    igraph_vector_int_t points;
    if (!done(igraph_vector_int_init(&points, 0))) return false;
    bool ok = done(igraph_articulation_points(graph, &points));
    for (igraph_integer_t i = 0; ok && i < igraph_vector_int_size(&points); i++)
        articulation[VECTOR(points)[i]] = 1;
    igraph_vector_int_destroy(&points);
    return ok;
}

static bool measure_diameter(const igraph_t *graph, uint32_t *diameter) {
    igraph_real_t longest = 0;
    bool ok = igraph_vcount(graph) > DIAMETER_MAX_SERVICES ||
              done(igraph_diameter(graph, &longest, NULL, NULL, NULL, NULL, IGRAPH_DIRECTED, true));
    *diameter = (uint32_t)longest;
    return ok;
}

bool topo_facts(struct arena *arena, const struct topology *t, struct topo_facts *out) {
    uint8_t *articulation = ARENA_NEW(arena, uint8_t, t->service_count);
    *out = (struct topo_facts){.articulation = articulation};
    igraph_t graph;
    if (!graph_of(t, &graph)) return false;
    bool ok = count_components(&graph, &out->components) && count_cycles(&graph, &out->cycles_in) &&
              mark_articulation(&graph, articulation) && measure_diameter(&graph, &out->diameter);
    igraph_destroy(&graph);
    return ok;
}
