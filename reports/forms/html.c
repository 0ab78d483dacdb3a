/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page as a whole: what stands at its head, its parts in their order, its scripts. */
#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "reports/forms/html_parts.h"
#include "reports/forms/naming.h"

static void head(FILE *out, const struct report *report) {
    fputs("<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
          "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
          "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
          "<meta name=color-scheme content=\"light dark\">\n"
          "<link rel=icon href=\"data:,\">\n<title>firedrill: ",
          out);
    fprintf(out, "%s, %u run%s</title>\n<style>\n", verdict_name(report->kind), report->run_count,
            plural(report->run_count));
    fputs(page_page_css, out);
    fputs("</style>\n</head>\n", out);
}

static void navigation(FILE *out, const struct report *report) {
    fputs("<nav aria-label=Runs><details><summary>Go to a run</summary><ol>\n", out);
    for (uint32_t r = 0; r < report->run_count; r++) {
        char title[256];
        fprintf(out, "<li><a href=\"#run-%u\">", r + 1);
        html_text(out, run_title(title, sizeof title, &report->runs[r]));
        fputs("</a> ", out);
        html_verdict(out, report->runs[r].verdict->kind);
        fputs("</li>\n", out);
    }
    fputs("</ol></details></nav>\n", out);
}

static void banner(FILE *out, const struct report *report) {
    fputs("<a class=skip href=\"#main\">Skip to the report</a>\n<header>\n<h1>firedrill ", out);
    html_verdict(out, report->kind);
    fprintf(out,
            "</h1>\n<p>%u passed, %u failed, %u inconclusive; %u violation%s, in %u run%s.</p>\n"
            "<button type=button id=theme aria-pressed=false hidden>Dark</button>\n",
            report->passed, report->failed, report->inconclusive, report->violations,
            plural(report->violations), report->run_count, plural(report->run_count));
    navigation(out, report);
    fputs("</header>\n", out);
}

static void script(FILE *out, const char *text) {
    fputs("<script>\n", out);
    fputs(text, out);
    fputs("</script>\n", out);
}

void report_html(const struct report *report, FILE *out) {
    head(out, report);
    fputs("<body>\n", out);
    banner(out, report);
    fputs("<main id=main>\n", out);
    html_summary(out, report);
    html_figures(out, report);
    for (uint32_t r = 0; r < report->run_count; r++) html_run(out, &report->runs[r], r + 1);
    fputs(
        "</main>\n<footer><p>Times are simulated. Every figure is the one that the other forms of "
        "the report give.</p></footer>\n",
        out);
    script(out, page_theme_js);
    script(out, page_topology_js);
    script(out, page_timeline_js);
    script(out, page_player_js);
    fputs("</body>\n</html>\n", out);
}
