/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_COVER_FILE_H
#define SIM_RUN_COVER_FILE_H
/*
 * DIR/coverage.tsv: a line an item that was reached: its name, in how many runs, the seed that
 * reached it first. By names, so that another build, whose tables have grown, reads it too; what a
 * build does not know any more is dropped.
 */
#include "engine/base/diag.h"
#include "reports/coverage.h"

#define COVER_FILE "coverage.tsv"

struct cover_file {
    uint64_t runs[COVER_MAX], first_seed[COVER_MAX];
    uint32_t reached, possible;
};

void cover_file_open(struct cover_file *cover); /* nothing is reached */
/* Adds what the folder's file holds; none is no error. */
bool cover_file_read(struct cover_file *cover, const char *folder, struct diags *diags) MUST_CHECK;
/* True if the run reached something that none before it had. */
bool cover_file_add(struct cover_file *cover, const uint8_t *hit, uint64_t seed);
bool cover_file_write(const struct cover_file *cover, const char *folder,
                      struct diags *diags) MUST_CHECK;

#endif
