/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of samples in memory: how many series and samples there are decides the store's size. */
#include "sim/prometheus/exposition.h"

#define NO_SERIES UINT32_MAX

static uint32_t hash_labels(const struct prom_label *labels, uint32_t count) {
    uint32_t hash = UINT32_C(2166136261);
    for (uint32_t i = 0; i < count; i++) {
        const char *texts[] = {labels[i].name, labels[i].value};
        for (int t = 0; t < 2; t++)
            for (const char *s = texts[t]; s == texts[t] || s[-1]; s++)
                hash = (hash ^ (uint8_t)*s) * UINT32_C(16777619);
    }
    return hash ^ hash >> 15;
}

static bool same_labels(const struct recorded_series *s, const struct exposition_sample *sample) {
    if (s->label_count != sample->label_count) return false;
    for (uint32_t i = 0; i < s->label_count; i++)
        if (strcmp(s->labels[i].name, sample->labels[i].name) != 0 ||
            strcmp(s->labels[i].value, sample->labels[i].value) != 0)
            return false;
    return true;
}

static const struct prom_label *copy_labels(struct arena *arena,
                                            const struct exposition_sample *sample) {
    struct prom_label *labels = ARENA_NEW(arena, struct prom_label, sample->label_count + 1);
    for (uint32_t i = 0; i < sample->label_count; i++) {
        const struct prom_label *l = &sample->labels[i];
        labels[i].name = arena_text(arena, l->name, strlen(l->name));
        labels[i].value = arena_text(arena, l->value, strlen(l->value));
    }
    return labels;
}

struct reading {
    struct recording *to;
    struct arena *arena;
    uint32_t *slots, mask;
};

static uint32_t series_of(struct reading *r, const struct exposition_sample *sample) {
    uint32_t hash = hash_labels(sample->labels, sample->label_count);
    uint32_t *slot = &r->slots[hash & r->mask];
    for (uint32_t id = *slot; id != NO_SERIES; id = r->to->series[id].next)
        if (r->to->series[id].hash == hash && same_labels(&r->to->series[id], sample)) return id;
    uint32_t id = r->to->series_count++;
    r->to->series[id] = (struct recorded_series){
        .labels = copy_labels(r->arena, sample),
        .label_count = sample->label_count,
        .hash = hash,
        .next = *slot,
    };
    return *slot = id;
}

static void keep_sample(struct reading *r, const struct exposition_sample *sample,
                        int64_t untimed_ms) {
    struct recording *to = r->to;
    struct recorded_sample *kept = &to->samples[to->sample_count];
    *kept = (struct recorded_sample){series_of(r, sample),
                                     sample->timed ? sample->at_ms : untimed_ms, sample->value};
    to->series[kept->series].samples++;
    bool first = to->sample_count++ == 0;
    if (first || kept->at_ms < to->first_ms) to->first_ms = kept->at_ms;
    if (first || kept->at_ms > to->last_ms) to->last_ms = kept->at_ms;
}

bool recording_read(struct recording *r, struct arena *arena, const char *file, const char *text,
                    size_t len, int64_t untimed_ms, struct diags *diags) {
    *r = (struct recording){0};
    uint32_t lines = 1, slots = 64;
    for (size_t i = 0; i < len; i++) lines += text[i] == '\n';
    while (slots < lines && slots < UINT32_C(1) << 22) slots *= 2;
    r->series = ARENA_NEW(arena, struct recorded_series, lines);
    r->samples = ARENA_NEW(arena, struct recorded_sample, lines);
    struct reading reading = {r, arena, ARENA_NEW(arena, uint32_t, slots), slots - 1};
    memset(reading.slots, 0xFF, slots * sizeof *reading.slots);
    struct exposition *x =
        exposition_open(arena, exposition_format_of(text, len), file, text, len, diags);
    for (struct exposition_sample sample; exposition_next(x, &sample);)
        keep_sample(&reading, &sample, untimed_ms);
    return !exposition_failed(x);
}

uint32_t recording_load(struct recording *r, struct prom *p) {
    uint32_t dropped = 0;
    for (uint32_t i = 0; i < r->series_count; i++) {
        struct recorded_series *s = &r->series[i];
        s->loaded = prom_series_sized(p, s->labels, s->label_count, s->samples);
    }
    for (uint32_t i = 0; i < r->sample_count; i++) {
        const struct recorded_sample *sample = &r->samples[i];
        bool taken = sample->at_ms >= 0 &&
                     prom_append(p, r->series[sample->series].loaded, sample->at_ms, sample->value);
        dropped += !taken;
    }
    return dropped;
}
