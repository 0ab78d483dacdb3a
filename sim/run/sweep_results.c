/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sweep_results.h"

#include "reports/forms/sweep_lines.h"

#include <stdlib.h>

uint32_t sweep_unit_part(const struct sweep_plan *plan, uint64_t unit) {
    return (uint32_t)(unit % plan->part_count);
}
uint64_t sweep_unit_seed(const struct sweep_plan *plan, uint64_t unit) {
    uint64_t turn = plan->shards > 0 ? plan->shards : 1;
    return plan->first_seed + unit / plan->part_count * turn + plan->shard;
}

uint64_t sweep_unit_count(const struct sweep_plan *plan, uint64_t seeds) {
    uint64_t turn = plan->shards > 0 ? plan->shards : 1;
    uint64_t mine = seeds > plan->shard ? (seeds - plan->shard + turn - 1) / turn : 0;
    return mine * plan->part_count;
}

static bool take_head(const struct sweep_results *r, const char *line, size_t len,
                      struct diags *diags) {
    struct arena arena;
    struct sweep_plan was;
    const char *expected;
    char why[400];
    bool good = false;
    arena_open(&arena);
    if (!sweep_head_read(line, len, &arena, &was, &expected))
        diag_error(diags, r->journal.path, 1, 0, "is no results of a sweep: expected %s", expected);
    else if (sweep_plans_differ(&was, r->plan, why, sizeof why))
        diag_error(diags, r->journal.path, 1, 0,
                   "holds results of another sweep, and the two are not mixed: %s; choose another "
                   "--out",
                   why);
    else
        good = true;
    arena_close(&arena);
    return good;
}

static bool take_run(struct sweep_results *r, const char *line, size_t len, struct diags *diags) {
    struct run_summary run;
    const char *expected;
    uint64_t unit = r->sweep.runs;
    if (!sweep_run_read(line, len, &run, &expected))
        diag_error(diags, r->journal.path, (int)(unit + 2), 0, "is no run: expected %s", expected);
    else if (run.part != sweep_unit_part(r->plan, unit) ||
             run.seed != sweep_unit_seed(r->plan, unit))
        diag_error(diags, r->journal.path, (int)(unit + 2), 0,
                   "expected the run of scenario %u with seed %llu", sweep_unit_part(r->plan, unit),
                   (unsigned long long)sweep_unit_seed(r->plan, unit));
    else {
        sweep_add(&r->sweep, &run);
        return true;
    }
    return false;
}

static bool take_line(void *context, uint64_t number, const char *line, size_t len,
                      struct diags *diags) {
    return number == 0 ? take_head(context, line, len, diags) : take_run(context, line, len, diags);
}

static bool write_head(struct sweep_results *r, struct diags *diags) {
    char *head = sweep_head_line(r->plan);
    bool good = journal_append(&r->journal, head, diags);
    free(head);
    return good;
}

bool sweep_results_open(struct sweep_results *r, const char *path, const struct sweep_plan *plan,
                        struct diags *diags) {
    *r = (struct sweep_results){.plan = plan};
    sweep_open(&r->sweep, plan);
    if (journal_open(&r->journal, path, take_line, r, diags) &&
        (r->journal.lines > 0 || write_head(r, diags)))
        return true;
    sweep_results_close(r);
    return false;
}

bool sweep_results_add(struct sweep_results *r, const char *line, struct diags *diags) {
    return take_run(r, line, strlen(line), diags) && journal_append(&r->journal, line, diags);
}

bool sweep_results_finish(struct sweep_results *r, struct diags *diags) {
    sweep_finish(&r->sweep);
    return journal_finish(&r->journal, diags);
}

void sweep_results_close(struct sweep_results *r) {
    journal_close(&r->journal);
    sweep_close(&r->sweep);
}
