/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_RCA_METRIC_H
#define REPORTS_RCA_METRIC_H
/*
 * What a recorded metric measures, as far as its name says: people record "latency", "latency_p99",
 * "response_time_ms", "availability", "http_5xx_rate", "rps". Only metric names are read so; a
 * service's name never decides anything. Whatever is not known is a resource: something that a
 * service uses up.
 */
#include "engine/base/base.h"

enum metric_family {
    METRIC_LATENCY,      /* a time a request takes; what callers pass on */
    METRIC_ERRORS,       /* share of requests that fail; what callers pass on */
    METRIC_AVAILABILITY, /* share that does not fail */
    METRIC_LOAD,         /* requests per time */
    METRIC_RESOURCE,     /* CPU, memory, disk, sockets and all else */
    METRIC_FAMILY_COUNT
};
const char *metric_family_name(enum metric_family family);

struct metric_meaning {
    enum metric_family family;
    int percentile; /* of a latency: 50, 90, 95, 99; 0 is the mean, or not stated */
    bool per_load;  /* a resource that grows with the requests, as CPU does */
};
struct metric_meaning metric_meaning(const char *name);

#endif
