/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/* What a look at the canary was judged by, for the decision log: counters at the stage's first look
 * and at this one, gauges, and the floors of memory, of candidate and stable. */

struct side {
    int which;
    struct revision_id revision;
};

static void input(struct decision_note *d, enum query_kind query, const struct side *side,
                  struct gate_number figure, time_ns window) {
    decide_input(d, &(struct decision_input){.name = query_name(query),
                                             .source = source_name(SOURCE_METRICS),
                                             .figure = figure,
                                             .revision = side->revision,
                                             .window = window});
}

static void counters(struct decision_note *d, const struct side *side,
                     const struct stage_sample *sample) {
    const struct {
        enum query_kind query;
        int64_t micro;
    } all[] = {{QUERY_REQUESTS, sample->requests},   {QUERY_OWN_ERRORS, sample->errors},
               {QUERY_FAILURES, sample->failures},   {QUERY_SLOW_REQUESTS, sample->slow},
               {QUERY_ABANDONED, sample->abandoned}, {QUERY_IN_FLIGHT, sample->in_flight}};
    if (sample->told_wall == 0) return;
    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        input(d, all[k].query, side,
              (struct gate_number){VALUE_NUMBER, all[k].micro, sample->told_wall}, 0);
}

static void gauges(const struct engine *e, struct decision_note *d, const struct side *side,
                   const struct stage_gauges *g) {
    time_ns rate = e->config->detection.rate_window_ns;
    input(d, QUERY_LATENCY_P95, side, g->latency, rate);
    input(d, QUERY_CPU_SHARE, side, g->cpu, rate);
    input(d, QUERY_IN_FLIGHT_AGE, side, g->in_flight_age, 0);
    input(d, QUERY_MEMORY_FLOOR, side, g->floor, e->config->canary.memory_window_ns);
}

/* The windows of memory that were put together, oldest first. */
static void floors(struct decision_note *d, const struct side *side, const struct growth *growth) {
    for (uint32_t k = 0; k < growth->count; k++)
        decide_input(d, &(struct decision_input){.name = "floor",
                                                 .source = INPUT_OF_ENGINE,
                                                 .figure = {VALUE_NUMBER, growth->floor[k], 0},
                                                 .revision = side->revision,
                                                 .other = (int64_t)1 << growth->halvings});
}

static void gauge_factor(struct decision_note *d, const char *name,
                         const struct gate_number *figure, const char *why) {
    if (figure->kind == VALUE_NUMBER) decide_factor(d, name, figure->micro, why);
}

static void factors(struct decision_note *d, const struct op *op,
                    const struct canary_finding *found) {
    const struct stage_gauges *g = &op->canary.gauges[0];
    decide_factor(d, "difference", found->errors.difference_ppm,
                  "own error share, candidate - stable");
    decide_factor(d, "low", found->errors.low_ppm, "Newcombe, level split over all looks");
    decide_factor(d, "high", found->errors.high_ppm, "upper bound");
    decide_factor(d, "samples", found->candidate.total * PPM_ONE, "requests of the candidate");
    decide_factor(d, "passed_on", found->passed_on.difference_ppm, "failed calls, likewise");
    decide_factor(d, "slow", found->slow.difference_ppm, "share over the limit, likewise");
    decide_factor(d, "given_up", found->abandoned.difference_ppm, "share given up, likewise");
    gauge_factor(d, "cpu", &g->cpu, "of the limit");
    gauge_factor(d, "in_flight_age", &g->in_flight_age, "mean, seconds");
    gauge_factor(d, "memory", &g->floor, "floor, of the limit");
}

/* Scored by what it would cost or bring: the bound of the difference that speaks for it. */
static void alternatives(struct decision_note *d, const struct canary_finding *found,
                         bool promoted) {
    decide_alternative(d, "promote", -found->errors.high_ppm, "it heals more of the requests",
                       "what harms would harm more", promoted ? NULL : "it is not surely better");
    decide_alternative(d, "hold", 0, "more is known later", "the incident stands",
                       promoted ? "enough was seen" : "what is seen will not get better");
    decide_alternative(d, "abort", found->errors.low_ppm, "nothing of it serves any more",
                       "the incident stands", promoted ? "nothing speaks against it" : NULL);
}

void canary_record(struct engine *e, struct op *op, const struct canary_finding *found,
                   const char *choice, const char *why) {
    const struct canary *c = &op->canary;
    const struct incident *i = &e->incidents[op->incident];
    bool promoted = !found->breach && choice[0] == 'p';
    struct decision_note d = decide(e, DECISION_DEPLOYMENT, i, op);
    decide_since(&d, c->began_mono);
    factors(&d, op, found);
    decide_count(&d, "stage", c->stage, INPUT_OF_ENGINE);
    decide_known(&d, "soaked", (e->mono - c->began_mono) / NS_PER_US, INPUT_OF_ENGINE);
    decide_count(&d, "symptom", i->symptom, INPUT_OF_ENGINE);
    decide_count(&d, "mitigated", i->mitigated, INPUT_OF_ENGINE);
    for (int which = 0; which < 2; which++) {
        const struct side side = {which, which == 0 ? op->revision : op->base};
        counters(&d, &side, &c->first[which]);
        counters(&d, &side, &c->now[which]);
        gauges(e, &d, &side, &c->gauges[which]);
        floors(&d, &side, &c->growth[which]);
    }
    decide_constraint(
        &d, "soak", e->mono - c->began_mono >= e->config->canary.stage[c->stage].soak_ns, promoted);
    decide_constraint(&d, "samples", found->errors.enough, true);
    decide_constraint(&d, "figures", found->complete, promoted);
    decide_constraint(&d, "no_breach", !found->breach, true);
    alternatives(&d, found, promoted);
    op->decided[DECISION_DEPLOYMENT] =
        decide_end(&d, choice, PPM_ONE - e->config->canary.alpha_ppm, why);
}
