/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_TOPOLOGY_PARTS_H
#define SIM_RUN_TOPOLOGY_PARTS_H
/* What "firedrill topology" does, a file each, and what those share. */
#include "sim/run/command.h"
#include "sim/run/files.h"

enum status topology_show(const struct arguments *a);   /* topology_show.c */
enum status topology_import(const struct arguments *a); /* topology_import.c */

/* Index of an option's value among names; false after a message. */
bool topology_choice(const struct arguments *a, const char *option, const char *const *names,
                     size_t count, int otherwise, int *out);
/* To --out, or printed. */
enum status topology_put(const struct arguments *a, const char *text, size_t len);

#endif
