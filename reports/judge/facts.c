/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/facts.h"
#include "reports/judge/seal.h"
#include "engine/base/diag.h"
#include "engine/base/digest.h"
#include "engine/base/ratio.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SERVICES_MAX 1000000
/* Bounds that no run comes near, and within which no sum below overflows. */
#define AT_MAX    (INT64_C(1) << 53) /* 104 days */
#define COUNT_MAX (INT64_C(1) << 40)

/* Room for one more; false when memory is out. */
static bool grow(void **items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return true;
    size_t larger = *capacity == 0 ? 16 : *capacity * 2;
    if (larger > SIZE_MAX / size) return false;
    void *moved = realloc(*items, larger * size);
    if (!moved) return false;
    *items = moved;
    *capacity = larger;
    return true;
}

/* ---- one list a kind ---- */
/* clang-format off */
#define F(name, type) to->name = from->name;
#define RECORD(name, meaning, fields)                                                              \
    static bool add_##name(struct facts *f, const struct trace_record *r) {                        \
        void *items = f->name.items;                                                               \
        if (!grow(&items, f->name.count, &f->name.capacity, sizeof *f->name.items)) return false;  \
        f->name.items = items;                                                                     \
        struct fact_##name *to = &f->name.items[f->name.count++];                                  \
        const struct rec_##name *from = &r->name;                                                  \
        to->at = r->at;                                                                            \
        to->record = r->number;                                                                    \
        fields                                                                                     \
        return true;                                                                               \
    }
#include "scenarios/words/record.def"
#undef RECORD
#undef F

/* Adds the record to its list; *index is its place there. */
static bool add_record(struct facts *f, const struct trace_record *r, size_t *index) {
    switch (r->kind) {
#define RECORD(name, meaning, fields) case REC_##name: *index = f->name.count; return add_##name(f, r);
#include "scenarios/words/record.def"
#undef RECORD
    case REC_COUNT: break;
    }
    return false;
}

static void free_lists(struct facts *f) {
#define RECORD(name, meaning, fields) free(f->name.items);
#include "scenarios/words/record.def"
#undef RECORD
}
/* clang-format on */

/* ---- what is checked as it is read ---- */

PRINTF_LIKE(3, 4)
static bool refuse(struct trace_error *e, const struct trace_record *r, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    e->record = r->number;
    e->offset = r->offset;
    vsnprintf(e->what, sizeof e->what, format, arguments);
    va_end(arguments);
    return false;
}

static bool is(struct rec_view text, const char *word) {
    return text.len == strlen(word) && memcmp(text.bytes, word, text.len) == 0;
}

