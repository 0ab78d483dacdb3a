/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The desk at which people command. It shows what engines report: per service the newest operation,
 * its state, and the plan that was stated for it. Who commands one addresses the operation that he
 * sees there; where there is none he has nothing to command. An engine is told over the network, in
 * the name, team and role of the person, authentic: whether that is enough is the engine's to say.
 */
#include "sim/world/internal.h"

struct shown { /* one engine's newest operation of a service */
    struct op_id op;
    enum op_state state;
    struct hash plan;
};

struct desk {
    struct world *world;
    struct shown *shown; /* engine by service */
    uint64_t *told;      /* engines, by the fault whose command it was */
};

static struct shown *shown_at(const struct desk *desk, uint32_t engine, struct svc_id service) {
    return &desk->shown[(size_t)engine * desk->world->plan->topology->service_count + service.v];
}

static void show_state(struct desk *desk, uint32_t engine, const struct eff_report *report) {
    if (report->kind != REPORT_STATE || report->service.v == NONE_ID) return;
    struct shown *shown = shown_at(desk, engine, report->service);
    if (!ID_EQ(shown->op, report->op)) *shown = (struct shown){.op = report->op};
    shown->state = (enum op_state)report->detail;
}

static void show_plan(struct desk *desk, uint32_t engine, struct svc_id service, struct op_id op,
                      const struct hash *plan) {
    if (service.v == NONE_ID) return;
    struct shown *shown = shown_at(desk, engine, service);
    if (ID_EQ(shown->op, op)) shown->plan = *plan;
}

void desk_show(struct world *world, uint32_t engine, const struct eng_effect *effect) {
    struct desk *desk = world->desk;
    if (effect->kind == EFF_report)
        show_state(desk, engine, &effect->report);
    else if (effect->kind == EFF_registry_register)
        show_plan(desk, engine, effect->registry_register.service, effect->registry_register.op,
                  &effect->registry_register.plan);
    else if (effect->kind == EFF_notify)
        show_plan(desk, engine, effect->notify.service, effect->notify.op, &effect->notify.plan);
}

static bool needs_operation(enum command_kind command) {
    return command == COMMAND_PAUSE || command == COMMAND_RESUME || command == COMMAND_CANCEL;
}

/* False when the person sees nothing there that could be commanded. */
static bool address(const struct desk *desk, uint32_t engine, const struct plan_fault *fault,
                    struct in_person_command *in) {
    if (!needs_operation(fault->command.kind)) return true;
    const struct shown *shown = shown_at(desk, engine, fault->service);
    if (shown->op.v == 0 || state_is_final(shown->state)) return false;
    in->op = shown->op;
    in->plan = shown->plan;
    return true;
}

static void order(struct desk *desk, uint32_t engine, uint32_t fault) {
    struct world *world = desk->world;
    const struct plan_fault *f = &world->plan->faults[fault];
    const struct plan_person *person = &world->plan->people[f->command.person];
    struct eng_input input = {.kind = IN_person_command};
    struct in_person_command *in = &input.person_command;
    if (!address(desk, engine, f, in)) return;
    in->command = f->command.kind;
    in->person = (struct person_id){f->command.person};
    in->severity = f->command.severity;
    if (f->command.kind == COMMAND_FORCE_RELEASE) {
        in->scope = SCOPE_SERVICE;
        in->name = f->service.v;
    } else if (f->command.kind == COMMAND_SET_MODE)
        in->name = f->command.mode;
    if (f->command.kind == COMMAND_RESUME)
        people_approve(world, f->command.person, &in->plan, &in->approval, &in->issued_wall);
    text_set(&in->team, person->team);
    text_set(&in->role, person->role);
    text_set(&in->reason, f->command.reason);
    desk->told[fault]++;
    network_reply(world, NODE_PEOPLE, engine, &input);
}

void desk_command(struct world *world, uint32_t fault) {
    uint32_t only = world->plan->faults[fault].command.engine;
    for (uint32_t e = 0; e < world->plan->engine_count; e++)
        if (only == NONE_ID || only == e) order(world->desk, e, fault);
}

uint64_t desk_told(struct world *world, uint32_t fault) { return world->desk->told[fault]; }

void desk_open(struct world *world, struct arena *arena) {
    const struct plan *plan = world->plan;
    struct desk *desk = ARENA_NEW(arena, struct desk, 1);
    desk->world = world;
    desk->shown =
        ARENA_NEW(arena, struct shown, (size_t)plan->engine_count * plan->topology->service_count);
    desk->told = ARENA_NEW(arena, uint64_t, plan->fault_count);
    world->desk = desk;
}
