/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file: flock(2). There is no time to live: the kernel frees the lock when the holder's process
 * ends, however it ends, and never before. Whoever is stopped, or hangs, keeps it. The token is a
 * counter in the file. One machine, hence no successor.
 */
#include "sim/world/store_kind.h"

static time_ns lease(time_ns asked_ns) {
    (void)asked_ns;
    return TIME_NEVER;
}
static time_ns noticed(time_ns ends_mono) { return ends_mono; }

const struct store_kind store_file = {
    .lease = lease,
    .noticed = noticed,
    .dies_with_holder = true,
    .election_ns = TIME_NEVER,
};
