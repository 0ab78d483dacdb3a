/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/differential/expressions.h"
#include "engine/base/text.h"
#include <math.h>

/* ---- samples ---- */

enum shape { COUNTER, GAUGE, CONSTANT, BUCKET };

struct maker {
    struct prom *prom;
    struct prng random;
};

static double next_value(struct maker *m, enum shape shape, double now, double weight) {
    uint64_t draw = prng_below(&m->random, 100);
    switch (shape) {
    case COUNTER: return draw < 4 ? 0 : now + (double)prng_below(&m->random, 40);
    case BUCKET: return now + floor(weight * (double)prng_below(&m->random, 20));
    case GAUGE: return draw < 3 ? NAN : draw < 4 ? INFINITY : (double)draw * 0.5 - 20;
    case CONSTANT: break;
    }
    return now;
}

static void make(struct maker *m, enum shape shape, double first, double weight,
                 const struct prom_label *labels, uint32_t count) {
    uint32_t id = prom_series(m->prom, labels, count);
    double value = first;
    int64_t at_ms = BEGIN_MS + (int64_t)prng_below(&m->random, 4) * 2500;
    for (; at_ms < BEGIN_MS + LENGTH_MS; at_ms += STEP_MS) {
        uint64_t draw = prng_below(&m->random, 200);
        if (draw == 0) at_ms += STEP_MS * (int64_t)(5 + prng_below(&m->random, 30)); /* a gap */
        if (draw == 1) at_ms += 500;
        double next = next_value(m, shape, isfinite(value) ? value : first, weight);
        value = next;
        if (draw > 9) prom_append(m->prom, id, at_ms, next);
    }
}

static void make_requests(struct maker *m) {
    static const char *const jobs[] = {"api", "web", "db"}, *const codes[] = {"200", "404", "500"};
    for (uint32_t i = 0; i < 18; i++) {
        const struct prom_label labels[] = {{"__name__", "req_total"},
                                            {"job", jobs[i % 3]},
                                            {"inst", i / 9 ? "1" : "2"},
                                            {"code", codes[i / 3 % 3]}};
        if (prng_below(&m->random, 6) > 0) make(m, COUNTER, 0, 0, labels, 4);
    }
}

static void make_gauges(struct maker *m) {
    static const char *const jobs[] = {"api", "web", "db"};
    for (uint32_t i = 0; i < 6; i++) {
        const struct prom_label labels[] = {
            {"__name__", "temp"}, {"job", jobs[i % 3]}, {"inst", i / 3 ? "1" : "2"}};
        make(m, GAUGE, 3, 0, labels, 3);
    }
    for (uint32_t i = 0; i < 3; i++) {
        static const char *const teams[] = {"red", "blue", "red"};
        const struct prom_label info[] = {
            {"__name__", "info"}, {"job", jobs[i]}, {"team", teams[i]}};
        const struct prom_label size[] = {{"__name__", "size"}, {"job", jobs[i]}};
        make(m, CONSTANT, 1, 0, info, 3);
        make(m, CONSTANT, 2.5 - (double)i * 2, 0, size, 2);
    }
}

static void make_histograms(struct maker *m) {
    static const char *const bounds[] = {"0.1", "0.5", "2", "+Inf"}, *const jobs[] = {"api", "web"};
    for (uint32_t i = 0; i < 8; i++) {
        const struct prom_label labels[] = {
            {"__name__", "lat_bucket"}, {"job", jobs[i / 4]}, {"le", bounds[i % 4]}};
        make(m, BUCKET, 0, 0.25 * (i % 4 + 1), labels, 3);
    }
}

void random_series(struct prom *p, uint64_t seed) {
    struct maker m = {p, prng_named(seed, "series", 0)};
    make_requests(&m);
    make_gauges(&m);
    make_histograms(&m);
}

/* ---- expressions ---- */

struct author {
    struct prng *random;
    struct writer out;
};

