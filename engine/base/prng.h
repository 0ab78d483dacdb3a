/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H
/*
 * Counter-based random streams. A stream is derived from (seed, name, id), never from the order in
 * which streams are made, so adding one shifts nobody else's draws. The n-th draw is a pure
 * function of (key, n): SplitMix64's finaliser over key + n * golden gamma (Steele, Lea, Flood,
 * "Fast splittable pseudorandom number generators", OOPSLA 2014). Integers only.
 */
#include "engine/base/base.h"

struct prng {
    uint64_t state; /* key + n * golden gamma: of the number that is ready */
    uint64_t ready; /* made a draw ahead: what is drawn decides branches, which would wait for it */
};

static inline uint64_t prng_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}
static inline uint64_t prng_next(struct prng *p) {
    uint64_t drawn = p->ready;
    p->state += UINT64_C(0x9E3779B97F4A7C15);
    p->ready = prng_mix(p->state);
    return drawn;
}
static inline struct prng prng_of_key(uint64_t key) {
    struct prng p = {.state = key};
    (void)prng_next(&p);
    return p;
}
struct prng prng_named(uint64_t seed, const char *name, uint64_t id);
/* Uniform in [0, bound), bound > 0, by multiplication; bias below bound / 2^64. One draw. */
static inline uint64_t prng_below(struct prng *p, uint64_t bound) {
    return (uint64_t)(((uint128)prng_next(p) * bound) >> 64);
}
/* True with probability ppm / 1e6. One draw always, so that changing ppm shifts nothing. */
static inline bool prng_chance(struct prng *p, int64_t ppm) {
    return (int64_t)prng_below(p, 1000000) < ppm;
}

#endif
