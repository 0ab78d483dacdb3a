/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks on the page: of all runs how long was waited, of each run per lock, scope and engine, and
 * who waited for whom. */
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/html_parts.h"
#include "reports/forms/text_parts.h"
#include "reports/spans.h"
#include <stdlib.h>

/* How long each grant had been waited for: 0 for those that came at once. */
static void add_waits(const struct report_run *run, time_ns *waits, size_t *count, size_t room) {
    struct spans spans = spans_of(run);
    for (uint32_t k = 0; k < spans.count; k++) {
        const struct span *held = &spans.list[k];
        time_ns waited = 0;
        if (held->kind != SPAN_held) continue;
        for (uint32_t w = 0; w < spans.count; w++) {
            const struct span *wait = &spans.list[w];
            if (wait->kind == SPAN_wait && wait->lane == held->lane && !wait->open &&
                ID_EQ(wait->op, held->op) && wait->to == held->from)
                waited = wait->to - wait->from;
        }
        if (*count < room) waits[(*count)++] = waited;
    }
    spans_free(&spans);
}

void html_lock_waits(FILE *out, const struct report *report) {
    size_t room = 1, count = 0;
    int64_t requests = 0, timeouts = 0;
    char proof[320];
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct lock_figures *all = &report->runs[r].contention.total;
        room += (size_t)all->grants;
        requests += all->requests;
        timeouts += all->timeouts;
    }
    time_ns *waits = malloc(room * sizeof *waits);
    ASSERT(waits != NULL);
    for (uint32_t r = 0; r < report->run_count; r++)
        add_waits(&report->runs[r], waits, &count, room);
    fprintf(
        out,
        "<section aria-labelledby=locks><h2 id=locks>Locks</h2>\n<p>%lld asked for, %zu granted, "
        "%lld timeouts; ",
        (long long)requests, count, (long long)timeouts);
    text_waits_for(report, proof, sizeof proof);
    html_text(out, proof);
    fputs(".</p>\n", out);
    html_histogram(out, "Waits of granted locks", "lock-distribution", waits, count);
    fputs("</section>\n", out);
    free(waits);
}

/* ---- of a run ---- */

/* An engine has no queue of its own, and is not held. */
static void lock_row(FILE *out, const struct lock_figures *x, bool of_locks) {
    char share[24];
    fputs("<tr><th scope=row>", out);
    html_text(out, x->label);
    fprintf(out, "</th><td class=n>%lld</td><td class=n>%lld</td>", (long long)x->requests,
            (long long)x->grants);
    fprintf(out, "<td class=n>%lld</td><td class=n>%lld</td><td class=n>%lld</td>",
            (long long)x->timeouts, (long long)x->refused, (long long)x->lost);
    if (of_locks)
        fprintf(out, "<td class=n>%lld</td>", (long long)x->queue_max);
    else
        fputs("<td class=n>-</td>", out);
    html_time(out, x->wait.p50.value);
    html_time(out, x->wait.p95.value);
    html_time(out, x->wait.p99.value);
    html_time(out, x->wait.max);
    html_time(out, x->hold.p50.value);
    html_time(out, x->hold.p95.value);
    html_time(out, x->hold.p99.value);
    html_time(out, x->hold.max);
    html_figure(out, of_locks ? figure_share(share, sizeof share, x->utilisation_ppm) : "-");
    fputs("</tr>\n", out);
}

static void lock_table(FILE *out, const struct contention *c) {
    static const char *const columns[] = {"lock",     "asked",    "granted",  "timeouts",
                                          "refused",  "lost",     "queue",    "wait p50",
                                          "wait p95", "wait p99", "wait max", "hold p50",
                                          "hold p95", "hold p99", "hold max", "in use"};
    fputs("<div class=scroll tabindex=0 role=region aria-label=Locks><table "
          "class=locks><thead><tr>",
          out);
    for (size_t k = 0; k < ARRAY_LEN(columns); k++)
        fprintf(out, "<th scope=col>%s</th>", columns[k]);
    fputs("</tr></thead><tbody>\n", out);
    for (uint32_t k = 0; k < c->count; k++) lock_row(out, &c->list[k], true);
    for (uint32_t k = 0; k < c->scope_count && c->scope_count < c->count; k++)
        lock_row(out, &c->scopes[k], true);
    for (uint32_t k = 0; k < c->engine_count; k++) lock_row(out, &c->engines[k], false);
    fputs("</tbody></table></div>\n", out);
}

static void waits_table(FILE *out, const struct report_run *run) {
    const struct waits_for *g = &run->contention.graph;
    if (g->edge_count == 0) return;
    fputs("<div class=scroll><table class=waits><caption>Who waited for whom</caption><thead><tr>"
          "<th scope=col>waits</th><th scope=col>for</th><th scope=col></th><th "
          "scope=col>lock</th><th scope=col>from</th><th scope=col>to</th></tr></thead><tbody>\n",
          out);
    for (uint32_t k = 0; k < g->edge_count; k++) {
        const struct wait_edge *e = &g->edges[k];
        char label[LOCK_LABEL];
        fprintf(out, "<tr><th scope=row>%s</th>", op_label(label, e->waiter));
        html_cell(out, op_label(label, e->holder));
        html_cell(out, e->behind ? "behind it in the queue" : "which holds it");
        html_cell(out, lock_label(label, run->facts, e->scope, e->name));
        html_time(out, e->from);
        html_time(out, e->open ? TIME_NEVER : e->to);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

void html_locks(FILE *out, const struct report_run *run) {
    const struct contention *c = &run->contention;
    if (c->count == 0) return;
    fputs("<details><summary>Locks</summary>\n", out);
    lock_table(out, c);
    waits_table(out, run);
    fprintf(out,
            "<p>Waits-for graph: %lld edges, %lld cycles; %s the %u shapes it had. Queue L "
            "%lld.%03lld, lambda W %lld.%03lld.</p></details>\n",
            (long long)c->wait_edges, (long long)c->cycles,
            c->acyclic ? "proven by an order of" : "NOT proven by an order of",
            c->graph.shape_count, (long long)(c->total.queue_mean_ppm / PPM_ONE),
            (long long)(c->total.queue_mean_ppm % PPM_ONE / 1000),
            (long long)(c->total.little_ppm / PPM_ONE),
            (long long)(c->total.little_ppm % PPM_ONE / 1000));
}
