/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/resample.h"

#include "engine/base/check.h"
#include "engine/base/prng.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#define TAIL 0.025

double resample_quantile(double level, uint32_t seeds) {
    return gsl_cdf_tdist_Qinv(level / 2, seeds > 1 ? seeds - 1 : 1);
}

struct resampled resample(uint32_t seeds, uint64_t stream, uint32_t resamples,
                          double (*of)(void *context, const uint32_t *drawn, uint32_t count),
                          void *context) {
    struct resampled out = {NAN, NAN, NAN, 0};
    if (seeds < 2) return out;
    struct prng luck = prng_named(0, "resample", stream);
    uint32_t *drawn = calloc(seeds, sizeof *drawn);
    double *seen = calloc(resamples, sizeof *seen);
    size_t known = 0;
    ASSERT(drawn && seen);
    for (uint32_t r = 0; r < resamples; r++) {
        for (uint32_t k = 0; k < seeds; k++) drawn[k] = (uint32_t)prng_below(&luck, seeds);
        double figure = of(context, drawn, seeds);
        if (!isnan(figure)) seen[known++] = figure;
    }
    out.lost = 1 - (double)known / resamples;
    if (known > 1) {
        double widened = sqrt((double)seeds / (seeds - 1));
        double tail = gsl_cdf_ugaussian_Q(widened * resample_quantile(2 * TAIL, seeds));
        gsl_sort(seen, 1, known);
        out.low = gsl_stats_quantile_from_sorted_data(seen, 1, known, tail);
        out.high = gsl_stats_quantile_from_sorted_data(seen, 1, known, 1 - tail);
        out.deviation = widened * gsl_stats_sd(seen, 1, known);
    }
    free(drawn);
    free(seen);
    return out;
}
