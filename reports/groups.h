/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_GROUPS_H
#define REPORTS_GROUPS_H
/* Time to repair by what incidents have in common. Each incident is in one group of each kind, and
 * the groups of a kind add up to the whole report. */
#include "reports/report.h"

/* G(name, "what its groups are") */
#define GROUPINGS(G)                                                                               \
    G(scenario, "the scenario that it happened in")                                                \
    G(fault, "the kind of fault that caused it")                                                   \
    G(service, "the service that it is of")                                                        \
    G(engine, "the engine that opened it first; \"-\": none did")
#define GROUPING(name, meaning) GROUP_BY_##name,
enum grouping { GROUPINGS(GROUPING) GROUPING_COUNT };
#undef GROUPING
const char *grouping_name(enum grouping by);

#define GROUP_NAME 64
struct mttr_group {
    char name[GROUP_NAME]; /* printable */
    struct mttr mttr;
    struct survival survival;
};
struct mttr_groups {
    struct mttr_group *list; /* by name */
    uint32_t count;
};

/* The caller frees it. */
struct mttr_groups groups_of(const struct report *report, enum grouping by);
void groups_free(struct mttr_groups *groups);
/* What an incident's group of a kind is called. */
void group_name(char out[GROUP_NAME], const struct report_run *run, uint32_t incident,
                enum grouping by);

#endif
