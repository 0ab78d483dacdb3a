/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SMALL_GRAPH_H
#define TESTS_SMALL_GRAPH_H
/*
 * Small dependency graphs for tests, as a matrix: the matrix is what naive second implementations
 * read, the adjacency made from it is what the engine reads.
 */
#include "engine/config.h"
#include "engine/base/prng.h"

#define NODES_MAX  16
#define GROUPS_MAX 3

struct small_graph {
    uint32_t nodes, groups;
    bool call[NODES_MAX][NODES_MAX]; /* [caller][callee] */
    uint8_t is_service[NODES_MAX];
    bool member[GROUPS_MAX][NODES_MAX];
    uint32_t out_offset[NODES_MAX + 1], out_target[NODES_MAX * NODES_MAX];
    uint32_t in_offset[NODES_MAX + 1], in_source[NODES_MAX * NODES_MAX];
    uint32_t group_offset[GROUPS_MAX + 1], group_member[GROUPS_MAX * NODES_MAX];
    int64_t criticality_ppm[NODES_MAX];
};

static inline struct eng_graph small_graph_adjacency(struct small_graph *g) {
    uint32_t out = 0, in = 0, member = 0;
    for (uint32_t s = 0; s < g->nodes; s++) {
        g->out_offset[s] = out;
        g->in_offset[s] = in;
        for (uint32_t t = 0; t < g->nodes; t++) {
            if (g->call[s][t]) g->out_target[out++] = t;
            if (g->call[t][s]) g->in_source[in++] = t;
        }
    }
    g->out_offset[g->nodes] = out;
    g->in_offset[g->nodes] = in;
    for (uint32_t i = 0; i < g->groups; i++) {
        g->group_offset[i] = member;
        for (uint32_t s = 0; s < g->nodes; s++)
            if (g->member[i][s]) g->group_member[member++] = s;
    }
    g->group_offset[g->groups] = member;
    return (struct eng_graph){.service_count = g->nodes,
                              .out_offset = g->out_offset,
                              .out_target = g->out_target,
                              .in_offset = g->in_offset,
                              .in_source = g->in_source,
                              .is_service = g->is_service,
                              .criticality_ppm = g->criticality_ppm,
                              .group_count = g->groups,
                              .group_offset = g->group_offset,
                              .group_member = g->group_member};
}

/* Sparse enough for long paths, with cycles and self-calls. */
static inline void small_graph_random(struct small_graph *g, struct prng *luck) {
    memset(g, 0, sizeof *g);
    g->nodes = 1 + (uint32_t)prng_below(luck, NODES_MAX);
    g->groups = (uint32_t)prng_below(luck, GROUPS_MAX + 1);
    int64_t density = 40000 + (int64_t)prng_below(luck, 200000);
    for (uint32_t s = 0; s < g->nodes; s++) {
        g->is_service[s] = prng_chance(luck, 800000);
        for (uint32_t t = 0; t < g->nodes; t++) g->call[s][t] = prng_chance(luck, density);
        for (uint32_t i = 0; i < g->groups; i++) g->member[i][s] = prng_chance(luck, 200000);
    }
}

/* Hops by repeated relaxation over the matrix; -1 if unreachable or further than most. */
static inline int64_t naive_hops(const struct small_graph *g, uint32_t a, uint32_t b,
                                 int64_t most) {
    int64_t hops[NODES_MAX] = {0};
    for (uint32_t s = 0; s < g->nodes; s++) hops[s] = s == a ? 0 : -1;
    for (uint32_t round = 0; round < g->nodes; round++)
        for (uint32_t s = 0; s < g->nodes; s++)
            for (uint32_t t = 0; t < g->nodes; t++)
                if (g->call[s][t] && hops[s] >= 0 && (hops[t] < 0 || hops[s] + 1 < hops[t]))
                    hops[t] = hops[s] + 1;
    return hops[b] > most ? -1 : hops[b];
}

static inline bool naive_affects(const struct small_graph *g, uint32_t target, uint32_t other,
                                 int64_t max_depth, bool changes_shared) {
    if (other == target || !g->is_service[other]) return false;
    for (uint32_t i = 0; changes_shared && i < g->groups; i++)
        if (g->member[i][target] && g->member[i][other]) return true;
    return naive_hops(g, other, target, max_depth) > 0;
}

#endif
