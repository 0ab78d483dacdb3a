/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same samples and the same random expressions in our evaluator, with Prometheus 2's windows,
 * and in Debian's Prometheus: the same labels, values within a billionth, and errors where it has
 * errors. What differs is printed, with the seed; what differs for a known reason is counted by it
 * (tests/differential/README.md has them all).
 *
 *   differential [EXPRESSIONS [SEED]]     default 300 and 1; without Prometheus exit status 77
 */
#include "tests/differential/expressions.h"
#include "tests/differential/peer.h"
#include "sim/prometheus/query.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define SKIPPED      77
#define TOLERANCE    1e-9
#define STORES       200 /* expressions asked of one set of samples */
#define TEXT_MAX_LEN 4096

struct trial {
    char text[TEXT_MAX_LEN];
    bool is_range;
    int64_t start_ms, end_ms, step_ms;
};

/* ---- one answer beside the other ---- */

static double value_of(const json_t *point) {
    const char *text = json_string_value(json_array_get(point, 1));
    return text ? strtod(text, NULL) : NAN;
}

static int64_t time_of(const json_t *point) {
    return llround(json_number_value(json_array_get(point, 0)) * 1000);
}

static bool close_enough(double a, double b) {
    if ((isnan(a) && isnan(b)) || a == b) return true;
    return fabs(a - b) <= TOLERANCE * fmax(fabs(a), fabs(b));
}

static bool same_labels(const struct prom_line *line, const json_t *metric) {
    if (json_object_size(metric) != line->label_count) return false;
    for (uint32_t i = 0; i < line->label_count; i++) {
        const char *value = json_string_value(json_object_get(metric, line->labels[i].name));
        if (!value || strcmp(value, line->labels[i].value) != 0) return false;
    }
    return true;
}

static const char *compare_line(const struct prom_line *line, const json_t *theirs,
                                const struct trial *t, char *why, size_t size) {
    const json_t *values = json_object_get(theirs, "values");
    const json_t *value = json_object_get(theirs, "value");
    size_t count = t->is_range ? json_array_size(values) : 1;
    if (count != line->count) return "another number of points";
    for (size_t i = 0; i < count; i++) {
        const json_t *point = t->is_range ? json_array_get(values, i) : value;
        if (time_of(point) != line->points[i].at_ms) return "a point at another time";
        if (close_enough(line->points[i].value, value_of(point))) continue;
        snprintf(why, size, "ours %.17g, theirs %.17g", line->points[i].value, value_of(point));
        return why;
    }
    return NULL;
}

static const char *compare_lines(const struct prom_answer *ours, const json_t *theirs,
                                 const struct trial *t, char *why, size_t size) {
    if (json_array_size(theirs) != ours->count) {
        snprintf(why, size, "ours %u elements, theirs %zu", ours->count, json_array_size(theirs));
        return why;
    }
    for (uint32_t i = 0; i < ours->count; i++) {
        const struct prom_line *line = &ours->lines[i];
        size_t k = 0;
        while (k < ours->count &&
               !same_labels(line, json_object_get(json_array_get(theirs, k), "metric")))
            k++;
        if (k == ours->count) return "other labels";
        const char *wrong = compare_line(line, json_array_get(theirs, k), t, why, size);
        if (wrong) return wrong;
    }
    return NULL;
}

static const char *compare(const struct prom_answer *ours, const json_t *root,
                           const struct trial *t, char *why, size_t size) {
    const char *status = json_string_value(json_object_get(root, "status"));
    const char *error = json_string_value(json_object_get(root, "error"));
    const json_t *data = json_object_get(root, "data"), *result = json_object_get(data, "result");
    if (!status) return "no JSON";
    if (error && ours->error) return NULL;
    if (error || ours->error) {
        snprintf(why, size, "ours %s, theirs %s", ours->error ? ours->error : "succeeds",
                 error ? error : "succeeds");
        return why;
    }
    if (ours->type != PROM_SCALAR) return compare_lines(ours, result, t, why, size);
    if (close_enough(ours->scalar, value_of(result))) return NULL;
    snprintf(why, size, "ours %.17g, theirs %.17g", ours->scalar, value_of(result));
    return why;
}

/* ---- asking both ---- */

static size_t form_text(char *out, size_t size, const char *text) {
    size_t used = 0;
    for (; *text && used + 4 < size; text++)
        used += (size_t)snprintf(out + used, size - used, "%%%02X", (unsigned char)*text);
    return used;
}

static json_t *ask_peer(const struct peer *peer, const struct trial *t) {
    char form[3 * TEXT_MAX_LEN + 256];
    size_t used = (size_t)snprintf(form, sizeof form, "query=");
    used += form_text(form + used, sizeof form - used, t->text);
    if (t->is_range)
        snprintf(form + used, sizeof form - used, "&start=%.3f&end=%.3f&step=%.3f",
                 (double)t->start_ms / 1000, (double)t->end_ms / 1000, (double)t->step_ms / 1000);
    else
        snprintf(form + used, sizeof form - used, "&time=%.3f", (double)t->start_ms / 1000);
    char *body = peer_ask(peer, t->is_range ? "/api/v1/query_range" : "/api/v1/query", form);
    json_t *root = body ? json_loads(body, 0, NULL) : NULL;
    free(body);
    return root;
}

