/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of Prometheus' own that templates call, and the table of all. */
#include "engine/base/diag.h"
#include "sim/prometheus/eval.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/template_builtin.h"
#include <stdio.h>

/* ---- asking ---- */

static bool take_results(struct template_run *r, const struct prom *p, const struct value *value,
                         struct template_value *out) {
    uint32_t count = value->type == PROM_VECTOR ? value->vector.count : 1;
    struct found *found = run_take(r, (count + 1) * sizeof *found);
    if (!found) return false;
    *out = (struct template_value){VALUE_SAMPLES, {.samples = {found, count}}};
    found[0] = (struct found){NULL, 0, value->scalar};
    for (uint32_t i = 0; value->type == PROM_VECTOR && i < count; i++) {
        const struct element *e = &value->vector.at[i];
        const struct label_set *set = &p->labels.sets[e->labels];
        found[i] = (struct found){set->labels, set->count, e->value};
    }
    return true;
}

static bool ask(struct template_run *r, const struct prom_expr *expr, struct template_value *out) {
    struct prom *p = r->data->prom;
    struct value value;
    uint32_t used = p->stack_used;
    bool good = prom_expr_type(expr) == PROM_VECTOR || prom_expr_type(expr) == PROM_SCALAR;
    if (!good) return run_fail(r, "query: expected a vector or a scalar");
    good = expression_eval_within(p, expr, r->data->at_ms, &value) ||
           run_fail(r, "query: %.150s", p->error);
    good = good && take_results(r, p, &value, out);
    p->stack_used = used;
    return good;
}

/* An expression that is put together while the template runs is read into memory of its own. */
static bool query(struct template_run *r, struct template_value *arguments, uint32_t count,
                  struct template_value *out) {
    const struct operand *literal = arguments[0].as.text.literal;
    (void)count;
    if (!r->data->prom) return run_fail(r, "query: there is nothing to ask here");
    if (literal && literal->as.text.expr) return ask(r, literal->as.text.expr, out);
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    struct prom_expr *expr =
        prom_parse(&arena, "", 1, 1, arguments[0].as.text.at, arguments[0].as.text.len, &diags);
    bool good = expr ? ask(r, expr, out) : run_fail(r, "query: %.150s", diags.list[0].message);
    arena_close(&arena);
    return good;
}

static bool first(struct template_run *r, struct template_value *arguments, uint32_t count,
                  struct template_value *out) {
    (void)count;
    if (arguments[0].as.samples.count == 0)
        return run_fail(r, "first() called on vector with no elements");
    *out = (struct template_value){VALUE_SAMPLE, {.sample = &arguments[0].as.samples.at[0]}};
    return true;
}

static bool value(struct template_run *r, struct template_value *arguments, uint32_t count,
                  struct template_value *out) {
    (void)r, (void)count;
    *out = value_float(arguments[0].as.sample->value);
    return true;
}

static const char *label_of(const struct found *sample, const char *name) {
    return label_of_pairs(sample->labels, sample->label_count, name);
}

static bool label(struct template_run *r, struct template_value *arguments, uint32_t count,
                  struct template_value *out) {
    struct template_value name;
    (void)count;
    if (!run_text(r, arguments[0].as.text.at, arguments[0].as.text.len, &name)) return false;
    const char *found = label_of(arguments[1].as.sample, name.as.text.at);
    *out = value_text(found, strlen(found));
    return true;
}

static bool string_value(struct template_run *r, struct template_value *arguments, uint32_t count,
                         struct template_value *out) {
    (void)r, (void)count;
    const char *found = label_of(arguments[0].as.sample, "__value__");
    *out = value_text(found, strlen(found));
    return true;
}

/* Insertion, so that equal ones keep their order. */
static bool sort_by_label(struct template_run *r, struct template_value *arguments, uint32_t count,
                          struct template_value *out) {
    struct template_value name;
    (void)count;
    if (!run_text(r, arguments[0].as.text.at, arguments[0].as.text.len, &name)) return false;
    struct found *at = arguments[1].as.samples.at;
    for (uint32_t i = 1; i < arguments[1].as.samples.count; i++) {
        struct found moved = at[i];
        const char *key = label_of(&moved, name.as.text.at);
        uint32_t to = i;
        for (; to > 0 && strcmp(label_of(&at[to - 1], name.as.text.at), key) > 0; to--) {
            if (!run_step(r)) return false;
            at[to] = at[to - 1];
        }
        at[to] = moved;
    }
    *out = arguments[1];
    return true;
}

