/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_SPANS_H
#define REPORTS_SPANS_H
/*
 * A run as lanes of spans, for whoever draws it: where incidents' time went, what operations were
 * doing, who held and who waited for each lock, what served, which faults acted, whom people
 * answered. Folded once from the facts; nothing here judges. All text is printable.
 *
 * A lane's spans are in order of their begin; those of one lane may overlap only in lanes of locks
 * (several wait) and of people (several questions). A span ends at the latest with the run, and is
 * then "open". A moment is a span of no length.
 */
#include "reports/report.h"

/* SPAN(name, "what a lane of it holds") */
#define SPANS(SPAN)                                                                                \
    SPAN(phase, "where an incident's time goes")                                                   \
    SPAN(operation, "the states of an operation")                                                  \
    SPAN(held, "who holds a lock")                                                                 \
    SPAN(wait, "who waits for it")                                                                 \
    SPAN(deployment, "what serves a part of a service")                                            \
    SPAN(fault, "a cause acts")                                                                    \
    SPAN(person, "a message, and a question until it is answered")
#define SPAN(name, meaning) SPAN_##name,
enum span_kind { SPANS(SPAN) SPAN_COUNT };
#undef SPAN
const char *span_name(enum span_kind kind);

#define SPAN_TEXT 96
struct span {
    enum span_kind kind;
    uint32_t lane;
    time_ns from, to;
    bool open;       /* it had not ended when the run did */
    int64_t engine;  /* whose it is; -1: nobody's */
    struct op_id op; /* v = 0: of none */
    int64_t detail;  /* phase: the bucket; operation: the state; deployment: the share in ppm */
    struct svc_id service;
    char text[SPAN_TEXT];
};
struct span_lane {
    enum span_kind kind; /* of a lock: held */
    int64_t engine;      /* of an operation's lane; -1 elsewhere */
    char name[SPAN_TEXT];
};
struct spans {
    struct span *list; /* lane by lane */
    uint32_t count, capacity;
    struct span_lane *lanes;
    uint32_t lane_count, lane_capacity;
};

struct spans spans_of(const struct report_run *run);
void spans_free(struct spans *spans);

/* "op 1.3": the first engine's third operation. */
#define OP_LABEL 32
const char *op_label(char out[OP_LABEL], struct op_id op);

#endif
