/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_WIRE_H
#define REPORTS_JUDGE_WIRE_H
/*
 * A cursor over MessagePack bytes that trusts none of them: every read is bounded, nothing
 * allocates, nothing recurses, a count larger than the bytes left is refused at once. (msgpack-c's
 * unpacker allocates by the counts it is told; a trace may come from anywhere.) The first thing
 * wrong sticks: all later reads fail too, so that callers check once.
 * Format: github.com/msgpack/msgpack/blob/master/spec.md
 */
#include "scenarios/words/record.h"

struct wire {
    const uint8_t *bytes;
    size_t len, at;
    const char *wrong; /* NULL while all is well; then what was expected at "at" */
};
static inline struct wire wire_of(const void *bytes, size_t len) {
    return (struct wire){.bytes = bytes, .len = len};
}
static inline bool wire_done(const struct wire *w) { return !w->wrong && w->at == w->len; }

/* Any integer, or a boolean as 0 or 1; one above INT64_MAX (an id, a digest) keeps its bits. */
bool wire_int(struct wire *w, int64_t *out) MUST_CHECK;
bool wire_array(struct wire *w, uint32_t *count) MUST_CHECK;
/* Text or binary; the view points into the bytes. */
bool wire_bytes(struct wire *w, struct rec_view *out) MUST_CHECK;
/* The next value, whatever it is, as encoded. */
bool wire_value(struct wire *w, struct rec_view *out) MUST_CHECK;
/* True when the next value is an array; reads nothing. */
bool wire_at_array(const struct wire *w);
/* Fails the cursor; returns false. */
bool wire_fail(struct wire *w, const char *wrong);

#endif
