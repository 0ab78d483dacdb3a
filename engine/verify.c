/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Verification at 100 %: after the watch, the incident's own figure must be under the limit and
 * under what it was, and the other symptom no worse than it was beside the canary: a cure for
 * latency that fails requests is none. Close to the limit the watch is extended; no data extends it
 * too, and is never success. Failures that pass through since the patch serves are held against it
 * unless another's change explains them (spike.c): then it is watched on while they last, and kept.
 */

enum part {
    PART_OWN,
    PART_OTHER,
    PART_ALL, /* failures, those passed on included */
    PART_ALL_BEFORE,
    PART_OWN_ERRORS,
    PART_OWN_ERRORS_BEFORE,
    PART_COUNT
};

void verify_begin(struct engine *e, struct op *op) {
    op_step_set(op, STEP_WATCH);
    op->watch_extended = 0;
    op_timer_arm(e, op, TIMER_LOOK, e->config->verification.watch_ns);
}

void verify_look(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    bool slow = i->symptom == SYMPTOM_LATENCY;
    const enum query_kind queries[] = {slow ? QUERY_LATENCY_P95 : QUERY_OWN_ERROR_SHARE,
                                       slow ? QUERY_OWN_ERROR_SHARE : QUERY_LATENCY_P95};
    static const struct gate_number nothing = {VALUE_UNAVAILABLE, 0, 0};
    op->answers_due = 0;
    op->spike = (struct spike){nothing, nothing, nothing, nothing,
                               {0, 0},  false,   0,       {{{0}, nothing, nothing}}};
    for (uint32_t part = PART_OWN; part <= PART_OTHER; part++) {
        op->watched[part] = nothing;
        spike_ask_before(e, op, part, queries[part], op->service, false);
    }
    spike_ask_before(e, op, PART_ALL, QUERY_ERROR_SHARE, op->service, false);
    spike_ask_before(e, op, PART_ALL_BEFORE, QUERY_ERROR_SHARE, op->service, true);
    spike_ask_before(e, op, PART_OWN_ERRORS, QUERY_OWN_ERROR_SHARE, op->service, false);
    spike_ask_before(e, op, PART_OWN_ERRORS_BEFORE, QUERY_OWN_ERROR_SHARE, op->service, true);
    op_timer_arm(e, op, TIMER_REPLY, e->config->detection.query_timeout_ns); /* asked or refused */
}

static void healed(struct engine *e, struct op *op) {
    struct incident *i = &e->incidents[op->incident];
    if (op->remedy != REMEDY_PATCH) {
        remedy_helped(e, op);
        return;
    }
    audit(e, CATEGORY_VERIFICATION, SEVERITY_INFO, op, i, "verified: healed", NULL);
    op_end(e, op, STATE_COMPLETED, CANCEL_NONE, "verified");
    incident_close(e, i, REPORT_CLOSED_RESOLVED);
}

static void extend(struct engine *e, struct op *op, const char *why) {
    if (op->state == STATE_PAUSED) { /* nothing is decided, but it is watched on */
        op_timer_arm(e, op, TIMER_LOOK, e->config->verification.extend_ns);
        return;
    }
    if (op->watch_extended >= e->config->verification.extensions_max) {
        rollback_begin(e, op, why);
        return;
    }
    op->watch_extended++;
    audit(e, CATEGORY_VERIFICATION, SEVERITY_WARNING, op, NULL, why, NULL);
    op_timer_arm(e, op, TIMER_LOOK, e->config->verification.extend_ns);
}

void verify_on_silence(struct engine *e, struct op *op) {
    drop_queries(e, OWNER_OP, op_index(e, op));
    extend(e, op, "metrics do not answer");
}

static int64_t limit_of(const struct engine *e, const struct incident *i) {
    return i->symptom == SYMPTOM_LATENCY ? e->config->detection.latency_limit_micro
                                         : e->config->verification.error_limit_ppm;
}

/* Worse than beside the canary, where stable showed what was before; attributable to this change.
 */
