/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/defaults.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "topologies/graph.h"

struct kind_defaults {
    const char *name;
    uint32_t replicas;
    time_ns service_time_ns;
    int64_t error_ppm;
};

/* Services and frontends have two pods, so that a canary has a stable side to be compared with.
 * Stores are faster, alone, and without errors of their own: a file of facts names dozens, and
 * their errors would add up in every caller. */
static const struct kind_defaults by_kind[TOPO_KIND_COUNT] = {
    [TOPO_SERVICE] = {"service", 2, 2 * NS_PER_MS, 1000},
    [TOPO_FRONTEND] = {"frontend", 2, 2 * NS_PER_MS, 1000},
    [TOPO_DATASTORE] = {"datastore", 1, 500 * NS_PER_US, 0},
    [TOPO_CACHE] = {"cache", 1, 500 * NS_PER_US, 0},
    [TOPO_QUEUE] = {"queue", 1, 500 * NS_PER_US, 0},
    [TOPO_EXTERNAL] = {"external", 1, 2 * NS_PER_MS, 0},
};
#define DEFAULT_CPU_MILLICORES  500
#define DEFAULT_MEMORY_MB       512
#define DEFAULT_SLOTS           8
#define DEFAULT_CV_PPM          (PPM_ONE / 2)
#define DEFAULT_CRITICALITY_PPM (PPM_ONE / 2)
#define DEFAULT_TIMEOUT_NS      (2 * NS_PER_S)
#define UNSTATED_TOTAL_PPM      (2 * PPM_ONE)
#define UNSTATED_BACK_PPM       (PPM_ONE / 2)

static const char *const distribution_names[TOPO_DISTRIBUTION_COUNT] = {
    [TOPO_EXPONENTIAL] = "exponential",
    [TOPO_LOGNORMAL] = "lognormal",
    [TOPO_ERLANG2] = "erlang2",
    [TOPO_FIXED] = "fixed",
};
static const char *const async_protocols[] = {"kafka", "amqp", "nats", "mqtt"};

const char *topo_kind_name(enum topo_kind kind) {
    ASSERT((unsigned)kind < TOPO_KIND_COUNT);
    return by_kind[kind].name;
}

const char *topo_distribution_name(enum topo_distribution d) {
    ASSERT((unsigned)d < TOPO_DISTRIBUTION_COUNT);
    return distribution_names[d];
}

struct topo_service topo_default_service(enum topo_kind kind) {
    ASSERT((unsigned)kind < TOPO_KIND_COUNT);
    const struct kind_defaults *d = &by_kind[kind];
    return (struct topo_service){.name = "",
                                 .kind = kind,
                                 .replicas = d->replicas,
                                 .cpu_limit_millicores = DEFAULT_CPU_MILLICORES,
                                 .memory_limit_mb = DEFAULT_MEMORY_MB,
                                 .language = "",
                                 .slots = DEFAULT_SLOTS,
                                 .service_time_ns = d->service_time_ns,
                                 .distribution = TOPO_LOGNORMAL,
                                 .cv_ppm = DEFAULT_CV_PPM,
                                 .error_ppm = d->error_ppm,
                                 .criticality_ppm = DEFAULT_CRITICALITY_PPM,
                                 .zone = ""};
}

struct topo_call topo_default_call(struct svc_id from, struct svc_id to) {
    return (struct topo_call){.from = from,
                              .to = to,
                              .protocol = "",
                              .per_request_ppm = TOPO_UNSTATED,
                              .timeout_ns = DEFAULT_TIMEOUT_NS};
}

bool topo_protocol_async(const char *protocol) {
    for (size_t i = 0; i < ARRAY_LEN(async_protocols); i++)
        if (strcmp(protocol, async_protocols[i]) == 0) return true;
    return false;
}

/* The unstated calls of one caller; component: strongly connected component of each service. */
static void share_of_caller(struct topo_call *calls, uint32_t count, const uint32_t *component) {
    int64_t unstated = 0, back = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (calls[i].per_request_ppm != TOPO_UNSTATED) continue;
        unstated++;
        back += component[calls[i].from.v] == component[calls[i].to.v];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (calls[i].per_request_ppm != TOPO_UNSTATED) continue;
        int64_t share = UNSTATED_TOTAL_PPM / unstated;
        if (share > PPM_ONE) share = PPM_ONE;
        bool leads_back = component[calls[i].from.v] == component[calls[i].to.v];
        if (leads_back && share > UNSTATED_BACK_PPM / back) share = UNSTATED_BACK_PPM / back;
        calls[i].per_request_ppm = share;
    }
}

bool topo_share_unstated(const struct topology *t, struct topo_call *calls) {
    struct arena scratch;
    arena_open(&scratch);
    uint32_t *component = ARENA_NEW(&scratch, uint32_t, t->service_count);
    bool ok = topo_strong_components(t, component);
    for (uint32_t s = 0; ok && s < t->service_count; s++)
        share_of_caller(calls + t->call_offset[s], t->call_offset[s + 1] - t->call_offset[s],
                        component);
    arena_close(&scratch);
    return ok;
}
