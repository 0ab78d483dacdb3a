/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/generate.h"
#include "topologies/topology.h"
#include "tests/runner.h"

static struct arena arena;
static struct diags diags;

static const struct topology *generated(enum topo_shape shape, uint32_t services, uint64_t seed) {
    arena_close(&arena);
    arena_open(&arena);
    diags = (struct diags){0};
    struct topo_recipe recipe = {shape, services, seed};
    size_t len;
    const char *text = topo_generate(&arena, &recipe, &len);
    const struct topology *t = topo_load(&arena, "g.yaml", text, len, &diags);
    if (!t) diag_print(&diags, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(t->service_count, services);
    return t;
}

static bool all_visited(const struct topology *t) {
    static int64_t visits[TOPO_GENERATED_MAX];
    bool *seen = ARENA_NEW(&arena, bool, t->service_count);
    uint32_t *queue = ARENA_NEW(&arena, uint32_t, t->service_count), head = 0, tail = 0;
    if (!topo_visit_ratios(t, visits)) return false;
    for (uint32_t s = 0; s < t->service_count; s++)
        if (t->services[s].entry) seen[queue[tail++] = s] = true;
    for (; head < tail; head++)
        for (uint32_t k = t->out_offset[queue[head]]; k < t->out_offset[queue[head] + 1]; k++)
            if (!seen[t->out_target[k]]) seen[queue[tail++] = t->out_target[k]] = true;
    return tail == t->service_count;
}

static void every_kind_and_size_loads_and_all_is_reached(void) {
    for (int shape = 0; shape < TOPO_SHAPE_COUNT; shape++)
        for (uint32_t services = 2; services < 40; services++)
            CU_ASSERT(all_visited(generated((enum topo_shape)shape, services, services)));
}

static void thousands_of_services_fit(void) {
    for (int shape = 0; shape < TOPO_SHAPE_COUNT; shape++)
        CU_ASSERT(all_visited(generated((enum topo_shape)shape, TOPO_GENERATED_MAX, 7)));
}

static void each_kind_has_its_shape(void) {
    struct topo_facts facts;
    const struct topology *t = generated(TOPO_TREE, 100, 1);
    CU_ASSERT_EQUAL(t->call_count, 99);
    for (uint32_t s = 0; s < 100; s++) CU_ASSERT(t->in_offset[s + 1] - t->in_offset[s] <= 1);
    t = generated(TOPO_SMALL_WORLD, 60, 1);
    CU_ASSERT(topo_facts(&arena, t, &facts) && facts.cycles_in > 0);
    CU_ASSERT(facts.diameter < 58); /* the bare ring has 59 */
    for (int shape = TOPO_TREE; shape < TOPO_SHAPE_COUNT; shape++) {
        if (shape == TOPO_SMALL_WORLD || shape == TOPO_RANDOM) continue;
        t = generated((enum topo_shape)shape, 60, 3);
        CU_ASSERT(topo_facts(&arena, t, &facts) && facts.cycles_in == 0);
    }
    uint32_t most = 0; /* a hub: drawn evenly, the most callers of 2,000 are about 16 */
    t = generated(TOPO_SCALE_FREE, 2000, 1);
    for (uint32_t s = 0; s < t->service_count; s++)
        if (t->in_offset[s + 1] - t->in_offset[s] > most)
            most = t->in_offset[s + 1] - t->in_offset[s];
    CU_ASSERT(most > 40);
}

/* Calls of tiers go down: whoever is called has a higher number. */
static void tiers_go_down(void) {
    const struct topology *t = generated(TOPO_TIERS, 200, 5);
    uint32_t stores = 0;
    for (uint32_t c = 0; c < t->call_count; c++) CU_ASSERT(t->calls[c].from.v < t->calls[c].to.v);
    for (uint32_t s = 0; s < 200; s++) {
        stores += t->services[s].kind == TOPO_DATASTORE;
        if (t->services[s].kind == TOPO_DATASTORE)
            CU_ASSERT_EQUAL(t->out_offset[s], t->out_offset[s + 1]);
    }
    CU_ASSERT(stores >= 50 && t->group_count > 0);
}

static void a_function_of_its_seed(void) {
    struct arena a;
    size_t one, same, other;
    arena_open(&a);
    struct topo_recipe recipe = {TOPO_TIERS, 30, 1}, next = {TOPO_TIERS, 30, 2};
    const char *x = topo_generate(&a, &recipe, &one), *y = topo_generate(&a, &recipe, &same);
    const char *z = topo_generate(&a, &next, &other);
    CU_ASSERT(one == same && memcmp(x, y, one) == 0);
    CU_ASSERT(strcmp(strstr(x, "calls:"), strstr(z, "calls:")) != 0);
    char name[TOPO_GENERATED_NAME];
    topo_generated_name(&recipe, name);
    CU_ASSERT_STRING_EQUAL(name, "tiers-30-1");
    arena_close(&a);
}

TEST_MAIN("generate", TEST(every_kind_and_size_loads_and_all_is_reached),
          TEST(thousands_of_services_fit), TEST(each_kind_has_its_shape), TEST(tiers_go_down),
          TEST(a_function_of_its_seed))
