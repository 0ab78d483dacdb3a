/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/groups.h"
#include "engine/base/check.h"
#include "engine/base/diag.h"
#include "scenarios/words/plan.h"
#include <stdlib.h>

const char *grouping_name(enum grouping by) {
#define NAME(name, meaning) #name,
    static const char *const names[] = {GROUPINGS(NAME)};
#undef NAME
    return names[by];
}

static const char *fault_kind_name(const struct facts *f, int64_t fault) {
    EACH(f, fault_planned, p) {
        bool known = p->kind >= 0 && p->kind < FAULT_COUNT;
        if (p->fault == fault && known) return fault_entry((enum fault_kind)p->kind)->name;
    }
    return "-";
}

static void engine_label(char out[GROUP_NAME], const struct facts *f, int64_t engine) {
    snprintf(out, GROUP_NAME, "-");
    EACH(f, engine, e) {
        if (e->engine == engine) printable(out, GROUP_NAME, e->name.bytes, e->name.len);
    }
}

void group_name(char out[GROUP_NAME], const struct report_run *run, uint32_t incident,
                enum grouping by) {
    const struct incident *n = &run->verdict->list[incident].incident;
    switch (by) {
    case GROUP_BY_scenario: snprintf(out, GROUP_NAME, "%s", run->verdict->scenario); break;
    case GROUP_BY_fault:
        snprintf(out, GROUP_NAME, "%s", fault_kind_name(run->facts, n->fault));
        break;
    case GROUP_BY_service:
        snprintf(out, GROUP_NAME, "%s", facts_service(run->facts, n->service));
        break;
    case GROUP_BY_engine: engine_label(out, run->facts, run->rows[incident].engine); break;
    case GROUPING_COUNT: break;
    }
}

struct member {
    char name[GROUP_NAME];
    const struct mttr_row *row;
    size_t place; /* in the report: a group's rows keep its order */
};

static int by_name(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order != 0) return order;
    return x->place < y->place ? -1 : x->place > y->place;
}

static size_t members_of(const struct report *report, enum grouping by, struct member *out) {
    size_t count = 0;
    for (uint32_t r = 0; r < report->run_count; r++) {
        const struct report_run *run = &report->runs[r];
        for (uint32_t i = 0; i < run->verdict->count; i++) {
            if (!report_counts(run, i)) continue;
            group_name(out[count].name, run, i, by);
            out[count].row = &run->rows[i];
            out[count].place = count;
            count++;
        }
    }
    qsort(out, count, sizeof *out, by_name);
    return count;
}

struct mttr_groups groups_of(const struct report *report, enum grouping by) {
    size_t room = 1;
    for (uint32_t r = 0; r < report->run_count; r++) room += report->runs[r].verdict->count;
    struct member *members = calloc(room, sizeof *members);
    const struct mttr_row **rows = calloc(room, sizeof *rows);
    struct mttr_groups groups = {.list = calloc(room, sizeof *groups.list)};
    ASSERT(members != NULL && rows != NULL && groups.list != NULL);
    size_t count = members_of(report, by, members);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && strcmp(members[to].name, members[from].name) == 0; to++)
            rows[to - from] = members[to].row;
        struct mttr_group *g = &groups.list[groups.count++];
        snprintf(g->name, sizeof g->name, "%s", members[from].name);
        mttr_of(rows, to - from, &g->mttr, &g->survival);
    }
    free(members);
    free(rows);
    return groups;
}

void groups_free(struct mttr_groups *groups) {
    free(groups->list);
    *groups = (struct mttr_groups){0};
}
