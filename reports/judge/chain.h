/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_CHAIN_H
#define REPORTS_JUDGE_CHAIN_H
/* One link of the audit chain: hash = SHA-256(previous || body), by libsodium. */
#include "engine/base/text.h"

void chain_hash(const struct hash *previous, const void *body, size_t len, struct hash *out);
bool chain_covers(const struct hash *previous, const void *body, size_t len,
                  const struct hash *hash);

/* A signed checkpoint: Ed25519 (RFC 8032), by libsodium, over "firedrill audit checkpoint 1\n", the
 * engine's number and the sequence in 8 bytes each, big-endian, and the hash. */
bool chain_signed(const struct hash *key, int64_t engine, int64_t sequence, const struct hash *hash,
                  const void *signature, size_t len);

#endif
