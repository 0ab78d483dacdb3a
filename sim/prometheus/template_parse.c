/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A template's tree. Recursive descent; blocks nest at most TEMPLATE_DEPTH deep. */
#include "engine/base/check.h"
#include "sim/prometheus/template_parser.h"

/* How a list of nodes ended. */
enum ending { ENDING_TEXT, ENDING_END, ENDING_ELSE, ENDING_FAILED };

/* ---- nodes ---- */

static struct template_node *node_new(struct template_parser *p, enum template_node_kind kind) {
    if (!template_count(p)) return NULL;
    struct template_node *node = ARENA_NEW(p->arena, struct template_node, 1);
    *node = (struct template_node){.kind = kind, .at = p->token.at};
    return node;
}

static enum ending read_list(struct template_parser *p, struct template_node **link, bool in_block);

static bool close_action(struct template_parser *p, const char *where) {
    return p->token.kind == PIECE_CLOSE || template_unexpected(p, where) != NULL;
}

static bool read_else(struct template_parser *p, struct template_node *node);

static bool read_block(struct template_parser *p, struct template_node *node, const char *word) {
    uint32_t variables = p->variable_count;
    bool in_range = node->kind == TEMPLATE_RANGE;
    if (!template_enter(p)) return false;
    node->pipeline = template_pipeline(p, PIECE_CLOSE, word, in_range);
    if (!node->pipeline) return false;
    uint32_t declared = p->variable_count;
    p->loops += in_range;
    enum ending ending = read_list(p, &node->body, true);
    p->loops -= in_range;
    p->variable_count = declared;
    if (ending == ENDING_ELSE && !read_else(p, node)) return false;
    if (ending == ENDING_TEXT)
        template_fail(p, p->lexer.len, "unexpected end of the text: {{%s}} has no {{end}}", word);
    p->depth--;
    p->variable_count = variables;
    return !p->failed;
}

/* Behind "{{else": another condition, or the other list; to behind "{{end}}". */
static bool read_else(struct template_parser *p, struct template_node *node) {
    if (template_is_word(p, "if") || template_is_word(p, "with")) {
        bool is_if = template_is_word(p, "if");
        if (node->kind == TEMPLATE_RANGE || (node->kind == TEMPLATE_IF) != is_if)
            return template_unexpected(p, "{{else}}") != NULL;
        template_advance(p);
        node->otherwise = node_new(p, node->kind);
        return node->otherwise && read_block(p, node->otherwise, is_if ? "if" : "with");
    }
    if (!close_action(p, "{{else}}")) return false;
    enum ending ending = read_list(p, &node->otherwise, true);
    if (ending == ENDING_ELSE) template_fail(p, p->token.at, "expected {{end}}, got {{else}}");
    if (ending == ENDING_TEXT)
        template_fail(p, p->lexer.len, "unexpected end of the text: {{end}} is missing");
    return !p->failed;
}

/* ---- templates by name ---- */

static bool read_name(struct template_parser *p, struct template_node *node, const char *where) {
    if (p->token.kind != PIECE_TEXT) return template_unexpected(p, where) != NULL;
    node->text = p->token.text;
    node->len = p->token.text_len;
    template_advance(p);
    return true;
}

static struct template_definition *definition_find(const struct template_parser *p,
                                                   const char *name, size_t len) {
    for (struct template_definition *d = p->definitions; d; d = d->next)
        if (d->len == len && memcmp(d->name, name, len) == 0) return d;
    return NULL;
}

static bool is_empty(const struct template_node *list) {
    for (; list; list = list->next)
        for (size_t i = 0; i < (list->kind == TEMPLATE_TEXT ? list->len : 1); i++)
            if (list->kind != TEMPLATE_TEXT || !strchr(" \t\r\n\v\f", list->text[i])) return false;
    return true;
}

/* As in Go a second definition is wrong, unless one of the two is empty. */
static bool define(struct template_parser *p, const struct template_node *node,
                   struct template_node *body) {
    struct template_definition *d = definition_find(p, node->text, node->len);
    if (d && !is_empty(d->body) && !is_empty(body))
        return template_fail(p, node->at, "multiple definition of template \"%.*s\"",
                             node->len > 60 ? 60 : (int)node->len, node->text) != NULL;
    if (d && is_empty(body)) return true;
    if (!d) {
        d = ARENA_NEW(p->arena, struct template_definition, 1);
        *d = (struct template_definition){
            .name = node->text, .len = node->len, .next = p->definitions};
        p->definitions = d;
    }
    d->body = body;
    return true;
}

/* From behind "{{define "x"}}" to behind its end. It sees no variable and no loop around it. */
static bool read_definition(struct template_parser *p, const struct template_node *node,
                            const char *word) {
    const char *variables[TEMPLATE_VARIABLES];
    uint32_t count = p->variable_count, loops = p->loops;
    struct template_node *body = NULL;
    if (!template_enter(p)) return false;
    memcpy(variables, p->variables, sizeof variables);
    p->variable_count = 1;
    p->loops = 0;
    enum ending ending = read_list(p, &body, true);
    if (ending == ENDING_ELSE) template_fail(p, p->token.at, "unexpected {{else}} in {{%s}}", word);
    if (ending == ENDING_TEXT)
        template_fail(p, p->lexer.len, "unexpected end of the text: {{%s}} has no {{end}}", word);
    memcpy(p->variables, variables, sizeof variables);
    p->variable_count = count;
    p->loops = loops;
    p->depth--;
    return !p->failed && define(p, node, body);
}

