/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/recorded_load.h"
#include "sim/prometheus/exposition.h"
#include <math.h>
#include <stdlib.h>

#define LINE_BYTES 64

/* A rate of one series, from a time on. */
struct span {
    int64_t from_ms;
    double change; /* of the rate of all series together */
};
struct seen {
    bool any;
    int64_t at_ms;
    double value, rate;
};

bool is_openmetrics(const char *text, size_t len) {
    return exposition_format_of(text, len) == EXPOSITION_OPENMETRICS;
}

static int by_time(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    return x->from_ms < y->from_ms ? -1 : x->from_ms > y->from_ms;
}

static const char *metric_of(const struct recorded_series *s) {
    for (uint32_t i = 0; i < s->label_count; i++)
        if (strcmp(s->labels[i].name, "__name__") == 0) return s->labels[i].value;
    return "";
}

static bool ends_in(const char *s, const char *end) {
    size_t len = strlen(s), tail = strlen(end);
    return len >= tail && strcmp(s + len - tail, end) == 0;
}

static bool one_metric(const struct recording *r, const char *file, struct diags *diags) {
    for (uint32_t i = 1; i < r->series_count; i++)
        if (strcmp(metric_of(&r->series[i]), metric_of(&r->series[0])) != 0) {
            diag_error(diags, file, 0, 0,
                       "has %.80s beside %.80s; expected one metric, whose series are added up",
                       metric_of(&r->series[i]), metric_of(&r->series[0]));
            return false;
        }
    if (r->sample_count > 0) return true;
    diag_error(diags, file, 0, 0, "has no sample");
    return false;
}

/* What a sample says of its series' rate, and from when on. False: nothing. */
static bool rate_of(const struct recorded_sample *sample, bool counter, struct seen *seen,
                    struct span *span) {
    struct seen former = *seen;
    if (!isfinite(sample->value) || (former.any && sample->at_ms <= former.at_ms)) return false;
    *seen = (struct seen){true, sample->at_ms, sample->value, former.rate};
    if (counter && !former.any) return false;
    double rate = sample->value;
    if (counter) {
        double grown = sample->value >= former.value ? sample->value - former.value : sample->value;
        rate = grown * 1000 / (double)(sample->at_ms - former.at_ms);
    }
    if (rate < 0) rate = 0;
    *span = (struct span){counter ? former.at_ms : sample->at_ms, rate - former.rate};
    seen->rate = rate;
    return true;
}

static size_t write_lines(const struct span *spans, uint32_t count, char *out, size_t size) {
    size_t len = 0;
    double rate = 0;
    for (uint32_t i = 0; i < count; i++) {
        rate += spans[i].change;
        if (i + 1 < count && spans[i + 1].from_ms == spans[i].from_ms) continue;
        len += (size_t)snprintf(out + len, size - len, "%lld.%03d,%.3f\n",
                                (long long)(spans[i].from_ms / 1000),
                                (int)(spans[i].from_ms % 1000), rate > 0 ? rate : 0);
    }
    return len;
}

bool recorded_load(struct arena *arena, const char *file, const char *text, size_t len,
                   const char **lines, size_t *lines_len, struct diags *diags) {
    struct recording r;
    if (!recording_read(&r, arena, file, text, len, 0, diags) || !one_metric(&r, file, diags))
        return false;
    const char *metric = metric_of(&r.series[0]);
    bool counter = ends_in(metric, "_total") || ends_in(metric, "_count");
    struct span *spans = ARENA_NEW(arena, struct span, r.sample_count);
    struct seen *seen = ARENA_NEW(arena, struct seen, r.series_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < r.sample_count; i++)
        count += rate_of(&r.samples[i], counter, &seen[r.samples[i].series], &spans[count]);
    qsort(spans, count, sizeof *spans, by_time);
    size_t size = (size_t)LINE_BYTES * (count + 1);
    char *out = arena_take(arena, size, 1);
    *lines_len = write_lines(spans, count, out, size);
    *lines = out;
    return true;
}
