/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep's forms tell the same figures, by their schema, whatever scenarios are called. */
#include "engine/base/diag.h"
#include "reports/forms/figures.h"
#include "reports/forms/sweep_forms.h"
#include "tests/support/csv.h"
#include "tests/support/hostile.h"
#include "tests/support/schema.h"
#include <libxml/parser.h>
#include <stdlib.h>

static struct sweep_part parts[3];
static struct sweep_plan plan = {
    .version = "0.1.0", .program = 7, .first_seed = 5, .parts = parts, .part_count = 3};

/* Of three scenarios the first passes, the second is all that may go wrong, the third has no
 * incident. */
static struct run_summary run_of(uint32_t unit, const char *name) {
    struct run_summary run = {.part = unit % 3, .seed = 5 + unit / 3};
    if (run.part == 2) return run;
    run.lock_requests = 9;
    run.lock_timeouts = unit % 2;
    run.lock_wait = (time_ns)unit * NS_PER_S;
    run.incident_count = 2;
    run.indicators.of[INDICATOR_lock_contention] = (struct share){unit % 2, 9};
    for (uint32_t i = 0; i < 2; i++)
        run.incidents[i] = (struct mttr_row){.repaired = i == 0 || run.part == 0,
                                             .escalated = i == 1 && run.part == 1,
                                             .mttr = (30 + (time_ns)unit) * NS_PER_S,
                                             .failed = 5000 + unit,
                                             .pages = i,
                                             .timeline.ns[BUCKET_patch] = 7,
                                             .timeline.total = 7};
    if (run.part == 0) return run;
    static const enum status all[] = {STATUS_FAILED, STATUS_INCONCLUSIVE, STATUS_BUG};
    run.status = all[unit / 3 % 3];
    if (run.status == STATUS_BUG) run.incident_count = 0;
    printable(run.why, sizeof run.why, name, strlen(name));
    printable(run.reproduce, sizeof run.reproduce, name, strlen(name));
    return run;
}

static void open_sweep(struct sweep *sweep, const char *name) {
    for (uint32_t k = 0; k < 3; k++) {
        printable(parts[k].scenario, sizeof parts[k].scenario, name, strlen(name));
        printable(parts[k].topology, sizeof parts[k].topology, name, strlen(name));
    }
    sweep_open(sweep, &plan);
    for (uint32_t unit = 0; unit < 24; unit++) {
        struct run_summary run = run_of(unit, name);
        sweep_add(sweep, &run);
    }
    sweep_finish(sweep);
}

static char *written(const struct sweep *sweep, void (*form)(const struct sweep *, FILE *)) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    form(sweep, out);
    fclose(out);
    return text;
}
static json_t *json_of(const struct sweep *sweep) {
    char *text = written(sweep, sweep_json);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_FATAL(json != NULL);
    free(text);
    return json;
}

static void json_conforms_to_its_schema(void) {
    struct sweep sweep;
    open_sweep(&sweep, "story");
    json_t *json = json_of(&sweep), *schema = schema_of("sweep");
    const json_t *defs = json_object_get(schema, "$defs");
    CU_ASSERT_TRUE(conforms(json, schema, defs));
    json_t *first = json_array_get(json_object_get(json, "scenarios"), 0);
    json_object_set_new(first, "runs", json_null());
    CU_ASSERT_FALSE(conforms(json, schema, defs));
    json_object_set_new(first, "runs", json_integer(8));
    json_object_set_new(json, "verdict", json_string("perhaps"));
    CU_ASSERT_FALSE(conforms(json, schema, defs));
    json_decref(schema);
    json_decref(json);
    sweep_close(&sweep);
}

