/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sweep_stop.h"

#include <stdlib.h>

#define FIRST_LOOK 50 /* seeds; fewer say little of a 95th percentile */

static const char *const figures[] = {"mttr.mean", "mttr.p50", "mttr.p95", "mttr.p99"};

static const struct estimate *estimate_of(const struct distribution *d, int figure) {
    const struct estimate *const all[] = {&d->mean, &d->p50, &d->p95, &d->p99};
    return all[figure];
}

uint32_t sweep_stop_look(uint32_t look) { return look == 0 ? FIRST_LOOK : look + 1 + look / 10; }

bool sweep_stop_read(struct sweep_stop *stop, const struct arguments *a) {
    const char *goal = argument(a, "until");
    *stop = (struct sweep_stop){.goal = {.figure = -1}, .next_look = sweep_stop_look(0)};
    if (!argument_int(a, "max-failures", 1, INT64_MAX, 0, &stop->failures)) return false;
    if (argument(a, "fail-fast")) stop->failures = 1;
    if (!goal) return true;
    struct diags diags = {0};
    bool good = precision_read(&stop->goal, goal, strlen(goal), figures, ARRAY_LEN(figures),
                               "--until", &diags);
    diag_print(&diags, stderr);
    return good;
}

static bool known_well(const struct sweep_stop *stop, const struct sweep_figures *f) {
    struct distribution d;
    distribution_of_groups(f->repaired.list, f->repaired.run_ends, f->repaired.runs, &d);
    const struct estimate *e = estimate_of(&d, stop->goal.figure);
    return d.count > 1 && (double)(e->high - e->low) / 2 < stop->goal.share * (double)e->value;
}

static bool goal_reached(struct sweep_stop *stop, const struct sweep *sweep) {
    uint32_t parts = sweep->plan->part_count;
    uint64_t seeds = sweep->runs / parts;
    if (stop->goal.figure < 0 || sweep->runs % parts != 0 || seeds < stop->next_look) return false;
    while (stop->next_look <= seeds) stop->next_look = sweep_stop_look(stop->next_look);
    for (uint32_t k = 0; k < parts; k++)
        if (!known_well(stop, &sweep->parts[k])) return false;
    return true;
}

bool sweep_stop_now(struct sweep_stop *stop, const struct sweep *sweep) {
    if (stop->failures > 0 && sweep->not_passed >= (uint64_t)stop->failures)
        snprintf(stop->why, sizeof stop->why, "%llu did not pass",
                 (unsigned long long)sweep->not_passed);
    else if (goal_reached(stop, sweep))
        snprintf(stop->why, sizeof stop->why, "%s is known to %.3g %%", figures[stop->goal.figure],
                 100 * stop->goal.share);
    return stop->why[0] != '\0';
}
