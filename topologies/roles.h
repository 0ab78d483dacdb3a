/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_ROLES_H
#define TOPOLOGIES_ROLES_H
/*
 * Who plays "payment", "order" and "notification" where a topology's file does not say. Scenarios
 * speak of these three; a file of facts knows nothing of them, and the graph says who can be meant:
 *
 *   payment, order   the ends of one call between two services (order calls payment): of the calls
 *                    that the caller makes for at least three requests in five, and waits for, the
 * one that most requests take notification     another service, that most requests reach, best one
 * that neither calls those two nor is called by them; where there is none, a frontend
 *
 * An engine patches payment and order by itself, so both have to be within its limits of who may be
 * affected. A role or a service of that name in the file comes first, and the others go by it.
 * Equals are told apart by the order of names.
 */
#include "topologies/topology.h"

/* How many may call what is patched (a policy's blast radius). */
struct topo_reach {
    uint32_t depth;      /* calls */
    int64_t count;       /* services at most ... */
    int64_t share_ppm;   /* ... and this share of all, ... */
    int64_t share_count; /* ... where at least so many are affected */
};
bool topo_within_reach(const struct topology *t, struct svc_id s, const struct topo_reach *reach);

enum topo_usual { TOPO_PAYMENT, TOPO_ORDER, TOPO_NOTIFICATION, TOPO_USUAL_COUNT };
const char *topo_usual_name(enum topo_usual role);

/* visits: topo_visit_ratios. None for a role that nobody can play. */
void topo_usual_roles(const struct topology *t, const int64_t *visits,
                      const struct topo_reach *reach, struct svc_id out[TOPO_USUAL_COUNT]);

/* Mean calls of one to another for a request of its own, as far as it waits for them, in ppm. */
int64_t topo_awaited(const struct topology *t, struct svc_id from, struct svc_id to);
/* Services and frontends: what serves requests by code that can be patched. */
bool topo_serves(const struct topology *t, uint32_t s);

#endif
