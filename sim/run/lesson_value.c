/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/lesson_value.h"

#include "engine/base/diag.h"
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

struct lv lv_of(enum lv_kind kind, int64_t n) {
    return (struct lv){.kind = kind, .n = n};
}

struct lv lv_text(const char *text, size_t len, int64_t n) {
    struct lv v = {.kind = LV_TEXT, .n = n};
    printable(v.text, sizeof v.text, text, len);
    return v;
}

bool lv_equal(const struct lv *a, const struct lv *b) {
    bool texts = a->kind == LV_TEXT && b->kind == LV_TEXT;
    return texts ? strcmp(a->text, b->text) == 0 : a->n == b->n;
}

/* ---- expressions ---- */

struct parser {
    const struct lv_names *names;
    const char *at, *begin;
    char *why;
    size_t size;
    bool bad;
};

PRINTF_LIKE(2, 3)
static void complain(struct parser *p, const char *format, ...) {
    va_list arguments;
    if (p->bad) return; /* the first is the cause */
    p->bad = true;
    va_start(arguments, format);
    vsnprintf(p->why, p->size, format, arguments);
    va_end(arguments);
}

static char next(struct parser *p) {
    while (*p->at == ' ' || *p->at == '\n') p->at++;
    return *p->at;
}

/* Of what lies within the numbers; beyond them there is no value. */
static int64_t within(struct parser *p, int128 n) {
    if (n > INT64_MAX || n < INT64_MIN) complain(p, "a figure is too large");
    return p->bad ? 0 : (int64_t)n;
}

static struct lv number(struct parser *p) {
    int128 micro = 0;
    int64_t scale = PPM_ONE; /* what a digit is worth; beyond the sixth decimal: nothing */
    bool fraction = false;
    for (; isdigit((unsigned char)*p->at) || (*p->at == '.' && !fraction); p->at++) {
        if (*p->at == '.')
            fraction = true;
        else if (fraction)
            micro += (scale /= 10) * (*p->at - '0');
        else
            micro = micro * 10 + (*p->at - '0') * PPM_ONE;
        if (micro > (int128)INT64_MAX) complain(p, "a figure is too large");
        if (p->bad) return lv_of(LV_ABSENT, 0);
    }
    if (*p->at == '%') {
        p->at++;
        return lv_of(LV_SHARE, within(p, micro / 100));
    }
    if (p->at[0] == 's' && !isalnum((unsigned char)p->at[1])) {
        p->at++;
        return lv_of(LV_TIME, within(p, micro * (NS_PER_S / PPM_ONE)));
    }
    return fraction ? lv_of(LV_SCORE, within(p, micro))
                    : lv_of(LV_NUMBER, within(p, micro / PPM_ONE));
}

static struct lv quoted(struct parser *p) {
    const char *end = strchr(++p->at, '\'');
    if (!end) {
        complain(p, "expected ' at the end of a text");
        return lv_of(LV_ABSENT, 0);
    }
    struct lv v = lv_text(p->at, (size_t)(end - p->at), 0);
    p->at = end + 1;
    return v;
}

static bool word_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

static struct lv named(struct parser *p) {
    char name[64] = "", path[96] = "";
    struct lv v = {.kind = LV_ABSENT};
    const char *from = p->at;
    while (word_char(*p->at)) p->at++;
    snprintf(name, sizeof name, "%.*s", (int)(p->at - from), from);
    if (*p->at == '.') {
        from = ++p->at;
        while (word_char(*p->at) || (*p->at == '.' && word_char(p->at[1]))) p->at++;
        snprintf(path, sizeof path, "%.*s", (int)(p->at - from), from);
    }
    if (!p->names->look_up(p->names->context, name, path, &v, p->why, p->size)) p->bad = true;
    return v;
}

static struct lv comparison(struct parser *p);

static struct lv factor(struct parser *p) {
    char c = next(p);
    if (p->bad) return lv_of(LV_ABSENT, 0);
    if (c == '(') {
        p->at++;
        struct lv v = comparison(p);
        if (next(p) == ')')
            p->at++;
        else
            complain(p, "expected )");
        return v;
    }
    if (isdigit((unsigned char)c)) return number(p);
    if (c == '\'') return quoted(p);
    if (isalpha((unsigned char)c)) return named(p);
    complain(p, "expected a figure, a name or ( in \"%s\" at \"%.20s\"", p->begin, p->at);
    return lv_of(LV_ABSENT, 0);
}

static bool millionths(const struct lv *v) { return v->kind == LV_SHARE || v->kind == LV_SCORE; }

