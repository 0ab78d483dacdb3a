/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/bench.h"
#include "engine/base/check.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REPEATS_MAX 100

struct bench bench_open(int argc, char **argv) {
    struct bench bench = {.repeats = 7};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--smoke") == 0) {
            bench.smoke = true;
            bench.repeats = 2; /* twice, to see the hash again */
        } else if (strcmp(argv[i], "--repeats") == 0 && i + 1 < argc) {
            bench.repeats = atoi(argv[++i]);
        }
        if (argv[i][0] != '-' ? bench.repeats < 1 || bench.repeats > REPEATS_MAX : !bench.smoke) {
            fprintf(stderr, "usage: %s [--smoke | --repeats 1..%d]\n", argv[0], REPEATS_MAX);
            exit(2);
        }
    }
    return bench;
}

uint64_t bench_size(const struct bench *bench, uint64_t full) {
    return bench->smoke ? full / 100 : full;
}

int64_t bench_clock(void) {
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bench_report(const struct bench *bench, const char *name, const char *unit, bench_run run,
                  uint64_t argument) {
    double ns[REPEATS_MAX];
    uint64_t hash = 0;
    for (int i = 0; i < bench->repeats; i++) {
        struct arena arena;
        arena_open(&arena);
        struct bench_work work = run(bench, &arena, argument);
        ns[i] = (double)(bench_clock() - work.started_ns) / (double)work.units;
        arena_close(&arena);
        ASSERT(i == 0 || work.hash == hash);
        hash = work.hash;
    }
    qsort(ns, (size_t)bench->repeats, sizeof *ns, by_value);
    printf("%s %.2f %.2f %s %016" PRIx64 "\n", name, ns[0], ns[bench->repeats / 2], unit, hash);
    fflush(stdout);
}

static uint64_t knot(double tail) { return (uint64_t)llround(-log(tail) * 1048576.0); }

void bench_exponential(struct quantile_table *table) {
    for (int i = 0; i < QUANTILE_CELLS; i++)
        table->body[i] = knot(1.0 - i / (double)QUANTILE_CELLS);
    for (int k = 0; k <= QUANTILE_TAIL; k++) {
        double distance = ldexp(1.0, -10 - k);
        table->low[k] = knot(1.0 - distance);
        table->high[k] = knot(distance);
    }
    table->body[QUANTILE_CELLS] = table->high[QUANTILE_TAIL];
}
