/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A results file comes back as it was written, goes on where it was cut, and is refused when it is
 * damaged or another sweep's. */
#include "reports/forms/sweep_forms.h"
#include "reports/forms/sweep_lines.h"
#include "sim/run/sweep_results.h"
#include "tests/runner.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sweep_part parts[] = {{"one", "shop", 11}, {"two", "shop", 22}};
static const struct sweep_plan plan = {
    .version = "0.1.0", .program = UINT64_MAX, .first_seed = 5, .parts = parts, .part_count = 2};

/* Each test has a folder of its own. */
static char folder[64], path[96], part_path[104];
static void open_desk(void) {
    snprintf(folder, sizeof folder, "/tmp/test_sweep_results-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/results.jsonl", folder);
    snprintf(part_path, sizeof part_path, "%s.part", path);
}
static void close_desk(void) {
    unlink(path);
    unlink(part_path);
    rmdir(folder);
}

static struct run_summary run_of(uint64_t unit) {
    struct run_summary run = {.part = sweep_unit_part(&plan, unit),
                              .seed = sweep_unit_seed(&plan, unit),
                              .digest = UINT64_MAX - unit,
                              .violations = 1,
                              .lock_requests = 9,
                              .lock_timeouts = 2,
                              .lock_wait = (time_ns)unit * NS_PER_S,
                              .incident_count = 2};
    run.indicators.of[INDICATOR_lock_contention] = (struct share){2, 9};
    for (uint32_t i = 0; i < run.incident_count; i++)
        run.incidents[i] = (struct mttr_row){.repaired = i == 0,
                                             .escalated = i == 1,
                                             .mttr = (30 + (time_ns)unit) * NS_PER_S,
                                             .seen = i == 0 ? 28 * NS_PER_S : -1,
                                             .failed = 5000,
                                             .pages = i,
                                             .timeline.ns[BUCKET_patch] = 7,
                                             .timeline.total = 7};
    if (unit % 3 == 1) {
        run.status = STATUS_FAILED;
        snprintf(run.why, sizeof run.why, "\"quoted\" \\ \u00e9 and why not");
        snprintf(run.reproduce, sizeof run.reproduce, "firedrill run $'a\\012b' --seed 5");
        snprintf(run.trace, sizeof run.trace, "traces/one.trace");
    }
    return run;
}

/* Adds units up to, not with, "end"; true if all went well. */
static bool write_units(uint64_t end, bool finish) {
    struct sweep_results results;
    struct diags diags = {0};
    bool good = sweep_results_open(&results, path, &plan, &diags);
    if (!good) return false;
    for (uint64_t unit = results.sweep.runs; unit < end && good; unit++) {
        struct run_summary run = run_of(unit);
        char *line = sweep_run_line(&run);
        good = sweep_results_add(&results, line, &diags);
        free(line);
    }
    if (good && finish) good = sweep_results_finish(&results, &diags);
    sweep_results_close(&results);
    return good;
}

static char *file_text(const char *name, size_t *len) {
    char *text = calloc(1, 1 << 20);
    FILE *in = fopen(name, "rb");
    *len = in ? fread(text, 1, (1 << 20) - 1, in) : 0;
    if (in) fclose(in);
    return text;
}

static bool is_file(const char *name) {
    struct stat st;
    return stat(name, &st) == 0;
}

/* How many runs are there; -1: refused, and message says why. */
static char message[512];
static int64_t runs_under(const struct sweep_plan *asked) {
    struct sweep_results results;
    struct diags diags = {0};
    message[0] = '\0';
    if (!sweep_results_open(&results, path, asked, &diags)) {
        snprintf(message, sizeof message, "%s", diags.list[0].message);
        if (!strstr(message, "damaged")) fprintf(stderr, "  %s\n", message);
        return -1;
    }
    int64_t runs = (int64_t)results.sweep.runs;
    sweep_results_close(&results);
    return runs;
}

