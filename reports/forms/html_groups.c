/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What adds up over runs, on the page: time to repair by what incidents have in common, and the
 * indicators with the incidents that made them. */
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/html_parts.h"
#include "reports/groups.h"

/* ---- time to repair ---- */

static void group(FILE *out, enum grouping by, const struct mttr_group *g) {
    const struct distribution *d = &g->mttr.repaired;
    bool repaired = d->count > 0;
    char text[24];
    fprintf(out, "<tr><td>%s</td><th scope=row>", grouping_name(by));
    html_text(out, g->name);
    fprintf(out,
            "</th><td class=n>%u</td><td class=n>%u</td><td class=n>%u</td><td class=n>%u</td>",
            g->mttr.incidents, d->count, g->mttr.escalated, g->mttr.unresolved);
    html_time(out, repaired ? d->mean.value : TIME_NEVER);
    html_time(out, repaired ? d->p50.value : TIME_NEVER);
    html_time(out, repaired ? d->p95.value : TIME_NEVER);
    html_time(out, repaired ? d->p99.value : TIME_NEVER);
    html_time(out, g->survival.p50.value);
    fprintf(out, "<td class=n>%lld</td>", (long long)g->mttr.failed);
    html_figure(out, figure_budget(text, sizeof text, g->mttr.budget_ppm));
    fprintf(out, "<td class=n>%lld</td></tr>\n", (long long)g->mttr.pages);
}

void html_groups(FILE *out, const struct report *report) {
    fputs("<details><summary>By scenario, fault, service and engine</summary><div class=scroll "
          "tabindex=0 role=region aria-label=\"Time to repair by group\"><table "
          "id=groups><thead><tr><th scope=col>by</th><th scope=col>group</th><th "
          "scope=col>incidents</th><th scope=col>repaired</th><th scope=col>with a person</th><th "
          "scope=col>unresolved</th><th scope=col>mean</th><th scope=col>p50</th><th "
          "scope=col>p95</th><th scope=col>p99</th><th scope=col>p50 of all</th><th "
          "scope=col>failed requests</th><th scope=col>of a day's budget</th><th "
          "scope=col>pages</th></tr></thead><tbody>\n",
          out);
    for (int by = 0; by < GROUPING_COUNT; by++) {
        struct mttr_groups all = groups_of(report, (enum grouping)by);
        for (uint32_t k = 0; k < all.count; k++) group(out, (enum grouping)by, &all.list[k]);
        groups_free(&all);
    }
    fputs("</tbody></table></div></details>\n", out);
}

/* ---- indicators ---- */

static void parts(FILE *out, const struct report *report, enum indicator which) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < report->part_count; k++) {
        const struct indicator_part *p = &report->parts[k];
        const struct verdict *v = report->runs[p->run].verdict;
        if (p->which != which) continue;
        fputs(count++ == 0 ? "<details><summary>which</summary><ul>" : "", out);
        fprintf(out, "<li><a href=\"#run-%u\">", p->run + 1);
        html_text(out, v->scenario);
        fputs("</a> ", out);
        if (p->incident >= 0) html_text(out, v->list[p->incident].incident.name);
        fprintf(out, " %lld/%lld</li>", (long long)p->share.part, (long long)p->share.whole);
    }
    fputs(count > 0 ? "</ul></details>" : "", out);
}

static void indicator(FILE *out, const struct report *report, enum indicator which) {
    const struct share *s = &report->indicators.of[which];
    bool any = s->whole > 0;
    char text[48];
    int64_t low, high;
    indicator_interval(s, &low, &high);
    fprintf(out, "<tr><th scope=row>%s</th>", indicator_name(which));
    html_figure(out,
                any ? figure_share(text, sizeof text, muldiv(s->part, PPM_ONE, s->whole)) : "-");
    snprintf(text, sizeof text, "%lld/%lld", (long long)s->part, (long long)s->whole);
    html_figure(out, text);
    html_figure(out, any ? figure_share(text, sizeof text, low) : "-");
    html_figure(out, any ? figure_share(text, sizeof text, high) : "-");
    html_cell(out, indicator_target(which));
    html_cell(out, indicator_formula(which));
    fputs("<td>", out);
    parts(out, report, which);
    fputs("</td></tr>\n", out);
}

void html_indicators(FILE *out, const struct report *report) {
    fputs(
        "<section aria-labelledby=indicators><h2 id=indicators>Indicators</h2>\n<div class=scroll "
        "tabindex=0 role=region aria-label=Indicators><table id=indicator-table><thead><tr><th "
        "scope=col>indicator</th><th scope=col>figure</th><th scope=col>of</th><th scope=col>95% "
        "from</th><th scope=col>to</th><th scope=col>target</th><th scope=col>formula</th><th "
        "scope=col>made by</th></tr></thead><tbody>\n",
        out);
    for (int k = 0; k < INDICATOR_COUNT; k++) indicator(out, report, (enum indicator)k);
    fputs("</tbody></table></div></section>\n", out);
}
