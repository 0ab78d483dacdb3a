/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_EXPLORE_STATE_H
#define SIM_EXPLORE_STATE_H
/*
 * The whole of a small world: plain data that is copied whole, and engines whose memory is saved
 * and put back as bytes. Private to sim/explore.
 */
#include "engine/base/arena.h"
#include "engine/base/check.h"
#include "engine/engine.h"
#include "sim/explore/explore.h"

#define TIMERS_MAX   64
#define MESSAGES_MAX 32
#define HOLDS_MAX    16
#define WAITS_MAX    16
#define INTENTS_KEPT 8
#define TAKERS_MAX   8 /* operations whose effects one service has seen */

struct x_timer {
    int64_t timer, generation;
    time_ns due;
};
struct x_node {
    bool alive, paused;
    uint32_t timer_count;
    struct x_timer timers[TIMERS_MAX];
};
struct x_message {
    bool to_engine, late;
    uint32_t engine;
    union {
        struct eng_effect effect;
        struct eng_input input;
    };
};
struct x_hold {
    int64_t scope, name, token;
    struct op_id op;
    uint32_t engine;
    time_ns ends;
};
struct x_wait {
    int64_t scope, name;
    struct op_id op;
    uint32_t engine;
    int64_t request, generation;
    time_ns ttl;
};
struct x_service {
    struct revision_id serving;
    bool healed;
    int64_t token; /* the highest seen */
    uint32_t taker_count;
    struct op_id takers[TAKERS_MAX]; /* whose orders were accepted, in order; the last acts now */
};
struct x_state {
    time_ns now;
    struct x_node nodes[EXPLORE_ENGINES_MAX];
    uint32_t message_count, hold_count, wait_count, intent_count;
    struct x_message messages[MESSAGES_MAX];
    struct x_hold holds[HOLDS_MAX];
    struct x_wait waits[WAITS_MAX]; /* in order of arrival */
    struct intent intents[INTENTS_KEPT];
    uint32_t intent_engine[INTENTS_KEPT];
    int64_t token_last, intent_last;
    uint32_t revision_last;
    struct x_service services[EXPLORE_SERVICES_MAX];
    uint32_t delayed, lost, expired, paused, crashed; /* of the budgets */
};

struct explorer {
    const struct explore_options *options;
    struct explore_result *result;
    struct eng_config configs[EXPLORE_ENGINES_MAX];
    struct arena arenas[EXPLORE_ENGINES_MAX];
    struct engine *engines[EXPLORE_ENGINES_MAX];
    struct eng_effects *effects;
    struct eng_input *answers; /* of the step under way: what is answered at once */
    uint32_t answer_count;
    struct x_state *now;
};

#define WALL_START (INT64_C(1767603600) * NS_PER_S)

/* The first breach on a path is the one that is told. */
PRINTF_LIKE(3, 4)
void breach(struct explorer *x, const char *invariant, const char *format, ...);

/* ---- host.c ---- */
void host_open(struct explorer *x); /* engines up to where each states its intent */
/* A step, and all that it asks for and is answered at once. */
void host_feed(struct explorer *x, uint32_t engine, const struct eng_input *input);

/* ---- service.c: lock store, registry, deploy target ---- */
void service_handle(struct explorer *x, uint32_t engine, const struct eng_effect *effect);
void service_end_hold(struct explorer *x, uint32_t hold);
void send_effect(struct explorer *x, uint32_t engine, const struct eng_effect *effect);
void send_input(struct explorer *x, uint32_t engine, const struct eng_input *input);
struct x_hold *hold_of(struct x_state *s, int64_t scope, int64_t name);

/* Which connection, and which way: of an engine to the store, to the target, and back. */
static inline uint32_t message_link(const struct x_message *m) {
    bool target = m->to_engine
                      ? m->input.kind == IN_deployment
                      : m->effect.kind == EFF_deploy_stage || m->effect.kind == EFF_roll_back;
    return m->engine * 4 + (uint32_t)m->to_engine * 2 + target;
}
#define LINKS (EXPLORE_ENGINES_MAX * 4)

/* ---- look.c ---- */
void look_at_effect(struct explorer *x, uint32_t engine, const struct eng_effect *effect);
void look_at_state(struct explorer *x);

/* ---- hash.c ---- */
uint64_t state_digest(const struct explorer *x);

#endif
