/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_APP_RIG_H
#define TESTS_APP_RIG_H
/* The simulated application alone, for its tests and its benchmark: a topology file's text and a
 * load in, an app and the kernel it runs on out. The trace is kept in memory. */
#include "sim/kernel/trace.h"
#include "sim/world/app.h"
#include "sim/world/fact.h"

struct rig_setup {
    const char *topology; /* text of a topology file */
    int64_t rate_milli;
    enum plan_arrivals arrivals;
    uint64_t seed;
    uint32_t fault_count;
    const struct plan_fault *faults;
    bool trace_requests;
};
struct rig {
    struct arena arena;
    struct plan plan;
    const struct topology *topology;
    struct dist_tables *tables;
    struct sim *sim;
    struct trace *trace;
    struct app *app;
    uint8_t *bytes; /* of the trace; rig_flush brings them up to date */
    size_t len, size;
};

void rig_open(struct rig *rig, const struct rig_setup *setup);
void rig_close(struct rig *rig);
/* No further arrivals; runs until nothing is under way. */
void rig_drain(struct rig *rig);
struct svc_id rig_service(const struct rig *rig, const char *name);
struct app_totals rig_totals(const struct rig *rig, const char *name);

/* The records of one kind in the trace, as rows of integers (time first); texts read as 0. Returns
 * how many there are; fills up to max. */
#define RIG_FIELDS 16
size_t rig_records(struct rig *rig, enum record_kind kind, int64_t (*rows)[RIG_FIELDS], size_t max);

#endif
