/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Is the candidate worse than stable? Two kinds of figures.
 *
 * Counts since the stage began: own failures, failed calls, slow answers, requests given up by
 * their callers, and how many of all requests reached it. Each is tested as a share (compare.h),
 * and a breach needs the test and a minimum effect. They divide the canary's level: half to own
 * failures, a tenth to each of the others and to the growth of memory; within its part
 * each look spends an equal one. Slow are those over the limit of latency: when a hundredth more of
 * the candidate's are, its 99th percentile is over the limit and stable's is not, whatever the
 * distribution.
 *
 * Gauges have no count to test: CPU beyond its limit and stable's, and the mean age of what is in
 * flight. That one sees what a request that never ends hides from all the others.
 */
#define PARTS_ALL   10 /* of the level */
#define PART_ERRORS 5  /* the others have one each */

static int64_t z_of(const struct eng_canary *limits, int64_t parts) {
    return compare_z_milli(limits->alpha_ppm, limits->looks_max * PARTS_ALL / parts);
}

/* Counters are in millionths. */
static struct proportion since_first(const struct canary *c, int which, size_t counter) {
    int64_t before, now;
    const uint8_t *first = (const uint8_t *)&c->first[which],
                  *last = (const uint8_t *)&c->now[which];
    memcpy(&before, first + counter, sizeof before);
    memcpy(&now, last + counter, sizeof now);
    return (struct proportion){(now - before) / PPM_ONE,
                               (c->now[which].requests - c->first[which].requests) / PPM_ONE};
}
#define SINCE_FIRST(c, which, field) since_first(c, which, offsetof(struct stage_sample, field))

struct proportion canary_counted_stable(const struct canary *c) {
    return SINCE_FIRST(c, 1, errors);
}

/* Failed by what they called. A callee that fails does so for stable's calls, too. */
static struct proportion passed_on(const struct canary *c, int which) {
    struct proportion p = SINCE_FIRST(c, which, failures);
    p.errors -= SINCE_FIRST(c, which, errors).errors;
    return p;
}

/* Of those that came in, answered or not: one that was given up may never be answered. */
static struct proportion given_up(const struct canary *c, int which) {
    struct proportion p = SINCE_FIRST(c, which, abandoned);
    p.total += (c->now[which].in_flight - c->first[which].in_flight) / PPM_ONE;
    return p;
}

/* It gets surely less than its share of the traffic, by more than may be. Those in flight count:
 * a slow answer is late, not lost. */
static bool gets_too_few(const struct engine *e, const struct op *op,
                         const struct canary_finding *found) {
    const struct eng_canary *limits = &e->config->canary;
    int64_t mine = given_up(&op->canary, 0).total, low, high;
    int64_t all = mine + given_up(&op->canary, 1).total;
    int64_t share = limits->stage[op->canary.stage].share_ppm;
    if (found->stable.total < limits->stage[op->canary.stage].min_samples) return false;
    wilson_bounds((struct proportion){mine, all}, z_of(limits, 1), &low, &high);
    return high < ppm_mul(share, PPM_ONE - limits->rate_drop_ppm);
}

/* Beyond the limit, and beyond what it replaces: a remedy for saturation may start out saturated.
 */
static bool burns_cpu(const struct eng_canary *limits, const struct canary *c) {
    const struct gate_number *cpu = &c->gauges[0].cpu, *stable = &c->gauges[1].cpu;
    if (cpu->kind != VALUE_NUMBER || cpu->micro <= limits->cpu_max_ppm) return false;
    return stable->kind != VALUE_NUMBER || cpu->micro > stable->micro + limits->min_effect_ppm;
}

static bool requests_hang(const struct engine *e, const struct canary *c) {
    const struct stage_gauges *mine = &c->gauges[0], *stable = &c->gauges[1];
    int64_t least = e->config->canary.in_flight_min * PPM_ONE;
    if (mine->in_flight.kind != VALUE_NUMBER || mine->in_flight.micro < least ||
        mine->in_flight_age.kind != VALUE_NUMBER ||
        mine->in_flight_age.micro <= e->config->detection.latency_limit_micro)
        return false;
    return stable->in_flight_age.kind != VALUE_NUMBER ||
           mine->in_flight_age.micro >
               ppm_mul(stable->in_flight_age.micro, e->config->canary.latency_ratio_ppm);
}

