/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

#include "engine/base/check.h"

/* Effects, and the correlation of what comes back: requests, timers, queries. */

struct eng_effect *emit(struct engine *e, enum effect_kind kind) {
    ASSERT(e->out->count < EFFECTS_MAX);
    struct eng_effect *effect = &e->out->list[e->out->count++];
    memset(effect, 0, sizeof *effect);
    effect->kind = kind;
    return effect;
}

void refuse(struct engine *e, const char *what, int64_t limit) {
    struct eff_refused *refused = &emit(e, EFF_refused)->refused;
    text_set(&refused->what, what);
    refused->limit = limit;
}

int64_t next_request(struct engine *e) { return ++e->next_request; }

uint32_t op_index(const struct engine *e, const struct op *op) { return (uint32_t)(op - e->ops); }
uint32_t incident_index(const struct engine *e, const struct incident *i) {
    return (uint32_t)(i - e->incidents);
}

/* Timer numbers: TIMER_COUNT for each operation, then one for each incident, then the engine's. */
static int64_t op_timer_number(const struct engine *e, const struct op *op, enum op_timer timer) {
    return (int64_t)op_index(e, op) * TIMER_COUNT + (int64_t)timer;
}
static int64_t incident_timer_number(const struct engine *e, const struct incident *i) {
    return (int64_t)e->config->limits.operations * TIMER_COUNT + (int64_t)incident_index(e, i);
}
static int64_t engine_timer_number(const struct engine *e, enum engine_timer timer) {
    return (int64_t)e->config->limits.operations * TIMER_COUNT +
           (int64_t)e->config->limits.incidents + (int64_t)timer;
}

static void arm(struct engine *e, int64_t timer, int64_t generation, time_ns after) {
    struct eff_arm_timer *arm_timer = &emit(e, EFF_arm_timer)->arm_timer;
    *arm_timer = (struct eff_arm_timer){timer, generation, after > 0 ? after : 0};
}
static void cancel(struct engine *e, int64_t timer, int64_t generation) {
    emit(e, EFF_cancel_timer)->cancel_timer = (struct eff_cancel_timer){timer, generation};
}

/* A generation is odd while its timer is armed; arming and disarming both move it on, so that a
 * timer that fired at the very instant it was cancelled is known to be stale. */
static bool generation_armed(int64_t generation) { return generation % 2 != 0; }
static int64_t generation_next(int64_t generation, bool armed) {
    return generation + (generation_armed(generation) == armed ? 2 : 1);
}

bool op_timer_armed(const struct op *op, enum op_timer timer) {
    return generation_armed(op->timer_generation[timer]);
}
void op_timer_arm(struct engine *e, struct op *op, enum op_timer timer, time_ns after) {
    int64_t *generation = &op->timer_generation[timer];
    *generation = generation_next(*generation, true);
    arm(e, op_timer_number(e, op, timer), *generation, after);
}
void op_timer_cancel(struct engine *e, struct op *op, enum op_timer timer) {
    int64_t *generation = &op->timer_generation[timer];
    if (!generation_armed(*generation)) return;
    cancel(e, op_timer_number(e, op, timer), *generation);
    *generation = generation_next(*generation, false);
}
void incident_timer_arm(struct engine *e, struct incident *i, time_ns after) {
    i->timer_generation = generation_next(i->timer_generation, true);
    arm(e, incident_timer_number(e, i), i->timer_generation, after);
}
void incident_timer_cancel(struct engine *e, struct incident *i) {
    if (!generation_armed(i->timer_generation)) return;
    cancel(e, incident_timer_number(e, i), i->timer_generation);
    i->timer_generation = generation_next(i->timer_generation, false);
}
void engine_timer_arm(struct engine *e, enum engine_timer timer, time_ns after) {
    int64_t *generation = &e->timer_generation[timer];
    *generation = generation_next(*generation, true);
    arm(e, engine_timer_number(e, timer), *generation, after);
}
void engine_timer_cancel(struct engine *e, enum engine_timer timer) {
    int64_t *generation = &e->timer_generation[timer];
    if (!generation_armed(*generation)) return;
    cancel(e, engine_timer_number(e, timer), *generation);
    *generation = generation_next(*generation, false);
}

static bool fires(int64_t *generation, int64_t fired) {
    if (*generation != fired || !generation_armed(fired)) return false;
    *generation = generation_next(*generation, false);
    return true;
}

enum timer_owner timer_owner(struct engine *e, const struct in_timer_fired *in, uint32_t *index,
                             uint32_t *timer) {
    int64_t first_engine = engine_timer_number(e, 0);
    if (in->timer < 0 || in->timer >= first_engine + ENGINE_TIMER_COUNT) return TIMER_STALE;
    if (in->timer >= first_engine) {
        *timer = (uint32_t)(in->timer - first_engine);
        return fires(&e->timer_generation[*timer], in->generation) ? TIMER_OF_ENGINE : TIMER_STALE;
    }
    int64_t first_incident = (int64_t)e->config->limits.operations * TIMER_COUNT;
    if (in->timer >= first_incident) {
        *index = (uint32_t)(in->timer - first_incident);
        struct incident *i = &e->incidents[*index];
        return fires(&i->timer_generation, in->generation) && i->in_use ? TIMER_OF_INCIDENT
                                                                        : TIMER_STALE;
    }
    *index = (uint32_t)(in->timer / TIMER_COUNT);
    *timer = (uint32_t)(in->timer % TIMER_COUNT);
    struct op *op = &e->ops[*index];
    return fires(&op->timer_generation[*timer], in->generation) && op->in_use ? TIMER_OF_OP
                                                                              : TIMER_STALE;
}

bool ask_metrics(struct engine *e, enum query_owner owner, uint32_t index, int64_t generation,
                 uint32_t part, enum query_kind query, struct svc_id service,
                 struct revision_id revision, time_ns window, time_ns offset) {
    uint32_t slot = 0;
    while (slot < QUERIES_MAX && e->queries[slot].request != 0) slot++;
    if (slot == QUERIES_MAX) {
        refuse(e, "query: QUERIES_MAX are under way", QUERIES_MAX);
        return false;
    }
    int64_t request = next_request(e);
    e->queries[slot] = (struct query_slot){request, owner, index, part, generation};
    emit(e, EFF_query)->query =
        (struct eff_query){request, query, service, revision, window, offset};
    return true;
}

bool take_query(struct engine *e, int64_t request, struct query_slot *out) {
    for (uint32_t slot = 0; slot < QUERIES_MAX; slot++) {
        if (e->queries[slot].request != request || request == 0) continue;
        *out = e->queries[slot];
        e->queries[slot].request = 0;
        return true;
    }
    return false;
}

void drop_queries(struct engine *e, enum query_owner owner, uint32_t index) {
    for (uint32_t slot = 0; slot < QUERIES_MAX; slot++)
        if (e->queries[slot].owner == owner && e->queries[slot].index == index)
            e->queries[slot].request = 0;
}

void report(struct engine *e, enum report_kind kind, const struct incident *i, const struct op *op,
            int64_t detail) {
    struct eff_report *r = &emit(e, EFF_report)->report;
    r->kind = kind;
    if (i) {
        r->incident = i->id;
        r->service = i->service;
        r->symptom = i->symptom;
    }
    if (op) {
        r->op = op->id;
        r->service = op->service;
    }
    r->detail = detail;
}
