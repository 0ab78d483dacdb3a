/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes: the loader gives a topology or says why not; what it gives keeps its promises. */
#include "engine/base/check.h"
#include "topologies/topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void keeps_its_promises(struct arena *arena, const struct topology *t) {
    for (uint32_t s = 0; s < t->service_count; s++) {
        ASSERT(topo_service_named(t, t->services[s].name).v == s);
        ASSERT(t->call_offset[s] <= t->call_offset[s + 1]);
        for (uint32_t i = t->call_offset[s]; i < t->call_offset[s + 1]; i++)
            ASSERT(t->calls[i].from.v == s && t->calls[i].to.v != s &&
                   t->calls[i].to.v < t->service_count && t->calls[i].per_request_ppm >= 0);
        for (uint32_t i = t->out_offset[s] + 1; i < t->out_offset[s + 1]; i++)
            ASSERT(t->out_target[i - 1] < t->out_target[i]);
        for (uint32_t i = t->in_offset[s] + 1; i < t->in_offset[s + 1]; i++)
            ASSERT(t->in_source[i - 1] < t->in_source[i]);
        ASSERT(topo_callers_within(t, (struct svc_id){s}, 3) < t->service_count);
    }
    ASSERT(t->out_offset[t->service_count] == t->in_offset[t->service_count]);
    int64_t *visits = ARENA_NEW(arena, int64_t, t->service_count);
    struct topo_facts facts;
    if (topo_visit_ratios(t, visits))
        for (uint32_t s = 0; s < t->service_count; s++) ASSERT(visits[s] >= 0);
    ASSERT(topo_facts(arena, t, &facts));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct diags diags;
    struct arena arena;
    arena_open(&arena);
    diags = (struct diags){0};
    const struct topology *t = topo_load(&arena, "fuzz.yaml", (const char *)data, size, &diags);
    ASSERT((t != NULL) == (diags.errors == 0));
    if (t) keeps_its_promises(&arena, t);
    arena_close(&arena);
    return 0;
}
