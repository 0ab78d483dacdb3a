/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/rca/rules.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_multifit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#define ANOMALOUS 5.0

/* The grid counts services by the number in their name; the rules by the topology's id. */
static const double *row(const struct corpus_case *c, int metric, uint32_t id) {
    return c->value[metric] +
           (size_t)strtoul(c->topology->services[id].name + 1, NULL, 10) * c->steps;
}

static size_t present(const double *v, uint32_t from, uint32_t to, double *out) {
    size_t n = 0;
    for (uint32_t i = from; i < to; i++)
        if (!isnan(v[i])) out[n++] = v[i];
    return n;
}

/* Largest |x - median| / IQR in the abnormal window. */
static double robust_z(const struct corpus_case *c, int metric, uint32_t id) {
    const double *v = row(c, metric, id);
    double *b = malloc(c->steps * sizeof *b), most = 0;
    size_t n = present(v, 0, c->onset, b);
    if (n >= 4) {
        gsl_sort(b, 1, n);
        double median = gsl_stats_median_from_sorted_data(b, 1, n);
        double iqr = gsl_stats_quantile_from_sorted_data(b, 1, n, 0.75) -
                     gsl_stats_quantile_from_sorted_data(b, 1, n, 0.25);
        for (uint32_t i = c->onset; i < c->end; i++)
            if (!isnan(v[i])) most = fmax(most, fabs(v[i] - median) / fmax(iqr, 1e-9));
    }
    free(b);
    return most;
}

static double symptom_z(const struct corpus_case *c, uint32_t id) {
    return fmax(robust_z(c, M_LATENCY, id), robust_z(c, M_FAILURES, id));
}

void rule_robust_z(const struct corpus_case *c, double *score) {
    for (uint32_t s = 0; s < c->topology->service_count; s++) {
        score[s] = 0;
        for (int m = 0; m < M_COUNT; m++) score[s] = fmax(score[s], robust_z(c, m, s));
    }
}

static void walk(const struct corpus_case *c, uint32_t s, uint32_t depth, double *score) {
    const struct topology *t = c->topology;
    double here = depth + 1 - 1 / (2 + symptom_z(c, s));
    if (score[s] >= here || depth > t->service_count) return;
    score[s] = here;
    for (uint32_t k = t->out_offset[s]; k < t->out_offset[s + 1]; k++)
        if (symptom_z(c, t->out_target[k]) >= ANOMALOUS && !(score[t->out_target[k]] > 0))
            walk(c, t->out_target[k], depth + 1, score);
}

void rule_traversal(const struct corpus_case *c, double *score) {
    for (uint32_t s = 0; s < c->topology->service_count; s++) score[s] = 0;
    walk(c, c->target.v, 0, score);
}

static double correlation(const struct corpus_case *c, int metric, uint32_t a, uint32_t b) {
    const double *v = row(c, metric, a), *w = row(c, metric, b);
    double *x = malloc(c->end * sizeof *x), *y = malloc(c->end * sizeof *y), r = 0;
    size_t n = 0;
    for (uint32_t i = 0; i < c->end; i++)
        if (!isnan(v[i]) && !isnan(w[i])) {
            x[n] = v[i];
            y[n++] = w[i];
        }
    if (n > 3) r = fabs(gsl_stats_correlation(x, 1, y, 1, n));
    free(x);
    free(y);
    return isnan(r) ? 0 : r;
}

void rule_correlation(const struct corpus_case *c, double *score) {
    int metric = robust_z(c, M_LATENCY, c->target.v) > robust_z(c, M_FAILURES, c->target.v)
                     ? M_LATENCY
                     : M_FAILURES;
    for (uint32_t s = 0; s < c->topology->service_count; s++)
        score[s] =
            ID_EQ(((struct svc_id){s}), c->target) ? 0 : correlation(c, metric, s, c->target.v);
}

/* |residual| / its deviation before, largest now; without callees the plain z. */
static double residual_z(const struct corpus_case *c, int metric, uint32_t s) {
    const struct topology *t = c->topology;
    uint32_t callees = t->out_offset[s + 1] - t->out_offset[s];
    const double *y = row(c, metric, s);
    size_t p = callees + 1, n = 0;
    gsl_matrix *x = gsl_matrix_calloc(c->end, p);
    gsl_vector *target = gsl_vector_calloc(c->end);
    uint32_t *when = malloc(c->end * sizeof *when);
    size_t before = 0;
    for (uint32_t i = 0; i < c->end; i++) {
        bool whole = !isnan(y[i]);
        for (uint32_t k = 0; k < callees; k++) {
            double v = row(c, metric, t->out_target[t->out_offset[s] + k])[i];
            whole &= !isnan(v);
            gsl_matrix_set(x, n, k + 1, v);
        }
        if (!whole) continue;
        gsl_matrix_set(x, n, 0, 1);
        gsl_vector_set(target, n, y[i]);
        when[n++] = i;
        before += i < c->onset;
    }
    double most = 0;
    if (before > p + 3) {
        gsl_multifit_linear_workspace *w = gsl_multifit_linear_alloc(before, p);
        gsl_matrix_view fit = gsl_matrix_submatrix(x, 0, 0, before, p);
        gsl_vector_view of = gsl_vector_subvector(target, 0, before);
        gsl_vector *beta = gsl_vector_alloc(p);
        gsl_matrix *cov = gsl_matrix_alloc(p, p);
        double chisq;
        gsl_multifit_linear(&fit.matrix, &of.vector, beta, cov, &chisq, w);
        double sd = sqrt(chisq / (double)(before - p));
        for (size_t i = before; i < n; i++) {
            double fitted = 0;
            for (size_t k = 0; k < p; k++)
                fitted += gsl_vector_get(beta, k) * gsl_matrix_get(x, i, k);
            most = fmax(most, fabs(gsl_vector_get(target, i) - fitted) / fmax(sd, 1e-9));
        }
        gsl_multifit_linear_free(w);
        gsl_vector_free(beta);
        gsl_matrix_free(cov);
    }
    gsl_matrix_free(x);
    gsl_vector_free(target);
    free(when);
    return isnan(most) ? 0 : most;
}

void rule_regression(const struct corpus_case *c, double *score) {
    for (uint32_t s = 0; s < c->topology->service_count; s++)
        score[s] = fmax(residual_z(c, M_LATENCY, s), residual_z(c, M_FAILURES, s));
}
