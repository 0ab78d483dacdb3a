/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a decision says it was made from, against what crossed. */
#include "engine/base/ratio.h"
#include "reports/judge/recompute.h"
#include <stdlib.h>

#define LATE_NS (30 * NS_PER_S) /* a figure is stated at most so long after it crossed */

/* The first input after the record. */
static const struct seen_input *inputs_after(const struct facts *f, uint64_t record) {
    size_t low = 0, high = f->input.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->inputs[middle].record < record)
            low = middle + 1;
        else
            high = middle;
    }
    return f->inputs + low;
}

const struct seen_input *recompute_told(const struct recomputing *r, enum input_kind kind,
                                        bool (*is)(const struct recomputing *,
                                                   const struct eng_input *)) {
    const struct seen_effect *own = r->said->effect;
    for (const struct seen_input *i = inputs_after(r->facts, own->record); i-- > r->facts->inputs;)
        if (i->engine == own->engine && i->in.kind == kind && is(r, &i->in)) return i;
    return NULL;
}

/* ---- metrics ---- */

/* The question that a reply answers, if it crossed. */
static const struct eff_query *question_of(const struct facts *f, const struct seen_input *reply) {
    size_t low = 0, high = f->effect.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->effects[middle].record < reply->record)
            low = middle + 1;
        else
            high = middle;
    }
    for (const struct seen_effect *e = f->effects + low; e-- > f->effects;)
        if (e->out.kind == EFF_query && e->engine == reply->engine &&
            e->out.query.request == reply->in.query_result.request)
            return &e->out.query;
    return NULL;
}

static bool answers(const struct recomputing *r, const struct seen_input *i,
                    const struct said_input *said, int query) {
    const struct in_query_result *q = &i->in.query_result;
    int64_t service = said->service >= 0 ? said->service : (int64_t)r->said->service.v;
    if (i->in.kind != IN_query_result || i->engine != r->said->effect->engine ||
        q->query != query || q->revision.v != said->revision || q->kind != said->kind ||
        (int64_t)q->service.v != service || (q->kind == VALUE_NUMBER && q->micro != said->micro))
        return false;
    if (said->window_us == 0) return true;
    const struct eff_query *asked = question_of(r->facts, i);
    return !asked || (asked->window_ns / NS_PER_US == said->window_us &&
                      llabs(asked->offset_ns / NS_PER_US - said->offset_us) <= 1);
}

/* Whether a reply told that figure, and if pod is not NULL, of that pod. */
static bool replied(const struct recomputing *r, const struct said_input *said, int query,
                    const struct said_input *pod) {
    const struct seen_input *i = inputs_after(r->facts, r->said->effect->record);
    while (i-- > r->facts->inputs) {
        bool then = i->in.wall <= said->time && i->in.wall >= said->time - LATE_NS;
        if (then && answers(r, i, said, query) &&
            (!pod || i->in.query_result.pod == pod->micro / PPM_ONE))
            return true;
    }
    return false;
}

/* Whose the figure of the worst pod is. */
static bool of_pod(const struct recomputing *r, const struct said_input *pod) {
    static const enum query_kind worst[] = {QUERY_POD_WORST, QUERY_POD_SLOWEST};
    for (size_t k = 0; k < ARRAY_LEN(worst); k++) {
        const struct said_input *said = said_input(r->said, query_name(worst[k]), 0);
        if (said && said->kind == VALUE_NUMBER) return replied(r, said, (int)worst[k], pod);
    }
    return pod->micro < 0;
}

/* A figure that is missing may never have crossed: its question went unanswered. */
static bool of_metrics(const struct recomputing *r, const struct said_input *said) {
    int query = query_of(said->name, strlen(said->name));
    if (query < 0) return strcmp(said->name, "pod") == 0 && of_pod(r, said);
    return said->kind == VALUE_UNAVAILABLE || replied(r, said, query, NULL);
}

/* ---- the others ---- */

/* A lease that never ends is more than a number with decimals holds exactly. */
static bool said_near(int64_t said, int64_t is) {
    double apart = (double)said - (double)is;
    return apart <= (double)is * 1e-9 && -apart <= (double)is * 1e-9;
}

