/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figured.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

static const struct {
    const char *name, *meaning;
    enum compared_unit unit;
    enum compared_better better;
} table[] = {
#define COMPARED(id, name, unit, better, meaning) {name, meaning, UNIT_##unit, BETTER_##better},
#include "reports/compared.def"
#undef COMPARED
};
const char *compared_name(enum compared which) { return table[which].name; }
const char *compared_meaning(enum compared which) { return table[which].meaning; }
enum compared_unit compared_unit(enum compared which) { return table[which].unit; }
enum compared_better compared_better(enum compared which) { return table[which].better; }

struct figured_run figured_run(const struct run_summary *run) {
    struct figured_run r = {.passed = run->status == STATUS_OK,
                            .incidents = run->incident_count,
                            .requests = run->lock_requests,
                            .timeouts = run->lock_timeouts,
                            .lock_wait = run->lock_wait,
                            .human = run->indicators.of[INDICATOR_human_intervention],
                            .wrong = run->indicators.of[INDICATOR_wrong_rollbacks]};
    for (uint32_t i = 0; i < run->incident_count; i++) {
        r.failed += run->incidents[i].failed;
        r.pages += run->incidents[i].pages;
        r.mended[i] = run->incidents[i].repaired;
        r.repaired += run->incidents[i].repaired;
        r.mttr[i] = run->incidents[i].mttr;
    }
    return r;
}

void figured_add(struct figured_sums *sums, const struct figured_run *r) {
    sums->runs++;
    sums->passed += r->passed;
    sums->incidents += r->incidents;
    sums->repaired += r->repaired;
    sums->failed += (double)r->failed;
    sums->pages += (double)r->pages;
    sums->requests += (double)r->requests;
    sums->timeouts += (double)r->timeouts;
    sums->lock_wait += (double)r->lock_wait;
    sums->human.part += r->human.part;
    sums->human.whole += r->human.whole;
    sums->wrong.part += r->wrong.part;
    sums->wrong.whole += r->wrong.whole;
}

static double over(double part, double whole) { return whole > 0 ? part / whole : NAN; }

void figured_finish(const struct figured_sums *s, double *times, size_t count,
                    struct figured *out) {
    double *of = out->of;
    gsl_sort(times, 1, count);
    of[COMPARED_MTTR_MEAN] = count > 0 ? gsl_stats_mean(times, 1, count) : NAN;
    static const struct {
        enum compared which;
        double quantile;
    } quantiles[] = {
        {COMPARED_MTTR_P50, 0.50}, {COMPARED_MTTR_P95, 0.95}, {COMPARED_MTTR_P99, 0.99}};
    for (size_t k = 0; k < ARRAY_LEN(quantiles); k++)
        of[quantiles[k].which] =
            count > 0 ? gsl_stats_quantile_from_sorted_data(times, 1, count, quantiles[k].quantile)
                      : NAN;
    of[COMPARED_SUCCESS] = over(s->repaired, s->incidents);
    of[COMPARED_PASSED] = over(s->passed, s->runs);
    of[COMPARED_FAILED] = over(s->failed, s->runs);
    of[COMPARED_PAGES] = over(s->pages, s->runs);
    of[COMPARED_LOCK_WAIT] = over(s->lock_wait, s->runs);
    of[COMPARED_CONTENTION] = over(s->timeouts, s->requests);
    of[COMPARED_HUMAN] = over((double)s->human.part, (double)s->human.whole);
    of[COMPARED_WRONG] = over((double)s->wrong.part, (double)s->wrong.whole);
}
