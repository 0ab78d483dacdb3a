/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The topologies that come along: what the scenarios rest on in them. */
#include "tests/support/topology_desk.h"

/* Entering requests a second so that the role gets its rate; every service's busy share of slots.
 */
static void expect_half_idle(const struct topology *t, const char *role, double rate) {
    int64_t visits[MOST_SERVICES];
    CU_ASSERT_TRUE(topo_visit_ratios(t, visits));
    double entering = rate * 1e6 / (double)visits[topo_role_service(t, role).v];
    for (uint32_t s = 0; s < t->service_count; s++) {
        const struct topo_service *v = &t->services[s];
        double arriving = entering * (double)visits[s] / 1e6;
        double busy = arriving * (double)v->service_time_ns / 1e9 / (v->replicas * v->slots);
        if (busy > 0.5) fprintf(stderr, "%s is %.1f %% busy\n", v->name, busy * 100);
        CU_ASSERT_TRUE(busy <= 0.5);
    }
}

/* Within the policies' blast radius: fewer than 4 affected services, or at most a fifth of all. */
static void expect_few_callers(const struct topology *t) {
    static const char *const roles[] = {"payment", "order", "notification"};
    uint32_t services = 0;
    for (uint32_t s = 0; s < t->service_count; s++)
        services += t->services[s].kind == TOPO_SERVICE || t->services[s].kind == TOPO_FRONTEND;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        struct svc_id s = topo_role_service(t, roles[i]);
        CU_ASSERT_NOT_EQUAL_FATAL(s.v, NONE_ID);
        uint32_t callers = topo_callers_within(t, s, 3);
        CU_ASSERT_TRUE(callers <= 3 || 5 * callers <= services);
    }
}

static void expect_group(const struct topology *t, const char *name, const char *users) {
    for (uint32_t g = 0; g < t->group_count; g++) {
        if (strcmp(t->groups[g].name, name) != 0) continue;
        char list[256] = "";
        for (uint32_t i = 0; i < t->groups[g].count; i++) {
            strcat(list, i ? " " : "");
            strcat(list, t->services[t->groups[g].users[i].v].name);
        }
        CU_ASSERT_STRING_EQUAL(list, users);
        return;
    }
    CU_FAIL("no such group");
}

static void shop_is_what_the_matrix_needs(void) {
    const struct topology *t = load_file("topologies/catalogue/shop.yaml");
    uint32_t services = 0;
    int64_t visits[MOST_SERVICES], total = 0;
    for (uint32_t s = 0; s < t->service_count; s++)
        services += t->services[s].kind == TOPO_SERVICE || t->services[s].kind == TOPO_FRONTEND;
    CU_ASSERT_EQUAL(services, 14);
    CU_ASSERT_EQUAL(t->service_count, 19);
    expect_visits(t);
    CU_ASSERT_TRUE(topo_visit_ratios(t, visits));
    struct svc_id payment = topo_role_service(t, "payment"), user = topo_role_service(t, "user");
    CU_ASSERT_EQUAL(visits[payment.v], PPM_ONE);
    for (uint32_t s = 0; s < t->service_count; s++) {
        CU_ASSERT_TRUE(visits[s] > 0);
        total += visits[s];
    }
    CU_ASSERT_TRUE(total < 10 * PPM_ONE);
    CU_ASSERT_TRUE(calls_directly(t, user.v, payment.v));
    CU_ASSERT_EQUAL(t->services[payment.v].replicas, 20);
    CU_ASSERT_EQUAL(t->services[payment.v].error_ppm, 3000);
    expect_few_callers(t);
    expect_half_idle(t, "payment", 1250);
    CU_ASSERT_EQUAL(t->group_count, 5);
    expect_group(t, "postgres_primary", "order-service payment-service user-service");
    expect_group(t, "postgres_analytics", "analytics-service reporting-service");
    expect_group(t, "redis_cache", "auth-service session-service user-service");
    expect_group(t, "kafka_orders", "inventory-service order-service shipping-service");
    expect_group(t, "kafka_events", "analytics-service audit-service notification-service");
}

static void online_boutique_can_carry_the_matrix(void) {
    const struct topology *t = load_file("topologies/catalogue/online-boutique.yaml");
    CU_ASSERT_EQUAL(t->service_count, 12);
    CU_ASSERT_EQUAL(t->call_count, 16);
    CU_ASSERT_STRING_EQUAL(t->services[topo_role_service(t, "payment").v].name, "paymentservice");
    CU_ASSERT_STRING_EQUAL(t->services[topo_role_service(t, "order").v].name, "checkoutservice");
    CU_ASSERT_STRING_EQUAL(t->services[topo_role_service(t, "notification").v].name,
                           "emailservice");
    CU_ASSERT_FALSE(service(t, "loadgenerator")->entry);
    expect_visits(t);
    expect_few_callers(t);
    expect_half_idle(t, "payment", 1250);
}

