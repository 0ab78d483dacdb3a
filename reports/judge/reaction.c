/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/reaction.h"
#include "reports/judge/authority.h"
#include "reports/judge/mitigated.h"
#include "engine/base/ratio.h"

/* ---- 1. rollback ---- */

/* The record by which revision, served since "served", stops serving by the same operation's hand
 * while its base serves everything. */
static const struct fact_traffic *taken_back(const struct facts *f, struct revision_id revision,
                                             const struct fact_traffic *served, time_ns until) {
    const struct fact_revision_made *made = facts_revision(f, revision);
    EACH(f, traffic, t) {
        if (t->record <= served->record || t->at > until) continue;
        if (!ID_EQ(t->service, served->service) || traffic_share(t, revision) > 0) continue;
        bool former =
            !made || !real_revision(made->base) || traffic_share(t, made->base) == PPM_ONE;
        return ID_EQ(t->op, served->op) && is_engine(f, t->engine) && former ? t : NULL;
    }
    return NULL;
}

const struct fact_traffic *reaction_rollback(const struct facts *f, const struct incident *n,
                                             const struct fact_traffic **served) {
    for (uint32_t i = 0; i < n->revision_count; i++) {
        *served = traffic_reached(f, n->revisions[i], 1);
        if (!*served) continue;
        const struct fact_traffic *back = taken_back(f, n->revisions[i], *served, n->ends);
        if (back) return back;
    }
    return NULL;
}

/* ---- 2. reject ---- */

/* A patch made on a base that no longer serves is not bad, only late. */
static bool base_stale(const struct facts *f, struct revision_id revision, time_ns at) {
    const struct fact_revision_made *made = facts_revision(f, revision);
    if (!made || !real_revision(made->base)) return false;
    const struct fact_traffic *t = traffic_at(f, made->service, at);
    return t && traffic_share(t, made->base) == 0;
}

const struct fact_checked *reaction_rejected(const struct facts *f, const struct incident *n) {
    EACH(f, checked, c) {
        if (c->at > n->ends) break;
        bool ours = incident_has_op(f, n, c->op) || incident_has_revision(n, c->revision);
        if (ours && c->reply == REPLY_OK && !c->passed && !revision_served(f, c->revision) &&
            !base_stale(f, c->revision, c->at))
            return c;
    }
    return NULL;
}

/* ---- 3. escalate ---- */

bool reaction_served_before(const struct facts *f, const struct incident *n, time_ns at) {
    for (uint32_t i = 0; i < n->revision_count; i++) {
        const struct fact_traffic *t = traffic_reached(f, n->revisions[i], 1);
        if (t && t->at < at) return true;
    }
    return false;
}

const struct fact_message_delivered *
reaction_question(const struct facts *f, const struct incident *n, bool take_over_only) {
    EACH(f, message_delivered, m) {
        if (m->at > n->ends) break;
        if (n->onset == TIME_NEVER || m->at < n->onset || !incident_concerns(n, m->incident))
            continue;
        if (m->form == FORM_TAKE_OVER || (!take_over_only && m->form == FORM_CONFIRM)) return m;
    }
    return NULL;
}

bool reaction_question_right(const struct facts *f, const struct incident *n, time_ns at) {
    return truth_critical(f, n, at) || truth_cascade(f, n, at) || truth_blast(f, n) ||
           truth_two_failures(f, at);
}

static bool escalated(const struct facts *f, const struct incident *n) {
    const struct fact_message_delivered *m = reaction_question(f, n, true);
    return m && !reaction_served_before(f, n, m->at) && reaction_question_right(f, n, m->at);
}

/* ---- 4. alert_human ---- */

time_ns reaction_told_until(const struct facts *f, const struct incident *n,
                            const struct fact_message_delivered *m) {
    switch (m->reason) {
    case REASON_STORE_UNREACHABLE: return truth_store_silent(f, m->engine, m->at) ? n->ends : -1;
    case REASON_CHAIN_BROKEN: return truth_chain_broken(f, m->engine, m->at) ? n->ends : -1;
    case REASON_EVIDENCE_MISSING: return truth_evidence_missing(f, n, m->at) ? n->ends : -1;
    case REASON_PERSON_PAUSE: {
        time_ns until = truth_pause_until(f, m->engine, m->at);
        return until < n->ends ? until : n->ends;
    }
    default: return -1;
    }
}

