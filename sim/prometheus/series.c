/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include "sim/prometheus/rules.h"
#include "sim/prometheus/store.h"

#define SAMPLE_BYTES       (sizeof(int64_t) + sizeof(double))
#define RESERVE_FIXED      ((size_t)1 << 20)
#define RESERVE_PER_SERIES ((size_t)1024)
#define DERIVED_SETS       4096u /* label sets of results, beside three for each series */

static size_t buffer_length(uint32_t capacity) { return (size_t)capacity + capacity / 4 + 1; }

static void evaluation_open(struct prom *p, struct arena *arena) {
    uint32_t sets = p->labels.set_max;
    p->regex = regex_scratch_new(arena);
    p->stack_size = 4 * sets;
    p->stack = ARENA_NEW(arena, struct element, p->stack_size);
    p->sorting = ARENA_NEW(arena, struct element, sets);
    p->groups = ARENA_NEW(arena, struct group, sets);
    p->buckets = ARENA_NEW(arena, struct bucket, 2 * (size_t)sets);
    p->le = labels_intern(&p->labels, "le", 2);
    p->groups_by_set =
        (struct set_map){ARENA_NEW(arena, uint32_t, sets), ARENA_NEW(arena, uint32_t, sets), 0};
    p->pairs_by_set =
        (struct set_map){ARENA_NEW(arena, uint32_t, sets), ARENA_NEW(arena, uint32_t, sets), 0};
    p->result_samples = ARENA_NEW(arena, struct prom_sample, sets);
    p->window_size = p->options.samples_per_series;
    p->window_times = ARENA_NEW(arena, int64_t, p->window_size);
    p->window_values = ARENA_NEW(arena, double, p->window_size);
}

struct prom *prom_open(struct arena *arena, const struct prom_options *options) {
    struct prom *p = ARENA_NEW(arena, struct prom, 1);
    p->options = *options;
    p->grows = p->options.samples_per_series == 0;
    if (p->options.samples_per_series < 2) p->options.samples_per_series = p->grows ? 16 : 2;
    if (p->options.version == 0) p->options.version = UINT32_MAX;
    if (p->options.lookback_ms <= 0) p->options.lookback_ms = 300000;
    if (p->options.subquery_step_ms <= 0) p->options.subquery_step_ms = 60000;
    if (p->options.subquery_steps == 0) p->options.subquery_steps = 1000000;
    uint32_t series = p->options.series_max;
    ASSERT(series < UINT32_C(1) << 28);
    memory_open(&p->memory, arena, RESERVE_FIXED + RESERVE_PER_SERIES * series);
    labels_open(&p->labels, &p->memory, 3 * series + DERIVED_SETS);
    p->series = ARENA_NEW(arena, struct series, series);
    if (!p->grows)
        p->sample_room_left = series * buffer_length(p->options.samples_per_series) * SAMPLE_BYTES;
    p->sample_room = arena_take(arena, p->sample_room_left, 1);
    evaluation_open(p, arena);
    p->rules = rules_new(arena, p);
    return p;
}

/* ---- series ---- */

/* The usual size is cut from the room set aside; a larger one is for histories, before the run. */
static void *buffer_take(struct prom *p, uint32_t capacity) {
    size_t bytes = buffer_length(capacity) * SAMPLE_BYTES;
    if (p->grows || capacity > p->options.samples_per_series)
        return memory_take(&p->memory, bytes, 1);
    if (bytes > p->sample_room_left) return NULL;
    void *room = p->sample_room;
    p->sample_room += bytes;
    p->sample_room_left -= bytes;
    return room;
}

static void chain_by_metric(struct prom *p, uint32_t id) {
    struct series *s = &p->series[id];
    s->next_named = UINT32_MAX;
    const char *metric = labels_value(&p->labels, s->labels, p->labels.metric_name);
    if (!metric) return;
    struct symbol *symbol = symbol_of(metric);
    if (symbol->last_series == UINT32_MAX)
        symbol->first_series = id;
    else
        p->series[symbol->last_series].next_named = id;
    symbol->last_series = id;
}

/* A window with markers is copied without them, so the copy must have room for the largest. */
static bool window_room(struct prom *p, uint32_t capacity) {
    if (capacity <= p->window_size) return true;
    int64_t *times = memory_take(&p->memory, capacity, sizeof *times);
    double *values = memory_take(&p->memory, capacity, sizeof *values);
    if (!times || !values) return false;
    p->window_times = times;
    p->window_values = values;
    p->window_size = capacity;
    return true;
}

uint32_t series_of_set(struct prom *p, uint32_t set, uint32_t capacity) {
    if (set == NO_SET) return UINT32_MAX;
    if (p->labels.sets[set].series != UINT32_MAX) return p->labels.sets[set].series;
    if (p->series_count == p->options.series_max || !window_room(p, capacity)) return UINT32_MAX;
    int64_t *times = buffer_take(p, capacity);
    if (!times) return UINT32_MAX;
    uint32_t id = p->series_count++;
    p->series[id] = (struct series){.labels = set, .capacity = capacity, .times = times};
    p->series[id].values = (double *)(void *)(times + buffer_length(capacity));
    p->labels.sets[set].series = id;
    chain_by_metric(p, id);
    return id;
}

