/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/sweep.h"
#include "engine/base/check.h"
#include <stdlib.h>

/* ---- samples, run by run ---- */

static void *grown(void *list, uint32_t needed, uint32_t *capacity, size_t size) {
    if (needed <= *capacity) return list;
    *capacity = 2 * needed;
    void *moved = realloc(list, *capacity * size);
    ASSERT(moved != NULL);
    return moved;
}

/* Where up to "most" samples of the next run go, which may be none; run_added says how many did. */
static time_ns *run_room(struct sweep_samples *s, uint32_t most) {
    s->list = grown(s->list, s->count + most + 1, &s->capacity, sizeof *s->list);
    return s->list + s->count;
}
static void run_added(struct sweep_samples *s, uint32_t count) {
    s->run_ends = grown(s->run_ends, s->runs + 1, &s->run_capacity, sizeof *s->run_ends);
    s->count += count;
    s->run_ends[s->runs++] = s->count;
}
static void samples_free(struct sweep_samples *s) {
    free(s->list);
    free(s->run_ends);
}

/* ---- all of them ---- */

void sweep_open(struct sweep *sweep, const struct sweep_plan *plan) {
    *sweep = (struct sweep){.plan = plan};
    sweep->parts = calloc(plan->part_count + 1, sizeof *sweep->parts);
    ASSERT(sweep->parts != NULL);
}

void sweep_close(struct sweep *sweep) {
    for (uint32_t k = 0; sweep->parts && k < sweep->plan->part_count; k++) {
        samples_free(&sweep->parts[k].repaired);
        samples_free(&sweep->parts[k].waited);
        free(sweep->parts[k].troubles);
    }
    free(sweep->parts);
    *sweep = (struct sweep){0};
}

static void add_trouble(struct sweep_figures *f, const struct run_summary *run) {
    if (f->trouble_count == SWEEP_TROUBLES_MAX) {
        f->troubles_dropped++;
        return;
    }
    f->troubles =
        grown(f->troubles, f->trouble_count + 1, &f->trouble_capacity, sizeof *f->troubles);
    struct sweep_trouble *t = &f->troubles[f->trouble_count++];
    *t = (struct sweep_trouble){.seed = run->seed, .status = run->status};
    memcpy(t->why, run->why, sizeof t->why);
    memcpy(t->reproduce, run->reproduce, sizeof t->reproduce);
    memcpy(t->trace, run->trace, sizeof t->trace);
}

static void add_figures(struct sweep_figures *f, const struct run_summary *run) {
    f->violations += run->violations;
    f->lock_requests += run->lock_requests;
    f->lock_timeouts += run->lock_timeouts;
    *run_room(&f->waited, 1) = run->lock_wait;
    run_added(&f->waited, 1);
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        f->indicators.of[k].part += run->indicators.of[k].part;
        f->indicators.of[k].whole += run->indicators.of[k].whole;
    }
    uint32_t before = f->repaired.count;
    (void)run_room(&f->repaired, run->incident_count);
    for (uint32_t i = 0; i < run->incident_count; i++)
        mttr_add(&f->mttr, &run->incidents[i], f->repaired.list);
    run_added(&f->repaired, f->mttr.repaired.count - before);
}

void sweep_add(struct sweep *sweep, const struct run_summary *run) {
    ASSERT(run->part < sweep->plan->part_count);
    struct sweep_figures *f = &sweep->parts[run->part];
    f->runs++;
    f->passed += run->status == STATUS_OK;
    f->failed += run->status == STATUS_FAILED;
    f->inconclusive += run->status == STATUS_INCONCLUSIVE;
    f->crashed += run->status == STATUS_BUG;
    if (run->status != STATUS_BUG) add_figures(f, run);
    if (run->status != STATUS_OK) add_trouble(f, run);
    sweep->runs++;
    sweep->not_passed += run->status != STATUS_OK;
    sweep->status = status_worse(sweep->status, run->status);
}

void sweep_finish(struct sweep *sweep) {
    for (uint32_t k = 0; k < sweep->plan->part_count; k++) {
        struct sweep_figures *f = &sweep->parts[k];
        distribution_of_groups(f->repaired.list, f->repaired.run_ends, f->repaired.runs,
                               &f->mttr.repaired);
        distribution_of_groups(f->waited.list, f->waited.run_ends, f->waited.runs, &f->lock_wait);
    }
}

static bool parts_differ(const struct sweep_plan *was, const struct sweep_plan *now, char *why,
                         size_t size) {
    for (uint32_t k = 0; k < was->part_count && k < now->part_count; k++) {
        const struct sweep_part *a = &was->parts[k], *b = &now->parts[k];
        if (strcmp(a->scenario, b->scenario) != 0 || strcmp(a->topology, b->topology) != 0)
            snprintf(why, size, "scenario %u was %s on %s, now it is %s on %s", k + 1, a->scenario,
                     a->topology, b->scenario, b->topology);
        else if (a->plan != b->plan)
            snprintf(why, size,
                     "the plan of %s on %s was another (%016llx, now %016llx): its scenario, "
                     "topology, policy, rules or an option changed",
                     a->scenario, a->topology, (unsigned long long)a->plan,
                     (unsigned long long)b->plan);
        else
            continue;
        return true;
    }
    if (was->part_count == now->part_count) return false;
    snprintf(why, size, "it was a sweep of %u scenarios, now it is one of %u", was->part_count,
             now->part_count);
    return true;
}

bool sweep_plans_differ(const struct sweep_plan *was, const struct sweep_plan *now, char *why,
                        size_t size) {
    if (strcmp(was->version, now->version) != 0)
        snprintf(why, size, "firedrill %s wrote them, this is %s", was->version, now->version);
    else if (was->program != now->program)
        snprintf(why, size, "another build of firedrill %s wrote them (%016llx, this is %016llx)",
                 was->version, (unsigned long long)was->program, (unsigned long long)now->program);
    else if (was->shards != now->shards || was->shard != now->shard || was->seeds != now->seeds)
        snprintf(why, size, "they are of another shard, or of a shard of another number of seeds");
    else if (was->first_seed != now->first_seed)
        snprintf(why, size, "their first seed is %llu, now it is %llu",
                 (unsigned long long)was->first_seed, (unsigned long long)now->first_seed);
    else
        return parts_differ(was, now, why, size);
    return true;
}

const char *run_status_name(enum status status) {
    switch (status) {
    case STATUS_OK: return "pass";
    case STATUS_FAILED: return "fail";
    case STATUS_INCONCLUSIVE: return "inconclusive";
    default: return "crash";
    }
}

enum verdict_kind run_status_verdict(enum status status) {
    return status == STATUS_OK             ? VERDICT_PASS
           : status == STATUS_INCONCLUSIVE ? VERDICT_INCONCLUSIVE
                                           : VERDICT_FAIL;
}

enum status sweep_figures_status(const struct sweep_figures *f) {
    return f->crashed        ? STATUS_BUG
           : f->failed       ? STATUS_FAILED
           : f->inconclusive ? STATUS_INCONCLUSIVE
                             : STATUS_OK;
}
