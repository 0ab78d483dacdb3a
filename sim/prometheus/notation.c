/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/notation.h"
#include "sim/prometheus/labels.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/store.h"
#include <math.h>
#include <stdlib.h>

#define VALUES_MAX ((uint32_t)1 << 22)

struct notation_reader {
    struct arena *arena;
    struct diags *diags;
    const char *file;
    int line, column; /* of text[0] */
    const char *text, *at, *end;
    struct notation_value *values;
    uint32_t count, capacity;
};

static bool fail(struct notation_reader *r, const char *at, const char *message) {
    diag_error(r->diags, r->file, r->line, r->column + (int)(at - r->text), "%s", message);
    return false;
}

/* ---- labels ---- */

static const char *text_of(struct notation_reader *r, const struct token *token) {
    size_t len;
    return token->kind == TOKEN_STRING ? lexer_string(r->arena, token, &len)
                                       : arena_text(r->arena, token->text, token->len);
}

/* name="value", or a metric's name in quotes. */
static bool read_pair(struct notation_reader *r, struct lexer *lexer, struct token *token,
                      struct prom_label *label) {
    if (token->kind != TOKEN_NAME && token->kind != TOKEN_STRING)
        return fail(r, token->text, "expected a label name or \"}\"");
    struct token name = *token;
    *token = lexer_next(lexer);
    if (name.kind == TOKEN_STRING && token->kind != TOKEN_ASSIGN) {
        *label = (struct prom_label){METRIC_NAME, text_of(r, &name)};
        return true;
    }
    if (token->kind != TOKEN_ASSIGN) return fail(r, token->text, "expected \"=\"");
    *token = lexer_next(lexer);
    if (token->kind != TOKEN_STRING) return fail(r, token->text, "expected a string in quotes");
    *label = (struct prom_label){text_of(r, &name), text_of(r, token)};
    *token = lexer_next(lexer);
    return true;
}

static bool read_labels(struct notation_reader *r, struct notation *out) {
    struct prom_label labels[LABELS_MAX];
    uint32_t count = 0;
    struct lexer lexer;
    struct origin origin = {.file = r->file, .line = r->line, .column = r->column};
    lexer_open(&lexer, &origin, r->at, (size_t)(r->end - r->at));
    struct token token = lexer_next(&lexer);
    if (token.kind == TOKEN_NAME) {
        labels[count++] = (struct prom_label){METRIC_NAME, text_of(r, &token)};
        r->at = token.text + token.len;
        if (r->at < r->end && *r->at == '{') token = lexer_next(&lexer);
    }
    if (token.kind == TOKEN_LEFT_BRACE) {
        token = lexer_next(&lexer);
        while (token.kind != TOKEN_RIGHT_BRACE) {
            if (count == LABELS_MAX) return fail(r, token.text, "more than 64 labels");
            if (!read_pair(r, &lexer, &token, &labels[count++])) return false;
            if (token.kind == TOKEN_COMMA)
                token = lexer_next(&lexer);
            else if (token.kind != TOKEN_RIGHT_BRACE)
                return fail(r, token.text, "expected \",\" or \"}\"");
        }
        r->at = token.text + 1;
    } else if (token.kind != TOKEN_NAME) {
        return fail(r, token.text, "expected a series like name{label=\"value\"}");
    }
    struct prom_label *copy = ARENA_NEW(r->arena, struct prom_label, count + 1);
    memcpy(copy, labels, count * sizeof *labels);
    out->labels = copy;
    out->label_count = count;
    return true;
}

/* ---- values ---- */

static bool push(struct notation_reader *r, double value, bool is_gap) {
    if (r->count == VALUES_MAX) return fail(r, r->at, "more than four million values");
    if (r->count == r->capacity) {
        uint32_t capacity = r->capacity > 0 ? 2 * r->capacity : 64;
        struct notation_value *values = ARENA_NEW(r->arena, struct notation_value, capacity);
        if (r->count > 0) memcpy(values, r->values, r->count * sizeof *values);
        r->values = values;
        r->capacity = capacity;
    }
    /* a stale marker is a signalling NaN: it is copied, never computed with */
    memcpy(&r->values[r->count].value, &value, sizeof value);
    r->values[r->count++].is_gap = is_gap;
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static char peek(const struct notation_reader *r) { return r->at < r->end ? *r->at : '\0'; }

static bool accept(struct notation_reader *r, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(r->end - r->at) < len) return false;
    for (size_t i = 0; i < len; i++)
        if ((r->at[i] | ' ') != word[i]) return false;
    r->at += len;
    return true;
}

static void skip_digits(struct notation_reader *r) {
    while (is_digit(peek(r))) r->at++;
}

