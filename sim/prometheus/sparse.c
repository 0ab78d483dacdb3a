/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/sparse.h"

#include <inttypes.h>

/* They compare samples: of one alone they make nothing. */
static bool needs_two(const char *function) {
    static const char *const names[] = {
        "rate",   "irate", "increase",       "delta",
        "idelta", "deriv", "predict_linear", "double_exponential_smoothing"};
    for (size_t k = 0; k < ARRAY_LEN(names); k++)
        if (strcmp(function, names[k]) == 0) return true;
    return false;
}

static void seconds(char *out, size_t size, int64_t ms) {
    if (ms % 1000 == 0)
        snprintf(out, size, "%" PRId64 "s", ms / 1000);
    else
        snprintf(out, size, "%" PRId64 "ms", ms);
}

static void look(const struct node *call, const struct node *range, int64_t scrape_ms,
                 struct diags *found) {
    int64_t window_ms = range->as.selector.range_ms;
    const char *metric = range->as.selector.metric;
    char window[32], apart[32], enough[32];
    if (window_ms >= 2 * scrape_ms) return;
    if (metric && strchr(metric, ':')) return; /* written by a rule, not scraped */
    seconds(window, sizeof window, window_ms);
    seconds(apart, sizeof apart, scrape_ms);
    seconds(enough, sizeof enough, 4 * scrape_ms);
    bool never = window_ms <= scrape_ms;
    diag_warning(found, "", call->line, call->column,
                 "%s over %s sees %s at %s scrapes: %s; a window of four scrapes, %s, bears a lost "
                 "one",
                 call->as.call.name, window,
                 never ? "at most one sample" : "two samples only now and then", apart,
                 never ? "it has no value, and an alert on it will never fire"
                       : "it has a value only then, and an alert on it comes and goes",
                 enough);
}

void sparse_ranges(const struct node *node, int64_t scrape_ms, struct diags *found) {
    const struct node *child;
    for (uint32_t n = 0; (child = node_child(node, n)) != NULL; n++) {
        bool range = child->kind == NODE_SELECTOR && child->as.selector.range_ms > 0;
        if (range && node->kind == NODE_CALL && needs_two(node->as.call.name))
            look(node, child, scrape_ms, found);
        sparse_ranges(child, scrape_ms, found);
    }
}
