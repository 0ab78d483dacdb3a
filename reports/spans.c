/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/spans.h"
#include "engine/base/check.h"
#include "engine/base/diag.h"
#include <stdlib.h>

const char *span_name(enum span_kind kind) {
#define SPAN(name, meaning) #name,
    static const char *const names[] = {SPANS(SPAN)};
#undef SPAN
    return (unsigned)kind < SPAN_COUNT ? names[kind] : "?";
}

const char *op_label(char out[OP_LABEL], struct op_id op) {
    if (op.v >> 48 == OPERATORS_ENGINE)
        snprintf(out, OP_LABEL, "operator %llu", (unsigned long long)(op.v & 0xffffffff));
    else
        snprintf(out, OP_LABEL, "op %llu.%llu", (unsigned long long)(op.v >> 48),
                 (unsigned long long)(op.v & 0xffffffff));
    return out;
}

/* ---- the list ---- */

static uint32_t lane_new(struct spans *s, enum span_kind kind, const char *name) {
    if (s->lane_count == s->lane_capacity) {
        s->lane_capacity = s->lane_capacity == 0 ? 16 : 2 * s->lane_capacity;
        s->lanes = realloc(s->lanes, s->lane_capacity * sizeof *s->lanes);
        ASSERT(s->lanes != NULL);
    }
    struct span_lane *lane = &s->lanes[s->lane_count];
    *lane = (struct span_lane){.kind = kind, .engine = -1};
    snprintf(lane->name, sizeof lane->name, "%s", name);
    return s->lane_count++;
}

/* Begins now and goes on until it is ended. */
static struct span *span_new(struct spans *s, enum span_kind kind, uint32_t lane, time_ns from) {
    if (s->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 64 : 2 * s->capacity;
        s->list = realloc(s->list, s->capacity * sizeof *s->list);
        ASSERT(s->list != NULL);
    }
    struct span *span = &s->list[s->count++];
    *span = (struct span){.kind = kind,
                          .lane = lane,
                          .from = from,
                          .to = from,
                          .open = true,
                          .engine = -1,
                          .service = {NONE_ID}};
    return span;
}

static void span_end(struct span *span, time_ns at) {
    span->to = at;
    span->open = false;
}

/* The last span of the lane that is open and of that operation (v = 0: of any); NULL: none. */
static struct span *span_open(struct spans *s, uint32_t lane, enum span_kind kind,
                              struct op_id op) {
    for (uint32_t k = s->count; k-- > 0 && s->list[k].lane == lane;) {
        struct span *span = &s->list[k];
        if (span->open && span->kind == kind && (op.v == 0 || ID_EQ(span->op, op))) return span;
    }
    return NULL;
}

void spans_free(struct spans *spans) {
    free(spans->list);
    free(spans->lanes);
    *spans = (struct spans){0};
}

/* ---- incidents ---- */

struct phases {
    struct spans *spans;
    uint32_t lane;
};

static void add_phase(void *context, enum bucket bucket, time_ns from, time_ns to) {
    struct phases *p = context;
    struct span *span = span_new(p->spans, SPAN_phase, p->lane, from);
    span_end(span, to);
    span->detail = bucket;
    snprintf(span->text, sizeof span->text, "%s", bucket_name(bucket));
}

static void add_incidents(struct spans *s, const struct report_run *run) {
    for (uint32_t i = 0; i < run->verdict->count; i++) {
        const struct incident *n = &run->verdict->list[i].incident;
        if (!report_counts(run, i)) continue;
        struct phases phases = {s, lane_new(s, SPAN_phase, n->name)};
        timeline_walk(run->facts, n, add_phase, &phases);
    }
}

/* ---- operations ---- */

static bool state_ends(int64_t state) {
    return state == STATE_COMPLETED || state == STATE_ROLLED_BACK || state == STATE_CANCELLED;
}

/* Of each operation, one lane: the spans of its states. */
static void add_operation(struct spans *s, const struct facts *f, const struct seen_op *op) {
    char name[SPAN_TEXT], label[OP_LABEL];
    bool begun = false;
    uint32_t lane = 0;
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || r->kind != REPORT_STATE || !ID_EQ(r->op, op->op)) continue;
        if (!begun) {
            snprintf(name, sizeof name, "%s on %s", op_label(label, op->op),
                     facts_service(f, op->service));
            lane = lane_new(s, SPAN_operation, name);
            s->lanes[lane].engine = e->engine;
            begun = true;
        }
        struct span *before = span_open(s, lane, SPAN_operation, op->op);
        if (before) span_end(before, e->at);
        struct span *span = span_new(s, SPAN_operation, lane, e->at);
        span->engine = e->engine;
        span->op = op->op;
        span->service = op->service;
        span->detail = r->detail;
        snprintf(span->text, sizeof span->text, "%s", state_name(r->detail));
        if (state_ends(r->detail)) span_end(span, e->at);
    }
}

/* ---- locks ---- */

