/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page says of all runs together: the matrix, time to repair, locks, indicators. */
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/html_parts.h"
#include "reports/forms/naming.h"
#include "reports/spans.h"
#include <stdlib.h>

static void row(FILE *out, const struct report_run *run, uint32_t index, uint32_t i,
                struct naming naming) {
    const struct judged *j = &run->verdict->list[i];
    char text[160], number[ROW_NUMBER];
    fprintf(out, "<tr><td class=n>%s</td><th scope=row><a href=\"#run-%u\">", run_row(number, run),
            index);
    html_text(out, run->verdict->scenario);
    fputs("</a></th>", out);
    if (naming.topologies) html_cell(out, run->facts->topology);
    if (naming.seeds) fprintf(out, "<td class=n>%llu</td>", (unsigned long long)run->verdict->seed);
    html_cell(out, j->incident.name);
    html_cell(out, expected_words(text, sizeof text, j));
    html_cell(out, seen_words(text, sizeof text, j));
    html_time(out, j->mttr);
    html_time(out, run->rows[i].seen);
    fputs("<td>", out);
    html_verdict(out, j->kind);
    fputs("</td></tr>\n", out);
}

void html_summary(FILE *out, const struct report *report) {
    struct naming naming = naming_of(report);
    fprintf(out,
            "<section aria-labelledby=summary><h2 id=summary>Summary</h2>\n<div class=scroll "
            "tabindex=0 role=region aria-label=\"Summary of runs\"><table id=matrix><thead><tr>"
            "<th scope=col>#</th><th scope=col>scenario</th>%s%s<th scope=col>incident</th>"
            "<th scope=col>expected</th><th scope=col>seen</th><th scope=col>MTTR</th>"
            "<th scope=col>as seen</th><th scope=col>verdict</th></tr></thead><tbody>\n",
            naming.topologies ? "<th scope=col>topology</th>" : "",
            naming.seeds ? "<th scope=col>seed</th>" : "");
    for (uint32_t r = 0; r < report->run_count; r++)
        for (uint32_t i = 0; i < report->runs[r].verdict->count; i++)
            if (report->runs[r].verdict->list[i].expected)
                row(out, &report->runs[r], r + 1, i, naming);
    fputs("</tbody></table></div></section>\n", out);
}

/* ---- time to repair ---- */

static void estimate(FILE *out, const char *name, const struct estimate *e) {
    fprintf(out, "<tr><th scope=row>%s</th>", name);
    html_time(out, e->value);
    html_time(out, e->low);
    html_time(out, e->high);
    fputs("</tr>\n", out);
}

static void estimates(FILE *out, const struct distribution *d, const struct survival *s) {
    fputs("<div class=scroll><table id=repair-times><caption>Over repaired incidents, with 95% "
          "bootstrap intervals; of all: with those that stand (Kaplan, "
          "Meier)</caption><thead><tr><th scope=col></th><th scope=col>time</th>"
          "<th scope=col>from</th><th scope=col>to</th></tr></thead><tbody>\n",
          out);
    estimate(out, "mean", &d->mean);
    estimate(out, "p50", &d->p50);
    estimate(out, "p95", &d->p95);
    estimate(out, "p99", &d->p99);
    if (s->repaired < s->count) {
        estimate(out, "p50 of all", &s->p50);
        estimate(out, "p95 of all", &s->p95);
    }
    fputs("</tbody></table></div>\n", out);
}

static void buckets(FILE *out, const struct mttr *m) {
    time_ns all = 0, most = 1;
    for (int k = 0; k < BUCKET_COUNT; k++) {
        all += m->buckets[k];
        if (m->buckets[k] > most) most = m->buckets[k];
    }
    if (all == 0) return;
    fputs("<div class=scroll><table id=buckets><caption>Where repaired incidents spent their "
          "time</caption><thead><tr><th scope=col>in</th><th scope=col>mean</th><th "
          "scope=col>share</th><th scope=col>which is</th></tr></thead><tbody>\n",
          out);
    for (int k = 0; k < BUCKET_COUNT; k++) {
        char share[24];
        int64_t ppm = muldiv(m->buckets[k], PPM_ONE, all);
        if (m->buckets[k] == 0) continue;
        fprintf(out, "<tr><th scope=row>%s</th>", bucket_name((enum bucket)k));
        html_time(out, m->buckets[k] / m->repaired.count);
        fprintf(out, "<td class=\"n bar\" style=\"--share:%lld%%\">%s</td>",
                (long long)muldiv(m->buckets[k], 100, most),
                figure_share(share, sizeof share, ppm));
        html_cell(out, bucket_meaning((enum bucket)k));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void repair(FILE *out, const struct report *report) {
    struct mttr m;
    struct survival survival;
    char text[4][24];
    report_mttr(report, &m, &survival);
    if (m.incidents == 0) return;
    fprintf(
        out,
        "<section aria-labelledby=repair><h2 id=repair>Time to repair</h2>\n<p>%u incident%s: %u "
        "repaired, %u with a person, %u unresolved; %lld failed request%s, %lld page%s.",
        m.incidents, plural(m.incidents), m.repaired.count, m.escalated, m.unresolved,
        (long long)m.failed, plural(m.failed), (long long)m.pages, plural(m.pages));
    if (m.repaired.count > 0)
        fprintf(out, " Target %s: %s. By hand it takes %s.",
                figure_time(text[0], sizeof text[0], MTTR_TARGET_NS),
                m.repaired.mean.value < MTTR_TARGET_NS ? "met" : "missed",
                figure_time(text[1], sizeof text[1], MANUAL_NS));
    if (m.mitigated_count > 0)
        fprintf(out,
                " Users no longer saw it after %s on average; %u of %u before its cause was out.",
                figure_time(text[2], sizeof text[2], mttr_mitigated_mean(&m)), m.eased,
                m.mitigated_count);
    fputs("</p>\n<div class=columns>\n", out);
    if (m.repaired.count > 0) {
        size_t count = 0;
        time_ns *samples = malloc((m.repaired.count + 1) * sizeof *samples);
        ASSERT(samples != NULL);
        for (uint32_t r = 0; r < report->run_count; r++)
            for (uint32_t i = 0; i < report->runs[r].verdict->count; i++)
                if (report_counts(&report->runs[r], i) && report->runs[r].rows[i].repaired)
                    samples[count++] = report->runs[r].rows[i].mttr;
        ASSERT(count == m.repaired.count);
        estimates(out, &m.repaired, &survival);
        html_histogram(out, "Times to repair", "mttr-distribution", samples, count);
        free(samples);
    }
    buckets(out, &m);
    fputs("</div>\n", out);
    html_groups(out, report);
    fputs("</section>\n", out);
}

void html_figures(FILE *out, const struct report *report) {
    repair(out, report);
    html_lock_waits(out, report);
    html_indicators(out, report);
}
