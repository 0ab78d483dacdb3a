/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_WORLD_H
#define SIM_WORLD_WORLD_H
/*
 * The world: everything that is not an engine. Nodes behind a network: engines, metrics, lock store
 * with its registry, deploy target, patch and CI services, logs, traces, change feed, log store for
 * audit, people. An engine's effect becomes a message to the node that serves it; the node's answer
 * becomes an input, both through the network, which delays, loses or drops them. A lost message is
 * silence, never an error code.
 *
 * The world knows no engine. Whoever binds one gives hooks: one that takes inputs, two that
 * translate metrics (a query to an expression and its value to an integer; an alert's labels to
 * ids).
 */
#include "engine/words/contract.h"
#include "scenarios/words/plan.h"
#include "sim/kernel/sim.h"
#include "sim/kernel/trace.h"
#include "sim/prometheus/alertmanager.h"
#include "sim/prometheus/prometheus.h"

struct world;
struct world_hooks {
    void *context;
    /* An input for an engine; wall and mono are already those of its node. */
    void (*input)(void *context, uint32_t engine, const struct eng_input *input);
    /* The metrics node answers a query at its own time now_ms. */
    void (*query)(void *context, struct prom *prom, int64_t now_ms, const struct eff_query *query,
                  struct in_query_result *out);
    /* An alert as an input: false = not for engines. */
    bool (*alert)(void *context, const struct prom_alert *alert, struct in_alert *out);
    /* An entry of an engine's audit log from before t = 0, written at that wall time: sequence and
     * previous are given, body and hash asked for. Only of a plan that has such. */
    void (*past_entry)(void *context, uint32_t engine, time_ns wall, struct eff_audit_append *out);
    /* The engine's process is started anew: it knows nothing. "recovered" follows. */
    void (*restart)(void *context, uint32_t engine);
    /* The host's signature under a checkpoint that stands there. */
    void (*sign)(void *context, uint32_t engine, struct eff_checkpoint *out);
    /* What holds alerts back, groups and repeats them on their way to the engines; NULL: each
     * reaches them as soon as it fires, and at every evaluation. */
    struct alertmanager *alertmanager;
};

/* Builds everything; takes all memory; writes no record. The kernel must have room:
 * world_sim_options. */
struct sim_options world_sim_options(const struct plan *plan);
struct world *world_open(struct arena *arena, const struct plan *plan, struct sim *sim,
                         struct prom *prom, struct trace *trace, const struct world_hooks *hooks);
void world_start(struct world *world); /* load, scrapes, faults, history, "recovered" and
                                          "past_operation" to each engine */
/* An engine's effect. Those that name no node (arm_timer, cancel_timer) are served by the engine's
 * own clock. record_decision, suspend, report, refused are only observed: they stand in the trace
 * already. */
void world_effect(struct world *world, uint32_t engine, const struct eng_effect *effect);
void world_heal(struct world *world); /* ends all faults; writes fault_off and heal */
void world_stop_load(struct world *world);
uint64_t world_request_count(const struct world *world);
uint64_t world_table_digest(const struct world *world);

/* ---- for the parts inside sim/world ---- */
struct app *world_app(struct world *world);
time_ns world_wall(const struct world *world,
                   uint32_t node); /* each node has a wall and a monotonic clock of its own, which a
                                      fault can bend */
time_ns world_mono(const struct world *world, uint32_t node);

#endif
