/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a template: refused at a place inside the text, or run within its bounds, twice with
 * the same result. */
#include "engine/base/check.h"
#include "sim/prometheus/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_BYTES ((size_t)4096)

static struct prom *store(struct arena *arena) {
    static const struct prom_options options = {
        .series_max = 8, .samples_per_series = 4, .rules_max = 1};
    struct prom *p = prom_open(arena, &options);
    static const char *const hosts[] = {"b", "a", "c"};
    for (int i = 0; i < 3; i++) {
        const struct prom_label labels[] = {{"__name__", "x"}, {"h", hosts[i]}};
        prom_append(p, prom_series(p, labels, 2), 1000, i);
    }
    return p;
}

static size_t run(struct arena *arena, struct prom *p, const struct template *t, size_t size,
                  char *text) {
    static const struct prom_label labels[] = {{"a", "one:1"}, {"b", "two"}};
    struct writer out = writer_of(text, OUT_BYTES);
    struct template_error error = {SIZE_MAX, ""};
    const struct template_data given = {
        .prom = p,
        .room = template_room_new(arena),
        .at_ms = 2000,
        .labels = labels,
        .label_count = 2,
        .external_url = "http://h/x",
        .value = 0.25,
    };
    bool good = template_run(t, &given, &out, &error);
    ASSERT(good || (error.at <= size && error.why[0]));
    return out.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char once[OUT_BYTES], twice[OUT_BYTES];
    struct arena arena;
    struct template_error error = {SIZE_MAX, ""};
    arena_open(&arena);
    char *text = arena_text(&arena, (const char *)data, size);
    struct template *t = template_parse(&arena, text, size, &error);
    ASSERT(t || (error.at <= size && error.why[0]));
    if (t) {
        struct prom *p = store(&arena);
        size_t len = run(&arena, p, t, size, once);
        ASSERT(run(&arena, p, t, size, twice) == len && memcmp(once, twice, len) == 0);
        if (template_is_plain(t)) ASSERT(len == size || size > OUT_BYTES);
    }
    arena_close(&arena);
    return 0;
}
