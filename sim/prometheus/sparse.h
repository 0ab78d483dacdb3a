/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_SPARSE_H
#define SIM_PROMETHEUS_SPARSE_H
/*
 * Ranges that hold too few samples: rate() and its like need two, and a window shorter than two
 * scrapes has fewer, now and then or always. Prometheus says nothing then, and an alert on it is
 * silent for ever, so whoever knows how often is scraped is told when the rules are read.
 */
#include "sim/prometheus/syntax.h"

/* A warning for each such call in the tree, at its place in the text (line and column from 1). */
void sparse_ranges(const struct node *node, int64_t scrape_ms, struct diags *found);

#endif
