/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers come twice, late, and to nobody: networks do that. Over a whole recorded life, each
 * answer is fed a second time, and each with the number of a request that nobody made: neither has
 * an effect, and the engine is the same as before (its fingerprint). And whatever comes in a wrong
 * form stops at the door.
 */
#include "tests/runner.h"
#include "tests/support/recording.h"

static struct recording recording;
static struct eng_effects out;

/* The number that an answer bears; NULL: it is none. */
static int64_t *number_of(struct eng_input *input) {
    switch (input->kind) {
    case IN_query_result: return &input->query_result.request;
    case IN_evidence: return &input->evidence.request;
    case IN_patch_reply: return &input->patch_reply.request;
    case IN_check_results: return &input->check_results.request;
    case IN_lock_reply: return &input->lock_reply.request;
    case IN_deployment: return &input->deployment.request;
    case IN_audit_record: return &input->audit_record.request;
    case IN_notify_ack: return &input->notify_ack.message;
    case IN_acknowledgement: return &input->acknowledgement.message;
    case IN_timer_fired: return &input->timer_fired.timer;
    default: return NULL;
    }
}

static struct engine *opened(struct arena *arena) {
    arena_open(arena);
    return eng_open(arena, &recording.rig.config);
}

static bool changes(struct engine *engine, const struct eng_input *input) {
    uint64_t before = eng_fingerprint(engine);
    eng_step(engine, input, &out);
    if (out.count == 0 && eng_fingerprint(engine) == before) return false;
    fprintf(stderr, "%s: %u effects\n", input_name(input->kind), out.count);
    return true;
}

/* An acknowledgement by a person is their word, each time: it is audited. */
static bool is_said_once(const struct eng_input *input) {
    return input->kind != IN_acknowledgement;
}

static void the_second_changes_nothing(void) {
    struct arena arena;
    struct engine *engine = opened(&arena);
    uint32_t twice = 0, changed = 0;
    for (uint32_t k = 0; k < recording.count; k++) {
        struct eng_input again = recording.inputs[k];
        recording_feed(&recording, k, engine, &out);
        if (!number_of(&again) || !is_said_once(&again)) continue;
        changed += changes(engine, &again);
        twice++;
    }
    CU_ASSERT_TRUE(twice > 500);
    CU_ASSERT_EQUAL(changed, 0);
    CU_ASSERT_EQUAL(eng_fingerprint(engine), recording.fingerprint);
    arena_close(&arena);
}

static void an_answer_to_nobody_changes_nothing(void) {
    static const int64_t nobodys[] = {0, -1, INT64_C(1) << 60, INT64_MAX, INT64_MIN};
    struct arena arena;
    struct engine *engine = opened(&arena);
    uint32_t changed = 0;
    for (uint32_t k = 0; k < recording.count; k++) {
        struct eng_input stray = recording.inputs[k];
        recording_feed(&recording, k, engine, &out);
        int64_t *number = number_of(&stray);
        if (!number || !is_said_once(&stray)) continue;
        *number = nobodys[k % ARRAY_LEN(nobodys)];
        if (stray.kind == IN_timer_fired && *number == 0) *number = -2; /* there is a timer 0 */
        changed += changes(engine, &stray);
    }
    CU_ASSERT_EQUAL(changed, 0);
    CU_ASSERT_EQUAL(eng_fingerprint(engine), recording.fingerprint);
    arena_close(&arena);
}

static void refused(struct engine *engine, const struct eng_input *input, const char *what) {
    uint64_t before = eng_fingerprint(engine);
    eng_step(engine, input, &out);
    CU_ASSERT_EQUAL_FATAL(out.count, 1);
    CU_ASSERT_EQUAL(out.list[0].kind, EFF_refused);
    CU_ASSERT_TRUE(text_is(&out.list[0].refused.what, what));
    CU_ASSERT_EQUAL(eng_fingerprint(engine), before);
}

static void what_cannot_be_stops_at_the_door(void) {
    struct arena arena;
    struct engine *engine = opened(&arena);
    struct eng_input input = {.kind = IN_alert, .wall = recording.inputs[0].wall, .mono = NS_PER_S};
    refused(engine, &input, "recovered comes first, and once");
    recording_feed(&recording, 0, engine, &out);
    eng_step(engine, &recording.inputs[0], &out);
    CU_ASSERT_EQUAL(out.list[0].kind, EFF_refused);
    input.kind = IN_COUNT;
    refused(engine, &input, "an unknown kind of input");
    input.kind = IN_alert;
    input.mono = -1;
    refused(engine, &input, "a clock that is out of range");
    input.mono = INT64_MAX;
    refused(engine, &input, "a clock that is out of range");
    input.mono = NS_PER_S;
    input.alert.rule.len = TEXT_MAX + 1;
    refused(engine, &input, "an input longer than its room");
    input.alert.rule.len = 0;
    input.alert.symptom = SYMPTOM_COUNT;
    refused(engine, &input, "alert: symptom");
    input.alert.symptom = -1;
    refused(engine, &input, "alert: symptom");
    input.alert.symptom = 0;
    input.alert.service.v = recording.rig.config.graph.service_count;
    refused(engine, &input, "a service that the graph does not know");
    input.kind = IN_registry_snapshot;
    input.registry_snapshot = (struct in_registry_snapshot){.intents.count = INTENTS_MAX + 1};
    refused(engine, &input, "an input longer than its room");
    arena_close(&arena);
}

int main(void) {
    static const struct test_case cases[] = {TEST(the_second_changes_nothing),
                                             TEST(an_answer_to_nobody_changes_nothing),
                                             TEST(what_cannot_be_stops_at_the_door)};
    recording_make(&recording, 2);
    int status = test_run("engine: twice, late, to nobody", cases, ARRAY_LEN(cases));
    recording_free(&recording);
    return status;
}
