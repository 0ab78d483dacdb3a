/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/csv_parts.h"
#include "reports/forms/sweep_forms.h"

/* Written twice, so that head and cells come from one list: first names, then what they name. */
struct sheet {
    struct csv_line line;
    bool head;
};

static void name(struct sheet *s, const char *column, const char *text) {
    if (s->head)
        csv_cell(&s->line, column);
    else
        csv_text(&s->line, text);
}

static void count(struct sheet *s, const char *column, int64_t v) {
    if (s->head)
        csv_cell(&s->line, column);
    else
        csv_int(&s->line, v);
}

/* Empty where there were no samples. */
static void estimate(struct sheet *s, const char *of, const char *which,
                     const struct distribution *d, const struct estimate *e) {
    const struct {
        const char *ending;
        time_ns value;
    } figures[] = {{"", e->value}, {"_low", e->low}, {"_high", e->high}};
    for (size_t k = 0; k < ARRAY_LEN(figures); k++) {
        char column[64];
        snprintf(column, sizeof column, "%s_%s%s_ns", of, which, figures[k].ending);
        if (s->head)
            csv_cell(&s->line, column);
        else
            csv_time(&s->line, d->count > 0 ? figures[k].value : TIME_NEVER);
    }
}

static void distribution(struct sheet *s, const char *of, const struct distribution *d) {
    estimate(s, of, "mean", d, &d->mean);
    estimate(s, of, "p50", d, &d->p50);
    estimate(s, of, "p95", d, &d->p95);
    estimate(s, of, "p99", d, &d->p99);
}

static void buckets(struct sheet *s, const time_ns ns[BUCKET_COUNT]) {
    for (int k = 0; k < BUCKET_COUNT; k++) {
        char column[64];
        snprintf(column, sizeof column, "%s_ns", bucket_name((enum bucket)k));
        count(s, column, ns[k]);
    }
}

static void indicators(struct sheet *s, const struct indicators *indicators) {
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        char column[64];
        snprintf(column, sizeof column, "%s_part", indicator_name((enum indicator)k));
        count(s, column, indicators->of[k].part);
        snprintf(column, sizeof column, "%s_whole", indicator_name((enum indicator)k));
        count(s, column, indicators->of[k].whole);
    }
}

static void part_line(struct sheet *s, const struct sweep_part *part,
                      const struct sweep_figures *f) {
    name(s, "scenario", part->scenario);
    name(s, "topology", part->topology);
    count(s, "runs", f->runs);
    count(s, "passed", f->passed);
    count(s, "failed", f->failed);
    count(s, "inconclusive", f->inconclusive);
    count(s, "crashed", f->crashed);
    count(s, "violations", f->violations);
    count(s, "incidents", f->mttr.incidents);
    count(s, "repaired", f->mttr.repaired.count);
    count(s, "escalated", f->mttr.escalated);
    count(s, "unresolved", f->mttr.unresolved);
    count(s, "failed_requests", f->mttr.failed);
    count(s, "pages", f->mttr.pages);
    distribution(s, "mttr", &f->mttr.repaired);
    count(s, "lock_requests", f->lock_requests);
    count(s, "lock_timeouts", f->lock_timeouts);
    distribution(s, "lock_wait", &f->lock_wait);
    buckets(s, f->mttr.buckets);
    indicators(s, &f->indicators);
    csv_end(&s->line);
    s->head = false;
}

void sweep_csv(const struct sweep *sweep, FILE *out) {
    static const struct sweep_part nothing;
    static const struct sweep_figures none;
    struct sheet sheet = {{out, false}, true};
    part_line(&sheet, &nothing, &none);
    for (uint32_t k = 0; k < sweep->plan->part_count; k++)
        part_line(&sheet, &sweep->plan->parts[k], &sweep->parts[k]);
}
