/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H
/*
 * A report over one run or many: what each incident came to, time to repair, contention,
 * indicators. Figures only; reports/forms/ prints them. Integers throughout: nanoseconds,
 * millionths, counts.
 *
 * Runs are kept in the order they are added. Facts and verdicts stay the caller's and must live as
 * long as the report.
 */
#include "reports/contention.h"
#include "reports/indicators.h"
#include "reports/mttr.h"

struct report_run {
    const struct facts *facts;
    const struct verdict *verdict;
    struct mttr_row *rows; /* one an incident of the verdict */
    struct contention contention;
    char reproduce[512]; /* the one command that runs it again */
};
struct report_left_out { /* a scenario that its topology cannot cast; the caller's texts */
    const char *scenario, *topology;
};
struct report {
    struct report_run *runs;
    uint32_t run_count, run_capacity;
    struct indicators indicators;
    struct indicator_part *parts; /* what made them: run by run, each incident once */
    uint32_t part_count, part_capacity;
    enum verdict_kind kind;
    uint32_t passed, failed, inconclusive; /* incidents that something was expected of */
    struct report_left_out *left_out;      /* that never ran: neither passed nor failed */
    uint32_t left_out_count;
    uint32_t violations; /* invariants broken and things forbidden that happened */
};

void report_init(struct report *report);
void report_add(struct report *report, const struct facts *facts, const struct verdict *verdict,
                const char *reproduce);
void report_leave_out(struct report *report, const char *scenario, const char *topology);
void report_free(struct report *report);

/* Over all incidents whose cause began, one a cause. */
void report_mttr(const struct report *report, struct mttr *out, struct survival *survival);
/* True for the first of several expectations of one cause: it is counted once. */
bool report_counts(const struct report_run *run, uint32_t incident);

#endif
