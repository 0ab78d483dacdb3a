/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_SAME_TRACE_H
#define SIM_RUN_SAME_TRACE_H
/* A run's trace held against a former one as it is written, byte by byte; only what follows the
 * first difference is kept, and of that no more than a record can be long. */
#include "reports/judge/trace_reader.h"
#include "sim/run/run.h"

struct same_trace {
    const char *was; /* with its magic; the caller's */
    size_t len;
    trace_passed passed; /* of "was"; may be NULL */
    size_t at;           /* bytes that are the same */
    size_t passed_to;
    bool differs;
    struct bytes now; /* from "at" on */
};

void same_trace_sink(void *same_trace, const void *bytes, size_t len);
/* After the run: the whole of it is the same. */
bool same_trace_holds(const struct same_trace *same);
/* Prints the first record that differs, in both versions, and where in it they part. */
void same_trace_show(const struct same_trace *same);
void same_trace_free(struct same_trace *same);

#endif
