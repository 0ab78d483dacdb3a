/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/capacity_runs.h"

#include "engine/base/check.h"
#include "reports/forms/sweep_lines.h"
#include "sim/run/terminal.h"
#include "sim/run/workers.h"

#include <stdlib.h>

#define CELLS_MAX (CAPACITY_SIDE_MAX * CAPACITY_SIDE_MAX)

/* ---- cells ---- */

const struct capacity_cell *capacity_runs_cell(const struct capacity_runs *r, uint32_t x,
                                               uint32_t y) {
    for (uint32_t k = 0; k < r->request.plan.part_count; k++)
        if (r->cells[k].x == x && r->cells[k].y == y) return &r->cells[k];
    return NULL;
}

/* What is set, after what the command line set besides. */
static const char *setting(const struct capacity_runs *r, uint32_t x, uint32_t y,
                           const char *also) {
    char text[700], value[48];
    int len = snprintf(text, sizeof text, "%s%s%s=%s", also ? also : "", also ? "," : "", r->x.key,
                       capacity_point(value, sizeof value, &r->x, x));
    if (r->y.key[0])
        snprintf(text + len, sizeof text - (size_t)len, ",%s=%s", r->y.key,
                 capacity_point(value, sizeof value, &r->y, y));
    return arena_text(r->arena, text, strlen(text));
}

/* The option by which it was asked for. */
static void tell(const struct capacity_runs *r, struct diags *diags) {
    for (uint32_t k = 0; k < diags->count && !r->given.set; k++)
        if (strcmp(diags->list[k].file, "--set") == 0)
            snprintf(diags->list[k].file, sizeof diags->list[k].file, "--vary");
    diag_print(diags, stderr);
}

static bool load(struct capacity_runs *r, const struct scn_options *given, struct swept *out) {
    struct diags diags = {0};
    struct scenario *list;
    uint32_t count = 0;
    bool good = scenarios_load(r->arena, r->path, r->bytes, r->len, given, &diags, &list, &count);
    if (good && count != 1) {
        diag_error(&diags, r->path, 0, 0, "expected one scenario, got %u", count);
        good = false;
    }
    if (good) *out = (struct swept){&list[0], r->named, *given};
    tell(r, &diags);
    return good;
}

static struct capacity_cell *cell_of(struct capacity_runs *r, uint32_t x, uint32_t y) {
    for (uint32_t k = 0; k < r->request.plan.part_count; k++)
        if (r->cells[k].x == x && r->cells[k].y == y) return &r->cells[k];
    uint32_t part = r->request.plan.part_count;
    struct scn_options given = r->given;
    given.set = setting(r, x, y, r->given.set);
    ASSERT(part < CELLS_MAX);
    if (!load(r, &given, &r->request.swept[part])) return NULL;
    r->cells[part] = (struct capacity_cell){.x = x, .y = y};
    r->request.plan.part_count++;
    return &r->cells[part];
}

bool capacity_runs_open(struct capacity_runs *r, const char *named) {
    struct diags diags = {0};
    r->named = named;
    r->given.seed_given = true;
    r->request.swept = ARENA_NEW(r->arena, struct swept, CELLS_MAX);
    r->cells = ARENA_NEW(r->arena, struct capacity_cell, CELLS_MAX);
    bool good = scenario_file(r->arena, named, &r->path, &r->bytes, &r->len, &diags);
    diag_print(&diags, stderr);
    r->status = STATUS_BAD_INPUT;
    if (!good || !cell_of(r, 0, 0) || !cell_of(r, r->x.last, r->y.last)) return false;
    r->status = STATUS_OK;
    return true;
}

const struct scenario *capacity_runs_scenario(const struct capacity_runs *r) {
    return r->request.swept[0].scenario;
}

void capacity_runs_close(struct capacity_runs *r) {
    for (uint32_t k = 0; r->cells && k < r->request.plan.part_count; k++) free(r->cells[k].runs);
    free(r->times);
}

/* ---- runs ---- */

struct batch { /* units are what its cells lack, cell by cell, seed by seed */
    struct capacity_runs *runs;
    struct capacity_cell **cells;
    uint32_t *ends; /* behind the units of each */
    uint32_t *had;
    uint32_t cell_count, seeds;
};

static uint32_t unit_cell(const struct batch *b, uint64_t unit, uint64_t *seed) {
    uint32_t k = 0;
    while (unit >= b->ends[k]) k++;
    uint64_t from = k > 0 ? b->ends[k - 1] : 0;
    *seed = b->runs->first_seed + b->had[k] + (unit - from);
    return k;
}

static uint32_t part_of(const struct capacity_runs *r, const struct capacity_cell *cell) {
    return (uint32_t)(cell - r->cells);
}

