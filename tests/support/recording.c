/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/recording.h"

#include <stdlib.h>

#define S NS_PER_S

static void keep(void *context, const struct eng_input *input) {
    struct recording *r = context;
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 4096;
        r->inputs = realloc(r->inputs, r->room * sizeof *r->inputs);
        if (!r->inputs) abort();
    }
    r->inputs[r->count++] = *input;
}

static void restart(struct rig *rig) {
    struct eng_input input = {.kind = IN_recovered};
    input.recovered = (struct in_recovered){++rig->incarnation, rig->chain_length, rig->chain_head};
    rig->event_count = 0;
    rig->suspended = false;
    eng_restart(rig->engine);
    rig_feed(rig, &input);
    input = (struct eng_input){.kind = IN_checkpoint};
    input.checkpoint = (struct in_checkpoint){
        .sequence = rig->chain_length, .head = rig->chain_head, .genuine = true};
    rig_feed(rig, &input);
    input = (struct eng_input){.kind = IN_past_operation};
    input.past_operation = (struct in_past_operation){.op = {7}, .ended_wall = rig->wall - 50 * S};
    rig_feed(rig, &input);
    rig_run(rig, 5 * S);
}

/* The same defect again, as if somebody had put the old revision back long ago. */
static void breaks_again(struct rig *rig) {
    rig_run(rig, 900 * S);
    rig->serving = (struct revision_id){1};
    rig->candidate = (struct revision_id){0};
    rig->share_ppm = 0;
}

static void heals(struct rig *rig, time_ns lasts) {
    rig->alerting = true;
    rig_run(rig, lasts);
    rig->alerting = false;
}

static void is_taken_back(struct rig *rig) {
    rig->patched_share_ppm = 250000;
    heals(rig, 60 * S);
    rig_command(rig, COMMAND_CANCEL, "sre", rig_op(rig, rig->op_count - 1));
    rig->patched_share_ppm = 3000;
}

static enum rig_answer held(struct rig *rig, const struct eng_effect *e, struct eng_input *answer) {
    if (e->kind != EFF_lock_acquire || !rig_friendly(rig, e, answer)) return RIG_FRIENDLY;
    rig_later(rig, answer, 3 * S); /* the grant */
    answer->lock_reply.result = LOCK_REPLY_HELD;
    answer->lock_reply.holder = (struct op_id){4711};
    return RIG_MINE;
}

static void queues(struct rig *rig) {
    rig->hook = held;
    heals(rig, 60 * S);
    rig->hook = NULL;
}

/* Traces point elsewhere: a person is asked, acknowledges, answers. */
static void is_asked(struct rig *rig) {
    rig->culprit = SEARCH;
    rig->silent[EFF_ask_evidence] = true;
    for (int k = 0; k < 40; k++) {
        rig_alert(rig, SEARCH, SYMPTOM_ERRORS, true);
        rig_run(rig, S);
    }
    const struct eng_effect *asked = rig_last(rig, EFF_notify);
    struct eng_input seen = {.kind = IN_acknowledgement};
    seen.acknowledgement.message = asked ? asked->notify.message : 0;
    text_set(&seen.acknowledgement.team, "sre");
    text_set(&seen.acknowledgement.role, "on-call");
    rig_feed(rig, &seen);
    rig_decide(rig, FORM_CONFIRM, ANSWER_YES);
    rig_decide(rig, FORM_TAKE_OVER, ANSWER_TAKEN_OVER);
    rig_run(rig, 20 * S);
    rig_alert(rig, SEARCH, SYMPTOM_ERRORS, false);
    rig->culprit = PAYMENT;
    rig->silent[EFF_ask_evidence] = false;
    rig_run(rig, 20 * S);
}

static void is_commanded(struct rig *rig) {
    static const enum command_kind commands[] = {COMMAND_PAUSE, COMMAND_RESUME, COMMAND_FREEZE,
                                                 COMMAND_UNFREEZE, COMMAND_CANCEL};
    rig->alerting = true;
    for (size_t k = 0; k < ARRAY_LEN(commands); k++) {
        rig_run(rig, 4 * S);
        rig_command(rig, commands[k], k % 2 ? "sre" : "sales", rig_op(rig, rig->op_count - 1));
        rig_command(rig, commands[k], "sre", rig_op(rig, rig->op_count - 1));
    }
    rig->alerting = false;
    rig_run(rig, 20 * S);
}

/* The feed of others' changes, and calls that appear and go. */
static void is_told_of_changes(struct rig *rig, int64_t version) {
    for (uint32_t k = 0; k < 10; k++) {
        struct eng_input input = {.kind = IN_change};
        input.change = (struct in_change){
            .service = {k % 5}, .kind = OPKIND_DEPLOYMENT, .ended = true, .at_wall = rig->wall};
        rig_feed(rig, &input);
        input = (struct eng_input){.kind = IN_graph_update};
        input.graph_update = (struct in_graph_update){
            .version = version + k, .from = {3}, .to = {4}, .present = k % 2 == 0};
        rig_feed(rig, &input);
        rig_run(rig, S);
    }
}

void recording_make(struct recording *r, uint32_t rounds) {
    struct rig *rig = &r->rig;
    rig_open(rig);
    r->inputs = NULL;
    r->count = r->room = 0;
    rig->tap = keep;
    rig->tap_context = r;
    rig_start(rig);
    for (uint32_t round = 0; round < rounds; round++) {
        heals(rig, 60 * S);
        breaks_again(rig);
        is_taken_back(rig);
        breaks_again(rig);
        queues(rig);
        breaks_again(rig);
        is_commanded(rig);
        is_told_of_changes(rig, 10 * (int64_t)round + 1);
        is_asked(rig);
        restart(rig);
        breaks_again(rig);
    }
    rig->tap = NULL;
    r->fingerprint = eng_fingerprint(rig->engine);
}

void recording_free(struct recording *r) {
    free(r->inputs);
    rig_close(&r->rig);
}

void recording_feed(const struct recording *r, uint32_t index, struct engine *engine,
                    struct eng_effects *out) {
    if (r->inputs[index].kind == IN_recovered) eng_restart(engine);
    eng_step(engine, &r->inputs[index], out);
}
