/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text exposition and OpenMetrics, line by line. The second is the first made strict: one space
 * where the first takes any blanks, no free comments, an end that says so. */
#include "engine/base/text.h"
#include "sim/prometheus/exposition.h"
#include "sim/prometheus/labels.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/syntax.h"

#define SAMPLE_BYTES ((size_t)64 << 10)

struct exposition {
    enum exposition_format format;
    const char *file, *text, *at, *end, *line_start;
    int line;
    bool failed, ended;
    struct diags *diags;
    char *scratch; /* the texts of one sample */
    size_t used;
    uint32_t count;
    struct prom_label labels[LABELS_MAX];
};

enum exposition_format exposition_format_of(const char *text, size_t len) {
    static const char last[] = "# EOF";
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r')) len--;
    size_t size = strlen(last);
    bool ends = len >= size && memcmp(text + len - size, last, size) == 0;
    return ends && (len == size || text[len - size - 1] == '\n') ? EXPOSITION_OPENMETRICS
                                                                 : EXPOSITION_TEXT;
}

struct exposition *exposition_open(struct arena *arena, enum exposition_format format,
                                   const char *file, const char *text, size_t len,
                                   struct diags *diags) {
    struct exposition *x = ARENA_NEW(arena, struct exposition, 1);
    *x = (struct exposition){.format = format, .file = file, .diags = diags, .line = 1};
    x->text = x->at = x->line_start = text;
    x->end = text + len;
    x->scratch = arena_take(arena, SAMPLE_BYTES, 1);
    return x;
}

bool exposition_failed(const struct exposition *x) { return x->failed; }

/* ---- places and errors ---- */

/* A value in quotes may go over lines, so the place can be before the start of this one. */
static bool fail_at(struct exposition *x, const char *place, const char *what) {
    int line = x->line;
    const char *start = x->line_start;
    while (place < start) {
        line--;
        start--;
        while (start > x->text && start[-1] != '\n') start--;
    }
    x->failed = true;
    diag_error(x->diags, x->file, line, (int)(place - start) + 1, "%s", what);
    return false;
}

/* What was expected, and what stands there instead. */
static bool expected(struct exposition *x, const char *what) {
    char shown[48], message[160];
    size_t len = 0;
    const char *s = x->at;
    while (s + len < x->end && len < 20 && !strchr(" \t\n,{}", s[len])) len++;
    if (len == 0 && s < x->end && *s != '\n') len = 1;
    printable(shown, sizeof shown, s, len);
    if (s == x->end)
        snprintf(message, sizeof message, "expected %s, got the end of the text", what);
    else if (*s == '\n')
        snprintf(message, sizeof message, "expected %s, got the end of the line", what);
    else
        snprintf(message, sizeof message, "expected %s, got \"%s\"", what, shown);
    return fail_at(x, s, message);
}

static bool is_strict(const struct exposition *x) { return x->format == EXPOSITION_OPENMETRICS; }
static bool at_byte(const struct exposition *x, char c) { return x->at < x->end && *x->at == c; }

static void skip_blanks(struct exposition *x) {
    while (x->at < x->end && (*x->at == ' ' || *x->at == '\t')) x->at++;
}

/* What parts two words of a line. */
static bool gap(struct exposition *x, const char *before) {
    if (!is_strict(x)) {
        skip_blanks(x);
        return true;
    }
    if (!at_byte(x, ' ')) return expected(x, before);
    x->at++;
    return true;
}

static bool end_of_line(struct exposition *x) {
    if (!is_strict(x)) skip_blanks(x);
    if (x->at == x->end && !is_strict(x)) return true;
    if (!at_byte(x, '\n')) return expected(x, "the end of the line");
    x->at++;
    x->line++;
    x->line_start = x->at;
    return true;
}

static size_t word_length(const struct exposition *x, const char *stop) {
    const char *s = x->at;
    while (s < x->end && *s != '\0' && !strchr(stop, *s)) s++;
    return (size_t)(s - x->at);
}

/* ---- names and label values ---- */

