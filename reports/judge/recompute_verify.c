/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verification, rollback and questions to people once more. */
#include "engine/base/ratio.h"
#include "reports/judge/recompute.h"

/* ---- verification ---- */

static bool number(const struct said_input *in) { return in && in->kind == VALUE_NUMBER; }

/* The nth of a question about the decision's service, or about callees; now or before. */
static const struct said_input *told(const struct recomputing *r, enum query_kind query,
                                     bool callees, bool before, uint32_t nth) {
    for (uint32_t k = 0; k < r->said->input_count; k++) {
        const struct said_input *in = &r->said->inputs[k];
        if (strcmp(in->name, query_name(query)) == 0 && (in->service >= 0) == callees &&
            (in->offset_us != 0) == before && nth-- == 0)
            return in;
    }
    return NULL;
}

struct watch {
    const struct said_input *own, *other, *all, *own_errors, *all_before, *own_before;
    int64_t limit;
    bool slow;
};

static struct watch watch_of(const struct recomputing *r) {
    const struct limits *l = &r->facts->limits;
    bool slow = said_count(r->said, "symptom") == SYMPTOM_LATENCY;
    return (struct watch){
        .slow = slow,
        .limit = slow ? l->latency_limit_ns / 1000 : l->verification_error_ppm,
        .own = told(r, slow ? QUERY_LATENCY_P95 : QUERY_OWN_ERROR_SHARE, false, false, 0),
        .other = told(r, slow ? QUERY_OWN_ERROR_SHARE : QUERY_LATENCY_P95, false, false, 0),
        .all = told(r, QUERY_ERROR_SHARE, false, false, 0),
        .own_errors = told(r, QUERY_OWN_ERROR_SHARE, false, false, 1),
        .all_before = told(r, QUERY_ERROR_SHARE, false, true, 0),
        .own_before = told(r, QUERY_OWN_ERROR_SHARE, false, true, 0)};
}

/* More fails that passes through than before. */
static bool spike(const struct recomputing *r, const struct watch *w) {
    if (!number(w->all) || !number(w->own_errors)) return false;
    int64_t passed = w->all->micro - w->own_errors->micro, before = 0;
    if (number(w->all_before) && number(w->own_before))
        before = w->all_before->micro - w->own_before->micro;
    return passed - before >= r->facts->limits.min_effect_ppm;
}

/* A callee that somebody changed fails by itself more than before. */
static bool explained(const struct recomputing *r) {
    for (uint32_t k = 0;; k++) {
        const struct said_input *now = told(r, QUERY_OWN_ERROR_SHARE, true, false, k),
                                *before = NULL;
        if (!now) return false;
        for (uint32_t n = 0; (before = told(r, QUERY_OWN_ERROR_SHARE, true, true, n)) != NULL; n++)
            if (before->service == now->service) break;
        if (number(now) && number(before) &&
            now->micro - before->micro >= r->facts->limits.min_effect_ppm)
            return true;
    }
}

static bool harms_elsewhere(const struct recomputing *r, const struct watch *w) {
    const struct limits *l = &r->facts->limits;
    if (!number(w->other)) return false;
    if (w->slow) {
        int64_t seen = said_count(r->said, "stable_requests");
        int64_t share = seen > 0 ? ppm_of(said_count(r->said, "stable_errors"), seen) : 0;
        return w->other->micro >= l->verification_error_ppm &&
               w->other->micro > share + l->min_effect_ppm;
    }
    return said_input(r->said, "stable_latency", 0) &&
           w->other->micro >= l->latency_limit_ns / 1000 &&
           w->other->micro > ppm_mul(said_micro(r->said, "stable_latency"), l->latency_ratio_ppm);
}

