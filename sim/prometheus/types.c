/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may stand where: every node gets its type, and what Prometheus would refuse to load is
 * refused here, before anything is evaluated. */
#include "sim/prometheus/syntax.h"
#include "engine/base/text.h"

struct checker {
    struct arena *arena;
    const char *file;
    struct diags *diags;
    const char *unsupported;
};

const char *type_name(enum prom_type type) {
    static const char *const names[] = {
        [PROM_SCALAR] = "scalar",
        [PROM_VECTOR] = "instant vector",
        [PROM_MATRIX] = "range vector",
        [PROM_STRING] = "string",
    };
    return names[type];
}

static bool wrong(struct checker *c, const struct node *at, const char *message) {
    diag_error(c->diags, c->file, at->line, at->column, "%s", message);
    return false;
}

static bool wrong_type(struct checker *c, const struct node *at, const char *where,
                       const char *expected) {
    diag_error(c->diags, c->file, at->line, at->column, "%s must be %s, not %s %s", where, expected,
               at->type == PROM_VECTOR ? "an" : "a", type_name(at->type));
    return false;
}

static bool check(struct checker *c, struct node *node);

/* ---- selectors ---- */

static bool matches_empty(const struct matcher *m) {
    bool equal = m->regex ? regex_matches_empty(m->regex) : m->value[0] == '\0';
    return equal == (m->kind == MATCH_EQUAL || m->kind == MATCH_REGEX);
}

static bool check_selector(struct checker *c, struct node *node) {
    const struct selector *s = &node->as.selector;
    node->type = s->range_ms > 0 ? PROM_MATRIX : PROM_VECTOR;
    for (uint32_t i = 0; i < s->matcher_count; i++)
        if (!matches_empty(&s->matchers[i])) return true;
    return wrong(c, node,
                 "a selector must have a metric name or one matcher that does not match the empty "
                 "string");
}

/* ---- calls ---- */

static bool known_function(struct checker *c, struct node *node) {
    const char *name = node->as.call.name;
    const struct function *f = function_find(name, strlen(name));
    node->as.call.function = f;
    if (f && f->shape != SHAPE_EXPERIMENTAL && f->shape != SHAPE_HISTOGRAM) return true;
    if (f) {
        c->unsupported = f->name;
        diag_error(c->diags, c->file, node->line, node->column,
                   f->shape == SHAPE_HISTOGRAM
                       ? "%s() is for native histograms, which are not supported"
                       : "%s() is experimental in Prometheus, and not supported",
                   name);
        return false;
    }
    const char *names[FUNCTIONS_MAX];
    const char *nearest = nearest_name(name, strlen(name), names, function_names(names));
    diag_error(c->diags, c->file, node->line, node->column,
               nearest ? "unknown function \"%.80s\"; did you mean \"%s\"?"
                       : "unknown function \"%.80s\"%s",
               name, nearest ? nearest : "");
    return false;
}

static enum prom_type type_of_letter(char letter) {
    return letter == 's'   ? PROM_SCALAR
           : letter == 'v' ? PROM_VECTOR
           : letter == 'm' ? PROM_MATRIX
                           : PROM_STRING;
}

/* How many arguments a function takes: a '?' begins the optional ones, a '*' ends an open list. */
static bool check_count(struct checker *c, const struct node *node) {
    const struct function *f = node->as.call.function;
    const char *optional = strchr(f->arguments, '?');
    bool open = strchr(f->arguments, '*') != NULL;
    size_t most = strlen(f->arguments) - (optional ? 1 : 0);
    size_t least = optional ? (size_t)(optional - f->arguments) : most;
    uint32_t count = node->as.call.count;
    if (count >= least && (count <= most || open)) return true;
    size_t bound = count < least ? least : most;
    diag_error(c->diags, c->file, node->line, node->column, "%s() takes %s%zu argument%s, not %u",
               f->name,
               least == most && !open ? ""
               : count < least        ? "at least "
                                      : "at most ",
               bound, bound == 1 ? "" : "s", count);
    return false;
}

