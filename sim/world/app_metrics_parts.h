/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_APP_METRICS_PARTS_H
#define SIM_WORLD_APP_METRICS_PARTS_H
/* What a scrape of a pod is made of, for those who write it and those who bend it. */
#include "engine/base/prng.h"
#include "sim/world/app_parts.h"

/* A pod's series, in the order in which they are appended. */
enum {
    OF_CODE,
    OF_BUCKET = OF_CODE + APP_CODES,
    OF_DURATION_SUM = OF_BUCKET + APP_BUCKETS,
    OF_DURATION_COUNT,
    OF_CPU,
    OF_MEMORY,
    OF_CPU_LIMIT,
    OF_MEMORY_LIMIT,
    OF_DISK,
    OF_IN_FLIGHT,
    OF_IN_FLIGHT_AGE,
    OF_ABANDONED,
    OF_UP, /* from here on what Prometheus writes of the scrape itself */
    OF_SCRAPE_DURATION,
    OF_SCRAPED,
    OF_RELABELED,
    OF_ADDED,
    POD_SERIES
};
static inline bool is_counter(int i) {
    return i <= OF_DURATION_COUNT || i == OF_CPU || i == OF_ABANDONED;
}

/* Of a service: how often each way of bending is on, and the sum of their values. */
struct bent_service {
    uint32_t on[BEND_COUNT];
    int64_t value[BEND_COUNT];
    uint64_t acted[BEND_COUNT]; /* scrapes of pods that it changed */
    uint32_t resets;
    struct prng noise;
};
/* Of a pod's place: what its counters were, what is shown beside what they are. */
struct bent_place {
    uint32_t revision, resets;
    bool is_frozen;
    int64_t last[OF_UP], offset[OF_UP], frozen[OF_UP];
};

struct place {
    uint32_t revision; /* 0: nobody */
    uint32_t shown;    /* as which its samples are labelled */
    bool lost;         /* the last scrape failed */
    bool scraped;      /* one succeeded */
    uint32_t series[POD_SERIES];
};
struct edge_series {
    uint32_t series[APP_OUTCOMES];
};
struct app_metrics {
    struct app *app;
    struct prom *prom;
    struct place *places; /* by position */
    struct edge_series *edges;
    struct bent_service *bent; /* by service; NULL: the plan has no fault that bends scrapes */
    struct bent_place *bent_places;
};

/* Whether the plan has a fault that bends; then room for it is taken. */
void metrics_bend_open(struct app_metrics *m, struct arena *arena);
/* As which revision the pod's samples are labelled. */
uint32_t metrics_shown_revision(struct app_metrics *m, const struct app_pod *pod);
/* Changes what a scrape sees of a pod: its counts, when they are said to be from, whether they are
 * numbers. False: the scrape does not take place. */
bool metrics_bend(struct app_metrics *m, const struct app_pod *pod, uint32_t position,
                  int64_t counts[OF_UP], int64_t *at_ms, bool *is_nan);

#endif
