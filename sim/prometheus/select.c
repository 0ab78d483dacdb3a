/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which series a selector means. Series are never removed, so what was found stays found, and only
 * series that have appeared since are looked at. */
#include "sim/prometheus/eval.h"
#include "sim/prometheus/store.h"

static enum regex_result label_matches(struct prom *p, const struct matcher *m, uint32_t set) {
    if (!m->bound_value) return REGEX_MATCHES; /* a place for any value */
    const char *value = labels_value(&p->labels, set, m->bound_name);
    if (m->kind == MATCH_EQUAL || m->kind == MATCH_NOT_EQUAL) {
        bool equal = value ? value == m->bound_value : m->bound_value[0] == '\0';
        return equal == (m->kind == MATCH_EQUAL) ? REGEX_MATCHES : REGEX_DIFFERS;
    }
    enum regex_result result = value ? regex_match(m->regex, p->regex, value)
                               : regex_matches_empty(m->regex) ? REGEX_MATCHES
                                                               : REGEX_DIFFERS;
    if (m->kind == MATCH_REGEX || result == REGEX_TOO_HARD) return result;
    return result == REGEX_MATCHES ? REGEX_DIFFERS : REGEX_MATCHES;
}

static bool grow(struct prom *p, struct match_list *list) {
    if (list->count < list->capacity) return true;
    uint32_t capacity = list->capacity > 0 ? 2 * list->capacity : 16;
    uint32_t *series = memory_take(&p->memory, capacity, sizeof *series);
    if (!series) return eval_fail(p, "a selector finds more series than there is memory for");
    if (list->count > 0) memcpy(series, list->series, list->count * sizeof *series);
    list->series = series;
    list->capacity = capacity;
    return true;
}

static bool consider(struct prom *p, struct selector *s, uint32_t series) {
    for (uint32_t i = 0; i < s->matcher_count; i++) {
        enum regex_result result = label_matches(p, &s->matchers[i], p->series[series].labels);
        if (result == REGEX_TOO_HARD)
            return eval_fail(p, "a regular expression needs too many steps for a label's value");
        if (result == REGEX_DIFFERS) return true;
    }
    if (!grow(p, &s->found)) return false;
    s->found.series[s->found.count++] = series;
    return true;
}

/* The new ones are sorted in among those known, by rank of labels. */
static void sort_found(struct prom *p, struct match_list *list) {
    struct labels *labels = &p->labels;
    labels_rank(labels);
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t series = list->series[i];
        labels->keys[i] = (uint64_t)labels->rank[p->series[series].labels] << 32 | series;
    }
    sort_keys(labels->keys, labels->keys_scratch, list->count, NULL, NULL);
    for (uint32_t i = 0; i < list->count; i++) list->series[i] = (uint32_t)labels->keys[i];
}

static bool find_by_metric(struct prom *p, struct selector *s) {
    uint32_t last = s->found.seen;
    const struct symbol *metric = symbol_of(s->bound_metric);
    uint32_t next = last == UINT32_MAX ? metric->first_series : p->series[last].next_named;
    for (; next != UINT32_MAX; next = p->series[next].next_named) {
        if (!consider(p, s, next)) return false;
        s->found.seen = next;
    }
    return true;
}

static bool find_among_all(struct prom *p, struct selector *s) {
    if (s->found.seen == UINT32_MAX) s->found.seen = 0;
    for (; s->found.seen < p->series_count; s->found.seen++)
        if (!consider(p, s, s->found.seen)) return false;
    return true;
}

bool selector_find(struct prom *p, struct selector *s) {
    uint32_t before = s->found.count;
    bool found = s->bound_metric ? find_by_metric(p, s) : find_among_all(p, s);
    if (s->found.count > before) sort_found(p, &s->found);
    return found;
}

bool select_instant(struct evaluation *e, struct selector *s, bool times, struct vector *out) {
    struct prom *p = e->prom;
    int64_t at_ms = shifted_ms(e, &s->shift);
    *out = vector_here(p);
    if (!selector_find(p, s) || !vector_room(p, s->found.count)) return false;
    for (uint32_t i = 0; i < s->found.count; i++) {
        double value;
        int64_t time_ms;
        uint32_t series = s->found.series[i];
        if (!series_value(p, series, at_ms, &value, &time_ms)) continue;
        vector_push(p, out, p->series[series].labels, times ? seconds_of(time_ms) : value);
    }
    return true;
}
