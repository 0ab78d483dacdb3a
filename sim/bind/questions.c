/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/bind/bind.h"

#include "engine/base/check.h"
#include "engine/base/text.h"

#include "sim/world/app.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * Every question of words.def as a PromQL expression over the simulated services' metric names, or
 * as the policy words it,
 * parsed once; service and revision are placed into its matchers when it is asked. Own failures are
 * statuses 500 and 503; 502 and 504 say that a callee failed (RFC 9110, section 15.6: bad gateway,
 * gateway timeout).
 */

/* What the policy's figures stand for; its own queries use the same. */
#define WINDOW     "$window"
#define BUDGET     "$budget_window"
#define MEMORY     "$memory_window"
#define ASKED      "$asked_window" /* of a question whose window is one of several */
#define SLOW       "$slow_bucket"  /* of the latency limit */
#define OWN        ",code=~\"500|503\""
#define FAILED     ",code=~\"5..\""
#define SCRAPED    "instance=\"\"" /* and no profile's view of it */
#define OF_SERVICE "service=\"$service\"," SCRAPED
#define WHO        OF_SERVICE ",revision=\"$revision\""
#define RATE(more) "sum(rate(http_requests_total{" WHO more "}[" WINDOW "]))"
#define QUANTILE(q)                                                                                \
    "histogram_quantile(" q ", sum by (le) (rate(http_request_duration_seconds_bucket{" WHO        \
    "}[" WINDOW "])))"

#define POD_RATE(more) "sum by (pod) (rate(http_requests_total{" WHO more "}[" WINDOW "]))"
#define POD_ERRORS     "(" POD_RATE(OWN) " / (" POD_RATE("") " > 0))"
#define POD_P95                                                                                    \
    "histogram_quantile(0.95, sum by (le, pod) (rate(http_request_duration_seconds_bucket{" WHO    \
    "}[" WINDOW "])))"

static const char *const expressions[QUERY_COUNT] = {
    [QUERY_POD_WORST] = "topk(1, " POD_ERRORS ")",
    [QUERY_POD_NEXT] = "bottomk(1, topk(2, " POD_ERRORS "))",
    [QUERY_POD_SLOWEST] = "topk(1, " POD_P95 ")",
    [QUERY_POD_NEXT_SLOWEST] = "bottomk(1, topk(2, " POD_P95 "))",
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
    [QUERY_BAD_SHARE] = "sum(increase(http_requests_total{" OF_SERVICE FAILED "}[" ASKED
                        "])) / sum(increase(http_requests_total{" OF_SERVICE "}[" ASKED "]))",
    [QUERY_SLOW_SHARE] =
        "1 - sum(increase(http_request_duration_seconds_bucket{" OF_SERVICE ",le=\"" SLOW
        "\"}[" ASKED "])) / sum(increase(http_request_duration_seconds_count{" OF_SERVICE "}[" ASKED
        "]))",
    [QUERY_CALLER_TIMEOUTS] =
        "sum(rate(http_client_requests_total{callee=\"$service\",outcome=\"timeout\"," SCRAPED
        "}[" WINDOW "])) / sum(rate(http_client_requests_total{callee=\"$service\"," SCRAPED
        "}[" WINDOW "]))",
};

#define WINDOWS_MAX 64
struct windowed {
    time_ns window_ns;
    struct prom_expr *bad, *slow;
};
struct questions {
    const struct topology *topology;
    struct prom_expr *asked[QUERY_COUNT];
    uint32_t window_count;
    struct windowed windows[WINDOWS_MAX];
};

#define TEXT_MAX_BYTES 8192
struct figure {
    const char *name;
    char text[32];
};

static void write_window(struct figure *figure, time_ns window) {
    snprintf(figure->text, sizeof figure->text, "%lldms", (long long)(window / NS_PER_MS));
}

