/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_ADJACENCY_H
#define TOPOLOGIES_ADJACENCY_H
/*
 * From services and calls to a topology with its indexes: what a loader, an importer and a
 * generator share.
 */
#include "topologies/topology.h"

/* services: ascending by name, distinct, at least one, and kept by reference. calls: any order,
 * copied; nobody calls itself; per_request_ppm may be TOPO_UNSTATED and is then given its default.
 * Groups and roles start empty. NULL only if igraph fails. */
struct topology *topo_assemble(struct arena *arena, const struct topo_service *services,
                               uint32_t service_count, const struct topo_call *calls,
                               uint32_t call_count) MUST_CHECK;

/* Rank of a name among services ascending by name; ID_NONE if it is not there. */
struct svc_id topo_find_service(const struct topo_service *services, uint32_t count,
                                const char *name);

#endif