uint32_t prom_series(struct prom *p, const struct prom_label *labels, uint32_t count) {
    return prom_series_sized(p, labels, count, p->options.samples_per_series);
}

uint32_t prom_series_sized(struct prom *p, const struct prom_label *labels, uint32_t count,
                           uint32_t samples) {
    uint32_t least = p->options.samples_per_series, capacity = samples > least ? samples : least;
    uint32_t series = series_of_set(p, labels_set(&p->labels, labels, count), capacity);
    if (p->views) views_series(p, series, labels, count, capacity);
    return series;
}

/* ---- samples ---- */

#define STALE_BITS UINT64_C(0x7ff0000000000002)

double stale_marker(void) {
    uint64_t bits = STALE_BITS;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool is_stale_marker(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits == STALE_BITS;
}

/* Twice as many samples, in a store that keeps all and may still take memory. */
static void grow(struct prom *p, struct series *s) {
    uint32_t capacity = 2 * s->capacity, live = s->end - s->first;
    int64_t *times = window_room(p, capacity) ? buffer_take(p, capacity) : NULL;
    if (!times) return;
    double *values = (double *)(void *)(times + buffer_length(capacity));
    memcpy(times, s->times + s->first, live * sizeof *times);
    memcpy(values, s->values + s->first, live * sizeof *values);
    s->times = times;
    s->values = values;
    s->capacity = capacity;
    s->first = 0;
    s->end = live;
}

static void make_room(struct prom *p, struct series *s, int64_t at_ms) {
    int64_t oldest = at_ms - p->options.retention_ms;
    while (p->options.retention_ms > 0 && s->first < s->end && s->times[s->first] < oldest)
        s->first++;
    if (s->end - s->first == s->capacity && p->grows) grow(p, s);
    if (s->end - s->first == s->capacity) s->first++;
    if (s->end < buffer_length(s->capacity)) return;
    uint32_t live = s->end - s->first;
    memmove(s->times, s->times + s->first, live * sizeof *s->times);
    memmove(s->values, s->values + s->first, live * sizeof *s->values);
    s->first = 0;
    s->end = live;
}

bool sample_append(struct prom *p, uint32_t series, int64_t at_ms, double value) {
    struct series *s = series < p->series_count ? &p->series[series] : NULL;
    if (!s || (s->end > s->first && s->times[s->end - 1] >= at_ms)) {
        p->refused++;
        return false;
    }
    make_room(p, s, at_ms);
    s->times[s->end] = at_ms;
    s->values[s->end++] = value;
    s->has_stale |= is_stale_marker(value);
    p->samples++;
    return true;
}

bool prom_append(struct prom *p, uint32_t series, int64_t at_ms, double value) {
    bool taken = sample_append(p, series, at_ms, value);
    if (p->views && taken) views_append(p, series, at_ms, value);
    return taken;
}

void prom_stale(struct prom *p, uint32_t series, int64_t at_ms) {
    prom_append(p, series, at_ms, stale_marker());
}

uint64_t prom_sample_count(const struct prom *p) { return p->samples; }
uint64_t prom_refused_count(const struct prom *p) { return p->refused; }

/* ---- windows ---- */

/* Doubling steps back from the newest sample, since questions are about now; then bisection. */
uint32_t series_first_after(const struct series *s, int64_t at_ms) {
    uint32_t low = s->first, high = s->end;
    for (uint32_t step = 1; high - low > step; step *= 2) {
        if (s->times[high - step] <= at_ms) {
            low = high - step + 1;
            break;
        }
        high -= step;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->times[middle] <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct window without_markers(struct prom *p, struct window w) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < w.count; i++) {
        if (is_stale_marker(w.values[i])) continue;
        p->window_times[kept] = w.times[i];
        p->window_values[kept++] = w.values[i];
    }
    w.times = p->window_times;
    w.values = p->window_values;
    w.count = kept;
    return w;
}

struct window series_window(struct prom *p, uint32_t series, int64_t from_ms, int64_t to_ms) {
    const struct series *s = &p->series[series];
    bool closed = prom_before(p, PROM_VERSION(3, 0));
    uint32_t low = series_first_after(s, closed ? from_ms - 1 : from_ms);
    uint32_t high = series_first_after(s, to_ms);
    struct window w = {.early_zero = prom_before(p, PROM_VERSION(2, 51)),
                       .times = s->times + low,
                       .values = s->values + low,
                       .count = high - low,
                       .from_ms = from_ms,
                       .to_ms = to_ms};
    return s->has_stale ? without_markers(p, w) : w;
}

bool series_value(const struct prom *p, uint32_t series, int64_t at_ms, double *value,
                  int64_t *time_ms) {
    const struct series *s = &p->series[series];
    uint32_t after = series_first_after(s, at_ms);
    if (after == s->first) return false;
    *value = s->values[after - 1];
    *time_ms = s->times[after - 1];
    int64_t from_ms = at_ms - p->options.lookback_ms - (prom_before(p, PROM_VERSION(3, 0)) ? 1 : 0);
    return *time_ms > from_ms && !is_stale_marker(*value);
}

void set_map_clear(struct set_map *map) { map->stamp++; }
