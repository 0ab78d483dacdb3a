/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/prng.h"
#include "tests/support/topology_desk.h"
#include "topologies/adjacency.h"
#include "topologies/defaults.h"
#include "topologies/graph.h"

/* ---- Random graphs ---- */

static const struct topology *random_topology(struct prng *p, int64_t per_request_bound) {
    begin();
    uint32_t n = 2 + (uint32_t)prng_below(p, 30), calls = (uint32_t)prng_below(p, 4 * n);
    struct topo_service *services = ARENA_NEW(&arena, struct topo_service, n);
    struct topo_call list[4 * MOST_SERVICES];
    for (uint32_t s = 0; s < n; s++) {
        char name[16];
        snprintf(name, sizeof name, "s%02u", s);
        services[s] = topo_default_service((enum topo_kind)prng_below(p, TOPO_KIND_COUNT));
        services[s].name = arena_text(&arena, name, strlen(name));
        services[s].entry = s == 0 || prng_chance(p, 100000);
    }
    for (uint32_t i = 0; i < calls; i++) {
        struct svc_id from = {(uint32_t)prng_below(p, n)}, to = {(uint32_t)prng_below(p, n - 1)};
        to.v += to.v >= from.v;
        list[i] = topo_default_call(from, to);
        list[i].timeout_ns = i; /* remembers the place in the list */
        if (per_request_bound > 0)
            list[i].per_request_ppm = (int64_t)prng_below(p, (uint64_t)per_request_bound);
    }
    const struct topology *t = topo_assemble(&arena, services, n, list, calls);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    return t;
}

static void expect_rows(const struct topology *t, const uint32_t *offset, const uint32_t *end,
                        bool callers) {
    uint32_t at = 0;
    for (uint32_t s = 0; s < t->service_count; s++) {
        CU_ASSERT_EQUAL(offset[s], at);
        for (uint32_t other = 0; other < t->service_count; other++)
            if (callers ? calls_directly(t, other, s) : calls_directly(t, s, other))
                CU_ASSERT_EQUAL(end[at++], other);
    }
    CU_ASSERT_EQUAL(offset[t->service_count], at);
}

static void adjacency_holds_each_edge_once_and_ascending(void) {
    struct prng p = prng_named(1, "adjacency", 0);
    for (int round = 0; round < 100; round++) {
        const struct topology *t = random_topology(&p, 1000);
        expect_rows(t, t->out_offset, t->out_target, false);
        expect_rows(t, t->in_offset, t->in_source, true);
        CU_ASSERT_EQUAL(t->call_offset[t->service_count], t->call_count);
        for (uint32_t s = 0; s < t->service_count; s++)
            for (uint32_t i = t->call_offset[s]; i < t->call_offset[s + 1]; i++) {
                CU_ASSERT_EQUAL(t->calls[i].from.v, s);
                if (i > t->call_offset[s])
                    CU_ASSERT_TRUE(t->calls[i - 1].timeout_ns < t->calls[i].timeout_ns);
            }
    }
}

static void callers_within_agrees_with_the_naive_search(void) {
    struct prng p = prng_named(1, "callers", 0);
    for (int round = 0; round < 100; round++) {
        const struct topology *t = random_topology(&p, 1000);
        for (uint32_t s = 0; s < t->service_count; s++)
            for (uint32_t depth = 0; depth < 6; depth++)
                CU_ASSERT_EQUAL(topo_callers_within(t, (struct svc_id){s}, depth),
                                naive_callers(t, s, depth));
    }
}

static void visits_agree_with_the_dense_solution(void) {
    struct prng p = prng_named(1, "visits", 0);
    for (int round = 0; round < 100; round++) {
        const struct topology *t = random_topology(&p, 300000);
        double naive[MOST_SERVICES];
        int64_t visits[MOST_SERVICES];
        bool solved = naive_visits(t, naive);
        /* A solution with a negative part is what Gauss makes of a sum that grows without end. */
        for (uint32_t s = 0; solved && s < t->service_count; s++) solved = naive[s] > -1e-9;
        if (solved)
            expect_visits(t);
        else
            CU_ASSERT_FALSE(topo_visit_ratios(t, visits));
    }
}

