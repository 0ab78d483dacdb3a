/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_OPENMETRICS_SERIES_H
#define REPORTS_FORMS_OPENMETRICS_SERIES_H
/*
 * Series made of what happened: a series begins at 0, and each thing that happens adds to it at its
 * time. Written in OpenMetrics 1.0 with times, at equal steps, all series at the same ones, so that
 * "promtool tsdb create-blocks-from openmetrics" makes a Prometheus' blocks of them.
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
#include "engine/base/simtime.h"
#include <stdio.h>

/* METRIC(name, type, scale, "help"); values are whole numbers of 1/scale. The name of a counter is
 * written with "_total". */
#define METRICS(METRIC)                                                                            \
    METRIC(active_locks_total, gauge, 1, "locks held now")                                         \
    METRIC(lock_acquisition_duration_seconds, histogram, 1000000, "from the wish to the grant")    \
    METRIC(distributed_lock_requests, counter, 1, "wishes for a lock")                             \
    METRIC(distributed_lock_timeout, counter, 1, "wishes given up")                                \
    METRIC(conflicts_detected, counter, 1, "conflicts with other operations, by type")             \
    METRIC(safety_gates_failed, counter, 1, "gates that did not pass")                             \
    METRIC(operations_started, counter, 1, "operations that began")                                \
    METRIC(operations_paused, counter, 1, "pauses for a person")                                   \
    METRIC(audit_events, counter, 1, "entries stored in audit chains, by category")                \
    METRIC(hash_chain_valid, gauge, 1, "0 from when an engine says that its chain is broken")      \
    METRIC(self_healing_mttr_seconds, histogram, 1000000, "time to repair as engines saw it")      \
    METRIC(self_healing_fixes, counter, 1, "incidents by what they came to; success: resolved")    \
    METRIC(incidents_detected, counter, 1, "causes that an engine opened an incident for")         \
    METRIC(incidents_auto_resolved, counter, 1, "of those, resolved without a person")             \
    METRIC(rollbacks, counter, 1, "rollbacks carried out")                                         \
    METRIC(rollbacks_incorrect, counter, 1, "rollbacks of a good revision, at the run's end")      \
    METRIC(http_requests, counter, 1, "requests at a service, by how they ended")                  \
    METRIC(service_latency_p95_seconds, gauge, 1000000, "of the last second, as it really was")
#define METRIC(name, type, scale, help) METRIC_##name,
enum metric { METRICS(METRIC) METRIC_COUNT };
#undef METRIC

#define SERIES_LABELS 320
struct om_event {
    time_ns at;
    int64_t value; /* of a counter what is added; of a gauge what it is from then on */
};
struct om_series {
    enum metric metric;
    char labels[SERIES_LABELS]; /* a="b",c="d", escaped */
    const char *suffix;         /* "_bucket", "_sum", "_count", or "" */
    struct om_event *events;
    uint32_t count, capacity;
};
struct om_book {
    struct om_series *series;
    uint32_t count, capacity;
};

/* name="value" behind what is there already, escaped; a value that does not fit is cut. */
void om_label(char labels[SERIES_LABELS], const char *name, const char *value);
/* A series that stays at 0 until something happens. */
void om_declare(struct om_book *book, enum metric metric, const char *labels);
void om_add(struct om_book *book, enum metric metric, const char *labels, time_ns at,
            int64_t delta);
void om_set(struct om_book *book, enum metric metric, const char *labels, time_ns at,
            int64_t value);
void om_observe(struct om_book *book, enum metric metric, const char *labels, time_ns at,
                time_ns value);
/* Declares, with its buckets. */
void om_declare_histogram(struct om_book *book, enum metric metric, const char *labels);

/* All of them from 0 to the end; wall: of time 0, in nanoseconds since 1970. */
void om_write(struct om_book *book, time_ns wall, time_ns end, time_ns step, FILE *out);
void om_free(struct om_book *book);

#endif
