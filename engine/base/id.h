/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_ID_H
#define BASE_ID_H
/*
 * Identities. Each is a struct of one field, so that swapping two is a compile error. Ids are small
 * dense integers wherever something is looked up by them; NONE_ID says "nobody". The order of ids
 * is meaningful and total: a service's id is the rank of its name in byte order within its
 * topology, so id order is the canonical (alphabetical) lock order, whatever the order in the file.
 */
#include "engine/base/base.h"

#define NONE_ID   UINT32_MAX
#define NONE_ID64 UINT64_MAX

struct svc_id {
    uint32_t v;
}; /* a service (or store, cache, queue, external) of the topology */
struct engine_id {
    uint32_t v;
}; /* an engine instance of the run, from 0 */
struct node_id {
    uint32_t v;
}; /* a node of the simulated network */
struct person_id {
    uint32_t v;
}; /* somebody on call */
struct revision_id {
    uint32_t v;
}; /* a build of some service; world-wide, never used again; 0 is "none" */
struct incident_id {
    uint64_t v;
}; /* engine << 48 | incarnation << 32 | counter from 1 */
struct op_id {
    uint64_t v;
}; /* operation; composed as incident_id is */

#define ID_NONE(type)   ((struct type){NONE_ID})
#define ID_NONE64(type) ((struct type){NONE_ID64})
#define ID_EQ(a, b)     ((a).v == (b).v)

#endif
