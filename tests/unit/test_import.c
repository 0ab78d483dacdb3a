/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/import/import.h"
#include "topologies/topology.h"
#include "tests/runner.h"

static struct arena arena;
static struct diags diags;

static const char *imported(enum topo_format from, const char *text) {
    size_t len;
    arena_close(&arena);
    arena_open(&arena);
    diags = (struct diags){0};
    return topo_import(&arena, from, "f", "t", text, strlen(text), &diags, &len);
}

/* What it makes has to be a topology. */
static const struct topology *made(const char *text) {
    const char *yaml = imported(TOPO_FORMAT_COUNT, text);
    if (!yaml) diag_print(&diags, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(yaml);
    const struct topology *t = topo_load(&arena, "t.yaml", yaml, strlen(yaml), &diags);
    if (!t) diag_print(&diags, stderr);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    return t;
}

static bool refused_at(const char *text, int line, int column, const char *what) {
    const char *yaml = imported(TOPO_FORMAT_COUNT, text);
    bool good = !yaml && diags.errors > 0 && diags.list[0].line == line &&
                diags.list[0].column == column && strstr(diags.list[0].message, what);
    if (!good) diag_print(&diags, stderr);
    return good;
}

static int64_t calls(const struct topology *t, const char *from, const char *to) {
    struct svc_id a = topo_service_named(t, from), b = topo_service_named(t, to);
    for (uint32_t k = t->call_offset[a.v]; k < t->call_offset[a.v + 1]; k++)
        if (ID_EQ(t->calls[k].to, b)) return t->calls[k].per_request_ppm;
    return -1;
}

static const struct topo_service *service(const struct topology *t, const char *name) {
    struct svc_id s = topo_service_named(t, name);
    CU_ASSERT_FATAL(s.v != NONE_ID);
    return &t->services[s.v];
}

/* ---- Jaeger ---- */

static void jaeger_counts_become_calls_per_request(void) {
    const struct topology *t =
        made("{\"data\": [{\"parent\": \"a\", \"child\": \"b\", \"callCount\": 40}, "
             "{\"parent\": \"b\", \"child\": \"c\", \"callCount\": 10}, "
             "{\"parent\": \"b\", \"child\": \"b\", \"callCount\": 9}]}");
    CU_ASSERT(service(t, "a")->entry && !service(t, "b")->entry);
    CU_ASSERT_EQUAL(calls(t, "b", "c"), 250000);
    CU_ASSERT_EQUAL(t->call_count, 2);
    t = made("[{\"parent\": \"null\", \"child\": \"it's\"}]"); /* the list alone, and odd names */
    CU_ASSERT(calls(t, "null", "it's") > 0);
}

/* As what comes in is added up, whichever is stated first. */
static void repeated_calls_add_up(void) {
    static const char *const lists[] = {
        "[{\"parent\": \"a\", \"child\": \"b\", \"callCount\": 40}, "
        "{\"parent\": \"b\", \"child\": \"c\", \"callCount\": 10}, "
        "{\"parent\": \"b\", \"child\": \"c\", \"callCount\": 20}, "
        "{\"parent\": \"b\", \"child\": \"c\"}]",
        "[{\"parent\": \"b\", \"child\": \"c\"}, "
        "{\"parent\": \"b\", \"child\": \"c\", \"callCount\": 20}, "
        "{\"parent\": \"b\", \"child\": \"c\", \"callCount\": 10}, "
        "{\"parent\": \"a\", \"child\": \"b\", \"callCount\": 40}]",
    };
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        const struct topology *t = made(lists[k]);
        CU_ASSERT_EQUAL(calls(t, "b", "c"), 750000);
        CU_ASSERT_EQUAL(t->call_count, 2);
    }
}

