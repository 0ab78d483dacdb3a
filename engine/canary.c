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

/* What is asked at a look, of candidate and stable; the last one of the service. */
static const enum query_kind figures[] = {
    QUERY_REQUESTS,    QUERY_OWN_ERRORS, QUERY_FAILURES,  QUERY_SLOW_REQUESTS, QUERY_ABANDONED,
    QUERY_LATENCY_P95, QUERY_CPU_SHARE,  QUERY_IN_FLIGHT, QUERY_IN_FLIGHT_AGE, QUERY_MEMORY_FLOOR};
#define FIGURES   ((uint32_t)ARRAY_LEN(figures))
#define PART_LOST (2 * FIGURES)

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
    op->canary.first_mono = e->mono;
    order_stage(e, op);
}

static void stage_serves(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    c->began_mono = e->mono;
    c->baseline_known = false;
    c->held_since_mono = 0;
    c->answers_due = 0;
    c->floor_mono = e->mono; /* the first window is over one window from now */
    memset(c->growth, 0, sizeof c->growth);
    if (last_stage(e, op)) {
        report(e, REPORT_PROMOTED, &e->incidents[op->incident], op, c->stage);
        verify_begin(e, op);
        return;
    }
    op_step_set(op, STEP_SOAK);
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

static void stage_incomplete(struct engine *e, struct op *op, const char *why) {
    op_timer_cancel(e, op, TIMER_REPLY);
    op_step_set(op, STEP_REORDER); /* of a pause: when a person resumes it */
    audit(e, CATEGORY_DEPLOYMENT, SEVERITY_WARNING, op, NULL, why, NULL);
    if (op->state != STATE_PAUSED)
        op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_initial_ns);
    hold(e, op, "the stage stays incomplete");
}

/* The target saw a newer token than ours: our lock is another's, whatever the store says to us.
 * With nothing of ours serving there is nothing to ask a person: we let go, and ask anew later. */
static void fenced(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    audit(e, CATEGORY_LOCK_OPERATION, SEVERITY_CRITICAL, op, i, "lock lost: fenced off", NULL);
    tell(e, SEVERITY_WARNING, REASON_LOCK_LOST, i, op, "somebody acts under a newer token");
    op_end(e, op, STATE_FAILED, CANCEL_DEFERRED, "fenced off");
    i->waited = true;
    incident_wait(e, i, 0);
}

void canary_refused(struct engine *e, struct op *op, int64_t status) {
    op_timer_cancel(e, op, TIMER_REPLY);
    op->served = op->served_before; /* refused, not begun */
    if (status == DEPLOY_STALE_TOKEN && !op->served)
        fenced(e, op);
    else
        op_pause(e, op, REASON_DEPLOY_REFUSED, FORM_TAKE_OVER, "the deploy target refused a stage");
}

/* Whatever it is called. What serves under a pause is watched, though it is less than was ordered.
 */
static bool serves_less(const struct engine *e, const struct op *op,
                        const struct in_deployment *in) {
    if (last_stage(e, op)) return !ID_EQ(in->serving, op->revision);
    return op->state != STATE_PAUSED &&
           in->share_ppm < e->config->canary.stage[op->canary.stage].share_ppm;
}

void canary_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    if (op_step_of(op) != STEP_ORDER || in->request != op->request) return;
    /* ordered before a person paused it: what serves now is watched, all else is asked anew */
    if (op->step == STEP_PERSON && in->status != DEPLOY_DONE) return;
    switch ((enum deploy_status)in->status) {
    case DEPLOY_ACCEPTED: break;
    case DEPLOY_DONE:
        op_timer_cancel(e, op, TIMER_REPLY);
        if (serves_less(e, op, in))
            stage_incomplete(e, op, "told done, but another serves: it will be ordered again");
        else
            stage_serves(e, op);
        break;
    case DEPLOY_PARTIAL:
        stage_incomplete(e, op, "pods are out of reach: the stage will be ordered again");
        break;
    case DEPLOY_FAILED:
        stage_incomplete(e, op, "pods are not ready: the stage will be ordered again");
        break;
    default: canary_refused(e, op, in->status); break;
    }
}

static void ask(struct engine *e, struct op *op, uint32_t part, enum query_kind query,
                struct revision_id revision) {
    bool rate = query == QUERY_LATENCY_P95 || query == QUERY_CPU_SHARE;
    time_ns window = rate                          ? e->config->detection.rate_window_ns
                     : query == QUERY_MEMORY_FLOOR ? e->config->canary.memory_window_ns
                                                   : 0;
    if (ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, part, query, op->service,
                    revision, window, 0))
        op->canary.answers_due++;
}

/* Until it is answered: a question that could not even be asked is no zero. */
static const struct gate_number nothing = {VALUE_UNAVAILABLE, 0, 0};
static const struct stage_gauges nothing_known = {{VALUE_UNAVAILABLE, 0, 0},
                                                  {VALUE_UNAVAILABLE, 0, 0},
                                                  {VALUE_UNAVAILABLE, 0, 0},
                                                  {VALUE_UNAVAILABLE, 0, 0},
                                                  {VALUE_UNAVAILABLE, 0, 0}};

