/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/app_rig.h"
#include "engine/base/check.h"
#include <msgpack/unpack.h>
#include <stdlib.h>

static void keep(void *context, const void *bytes, size_t len) {
    struct rig *rig = context;
    if (rig->len + len > rig->size) {
        rig->size = 2 * (rig->len + len);
        rig->bytes = realloc(rig->bytes, rig->size);
        ASSERT(rig->bytes);
    }
    memcpy(rig->bytes + rig->len, bytes, len);
    rig->len += len;
}

static void plan_fill(struct rig *rig, const struct rig_setup *setup) {
    int64_t *visits = ARENA_NEW(&rig->arena, int64_t, rig->topology->service_count);
    /* A test may run a graph that feeds back for ever; then every service is taken as busy. */
    if (!topo_visit_ratios(rig->topology, visits))
        for (uint32_t s = 0; s < rig->topology->service_count; s++) visits[s] = 1000000;
    rig->plan = (struct plan){
        .seed = setup->seed,
        .start_wall = INT64_C(1767603600) * NS_PER_S,
        .topology = rig->topology,
        .services = ARENA_NEW(&rig->arena, struct plan_service, rig->topology->service_count),
        .entry_rate_milli = setup->rate_milli,
        .visits_ppm = visits,
        .arrivals = setup->arrivals,
        .fault_count = setup->fault_count,
        .faults = setup->faults,
        .trace_requests = setup->trace_requests,
    };
}

void rig_open(struct rig *rig, const struct rig_setup *setup) {
    struct diags diags = {0};
    *rig = (struct rig){0};
    arena_open(&rig->arena);
    rig->topology =
        topo_load(&rig->arena, "rig.yaml", setup->topology, strlen(setup->topology), &diags);
    if (!rig->topology) diag_print(&diags, stderr);
    ASSERT(rig->topology);
    plan_fill(rig, setup);
    const struct sim_options options = {
        .events_max = app_events_max(&rig->plan),
        .owners = app_owner_count(&rig->plan),
        .kinds = app_kind_count(),
    };
    rig->tables = dist_open(&rig->arena, rig->topology);
    rig->sim = sim_open(&rig->arena, &options);
    rig->trace = trace_open(&rig->arena, (size_t)1 << 16, keep, rig);
    rig->app = app_open(&rig->arena, &rig->plan, rig->tables, rig->sim, rig->trace, 0);
}

void rig_close(struct rig *rig) {
    free(rig->bytes);
    arena_close(&rig->arena);
}

void rig_drain(struct rig *rig) {
    app_stop_load(rig->app);
    while (sim_pending_count(rig->sim) > 0) sim_run(rig->sim, sim_now(rig->sim) + NS_PER_S);
}

struct svc_id rig_service(const struct rig *rig, const char *name) {
    struct svc_id id = topo_service_named(rig->topology, name);
    ASSERT(id.v != NONE_ID);
    return id;
}

struct app_totals rig_totals(const struct rig *rig, const char *name) {
    struct app_totals totals;
    app_totals(rig->app, rig_service(rig, name), &totals);
    return totals;
}

static int64_t integer(const msgpack_object *o) {
    return o->type == MSGPACK_OBJECT_POSITIVE_INTEGER   ? (int64_t)o->via.u64
           : o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER ? o->via.i64
                                                        : 0;
}

size_t rig_records(struct rig *rig, enum record_kind kind, int64_t (*rows)[RIG_FIELDS],
                   size_t max) {
    trace_flush(rig->trace);
    msgpack_unpacked result;
    msgpack_unpacked_init(&result);
    size_t offset = 0, count = 0;
    while (msgpack_unpack_next(&result, (const char *)rig->bytes, rig->len, &offset) ==
           MSGPACK_UNPACK_SUCCESS) {
        const msgpack_object_array *record = &result.data.via.array;
        if (integer(&record->ptr[0]) != (int64_t)kind) continue;
        if (count++ >= max) continue;
        for (uint32_t i = 1; i < record->size && i <= RIG_FIELDS; i++)
            rows[count - 1][i - 1] = integer(&record->ptr[i]);
    }
    msgpack_unpacked_destroy(&result);
    return count;
}
