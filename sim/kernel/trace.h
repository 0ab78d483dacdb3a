/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_KERNEL_TRACE_H
#define SIM_KERNEL_TRACE_H
/*
 * The trace: a sequence of records, each a MessagePack array [kind, at, field, ...], written into
 * fixed segments that are handed to a sink when full; nothing allocates while a run is on. The
 * digest runs over exactly the bytes written. What kinds mean is none of the kernel's business
 * (scenarios/words/record.def). A file begins with TRACE_MAGIC,
 * which is the file's and no part of the trace: whoever writes the file writes it.
 */
#include "engine/base/arena.h"
#include "engine/base/digest.h"
#include "engine/base/simtime.h"

#define TRACE_MAGIC     "fdrill\x01\n" /* 8 bytes; the seventh is the format's version */
#define TRACE_MAGIC_LEN 8

typedef void (*trace_sink)(void *context, const void *bytes,
                           size_t len); /* in order, all of them */

struct trace;
struct trace *trace_open(struct arena *arena, size_t segment_bytes, trace_sink sink, void *context);

/* One record: begin, then exactly "fields" values, then end (asserted). */
void trace_begin(struct trace *trace, int kind, time_ns at, uint32_t fields);
void trace_int(struct trace *trace, int64_t v);
void trace_text(struct trace *trace, const char *s, size_t len);
void trace_bytes(struct trace *trace, const void *bytes, size_t len);
void trace_array(struct trace *trace,
                 uint32_t count); /* counts as one field; its elements do not */
void trace_array_end(struct trace *trace);
void trace_end(struct trace *trace);

void trace_flush(struct trace *trace); /* hands over what is in the segment */
uint64_t trace_digest(const struct trace *trace);
uint64_t trace_record_count(const struct trace *trace);
uint64_t trace_byte_count(const struct trace *trace);

#endif