const struct fact_message_delivered *reaction_suspended(const struct facts *f,
                                                        const struct incident *n) {
    EACH(f, message_delivered, m) {
        if (m->at > n->ends) break;
        if (m->form != FORM_TELL || !incident_concerns(n, m->incident)) continue;
        time_ns until = reaction_told_until(f, n, m);
        if (until >= m->at && !order_after(f, m->at, until)) return m;
    }
    return NULL;
}

/* ---- 5. verify_and_proceed ---- */

/* It reached 100 % after "after", and serves everything still when the incident's time is over. */
static bool stayed(const struct facts *f, const struct incident *n, struct revision_id revision,
                   time_ns after) {
    const struct fact_traffic *full = traffic_reached(f, revision, PPM_ONE);
    if (!full || full->at < after || full->at > n->ends) return false;
    const struct fact_traffic *last = traffic_at(f, full->service, n->ends);
    return last && traffic_share(last, revision) == PPM_ONE;
}

static const struct fact_message_delivered *question_of(const struct facts *f,
                                                        const struct fact_person_answered *a) {
    EACH(f, message_delivered, m) {
        if (m->engine == a->engine && m->message == a->message && m->form == FORM_CONFIRM &&
            ID_EQ(m->person, a->person))
            return m;
    }
    return NULL;
}

/* The revision was asked for after the answer and for the service so confirmed, or is the plan that
 * the question was about (its operation's, made before). */
static bool confirmed_revision(const struct facts *f, const struct fact_person_answered *a,
                               const struct fact_message_delivered *m,
                               struct revision_id revision) {
    struct svc_id service = a->answer == ANSWER_CORRECTION ? a->service : m->service;
    EACH(f, patch_made, p) {
        if (!ID_EQ(p->revision, revision) || p->reply != REPLY_OK) continue;
        bool after = p->at >= a->at && (!real_service(service) || ID_EQ(p->service, service));
        bool plan = a->answer == ANSWER_YES && p->at < m->at && ID_EQ(p->op, m->op);
        if (after || plan) return true;
    }
    return false;
}

static bool person_confirmed(const struct facts *f, const struct incident *n) {
    EACH(f, person_answered, a) {
        if (a->at > n->ends) break;
        if (a->answer != ANSWER_YES && a->answer != ANSWER_CORRECTION) continue;
        if (!person_may_approve(f, a->person)) continue;
        const struct fact_message_delivered *m = question_of(f, a);
        if (!m || !incident_concerns(n, m->incident)) continue;
        for (uint32_t i = 0; i < n->revision_count; i++)
            if (confirmed_revision(f, a, m, n->revisions[i]) &&
                stayed(f, n, n->revisions[i], a->at))
                return true;
    }
    return false;
}

/* The last stage has a soak of its own before verification begins, and figures are as old as a
 * scrape when they are read: only a close beyond all that says that the watch was extended. */
static bool watched_longer(const struct facts *f, const struct incident *n) {
    time_ns soak = f->stage.count > 0 ? f->stage.items[f->stage.count - 1].soak_ns : 0;
    time_ns usual = time_add(time_add(soak, f->limits.watch_ns), 2 * f->limits.scrape_ns);
    if (n->closed == TIME_NEVER) return false;
    for (uint32_t i = 0; i < n->revision_count; i++) {
        const struct fact_traffic *full = traffic_reached(f, n->revisions[i], PPM_ONE);
        if (full && stayed(f, n, n->revisions[i], full->at) &&
            n->closed > time_add(full->at, usual))
            return true;
    }
    return false;
}

/* ---- 6. wait_and_retry ---- */

static bool lock_retried(const struct facts *f, const struct incident *n) {
    EACH(f, lock, left) {
        if (left->event != LOCK_LEFT || left->at > n->ends || !incident_has_op(f, n, left->op))
            continue;
        EACH(f, lock, got) {
            if (got->at <= n->ends && got->event == LOCK_GRANTED && ID_EQ(got->op, left->op) &&
                got->scope == left->scope && got->name == left->name &&
                got->at >= time_add(left->at, f->limits.backoff_initial_ns))
                return true;
        }
    }
    return false;
}

static bool patch_retried(const struct facts *f, const struct incident *n) {
    EACH(f, patch_made, no) {
        bool limited = no->reply == REPLY_RATE_LIMITED;
        if ((!limited && no->reply != REPLY_UNAVAILABLE) || !incident_has_id(n, no->incident))
            continue;
        time_ns wait =
            limited && no->retry_after_ns > 0 ? no->retry_after_ns : f->limits.backoff_initial_ns;
        EACH(f, patch_made, yes) {
            if (yes->at <= n->ends && yes->reply == REPLY_OK && ID_EQ(yes->op, no->op) &&
                ID_EQ(yes->service, no->service) && yes->at >= time_add(no->at, wait))
                return true;
        }
    }
    return false;
}