static const char *follows(const struct recomputing *r, const struct watch *w) {
    const struct limits *l = &r->facts->limits;
    bool long_enough = said_count(r->said, "extended") >= l->extensions_max;
    bool paused = said_count(r->said, "paused") != 0;
    bool known = number(w->own) && number(w->all), sure = false, excused = false;
    if (known) {
        bool more = spike(r, w);
        excused = more && explained(r);
        if (harms_elsewhere(r, w) ||
            (more && !excused && w->all->micro >= l->verification_error_ppm) ||
            w->own->micro >= w->limit || w->own->micro >= said_micro(r->said, "before"))
            return "go back";
        sure = !more && w->own->micro <= w->limit - ppm_mul(w->limit, l->verify_margin_ppm);
    }
    if (paused) return "watch on";
    if (sure || (excused && long_enough)) return "healed";
    return long_enough ? "go back" : "watch on";
}

void recompute_verification(struct recomputing *r) {
    struct watch w = watch_of(r);
    const char *first = r->said->factor_count > 0 ? r->said->factors[0].name : "";
    if (!w.own || !w.all) {
        recompute_wrong(r, "does not say by which figures");
        return;
    }
    if (number(w.own)) recompute_factor(r, first, w.own->micro, 0);
    recompute_factor(r, "limit", w.limit, 0);
    recompute_factor(r, "before", said_micro(r->said, "before"), 0);
    recompute_choice(r, follows(r, &w));
    if (!number(w.own)) return;
    recompute_score(r, "healed", w.limit - w.own->micro, 0);
    recompute_score(r, "watch on", 0, 0);
    recompute_score(r, "go back", w.own->micro - w.limit, 0);
}

/* ---- rollback ---- */

/* A decision of this very step, about this operation, that it should go back. */
static bool decided_so(const struct recomputing *r) {
    const int64_t numbers[] = {said_about(r->said, decision_name(DECISION_DEPLOYMENT)),
                               said_about(r->said, decision_name(DECISION_VERIFICATION))};
    for (size_t k = 0; k < ARRAY_LEN(numbers); k++) {
        const struct made *m = recompute_made(r, numbers[k]);
        if (m && ID_EQ(m->op, r->said->effect->out.record_decision.op) &&
            m->at == r->said->effect->at &&
            (strcmp(m->choice, "abort") == 0 || strcmp(m->choice, "go back") == 0))
            return true;
    }
    return false;
}

static bool paused_for_too_long(const struct recomputing *r) {
    time_ns since = TIME_NEVER;
    EACH_EFFECT(r->facts, e) {
        const struct eff_report *report = &e->out.report;
        if (e->record > r->said->effect->record) break;
        if (e->out.kind == EFF_report && report->kind == REPORT_STATE &&
            ID_EQ(report->op, r->said->effect->out.record_decision.op))
            since = report->detail == STATE_PAUSED ? e->at : TIME_NEVER;
    }
    return since != TIME_NEVER &&
           r->said->effect->at - since >= r->facts->limits.paused_limit_ns / 10 * 9;
}

/* Somebody said no, to whatever this engine asked, in this very step. */
static bool said_no(const struct recomputing *r, const struct eng_input *in) {
    (void)r;
    return in->person_decision.answer != ANSWER_YES;
}

void recompute_rollback(struct recomputing *r) {
    const struct limits *l = &r->facts->limits;
    const struct said_input *left = said_input(r->said, "state_left", 0);
    bool held = said_micro(r->said, "on_hold") * NS_PER_US >= l->hold_max_ns - NS_PER_US;
    bool watched = said_count(r->said, "extended") >= l->extensions_max;
    bool refused = said_count(r->said, "refused_by_person") != 0 &&
                   recompute_told(r, IN_person_decision, said_no) != NULL;
    bool due = decided_so(r) || held || watched || refused ||
               said_count(r->said, "taken_up") != 0 || (left && left->micro <= 0) ||
               paused_for_too_long(r);
    if (!due) recompute_wrong(r, "goes back, and nothing that it says speaks for that");
    recompute_choice(r, "roll back");
    recompute_score(r, "roll back", PPM_ONE, 0);
    recompute_score(r, "let it serve", 0, 0);
    recompute_score(r, "ask a person", 0, 0);
}

