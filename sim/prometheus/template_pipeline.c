/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operands and pipelines of a template's actions. Parentheses nest at most TEMPLATE_DEPTH deep. */
#include "engine/base/check.h"
#include "sim/prometheus/lexer.h"
#include "sim/prometheus/template_parser.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *template_fail(struct template_parser *p, size_t at, const char *format, ...) {
    if (p->failed) return NULL;
    p->failed = true;
    p->error->at = at;
    char why[sizeof p->error->why];
    va_list list;
    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    printable(p->error->why, sizeof p->error->why, why, strlen(why));
    return NULL;
}

void template_advance(struct template_parser *p) { p->token = template_token(&p->lexer); }

void *template_unexpected(struct template_parser *p, const char *where) {
    const struct template_token *t = &p->token;
    if (t->kind == PIECE_BAD) return template_fail(p, t->at, "%s", p->lexer.why);
    if (t->kind == PIECE_END) return template_fail(p, t->at, "unclosed action: \"}}\" is missing");
    if (t->kind == PIECE_CLOSE) return template_fail(p, t->at, "unexpected \"}}\" in %s", where);
    return template_fail(p, t->at, "unexpected \"%.*s\" in %s", t->len > 40 ? 40 : (int)t->len,
                         p->lexer.text + t->at, where);
}

bool template_count(struct template_parser *p) {
    if (++p->nodes <= TEMPLATE_NODES) return true;
    return template_fail(p, p->token.at, "the template is too large") != NULL;
}

bool template_enter(struct template_parser *p) {
    if (++p->depth <= TEMPLATE_DEPTH) return true;
    return template_fail(p, p->token.at, "nested too deeply") != NULL;
}

/* ---- operands ---- */

bool template_is_word(const struct template_parser *p, const char *word) {
    return p->token.kind == PIECE_WORD && strcmp(p->token.text, word) == 0;
}

static bool read_number(struct template_parser *p, struct operand *o) {
    const struct template_token *t = &p->token;
    char text[64], *end;
    if (t->text_len >= sizeof text) return template_fail(p, t->at, "bad number") != NULL;
    memcpy(text, t->text, t->text_len);
    text[t->text_len] = '\0';
    errno = 0;
    o->as.whole = strtoll(text, &end, 0);
    o->kind = OPERAND_INT;
    if (*end == '\0' && end > text && errno == 0) return true;
    o->kind = OPERAND_FLOAT;
    double value;
    if (!promql_number(text, t->text_len, &value))
        return template_fail(p, t->at, "bad number \"%.40s\"", text) != NULL;
    o->as.number = value;
    return true;
}

static bool read_variable(struct template_parser *p, struct operand *o) {
    o->kind = OPERAND_VARIABLE;
    for (uint32_t i = p->variable_count; i > 0; i--)
        if (strcmp(p->variables[i - 1], p->token.text) == 0) {
            o->as.variable = i - 1;
            return true;
        }
    const char *nearest =
        nearest_name(p->token.text, p->token.text_len, p->variables, p->variable_count);
    if (!nearest || strcmp(nearest, "$") == 0)
        return template_fail(p, p->token.at, "undefined variable \"%.60s\"", p->token.text) != NULL;
    return template_fail(p, p->token.at, "undefined variable \"%.60s\"; did you mean \"%s\"?",
                         p->token.text, nearest) != NULL;
}

static bool read_word(struct template_parser *p, struct operand *o) {
    static const char *const keywords[] = {"if",    "else",     "end",      "range", "with",
                                           "block", "template", "continue", "break", "define"};
    const char *word = p->token.text;
    o->kind = OPERAND_BOOL;
    o->as.truth = strcmp(word, "true") == 0;
    if (o->as.truth || strcmp(word, "false") == 0) return true;
    o->kind = OPERAND_NIL;
    if (strcmp(word, "nil") == 0) return true;
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (strcmp(word, keywords[i]) == 0) return template_unexpected(p, "an operand") != NULL;
    o->kind = OPERAND_FUNCTION;
    o->as.function = template_function_find(word);
    if (o->as.function) return true;
    const char *nearest = template_function_nearest(word);
    if (nearest)
        return template_fail(p, p->token.at, "function \"%.60s\" not defined; did you mean \"%s\"?",
                             word, nearest) != NULL;
    return template_fail(p, p->token.at, "function \"%.60s\" not defined", word) != NULL;
}

