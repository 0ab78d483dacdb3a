/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Canary: each stage is ordered (audited first), soaks, and is looked at every look_interval. The
 * first look of a stage is the zero of its counters: the pods of the stage are then those that
 * live. Later looks compare candidate and stable by what was counted since. A breach goes back at
 * once. At the end of the soak, with the minimum of samples, the candidate must also be better
 * where the incident shows: a patch that changes nothing is not promoted. No data is never success:
 * judgement is on hold, and after hold_max the canary goes back. So it is while pods are out of the
 * deploy target's reach: the very same stage is ordered again until it is complete. That delay does
 * not grow from time to time, since nobody competes for pods.
 */

enum part {
    PART_REQUESTS_CANDIDATE,
    PART_REQUESTS_STABLE,
    PART_ERRORS_CANDIDATE,
    PART_ERRORS_STABLE,
    PART_LATENCY_CANDIDATE,
    PART_LATENCY_STABLE,
    PART_CPU,
    PART_COUNT
};

static bool last_stage(const struct engine *e, const struct op *op) {
    return op->canary.stage + 1 >= e->config->canary.stage_count;
}

static void order_stage(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    struct eng_effect effect = {.kind = EFF_deploy_stage};
    if (!op->served && e->mono - op->gates_mono > e->config->gates.valid_ns) {
        gates_begin(e, op); /* it was kept waiting: what they said is too old to act on */
        return;
    }
    op->step = STEP_ORDER;
    op->request = next_request(e);
    effect.deploy_stage =
        (struct eff_deploy_stage){.request = op->request,
                                  .incident = i->id,
                                  .op = op->id,
                                  .service = op->service,
                                  .revision = op->revision,
                                  .base = op->base,
                                  .share_ppm = e->config->canary.stage[op->canary.stage].share_ppm,
                                  .token_epoch = op->lock[0].token_epoch,
                                  .token_number = op->lock[0].token_number};
    op_timer_arm(e, op, TIMER_REPLY, e->config->canary.hold_max_ns);
    act_when_audited(e, CATEGORY_DEPLOYMENT, op, &effect, "a stage is deployed");
}

void canary_begin(struct engine *e, struct op *op) {
    memset(&op->canary, 0, sizeof op->canary);
    order_stage(e, op);
}

static void stage_serves(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    c->began_mono = e->mono;
    c->baseline_known = false;
    c->held_since_mono = 0;
    c->answers_due = 0;
    if (last_stage(e, op)) {
        report(e, REPORT_PROMOTED, &e->incidents[op->incident], op, c->stage);
        verify_begin(e, op);
        return;
    }
    op->step = STEP_SOAK;
    op_timer_arm(e, op, TIMER_LOOK, e->config->canary.look_interval_ns);
}

static void hold(struct engine *e, struct op *op, const char *why) {
    struct canary *c = &op->canary;
    if (c->held_since_mono == 0) {
        c->held_since_mono = e->mono;
        return;
    }
    if (e->mono - c->held_since_mono < e->config->canary.hold_max_ns) return;
    if (op->state != STATE_PAUSED) rollback_begin(e, op, why);
}

static void stage_incomplete(struct engine *e, struct op *op) {
    op_timer_cancel(e, op, TIMER_REPLY);
    op->step = STEP_REORDER;
    audit(e, CATEGORY_DEPLOYMENT, SEVERITY_WARNING, op, NULL,
          "pods are out of reach: the stage will be ordered again", NULL);
    op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_initial_ns);
    hold(e, op, "pods stay out of reach");
}

void canary_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    if (op->step != STEP_ORDER || in->request != op->request) return;
    switch ((enum deploy_status)in->status) {
    case DEPLOY_ACCEPTED: break;
    case DEPLOY_DONE:
        op_timer_cancel(e, op, TIMER_REPLY);
        stage_serves(e, op);
        break;
    case DEPLOY_PARTIAL: stage_incomplete(e, op); break;
    default:
        op_timer_cancel(e, op, TIMER_REPLY);
        if (in->status != DEPLOY_FAILED) op->served = op->served_before; /* refused, not begun */
        op_pause(e, op, REASON_DEPLOY_REFUSED, FORM_TAKE_OVER, "the deploy target refused a stage");
        break;
    }
}

void canary_look(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    static const enum query_kind queries[PART_COUNT] = {
        QUERY_REQUESTS,    QUERY_REQUESTS,    QUERY_OWN_ERRORS, QUERY_OWN_ERRORS,
        QUERY_LATENCY_P95, QUERY_LATENCY_P95, QUERY_CPU_SHARE};
    if (c->answers_due > 0) { /* an answer that is late by a look is not waited for */
        drop_queries(e, OWNER_OP, op_index(e, op));
        c->answers_due = 0;
        hold(e, op, "metrics do not answer");
        if (op->step == STEP_BACK) return;
    }
    memset(c->now, 0, sizeof c->now);
    for (uint32_t part = 0; part < PART_COUNT; part++) {
        struct revision_id revision = part % 2 == 0 ? op->revision : op->base;
        time_ns window = part < PART_LATENCY_CANDIDATE ? 0 : e->config->detection.rate_window_ns;
        if (ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, part, queries[part],
                        op->service, revision, window, 0))
            c->answers_due++;
    }
    op_timer_arm(e, op, TIMER_LOOK, e->config->canary.look_interval_ns);
}

/* After a pause or a wait: an order that did not end, or whose end may have been missed, is given
 * again (the target answers a repeated one as done), a stage is looked at, the last one is
 * verified.
 */
