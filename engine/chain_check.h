/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_CHAIN_CHECK_H
#define ENGINE_CHAIN_CHECK_H
/*
 * Verifies an audit chain entry by entry, in constant memory, and says of a broken one which entry
 * is the first bad one and what was done to it (enum flaw). Oldest first; what comes after the
 * first entry that does not fit is looked at only to tell what happened:
 *
 *   altered    its bytes do not have the hash it states; or all after it links to other bytes
 *   torn       the same, and its end is missing: a write that did not complete
 *   inserted   the entry that belongs there comes after it
 *   deleted    the one that belongs there is nowhere; it is named by its own number
 *   reordered  the one that belongs there comes later
 *   cut        nothing comes any more, but there is a signed checkpoint, or a head, beyond
 *   rewritten  all of it fits, but not to a signed checkpoint: the first bad one is somewhere after
 *              the last checkpoint that did fit, and the one after that is named
 *
 * A position is an entry's number as counted by the reader, from 1; of a chain whose beginning is
 * archived, chain_check_from states where it begins, and what the first follows is not known.
 */
#include "engine/entry.h"

struct chain_seen {
    int64_t sequence; /* as it states; only where the content is as it was hashed */
    struct hash previous, hash;
    bool content, whole;
};

struct chain_check {
    int64_t place;            /* of the next entry */
    struct hash head, before; /* of the last good one, and of the one before that */
    bool linked, doubled;     /* head is known; before too */
    struct {
        int64_t sequence; /* 0: none */
        struct hash hash;
    } anchor;        /* what must be there: a signed checkpoint, or the head */
    int64_t trusted; /* good up to there by the anchors so far */
    bool astray;     /* the last one is not what the anchor says */
    bool doubt;      /* the suspect below does not fit; what follows tells why */
    struct chain_seen suspect;
    int64_t looked; /* at how many entries after it */
    enum flaw flaw;
    int64_t first_bad; /* with a flaw */
};

#define CHAIN_LOOKS_MAX 256 /* how far an entry that is missing is looked for */

void chain_check_open(struct chain_check *check);
void chain_check_from(struct chain_check *check, int64_t place);
/* Anchors come in their order, each before its entry does, or after the end; the newest counts. One
 * for an entry that was read already is compared if it is the last one read. */
void chain_check_anchor(struct chain_check *check, int64_t sequence, const struct hash *hash);
/* The next entry. False: no more is needed, the flaw stands. */
bool chain_check_entry(struct chain_check *check, const struct hash *previous,
                       const struct hash *hash, const struct blob *body);
/* There are no more. */
void chain_check_end(struct chain_check *check);

#endif
