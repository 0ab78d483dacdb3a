/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H
/*
 * The self-healing engine: detect, find the cause, get a patch, lock, gate, deploy by canary,
 * verify or roll back, audit all of it. A pure step: one input and its state in, a bounded list of
 * effects out. No clock, no I/O, no randomness, no floating point, no threads, no allocation after
 * eng_open. The same inputs give the same effects, always and everywhere: that is what lets the
 * very same code run in a simulation and in production, where a host carries out the same effects.
 *
 * What it may be told is engine/words/input.def, what it can want engine/words/effect.def, a line
 * each; its policy and the services it looks after are engine/config.h. A host is a loop:
 *
 *     struct engine *engine = eng_open(&arena, &config);      config: policy_load, and a graph
 *     feed "recovered": where this engine's audit chain stands
 *     for each thing that happens, one after the other:
 *         eng_step(engine, &input, &effects);                 with the node's wall and mono time
 *         for each effect, in order: carry it out             what comes of it is another input
 *
 * engine/host/example/host.c is that loop in full. What a host has to keep to:
 *
 *  - One step at a time. An answer that is there at once is still the next input.
 *  - A request (an effect with "request", or an audit entry, or a message) is answered, or never:
 *    the engine's own timers find silence. An answer that comes late, twice, or to nothing is no
 *    harm. Answers bear the request's number.
 *  - audit_append is acknowledged when the entry is where nothing loses it, not before: what
 * changes the world (deploy_stage, roll_back, remedy) is emitted in the step that hears so.
 *  - arm_timer: one timer_fired of that number and generation, that much later by the monotonic
 *    clock; armed again, the former is forgotten. One that fires late is no harm, early is.
 *  - Who a person is, the host knows: it authenticates, and states team and role.
 *  - After a crash: eng_restart or eng_open, a higher incarnation, and the chain's head as the log
 *    store has it. The engine takes up, or hands over, what it had begun.
 *
 * What it is told is looked at once, at the door: an input that cannot be (an unknown word, a
 * service that the graph does not have, a time out of range) changes nothing and comes back as
 * "refused". Nothing that is fed can make a step fail.
 */
#include "engine/base/arena.h"
#include "engine/config.h"
#include "engine/words/contract.h"

#define EFFECTS_MAX 96
struct eng_effects {
    uint32_t count;
    struct eng_effect list[EFFECTS_MAX];
};

struct engine;

/* Takes all the memory it will ever need from the arena; where that gives none, the arena says so
 * (engine/base/arena.h). config must outlive the engine, and not change. */
struct engine *eng_open(struct arena *arena, const struct eng_config *config);

/* The same memory, as if opened anew: a new incarnation that knows nothing. */
void eng_restart(struct engine *engine);

/* One step. out is overwritten; its effects are by value, and stay good after the next step of
 * another list. Cost: bounded by config's limits. */
void eng_step(struct engine *engine, const struct eng_input *input, struct eng_effects *out);

/* What a probe may read; the judge never does. */
struct eng_summary {
    uint32_t incidents_open, operations_open, locks_held, timers_armed;
    bool suspended;
    enum reason suspended_why;
};
void eng_summarise(const struct engine *engine, struct eng_summary *out);
/* Of each lock that an operation holds or waits for: how old, how much of its lease is left to act
 * in, how its renewals went. Returns how many were written, at most max. */
struct eng_lock_health {
    struct op_id op;
    int64_t scope, name;
    bool held; /* else it waits */
    time_ns age_ns,
        left_ns; /* since it was granted, or asked for; left: of a hold, less the margin */
    int64_t renewals, failures;
};
uint32_t eng_lock_health(const struct engine *engine, struct eng_lock_health *out, uint32_t max);
/* A digest of all that decides what the engine does next. Times are counted from now, and requests
 * from the newest, so that two engines that came to the same point on other ways have the same one;
 * the audit chain, which only tells, is left out. */
uint64_t eng_fingerprint(const struct engine *engine);
int64_t eng_newest_request(const struct engine *engine); /* of those it made; 0: none */
enum op_state eng_op_state(const struct engine *engine,
                           struct op_id op); /* STATE_CANCELLED when unknown */

#endif
