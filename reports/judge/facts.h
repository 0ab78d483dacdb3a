/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_FACTS_H
#define REPORTS_JUDGE_FACTS_H
/*
 * A trace folded once into arrays: every record of a kind in one list, in trace order, flattened
 * (EACH(facts, traffic, t) t->share_ppm); the crossings decoded beside their records; names and
 * limits looked up; which operation works on which incident. Facts hold no judgement.
 *
 * Owned by the caller: facts_read, then facts_free. Views point into the trace's bytes, which must
 * live as long. Single requests (level "requests") are counted, not kept.
 */
#include "reports/judge/trace_reader.h"

/* clang-format off */
#define F(name, type) RECORD_##type name;
#define RECORD(name, meaning, fields)                                                              \
    struct fact_##name { time_ns at; uint64_t record; fields };                                    \
    struct facts_##name { struct fact_##name *items; size_t count, capacity; };
#include "scenarios/words/record.def"
#undef RECORD
#undef F
/* clang-format on */

struct seen_input {
    time_ns at;
    uint64_t record;
    uint32_t engine;
    struct eng_input in;
};
struct seen_effect {
    time_ns at;
    uint64_t record;
    uint32_t engine;
    struct eng_effect out;
};

/* One record in trace order: the index-th of its kind. */
struct fact_ref {
    uint32_t kind, index;
};

/* An operation as crossings and facts name it. */
struct seen_op {
    struct op_id op;
    struct incident_id incident; /* v = 0: of none */
    struct svc_id service;
    uint32_t engine;
};

struct limits {
#define LIMIT(key, standard, meaning) int64_t key;
#include "reports/judge/limits.def"
#undef LIMIT
};

struct facts {
    /* clang-format off */
#define RECORD(name, meaning, fields) struct facts_##name name;
#include "scenarios/words/record.def"
#undef RECORD
    /* clang-format on */
    struct seen_input *inputs;   /* input.count of them, beside the records */
    struct seen_effect *effects; /* effect.count */
    struct fact_ref *order;
    size_t order_count, order_capacity;
    struct seen_op *ops; /* by op id */
    size_t op_count, op_capacity;
    uint64_t request_count; /* records "request", counted */
    struct limits limits;
    char (*service_names)[48]; /* printable, by service id */
    char scenario[64];         /* printable */
    char topology[48];         /* its name, printable */
    uint64_t digest;           /* of the records' bytes, without the magic */
    time_ns ends_at;           /* of the last record */
    time_ns heals_at;          /* TIME_NEVER without a heal */
};

/* for (const struct fact_KIND *it ...) over all records of a kind */
#define EACH(facts, name, it)                                                                      \
    for (const struct fact_##name *it = (facts)->name.items;                                       \
         it && it < (facts)->name.items + (facts)->name.count; it++)
#define EACH_INPUT(facts, it)                                                                      \
    for (const struct seen_input *it = (facts)->inputs;                                            \
         it && it < (facts)->inputs + (facts)->input.count; it++)
#define EACH_EFFECT(facts, it)                                                                     \
    for (const struct seen_effect *it = (facts)->effects;                                          \
         it && it < (facts)->effects + (facts)->effect.count; it++)

/* Reads a whole trace, with or without its magic. On false the facts are empty and error says
 * where and what; a trace without its "run", "plan_end" and "end" records is refused, and one whose
 * bytes do not give the seal that "end" holds. */
bool facts_read(const void *bytes, size_t len, struct facts *facts,
                struct trace_error *error) MUST_CHECK;
/* The same, in one pass, telling what lies behind. Memory grows with what the control plane did and
 * with the seconds of truth, not with single requests. */
bool facts_read_passing(const void *bytes, size_t len, trace_passed passed, struct facts *facts,
                        struct trace_error *error) MUST_CHECK;
void facts_free(struct facts *facts);

/* "?" for a service that the trace does not name; "-" for none. */
const char *facts_service(const struct facts *facts, struct svc_id service);
/* NULL when no record names it. */
const struct seen_op *facts_op(const struct facts *facts, struct op_id op);
/* NULL for a build the trace does not name. */
const struct fact_revision_made *facts_revision(const struct facts *facts,
                                                struct revision_id revision);
/* True when from calls to, directly or over others. */
bool facts_reaches(const struct facts *facts, struct svc_id from, struct svc_id to);

/* Ids that name something; engines number from 1, and "none" may be 0 or all ones. */
static inline bool real64(uint64_t v) { return v != 0 && v != NONE_ID64; }
static inline bool real_service(struct svc_id s) { return s.v != NONE_ID; }
static inline bool real_revision(struct revision_id r) { return r.v != 0 && r.v != NONE_ID; }
static inline bool real_engine(int64_t engine) { return engine >= 0 && engine < NONE_ID; }

/* An engine number that none has: whoever takes locks by hand. */
#define OPERATORS_ENGINE 0xFFFE

/* The share of its service that a revision serves by a traffic record, in ppm. */
int64_t traffic_share(const struct fact_traffic *traffic, struct revision_id revision);

#endif
