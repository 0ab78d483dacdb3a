/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/bind/bind.h"

/* The topology as the engine knows it: plain adjacency, and the shared resources of topology and
 * policy. */

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
    return (struct eng_graph){.service_count = n,
                              .out_offset = t->out_offset,
                              .out_target = t->out_target,
                              .in_offset = t->in_offset,
                              .in_source = t->in_source,
                              .is_service = is_service,
                              .criticality_ppm = criticality,
                              .group_count = t->group_count + group_count,
                              .group_offset = offset,
                              .group_member = member};
}
