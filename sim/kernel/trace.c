/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel/trace.h"
#include "engine/base/check.h"
#include <msgpack/pack.h>

#define NESTING_MAX 8

struct trace {
    msgpack_packer packer;
    trace_sink sink;
    void *context;
    uint8_t *segment;
    size_t size, used;
    struct digest handed_over; /* of all before the segment */
    uint64_t records;
    uint32_t missing[NESTING_MAX]; /* values still due: of the record, then of each open array */
    uint32_t open;                 /* levels of missing in use; 0 between records */
};

/* The packer's way out. A record may be longer than the segment: it is handed over in pieces. */
static int append(void *data, const char *bytes, size_t len) {
    struct trace *trace = data;
    while (len > 0) {
        if (trace->used == trace->size) trace_flush(trace);
        size_t room = trace->size - trace->used;
        size_t piece = len < room ? len : room;
        memcpy(trace->segment + trace->used, bytes, piece);
        trace->used += piece;
        bytes += piece;
        len -= piece;
    }
    return 0;
}

struct trace *trace_open(struct arena *arena, size_t segment_bytes, trace_sink sink,
                         void *context) {
    ASSERT(segment_bytes > 0 && sink);
    struct trace *trace = ARENA_NEW(arena, struct trace, 1);
    *trace = (struct trace){.sink = sink, .context = context, .size = segment_bytes};
    trace->segment = ARENA_NEW(arena, uint8_t, segment_bytes);
    msgpack_packer_init(&trace->packer, trace, append);
    digest_init(&trace->handed_over);
    return trace;
}

void trace_begin(struct trace *trace, int kind, time_ns at, uint32_t fields) {
    ASSERT(trace->open == 0 && fields <= UINT32_MAX - 2);
    trace->open = 1;
    trace->missing[0] = fields;
    msgpack_pack_array(&trace->packer, fields + 2);
    msgpack_pack_int(&trace->packer, kind);
    msgpack_pack_int64(&trace->packer, at);
}

static void count_value(struct trace *trace) {
    ASSERT(trace->open > 0 && trace->missing[trace->open - 1] > 0);
    trace->missing[trace->open - 1]--;
}

void trace_int(struct trace *trace, int64_t v) {
    count_value(trace);
    msgpack_pack_int64(&trace->packer, v);
}

void trace_text(struct trace *trace, const char *s, size_t len) {
    count_value(trace);
    msgpack_pack_str(&trace->packer, len);
    msgpack_pack_str_body(&trace->packer, s, len);
}

void trace_bytes(struct trace *trace, const void *bytes, size_t len) {
    count_value(trace);
    msgpack_pack_bin(&trace->packer, len);
    msgpack_pack_bin_body(&trace->packer, bytes, len);
}

void trace_array(struct trace *trace, uint32_t count) {
    count_value(trace);
    ASSERT(trace->open < NESTING_MAX);
    trace->missing[trace->open++] = count;
    msgpack_pack_array(&trace->packer, count);
}

void trace_array_end(struct trace *trace) {
    ASSERT(trace->open > 1 && trace->missing[trace->open - 1] == 0);
    trace->open--;
}

void trace_end(struct trace *trace) {
    ASSERT(trace->open == 1 && trace->missing[0] == 0);
    trace->open = 0;
    trace->records++;
}

void trace_flush(struct trace *trace) {
    if (trace->used == 0) return;
    digest_add(&trace->handed_over, trace->segment, trace->used);
    trace->sink(trace->context, trace->segment, trace->used);
    trace->used = 0;
}

uint64_t trace_digest(const struct trace *trace) {
    struct digest all = trace->handed_over;
    digest_add(&all, trace->segment, trace->used);
    return digest_value(&all);
}

uint64_t trace_record_count(const struct trace *trace) { return trace->records; }
uint64_t trace_byte_count(const struct trace *trace) {
    return trace->handed_over.length + trace->used;
}
