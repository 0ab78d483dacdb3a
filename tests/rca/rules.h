/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RCA_RULES_H
#define TESTS_RCA_RULES_H
/*
 * Published ideas to be better than, in short versions of ours, on a case's grid. Each gives every
 * service a score; the highest is the cause.
 */
#include "tests/rca/corpus.h"

/* Graph traversal: from the target along anomalous callees; the deepest is the cause. */
void rule_traversal(const struct corpus_case *c, double *score);
/* Ranked correlation of a service's symptom metrics with the target's (Pearson). */
void rule_correlation(const struct corpus_case *c, double *score);
/* A regression per service on its callees, fitted before; the largest residual now (CIRCA, Li et
 * al., KDD 2022). */
void rule_regression(const struct corpus_case *c, double *score);
/* The largest robust z-score of any metric (BARO, Pham et al., FSE 2024). */
void rule_robust_z(const struct corpus_case *c, double *score);

#endif