/* A decimal: "0x5" is a zero six times, not a hexadecimal number. */
static bool read_decimal_number(struct notation_reader *r, double *value) {
    const char *start = r->at;
    char text[64];
    skip_digits(r);
    if (peek(r) == '.') r->at++;
    skip_digits(r);
    if (r->at == start || (r->at == start + 1 && *start == '.'))
        return fail(r, start, "expected a value: a number, \"_\", \"stale\", or 1+2x3");
    const char *mantissa = r->at;
    if ((peek(r) | ' ') == 'e') {
        r->at++;
        if (peek(r) == '+' || peek(r) == '-') r->at++;
        if (!is_digit(peek(r))) r->at = mantissa;
        skip_digits(r);
    }
    size_t len = (size_t)(r->at - start);
    if (len >= sizeof text) return fail(r, start, "number of more than 63 digits");
    memcpy(text, start, len);
    text[len] = '\0';
    *value = strtod(text, NULL);
    return true;
}

static bool read_value(struct notation_reader *r, double *value) {
    bool negative = peek(r) == '-';
    if (negative || peek(r) == '+') r->at++;
    if (accept(r, "inf"))
        *value = INFINITY;
    else if (accept(r, "nan"))
        *value = NAN;
    else if (!read_decimal_number(r, value))
        return false;
    if (negative) *value = -*value;
    return true;
}

/* "x5": how often more. */
static bool read_times(struct notation_reader *r, uint32_t *times) {
    *times = 0;
    if (peek(r) != 'x') return true;
    const char *start = ++r->at;
    for (; is_digit(peek(r)); r->at++) {
        *times = *times * 10 + (uint32_t)(*r->at - '0');
        if (*times > VALUES_MAX) return fail(r, start, "more than four million values");
    }
    return r->at > start || fail(r, start, "expected how often, as in 1x5");
}

static bool read_histogram(struct notation_reader *r, struct notation *out) {
    const char *start = r->at;
    while (r->at + 1 < r->end && !(r->at[0] == '}' && r->at[1] == '}')) r->at++;
    if (r->at + 1 >= r->end) return fail(r, start, "a histogram without its \"}}\"");
    r->at += 2;
    uint32_t times = 0;
    if (peek(r) == '+' || peek(r) == '-') {
        r->at++;
        return read_histogram(r, out);
    }
    if (!read_times(r, &times)) return false;
    out->has_histogram = true;
    for (uint32_t i = 0; i <= times; i++)
        if (!push(r, 0, true)) return false;
    return true;
}

static bool read_gap(struct notation_reader *r) {
    uint32_t times;
    r->at++;
    bool repeated = peek(r) == 'x';
    if (!read_times(r, &times)) return false;
    if (!repeated) times = 1;
    for (uint32_t i = 0; i < times; i++)
        if (!push(r, 0, true)) return false;
    return true;
}

static bool read_numbers(struct notation_reader *r) {
    double value, step = 0;
    uint32_t times;
    if (!read_value(r, &value)) return false;
    if ((peek(r) == '+' || peek(r) == '-') && !read_value(r, &step)) return false;
    if (!read_times(r, &times)) return false;
    for (uint32_t i = 0; i <= times; i++, value += step)
        if (!push(r, value, false)) return false;
    return true;
}

static bool read_item(struct notation_reader *r, struct notation *out) {
    if (peek(r) == '_') return read_gap(r);
    if (peek(r) == '{') return read_histogram(r, out);
    uint32_t times;
    if (!accept(r, "stale")) return read_numbers(r);
    if (!read_times(r, &times)) return false;
    for (uint32_t i = 0; i <= times; i++)
        if (!push(r, stale_marker(), false)) return false;
    return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool read_values(struct notation_reader *r, struct notation *out) {
    while (true) {
        const char *former = r->at;
        while (r->at < r->end && is_blank(*r->at)) r->at++;
        if (r->at == r->end) break;
        if (r->at == former && r->at > r->text)
            return fail(r, r->at, "expected a blank between values");
        if (!read_item(r, out)) return false;
    }
    out->values = r->values;
    out->value_count = r->count;
    return true;
}

/* ---- the interface ---- */

static struct notation_reader reader_of(struct arena *arena, const char *file, int line, int column,
                                        const char *text, size_t len, struct diags *diags) {
    return (struct notation_reader){.arena = arena,
                                    .diags = diags,
                                    .file = file,
                                    .line = line,
                                    .column = column,
                                    .text = text,
                                    .at = text,
                                    .end = text + len};
}

bool notation_read(struct arena *arena, const char *file, int line, int column, const char *text,
                   size_t len, struct notation *out, struct diags *diags) {
    struct notation_reader r = reader_of(arena, file, line, column, text, len, diags);
    *out = (struct notation){0};
    return read_labels(&r, out) && read_values(&r, out);
}

bool notation_read_values(struct arena *arena, const char *file, int line, int column,
                          const char *text, size_t len, struct notation *out, struct diags *diags) {
    struct notation_reader r = reader_of(arena, file, line, column, text, len, diags);
    *out = (struct notation){0};
    return read_values(&r, out);
}

bool notation_read_labels(struct arena *arena, const char *file, int line, int column,
                          const char *text, size_t len, struct notation *out, struct diags *diags) {
    struct notation_reader r = reader_of(arena, file, line, column, text, len, diags);
    *out = (struct notation){0};
    if (!read_labels(&r, out)) return false;
    while (r.at < r.end && is_blank(*r.at)) r.at++;
    return r.at == r.end || fail(&r, r.at, "expected the end of the series");
}
