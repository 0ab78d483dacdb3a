/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/chain.h"
#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_sign_ed25519.h>

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

bool chain_signed(const struct hash *key, int64_t engine, int64_t sequence, const struct hash *hash,
                  const void *signature, size_t len) {
    uint8_t text[80] = "firedrill audit checkpoint 1\n";
    size_t at = strlen((const char *)text);
    for (int shift = 56; shift >= 0; shift -= 8) text[at++] = (uint8_t)((uint64_t)engine >> shift);
    for (int shift = 56; shift >= 0; shift -= 8)
        text[at++] = (uint8_t)((uint64_t)sequence >> shift);
    memcpy(text + at, hash->b, sizeof hash->b);
    return len == crypto_sign_ed25519_BYTES &&
           crypto_sign_ed25519_verify_detached(signature, text, at + sizeof hash->b, key->b) == 0;
}