void canary_resume(struct engine *e, struct op *op) {
    if (op->step == STEP_ORDER || op->step == STEP_REORDER)
        order_stage(e, op);
    else if (op->step == STEP_GATES)
        gates_begin(e, op);
    else if (op->step == STEP_BACK || op->step == STEP_BACK_CHECK)
        rollback_again(e, op, "back again, after a pause");
    else if (op->step == STEP_WATCH)
        verify_look(e, op);
    else
        canary_look(e, op);
}

static struct proportion counted(const struct canary *c, int which) {
    return (struct proportion){(c->now[which].errors - c->first[which].errors) / PPM_ONE,
                               (c->now[which].requests - c->first[which].requests) / PPM_ONE};
}

struct proportion canary_counted_stable(const struct canary *c) {
    return counted(c, 1);
}

/* Latency and CPU have no count to test; they breach by ratio or limit alone. */
static bool gauges_breach(const struct engine *e, const struct canary *c) {
    if (c->cpu.kind == VALUE_NUMBER && c->cpu.micro > e->config->canary.cpu_max_ppm) return true;
    return c->latency[0].kind == VALUE_NUMBER && c->latency[1].kind == VALUE_NUMBER &&
           c->latency[1].micro > 0 &&
           c->latency[0].micro > e->config->detection.latency_limit_micro &&
           c->latency[0].micro > ppm_mul(c->latency[1].micro, e->config->canary.latency_ratio_ppm);
}

/* Better where it hurts: for errors, significantly fewer than stable; for latency, under the limit.
 */
static bool improves(const struct engine *e, const struct op *op,
                     const struct comparison *comparison) {
    const struct incident *i = &e->incidents[op->incident];
    if (i->symptom == SYMPTOM_LATENCY)
        return op->canary.latency[0].kind == VALUE_NUMBER &&
               op->canary.latency[0].micro < e->config->detection.latency_limit_micro;
    return comparison->high_ppm < 0;
}

static void record_look(struct engine *e, const struct op *op, const struct comparison *comparison,
                        struct proportion candidate, const char *choice, const char *why) {
    const struct incident *i = &e->incidents[op->incident];
    struct decision_note d = decide(e, DECISION_DEPLOYMENT, i, op);
    decide_factor(&d, "difference", comparison->difference_ppm,
                  "own error share, candidate - stable");
    decide_factor(&d, "low", comparison->low_ppm, "Newcombe, level split over all looks");
    decide_factor(&d, "high", comparison->high_ppm, "upper bound");
    decide_factor(&d, "samples", candidate.total * PPM_ONE, "requests of the candidate");
    decide_end(&d, choice, PPM_ONE - e->config->canary.alpha_ppm, why);
}

static void next_stage(struct engine *e, struct op *op) {
    op_timer_cancel(e, op, TIMER_LOOK);
    audit(e, CATEGORY_VERIFICATION, SEVERITY_INFO, op, NULL, "a canary stage passed", NULL);
    op->canary.stage++;
    order_stage(e, op);
}

static void judge_look(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    const struct eng_canary *limits = &e->config->canary;
    struct proportion candidate = counted(c, 0), stable = counted(c, 1);
    struct comparison comparison;
    int64_t z = compare_z_milli(limits->alpha_ppm, limits->looks_max);
    int64_t samples = limits->stage[c->stage].min_samples;
    compare_proportions(candidate, stable, z, limits->min_effect_ppm, samples, &comparison);
    /* a breach is believed as soon as the test says so; only success needs the full sample */
    if (comparison.breach || gauges_breach(e, c)) {
        record_look(e, op, &comparison, candidate, "abort", "the candidate is worse than stable");
        rollback_begin(e, op, "the canary is worse than what it replaces");
        return;
    }
    if (op->state == STATE_PAUSED || e->suspended) return;
    time_ns soaked = e->mono - c->began_mono;
    if (soaked < limits->stage[c->stage].soak_ns) return;
    if (comparison.enough && improves(e, op, &comparison)) {
        record_look(e, op, &comparison, candidate, "promote", "soaked, sampled, and better");
        next_stage(e, op);
    } else if (soaked >= limits->stage[c->stage].soak_ns + limits->hold_max_ns) {
        record_look(e, op, &comparison, candidate, "abort", "it does not improve what it should");
        rollback_begin(e, op, "the patch changes nothing, or too little is known");
    }
}

static bool went_back(const struct canary *c, int which) {
    return c->now[which].requests < c->last[which].requests ||
           c->now[which].errors < c->last[which].errors;
}

static void look_complete(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    if (!c->now[0].known || !c->now[1].known) {
        hold(e, op, "no data to judge the canary by");
        return;
    }
    bool back = c->baseline_known && (went_back(c, 0) || went_back(c, 1));
    memcpy(c->last, c->now, sizeof c->last);
    if (back) { /* pods began anew: what was counted before says nothing of what they count now */
        c->baseline_known = false;
        hold(e, op, "counters went back");
        return;
    }
    c->held_since_mono = 0;
    if (!c->baseline_known) {
        memcpy(c->first, c->now, sizeof c->first);
        c->baseline_known = true;
        return;
    }
    judge_look(e, op);
}

void canary_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                      uint32_t part) {
    struct canary *c = &op->canary;
    struct gate_number number = {(enum value_kind)in->kind, in->micro};
    struct stage_sample *sample = &c->now[part % 2];
    switch ((enum part)part) {
    case PART_REQUESTS_CANDIDATE:
    case PART_REQUESTS_STABLE: sample->known = number_of(in, &sample->requests); break;
    case PART_ERRORS_CANDIDATE:
    case PART_ERRORS_STABLE:
        if (!number_of(in, &sample->errors)) sample->known = false;
        break;
    case PART_LATENCY_CANDIDATE:
    case PART_LATENCY_STABLE: c->latency[part % 2] = number; break;
    default: c->cpu = number; break;
    }
    if (--c->answers_due == 0) look_complete(e, op);
}