/* The text with each figure's name replaced; "" when it is too long. */
static const char *expand(struct arena *arena, const char *pattern, size_t pattern_len,
                          const struct eng_config *config, time_ns asked) {
    struct figure figures[] = {
        {.name = WINDOW}, {.name = BUDGET}, {.name = MEMORY}, {.name = SLOW}, {.name = ASKED}};
    char out[TEXT_MAX_BYTES];
    struct writer w = writer_of(out, sizeof out);
    write_window(&figures[0], config->detection.rate_window_ns);
    write_window(&figures[1], config->gates.budget_window_ns);
    write_window(&figures[2], config->canary.memory_window_ns);
    snprintf(figures[3].text, sizeof figures[3].text, "%s",
             app_metrics_bucket(config->detection.latency_limit_micro * 1000));
    write_window(&figures[4], asked);
    for (size_t at = 0; at < pattern_len;) {
        size_t k = 0;
        while (k < ARRAY_LEN(figures) &&
               strncmp(pattern + at, figures[k].name, strlen(figures[k].name)) != 0)
            k++;
        if (k < ARRAY_LEN(figures))
            write_text(&w, figures[k].text);
        else
            write_bytes(&w, pattern + at, 1);
        at += k < ARRAY_LEN(figures) ? strlen(figures[k].name) : 1;
    }
    return w.overflow ? "" : arena_text(arena, out, w.len);
}

static struct prom_expr *own_words(struct arena *arena, const struct eng_config *config,
                                   const struct bind_query *q, time_ns asked, struct diags *diags) {
    const char *text = expand(arena, q->text, q->len, config, asked);
    if (!*text) {
        diag_error(diags, q->file, q->line, q->column, "the query is longer than %d bytes",
                   TEXT_MAX_BYTES);
        return NULL;
    }
    struct prom_expr *e = prom_parse(arena, q->file, q->line, q->column, text, strlen(text), diags);
    enum prom_type type = e ? prom_expr_type(e) : PROM_VECTOR;
    if (type == PROM_VECTOR || type == PROM_SCALAR) return e;
    diag_error(diags, q->file, q->line, q->column,
               "%s has to be a number: a scalar, or a vector of one", query_name(q->query));
    return NULL;
}

/* "$servce" would be a label's value, which none has. */
static void unknown_places(const struct bind_query *q, struct diags *diags) {
    static const char *const known[] = {"service",       "revision",      "window",
                                        "budget_window", "memory_window", "asked_window",
                                        "slow_bucket"};
    for (size_t at = 0; at < q->len; at++) {
        if (q->text[at] != '$') continue;
        const char *name = q->text + at + 1;
        size_t len = 0, k = 0;
        while (at + 1 + len < q->len &&
               ((name[len] >= 'a' && name[len] <= 'z') || name[len] == '_'))
            len++;
        while (k < ARRAY_LEN(known) &&
               (strlen(known[k]) != len || memcmp(known[k], name, len) != 0))
            k++;
        char before = at > 0 ? q->text[at - 1] : ' ',
             after = at + 1 + len < q->len ? name[len] : ' ';
        if (len > 0 && k == ARRAY_LEN(known))
            diag_warning(diags, q->file, q->line, q->column, "$%.*s stands for nothing",
                         (int)(len < 60 ? len : 60), name);
        else if (len > 0 && k < 2 && (before != after || (before != '"' && before != '\'')))
            diag_warning(diags, q->file, q->line, q->column,
                         "$%s stands for something as a matcher's whole value only", known[k]);
    }
}

bool questions_check(struct arena *arena, const struct eng_config *config,
                     const struct bind_query *queries, uint32_t count, struct diags *diags) {
    bool good = true;
    for (uint32_t k = 0; k < count; k++)
        if (own_words(arena, config, &queries[k], NS_PER_MIN, diags))
            unknown_places(&queries[k], diags);
        else
            good = false;
    return good;
}

/* As the policy words it, or as it stands above. */
static struct prom_expr *parse(struct arena *arena, const struct bind_options *options,
                               enum query_kind query, time_ns asked, struct diags *diags) {
    for (uint32_t k = 0; k < options->query_count; k++)
        if (options->queries[k].query == query)
            return own_words(arena, options->config, &options->queries[k], asked, diags);
    const char *pattern = expressions[query];
    const char *text = expand(arena, pattern, strlen(pattern), options->config, asked);
    return prom_parse(arena, query_name(query), 1, 1, text, strlen(text), diags);
}

