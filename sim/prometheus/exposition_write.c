/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store as OpenMetrics. Nothing is known of its metrics but their names, so none has a type. */
#include "sim/prometheus/exposition.h"
#include "sim/prometheus/number.h"
#include "sim/prometheus/store.h"

static void write_value(FILE *out, const char *s) {
    for (; *s; s++) {
        if (*s == '\n')
            fputs("\\n", out);
        else {
            if (*s == '\\' || *s == '"') fputc('\\', out);
            fputc(*s, out);
        }
    }
}

static void write_series_name(const struct prom *p, const struct series *s, FILE *out) {
    const struct label_set *set = &p->labels.sets[s->labels];
    const char *name = labels_value(&p->labels, s->labels, p->labels.metric_name);
    char opener = '{';
    fputs(name, out);
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->labels[i].name == p->labels.metric_name) continue;
        fprintf(out, "%c%s=\"", opener, set->labels[i].name);
        write_value(out, set->labels[i].value);
        fputc('"', out);
        opener = ',';
    }
    if (opener == ',') fputc('}', out);
}

static void write_samples(const struct prom *p, const struct series *s, int64_t from_ms,
                          int64_t to_ms, FILE *out) {
    for (uint32_t i = s->first; i < s->end; i++) {
        if (s->times[i] < from_ms || s->times[i] > to_ms || is_stale_marker(s->values[i])) continue;
        char value[NUMBER_TEXT];
        number_go(value, s->values[i]);
        write_series_name(p, s, out);
        fprintf(out, " %s %lld.%03d\n", value, (long long)(s->times[i] / 1000),
                (int)(s->times[i] % 1000));
    }
}

/* By metric, then by the other labels: OpenMetrics wants a metric's lines together. */
static bool series_before(const void *context, uint64_t a, uint64_t b) {
    const struct prom *p = context;
    uint32_t x = p->series[a].labels, y = p->series[b].labels;
    int order = strcmp(labels_value(&p->labels, x, p->labels.metric_name),
                       labels_value(&p->labels, y, p->labels.metric_name));
    return order != 0 ? order < 0 : p->labels.rank[x] < p->labels.rank[y];
}

void exposition_write(struct prom *p, int64_t from_ms, int64_t to_ms, FILE *out) {
    struct labels *labels = &p->labels;
    uint32_t count = 0;
    labels_rank(labels);
    for (uint32_t i = 0; i < p->series_count; i++)
        if (labels_value(labels, p->series[i].labels, labels->metric_name))
            labels->keys[count++] = i;
    sort_keys(labels->keys, labels->keys_scratch, count, series_before, p);
    for (uint32_t i = 0; i < count; i++)
        write_samples(p, &p->series[labels->keys[i]], from_ms, to_ms, out);
    fputs("# EOF\n", out);
}
