/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/digest.h"

/*
 * The 8-byte round and the avalanche of XXH64 (Yann Collet's specification), one round a word in a
 * single lane: each round is a bijection of the state, so no difference is ever lost to a later
 * one.
 */
#define PRIME_1 UINT64_C(0x9E3779B185EBCA87)
#define PRIME_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define PRIME_3 UINT64_C(0x165667B19E3779F9)
#define PRIME_4 UINT64_C(0x85EBCA77C2B2AE63)
#define PRIME_5 UINT64_C(0x27D4EB2F165667C5)

static uint64_t rotated(uint64_t v, int by) { return v << by | v >> (64 - by); }

static uint64_t word_at(const uint8_t *b) {
    uint64_t v = 0;
    for (int i = 8; i-- > 0;) v = v << 8 | b[i];
    return v;
}

static uint64_t round_of(uint64_t state, uint64_t word) {
    return rotated(state ^ rotated(word * PRIME_2, 31) * PRIME_1, 27) * PRIME_1 + PRIME_4;
}

void digest_init(struct digest *d) { *d = (struct digest){.state = PRIME_5}; }

void digest_add(struct digest *d, const void *bytes, size_t len) {
    const uint8_t *b = bytes;
    size_t held = d->length % 8;
    d->length += len;
    if (held > 0) {
        size_t more = len < 8 - held ? len : 8 - held;
        memcpy(d->pending + held, b, more);
        b += more;
        len -= more;
        if (held + more < 8) return;
        d->state = round_of(d->state, word_at(d->pending));
    }
    for (; len >= 8; b += 8, len -= 8) d->state = round_of(d->state, word_at(b));
    if (len > 0) memcpy(d->pending, b, len);
}

void digest_add_u64(struct digest *d, uint64_t v) {
    uint8_t b[8];
    for (int i = 0; i < 8; i++) b[i] = (uint8_t)(v >> 8 * i);
    digest_add(d, b, sizeof b);
}

uint64_t digest_value(const struct digest *d) {
    uint8_t last[8] = {0};
    memcpy(last, d->pending, d->length % 8);
    /* the length tells "a" from "a\0" */
    uint64_t v = round_of(d->state, word_at(last)) ^ d->length;
    v = (v ^ v >> 33) * PRIME_2;
    v = (v ^ v >> 29) * PRIME_3;
    return v ^ v >> 32;
}
