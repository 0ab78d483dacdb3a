/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/timeline.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "reports/judge/truth.h"

const char *bucket_name(enum bucket bucket) {
#define BUCKET(name, meaning) #name,
    static const char *const names[] = {
#include "reports/buckets.def"
    };
#undef BUCKET
    return (unsigned)bucket < BUCKET_COUNT ? names[bucket] : "?";
}

const char *bucket_meaning(enum bucket bucket) {
#define BUCKET(name, meaning) meaning,
    static const char *const meanings[] = {
#include "reports/buckets.def"
    };
#undef BUCKET
    return (unsigned)bucket < BUCKET_COUNT ? meanings[bucket] : "?";
}

/* What is going on for one incident, as far as facts and crossings tell. */
struct progress {
    const struct facts *facts;
    const struct incident *incident;
    bool opened, diagnosed, checked, promoted, verified, suspended;
    int evidence_out, patch_out, checks_out, questions_out, queued;
    bool retrying, going_back, remedying;
    int64_t op_state;    /* -1: no operation */
    int64_t stage;       /* index of the last one asked for; -1: none */
    struct op_id serves; /* promoted: which operation */
};

static bool our_op(const struct progress *p, struct op_id op) {
    return incident_has_op(p->facts, p->incident, op);
}
static bool ours(const struct progress *p, struct incident_id id) {
    return incident_has_id(p->incident, id);
}

/* The order is the critical path's: what must end before anything behind it can go on. */
static enum bucket bucket_now(const struct progress *p) {
    if (!p->opened) return BUCKET_detect;
    if (p->suspended || p->op_state == STATE_PAUSED) return BUCKET_human_wait;
    if (p->going_back) return BUCKET_rollback;
    if (p->verified) return BUCKET_close;
    if (p->promoted) return BUCKET_verify;
    if (p->remedying) return BUCKET_remedy;
    if (p->op_state == STATE_IN_PROGRESS) {
        if (p->stage <= 0) return BUCKET_canary_10;
        bool last = p->stage + 1 == (int64_t)p->facts->stage.count;
        return last ? BUCKET_canary_100 : BUCKET_canary_50;
    }
    if (p->queued > 0) return BUCKET_lock_wait;
    if (p->retrying) return BUCKET_retry_wait;
    if (p->op_state == STATE_LOCKED || p->op_state == STATE_SAFETY_CHECK) return BUCKET_gates;
    if (p->evidence_out > 0) return BUCKET_evidence;
    if (p->patch_out > 0) return BUCKET_patch;
    if (p->checks_out > 0) return BUCKET_checks;
    if (p->questions_out > 0) return BUCKET_human_wait;
    if (!p->diagnosed) return BUCKET_root_cause;
    return p->checked ? BUCKET_cooldown_wait : BUCKET_plan;
}

/* ---- effects ---- */

static int64_t stage_of(const struct facts *f, int64_t share_ppm) {
    EACH(f, stage, s) if (s->share_ppm == share_ppm) return s - f->stage.items;
    return share_ppm == PPM_ONE ? (int64_t)f->stage.count - 1 : 0;
}

/* A new operation begins anew; what the former one left outstanding is no longer waited for. */
static void operation_begins(struct progress *p) {
    p->checked = p->promoted = p->verified = p->going_back = p->retrying = p->remedying = false;
    p->patch_out = p->checks_out = p->queued = 0;
    p->stage = -1;
}

/* While a fix is verified, an engine may see an incident of another cause in the same symptoms, and
 * begin something else: the verification goes on. */
static bool beside_the_point(const struct progress *p, const struct eff_report *r) {
    return p->promoted && !p->verified && real64(p->serves.v) && !ID_EQ(r->op, p->serves);
}

static void see_report(struct progress *p, const struct eff_report *r) {
    bool about = ours(p, r->incident) || our_op(p, r->op);
    if (!about) return;
    switch (r->kind) {
    case REPORT_OPENED: p->opened = true; break;
    case REPORT_DIAGNOSED: p->diagnosed = true; break;
    case REPORT_PROMOTED:
    case REPORT_REMEDIED:
        p->promoted = true;
        p->serves = r->op;
        break;
    case REPORT_STATE:
        if (beside_the_point(p, r)) break;
        if (r->detail == STATE_INIT && p->op_state != STATE_PAUSED) operation_begins(p);
        if (r->detail == STATE_COMPLETED) p->verified = true;
        if (r->detail == STATE_ROLLED_BACK || r->detail == STATE_CANCELLED) operation_begins(p);
        p->op_state = r->detail;
        break;
    default: break;
    }
}

