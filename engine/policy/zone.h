/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_POLICY_ZONE_H
#define ENGINE_POLICY_ZONE_H
/*
 * A time zone of the IANA data base as instants at which the offset from UTC changes, from its TZif
 * file (RFC 9636, versions 1 to 4). What the file says of all later years by a rule (its footer, a
 * TZ string of POSIX) is laid out to the end of 2199, so that nobody asks a rule afterwards.
 * Seconds since 1970. Files with leap seconds ("right/") are refused. Edge code: never in a run.
 */
#include "engine/base/arena.h"
#include "engine/base/simtime.h"

struct zone_change {
    int64_t at;     /* UTC */
    int32_t offset; /* of local time, from then on: local = UTC + offset */
};
struct zone {
    int32_t first_offset; /* before the first change */
    uint32_t count;
    const struct zone_change *changes; /* ascending */
};

/* NULL: it is read, into the arena. Else what is wrong with the bytes. */
const char *zone_read(struct zone *zone, struct arena *arena, const void *bytes,
                      size_t len) MUST_CHECK;

/* A name of the data base: letters, digits, "_", "+", "-", in parts between slashes. Nothing that
 * leads elsewhere. */
bool zone_name_good(const char *name);

int32_t zone_offset(const struct zone *zone, int64_t utc);

/* The instants at which clocks show a local time: one; two where it was put back (the earlier and
 * the later); and where it was put forward, so that no clock shows it, the instant of that. */
struct zone_instants {
    int64_t earliest, latest;
    bool skipped;
};
struct zone_instants zone_instants(const struct zone *zone, int64_t local);

#endif
