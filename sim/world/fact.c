/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/fact.h"

/* clang-format off */
#define F(name, type) +1
#define RECORD(name, meaning, fields) FIELDS_##name = 0 fields,
enum {
#include "scenarios/words/record.def"
};
#undef RECORD
#undef F
/* clang-format on */

#define PUT_INT(v)    trace_int(trace, (v))
#define PUT_BOOL(v)   trace_int(trace, (v) ? 1 : 0)
#define PUT_SVC(id)   trace_int(trace, (id).v)
#define PUT_REV(id)   trace_int(trace, (id).v)
#define PUT_PERSON(p) trace_int(trace, (p).v)
#define PUT_INC(id)   trace_int(trace, (int64_t)(id).v)
#define PUT_OP(id)    trace_int(trace, (int64_t)(id).v)
#define PUT_STR(text) trace_text(trace, (text).bytes, (text).len)
#define PUT_BYTES(b)  trace_bytes(trace, (b).bytes, (b).len)
#define PUT_HASH(h)   trace_bytes(trace, (h).b, sizeof(h).b)
/* Stands in the record as a MessagePack bin. */
#define PUT_BODY(b) PUT_BYTES(b)

/* clang-format off */
#define F(name, type) PUT_##type(record->name);
#define RECORD(name, meaning, fields)                                                              \
    void fact_##name(struct trace *trace, time_ns at, const struct rec_##name *record) {           \
        trace_begin(trace, REC_##name, at, FIELDS_##name);                                         \
        fields                                                                                     \
        trace_end(trace);                                                                          \
    }
#include "scenarios/words/record.def"
#undef RECORD
#undef F
/* clang-format on */
