/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/growth.h"
#include "engine/base/ratio.h"

#define PAIRS_MAX (GROWTH_WINDOWS * (GROWTH_WINDOWS - 1) / 2)

static int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }

/* Two windows side by side are one of twice the length; an odd one at the end begins the next. */
static void halve(struct growth *g) {
    for (uint32_t i = 0; i < GROWTH_WINDOWS / 2; i++)
        g->floor[i] = lesser(g->floor[2 * i], g->floor[2 * i + 1]);
    g->count = GROWTH_WINDOWS / 2;
    g->halvings++;
}

void growth_add(struct growth *g, int64_t floor) {
    if (g->count == GROWTH_WINDOWS) halve(g);
    int64_t *window = &g->floor[g->count];
    *window = g->pending == 0 ? floor : lesser(*window, floor);
    if (++g->pending < (uint32_t)1 << g->halvings) return;
    g->pending = 0;
    g->count++;
}

/* Ascending. */
static void slopes_of(const struct growth *g, int64_t *slopes) {
    uint32_t n = 0;
    for (uint32_t j = 1; j < g->count; j++)
        for (uint32_t i = 0; i < j; i++) {
            int64_t windows = (int64_t)(j - i) << g->halvings;
            int64_t slope = muldiv(g->floor[j] - g->floor[i], 1000, windows);
            uint32_t k = n++;
            for (; k > 0 && slopes[k - 1] > slope; k--) slopes[k] = slopes[k - 1];
            slopes[k] = slope;
        }
}

static uint32_t pairs_of(const struct growth *g) {
    return g->count * (g->count > 0 ? g->count - 1 : 0) / 2;
}

/* How many pairs may fall while chance alone would have so few fall at most so rarely; -1: even
 * none is not rare enough. ways[k]: permutations of n with k inversions. */
static int64_t falling_at_most(uint32_t n, int64_t alpha_ppm, int64_t looks) {
    uint64_t ways[PAIRS_MAX + 1] = {1}, all = 1, sum = 0;
    for (uint32_t m = 2; m <= n; m++) {
        all *= m;
        for (uint32_t k = m * (m - 1) / 2; k > 0; k--)
            for (uint32_t less = 1; less < m && less <= k; less++) ways[k] += ways[k - less];
    }
    uint32_t k = 0;
    for (; k <= n * (n - 1) / 2; k++) {
        sum += ways[k];
        if ((uint128)sum * PPM_ONE * (uint64_t)looks > (uint128)all * (uint64_t)alpha_ppm) break;
    }
    return (int64_t)k - 1;
}

bool growth_low(const struct growth *g, int64_t alpha_ppm, int64_t looks, int64_t *slope_milli) {
    int64_t slopes[PAIRS_MAX];
    if (g->count < 2) return false;
    int64_t falling = falling_at_most(g->count, alpha_ppm, looks);
    if (falling < 0 || falling >= pairs_of(g)) return false;
    slopes_of(g, slopes);
    *slope_milli = slopes[falling];
    return true;
}

int64_t growth_slope(const struct growth *g) {
    int64_t slopes[PAIRS_MAX];
    uint32_t pairs = pairs_of(g);
    if (pairs == 0) return 0;
    slopes_of(g, slopes);
    return pairs % 2 ? slopes[pairs / 2] : (slopes[pairs / 2 - 1] + slopes[pairs / 2]) / 2;
}
