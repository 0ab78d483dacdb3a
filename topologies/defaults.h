/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_DEFAULTS_H
#define TOPOLOGIES_DEFAULTS_H
/*
 * What a topology file that states nothing is taken to say. The only place where these numbers
 * stand; docs/TOPOLOGIES.md repeats them for people.
 */
#include "topologies/topology.h"

/* Limits of what a file may state. */
#define TOPO_MAX_SERVICES   100000
#define TOPO_MAX_CALLS      1000000
#define TOPO_MAX_NAME_BYTES 200

/* per_request of a call that states none, until topo_share_unstated has given it one. */
#define TOPO_UNSTATED INT64_C(-1)

/* A service of that kind that states nothing; name, language and zone are "". */
struct topo_service topo_default_service(enum topo_kind kind);
/* A call that states neither: protocol "", per_request unstated. */
struct topo_call topo_default_call(struct svc_id from, struct svc_id to);
/* Whether callers do not wait for calls of that protocol: kafka, amqp, nats, mqtt. */
bool topo_protocol_async(const char *protocol);

/* Gives every unstated call of a caller its share. Files of facts say who calls whom, not how
 * often: one call each would make a thousand visits of one request in a deep graph and infinitely
 * many in a cycle. So a caller's unstated calls are 2 a request together, none more than 1; those
 * among them that can lead back to the caller are 0.5 together, which makes every cycle of unstated
 * calls die out. False if igraph fails. */
bool topo_share_unstated(const struct topology *t, struct topo_call *calls) MUST_CHECK;

#endif