static size_t name_length(const struct exposition *x, bool colons) {
    const char *s = x->at;
    for (; s < x->end; s++) {
        bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '_';
        bool digit = *s >= '0' && *s <= '9' && s > x->at;
        if (!letter && !digit && !(colons && *s == ':')) break;
    }
    return (size_t)(s - x->at);
}

static char *keep(struct exposition *x, const char *s, size_t len) {
    if (len >= SAMPLE_BYTES - x->used) {
        fail_at(x, s, "the labels of this sample are longer than 64 KiB");
        return NULL;
    }
    char *copy = x->scratch + x->used;
    memcpy(copy, s, len);
    copy[len] = '\0';
    x->used += len + 1;
    return copy;
}

static bool valid_text(struct exposition *x, const char *s, size_t len) {
    for (size_t i = 0, step; i < len; i += step) {
        step = (uint8_t)s[i] < 0x80 ? 1 : utf8_sequence(s + i, len - i);
        if (s[i] == '\0') return fail_at(x, s + i, "a label's value has a zero byte");
        if (step == 0) return fail_at(x, s + i, "a label's value is not UTF-8");
    }
    return true;
}

/* The value behind an opening quote; \\ \" and \n are escapes, other backslashes stand for
 * themselves. */
static char *quoted(struct exposition *x) {
    const char *open = x->at++, *s = x->at;
    while (s < x->end && *s != '"') {
        if (*s == '\n' && is_strict(x)) break;
        s += *s == '\\' && s + 1 < x->end ? 2 : 1;
    }
    if (s == x->end || *s != '"') {
        fail_at(x, open, "the quotes of this value are not closed");
        return NULL;
    }
    char *value =
        valid_text(x, x->at, (size_t)(s - x->at)) ? keep(x, x->at, (size_t)(s - x->at)) : NULL;
    for (const char *c = x->at; c < s; c++)
        if (*c == '\n') {
            x->line++;
            x->line_start = c + 1;
        }
    x->at = s + 1;
    if (!value) return NULL;
    char *to = value;
    for (const char *from = value; *from; from++) {
        bool escape = *from == '\\' && (from[1] == '\\' || from[1] == '"' || from[1] == 'n');
        if (escape) from++;
        *to++ = escape && *from == 'n' ? '\n' : *from;
    }
    *to = '\0';
    return value;
}

/* Sorted by name; an empty value is no label. */
static bool add_label(struct exposition *x, const char *place, const char *name,
                      const char *value) {
    uint32_t at = x->count;
    while (at > 0 && strcmp(x->labels[at - 1].name, name) > 0) at--;
    if (at > 0 && strcmp(x->labels[at - 1].name, name) == 0) {
        char message[128];
        snprintf(message, sizeof message, "label \"%.60s\" stands here twice", name);
        return fail_at(x, place, message);
    }
    if (value[0] == '\0') return true;
    if (x->count == LABELS_MAX) return fail_at(x, place, "more than 64 labels");
    memmove(&x->labels[at + 1], &x->labels[at], (x->count - at) * sizeof *x->labels);
    x->labels[at] = (struct prom_label){name, value};
    x->count++;
    return true;
}

static bool one_label(struct exposition *x) {
    const char *place = x->at;
    size_t len = name_length(x, false);
    if (at_byte(x, '"')) return fail_at(x, place, "names in quotes are not supported");
    if (len == 0) return expected(x, "a label's name");
    char *name = keep(x, place, len);
    if (!name) return false;
    x->at += len;
    if (!is_strict(x)) skip_blanks(x);
    if (!at_byte(x, '=')) return expected(x, "\"=\" after a label's name");
    x->at++;
    if (!is_strict(x)) skip_blanks(x);
    if (!at_byte(x, '"')) return expected(x, "a label's value in double quotes");
    char *value = quoted(x);
    return value && add_label(x, place, name, value);
}

/* From the opening brace to the closing one; a comma may stand before that. */
static bool label_list(struct exposition *x) {
    x->at++;
    for (;;) {
        if (!is_strict(x)) skip_blanks(x);
        if (at_byte(x, '}')) break;
        if (!one_label(x)) return false;
        if (!is_strict(x)) skip_blanks(x);
        if (at_byte(x, ','))
            x->at++;
        else if (!at_byte(x, '}'))
            return expected(x, "\",\" or \"}\" after a label");
    }
    x->at++;
    return true;
}

