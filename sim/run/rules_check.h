/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_RULES_CHECK_H
#define SIM_RUN_RULES_CHECK_H
/* Whether rule files load: how many rules each has, or what is wrong and where. */
#include "engine/base/diag.h"

/* As promtool says it, errors with their lines on stderr. */
enum status rule_files_check(const char *const *files, uint32_t count);
/* One JSON object on stdout, and nothing on stderr: {"ok": ..., "files": [{"file", "ok", "groups",
 * "rules", "error_count", "errors": [{"line", "column", "message"}]}]}; places from 1, 0 the whole
 * file; at most DIAG_MAX errors a file are listed. */
enum status rule_files_check_json(const char *const *files, uint32_t count);

#endif