static bool read_parenthesis(struct template_parser *p, struct operand *o) {
    o->kind = OPERAND_PIPELINE;
    if (!template_enter(p)) return false;
    template_advance(p);
    o->as.pipeline = template_pipeline(p, PIECE_RIGHT, "parenthesized pipeline", false);
    p->depth--;
    return o->as.pipeline != NULL;
}

/* The fields that follow without a blank: .A.B */
static bool read_fields(struct template_parser *p, struct operand *o) {
    const char *fields[16];
    while (p->token.kind == PIECE_FIELD && !p->token.spaced) {
        if (o->field_count == ARRAY_LEN(fields))
            return template_fail(p, p->token.at, "more than 16 fields in a row") != NULL;
        fields[o->field_count++] = p->token.text;
        template_advance(p);
    }
    if (p->token.kind == PIECE_DOT && !p->token.spaced)
        return template_unexpected(p, "an operand") != NULL;
    if (o->field_count == 0) return true;
    bool named = o->kind == OPERAND_VARIABLE || o->kind == OPERAND_DOT ||
                 o->kind == OPERAND_PIPELINE || o->kind == OPERAND_FUNCTION;
    if (!named) return template_fail(p, o->at, "a constant has no fields") != NULL;
    o->fields = ARENA_NEW(p->arena, const char *, o->field_count);
    memcpy(o->fields, fields, o->field_count * sizeof *fields);
    return true;
}

/* Whether the template still depends on labels alone. */
static void note_dependence(struct template_parser *p, const struct operand *o) {
    const char *first = o->field_count > 0 ? o->fields[0] : "";
    bool labels = strcmp(first, "Labels") == 0 || strcmp(first, "ExternalLabels") == 0 ||
                  strcmp(first, "ExternalURL") == 0;
    bool whole =
        o->kind == OPERAND_DOT || (o->kind == OPERAND_VARIABLE && o->as.variable == VARIABLE_ROOT);
    if (whole && !labels) p->template->of_labels = false;
    if (o->kind == OPERAND_VARIABLE && o->as.variable == VARIABLE_VALUE)
        p->template->of_labels = false;
    if (o->kind == OPERAND_FUNCTION && !o->as.function->of_labels) p->template->of_labels = false;
}

static struct operand *read_operand(struct template_parser *p) {
    struct operand *o = ARENA_NEW(p->arena, struct operand, 1);
    *o = (struct operand){.at = p->token.at};
    bool good = template_count(p), taken = true;
    if (!good) return NULL;
    switch (p->token.kind) {
    case PIECE_DOT: o->kind = OPERAND_DOT; break;
    case PIECE_FIELD:
        o->kind = OPERAND_DOT;
        p->token.spaced = false; /* so that it is the first of its own fields */
        taken = false;
        break;
    case PIECE_VARIABLE: good = read_variable(p, o); break;
    case PIECE_WORD: good = read_word(p, o); break;
    case PIECE_TEXT:
        o->kind = OPERAND_TEXT;
        o->as.text.at = p->token.text;
        o->as.text.len = p->token.text_len;
        break;
    case PIECE_CHARACTER:
        o->kind = OPERAND_INT;
        o->as.whole = p->token.character;
        break;
    case PIECE_NUMBER: good = read_number(p, o); break;
    case PIECE_LEFT: good = read_parenthesis(p, o); break;
    default: return template_unexpected(p, "a command");
    }
    if (!good) return NULL;
    bool was_dot = p->token.kind == PIECE_DOT;
    if (taken) template_advance(p);
    if (was_dot && p->token.kind == PIECE_FIELD && !p->token.spaced)
        return template_unexpected(p, "an operand");
    if (!read_fields(p, o)) return NULL;
    note_dependence(p, o);
    return o;
}

/* ---- pipelines ---- */

/* Literals that a function takes to mean a pattern or an expression are read now, so that an error
 * has its place and a run compiles nothing. */
static bool prepare_literals(struct template_parser *p, const struct stage *stage) {
    struct operand *f = stage->operands, *o = f->next;
    if (f->kind != OPERAND_FUNCTION || !o || o->kind != OPERAND_TEXT) return true;
    const char *name = f->as.function->name;
    size_t where = 0;
    char why[128];
    if (strcmp(name, "match") == 0 || strcmp(name, "reReplaceAll") == 0) {
        o->as.text.search =
            regex_compile_search(p->arena, o->as.text.at, o->as.text.len, why, sizeof why, &where);
        if (!o->as.text.search)
            return template_fail(p, o->at, "bad regular expression: %s", why) != NULL;
    }
    if (strcmp(name, "query") == 0) {
        struct diags diags = {0};
        o->as.text.expr = prom_parse(p->arena, "", 1, 1, o->as.text.at, o->as.text.len, &diags);
        if (!o->as.text.expr)
            return template_fail(p, o->at, "in this query: %.120s", diags.list[0].message) != NULL;
    }
    return true;
}

