/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/compare_forms.h"
#include "reports/forms/sweep_lines.h"
#include "sim/run/compare_runs.h"
#include "sim/run/form_files.h"
#include "sim/run/journal.h"
#include "sim/run/needed.h"
#include "sim/run/terminal.h"

#include <sys/stat.h>

/*
 * Two sweeps over the same scenarios and seeds, as their folders or the results files in them. What
 * may differ is what is compared: policy, topology file, rules, the build. With --sweep it runs
 * them itself (compare_runs.h).
 */

struct campaign_read {
    struct arena *arena;
    const char *path;
    struct sweep_plan plan;
    struct compare_side *side;
};

static bool take_run(struct campaign_read *r, uint64_t number, const char *line, size_t len,
                     struct diags *diags) {
    struct run_summary run;
    const char *expected;
    uint64_t unit = number - 1;
    if (!sweep_run_read(line, len, &run, &expected))
        diag_error(diags, r->path, (int)(number + 1), 0, "is no run: expected %s", expected);
    else if (run.part != unit % r->plan.part_count ||
             run.seed != r->plan.first_seed + unit / r->plan.part_count)
        diag_error(diags, r->path, (int)(number + 1), 0, "a run is missing before this one");
    else {
        compare_add(r->side, &run);
        return true;
    }
    return false;
}

static bool take_line(void *context, uint64_t number, const char *line, size_t len,
                      struct diags *diags) {
    struct campaign_read *r = context;
    const char *expected;
    if (number > 0) return take_run(r, number, line, len, diags);
    if (!sweep_head_read(line, len, r->arena, &r->plan, &expected) || r->plan.part_count == 0)
        diag_error(diags, r->path, 1, 0, "is no results of a sweep");
    else if (r->plan.shards > 0)
        diag_error(diags, r->path, 1, 0, "is a shard; merge its shards first");
    else
        return true;
    return false;
}

/* A sweep's folder, or the file itself. */
static void name_campaign(struct campaign_read *r, const char *named) {
    char path[600];
    struct stat what;
    bool folder = stat(named, &what) == 0 && S_ISDIR(what.st_mode);
    snprintf(path, sizeof path, "%s%s", named, folder ? "/results.jsonl" : "");
    r->path = arena_text(r->arena, path, strlen(path));
    needed_note(r->path);
}

static bool read_campaign(struct campaign_read *r, struct diags *diags) {
    char part[620];
    struct stat st;
    snprintf(part, sizeof part, "%s.part", r->path);
    if (stat(r->path, &st) == 0 || stat(part, &st) != 0)
        return journal_read(r->path, take_line, r, diags);
    diag_error(diags, part, 0, 0, "is of a sweep that is not finished: the same command goes on");
    return false;
}

/* One sentence, if the two cannot be compared. */
static bool unfit(const struct campaign_read *a, const struct campaign_read *b, char *why,
                  size_t size) {
    if (compare_plans_unfit(&a->plan, &b->plan, why, size)) return true;
    if (a->side->count != b->side->count)
        snprintf(why, size, "the base is of %u runs, the candidate of %u", a->side->count,
                 b->side->count);
    else if (a->side->count == 0)
        snprintf(why, size, "there are no runs");
    else
        return false;
    return true;
}

static void what_changed(const struct sweep_plan *base, const struct sweep_plan *candidate,
                         char *out, size_t size) {
    uint32_t plans = 0;
    for (uint32_t k = 0; k < base->part_count; k++)
        plans += base->parts[k].plan != candidate->parts[k].plan;
    bool build =
        base->program != candidate->program || strcmp(base->version, candidate->version) != 0;
    if (plans > 0)
        snprintf(out, size, "policy, topology, rules or scenario differ in %u of %u plans%s", plans,
                 base->part_count, build ? ", and so does the build" : "");
    else
        snprintf(out, size, "%s",
                 build ? "the same plans, another build" : "the same plans and the same build");
}

static void json(const void *c, FILE *out) { compare_json(c, out); }
static void junit(const void *c, FILE *out) { compare_junit(c, out); }
static void markdown(const void *c, FILE *out) { compare_markdown(c, out); }
static const struct form form_table[] = {
    {"json", NULL, json}, {"junit", NULL, junit}, {"markdown", NULL, markdown}};