static void see_effect(struct progress *p, const struct seen_effect *e) {
    const struct eng_effect *x = &e->out;
    switch (x->kind) {
    case EFF_report: see_report(p, &x->report); break;
    case EFF_ask_evidence: p->evidence_out += ours(p, x->ask_evidence.incident); break;
    case EFF_ask_patch:
        if (!ours(p, x->ask_patch.incident)) break;
        p->patch_out = 1;
        p->checked = p->retrying = false;
        break;
    case EFF_ask_checks: p->checks_out += ours(p, x->ask_checks.incident); break;
    case EFF_lock_acquire:
        if (our_op(p, x->lock_acquire.op)) p->retrying = false;
        break;
    case EFF_lock_leave:
        if (!our_op(p, x->lock_leave.op)) break;
        p->queued = 0;
        p->retrying = true;
        break;
    case EFF_deploy_stage:
        if (our_op(p, x->deploy_stage.op)) p->stage = stage_of(p->facts, x->deploy_stage.share_ppm);
        break;
    case EFF_roll_back:
        if (!our_op(p, x->roll_back.op)) break;
        /* of an operation that brought nothing: it takes back what others did, once */
        if (op_first_stage(p->facts, x->roll_back.op) || p->remedying)
            p->going_back = true;
        else
            p->remedying = true;
        break;
    case EFF_remedy:
        if (our_op(p, x->remedy.op)) *(x->remedy.undo ? &p->going_back : &p->remedying) = true;
        break;
    case EFF_notify:
        if (x->notify.form != FORM_TELL && ours(p, x->notify.incident)) p->questions_out++;
        break;
    case EFF_suspend: p->suspended = x->suspend.on; break;
    default: break;
    }
}

/* ---- inputs ---- */

static void less(int *outstanding) {
    if (*outstanding > 0) --*outstanding;
}

/* Whether a question with that number was about this incident. */
static bool our_question(const struct progress *p, uint32_t engine, int64_t message) {
    EACH_EFFECT(p->facts, e) {
        const struct eff_notify *n = &e->out.notify;
        if (e->engine == engine && e->out.kind == EFF_notify && n->message == message)
            return n->form != FORM_TELL && ours(p, n->incident);
    }
    return false;
}

static void see_input(struct progress *p, const struct seen_input *i) {
    const struct eng_input *x = &i->in;
    switch (x->kind) {
    case IN_evidence:
        if (ours(p, x->evidence.incident)) less(&p->evidence_out);
        break;
    case IN_patch_reply:
        if (!our_op(p, x->patch_reply.op)) break;
        less(&p->patch_out);
        p->retrying =
            x->patch_reply.reply == REPLY_RATE_LIMITED || x->patch_reply.reply == REPLY_UNAVAILABLE;
        break;
    case IN_check_results:
        if (!our_op(p, x->check_results.op)) break;
        less(&p->checks_out);
        p->checked = true;
        break;
    case IN_lock_reply:
        if (!our_op(p, x->lock_reply.op)) break;
        if (x->lock_reply.result == LOCK_REPLY_HELD) p->queued = 1;
        if (x->lock_reply.result == LOCK_REPLY_GRANTED) p->queued = 0;
        break;
    case IN_person_decision:
        if (our_question(p, i->engine, x->person_decision.message)) less(&p->questions_out);
        break;
    default: break;
    }
}

static bool relevant(const struct facts *f, const struct fact_ref *ref, time_ns *at) {
    if (ref->kind == REC_input)
        *at = f->inputs[ref->index].at;
    else if (ref->kind == REC_effect)
        *at = f->effects[ref->index].at;
    else
        return false;
    return true;
}

/* Parts of one bucket that touch are one. */
struct walk {
    timeline_part each;
    void *context;
    enum bucket bucket;
    time_ns from, to;
};

static void walk_flush(struct walk *w) {
    if (w->to > w->from) w->each(w->context, w->bucket, w->from, w->to);
    w->from = w->to;
}

static void walk_to(struct walk *w, enum bucket bucket, time_ns to) {
    if (to <= w->to) return;
    if (bucket != w->bucket) walk_flush(w);
    w->bucket = bucket;
    w->to = to;
}

void timeline_walk(const struct facts *f, const struct incident *n, timeline_part each,
                   void *context) {
    struct progress p = {.facts = f, .incident = n, .op_state = -1, .stage = -1};
    struct walk walk = {each, context, BUCKET_detect, n->onset, n->onset};
    time_ns at = 0;
    if (n->onset == TIME_NEVER || n->ends < n->onset) return;
    for (size_t i = 0; i < f->order_count; i++) {
        const struct fact_ref *ref = &f->order[i];
        if (!relevant(f, ref, &at)) continue;
        if (at > n->ends) break;
        if (at > walk.to) walk_to(&walk, bucket_now(&p), at);
        if (ref->kind == REC_input)
            see_input(&p, &f->inputs[ref->index]);
        else
            see_effect(&p, &f->effects[ref->index]);
    }
    if (n->ends > walk.to) walk_to(&walk, bucket_now(&p), n->ends);
    walk_flush(&walk);
}

static void add_part(void *context, enum bucket bucket, time_ns from, time_ns to) {
    struct timeline *line = context;
    line->ns[bucket] += to - from;
    line->total += to - from;
}

struct timeline timeline_of(const struct facts *f, const struct incident *n) {
    struct timeline line = {.began = n->onset, .ended = n->onset};
    if (n->onset == TIME_NEVER || n->ends < n->onset) return line;
    timeline_walk(f, n, add_part, &line);
    line.ended = n->ends;
    ASSERT(line.total == line.ended - line.began);
    return line;
}