/* ---- human_escalation ---- */

static bool chose(const struct recomputing *r, enum decision_kind kind, const char *choice) {
    const struct made *m = recompute_made(r, said_about(r->said, decision_name(kind)));
    return m && m->kind == (int64_t)kind && strcmp(m->choice, choice) == 0;
}

/* What each reason stands on; of the others the crossings say enough (notifications, reactions). */
static bool stands(const struct recomputing *r, int reason, bool confirms) {
    const struct limits *l = &r->facts->limits;
    const struct said_decision *d = r->said;
    switch (reason) {
    case REASON_CRITICAL_ERRORS: return said_micro(d, "own") >= l->critical_error_ppm;
    case REASON_CASCADE: return said_count(d, "in_breach") >= l->cascade_services;
    case REASON_LOW_CONFIDENCE: {
        int64_t sure = said_micro(d, "confidence");
        return confirms ? sure < l->confirm_below_ppm && sure >= l->hand_over_below_ppm
                        : sure < l->confirm_below_ppm;
    }
    case REASON_GATE: return chose(r, DECISION_SAFETY_GATE, action_name(ACTION_PAUSE));
    case REASON_BLAST_RADIUS:
        return said_count(d, "affected") > l->blast_count &&
               chose(r, DECISION_SAFETY_GATE, action_name(ACTION_PAUSE));
    case REASON_CONFLICT:
        return chose(r, DECISION_CONCURRENCY, action_name(ACTION_PAUSE)) ||
               chose(r, DECISION_CONCURRENCY, action_name(ACTION_REJECT));
    case REASON_TWO_FAILURES:
        return confirms ? said_count(d, "failures_in_row") >= l->failures_in_row
                        : said_count(d, "rollbacks") >= l->failures_in_row ||
                              said_count(d, "operations") >= l->operations_per_incident;
    default: return true;
    }
}

static const char *form_of_reason(int reason, bool confirms) {
    switch (reason) {
    case REASON_GATE:
    case REASON_CONFLICT: return form_name(FORM_CONFIRM);
    case REASON_LOW_CONFIDENCE:
    case REASON_TWO_FAILURES: return form_name(confirms ? FORM_CONFIRM : FORM_TAKE_OVER);
    default: return form_name(FORM_TAKE_OVER);
    }
}

/* The message that it says it sends crosses in this step, unless its like was sent lately. */
static bool crossed_otherwise(const struct recomputing *r, int reason) {
    const struct seen_effect *own = r->said->effect;
    for (const struct seen_effect *e = own; e >= r->facts->effects; e--) {
        if (e->engine != own->engine || e->at != own->at) break;
        const struct eff_notify *n = &e->out.notify;
        if (e->out.kind == EFF_notify && n->message == said_about(r->said, "message"))
            return n->reason != reason || strcmp(form_name(n->form), r->said->choice) != 0;
    }
    return false;
}

void recompute_escalation(struct recomputing *r) {
    const struct said_decision *d = r->said;
    const char *name = d->factor_count > 0 ? d->factors[0].name : "";
    int reason = reason_of(name, strlen(name));
    bool confirms = said_chose(d, form_name(FORM_CONFIRM));
    if (reason < 0)
        recompute_wrong(r, "does not say why a person is asked");
    else if (!stands(r, reason, confirms))
        recompute_wrong(r, "asks a person for %s, which its inputs do not bear out", name);
    else if (crossed_otherwise(r, reason))
        recompute_wrong(r, "says %s for %s, and asks something else", d->choice, name);
    else
        recompute_choice(r, form_of_reason(reason, confirms));
    for (int form = 0; form < FORM_COUNT; form++)
        recompute_score(r, form_name(form), said_chose(d, form_name(form)) ? PPM_ONE : 0, 0);
    recompute_score(r, "go on", 0, 0);
}
