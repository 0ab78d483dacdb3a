/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/seen.h"
#include "engine/base/ratio.h"
#include "reports/judge/progress.h"
#include "reports/judge/reaction.h"
#include "reports/judge/reasons.h"

/* A sentence in the making: clauses, with what separates them. */
struct words {
    char *text;
    size_t size, len;
};
#define SAY(w, ...) ((w)->len = sentence_add((w)->text, (w)->size, (w)->len, __VA_ARGS__))
static struct words words_of(char *text, size_t size) {
    if (size > 0) text[0] = '\0';
    return (struct words){text, size, 0};
}
static void clause(struct words *w) {
    if (w->len > 0) SAY(w, "; ");
}

/* ---- messages ---- */

/* That an incident was opened, or closed, says nothing of what is done about it. */
static bool of_its_life(const struct fact_message_delivered *m) {
    return m->reason == REASON_INCIDENT_OPENED || m->reason == REASON_RESOLVED;
}

/* The first of a form; news of the incident's life only where there is nothing else. */
static const struct fact_message_delivered *first_message(const struct facts *f,
                                                          const struct incident *n, int64_t form) {
    const struct fact_message_delivered *life = NULL;
    EACH(f, message_delivered, m) {
        if (m->at > n->ends) break;
        if (m->form != form || !incident_concerns(n, m->incident)) continue;
        if (!of_its_life(m)) return m;
        if (!life) life = m;
    }
    return life;
}

static void say_message(struct words *w, const struct fact_message_delivered *m) {
    static const char *const verbs[] = {[FORM_CONFIRM] = "asked to confirm",
                                        [FORM_TAKE_OVER] = "asked to take over",
                                        [FORM_TELL] = "told"};
    char at[REASON_TIME];
    clause(w);
    SAY(w, "a person was %s at %s (%s)",
        m->form >= 0 && m->form < FORM_COUNT ? verbs[m->form] : "written to",
        reason_time(at, m->at), reason_name(m->reason));
}

static bool escalates(int64_t reason) {
    return reason == REASON_CRITICAL_ERRORS || reason == REASON_CASCADE ||
           reason == REASON_BLAST_RADIUS || reason == REASON_TWO_FAILURES;
}
static bool suspends(int64_t reason) {
    return reason == REASON_STORE_UNREACHABLE || reason == REASON_CHAIN_BROKEN ||
           reason == REASON_EVIDENCE_MISSING || reason == REASON_PERSON_PAUSE;
}

static void say_take_over(struct words *w, const struct facts *f, const struct incident *n) {
    const struct fact_message_delivered *m = first_message(f, n, FORM_TAKE_OVER);
    if (!m) return;
    say_message(w, m);
    if (reaction_served_before(f, n, m->at))
        SAY(w, ", when a revision had already served");
    else if (m->at < n->onset)
        SAY(w, ", before its cause began");
    else if (!escalates(m->reason))
        SAY(w, ", which is none of the reasons that make an escalation right");
    else
        SAY(w, ", which the world does not bear out");
}

static const struct fact_person_answered *
answer_to(const struct facts *f, const struct fact_message_delivered *m, time_ns until) {
    EACH(f, person_answered, a) {
        if (a->at <= until && a->engine == m->engine && a->message == m->message) return a;
    }
    return NULL;
}

static void say_confirm(struct words *w, const struct facts *f, const struct incident *n) {
    const struct fact_message_delivered *m = first_message(f, n, FORM_CONFIRM);
    if (!m) return;
    const struct fact_person_answered *a = answer_to(f, m, n->ends);
    say_message(w, m);
    if (!a)
        SAY(w, ", and has not answered");
    else if (a->answer == ANSWER_YES || a->answer == ANSWER_CORRECTION)
        SAY(w, ", and what was confirmed does not serve everything");
    else
        SAY(w, ", and answered %s", answer_name(a->answer));
}

static void say_tell(struct words *w, const struct facts *f, const struct incident *n) {
    const struct fact_message_delivered *m = first_message(f, n, FORM_TELL);
    char at[REASON_TIME];
    if (!m) return;
    time_ns until = reaction_told_until(f, n, m);
    const struct fact_deploy_order *order = until < m->at ? NULL : order_after(f, m->at, until);
    say_message(w, m);
    if (!suspends(m->reason))
        SAY(w, ", which is no reason to stop for");
    else if (order)
        SAY(w, ", but an order was given at %s all the same", reason_time(at, order->at));
    else
        SAY(w, ", which the world does not bear out");
}

/* ---- what served ---- */

