/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/topology.h"
#include "tests/runner.h"

/* A topology of which only the part in question is stated. */
#define HEAD       "name: t\nentrypoints: [a]\n"
#define SERVICES   "services:\n- {name: a}\n- {name: payment-service}\n"
#define SERVICE(s) HEAD "services:\n- {name: a}\n- " s "\n"
#define CALL(c)    HEAD SERVICES "calls:\n- " c "\n"

static const struct bad_file {
    const char *text;
    int line, column;
    const char *message;
} bad_files[] = {
    {"", 1, 1, "expected one document, a mapping of keys to values"},
    {"- a\n", 1, 1, "expected one document, a mapping of keys to values"},
    {HEAD SERVICES "---\nname: u\n", 1, 1, "expected one document, a mapping of keys to values"},
    {"entrypoints: [a]\n" SERVICES, 1, 1, "a topology needs the key \"name\""},
    {HEAD, 1, 1, "expected 1 to 100000 services, got 0"},
    {HEAD "services: []\n", 3, 11, "expected 1 to 100000 services, got 0"},
    {HEAD "services: a\n", 3, 11, "expected a list, got a single value"},
    {HEAD SERVICES "rols: {}\n", 6, 1, "unknown key \"rols\" in topology; did you mean \"roles\"?"},
    {HEAD SERVICES "calls: {}\n", 6, 8, "expected a list, got a mapping of keys to values"},

    {SERVICE("b"), 5, 3, "expected a mapping of keys to values, got a single value"},
    {SERVICE("{kind: service}"), 5, 3, "a service needs the key \"name\""},
    {SERVICE("{name: }"), 5, 3, "a service needs the key \"name\""},
    {SERVICE("{name: [b]}"), 5, 10, "expected a text, got a list"},
    {SERVICE("{name: ''}"), 5, 10, "expected a text of 1 to 200 bytes, got 0"},
    {SERVICE("{name: \"b\\x07\"}"), 5, 10, "expected printable UTF-8, got \"b\\x07\""},
    {SERVICE("{name: \"b\\0c\"}"), 5, 10, "a text may not hold a NUL character"},
    {SERVICE("{name: b}\n- {name: c}\n- {name: b}"), 7, 3,
     "service \"b\" stands twice, first in line 5"},
    {SERVICE("{name: b, kind: databse}"), 5, 19,
     "expected one of \"service\", \"frontend\", \"datastore\", \"cache\", \"queue\", "
     "\"external\", got \"databse\""},
    {SERVICE("{name: b, kind: cach}"), 5, 19, "unknown name \"cach\"; did you mean \"cache\"?"},
    {SERVICE("{name: b, replicas: 0}"), 5, 23,
     "expected a whole number from 1 to 100000, got \"0\""},
    {SERVICE("{name: b, port: 65536}"), 5, 19,
     "expected a whole number from 1 to 65535, got \"65536\""},
    {SERVICE("{name: b, slots: many}"), 5, 20, "expected a whole number, got \"many\""},
    {SERVICE("{name: b, service_time: 0s}"), 5, 27,
     "expected a duration from 1us to 3600s, got \"0s\""},
    {SERVICE("{name: b, error_rate: 101%}"), 5, 25,
     "expected a share from 0% to 100%, got \"101%\""},
    {SERVICE("{name: b, distribution: erlang}"), 5, 27,
     "unknown name \"erlang\"; did you mean \"erlang2\"?"},
    {SERVICE("{name: b, cv: -1}"), 5, 17, "expected a number from 0 to 10, got \"-1\""},
    {SERVICE("{name: b, slo: 99.9%}"), 5, 18, "expected a mapping of objectives to values"},
    {SERVICE("{name: b, replica: 2}"), 5, 13,
     "unknown key \"replica\" in service; did you mean \"replicas\"?"},
    {"zones: [north, south]\n" SERVICE("{name: b, zone: norht}"), 6, 19,
     "no zone \"norht\"; did you mean \"north\"?"},

    {CALL("{from: a}"), 7, 3, "a call needs the key \"to\""},
    {CALL("{from: a, to: ~}"), 7, 17, "expected the name of a service"},
    {CALL("{from: a, to: paymnt-service}"), 7, 17,
     "no service \"paymnt-service\"; did you mean \"payment-service\"?"},
    {CALL("{from: zzz, to: a}"), 7, 10, "no service \"zzz\""},
    {CALL("{from: a, to: a}"), 7, 3, "service \"a\" calls itself"},
    {CALL("{from: a, to: payment-service}\n- {from: a, to: payment-service}"), 8, 3,
     "the call from \"a\" to \"payment-service\" stands twice, first in line 7"},
    {CALL("{from: a, to: payment-service, per_request: 1001}"), 7, 47,
     "expected a number from 0 to 1000, got \"1001\""},
    {CALL("{from: a, to: payment-service, retries: -1}"), 7, 43,
     "expected a whole number from 0 to 100, got \"-1\""},
    {CALL("{from: a, to: payment-service, timeuot: 1s}"), 7, 34,
     "unknown key \"timeuot\" in call; did you mean \"timeout\"?"},

    {"name: t\n" SERVICES, 1, 1,
     "no entry point: name the services that users' requests reach first"},
    {"name: t\nentrypoints: []\n" SERVICES, 2, 14,
     "no entry point: name the services that users' requests reach first"},
    {"name: t\nentrypoints: a\n" SERVICES, 2, 14, "expected a list, got a single value"},
    {"name: t\nentrypoints: [~]\n" SERVICES, 2, 15, "expected the name of a service"},
    {"name: t\nentrypoints: [payment-servic]\n" SERVICES, 2, 15,
     "no service \"payment-servic\"; did you mean \"payment-service\"?"},
    {"name: t\nentrypoints: [a, a]\n" SERVICES, 2, 18, "entry point \"a\" stands twice"},

    {HEAD SERVICES "shared_resources:\n- {users: [a]}\n", 7, 3,
     "a shared resource needs the key \"name\""},
    {HEAD SERVICES "shared_resources:\n- {name: db, users: [a, b]}\n", 7, 25,
     "no service \"b\"; did you mean \"a\"?"},
    {HEAD SERVICES "shared_resources:\n- {name: db, users: [a, a]}\n", 7, 21,
     "user \"a\" stands twice"},
    {HEAD SERVICES "shared_resources:\n- {name: db, users: [a]}\n- {name: db, users: []}\n", 8, 3,
     "shared resource \"db\" stands twice, first in line 7"},
    {HEAD SERVICES "roles: [a]\n", 6, 8, "expected a mapping of roles to services"},
    {HEAD SERVICES "roles: {payment: payments-service}\n", 6, 18,
     "no service \"payments-service\"; did you mean \"payment-service\"?"},
    {HEAD SERVICES "roles: {payment: a, payment: a}\n", 6, 21,
     "duplicate key \"payment\"; it stands on line 6 already"},
};

