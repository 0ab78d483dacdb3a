/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A capacity's JSON is by its schema, of one key and of two, found or not known. */
#include "reports/forms/capacity_forms.h"
#include "tests/support/schema.h"

#include <math.h>
#include <stdlib.h>

static struct capacity capacity;

static void open_capacity(void) {
    static const struct capacity_axis x = {
        .key = "incidents.rate", .unit = "/min", .low = 4, .step = 1, .last = 8, .decimals = 2};
    capacity = (struct capacity){.scenario = "load",
                                 .topology = "shop",
                                 .policy = "fast",
                                 .limits = "locking.wait_timeout_seconds = 30\n",
                                 .x = x,
                                 .runs = 12,
                                 .requests_there = 9,
                                 .timeouts_there = 4,
                                 .runs_there = 3};
    capacity.demand = (struct demand){.figure = COMPARED_CONTENTION, .value = 0.1, .text = "it"};
    capacity.refusals.of[0] = 7;
}

/* Of one key, with its knee. */
static void open_curve(void) {
    open_capacity();
    struct knee *k = &capacity.knee;
    *k = (struct knee){.status = KNEE_FOUND, .count = 2, .at = 6.5, .low = 6, .high = 7};
    k->list[0] = (struct knee_point){.point = 0, .seeds = 3, .value = 0.05, .low = 0, .high = 0.1};
    k->list[1] = (struct knee_point){.point = 8, .seeds = 3, .value = NAN, .low = NAN, .high = NAN};
}

/* Of two, with one row that passes the limit and one that does not. */
static void open_grid(void) {
    open_capacity();
    capacity.y = (struct capacity_axis){.key = "engines", .low = 1, .step = 1, .last = 1};
    capacity.columns = capacity.rows = 2;
    capacity.column[1] = 8;
    capacity.row[1] = 1;
    capacity.passes[0] = (struct capacity_row){true, 6.5, 6, 7};
}

static json_t *json_of(void) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    capacity_json(&capacity, out);
    fclose(out);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_FATAL(json != NULL);
    free(text);
    return json;
}

static bool is_by_schema(const json_t *json) {
    json_t *schema = schema_of("capacity");
    bool good = conforms(json, schema, json_object_get(schema, "$defs"));
    json_decref(schema);
    return good;
}

static void a_curve_conforms(void) {
    open_curve();
    json_t *json = json_of();
    CU_ASSERT_TRUE(is_by_schema(json));
    CU_ASSERT_TRUE(json_is_object(json_object_get(json, "knee")));
    CU_ASSERT_EQUAL(json_array_size(json_object_get(json, "points")), 2);
    CU_ASSERT_EQUAL(json_object_size(json_object_get(json_object_get(json, "binding"), "refused")),
                    1);
    json_decref(json);
    capacity.precision = 0.02;
    json = json_of();
    CU_ASSERT_TRUE(is_by_schema(json));
    json_decref(json);
}

static void a_grid_conforms(void) {
    open_grid();
    json_t *json = json_of();
    CU_ASSERT_TRUE(is_by_schema(json));
    CU_ASSERT_TRUE(json_is_null(json_object_get(json, "knee")));
    CU_ASSERT_EQUAL(json_array_size(json_object_get(json, "points")), 4);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(json, "rows")), 2);
    json_decref(json);
}

static void what_is_otherwise_does_not(void) {
    static const struct {
        const char *in, *key; /* in NULL: of the whole */
    } gone[] = {{NULL, "points"}, {"knee", "low_open"}, {"binding", "in_words"}};
    for (size_t k = 0; k < ARRAY_LEN(gone); k++) {
        open_curve();
        json_t *json = json_of();
        json_t *of = gone[k].in ? json_object_get(json, gone[k].in) : json;
        CU_ASSERT_EQUAL(json_object_del(of, gone[k].key), 0);
        CU_ASSERT_FALSE(is_by_schema(json));
        json_object_set_new(of, gone[k].key, json_object());
        CU_ASSERT_FALSE(is_by_schema(json));
        json_decref(json);
    }
    open_curve();
    json_t *json = json_of();
    json_object_set_new(json_object_get(json, "knee"), "more", json_true());
    CU_ASSERT_FALSE(is_by_schema(json));
    json_object_del(json_object_get(json, "knee"), "more");
    CU_ASSERT_TRUE(is_by_schema(json));
    json_t *point = json_array_get(json_object_get(json, "points"), 0);
    json_object_set_new(point, "incidents.rate", json_integer(4)); /* as --set takes it: a text */
    CU_ASSERT_FALSE(is_by_schema(json));
    json_decref(json);
}

TEST_MAIN("forms of a capacity", TEST(a_curve_conforms), TEST(a_grid_conforms),
          TEST(what_is_otherwise_does_not))