static void a_line_reads_back_as_it_was_written(void) {
    for (uint64_t unit = 0; unit < 4; unit++) {
        struct run_summary run = run_of(unit), again;
        const char *expected;
        if (unit == 3) run.status = STATUS_INCONCLUSIVE;
        char *line = sweep_run_line(&run);
        CU_ASSERT_PTR_NULL(strchr(line, '\n'));
        CU_ASSERT_TRUE_FATAL(sweep_run_read(line, strlen(line), &again, &expected));
        CU_ASSERT_EQUAL(memcmp(&run, &again, sizeof run), 0);
        free(line);
    }
}

static void a_crashed_run_has_no_figures(void) {
    struct run_summary run = {.part = 1, .seed = 5, .status = STATUS_BUG, .why = "it crashed"};
    struct run_summary again;
    const char *expected;
    char *line = sweep_run_line(&run);
    CU_ASSERT_PTR_NULL(strstr(line, "digest"));
    CU_ASSERT_TRUE(sweep_run_read(line, strlen(line), &again, &expected));
    CU_ASSERT_EQUAL(again.status, STATUS_BUG);
    free(line);
}

/* Every prefix of a line, and every line with one key's value replaced, is refused. */
static void what_is_no_line_is_refused(void) {
    static const char *const keys[] = {
        "\"seed\":",      "\"scenario\":",   "\"verdict\":", "\"digest\":",  "\"indicators\":",
        "\"incidents\":", "\"buckets_ns\":", "\"mttr_ns\":", "\"repaired\":"};
    struct run_summary run = run_of(0), again;
    const char *expected;
    char *line = sweep_run_line(&run);
    size_t len = strlen(line);
    for (size_t cut = 0; cut < len; cut++)
        CU_ASSERT_FALSE(sweep_run_read(line, cut, &again, &expected));
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        char other[8192];
        const char *at = strstr(line, keys[k]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        snprintf(other, sizeof other, "%.*s\"x\":[],%s", (int)(at - line), line, at);
        other[at - line + 7] = ' ';
        other[at - line + 8] = '"';
        CU_ASSERT_FALSE(sweep_run_read(other, strlen(other), &again, &expected));
        CU_ASSERT_PTR_NOT_NULL(expected);
    }
    free(line);
}

static void a_finished_file_has_its_name_and_its_runs(void) {
    open_desk();
    CU_ASSERT_TRUE(write_units(7, false));
    CU_ASSERT_TRUE(is_file(part_path) && !is_file(path));
    CU_ASSERT_TRUE(write_units(7, true));
    CU_ASSERT_TRUE(is_file(path) && !is_file(part_path));
    CU_ASSERT_EQUAL(runs_under(&plan), 7);
    CU_ASSERT_TRUE(is_file(path)); /* looking at it does not unfinish it */
    CU_ASSERT_TRUE(write_units(9, false));
    CU_ASSERT_TRUE(is_file(part_path) && !is_file(path)); /* going on does */
    close_desk();
}

/* Cut at every byte, it goes on from its last whole line to the same bytes. */
static void cut_anywhere_it_goes_on_to_the_same_bytes(void) {
    size_t len, again_len;
    open_desk();
    CU_ASSERT_TRUE_FATAL(write_units(6, true));
    char *whole = file_text(path, &len);
    for (size_t cut = 0; cut <= len; cut += 41) {
        unlink(path);
        FILE *out = fopen(part_path, "wb");
        fwrite(whole, 1, cut, out);
        fclose(out);
        CU_ASSERT_TRUE(write_units(6, true));
        char *again = file_text(path, &again_len);
        CU_ASSERT_TRUE(again_len == len && memcmp(whole, again, len) == 0);
        free(again);
    }
    free(whole);
    close_desk();
}

static void any_changed_byte_is_seen(void) {
    size_t len;
    open_desk();
    CU_ASSERT_TRUE_FATAL(write_units(4, true));
    char *whole = file_text(path, &len);
    for (size_t at = 0; at < len; at += 53) {
        FILE *out = fopen(path, "wb");
        whole[at] ^= 1;
        fwrite(whole, 1, len, out);
        fclose(out);
        CU_ASSERT_EQUAL(runs_under(&plan), -1);
        whole[at] ^= 1;
    }
    free(whole);
    close_desk();
}

