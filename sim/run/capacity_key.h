/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_CAPACITY_KEY_H
#define SIM_RUN_CAPACITY_KEY_H
/*
 * What is varied, "incidents.rate=1/min..200/min": a key as --set takes it, and its range, made
 * into points that are decimal numbers a person would write. Whole numbers without a unit stay
 * whole; else there are a thousand points and up to ten thousand.
 */
#include "engine/base/diag.h"
#include "reports/capacity.h"

/* False with a diagnostic. The key's and the unit's text is the axis' own. */
bool capacity_key_read(struct capacity_axis *out, const char *text, struct diags *diags) MUST_CHECK;

#endif
