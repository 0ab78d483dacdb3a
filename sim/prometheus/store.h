/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_STORE_H
#define SIM_PROMETHEUS_STORE_H
/*
 * Series and their samples. The live samples of a series are one piece of memory, times and values
 * apart: a buffer a quarter larger than its capacity, whose live samples move to the front when
 * the end is reached. So a window is a plain array, and an append moves four others on average.
 */
#include "sim/prometheus/functions.h"
#include "sim/prometheus/labels.h"
#include "sim/prometheus/prometheus.h"
#include "sim/prometheus/syntax.h"

struct series {
    uint32_t labels;     /* id of its set */
    uint32_t next_named; /* of the same metric name */
    uint32_t capacity;   /* samples kept */
    uint32_t first, end; /* the live ones in times and values */
    bool has_stale;      /* a marker was ever written */
    int64_t *times;
    double *values;
};

/* An element of a vector while it is computed. */
struct element {
    uint32_t labels;
    bool nameless; /* its name falls at the end: only with prom_options.delayed_names */
    double value;
};

/* Set id -> slot, emptied by counting up. */
struct set_map {
    uint32_t *stamps, *slots;
    uint32_t stamp;
};

/* A sum, mean or extreme being made; functions.h has the arithmetic. Or a histogram: its buckets;
 * or a series of a subquery: its points; or a quantile: its values. */
struct group {
    uint32_t labels, count, begin;
    bool nameless;
    double value;
    struct exact_mean mean;
};
struct bucket {
    double bound, count;
    uint32_t group;
};

/* The points of subqueries while they are computed, as a stack: a subquery puts down what it finds
 * step by step, then a copy of it series by series. */
struct points {
    int64_t *times;
    double *values;
    uint32_t *sets; /* POINT_NAMELESS: the element was */
    uint32_t used, size;
};
#define POINT_NAMELESS (UINT32_C(1) << 31)

/* What an evaluation noticed: counted, and the first one kept. */
struct notes {
    uint32_t warnings, infos;
    char warning[256], info[256];
};

struct rules; /* rules.h */
struct views; /* views.c */

struct prom {
    struct prom_options options;
    struct memory memory;
    struct labels labels;
    struct series *series;
    uint32_t series_count;
    bool grows; /* series get room as samples come */
    uint64_t samples, refused;
    uint8_t *sample_room; /* for the buffers of series, in pieces */
    size_t sample_room_left;

    /* scratch of evaluation */
    struct regex_scratch *regex;
    struct element *stack; /* vectors, the newest on top */
    uint32_t stack_used, stack_size;
    struct set_map groups_by_set, pairs_by_set;
    struct group *groups;
    struct bucket *buckets; /* twice as many as sets: as they come, and by histogram */
    const char *le;         /* interned */
    struct element *sorting;
    int64_t *window_times; /* a window that holds stale markers, without them */
    double *window_values;
    uint32_t window_size;
    struct points points;
    uint32_t steps_left; /* of subqueries */
    struct notes notes;
    struct prom_value result;
    struct prom_sample *result_samples;
    char error[512];

    struct rules *rules;
    struct views *views; /* NULL: none */
};

/* Whether it answers as Prometheus did before that version. */
static inline bool prom_before(const struct prom *p, uint32_t version) {
    return p->options.version < version;
}

double stale_marker(void);
bool is_stale_marker(double value);

/* The first sample later than at_ms; samples are looked for from the newest. */
uint32_t series_first_after(const struct series *s, int64_t at_ms);
/* The window (from, to] of a series, without stale markers. */
struct window series_window(struct prom *p, uint32_t series, int64_t from_ms, int64_t to_ms);
/* The value an instant selector sees at at_ms; false when there is none, or it is stale. */
bool series_value(const struct prom *p, uint32_t series, int64_t at_ms, double *value,
                  int64_t *time_ms);
/* The series of an interned set, made when new; UINT32_MAX when full. */
uint32_t series_of_set(struct prom *p, uint32_t set, uint32_t capacity);

/* To that series alone; prom_append is it and its copies. */
bool sample_append(struct prom *p, uint32_t series, int64_t at_ms, double value);

/* ---- views.c: only where p->views is not NULL ---- */
/* A series came: its copies are made. */
void views_series(struct prom *p, uint32_t series, const struct prom_label *labels, uint32_t count,
                  uint32_t capacity);
void views_append(struct prom *p, uint32_t series, int64_t at_ms, double value);

void set_map_clear(struct set_map *map);
static inline uint32_t *set_map_slot(struct set_map *map, uint32_t set, bool *fresh) {
    *fresh = map->stamps[set] != map->stamp;
    map->stamps[set] = map->stamp;
    return &map->slots[set];
}

#endif
