/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a large rule file costs: 1,000 services with 20 series each, a sample of each every second,
 * and 200 rules over them every second. The memory of the store is sealed before: an allocation
 * would be a crash. Arguments: simulated seconds (default 120), services (1000), rules (200).
 */
#include "engine/base/check.h"
#include "sim/prometheus/prometheus.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PER_SERVICE = 20, CODES = 3, BOUNDS = 11, KINDS = 8 };

/* Of this process: whoever else is busy does not count. */
static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint32_t add(struct prom *p, const char *metric, int service, const char *name,
                    const char *value) {
    char text[32];
    snprintf(text, sizeof text, "service-%d", service);
    const struct prom_label labels[] = {
        {"__name__", metric}, {"service", text}, {"job", "services"}, {name, value}};
    return prom_series(p, labels, 4);
}

static void add_service(struct prom *p, int service, uint32_t *series) {
    static const char *const codes[] = {"200", "500", "503"};
    static const char *const bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25",
                                         "0.5",   "1",    "2.5",   "5",    "+Inf"};
    static const char *const gauges[] = {"up",
                                         "process_cpu_seconds_total",
                                         "container_cpu_limit_cores",
                                         "process_resident_memory_bytes",
                                         "container_memory_limit_bytes",
                                         "http_request_duration_seconds_count"};
    for (int c = 0; c < CODES; c++)
        *series++ = add(p, "http_requests_total", service, "code", codes[c]);
    for (int b = 0; b < BOUNDS; b++)
        *series++ = add(p, "http_request_duration_seconds_bucket", service, "le", bounds[b]);
    for (size_t g = 0; g < ARRAY_LEN(gauges); g++)
        *series++ = add(p, gauges[g], service, "pod", "0");
}

/* Of these kinds in turn, each with a window and a limit of its own. */
static const char *const kinds[KINDS] = {
    "  - {alert: Errors%d, expr: 'sum by (service) (rate(http_requests_total{code=~\"5..\"}[%ds]))"
    " / sum by (service) (rate(http_requests_total[%ds])) > 0.%d', for: 10s}\n",
    "  - {record: 'service:rate:r%d', expr: 'sum by (service) (rate(http_requests_total[%ds]))"
    " + 0 * %d * 0.%d'}\n",
    "  - {alert: Slow%d, expr: 'histogram_quantile(0.9, sum by (service, le) ("
    "rate(http_request_duration_seconds_bucket[%ds]))) > %d.%d'}\n",
    "  - {alert: Cpu%d, expr: 'rate(process_cpu_seconds_total[%ds])"
    " / on (service) container_cpu_limit_cores > %d.%d'}\n",
    "  - {alert: Memory%d, expr: 'avg_over_time(process_resident_memory_bytes[%ds])"
    " / on (service) container_memory_limit_bytes > %d.%d'}\n",
    "  - {alert: Down%d, expr: 'min_over_time(up[%ds]) * %d.%d == 0', for: 1m}\n",
    "  - {alert: Gone%d, expr: 'absent(up{service=\"service-%d\"}) * %d.%d'}\n",
    "  - {record: 'job:rate:r%d', expr: 'sum by (job) (rate(http_requests_total[%ds])) + 0 * "
    "%d.%d'}\n",
};

static size_t write_rules(char *out, size_t size, int rules) {
    size_t len = (size_t)snprintf(out, size, "groups:\n- name: wide\n  rules:\n");
    for (int r = 0; r < rules && len < size; r++) {
        int window = 5 + r % 7 * 10;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        len += (size_t)snprintf(out + len, size - len, kinds[r % KINDS], r, window, window,
                                10 + r % 80);
#pragma GCC diagnostic pop
    }
    return len;
}

/* Every tenth service fails, is slow and busy, so that alerts live. */
static double value_of(int service, int of, int64_t t) {
    bool bad = service % 10 == 0;
    if (of < CODES) return (double)(t * (of == 0 ? 10 : bad ? 2 : 0));
    if (of < CODES + BOUNDS) return (double)(t * (of - CODES + (bad ? 0 : 5)));
    return of == CODES + BOUNDS ? 1 : (double)(t + of);
}

int main(int argc, char **argv) {
    int64_t seconds = argc > 1 ? atoll(argv[1]) : 120, append_ns = 0, rules_ns = 0;
    int services = argc > 2 ? atoi(argv[2]) : 1000, rules = argc > 3 ? atoi(argv[3]) : 200;
    static char text[1 << 18];
    static struct diags diags;
    uint32_t count = (uint32_t)services * PER_SERVICE;
    const struct prom_options options = {.series_max = count + 3 * (uint32_t)(services * rules) / 2,
                                         .samples_per_series = 120,
                                         .lookback_ms = 300000,
                                         .rules_max = (uint32_t)rules + 2};
    struct arena arena;
    arena_open(&arena);
    struct prom *p = prom_open(&arena, &options);
    uint32_t *series = ARENA_NEW(&arena, uint32_t, count);
    for (int s = 0; s < services; s++) add_service(p, s, series + s * PER_SERVICE);
    size_t len = write_rules(text, sizeof text, rules);
    bool loaded = prom_rules_load(p, &arena, "wide.yml", text, len, &diags);
    diag_print(&diags, stderr);
    if (!loaded) return 2;
    arena_seal(&arena);
    for (int64_t t = 0; t < seconds; t++) {
        int64_t begin = now_ns();
        for (uint32_t i = 0; i < count; i++)
            prom_append(p, series[i], t * 1000,
                        value_of((int)(i / PER_SERVICE), (int)(i % PER_SERVICE), t));
        int64_t middle = now_ns();
        prom_rules_eval(p, t * 1000, NULL, NULL);
        append_ns += middle - begin;
        rules_ns += now_ns() - middle;
    }
    printf("%d services, %u series, %d rules, %" PRId64 " s: append %.2f ms/s, rules %.2f ms/s, "
           "%.1f us a rule, %" PRIu64 " failed, %zu MiB\n",
           services, count, rules, seconds, (double)append_ns / 1e6 / (double)seconds,
           (double)rules_ns / 1e6 / (double)seconds,
           (double)rules_ns / 1e3 / (double)seconds / rules, prom_rule_failures(p),
           arena.taken >> 20);
    bool failed = prom_rule_failures(p) > 0;
    arena_close(&arena);
    return failed ? 1 : 0;
}