static bool stage_completed_late(const struct facts *f, const struct incident *n) {
    EACH(f, deploy_done, part) {
        time_ns again = time_add(part->at, f->limits.backoff_initial_ns);
        bool incomplete = part->status == DEPLOY_PARTIAL || part->status == DEPLOY_FAILED;
        if (!incomplete || !incident_has_op(f, n, part->op)) continue;
        EACH(f, deploy_done, done) {
            if (done->at <= n->ends && done->at >= again && done->status == DEPLOY_DONE &&
                ID_EQ(done->op, part->op) && ID_EQ(done->revision, part->revision) &&
                done->share_ppm == part->share_ppm)
                return true;
        }
    }
    return false;
}

/* ---- 7. acquire_lock ---- */

/* What became of a queued request: true when granted, after its holder's release, without leaving
 * the queue in between. */
static bool granted_after(const struct facts *f, const struct fact_lock *queued, time_ns until) {
    bool released = false;
    EACH(f, lock, l) {
        if (l->record <= queued->record || l->scope != queued->scope || l->name != queued->name)
            continue;
        if (l->at > until) return false;
        bool freed = l->event == LOCK_RELEASED || l->event == LOCK_FORCED;
        if (freed && ID_EQ(l->op, queued->holder)) released = true;
        if (!ID_EQ(l->op, queued->op)) continue;
        if (l->event == LOCK_LEFT || l->event == LOCK_REFUSED) return false;
        if (l->event == LOCK_GRANTED) return released;
    }
    return false;
}

static bool lock_waited_for(const struct facts *f, const struct incident *n) {
    EACH(f, lock, l) {
        if (l->event == LOCK_QUEUED && incident_has_op(f, n, l->op) && real64(l->holder.v) &&
            !ID_EQ(l->holder, l->op) && granted_after(f, l, n->ends))
            return true;
    }
    return false;
}

/* ---- 8. mitigate ---- */

/* Users saw the symptom until then and not after it, or not much longer than figures take. */
static bool mitigated(const struct facts *f, const struct incident *n) {
    time_ns stood = remedy_stood(f, n);
    struct mitigated m = incident_mitigated(f, n);
    return stood != TIME_NEVER && m.after > 0 &&
           n->onset + m.after <= time_add(stood, f->limits.rate_window_ns + 2 * TRUTH_NS);
}

/* ---- 9, 10 ---- */

static bool fixed(const struct facts *f, const struct incident *n) {
    for (uint32_t i = 0; i < n->revision_count; i++) {
        const struct fact_traffic *t = traffic_reached(f, n->revisions[i], PPM_ONE);
        if (t && t->at <= n->ends) return true;
    }
    return false;
}

/* No order of an engine for the incident, and no message about it. Of a run without an incident,
 * none at all until the heal. */
static bool nothing_done(const struct facts *f, const struct incident *n) {
    EACH(f, deploy_order, d) {
        bool ours = n->fault < 0 || incident_concerns(n, d->incident);
        if (d->at <= n->ends && is_engine(f, d->engine) && ours) return false;
    }
    EACH(f, message_delivered, m) {
        bool ours = n->fault < 0 || incident_concerns(n, m->incident);
        if (m->at <= n->ends && ours) return false;
    }
    return true;
}

enum reaction reaction_of(const struct facts *f, const struct incident *n, enum outcome outcome) {
    const struct fact_traffic *served;
    if (reaction_rollback(f, n, &served)) return REACTION_ROLLBACK;
    if (reaction_rejected(f, n)) return REACTION_REJECT;
    if (escalated(f, n)) return REACTION_ESCALATE;
    if (reaction_suspended(f, n)) return REACTION_ALERT_HUMAN;
    if (mitigated(f, n)) return REACTION_MITIGATE;
    if (person_confirmed(f, n) || watched_longer(f, n)) return REACTION_VERIFY_AND_PROCEED;
    if (lock_retried(f, n) || patch_retried(f, n) || stage_completed_late(f, n))
        return REACTION_WAIT_AND_RETRY;
    if (lock_waited_for(f, n)) return REACTION_ACQUIRE_LOCK;
    if (fixed(f, n) && outcome == OUTCOME_RESOLVED) return REACTION_AUTO_FIX;
    return nothing_done(f, n) ? REACTION_NONE : REACTION_UNCLASSIFIED;
}
