/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/bind/bind.h"

#include "engine/base/check.h"

#include "sim/world/app.h"

#include <stdio.h>

/*
 * Every question of words.def as a PromQL expression over the simulated services' metric names,
 * parsed once; service and revision are placed into its matchers when it is asked. Own failures are
 * statuses 500 and 503; 502 and 504 say that a callee failed (RFC 9110, section 15.6: bad gateway,
 * gateway timeout).
 */

#define WINDOW     "\x01" /* stands for the rate window where the table is written */
#define BUDGET     "\x02" /* and for the error budget's */
#define MEMORY     "\x03" /* the memory window */
#define SLOW       "\x04" /* the bucket of the latency limit */
#define OWN        ",code=~\"500|503\""
#define FAILED     ",code=~\"5..\""
#define SCRAPED    "instance=\"\"" /* and no profile's view of it */
#define OF_SERVICE "service=\"$service\"," SCRAPED
#define WHO        OF_SERVICE ",revision=\"$revision\""
#define RATE(more) "sum(rate(http_requests_total{" WHO more "}[" WINDOW "]))"
#define QUANTILE(q)                                                                                \
    "histogram_quantile(" q ", sum by (le) (rate(http_request_duration_seconds_bucket{" WHO        \
    "}[" WINDOW "])))"

static const char *const expressions[QUERY_COUNT] = {
    [QUERY_ERROR_SHARE] = RATE(FAILED) " / " RATE(""),
    [QUERY_OWN_ERROR_SHARE] = RATE(OWN) " / " RATE(""),
    [QUERY_REQUEST_RATE] = RATE(""),
    [QUERY_SLOW_REQUESTS] =
        "sum(http_request_duration_seconds_count{" WHO
        "}) - sum(http_request_duration_seconds_bucket{" WHO ",le=\"" SLOW "\"})",
    [QUERY_FAILURES] = "sum(http_requests_total{" WHO FAILED "})",
    [QUERY_ABANDONED] = "sum(http_requests_abandoned_total{" WHO "})",
    [QUERY_IN_FLIGHT] = "sum(http_requests_in_flight{" WHO "})",
    [QUERY_IN_FLIGHT_AGE] =
        "sum(http_requests_in_flight_seconds{" WHO "}) / sum(http_requests_in_flight{" WHO "})",
    [QUERY_MEMORY_FLOOR] = "sum(min_over_time(process_resident_memory_bytes{" WHO "}[" MEMORY
                           "])) / sum(container_memory_limit_bytes{" WHO "})",
    [QUERY_PODS_LOST] = "sum(1 - up{" OF_SERVICE "})",
    [QUERY_REQUESTS] = "sum(http_requests_total{" WHO "})",
    [QUERY_OWN_ERRORS] = "sum(http_requests_total{" WHO OWN "})",
    [QUERY_LATENCY_P95] = QUANTILE("0.95"),
    [QUERY_LATENCY_P99] = QUANTILE("0.99"),
    [QUERY_CPU_SHARE] = "sum(rate(process_cpu_seconds_total{" WHO "}[" WINDOW
                        "])) / sum(container_cpu_limit_cores{" WHO "})",
    [QUERY_MEMORY_SHARE] =
        "sum(process_resident_memory_bytes{" WHO "}) / sum(container_memory_limit_bytes{" WHO "})",
    [QUERY_MEMORY_SLOPE] = "sum(deriv(process_resident_memory_bytes{" WHO "}[" WINDOW
                           "])) * 3600 / sum(container_memory_limit_bytes{" WHO "})",
    [QUERY_DISK_SHARE] = "max(container_disk_used_ratio{" OF_SERVICE "})",
    [QUERY_PODS_UP] = "sum(up{" OF_SERVICE "})",
    [QUERY_BUDGET_REQUESTS] = "sum(increase(http_requests_total{" OF_SERVICE "}[" BUDGET "]))",
    [QUERY_BUDGET_ERRORS] = "sum(increase(http_requests_total{" OF_SERVICE FAILED "}[" BUDGET "]))",
    [QUERY_CALLER_TIMEOUTS] =
        "sum(rate(http_client_requests_total{callee=\"$service\",outcome=\"timeout\"," SCRAPED
        "}[" WINDOW "])) / sum(rate(http_client_requests_total{callee=\"$service\"," SCRAPED
        "}[" WINDOW "]))",
};

struct questions {
    const struct topology *topology;
    struct prom_expr *asked[QUERY_COUNT];
};

static size_t write_window(char *out, size_t size, time_ns window) {
    return (size_t)snprintf(out, size, "%lldms", (long long)(window / NS_PER_MS));
}

static size_t expand(char *out, size_t size, const char *pattern, const struct eng_config *config) {
    size_t len = 0;
    for (; *pattern && len + 32 < size; pattern++) {
        char *to = out + len;
        size_t left = size - len;
        switch (*pattern) {
        case '\x01': len += write_window(to, left, config->detection.rate_window_ns); break;
        case '\x02': len += write_window(to, left, config->gates.budget_window_ns); break;
        case '\x03': len += write_window(to, left, config->canary.memory_window_ns); break;
        case '\x04':
            len += (size_t)snprintf(
                to, left, "%s", app_metrics_bucket(config->detection.latency_limit_micro * 1000));
            break;
        default: out[len++] = *pattern; break;
        }
    }
    out[len] = '\0';
    return len;
}

struct questions *questions_open(struct arena *arena, struct prom *prom, const struct plan *plan,
                                 const struct eng_config *config, struct diags *diags) {
    (void)prom;
    struct questions *q = ARENA_NEW(arena, struct questions, 1);
    q->topology = plan->topology;
    for (int k = 0; k < QUERY_COUNT; k++) {
        char text[1024];
        size_t len = expand(text, sizeof text, expressions[k], config);
        q->asked[k] =
            prom_parse(arena, query_name(k), 1, 1, arena_text(arena, text, len), len, diags);
        if (!q->asked[k]) return NULL;
    }
    return q;
}

/* Millionths, half away from zero; what does not fit is as good as infinite. */
static void to_micro(double value, struct in_query_result *out) {
    if (value != value) {
        out->kind = VALUE_NAN;
        return;
    }
    double micro = value * 1e6;
    if (micro >= 9e18)
        out->kind = VALUE_PLUS_INF;
    else if (micro <= -9e18)
        out->kind = VALUE_MINUS_INF;
    else {
        out->kind = VALUE_NUMBER;
        out->micro = (int64_t)(micro < 0 ? micro - 0.5 : micro + 0.5);
    }
}

void questions_answer(struct questions *q, struct prom *prom, int64_t now_ms,
                      const struct eff_query *query, struct in_query_result *out) {
    ASSERT(query->query >= 0 && query->query < QUERY_COUNT);
    ASSERT(query->service.v < q->topology->service_count);
    *out = (struct in_query_result){.request = query->request,
                                    .query = query->query,
                                    .service = query->service,
                                    .revision = query->revision,
                                    .kind = VALUE_NONE};
    char revision[24];
    snprintf(revision, sizeof revision, "r%u", query->revision.v);
    struct prom_expr *asked = q->asked[query->query];
    bool placed =
        prom_place(prom, asked, "$service", q->topology->services[query->service.v].name) &&
        prom_place(prom, asked, "$revision", query->revision.v != 0 ? revision : NULL);
    double value;
    if (placed && prom_eval_number(prom, asked, now_ms - query->offset_ns / NS_PER_MS, &value))
        to_micro(value, out);
}
