/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/compare_forms.h"
#include "reports/forms/markdown_parts.h"

static void figure(FILE *out, const struct compare *c, enum compared which) {
    const struct compared_figure *f = &c->of[which];
    char text[5][32];
    fprintf(out, "| %s | %s | %s | ", compared_name(which),
            compared_text(text[0], sizeof text[0], which, f->base),
            compared_text(text[1], sizeof text[1], which, f->candidate));
    if (f->known)
        fprintf(out, "%s (%s to %s) | %.3f | ",
                compared_change(text[2], sizeof text[2], which, f->candidate - f->base),
                compared_change(text[3], sizeof text[3], which, f->low),
                compared_change(text[4], sizeof text[4], which, f->high), f->adjusted);
    else
        fputs("- | - | ", out);
    fprintf(out, "%s |\n", compared_verdict(c, which));
}

void compare_markdown(const struct comparison *c, FILE *out) {
    char why[400];
    fprintf(out, "## firedrill compare: %s\n\n", comparison_holds(c) ? "pass" : "fail");
    for (uint32_t k = 0; k < c->limits->count; k++) {
        fprintf(out, "- %s ",
                markdown_mark(demand_holds(&c->limits->list[k], c->compare, why, sizeof why)
                                  ? VERDICT_PASS
                                  : VERDICT_FAIL));
        markdown_text(out, why);
        fputc('\n', out);
    }
    if (c->limits->count > 0) fputc('\n', out);
    fputs("| figure | base | candidate | change (95% interval) | p | verdict "
          "|\n|---|--:|--:|--:|--:|---|\n",
          out);
    for (int k = 0; k < COMPARED_COUNT; k++) figure(out, c->compare, (enum compared)k);
    fprintf(out, "\n%u seeds on both sides, %u incidents repaired on both; ", c->compare->seeds,
            c->compare->pairs);
    markdown_text(out, c->changed);
    fputc('\n', out);
}