static struct stage *read_stage(struct template_parser *p, enum piece end, const char *where) {
    struct stage *stage = ARENA_NEW(p->arena, struct stage, 1);
    *stage = (struct stage){0};
    for (struct operand **link = &stage->operands;
         p->token.kind != PIECE_PIPE && p->token.kind != end; link = &(*link)->next) {
        if (stage->count == TEMPLATE_ARGUMENTS)
            return template_fail(p, p->token.at, "more than %d arguments", TEMPLATE_ARGUMENTS);
        if (stage->count > 0 && !p->token.spaced && p->token.kind != PIECE_LEFT)
            return template_unexpected(p, "an operand");
        if (!(*link = read_operand(p))) return NULL;
        stage->count++;
    }
    if (stage->count == 0) return template_fail(p, p->token.at, "missing value for %s", where);
    return prepare_literals(p, stage) ? stage : NULL;
}

static bool declare(struct template_parser *p, struct pipeline *pipeline, const char *name) {
    if (p->variable_count == TEMPLATE_VARIABLES)
        return template_fail(p, p->token.at, "more than %d variables", TEMPLATE_VARIABLES) != NULL;
    pipeline->variables[pipeline->variable_count++] = p->variable_count;
    p->variables[p->variable_count++] = name;
    return true;
}

/* "$x :=", "$x =", and in a range "$i, $x :=". What it declares is known from the next action on,
 * so its name enters the table when the pipeline has been read. */
struct declaration {
    const char *names[2];
    uint32_t count;
    bool assigns;
};

static bool read_declaration(struct template_parser *p, struct declaration *d, bool in_range) {
    struct template_lexer lexer = p->lexer;
    struct template_token token = p->token;
    while (p->token.kind == PIECE_VARIABLE && d->count < 2) {
        d->names[d->count++] = p->token.text;
        template_advance(p);
        if (p->token.kind == PIECE_DECLARE || p->token.kind == PIECE_ASSIGN) {
            d->assigns = p->token.kind == PIECE_ASSIGN;
            template_advance(p);
            return true;
        }
        if (p->token.kind != PIECE_COMMA) break;
        if (!in_range) return template_fail(p, p->token.at, "too many declarations") != NULL;
        template_advance(p);
    }
    d->count = 0; /* it only begins with a variable: read it again */
    p->lexer = lexer;
    p->token = token;
    return true;
}

static bool bind_declaration(struct template_parser *p, struct pipeline *pipeline,
                             const struct declaration *d) {
    for (uint32_t i = 0; i < d->count; i++) {
        if (!d->assigns) {
            if (!declare(p, pipeline, d->names[i])) return false;
            continue;
        }
        uint32_t v = p->variable_count;
        while (v > 0 && strcmp(p->variables[v - 1], d->names[i]) != 0) v--;
        if (v == 0)
            return template_fail(p, pipeline->at, "undefined variable \"%.60s\"", d->names[i]) !=
                   NULL;
        pipeline->variables[pipeline->variable_count++] = v - 1;
    }
    return true;
}

static bool is_callable(const struct operand *o) {
    return o->kind == OPERAND_FUNCTION || o->field_count > 0;
}

struct pipeline *template_pipeline(struct template_parser *p, enum piece end, const char *where,
                                   bool in_range) {
    struct pipeline *pipeline = ARENA_NEW(p->arena, struct pipeline, 1);
    *pipeline = (struct pipeline){.at = p->token.at};
    struct declaration declaration = {{0}, 0, false};
    if (end == PIECE_CLOSE && !read_declaration(p, &declaration, in_range)) return NULL;
    struct stage **link = &pipeline->stages;
    for (;; link = &(*link)->next) {
        size_t at = p->token.at;
        if (!(*link = read_stage(p, end, where))) return NULL;
        if (link != &pipeline->stages && !is_callable((*link)->operands))
            return template_fail(p, at, "non executable command in a pipeline");
        if (p->token.kind == end) break;
        template_advance(p); /* over the bar */
        if (p->token.kind == end)
            return template_fail(p, p->token.at, "missing value for %s", where);
    }
    if (end != PIECE_CLOSE) return pipeline; /* the caller steps over the parenthesis */
    return bind_declaration(p, pipeline, &declaration) ? pipeline : NULL;
}
