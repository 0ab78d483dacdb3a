/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_SWEEP_LINES_H
#define REPORTS_FORMS_SWEEP_LINES_H
/*
 * A sweep's results as text: JSON objects, one a line, the head first, then a run a line. The same
 * values make the same bytes. Digests are 16 hexadecimal digits; a digest is no number, and larger
 * than most readers of JSON hold.
 */
#include "engine/base/arena.h"
#include "reports/sweep.h"

#define SWEEP_FORMAT 1

/* One object without a newline; the caller frees it. */
char *sweep_head_line(const struct sweep_plan *plan);
char *sweep_run_line(const struct run_summary *run);

/* False with the key or thing that was expected. The head's parts are the arena's. Of an incident's
 * timeline, only the buckets and their sum come back. */
bool sweep_head_read(const char *line, size_t len, struct arena *arena, struct sweep_plan *out,
                     const char **expected) MUST_CHECK;
bool sweep_run_read(const char *line, size_t len, struct run_summary *out,
                    const char **expected) MUST_CHECK;

#endif
