/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_TRACE_FILE_H
#define SIM_RUN_TRACE_FILE_H
/*
 * A trace in a file, mapped and not loaded: what was read of it is given back to the system, piece
 * by piece, and comes again from the file where somebody looks at it. So its length costs no
 * memory. A file that gets shorter while it is read ends the program with a message and exit 2.
 */
#include "engine/base/diag.h"
#include "reports/judge/facts.h"

struct trace_file {
    const char *path;
    const char *bytes;
    size_t len;
};

/* False with a diagnostic. The path must live as long. */
bool trace_file_open(struct trace_file *file, const char *path, struct diags *diags) MUST_CHECK;
void trace_file_close(struct trace_file *file);
/* For a trace_reader over the file. */
void trace_file_passed(const void *bytes, size_t len);
/* False with a diagnostic. The file must stay open as long as the facts. */
bool trace_file_facts(const struct trace_file *file, struct facts *facts,
                      struct diags *diags) MUST_CHECK;

#endif
