/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/syntax.h"
#include "tests/runner.h"

/* The tree with every parenthesis written. */
static size_t show(const struct node *node, char *out, size_t size) {
    char a[512] = "", b[512] = "";
    switch (node->kind) {
    case NODE_NUMBER: return (size_t)snprintf(out, size, "%g", node->as.number);
    case NODE_STRING: return (size_t)snprintf(out, size, "'%s'", node->as.string);
    case NODE_SELECTOR: {
        const struct selector *s = &node->as.selector;
        return (size_t)snprintf(out, size, "%s/%u/%lld/%lld", s->metric ? s->metric : "",
                                s->matcher_count, (long long)s->range_ms,
                                (long long)s->shift.offset_ms);
    }
    case NODE_SUBQUERY:
        show(node->as.subquery.child, a, sizeof a);
        return (size_t)snprintf(out, size, "%s[%lld:%lld]", a,
                                (long long)node->as.subquery.range_ms,
                                (long long)node->as.subquery.step_ms);
    case NODE_CALL:
        if (node->as.call.count > 0) show(node->as.call.arguments[0], a, sizeof a);
        return (size_t)snprintf(out, size, "%s(%s%s)", node->as.call.name, a,
                                node->as.call.count > 1 ? ",.." : "");
    case NODE_AGGREGATE:
        show(node->as.aggregate.child, a, sizeof a);
        return (size_t)snprintf(out, size, "agg%d:%s%u(%s)", (int)node->as.aggregate.op,
                                node->as.aggregate.without ? "-" : "",
                                node->as.aggregate.labels.count, a);
    case NODE_UNARY:
        show(node->as.unary.child, a, sizeof a);
        return (size_t)snprintf(out, size, "(%c%s)", node->as.unary.negative ? '-' : '+', a);
    case NODE_BINARY:
        show(node->as.binary.left, a, sizeof a);
        show(node->as.binary.right, b, sizeof b);
        return (size_t)snprintf(out, size, "(%s %s%s %s)", a, operator_text(node->as.binary.op),
                                node->as.binary.returns_bool ? " bool" : "", b);
    }
    return 0;
}

static struct prom_expr *parse(struct arena *arena, const char *text, struct diags *diags) {
    *diags = (struct diags){0};
    return prom_parse(arena, "rules.yaml", 1, 1, text, strlen(text), diags);
}

static void trees_follow_precedence(void) {
    static const struct {
        const char *text, *tree;
    } cases[] = {
        {"1 + 2 * 3", "(1 + (2 * 3))"},
        {"1 - 2 - 3", "((1 - 2) - 3)"},
        {"2 ^ 3 ^ 2", "(2 ^ (3 ^ 2))"},
        {"-2 ^ 2", "(-(2 ^ 2))"},
        {"-2 * 3", "((-2) * 3)"},
        {"2 * -3", "(2 * (-3))"},
        {"2 ^ -1 * 3", "((2 ^ (-1)) * 3)"},
        {"a or b and c", "(a/1/0/0 or (b/1/0/0 and c/1/0/0))"},
        {"a and b unless c", "((a/1/0/0 and b/1/0/0) unless c/1/0/0)"},
        {"a + b > c and d", "(((a/1/0/0 + b/1/0/0) > c/1/0/0) and d/1/0/0)"},
        {"a == bool b % 2", "(a/1/0/0 == bool (b/1/0/0 % 2))"},
        {"a OR b", "(a/1/0/0 or b/1/0/0)"},
        {"rate(x{a='1',b!=\"2\",}[1h] offset -5m)", "rate(x/3/3600000/-300000)"},
        {"rate(x[300])", "rate(x/1/300000/0)"},
        {"sum by (a, b) (x)", "agg0:2(x/1/0/0)"},
        {"max(x) without (a,)", "agg3:-1(x/1/0/0)"},
        {"sum by () (x)", "agg0:0(x/1/0/0)"},
        {"Count(x)", "agg4:0(x/1/0/0)"},
        {"sum", "sum/1/0/0"},
        {"sum + by * offset", "(sum/1/0/0 + (by/1/0/0 * offset/1/0/0))"},
        {"start{a=\"b\"} - end", "(start/2/0/0 - end/1/0/0)"},
        {"rate(x[5m])[1h:1m] offset 1m", "rate(x/1/300000/0)[3600000:60000]"},
        {"(a + b)[1h:]", "(a/1/0/0 + b/1/0/0)[3600000:0]"},
        {"topk by (a) (3, x)", "agg9:1(x/1/0/0)"},
        {"x atan2 y * 2 ^ 3", "((x/1/0/0 atan2 y/1/0/0) * (2 ^ 3))"},
        {"x[1h] @ start() offset 1m", "x/1/3600000/60000"},
        {"x offset 1m @ -1.5", "x/1/0/60000"},
        {"label_join(x, 'a', '-', 'b', 'c', 'd')", "label_join(x/1/0/0,..)"},
        {"a:b:c", "a:b:c/1/0/0"},
        {"{__name__=\"x\"}", "x/1/0/0"},
        {"{\"x y\", \"l m\"=\"1\"}", "x y/2/0/0"},
        {"clamp_max(x, 3)", "clamp_max(x/1/0/0,..)"},
        {"a * on (b) group_left (c, d) e", "(a/1/0/0 * e/1/0/0)"},
        {"a # comment\n + # more\n b", "(a/1/0/0 + b/1/0/0)"},
        {"+Inf - inF", "((+inf) - inf)"},
        {"((a))", "a/1/0/0"},
    };
    struct arena arena;
    arena_open(&arena);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct diags diags;
        char got[1024];
        diags = (struct diags){0};
        const struct prom_expr *e = prom_parse_query(&arena, "rules.yaml", 1, 1, cases[i].text,
                                                     strlen(cases[i].text), &diags, NULL);
        if (!e) printf("\n  %s: %s\n", cases[i].text, diags.list[0].message);
        CU_ASSERT_PTR_NOT_NULL_FATAL(e);
        show(e->root, got, sizeof got);
        if (strcmp(got, cases[i].tree) != 0) printf("\n  %s: got %s\n", cases[i].text, got);
        CU_ASSERT_STRING_EQUAL(got, cases[i].tree);
    }
    arena_close(&arena);
}