static bool take_limit(struct facts *f, const struct trace_record *r, struct trace_error *e) {
    struct rec_view key = r->limit.key;
#define LIMIT(name, standard, meaning)                                                             \
    if (is(key, #name)) {                                                                          \
        f->limits.name = r->limit.value;                                                           \
        return true;                                                                               \
    }
#include "reports/judge/limits.def"
#undef LIMIT
    char name[48];
    printable(name, sizeof name, key.bytes, key.len);
    return refuse(e, r, "no limit is called \"%s\"", name);
}

static bool in_range(int64_t v, int64_t max) { return v >= 0 && v <= max; }

static bool plausible(const struct trace_record *r, struct trace_error *e) {
    if (!in_range(r->at, AT_MAX)) return refuse(e, r, "a time before 0 or beyond 2^53 ns");
    if (r->kind != REC_truth) return true;
    const struct rec_truth *t = &r->truth;
    return (in_range(t->requests, COUNT_MAX) && in_range(t->failed, t->requests) &&
            in_range(t->own_failed, t->requests) && in_range(t->p95_ns, AT_MAX) &&
            in_range(t->cpu_ppm, 2 * PPM_ONE) && in_range(t->memory_ppm, PPM_ONE)) ||
           refuse(e, r, "figures that cannot be of one second");
}

static bool take_plan(struct facts *f, const struct trace_record *r, struct trace_error *e) {
    if (r->kind != REC_run && f->run.count == 0)
        return refuse(e, r, "the first record must be \"run\"");
    if (r->kind == REC_run && f->run.count > 0) return refuse(e, r, "a second \"run\"");
    if (r->kind == REC_run)
        printable(f->scenario, sizeof f->scenario, r->run.scenario.bytes, r->run.scenario.len);
    if (r->kind == REC_limit) return take_limit(f, r, e);
    if (r->kind == REC_service && r->service.service.v != f->service.count)
        return refuse(e, r, "services must come in the order of their ids");
    if (r->kind == REC_service && f->service.count >= SERVICES_MAX)
        return refuse(e, r, "more than %d services", SERVICES_MAX);
    return true;
}

/* ---- crossings ---- */

static bool engine_of(int64_t engine, uint32_t *out) {
    *out = (uint32_t)engine;
    return real_engine(engine);
}

/* The decoded list grows with its record's list: same count, own capacity. */
static bool take_input(struct facts *f, const struct trace_record *r, size_t index,
                       size_t *capacity, struct trace_error *e) {
    void *items = f->inputs;
    if (!grow(&items, index, capacity, sizeof *f->inputs)) return refuse(e, r, "out of memory");
    f->inputs = items;
    struct seen_input *seen = &f->inputs[index];
    const char *wrong;
    size_t at;
    seen->at = r->at;
    seen->record = r->number;
    if (!engine_of(r->input.engine, &seen->engine)) return refuse(e, r, "no such engine");
    return trace_input(&r->input, &seen->in, &wrong, &at) ||
           refuse(e, r, "input \"%s\", byte %zu of its body: %s", input_name(r->input.kind), at,
                  wrong);
}

static bool take_effect(struct facts *f, const struct trace_record *r, size_t index,
                        size_t *capacity, struct trace_error *e) {
    void *items = f->effects;
    if (!grow(&items, index, capacity, sizeof *f->effects)) return refuse(e, r, "out of memory");
    f->effects = items;
    struct seen_effect *seen = &f->effects[index];
    const char *wrong;
    size_t at;
    seen->at = r->at;
    seen->record = r->number;
    if (!engine_of(r->effect.engine, &seen->engine)) return refuse(e, r, "no such engine");
    return trace_effect(&r->effect, &seen->out, &wrong, &at) ||
           refuse(e, r, "effect \"%s\", byte %zu of its body: %s", effect_name(r->effect.kind), at,
                  wrong);
}

/* ---- operations ---- */

static bool learn_op(struct facts *f, uint32_t engine, struct op_id op, struct incident_id incident,
                     struct svc_id service) {
    if (!real64(op.v)) return true;
    void *items = f->ops;
    if (!grow(&items, f->op_count, &f->op_capacity, sizeof *f->ops)) return false;
    f->ops = items;
    f->ops[f->op_count++] = (struct seen_op){
        .op = op,
        .incident = {real64(incident.v) ? incident.v : 0},
        .service = service,
        .engine = engine,
    };
    return true;
}

static bool learn_effect(struct facts *f, const struct seen_effect *e) {
    switch (e->out.kind) {
#define LEARN(name)                                                                                \
    case EFF_##name:                                                                               \
        return learn_op(f, e->engine, e->out.name.op, e->out.name.incident, e->out.name.service);
        LEARN(ask_patch)
        LEARN(ask_checks)
        LEARN(registry_register)
        LEARN(deploy_stage)
        LEARN(roll_back)
        LEARN(remedy)
        LEARN(report)
#undef LEARN
    default: return true;
    }
}

static int by_op(const void *a, const void *b) {
    const struct seen_op *x = a, *y = b;
    return x->op.v < y->op.v ? -1 : x->op.v > y->op.v;
}

/* Several crossings name one operation, some without its incident or service: keep what is known,
 * once, in order of id. Merging is by value, so equal keys in any order give the same. */
static bool learn_ops(struct facts *f) {
    EACH_EFFECT(f, e) if (!learn_effect(f, e)) return false;
    EACH(f, revision_made, r) {
        if (!learn_op(f, NONE_ID, r->op, r->incident, r->service)) return false;
    }
    if (f->op_count == 0) return true;
    qsort(f->ops, f->op_count, sizeof *f->ops, by_op);
    size_t kept = 0;
    for (size_t i = 1; i < f->op_count; i++) {
        struct seen_op *last = &f->ops[kept], *next = &f->ops[i];
        if (!ID_EQ(last->op, next->op)) {
            f->ops[++kept] = *next;
            continue;
        }
        if (next->incident.v > last->incident.v) last->incident = next->incident;
        if (next->service.v < last->service.v) last->service = next->service;
        if (next->engine < last->engine) last->engine = next->engine;
    }
    f->op_count = kept + 1;
    return true;
}

static void name_topology(struct facts *f) {
    EACH(f, run, r)
    printable(f->topology, sizeof f->topology, r->topology.bytes, r->topology.len);
}

static bool name_services(struct facts *f) {
    name_topology(f);
    f->service_names = calloc(f->service.count + 1, sizeof *f->service_names);
    if (!f->service_names) return false;
    EACH(f, service, s)
    printable(f->service_names[s->service.v], sizeof *f->service_names, s->name.bytes, s->name.len);
    return true;
}

/* ---- the whole ---- */

static bool take(struct facts *f, const struct trace_record *r, size_t capacities[2],
                 struct trace_error *e) {
    if (!plausible(r, e) || !take_plan(f, r, e)) return false;
    f->ends_at = r->at > f->ends_at ? r->at : f->ends_at;
    if (r->kind == REC_heal && f->heals_at == TIME_NEVER) f->heals_at = r->at;
    if (r->kind == REC_request) {
        f->request_count++;
        return true;
    }
    size_t index = 0;
    void *order = f->order;
    if (!grow(&order, f->order_count, &f->order_capacity, sizeof *f->order))
        return refuse(e, r, "out of memory");
    f->order = order;
    if (!add_record(f, r, &index)) return refuse(e, r, "out of memory");
    f->order[f->order_count++] = (struct fact_ref){(uint32_t)r->kind, (uint32_t)index};
    if (r->kind == REC_input) return take_input(f, r, index, &capacities[0], e);
    if (r->kind == REC_effect) return take_effect(f, r, index, &capacities[1], e);
    return true;
}

/*
 * In one pass over the bytes, which are not looked at again but through views. Whatever makes sense
 * as records is still no trace unless it is the one that was written.
 */
static bool read_all(const uint8_t *bytes, size_t len, trace_passed passed, struct facts *f,
                     struct trace_error *error) {
    struct trace_reader reader;
    struct trace_record record = {0}; /* after the loop: the last */
    size_t capacities[2] = {0, 0};
    struct seal seal;
    trace_reader_open(&reader, bytes, len);
    reader.passed = passed;
    seal_open(&seal, &reader, bytes);
    for (;;) {
        enum trace_read got = trace_next(&reader, &record);
        if (got == TRACE_BAD) {
            *error = reader.error;
            return false;
        }
        if (got == TRACE_DONE) break;
        seal_pass(&seal, &record);
        if (!take(f, &record, capacities, error)) return false;
    }
    if (f->run.count == 0 || f->plan_end.count == 0)
        return refuse(error, &record, "the trace ends within its plan");
    if (!seal_holds(&seal, &record, error)) return false;
    digest_add(&seal.digest, bytes + record.offset, len - record.offset);
    f->digest = digest_value(&seal.digest);
    return (learn_ops(f) && name_services(f)) || refuse(error, &record, "out of memory");
}

bool facts_read_passing(const void *bytes, size_t len, trace_passed passed, struct facts *facts,
                        struct trace_error *error) {
    memset(facts, 0, sizeof *facts);
    memset(error, 0, sizeof *error);
    facts->heals_at = TIME_NEVER;
#define LIMIT(key, standard, meaning) facts->limits.key = INT64_C(standard);
#include "reports/judge/limits.def"
#undef LIMIT
    if (read_all(bytes, len, passed, facts, error)) return true;
    facts_free(facts);
    return false;
}

bool facts_read(const void *bytes, size_t len, struct facts *facts, struct trace_error *error) {
    return facts_read_passing(bytes, len, NULL, facts, error);
}

void facts_free(struct facts *facts) {
    free_lists(facts);
    free(facts->inputs);
    free(facts->effects);
    free(facts->order);
    free(facts->ops);
    free(facts->service_names);
    memset(facts, 0, sizeof *facts);
}

const char *facts_service(const struct facts *facts, struct svc_id service) {
    if (!real_service(service)) return "-";
    return service.v < facts->service.count ? facts->service_names[service.v] : "?";
}

const struct seen_op *facts_op(const struct facts *facts, struct op_id op) {
    struct seen_op key = {.op = op};
    if (facts->op_count == 0) return NULL;
    return bsearch(&key, facts->ops, facts->op_count, sizeof key, by_op);
}

const struct fact_revision_made *facts_revision(const struct facts *facts,
                                                struct revision_id revision) {
    EACH(facts, revision_made, r) if (ID_EQ(r->revision, revision)) return r;
    return NULL;
}

bool facts_reaches(const struct facts *facts, struct svc_id from, struct svc_id to) {
    size_t services = facts->service.count;
    if (from.v >= services || to.v >= services) return false;
    bool *reached = calloc(services, sizeof *reached);
    if (!reached) return false;
    reached[from.v] = true;
    for (bool more = true; more && !reached[to.v];) {
        more = false;
        EACH(facts, call, c) {
            if (c->from.v >= services || c->to.v >= services) continue;
            if (!reached[c->from.v] || reached[c->to.v]) continue;
            reached[c->to.v] = more = true;
        }
    }
    bool found = reached[to.v] && !ID_EQ(from, to);
    free(reached);
    return found;
}

int64_t traffic_share(const struct fact_traffic *traffic, struct revision_id revision) {
    bool candidate = real_revision(traffic->candidate);
    if (candidate && ID_EQ(traffic->candidate, revision))
        return ID_EQ(traffic->stable, revision) ? PPM_ONE : traffic->share_ppm;
    if (!ID_EQ(traffic->stable, revision)) return 0;
    return candidate ? PPM_ONE - traffic->share_ppm : PPM_ONE;
}
