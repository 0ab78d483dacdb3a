/* SPDX-License-Identifier: GPL-3.0-or-later */
/* promql eval: one expression over a file of samples, answered as Prometheus' HTTP API does.
 * promql test: scripts in promqltest's format. */
#include "sim/prometheus/conformance.h"
#include "sim/prometheus/exposition.h"
#include "sim/prometheus/query.h"
#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/moment.h"
#include "sim/run/source_line.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MINUTE_MS INT64_C(60000)

static enum status usage(const char *message) {
    fprintf(stderr, "firedrill promql: %s\nsee: firedrill promql --help\n", message);
    return STATUS_BAD_INPUT;
}

/* ---- eval ---- */

struct question {
    const char *metrics, *text;
    int64_t at_ms, start_ms, end_ms, step_ms;
    bool has_at, is_range;
    uint32_t version;
};

static struct prom *store_for(struct arena *arena, struct recording *r, uint32_t version) {
    struct prom_options options = {.series_max = r->series_count + 1,
                                   .samples_per_series = 2,
                                   .rules_max = 1,
                                   .lookback_ms = 5 * MINUTE_MS,
                                   .version = version};
    struct prom *p = prom_open(arena, &options);
    uint32_t dropped = recording_load(r, p);
    if (dropped > 0)
        fprintf(stderr, "firedrill promql: %u samples were dropped: out of order, or before 1970\n",
                dropped);
    return p;
}

static enum status answer(struct arena *arena, const struct question *q, struct diags *diags) {
    const char *bytes = "";
    size_t len = 0;
    struct recording recording;
    struct prom_expr *e =
        prom_parse_query(arena, "expression", 1, 1, q->text, strlen(q->text), diags, NULL);
    if (!e) {
        enum status status = bad_input(diags);
        source_line_print(stderr, q->text, diags->list[0].line, diags->list[0].column);
        return status;
    }
    if ((q->metrics && !file_read(arena, q->metrics, &bytes, &len, diags)) ||
        !recording_read(&recording, arena, q->metrics ? q->metrics : "", bytes, len, q->at_ms,
                        diags))
        return bad_input(diags);
    struct prom *p = store_for(arena, &recording, q->version);
    struct prom_answer result;
    int64_t at_ms = q->has_at ? q->at_ms : recording.last_ms;
    if (q->is_range)
        prom_query_range(p, arena, e, q->start_ms, q->end_ms, q->step_ms, &result);
    else
        prom_query_instant(p, arena, e, at_ms, &result);
    prom_answer_write(&result, stdout);
    return result.error ? STATUS_FAILED : STATUS_OK;
}

/* START..END, and the step. */
static bool read_range(const char *range, const char *step, struct question *q) {
    const char *dots = strstr(range, "..");
    q->is_range = true;
    return dots && moment_read(range, (size_t)(dots - range), &q->start_ms) &&
           moment_read(dots + 2, strlen(dots + 2), &q->end_ms) && q->start_ms <= q->end_ms &&
           span_read(step, strlen(step), &q->step_ms) && q->step_ms > 0;
}

static enum status eval(const struct arguments *a, uint32_t version) {
    const char *at = argument(a, "at"), *range = argument(a, "range"), *step = argument(a, "step");
    struct question q = {.metrics = argument(a, "metrics"), .version = version};
    if (a->operand_count != 2) return usage("eval takes one expression (in quotes)");
    if (range && at) return usage("--at and --range exclude each other");
    if (step && !range) return usage("--step goes with --range");
    q.text = a->operands[1];
    q.has_at = at != NULL;
    if (at && !moment_read(at, strlen(at), &q.at_ms))
        return usage("--at takes seconds since 1970, or 2024-02-29T12:00:00Z");
    if (range && !read_range(range, step ? step : "1m", &q))
        return usage("--range takes START..END (seconds, or 2024-02-29T12:00:00Z), --step a "
                     "duration like 15s");
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    enum status status = answer(&arena, &q, &diags);
    arena_close(&arena);
    return status;
}

/* ---- test ---- */

struct tests {
    struct conformance_options options;
    struct conformance sum;
    enum status status;
};

