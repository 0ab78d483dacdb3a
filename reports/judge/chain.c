/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/chain.h"
#include <sodium/crypto_hash_sha256.h>

_Static_assert(sizeof(struct hash) == crypto_hash_sha256_BYTES, "a link is one SHA-256");

void chain_hash(const struct hash *previous, const void *body, size_t len, struct hash *out) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, previous->b, sizeof previous->b);
    crypto_hash_sha256_update(&state, body, len);
    crypto_hash_sha256_final(&state, out->b);
}

bool chain_covers(const struct hash *previous, const void *body, size_t len,
                  const struct hash *hash) {
    struct hash computed;
    chain_hash(previous, body, len, &computed);
    return memcmp(&computed, hash, sizeof computed) == 0;
}