static void random_trial(struct prng *random, struct trial *t) {
    random_expression(random, t->text, sizeof t->text);
    t->is_range = prng_below(random, 4) == 0;
    int64_t grain = prng_below(random, 2) ? 1000 : 2500; /* the samples' own times among them */
    t->start_ms = BEGIN_MS + (int64_t)prng_below(random, (uint64_t)(LENGTH_MS / grain)) * grain;
    t->step_ms = 1000 * (int64_t)(5 + prng_below(random, 60));
    t->end_ms = t->start_ms + t->step_ms * (int64_t)prng_below(random, 12);
}

/* ---- known reasons ---- */

/* A difference counts as known when its expression has both texts: README.md says why. */
static const struct reason {
    const char *name, *first, *second;
} reasons[] = {
    {"ties of topk", "topk", ""},
    {"ties of bottomk", "bottomk", ""},
    {"powers before a remainder", "^", "%"},
    {"timestamp of a selector with @", "timestamp(", "@"},
    {"last digits as label values", "count_values", "cos"},
    {"last digits as label values", "count_values", "sin"},
    {"last digits as label values", "count_values", "tan"},
    {"last digits as label values", "count_values", "exp("},
    {"last digits as label values", "count_values", "log"},
    {"last digits as label values", "count_values", "ln("},
    {"last digits as label values", "count_values", "^"},
};

static size_t reason_of(const char *text) {
    size_t i = 0;
    while (i < ARRAY_LEN(reasons) &&
           !(strstr(text, reasons[i].first) && strstr(text, reasons[i].second)))
        i++;
    return i;
}

struct sums {
    uint32_t same, errors, empty, known[ARRAY_LEN(reasons)], different;
};

static void judge(struct sums *sums, const struct trial *t, const struct prom_answer *ours,
                  const char *wrong, uint64_t seed) {
    if (!wrong) {
        sums->same++;
        if (ours->error) sums->errors++;
        if (!ours->error && ours->type != PROM_SCALAR && ours->count == 0) sums->empty++;
        return;
    }
    size_t reason = reason_of(t->text);
    bool known = reason < ARRAY_LEN(reasons);
    if (known)
        sums->known[reason]++;
    else
        sums->different++;
    if (known && !getenv("DIFFERENTIAL_VERBOSE")) return;
    printf("seed %llu, %s at %lld..%lld step %lld: %s\n    %s\n", (unsigned long long)seed,
           t->is_range ? "range" : "instant", (long long)t->start_ms, (long long)t->end_ms,
           (long long)t->step_ms, wrong, t->text);
}

static void try_one(struct prom *p, const struct peer *peer, struct prng *random, uint64_t seed,
                    struct sums *sums) {
    struct arena arena;
    struct diags diags = {0};
    struct trial t = {0};
    struct prom_answer ours = {0};
    char why[1024];
    random_trial(random, &t);
    arena_open(&arena);
    struct prom_expr *e =
        prom_parse_query(&arena, "random", 1, 1, t.text, strlen(t.text), &diags, NULL);
    if (!e)
        ours.error = diags.list[0].message;
    else if (t.is_range)
        prom_query_range(p, &arena, e, t.start_ms, t.end_ms, t.step_ms, &ours);
    else
        prom_query_instant(p, &arena, e, t.start_ms, &ours);
    json_t *theirs = ask_peer(peer, &t);
    judge(sums, &t, &ours, compare(&ours, theirs, &t, why, sizeof why), seed);
    json_decref(theirs);
    arena_close(&arena);
}

static bool try_store(uint64_t seed, uint32_t count, struct sums *sums) {
    static const struct prom_options options = {.series_max = 2000,
                                                .samples_per_series = 400,
                                                .rules_max = 1,
                                                .version = PROM_VERSION(2, 42)};
    struct prng random = prng_named(seed, "expressions", 0);
    struct arena arena;
    struct peer peer;
    arena_open(&arena);
    struct prom *p = prom_open(&arena, &options);
    random_series(p, seed);
    bool started = peer_start(&peer, p, 0, BEGIN_MS + 2 * LENGTH_MS);
    for (uint32_t i = 0; started && i < count; i++) try_one(p, &peer, &random, seed, sums);
    peer_stop(&peer);
    arena_close(&arena);
    if (!started) fprintf(stderr, "Prometheus did not start\n");
    return started;
}

int main(int argc, char **argv) {
    uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 300;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct sums sums = {0};
    if (!peer_is_installed()) {
        puts("skipped: prometheus and promtool are not installed");
        return SKIPPED;
    }
    for (uint32_t done = 0; done < count; done += STORES, seed++)
        if (!try_store(seed, count - done < STORES ? count - done : STORES, &sums)) return 1;
    uint32_t known = 0;
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        known += sums.known[i];
        if (sums.known[i] > 0) printf("%u known: %s\n", sums.known[i], reasons[i].name);
    }
    printf(
        "%u expressions: %u the same (%u errors, %u empty), %u known differences, %u different\n",
        sums.same + known + sums.different, sums.same, sums.errors, sums.empty, known,
        sums.different);
    return sums.different == 0 ? 0 : 1;
}