/* ---- memory ---- */

/* One is over at the first look after it is. */
static time_ns window_of(const struct eng_canary *limits) {
    time_ns look = limits->look_interval_ns;
    return (limits->memory_window_ns + look - 1) / look * look;
}

/* Windows of all stages, each held as long as it may: the growth is looked at once a window. */
static int64_t windows_of(const struct eng_canary *limits) {
    int64_t windows = 1;
    for (uint32_t i = 0; i < limits->stage_count; i++)
        windows += (limits->stage[i].soak_ns + limits->hold_max_ns) / window_of(limits);
    return windows;
}

void canary_grow(const struct engine *e, struct canary *c) {
    time_ns window = window_of(&e->config->canary), since = e->mono - c->floor_mono;
    if (since < window) return;
    if (since >= 2 * window) memset(c->growth, 0, sizeof c->growth); /* one was missed */
    if (c->gauges[0].floor.kind != VALUE_NUMBER || c->gauges[1].floor.kind != VALUE_NUMBER) return;
    c->floor_mono = e->mono;
    for (int which = 0; which < 2; which++)
        growth_add(&c->growth[which], c->gauges[which].floor.micro);
}

/* Surely faster than stable's, and surely at the limit before the horizon. */
static bool memory_grows(const struct eng_canary *limits, const struct canary *c) {
    int64_t low, last = c->gauges[0].floor.micro;
    if (c->gauges[0].floor.kind != VALUE_NUMBER ||
        !growth_low(&c->growth[0], limits->alpha_ppm, PARTS_ALL * windows_of(limits), &low))
        return false;
    int64_t until = muldiv(low, limits->memory_horizon_ns, window_of(limits)) / 1000;
    return low > growth_slope(&c->growth[1]) && until >= PPM_ONE - last;
}

/* ---- all together ---- */

static bool known(const struct gate_number *figure) { return figure->kind == VALUE_NUMBER; }

/* A mean age of nothing in flight is no number, and no figure is missing. */
static bool complete(const struct canary *c) {
    for (int which = 0; which < 2; which++) {
        const struct stage_gauges *g = &c->gauges[which];
        bool idle = g->in_flight.micro == 0;
        if (!known(&g->cpu) || !known(&g->floor)) return false;
        if (!known(&g->in_flight_age) && !idle) return false;
    }
    return true;
}

static const char *breach_of(const struct engine *e, const struct op *op,
                             const struct canary_finding *found) {
    const struct canary *c = &op->canary;
    if (found->errors.breach) return "the canary fails more than what it replaces";
    if (found->passed_on.breach) return "calls of the canary fail where stable's do not";
    if (found->abandoned.breach) return "callers give up on the canary";
    if (found->slow.breach) return "the canary is slower than what it replaces";
    if (gets_too_few(e, op, found)) return "too few requests reach the canary";
    if (burns_cpu(&e->config->canary, c)) return "the canary burns CPU";
    if (requests_hang(e, c)) return "requests hang in the canary";
    if (memory_grows(&e->config->canary, c)) return "the canary's memory grows to its limit";
    return NULL;
}

void canary_judge(const struct engine *e, const struct op *op, struct canary_finding *out) {
    const struct canary *c = &op->canary;
    const struct eng_canary *limits = &e->config->canary;
    int64_t samples = limits->stage[c->stage].min_samples, z = z_of(limits, 1);
    out->candidate = SINCE_FIRST(c, 0, errors);
    out->stable = SINCE_FIRST(c, 1, errors);
    compare_proportions(out->candidate, out->stable, z_of(limits, PART_ERRORS),
                        limits->min_effect_ppm, samples, &out->errors);
    compare_proportions(passed_on(c, 0), passed_on(c, 1), z, limits->min_effect_ppm, samples,
                        &out->passed_on);
    compare_proportions(SINCE_FIRST(c, 0, slow), SINCE_FIRST(c, 1, slow), z, limits->min_slow_ppm,
                        samples, &out->slow);
    compare_proportions(given_up(c, 0), given_up(c, 1), z, limits->min_effect_ppm, samples,
                        &out->abandoned);
    out->breach = breach_of(e, op, out);
    out->complete = complete(c);
}
