/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/seal.h"
#include <stdio.h>

void seal_open(struct seal *seal, const struct trace_reader *reader, const void *bytes) {
    *seal = (struct seal){.bytes = bytes, .digested = reader->at};
    digest_init(&seal->digest);
}

void seal_pass(struct seal *seal, const struct trace_record *record) {
    digest_add(&seal->digest, seal->bytes + seal->digested, record->offset - seal->digested);
    seal->digested = record->offset;
}

bool seal_holds(const struct seal *seal, const struct trace_record *last,
                struct trace_error *error) {
    error->record = last->number;
    error->offset = last->offset;
    if (last->kind != REC_end) {
        snprintf(error->what, sizeof error->what,
                 "the trace was altered or cut: its last record is not \"end\"");
        return false;
    }
    int64_t given = record_seal(digest_value(&seal->digest), last->at, &last->end);
    if (given == last->end.seal) return true;
    snprintf(error->what, sizeof error->what,
             "the trace was altered or cut: its digest is %016llx, its bytes give %016llx",
             (unsigned long long)last->end.seal, (unsigned long long)given);
    return false;
}
