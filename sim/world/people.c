/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * People on call. A message reaches one of them after its channel's time: level 0 the first, each
 * escalation the next, the last one stays. A CONFIRM or a TAKE_OVER is answered when it was read,
 * as the plan says of the person; who never reads never answers. Every yes and every correction
 * carries an approval number that was never used before.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/pool.h"

struct question { /* being read */
    uint32_t engine, person;
    struct eff_notify asked;
};

struct people {
    struct world *world;
    struct pool questions;
    int64_t approval_last;
    uint16_t answer_kind;
};

static void acknowledge(struct world *world, uint32_t engine, int64_t message, bool delivered) {
    struct eng_input input = {.kind = IN_notify_ack};
    input.notify_ack = (struct in_notify_ack){.message = message, .delivered = delivered};
    network_reply(world, NODE_PEOPLE, engine, &input);
}

static void record_delivered(struct world *world, uint32_t engine, uint32_t person,
                             const struct eff_notify *e) {
    fact_message_delivered(world->trace, sim_now(world->sim),
                           &(struct rec_message_delivered){.engine = engine,
                                                           .message = e->message,
                                                           .person = {person},
                                                           .form = e->form,
                                                           .severity = e->severity,
                                                           .reason = e->reason,
                                                           .service = e->service,
                                                           .incident = e->incident,
                                                           .op = e->op,
                                                           .plan = e->plan});
}

static void answer(void *context, struct sim *sim, const struct sim_event *event) {
    struct people *people = context;
    struct pool_handle handle = {(uint32_t)event->a, (uint32_t)event->b};
    const struct question *q = pool_get(&people->questions, handle);
    ASSERT(q != NULL);
    const struct plan_person *person = &people->world->plan->people[q->person];
    struct eng_input input = {.kind = IN_person_decision};
    struct in_person_decision *in = &input.person_decision;
    in->message = q->asked.message;
    in->answer = q->asked.form == FORM_CONFIRM ? person->confirm : person->take_over;
    in->person = (struct person_id){q->person};
    in->service = in->answer == ANSWER_CORRECTION ? person->correction : q->asked.service;
    if (in->answer == ANSWER_YES || in->answer == ANSWER_CORRECTION)
        in->approval = ++people->approval_last;
    in->plan = q->asked.plan;
    text_set(&in->notes, answer_meaning(in->answer));
    fact_person_answered(people->world->trace, sim_now(sim),
                         &(struct rec_person_answered){.engine = q->engine,
                                                       .message = in->message,
                                                       .person = in->person,
                                                       .answer = in->answer,
                                                       .service = in->service,
                                                       .approval = in->approval,
                                                       .plan = in->plan});
    network_reply(people->world, NODE_PEOPLE, q->engine, &input);
    pool_give(&people->questions, handle);
}

static void read_question(struct people *people, uint32_t engine, uint32_t person,
                          const struct eff_notify *e) {
    struct world *world = people->world;
    time_ns at = time_add(sim_now(world->sim), world->plan->people[person].reads_ns);
    if (e->form == FORM_TELL || at == TIME_NEVER) return;
    ASSERT(people->questions.in_use < PEOPLE_READING_MAX);
    struct pool_handle handle;
    struct question *q = pool_take(&people->questions, &handle);
    *q = (struct question){.engine = engine, .person = person, .asked = *e};
    sim_at(world->sim, at, SIM_DELIVERY, world_node(world, NODE_PEOPLE), people->answer_kind,
           handle.index, handle.generation);
}

static uint32_t person_at(int64_t level, uint32_t count) {
    if (level <= 0) return 0;
    return level < (int64_t)count ? (uint32_t)level : count - 1;
}

static void serve_notify(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct people *people = part;
    struct world *world = people->world;
    const struct eff_notify *e = &effect->notify;
    uint32_t count = world->plan->person_count;
    if (count == 0) {
        fact_message_lost(world->trace, sim_now(world->sim),
                          &(struct rec_message_lost){engine, e->message});
        acknowledge(world, engine, e->message, false);
        return;
    }
    uint32_t person = person_at(e->level, count);
    record_delivered(world, engine, person, e);
    acknowledge(world, engine, e->message, true);
    read_question(people, engine, person, e);
}

void people_open(struct world *world, struct arena *arena) {
    struct people *people = ARENA_NEW(arena, struct people, 1);
    people->world = world;
    pool_init(&people->questions, arena, PEOPLE_READING_MAX, sizeof(struct question));
    people->answer_kind = sim_kind(world->sim, answer, people);
    network_serve(world, EFF_notify, NODE_PEOPLE, world->plan->times.notify_ns, serve_notify,
                  people);
}