/* ---- texts ---- */

static const struct regex *pattern_of(struct template_run *r, const struct template_value *v) {
    const struct operand *literal = v->as.text.literal;
    if (literal && literal->as.text.search) return literal->as.text.search;
    run_fail(r, "the pattern must stand here as a literal text");
    return NULL;
}

static bool too_hard(struct template_run *r) {
    return run_fail(r, "the regular expression needs too many steps for this text");
}

static bool match(struct template_run *r, struct template_value *arguments, uint32_t count,
                  struct template_value *out) {
    struct regex_groups groups;
    const struct regex *regex = pattern_of(r, &arguments[0]);
    (void)count;
    if (!regex) return false;
    enum regex_result result = regex_find(regex, r->data->prom->regex, arguments[1].as.text.at,
                                          arguments[1].as.text.len, 0, &groups);
    *out = value_bool(result == REGEX_MATCHES);
    return result != REGEX_TOO_HARD || too_hard(r);
}

#define REPLACED_BYTES ((size_t)8192)

/* As Go's ReplaceAllString: no replacement for an empty match right behind another one, and a step
 * of one character at least. */
static bool replace_all(struct template_run *r, const struct regex *regex,
                        const struct template_value *with, const struct template_value *text,
                        struct writer *out) {
    const char *s = text->as.text.at;
    size_t len = text->as.text.len, copied = 0;
    for (size_t from = 0; from <= len;) {
        struct regex_groups g;
        enum regex_result result = regex_find(regex, r->data->prom->regex, s, len, from, &g);
        if (result == REGEX_TOO_HARD) return too_hard(r);
        if (result == REGEX_DIFFERS) break;
        if (!run_step(r)) return false;
        write_bytes(out, s + copied, g.begin[0] - copied);
        if (g.end[0] > copied || g.begin[0] == 0)
            regex_expand(regex, &g, s, with->as.text.at, with->as.text.len, out);
        copied = g.end[0];
        size_t step = from < len ? utf8_sequence(s + from, len - from) : 1;
        if (step == 0) step = 1;
        from = from + step > g.end[0] ? from + step : g.end[0];
    }
    write_bytes(out, s + copied, len - copied);
    return true;
}

