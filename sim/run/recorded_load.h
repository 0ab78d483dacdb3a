/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_RECORDED_LOAD_H
#define SIM_RUN_RECORDED_LOAD_H
/* Recorded series of requests as the lines of a load: "seconds,requests a second". */
#include "engine/base/arena.h"
#include "engine/base/diag.h"

/* Whether the text is OpenMetrics, and not such lines already. */
bool is_openmetrics(const char *text, size_t len);
/* All series of one metric together; a counter (..._total, ..._count) gives the rate between two
 * samples, from the first of them on, and begins anew where it falls; a gauge is the rate. False
 * after a diagnostic. */
bool recorded_load(struct arena *arena, const char *file, const char *text, size_t len,
                   const char **lines, size_t *lines_len, struct diags *diags) MUST_CHECK;

#endif
