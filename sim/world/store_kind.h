/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_STORE_KIND_H
#define SIM_WORLD_STORE_KIND_H
/*
 * What one kind of lock store does otherwise than another. The port is the same for all: acquire,
 * renew, release, leave, query, intents. One file a kind.
 */
#include "engine/base/simtime.h"

struct store_kind {
    time_ns (*lease)(time_ns asked_ns);    /* what of a TTL is granted; TIME_NEVER: it has none */
    time_ns (*noticed)(time_ns ends_mono); /* when a lease's end is acted on */
    bool revisions;        /* every write moves the number that tokens are taken from */
    bool forgets;          /* a successor may lack the last writes, and begins an epoch */
    bool prolongs;         /* a successor begins every lease anew */
    bool dies_with_holder; /* the machine frees what a process held */
    time_ns election_ns;   /* silent until a successor serves; TIME_NEVER: there is none */
};

extern const struct store_kind store_redis, store_etcd, store_file;

#endif
