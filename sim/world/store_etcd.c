/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * etcd: a lease and a key under it; the revision of the store is the token. What it acknowledged a
 * quorum has, so a new leader lacks nothing; but leases are only in the leader's memory, and a new
 * one begins each anew, since it cannot know how much of it is left. Leases are whole seconds, at
 * least two (1.5 elections of 1 s, rounded up), and a loop looks every 500 ms which have ended.
 * A stopped leader had its successor after 2.05 s (etcd 3.4.23).
 */
#include "sim/world/store_kind.h"

#define LEASE_MIN  (2 * NS_PER_S)
#define LOOP_EVERY (500 * NS_PER_MS)

static time_ns up_to(time_ns ns, time_ns unit) {
    return ns > TIME_NEVER - unit ? TIME_NEVER : (ns + unit - 1) / unit * unit;
}

static time_ns lease(time_ns asked_ns) {
    return asked_ns < LEASE_MIN ? LEASE_MIN : up_to(asked_ns, NS_PER_S);
}

static time_ns noticed(time_ns ends_mono) { return up_to(ends_mono, LOOP_EVERY); }

const struct store_kind store_etcd = {
    .lease = lease,
    .noticed = noticed,
    .revisions = true,
    .prolongs = true,
    .election_ns = 2050 * NS_PER_MS,
};
