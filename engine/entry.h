/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_ENTRY_H
#define ENGINE_ENTRY_H
/*
 * One entry of the audit log: a line of JSON, whose hash is SHA-256 over the former entry's hash
 * and the line's bytes. Whoever writes, keeps, exports or verifies a chain has its form from here.
 *
 *   {"sequence":7,"wall_ns":..,"engine":0,"incarnation":0,"category":"DEPLOYMENT","severity":"INFO",
 *    "actor":"engine","correlation":"0/0/1","parent":6,"incident":1,"operation":1,"service":3,"what":"..",
 *    "revision":2,...,"detail":".."}
 *
 * actor: "engine", or "person/N" for all that follows at once from what that person said.
 * correlation: the incident (engine/incarnation/number) that it all belongs to, "" for what belongs
 * to none. parent: the sequence of the entry that this one follows from, in its operation or else
 * in its incident; 0 for a first one. Exported, a line ends in the two hashes (entry_export).
 */
#include "engine/words/contract.h"

/* A further number, under a name of its own: a revision, a share, a token. */
struct entry_figure {
    const char *name;
    int64_t value;
};
#define ENTRY_FIGURES_MAX 8

struct audit_entry {
    int64_t sequence, parent;
    time_ns wall;
    int64_t engine, incarnation;
    enum category category;
    enum severity severity;
    bool by_person;
    struct person_id person;     /* none: nobody known */
    struct incident_id incident; /* 0: none */
    struct op_id op;
    struct svc_id service;
    const char *what;
    const struct entry_figure *figures;
    uint32_t figure_count;
    const struct text *detail; /* somebody's words, or NULL; "~" where they do not fit */
};

/* All but the detail has to fit (asserted): it is ours, and short. */
void entry_write(const struct audit_entry *entry, struct blob *body);
void entry_hash(const struct hash *previous, const struct blob *body, struct hash *out);

/* A number of a line by its name; false when it has none of that name. Of a line that is not known
 * to be whole the answer is not to be trusted. */
bool entry_number(const struct blob *body, const char *name, int64_t *value);
/* A text, as it stands between its quotes; empty when there is none. */
struct text entry_text(const struct blob *body, const char *name);
/* The place in the chain that it states; 0: none. */
int64_t entry_sequence(const struct blob *body);
/* Its last byte is there. */
bool entry_whole(const struct blob *body);

/* The exported line: the body, its closing brace replaced by
 * ,"previous":"<64 hex digits>","hash":"<64 hex digits>"}  Bytes written, without a newline. */
#define ENTRY_LINE_MAX (BLOB_MAX + 160)
size_t entry_export(const struct hash *previous, const struct hash *hash, const struct blob *body,
                    char line[ENTRY_LINE_MAX]);
/* Back again, byte by byte. False: it does not have that form. A body too long for an entry is none
 * either. */
bool entry_import(const char *line, size_t len, struct hash *previous, struct hash *hash,
                  struct blob *body);

static inline bool hash_eq(const struct hash *a, const struct hash *b) {
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

#endif
