/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/graph.h"
#include "tests/runner.h"
#include "tests/unit/small_graph.h"

static const struct eng_conflicts weights = {.max_depth = 3,
                                             .weight_direct_ppm = 1000000,
                                             .weight_downstream_ppm = 500000,
                                             .weight_shared_ppm = 800000,
                                             .weight_upstream_ppm = 300000};

static void hops_are_those_of_relaxation(void) {
    struct prng luck = prng_named(1, "hops", 0);
    struct small_graph g;
    uint32_t wrong = 0;
    for (int round = 0; round < 200; round++) {
        struct arena arena;
        small_graph_random(&g, &luck);
        struct eng_graph graph = small_graph_adjacency(&g);
        arena_open(&arena);
        struct eng_search *search = search_open(&arena, &graph);
        for (uint32_t a = 0; a < g.nodes; a++)
            for (uint32_t b = 0; b < g.nodes; b++) {
                int64_t most = (int64_t)prng_below(&luck, 6);
                int hops = graph_hops(search, (struct svc_id){a}, (struct svc_id){b}, most);
                wrong += hops != naive_hops(&g, a, b, most);
            }
        arena_close(&arena);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static int64_t naive_score(const struct small_graph *g, uint32_t target, bool shared) {
    int64_t score = 0;
    for (uint32_t s = 0; s < g->nodes; s++) {
        if (s == target || !g->is_service[s]) continue;
        int64_t hops = naive_hops(g, s, target, weights.max_depth);
        if (hops == 1) score += weights.weight_direct_ppm;
        if (hops > 1) score += weights.weight_downstream_ppm;
        if (g->call[target][s]) score += weights.weight_upstream_ppm;
        bool mate = false;
        for (uint32_t i = 0; i < g->groups; i++) mate |= g->member[i][target] && g->member[i][s];
        if (mate && shared) score += weights.weight_shared_ppm;
    }
    return score;
}

static bool lists(const struct blast_radius *blast, uint32_t service) {
    for (uint32_t k = 0; k < blast->count; k++)
        if (blast->affected[k] == service) return true;
    return false;
}

static bool blast_is_naive(struct eng_search *search, const struct small_graph *g, uint32_t target,
                           bool shared) {
    struct blast_radius blast;
    uint32_t count = 0, services = 0;
    graph_blast(search, &weights, (struct svc_id){target}, shared, &blast);
    for (uint32_t s = 0; s < g->nodes; s++) {
        services += g->is_service[s];
        if (!naive_affects(g, target, s, weights.max_depth, shared)) continue;
        if (!lists(&blast, s)) return false;
        count++;
    }
    int64_t share = services ? (int64_t)count * 1000000 / services : 0;
    return blast.count == count && blast.share_ppm == share &&
           blast.score_ppm == naive_score(g, target, shared);
}

static bool joint_is_naive(struct eng_search *search, const struct small_graph *g,
                           struct blast_target a, struct blast_target b) {
    struct joint_blast joint;
    uint32_t common = 0, count = 0;
    graph_joint_blast(search, &weights, a, b, &joint);
    for (uint32_t s = 0; s < g->nodes; s++) {
        bool by_a = naive_affects(g, a.service.v, s, weights.max_depth, a.changes_shared);
        bool by_b = naive_affects(g, b.service.v, s, weights.max_depth, b.changes_shared);
        common += by_a && by_b;
        count += by_a || by_b;
    }
    return joint.common == common && joint.count == count;
}

static bool group_is_naive(const struct eng_search *search, const struct small_graph *g, uint32_t a,
                           uint32_t b) {
    int shared = -1;
    for (uint32_t i = g->groups; i > 0; i--)
        if (g->member[i - 1][a] && g->member[i - 1][b]) shared = (int)i - 1;
    return graph_shared_group(search, (struct svc_id){a}, (struct svc_id){b}) == shared;
}

static void blast_radius_is_that_of_the_definition(void) {
    struct prng luck = prng_named(2, "blast", 0);
    struct small_graph g;
    uint32_t wrong = 0;
    for (int round = 0; round < 200; round++) {
        struct arena arena;
        small_graph_random(&g, &luck);
        struct eng_graph graph = small_graph_adjacency(&g);
        arena_open(&arena);
        struct eng_search *search = search_open(&arena, &graph);
        for (uint32_t a = 0; a < g.nodes; a++) {
            struct blast_target b = {{(uint32_t)prng_below(&luck, g.nodes)},
                                     prng_chance(&luck, 500000)};
            wrong += !blast_is_naive(search, &g, a, false);
            wrong += !blast_is_naive(search, &g, a, true);
            wrong += !group_is_naive(search, &g, a, b.service.v);
            wrong += !joint_is_naive(search, &g, (struct blast_target){{a}, true}, b);
        }
        arena_close(&arena);
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* front -> api -> pay -> db (a store); mail and pay share a queue. */
static void weights_of_a_known_graph(void) {
    enum { FRONT, API, PAY, MAIL, DB };
    struct small_graph g = {.nodes = 5, .groups = 1, .is_service = {1, 1, 1, 1, 0}};
    struct arena arena;
    struct blast_radius blast;
    g.call[FRONT][API] = g.call[API][PAY] = g.call[PAY][DB] = true;
    g.member[0][PAY] = g.member[0][MAIL] = true;
    struct eng_graph graph = small_graph_adjacency(&g);
    arena_open(&arena);
    struct eng_search *search = search_open(&arena, &graph);

    graph_blast(search, &weights, (struct svc_id){PAY}, false, &blast);
    CU_ASSERT_EQUAL(blast.count, 2);
    CU_ASSERT_EQUAL(blast.share_ppm, 500000); /* of four services */
    CU_ASSERT_EQUAL(blast.score_ppm, 1500000);
    graph_blast(search, &weights, (struct svc_id){PAY}, true, &blast);
    CU_ASSERT_EQUAL(blast.count, 3);
    CU_ASSERT_EQUAL(blast.score_ppm, 2300000);
    graph_blast(search, &weights, (struct svc_id){FRONT}, true, &blast);
    CU_ASSERT_EQUAL(blast.count, 0);
    CU_ASSERT_EQUAL(blast.score_ppm, 300000);
    CU_ASSERT_EQUAL(graph_shared_group(search, (struct svc_id){PAY}, (struct svc_id){MAIL}), 0);
    CU_ASSERT_EQUAL(graph_shared_group(search, (struct svc_id){PAY}, (struct svc_id){API}), -1);
    arena_close(&arena);
}

static void the_share_binds_from_a_count_on(void) {
    struct eng_gates limits = {.blast_ppm = 200000, .blast_count = 10, .blast_share_from = 4};
    CU_ASSERT_EQUAL(graph_blast_bound(&limits, 3, 750000), BLAST_WITHIN);
    CU_ASSERT_EQUAL(graph_blast_bound(&limits, 4, 200000), BLAST_WITHIN);
    CU_ASSERT_EQUAL(graph_blast_bound(&limits, 4, 200001), BLAST_OVER_SHARE);
    CU_ASSERT_EQUAL(graph_blast_bound(&limits, 10, 1), BLAST_WITHIN);
    CU_ASSERT_EQUAL(graph_blast_bound(&limits, 11, 1), BLAST_OVER_COUNT);
}

TEST_MAIN("graph", TEST(hops_are_those_of_relaxation), TEST(blast_radius_is_that_of_the_definition),
          TEST(weights_of_a_known_graph), TEST(the_share_binds_from_a_count_on))