static void a_line_lost_or_a_half_one_in_a_finished_file_is_seen(void) {
    size_t len;
    open_desk();
    CU_ASSERT_TRUE_FATAL(write_units(4, true));
    char *whole = file_text(path, &len);
    char *second = strchr(whole, '\n') + 1, *third = strchr(second, '\n') + 1;
    FILE *out = fopen(path, "wb");
    fwrite(whole, 1, (size_t)(second - whole), out);
    fwrite(third, 1, strlen(third), out);
    fclose(out);
    CU_ASSERT_EQUAL(runs_under(&plan), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "damaged"));
    CU_ASSERT_EQUAL(truncate(path, (off_t)(len / 2)), 0);
    CU_ASSERT_EQUAL(runs_under(&plan), -1);
    free(whole);
    close_desk();
}

static void another_sweeps_results_are_refused_with_a_word(void) {
    struct sweep_part other_parts[] = {{"one", "shop", 11}, {"two", "shop", 23}};
    struct sweep_plan other = plan;
    open_desk();
    CU_ASSERT_TRUE_FATAL(write_units(2, true));
    other.parts = other_parts;
    CU_ASSERT_EQUAL(runs_under(&other), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "the plan of two on shop was another"));
    other_parts[1] = (struct sweep_part){"two", "train-ticket", 22};
    CU_ASSERT_EQUAL(runs_under(&other), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "now it is two on train-ticket"));
    other = plan;
    other.part_count = 1;
    CU_ASSERT_EQUAL(runs_under(&other), -1);
    other = plan;
    other.first_seed = 6;
    CU_ASSERT_EQUAL(runs_under(&other), -1);
    other = plan;
    other.program = 1;
    CU_ASSERT_EQUAL(runs_under(&other), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "another build"));
    other = plan;
    snprintf(other.version, sizeof other.version, "0.2.0");
    CU_ASSERT_EQUAL(runs_under(&other), -1);
    CU_ASSERT_EQUAL(runs_under(&plan), 2); /* and it is as it was */
    CU_ASSERT_TRUE(is_file(path));
    close_desk();
}

static void only_one_process_writes(void) {
    struct sweep_results results;
    struct diags diags = {0};
    int status = -1;
    open_desk();
    CU_ASSERT_TRUE_FATAL(sweep_results_open(&results, path, &plan, &diags));
    pid_t child = fork();
    if (child == 0) _exit(runs_under(&plan) == -1 && strstr(message, "another process") ? 0 : 1);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
    sweep_results_close(&results);
    CU_ASSERT_EQUAL(runs_under(&plan), 0);
    close_desk();
}

/* One incident of two is repaired in every run: 30, 32, 34 s by part 0, 31, 33, 35 s by part 1. */
static void runs_add_up(void) {
    struct sweep sweep;
    sweep_open(&sweep, &plan);
    for (uint64_t unit = 0; unit < 6; unit++) {
        struct run_summary run = run_of(unit);
        sweep_add(&sweep, &run);
    }
    sweep_finish(&sweep);
    const struct sweep_figures *f = &sweep.parts[0];
    CU_ASSERT_EQUAL(sweep.runs, 6);
    CU_ASSERT_EQUAL(sweep.not_passed, 2);
    CU_ASSERT_EQUAL(sweep.status, STATUS_FAILED);
    CU_ASSERT_EQUAL(f->runs, 3);
    CU_ASSERT_EQUAL(f->failed, 1);
    CU_ASSERT_EQUAL(f->mttr.incidents, 6);
    CU_ASSERT_EQUAL(f->mttr.escalated, 3);
    CU_ASSERT_EQUAL(f->mttr.repaired.count, 3);
    CU_ASSERT_EQUAL(f->mttr.repaired.mean.value, 32 * NS_PER_S);
    CU_ASSERT_EQUAL(f->mttr.repaired.min, 30 * NS_PER_S);
    CU_ASSERT_TRUE(f->mttr.repaired.mean.low < 32 * NS_PER_S);
    CU_ASSERT_TRUE(f->mttr.repaired.mean.high > 32 * NS_PER_S);
    CU_ASSERT_EQUAL(f->lock_wait.max, 4 * NS_PER_S);
    CU_ASSERT_EQUAL(f->lock_timeouts, 6);
    CU_ASSERT_EQUAL(f->indicators.of[INDICATOR_lock_contention].whole, 27);
    CU_ASSERT_EQUAL(f->trouble_count, 1);
    CU_ASSERT_EQUAL(f->troubles[0].seed, 7);
    sweep_close(&sweep);
}