/* Each schema stands alone for whoever reads it, so what both have is written in both. */
static void schemas_say_the_same_of_what_both_have(void) {
    json_t *of_sweep = schema_of("sweep"), *of_report = schema_of("report");
    const json_t *report_defs = json_object_get(of_report, "$defs");
    const json_t *indicators =
        json_object_get(json_object_get(of_report, "properties"), "indicators");
    const char *name;
    json_t *def;
    int shared = 0;
    json_object_foreach(json_object_get(of_sweep, "$defs"), name, def) {
        const json_t *other = json_object_get(report_defs, name);
        if (!other || strcmp(name, "verdict") == 0) continue; /* a sweep's run may have crashed */
        CU_ASSERT_TRUE(json_equal(def, other));
        shared++;
    }
    CU_ASSERT_EQUAL(shared, 4);
    /* a report's indicators say more of each: the same ones */
    json_t *of_both = json_object_get(json_object_get(of_sweep, "$defs"), "indicators");
    CU_ASSERT_TRUE(
        json_equal(json_object_get(of_both, "required"), json_object_get(indicators, "required")));
    json_decref(of_sweep);
    json_decref(of_report);
}

/* ---- CSV and Markdown beside JSON ---- */

/* "mttr_p95_low_ns" is mttr.repaired.p95.low_ns, "lock_wait_mean_ns" lock_wait.mean.value_ns. */
static const json_t *estimate_of(const json_t *scenario, const char *column) {
    char which[8], key[16];
    bool locks = strncmp(column, "lock_wait_", 10) == 0;
    const json_t *d = locks ? json_object_get(scenario, "lock_wait")
                            : json_object_get(json_object_get(scenario, "mttr"), "repaired");
    const char *rest = column + (locks ? 10 : 5);
    if (!locks && strncmp(column, "mttr_", 5) != 0) return NULL;
    snprintf(which, sizeof which, "%.*s", (int)strcspn(rest, "_"), rest);
    rest += strlen(which) + 1;
    snprintf(key, sizeof key, "%s%s", strcmp(rest, "ns") == 0 ? "value_" : "", rest);
    if (json_integer_value(json_object_get(d, "count")) == 0) return json_null();
    return json_object_get(json_object_get(d, which), key);
}

static const json_t *indicator_of(const json_t *scenario, const char *column) {
    char name[48];
    const char *last = strrchr(column, '_');
    snprintf(name, sizeof name, "%.*s", (int)(last - column), column);
    return json_object_get(json_object_get(json_object_get(scenario, "indicators"), name),
                           last + 1);
}

static const json_t *column_value(const json_t *scenario, const char *column) {
    const json_t *mttr = json_object_get(scenario, "mttr"), *value;
    char plain[48];
    if (strcmp(column, "repaired") == 0)
        return json_object_get(json_object_get(mttr, "repaired"), "count");
    if ((value = json_object_get(scenario, column))) return value;
    if ((value = json_object_get(mttr, column))) return value;
    if ((value = estimate_of(scenario, column))) return value;
    snprintf(plain, sizeof plain, "%.*s", (int)strlen(column) - 3, column);
    if ((value = json_object_get(json_object_get(mttr, "buckets_ns"), plain))) return value;
    return indicator_of(scenario, column);
}

static void csv_says_what_json_says(void) {
    struct sweep sweep;
    struct csv_read head = {0}, line = {0};
    open_sweep(&sweep, "story");
    json_t *json = json_of(&sweep);
    char *csv = written(&sweep, sweep_csv), *at = csv;
    CU_ASSERT_FATAL(csv_next(&at, &head));
    for (size_t k = 0; k < 3; k++) {
        const json_t *scenario = json_array_get(json_object_get(json, "scenarios"), k);
        CU_ASSERT_FATAL(csv_next(&at, &line));
        CU_ASSERT_EQUAL(line.count, head.count);
        for (uint32_t c = 0; c < head.count; c++) {
            const json_t *value = column_value(scenario, head.cell[c]);
            char text[32] = "";
            CU_ASSERT_PTR_NOT_NULL_FATAL(value);
            if (json_is_integer(value))
                snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
            CU_ASSERT_STRING_EQUAL(json_is_string(value) ? json_string_value(value) : text,
                                   line.cell[c]);
        }
    }
    CU_ASSERT_FALSE(csv_next(&at, &line));
    CU_ASSERT_TRUE(head.count > 70);
    free(csv);
    json_decref(json);
    sweep_close(&sweep);
}