static void errors_have_places(void) {
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } cases[] = {
        {"", 1, 1, "expected a metric, a number, a function or \"(\", got the end"},
        {"a +", 1, 4, "got the end of the expression"},
        {"a b", 1, 3, "expected an operator or the end, got name \"b\""},
        {"(a", 1, 3, "expected \")\" or an operator"},
        {"a[5m", 1, 5, "expected \"]\""},
        {"a[b]", 1, 3, "expected a duration like 5m, got name \"b\""},
        {"a[0s]", 1, 3, "longer than zero"},
        {"a[5q]", 1, 3, "bad number or duration"},
        {"a{b=c}", 1, 5, "expected a string in quotes, got name \"c\""},
        {"a{b \"c\"}", 1, 5, "expected =, !=, =~ or !~"},
        {"a{b=\"c\" d=\"e\"}", 1, 9, "expected \",\" or \"}\""},
        {"a{b=\"c", 1, 5, "string without its closing quote"},
        {"a{__name__=\"b\"}", 1, 3, "metric name is given twice"},
        {"{a=~\".*\"}", 1, 1, "does not match the empty string"},
        {"{}", 1, 1, "does not match the empty string"},
        {"{a!=\"b\"}", 1, 1, "does not match the empty string"},
        {"a{b=~\"x(\"}", 1, 9, "regular expression: missing closing parenthesis"},
        {"a{b=~\"x(?=y)\"}", 1, 8, "lookahead is not in RE2"},
        {"a{b=~\"x(?<!y)\"}", 1, 8, "lookbehind is not in RE2"},
        {"a{b=~\"(x)\\\\1\"}", 1, 6, "backreferences are not in RE2"},
        {"a{b=~`(x)\\1`}", 1, 10, "backreferences are not in RE2"},
        {"a{b=~\"x++\"}", 1, 9, "possessive"},
        {"a{b=~\"(?>x)\"}", 1, 7, "not in RE2"},
        {"a{b=~\"(*UCP)x\"}", 1, 7, "verbs"},
        {"ratee(a[5m])", 1, 1, "unknown function \"ratee\"; did you mean \"rate\"?"},
        {"zzzzzzzz(a)", 1, 1, "unknown function \"zzzzzzzz\""},
        {"1 + holt_winters(a[5m], 1, 1)", 1, 5, "holt_winters() is experimental"},
        {"limitk(3, a)", 1, 1, "limitk is experimental in Prometheus"},
        {"histogram_avg(a)", 1, 1, "histogram_avg() is for native histograms"},
        {"a anchored", 1, 3, "anchored is experimental"},
        {"a + fill(1) b", 1, 5, "fill is experimental"},
        {"topk(a)", 1, 7, "expected \",\" and the vector"},
        {"topk(a, a)", 1, 6, "the parameter of topk() must be a scalar, not an instant vector"},
        {"count_values(1, a)", 1, 14, "the parameter of count_values() must be a string"},
        {"count_values(\"\", a)", 1, 14, "no label name"},
        {"a[2 * 5m]", 1, 5, "a duration expression is experimental"},
        {"a[step()]", 1, 3, "a duration expression is experimental"},
        {"a offset (5m)", 1, 10, "a duration expression is experimental"},
        {"a[5m:0s]", 1, 6, "a step must be longer than zero"},
        {"a[5m:1m] + 1", 1, 1, "the left side of + must be"},
        {"1[5m:1m]", 1, 1, "what a subquery repeats must be an instant vector"},
        {"(a)[5m]", 1, 4, "a range [...] can only follow a selector"},
        {"a offset 1m [5m]", 1, 13, "offset and @ go after the range"},
        {"(a) offset 1m", 1, 5, "offset can only follow"},
        {"a @ Inf", 1, 5, "out of bounds"},
        {"a @ 1 @ 2", 1, 7, "@ is given twice"},
        {"a @ now()", 1, 5, "expected a time in seconds, start() or end()"},
        {"label_replace(a, 'b', 'c', 'd', '(')", 1, 33, "regular expression: missing closing"},
        {"label_join(a, 'b')", 1, 1, "label_join() takes at least 3 arguments, not 2"},
        {"on + 1", 1, 1, "this word stands between operands"},
        {"rate(a)", 1, 6, "argument 1 of rate() must be a range vector like x[5m], not an instant"},
        {"rate(a[5m], 1)", 1, 1, "rate() takes 1 argument, not 2"},
        {"clamp_min(a)", 1, 1, "clamp_min() takes 2 arguments, not 1"},
        {"sum(1)", 1, 5, "what is aggregated must be an instant vector"},
        {"sum by (a) by (b) (c)", 1, 12, "expected \"(\""},
        {"sum by (a) (c) by (b)", 1, 16, "one by or without"},
        {"a[5m]", 1, 1, "a range vector must stand in a function"},
        {"a[5m] + 1", 1, 1, "the left side of + must be a scalar or an instant vector"},
        {"a and 1", 1, 7, "the right side of and must be an instant vector, not a scalar"},
        {"1 == 1", 1, 3, "comparisons between scalars must use bool"},
        {"a + bool b", 1, 5, "bool can only follow a comparison"},
        {"a + on (b) 1", 1, 3, "on and ignoring can only stand between two instant vectors"},
        {"a + group_left (b) c", 1, 5, "group_left and group_right need on(...)"},
        {"a and on (b) group_left c", 1, 14, "and, or and unless take no grouping"},
        {"a + on (b) group_left (b) c", 1, 3, "a label cannot be both"},
        {"a offset b", 1, 10, "expected a duration like 5m"},
        {"a offset 5m offset 5m", 1, 13, "offset is given twice"},
        {"(a) offset 5m", 1, 5, "offset can only follow a selector"},
        {"a offset 5m [5m]", 1, 13, "offset and @ go after the range"},
        {"(a)[5m]", 1, 4, "a range [...] can only follow a selector"},
        {"-\"x\"", 1, 2, "what a sign stands before must be"},
        {"a\n  + b $", 2, 7, "character that PromQL does not know"},
        {"a # not closed (\n)", 2, 1, "expected an operator or the end, got \")\""},
    };
    struct arena arena;
    arena_open(&arena);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct diags diags;
        CU_ASSERT_PTR_NULL(parse(&arena, cases[i].text, &diags));
        CU_ASSERT_EQUAL_FATAL(diags.errors, 1);
        const struct diag *d = &diags.list[0];
        bool same = d->line == cases[i].line && d->column == cases[i].column &&
                    strstr(d->message, cases[i].part);
        if (!same) printf("\n  %s -> %d:%d %s\n", cases[i].text, d->line, d->column, d->message);
        CU_ASSERT(same);
    }
    arena_close(&arena);
}