static void unstated_shares_end_every_cycle(void) {
    struct prng p = prng_named(1, "unstated", 0);
    for (int round = 0; round < 100; round++) {
        const struct topology *t = random_topology(&p, 0);
        expect_visits(t);
        uint32_t component[MOST_SERVICES];
        CU_ASSERT_TRUE(topo_strong_components(t, component));
        for (uint32_t s = 0; s < t->service_count; s++) {
            int64_t all = 0, back = 0;
            for (uint32_t i = t->call_offset[s]; i < t->call_offset[s + 1]; i++) {
                uint32_t to = t->calls[i].to.v;
                bool leads_back = naive_reaches(t, to, s);
                CU_ASSERT_EQUAL(component[s] == component[to], leads_back);
                CU_ASSERT_TRUE(t->calls[i].per_request_ppm > 0);
                CU_ASSERT_TRUE(t->calls[i].per_request_ppm <= PPM_ONE);
                all += t->calls[i].per_request_ppm;
                back += leads_back ? t->calls[i].per_request_ppm : 0;
            }
            CU_ASSERT_TRUE(all <= 2 * PPM_ONE && back <= PPM_ONE / 2);
        }
    }
}

/* ---- Small files ---- */

static void states_its_defaults(void) {
    const struct topology *t =
        load_text("name: t\nentrypoints: [a]\nservices: [{name: c, kind: cache}, {name: b}, "
                  "{name: a, kind: frontend}, {name: x, kind: external}]\n"
                  "calls: [{from: a, to: b}, {from: b, to: c, protocol: redis}]\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_STRING_EQUAL(t->title, "t");
    const struct topo_service *b = service(t, "b"), *c = service(t, "c");
    CU_ASSERT_EQUAL(b - t->services, 1); /* the rank of its name */
    CU_ASSERT_EQUAL(b->kind, TOPO_SERVICE);
    CU_ASSERT_EQUAL(b->replicas, 2);
    CU_ASSERT_EQUAL(b->cpu_limit_millicores, 500);
    CU_ASSERT_EQUAL(b->memory_limit_mb, 512);
    CU_ASSERT_EQUAL(b->port, 0);
    CU_ASSERT_STRING_EQUAL(b->language, "");
    CU_ASSERT_EQUAL(b->slots, 8);
    CU_ASSERT_EQUAL(b->service_time_ns, 2 * NS_PER_MS);
    CU_ASSERT_EQUAL(b->distribution, TOPO_LOGNORMAL);
    CU_ASSERT_EQUAL(b->cv_ppm, 500000);
    CU_ASSERT_EQUAL(b->error_ppm, 1000);
    CU_ASSERT_EQUAL(b->criticality_ppm, 500000);
    CU_ASSERT_STRING_EQUAL(b->zone, "");
    CU_ASSERT_FALSE(b->entry);
    CU_ASSERT_TRUE(service(t, "a")->entry);
    CU_ASSERT_EQUAL(service(t, "a")->replicas, 2);
    CU_ASSERT_EQUAL(c->replicas, 1);
    CU_ASSERT_EQUAL(c->service_time_ns, 500 * NS_PER_US);
    CU_ASSERT_EQUAL(c->error_ppm, 0);
    CU_ASSERT_EQUAL(service(t, "x")->replicas, 1);
    CU_ASSERT_EQUAL(service(t, "x")->error_ppm, 0);
    CU_ASSERT_EQUAL(t->calls[0].per_request_ppm, PPM_ONE);
    CU_ASSERT_EQUAL(t->calls[0].timeout_ns, 2 * NS_PER_S);
    CU_ASSERT_EQUAL(t->calls[0].retries, 0);
    CU_ASSERT_FALSE(t->calls[0].async);
}

static void reads_every_key(void) {
    const struct topology *t = load_text(
        "name: t\ntitle: T\nsource: {a: [1, {b: c}]}\nnotes: [x, {y: z}]\nentrypoints: [a]\n"
        "zones: [east, west]\nroles: {pay: b, front: a}\nservices:\n"
        "- {name: b, kind: service, replicas: 3, cpu_limit_millicores: 250, memory_limit_mb: 64,\n"
        "   port: 80, language: java, slots: 5, service_time: 1.5ms, distribution: erlang2,\n"
        "   cv: 1.25, error_rate: 0.3%, criticality: 0.9, zone: west, slo: {availability: 99.9%}}\n"
        "- {name: a}\n"
        "calls:\n- {from: a, to: b, protocol: kafka, role: produce, per_request: 0.25, "
        "timeout: 250ms, retries: 2}\n- {from: a, to: b, protocol: made-up}\n"
        "shared_resources: [{name: z, users: [b, a]}, {name: c, users: []}]\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    const struct topo_service *b = service(t, "pay");
    CU_ASSERT_EQUAL(b->replicas, 3);
    CU_ASSERT_EQUAL(b->cpu_limit_millicores, 250);
    CU_ASSERT_EQUAL(b->memory_limit_mb, 64);
    CU_ASSERT_EQUAL(b->port, 80);
    CU_ASSERT_STRING_EQUAL(b->language, "java");
    CU_ASSERT_EQUAL(b->slots, 5);
    CU_ASSERT_EQUAL(b->service_time_ns, 1500 * NS_PER_US);
    CU_ASSERT_EQUAL(b->distribution, TOPO_ERLANG2);
    CU_ASSERT_EQUAL(b->cv_ppm, 1250000);
    CU_ASSERT_EQUAL(b->error_ppm, 3000);
    CU_ASSERT_EQUAL(b->criticality_ppm, 900000);
    CU_ASSERT_STRING_EQUAL(b->zone, "west");
    CU_ASSERT_EQUAL(t->call_count, 2); /* another protocol is another call, but the same edge */
    CU_ASSERT_EQUAL(t->out_offset[2], 1);
    CU_ASSERT_TRUE(t->calls[0].async);
    CU_ASSERT_EQUAL(t->calls[0].per_request_ppm, 250000);
    CU_ASSERT_EQUAL(t->calls[0].timeout_ns, 250 * NS_PER_MS);
    CU_ASSERT_EQUAL(t->calls[0].retries, 2);
    CU_ASSERT_STRING_EQUAL(t->calls[1].protocol, "made-up");
    CU_ASSERT_FALSE(t->calls[1].async);
    CU_ASSERT_EQUAL(t->group_count, 2);
    CU_ASSERT_STRING_EQUAL(t->groups[0].name, "c");
    CU_ASSERT_EQUAL(t->groups[1].count, 2);
    CU_ASSERT_EQUAL(t->groups[1].users[0].v, 0);
    CU_ASSERT_STRING_EQUAL(t->roles[0].name, "front");
    CU_ASSERT_EQUAL(topo_role_service(t, "pay").v, 1);
    CU_ASSERT_EQUAL(topo_role_service(t, "b").v, NONE_ID);
    CU_ASSERT_EQUAL(topo_service_named(t, "nobody").v, NONE_ID);
}

static void tells_when_visits_have_no_end(void) {
    int64_t visits[3];
    const struct topology *t =
        load_text("name: t\nentrypoints: [a]\nservices: [{name: a}, {name: b}, {name: c}]\n"
                  "calls: [{from: a, to: b, per_request: 1}, {from: b, to: a, per_request: 1}]\n");
    CU_ASSERT_FALSE(topo_visit_ratios(t, visits));
    t = load_text(
        "name: t\nentrypoints: [a]\nservices: [{name: a}, {name: b}, {name: c}]\n"
        "calls: [{from: a, to: b, per_request: 1}, {from: b, to: a, per_request: 0.5}]\n");
    CU_ASSERT_TRUE(topo_visit_ratios(t, visits));
    CU_ASSERT_EQUAL(visits[0], 2000000);
    CU_ASSERT_EQUAL(visits[1], 2000000);
    CU_ASSERT_EQUAL(visits[2], 0);
    /* Nothing enters the cycle of b and c, so it does not matter that it would not end. */
    t = load_text("name: t\nentrypoints: [a]\nservices: [{name: a}, {name: b}, {name: c}]\n"
                  "calls: [{from: b, to: c, per_request: 1}, {from: c, to: b, per_request: 1}]\n");
    CU_ASSERT_TRUE(topo_visit_ratios(t, visits));
}

static void a_deep_chain_takes_one_sweep(void) {
    enum { DEEP = 50000 };
    begin();
    struct topo_service *services = ARENA_NEW(&arena, struct topo_service, DEEP);
    struct topo_call *calls = ARENA_NEW(&arena, struct topo_call, DEEP);
    int64_t *visits = ARENA_NEW(&arena, int64_t, DEEP);
    for (uint32_t s = 0; s < DEEP; s++) {
        char name[16];
        snprintf(name, sizeof name, "s%05u", s);
        services[s] = topo_default_service(TOPO_SERVICE);
        services[s].name = arena_text(&arena, name, strlen(name));
        services[s].entry = s == DEEP - 1; /* against the order of ids */
        if (s == 0) continue;
        calls[s - 1] = topo_default_call((struct svc_id){s}, (struct svc_id){s - 1});
    }
    const struct topology *t = topo_assemble(&arena, services, DEEP, calls, DEEP - 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_TRUE(topo_visit_ratios(t, visits));
    CU_ASSERT_EQUAL(visits[0], PPM_ONE);
    CU_ASSERT_EQUAL(topo_callers_within(t, (struct svc_id){0}, UINT32_MAX), DEEP - 1);
}

static void knows_facts_of_the_graph(void) {
    const struct topology *t =
        load_text("name: t\nentrypoints: [a]\nservices: [{name: a}, {name: b}, {name: c}, "
                  "{name: d}, {name: lone}]\ncalls: [{from: a, to: b}, {from: b, to: c}, "
                  "{from: c, to: b}, {from: c, to: d}]\n");
    struct topo_facts facts;
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_TRUE(topo_facts(&arena, t, &facts));
    CU_ASSERT_EQUAL(facts.components, 2);
    CU_ASSERT_EQUAL(facts.cycles_in, 1);
    CU_ASSERT_EQUAL(facts.diameter, 3);
    const uint8_t cut[] = {0, 1, 1, 0, 0};
    CU_ASSERT_EQUAL(memcmp(facts.articulation, cut, sizeof cut), 0);
}

static void the_order_in_the_file_changes_no_id(void) {
    const char *const files[] = {
        "name: t\nentrypoints: [a, b]\nservices: [{name: a}, {name: b}, {name: c}]\n"
        "calls: [{from: a, to: b}, {from: b, to: c}]\n",
        "calls: [{from: b, to: c}, {from: a, to: b}]\nservices: [{name: c}, {name: a}, {name: b}]\n"
        "entrypoints: [b, a]\nname: t\n"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        const struct topology *t = load_text(files[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(t);
        CU_ASSERT_EQUAL(service(t, "c") - t->services, 2);
        CU_ASSERT_EQUAL(t->calls[0].from.v, 0);
        CU_ASSERT_EQUAL(t->calls[1].to.v, 2);
    }
}

TEST_MAIN("topology", TEST(adjacency_holds_each_edge_once_and_ascending),
          TEST(callers_within_agrees_with_the_naive_search),
          TEST(visits_agree_with_the_dense_solution), TEST(unstated_shares_end_every_cycle),
          TEST(states_its_defaults), TEST(reads_every_key), TEST(tells_when_visits_have_no_end),
          TEST(a_deep_chain_takes_one_sweep), TEST(knows_facts_of_the_graph),
          TEST(the_order_in_the_file_changes_no_id))