static void print_skips(const struct conformance *counts) {
    for (uint32_t i = 0; i < SKIPS_MAX && counts->skips[i].feature; i++)
        printf("%s%s %u", i == 0 ? ": " : ", ", counts->skips[i].feature, counts->skips[i].count);
    putchar('\n');
}

static void test_file(struct tests *t, const char *path) {
    struct arena arena;
    struct diags diags = {0};
    struct conformance counts = {0};
    const char *bytes;
    size_t len;
    arena_open(&arena);
    if (!file_read(&arena, path, &bytes, &len, &diags) ||
        !conformance_run(path, bytes, len, &t->options, &counts, &diags))
        t->status = status_worse(t->status, bad_input(&diags));
    printf("%s: %u passed, %u failed, %u skipped", path, counts.passed, counts.failed,
           counts.skipped);
    print_skips(&counts);
    for (uint32_t i = 0; i < SKIPS_MAX && counts.skips[i].feature; i++)
        conformance_skip(&t->sum, counts.skips[i].feature, counts.skips[i].count);
    t->sum.passed += counts.passed;
    t->sum.failed += counts.failed;
    t->sum.skipped += counts.skipped;
    arena_close(&arena);
}

static int is_script(const struct dirent *entry) {
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".test") == 0;
}

static void test_folder(struct tests *t, const char *folder) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_script, alphasort);
    if (count <= 0) {
        fprintf(stderr, "firedrill promql: no *.test in %s\n", folder);
        t->status = status_worse(t->status, STATUS_BAD_INPUT);
    }
    for (int i = 0; i < count; i++) {
        char path[4096];
        int len = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (len > 0 && (size_t)len < sizeof path) test_file(t, path);
        free(entries[i]);
    }
    if (count >= 0) free(entries);
}

static enum status test(const struct arguments *a, uint32_t version) {
    struct tests t = {
        .options = {.version = version, .verbose = argument(a, "verbose") != NULL, .out = stdout}};
    if (a->operand_count < 2) return usage("test takes folders or files");
    for (uint32_t i = 1; i < a->operand_count; i++) {
        struct stat s;
        if (stat(a->operands[i], &s) == 0 && S_ISDIR(s.st_mode))
            test_folder(&t, a->operands[i]);
        else
            test_file(&t, a->operands[i]);
    }
    if (t.sum.skipped > 0) printf("skipped");
    if (t.sum.skipped > 0) print_skips(&t.sum);
    printf("%u passed, %u failed, %u skipped\n", t.sum.passed, t.sum.failed, t.sum.skipped);
    return status_worse(t.status, t.sum.failed > 0 ? STATUS_FAILED : STATUS_OK);
}

/* ---- the command ---- */

static const struct option_spec options[] = {
    {"metrics", "FILE", "eval: samples in OpenMetrics or Prometheus' text format"},
    {"at", "TIME",
     "eval: when, in seconds since 1970 or like 2024-02-29T12:00:00Z; the last "
     "sample's time unless given"},
    {"range", "START..END", "eval: at every step from START to END"},
    {"step", "DURATION", "eval: the step of --range, 1m unless given"},
    {"windows", "VERSION",
     "whose semantics: 3 (the newest Prometheus; the default), 2, or one like 2.53"},
    {"verbose", NULL, "test: also say each evaluation that is skipped"},
    {NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    uint32_t version;
    if (!arguments_read(&a, &command_promql, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_promql, stderr);
        return STATUS_BAD_INPUT;
    }
    if (!argument_prom_version(&a, &version)) return STATUS_BAD_INPUT;
    if (strcmp(a.operands[0], "eval") == 0) return eval(&a, version);
    if (strcmp(a.operands[0], "test") == 0) return test(&a, version);
    return usage("expected \"eval\" or \"test\"");
}

const struct command command_promql = {
    "promql",
    "eval EXPRESSION | test FOLDER|FILE...",
    "evaluates PromQL over a file of samples, or runs promqltest scripts",
    "firedrill promql eval --metrics day.om --at 3600 'sum by (job) "
    "(rate(http_requests_total[5m]))'",
    options,
    run};