static void jaeger_errors_have_places(void) {
    CU_ASSERT(refused_at(
        "{\"data\": [\n  {\"parent\": \"a}\", \"child\": \"b\"},\n  {\"child\": \"b\"}]}", 3, 3,
        "as \"parent\""));
    CU_ASSERT(refused_at("[{\"parent\": \"a\", \"child\": \"b\", \"callCount\": -1}]", 1, 2,
                         "callCount"));
    CU_ASSERT(refused_at("{\"data\": [\n", 2, 1, "no JSON: ']' expected"));
    CU_ASSERT(refused_at("{\"data\": [\n {\"parent\" 3}]}", 2, 12, "no JSON: ':' expected"));
    CU_ASSERT(refused_at("{\"datum\": []}", 1, 1, "a list as \"data\""));
    CU_ASSERT(refused_at("{\"data\": []}", 1, 1, "no service"));
    CU_ASSERT(
        refused_at("[{\"parent\": \"a\", \"child\": \"b\"}, {\"parent\": \"b\", \"child\": \"a\"}]",
                   1, 1, "no entry point"));
}

/* ---- GraphML ---- */

#define GRAPH(inside)                                                                              \
    "<graphml><key id=\"k\" for=\"node\" attr.name=\"name\"/>\n"                                   \
    "<graph edgedefault=\"directed\">\n" inside "</graph></graphml>"

static void graphml_keys_have_names(void) {
    const struct topology *t =
        made(GRAPH("<node id=\"1\"><data key=\"k\">web &lt;1&gt;</data></node>\n"
                   "<node id=\"2\" labels=\":Database\"><data key=\"replicas\">3</data></node>\n"
                   "<edge source=\"1\" target=\"2\" label=\"CALLS\"><data "
                   "key=\"per_request\">0.5</data></edge>\n"));
    CU_ASSERT(service(t, "web <1>")->entry);
    CU_ASSERT_EQUAL(service(t, "2")->kind, TOPO_DATASTORE);
    CU_ASSERT_EQUAL(service(t, "2")->replicas, 3);
    CU_ASSERT_EQUAL(calls(t, "web <1>", "2"), 500000);
}

#define CALL(often)                                                                                \
    "<edge source=\"1\" target=\"2\"><data key=\"per_request\">" often "</data></edge>\n"

static void repeated_edges_add_up(void) {
    CU_ASSERT_EQUAL(
        calls(made(GRAPH("<node id=\"1\"/><node id=\"2\"/>" CALL("0.5") CALL("0.2"))), "1", "2"),
        700000);
    CU_ASSERT_EQUAL(
        calls(made(GRAPH("<node id=\"1\"/><node id=\"2\"/>" CALL("0.2") CALL("0.5"))), "1", "2"),
        700000);
    CU_ASSERT_EQUAL(
        calls(made(GRAPH("<node id=\"1\"/><node id=\"2\"/>" CALL("700") CALL("600"))), "1", "2"),
        INT64_C(1000000000)); /* as many as a file may state */
}

static void graphml_errors_have_places(void) {
    CU_ASSERT(refused_at(GRAPH("<node id=\"1\"/>\n  <edge source=\"1\" target=\"9\"/>\n"), 4, 3,
                         "whose end is no node: \"9\""));
    CU_ASSERT(
        refused_at(GRAPH("<node id=\"1\"/>\n<node id=\"1\"/>\n"), 4, 1, "two nodes are called"));
    CU_ASSERT(refused_at(GRAPH("<node id=\"2\"/>\n<node id=\"1\"><data key=\"k\">a</data></node>\n"
                               "  <node id=\"1\"><data key=\"k\">b</data></node>\n"
                               "<edge source=\"2\" target=\"1\"/>\n"),
                         5, 3, "two nodes have the id \"1\""));
    CU_ASSERT_EQUAL(diags.errors, 1);
    CU_ASSERT(refused_at(GRAPH("<node id=\"1\"><data key=\"replicas\">0</data></node>\n"), 3, 1,
                         "whole number \"0\""));
    CU_ASSERT(refused_at("<graphml><graph edgedefault=\"undirected\"></graph></graphml>", 1, 1,
                         "direction"));
    CU_ASSERT(refused_at("<html/>", 1, 1, "expected <graphml>"));
    CU_ASSERT(!imported(TOPO_FORMAT_COUNT, "<graphml>\n<graph>") && diags.list[0].line == 2);
}