static void bookinfo_can_carry_the_matrix(void) {
    const struct topology *t = load_file("topologies/catalogue/bookinfo.yaml");
    CU_ASSERT_EQUAL(t->service_count, 8);
    CU_ASSERT_EQUAL(t->call_count, 11);
    CU_ASSERT_TRUE(
        calls_directly(t, topo_role_service(t, "order").v, topo_role_service(t, "payment").v));
    expect_visits(t);
    expect_few_callers(t);
    expect_half_idle(t, "payment", 1250);
}

static void train_ticket_can_carry_the_matrix_in_spite_of_its_cycles(void) {
    const struct topology *t = load_file("topologies/catalogue/train-ticket.yaml");
    CU_ASSERT_EQUAL(t->service_count, 65);
    CU_ASSERT_EQUAL(t->call_count, 155);
    struct svc_id seat = topo_service_named(t, "ts-seat-service");
    struct svc_id travel = topo_service_named(t, "ts-travel-service");
    CU_ASSERT_TRUE(calls_directly(t, seat.v, travel.v) && calls_directly(t, travel.v, seat.v));
    expect_visits(t);
    expect_few_callers(t);
    expect_half_idle(t, "payment", 1250);
}

/* The forms that files of facts come in: nested source, flow and block, roles of calls, cycles,
 * externals, several entry points, stores that nobody describes further. */
static void files_of_facts_load_as_they_are(void) {
    const struct topology *t = load_text(
        "name: facts\ntitle: Facts (from a repository)\nsource:\n  repo: some/one\n  commit: "
        "86c9f01fd735fb01d8192f5bcaf0d424afb7f14c\n  files:\n  - a/**\n  - b.yaml\n  evidence: "
        "address variables\n    in manifests\nentrypoints:\n- web\n- media\nservices:\n"
        "- {name: client, kind: external}\n- {name: web, kind: frontend, replicas: 1, port: 80, "
        "language: openresty-lua}\n- {name: media, kind: frontend}\n- {name: users, kind: service, "
        "memory_limit_mb: 20}\n- {name: graph, kind: service}\n- {name: smtp.163.com, kind: "
        "external}\n- {name: db, kind: datastore, port: 27017}\n- {name: bus, kind: "
        "queue}\ncalls:\n"
        "- {from: client, to: web, protocol: http}\n- {from: web, to: users, protocol: thrift}\n"
        "- {from: users, to: graph, protocol: thrift}\n- {from: graph, to: users, protocol: "
        "thrift}\n- {from: users, to: db, protocol: mongodb}\n- {from: users, to: smtp.163.com, "
        "protocol: smtp}\n- {from: users, to: bus, protocol: kafka, role: produce}\n"
        "shared_resources:\n- {name: db, users: [users]}\nnotes:\n- 'a: b'\n- c\n  d\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    expect_visits(t);
    int64_t visits[MOST_SERVICES];
    CU_ASSERT_TRUE(topo_visit_ratios(t, visits));
    CU_ASSERT_EQUAL(visits[topo_service_named(t, "media").v], 500000);
    CU_ASSERT_EQUAL(visits[topo_service_named(t, "client").v], 0);
}

static void the_example_in_the_documentation_loads(void) {
    const char *begin_mark = "```yaml\n", *text = file_text("docs/TOPOLOGIES.md");
    const char *begins = strstr(text, begin_mark);
    CU_ASSERT_PTR_NOT_NULL_FATAL(begins);
    begins += strlen(begin_mark);
    const char *ends = strstr(begins, "```");
    CU_ASSERT_PTR_NOT_NULL_FATAL(ends);
    begin();
    const struct topology *t =
        topo_load(&arena, "TOPOLOGIES.md", begins, (size_t)(ends - begins), &diags);
    diag_print(&diags, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(t->service_count, 5);
    expect_visits(t);
}

TEST_MAIN("topologies of the catalogue", TEST(shop_is_what_the_matrix_needs),
          TEST(online_boutique_can_carry_the_matrix), TEST(bookinfo_can_carry_the_matrix),
          TEST(train_ticket_can_carry_the_matrix_in_spite_of_its_cycles),
          TEST(files_of_facts_load_as_they_are), TEST(the_example_in_the_documentation_loads))
