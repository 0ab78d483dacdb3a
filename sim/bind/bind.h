/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_BIND_BIND_H
#define SIM_BIND_BIND_H
/*
 * Where engines and world meet: an input is written to the trace and fed, each effect is written
 * and handed to the world. Pure translation: names to ids, doubles to integers, effects to calls.
 * Nothing is judged here.
 */
#include "engine/engine.h"
#include "scenarios/words/plan.h"
#include "sim/kernel/sim.h"
#include "sim/kernel/trace.h"
#include "sim/prometheus/prometheus.h"
#include "sim/world/world.h"

struct bind;

/* A shared resource by the names of its users, beside the topology's own (a policy may name some).
 */
struct bind_group {
    const char *name;
    uint32_t count;
    const char *const *members;
};

/* A question that a policy asks in its own words; where its text begins in which file. */
struct bind_query {
    enum query_kind query;
    const char *file, *text;
    size_t len;
    int line, column;
};

struct bind_options {
    const struct plan *plan;
    const struct eng_config *config; /* the policy; graph and engine number are filled in here */
    const struct bind_group *groups;
    uint32_t group_count;
    const struct bind_query *queries;
    uint32_t query_count;
    struct alertmanager *alertmanager; /* between rules and engines; NULL: none */
};

/* Builds world and engines. All of it lives in the arena; options->plan and config must outlive it.
 */
struct bind *bind_open(struct arena *arena, const struct bind_options *options, struct sim *sim,
                       struct prom *prom, struct trace *trace, struct diags *diags);
struct world *bind_world(struct bind *bind);
struct engine *bind_engine(struct bind *bind, uint32_t engine);
/* By which an engine's checkpoints are signed: 32 bytes. */
const uint8_t *bind_key(const struct bind *bind, uint32_t engine);
uint64_t bind_step_count(const struct bind *bind);

/* ---- crossing.c: inputs and effects as MessagePack arrays of their fields ---- */
#define CROSSING_MAX 4096
size_t crossing_input(const struct eng_input *input, uint8_t *bytes, size_t size);
size_t crossing_effect(const struct eng_effect *effect, uint8_t *bytes, size_t size);

/* ---- questions.c: what an engine may ask of metrics, as expressions ---- */
struct questions;
/* config: what rates, budget and memory are taken over, and what is slow. Parsed once, before the
 * seal. NULL after errors. */
struct questions *questions_open(struct arena *arena, const struct bind_options *options,
                                 struct diags *diags);
/* What a policy asks in its own words, as far as it can be told before a run. */
bool questions_check(struct arena *arena, const struct eng_config *config,
                     const struct bind_query *queries, uint32_t count, struct diags *diags);
void questions_answer(struct questions *questions, struct prom *prom, int64_t now_ms,
                      const struct eff_query *query, struct in_query_result *out);

/* ---- graph.c ---- */
struct eng_graph bind_graph(struct arena *arena, const struct plan *plan,
                            const struct bind_group *groups, uint32_t group_count);

#endif
