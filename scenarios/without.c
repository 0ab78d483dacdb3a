/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cause did is what is missing without it: the other causes stay as they are, and with the
 * last of them gone the run is expected to be a healthy one. */
#include "scenarios/loading.h"

struct plan_expect scn_expect_nothing(void) {
    return (struct plan_expect){.name = "none", .reaction = "none", .outcome = "none", .fault = -1};
}

static void drop_fault(struct scn_loading *l, uint32_t fault) {
    struct plan *plan = l->plan;
    struct plan_fault *faults = ARENA_NEW(l->arena, struct plan_fault, plan->fault_count);
    uint32_t kept = 0;
    for (uint32_t f = 0; f < plan->fault_count; f++)
        if (f != fault) faults[kept++] = plan->faults[f];
    plan->faults = faults;
    plan->fault_count = kept;
}

/* Numbers of what is kept move up; renumbered says to where, -1: gone. */
static void drop_expectations(struct scn_loading *l, int64_t fault, int64_t *renumbered) {
    struct plan *plan = l->plan;
    struct plan_expect *expects = ARENA_NEW(l->arena, struct plan_expect, plan->expect_count + 1);
    uint32_t kept = 0;
    for (uint32_t e = 0; e < plan->expect_count; e++) {
        bool gone = plan->expects[e].fault == fault;
        renumbered[e] = gone ? -1 : (int64_t)kept;
        if (gone) continue;
        expects[kept] = plan->expects[e];
        expects[kept++].fault -= plan->expects[e].fault > fault;
    }
    if (kept == 0 && plan->fault_count == 0) expects[kept++] = scn_expect_nothing();
    plan->expects = expects;
    plan->expect_count = kept;
}

static void drop_bounds(struct scn_loading *l, const int64_t *renumbered) {
    struct plan *plan = l->plan;
    struct plan_bound *bounds = ARENA_NEW(l->arena, struct plan_bound, plan->bound_count);
    uint32_t kept = 0;
    for (uint32_t b = 0; b < plan->bound_count; b++) {
        struct plan_bound bound = plan->bounds[b];
        bound.expect = renumbered[bound.expect];
        if (bound.expect >= 0) bounds[kept++] = bound;
    }
    plan->bounds = bounds;
    plan->bound_count = kept;
}

void scn_leave_out(struct scn_loading *l, const char *name) {
    const struct yaml_node asked = {.text = name, .len = strlen(name)};
    int64_t fault = scn_fault(l, &asked);
    if (fault < 0) return;
    int64_t *renumbered = ARENA_NEW(l->arena, int64_t, l->plan->expect_count);
    drop_fault(l, (uint32_t)fault);
    drop_expectations(l, fault, renumbered);
    drop_bounds(l, renumbered);
}