static const struct form_list forms = {form_table, ARRAY_LEN(form_table)};

static const struct option_spec options[] = {
    {"gate", "LIMITS",
     "what has to hold, with commas between: \"mttr.p95 <= 1.05x, success >= 95%\""},
    {"json", "FILE", "write the comparison as JSON"},
    {"junit", "FILE", "write the limits as JUnit XML, for CI"},
    {"markdown", "FILE", "write the comparison as Markdown, for a CI summary"},
    COMPARE_RUN_OPTIONS{NULL, NULL, NULL}};

struct two { /* what is compared, and how it is shown */
    struct campaign_read base, candidate;
    struct demands limits;
    struct compare compare;
    char changed[200];
};

static bool read_both(struct two *t, struct diags *diags) {
    char why[400];
    compare_close(&t->compare);
    compare_open(&t->compare, 1);
    if (!read_campaign(&t->base, diags) || !read_campaign(&t->candidate, diags)) return false;
    if (unfit(&t->base, &t->candidate, why, sizeof why)) {
        diag_error(diags, t->candidate.path, 0, 0, "cannot be compared with %.200s: %s",
                   t->base.path, why);
        return false;
    }
    t->compare.runs_a_seed = t->base.plan.part_count;
    progress("comparing %u runs with %u", t->compare.base.count, t->compare.candidate.count);
    compare_finish(&t->compare, COMPARE_RESAMPLES);
    progress_clear();
    what_changed(&t->base.plan, &t->candidate.plan, t->changed, sizeof t->changed);
    return true;
}

static enum status run_both(struct two *t, struct compare_runs *runs, const struct arguments *a,
                            struct diags *diags) {
    enum status status;
    do {
        status = compare_runs_next(runs);
        if (status != STATUS_OK) return status;
        name_campaign(&t->base, a->operands[0]); /* its folder may not have been there */
        name_campaign(&t->candidate, a->operands[1]);
        if (!read_both(t, diags)) return STATUS_BAD_INPUT;
    } while (!compare_runs_enough(runs, &t->compare));
    return STATUS_OK;
}

static enum status compare_both(struct two *t, struct arena *arena, const struct arguments *a,
                                struct diags *diags) {
    struct compare_runs runs;
    const char *gate = argument(a, "gate");
    t->base = (struct campaign_read){.arena = arena, .side = &t->compare.base};
    t->candidate = (struct campaign_read){.arena = arena, .side = &t->compare.candidate};
    name_campaign(&t->base, a->operands[0]);
    name_campaign(&t->candidate, a->operands[1]);
    if ((gate && !demands_read(&t->limits, gate, "--gate", diags)) ||
        !form_files_possible(forms, a, diags) || !compare_runs_read(&runs, a, arena))
        return STATUS_BAD_INPUT;
    enum status status = argument(a, "sweep")  ? run_both(t, &runs, a, diags)
                         : read_both(t, diags) ? STATUS_OK
                                               : STATUS_BAD_INPUT;
    if (status != STATUS_OK) return status;
    struct comparison shown = {&t->compare, &t->limits, t->base.path, t->candidate.path,
                               t->changed};
    compare_text(&shown, stdout, terminal_width(stdout), terminal_colour(stdout));
    enum status written = form_files(forms, &shown, a, NULL);
    return status_worse(comparison_holds(&shown) ? STATUS_OK : STATUS_FAILED, written);
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_compare, argc, argv, &status)) return status;
    if (a.operand_count != 2) {
        command_help(&command_compare, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    struct diags diags = {0};
    struct two two = {0};
    arena_open(&arena);
    status = compare_both(&two, &arena, &a, &diags);
    diag_print(&diags, stderr);
    compare_close(&two.compare);
    arena_close(&arena);
    return status;
}

const struct command command_compare = {
    "compare",
    "BASE CANDIDATE",
    "what changed between two sweeps over the same seeds, and how sure that is",
    "firedrill compare swept-base swept-candidate --gate 'mttr.p95 <= 1.05x'",
    options,
    run};
