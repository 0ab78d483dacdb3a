/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * People on call. A message reaches one of them after its channel's time: level 0 the first, each
 * escalation the next of those whose shift it is, the last one stays. A CONFIRM or a TAKE_OVER is
 * answered when it was read, as the plan says of the person; a critical TELL is acknowledged then;
 * who never reads never does. Whatever channel brings it, it is one message: sent again, it is not
 * read twice. Every yes and every correction carries an approval of the plan asked about: its
 * number was never used before and it was given just then, unless the plan says that this person
 * errs.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/pool.h"

struct read_once { /* what a person has, by its latest level */
    uint32_t engine;
    int64_t message, level;
};
#define READ_KEPT 64

struct question { /* being read */
    uint32_t engine, person;
    struct eff_notify asked;
};

struct people {
    struct world *world;
    struct pool questions;
    uint32_t *on_call; /* people, in the order of escalation */
    uint32_t on_call_count;
    struct read_once had[READ_KEPT]; /* the last ones */
    uint32_t had_count;
    int64_t approval_last;
    uint16_t answer_kind;
};

static void acknowledge(struct world *world, uint32_t engine, const struct eff_notify *e,
                        bool delivered) {
    struct eng_input input = {.kind = IN_notify_ack};
    input.notify_ack = (struct in_notify_ack){e->message, delivered, e->channels};
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

void people_approve(struct world *world, uint32_t person, struct hash *plan, int64_t *number,
                    int64_t *issued_wall) {
    struct people *people = world->people;
    const struct plan_person *p = &world->plan->people[person];
    bool again = p->approval == APPROVAL_REUSED && people->approval_last > 0;
    *number = again ? people->approval_last : ++people->approval_last;
    *issued_wall = world_wall(world, world_node(world, NODE_PEOPLE)) - p->approval_age_ns;
    if (p->approval == APPROVAL_OTHER_PLAN)
        for (size_t k = 0; k < sizeof plan->b; k++) plan->b[k] = (uint8_t)~plan->b[k];
}

static void decide(struct people *people, const struct question *q, time_ns now) {
    const struct plan_person *person = &people->world->plan->people[q->person];
    struct eng_input input = {.kind = IN_person_decision};
    struct in_person_decision *in = &input.person_decision;
    in->message = q->asked.message;
    in->answer = q->asked.form == FORM_CONFIRM ? person->confirm : person->take_over;
    in->person = (struct person_id){q->person};
    in->service = in->answer == ANSWER_CORRECTION ? person->correction : q->asked.service;
    in->plan = q->asked.plan;
    if (in->answer == ANSWER_YES || in->answer == ANSWER_CORRECTION)
        people_approve(people->world, q->person, &in->plan, &in->approval, &in->issued_wall);
    text_set(&in->team, person->team);
    text_set(&in->role, person->role);
    text_set(&in->notes, answer_meaning(in->answer));
    fact_person_answered(people->world->trace, now,
                         &(struct rec_person_answered){.engine = q->engine,
                                                       .message = in->message,
                                                       .person = in->person,
                                                       .answer = in->answer,
                                                       .service = in->service,
                                                       .approval = in->approval,
                                                       .plan = in->plan});
    network_reply(people->world, NODE_PEOPLE, q->engine, &input);
}

static void look_into(struct people *people, const struct question *q) {
    const struct plan_person *person = &people->world->plan->people[q->person];
    struct eng_input input = {.kind = IN_acknowledgement};
    struct in_acknowledgement *in = &input.acknowledgement;
    in->message = q->asked.message;
    in->person = (struct person_id){q->person};
    text_set(&in->team, person->team);
    text_set(&in->role, person->role);
    network_reply(people->world, NODE_PEOPLE, q->engine, &input);
}

static void was_read(void *context, struct sim *sim, const struct sim_event *event) {
    struct people *people = context;
    struct pool_handle handle = {(uint32_t)event->a, (uint32_t)event->b};
    const struct question *q = pool_get(&people->questions, handle);
    ASSERT(q != NULL);
    if (q->asked.form == FORM_TELL)
        look_into(people, q);
    else
        decide(people, q, sim_now(sim));
    pool_give(&people->questions, handle);
}

static bool had_before(struct people *people, uint32_t engine, const struct eff_notify *e) {
    uint32_t kept = people->had_count < READ_KEPT ? people->had_count : READ_KEPT;
    for (uint32_t k = 0; k < kept; k++) {
        const struct read_once *had = &people->had[k];
        if (had->engine == engine && had->message == e->message && had->level == e->level)
            return true;
    }
    people->had[people->had_count++ % READ_KEPT] = (struct read_once){engine, e->message, e->level};
    return false;
}

static void read_message(struct people *people, uint32_t engine, uint32_t person,
                         const struct eff_notify *e) {
    struct world *world = people->world;
    time_ns at = time_add(sim_now(world->sim), world->plan->people[person].reads_ns);
    bool told = e->form == FORM_TELL;
    if ((told && e->severity != SEVERITY_CRITICAL) || at == TIME_NEVER) return;
    if (told && people->questions.in_use >= PEOPLE_READING_MAX / 2)
        return; /* too much to look into */
    ASSERT(people->questions.in_use < PEOPLE_READING_MAX);
    struct pool_handle handle;
    struct question *q = pool_take(&people->questions, &handle);
    *q = (struct question){.engine = engine, .person = person, .asked = *e};
    sim_at(world->sim, at, SIM_DELIVERY, world_node(world, NODE_PEOPLE), people->answer_kind,
           handle.index, handle.generation);
}

static bool on_shift(const struct people *people, uint32_t person) {
    const struct plan *plan = people->world->plan;
    const struct plan_person *p = &plan->people[person];
    time_ns of_day = (plan->start_wall + sim_now(people->world->sim)) % (24 * NS_PER_HOUR);
    bool after = of_day >= p->shift_from_ns, before = of_day < p->shift_to_ns;
    if (p->shift_from_ns == p->shift_to_ns) return true;
    return p->shift_from_ns < p->shift_to_ns ? after && before : after || before;
}

/* NONE_ID: it is nobody's shift. */
static uint32_t person_at(const struct people *people, int64_t level) {
    uint32_t person = NONE_ID;
    for (uint32_t k = 0; k < people->on_call_count && (person == NONE_ID || level >= 0); k++) {
        if (!on_shift(people, people->on_call[k])) continue;
        person = people->on_call[k];
        level--;
    }
    return person;
}

static void serve_notify(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct people *people = part;
    struct world *world = people->world;
    const struct eff_notify *e = &effect->notify;
    uint32_t person = person_at(people, e->level);
    if (person == NONE_ID) {
        fact_message_lost(world->trace, sim_now(world->sim),
                          &(struct rec_message_lost){engine, e->message});
        acknowledge(world, engine, e, false);
        return;
    }
    record_delivered(world, engine, person, e);
    acknowledge(world, engine, e, true);
    if (!had_before(people, engine, e)) read_message(people, engine, person, e);
}

void people_open(struct world *world, struct arena *arena) {
    struct people *people = ARENA_NEW(arena, struct people, 1);
    people->world = world;
    world->people = people;
    people->on_call = ARENA_NEW(arena, uint32_t, world->plan->person_count);
    for (uint32_t p = 0; p < world->plan->person_count; p++)
        if (!world->plan->people[p].off_call) people->on_call[people->on_call_count++] = p;
    pool_init(&people->questions, arena, PEOPLE_READING_MAX, sizeof(struct question));
    people->answer_kind = sim_kind(world->sim, was_read, people);
    network_serve(world, EFF_notify, NODE_PEOPLE, world->plan->times.notify_ns, serve_notify,
                  people);
}
