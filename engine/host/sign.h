/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_HOST_SIGN_H
#define ENGINE_HOST_SIGN_H
/*
 * Signed checkpoints of an audit chain: Ed25519 (RFC 8032) by libsodium, over
 *
 *   "firedrill audit checkpoint 1\n" | engine, 8 bytes | sequence, 8 bytes | hash, 32 bytes
 *
 * (numbers big-endian). Signing is the host's, not the engine's: the key is none of the engine's
 * business, and a checkpoint is kept apart from the log, so that who can rewrite the one cannot
 * rewrite the other. A key comes from a seed that the host states; nothing here draws a random
 * number.
 */
#include "engine/words/contract.h"

#define SIGN_PUBLIC_BYTES    32
#define SIGN_SIGNATURE_BYTES 64

struct sign_key {
    uint8_t secret[64];
    uint8_t public[SIGN_PUBLIC_BYTES];
};

/* From a seed of 32 bytes. In a simulation: sign_seed of the run's seed. */
void sign_key_from(const uint8_t seed[32], struct sign_key *key);
void sign_seed(uint64_t run, uint64_t engine, uint8_t seed[32]);

void sign_checkpoint(const struct sign_key *key, uint64_t engine, int64_t sequence,
                     const struct hash *hash, struct blob *signature);
bool sign_good(const uint8_t public[SIGN_PUBLIC_BYTES], uint64_t engine, int64_t sequence,
               const struct hash *hash, const void *signature, size_t len);

#endif
