/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H
/*
 * A running 64-bit digest of bytes, for traces and plans: the same bytes in the same order give the
 * same value on every processor, however they were cut into pieces. Not cryptographic: the audit
 * chain uses SHA-256.
 */
#include "engine/base/base.h"

struct digest {
    uint64_t state, length;
    uint8_t pending[8];
};

void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t len);
void digest_add_u64(struct digest *d, uint64_t v); /* little-endian bytes of v */
uint64_t digest_value(const struct digest *d);     /* of all so far; more may be added after */

#endif