static void say_served(struct words *w, const struct facts *f, const struct incident *n,
                       enum outcome outcome) {
    const struct fact_traffic *most = NULL;
    struct revision_id revision = {0};
    char at[REASON_TIME];
    EACH(f, traffic, t) {
        for (uint32_t i = 0; t->at <= n->ends && i < n->revision_count; i++) {
            int64_t share = traffic_share(t, n->revisions[i]);
            if (share == 0 || (most && share <= traffic_share(most, revision))) continue;
            most = t;
            revision = n->revisions[i];
        }
    }
    if (!most) return;
    clause(w);
    SAY(w, "a revision served %.4g %% from %s on", (double)traffic_share(most, revision) / 1e4,
        reason_time(at, most->at));
    if (traffic_share(most, revision) == PPM_ONE)
        SAY(w, ", but the outcome is %s", outcome_name(outcome));
    else
        SAY(w, ", and neither all nor none was reached");
}

void seen_unclassified(const struct facts *f, const struct incident *n, enum outcome outcome,
                       char *why, size_t size) {
    struct words w = words_of(why, size);
    say_take_over(&w, f, n);
    say_confirm(&w, f, n);
    say_tell(&w, f, n);
    say_served(&w, f, n, outcome);
    if (w.len == 0) SAY(&w, "an order was given, and nothing came of it");
}

/* ---- an incident that stands ---- */

static void say_work(struct words *w, const struct facts *f, const struct incident *n) {
    const struct seen_effect *last = NULL;
    char at[REASON_TIME];
    for (size_t i = 0; i < f->op_count; i++) {
        const struct seen_effect *state = progress_state(f, f->ops[i].op, n->ends);
        if (state && incident_has_id(n, f->ops[i].incident) && (!last || state->at > last->at))
            last = state;
    }
    if (last)
        SAY(w, ", operation %llu %s since %s", (unsigned long long)last->out.report.op.v,
            state_name(last->out.report.detail), reason_time(at, last->at));
    else
        SAY(w, ", and no operation was opened");
}

static const struct seen_effect *opened(const struct facts *f, const struct incident *n) {
    EACH_EFFECT(f, e) {
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_OPENED && e->at <= n->ends &&
            incident_has_id(n, e->out.report.incident))
            return e;
    }
    return NULL;
}

void seen_open(const struct facts *f, const struct incident *n, char *why, size_t size) {
    struct words w = words_of(why, size);
    const struct seen_effect *first = opened(f, n);
    const struct fact_message_delivered *asked = reaction_question(f, n, false);
    char at[REASON_TIME];
    SAY(&w, "it stands at %s", reason_time(at, n->ends));
    if (!first) {
        SAY(&w, ", and no engine detected it");
        return;
    }
    SAY(&w, ": detected at %s", reason_time(at, first->at));
    const struct seen_effect *stop = progress_suspended(f, first->engine, n->ends);
    if (stop)
        SAY(&w, ", automation suspended at %s (%s)", reason_time(at, stop->at),
            reason_name(stop->out.suspend.reason));
    say_work(&w, f, n);
    if (asked)
        SAY(&w, "; a person was asked at %s, and a revision served after that",
            reason_time(at, asked->at));
    else
        SAY(&w, "; nobody was asked");
}

/* ---- nothing was to happen ---- */

static void say_opened(struct words *w, const struct facts *f, const struct seen_effect *first) {
    const struct eff_report *r = &first->out.report;
    char at[REASON_TIME];
    SAY(w, "an incident (%s of %s) was detected at %s", symptom_name(r->symptom),
        facts_service(f, r->service), reason_time(at, first->at));
    EACH_EFFECT(f, e) {
        const struct eff_report *end = &e->out.report;
        if (e->out.kind != EFF_report || !ID_EQ(end->incident, r->incident)) continue;
        if (end->kind != REPORT_CLOSED_RESOLVED && end->kind != REPORT_CLOSED_HEALED_BY_ANOTHER)
            continue;
        SAY(w, " and closed at %s", reason_time(at, e->at));
        return;
    }
    SAY(w, " and never closed");
}

void seen_instead_of_nothing(const struct facts *f, const struct incident *n, char *why,
                             size_t size) {
    struct words w = words_of(why, size);
    const struct seen_effect *first = opened(f, n);
    const struct fact_deploy_order *order = order_after(f, -1, n->ends);
    char at[REASON_TIME];
    if (first) say_opened(&w, f, first);
    EACH(f, message_delivered, m) {
        if (m->at > n->ends) break;
        say_message(&w, m);
        break;
    }
    if (!order) return;
    clause(&w);
    SAY(&w, "the first order was given at %s", reason_time(at, order->at));
}