/* ---- manifests and Compose ---- */

static void a_service_is_found_by_what_it_selects(void) {
    const struct topology *t = made(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: "
        "{containers: [{image: x, env: [{name: B_URL, value: 'http://b-svc.ns:80/p'}]}]}}}\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\nspec: {replicas: 5, template: "
        "{metadata: {labels: {app: b, v: '1'}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: "
        "{name: b-svc}\nspec: {selector: {app: b}}\n");
    CU_ASSERT(calls(t, "a", "b") > 0);
    CU_ASSERT_STRING_EQUAL(t->calls[0].protocol, "http");
    CU_ASSERT_EQUAL(service(t, "b")->replicas, 5);
    CU_ASSERT_EQUAL(service(t, "a")->replicas, 1);
}

static void compose_reads_lists_and_mappings(void) {
    const struct topology *t =
        made("services:\n  web: {environment: [API_ADDR], depends_on: {api: {}, cache: {}}}\n"
             "  api: {environment: {REDIS_HOST: cache}, cpus: 0.5, mem_limit: 1g}\n"
             "  cache: {image: redis}\n");
    CU_ASSERT(calls(t, "web", "api") > 0 && calls(t, "web", "cache") > 0 &&
              calls(t, "api", "cache") > 0);
    CU_ASSERT_EQUAL(t->call_count, 3);
    CU_ASSERT_EQUAL(service(t, "api")->cpu_limit_millicores, 500);
    CU_ASSERT_EQUAL(service(t, "api")->memory_limit_mb, 1024);
    CU_ASSERT_EQUAL(service(t, "cache")->kind, TOPO_CACHE);
}

static void yaml_errors_have_places(void) {
    CU_ASSERT(refused_at("services:\n  web:\n    depends_on: [api]\n", 3, 18,
                         "depends on \"api\", which is no service"));
    CU_ASSERT(refused_at("services: [a]\n", 1, 1, "--from"));
    CU_ASSERT(refused_at("x: 1\n", 1, 1, "--from"));
    CU_ASSERT(refused_at("", 1, 1, "--from"));
    CU_ASSERT(!imported(TOPO_FROM_COMPOSE, "services: {a: [}\n") && diags.list[0].line == 1);
}

static void unknown_hosts_are_told(void) {
    const struct topology *t = made("services:\n  web: {environment: {API_HOST: api, X_HOST: "
                                    "elsewhere, Y_HOST: 0.0.0.0}}\n  api: {}\n");
    CU_ASSERT_EQUAL(t->call_count, 1);
    (void)imported(TOPO_FORMAT_COUNT, "services:\n  web: {environment: {API_HOST: api, X_HOST: "
                                      "elsewhere, Y_HOST: 0.0.0.0}}\n  api: {}\n");
    CU_ASSERT(diags.count == 1 && diags.list[0].warning && diags.list[0].line == 2 &&
              strstr(diags.list[0].message, "\"elsewhere\""));
}

/* ---- what is stated badly, or not here ---- */

#define COMPOSED(inside) "services:\n  web:\n    " inside "\n    ports: ['1:1']\n"
#define DEPLOYED(spec, container)                                                                  \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  " spec                   \
    "\n  template: {spec: {containers: [{image: x,\n    " container "}]}}\n"

static void bad_numbers_are_refused(void) {
    static const char *const counts[] = {"two", "-1", "0", "999999999999", "1.5", "[2]"};
    for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
        char text[200];
        snprintf(text, sizeof text, COMPOSED("deploy: {replicas: %s}"), counts[k]);
        CU_ASSERT(refused_at(text, 3, 24, "expected a whole number from 1 to 100000"));
        snprintf(text, sizeof text, DEPLOYED("replicas: %s", "name: x"), counts[k]);
        CU_ASSERT(refused_at(text, 5, 13, "expected a whole number from 1 to 100000"));
    }
    CU_ASSERT(refused_at(COMPOSED("mem_limit: 12XB"), 3, 16, "such as 64M or 1G, not \"12XB\""));
    CU_ASSERT(refused_at(COMPOSED("cpus: much"), 3, 11, "CPUs such as 0.5, not \"much\""));
    CU_ASSERT(refused_at(COMPOSED("mem_limit: 99999999999999999999999T"), 3, 16, "memory"));
    CU_ASSERT(refused_at(DEPLOYED("replicas: 1", "resources: {limits: {memory: 3Zi}}"), 7, 34,
                         "such as 64Mi or 1Gi, not \"3Zi\""));
    CU_ASSERT(refused_at(DEPLOYED("replicas: 1", "resources: {limits: {cpu: 5x}}"), 7, 31,
                         "CPUs such as 250m or 0.5"));
    CU_ASSERT(refused_at(DEPLOYED("replicas: 1", "ports: [{containerPort: 70000}]"), 7, 29,
                         "from 1 to 65535"));
}

