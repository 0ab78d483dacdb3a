/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/conflict.h"
#include "tests/runner.h"
#include "tests/unit/small_graph.h"

/*
 * a -> b -> c -> d; e calls b. Queue q is shared by a and d. x stands alone.
 */
enum { A, B, C, D, E, X, NODES };
static struct small_graph shape;
static struct eng_config config;
static struct arena arena;
static struct eng_search *search;
static const time_ns now = 1000 * NS_PER_S;

static void set_types(struct eng_conflicts *c) {
#define TYPE(NAME, how_bad, what)                                                                  \
    c->type[CONFLICT_##NAME].severity = SEVERITY_##how_bad;                                        \
    c->type[CONFLICT_##NAME].action = ACTION_##what;
    TYPE(DIRECT, CRITICAL, BLOCK)
    TYPE(DEPENDENCY, ERROR, PAUSE)
    TYPE(UPSTREAM, ERROR, PAUSE)
    TYPE(DOWNSTREAM, WARNING, WARN)
    TYPE(SHARED_RESOURCE, ERROR, PAUSE)
    TYPE(CASCADE, ERROR, PAUSE)
    TYPE(TIMING, WARNING, DELAY)
#undef TYPE
}

static void configure(void) {
    memset(&config, 0, sizeof config);
    config.conflicts.max_depth = 3;
    set_types(&config.conflicts);
    config.gates.blast_count = 10;
    config.gates.blast_ppm = 1000000;
    config.gates.blast_share_from = 4;
    config.gates.cooldown_ns = 300 * NS_PER_S;
    config.graph = small_graph_adjacency(&shape);
    arena_open(&arena);
    search = search_open(&arena, &config.graph);
}

static void open_shape(void) {
    shape = (struct small_graph){.nodes = NODES, .groups = 1, .is_service = {1, 1, 1, 1, 1, 1}};
    shape.call[A][B] = shape.call[B][C] = shape.call[C][D] = shape.call[E][B] = true;
    shape.member[0][A] = shape.member[0][D] = true;
    configure();
}

static struct planned plan(uint32_t service, enum op_kind kind) {
    return (struct planned){.op = {1}, .kind = kind, .service = {service}};
}
static struct intents intent(uint32_t service, enum op_kind kind) {
    struct intents list = {.count = 1};
    list.list[0] = (struct intent){.number = 5, .op = {2}, .kind = kind, .service = {service}};
    return list;
}

/* The types found between a deployment of one service and a registered one of another, as bits. */
static unsigned types_in(const struct conflicts *found) {
    unsigned bits = 0;
    for (uint32_t i = 0; i < found->count; i++) bits |= 1U << found->list[i].type;
    return bits;
}
static struct conflicts between(uint32_t own, enum op_kind kind, uint32_t other,
                                enum op_kind other_kind, bool direct) {
    struct planned planned = plan(own, kind);
    struct intents intents = intent(other, other_kind);
    struct conflicts found;
    conflict_detect(search, &config, &planned, &intents, 0, direct, NULL, 0, now, &found);
    return found;
}
static struct conflicts deployments(uint32_t own, uint32_t other) {
    return between(own, OPKIND_DEPLOYMENT, other, OPKIND_DEPLOYMENT, true);
}
#define BIT(NAME) (1U << CONFLICT_##NAME)

static void each_type_of_the_graph(void) {
    open_shape();
    struct conflicts found = deployments(B, B);
    CU_ASSERT_EQUAL(types_in(&found), BIT(DIRECT));
    CU_ASSERT_EQUAL(found.action, ACTION_BLOCK);
    found = deployments(A, B);
    CU_ASSERT_EQUAL(types_in(&found), BIT(DEPENDENCY));
    found = deployments(B, A);
    CU_ASSERT_EQUAL(types_in(&found), BIT(DEPENDENCY));
    CU_ASSERT_EQUAL(found.action, ACTION_PAUSE);
    found = deployments(A, C);
    CU_ASSERT_EQUAL(types_in(&found), BIT(UPSTREAM));
    CU_ASSERT(found.list[0].figure == 2 && found.list[0].limit == 3);
    found = deployments(C, A);
    CU_ASSERT_EQUAL(types_in(&found), BIT(DOWNSTREAM));
    CU_ASSERT_EQUAL(found.action, ACTION_WARN);
    found = deployments(A, D);
    CU_ASSERT_EQUAL(types_in(&found), BIT(UPSTREAM) | BIT(SHARED_RESOURCE));
    found = deployments(A, X);
    CU_ASSERT(found.count == 0 && found.deciding == -1 && found.action == ACTION_ALLOW);
    config.conflicts.max_depth = 2;
    found = deployments(A, D);
    CU_ASSERT_EQUAL(types_in(&found), BIT(SHARED_RESOURCE));
    arena_close(&arena);
}

/* C is called by a, b, e; D by a, b, c, e: three in common, four together. */
static void cascade_needs_overlap_and_excess(void) {
    open_shape();
    config.gates.blast_count = 4;
    struct conflicts found = deployments(C, D);
    CU_ASSERT_FALSE(types_in(&found) & BIT(CASCADE));
    config.gates.blast_count = 3;
    found = deployments(C, D);
    CU_ASSERT(types_in(&found) & BIT(CASCADE));
    CU_ASSERT(found.list[1].figure == 4 && found.list[1].limit == 3 && !found.list[1].of_share);
    config.gates.blast_count = 10;
    config.gates.blast_ppm = 600000; /* 4 of 6 are 66.7 % */
    found = deployments(C, D);
    CU_ASSERT(types_in(&found) & BIT(CASCADE));
    CU_ASSERT(found.list[1].figure == 666666 && found.list[1].of_share);
    config.gates.blast_share_from = 5;
    found = deployments(C, D);
    CU_ASSERT_FALSE(types_in(&found) & BIT(CASCADE));
    config.gates.blast_count = 0; /* nobody calls a: no overlap */
    found = deployments(A, D);
    CU_ASSERT_FALSE(types_in(&found) & BIT(CASCADE));
    arena_close(&arena);
}

static struct conflicts after(struct recent_change change, uint32_t own) {
    struct planned planned = plan(own, OPKIND_DEPLOYMENT);
    struct intents none = {.count = 0};
    struct conflicts found;
    conflict_detect(search, &config, &planned, &none, 0, true, &change, 1, now, &found);
    return found;
}

static void timing(void) {
    open_shape();
    time_ns edge = now - config.gates.cooldown_ns;
    struct recent_change change = {.service = {B}, .op = {7}, .at_mono = edge};
    CU_ASSERT_EQUAL(after(change, B).count, 0);
    change.at_mono = edge + 1;
    struct conflicts found = after(change, B);
    CU_ASSERT_EQUAL(types_in(&found), BIT(TIMING));
    CU_ASSERT_EQUAL(found.action, ACTION_DELAY);
    CU_ASSERT_EQUAL(found.list[0].until_mono, now + 1);
    CU_ASSERT_EQUAL(after(change, A).count, 1); /* caller */
    CU_ASSERT_EQUAL(after(change, C).count, 1); /* callee */
    CU_ASSERT_EQUAL(after(change, D).count, 0); /* two calls away */
    change.op = (struct op_id){1};
    CU_ASSERT_EQUAL(after(change, B).count, 0); /* its own */
    change.op = ID_NONE64(op_id);
    change.at_mono = now - NS_PER_HOUR;
    change.running = true; /* a rollout by other people, begun long ago, not ended */
    CU_ASSERT_EQUAL(after(change, B).list[0].until_mono, now + config.gates.cooldown_ns);
    change.running = false;
    config.gates.cooldown_ns = 0;
    CU_ASSERT_EQUAL(after(change, B).count, 0);
    change.running = true;
    CU_ASSERT_EQUAL(after(change, B).count, 0);
    arena_close(&arena);
}

static void kinds(void) {
    open_shape();
    CU_ASSERT(conflict_kinds_exclude(OPKIND_DEPLOYMENT, OPKIND_SCALING));
    CU_ASSERT(conflict_kinds_exclude(OPKIND_RESTART, OPKIND_RESTART));
    CU_ASSERT(conflict_kinds_exclude(OPKIND_VERIFICATION, OPKIND_MAINTENANCE));
    CU_ASSERT_FALSE(conflict_kinds_exclude(OPKIND_VERIFICATION, OPKIND_DEPLOYMENT));
    CU_ASSERT_FALSE(conflict_kinds_exclude(OPKIND_ROLLBACK, OPKIND_PATCH_GENERATION));
    CU_ASSERT_EQUAL(between(A, OPKIND_DEPLOYMENT, B, OPKIND_VERIFICATION, true).count, 0);
    CU_ASSERT_EQUAL(between(A, OPKIND_PATCH_GENERATION, A, OPKIND_ROLLBACK, true).count, 0);
    /* maintenance meets everything everywhere, also in the numbered check that leaves out DIRECT */
    CU_ASSERT_EQUAL(between(A, OPKIND_DEPLOYMENT, X, OPKIND_MAINTENANCE, false).count, 1);
    CU_ASSERT_EQUAL(between(NONE_ID, OPKIND_MAINTENANCE, X, OPKIND_VERIFICATION, false).count, 1);
    CU_ASSERT_EQUAL(between(B, OPKIND_DEPLOYMENT, B, OPKIND_DEPLOYMENT, false).count, 0);
    arena_close(&arena);
}

static void numbers_decide_who_yields(void) {
    open_shape();
    struct planned planned = plan(A, OPKIND_DEPLOYMENT);
    struct intents intents = intent(B, OPKIND_DEPLOYMENT);
    struct conflicts found;
    for (int64_t own = 4; own <= 6; own++) {
        conflict_detect(search, &config, &planned, &intents, own, true, NULL, 0, now, &found);
        CU_ASSERT_EQUAL(found.count, own == 6);
    }
    intents.list[0].op = planned.op;
    conflict_detect(search, &config, &planned, &intents, 0, true, NULL, 0, now, &found);
    CU_ASSERT_EQUAL(found.count, 0);
    arena_close(&arena);
}

/* More than the list holds: the one that decides, last to be found, is still there. */
static void a_full_list_keeps_the_most_severe(void) {
    struct recent_change changes[40];
    struct planned planned = plan(B, OPKIND_DEPLOYMENT);
    struct intents none = {.count = 0};
    struct conflicts found, backwards;
    open_shape();
    for (uint32_t i = 0; i < 40; i++)
        changes[i] =
            (struct recent_change){.service = {B}, .op = {100 + i}, .at_mono = now - 40 + i};
    conflict_detect(search, &config, &planned, &none, 0, true, changes, 40, now, &found);
    CU_ASSERT_EQUAL(found.count, CONFLICTS_MAX);
    CU_ASSERT_EQUAL(found.deciding, 0);
    CU_ASSERT_EQUAL(found.list[0].other.v, 139); /* the cooldown that ends last */
    for (uint32_t i = 0; i < 20; i++) {
        struct recent_change swapped = changes[i];
        changes[i] = changes[39 - i];
        changes[39 - i] = swapped;
    }
    conflict_detect(search, &config, &planned, &none, 0, true, changes, 40, now, &backwards);
    for (uint32_t i = 0; i < CONFLICTS_MAX; i++)
        CU_ASSERT_EQUAL(found.list[i].other.v, backwards.list[i].other.v);
    arena_close(&arena);
}

static void explanations(void) {
    struct text why, what;
    struct conflict c = {.type = CONFLICT_CASCADE, .action = ACTION_PAUSE, .other_service = {12}};
    c.figure = 250000;
    c.limit = 200000;
    c.of_share = true;
    conflict_explain(&c, &why, &what);
    CU_ASSERT(text_is(&why, "with the change of service 12, 25% of services could be affected, "
                            "limit 20%"));
    CU_ASSERT(text_is(&what, "let a person review both"));
    c = (struct conflict){.type = CONFLICT_TIMING, .action = ACTION_DELAY, .other_service = {3}};
    c.figure = 2 * NS_PER_S;
    c.limit = 300 * NS_PER_S;
    conflict_explain(&c, &why, &what);
    CU_ASSERT(text_is(&why, "service 3 changed 2s ago, cooldown 300s"));
    CU_ASSERT(text_is(&what, "wait in INIT without a lock, at least 298s"));
    for (int type = 0; type < CONFLICT_COUNT; type++)
        for (int action = 0; action < ACTION_COUNT; action++) {
            c.type = (enum conflict_type)type;
            c.action = (enum action)action;
            conflict_explain(&c, &why, &what);
            CU_ASSERT(why.len > 0 && why.s[why.len - 1] != '~' && what.len > 0);
        }
}

/* The second implementation: SPEC's table, row by row, over the matrix. */
struct naive {
    const struct small_graph *g;
    const struct planned *own;
    const struct intents *intents;
    int64_t own_number;
    bool direct;
    const struct recent_change *changes;
    uint32_t change_count;
};

static bool reads(int64_t kind) {
    return kind == OPKIND_VERIFICATION || kind == OPKIND_PATCH_GENERATION;
}

static bool naive_cascade(const struct naive *n, uint32_t other) {
    uint32_t both = 0, either = 0, services = 0, own = n->own->service.v;
    int64_t depth = config.conflicts.max_depth;
    for (uint32_t s = 0; s < n->g->nodes; s++) {
        bool by_own = naive_affects(n->g, own, s, depth, n->own->changes_shared);
        bool by_other = naive_affects(n->g, other, s, depth, false);
        both += by_own && by_other;
        either += by_own || by_other;
        services += n->g->is_service[s];
    }
    if (both == 0) return false;
    return either > config.gates.blast_count ||
           (either >= config.gates.blast_share_from &&
            (int64_t)either * 1000000 / services > config.gates.blast_ppm);
}

static bool naive_pair(const struct naive *n, const struct intent *other, enum conflict_type type) {
    uint32_t a = n->own->service.v, b = other->service.v;
    int64_t depth = config.conflicts.max_depth;
    bool maintenance = n->own->kind == OPKIND_MAINTENANCE || other->kind == OPKIND_MAINTENANCE;
    bool both_change = !reads(n->own->kind) && !reads(other->kind);
    bool shared = false;
    if (type == CONFLICT_DIRECT) return maintenance || (a == b && both_change && n->direct);
    if (a == b || !both_change) return false;
    for (uint32_t i = 0; i < n->g->groups; i++) shared |= n->g->member[i][a] && n->g->member[i][b];
    switch (type) {
    case CONFLICT_DEPENDENCY: return n->g->call[a][b] || n->g->call[b][a];
    case CONFLICT_UPSTREAM: return naive_hops(n->g, a, b, depth) >= 2;
    case CONFLICT_DOWNSTREAM: return naive_hops(n->g, b, a, depth) >= 2;
    case CONFLICT_SHARED_RESOURCE: return shared;
    case CONFLICT_CASCADE: return naive_cascade(n, b);
    default: return false;
    }
}

static bool naive_timing(const struct naive *n, const struct recent_change *change) {
    uint32_t a = n->own->service.v, b = change->service.v;
    if (reads(n->own->kind) || change->op.v == n->own->op.v) return false;
    if (config.gates.cooldown_ns == 0) return false;
    if (a != b && !n->g->call[a][b] && !n->g->call[b][a]) return false;
    return change->running || change->at_mono > now - config.gates.cooldown_ns;
}

static bool listed(const struct conflicts *found, enum conflict_type type, struct op_id op,
                   uint32_t service) {
    for (uint32_t i = 0; i < found->count; i++)
        if (found->list[i].type == type && found->list[i].other.v == op.v &&
            found->list[i].other_service.v == service)
            return true;
    return false;
}

/* What decides, as one number per conflict: the largest wins. */
static int64_t weight_of(enum conflict_type type, int64_t number) {
    return config.conflicts.type[type].severity * 1000000 +
           config.conflicts.type[type].action * 100000 - number * 100 - (int64_t)type;
}

static bool agrees(const struct naive *n, const struct conflicts *found) {
    uint32_t expected = 0;
    int64_t heaviest = INT64_MIN;
    for (uint32_t i = 0; i < n->intents->count; i++) {
        const struct intent *other = &n->intents->list[i];
        bool counts =
            other->op.v != n->own->op.v && (n->own_number == 0 || other->number < n->own_number);
        for (enum conflict_type t = 0; t < CONFLICT_COUNT; t++) {
            bool holds = counts && naive_pair(n, other, t);
            if (holds != listed(found, t, other->op, other->service.v)) return false;
            expected += holds;
            if (holds && weight_of(t, other->number) > heaviest)
                heaviest = weight_of(t, other->number);
        }
    }
    for (uint32_t i = 0; i < n->change_count; i++) {
        bool holds = naive_timing(n, &n->changes[i]);
        if (holds != listed(found, CONFLICT_TIMING, n->changes[i].op, n->changes[i].service.v))
            return false;
        expected += holds;
        if (holds && weight_of(CONFLICT_TIMING, 0) > heaviest)
            heaviest = weight_of(CONFLICT_TIMING, 0);
    }
    if (found->count != expected || (found->deciding >= 0) != (expected > 0)) return false;
    if (expected == 0) return found->action == ACTION_ALLOW;
    const struct conflict *decides = &found->list[found->deciding];
    return weight_of(decides->type, decides->other_number) == heaviest &&
           found->action == config.conflicts.type[decides->type].action;
}

static void random_policy(struct prng *luck) {
    for (int t = 0; t < CONFLICT_COUNT; t++) {
        config.conflicts.type[t].severity = (enum severity)prng_below(luck, SEVERITY_COUNT);
        config.conflicts.type[t].action = (enum action)prng_below(luck, ACTION_COUNT);
    }
    config.conflicts.max_depth = 1 + (int64_t)prng_below(luck, 4);
    config.gates.blast_count = (int64_t)prng_below(luck, 8);
    config.gates.blast_ppm = (int64_t)prng_below(luck, 1000000);
    config.gates.blast_share_from = (int64_t)prng_below(luck, 6);
    config.gates.cooldown_ns = (int64_t)prng_below(luck, 3) * 100 * NS_PER_S;
}

static bool random_case_agrees(uint64_t id) {
    struct prng luck = prng_named(5, "conflict", id);
    struct intents intents = {.count = (uint32_t)prng_below(&luck, 7)};
    struct recent_change changes[4];
    struct conflicts found;
    small_graph_random(&shape, &luck);
    configure();
    random_policy(&luck);
    uint32_t nodes = shape.nodes;
    struct planned own =
        plan((uint32_t)prng_below(&luck, nodes), (enum op_kind)prng_below(&luck, OPKIND_COUNT));
    own.changes_shared = prng_chance(&luck, 300000);
    for (uint32_t i = 0; i < intents.count; i++)
        intents.list[i] = (struct intent){.number = 1 + 2 * i,
                                          .op = {1 + i},
                                          .kind = (int64_t)prng_below(&luck, OPKIND_COUNT),
                                          .service = {(uint32_t)prng_below(&luck, nodes)}};
    uint32_t change_count = (uint32_t)prng_below(&luck, 5);
    for (uint32_t i = 0; i < change_count; i++)
        changes[i] =
            (struct recent_change){.service = {(uint32_t)prng_below(&luck, nodes)},
                                   .op = {i == 3 ? 1 : 50 + i},
                                   .at_mono = now - (int64_t)prng_below(&luck, 400) * NS_PER_S,
                                   .running = prng_chance(&luck, 200000)};
    struct naive naive = {
        &shape,  &own,        &intents, (int64_t)prng_below(&luck, 16), prng_chance(&luck, 500000),
        changes, change_count};
    conflict_detect(search, &config, &own, &intents, naive.own_number, naive.direct, changes,
                    change_count, now, &found);
    bool same = agrees(&naive, &found);
    arena_close(&arena);
    return same;
}

static void agrees_with_the_naive_table(void) {
    uint32_t wrong = 0;
    for (uint64_t id = 0; id < 2000; id++) wrong += !random_case_agrees(id);
    CU_ASSERT_EQUAL(wrong, 0);
}

TEST_MAIN("conflict", TEST(each_type_of_the_graph), TEST(cascade_needs_overlap_and_excess),
          TEST(timing), TEST(kinds), TEST(numbers_decide_who_yields),
          TEST(a_full_list_keeps_the_most_severe), TEST(explanations),
          TEST(agrees_with_the_naive_table))
