/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/chain_check.h"

void chain_check_open(struct chain_check *c) {
    memset(c, 0, sizeof *c);
    c->place = 1;
    c->linked = true; /* the first follows nothing, which is all zeroes */
}

void chain_check_from(struct chain_check *c, int64_t place) {
    c->place = place;
    c->trusted = place - 1;
    c->linked = c->doubled = false;
}

static bool found(struct chain_check *c, enum flaw flaw, int64_t first_bad) {
    c->flaw = flaw;
    c->first_bad = first_bad;
    c->doubt = false;
    return false;
}

/* The anchor is for the last good entry. Where it is not that one's, another stands there, or all
 * of it was rewritten: what follows tells. */
static void hold_to_anchor(struct chain_check *c) {
    if (c->anchor.sequence != c->place - 1) return;
    c->astray = !hash_eq(&c->anchor.hash, &c->head);
    if (!c->astray) c->trusted = c->anchor.sequence;
}

static bool led_astray(struct chain_check *c, const struct chain_seen *next) {
    bool beside = next && next->content && hash_eq(&next->hash, &c->anchor.hash);
    return found(c, beside ? FLAW_INSERTED : FLAW_REWRITTEN,
                 beside ? c->anchor.sequence : c->trusted + 1);
}

void chain_check_anchor(struct chain_check *c, int64_t sequence, const struct hash *hash) {
    if (sequence <= c->trusted || c->flaw != FLAW_NONE) return;
    c->anchor.sequence = sequence;
    c->anchor.hash = *hash;
    if (!c->doubt && c->linked) hold_to_anchor(c);
}

static struct chain_seen see(const struct hash *previous, const struct hash *hash,
                             const struct blob *body) {
    struct chain_seen seen = {.previous = *previous, .hash = *hash, .whole = entry_whole(body)};
    struct hash own;
    entry_hash(previous, body, &own);
    seen.content = hash_eq(&own, hash);
    if (seen.content) seen.sequence = entry_sequence(body);
    return seen;
}

/* The very entry that belongs where the suspect stands. */
static bool belongs(const struct chain_check *c, const struct chain_seen *seen) {
    return seen->content && seen->sequence == c->place &&
           (!c->linked || hash_eq(&seen->previous, &c->head));
}

static enum flaw damage(const struct chain_seen *seen) {
    return seen->whole ? FLAW_ALTERED : FLAW_TORN;
}

/* The suspect has the right number and links to something else. What comes after it shows which of
 * the two that do not fit together is foreign: the chain goes on from the other. */
static bool same_number(struct chain_check *c, const struct chain_seen *next) {
    if (belongs(c, next)) return found(c, FLAW_INSERTED, c->place);
    bool goes_on = hash_eq(&next->previous, &c->suspect.hash);
    bool former = goes_on && c->place - 1 > c->trusted;
    return found(c, FLAW_ALTERED, former ? c->place - 1 : c->place);
}

/* An older number: an entry said again, or two that both follow the former of the last one. */
static bool older_number(struct chain_check *c, const struct chain_seen *next) {
    bool beside = c->doubled && c->suspect.sequence == c->place - 1 &&
                  hash_eq(&c->suspect.previous, &c->before) && !hash_eq(&c->suspect.hash, &c->head);
    bool goes_on = beside && hash_eq(&next->previous, &c->suspect.hash);
    return found(c, FLAW_INSERTED, goes_on ? c->place - 1 : c->place);
}

static bool explained(struct chain_check *c, const struct chain_seen *next) {
    const struct chain_seen *suspect = &c->suspect;
    c->looked++;
    if (!suspect->content)
        return found(c, belongs(c, next) ? FLAW_INSERTED : damage(suspect), c->place);
    if (suspect->sequence == c->place) return same_number(c, next);
    if (suspect->sequence < c->place) return older_number(c, next);
    if (belongs(c, next)) return found(c, FLAW_REORDERED, c->place);
    if (c->looked < CHAIN_LOOKS_MAX) return true;
    return found(c, FLAW_DELETED, c->place);
}

bool chain_check_entry(struct chain_check *c, const struct hash *previous, const struct hash *hash,
                       const struct blob *body) {
    if (c->flaw != FLAW_NONE) return false;
    struct chain_seen seen = see(previous, hash, body);
    if (c->astray) return led_astray(c, &seen);
    if (c->doubt) return explained(c, &seen);
    if (!belongs(c, &seen)) {
        c->doubt = true;
        c->suspect = seen;
        return true;
    }
    c->doubled = c->linked;
    c->before = c->head;
    c->head = seen.hash;
    c->linked = true;
    c->place++;
    hold_to_anchor(c);
    return true;
}

/* Nothing follows the suspect that could tell more; an anchor may. */
static void unexplained(struct chain_check *c) {
    const struct chain_seen *suspect = &c->suspect;
    bool is_head = c->anchor.sequence == c->place && hash_eq(&c->anchor.hash, &suspect->hash);
    if (!suspect->content)
        found(c, damage(suspect), c->place);
    else if (suspect->sequence > c->place)
        found(c, FLAW_DELETED, c->place);
    else if (suspect->sequence < c->place)
        found(c, FLAW_INSERTED, c->place);
    else
        found(c, FLAW_ALTERED, is_head && c->place - 1 > c->trusted ? c->place - 1 : c->place);
}

void chain_check_end(struct chain_check *c) {
    if (c->flaw != FLAW_NONE) return;
    if (c->astray)
        led_astray(c, NULL);
    else if (c->doubt)
        unexplained(c);
    else if (c->anchor.sequence >= c->place)
        found(c, FLAW_CUT, c->place);
}