static void lock_moves(struct spans *s, uint32_t lane, const struct fact_lock *l) {
    char label[OP_LABEL];
    struct span *held = span_open(s, lane, SPAN_held, (struct op_id){0});
    struct span *waits = span_open(s, lane, SPAN_wait, l->op), *span = NULL;
    bool freed = l->event == LOCK_RELEASED || l->event == LOCK_EXPIRED || l->event == LOCK_FORCED;
    if (held && (freed || l->event == LOCK_GRANTED)) span_end(held, l->at);
    if (waits && (l->event == LOCK_GRANTED || l->event == LOCK_LEFT)) span_end(waits, l->at);
    if (l->event == LOCK_GRANTED) span = span_new(s, SPAN_held, lane, l->at);
    if (l->event == LOCK_QUEUED && !waits) span = span_new(s, SPAN_wait, lane, l->at);
    if (!span) return;
    span->op = l->op;
    span->engine = l->engine;
    snprintf(span->text, sizeof span->text, "%s", op_label(label, l->op));
}

static void add_locks(struct spans *s, const struct report_run *run) {
    for (uint32_t k = 0; k < run->contention.count; k++) {
        const struct lock_figures *x = &run->contention.list[k];
        uint32_t lane = lane_new(s, SPAN_held, x->label);
        EACH(run->facts, lock, l)
        if (l->scope == x->scope && l->name == x->name) lock_moves(s, lane, l);
    }
}

/* ---- what serves ---- */

static bool served_before(const struct facts *f, const struct fact_traffic *now) {
    EACH(f, traffic, t) {
        if (t >= now) return false;
        if (ID_EQ(t->service, now->service)) return true;
    }
    return false;
}

static void add_deployments_of(struct spans *s, const struct facts *f, struct svc_id service) {
    uint32_t lane = lane_new(s, SPAN_deployment, facts_service(f, service));
    EACH(f, traffic, t) {
        if (!ID_EQ(t->service, service)) continue;
        struct span *before = span_open(s, lane, SPAN_deployment, (struct op_id){0});
        bool part = real_revision(t->candidate);
        if (before) span_end(before, t->at);
        struct span *span = span_new(s, SPAN_deployment, lane, t->at);
        span->engine = t->engine;
        span->op = t->op;
        span->service = service;
        span->detail = part ? t->share_ppm : 1000000;
        if (part)
            snprintf(span->text, sizeof span->text, "revision %u on %lld pods, %u on the rest",
                     t->candidate.v, (long long)t->candidate_pods, t->stable.v);
        else
            snprintf(span->text, sizeof span->text, "revision %u", t->stable.v);
    }
}

static void add_deployments(struct spans *s, const struct facts *f) {
    EACH(f, traffic, t) if (!served_before(f, t)) add_deployments_of(s, f, t->service);
}

/* ---- faults ---- */

static void fault_name(const struct facts *f, int64_t fault, char *out, size_t size) {
    snprintf(out, size, "fault %lld", (long long)fault);
    EACH(f, fault_planned, p)
    if (p->fault == fault) printable(out, size, p->name.bytes, p->name.len);
}

static void add_faults(struct spans *s, const struct facts *f) {
    EACH(f, fault_on, on) {
        char name[64];
        fault_name(f, on->fault, name, sizeof name);
        struct span *span = span_new(s, SPAN_fault, lane_new(s, SPAN_fault, name), on->at);
        span->service = on->service;
        snprintf(span->text, sizeof span->text, "%.48s%s%.40s", name,
                 real_service(on->service) ? " on " : "",
                 real_service(on->service) ? facts_service(f, on->service) : "");
        EACH(f, fault_off, off) {
            if (off->fault == on->fault && off->at >= on->at && span->open) span_end(span, off->at);
        }
    }
}

/* ---- people ---- */

static void message_ends(const struct facts *f, const struct fact_message_delivered *m,
                         struct span *span) {
    if (m->form == FORM_TELL) {
        span_end(span, m->at);
        return;
    }
    EACH(f, person_answered, a) {
        if (a->engine != m->engine || a->message != m->message || a->at < m->at) continue;
        char text[SPAN_TEXT];
        snprintf(text, sizeof text, "%.60s: %s", span->text, answer_name(a->answer));
        memcpy(span->text, text, sizeof text);
        span_end(span, a->at);
        return;
    }
}

static void add_person(struct spans *s, const struct facts *f, const struct fact_person *person) {
    char name[64];
    bool begun = false;
    uint32_t lane = 0;
    printable(name, sizeof name, person->name.bytes, person->name.len);
    EACH(f, message_delivered, m) {
        if (!ID_EQ(m->person, person->person)) continue;
        if (!begun) lane = lane_new(s, SPAN_person, name);
        begun = true;
        struct span *span = span_new(s, SPAN_person, lane, m->at);
        span->engine = m->engine;
        span->op = m->op;
        snprintf(span->text, sizeof span->text, "%s %s", form_name(m->form),
                 reason_name(m->reason));
        message_ends(f, m, span);
    }
}

struct spans spans_of(const struct report_run *run) {
    struct spans s = {0};
    const struct facts *f = run->facts;
    add_incidents(&s, run);
    for (size_t k = 0; k < f->op_count; k++) add_operation(&s, f, &f->ops[k]);
    add_locks(&s, run);
    add_deployments(&s, f);
    add_faults(&s, f);
    EACH(f, person, p) add_person(&s, f, p);
    for (uint32_t k = 0; k < s.count; k++)
        if (s.list[k].open) s.list[k].to = f->ends_at;
    return s;
}
