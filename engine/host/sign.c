/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/host/sign.h"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_sign_ed25519.h>

#define CONTEXT "firedrill audit checkpoint 1\n"
enum { MESSAGE = sizeof CONTEXT - 1 + 8 + 8 + 32 };

_Static_assert(SIGN_PUBLIC_BYTES == crypto_sign_ed25519_PUBLICKEYBYTES, "Ed25519");
_Static_assert(SIGN_SIGNATURE_BYTES == crypto_sign_ed25519_BYTES, "Ed25519");

static void put_number(uint8_t *bytes, uint64_t v) {
    for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)(v >> (56 - 8 * k));
}

static void message_of(uint64_t engine, int64_t sequence, const struct hash *hash,
                       uint8_t message[MESSAGE]) {
    uint8_t *at = message + sizeof CONTEXT - 1;
    memcpy(message, CONTEXT, sizeof CONTEXT - 1);
    put_number(at, engine);
    put_number(at + 8, (uint64_t)sequence);
    memcpy(at + 16, hash->b, sizeof hash->b);
}

void sign_key_from(const uint8_t seed[32], struct sign_key *key) {
    crypto_sign_ed25519_seed_keypair(key->public, key->secret, seed);
}

void sign_seed(uint64_t run, uint64_t engine, uint8_t seed[32]) {
    uint8_t text[16 + 16] = "firedrill audit";
    put_number(text + 16, run);
    put_number(text + 24, engine);
    crypto_hash_sha256(seed, text, sizeof text);
}

void sign_checkpoint(const struct sign_key *key, uint64_t engine, int64_t sequence,
                     const struct hash *hash, struct blob *signature) {
    uint8_t message[MESSAGE];
    message_of(engine, sequence, hash, message);
    memset(signature, 0, sizeof *signature);
    crypto_sign_ed25519_detached(signature->b, NULL, message, sizeof message, key->secret);
    signature->len = SIGN_SIGNATURE_BYTES;
}

bool sign_good(const uint8_t public[SIGN_PUBLIC_BYTES], uint64_t engine, int64_t sequence,
               const struct hash *hash, const void *signature, size_t len) {
    uint8_t message[MESSAGE];
    if (len != SIGN_SIGNATURE_BYTES) return false;
    message_of(engine, sequence, hash, message);
    return crypto_sign_ed25519_verify_detached(signature, message, sizeof message, public) == 0;
}
