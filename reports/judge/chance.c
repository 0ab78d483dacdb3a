/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/chance.h"
#include "engine/base/ratio.h"

#define DEVIATIONS 3
#define ERRORS     4 /* of means: their figures have longer tails than a count has */
#define FIGURES    10

/* With e failures of n and a limit of p: (e - 1/2 - n p)^2 > z^2 n p (1 - p), times 4 * 10^12. */
bool chance_excludes(int64_t failed, int64_t requests, int64_t limit_ppm) {
    int128 beyond = (int128)(2 * failed - 1) * PPM_ONE - (int128)2 * requests * limit_ppm;
    int128 variance = (int128)requests * limit_ppm * (PPM_ONE - limit_ppm);
    if (requests <= 0 || beyond <= 0) return false;
    return beyond * beyond > 4 * DEVIATIONS * DEVIATIONS * variance;
}

void chance_add(struct chance_mean *mean, int64_t figure_us, int64_t weight) {
    int128 w = weight, x = figure_us;
    mean->sum += w * x;
    mean->squares += w * w * x * x;
    mean->crossed += w * w * x;
    mean->weights += w * w;
    mean->weight += weight;
    if (weight > 0) mean->count++;
}

static int64_t middle(const struct chance_mean *mean) {
    return (int64_t)(mean->sum / mean->weight);
}

/* The standard error of the mean: the root of the sum of w^2 (x - mean)^2, over the weight. */
static int64_t error_of(const struct chance_mean *mean) {
    int128 m = middle(mean);
    int128 spread = mean->squares - 2 * m * mean->crossed + m * m * mean->weights;
    return (int64_t)isqrt128((uint128)(spread > 0 ? spread : 0)) / mean->weight;
}

bool chance_above(const struct chance_mean *one, const struct chance_mean *other,
                  int64_t factor_ppm) {
    if (one->count < FIGURES || other->count < FIGURES) return false;
    int64_t apart = middle(one) - ppm_mul(middle(other), factor_ppm);
    int64_t first = error_of(one), second = ppm_mul(error_of(other), factor_ppm);
    int128 both = (int128)first * first + (int128)second * second;
    return apart > 0 && (int128)apart * apart > ERRORS * ERRORS * both;
}
