/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_RUN_H
#define SIM_RUN_RUN_H
/*
 * One run: a scenario and a seed become a trace. Build (all memory is taken), seal, the plan's
 * records, the run, the heal, a quiet end. The trace's bytes are all that comes out; whoever wants
 * to know what happened reads them.
 */
#include "engine/base/diag.h"
#include "scenarios/scenario.h"
#include "sim/kernel/trace.h"

#define FIREDRILL_VERSION "0.1.0"

struct run_result {
    uint64_t digest;      /* of all records */
    uint64_t plan_digest; /* of what was to be run */
    uint64_t events, requests, records, steps;
    size_t memory; /* bytes of the arena */
};

/* The sink gets TRACE_MAGIC first. False (with diagnostics) if the world cannot be built. */
bool run_scenario(const struct scenario *scenario, trace_sink sink, void *context,
                  struct run_result *result, struct diags *diags) MUST_CHECK;

/* The policy's shared resources, as many as it has, as the engines' graph takes them. */
struct bind_group;
const struct bind_query *policy_questions(struct arena *arena, const struct policy *policy);
const struct bind_group *run_groups(struct arena *arena, const struct scenario *scenario);

#define RUN_RULES_MAX 256 /* of all rule files of a scenario together */

/* ---- plan_records.c ---- */
void plan_records(struct trace *trace, const struct scenario *scenario, uint64_t table_digest);
/* How long after the heal the judge demands that everything has ended ("liveness"). */
time_ns plan_settles_within(const struct scenario *scenario);

/* ---- a growing buffer as a sink ---- */
struct bytes {
    uint8_t *bytes;
    size_t len, capacity;
};
void bytes_sink(void *context, const void *bytes, size_t len);
void bytes_free(struct bytes *b);

#endif
