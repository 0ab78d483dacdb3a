/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SCENARIOS_WORDS_RECORD_H
#define SCENARIOS_WORDS_RECORD_H
/*
 * Trace records as C types, from record.def: enum record_kind (REC_truth, ...), struct rec_truth,
 * ... Views (STR, BYTES, BODY) point into the caller's memory when written and into the trace's
 * bytes when read.
 */
#include "engine/base/digest.h"
#include "engine/base/id.h"
#include "engine/base/simtime.h"
#include "engine/base/text.h"

struct rec_view {
    const void *bytes;
    size_t len;
};
#define REC_STR(s) ((struct rec_view){(s), strlen(s)})

#define RECORD_INT    int64_t
#define RECORD_BOOL   bool
#define RECORD_SVC    struct svc_id
#define RECORD_REV    struct revision_id
#define RECORD_INC    struct incident_id
#define RECORD_OP     struct op_id
#define RECORD_PERSON struct person_id
#define RECORD_STR    struct rec_view
#define RECORD_BYTES  struct rec_view
#define RECORD_HASH   struct hash
#define RECORD_BODY   struct rec_view /* encoded MessagePack array */

/* clang-format off */
#define F(name, type) RECORD_##type name;
#define RECORD(name, meaning, fields) struct rec_##name { fields };
#include "scenarios/words/record.def"
#undef RECORD
#undef F
#define RECORD(name, meaning, fields) REC_##name,
enum record_kind {
#include "scenarios/words/record.def"
    REC_COUNT
};
#undef RECORD

static inline const char *record_name(int64_t kind) {
#define RECORD(name, meaning, fields) #name,
    static const char *const names[] = {
#include "scenarios/words/record.def"
    };
#undef RECORD
    return kind >= 0 && kind < REC_COUNT ? names[kind] : "?";
}
/* clang-format on */

/* By which a reader knows that a trace is whole and as it was written: "before" is the digest of
 * all its bytes before the record "end", the file's magic left out. */
static inline int64_t record_seal(uint64_t before, time_ns at, const struct rec_end *end) {
    struct digest digest;
    digest_init(&digest);
    digest_add_u64(&digest, before);
    digest_add_u64(&digest, (uint64_t)at);
    digest_add_u64(&digest, (uint64_t)end->events);
    digest_add_u64(&digest, (uint64_t)end->requests);
    digest_add_u64(&digest, (uint64_t)end->records);
    return (int64_t)digest_value(&digest);
}

/* Events at the lock store, in record "lock". */
enum lock_event {
    LOCK_GRANTED,
    LOCK_QUEUED,
    LOCK_RENEWED,
    LOCK_RELEASED,
    LOCK_EXPIRED,
    LOCK_LEFT,
    LOCK_REFUSED,
    LOCK_FORCED,
    LOCK_FORGOTTEN, /* a successor of the store does not know the hold */
    LOCK_RETURNED,  /* a successor still knows a hold that had ended */
};
/* Events at the registry, in record "registry". */
enum registry_event {
    REGISTRY_REGISTERED,
    REGISTRY_REMOVED,
    REGISTRY_EXPIRED,
    REGISTRY_FORGOTTEN, /* a successor of the store does not know the intent */
    REGISTRY_RETURNED,  /* a successor still knows an intent that had ended */
};
/* What became of an engine's process, in record "process". */
enum process_event { PROCESS_CRASHED, PROCESS_STARTED, PROCESS_STOPPED, PROCESS_GOES_ON };
/* What happened to a log, in record "audit_tampered". */
enum audit_tampering { AUDIT_REPLACED, AUDIT_GONE, AUDIT_APPENDED };
/* HTTP status classes of the simulated services. */
enum {
    HTTP_OK = 200,
    HTTP_OWN_FAILURE = 500,
    HTTP_CALLEE_FAILED = 502,
    HTTP_OVERLOADED = 503,
    HTTP_CALLEE_TIMEOUT = 504
};

#endif