static struct diags diags;

static bool loads(const char *text, size_t len) {
    struct arena arena;
    arena_open(&arena);
    diags = (struct diags){0};
    bool ok = topo_load(&arena, "t.yaml", text, len, &diags) != NULL;
    arena_close(&arena);
    return ok;
}

static void each_bad_file_is_told_once_and_where(void) {
    for (size_t i = 0; i < ARRAY_LEN(bad_files); i++) {
        const struct bad_file *bad = &bad_files[i];
        CU_ASSERT_FALSE(loads(bad->text, strlen(bad->text)));
        const struct diag *told = &diags.list[0];
        bool right = diags.count == 1 && told->line == bad->line && told->column == bad->column &&
                     strcmp(told->message, bad->message) == 0;
        if (!right) {
            fprintf(stderr, "\n%s expected %d:%d: %s\n", bad->text, bad->line, bad->column,
                    bad->message);
            diag_print(&diags, stderr);
        }
        CU_ASSERT_TRUE(right);
    }
}

static void all_that_is_wrong_is_told_in_one_go(void) {
    const char text[] = HEAD SERVICES "calls:\n- {from: b, to: a}\n- {from: a, to: a}\n"
                                      "roles: {x: y}\nentry: 1\n";
    CU_ASSERT_FALSE(loads(text, strlen(text)));
    CU_ASSERT_EQUAL(diags.errors, 4);
}

static void a_name_of_ten_kilobytes_is_refused(void) {
    static char text[11000];
    size_t len = (size_t)snprintf(text, sizeof text, HEAD "services:\n- {name: a}\n- {name: ");
    memset(text + len, 'x', 10240);
    len += 10240;
    text[len++] = '}';
    CU_ASSERT_FALSE(loads(text, len));
    CU_ASSERT_EQUAL(diags.count, 1);
    CU_ASSERT_EQUAL(diags.list[0].line, 5);
    CU_ASSERT_STRING_EQUAL(diags.list[0].message, "expected a text of 1 to 200 bytes, got 10240");
}

/* Names of 200 bytes of any script are fine. */
static void names_need_not_be_ascii(void) {
    const char text[] =
        "name: t\nentrypoints: [\"k\xC3\xA4se\"]\nservices: [{name: \"k\xC3\xA4se\"}]\n";
    CU_ASSERT_TRUE(loads(text, strlen(text)));
}

static void many_wrong_names_end_soon(void) {
    static char text[900000];
    size_t len = (size_t)snprintf(text, sizeof text, HEAD SERVICES "calls:\n");
    for (int i = 0; i < 20000; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "- {from: x%d, to: y%d}\n", i, i);
    CU_ASSERT_FALSE(loads(text, len));
    CU_ASSERT_EQUAL(diags.count, DIAG_MAX);
    CU_ASSERT_EQUAL(diags.errors, 40000);
}

TEST_MAIN("topology errors", TEST(each_bad_file_is_told_once_and_where),
          TEST(all_that_is_wrong_is_told_in_one_go), TEST(a_name_of_ten_kilobytes_is_refused),
          TEST(names_need_not_be_ascii), TEST(many_wrong_names_end_soon))
