/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/figures.h"
#include "reports/forms/markdown_parts.h"
#include "reports/forms/sweep_forms.h"

#define SEEDS_SHOWN 3  /* for each scenario; all stand in the results */
#define PARTS_SHOWN 20 /* scenarios told of; a CI summary is limited in size */

static const char *mark(enum status status) {
    return status == STATUS_BUG ? "**CRASH**" : markdown_mark(run_status_verdict(status));
}

static void names(FILE *out, const struct sweep_part *part) {
    fputs("| ", out);
    markdown_text(out, part->scenario);
    fputs(" | ", out);
    markdown_text(out, part->topology);
    fputs(" | ", out);
}

/* ---- how the runs ended, and how long repair took ---- */

static void estimate(FILE *out, const struct distribution *d, const struct estimate *e) {
    char time[3][24];
    if (d->count == 0) {
        fputs("- | ", out);
        return;
    }
    fputs(figure_time(time[0], sizeof time[0], e->value), out);
    if (e->low != e->high)
        fprintf(out, " (%s to %s)", figure_time(time[1], sizeof time[1], e->low),
                figure_time(time[2], sizeof time[2], e->high));
    fputs(" | ", out);
}

static void matrix(FILE *out, const struct sweep *sweep) {
    fputs("| scenario | topology | runs | passed | failed | inconclusive | crashed | repaired | "
          "MTTR, mean | p95 | verdict |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
          out);
    for (uint32_t k = 0; k < sweep->plan->part_count; k++) {
        const struct sweep_figures *f = &sweep->parts[k];
        names(out, &sweep->plan->parts[k]);
        fprintf(out, "%u | %u | %u | %u | %u | %u of %u | ", f->runs, f->passed, f->failed,
                f->inconclusive, f->crashed, f->mttr.repaired.count, f->mttr.incidents);
        estimate(out, &f->mttr.repaired, &f->mttr.repaired.mean);
        estimate(out, &f->mttr.repaired, &f->mttr.repaired.p95);
        fprintf(out, "%s |\n", mark(sweep_figures_status(f)));
    }
    fputs("\nIn brackets: 95% bootstrap intervals over seeds.\n\n", out);
}

static void locks(FILE *out, const struct sweep *sweep) {
    uint32_t lines = 0;
    for (uint32_t k = 0; k < sweep->plan->part_count; k++) {
        const struct sweep_figures *f = &sweep->parts[k];
        if (f->lock_requests == 0) continue;
        if (lines++ == 0)
            fputs(
                "### Waiting for locks, a run\n\n| scenario | topology | asked | timeouts | mean | "
                "p95 |\n|---|---|--:|--:|--:|--:|\n",
                out);
        names(out, &sweep->plan->parts[k]);
        fprintf(out, "%lld | %lld | ", (long long)f->lock_requests, (long long)f->lock_timeouts);
        estimate(out, &f->lock_wait, &f->lock_wait.mean);
        estimate(out, &f->lock_wait, &f->lock_wait.p95);
        fputs("\n", out);
    }
    if (lines > 0) fputc('\n', out);
}

/* ---- what did not pass ---- */

static void trouble(FILE *out, const struct sweep_trouble *t) {
    fprintf(out, "Seed %llu, %s: ", (unsigned long long)t->seed, mark(t->status));
    markdown_text(out, t->why);
    fputs("\n\n", out);
    markdown_code(out, t->reproduce);
}

static void troubles(FILE *out, const struct sweep_part *part, const struct sweep_figures *f) {
    fprintf(out, "%s: ", mark(sweep_figures_status(f)));
    markdown_text(out, part->scenario);
    fputs(" on ", out);
    markdown_text(out, part->topology);
    fprintf(out, ", %u of %u runs\n\n", f->runs - f->passed, f->runs);
    for (uint32_t k = 0; k < f->trouble_count && k < SEEDS_SHOWN; k++)
        trouble(out, &f->troubles[k]);
    if (f->runs - f->passed > SEEDS_SHOWN)
        fprintf(out, "And %u more, in the results.\n\n", f->runs - f->passed - SEEDS_SHOWN);
}

static void not_passed(FILE *out, const struct sweep *sweep) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < sweep->plan->part_count; k++) {
        if (sweep->parts[k].trouble_count == 0) continue;
        if (count++ == 0) fputs("### What did not pass\n\n", out);
        if (count <= PARTS_SHOWN) troubles(out, &sweep->plan->parts[k], &sweep->parts[k]);
    }
    if (count > PARTS_SHOWN) fprintf(out, "And %u more scenarios.\n\n", count - PARTS_SHOWN);
}

void sweep_markdown(const struct sweep *sweep, FILE *out) {
    fprintf(out, "## firedrill sweep: %s\n\n%llu runs, %llu of them passed.\n\n",
            run_status_name(sweep->status), (unsigned long long)sweep->runs,
            (unsigned long long)(sweep->runs - sweep->not_passed));
    not_passed(out, sweep);
    matrix(out, sweep);
    locks(out, sweep);
}