static void markdown_says_what_the_figures_say(void) {
    struct sweep sweep;
    char time[3][24], line[200];
    open_sweep(&sweep, "story");
    const struct estimate *e = &sweep.parts[0].mttr.repaired.p95;
    char *text = written(&sweep, sweep_markdown);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "## firedrill sweep: crash\n\n24 runs, 16 of them passed."));
    snprintf(line, sizeof line, "| %s (%s to %s) | pass |\n",
             figure_time(time[0], sizeof time[0], e->value),
             figure_time(time[1], sizeof time[1], e->low),
             figure_time(time[2], sizeof time[2], e->high));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, line));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "| story | story | 8 | 0 | 3 | 3 | 2 | 6 of 12 | "));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "| story | story | 8 | 8 | 0 | 0 | 0 | 0 of 0 | - | - | pass |"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "**CRASH**: story on story, 8 of 8 runs\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "And 5 more, in the results."));
    free(text);
    sweep_close(&sweep);
}

/* ---- hostile names ---- */

static void every_form_takes_hostile_names_as_names(void) {
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct sweep sweep;
        struct csv_read head = {0}, line = {0};
        open_sweep(&sweep, hostile_name(k));
        json_t *json = json_of(&sweep);
        const json_t *first = json_array_get(json_object_get(json, "scenarios"), 0);
        CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(first, "scenario")),
                               parts[0].scenario);
        json_decref(json);

        char *markdown = written(&sweep, sweep_markdown);
        CU_ASSERT_TRUE(is_clean(markdown, "\n"));
        markdown_is_harmless(markdown, 2);
        free(markdown);

        char *csv = written(&sweep, sweep_csv), *at = csv;
        CU_ASSERT_TRUE(is_clean(csv, "\r\n"));
        CU_ASSERT_FATAL(csv_next(&at, &head));
        for (uint32_t lines = 0; lines < 3; lines++) {
            CU_ASSERT_FATAL(csv_next(&at, &line));
            CU_ASSERT_EQUAL(line.count, head.count);
            for (uint32_t c = 0; c < line.count; c++)
                CU_ASSERT_TRUE(line.cell[c][0] == '\0' || !strchr("=+-@", line.cell[c][0]));
        }
        CU_ASSERT_STRING_EQUAL(at, "");
        free(csv);

        char *junit = written(&sweep, sweep_junit);
        xmlDoc *doc = xmlReadMemory(junit, (int)strlen(junit), "j.xml", NULL, XML_PARSE_NONET);
        CU_ASSERT_PTR_NOT_NULL(doc);
        xmlFreeDoc(doc);
        free(junit);
        sweep_close(&sweep);
    }
}

static void text_of_hostile_names_stays_within_its_lines(void) {
    static const int widths[] = {60, 80, 100, 200};
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct sweep sweep;
        open_sweep(&sweep, hostile_name(k));
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            char *text = NULL;
            size_t len = 0;
            FILE *out = open_memstream(&text, &len);
            sweep_text(&sweep, out, widths[w], false);
            fclose(out);
            CU_ASSERT_TRUE(is_clean(text, "\n"));
            CU_ASSERT_TRUE(longest_line(text) <= widths[w]);
            free(text);
        }
        sweep_close(&sweep);
    }
}

TEST_MAIN("forms of a sweep", TEST(json_conforms_to_its_schema),
          TEST(schemas_say_the_same_of_what_both_have), TEST(csv_says_what_json_says),
          TEST(markdown_says_what_the_figures_say), TEST(every_form_takes_hostile_names_as_names),
          TEST(text_of_hostile_names_stays_within_its_lines))
