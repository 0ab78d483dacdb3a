/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/compare_forms.h"
#include "reports/forms/sweep_lines.h"
#include "sim/run/form_files.h"
#include "sim/run/journal.h"
#include "sim/run/needed.h"
#include "sim/run/terminal.h"

#include <sys/stat.h>

/*
 * Two sweeps over the same scenarios and seeds, as their folders or the results files in them. What
 * may differ is what is compared: policy, topology file, rules, the build.
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
    const struct sweep_plan *base = &a->plan, *candidate = &b->plan;
    for (uint32_t k = 0; k < base->part_count && k < candidate->part_count; k++) {
        const struct sweep_part *x = &base->parts[k], *y = &candidate->parts[k];
        if (strcmp(x->scenario, y->scenario) == 0 && strcmp(x->topology, y->topology) == 0)
            continue;
        snprintf(why, size, "scenario %u is %s on %s in the base, %s on %s in the candidate", k + 1,
                 x->scenario, x->topology, y->scenario, y->topology);
        return true;
    }
    if (base->part_count != candidate->part_count)
        snprintf(why, size, "the base is of %u scenarios, the candidate of %u", base->part_count,
                 candidate->part_count);
    else if (base->first_seed != candidate->first_seed)
        snprintf(why, size, "the base begins with seed %llu, the candidate with %llu",
                 (unsigned long long)base->first_seed, (unsigned long long)candidate->first_seed);
    else if (a->side->count != b->side->count)
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
    {NULL, NULL, NULL}};

static enum status compare_both(struct compare *c, struct arena *arena, const struct arguments *a,
                                struct diags *diags) {
    struct demands limits = {0};
    struct campaign_read base = {.arena = arena, .side = &c->base};
    struct campaign_read candidate = {.arena = arena, .side = &c->candidate};
    char why[300], changed[200];
    const char *gate = argument(a, "gate");
    name_campaign(&base, a->operands[0]);
    name_campaign(&candidate, a->operands[1]);
    if ((gate && !demands_read(&limits, gate, "--gate", diags)) ||
        !form_files_possible(forms, a, diags) || !read_campaign(&base, diags) ||
        !read_campaign(&candidate, diags))
        return STATUS_BAD_INPUT;
    if (unfit(&base, &candidate, why, sizeof why)) {
        diag_error(diags, candidate.path, 0, 0, "cannot be compared with %.200s: %s", base.path,
                   why);
        return STATUS_BAD_INPUT;
    }
    c->runs_a_seed = base.plan.part_count;
    progress("comparing %u runs with %u", c->base.count, c->candidate.count);
    compare_finish(c, COMPARE_RESAMPLES);
    progress_clear();
    what_changed(&base.plan, &candidate.plan, changed, sizeof changed);
    struct comparison shown = {c, &limits, base.path, candidate.path, changed};
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
    struct compare compare;
    arena_open(&arena);
    compare_open(&compare, 1);
    status = compare_both(&compare, &arena, &a, &diags);
    diag_print(&diags, stderr);
    compare_close(&compare);
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