/* What finds no place has no answer, and so passes no gate. */
static void add_window(struct questions *q, struct arena *arena, const struct bind_options *options,
                       time_ns window, struct diags *diags) {
    for (uint32_t k = 0; k < q->window_count; k++)
        if (q->windows[k].window_ns == window) return;
    if (q->window_count == WINDOWS_MAX) return;
    q->windows[q->window_count++] =
        (struct windowed){window, parse(arena, options, QUERY_BAD_SHARE, window, diags),
                          parse(arena, options, QUERY_SLOW_SHARE, window, diags)};
}

/* Of objectives, and of how fast their budgets are burnt. */
static void add_windows(struct questions *q, struct arena *arena,
                        const struct bind_options *options, struct diags *diags) {
    const struct eng_config *config = options->config;
    for (uint32_t k = 0; config->slos && k < config->gates.burn_count; k++) {
        add_window(q, arena, options, config->gates.burn[k].long_ns, diags);
        add_window(q, arena, options, config->gates.burn[k].short_ns, diags);
    }
    for (uint32_t s = 0; config->slos && s < q->topology->service_count; s++)
        if (config->slos[s].objective_ppm > 0)
            add_window(q, arena, options, config->slos[s].window_ns, diags);
}

static struct prom_expr *expression_of(const struct questions *q, const struct eff_query *query) {
    if (query->query != QUERY_BAD_SHARE && query->query != QUERY_SLOW_SHARE)
        return q->asked[query->query];
    for (uint32_t k = 0; k < q->window_count; k++)
        if (q->windows[k].window_ns == query->window_ns)
            return query->query == QUERY_BAD_SHARE ? q->windows[k].bad : q->windows[k].slow;
    return NULL;
}

struct questions *questions_open(struct arena *arena, const struct bind_options *options,
                                 struct diags *diags) {
    struct questions *q = ARENA_NEW(arena, struct questions, 1);
    q->topology = options->plan->topology;
    for (int k = 0; k < QUERY_COUNT; k++) {
        q->asked[k] = parse(arena, options, (enum query_kind)k, NS_PER_MIN, diags);
        if (!q->asked[k]) return NULL;
    }
    add_windows(q, arena, options, diags);
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

/* Pods are called SERVICE-rREVISION-PLACE; the place is their number. */
static int64_t number_of_pod(const char *pod) {
    const char *place = pod ? strrchr(pod, '-') : NULL;
    if (!place || place[1] < '0' || place[1] > '9') return -1;
    return strtol(place + 1, NULL, 10);
}

void questions_answer(struct questions *q, struct prom *prom, int64_t now_ms,
                      const struct eff_query *query, struct in_query_result *out) {
    ASSERT(query->query >= 0 && query->query < QUERY_COUNT);
    ASSERT(query->service.v < q->topology->service_count);
    *out = (struct in_query_result){.request = query->request,
                                    .query = query->query,
                                    .service = query->service,
                                    .revision = query->revision,
                                    .kind = VALUE_NONE,
                                    .pod = -1};
    char revision[24];
    snprintf(revision, sizeof revision, "r%u", query->revision.v);
    struct prom_expr *asked = expression_of(q, query);
    bool placed =
        asked &&
        prom_place(prom, asked, "$service", q->topology->services[query->service.v].name) &&
        prom_place(prom, asked, "$revision", query->revision.v != 0 ? revision : NULL);
    int64_t at_ms = now_ms - query->offset_ns / NS_PER_MS;
    bool of_a_pod = query->query >= QUERY_POD_WORST && query->query <= QUERY_POD_NEXT_SLOWEST;
    const char *pod = NULL;
    double value;
    if (placed && (of_a_pod ? prom_eval_labelled(prom, asked, at_ms, "pod", &value, &pod)
                            : prom_eval_number(prom, asked, at_ms, &value)))
        to_micro(value, out);
    out->pod = number_of_pod(pod);
}
