/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/engine_rig_parts.h"

#include "engine/base/ratio.h"
#include "engine/policy/policy.h"
#include <stdio.h>
#include <stdlib.h>

#define RIG_WALL (INT64_C(1767607200) * NS_PER_S) /* 2026-01-05T10:00:00Z, a Monday */

/* ---- opening ---- */

/* Read once: a fuzzer opens a rig a thousand times a second. */
static const struct policy *fast_policy(void) {
    static char text[1 << 14];
    static struct diags diags;
    static struct policy policy;
    static struct arena arena;
    static bool good;
    if (good) return &policy;
    FILE *file = fopen(FIREDRILL_SOURCE_DIR "/policies/fast.yaml", "rb");
    size_t len = file ? fread(text, 1, sizeof text, file) : 0;
    if (file) fclose(file);
    arena_open(&arena);
    good = len > 0 && policy_load(&policy, &arena, "fast.yaml", text, len, &diags);
    return good ? &policy : NULL;
}

/* The large tables go from rig to rig as they are: counts say what is valid. */
struct rig_memory {
    struct rig_memory *next;
    struct eng_effects out;
    struct rig_logged log[RIG_LOG_MAX];
    struct rig_event events[RIG_EVENTS_MAX];
};
static struct rig_memory *spare;

static struct rig_memory *memory_take(void) {
    struct rig_memory *memory = spare;
    if (memory)
        spare = memory->next;
    else
        memory = calloc(1, sizeof *memory);
    if (!memory) abort();
    return memory;
}

void rig_open(struct rig *rig) {
    *rig = (struct rig){.wall = RIG_WALL,
                        .mono = NS_PER_S,
                        .answers_after = NS_PER_MS,
                        .own_share_ppm = 152000,
                        .patched_share_ppm = 3000,
                        .rate = 1250,
                        .culprit = PAYMENT,
                        .serving = RIG_OLD,
                        .incarnation = 1,
                        .next_revision = 100};
    arena_open(&rig->arena);
    struct rig_memory *memory = memory_take();
    rig->out = &memory->out;
    rig->log = memory->log;
    rig->events = memory->events;
    rig->memory = memory;
    const struct policy *fast = fast_policy();
    rig_demand(rig, fast != NULL, "policies/fast.yaml does not load");
    if (fast) rig->config = fast->config;
    rig->graph.nodes = 5;
    rig->graph.call[0][1] = rig->graph.call[1][2] = true;
    for (uint32_t s = 0; s < 5; s++) {
        rig->graph.is_service[s] = 1;
        rig->graph.criticality_ppm[s] = 500000;
    }
    rig->micro[QUERY_LATENCY_P95] = 120000;
    rig->micro[QUERY_CPU_SHARE] = 400000;
    rig->micro[QUERY_MEMORY_SHARE] = 500000;
    rig->micro[QUERY_DISK_SHARE] = 300000;
    rig->micro[QUERY_BUDGET_REQUESTS] = INT64_C(100000000) * PPM_ONE;
    rig->micro[QUERY_BUDGET_ERRORS] = INT64_C(300000) * PPM_ONE;
}

void rig_start(struct rig *rig) {
    rig->config.graph = small_graph_adjacency(&rig->graph);
    rig->engine = eng_open(&rig->arena, &rig->config);
    struct eng_input input = {.kind = IN_recovered};
    input.recovered = (struct in_recovered){rig->incarnation, rig->chain_length, rig->chain_head};
    rig_feed(rig, &input);
}

void rig_close(struct rig *rig) {
    rig->memory->next = spare;
    spare = rig->memory;
    arena_close(&rig->arena);
}

/* ---- steps: answers come later ---- */

static void schedule(struct rig *rig, const struct eng_input *input, time_ns after, bool timer) {
    rig_demand(rig, rig->event_count < RIG_EVENTS_MAX, "the rig has no room for another event");
    if (rig->event_count == RIG_EVENTS_MAX) return;
    rig->events[rig->event_count++] = (struct rig_event){time_add(rig->mono, after > 0 ? after : 0),
                                                         rig->next_order++, timer, *input};
}

static void timer_forget(struct rig *rig, int64_t timer) {
    for (uint32_t k = 0; k < rig->event_count; k++)
        if (rig->events[k].is_timer && rig->events[k].input.timer_fired.timer == timer) {
            rig->events[k] = rig->events[--rig->event_count];
            return;
        }
}

void rig_later(struct rig *rig, const struct eng_input *input, time_ns after) {
    schedule(rig, input, after, false);
}

static void carry_out(struct rig *rig, const struct eng_effect *e) {
    struct eng_input input = {.kind = IN_COUNT};
    if (e->kind == EFF_arm_timer || e->kind == EFF_cancel_timer) {
        /* one timer has one number: to arm it again is to forget the former */
        timer_forget(rig, e->kind == EFF_arm_timer ? e->arm_timer.timer : e->cancel_timer.timer);
        if (e->kind == EFF_cancel_timer) return;
        input.kind = IN_timer_fired;
        input.timer_fired = (struct in_timer_fired){e->arm_timer.timer, e->arm_timer.generation};
        schedule(rig, &input, e->arm_timer.after_ns, true);
        return;
    }
    enum rig_answer how = rig->hook ? rig->hook(rig, e, &input) : RIG_FRIENDLY;
    if (how == RIG_FRIENDLY && rig->silent[e->kind]) how = RIG_SILENT;
    if (how == RIG_SILENT || (how == RIG_FRIENDLY && !rig_friendly(rig, e, &input))) return;
    rig_later(rig, &input, rig->answers_after);
}

