/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_GATE_H
#define ENGINE_GATE_H
/*
 * The nine safety gates (SPEC §2), and that of a service's objective, as the error budget's further
 * input. Pure: figures in, verdicts out, each with figure, limit and reason. A missing series is a
 * fail; a complete log with no entries is data. Reject outranks pause outranks delay. How each part
 * of the risk score maps to 0..1: criticality as the topology states it; change size = lines /
 * lines_full, at most 1; error severity = own excess / critical, at most 1; hour by table.
 */
#include "engine/config.h"
#include "engine/graph.h"
#include "engine/words/contract.h"

struct gate_number {
    enum value_kind kind;
    int64_t micro;
    time_ns told_wall; /* when the engine learnt it; 0: never */
};
struct gate_facts {
    struct svc_id service;
    struct gate_number budget_requests,
        budget_errors; /* counted over the window, the incident's own left out */
    struct blast_radius blast;
    int64_t failed_operations; /* in the window */
    bool changed_before;
    time_ns last_change_wall; /* last operation that changed this service */
    struct gate_number cpu_share, memory_share, disk_share; /* used / limit in millionths */
    int64_t incidents_last_hour;                            /* without this one */
    bool checks_known, syntax, analysis, dependencies;
    int64_t tests_run, tests_failed;
    int64_t criticality_ppm, lines_changed, own_excess_ppm;
    time_ns now_wall;
    enum remedy
        remedy; /* one beside the patch has no checks; what eases a lack needs no headroom */
    struct eng_slo slo; /* objective 0: the service has none, and the gate does not judge */
    struct gate_number slo_bad, burn_long[BURN_RATES_MAX], burn_short[BURN_RATES_MAX]; /* shares */
};
/* What a verdict's figure is of: W(NAME, "text", unit). A gate that looks at several things names
 * the one that failed, or came nearest to failing. */
#define GATE_FIGURES(W)                                                                            \
    W(BUDGET, "requests failed in the budget's window", SHARE)                                     \
    W(AFFECTED, "services affected", COUNT)                                                        \
    W(AFFECTED_SHARE, "share of services affected", SHARE)                                         \
    W(FAILED_OPERATIONS, "operations failed in the window", COUNT)                                 \
    W(NEVER_CHANGED, "no former change of this service", NONE)                                     \
    W(SINCE_CHANGE, "since the last change of this service", TIME)                                 \
    W(CPU_HEADROOM, "CPU headroom", SHARE)                                                         \
    W(MEMORY_HEADROOM, "memory headroom", SHARE)                                                   \
    W(DISK_HEADROOM, "disk headroom", SHARE)                                                       \
    W(INCIDENTS, "other incidents in the last hour", COUNT)                                        \
    W(OPEN, "no window forbids it", NONE)                                                          \
    W(BLACKOUT, "left of a blackout window", TIME)                                                 \
    W(NO_MAINTENANCE, "to the next maintenance window", TIME)                                      \
    W(NO_WINDOW, "no maintenance window is to come", NONE)                                         \
    W(CHECKS, "check results", NONE)                                                               \
    W(SYNTAX, "syntax check", NONE)                                                                \
    W(ANALYSIS, "static analysis", NONE)                                                           \
    W(TESTS, "tests failed", COUNT)                                                                \
    W(DEPENDENCIES, "dependency check", NONE)                                                      \
    W(RISK, "risk score", SCORE)                                                                   \
    W(SLO_BUDGET, "of the objective's error budget used", SHARE)                                   \
    W(BURN_RATE, "times as fast as the objective allows, over both windows", SCORE)                \
    W(NO_PATCH, "no patch is part of it", NONE)
#define GATE_FIGURE_(NAME, text, unit) FIGURE_##NAME,
enum gate_figure { GATE_FIGURES(GATE_FIGURE_) FIGURE_COUNT };
#undef GATE_FIGURE_

struct gate_verdict {
    bool judged, pass, no_data; /* a disabled gate is not judged and passes */
    enum gate_figure of;
    int64_t figure, limit; /* by its unit: ppm, count or ns */
    enum action action;    /* on failure; ALLOW on pass */
    time_ns until_wall;    /* delay: when it may pass (cooldown, window); 0 unknown */
};
struct gate_verdicts {
    struct gate_verdict gate[GATE_COUNT];
    int64_t risk_parts_ppm[4]; /* criticality, change size, severity, hour: weighted, sum = score */
    bool pass;                 /* none failed whose action is more than to warn */
    enum action action;        /* the highest ranking of the failed; ALLOW when none */
    enum gate deciding;        /* the first with that action; GATE_COUNT when none failed */
};
/* The figure as the decision log has it: in millionths of its unit (share, score, count, second).
 */
int64_t gate_figure_micro(const struct gate_verdict *verdict);
void gate_judge(const struct eng_config *config, const struct gate_facts *facts,
                struct gate_verdicts *out);
/* The failure that decides after a person approved what was shown: a pause that was shown, and is
 * no worse now, is waived; all else stands. GATE_COUNT: nothing does. */
enum gate gate_after_approval(const struct gate_verdicts *now, const struct gate_verdicts *shown);
/* One sentence: figure against limit, in the gate's unit. */
void gate_explain(enum gate gate, const struct gate_verdict *verdict, struct text *out);

#endif