static uint64_t below(struct author *a, uint64_t bound) { return prng_below(a->random, bound); }
static void put(struct author *a, const char *text) { write_text(&a->out, text); }

#define PICK(a, list) put(a, list[below(a, ARRAY_LEN(list))])

static void vector(struct author *a, int depth);
static void scalar(struct author *a, int depth);

static void number(struct author *a) {
    static const char *const numbers[] = {"0",   "1",   "2",    "0.5",  "3",   "10",  "-1",
                                          "100", "1e3", "0.25", "-7.5", "Inf", "NaN", "0x10"};
    PICK(a, numbers);
}

static void shift(struct author *a) {
    static const char *const offsets[] = {" offset 1m", " offset -1m", " offset 7s", " offset 10m"};
    static const char *const ats[] = {" @ 1700002000", " @ 1700003000.5", " @ start()", " @ end()"};
    uint64_t draw = below(a, 10);
    if (draw < 2) PICK(a, offsets);
    if (draw == 2 || draw == 3) PICK(a, ats);
    if (draw == 3) PICK(a, offsets);
}

static void range(struct author *a) {
    static const char *const ranges[] = {"[1m]",  "[2m]",  "[5m]", "[45s]",
                                         "[15s]", "[10m]", "[33s]"};
    PICK(a, ranges);
}

static const char *const selectors[] = {
    "req_total",
    "req_total{code=\"500\"}",
    "req_total{job=~\"a.*|db\"}",
    "req_total{code!~\"2..\",inst!=\"1\"}",
    "temp",
    "temp{inst=\"1\"}",
    "temp{job!=\"db\"}",
    "info",
    "size",
    "lat_bucket",
    "{__name__=~\"size|info\"}",
    "{job=\"web\",__name__!~\"lat.*\"}",
    "nope",
    "temp{team=\"\"}",
};

static void subquery(struct author *a, int depth) {
    static const char *const ranges[] = {"[5m:1m]", "[3m:30s]", "[10m:]", "[4m:45s]", "[1m:10s]"};
    put(a, "(");
    vector(a, depth - 1);
    put(a, ")");
    PICK(a, ranges);
    shift(a);
}

static void matrix(struct author *a, int depth) {
    if (depth > 1 && below(a, 4) == 0) {
        subquery(a, depth);
        return;
    }
    PICK(a, selectors);
    range(a);
    shift(a);
}

/* Without @: theirs moves such a window along with the steps. */
static void prediction(struct author *a) {
    static const char *const ends[] = {", 600)", " offset 2m, 60)", ", -90)"};
    put(a, "predict_linear(");
    PICK(a, selectors);
    range(a);
    PICK(a, ends);
}

static void over_matrix(struct author *a, int depth) {
    static const char *const functions[] = {"rate",
                                            "increase",
                                            "delta",
                                            "irate",
                                            "idelta",
                                            "deriv",
                                            "changes",
                                            "resets",
                                            "sum_over_time",
                                            "avg_over_time",
                                            "min_over_time",
                                            "max_over_time",
                                            "count_over_time",
                                            "last_over_time",
                                            "present_over_time",
                                            "stddev_over_time",
                                            "stdvar_over_time",
                                            "absent_over_time"};
    uint64_t draw = below(a, 12);
    if (draw == 0) {
        static const char *const quantiles[] = {"0", "0.5", "0.9", "1", "1.2", "-0.1"};
        put(a, "quantile_over_time(");
        PICK(a, quantiles);
        put(a, ", ");
    } else if (draw == 1) {
        prediction(a);
        return;
    } else {
        PICK(a, functions);
        put(a, "(");
    }
    matrix(a, depth);
    put(a, ")");
}