static struct op_id op_of(const struct recomputing *r) {
    return r->said->effect->out.record_decision.op;
}
static bool is_patch(const struct recomputing *r, const struct eng_input *in) {
    return ID_EQ(in->patch_reply.op, op_of(r)) && in->patch_reply.reply == REPLY_OK &&
           in->patch_reply.revision.v != 0;
}
static bool is_checks(const struct recomputing *r, const struct eng_input *in) {
    return ID_EQ(in->check_results.op, op_of(r)) && in->check_results.reply == REPLY_OK;
}
static bool is_snapshot(const struct recomputing *r, const struct eng_input *in) {
    return ID_EQ(in->registry_snapshot.op, op_of(r));
}
static bool is_hold(const struct recomputing *r, const struct eng_input *in) {
    return ID_EQ(in->lock_reply.op, op_of(r)) && in->lock_reply.result == LOCK_REPLY_HELD;
}
static bool is_traces(const struct recomputing *r, const struct eng_input *in) {
    return in->evidence.source == SOURCE_TRACES && in->evidence.reply == REPLY_OK &&
           ID_EQ(in->evidence.incident, r->said->effect->out.record_decision.incident);
}

static bool is_place(const struct recomputing *r, const struct eng_input *in) {
    return in->evidence.source == SOURCE_LOGS && in->evidence.reply == REPLY_OK &&
           in->evidence.file.len > 0 &&
           ID_EQ(in->evidence.incident, r->said->effect->out.record_decision.incident);
}

/* That they name none is believed: what came after the diagnosis is not looked at. */
static bool of_logs(const struct recomputing *r, const struct said_input *said) {
    return strcmp(said->name, "located") != 0 || said->micro == 0 ||
           recompute_told(r, IN_evidence, is_place) != NULL;
}

/* So many pods as the target said for this operation; if it said nothing, none. */
static bool of_target(const struct recomputing *r, const struct said_input *said) {
    const struct seen_input *i = inputs_after(r->facts, r->said->effect->record);
    bool any = false;
    if (strcmp(said->name, "pods") != 0) return true;
    while (i-- > r->facts->inputs) {
        const struct in_deployment *in = &i->in.deployment;
        if (i->engine != r->said->effect->engine || i->in.kind != IN_deployment ||
            !ID_EQ(in->op, op_of(r)))
            continue;
        if (in->pods_total == said->micro / PPM_ONE) return true;
        any = true;
    }
    return !any && said->micro == 0;
}

static bool of_patch(const struct recomputing *r, const struct said_input *said) {
    const struct seen_input *i = recompute_told(r, IN_patch_reply, is_patch);
    if (!i) return false;
    if (strcmp(said->name, "lines_changed") == 0)
        return said->micro / PPM_ONE == i->in.patch_reply.size_lines;
    return said->micro / PPM_ONE == i->in.patch_reply.changes_shared;
}

static bool of_ci(const struct recomputing *r, const struct said_input *said) {
    const struct seen_input *i = recompute_told(r, IN_check_results, is_checks);
    const struct in_check_results *c = i ? &i->in.check_results : NULL;
    int64_t is = said->micro / PPM_ONE;
    if (!c) return is == 0;
    if (strcmp(said->name, "syntax") == 0) return is == c->syntax;
    if (strcmp(said->name, "analysis") == 0) return is == c->analysis;
    if (strcmp(said->name, "dependencies") == 0) return is == c->dependencies;
    return strcmp(said->name, "tests_failed") != 0 || is == c->tests_failed;
}

static bool of_registry(const struct recomputing *r, const struct said_input *said) {
    const struct seen_input *i = recompute_told(r, IN_registry_snapshot, is_snapshot);
    if (!i || strcmp(said->name, "registry_number") == 0) return i != NULL;
    for (uint32_t k = 0; k < i->in.registry_snapshot.intents.count; k++) {
        const struct intent *intent = &i->in.registry_snapshot.intents.list[k];
        if ((int64_t)intent->op.v == said->of && intent->number == said->micro / PPM_ONE &&
            (int64_t)intent->service.v == said->service &&
            strcmp(opkind_name(intent->kind), said->name) == 0)
            return true;
    }
    return false;
}