/* ---- values and times ---- */

static bool number(struct exposition *x, const char *what, double *out) {
    size_t len = word_length(x, " \t\n");
    bool hex = memchr(x->at, 'x', len) || memchr(x->at, 'X', len); /* PromQL's alone */
    if (len == 0 || hex || !promql_number(x->at, len, out)) return expected(x, what);
    x->at += len;
    return true;
}

/* Fewer than 16 digits, so that a time can be written as seconds, which reach as far. */
static bool milliseconds(struct exposition *x, int64_t *out) {
    const char *s = x->at;
    bool negative = at_byte(x, '-');
    size_t len = word_length(x, " \t\n"), at = negative ? 1 : 0;
    int64_t ms = 0;
    if (len == at || len > at + 15) return expected(x, "a time in milliseconds");
    for (; at < len; at++) {
        if (s[at] < '0' || s[at] > '9') return expected(x, "a time in milliseconds");
        ms = ms * 10 + (s[at] - '0');
    }
    *out = negative ? -ms : ms;
    x->at += len;
    return true;
}

/* Plain decimals exactly; with an exponent as the double it is. */
static bool seconds(struct exposition *x, int64_t *out) {
    static const char what[] = "a time in seconds";
    const char *s = x->at;
    size_t len = word_length(x, " \t\n"), at = 0;
    bool negative = len > 0 && s[0] == '-';
    if (negative) at++;
    int64_t micro = 0;
    size_t point = 0, decimals = 0;
    for (; at < len && decimals < 6; at++) {
        if (s[at] == '.' && point == 0)
            point = at + 1;
        else if (s[at] < '0' || s[at] > '9' || micro > INT64_MAX / 10000000)
            break;
        else {
            micro = micro * 10 + (s[at] - '0');
            if (point > 0) decimals++;
        }
    }
    while (at < len && decimals == 6 && s[at] >= '0' && s[at] <= '9') at++;
    double value;
    if (len == 0 || !promql_number(s, len, &value)) return expected(x, what);
    if (!(value > -1e12 && value < 1e12)) return expected(x, what);
    for (; decimals < 6; decimals++) micro = at == len ? micro * 10 : 0;
    if (at == len)
        *out = (negative ? -1 : 1) * ((micro + 500) / 1000);
    else
        *out = (int64_t)(value * 1000);
    x->at += len;
    return true;
}

static bool time_of(struct exposition *x, int64_t *out) {
    return is_strict(x) ? seconds(x, out) : milliseconds(x, out);
}

/* " # {labels} value [time]", which nothing here stores. */
static bool exemplar(struct exposition *x) {
    struct prom_label labels[LABELS_MAX];
    uint32_t count = x->count;
    memcpy(labels, x->labels, sizeof labels);
    x->count = 0;
    x->at++;
    if (!gap(x, "\" {\" after \"#\"")) return false;
    if (!at_byte(x, '{')) return expected(x, "an exemplar's labels");
    double value;
    int64_t at_ms;
    if (!label_list(x) || !gap(x, "an exemplar's value") ||
        !number(x, "an exemplar's value", &value))
        return false;
    if (at_byte(x, ' ')) {
        x->at++;
        if (!seconds(x, &at_ms)) return false;
    }
    memcpy(x->labels, labels, sizeof labels);
    x->count = count;
    return true;
}

/* After the value: a time, an exemplar, or nothing. */
static bool rest_of_sample(struct exposition *x, struct exposition_sample *out) {
    if (is_strict(x) && at_byte(x, '\n')) return true;
    if (!gap(x, "a time, or the end of the line")) return false;
    if (x->at == x->end || *x->at == '\n') return !is_strict(x) || expected(x, "a time");
    if (!(is_strict(x) && *x->at == '#')) {
        out->timed = true;
        if (!time_of(x, &out->at_ms)) return false;
        if (!is_strict(x) || !at_byte(x, ' ')) return true;
        x->at++;
    }
    return at_byte(x, '#') ? exemplar(x) : expected(x, "\"#\" and an exemplar");
}

