/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_IMPORT_IMPORT_H
#define TOPOLOGIES_IMPORT_IMPORT_H
/*
 * What others know of an application, as a topology file of ours. Files are hostile; whatever
 * cannot be read is an error with its place.
 *
 *   graphml     nodes and directed edges, as Neo4j's APOC and igraph write them (GraphML, Brandes
 *               et al., Graph Drawing 2001): a node's name, kind, replicas, limits and language, an
 *               edge's label, protocol and per_request
 *   kubernetes  manifests: Deployments, StatefulSets and DaemonSets; who calls whom by the values
 * of
 *               *_ADDR, *_HOST and the like that name a Service or a workload
 *   compose     Docker Compose: depends_on, and the same variables
 *   jaeger      its dependencies as JSON: parent, child, callCount
 *
 * Entry points are what calls others and is called by nobody but load generators; where there is no
 * such, what is published to the outside.
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"

#define TOPO_FORMATS(F)                                                                            \
    F(GRAPHML, "graphml")                                                                          \
    F(KUBERNETES, "kubernetes")                                                                    \
    F(COMPOSE, "compose")                                                                          \
    F(JAEGER, "jaeger")
#define TOPO_FORMAT_(NAME, word) TOPO_FROM_##NAME,
enum topo_format { TOPO_FORMATS(TOPO_FORMAT_) TOPO_FORMAT_COUNT };
#define TOPO_FORMAT_WORD(NAME, word) word,

/* from: TOPO_FORMAT_COUNT tells the format by its content. name: of the topology. The text is a
 * file that topo_load takes, in the arena, terminated; NULL with diagnostics. */
const char *topo_import(struct arena *arena, enum topo_format from, const char *file,
                        const char *name, const char *text, size_t len, struct diags *diags,
                        size_t *out_len);

#endif
