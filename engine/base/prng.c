/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/prng.h"
#include "engine/base/digest.h"

struct prng prng_named(uint64_t seed, const char *name, uint64_t id) {
    struct digest d;
    digest_init(&d);
    digest_add_u64(&d, seed);
    digest_add(&d, name,
               strlen(name) + 1); /* with its end, so that name and id cannot run together */
    digest_add_u64(&d, id);
    return prng_of_key(digest_value(&d));
}