static bool side_effect(const struct engine *e, const struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    const struct gate_number *other = &op->watched[PART_OTHER];
    if (other->kind != VALUE_NUMBER) return false;
    if (i->symptom == SYMPTOM_LATENCY) {
        struct proportion before = canary_counted_stable(&op->canary);
        int64_t share = before.total > 0 ? ppm_of(before.errors, before.total) : 0;
        return other->micro >= e->config->verification.error_limit_ppm &&
               other->micro > share + e->config->canary.min_effect_ppm;
    }
    const struct gate_number *before = &op->canary.gauges[1].latency;
    return before->kind == VALUE_NUMBER &&
           other->micro >= e->config->detection.latency_limit_micro &&
           other->micro > ppm_mul(before->micro, e->config->canary.latency_ratio_ppm);
}

enum finding { HEALED, NOT_KNOWN, CLOSE, EXPLAINED, HARMS, NOT_HEALED };

static enum finding find(const struct engine *e, const struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    int64_t limit = limit_of(e, i), value = op->watched[PART_OWN].micro;
    bool known = op->watched[PART_OWN].kind == VALUE_NUMBER && op->spike.all.kind == VALUE_NUMBER;
    bool spike = known && spike_is_new(e, &op->spike);
    bool explained = spike && spike_explained_by(e, &op->spike) != NULL;
    bool over = spike && op->spike.all.micro >= e->config->verification.error_limit_ppm;
    if (!known) return NOT_KNOWN;
    if (side_effect(e, op) || (over && !explained)) return HARMS;
    if (value >= limit || value >= i->own_now) return NOT_HEALED;
    if (explained) return EXPLAINED;
    bool near = value > limit - ppm_mul(limit, e->config->verification.margin_ppm);
    return near || spike ? CLOSE : HEALED;
}

static void inputs_of(const struct engine *e, struct decision_note *d, const struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    const struct spike *spike = &op->spike;
    bool slow = i->symptom == SYMPTOM_LATENCY;
    time_ns window = e->config->detection.rate_window_ns, past = spike->before_ns[0];
    const struct proportion stable = canary_counted_stable(&op->canary);
    decide_count(d, "symptom", i->symptom, INPUT_OF_ENGINE);
    decide_known(d, "before", i->own_now, INPUT_OF_ENGINE);
    decide_count(d, "extended", op->watch_extended, INPUT_OF_ENGINE);
    decide_count(d, "paused", op->state == STATE_PAUSED, INPUT_OF_ENGINE);
    decide_told(d, slow ? QUERY_LATENCY_P95 : QUERY_OWN_ERROR_SHARE, &op->watched[PART_OWN], window,
                0);
    decide_told(d, slow ? QUERY_OWN_ERROR_SHARE : QUERY_LATENCY_P95, &op->watched[PART_OTHER],
                window, 0);
    decide_told(d, QUERY_ERROR_SHARE, &spike->all, window, 0);
    decide_told(d, QUERY_OWN_ERROR_SHARE, &spike->own, window, 0);
    decide_told(d, QUERY_ERROR_SHARE, &spike->all_before, window, past);
    decide_told(d, QUERY_OWN_ERROR_SHARE, &spike->own_before, window, past);
    decide_count(d, "stable_requests", stable.total, INPUT_OF_ENGINE);
    decide_count(d, "stable_errors", stable.errors, INPUT_OF_ENGINE);
    if (op->canary.gauges[1].latency.kind == VALUE_NUMBER)
        decide_known(d, "stable_latency", op->canary.gauges[1].latency.micro, INPUT_OF_ENGINE);
    for (uint32_t k = 0; k < spike->count; k++)
        for (int before = 0; before < 2; before++)
            decide_input(d, &(struct decision_input){.name = query_name(QUERY_OWN_ERROR_SHARE),
                                                     .source = source_name(SOURCE_METRICS),
                                                     .figure = before ? spike->callee[k].before
                                                                      : spike->callee[k].now,
                                                     .of_service = true,
                                                     .service = spike->callee[k].service,
                                                     .window = window,
                                                     .offset = before ? spike->before_ns[1] : 0});
}

enum course { COURSE_HEALED, COURSE_WATCH_ON, COURSE_GO_BACK };

/* What follows from a finding: while paused a person decides what is not a breach, and a watch is
 * extended so often at most. */
