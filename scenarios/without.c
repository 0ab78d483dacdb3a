/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cause taken out stays in the plan and never begins, and what is expected of it stays too: a run
 * that passes without its cause would prove nothing. */
#include "scenarios/loading.h"

static void never(struct scn_loading *l, int64_t fault) {
    struct plan *plan = l->plan;
    struct plan_fault *faults = ARENA_NEW(l->arena, struct plan_fault, plan->fault_count);
    memcpy(faults, plan->faults, plan->fault_count * sizeof *faults);
    for (uint32_t f = 0; f < plan->fault_count; f++)
        if (fault < 0 || fault == (int64_t)f) {
            faults[f].at = TIME_NEVER;
            faults[f].trigger = TRIGGER_AT;
        }
    plan->faults = faults;
}

void scn_leave_out(struct scn_loading *l, const char *name) {
    if (strcmp(name, "all") == 0) {
        if (l->plan->fault_count > 0) never(l, -1);
        return;
    }
    const struct yaml_node asked = {.text = name, .len = strlen(name)};
    int64_t fault = scn_fault(l, "--without", &asked);
    if (fault >= 0) never(l, fault);
}
