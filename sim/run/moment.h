/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_MOMENT_H
#define SIM_RUN_MOMENT_H
/* Times and durations on the command line, in milliseconds. */
#include "engine/base/base.h"

/* Seconds since 1970 ("90.5"), or RFC 3339 in UTC ("2024-02-29T12:00:00Z", with decimals). */
bool moment_read(const char *text, size_t len, int64_t *ms) MUST_CHECK;
/* "1m30s", or seconds. */
bool span_read(const char *text, size_t len, int64_t *ms) MUST_CHECK;

#endif
