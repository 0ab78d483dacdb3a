/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/progress.h"
#include "engine/base/ratio.h"
#include "reports/judge/reasons.h"

const struct seen_effect *progress_state(const struct facts *f, struct op_id op, time_ns at) {
    const struct seen_effect *last = NULL;
    EACH_EFFECT(f, e) {
        if (e->at > at) break;
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_STATE &&
            ID_EQ(e->out.report.op, op))
            last = e;
    }
    return last;
}

const struct seen_effect *progress_suspended(const struct facts *f, uint32_t engine, time_ns at) {
    const struct seen_effect *last = NULL;
    EACH_EFFECT(f, e) {
        if (e->at > at) break;
        if (e->out.kind == EFF_suspend && e->engine == engine) last = e;
    }
    return last && last->out.suspend.on ? last : NULL;
}

static bool works(int64_t state) {
    return state == STATE_INIT || state == STATE_LOCKED || state == STATE_SAFETY_CHECK ||
           state == STATE_IN_PROGRESS;
}

static const struct fact_traffic *last_traffic(const struct facts *f, struct op_id op, time_ns at) {
    const struct fact_traffic *last = NULL;
    EACH(f, traffic, t) if (t->at <= at && ID_EQ(t->op, op)) last = t;
    return last;
}

/* When it last came further: a patch that may be asked for again only later counts as then. */
static time_ns last_step(const struct facts *f, const struct seen_effect *state, time_ns until) {
    struct op_id op = state->out.report.op;
    time_ns last = state->at;
#define STEP(kind, it, time, counts)                                                               \
    EACH(f, kind, it) {                                                                            \
        if (it->at <= until && ID_EQ(it->op, op) && (counts) && (time) > last) last = (time);      \
    }
    STEP(traffic, t, t->at, true)
    STEP(deploy_done, d, d->at, true)
    STEP(checked, c, c->at, true)
    STEP(patch_made, p, time_add(p->at, p->retry_after_ns), true)
    STEP(lock, l, l->at, l->event != LOCK_RENEWED)
#undef STEP
    return last;
}

/* All soaks and the watch: what the policy asks of a fix that nothing delays. */
static time_ns course_of(const struct facts *f) {
    time_ns sum = f->limits.watch_ns;
    EACH(f, stage, s) sum = time_add(sum, s->soak_ns);
    return sum;
}

static time_ns patience(const struct facts *f, int64_t state) {
    return state == STATE_IN_PROGRESS ? course_of(f)
                                      : time_add(f->limits.cooldown_ns, f->limits.wait_timeout_ns);
}

static int64_t share_of(const struct incident *n, const struct fact_traffic *t) {
    int64_t share = 0;
    for (uint32_t i = 0; t && i < n->revision_count; i++) {
        int64_t serves = traffic_share(t, n->revisions[i]);
        if (serves > share) share = serves;
    }
    return share;
}

static void say(const struct facts *f, const struct incident *n, const struct seen_effect *state,
                char *why, size_t size) {
    char end[REASON_TIME], stood[REASON_TIME], course[REASON_TIME];
    const struct fact_traffic *t = last_traffic(f, state->out.report.op, n->ends);
    int64_t share = share_of(n, t);
    size_t len =
        sentence_add(why, size, 0, "the run ended at %s while operation %llu had ",
                     reason_time(end, n->ends), (unsigned long long)state->out.report.op.v);
    if (share > 0)
        len = sentence_add(why, size, len, "served %.4g %% for %s", (double)share / 1e4,
                           reason_time(stood, n->ends - t->at));
    else
        len = sentence_add(why, size, len, "been %s for %s", state_name(state->out.report.detail),
                           reason_time(stood, n->ends - state->at));
    sentence_add(why, size, len, "; this policy soaks and watches for %s",
                 reason_time(course, course_of(f)));
}

bool progress_cut_off(const struct facts *f, const struct incident *n, char *why, size_t size) {
    for (size_t i = 0; i < f->op_count; i++) {
        if (!incident_has_id(n, f->ops[i].incident)) continue;
        const struct seen_effect *state = progress_state(f, f->ops[i].op, n->ends);
        if (!state || !works(state->out.report.detail)) continue;
        time_ns idle = n->ends - last_step(f, state, n->ends);
        if (idle > patience(f, state->out.report.detail)) continue;
        if (progress_suspended(f, state->engine, n->ends)) continue;
        say(f, n, state, why, size);
        return true;
    }
    return false;
}
