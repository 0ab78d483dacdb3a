/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_SEAL_H
#define REPORTS_JUDGE_SEAL_H
/*
 * Whether a trace is the one that was written, told while it is read: open with the reader, pass
 * each record, ask at the end. The digest stays a record behind, since the seal, in the last
 * record, is over what comes before it.
 */
#include "reports/judge/trace_reader.h"

struct seal {
    struct digest digest; /* of all before the last record passed */
    const uint8_t *bytes;
    size_t digested;
};

void seal_open(struct seal *seal, const struct trace_reader *reader, const void *bytes);
void seal_pass(struct seal *seal, const struct trace_record *record);
/* False: what is wrong stands in error. "last": the record passed last. */
bool seal_holds(const struct seal *seal, const struct trace_record *last,
                struct trace_error *error);

#endif
