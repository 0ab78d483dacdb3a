/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may stand where: every node gets its type, and what Prometheus would refuse to load is
 * refused here, before anything is evaluated. */
#include "sim/prometheus/syntax.h"
#include <math.h>

struct checker {
    const char *file;
    struct diags *diags;
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

static bool wrong(const struct checker *c, const struct node *at, const char *message) {
    diag_error(c->diags, c->file, at->line, at->column, "%s", message);
    return false;
}

static bool wrong_type(const struct checker *c, const struct node *at, const char *where,
                       const char *expected) {
    diag_error(c->diags, c->file, at->line, at->column, "%s must be %s, not a %s", where, expected,
               type_name(at->type));
    return false;
}

static bool check(const struct checker *c, struct node *node);

/* ---- selectors ---- */

static bool matches_empty(const struct matcher *m) {
    bool equal = m->regex ? regex_matches_empty(m->regex) : m->value[0] == '\0';
    return equal == (m->kind == MATCH_EQUAL || m->kind == MATCH_REGEX);
}

static bool check_selector(const struct checker *c, struct node *node) {
    const struct selector *s = &node->as.selector;
    node->type = s->range_ms > 0 ? PROM_MATRIX : PROM_VECTOR;
    for (uint32_t i = 0; i < s->matcher_count; i++)
        if (!matches_empty(&s->matchers[i])) return true;
    return wrong(c, node,
                 "a selector must have a metric name or one matcher that does not match the empty "
                 "string");
}

/* ---- calls ---- */

static bool known_function(const struct checker *c, struct node *node) {
    const char *name = node->as.call.name;
    const struct function *f = function_find(name, strlen(name));
    node->as.call.function = f;
    if (f && f->shape != SHAPE_MISSING) return true;
    if (f) {
        diag_error(c->diags, c->file, node->line, node->column, "%s() is not supported yet", name);
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

static bool check_call(const struct checker *c, struct node *node) {
    static const char *const with_article[] = {
        [PROM_SCALAR] = "a scalar",
        [PROM_VECTOR] = "an instant vector",
        [PROM_MATRIX] = "a range vector like x[5m]",
        [PROM_STRING] = "a string",
    };
    if (!known_function(c, node)) return false;
    const struct function *f = node->as.call.function;
    const char *optional = strchr(f->arguments, '?');
    size_t most = strlen(f->arguments) - (optional ? 1 : 0);
    size_t least = optional ? (size_t)(optional - f->arguments) : most;
    uint32_t count = node->as.call.count;
    if (count < least || count > most) {
        diag_error(c->diags, c->file, node->line, node->column,
                   "%s() takes %s%zu argument%s, not %u", f->name,
                   least == most  ? ""
                   : count < most ? "at least "
                                  : "at most ",
                   count < least ? least : most, (count < least ? least : most) == 1 ? "" : "s",
                   count);
        return false;
    }
    const char *letter = f->arguments;
    for (uint32_t i = 0; i < count; i++, letter++) {
        struct node *argument = node->as.call.arguments[i];
        if (*letter == '?') letter++;
        if (!check(c, argument)) return false;
        enum prom_type type = type_of_letter(*letter);
        char where[80];
        snprintf(where, sizeof where, "argument %u of %s()", i + 1, f->name);
        if (argument->type != type) return wrong_type(c, argument, where, with_article[type]);
    }
    node->type = f->result;
    return true;
}

/* ---- operators ---- */

static bool is_arithmetic_type(enum prom_type type) {
    return type == PROM_SCALAR || type == PROM_VECTOR;
}

/* The value of an exponent that is known now; NaN when it is not. */
static double constant(const struct node *node) {
    if (node->kind == NODE_NUMBER) return node->as.number;
    if (node->kind == NODE_UNARY)
        return node->as.unary.negative ? -constant(node->as.unary.child)
                                       : constant(node->as.unary.child);
    if (node->kind == NODE_BINARY && node->as.binary.op == OPERATOR_POWER)
        return whole_power(constant(node->as.binary.left), node->as.binary.exponent);
    return NAN;
}

/* x ^ n is done by multiplication, so n must be known, whole and small. */
static bool check_exponent(const struct checker *c, struct node *node) {
    double value = constant(node->as.binary.right);
    if (!(fabs(value) <= EXPRESSION_EXPONENT) || value != floor(value))
        return wrong(c, node->as.binary.right,
                     "only whole numbers up to 64 are supported as exponents yet");
    node->as.binary.exponent = (int)value;
    return true;
}

static bool check_matching(const struct checker *c, const struct node *node) {
    const struct matching *m = &node->as.binary.matching;
    for (uint32_t i = 0; m->on && i < m->labels.count; i++)
        for (uint32_t j = 0; j < m->include.count; j++)
            if (strcmp(m->labels.names[i], m->include.names[j]) == 0)
                return wrong(c, node,
                             "a label cannot be both in on(...) and in group_left(...) or "
                             "group_right(...)");
    return true;
}

static bool check_binary(const struct checker *c, struct node *node) {
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
    if (op == OPERATOR_POWER && !check_exponent(c, node)) return false;
    return check_matching(c, node);
}

static bool check_unary(const struct checker *c, struct node *node) {
    struct node *child = node->as.unary.child;
    if (!check(c, child)) return false;
    node->type = child->type;
    return is_arithmetic_type(child->type) ||
           wrong_type(c, child, "what a sign stands before", "a scalar or an instant vector");
}

static bool check_aggregate(const struct checker *c, struct node *node) {
    struct node *child = node->as.aggregate.child;
    node->type = PROM_VECTOR;
    return check(c, child) && (child->type == PROM_VECTOR ||
                               wrong_type(c, child, "what is aggregated", "an instant vector"));
}

static bool check(const struct checker *c, struct node *node) {
    switch (node->kind) {
    case NODE_NUMBER: node->type = PROM_SCALAR; return true;
    case NODE_STRING: node->type = PROM_STRING; return true;
    case NODE_SELECTOR: return check_selector(c, node);
    case NODE_CALL: return check_call(c, node);
    case NODE_AGGREGATE: return check_aggregate(c, node);
    case NODE_UNARY: return check_unary(c, node);
    case NODE_BINARY: return check_binary(c, node);
    }
    return false;
}

bool check_types(struct node *root, const char *file, struct diags *diags) {
    struct checker c = {file, diags};
    if (!check(&c, root)) return false;
    return root->type != PROM_MATRIX ||
           wrong(&c, root, "a range vector must stand in a function like rate()");
}

struct prom_expr *expression_read(struct arena *arena, const struct origin *origin,
                                  const char *text, size_t len, struct diags *diags) {
    struct node *root = parse_expression(arena, origin, text, len, diags);
    if (!root || !check_types(root, origin->file, diags)) return NULL;
    struct prom_expr *e = ARENA_NEW(arena, struct prom_expr, 1);
    e->root = root;
    return e;
}

struct prom_expr *prom_parse(struct arena *arena, const char *file, int line, int column,
                             const char *text, size_t len, struct diags *diags) {
    struct origin origin = {.file = file, .line = line, .column = column};
    return expression_read(arena, &origin, text, len, diags);
}

enum prom_type prom_expr_type(const struct prom_expr *e) { return e->root->type; }
