/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exported series are read back by the project's own reader, and end at the report's figures.
 */
#include "sim/prometheus/exposition.h"
#include "tests/support/hostile.h"
#include "tests/support/report_desk.h"

struct reading {
    struct arena arena;
    struct diags diags;
    struct exposition *x;
    char *text;
};

static void open_reading(struct reading *r, const struct desk *d) {
    *r = (struct reading){.text = desk_form(d, report_openmetrics)};
    arena_open(&r->arena);
    CU_ASSERT_EQUAL(exposition_format_of(r->text, strlen(r->text)), EXPOSITION_OPENMETRICS);
    r->x = exposition_open(&r->arena, EXPOSITION_OPENMETRICS, "text", r->text, strlen(r->text),
                           &r->diags);
}
static void close_reading(struct reading *r) {
    CU_ASSERT_FALSE(exposition_failed(r->x));
    arena_close(&r->arena);
    free(r->text);
}

static const char *label_of(const struct exposition_sample *s, const char *name) {
    for (uint32_t k = 0; k < s->label_count; k++)
        if (strcmp(s->labels[k].name, name) == 0) return s->labels[k].value;
    return "";
}

/* The sum over all series of that name, each at its last sample. */
static double last_of(const struct desk *d, const char *metric, const char *label,
                      const char *value) {
    struct reading r;
    struct exposition_sample s;
    double sum = 0;
    int64_t end = 0;
    open_reading(&r, d);
    while (exposition_next(r.x, &s)) {
        if (strcmp(label_of(&s, "__name__"), metric) != 0) continue;
        if (label && strcmp(label_of(&s, label), value) != 0) continue;
        CU_ASSERT_TRUE(s.timed);
        if (s.at_ms > end) end = s.at_ms, sum = 0;
        if (s.at_ms == end) sum += s.value;
    }
    close_reading(&r);
    return sum;
}

static void open_story(struct desk *d, const char *name) {
    struct tb_names names = {name, name, name, name, name, name};
    desk_open(d);
    whole_story_named(desk_trace(d), &names, no_twist);
    desk_add(d, "firedrill run story");
}

static void series_end_at_the_reports_figures(void) {
    struct desk d;
    open_story(&d, "story");
    const struct lock_figures *locks = &d.report.runs[0].contention.total;
    CU_ASSERT_EQUAL(last_of(&d, "distributed_lock_requests_total", NULL, NULL),
                    (double)locks->requests);
    CU_ASSERT_EQUAL(last_of(&d, "distributed_lock_timeout_total", NULL, NULL),
                    (double)locks->timeouts);
    CU_ASSERT_EQUAL(last_of(&d, "lock_acquisition_duration_seconds_count", NULL, NULL),
                    (double)locks->grants);
    CU_ASSERT_EQUAL(last_of(&d, "active_locks_total", NULL, NULL), 0);
    CU_ASSERT_EQUAL(last_of(&d, "self_healing_mttr_seconds_sum", NULL, NULL), 22);
    CU_ASSERT_EQUAL(last_of(&d, "self_healing_mttr_seconds_bucket", "le", "20.0"), 0);
    CU_ASSERT_EQUAL(last_of(&d, "self_healing_mttr_seconds_bucket", "le", "30.0"), 1);
    CU_ASSERT_EQUAL(last_of(&d, "self_healing_mttr_seconds_bucket", "le", "+Inf"), 1);
    CU_ASSERT_EQUAL(last_of(&d, "self_healing_fixes_total", "status", "success"), 1);
    CU_ASSERT_EQUAL(last_of(&d, "incidents_auto_resolved_total", NULL, NULL), 1);
    CU_ASSERT_EQUAL(last_of(&d, "operations_started_total", NULL, NULL), 1);
    CU_ASSERT_EQUAL(last_of(&d, "hash_chain_valid", NULL, NULL), 1);
    int64_t requests = 0;
    EACH(&d.facts[0], truth, t) requests += t->requests;
    CU_ASSERT_EQUAL(last_of(&d, "http_requests_total", NULL, NULL), (double)requests);
    desk_close(&d);
}

/* Counters never fall, and each series' times rise by the step. */
static void series_move_forward(void) {
    struct desk d;
    struct reading r;
    struct exposition_sample s;
    char labels[512] = "";
    int64_t at = 0;
    double value = 0;
    uint32_t compared = 0;
    open_story(&d, "story");
    open_reading(&r, &d);
    while (exposition_next(r.x, &s)) {
        char now[512];
        size_t len = 0;
        for (uint32_t k = 0; k < s.label_count; k++)
            len += (size_t)snprintf(now + len, sizeof now - len, "%s=%s;", s.labels[k].name,
                                    s.labels[k].value);
        bool counter = strstr(label_of(&s, "__name__"), "_total") != NULL &&
                       strcmp(label_of(&s, "__name__"), "active_locks_total") != 0;
        if (strcmp(now, labels) == 0) {
            CU_ASSERT_EQUAL(s.at_ms, at + 1000);
            CU_ASSERT_TRUE(!counter || s.value >= value);
            compared++;
        }
        memcpy(labels, now, sizeof labels);
        at = s.at_ms;
        value = s.value;
    }
    CU_ASSERT_TRUE(compared > 1000);
    close_reading(&r);
    desk_close(&d);
}

static void hostile_names_are_label_values(void) {
    for (size_t k = 0; k < HOSTILE_NAMES; k++) {
        struct desk d;
        struct reading r;
        struct exposition_sample s;
        open_story(&d, hostile_name(k));
        open_reading(&r, &d);
        CU_ASSERT_TRUE(is_clean(r.text, "\n"));
        while (exposition_next(r.x, &s))
            CU_ASSERT_STRING_EQUAL(label_of(&s, "scenario"), d.facts[0].scenario);
        close_reading(&r);
        desk_close(&d);
    }
}

TEST_MAIN("openmetrics", TEST(series_end_at_the_reports_figures), TEST(series_move_forward),
          TEST(hostile_names_are_label_values))
