/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether an answer is the expected one. */
#include "sim/prometheus/conformance_parts.h"
#include "sim/prometheus/number.h"
#include "sim/prometheus/store.h"
#include <math.h>

#define TOLERANCE 1e-6

static bool nearly_equal(double a, double b) {
    if (is_stale_marker(a) || is_stale_marker(b)) return is_stale_marker(a) && is_stale_marker(b);
    return (isnan(a) && isnan(b)) || numbers_are_near(a, b, TOLERANCE);
}

/* ---- what is said ---- */

struct said {
    char *at;
    size_t size, used;
};

static void say(struct said *s, const char *text) {
    int written = snprintf(s->at + s->used, s->size - s->used, "%s", text);
    s->used += (size_t)written;
    if (s->used >= s->size) s->used = s->size - 1;
}

static void say_number(struct said *s, double value) {
    char text[NUMBER_TEXT];
    number_go(text, value);
    say(s, text);
}

static void say_labels(struct said *s, const struct prom_label *labels, uint32_t count) {
    say(s, "{");
    for (uint32_t i = 0; i < count; i++) {
        say(s, i > 0 ? ", " : "");
        say(s, labels[i].name);
        say(s, "=\"");
        say(s, labels[i].value);
        say(s, "\"");
    }
    say(s, "}");
}

static const char *unexpected(struct said *s, const char *what, const struct prom_label *labels,
                              uint32_t count) {
    say(s, what);
    say_labels(s, labels, count);
    return s->at;
}

/* ---- labels ---- */

static const char *label_value(const struct prom_label *labels, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(labels[i].name, name) == 0) return labels[i].value;
    return "";
}

static uint32_t labels_there(const struct prom_label *labels, uint32_t count) {
    uint32_t there = 0;
    for (uint32_t i = 0; i < count; i++) there += labels[i].value[0] != '\0';
    return there;
}

static bool same_labels(const struct notation *expected, const struct prom_line *line) {
    if (labels_there(expected->labels, expected->label_count) != line->label_count) return false;
    for (uint32_t i = 0; i < line->label_count; i++)
        if (strcmp(line->labels[i].value,
                   label_value(expected->labels, expected->label_count, line->labels[i].name)) != 0)
            return false;
    return true;
}

/* ---- values ---- */

/* The points of a line stand where the expected values do, one a step from start. */
static const char *compare_points(const struct notation *expected, const struct prom_line *line,
                                  int64_t start_ms, int64_t step_ms, bool times, struct said *s) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < expected->value_count; i++) {
        const struct notation_value *value = &expected->values[i];
        if (value->is_gap) continue;
        const struct prom_point *point = next < line->count ? &line->points[next++] : NULL;
        int64_t at_ms = start_ms + (int64_t)i * step_ms;
        if (point && (!times || point->at_ms == at_ms) && nearly_equal(point->value, value->value))
            continue;
        unexpected(s, "", line->labels, line->label_count);
        say(s, ": expected ");
        say_number(s, value->value);
        say(s, point && times && point->at_ms != at_ms ? " at another time, got " : ", got ");
        if (point)
            say_number(s, point->value);
        else
            say(s, "nothing");
        return s->at;
    }
    if (next == line->count) return NULL;
    unexpected(s, "more points than expected for ", line->labels, line->label_count);
    return s->at;
}

static const struct prom_line *line_for(const struct expectation *expected, uint32_t i,
                                        const struct prom_answer *answer) {
    if (expected->ordered)
        return i < answer->count && same_labels(&expected->series[i], &answer->lines[i])
                   ? &answer->lines[i]
                   : NULL;
    for (uint32_t k = 0; k < answer->count; k++)
        if (same_labels(&expected->series[i], &answer->lines[k])) return &answer->lines[k];
    return NULL;
}

static bool has_values(const struct notation *series) {
    for (uint32_t i = 0; i < series->value_count; i++)
        if (!series->values[i].is_gap) return true;
    return false;
}

static const char *compare_lines(const struct trial *t, const struct prom_answer *answer,
                                 struct said *s) {
    const struct expectation *expected = &t->expected;
    int64_t start_ms = expected->has_span ? expected->span_start_ms : t->start_ms;
    int64_t step_ms = expected->has_span ? expected->span_step_ms : t->step_ms;
    uint32_t met = 0;
    for (uint32_t i = 0; i < expected->count; i++) {
        const struct notation *series = &expected->series[i];
        const struct prom_line *line = line_for(expected, i, answer);
        if (!line && !has_values(series)) continue;
        if (!line)
            return unexpected(s, expected->ordered ? "expected here " : "missing ", series->labels,
                              series->label_count);
        met++;
        const char *wrong =
            compare_points(series, line, start_ms, step_ms, t->is_range || expected->has_span, s);
        if (wrong) return wrong;
    }
    for (uint32_t k = 0; met < answer->count && k < answer->count; k++) {
        uint32_t i = 0;
        while (i < expected->count && !same_labels(&expected->series[i], &answer->lines[k])) i++;
        if (i < expected->count) continue;
        return unexpected(s, "not expected: ", answer->lines[k].labels,
                          answer->lines[k].label_count);
    }
    return met == answer->count ? NULL : "more elements than expected";
}

/* What Prometheus says of native histograms nobody says who has none. */
static const char *compare_notes(const struct trial *t, const struct prom_answer *answer) {
    const struct expectation *expected = &t->expected;
    if (expected->warn && answer->warnings == 0 && !t->over_histograms)
        return "expected a warning, got none";
    if (expected->info && answer->infos == 0 && !t->over_histograms)
        return "expected an info, got none";
    if (expected->no_warn && answer->warnings > 0) return answer->warning;
    if (expected->no_info && answer->infos > 0) return answer->info;
    return NULL;
}

const char *trial_difference(const struct trial *t, const struct prom_answer *answer, char *why,
                             size_t size) {
    const struct expectation *expected = &t->expected;
    struct said s = {why, size, 0};
    if (expected->fail) return answer->error ? NULL : "expected to fail";
    if (answer->error) return answer->error;
    const char *note = compare_notes(t, answer);
    if (note) return note;
    if (answer->type == PROM_STRING)
        return expected->string && strcmp(expected->string, answer->string) == 0
                   ? NULL
                   : "another string than expected";
    if (answer->type != PROM_SCALAR)
        return expected->is_scalar ? "expected a scalar" : compare_lines(t, answer, &s);
    if (!expected->is_scalar) return "expected no scalar";
    if (nearly_equal(expected->scalar, answer->scalar)) return NULL;
    say(&s, "expected ");
    say_number(&s, expected->scalar);
    say(&s, ", got ");
    say_number(&s, answer->scalar);
    return why;
}