static enum status run_unit(void *context, uint64_t unit, struct bytes *answer) {
    const struct batch *b = context;
    uint64_t seed;
    uint32_t k = unit_cell(b, unit, &seed);
    return sweep_part_run(&b->runs->request, part_of(b->runs, b->cells[k]), seed, answer);
}

static void note_trouble(struct capacity_runs *r, const struct run_summary *run) {
    bool worse = run->violations > 0 && r->violations == 0;
    if (r->not_passed == 0 || worse) {
        memcpy(r->why, run->why, sizeof r->why);
        memcpy(r->reproduce, run->reproduce, sizeof r->reproduce);
    }
    r->not_passed++;
    r->violations += run->violations;
}

static bool crashed(struct capacity_runs *r, const struct capacity_cell *cell, uint64_t seed,
                    enum status status) {
    char line[512];
    sweep_part_reproducing(&r->request, part_of(r, cell), seed, line, sizeof line);
    progress_clear();
    if (status != STATUS_BAD_INPUT)
        fprintf(stderr, "firedrill capacity: a run crashed\n  reproduce: %s\n", line);
    r->status = status == STATUS_BAD_INPUT ? STATUS_BAD_INPUT : STATUS_BUG;
    return false;
}

static bool take_answer(void *context, uint64_t unit, const struct worked *worked) {
    const struct batch *b = context;
    struct capacity_runs *r = b->runs;
    struct run_summary run;
    const char *expected;
    uint64_t seed;
    struct capacity_cell *cell = b->cells[unit_cell(b, unit, &seed)];
    if (worked->status != STATUS_OK) return crashed(r, cell, seed, worked->status);
    bool good =
        sweep_run_read((const char *)worked->answer.bytes, worked->answer.len - 1, &run, &expected);
    ASSERT(good); /* this program wrote it */
    cell->runs[cell->count++] = figured_run(&run);
    for (int k = 0; k < REFUSALS; k++) cell->refusals.of[k] += run.refusals.of[k];
    if (run.status != STATUS_OK) note_trouble(r, &run);
    r->runs++;
    progress("%llu runs, now at %s %.60s", (unsigned long long)r->runs, r->x.key,
             r->request.swept[part_of(r, cell)].given.set);
    return true;
}

static bool run_batch(struct batch *b) {
    uint32_t units = 0;
    for (uint32_t k = 0; k < b->cell_count; k++) {
        struct capacity_cell *cell = b->cells[k];
        b->had[k] = cell->count;
        if (cell->count < b->seeds) {
            units += b->seeds - cell->count;
            cell->runs = realloc(cell->runs, b->seeds * sizeof *cell->runs);
            ASSERT(cell->runs != NULL);
        }
        b->ends[k] = units;
    }
    struct work work = {b, units, b->runs->at_once, run_unit, take_answer};
    return units == 0 || work_run(&work);
}

bool capacity_runs_measure(struct capacity_runs *r, const uint32_t *xs, uint32_t count, uint32_t y,
                           uint32_t seeds) {
    struct capacity_cell *cells[KNEE_POINTS_MAX];
    uint32_t ends[KNEE_POINTS_MAX], had[KNEE_POINTS_MAX];
    struct batch b = {r, cells, ends, had, count, seeds};
    ASSERT(count <= KNEE_POINTS_MAX);
    for (uint32_t k = 0; k < count; k++) {
        cells[k] = cell_of(r, xs[k], y);
        if (!cells[k]) {
            r->status = STATUS_BAD_INPUT;
            return false;
        }
    }
    return run_batch(&b);
}

/* ---- figures ---- */

double capacity_runs_figure(struct capacity_runs *r, uint32_t x, uint32_t y, const uint32_t *seeds,
                            uint32_t count) {
    const struct capacity_cell *cell = capacity_runs_cell(r, x, y);
    struct figured_sums sums = {0};
    struct figured figures;
    size_t times = 0;
    if (r->times_room < (size_t)count * SUMMARY_INCIDENTS_MAX) {
        r->times_room = (size_t)count * SUMMARY_INCIDENTS_MAX;
        r->times = realloc(r->times, r->times_room * sizeof *r->times);
        ASSERT(r->times != NULL);
    }
    for (uint32_t k = 0; k < count; k++) {
        const struct figured_run *run = &cell->runs[seeds[k]];
        figured_add(&sums, run);
        for (uint32_t i = 0; i < run->incidents; i++)
            if (run->mended[i]) r->times[times++] = (double)run->mttr[i];
    }
    figured_finish(&sums, r->times, times, &figures);
    return figures.of[r->figure];
}
