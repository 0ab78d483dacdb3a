/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes in both formats: refused with one diagnostic at a place, or read; and what is read,
 * loaded and written is read again to the same store. */
#include "engine/base/check.h"
#include "sim/prometheus/exposition.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WRITTEN_MAX ((size_t)1 << 20)

static struct prom *load(struct arena *arena, const char *text, size_t len) {
    struct diags diags = {0};
    struct recording r;
    bool good = recording_read(&r, arena, "fuzz", text, len, 1000, &diags);
    ASSERT(good == (diags.errors == 0) && diags.errors <= 1);
    ASSERT(good || (diags.list[0].line >= 1 && diags.list[0].column >= 1));
    if (!good) return NULL;
    const struct prom_options options = {.series_max = r.series_count, .samples_per_series = 2};
    struct prom *p = prom_open(arena, &options);
    uint32_t dropped = recording_load(&r, p);
    ASSERT(prom_sample_count(p) + dropped == r.sample_count);
    return p;
}

static size_t write_all(struct prom *p, char *out) {
    FILE *file = fmemopen(out, WRITTEN_MAX, "w");
    ASSERT(file);
    exposition_write(p, 0, INT64_MAX, file);
    long len = ftell(file);
    fclose(file);
    return (size_t)len;
}

static void both_formats(struct arena *arena, const char *text, size_t len) {
    for (int f = 0; f < 2; f++) {
        struct diags diags = {0};
        struct exposition_sample sample;
        struct exposition *x = exposition_open(arena, f ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT,
                                               "fuzz", text, len, &diags);
        while (exposition_next(x, &sample)) ASSERT(sample.label_count > 0);
        ASSERT(diags.errors == (exposition_failed(x) ? 1u : 0u));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char once[WRITTEN_MAX], twice[WRITTEN_MAX];
    struct arena arena;
    if (size > 1 << 16) return 0;
    arena_open(&arena);
    char *text = arena_text(&arena, (const char *)data, size);
    both_formats(&arena, text, size);
    struct prom *p = load(&arena, text, size);
    if (p) {
        size_t len = write_all(p, once);
        struct prom *again = load(&arena, once, len);
        ASSERT(again);
        ASSERT(write_all(again, twice) == len && memcmp(once, twice, len) == 0);
    }
    arena_close(&arena);
    return 0;
}
