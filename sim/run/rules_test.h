/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_RULES_TEST_H
#define SIM_RUN_RULES_TEST_H
/*
 * Runs a file of rule tests as promtool does: each test in a Prometheus of its own that begins at
 * the epoch, every group evaluated at every evaluation interval whatever its own, samples arriving
 * as time goes; alerts that fire and values of expressions compared with what is expected.
 */
#include "sim/run/rules_suite.h"

struct rule_file {
    const char *path, *bytes;
    size_t len;
};
/* Writes what differs to out, in promtool's form. Returns how many expectations were not met, or -1
 * after a diagnostic: a rule file that does not load. */
int32_t rules_test_run(const struct suite *suite, const struct suite_test *test,
                       const struct rule_file *files, uint32_t file_count, uint32_t version,
                       FILE *out, struct diags *diags);

#endif