static const char *repeated(struct arena *arena, const char *part, size_t times, const char *end) {
    size_t len = strlen(part);
    char *text = arena_take(arena, times * len + strlen(end) + 1, 1);
    for (size_t i = 0; i < times; i++) memcpy(text + i * len, part, len);
    memcpy(text + times * len, end, strlen(end));
    return text;
}

static void limits_hold(void) {
    static const struct {
        const char *part, *end, *message;
        size_t times;
    } cases[] = {
        {"(", "1", "nested", 5000},    {"-", "1", "nested", 5000},
        {"1+", "1", "nested", 500},    {"abs(", "x", "nested", 3000},
        {"1^", "1", "nested", 3000},   {" ", "1", "longer than 64 KiB", 70000},
        {"sum(", "x", "nested", 3000},
    };
    struct arena arena;
    arena_open(&arena);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct diags diags;
        CU_ASSERT_PTR_NULL(
            parse(&arena, repeated(&arena, cases[i].part, cases[i].times, cases[i].end), &diags));
        CU_ASSERT_PTR_NOT_NULL(strstr(diags.list[0].message, cases[i].message));
    }
    struct diags diags;
    CU_ASSERT_PTR_NOT_NULL(parse(&arena, repeated(&arena, "1+", 90, "1"), &diags));
    arena_close(&arena);
}

static void types_are_known(void) {
    struct arena arena;
    struct diags diags;
    arena_open(&arena);
    CU_ASSERT_EQUAL(prom_expr_type(parse(&arena, "1 + time()", &diags)), PROM_SCALAR);
    CU_ASSERT_EQUAL(prom_expr_type(parse(&arena, "1 + a", &diags)), PROM_VECTOR);
    CU_ASSERT_EQUAL(prom_expr_type(parse(&arena, "'a'", &diags)), PROM_STRING);
    CU_ASSERT_EQUAL(prom_expr_type(parse(&arena, "scalar(a) > bool 1", &diags)), PROM_SCALAR);
    arena_close(&arena);
}

TEST_MAIN("PromQL parser", TEST(trees_follow_precedence), TEST(errors_have_places),
          TEST(limits_hold), TEST(types_are_known))
