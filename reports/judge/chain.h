/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_CHAIN_H
#define REPORTS_JUDGE_CHAIN_H
/* One link of the audit chain: hash = SHA-256(previous || body), by libsodium. */
#include "engine/base/text.h"

void chain_hash(const struct hash *previous, const void *body, size_t len, struct hash *out);
bool chain_covers(const struct hash *previous, const void *body, size_t len,
                  const struct hash *hash);

#endif
