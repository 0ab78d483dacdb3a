/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/html_parts.h"
#include "engine/base/diag.h"
#include "reports/forms/figures.h"

void html_text(FILE *out, const char *raw) {
    char text[2048];
    printable(text, sizeof text, raw, strlen(raw));
    for (const char *c = text; *c; c++) {
        if (strchr("<>&\"'`", *c))
            fprintf(out, "&#%d;", *c);
        else
            fputc(*c, out);
    }
}

void html_cell(FILE *out, const char *text) {
    fputs("<td>", out);
    html_text(out, text);
    fputs("</td>", out);
}

void html_figure(FILE *out, const char *text) {
    fputs("<td class=n>", out);
    html_text(out, text);
    fputs("</td>", out);
}

void html_time(FILE *out, time_ns ns) {
    char text[24];
    if (ns == TIME_NEVER || ns < 0)
        fputs("<td class=n>-</td>", out);
    else
        fprintf(out, "<td class=n data-ns=%lld>%s</td>", (long long)ns,
                figure_time(text, sizeof text, ns));
}

void html_verdict(FILE *out, enum verdict_kind kind) {
    fprintf(out, "<span class=\"verdict %s\">%s</span>", verdict_name(kind), verdict_name(kind));
}
