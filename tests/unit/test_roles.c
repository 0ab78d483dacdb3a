/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/roles.h"
#include "tests/runner.h"

static struct arena arena;

static const struct topo_reach usual = {3, 10, 200000, 4};

static const struct topology *loaded(const char *text) {
    static struct diags diags;
    arena_close(&arena);
    arena_open(&arena);
    diags = (struct diags){0};
    const struct topology *t = topo_load(&arena, "t.yaml", text, strlen(text), &diags);
    if (!t) diag_print(&diags, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    return t;
}

/* The names of the three, "-" for none. */
static const char *played(const char *text) {
    static char names[200];
    const struct topology *t = loaded(text);
    int64_t *visits = ARENA_NEW(&arena, int64_t, t->service_count);
    struct svc_id roles[TOPO_USUAL_COUNT];
    CU_ASSERT_FATAL(topo_visit_ratios(t, visits));
    topo_usual_roles(t, visits, &usual, roles);
    int len = 0;
    for (int r = 0; r < TOPO_USUAL_COUNT; r++)
        len += snprintf(names + len, sizeof names - (size_t)len, "%s%s", r ? " " : "",
                        roles[r].v == NONE_ID ? "-" : t->services[roles[r].v].name);
    return names;
}

#define FACTS                                                                                      \
    "name: t\nentrypoints: [web]\n"                                                                \
    "services: [{name: web, kind: frontend}, {name: a}, {name: b}, {name: c}, {name: d}, "         \
    "{name: db, kind: datastore}]\n"
#define CALLS                                                                                      \
    "calls: [{from: web, to: a, per_request: 0.5}, {from: web, to: c, per_request: 0.3}, "         \
    "{from: a, to: b, per_request: 0.5}, {from: c, to: d, per_request: 1}, "                       \
    "{from: a, to: db, per_request: 5}]\n"

static void the_call_that_most_requests_take(void) {
    CU_ASSERT_STRING_EQUAL(played(FACTS CALLS), "d c a");
}

static void what_the_file_says_comes_first(void) {
    CU_ASSERT_STRING_EQUAL(played(FACTS CALLS "roles: {order: a}\n"), "b a c");
    CU_ASSERT_STRING_EQUAL(played(FACTS CALLS "roles: {payment: b}\n"), "b a c");
    CU_ASSERT_STRING_EQUAL(played(FACTS CALLS "roles: {notification: d}\n"), "b a d");
    CU_ASSERT_STRING_EQUAL(played(FACTS CALLS "roles: {payment: web, order: a, notification: b}\n"),
                           "web a b");
}

/* A call made seldom, or not waited for, shows nothing of its callee's failures. */
static void seldom_and_not_waited_for_come_last(void) {
    CU_ASSERT_STRING_EQUAL(played(FACTS "calls: [{from: web, to: a, per_request: 9}, {from: a, to: "
                                        "b, per_request: 0.1}, {from: web, to: c, per_request: "
                                        "0.2}, {from: c, to: d, per_request: 0.7}]\n"),
                           "d c a");
    CU_ASSERT_STRING_EQUAL(played(FACTS "calls: [{from: web, to: a, per_request: 1}, {from: a, to: "
                                        "b, protocol: kafka, per_request: 1}, {from: web, to: c, "
                                        "per_request: 0.2}, {from: c, to: d, per_request: 0.7}]\n"),
                           "d c a");
}

/* In a small graph the frontend has to be the caller. */
static void a_frontend_orders_where_no_service_calls_another(void) {
    CU_ASSERT_STRING_EQUAL(
        played("name: t\nentrypoints: [web]\nservices: [{name: web, kind: frontend}, {name: a}, "
               "{name: b}]\ncalls: [{from: web, to: a, per_request: 0.4}, {from: web, to: b, "
               "per_request: 0.6}]\n"),
        "b web a");
    CU_ASSERT_STRING_EQUAL(played("name: t\nentrypoints: [web]\nservices: [{name: web, kind: "
                                  "frontend}, {name: db, kind: datastore}]\n"
                                  "calls: [{from: web, to: db}]\n"),
                           "- - web");
}

/* Four callers of eight services are more than a fifth: no engine would patch it by itself. */
static void who_has_too_many_callers_is_not_chosen(void) {
    CU_ASSERT_STRING_EQUAL(
        played("name: t\nentrypoints: [web]\nservices: [{name: web, kind: frontend}, {name: a}, "
               "{name: b}, {name: c}, {name: hub}, {name: leaf}, {name: lone}, {name: other}]\n"
               "calls: [{from: web, to: a, per_request: 1}, {from: web, to: b, per_request: 1}, "
               "{from: web, to: c, per_request: 0.5}, {from: a, to: hub, per_request: 1}, "
               "{from: b, to: hub, per_request: 1}, {from: c, to: hub, per_request: 1}, "
               "{from: c, to: leaf, per_request: 1}, {from: web, to: lone, per_request: 0.1}]\n"),
        "leaf c a");
}

static void what_nobody_reaches_plays_nothing(void) {
    CU_ASSERT_STRING_EQUAL(played("name: t\nentrypoints: [web]\nservices: [{name: web, kind: "
                                  "frontend}, {name: a}, {name: b}]\n"
                                  "calls: [{from: a, to: b, per_request: 1}]\n"),
                           "- - web");
}

TEST_MAIN("roles", TEST(the_call_that_most_requests_take), TEST(what_the_file_says_comes_first),
          TEST(seldom_and_not_waited_for_come_last),
          TEST(a_frontend_orders_where_no_service_calls_another),
          TEST(who_has_too_many_callers_is_not_chosen), TEST(what_nobody_reaches_plays_nothing))