static void quantities_have_units(void) {
    static const struct {
        const char *text;
        int64_t mb;
    } kubernetes[] = {{"3Gi", 3072}, {"1G", 953}, {"129e6", 123}, {"1048576", 1}, {"1500m", 1}},
      compose[] = {{"1gb", 1024}, {"64M", 64}, {"512k", 1}, {"2097152", 2}, {"0.5g", 512}};
    char text[300];
    for (size_t k = 0; k < ARRAY_LEN(kubernetes); k++) {
        snprintf(
            text, sizeof text,
            DEPLOYED("replicas: 1",
                     "env: [{name: B_HOST, value: b}], resources: {limits: "
                     "{cpu: 250m, memory: %s}}") "---\nkind: Deployment\nmetadata: {name: b}\n",
            kubernetes[k].text);
        const struct topology *t = made(text);
        CU_ASSERT_EQUAL(service(t, "a")->memory_limit_mb, kubernetes[k].mb);
        CU_ASSERT_EQUAL(service(t, "a")->cpu_limit_millicores, 250);
    }
    for (size_t k = 0; k < ARRAY_LEN(compose); k++) {
        snprintf(text, sizeof text, COMPOSED("mem_limit: %s"), compose[k].text);
        CU_ASSERT_EQUAL(service(made(text), "web")->memory_limit_mb, compose[k].mb);
    }
}

static void a_kind_that_is_none_is_refused(void) {
    CU_ASSERT(refused_at(GRAPH("<node id=\"1\"/>\n <node id=\"2\" kind=\"Databse\"/>\n"), 4, 2,
                         "did you mean \"database\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(diags.list[0].message, "not \"Databse\""));
    CU_ASSERT(refused_at(GRAPH("<node id=\"2\" type=\"x\"/>\n"), 3, 1, "expected frontend, "));
    const struct topology *t =
        made(GRAPH("<node id=\"1\" kind=\"Service\" labels=\":Payments\"/>\n<node id=\"redis\" "
                   "kind=\"SERVICE\"/>\n<edge source=\"1\" target=\"redis\"/>\n"));
    CU_ASSERT_EQUAL(service(t, "redis")->kind, TOPO_SERVICE); /* what is stated is no guess */
}

static bool told(const char *text, int line, int column, const char *what) {
    bool taken = imported(TOPO_FORMAT_COUNT, text) != NULL;
    for (uint32_t k = 0; taken && k < diags.count; k++)
        if (diags.list[k].warning && diags.list[k].line == line && diags.list[k].column == column &&
            strstr(diags.list[k].message, what))
            return true;
    diag_print(&diags, stderr);
    return false;
}