void rig_feed(struct rig *rig, const struct eng_input *input) {
    struct eng_input now = *input;
    now.wall = rig->wall;
    now.mono = rig->mono;
    if (rig->tap) rig->tap(rig->tap_context, &now);
    eng_step(rig->engine, &now, rig->out);
    rig_demand(rig, rig->out->count <= EFFECTS_MAX, "more effects than fit");
    for (uint32_t k = 0; k < rig->out->count; k++) {
        rig_look_at(rig, input, &rig->out->list[k]);
        if (rig->log_count == RIG_LOG_MAX) { /* the older half is forgotten */
            rig->log_count = RIG_LOG_MAX / 2;
            memmove(rig->log, rig->log + rig->log_count, rig->log_count * sizeof *rig->log);
        }
        rig->log[rig->log_count++] = (struct rig_logged){rig->mono, rig->out->list[k]};
    }
    for (uint32_t k = 0; k < rig->out->count; k++) carry_out(rig, &rig->out->list[k]);
}

/* ---- time ---- */

static struct rig_event *earliest(struct rig *rig) {
    struct rig_event *first = NULL;
    for (uint32_t k = 0; k < rig->event_count; k++) {
        struct rig_event *event = &rig->events[k];
        if (!first || event->due_mono < first->due_mono ||
            (event->due_mono == first->due_mono && event->order < first->order))
            first = event;
    }
    return first;
}

static void clocks_to(struct rig *rig, time_ns mono) {
    rig->wall += mono - rig->mono;
    rig->mono = mono;
}

bool rig_next(struct rig *rig) {
    struct rig_event *event = earliest(rig);
    if (!event) return false;
    struct rig_event now = *event;
    *event = rig->events[--rig->event_count];
    clocks_to(rig, now.due_mono);
    rig_feed(rig, &now.input);
    return true;
}

static void run_until(struct rig *rig, time_ns end) {
    for (const struct rig_event *event; (event = earliest(rig)) && event->due_mono <= end;)
        rig_next(rig);
    clocks_to(rig, end);
}

void rig_run(struct rig *rig, time_ns duration) {
    time_ns end = rig->mono + duration;
    while (rig->alerting && rig->mono + NS_PER_S <= end) {
        run_until(rig, rig->mono + NS_PER_S);
        int64_t own = rig_own_share(rig, PAYMENT);
        rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, own > rig->config.detection.own_error_limit_ppm);
    }
    run_until(rig, end);
}

/* ---- people and alerts ---- */

void rig_alert(struct rig *rig, struct svc_id service, enum symptom symptom, bool firing) {
    struct eng_input input = {.kind = IN_alert};
    input.alert = (struct in_alert){.service = service,
                                    .symptom = symptom,
                                    .firing = firing,
                                    .active_since_wall = rig->wall - NS_PER_S};
    rig_feed(rig, &input);
}

void rig_says(struct rig *rig, struct in_person_decision said, const char *team, const char *role) {
    struct eng_input input = {.kind = IN_person_decision, .person_decision = said};
    text_set(&input.person_decision.team, team);
    text_set(&input.person_decision.role, role);
    if (said.issued_wall == 0) input.person_decision.issued_wall = rig->wall;
    rig_feed(rig, &input);
}

bool rig_decide(struct rig *rig, enum message_form form, enum answer answer) {
    for (uint32_t k = rig->log_count; k > 0; k--) {
        const struct eff_notify *n = &rig->log[k - 1].effect.notify;
        if (rig->log[k - 1].effect.kind != EFF_notify || n->form != (int64_t)form) continue;
        struct in_person_decision said = {.message = n->message,
                                          .answer = answer,
                                          .service = n->service,
                                          .approval = ++rig->approvals,
                                          .plan = n->plan};
        rig_says(rig, said, "sre", "on-call");
        return true;
    }
    return false;
}

/* As the operation stated it last; zero before. */
static struct hash rig_plan(const struct rig *rig, struct op_id op) {
    for (uint32_t k = rig->log_count; k > 0; k--) {
        const struct eng_effect *e = &rig->log[k - 1].effect;
        if (e->kind == EFF_registry_register && ID_EQ(e->registry_register.op, op))
            return e->registry_register.plan;
        if (e->kind == EFF_notify && ID_EQ(e->notify.op, op)) return e->notify.plan;
    }
    return (struct hash){0};
}

void rig_command(struct rig *rig, enum command_kind command, const char *team, struct op_id op) {
    struct eng_input input = {.kind = IN_person_command};
    input.person_command = (struct in_person_command){.command = command,
                                                      .op = op,
                                                      .severity = SEVERITY_WARNING,
                                                      .approval = ++rig->approvals,
                                                      .plan = rig_plan(rig, op),
                                                      .issued_wall = rig->wall};
    text_set(&input.person_command.team, team);
    text_set(&input.person_command.role, "on-call");
    text_set(&input.person_command.reason, "by a test");
    rig_feed(rig, &input);
}