/* Strings must be written out: what a pattern or a label's name is, is known before evaluation. */
static bool check_label_name(struct checker *c, const struct node *argument) {
    const char *name = argument->as.string;
    size_t len = strlen(name), at = 0, used = 1;
    for (; at < len && used > 0; at += used) used = utf8_sequence(name + at, len - at);
    return (len > 0 && used > 0) || wrong(c, argument, "this is no label name");
}

/* label_replace(v, label, replacement, source, pattern), label_join(v, label, separator, ...). */
static bool check_label_function(struct checker *c, struct node *node) {
    struct node **arguments = node->as.call.arguments;
    if (!check_label_name(c, arguments[1])) return false;
    if (node->as.call.function->whole == WHOLE_LABEL_JOIN) return true;
    char why[120];
    size_t where;
    const char *pattern = arguments[4]->as.string;
    node->as.call.regex =
        regex_compile(c->arena, pattern, strlen(pattern), why, sizeof why, &where);
    if (node->as.call.regex) return true;
    diag_error(c->diags, c->file, arguments[4]->line, arguments[4]->column,
               "regular expression: %s", why);
    return false;
}

static bool check_call(struct checker *c, struct node *node) {
    static const char *const with_article[] = {
        [PROM_SCALAR] = "a scalar",
        [PROM_VECTOR] = "an instant vector",
        [PROM_MATRIX] = "a range vector like x[5m]",
        [PROM_STRING] = "a string",
    };
    if (!known_function(c, node)) return false;
    const struct function *f = node->as.call.function;
    uint32_t count = node->as.call.count;
    if (!check_count(c, node)) return false;
    const char *letter = f->arguments;
    for (uint32_t i = 0; i < count; i++, letter++) {
        struct node *argument = node->as.call.arguments[i];
        if (*letter == '?') letter++;
        if (*letter == '*') letter--; /* as the one before */
        if (!check(c, argument)) return false;
        enum prom_type type = type_of_letter(*letter);
        char where[80];
        snprintf(where, sizeof where, "argument %u of %s()", i + 1, f->name);
        if (argument->type != type) return wrong_type(c, argument, where, with_article[type]);
    }
    node->type = f->result;
    bool labels = f->shape == SHAPE_WHOLE &&
                  (f->whole == WHOLE_LABEL_REPLACE || f->whole == WHOLE_LABEL_JOIN);
    return !labels || check_label_function(c, node);
}

/* ---- operators ---- */

static bool is_arithmetic_type(enum prom_type type) {
    return type == PROM_SCALAR || type == PROM_VECTOR;
}

static bool check_matching(struct checker *c, const struct node *node) {
    const struct matching *m = &node->as.binary.matching;
    for (uint32_t i = 0; m->on && i < m->labels.count; i++)
        for (uint32_t j = 0; j < m->include.count; j++)
            if (strcmp(m->labels.names[i], m->include.names[j]) == 0)
                return wrong(c, node,
                             "a label cannot be both in on(...) and in group_left(...) or "
                             "group_right(...)");
    return true;
}

static bool check_binary(struct checker *c, struct node *node) {
    struct node *left = node->as.binary.left, *right = node->as.binary.right;
    enum binary_operator op = node->as.binary.op;
    if (!check(c, left) || !check(c, right)) return false;
    const char *expected =
        operator_is_set(op) ? "an instant vector" : "a scalar or an instant vector";
    char where[40];
    for (int side = 0; side < 2; side++) {
        const struct node *operand = side == 0 ? left : right;
        bool fits =
            operator_is_set(op) ? operand->type == PROM_VECTOR : is_arithmetic_type(operand->type);
        snprintf(where, sizeof where, "the %s side of %s", side == 0 ? "left" : "right",
                 operator_text(op));
        if (!fits) return wrong_type(c, operand, where, expected);
    }
    bool scalars = left->type == PROM_SCALAR && right->type == PROM_SCALAR;
    if (scalars && operator_is_comparison(op) && !node->as.binary.returns_bool)
        return wrong(c, node, "comparisons between scalars must use bool");
    if ((left->type == PROM_SCALAR || right->type == PROM_SCALAR) &&
        node->as.binary.matching.stated)
        return wrong(c, node, "on and ignoring can only stand between two instant vectors");
    node->type = scalars ? PROM_SCALAR : PROM_VECTOR;
    return check_matching(c, node);
}

