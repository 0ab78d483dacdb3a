/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sweep_stop.h"

#include <stdlib.h>

#define FIRST_LOOK 50 /* seeds; fewer say little of a 95th percentile */

static const char *const figures[] = {"mttr.mean", "mttr.p50", "mttr.p95", "mttr.p99"};

static const struct estimate *estimate_of(const struct distribution *d, int figure) {
    const struct estimate *const all[] = {&d->mean, &d->p50, &d->p95, &d->p99};
    return all[figure];
}

/* "ci(mttr.p95) < 2%" */
static bool read_goal(struct sweep_stop *stop, const char *text) {
    char figure[16] = "", end = '\0';
    int matched = sscanf(text, " ci ( %15[a-z0-9.] ) < %lf %c", figure, &stop->precision, &end);
    stop->precision /= 100;
    for (size_t k = 0; k < ARRAY_LEN(figures); k++)
        if (strcmp(figure, figures[k]) == 0) stop->figure = (int)k;
    if (matched == 3 && end == '%' && stop->figure >= 0 && stop->precision > 0) return true;
    char shown[96];
    const char *nearest = nearest_name(figure, strlen(figure), figures, ARRAY_LEN(figures));
    printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr, "firedrill sweep: --until: expected such as \"ci(mttr.p95) < 2%%\", got \"%s\"",
            shown);
    if (stop->figure < 0 && nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fputc('\n', stderr);
    return false;
}

bool sweep_stop_read(struct sweep_stop *stop, const struct arguments *a) {
    const char *goal = argument(a, "until");
    *stop = (struct sweep_stop){.figure = -1, .next_look = FIRST_LOOK};
    if (!argument_int(a, "max-failures", 1, INT64_MAX, 0, &stop->failures)) return false;
    if (argument(a, "fail-fast")) stop->failures = 1;
    return !goal || read_goal(stop, goal);
}

static bool known_well(const struct sweep_stop *stop, const struct sweep_figures *f) {
    struct distribution d;
    distribution_of_groups(f->repaired.list, f->repaired.run_ends, f->repaired.runs, &d);
    const struct estimate *e = estimate_of(&d, stop->figure);
    return d.count > 1 && (double)(e->high - e->low) / 2 < stop->precision * (double)e->value;
}

static bool goal_reached(struct sweep_stop *stop, const struct sweep *sweep) {
    uint32_t parts = sweep->plan->part_count;
    uint64_t seeds = sweep->runs / parts;
    if (stop->figure < 0 || sweep->runs % parts != 0 || seeds < stop->next_look) return false;
    while (stop->next_look <= seeds) stop->next_look += 1 + stop->next_look / 10;
    for (uint32_t k = 0; k < parts; k++)
        if (!known_well(stop, &sweep->parts[k])) return false;
    return true;
}

bool sweep_stop_now(struct sweep_stop *stop, const struct sweep *sweep) {
    if (stop->failures > 0 && sweep->not_passed >= (uint64_t)stop->failures)
        snprintf(stop->why, sizeof stop->why, "%llu did not pass",
                 (unsigned long long)sweep->not_passed);
    else if (goal_reached(stop, sweep))
        snprintf(stop->why, sizeof stop->why, "%s is known to %.3g %%", figures[stop->figure],
                 100 * stop->precision);
    return stop->why[0] != '\0';
}