static enum course course_of(const struct engine *e, const struct op *op, enum finding found) {
    bool long_enough = op->watch_extended >= e->config->verification.extensions_max;
    bool paused = op->state == STATE_PAUSED;
    if (found == HARMS || found == NOT_HEALED) return COURSE_GO_BACK;
    if (paused) return COURSE_WATCH_ON;
    if (found == HEALED || (found == EXPLAINED && long_enough)) return COURSE_HEALED;
    return long_enough ? COURSE_GO_BACK : COURSE_WATCH_ON;
}

static void alternatives(struct decision_note *d, enum course course, int64_t own, int64_t limit) {
    static const struct {
        const char *choice, *pro, *con, *rejected;
    } all[] = {
        {"healed", "it is closed", "what is not healed goes on", "it is not sure, or not so"},
        {"watch on", "more is known later", "it stays open", "enough is known, or seen"},
        {"go back", "what harms serves no more", "the fix is lost", "nothing speaks for it"}};
    const int64_t scores[] = {limit - own, 0, own - limit};
    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        decide_alternative(d, all[k].choice, scores[k], all[k].pro, all[k].con,
                           k == (size_t)course ? NULL : all[k].rejected);
}

static void record(struct engine *e, struct op *op, enum course course, const char *why) {
    const struct incident *i = &e->incidents[op->incident];
    static const char *const choices[] = {"healed", "watch on", "go back"};
    const struct spike_callee *callee = spike_explained_by(e, &op->spike);
    int64_t own = op->watched[PART_OWN].micro, limit = limit_of(e, i);
    struct decision_note d = decide(e, DECISION_VERIFICATION, i, op);
    decide_factor(&d, symptom_name(i->symptom), own, "over the window");
    decide_factor(&d, "limit", limit, "must be under");
    decide_factor(&d, "before", i->own_now, "must be under this too");
    if (op->spike.all.kind == VALUE_NUMBER)
        decide_factor(&d, "all", op->spike.all.micro, "failures, those passed on included");
    if (callee) decide_factor(&d, "callee", callee->now.micro, "own, of one that others changed");
    inputs_of(e, &d, op);
    alternatives(&d, course, own, limit);
    op->decided[DECISION_VERIFICATION] =
        decide_end(&d, choices[course], PPM_ONE - e->config->canary.alpha_ppm, why);
}

static void go_back(struct engine *e, struct op *op, const char *why) {
    if (!rollback_begin(e, op, why))
        op_timer_arm(e, op, TIMER_LOOK, e->config->verification.extend_ns); /* perhaps later */
}

static void judged(struct engine *e, struct op *op) {
    static const char *const whys[] = {
        "own figure after 100 %", "no data to verify by",
        "close to the limit",     "another's change explains what fails",
        "it harms elsewhere",     "it is not healed at 100 %"};
    enum finding found = find(e, op);
    enum course course = course_of(e, op, found);
    record(e, op, course, whys[found]);
    switch (course) {
    case COURSE_HEALED: healed(e, op); break;
    case COURSE_WATCH_ON:
        extend(e, op, found == HEALED ? "healed, but a person decides" : whys[found]);
        break;
    case COURSE_GO_BACK: go_back(e, op, whys[found]); break;
    }
}

static struct gate_number *figure_of(struct op *op, enum part part) {
    switch (part) {
    case PART_ALL: return &op->spike.all;
    case PART_ALL_BEFORE: return &op->spike.all_before;
    case PART_OWN_ERRORS: return &op->spike.own;
    case PART_OWN_ERRORS_BEFORE: return &op->spike.own_before;
    default: return &op->watched[part % 2];
    }
}

void verify_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                      uint32_t part) {
    if (part >= SPIKE_PART)
        spike_on_metric(e, op, in, part);
    else
        *figure_of(op, (enum part)part) =
            (struct gate_number){(enum value_kind)in->kind, in->micro, e->wall};
    if (op->answers_due > 1) {
        op->answers_due--;
        return;
    }
    op->answers_due = 0;
    if (!op->spike.asked && spike_is_new(e, &op->spike) && spike_look_for_cause(e, op)) return;
    op_timer_cancel(e, op, TIMER_REPLY);
    judged(e, op);
}
