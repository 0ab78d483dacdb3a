/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look at the canary once more: counters and gauges of candidate and stable, the tests with their
 * part of the level each, what is a breach, and whether it may go on. */
#include "engine/base/ratio.h"
#include "reports/judge/interval.h"
#include "reports/judge/recompute.h"
#include <math.h>

enum counter { REQUESTS, ERRORS, FAILURES, SLOW, ABANDONED, IN_FLIGHT, COUNTERS };
static const enum query_kind queries[COUNTERS] = {QUERY_REQUESTS,  QUERY_OWN_ERRORS,
                                                  QUERY_FAILURES,  QUERY_SLOW_REQUESTS,
                                                  QUERY_ABANDONED, QUERY_IN_FLIGHT};
#define FLOORS_MAX 32

struct side {                               /* candidate or stable */
    int64_t first[COUNTERS], now[COUNTERS]; /* micro */
    const struct said_input *latency, *cpu, *age, *floor;
    int64_t floors[FLOORS_MAX], apart; /* of memory: each of so many windows */
    uint32_t floor_count;
};
struct look {
    const struct limits *limits;
    const struct fact_stage *stage;
    struct side side[2];
    int64_t symptom;
    bool errors_enough;
};

static bool number(const struct said_input *in) { return in && in->kind == VALUE_NUMBER; }

static const struct said_input *gauge(const struct said_decision *d, int64_t revision,
                                      enum query_kind query) {
    for (uint32_t k = 0; k < d->input_count; k++)
        if (d->inputs[k].revision == revision && strcmp(d->inputs[k].name, query_name(query)) == 0)
            return &d->inputs[k];
    return NULL;
}

/* Twice of one counter: at the first look and now. Once: it began at nothing. */
static void take_counter(const struct said_decision *d, int64_t revision, enum counter which,
                         struct side *side) {
    uint32_t seen = 0;
    for (uint32_t k = 0; k < d->input_count; k++) {
        const struct said_input *in = &d->inputs[k];
        if (in->revision != revision || strcmp(in->name, query_name(queries[which])) != 0) continue;
        if (seen++ > 0) side->first[which] = side->now[which];
        side->now[which] = in->micro;
    }
}

static void take_side(const struct said_decision *d, int64_t revision, struct side *side) {
    for (int which = 0; which < COUNTERS; which++)
        take_counter(d, revision, (enum counter)which, side);
    side->latency = gauge(d, revision, QUERY_LATENCY_P95);
    side->cpu = gauge(d, revision, QUERY_CPU_SHARE);
    side->age = gauge(d, revision, QUERY_IN_FLIGHT_AGE);
    side->floor = gauge(d, revision, QUERY_MEMORY_FLOOR);
    for (uint32_t k = 0; k < d->input_count; k++) {
        const struct said_input *in = &d->inputs[k];
        if (in->revision != revision || strcmp(in->name, "floor") != 0) continue;
        if (side->floor_count == FLOORS_MAX) break;
        side->floors[side->floor_count++] = in->micro;
        side->apart = in->of;
    }
}

static bool take(const struct recomputing *r, struct look *look) {
    int64_t revisions[2] = {0, 0};
    *look = (struct look){.limits = &r->facts->limits, .symptom = said_count(r->said, "symptom")};
    for (uint32_t k = 0; k < r->said->input_count; k++) {
        int64_t revision = r->said->inputs[k].revision;
        if (revision == 0 || revision == revisions[0]) continue;
        revisions[revisions[0] == 0 ? 0 : 1] = revision;
    }
    EACH(r->facts, stage, s) if (s->index == said_count(r->said, "stage")) look->stage = s;
    for (int which = 0; which < 2; which++)
        take_side(r->said, revisions[which], &look->side[which]);
    return look->stage && revisions[1] != 0 && said_input(r->said, "stage", 0);
}

/* ---- the tests ---- */

static int64_t counted(const struct look *look, int which, enum counter counter) {
    const struct side *side = &look->side[which];
    return (side->now[counter] - side->first[counter]) / PPM_ONE;
}

static struct share_of share(const struct look *look, int which, enum counter counter) {
    struct share_of s = {counted(look, which, counter), counted(look, which, REQUESTS)};
    if (counter == FAILURES) s.part -= counted(look, which, ERRORS); /* passed on */
    if (counter == ABANDONED) s.whole += counted(look, which, IN_FLIGHT);
    return s;
}

/* Of the level own errors have half, each other a tenth; all looks share each part. */
static double z_of(const struct look *look, int64_t parts) {
    return interval_z((double)look->limits->alpha_ppm / 1e6 /
                      (double)(look->limits->looks_max * 10 / parts));
}

static struct share_of sane(struct share_of s) {
    if (s.whole < 0) s.whole = 0;
    if (s.part > s.whole) s.part = s.whole;
    if (s.part < 0) s.part = 0;
    return s;
}

