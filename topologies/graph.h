/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_GRAPH_H
#define TOPOLOGIES_GRAPH_H
/* What graph.c works out with igraph for the rest of topologies/. No igraph type crosses. */
#include "topologies/topology.h"

/* component[s]: services that can reach each other have the same number. False if igraph fails. */
bool topo_strong_components(const struct topology *t, uint32_t *component) MUST_CHECK;

#endif
