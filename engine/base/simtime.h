/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_SIMTIME_H
#define BASE_SIMTIME_H
/*
 * Time is int64 nanoseconds, never a double. Three clocks use the type and are told apart by name:
 *   ..._at      simulated (true) time, 0 at the start of the run; known to kernel, world and judge
 * only
 *   ..._wall    a node's wall clock, nanoseconds since 1970-01-01T00:00:00Z; may step
 *   ..._mono    a node's monotonic clock; may drift, never goes back
 *   ..._ns      a duration
 */
#include "engine/base/base.h"

typedef int64_t time_ns;

#define NS_PER_US   INT64_C(1000)
#define NS_PER_MS   INT64_C(1000000)
#define NS_PER_S    INT64_C(1000000000)
#define NS_PER_MIN  (60 * NS_PER_S)
#define NS_PER_HOUR (3600 * NS_PER_S)
#define TIME_NEVER  INT64_MAX

/* a + b without overflow: saturates at the ends of int64. */
time_ns time_add(time_ns a, time_ns b);

/* Reads "250ms", "36s", "1.5s", "5m", "2h", "7d", "100us", "10ns"; whole nanoseconds only; a
 * leading "-" is read too, what may be negative is for the caller to say. False if not a duration.
 */
bool duration_parse(const char *s, size_t len, time_ns *out) MUST_CHECK;

/* Prints the exact form in the largest of s, ms, us, ns that is not larger: "36s", "250ms", "1.5s",
 * minus two minutes is "-120s". Returns the length, as snprintf does; terminates within size. */
int duration_format(char *buffer, size_t size, time_ns ns);

/* Reads and prints RFC 3339 in UTC, "2026-01-05T09:00:00Z" with up to nine decimals. */
bool wall_parse(const char *s, size_t len, time_ns *out) MUST_CHECK;
int wall_format(char *buffer, size_t size, time_ns wall);

#endif
