/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of an evaluation: "eval instant at 5m EXPR", "expect ...", and the series expected. */
#include "sim/prometheus/conformance_parts.h"
#include "sim/prometheus/lexer.h"

struct cursor {
    const char *start, *at;
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static void skip_blanks(struct cursor *c) {
    while (is_blank(*c->at)) c->at++;
}

/* A word, and the blanks after it. */
static bool accept(struct cursor *c, const char *word) {
    size_t len = strlen(word);
    if (strncmp(c->at, word, len) != 0 || (c->at[len] && !is_blank(c->at[len]))) return false;
    c->at += len;
    skip_blanks(c);
    return true;
}

static size_t word_length(const char *s) {
    size_t len = 0;
    while (s[len] && !is_blank(s[len])) len++;
    return len;
}

static bool duration_of(const char *s, size_t len, int64_t *ms) {
    double value;
    if (promql_duration(s, len, ms)) return true;
    if (!promql_number(s, len, &value) || !(value < 9e12 && value > -9e12)) return false;
    *ms = (int64_t)(value * 1000);
    return true;
}

bool script_duration(const char *s, size_t len, int64_t *ms) {
    bool negative = len > 1 && s[0] == '-';
    if (!duration_of(s + negative, len - negative, ms)) return false;
    if (negative) *ms = -*ms;
    return true;
}

static bool fail(struct diags *diags, const char *file, int line, const struct cursor *c,
                 const char *message) {
    diag_error(diags, file, line, 1 + (int)(c->at - c->start), "%s", message);
    return false;
}

static bool read_time(struct cursor *c, int64_t *ms) {
    size_t len = word_length(c->at);
    if (!script_duration(c->at, len, ms)) return false;
    c->at += len;
    skip_blanks(c);
    return true;
}

bool trial_read(struct arena *arena, const char *file, int line, const char *text,
                const char *variant, struct trial *out, struct diags *diags) {
    struct cursor c = {text, variant};
    struct expectation *expected = &out->expected;
    *out = (struct trial){.line = line};
    expected->fail = accept(&c, "_fail");
    expected->warn = accept(&c, "_warn");
    expected->info = accept(&c, "_info");
    expected->ordered = accept(&c, "_ordered");
    skip_blanks(&c);
    out->is_range = accept(&c, "range");
    if (!out->is_range && !accept(&c, "instant"))
        return fail(diags, file, line, &c, "expected \"instant\" or \"range\"");
    if (out->is_range) {
        if (!accept(&c, "from") || !read_time(&c, &out->start_ms) || !accept(&c, "to") ||
            !read_time(&c, &out->end_ms) || !accept(&c, "step") || !read_time(&c, &out->step_ms) ||
            out->step_ms <= 0 || out->end_ms < out->start_ms)
            return fail(diags, file, line, &c, "expected \"from TIME to TIME step DURATION\"");
    } else if (accept(&c, "at") && !read_time(&c, &out->start_ms)) {
        return fail(diags, file, line, &c, "expected a time like 5m");
    }
    size_t len = strlen(c.at);
    if (len == 0) return fail(diags, file, line, &c, "expected an expression");
    out->column = 1 + (int)(c.at - text);
    out->text = arena_text(arena, c.at, len);
    out->len = len;
    return true;
}

/* ---- below it ---- */

/* The rest of the line after one blank, as it stands; quotes around all of it are taken off. */
static void read_string(struct arena *arena, const char *rest, struct expectation *expected) {
    size_t len = strlen(rest);
    bool quoted = len >= 2 && strchr("\"'`", rest[0]) && rest[len - 1] == rest[0];
    expected->string = quoted ? arena_text(arena, rest + 1, len - 2) : arena_text(arena, rest, len);
}

/* What follows "msg:" and "regex:" are Prometheus' words, and not compared. */
static bool read_expect(struct arena *arena, const char *file, int line, struct cursor *c,
                        struct expectation *expected, struct diags *diags) {
    int64_t end_ms;
    if (accept(c, "fail")) return expected->fail = true;
    if (accept(c, "ordered")) return expected->ordered = true;
    if (accept(c, "warn")) return expected->warn = true;
    if (accept(c, "info")) return expected->info = true;
    if (accept(c, "no_warn")) return expected->no_warn = true;
    if (accept(c, "no_info")) return expected->no_info = true;
    if (strncmp(c->at, "string", 6) == 0 && (!c->at[6] || is_blank(c->at[6]))) {
        read_string(arena, c->at + (c->at[6] ? 7 : 6), expected);
        return true;
    }
    expected->has_span = true;
    if (accept(c, "range") && accept(c, "vector") && accept(c, "from") &&
        read_time(c, &expected->span_start_ms) && accept(c, "to") && read_time(c, &end_ms) &&
        accept(c, "step") && read_time(c, &expected->span_step_ms) && expected->span_step_ms > 0)
        return true;
    return fail(diags, file, line, c,
                "expected fail, ordered, warn, info, no_warn, no_info, string or range vector");
}

static bool add_series(struct arena *arena, const char *file, int line, const char *text,
                       struct expectation *expected, struct diags *diags) {
    if (expected->count == expected->capacity) {
        uint32_t capacity = expected->capacity > 0 ? 2 * expected->capacity : 8;
        struct notation *series = ARENA_NEW(arena, struct notation, capacity);
        if (expected->count > 0) memcpy(series, expected->series, expected->count * sizeof *series);
        expected->series = series;
        expected->capacity = capacity;
    }
    return notation_read(arena, file, line, 1, text, strlen(text),
                         &expected->series[expected->count++], diags);
}

bool trial_read_line(struct arena *arena, const char *file, int line, const char *text,
                     struct trial *trial, struct diags *diags) {
    struct expectation *expected = &trial->expected;
    struct cursor c = {text, text};
    skip_blanks(&c);
    if (accept(&c, "expected_fail_message") || accept(&c, "expected_fail_regexp")) return true;
    if (accept(&c, "expect")) return read_expect(arena, file, line, &c, expected, diags);
    if (promql_number(c.at, word_length(c.at), &expected->scalar) && !c.at[word_length(c.at)])
        return expected->is_scalar = true;
    return add_series(arena, file, line, text, expected, diags);
}