static void over_vector(struct author *a, int depth) {
    static const char *const functions[] = {
        "abs",  "ceil",  "floor", "sgn",       "sqrt",  "exp",       "ln",
        "log2", "log10", "sin",   "cos",       "tan",   "asin",      "acos",
        "atan", "sinh",  "cosh",  "tanh",      "asinh", "acosh",     "atanh",
        "deg",  "rad",   "round", "timestamp", "sort",  "sort_desc", "absent"};
    static const char *const clamps[] = {"clamp_min(", "clamp_max(", "round("};
    uint64_t draw = below(a, 10);
    if (draw == 0)
        PICK(a, clamps);
    else if (draw == 1)
        put(a, "clamp(");
    else
        PICK(a, functions);
    if (draw > 1) put(a, "(");
    vector(a, depth - 1);
    if (draw == 0) put(a, ", 2");
    if (draw == 1) put(a, ", -3, 8");
    put(a, ")");
}

static void label_list(struct author *a) {
    static const char *const lists[] = {"(job)",  "(job, inst)", "(code)", "()",
                                        "(inst)", "(team)",      "(le)",   "(job, code, le)"};
    PICK(a, lists);
}

static void aggregation(struct author *a, int depth) {
    static const char *const plain[] = {"sum",   "avg",   "min",    "max",
                                        "count", "group", "stddev", "stdvar"};
    static const char *const clauses[] = {" by ", " without "};
    uint64_t draw = below(a, 14);
    bool grouped = below(a, 3) > 0;
    if (draw < 3)
        put(a, draw == 0 ? "topk" : draw == 1 ? "bottomk" : "quantile");
    else if (draw == 3)
        put(a, "count_values");
    else
        PICK(a, plain);
    if (grouped) {
        PICK(a, clauses);
        label_list(a);
    }
    put(a, "(");
    if (draw < 2) put(a, below(a, 2) ? "2, " : "1, ");
    if (draw == 2) put(a, below(a, 2) ? "0.5, " : "0.9, ");
    if (draw == 3) put(a, below(a, 2) ? "\"v\", " : "\"job\", ");
    vector(a, depth - 1);
    put(a, ")");
}

static void with_scalar(struct author *a, int depth) {
    static const char *const operators[] = {
        " + ",  " - ",  " * ",  " / ",  " % ",      " ^ ",       " > ",    " < ",
        " == ", " != ", " >= ", " <= ", " > bool ", " == bool ", " atan2 "};
    bool left = below(a, 3) == 0;
    put(a, "(");
    if (left)
        scalar(a, depth - 1);
    else
        vector(a, depth - 1);
    PICK(a, operators);
    if (left)
        vector(a, depth - 1);
    else
        scalar(a, depth - 1);
    put(a, ")");
}

static void matched(struct author *a, int depth) {
    static const char *const operators[] = {" + ",  " - ",       " * ", " / ", " > ",
                                            " == ", " != bool ", " % ", " ^ ", " < bool "};
    static const char *const sets[] = {" and ", " or ", " unless "};
    static const char *const matchings[] = {
        "",       "on (job) ",       "ignoring (code, inst, le) ", "on (job, inst) ",
        "on () ", "ignoring (team) "};
    static const char *const groups[] = {"group_left ", "group_right ", "group_left (team) ",
                                         "group_right (team) "};
    bool set = below(a, 3) == 0;
    uint64_t matching = below(a, ARRAY_LEN(matchings));
    put(a, "(");
    vector(a, depth - 1);
    if (set)
        PICK(a, sets);
    else
        PICK(a, operators);
    put(a, matchings[matching]);
    if (!set && matching > 0 && below(a, 3) == 0) PICK(a, groups);
    vector(a, depth - 1);
    put(a, ")");
}

/* Matches that mostly succeed: of sums by what both sides have. */
static void ratio(struct author *a, int depth) {
    static const char *const clauses[] = {"by (job) ", "by (job, inst) ", "without (code) "};
    const char *clause = clauses[below(a, ARRAY_LEN(clauses))];
    put(a, "(sum ");
    put(a, clause);
    put(a, "(");
    vector(a, depth - 1);
    put(a, ") / sum ");
    put(a, clause);
    put(a, "(");
    vector(a, depth - 1);
    put(a, "))");
}