/* Floored, as the engine writes it. */
static int64_t difference(struct share_of a, struct share_of b) {
    a = sane(a);
    b = sane(b);
    if (a.whole == 0 || b.whole == 0) return 0;
    int128 top = ((int128)a.part * b.whole - (int128)b.part * a.whole) * PPM_ONE;
    int128 whole = (int128)a.whole * b.whole;
    return (int64_t)(top / whole) - (top % whole < 0);
}

static bool enough(const struct look *look, struct share_of a, struct share_of b) {
    return a.whole > 0 && b.whole > 0 && a.whole >= look->stage->min_samples &&
           b.whole >= look->stage->min_samples;
}

enum clear { CLEARLY_NOT, NEAR_IT, CLEARLY };
/* The engine's level is from a table: so near, of how far a bound is from its estimate, the two may
 * be. */
#define NEAR 0.005
static double apart(double bound, double estimate) { return 2e-6 + NEAR * fabs(bound - estimate); }
static enum clear over(double figure, double limit, double near) {
    return figure > limit + near ? CLEARLY : figure < limit - near ? CLEARLY_NOT : NEAR_IT;
}

static enum clear worse(const struct look *look, enum counter counter, int64_t parts,
                        int64_t effect) {
    struct share_of a = share(look, 0, counter), b = share(look, 1, counter);
    if (!enough(look, a, b) || difference(a, b) < effect) return CLEARLY_NOT;
    struct bounds_of bounds = interval_newcombe(a, b, z_of(look, parts));
    return over(bounds.low, 0, apart(bounds.low, bounds.share));
}

static enum clear too_few(const struct look *look) {
    int64_t mine = share(look, 0, ABANDONED).whole, all = mine + share(look, 1, ABANDONED).whole;
    if (counted(look, 1, REQUESTS) < look->stage->min_samples) return CLEARLY_NOT;
    double wanted = (double)ppm_mul(look->stage->share_ppm, PPM_ONE - look->limits->rate_drop_ppm);
    struct bounds_of bounds = interval_wilson((struct share_of){mine, all}, z_of(look, 1));
    return over(wanted / 1e6, bounds.high, apart(bounds.high, bounds.share));
}

static bool burns_cpu(const struct look *look) {
    const struct said_input *mine = look->side[0].cpu, *stable = look->side[1].cpu;
    if (!number(mine) || mine->micro <= look->limits->canary_cpu_ppm) return false;
    return !number(stable) || mine->micro > stable->micro + look->limits->min_effect_ppm;
}

static bool hangs(const struct look *look) {
    const struct said_input *mine = look->side[0].age, *stable = look->side[1].age;
    if (look->side[0].now[IN_FLIGHT] < look->limits->in_flight_min * PPM_ONE || !number(mine) ||
        mine->micro <= look->limits->latency_limit_ns / 1000)
        return false;
    return !number(stable) || mine->micro > ppm_mul(stable->micro, look->limits->latency_ratio_ppm);
}

/* ---- memory: slopes between all windows, in thousandths ---- */

#define PAIRS_MAX (FLOORS_MAX * (FLOORS_MAX - 1) / 2)

static uint32_t slopes_of(const struct side *side, int64_t *slopes) {
    uint32_t count = 0;
    for (uint32_t j = 1; j < side->floor_count; j++)
        for (uint32_t i = 0; i < j; i++) {
            int64_t slope = muldiv(side->floors[j] - side->floors[i], 1000,
                                   (int64_t)(j - i) * (side->apart > 0 ? side->apart : 1));
            uint32_t k = count++;
            for (; k > 0 && slopes[k - 1] > slope; k--) slopes[k] = slopes[k - 1];
            slopes[k] = slope;
        }
    return count;
}

static int64_t middle(const int64_t *slopes, uint32_t count) {
    if (count == 0) return 0;
    return count % 2 ? slopes[count / 2] : (slopes[count / 2 - 1] + slopes[count / 2]) / 2;
}

static bool memory_grows(const struct recomputing *r, const struct look *look) {
    const struct limits *l = look->limits;
    int64_t mine[PAIRS_MAX], stable[PAIRS_MAX], windows = 1;
    uint32_t count = slopes_of(&look->side[0], mine);
    time_ns window =
        (l->memory_window_ns + l->look_interval_ns - 1) / l->look_interval_ns * l->look_interval_ns;
    if (!number(look->side[0].floor) || count == 0 || window <= 0) return false;
    EACH(r->facts, stage, s) windows += (s->soak_ns + l->hold_max_ns) / window;
    int64_t falling = interval_falling(look->side[0].floor_count,
                                       (double)l->alpha_ppm / 1e6 / (10 * (double)windows));
    if (falling < 0 || falling >= (int64_t)count) return false;
    int64_t low = mine[falling], until = muldiv(low, l->memory_horizon_ns, window) / 1000;
    return low > middle(stable, slopes_of(&look->side[1], stable)) &&
           until >= PPM_ONE - look->side[0].floor->micro;
}

/* ---- what follows ---- */