static bool replace(struct template_run *r, struct template_value *arguments, uint32_t count,
                    struct template_value *out) {
    char text[REPLACED_BYTES];
    struct writer w = writer_of(text, sizeof text);
    const struct regex *regex = pattern_of(r, &arguments[0]);
    (void)count;
    if (!regex || !replace_all(r, regex, &arguments[1], &arguments[2], &w)) return false;
    if (w.overflow) return run_fail(r, "what reReplaceAll makes is longer than 8 KiB");
    return run_text(r, text, w.len, out);
}

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }
static bool in_word(char c) {
    return lower(c) != upper(c) || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

enum letters { LETTERS_UPPER, LETTERS_LOWER, LETTERS_TITLE };

static bool letters(struct template_run *r, const struct template_value *v, enum letters which,
                    struct template_value *out) {
    if (!run_text(r, v->as.text.at, v->as.text.len, out)) return false;
    char *copy = (char *)r->data->room->bytes + (out->as.text.at - (char *)r->data->room->bytes);
    for (size_t i = 0; i < out->as.text.len; i++) {
        bool begins = i == 0 || !in_word(v->as.text.at[i - 1]);
        if (which == LETTERS_UPPER || (which == LETTERS_TITLE && begins)) copy[i] = upper(copy[i]);
        if (which == LETTERS_LOWER) copy[i] = lower(copy[i]);
    }
    return true;
}

static bool to_upper(struct template_run *r, struct template_value *arguments, uint32_t count,
                     struct template_value *out) {
    (void)count;
    return letters(r, &arguments[0], LETTERS_UPPER, out);
}

static bool to_lower(struct template_run *r, struct template_value *arguments, uint32_t count,
                     struct template_value *out) {
    (void)count;
    return letters(r, &arguments[0], LETTERS_LOWER, out);
}

static bool title(struct template_run *r, struct template_value *arguments, uint32_t count,
                  struct template_value *out) {
    (void)count;
    return letters(r, &arguments[0], LETTERS_TITLE, out);
}

/* host of "host:port" and "[v6]:port"; what has no port stays as it is, as net.SplitHostPort's
 * errors leave it. */
static void split_port(const char **s, size_t *len, bool *has_port) {
    const char *host = *s, *colon = NULL;
    size_t n = *len;
    *has_port = false;
    for (size_t i = n; i > 0 && !colon; i--)
        if (host[i - 1] == ':') colon = host + i - 1;
    if (!colon) return;
    size_t before = (size_t)(colon - host);
    if (n > 0 && host[0] == '[') {
        const char *close = memchr(host, ']', n);
        if (!close || close + 1 != colon) return;
        host++;
        before = (size_t)(close - host);
        if (memchr(host, '[', before)) return;
    } else if (memchr(host, ':', before) || memchr(host, '[', before) ||
               memchr(host, ']', before)) {
        return;
    }
    if (memchr(colon, '[', n - (size_t)(colon - *s)) ||
        memchr(colon, ']', n - (size_t)(colon - *s)))
        return;
    *s = host;
    *len = before;
    *has_port = true;
}

static bool strip_port(struct template_run *r, struct template_value *arguments, uint32_t count,
                       struct template_value *out) {
    bool has_port;
    (void)r, (void)count;
    *out = arguments[0];
    out->as.text.literal = NULL;
    split_port(&out->as.text.at, &out->as.text.len, &has_port);
    return true;
}

static bool is_address(const char *s, size_t len) {
    bool colon = memchr(s, ':', len) != NULL;
    for (size_t i = 0; i < len; i++) {
        bool digit = s[i] >= '0' && s[i] <= '9', hex = lower(s[i]) >= 'a' && lower(s[i]) <= 'f';
        if (!digit && s[i] != '.' && !(colon && (hex || s[i] == ':'))) return false;
    }
    return len > 0;
}

/* "name.domain:port" to "name:port"; addresses stay. */
static bool strip_domain(struct template_run *r, struct template_value *arguments, uint32_t count,
                         struct template_value *out) {
    char text[512];
    struct writer w = writer_of(text, sizeof text);
    const char *host = arguments[0].as.text.at;
    size_t len = arguments[0].as.text.len, whole = len;
    bool has_port;
    (void)count;
    split_port(&host, &len, &has_port);
    const char *dot = memchr(host, '.', len);
    if (!dot || is_address(host, len)) {
        *out = arguments[0];
        out->as.text.literal = NULL;
        return true;
    }
    write_bytes(&w, host, (size_t)(dot - host));
    const char *rest = host + len; /* ":port" */
    if (has_port) write_bytes(&w, rest, (size_t)(arguments[0].as.text.at + whole - rest));
    return w.overflow ? run_fail(r, "stripDomain: the text is too long")
                      : run_text(r, text, w.len, out);
}

static bool external_url(struct template_run *r, struct template_value *arguments, uint32_t count,
                         struct template_value *out) {
    (void)arguments, (void)count;
    *out = value_text(r->data->external_url, strlen(r->data->external_url));
    return true;
}

static bool path_prefix(struct template_run *r, struct template_value *arguments, uint32_t count,
                        struct template_value *out) {
    (void)arguments, (void)count;
    const char *scheme = strstr(r->data->external_url, "://");
    const char *path = scheme ? strchr(scheme + 3, '/') : NULL;
    *out = path ? value_text(path, strlen(path)) : value_text("", 0);
    return true;
}

static bool link_for(struct template_run *r, const struct template_value *v, const char *tab,
                     struct template_value *out) {
    char text[REPLACED_BYTES];
    struct writer w = writer_of(text, sizeof text);
    write_text(&w, "/graph?g0.expr=");
    write_query_escaped(&w, v->as.text.at, v->as.text.len);
    write_text(&w, tab);
    return w.overflow ? run_fail(r, "the expression is too long for a link")
                      : run_text(r, text, w.len, out);
}

static bool graph_link(struct template_run *r, struct template_value *arguments, uint32_t count,
                       struct template_value *out) {
    (void)count;
    return link_for(r, &arguments[0], "&g0.tab=0", out);
}

static bool table_link(struct template_run *r, struct template_value *arguments, uint32_t count,
                       struct template_value *out) {
    (void)count;
    return link_for(r, &arguments[0], "&g0.tab=1", out);
}

static bool parse_duration(struct template_run *r, struct template_value *arguments, uint32_t count,
                           struct template_value *out) {
    int64_t ms;
    const struct template_value *v = &arguments[0];
    (void)count;
    if (!promql_duration(v->as.text.at, v->as.text.len, &ms))
        return run_fail(r, "parseDuration: not a valid duration string: \"%.40s\"", v->as.text.at);
    *out = value_float((double)ms / 1000);
    return true;
}

static bool same(struct template_run *r, struct template_value *arguments, uint32_t count,
                 struct template_value *out) {
    (void)r, (void)count;
    *out = arguments[0];
    return true;
}

static bool now(struct template_run *r, struct template_value *arguments, uint32_t count,
                struct template_value *out) {
    (void)arguments, (void)count;
    *out = value_float((double)r->data->at_ms / 1000);
    return true;
}

/* ---- the table ---- */

static const struct template_function functions[] = {
    {"and", "aa*", NULL, true},
    {"eq", "aa*", builtin_eq, true},
    {"externalURL", "", external_url, true},
    {"first", "P", first, true},
    {"ge", "aa", builtin_ge, true},
    {"graphLink", "s", graph_link, true},
    {"gt", "aa", builtin_gt, true},
    {"html", "a*", builtin_html, true},
    {"humanize", "a", humanize_si, true},
    {"humanize1024", "a", humanize_1024, true},
    {"humanizeDuration", "a", humanize_duration, true},
    {"humanizePercentage", "a", humanize_percentage, true},
    {"humanizeTimestamp", "a", humanize_timestamp, true},
    {"index", "aa*", builtin_index, true},
    {"label", "sp", label, true},
    {"le", "aa", builtin_le, true},
    {"len", "a", builtin_len, true},
    {"lt", "aa", builtin_lt, true},
    {"match", "ss", match, true},
    {"ne", "aa", builtin_ne, true},
    {"not", "a", builtin_negate, true},
    {"now", "", now, false},
    {"or", "aa*", NULL, true},
    {"parseDuration", "s", parse_duration, true},
    {"pathPrefix", "", path_prefix, true},
    {"print", "a*", builtin_print, true},
    {"printf", "sa*", go_printf, true},
    {"println", "a*", builtin_println, true},
    {"query", "s", query, false},
    {"reReplaceAll", "sss", replace, true},
    {"safeHtml", "s", same, true},
    {"slice", "aa*", builtin_slice, true},
    {"sortByLabel", "sP", sort_by_label, true},
    {"stripDomain", "s", strip_domain, true},
    {"stripPort", "s", strip_port, true},
    {"strvalue", "p", string_value, true},
    {"tableLink", "s", table_link, true},
    {"title", "s", title, true},
    {"toLower", "s", to_lower, true},
    {"toUpper", "s", to_upper, true},
    {"urlquery", "a*", builtin_urlquery, true},
    {"value", "p", value, true},
};

const struct template_function *template_function_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (strcmp(functions[i].name, name) == 0) return &functions[i];
    return NULL;
}

const char *template_function_nearest(const char *name) {
    const char *names[ARRAY_LEN(functions)];
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) names[i] = functions[i].name;
    return nearest_name(name, strlen(name), names, ARRAY_LEN(functions));
}

bool template_function_is_lazy(const struct template_function *f) { return !f->call; }
bool template_function_stops(const struct template_function *f, bool truth) {
    return truth == (f->name[0] == 'o');
}
