/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole run with engines in the loop, request by request: what an event costs, how many a request
 * entering makes, how much faster than the clock on the wall it goes. Scenario and data are the
 * project's own; the trace is written and thrown away.
 */
#include "bench/bench.h"

#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void nowhere(void *context, const void *bytes, size_t len) {
    (void)context;
    (void)bytes;
    (void)len;
}

static const struct scenario *load(struct arena *arena, const char *name) {
    static struct diags diags;
    const char *path, *suggestion, *bytes;
    size_t len;
    struct scenario *list;
    uint32_t count;
    if (!file_find(arena, "scenario", name, NULL, &path, &suggestion) ||
        !file_read(arena, path, &bytes, &len, &diags)) {
        fprintf(stderr, "bench_world: no scenario %s\n", name);
        exit(STATUS_BAD_INPUT);
    }
    struct file_source source = {arena, path};
    struct scn_files files = {&source, file_source_read, file_source_list};
    if (!scn_load(arena, path, bytes, len, &files, NULL, &diags, &list, &count))
        exit((int)bad_input(&diags));
    return &list[0];
}

static int64_t processor_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int main(int argc, char **argv) {
    struct bench bench = bench_open(argc, argv);
    const char *name = "01_high_error_rate";
    struct arena arena;
    arena_open(&arena);
    const struct scenario *scenario = load(&arena, name);
    int64_t best = INT64_MAX;
    struct run_result result = {0};
    for (int k = 0; k < bench.repeats; k++) {
        struct diags diags = {0};
        int64_t began = processor_ns();
        if (!run_scenario(scenario, nowhere, NULL, &result, &diags)) return (int)bad_input(&diags);
        int64_t took = processor_ns() - began;
        if (took < best) best = took;
    }
    double seconds = (double)best / 1e9, simulated = (double)scenario->plan.duration_ns / 1e9;
    unsigned long long digest = (unsigned long long)result.digest;
    printf("world_event            %8.1f ns            %016llx\n",
           (double)best / (double)result.events, digest);
    printf("world_events_a_second  %8.2f million/s     %016llx\n",
           (double)result.events / seconds / 1e6, digest);
    printf("world_events_a_request %8.2f events        %016llx\n",
           (double)result.events / (double)result.requests, digest);
    printf("world_over_real_time   %8.0f times         %016llx\n", simulated / seconds, digest);
    printf("world_memory           %8.1f MiB           %016llx\n",
           (double)result.memory / 1048576.0, digest);
    arena_close(&arena);
    return 0;
}
