/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the cause is ranked first, and among the first three, by firedrill and by published
 * rules, on made-up recordings (corpus.h); and how often normal recordings are called abnormal.
 *
 *   rca_level [CASES]      prints the table; fails if a published rule is better than ours
 */
#include "tests/rca/rules.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SERVICES_MAX 64

static void rule_firedrill(const struct corpus_case *c, struct arena *arena, double *score) {
    struct rca_request request = {
        .topology = c->topology, .recording = &c->recording, .service = c->target, .at = c->at};
    struct rca_result result;
    rca_analyse(arena, &request, &result);
    for (uint32_t s = 0; s < c->topology->service_count; s++) score[s] = 0;
    for (uint32_t k = 0; k < result.count; k++)
        score[result.ranked[k].service.v] = result.ranked[k].score;
}

enum rule { FIREDRILL, TRAVERSAL, CORRELATION, REGRESSION, ROBUST_Z, RULE_COUNT };
static const char *const rule_names[] = {"firedrill", "traversal", "correlation", "regression",
                                         "robust z"};

static void apply(enum rule rule, const struct corpus_case *c, struct arena *arena, double *score) {
    switch (rule) {
    case FIREDRILL: rule_firedrill(c, arena, score); break;
    case TRAVERSAL: rule_traversal(c, score); break;
    case CORRELATION: rule_correlation(c, score); break;
    case REGRESSION: rule_regression(c, score); break;
    case ROBUST_Z: rule_robust_z(c, score); break;
    case RULE_COUNT: break;
    }
}

/* The cause's rank, from 1; ties count against. */
static uint32_t rank_of(const double *score, uint32_t count, uint32_t cause) {
    uint32_t rank = 1;
    for (uint32_t s = 0; s < count; s++) rank += s != cause && score[s] >= score[cause];
    return score[cause] > 0 ? rank : count;
}

struct tally {
    uint32_t cases, first[RULE_COUNT], third[RULE_COUNT];
};

static void measure(enum corpus_fault fault, uint64_t cases, struct tally *tally) {
    for (uint64_t number = 0; tally->cases < cases && number < 4 * cases; number++) {
        struct arena arena;
        struct corpus_case c;
        double score[SERVICES_MAX];
        arena_open(&arena);
        if (corpus_make(&c, &arena, 1, number, fault)) {
            tally->cases++;
            for (enum rule rule = FIREDRILL; rule < RULE_COUNT; rule++) {
                apply(rule, &c, &arena, score);
                uint32_t rank = rank_of(score, c.topology->service_count, c.cause.v);
                tally->first[rule] += rank == 1;
                tally->third[rule] += rank <= 3;
            }
        }
        arena_close(&arena);
    }
}

static double false_alarms(uint64_t cases) {
    uint32_t alarms = 0;
    for (uint64_t number = 0; number < cases; number++) {
        struct arena arena;
        struct corpus_case c;
        struct rca_result result;
        arena_open(&arena);
        if (corpus_make(&c, &arena, 1, number, CORPUS_NONE)) {
            struct rca_request request = {
                .topology = c.topology, .recording = &c.recording, .service = c.target, .at = c.at};
            rca_analyse(&arena, &request, &result);
            alarms += result.abnormal;
        }
        arena_close(&arena);
    }
    return 100.0 * alarms / (double)cases;
}

int main(int argc, char **argv) {
    uint64_t cases = argc > 1 ? strtoull(argv[1], NULL, 10) : 500;
    struct tally all = {0};
    bool better = true;
    gsl_set_error_handler_off();
    printf("%-10s", "first / 3");
    for (int r = 0; r < RULE_COUNT; r++) printf(" %13s", rule_names[r]);
    putchar('\n');
    for (enum corpus_fault fault = CORPUS_DELAY; fault < CORPUS_FAULT_COUNT; fault++) {
        struct tally tally = {0};
        measure(fault, cases, &tally);
        printf("%-10s", corpus_fault_name(fault));
        for (int r = 0; r < RULE_COUNT; r++) {
            printf("   %4.1f / %4.1f", 100.0 * tally.first[r] / tally.cases,
                   100.0 * tally.third[r] / tally.cases);
            all.first[r] += tally.first[r];
            all.third[r] += tally.third[r];
        }
        all.cases += tally.cases;
        printf("   (%u)\n", tally.cases);
    }
    printf("%-10s", "all");
    for (int r = 0; r < RULE_COUNT; r++) {
        printf("   %4.1f / %4.1f", 100.0 * all.first[r] / all.cases,
               100.0 * all.third[r] / all.cases);
        better &= r == FIREDRILL || all.first[FIREDRILL] > all.first[r];
    }
    double alarms = false_alarms(cases);
    printf("\nnormal recordings called abnormal: %.2f %%\n", alarms);
    return better && alarms <= 1 ? 0 : 1;
}