static bool check_unary(struct checker *c, struct node *node) {
    struct node *child = node->as.unary.child;
    if (!check(c, child)) return false;
    node->type = child->type;
    return is_arithmetic_type(child->type) ||
           wrong_type(c, child, "what a sign stands before", "a scalar or an instant vector");
}

static bool check_aggregate(struct checker *c, struct node *node) {
    struct node *child = node->as.aggregate.child, *parameter = node->as.aggregate.parameter;
    enum aggregator op = node->as.aggregate.op;
    char where[40];
    node->type = PROM_VECTOR;
    if (parameter) {
        enum prom_type type = op == AGGREGATE_COUNT_VALUES ? PROM_STRING : PROM_SCALAR;
        snprintf(where, sizeof where, "the parameter of %s()", aggregator_text(op));
        if (!check(c, parameter)) return false;
        if (parameter->type != type)
            return wrong_type(c, parameter, where, type == PROM_STRING ? "a string" : "a scalar");
        if (op == AGGREGATE_COUNT_VALUES && !check_label_name(c, parameter)) return false;
    }
    return check(c, child) && (child->type == PROM_VECTOR ||
                               wrong_type(c, child, "what is aggregated", "an instant vector"));
}

static bool check_subquery(struct checker *c, struct node *node) {
    struct node *child = node->as.subquery.child;
    node->type = PROM_MATRIX;
    return check(c, child) &&
           (child->type == PROM_VECTOR ||
            wrong_type(c, child, "what a subquery repeats", "an instant vector"));
}

static bool check(struct checker *c, struct node *node) {
    switch (node->kind) {
    case NODE_NUMBER: node->type = PROM_SCALAR; return true;
    case NODE_STRING: node->type = PROM_STRING; return true;
    case NODE_SELECTOR: return check_selector(c, node);
    case NODE_SUBQUERY: return check_subquery(c, node);
    case NODE_CALL: return check_call(c, node);
    case NODE_AGGREGATE: return check_aggregate(c, node);
    case NODE_UNARY: return check_unary(c, node);
    case NODE_BINARY: return check_binary(c, node);
    }
    return false;
}

bool check_types(struct arena *arena, struct node *root, const char *file, struct diags *diags,
                 const char **unsupported) {
    struct checker c = {arena, file, diags, NULL};
    bool good = check(&c, root);
    if (unsupported) *unsupported = c.unsupported;
    return good;
}

static struct prom_expr *read(struct arena *arena, const struct origin *origin, const char *text,
                              size_t len, struct diags *diags, const char **unsupported) {
    struct node *root = parse_expression(arena, origin, text, len, diags, unsupported);
    if (!root || !check_types(arena, root, origin->file, diags, unsupported)) return NULL;
    struct prom_expr *e = ARENA_NEW(arena, struct prom_expr, 1);
    e->root = root;
    return e;
}

struct prom_expr *expression_read(struct arena *arena, const struct origin *origin,
                                  const char *text, size_t len, struct diags *diags) {
    struct prom_expr *e = read(arena, origin, text, len, diags, NULL);
    if (!e || e->root->type != PROM_MATRIX) return e;
    diag_error(diags, origin->file, e->root->line, e->root->column,
               "a range vector must stand in a function like rate()");
    return NULL;
}

struct prom_expr *prom_parse(struct arena *arena, const char *file, int line, int column,
                             const char *text, size_t len, struct diags *diags) {
    struct origin origin = {.file = file, .line = line, .column = column};
    return expression_read(arena, &origin, text, len, diags);
}

struct prom_expr *prom_parse_query(struct arena *arena, const char *file, int line, int column,
                                   const char *text, size_t len, struct diags *diags,
                                   const char **unsupported) {
    struct origin origin = {.file = file, .line = line, .column = column};
    return read(arena, &origin, text, len, diags, unsupported);
}

enum prom_type prom_expr_type(const struct prom_expr *e) { return e->root->type; }
