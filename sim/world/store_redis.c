/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Redis: SET NX PX takes, compare-and-delete gives back, a key is gone at its millisecond, asked or
 * not. A primary answers before its replicas have the write, so a successor may lack the last ones;
 * Sentinel counts its successors (config epoch), and that count is the tokens' epoch here. With
 * three sentinels and down-after-milliseconds 2000 a stopped primary had its successor after 2.4 to
 * 3.2 s (Redis 7.0.15).
 */
#include "sim/world/store_kind.h"

static time_ns lease(time_ns asked_ns) { return asked_ns; }
static time_ns noticed(time_ns ends_mono) { return ends_mono; }

const struct store_kind store_redis = {
    .lease = lease,
    .noticed = noticed,
    .forgets = true,
    .election_ns = 2800 * NS_PER_MS,
};
