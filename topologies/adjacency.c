/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/adjacency.h"
#include "engine/base/check.h"
#include "topologies/defaults.h"

struct svc_id topo_find_service(const struct topo_service *services, uint32_t count,
                                const char *name) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(services[middle].name, name);
        if (order == 0) return (struct svc_id){middle};
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return ID_NONE(svc_id);
}

struct svc_id topo_role_service(const struct topology *t, const char *role) {
    for (uint32_t i = 0; i < t->role_count; i++)
        if (strcmp(t->roles[i].name, role) == 0) return t->roles[i].service;
    return ID_NONE(svc_id);
}

struct svc_id topo_service_named(const struct topology *t, const char *name) {
    struct svc_id s = topo_find_service(t->services, t->service_count, name);
    return s.v != NONE_ID ? s : topo_role_service(t, name);
}

/* Counts per key become offsets: offset[k] is where key k begins, offset[keys] the total. */
static void counts_to_offsets(uint32_t *offset, uint32_t keys) {
    uint32_t total = 0;
    for (uint32_t k = 0; k <= keys; k++) {
        uint32_t here = offset[k];
        offset[k] = total;
        total += here;
    }
}

/* A counting sort by caller, so that calls of one caller stay in the order of the file. */
static struct topo_call *sort_calls(struct arena *arena, struct topology *t,
                                    const struct topo_call *calls) {
    struct topo_call *sorted = ARENA_NEW(arena, struct topo_call, t->call_count);
    uint32_t *offset = ARENA_NEW(arena, uint32_t, t->service_count + 1);
    uint32_t *next = ARENA_NEW(arena, uint32_t, t->service_count + 1);
    for (uint32_t i = 0; i < t->call_count; i++) {
        ASSERT(calls[i].from.v < t->service_count && calls[i].to.v < t->service_count);
        ASSERT(!ID_EQ(calls[i].from, calls[i].to));
        offset[calls[i].from.v]++;
    }
    counts_to_offsets(offset, t->service_count);
    memcpy(next, offset, sizeof *next * (t->service_count + 1));
    for (uint32_t i = 0; i < t->call_count; i++) sorted[next[calls[i].from.v]++] = calls[i];
    t->call_offset = offset;
    return sorted;
}

struct edges {
    uint32_t *offset, *end;
};

/* Turns rows of sources into rows of targets. Rows of the result are ascending, because sources are
 * walked in ascending order; an edge that stands twice follows itself and is dropped. */
static void transpose(struct edges *to, const uint32_t *from_offset, const uint32_t *from_end,
                      uint32_t nodes) {
    uint32_t *fill = to->offset + nodes + 1;
    for (uint32_t s = 0; s < nodes; s++)
        for (uint32_t i = from_offset[s]; i < from_offset[s + 1]; i++) to->offset[from_end[i]]++;
    counts_to_offsets(to->offset, nodes);
    memcpy(fill, to->offset, sizeof *fill * nodes);
    for (uint32_t s = 0; s < nodes; s++)
        for (uint32_t i = from_offset[s]; i < from_offset[s + 1]; i++) {
            uint32_t target = from_end[i];
            if (fill[target] == to->offset[target] || to->end[fill[target] - 1] != s)
                to->end[fill[target]++] = s;
        }
    uint32_t kept = 0;
    for (uint32_t n = 0; n < nodes; n++) {
        uint32_t begin = to->offset[n];
        to->offset[n] = kept;
        for (uint32_t i = begin; i < fill[n]; i++) to->end[kept++] = to->end[i];
    }
    to->offset[nodes] = kept;
}

static struct edges edges_new(struct arena *arena, uint32_t nodes, uint32_t edges) {
    /* Twice the offsets: the second half is transpose's scratch. */
    return (struct edges){ARENA_NEW(arena, uint32_t, 2 * (size_t)nodes + 1),
                          ARENA_NEW(arena, uint32_t, edges)};
}

/* Transposing the calls gives the callers; transposing those gives the callees, sorted too. */
static void index_edges(struct arena *arena, struct topology *t) {
    struct edges in = edges_new(arena, t->service_count, t->call_count);
    struct edges out = edges_new(arena, t->service_count, t->call_count);
    for (uint32_t i = 0; i < t->call_count; i++) out.end[i] = t->calls[i].to.v;
    transpose(&in, t->call_offset, out.end, t->service_count);
    transpose(&out, in.offset, in.end, t->service_count);
    t->in_offset = in.offset;
    t->in_source = in.end;
    t->out_offset = out.offset;
    t->out_target = out.end;
}

struct topology *topo_assemble(struct arena *arena, const struct topo_service *services,
                               uint32_t service_count, const struct topo_call *calls,
                               uint32_t call_count) {
    ASSERT(service_count > 0);
    struct topology *t = ARENA_NEW(arena, struct topology, 1);
    t->name = t->title = "";
    t->services = services;
    t->service_count = service_count;
    t->call_count = call_count;
    for (uint32_t s = 1; s < service_count; s++)
        ASSERT(strcmp(services[s - 1].name, services[s].name) < 0);
    struct topo_call *sorted = sort_calls(arena, t, calls);
    t->calls = sorted;
    index_edges(arena, t);
    return topo_share_unstated(t, sorted) ? t : NULL;
}
