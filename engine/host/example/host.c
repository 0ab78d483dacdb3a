/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A host of the engine: opens one by a policy, feeds it inputs, obeys its effects and keeps its
 * timers, from an alert to the end of the incident. Its services are world.c's; its clock jumps to
 * whatever is due next, where a real one would wait. The order of things is that of production:
 *
 *   1. "recovered" first: where the audit chain stands (here: a new one)
 *   2. one input at a time, with wall and monotonic time; then its effects, in their order
 *   3. every request is answered, or its silence found by the engine's own timer
 *
 *   cc host.c world.c $(pkg-config --cflags --libs firedrill-engine) -o host
 *   ./host policies/fast.yaml
 */
#include "engine/host/example/world.h"
#include "engine/host/payload.h"
#include "engine/policy/policy.h"
#include <stdio.h>

static struct due { /* what will be fed, and when: answers under way, timers */
    time_ns mono;
    struct eng_input input;
} queue[256];
static uint32_t queued;
static bool healed;

static void later(time_ns mono, const struct eng_input *input) {
    if (queued == sizeof queue / sizeof queue[0]) return; /* lost: its silence is found */
    queue[queued++] = (struct due){mono, *input};
}

static struct due take(uint32_t k) {
    struct due due = queue[k];
    memmove(&queue[k], &queue[k + 1], (--queued - k) * sizeof queue[0]); /* order is kept */
    return due;
}

static void forget_timer(int64_t timer) {
    for (uint32_t k = queued; k-- > 0;)
        if (queue[k].input.kind == IN_timer_fired && queue[k].input.timer_fired.timer == timer)
            take(k);
}

/* As Slack takes it; and what became of it, as if Slack had taken it. */
static void send(const struct eff_notify *message, const struct eng_input *now) {
    static char payload[PAYLOAD_MAX];
    const struct told told = {.notify = message,
                              .engine = "example",
                              .service = world_service(message->service),
                              .wall = now->wall};
    slack_payload(&told, "#ops", payload, sizeof payload);
    printf("      %s\n", payload);
    struct eng_input ack = {.kind = IN_notify_ack};
    ack.notify_ack = (struct in_notify_ack){message->message, true, message->channels};
    later(now->mono + NS_PER_MS, &ack);
}

static void obey(const struct eng_effect *e, const struct eng_input *now) {
    struct eng_input answer = {.kind = IN_timer_fired};
    printf("    %s\n", effect_name(e->kind));
    switch (e->kind) {
    case EFF_arm_timer: /* the same one again: armed anew */
        forget_timer(e->arm_timer.timer);
        answer.timer_fired = (struct in_timer_fired){e->arm_timer.timer, e->arm_timer.generation};
        later(now->mono + e->arm_timer.after_ns, &answer);
        break;
    case EFF_cancel_timer: forget_timer(e->cancel_timer.timer); break;
    case EFF_audit_append: /* first where nothing is lost; the engine acts when it hears of that */
        answer.kind = IN_audit_ack;
        answer.audit_ack =
            (struct in_audit_ack){e->audit_append.sequence, AUDIT_REPLY_OK, e->audit_append.hash};
        later(now->mono + NS_PER_MS, &answer);
        break;
    case EFF_notify: send(&e->notify, now); break;
    case EFF_report: healed |= e->report.kind == REPORT_CLOSED_RESOLVED; break;
    default: {
        time_ns after = world_answer(e, now->mono, &answer);
        if (after >= 0) later(now->mono + after, &answer);
    }
    }
}

static struct due next(void) {
    uint32_t first = 0;
    for (uint32_t k = 1; k < queued; k++)
        if (queue[k].mono < queue[first].mono) first = k;
    return take(first);
}

static bool open_policy(struct policy *policy, struct arena *arena, const char *name) {
    static char text[1 << 16];
    static struct diags diags;
    FILE *file = fopen(name, "rb");
    if (!file) perror(name);
    size_t len = file ? fread(text, 1, sizeof text, file) : 0;
    if (file) fclose(file);
    bool good = len > 0 && policy_load(policy, arena, name, text, len, &diags);
    diag_print(&diags, stderr);
    return good;
}

int main(int argc, char **argv) {
    static struct policy policy;
    static struct eng_effects effects;
    struct arena arena;
    arena_open(&arena);
    if (argc != 2) fputs("usage: host POLICY\n", stderr);
    if (argc != 2 || !open_policy(&policy, &arena, argv[1])) return 2;
    policy.config.graph = world_graph;
    struct engine *engine = eng_open(&arena, &policy.config);
    arena_seal(&arena); /* from here on nothing allocates */

    struct eng_input first = {.kind = IN_recovered, .recovered = {.incarnation = 1}};
    struct eng_input alert = {.kind = IN_alert, .alert = {.service = {1}, .firing = true}};
    alert.alert.symptom = SYMPTOM_ERRORS;
    text_set(&alert.alert.rule, "HighErrorRate");
    later(NS_PER_S, &first);
    later(2 * NS_PER_S, &alert);
    while (queued > 0 && !healed) {
        struct due due = next();
        due.input.mono = due.mono;
        due.input.wall =
            INT64_C(1767603600) * NS_PER_S + due.mono; /* 2026-01-05T09:00:00Z and so on */
        eng_step(engine, &due.input, &effects);
        printf("%8lldms %s\n", (long long)(due.mono / NS_PER_MS), input_name(due.input.kind));
        for (uint32_t k = 0; k < effects.count; k++) obey(&effects.list[k], &due.input);
    }
    puts(healed ? "healed" : "not healed");
    arena_close(&arena);
    return healed ? 0 : 1;
}
