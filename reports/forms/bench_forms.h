/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_BENCH_FORMS_H
#define REPORTS_FORMS_BENCH_FORMS_H
/* A benchmark set's score card, and the file that is published: bench.schema.json. */
#include "engine/base/arena.h"
#include "reports/bench.h"

void bench_text(const struct bench *bench, FILE *out, int width, bool colour);

/* With its seal, "sha256": of the same object without it, written compactly in the same order. The
 * same results make the same bytes. */
void bench_json(const struct bench *bench, FILE *out);

/* What a published file claims, for running some of it again. */
struct bench_claim {
    bool quick;
    char version[32];
    uint64_t program;
    uint32_t part_count;
    struct bench_claimed {
        char name[32];
        uint32_t scenario_count;
        uint64_t *plans; /* of its scenarios: their digests */
        struct bench_run *runs;
        uint64_t run_count;
    } parts[BENCH_PARTS_MAX];
};
/* False with why: no such file, another format or set, a seal that does not hold, or other counts
 * than of its runs. */
bool bench_read(const char *bytes, size_t len, struct arena *arena, struct bench_claim *out,
                char *why, size_t size) MUST_CHECK;

#endif