static bool of_store(const struct recomputing *r, const struct said_input *said) {
    bool holds = strcmp(said->name, lock_reply_name(LOCK_REPLY_HELD)) == 0;
    if (!holds && strcmp(said->name, "expires_in") != 0) return of_registry(r, said);
    const struct seen_input *i = recompute_told(r, IN_lock_reply, is_hold);
    if (!i) return false;
    if (!holds) return said_near(said->micro, i->in.lock_reply.expires_in_ns / NS_PER_US);
    return said->micro / PPM_ONE == i->in.lock_reply.place &&
           said->of == (int64_t)i->in.lock_reply.holder.v;
}

static bool of_traces(const struct recomputing *r, const struct said_input *said) {
    const struct seen_input *i = recompute_told(r, IN_evidence, is_traces);
    return i && (int64_t)i->in.evidence.culprit.v == said->service &&
           i->in.evidence.culprit_share_ppm == said->micro;
}

static int64_t alerted(const struct recomputing *r) {
    const struct said_input *in = said_input(r->said, "alerted", 0);
    return in ? in->service : -1;
}

static int64_t nearest(const struct facts *f, int64_t a, int64_t b) {
    int64_t calls = reach_hops(f, a, b, f->limits.blast_depth);
    int64_t called = reach_hops(f, b, a, f->limits.blast_depth);
    return calls < 0 || (called >= 0 && called < calls) ? called : calls;
}

static bool of_graph(const struct recomputing *r, const struct said_input *said) {
    const struct facts *f = r->facts;
    int64_t own = r->said->service.v;
    bool gates = r->said->effect->out.record_decision.kind == DECISION_SAFETY_GATE;
    if (!reach_known(r)) return true;
    if (strcmp(said->name, "hops") == 0)
        return (said->micro < 0 ? -1 : said->micro / PPM_ONE) ==
               nearest(f, alerted(r), said->service);
    if (!gates || own >= (int64_t)f->service.count) return true;
    if (strcmp(said->name, "criticality") == 0)
        return said->micro == f->service.items[own].criticality_ppm;
    struct reach reach = reach_of(f, own, said_count(r->said, "changes_shared") != 0);
    free(reach.affected);
    return strcmp(said->name, "affected") == 0 ? said->micro / PPM_ONE == reach.count
                                               : said->micro == reach.share_ppm;
}

/* Every intent that was told stands in the decision: what is left out cannot conflict. */
static void registry_is_whole(struct recomputing *r) {
    const struct seen_input *i = recompute_told(r, IN_registry_snapshot, is_snapshot);
    if (!i || !said_input(r->said, "registry_number", 0)) return;
    for (uint32_t k = 0; k < i->in.registry_snapshot.intents.count; k++) {
        const struct intent *intent = &i->in.registry_snapshot.intents.list[k];
        bool named = ID_EQ(intent->op, op_of(r));
        for (uint32_t n = 0; n < r->said->input_count; n++)
            named |= r->said->inputs[n].of == (int64_t)intent->op.v &&
                     strcmp(r->said->inputs[n].source, "store") == 0;
        if (!named)
            recompute_wrong(r, "leaves out the intent of operation %llu",
                            (unsigned long long)intent->op.v);
    }
}

void recompute_inputs(struct recomputing *r) {
    static const struct {
        const char *source;
        bool (*holds)(const struct recomputing *, const struct said_input *);
    } sources[] = {{"metrics", of_metrics}, {"patch", of_patch},   {"ci", of_ci},
                   {"store", of_store},     {"traces", of_traces}, {"graph", of_graph},
                   {"logs", of_logs},       {"target", of_target}};
    for (uint32_t k = 0; k < r->said->input_count; k++) {
        const struct said_input *in = &r->said->inputs[k];
        for (size_t s = 0; s < ARRAY_LEN(sources); s++)
            if (strcmp(in->source, sources[s].source) == 0 && !sources[s].holds(r, in))
                recompute_wrong(r, "was made from %s of %.6f, which %s never told", in->name,
                                (double)in->micro / 1e6, in->source);
    }
    registry_is_whole(r);
}
