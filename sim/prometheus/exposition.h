/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_EXPOSITION_H
#define SIM_PROMETHEUS_EXPOSITION_H
/*
 * What a scraped target answers, and what a backfill is made of: Prometheus' text exposition format
 * (version 0.0.4; times in milliseconds) and OpenMetrics 1.0 (times in seconds with decimals, "#
 * EOF" last). Accepted is what Prometheus' own scanners accept; exemplars are read and left out.
 * Texts are hostile: each sample has at most LABELS_MAX labels, 64 KiB of them.
 *
 * A time in OpenMetrics is read as the decimal it is, to the nearest millisecond. (Prometheus
 * multiplies a double and cuts, so that 1.001 s is 1000 ms there. Halves, quarters and eighths of a
 * second are the same everywhere.)
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"
#include "sim/prometheus/prometheus.h"

enum exposition_format { EXPOSITION_TEXT, EXPOSITION_OPENMETRICS };
/* OpenMetrics is what ends in a line "# EOF". */
enum exposition_format exposition_format_of(const char *text, size_t len);

/* ---- sample by sample ---- */

struct exposition;
struct exposition_sample {
    const struct prom_label
        *labels; /* sorted by name, the metric's name among them; until the next */
    uint32_t label_count;
    double value;
    bool timed;
    int64_t at_ms; /* when timed */
    int line;
};
struct exposition *exposition_open(struct arena *arena, enum exposition_format format,
                                   const char *file, const char *text, size_t len,
                                   struct diags *diags);
/* False at the end, and after an error, of which there is one. */
bool exposition_next(struct exposition *x, struct exposition_sample *out);
bool exposition_failed(const struct exposition *x);

/* ---- a whole file, to be loaded into a store made for it ---- */

struct recorded_series {
    const struct prom_label *labels;
    uint32_t label_count, hash, samples, next;
    uint32_t loaded; /* the store's, once it is loaded */
};
struct recorded_sample {
    uint32_t series;
    int64_t at_ms;
    double value;
};
struct recording {
    struct recorded_series *series;
    uint32_t series_count;
    struct recorded_sample *samples; /* as they stand in the file */
    uint32_t sample_count;
    int64_t first_ms, last_ms; /* of samples; 0 when there are none */
};
/* Samples without a time are of untimed_ms. False after a diagnostic. */
bool recording_read(struct recording *r, struct arena *arena, const char *file, const char *text,
                    size_t len, int64_t untimed_ms, struct diags *diags) MUST_CHECK;
/* Appends all, each series in the order of the file, before the arena is sealed. Returns how many
 * were dropped: not later than the sample before them, before 1970, or of a series too many. */
uint32_t recording_load(struct recording *r, struct prom *p);

/* ---- writing ---- */

/* Every series' samples in [from_ms, to_ms] as OpenMetrics: metrics by name, series in label order,
 * samples in time order. The format has no stale markers; they are left out. */
void exposition_write(struct prom *p, int64_t from_ms, int64_t to_ms, FILE *out);

#endif
