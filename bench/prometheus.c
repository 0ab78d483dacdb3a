/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What metrics cost: a world of 14 services and 20 pods scraped each second, and the shipped rules
 * evaluated each second. Arguments: simulated seconds (default 120).
 */
#include "sim/prometheus/prometheus.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SERVICES = 14, PODS = 20, CODES = 2, BOUNDS = 11 };

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint32_t make(struct prom *p, const char *metric, int service, int pod, const char *name,
                     const char *value) {
    char service_name[16], pod_name[24];
    snprintf(service_name, sizeof service_name, "service-%d", service);
    snprintf(pod_name, sizeof pod_name, "%s-%d", service_name, pod);
    const struct prom_label labels[] = {
        {"__name__", metric}, {"service", service_name}, {"pod", pod_name}, {name, value}};
    return prom_series(p, labels, 4);
}

static uint32_t make_all(struct prom *p, uint32_t *series) {
    static const char *const codes[] = {"200", "500"};
    static const char *const bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25",
                                         "0.5",   "1",    "2.5",   "5",    "+Inf"};
    uint32_t count = 0;
    for (int s = 0; s < SERVICES; s++) {
        for (int pod = 0; pod < PODS; pod++) {
            for (int c = 0; c < CODES; c++)
                series[count++] = make(p, "http_requests_total", s, pod, "code", codes[c]);
            for (int b = 0; b < BOUNDS; b++)
                series[count++] =
                    make(p, "http_request_duration_seconds_bucket", s, pod, "le", bounds[b]);
            series[count++] = make(p, "process_cpu_seconds_total", s, pod, "mode", "all");
            series[count++] = make(p, "container_cpu_limit_cores", s, pod, "mode", "all");
        }
    }
    return count;
}

static bool load(struct prom *p, struct arena *arena, const char *path) {
    static char text[1 << 16];
    static struct diags diags;
    FILE *in = fopen(path, "r");
    if (!in) return fprintf(stderr, "cannot read %s\n", path), false;
    size_t len = fread(text, 1, sizeof text, in);
    fclose(in);
    bool loaded = prom_rules_load(p, arena, path, text, len, &diags);
    diag_print(&diags, stderr);
    return loaded;
}

int main(int argc, char **argv) {
    int64_t seconds = argc > 1 ? atoll(argv[1]) : 120, append_ns = 0, rules_ns = 0;
    static uint32_t series[SERVICES * PODS * (CODES + BOUNDS + 2)];
    const struct prom_options options = {
        .series_max = 8000, .samples_per_series = 600, .lookback_ms = 300000, .rules_max = 100};
    struct arena arena;
    arena_open(&arena);
    int64_t start = now_ns();
    struct prom *p = prom_open(&arena, &options);
    uint32_t count = make_all(p, series);
    if (!load(p, &arena, FIREDRILL_SOURCE_DIR "/rules/fast.yaml")) return 2;
    arena_seal(&arena);
    int64_t opened = now_ns() - start;
    for (int64_t t = 0; t < seconds; t++) {
        int64_t begin = now_ns();
        for (uint32_t i = 0; i < count; i++)
            prom_append(p, series[i], t * 1000, (double)(t * (i % 7)));
        int64_t middle = now_ns();
        prom_rules_eval(p, t * 1000, NULL, NULL);
        append_ns += middle - begin;
        rules_ns += now_ns() - middle;
    }
    uint64_t samples = prom_sample_count(p);
    printf("series             %u, opened in %" PRId64 " us, %zu KiB\n", count, opened / 1000,
           arena.taken / 1024);
    printf("append             %.1f ns a sample\n", (double)append_ns / (double)samples);
    printf("rules              %.1f us an evaluation, %.1f ns a series\n",
           (double)rules_ns / (double)seconds / 1000,
           (double)rules_ns / (double)seconds / (double)count);
    printf("all                %.1f ms for %" PRId64 " s\n", (double)(append_ns + rules_ns) / 1e6,
           seconds);
    bool failed = prom_rule_failures(p) > 0;
    arena_close(&arena);
    return failed ? 1 : 0;
}
