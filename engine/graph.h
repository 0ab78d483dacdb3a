/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_GRAPH_H
#define ENGINE_GRAPH_H
/*
 * Questions about the dependency graph as the engine knows it (which may be stale). Plain
 * adjacency, a bounded breadth-first search with stamped scratch: microseconds at 10,000 services.
 * Callers are "downstream" of a service here as in SPEC: what a change of the service could affect.
 */
#include "engine/base/arena.h"
#include "engine/config.h"

struct eng_search; /* scratch: stamps and a queue, service_count each; groups by member */
struct eng_search *search_open(struct arena *arena, const struct eng_graph *graph);

/* Hops from a to b along calls (a calls ... calls b), at most max_depth; 0 if a == b; -1 if further
 * or unreachable. */
int graph_hops(struct eng_search *search, struct svc_id a, struct svc_id b, int64_t max_depth);
/* Do both stand in one resource group? The first such group's index, or -1. */
int graph_shared_group(const struct eng_search *search, struct svc_id a, struct svc_id b);

/* Blast radius (SPEC §2): services (not stores, externals or the target) that call the target
 * directly or over
 * <= max_depth calls; group mates only if the plan changes the shared resource. share = count / all
 * services. Score = weight_direct per direct caller, weight_downstream per further caller,
 * weight_shared per group mate, weight_upstream per direct callee, in ppm units (1.0 = 1e6).
 * affected: each once, callers by distance, then group mates; in scratch until the next call. */
struct blast_radius {
    uint32_t count;
    int64_t share_ppm, score_ppm;
    const uint32_t *affected;
};
void graph_blast(struct eng_search *search, const struct eng_conflicts *weights,
                 struct svc_id target, bool changes_shared, struct blast_radius *out);

/* Two operations at once: the services that either could affect, and how many both could. Ends the
 * life of a former blast radius's affected. */
struct blast_target {
    struct svc_id service;
    bool changes_shared;
};
struct joint_blast {
    uint32_t common, count;
    int64_t share_ppm;
};
void graph_joint_blast(struct eng_search *search, const struct eng_conflicts *weights,
                       struct blast_target a, struct blast_target b, struct joint_blast *out);

/* The count always binds; the share only from blast_share_from affected services on, since one
 * caller is a large share of a small system. */
enum blast_bound { BLAST_WITHIN, BLAST_OVER_COUNT, BLAST_OVER_SHARE };
enum blast_bound graph_blast_bound(const struct eng_gates *limits, uint32_t count,
                                   int64_t share_ppm);

#endif