static void hosts_outside_are_not_called(void) {
    static const char *const outside[] = {"https://api.stripe.com/v1", "api.svc.x.y:80",
                                          "api.ns.svc.cluster.local.com", "api.", "xapi"};
    static const char *const inside[] = {"api", "http://api:80/v1", "api.ns", "https://api.ns.svc/",
                                         "u@api.ns.svc.cluster.local:80"};
    static const char *const bare[] = {"api", "http://api:80/v1"};
    char text[400];
#define CLUSTER                                                                                    \
    DEPLOYED("replicas: 1", "env: [{name: A_URL, value: '%s'}, {name: B_URL, value: b}]")          \
    "---\nkind: Deployment\nmetadata: {name: api}\n---\nkind: Deployment\nmetadata: {name: b}\n"
#define PROJECT                                                                                    \
    "services:\n  web: {environment: {A_URL: '%s', B_URL: b}}\n  api: {image: x}\n  b: {image: "   \
    "x}\n"
    for (size_t k = 0; k < ARRAY_LEN(outside); k++) {
        snprintf(text, sizeof text, CLUSTER, outside[k]);
        CU_ASSERT_EQUAL(made(text)->call_count, 1);
        CU_ASSERT(told(text, 7, 11, "which is nothing in this file: left out"));
        snprintf(text, sizeof text, PROJECT, outside[k]);
        CU_ASSERT_EQUAL(made(text)->call_count, 1);
        CU_ASSERT(told(text, 2, 23, "which is nothing in this file: left out"));
    }
    for (size_t k = 0; k < ARRAY_LEN(inside); k++) {
        snprintf(text, sizeof text, CLUSTER, inside[k]);
        CU_ASSERT(calls(made(text), "a", "api") > 0);
        snprintf(text, sizeof text, PROJECT, inside[k]);
        CU_ASSERT_EQUAL(calls(made(text), "web", "api") > 0, k < ARRAY_LEN(bare));
    }
}

static void defaults_of_variables_stand(void) {
    const struct topology *t =
        made("services:\n  web: {environment: ['UPSTREAM_URL=http://${UPSTREAM:-api}:${PORT:-80}'],"
             " image: 'x:${TAG}'}\n  api: {environment: {STORE_HOST: '${A:-${B:-db}}'}, deploy: "
             "{replicas: '${N:-3}'}, mem_limit: '${M}'}\n  db: {image: '${R:-postgres}:17'}\n");
    CU_ASSERT(calls(t, "web", "api") > 0 && calls(t, "api", "db") > 0);
    CU_ASSERT_EQUAL(service(t, "api")->replicas, 3);
    CU_ASSERT_EQUAL(service(t, "db")->kind, TOPO_DATASTORE);
    CU_ASSERT(refused_at(COMPOSED("cpus: '${C:-much}'"), 3, 11, "not \"much\""));
    CU_ASSERT(refused_at(COMPOSED("cpus: '${C:-1'"), 3, 11, "without its closing"));
    CU_ASSERT(told(COMPOSED("cpus: '${C}'"), 3, 11, "a variable without a default"));
}

static void hosts_from_elsewhere_are_told(void) {
    CU_ASSERT(told(COMPOSED("environment: {X_HOST: '${X}', Y: '${Y}'}"), 3, 19,
                   "X_HOST has its host from elsewhere: left out"));
    CU_ASSERT_EQUAL(diags.count, 1);
    CU_ASSERT(told("services:\n  web: {environment: {API_URL: 'http://${X}/'}}\n  api: {}\n", 2, 23,
                   "taken for \"api\" by its own name"));
    CU_ASSERT(told(
        DEPLOYED(
            "replicas: 1",
            "env: [{name: B_HOST, value: b}, {name: C_ADDR, "
            "valueFrom: {configMapKeyRef: {name: m, key: k}}}]") "---\nkind: Deployment\nmetadata: "
                                                                 "{name: b}\n",
        7, 37, "C_ADDR has its host from elsewhere: left out"));
}

TEST_MAIN("import", TEST(jaeger_counts_become_calls_per_request), TEST(repeated_calls_add_up),
          TEST(jaeger_errors_have_places), TEST(repeated_edges_add_up),
          TEST(graphml_keys_have_names), TEST(graphml_errors_have_places),
          TEST(a_service_is_found_by_what_it_selects), TEST(compose_reads_lists_and_mappings),
          TEST(yaml_errors_have_places), TEST(unknown_hosts_are_told),
          TEST(bad_numbers_are_refused), TEST(quantities_have_units),
          TEST(a_kind_that_is_none_is_refused), TEST(hosts_outside_are_not_called),
          TEST(defaults_of_variables_stand), TEST(hosts_from_elsewhere_are_told))
