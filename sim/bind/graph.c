/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/bind/bind.h"

/* The topology as the engine knows it: plain adjacency, and the shared resources of topology and
 * policy. */

/* How many of the calls to the service the engines' graph is from before. */
static uint32_t lacking(const struct plan *plan, uint32_t service) {
    int64_t most = 0;
    for (uint32_t f = 0; f < plan->fault_count; f++) {
        const struct plan_fault *fault = &plan->faults[f];
        if (fault->kind == FAULT_GRAPH_STALE && fault->at != TIME_NEVER &&
            fault->service.v == service && fault->value > most)
            most = fault->value;
    }
    return (uint32_t)most;
}

struct adjacency {
    uint32_t *out_offset, *out_target, *in_offset, *in_source;
};

/* The callers of each service, less the last so many, both ways round. */
static struct adjacency as_known(struct arena *arena, const struct plan *plan) {
    const struct topology *t = plan->topology;
    uint32_t n = t->service_count, edges = t->in_offset[n], out = 0;
    struct adjacency a = {ARENA_NEW(arena, uint32_t, n + 1), ARENA_NEW(arena, uint32_t, edges + 1),
                          ARENA_NEW(arena, uint32_t, n + 1), ARENA_NEW(arena, uint32_t, edges + 1)};
    for (uint32_t s = 0; s < n; s++) {
        uint32_t from = t->in_offset[s], callers = t->in_offset[s + 1] - from;
        uint32_t lacks = lacking(plan, s), knows = lacks < callers ? callers - lacks : 0;
        memcpy(a.in_source + a.in_offset[s], t->in_source + from, knows * sizeof *a.in_source);
        a.in_offset[s + 1] = a.in_offset[s] + knows;
    }
    for (uint32_t s = 0; s < n; s++) {
        for (uint32_t k = t->out_offset[s]; k < t->out_offset[s + 1]; k++) {
            uint32_t to = t->out_target[k];
            bool known = false;
            for (uint32_t i = a.in_offset[to]; i < a.in_offset[to + 1]; i++)
                known |= a.in_source[i] == s;
            if (known) a.out_target[out++] = to;
        }
        a.out_offset[s + 1] = out;
    }
    return a;
}

static bool is_stale(const struct plan *plan) {
    for (uint32_t f = 0; f < plan->fault_count; f++)
        if (plan->faults[f].kind == FAULT_GRAPH_STALE && plan->faults[f].at != TIME_NEVER)
            return true;
    return false;
}

struct eng_graph bind_graph(struct arena *arena, const struct plan *plan,
                            const struct bind_group *groups, uint32_t group_count) {
    const struct topology *t = plan->topology;
    uint32_t n = t->service_count;
    uint8_t *is_service = ARENA_NEW(arena, uint8_t, n);
    int64_t *criticality = ARENA_NEW(arena, int64_t, n);
    for (uint32_t s = 0; s < n; s++) {
        enum topo_kind kind = t->services[s].kind;
        is_service[s] = kind == TOPO_SERVICE || kind == TOPO_FRONTEND;
        criticality[s] = plan->services[s].criticality_ppm;
    }
    uint32_t users = 0;
    for (uint32_t g = 0; g < t->group_count; g++) users += t->groups[g].count;
    for (uint32_t g = 0; g < group_count; g++) users += groups[g].count;
    uint32_t *offset = ARENA_NEW(arena, uint32_t, t->group_count + group_count + 1);
    uint32_t *member = ARENA_NEW(arena, uint32_t, users + 1);
    uint32_t used = 0;
    for (uint32_t g = 0; g < t->group_count; g++) {
        for (uint32_t k = 0; k < t->groups[g].count; k++) member[used++] = t->groups[g].users[k].v;
        offset[g + 1] = used;
    }
    for (uint32_t g = 0; g < group_count; g++) {
        for (uint32_t k = 0; k < groups[g].count; k++) {
            /* a policy serves many topologies: a member that this one lacks is no error */
            struct svc_id user = topo_service_named(t, groups[g].members[k]);
            if (!ID_EQ(user, ID_NONE(svc_id))) member[used++] = user.v;
        }
        offset[t->group_count + g + 1] = used;
    }
    struct adjacency stale = {0};
    bool old = is_stale(plan);
    if (old) stale = as_known(arena, plan);
    return (struct eng_graph){.service_count = n,
                              .out_offset = old ? stale.out_offset : t->out_offset,
                              .out_target = old ? stale.out_target : t->out_target,
                              .in_offset = old ? stale.in_offset : t->in_offset,
                              .in_source = old ? stale.in_source : t->in_source,
                              .is_service = is_service,
                              .criticality_ppm = criticality,
                              .group_count = t->group_count + group_count,
                              .group_offset = offset,
                              .group_member = member};
}