static struct lv combined(struct parser *p, char sign, const struct lv *a, const struct lv *b) {
    if (a->kind == LV_ABSENT || b->kind == LV_ABSENT) return lv_of(LV_ABSENT, 0);
    if (a->kind == LV_TEXT || b->kind == LV_TEXT) complain(p, "a text cannot be reckoned with");
    enum lv_kind kind = a->kind == LV_NUMBER ? b->kind : a->kind;
    bool instants = a->kind == LV_INSTANT && b->kind == LV_INSTANT;
    switch (sign) {
    case '+': return lv_of(kind, within(p, (int128)a->n + b->n));
    case '-': return lv_of(instants ? LV_TIME : kind, within(p, (int128)a->n - b->n));
    case '*':
        if (a->kind != LV_NUMBER && b->kind != LV_NUMBER)
            complain(p, "one side of * is a plain number");
        return lv_of(kind, within(p, (int128)a->n * b->n));
    default:
        if (b->n == 0) return lv_of(LV_ABSENT, 0);
        return lv_of(a->kind == b->kind || (millionths(a) && millionths(b)) ? LV_NUMBER : a->kind,
                     a->n / b->n);
    }
}

static struct lv product(struct parser *p) {
    struct lv a = factor(p);
    for (char c = next(p); !p->bad && (c == '*' || c == '/'); c = next(p)) {
        p->at++;
        struct lv b = factor(p);
        a = combined(p, c, &a, &b);
    }
    return a;
}

static struct lv sum(struct parser *p) {
    struct lv a = product(p);
    for (char c = next(p); !p->bad && (c == '+' || c == '-'); c = next(p)) {
        p->at++;
        struct lv b = product(p);
        a = combined(p, c, &a, &b);
    }
    return a;
}

static struct lv comparison(struct parser *p) {
    struct lv a = sum(p);
    char c = next(p);
    if (p->bad || (c != '<' && c != '>' && c != '=' && c != '!')) return a;
    bool or_equal = p->at[1] == '=';
    p->at += or_equal ? 2 : 1;
    if (c == '!' && !or_equal) complain(p, "expected != ");
    struct lv b = sum(p);
    if (a.kind == LV_ABSENT || b.kind == LV_ABSENT) return lv_of(LV_ABSENT, 0);
    bool equal = lv_equal(&a, &b);
    bool holds = c == '='   ? equal
                 : c == '!' ? !equal
                            : (or_equal && equal) || (c == '<' ? a.n < b.n : a.n > b.n);
    return lv_of(LV_NUMBER, holds);
}

bool lv_evaluate(const struct lv_names *names, const char *expression, struct lv *out, char *why,
                 size_t size) {
    struct parser p = {names, expression, expression, why, size, false};
    *out = comparison(&p);
    if (!p.bad && next(&p)) complain(&p, "\"%.20s\" is left over in \"%s\"", p.at, p.begin);
    return !p.bad;
}

/* ---- texts ---- */

const char *lv_print(char *out, size_t size, const struct lv *v) {
    switch (v->kind) {
    case LV_ABSENT: snprintf(out, size, "?"); break;
    case LV_NUMBER: snprintf(out, size, "%lld", (long long)v->n); break;
    case LV_INSTANT: figure_clock(out, size, v->n); break;
    case LV_TIME: duration_format(out, size, v->n); break;
    case LV_SHARE: figure_share(out, size, v->n); break;
    case LV_SCORE:
        if (!v->text[0]) return figure_number(out, size, v->n);
        __attribute__((fallthrough));
    case LV_TEXT: snprintf(out, size, "%s", v->text); break;
    }
    return out;
}

bool lv_fill(const struct lv_names *names, char *out, size_t size, const char *text, bool *absent,
             char *why, size_t why_size) {
    size_t len = 0;
    *absent = false;
    while (*text && len + 1 < size) {
        char expression[200], shown[LV_TEXT_BYTES];
        struct lv v;
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        if (!end) {
            out[len++] = *text++;
            continue;
        }
        snprintf(expression, sizeof expression, "%.*s", (int)(end - text - 1), text + 1);
        if (!lv_evaluate(names, expression, &v, why, why_size)) return false;
        if (v.kind == LV_ABSENT) *absent = true;
        int more = snprintf(out + len, size - len, "%s", lv_print(shown, sizeof shown, &v));
        len += (size_t)more < size - len ? (size_t)more : size - len - 1;
        text = end + 1;
    }
    out[len] = '\0';
    return true;
}

bool lv_read(const char *text, enum lv_kind kind, struct lv *out) {
    char why[200];
    bool negative = text[0] == '-';
    if (!isdigit((unsigned char)text[negative])) return false;
    struct parser p = {NULL, text + negative, text, why, sizeof why, false};
    *out = number(&p);
    if (p.bad || next(&p)) return false;
    bool plain = out->kind == LV_NUMBER || out->kind == LV_SCORE;
    int64_t micro = out->kind == LV_NUMBER ? within(&p, (int128)out->n * PPM_ONE) : out->n;
    if (!plain && out->kind != kind) return false;
    if (plain && kind == LV_NUMBER && micro % PPM_ONE != 0) return false;
    if (plain)
        out->n = kind == LV_NUMBER  ? micro / PPM_ONE
                 : kind == LV_TIME  ? within(&p, (int128)micro * (NS_PER_S / PPM_ONE))
                 : kind == LV_SHARE ? micro / 100
                                    : micro;
    out->kind = kind;
    if (negative) out->n = -out->n;
    return !p.bad;
}
