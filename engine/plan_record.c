/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * What a remedy was chosen by, for the decision log: every figure that remedy_weigh saw, under the
 * name that it has there, and every remedy with its score, what speaks for and against it, and why
 * it was not chosen. Evidence and preference follow from the figures and the policy.
 */

static void inputs_of_metrics(const struct engine *e, struct decision_note *d,
                              const struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    const struct remedy_facts *f = &op->weighed;
    bool slow = i->symptom == SYMPTOM_LATENCY;
    time_ns window = e->config->detection.rate_window_ns;
    decide_told(d, symptom_query(i->symptom), &f->own, window, 0);
    decide_told(d, QUERY_CPU_SHARE, &f->cpu, window, 0);
    decide_told(d, QUERY_REQUEST_RATE, &f->rate, window, 0);
    decide_told(d, QUERY_REQUEST_RATE, &f->rate_before, window, op->plan_offset_ns);
    decide_told(d, QUERY_MEMORY_SHARE, &f->memory, window, 0);
    decide_told(d, QUERY_IN_FLIGHT_AGE, &f->in_flight_age, window, 0);
    decide_told(d, slow ? QUERY_POD_SLOWEST : QUERY_POD_WORST, &f->pod_worst, window, 0);
    decide_told(d, slow ? QUERY_POD_NEXT_SLOWEST : QUERY_POD_NEXT, &f->pod_next, window, 0);
}

static void inputs_of_others(struct decision_note *d, const struct remedy_facts *f) {
    decide_count(d, "symptom", f->symptom, INPUT_OF_ENGINE);
    decide_known(d, "limit", f->limit, INPUT_OF_POLICY);
    decide_count(d, "located", f->located, source_name(SOURCE_LOGS));
    decide_count(d, "mitigated", f->mitigated, INPUT_OF_ENGINE);
    decide_count(d, "tried", f->tried, INPUT_OF_ENGINE);
    decide_count(d, "changed", f->changed, INPUT_OF_CHANGES);
    if (f->changed) decide_known(d, "change_age", f->change_age_ns / NS_PER_US, INPUT_OF_CHANGES);
    decide_count(d, "changing", f->changing, INPUT_OF_CHANGES);
    decide_count(d, "pods", f->pods, INPUT_OF_TARGET);
    decide_count(d, "pod", f->pod, source_name(SOURCE_METRICS));
}

void plan_record(struct engine *e, struct op *op, const struct remedy_choice *choice) {
    const struct incident *i = &e->incidents[op->incident];
    const struct eng_remedies *policy = &e->config->remedies;
    struct decision_note d = decide(e, DECISION_FIX_GENERATION, i, op);
    decide_since(&d, op->plan_mono);
    decide_factor(&d, "operations_before", (i->operations - 1) * PPM_ONE,
                  "tried for this incident so far");
    if (choice->any) {
        const struct remedy_option *o = &choice->option[choice->chosen];
        decide_weighed(&d, "evidence", o->evidence_ppm, policy->weight_evidence_ppm,
                       "how far what is seen speaks for it");
        decide_weighed(&d, "preference", o->preference_ppm, policy->weight_preference_ppm,
                       "its place in the policy's order");
        decide_weighed(&d, "cheapness", PPM_ONE - policy->cost_ppm[choice->chosen],
                       policy->weight_cost_ppm, "1 less its cost");
    }
    inputs_of_metrics(e, &d, op);
    inputs_of_others(&d, &op->weighed);
    decide_constraint(&d, "named_by_policy", choice->any, true);
    decide_constraint(&d, "tries_left", true, true);
    for (int r = 0; r < REMEDY_COUNT; r++)
        decide_alternative(&d, remedy_name(r), choice->option[r].score_ppm,
                           remedy_pro((enum remedy)r), remedy_con((enum remedy)r),
                           choice->option[r].rejected);
    op->decided[DECISION_FIX_GENERATION] = decide_end(
        &d, choice->any ? remedy_name(choice->chosen) : "none", i->diagnosis.confidence_ppm,
        !choice->any                     ? "nothing speaks for what the policy allows"
        : choice->chosen == REMEDY_PATCH ? "the cause is in the code, and a patch can be "
                                           "taken back"
                                         : remedy_pro(choice->chosen));
}