void canary_look(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    if (c->answers_due > 0) { /* an answer that is late by a look is not waited for */
        drop_queries(e, OWNER_OP, op_index(e, op));
        c->answers_due = 0;
        hold(e, op, "metrics do not answer");
        if (op->step == STEP_BACK) return;
    }
    memset(c->now, 0, sizeof c->now);
    for (int which = 0; which < 2; which++) c->gauges[which] = nothing_known;
    c->pods_lost = nothing;
    for (uint32_t part = 0; part < PART_LOST; part++)
        ask(e, op, part, figures[part / 2], part % 2 == 0 ? op->revision : op->base);
    ask(e, op, PART_LOST, QUERY_PODS_LOST, (struct revision_id){0});
    op_timer_arm(e, op, TIMER_LOOK, e->config->canary.look_interval_ns);
}

/* After a pause or a wait: an order that did not end, or whose end may have been missed, is given
 * again (the target answers a repeated one as done), a stage is looked at, the last one is
 * verified.
 */
void canary_resume(struct engine *e, struct op *op) {
    if (op->step == STEP_RECOVER)
        recover_look(e, op);
    else if (op->step == STEP_REMEDY)
        remedy_order(e, op);
    else if (op->step == STEP_ORDER || op->step == STEP_REORDER)
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

/* Better where it hurts: for errors, significantly fewer than stable; for latency, under the limit.
 */
static bool improves(const struct engine *e, const struct op *op,
                     const struct comparison *comparison) {
    const struct incident *i = &e->incidents[op->incident];
    const struct gate_number *latency = &op->canary.gauges[0].latency;
    if (i->symptom == SYMPTOM_LATENCY)
        return latency->kind == VALUE_NUMBER &&
               latency->micro < e->config->detection.latency_limit_micro;
    /* nothing is left to be better than: no worse, and by the test's own effect, is all it can be
     */
    if (i->mitigated) return comparison->high_ppm <= e->config->canary.min_effect_ppm;
    return comparison->high_ppm < 0;
}

static void next_stage(struct engine *e, struct op *op) {
    op_timer_cancel(e, op, TIMER_LOOK);
    audit(e, CATEGORY_VERIFICATION, SEVERITY_INFO, op, NULL, "a canary stage passed", NULL);
    op->canary.stage++;
    order_stage(e, op);
}

static void judge_look(struct engine *e, struct op *op) {
    const struct canary *c = &op->canary;
    const struct eng_canary *limits = &e->config->canary;
    struct canary_finding found;
    canary_judge(e, op, &found);
    /* a breach is believed as soon as the test says so; only success needs the full sample */
    if (found.breach) {
        canary_record(e, op, &found, "abort", found.breach);
        rollback_begin(e, op, found.breach);
        return;
    }
    if (op->state == STATE_PAUSED || e->suspended) return;
    time_ns soaked = e->mono - c->began_mono;
    if (soaked < limits->stage[c->stage].soak_ns) return;
    if (found.complete && found.errors.enough && improves(e, op, &found.errors)) {
        canary_record(e, op, &found, "promote", "soaked, sampled, and better");
        next_stage(e, op);
    } else if (soaked >= limits->stage[c->stage].soak_ns + limits->hold_max_ns) {
        canary_record(e, op, &found, "abort", "it does not improve what it should");
        rollback_begin(e, op, "the patch changes nothing, or too little is known");
    }
}

static bool went_back(const struct canary *c, int which) {
    const struct stage_sample *now = &c->now[which], *last = &c->last[which];
    return now->requests < last->requests || now->errors < last->errors ||
           now->abandoned < last->abandoned;
}

static void look_complete(struct engine *e, struct op *op) {
    struct canary *c = &op->canary;
    bool all = true;
    for (int which = 0; which < 2; which++) {
        const struct gate_number *waiting = &c->gauges[which].in_flight;
        all = all && c->now[which].known == STAGE_COUNTERS && waiting->kind == VALUE_NUMBER;
        c->now[which].in_flight = waiting->micro;
        c->now[which].told_wall = e->wall;
    }
    if (!all || c->pods_lost.kind != VALUE_NUMBER || c->pods_lost.micro > 0) {
        hold(e, op, all ? "pods are out of reach" : "no data to judge the canary by");
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
        if (c->stage == 0) c->first[0] = (struct stage_sample){0}; /* its pods began with it */
        c->baseline_known = true;
        return;
    }
    canary_grow(e, c);
    judge_look(e, op);
}

static void take_counter(struct stage_sample *sample, enum query_kind query,
                         const struct in_query_result *in) {
    int64_t *counter = query == QUERY_REQUESTS        ? &sample->requests
                       : query == QUERY_OWN_ERRORS    ? &sample->errors
                       : query == QUERY_FAILURES      ? &sample->failures
                       : query == QUERY_SLOW_REQUESTS ? &sample->slow
                                                      : &sample->abandoned;
    if (number_of(in, counter)) sample->known++;
}

void canary_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                      uint32_t part) {
    struct canary *c = &op->canary;
    const struct gate_number number = {(enum value_kind)in->kind, in->micro, e->wall};
    enum query_kind query = part < PART_LOST ? figures[part / 2] : QUERY_PODS_LOST;
    struct stage_gauges *gauges = &c->gauges[part % 2];
    switch (query) {
    case QUERY_LATENCY_P95: gauges->latency = number; break;
    case QUERY_CPU_SHARE: gauges->cpu = number; break;
    case QUERY_IN_FLIGHT: gauges->in_flight = number; break;
    case QUERY_IN_FLIGHT_AGE: gauges->in_flight_age = number; break;
    case QUERY_MEMORY_FLOOR: gauges->floor = number; break;
    case QUERY_PODS_LOST: c->pods_lost = number; break;
    default: take_counter(&c->now[part % 2], query, in); break;
    }
    if (--c->answers_due == 0) look_complete(e, op);
}