static void label_function(struct author *a, int depth) {
    static const char *const calls[] = {"label_replace(", "label_join("};
    static const char *const replacements[] = {
        ", \"x\", \"$1-y\", \"job\", \"(.).*\")", ", \"job\", \"\", \"job\", \"web\")",
        ", \"inst\", \"${1}0\", \"inst\", \"(.*)\")", ", \"x\", \"z\", \"nope\", \"\")"};
    static const char *const joins[] = {", \"x\", \"-\", \"job\", \"inst\")",
                                        ", \"job\", \"\", \"code\")", ", \"x\", \",\")"};
    bool join = below(a, 2) == 0;
    put(a, calls[join]);
    vector(a, depth - 1);
    if (join)
        PICK(a, joins);
    else
        PICK(a, replacements);
}

static void histogram(struct author *a) {
    static const char *const calls[] = {
        "histogram_quantile(0.9, rate(lat_bucket[5m]))",
        "histogram_quantile(0.5, sum by (le) (rate(lat_bucket[2m])))",
        "histogram_quantile(0.99, lat_bucket)",
        "histogram_quantile(0.1, increase(lat_bucket{job=\"api\"}[3m]))",
        "histogram_quantile(-1, lat_bucket)",
        "histogram_quantile(2, lat_bucket)",
        "histogram_quantile(0.5, lat_bucket{le!=\"+Inf\"})",
        "histogram_quantile(0.5, temp)",
    };
    PICK(a, calls);
}

/* Of numbers only: what Go makes of a NaN as a date depends on the processor. */
static void date(struct author *a) {
    static const char *const functions[] = {"minute(",       "hour(",        "day_of_week(",
                                            "day_of_month(", "day_of_year(", "days_in_month(",
                                            "month(",        "year("};
    static const char *const arguments[] = {")", "vector(time() * 1.7))", "size * 123456789)",
                                            "timestamp(req_total))", "info * -1e9)"};
    PICK(a, functions);
    PICK(a, arguments);
}

static void leaf(struct author *a) {
    static const char *const leaves[] = {"vector(1)", "vector(time())", "vector(0)"};
    if (below(a, 12) == 0) {
        date(a);
        return;
    }
    if (below(a, 8) == 0) {
        PICK(a, leaves);
        return;
    }
    PICK(a, selectors);
    shift(a);
}

static void vector(struct author *a, int depth) {
    if (depth <= 0) {
        leaf(a);
        return;
    }
    switch (below(a, 16)) {
    case 0:
    case 1: leaf(a); break;
    case 2:
    case 3:
    case 4: over_matrix(a, depth); break;
    case 5:
    case 6: over_vector(a, depth); break;
    case 7:
    case 8:
    case 9: aggregation(a, depth); break;
    case 10: with_scalar(a, depth); break;
    case 11: matched(a, depth); break;
    case 12: ratio(a, depth); break;
    case 13: label_function(a, depth); break;
    case 14: histogram(a); break;
    default:
        put(a, "-");
        vector(a, depth - 1);
        break;
    }
}

static void scalar(struct author *a, int depth) {
    uint64_t draw = below(a, 8);
    if (depth <= 0 || draw < 4) {
        number(a);
    } else if (draw == 4) {
        put(a, "time()");
    } else if (draw == 5) {
        put(a, "scalar(");
        vector(a, depth - 1);
        put(a, ")");
    } else if (draw == 6) {
        put(a, "pi()");
    } else {
        static const char *const operators[] = {" + ", " * ", " - ", " ^ ", " > bool ", " % "};
        put(a, "(");
        scalar(a, depth - 1);
        PICK(a, operators);
        scalar(a, depth - 1);
        put(a, ")");
    }
}

void random_expression(struct prng *random, char *out, size_t size) {
    struct author a = {random, writer_of(out, size - 1)};
    int depth = 1 + (int)below(&a, 4);
    if (below(&a, 20) == 0)
        scalar(&a, depth);
    else
        vector(&a, depth);
    out[a.out.len] = '\0';
}
