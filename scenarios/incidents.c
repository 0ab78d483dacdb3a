/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Incidents as a load: causes of one kind that come at a rate, to services of a list, as a Poisson
 * stream. They are drawn here and stand in the plan as faults like any other, so that nothing that
 * runs draws anything, and a trace shows what came when.
 *
 * Gaps, places and lengths have streams of their own, and a gap is the mean gap times a number
 * drawn without looking at the rate: with another rate the same incidents come sooner or later
 * (common random numbers), which is what makes two points of a curve comparable. Integers only:
 * exponential numbers are von Neumann's, by comparing uniform ones ("Various techniques used in
 * connection with random digits", 1951).
 */
#include "engine/base/prng.h"
#include "engine/base/ratio.h"
#include "scenarios/loading.h"

#define OVER_MAX    64
#define HANDS_MAX   2000 /* drawn holds of a lock */
#define WAITING_MAX 400  /* of them at once: the lock store's queue is finite */

struct drawing {
    struct scn_stream stream;
    uint32_t over_count;
    struct plan_fault over[OVER_MAX]; /* what befalls each service, but for its time */
    bool exponential;                 /* the time for which a lock is kept */
};

/* mean times an exponential number of mean 1 */
time_ns scn_exponential(struct prng *stream, time_ns mean) {
    for (uint64_t whole = 0;; whole++) {
        uint64_t first = prng_next(stream), last = first;
        uint32_t falls = 0;
        for (uint64_t next = prng_next(stream); next < last; next = prng_next(stream)) {
            last = next;
            falls++;
        }
        if (falls % 2 == 1) continue;
        uint128 part = ((uint128)first * (uint64_t)mean) >> 64;
        uint128 sum = part + (uint128)whole * (uint64_t)mean;
        return sum > INT64_MAX ? INT64_MAX : (time_ns)sum;
    }
}

static void read_window(struct scn_loading *l, struct drawing *d) {
    struct yaml_node *until = yaml_key(l->doc, d->stream.node, "until");
    d->stream.from_ns =
        yaml_duration(l->doc, yaml_key(l->doc, d->stream.node, "from"), 0, SCN_DURATION_MAX, 0);
    d->stream.until_ns = yaml_duration(l->doc, until, 1, SCN_DURATION_MAX, l->plan->duration_ns);
    if (d->stream.until_ns > l->plan->duration_ns)
        yaml_error(l->doc, until, "incidents come before the run's end");
    else if (d->stream.until_ns <= d->stream.from_ns)
        yaml_error(l->doc, until ? until : d->stream.node, "incidents end before they begin");
}

static void read_causes(struct scn_loading *l, struct drawing *d) {
    struct yaml_node *over = scn_required(l, d->stream.node, "over", "incidents");
    struct yaml_node *cause = scn_required(l, d->stream.node, "cause", "incidents");
    d->over_count = scn_count(l, over, OVER_MAX, "services");
    if (over && d->over_count == 0) yaml_error(l->doc, over, "expected at least one service");
    for (uint32_t i = 0; cause && i < d->over_count; i++) {
        struct svc_id service = scn_service(l, over->items[i]);
        if (service.v == NONE_ID || !scn_read_cause(l, cause, service, false, &d->over[i])) {
            d->over_count = 0; /* told once, not once a service */
            return;
        }
    }
}

/* A number that a Poisson one of that mean does not exceed in practice: four deviations. */
static int64_t most_of(int64_t mean) { return mean + 4 * (int64_t)isqrt64((uint64_t)mean); }

/* By the rate, not by what a seed draws: a scenario is good with every seed, or with none. */
void scn_refuse_rate(struct scn_loading *l, const struct scn_stream *s, int64_t room) {
    int64_t mean = (s->until_ns - s->from_ns) / s->gap_ns;
    if (most_of(mean) > room)
        yaml_error(
            l->doc, s->rate,
            "some %lld incidents; at most %lld fit into a run, four deviations over the mean",
            (long long)mean, (long long)room);
}

