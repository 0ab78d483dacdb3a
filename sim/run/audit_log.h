/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_AUDIT_LOG_H
#define SIM_RUN_AUDIT_LOG_H
/*
 * An audit log as it stands: from a trace (the log of one engine at the run's end, its past and
 * whatever was done to it from outside included), or from a file of JSON lines as "audit export"
 * writes them. Anybody's bytes: a line that does not have an entry's form stays in its place as one
 * whose hash does not fit; a file without any entry is no log, and refused.
 *
 * Beside FILE.jsonl stands FILE.checkpoints.jsonl: one line for each signed checkpoint,
 *   {"engine":0,"sequence":64,"hash":"..","key":"..","signature":".."}
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"
#include "engine/chain_check.h"
#include "engine/host/sign.h"

struct audit_line {
    struct hash previous, hash;
    struct blob body;
    uint32_t line; /* in the file; 0: from a trace */
};
struct audit_checkpoint {
    int64_t engine, sequence;
    struct hash hash, key;
    struct blob signature;
    bool good; /* the signature is the key's, and the key is the one that was asked for, if any */
};
struct audit_log {
    uint32_t engine; /* of a trace: its number */
    const char *engine_name;
    struct audit_line *lines;
    uint32_t count, capacity;
    struct audit_checkpoint *checkpoints; /* by sequence */
    uint32_t checkpoint_count, checkpoint_capacity;
    const char *const *services; /* names by number, of a trace; else none */
    uint32_t service_count;
};

#define AUDIT_LINES_MAX       1000000
#define AUDIT_CHECKPOINTS_MAX 100000

/* engine: its number in a trace; ignored for a file, which is of one. checkpoints: the file with
 * them; NULL: the one beside it, where there is one. key: 64 hex digits that they must be signed
 * by; NULL: the one they state. False after a diagnostic. */
bool audit_log_read(struct audit_log *log, struct arena *arena, const char *file,
                    const char *checkpoints, const char *key, uint32_t engine,
                    struct diags *diags) MUST_CHECK;
/* The log of one of a trace's engines, which it has. */
struct facts;
void audit_log_of(struct audit_log *log, struct arena *arena, const struct facts *facts,
                  uint32_t engine);
/* The same of bytes in memory; checkpoints may be NULL. */
bool audit_log_lines(struct audit_log *log, struct arena *arena, const char *file,
                     const char *bytes, size_t len, struct diags *diags) MUST_CHECK;
bool audit_log_checkpoints(struct audit_log *log, struct arena *arena, const char *file,
                           const char *bytes, size_t len, const struct hash *key,
                           struct diags *diags) MUST_CHECK;
/* How many engines a trace has; 0 for a file of lines, or one that cannot be read. */
uint32_t audit_log_engines(struct arena *arena, const char *file);

struct audit_finding {
    enum flaw flaw;
    int64_t first_bad;
    int64_t anchored; /* the newest good checkpoint that was reached; 0: none */
    int64_t forged;   /* a checkpoint whose signature is not good; 0: none */
};
void audit_log_verify(const struct audit_log *log, struct audit_finding *out);

/* What is asked of entries; an absent condition holds for all. */
struct audit_query {
    const char *actor, *correlation;
    int64_t category, least_severity, service, operation; /* -1: any */
    time_ns since, until;                                 /* wall; until: excluded */
};
bool audit_log_matches(const struct audit_line *line, const struct audit_query *query);

/* The name where it is known, else the number; "-" for none. */
const char *audit_log_service(const struct audit_log *log, const struct audit_line *line,
                              char buffer[24]);

#endif
