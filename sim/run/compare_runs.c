/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/compare_runs.h"

#include "sim/run/sweep_process.h"
#include "sim/run/sweep_stop.h"
#include "sim/run/terminal.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST_SEEDS "1000" /* unless --seeds says otherwise */

bool compare_plans_unfit(const struct sweep_plan *base, const struct sweep_plan *candidate,
                         char *why, size_t size) {
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
        snprintf(why, size, "the base begins with seed %" PRIu64 ", the candidate with %" PRIu64,
                 base->first_seed, candidate->first_seed);
    else
        return false;
    return true;
}

/* ---- what is asked ---- */

static bool none_is_given(const struct arguments *a) {
    static const struct option_spec table[] = {COMPARE_RUN_OPTIONS};
    for (size_t k = 0; k < ARRAY_LEN(table); k++) {
        if (!argument(a, table[k].name)) continue;
        fprintf(stderr,
                "firedrill compare: --%s needs --sweep FILE|NAME: without it two sweeps are "
                "compared as they are\n",
                table[k].name);
        return false;
    }
    return true;
}

static bool read_goal(struct precision *goal, const struct arguments *a) {
    const char *text = argument(a, "until"), *names[COMPARED_COUNT];
    struct diags diags = {0};
    *goal = (struct precision){.figure = -1};
    if (!text) return true;
    for (int k = 0; k < COMPARED_COUNT; k++) names[k] = compared_name((enum compared)k);
    bool good = precision_read(goal, text, strlen(text), names, COMPARED_COUNT, "--until", &diags);
    diag_print(&diags, stderr);
    return good;
}

static void add_option(struct swept_side *side, const char *option, const char *value) {
    if (!value) return;
    side->words[side->count++] = option;
    side->words[side->count++] = value;
}

/* The candidate's own value of an option, or that of both sides. */
static const char *own(const struct arguments *a, bool candidate, const char *option) {
    char mine[40];
    snprintf(mine, sizeof mine, "candidate-%s", option);
    const char *value = candidate ? argument(a, mine) : NULL;
    return value ? value : argument(a, option);
}

static bool add_files(struct swept_side *side, struct arena *arena, const char *list) {
    side->words[side->count++] = "--"; /* whatever files are called */
    for (uint32_t files = 0;; files++) {
        size_t len = strcspn(list, ",");
        if (len == 0 || files == COMPARE_FILES_MAX) break;
        side->words[side->count++] = arena_text(arena, list, len);
        if (list[len] == '\0') return true;
        list += len + 1;
    }
    fprintf(stderr, "firedrill compare: --sweep: expected up to %d scenarios with commas between\n",
            COMPARE_FILES_MAX);
    return false;
}

static bool add_words(struct compare_runs *r, int which, const struct arguments *a,
                      struct arena *arena) {
    struct swept_side *side = &r->side[which];
    side->folder = a->operands[which];
    add_option(side, "--seeds", r->seeds_asked);
    add_option(side, "--out", side->folder);
    add_option(side, "--jobs", argument(a, "jobs"));
    add_option(side, "--policy", own(a, which == 1, "policy"));
    add_option(side, "--topology", own(a, which == 1, "topology"));
    add_option(side, "--set", own(a, which == 1, "set"));
    return add_files(side, arena, argument(a, "sweep"));
}

/* Before anything runs, so that nothing runs for want of a candidate. */
static bool request_both(struct compare_runs *r, struct arena *arena) {
    struct sweep_request request[2];
    char why[400];
    for (int k = 0; k < 2; k++)
        if (!sweep_process_request(r->side[k].count, r->side[k].words, arena, &request[k]))
            return false;
    if (request[0].plan.shards > 0)
        fprintf(stderr, "firedrill compare: --sweep cannot run as one task of many: sweep "
                        "shards, merge them, then compare\n");
    else if (compare_plans_unfit(&request[0].plan, &request[1].plan, why, sizeof why))
        fprintf(stderr, "firedrill compare: the two cannot be compared: %s\n", why);
    else {
        r->parts = request[0].plan.part_count;
        return true;
    }
    return false;
}

static void ask_seeds(struct compare_runs *r, uint64_t seeds) {
    snprintf(r->seeds_asked, sizeof r->seeds_asked, "%" PRIu64 "..%" PRIu64, r->first,
             r->first + seeds - 1);
}

bool compare_runs_read(struct compare_runs *r, const struct arguments *a, struct arena *arena) {
    *r = (struct compare_runs){.goal.figure = -1};
    if (!argument(a, "sweep")) return none_is_given(a);
    if (strcmp(a->operands[0], a->operands[1]) == 0) {
        fprintf(stderr, "firedrill compare: --sweep needs two folders, one a side\n");
        return false;
    }
    if (!read_goal(&r->goal, a) || !argument_seeds(a, MOST_SEEDS, &r->first, &r->most))
        return false;
    ask_seeds(r, r->most);
    return add_words(r, 0, a, arena) && add_words(r, 1, a, arena) && request_both(r, arena);
}

/* ---- running ---- */

/* Of a sweep that may have been stopped: whole lines without the first, as seeds begun. */
static uint64_t seeds_there(const struct compare_runs *r, const char *folder) {
    static const char *const names[] = {"results.jsonl.part", "results.jsonl"};
    char path[600];
    FILE *file = NULL;
    uint64_t lines = 0;
    for (size_t k = 0; k < ARRAY_LEN(names) && !file; k++) {
        snprintf(path, sizeof path, "%.560s/%s", folder, names[k]);
        file = fopen(path, "rb");
    }
    if (!file) return 0;
    for (int c = getc(file); c != EOF; c = getc(file)) lines += c == '\n';
    fclose(file);
    return lines == 0 ? 0 : (lines - 1 + r->parts - 1) / r->parts;
}

/* The next look of the rule that does not have fewer seeds than a side has. */
static uint64_t next_look(const struct compare_runs *r) {
    uint64_t there = r->seeds + 1;
    uint32_t look = sweep_stop_look(0);
    if (r->goal.figure < 0) return r->most;
    for (int k = 0; k < 2; k++) {
        uint64_t seeds = seeds_there(r, r->side[k].folder);
        if (seeds > there) there = seeds;
    }
    while (look < there && look < r->most) look = sweep_stop_look(look);
    return look < r->most ? look : r->most;
}

enum status compare_runs_next(struct compare_runs *r) {
    static const char *const names[] = {"base", "candidate"};
    uint64_t seeds = next_look(r);
    ask_seeds(r, seeds);
    for (int k = 0; k < 2; k++) {
        progress("%" PRIu64 " of at most %" PRIu64 " seeds on both sides, to %" PRIu64 ": %s",
                 r->seeds, r->most, seeds, names[k]);
        enum status status = sweep_process(r->side[k].count, r->side[k].words, true);
        progress_clear();
        if (status == STATUS_BAD_INPUT || status == STATUS_BUG) return status;
    }
    r->seeds = seeds;
    return STATUS_OK;
}

bool compare_runs_enough(const struct compare_runs *r, const struct compare *c) {
    if (r->goal.figure < 0) return true;
    const struct compared_figure *f = &c->of[r->goal.figure];
    double half = (f->high - f->low) / 2;
    bool known = f->known && half < r->goal.share * f->base;
    if (known || r->seeds == r->most)
        fprintf(stderr,
                "firedrill compare: %" PRIu64 " seeds on both sides: the difference of %s is "
                "%sknown to %.3g %% of the base\n",
                r->seeds, compared_name((enum compared)r->goal.figure), known ? "" : "not ",
                100 * r->goal.share);
    return known || r->seeds == r->most;
}
