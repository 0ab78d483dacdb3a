/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run's part of the page: what the scripts need to draw it, and what can be read without. */
#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "reports/forms/html_parts.h"
#include "reports/forms/naming.h"
#include "reports/forms/troubles.h"

static void title(FILE *out, const struct report_run *run, uint32_t index) {
    char text[256];
    fprintf(out, "<section class=run id=run-%u aria-labelledby=run-%u-title>\n<h2 id=run-%u-title>",
            index, index, index);
    html_text(out, run_title(text, sizeof text, run));
    fputs(" ", out);
    html_verdict(out, run->verdict->kind);
    fputs("</h2>\n", out);
}

static void troubles(FILE *out, const struct report_run *run) {
    struct trouble t;
    char text[1024];
    if (run->verdict->kind == VERDICT_PASS) return;
    fputs("<ul class=troubles>\n", out);
    for (uint32_t k = 0; trouble_at(run, k, &t); k++) {
        fputs("<li>", out);
        html_text(out, trouble_sentence(text, sizeof text, &t));
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

static void command(FILE *out, const struct report_run *run) {
    char digest[DIGEST_TEXT];
    fputs("<p class=command>", out);
    if (run->reproduce[0]) {
        fputs("<code>", out);
        html_text(out, run->reproduce);
        fputs("</code> ", out);
    }
    fprintf(out, "<small>digest %s</small></p>\n", run_digest(digest, run));
}

/* ---- where the scripts draw ---- */

static void player(FILE *out, const struct report_run *run, uint32_t index) {
    fprintf(
        out,
        "<div class=player hidden>\n"
        "<button type=button class=play aria-pressed=false>Play</button>\n"
        "<button type=button class=before aria-label=\"Event before\">&#9664;</button>\n"
        "<button type=button class=next aria-label=\"Next event\">&#9654;</button>\n"
        "<label>Time <input type=range class=cursor min=0 max=%lld step=100 value=0 "
        "aria-describedby=keys-%u></label>\n<output class=clock>00:00.000</output>\n"
        "<label>Speed <select class=speed><option value=1>1x</option><option "
        "value=5>5x</option><option value=10 selected>10x</option><option "
        "value=60>60x</option></select></label>\n"
        "<p class=keys id=keys-%u>Keys: space plays and stops, arrows move by a second, with shift "
        "to the event before or after, Home and End.</p>\n</div>\n",
        (long long)(run->facts->ends_at / NS_PER_MS), index, index);
}

static void stage(FILE *out, uint32_t index) {
    fprintf(out,
            "<div class=stage hidden>\n<div><figure class=topology><figcaption>Services: share of "
            "failed requests</figcaption><div class=drawing></div><p class=legend></p></figure>\n"
            "<section class=now aria-labelledby=now-%u><h3 id=now-%u>At the cursor</h3>"
            "<div class=state></div></section></div>\n"
            "<section class=now aria-labelledby=decided-%u><h3 id=decided-%u>The last decision "
            "before it</h3><div class=decision></div></section>\n</div>\n",
            index, index, index, index);
    fputs("<figure class=timeline hidden><figcaption>Timeline</figcaption><div class=drawing>"
          "</div></figure>\n<noscript><p>The pictures need scripts; what follows does not.</p>"
          "</noscript>\n",
          out);
}

/* ---- what can be read as it stands ---- */

static void event(void *context, time_ns at, const char *text) {
    char clock[24];
    FILE *out = context;
    fprintf(out, "<li data-t=%lld><span class=clock>%s</span> ", (long long)(at / NS_PER_US),
            figure_clock(clock, sizeof clock, at));
    html_text(out, text);
    fputs("</li>\n", out);
}

static void events(FILE *out, const struct report_run *run) {
    fputs("<details><summary>What happened, line by line</summary><ol class=events>\n", out);
    uint32_t more = timeline_each(run->facts, event, out);
    fputs("</ol>", out);
    if (more > 0) fprintf(out, "<p>And %u more.</p>", more);
    fputs("</details>\n", out);
}

static void incident(FILE *out, const struct report_run *run, uint32_t i) {
    const struct judged *j = &run->verdict->list[i];
    const struct mttr_row *m = &run->rows[i];
    char text[160];
    fputs("<tr><th scope=row>", out);
    html_text(out, j->incident.name);
    fputs("</th>", out);
    html_cell(out, real_service(j->incident.service)
                       ? facts_service(run->facts, j->incident.service)
                       : "-");
    html_cell(out, symptom_name(j->incident.symptom));
    html_cell(out, seen_words(text, sizeof text, j));
    html_time(out, j->mttr);
    html_time(out, m->mttr);
    html_time(out, m->mitigated);
    fprintf(out, "<td class=n>%lld</td>", (long long)m->failed);
    html_figure(out, figure_budget(text, sizeof text, m->budget_ppm));
    fprintf(out, "<td class=n>%lld</td>", (long long)m->pages);
    html_cell(out, j->why);
    fputs("</tr>\n", out);
}

static void incidents(FILE *out, const struct report_run *run) {
    fputs("<div class=scroll tabindex=0 role=region aria-label=Incidents><table "
          "class=incidents><thead><tr><th scope=col>incident</th><th scope=col>service</th><th "
          "scope=col>symptom</th><th scope=col>seen</th><th scope=col>MTTR</th><th "
          "scope=col>stood</th><th scope=col>mitigated</th><th scope=col>failed requests</th><th "
          "scope=col>of a day's budget</th><th scope=col>pages</th><th "
          "scope=col>why</th></tr></thead><tbody>\n",
          out);
    for (uint32_t i = 0; i < run->verdict->count; i++) incident(out, run, i);
    fputs("</tbody></table></div>\n", out);
}

void html_run(FILE *out, const struct report_run *run, uint32_t index) {
    title(out, run, index);
    troubles(out, run);
    command(out, run);
    incidents(out, run);
    player(out, run, index);
    stage(out, index);
    events(out, run);
    fputs("<details class=spans hidden><summary>The timeline as a table</summary></details>\n",
          out);
    html_locks(out, run);
    html_data(out, run);
    fputs("</section>\n", out);
}
