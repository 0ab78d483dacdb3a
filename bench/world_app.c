/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The application alone, on the shop topology: events a second and how many times faster than real
 * time. "smoke" runs a short piece of the same.
 */
#include "engine/base/check.h"
#include "sim/prometheus/prometheus.h"
#include "tests/unit/app_rig.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds_now(void) {
    struct timespec t;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static char *file_text(const char *path) {
    FILE *in = fopen(path, "rb");
    ASSERT(in && fseek(in, 0, SEEK_END) == 0);
    long size = ftell(in);
    ASSERT(size >= 0 && fseek(in, 0, SEEK_SET) == 0);
    char *text = calloc(1, (size_t)size + 1);
    ASSERT(text && fread(text, 1, (size_t)size, in) == (size_t)size);
    fclose(in);
    return text;
}

static struct app_metrics *metrics_of(struct rig *rig) {
    const struct prom_options options = {
        .series_max = app_metrics_series_max(&rig->plan),
        .samples_per_series = 400,
        .retention_ms = 600000,
    };
    struct prom *prom = prom_open(&rig->arena, &options);
    return app_metrics_open(&rig->arena, rig->app, &rig->plan, prom);
}

static void run(const char *text, int64_t rate_per_s, int64_t simulated_s, bool scraped) {
    struct rig rig;
    rig_open(&rig,
             &(struct rig_setup){.topology = text, .rate_milli = rate_per_s * 1000, .seed = 1});
    struct app_metrics *metrics = scraped ? metrics_of(&rig) : NULL;
    app_start(rig.app);
    double begin = seconds_now();
    for (int64_t s = 0; s < simulated_s; s++) {
        sim_run(rig.sim, sim_now(rig.sim) + NS_PER_S);
        app_truth(rig.app);
        if (scraped) app_metrics_scrape(metrics, sim_now(rig.sim));
    }
    double took = seconds_now() - begin;
    double events = (double)sim_event_count(rig.sim), visits = 0;
    for (uint32_t s = 0; s < rig.topology->service_count; s++) {
        struct app_totals t;
        app_totals(rig.app, (struct svc_id){s}, &t);
        visits += (double)t.requests;
    }
    double requests = (double)app_request_count(rig.app);
    printf("%6lld requests/s: %5.2f visits, %5.2f events a request; %6.1f ns an event, "
           "%5.2f million events/s, %6.0f times real time, %5.1f MiB%s\n",
           (long long)rate_per_s, visits / requests, events / requests, took / events * 1e9,
           events / took / 1e6, (double)simulated_s / took, (double)rig.arena.taken / (1 << 20),
           scraped ? ", scraped each second" : "");
    rig_close(&rig);
}

int main(int argc, char **argv) {
    bool smoke = argc > 1 && strcmp(argv[1], "smoke") == 0;
    char *text = file_text(FIREDRILL_SOURCE_DIR "/topologies/catalogue/shop.yaml");
    run(text, 125, smoke ? 2 : 200, false);
    run(text, 1250, smoke ? 2 : 100, false);
    run(text, 1250, smoke ? 2 : 100, true);
    if (!smoke) run(text, 5000, 25, false);
    free(text);
    return 0;
}
