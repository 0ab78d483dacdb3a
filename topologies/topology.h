/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_TOPOLOGY_H
#define TOPOLOGIES_TOPOLOGY_H
/*
 * An application as plain arrays: services, calls, shared resources. Services are sorted by name
 * (byte order) and a service's id is its rank. Calls are sorted by (from, order in file). Adjacency
 * is CSR both ways, targets ascending, without duplicates. Cycles are allowed; a call to itself is
 * not. Everything lives in the arena it was loaded into and is read-only afterwards. No igraph type
 * here: graph.c and draw/layout.c alone include igraph.
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"
#include "engine/base/id.h"
#include "engine/base/simtime.h"

enum topo_kind {
    TOPO_SERVICE,
    TOPO_FRONTEND,
    TOPO_DATASTORE,
    TOPO_CACHE,
    TOPO_QUEUE,
    TOPO_EXTERNAL,
    TOPO_KIND_COUNT
};
const char *topo_kind_name(enum topo_kind kind);

enum topo_distribution {
    TOPO_EXPONENTIAL,
    TOPO_LOGNORMAL,
    TOPO_ERLANG2,
    TOPO_FIXED,
    TOPO_DISTRIBUTION_COUNT
};
const char *topo_distribution_name(enum topo_distribution d);

struct topo_service {
    const char *name;
    enum topo_kind kind;
    uint32_t replicas;            /* default 2 for services and frontends, 1 for all else */
    int64_t cpu_limit_millicores; /* default 500 */
    int64_t memory_limit_mb;      /* default 512 */
    uint32_t port;                /* 0: not stated */
    const char *language;         /* "" when not stated */
    uint32_t slots;               /* requests one pod works on at a time; default 8 */
    bool slots_stated;            /* false: a run gives it more where its load needs them */
    time_ns service_time_ns;      /* mean time a slot is held; default 2ms service, 500us store */
    enum topo_distribution distribution; /* default lognormal, sigma from cv */
    int64_t cv_ppm;    /* coefficient of variation of service time, default 0.5; lognormal only */
    int64_t error_ppm; /* own error share in health, default 0.1 %; stores and externals none */
    int64_t criticality_ppm; /* 0..1e6, default 0.5 */
    const char *zone;        /* "" = default */
    bool entry;              /* in entrypoints: requests from users arrive here */
};

struct topo_call {
    struct svc_id from, to;
    const char
        *protocol; /* as written; kafka, amqp, nats, mqtt: asynchronous, the caller does not wait */
    bool async;
    int64_t
        per_request_ppm; /* mean calls per request of the caller, < 1 is a probability; a caller's
                            unstated calls share 2, see topo_share_unstated in defaults.h */
    time_ns timeout_ns;  /* default 2s */
    uint32_t retries;    /* default 0 */
};

struct topo_group {
    const char *name;
    uint32_t count;
    const struct svc_id *users;
}; /* shared_resources */
struct topo_role {
    const char *name;
    struct svc_id service;
};

struct topology {
    const char *name, *title;
    uint32_t service_count, call_count, group_count, role_count;
    const struct topo_service *services;
    const struct topo_call *calls;
    const uint32_t *call_offset;     /* calls[call_offset[s] .. call_offset[s+1]) are from s */
    const struct topo_group *groups; /* ascending by name */
    const struct topo_role *roles;   /* ascending by name */
    const uint32_t *out_offset, *out_target; /* adjacency: callees */
    const uint32_t *in_offset, *in_source;   /* adjacency: callers */
};

/* Loads a topology file; NULL with diagnostics on bad input. text: its bytes. */
const struct topology *topo_load(struct arena *arena, const char *file, const char *text,
                                 size_t len, struct diags *diags);

/* The service of that name, or of that role; ID_NONE if there is neither. */
struct svc_id topo_service_named(const struct topology *t, const char *name);
struct svc_id topo_role_service(const struct topology *t, const char *role);

/* Mean visits of each service per request entering (through all entrypoints in equal shares), in
 * ppm: the solution of v = e + P'v. False if the graph feeds back so much that it has no finite
 * solution. */
bool topo_visit_ratios(const struct topology *t, int64_t *visits_ppm) MUST_CHECK;

/* How many services (kind service or frontend, without s itself) call s directly or over at most
 * depth calls. */
uint32_t topo_callers_within(const struct topology *t, struct svc_id s, uint32_t depth);

/* Graph facts by igraph (graph.c), for "check", "list" and selectors: connected components, whether
 * there are cycles, articulation points; arrays are service_count long. Edge code: before a run
 * only. */
struct topo_facts {
    uint32_t components, cycles_in;
    const uint8_t *articulation;
    uint32_t diameter;
};
bool topo_facts(struct arena *arena, const struct topology *t, struct topo_facts *out) MUST_CHECK;

/* A cut through the graph, by igraph. P(WORD, "name in files", "meaning"): side[s] is 1 on the
 * smaller side, 0 on the other. */
#define TOPO_PARTS(P)                                                                              \
    P(ONE, "one", "one service, from all others")                                                  \
    P(ZONE, "zone", "the zone of a service, from the others")                                      \
    P(MIN_CUT, "min_cut", "as few calls as possible between two sides")                            \
    P(COMMUNITY, "community", "those that call each other more than others, from the rest")        \
    P(ARTICULATION, "articulation", "a service without which the graph falls apart, from all")     \
    P(BRIDGE, "bridge", "the smaller side of a call without which the graph falls apart")
#define TOPO_PART_WORD(WORD, name, meaning) TOPO_PART_##WORD,
enum topo_part { TOPO_PARTS(TOPO_PART_WORD) TOPO_PART_COUNT };
#undef TOPO_PART_WORD
const char *topo_part_name(int64_t part);
/* of: the service that a cut is of, where one is asked for; NONE_ID: that of most calls among those
 * that fit. False if there is no such cut. Edge code: before a run only. */
bool topo_part(struct arena *arena, const struct topology *t, enum topo_part by, struct svc_id of,
               uint8_t *side) MUST_CHECK;

#endif
