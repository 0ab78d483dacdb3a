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

/* ---- cuts ---- */

#define PART_NAME(WORD, name, meaning) name,
const char *topo_part_name(int64_t part) {
    static const char *const names[] = {TOPO_PARTS(PART_NAME)};
    return names[part];
}

static uint32_t degree(const struct topology *t, uint32_t s) {
    return t->out_offset[s + 1] - t->out_offset[s] + t->in_offset[s + 1] - t->in_offset[s];
}

static bool cut_off_one(const struct topology *t, const uint8_t *fits, struct svc_id of,
                        uint8_t *side) {
    uint32_t best = of.v;
    for (uint32_t s = 0; of.v == NONE_ID && s < t->service_count; s++)
        if ((!fits || fits[s]) && (best == NONE_ID || degree(t, s) > degree(t, best))) best = s;
    if (best == NONE_ID || (fits && !fits[best])) return false;
    side[best] = 1;
    return true;
}

static bool cut_off_zone(const struct topology *t, struct svc_id of, uint8_t *side) {
    const char *zone = t->services[of.v == NONE_ID ? 0 : of.v].zone;
    for (uint32_t s = 0; s < t->service_count; s++)
        side[s] = strcmp(t->services[s].zone, zone) == 0;
    return true;
}

static void mark(const igraph_vector_int_t *members, uint8_t *side) {
    for (igraph_integer_t i = 0; i < igraph_vector_int_size(members); i++)
        side[VECTOR(*members)[i]] = 1;
}

static bool cut_least(const igraph_t *graph, uint8_t *side) {
    igraph_vector_int_t first, second;
    igraph_real_t value;
    if (!done(igraph_vector_int_init(&first, 0))) return false;
    if (!done(igraph_vector_int_init(&second, 0))) {
        igraph_vector_int_destroy(&first);
        return false;
    }
    bool ok = done(igraph_mincut(graph, &value, &first, &second, NULL, NULL));
    bool smaller = igraph_vector_int_size(&first) <= igraph_vector_int_size(&second);
    if (ok) mark(smaller ? &first : &second, side);
    igraph_vector_int_destroy(&first);
    igraph_vector_int_destroy(&second);
    return ok;
}

/* Clauset, Newman and Moore's greedy modularity: it draws nothing. */
static bool cut_off_community(const igraph_t *graph, struct svc_id of, uint8_t *side) {
    igraph_vector_int_t membership;
    if (!done(igraph_vector_int_init(&membership, 0))) return false;
    bool ok = done(igraph_community_fastgreedy(graph, NULL, NULL, NULL, &membership));
    for (igraph_integer_t s = 0; ok && s < igraph_vector_int_size(&membership); s++)
        side[s] = VECTOR(membership)[s] == VECTOR(membership)[of.v == NONE_ID ? 0 : of.v];
    igraph_vector_int_destroy(&membership);
    return ok;
}

/* The side of the first bridge's end that is smaller. */
static bool cut_bridge(const struct topology *t, igraph_t *graph, uint8_t *side) {
    igraph_vector_int_t bridges, membership;
    if (!done(igraph_vector_int_init(&bridges, 0))) return false;
    bool ok = done(igraph_bridges(graph, &bridges)) && igraph_vector_int_size(&bridges) > 0;
    if (ok && done(igraph_vector_int_init(&membership, 0))) {
        igraph_integer_t from, to;
        ok = done(igraph_edge(graph, VECTOR(bridges)[0], &from, &to)) &&
             done(igraph_delete_edges(graph, igraph_ess_1(VECTOR(bridges)[0]))) &&
             done(igraph_connected_components(graph, &membership, NULL, NULL, IGRAPH_WEAK));
        uint32_t members = 0;
        for (uint32_t s = 0; ok && s < t->service_count; s++) {
            side[s] = VECTOR(membership)[s] == VECTOR(membership)[to];
            members += side[s];
        }
        for (uint32_t s = 0; ok && s < t->service_count && 2 * members > t->service_count; s++)
            side[s] = !side[s];
        igraph_vector_int_destroy(&membership);
    }
    igraph_vector_int_destroy(&bridges);
    return ok;
}

static bool cut_graph(const struct topology *t, enum topo_part by, struct svc_id of,
                      uint8_t *side) {
    igraph_t graph;
    if (!graph_of(t, &graph)) return false;
    bool ok = done(igraph_to_undirected(&graph, IGRAPH_TO_UNDIRECTED_COLLAPSE, NULL));
    if (ok && by == TOPO_PART_MIN_CUT) ok = cut_least(&graph, side);
    if (ok && by == TOPO_PART_COMMUNITY) ok = cut_off_community(&graph, of, side);
    if (ok && by == TOPO_PART_BRIDGE) ok = cut_bridge(t, &graph, side);
    igraph_destroy(&graph);
    return ok;
}

bool topo_part(struct arena *arena, const struct topology *t, enum topo_part by, struct svc_id of,
               uint8_t *side) {
    struct topo_facts facts;
    bool ok = t->service_count > 1, some = false, all = true;
    memset(side, 0, t->service_count);
    if (by == TOPO_PART_ONE) ok = ok && cut_off_one(t, NULL, of, side);
    if (by == TOPO_PART_ZONE) ok = ok && cut_off_zone(t, of, side);
    if (by == TOPO_PART_ARTICULATION)
        ok = ok && topo_facts(arena, t, &facts) && cut_off_one(t, facts.articulation, of, side);
    if (by == TOPO_PART_MIN_CUT || by == TOPO_PART_COMMUNITY || by == TOPO_PART_BRIDGE)
        ok = ok && cut_graph(t, by, of, side);
    for (uint32_t s = 0; ok && s < t->service_count; s++) {
        some |= side[s] != 0;
        all &= side[s] != 0;
    }
    return ok && some && !all;
}