/* {{define "x"}}, {{template "x" .}}, {{block "x" .}}: of the first nothing is left in its list. */
static bool read_named(struct template_parser *p, struct template_node *node, const char *word) {
    bool defines = strcmp(word, "define") == 0, is_block = strcmp(word, "block") == 0;
    if (defines && p->depth > 0)
        return template_fail(p, node->at, "unexpected {{define}} inside of another action") != NULL;
    template_advance(p);
    if (!read_name(p, node, word)) return false;
    if (defines) {
        node->kind = TEMPLATE_TEXT;
        if (!close_action(p, "{{define}}") || !read_definition(p, node, word)) return false;
        node->len = 0;
        return true;
    }
    if (is_block || p->token.kind != PIECE_CLOSE)
        node->pipeline = template_pipeline(p, PIECE_CLOSE, word, false);
    if (p->failed) return false;
    node->otherwise = p->calls;
    p->calls = node;
    return !is_block || read_definition(p, node, word);
}

/* Who is called may stand behind the call. */
static void bind_calls(struct template_parser *p) {
    for (struct template_node *call = p->calls, *next; call; call = next) {
        next = call->otherwise;
        call->otherwise = NULL;
        call->callee = definition_find(p, call->text, call->len);
    }
}

static bool read_leave(struct template_parser *p, const char *word) {
    size_t at = p->token.at;
    template_advance(p);
    if (p->token.kind != PIECE_CLOSE) return template_unexpected(p, word) != NULL;
    return p->loops > 0 || template_fail(p, at, "{{%s}} outside {{range}}", word) != NULL;
}

/* The words that begin an action, by what they make. */
static const struct action_word {
    const char *word;
    enum template_node_kind kind;
} action_words[] = {
    {"if", TEMPLATE_IF},       {"range", TEMPLATE_RANGE},       {"with", TEMPLATE_WITH},
    {"define", TEMPLATE_CALL}, {"block", TEMPLATE_CALL},        {"template", TEMPLATE_CALL},
    {"break", TEMPLATE_BREAK}, {"continue", TEMPLATE_CONTINUE},
};

static struct template_node *read_worded(struct template_parser *p, const struct action_word *a) {
    struct template_node *node = node_new(p, a->kind);
    if (!node) return NULL;
    if (a->kind == TEMPLATE_CALL) return read_named(p, node, a->word) ? node : NULL;
    if (a->kind == TEMPLATE_BREAK || a->kind == TEMPLATE_CONTINUE)
        return read_leave(p, a->word) ? node : NULL;
    template_advance(p);
    return read_block(p, node, a->word) ? node : NULL;
}

/* What an action is; NULL with *ending set at "end" and "else", or after an error. */
static struct template_node *read_action(struct template_parser *p, bool in_block,
                                         enum ending *ending) {
    *ending = ENDING_FAILED;
    if (p->token.kind == PIECE_WORD) {
        const char *word = p->token.text;
        size_t at = p->token.at;
        bool is_end = strcmp(word, "end") == 0;
        if (is_end || strcmp(word, "else") == 0) {
            if (!in_block) return template_fail(p, at, "unexpected {{%s}}", word);
            template_advance(p);
            if (is_end && !close_action(p, "{{end}}")) return NULL;
            *ending = is_end ? ENDING_END : ENDING_ELSE;
            return NULL;
        }
        for (size_t i = 0; i < ARRAY_LEN(action_words); i++)
            if (strcmp(word, action_words[i].word) == 0) return read_worded(p, &action_words[i]);
    }
    struct template_node *node = node_new(p, TEMPLATE_ACTION);
    if (!node) return NULL;
    node->pipeline = template_pipeline(p, PIECE_CLOSE, "command", false);
    return node->pipeline ? node : NULL;
}

static enum ending read_list(struct template_parser *p, struct template_node **link,
                             bool in_block) {
    for (*link = NULL;;) {
        const char *text;
        size_t len;
        bool action = template_text(&p->lexer, &text, &len);
        if (len > 0) {
            if (!(*link = node_new(p, TEMPLATE_TEXT))) return ENDING_FAILED;
            (*link)->text = text;
            (*link)->len = len;
            link = &(*link)->next;
        }
        if (!action) return ENDING_TEXT;
        p->template->plain = false;
        template_advance(p);
        if (p->token.kind == PIECE_CLOSE && p->token.comment) continue;
        enum ending ending;
        struct template_node *node = read_action(p, in_block, &ending);
        if (!node) return ending;
        *link = node;
        link = &node->next;
    }
}

struct template *template_parse(struct arena *arena, const char *text, size_t len,
                                struct template_error *error) {
    static const char *const given[VARIABLES_GIVEN] = {
        [VARIABLE_ROOT] = "$",
        [VARIABLE_LABELS] = "$labels",
        [VARIABLE_EXTERNAL] = "$externalLabels",
        [VARIABLE_URL] = "$externalURL",
        [VARIABLE_VALUE] = "$value",
    };
    struct template_parser *p = ARENA_NEW(arena, struct template_parser, 1);
    *p =
        (struct template_parser){.arena = arena, .error = error, .variable_count = VARIABLES_GIVEN};
    p->lexer = (struct template_lexer){.arena = arena, .text = text, .len = len};
    memcpy(p->variables, given, sizeof given);
    p->template = ARENA_NEW(arena, struct template, 1);
    *p->template = (struct template){.plain = true, .of_labels = true};
    if (len > TEMPLATE_BYTES) return template_fail(p, 0, "the template is longer than 64 KiB");
    read_list(p, &p->template->first, false);
    bind_calls(p);
    return p->failed ? NULL : p->template;
}