static void refuse_too_many(struct scn_loading *l, const struct drawing *d) {
    const struct scn_stream *s = &d->stream;
    bool hands = fault_entry(d->over[0].kind)->target == FAULT_TARGET_LOCK;
    scn_refuse_rate(l, s, hands ? HANDS_MAX : (int64_t)PLAN_DEFECTS_MAX - l->plan->fault_count);
    time_ns lasts = s->until_ns - s->from_ns;
    time_ns waits = d->over[0].waits_ns > 0 ? d->over[0].waits_ns : lasts;
    if (hands && most_of(waits / s->gap_ns) > WAITING_MAX &&
        most_of(lasts / s->gap_ns) > WAITING_MAX)
        yaml_error(
            l->doc, s->rate,
            "more than %d might wait for a lock at once: a lower rate, or a shorter \"waits\"",
            WAITING_MAX);
}

static void draw(struct scn_loading *l, const struct drawing *d) {
    struct plan *plan = l->plan;
    uint32_t stated = plan->fault_count;
    bool hands = fault_entry(d->over[0].kind)->target == FAULT_TARGET_LOCK;
    uint32_t most = stated + (hands ? HANDS_MAX : PLAN_DEFECTS_MAX - stated);
    struct prng gaps = prng_named(plan->seed, "incident gaps", 0);
    struct prng places = prng_named(plan->seed, "incident places", 0);
    struct prng holds = prng_named(plan->seed, "incident holds", 0);
    struct plan_fault *all = ARENA_NEW(l->arena, struct plan_fault, most);
    for (uint32_t f = 0; f < stated; f++) all[f] = plan->faults[f];
    uint32_t count = stated;
    for (time_ns at = time_add(d->stream.from_ns, scn_exponential(&gaps, d->stream.gap_ns));
         at < d->stream.until_ns && count < most;
         at = time_add(at, scn_exponential(&gaps, d->stream.gap_ns))) {
        struct plan_fault *f = &all[count++];
        *f = d->over[prng_below(&places, d->over_count)];
        f->name = scn_format(l->arena, "incident-%u", count - stated);
        f->at = at;
        if (d->exponential) f->keeps_ns = scn_exponential(&holds, f->keeps_ns);
        if (d->exponential && f->keeps_ns == 0) f->keeps_ns = 1;
        if (f->lasts_ns > plan->duration_ns - at) f->lasts_ns = TIME_NEVER;
    }
    plan->faults = all;
    plan->drawn_count = count - stated;
    plan->fault_count = count;
}

static void refuse_names(struct scn_loading *l) {
    for (uint32_t f = 0; f < l->plan->fault_count; f++)
        if (strncmp(l->plan->faults[f].name, "incident-", 9) == 0)
            yaml_error(l->doc, yaml_key(l->doc, l->root, "faults"),
                       "\"%s\" is what incidents are called that are drawn; give it another name",
                       l->plan->faults[f].name);
}

static bool exponential_keeps(struct scn_loading *l, const struct drawing *d) {
    static const char *const words[] = {"fixed", "exponential"};
    struct yaml_node *node = yaml_key(l->doc, d->stream.node, "keeps");
    bool drawn = yaml_choice(l->doc, node, words, ARRAY_LEN(words), 0) == 1;
    if (drawn && d->over_count > 0 && d->over[0].keeps_ns == 0)
        yaml_error(l->doc, node, "the cause says no time for which it \"keeps\" a lock");
    return drawn;
}

static void draw_cause(struct scn_loading *l, struct drawing *d) {
    uint32_t errors = l->doc->diags->errors;
    read_causes(l, d);
    d->exponential = exponential_keeps(l, d);
    yaml_unknown_keys(l->doc, d->stream.node, "incidents");
    refuse_names(l);
    if (l->doc->diags->errors > errors) return;
    refuse_too_many(l, d);
    if (l->doc->diags->errors == errors) draw(l, d);
}

void scn_draw_incidents(struct scn_loading *l) {
    struct yaml_node *node = yaml_key(l->doc, l->root, "incidents");
    struct drawing d = {.stream = {.node = node}};
    if (yaml_is_null(node)) return;
    d.stream.rate = scn_required(l, node, "rate", "incidents");
    d.stream.gap_ns = yaml_gap(l->doc, d.stream.rate, NS_PER_HOUR);
    read_window(l, &d);
    (void)yaml_key(l->doc, node, "patches"); /* read with the others */
    if (yaml_is_null(yaml_key(l->doc, node, "mix")))
        draw_cause(l, &d);
    else
        scn_draw_mix(l, &d.stream);
}