/* What is told of failing runs has a bound; their number has none. */
static void a_flood_of_failures_is_counted(void) {
    struct sweep sweep;
    struct run_summary run = run_of(1);
    sweep_open(&sweep, &plan);
    for (uint64_t k = 0; k < 3 * SWEEP_TROUBLES_MAX; k++) sweep_add(&sweep, &run);
    CU_ASSERT_EQUAL(sweep.parts[1].trouble_count, SWEEP_TROUBLES_MAX);
    CU_ASSERT_EQUAL(sweep.parts[1].troubles_dropped, 2 * SWEEP_TROUBLES_MAX);
    CU_ASSERT_EQUAL(sweep.parts[1].failed, 3 * SWEEP_TROUBLES_MAX);
    sweep_close(&sweep);
}

/* Two incidents of one run that always take 36 s and 62 s: their mean is known for certain, which
 * a bootstrap over incidents would not see. */
static void intervals_are_over_runs(void) {
    time_ns samples[40];
    uint32_t ends[20];
    struct distribution grouped, single;
    for (size_t i = 0; i < 40; i++) samples[i] = i % 2 == 0 ? 36 * NS_PER_S : 62 * NS_PER_S;
    for (size_t g = 0; g < 20; g++) ends[g] = (uint32_t)(2 * (g + 1));
    distribution_of_groups(samples, ends, 20, &grouped);
    distribution_of(samples, 40, &single);
    CU_ASSERT_EQUAL(grouped.mean.low, 49 * NS_PER_S);
    CU_ASSERT_EQUAL(grouped.mean.high, 49 * NS_PER_S);
    CU_ASSERT_EQUAL(grouped.p95.value, single.p95.value);
    CU_ASSERT_TRUE(single.mean.low < 49 * NS_PER_S);
}

static void the_text_fits_and_tells_how_to_reproduce(void) {
    struct sweep sweep;
    sweep_open(&sweep, &plan);
    for (uint64_t unit = 0; unit < 20; unit++) {
        struct run_summary run = run_of(unit);
        sweep_add(&sweep, &run);
    }
    sweep_finish(&sweep);
    for (int width = 60; width <= 200; width += 20) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        sweep_text(&sweep, out, width, false);
        fclose(out);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "reproduce: firedrill run $'a\\012b' --seed 5"));
        CU_ASSERT_PTR_NOT_NULL(strstr(text, "fail: 20 runs, 13 of them passed"));
        for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
            CU_ASSERT_TRUE(strcspn(line, "\n") <= (size_t)width);
        free(text);
    }
    sweep_close(&sweep);
}

TEST_MAIN("sweep_results", TEST(a_line_reads_back_as_it_was_written),
          TEST(a_crashed_run_has_no_figures), TEST(what_is_no_line_is_refused),
          TEST(a_finished_file_has_its_name_and_its_runs),
          TEST(cut_anywhere_it_goes_on_to_the_same_bytes), TEST(any_changed_byte_is_seen),
          TEST(a_line_lost_or_a_half_one_in_a_finished_file_is_seen),
          TEST(another_sweeps_results_are_refused_with_a_word), TEST(only_one_process_writes),
          TEST(runs_add_up), TEST(a_flood_of_failures_is_counted), TEST(intervals_are_over_runs),
          TEST(the_text_fits_and_tells_how_to_reproduce))