static enum clear breach(const struct recomputing *r, const struct look *look) {
    const struct limits *l = look->limits;
    const enum clear tests[] = {worse(look, ERRORS, 5, l->min_effect_ppm),
                                worse(look, FAILURES, 1, l->min_effect_ppm),
                                worse(look, ABANDONED, 1, l->min_effect_ppm),
                                worse(look, SLOW, 1, l->min_slow_ppm), too_few(look)};
    enum clear most = CLEARLY_NOT;
    for (size_t k = 0; k < ARRAY_LEN(tests); k++)
        if (tests[k] > most) most = tests[k];
    return burns_cpu(look) || hangs(look) || memory_grows(r, look) ? CLEARLY : most;
}

static bool complete(const struct look *look) {
    for (int which = 0; which < 2; which++) {
        const struct side *s = &look->side[which];
        if (!number(s->cpu) || !number(s->floor)) return false;
        if (!number(s->age) && s->now[IN_FLIGHT] != 0) return false;
    }
    return true;
}

/* As it says, and said to others before: only then is "no worse" enough. */
static bool mitigated(struct recomputing *r) {
    const struct seen_effect *decided = r->said->effect;
    struct incident_id incident = decided->out.record_decision.incident;
    if (said_count(r->said, "mitigated") == 0) return false;
    EACH_EFFECT(r->facts, e) {
        if (e->record >= decided->record) break;
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_MITIGATED &&
            e->engine == decided->engine && ID_EQ(e->out.report.incident, incident))
            return true;
    }
    recompute_wrong(r, "holds its incident for mitigated, which it never reported");
    return false;
}

static bool improves(struct recomputing *r, const struct look *look) {
    if (look->symptom == SYMPTOM_LATENCY)
        return number(look->side[0].latency) &&
               look->side[0].latency->micro < look->limits->latency_limit_ns / 1000;
    const struct said_factor *high = said_factor(r->said, "high");
    if (!high) return false;
    /* eased before, there is nothing left to be better than */
    return mitigated(r) ? high->micro <= look->limits->min_effect_ppm : high->micro < 0;
}

static void figures(struct recomputing *r, const struct look *look) {
    struct share_of a = share(look, 0, ERRORS), b = share(look, 1, ERRORS);
    struct bounds_of bounds = interval_newcombe(a, b, z_of(look, 5));
    recompute_factor(r, "difference", difference(a, b), 0);
    recompute_factor(r, "samples", a.whole * PPM_ONE, 0);
    recompute_factor(r, "low", (int64_t)(fmax(-1, bounds.low) * 1e6),
                     (int64_t)(apart(bounds.low, bounds.share) * 1e6));
    recompute_factor(r, "high", (int64_t)(fmin(1, bounds.high) * 1e6),
                     (int64_t)(apart(bounds.high, bounds.share) * 1e6));
    recompute_factor(r, "passed_on", difference(share(look, 0, FAILURES), share(look, 1, FAILURES)),
                     0);
    recompute_factor(r, "slow", difference(share(look, 0, SLOW), share(look, 1, SLOW)), 0);
    recompute_factor(r, "given_up",
                     difference(share(look, 0, ABANDONED), share(look, 1, ABANDONED)), 0);
}

static void judge(struct recomputing *r, const struct look *look) {
    enum clear bad = breach(r, look);
    time_ns soaked = said_micro(r->said, "soaked") * NS_PER_US, soak = look->stage->soak_ns;
    bool good = complete(look) && enough(look, share(look, 0, ERRORS), share(look, 1, ERRORS)) &&
                improves(r, look);
    bool promotes = soaked >= soak && good;
    bool aborts = soaked >= time_add(soak, look->limits->hold_max_ns) && !good;
    const char *follows = bad == CLEARLY ? "abort"
                          : promotes     ? "promote"
                          : aborts       ? "abort"
                                         : "hold";
    if (bad == NEAR_IT && said_chose(r->said, "abort")) return;
    recompute_choice(r, follows);
}

/* ---- in another mode than to act ---- */

static void advises(struct recomputing *r) {
    const struct made *gates =
        recompute_made(r, said_about(r->said, decision_name(DECISION_SAFETY_GATE)));
    if (said_count(r->said, "mode") == MODE_ACT)
        recompute_wrong(r, "only advises, and the mode is to act");
    if (!gates || gates->kind != DECISION_SAFETY_GATE || strcmp(gates->choice, "pass") != 0)
        recompute_wrong(r, "advises what passed no gates");
    recompute_choice(r, "advise");
    recompute_score(r, "advise", PPM_ONE, 0);
    recompute_score(r, "promote", 0, 0);
}

void recompute_canary(struct recomputing *r) {
    struct look look;
    if (said_input(r->said, "mode", 0)) {
        advises(r);
        return;
    }
    if (!take(r, &look)) {
        recompute_wrong(r, "does not say which stage, or of which two revisions");
        return;
    }
    figures(r, &look);
    if (!r->wrong) judge(r, &look);
    if (r->wrong) return;
    recompute_score(r, "promote", -said_factor(r->said, "high")->micro, 0);
    recompute_score(r, "hold", 0, 0);
    recompute_score(r, "abort", said_factor(r->said, "low")->micro, 0);
}
