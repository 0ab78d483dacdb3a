/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/kernel/quantile.h"

#define CELL_BITS  10 /* QUANTILE_CELLS is 2^10 */
#define SCALE_BITS 20

/* Between two knots, "part" of 2^bits of the way. */
static uint64_t between(uint64_t from, uint64_t to, uint64_t part, int bits) {
    return from + (uint64_t)((uint128)(to - from) * part >> bits);
}

/*
 * The distance d from the near end of (0, 1) lies below 2^-10; it is given as the 54 bits that
 * follow, of which k leading ones are zero: d is between 2^-(11+k) and 2^-(10+k). Knots move away
 * from the body as k grows.
 */
static uint64_t tail(const uint64_t *knots, uint64_t rest) {
    int k = rest ? __builtin_clzll(rest) - CELL_BITS : QUANTILE_TAIL;
    if (k >= QUANTILE_TAIL) return knots[QUANTILE_TAIL];
    int bits = 63 - CELL_BITS - k;
    uint64_t part = rest ^ UINT64_C(1) << bits;
    uint64_t outer = knots[k + 1], inner = knots[k];
    return outer <= inner
               ? between(outer, inner, part, bits)
               : inner + (outer - inner) - (uint64_t)((uint128)(outer - inner) * part >> bits);
}

static uint64_t quantile(const struct quantile_table *table, uint64_t u) {
    uint64_t cell = u >> (64 - CELL_BITS);
    if (cell - 1 >= QUANTILE_CELLS - 2)
        return cell == 0 ? tail(table->low, u) : tail(table->high, ~u);
    return between(table->body[cell], table->body[cell + 1], u << CELL_BITS, 64);
}

time_ns quantile_draw(const struct quantile_table *table, struct prng *stream, time_ns mean_ns) {
    uint128 scaled = (uint128)quantile(table, prng_next(stream)) * (uint64_t)mean_ns;
    scaled += UINT64_C(1) << (SCALE_BITS - 1);
    bool fits = (uint64_t)(scaled >> 64) < UINT64_C(1) << (SCALE_BITS - 1);
    return fits ? (time_ns)(scaled >> SCALE_BITS) : INT64_MAX;
}