static bool read_sample(struct exposition *x, struct exposition_sample *out) {
    const char *place = x->at;
    size_t len = name_length(x, true);
    if (at_byte(x, '{')) return fail_at(x, place, "a metric's name in quotes is not supported");
    if (len == 0) return expected(x, "a metric's name");
    *out = (struct exposition_sample){.labels = x->labels, .line = x->line};
    x->used = x->count = 0;
    char *name = keep(x, place, len);
    if (!name) return false;
    x->at += len;
    if (!is_strict(x)) skip_blanks(x);
    if (at_byte(x, '{') && !label_list(x)) return false;
    if (!add_label(x, place, METRIC_NAME, name)) return false;
    if (!gap(x, "a value") || !number(x, "a value", &out->value)) return false;
    if (!rest_of_sample(x, out) || !end_of_line(x)) return false;
    out->label_count = x->count;
    return true;
}

/* ---- comments ---- */

static bool known_type(struct exposition *x) {
    static const char *const types[] = {"counter",        "gauge",   "histogram",
                                        "summary",        "untyped", "unknown",
                                        "gaugehistogram", "info",    "stateset"};
    size_t len = word_length(x, " \t\n");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        bool ours = is_strict(x) ? i != 4 : i < 6;
        if (ours && strlen(types[i]) == len && memcmp(types[i], x->at, len) == 0) {
            x->at += len;
            return true;
        }
    }
    const char *nearest = nearest_name(x->at, len, types, ARRAY_LEN(types));
    char what[96] = "a metric's type (counter, gauge, histogram, summary, ...)";
    if (nearest && len > 0) snprintf(what, sizeof what, "a metric's type like \"%s\"", nearest);
    return expected(x, what);
}

static bool skip_line(struct exposition *x) {
    while (x->at < x->end && *x->at != '\n') x->at++;
    return end_of_line(x);
}

/* HELP, TYPE and UNIT speak of a metric; what they say is checked, not kept. */
static bool metadata(struct exposition *x, const char *word) {
    if (!gap(x, "a metric's name")) return false;
    size_t len = name_length(x, true);
    if (len == 0) return expected(x, "a metric's name");
    x->at += len;
    bool ends = at_byte(x, '\n') || x->at == x->end;
    if (strcmp(word, "TYPE") == 0)
        return gap(x, "a metric's type") && known_type(x) && end_of_line(x);
    if (!ends && !gap(x, "text")) return false;
    return skip_line(x);
}

static bool end_of_metrics(struct exposition *x) {
    if (at_byte(x, '\n')) x->at++;
    x->ended = true;
    return x->at == x->end || expected(x, "nothing after \"# EOF\"");
}

static bool comment(struct exposition *x) {
    static const char *const words[] = {"HELP", "TYPE", "UNIT"};
    x->at++;
    if (!gap(x, "\" HELP\", \" TYPE\", \" UNIT\" or \" EOF\" after \"#\"")) return false;
    size_t len = word_length(x, " \t\n");
    for (size_t i = 0; i < (is_strict(x) ? 3u : 2u); i++)
        if (strlen(words[i]) == len && memcmp(words[i], x->at, len) == 0) {
            x->at += len;
            return metadata(x, words[i]);
        }
    if (!is_strict(x)) return skip_line(x);
    if (len == 3 && memcmp(x->at, "EOF", 3) == 0) {
        x->at += 3;
        return end_of_metrics(x);
    }
    return expected(x, "HELP, TYPE, UNIT or EOF");
}

bool exposition_next(struct exposition *x, struct exposition_sample *out) {
    while (!x->failed && !x->ended) {
        if (!is_strict(x)) skip_blanks(x);
        if (x->at == x->end) {
            x->ended = true;
            return is_strict(x) ? expected(x, "\"# EOF\" as the last line") : false;
        }
        if (*x->at == '#') {
            if (!comment(x)) return false;
        } else if (*x->at == '\n' && !is_strict(x)) {
            if (!end_of_line(x)) return false;
        } else {
            return read_sample(x, out);
        }
    }
    return false;
}
