/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

static struct small_world *open_people(uint32_t count) {
    struct small_world *s = small_new();
    s->plan.person_count = count;
    s->plan.times.notify_ns = NS_PER_S;
    s->people[0] =
        (struct plan_person){.name = "first", .reads_ns = 10 * NS_PER_S, .confirm = ANSWER_YES};
    s->people[0].take_over = ANSWER_TAKEN_OVER;
    s->people[1] = (struct plan_person){.name = "second",
                                        .reads_ns = 20 * NS_PER_S,
                                        .confirm = ANSWER_CORRECTION,
                                        .correction = {2},
                                        .take_over = ANSWER_NO};
    s->people[2] = (struct plan_person){.name = "third", .reads_ns = TIME_NEVER};
    small_open(s);
    people_open(&s->world, &s->arena);
    return s;
}

static void tell(struct small_world *s, int64_t message, enum message_form form, int64_t level) {
    struct eng_effect e = {.kind = EFF_notify};
    e.notify.message = message;
    e.notify.form = form;
    e.notify.level = level;
    e.notify.service.v = 1;
    e.notify.plan.b[0] = 77;
    network_send(&s->world, 0, &e);
}

static void delivers_then_decides(void) {
    struct small_world *s = open_people(3);
    tell(s, 5, FORM_CONFIRM, 0);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL_FATAL(s->told_count, 2);
    CU_ASSERT_EQUAL(s->told[0].at, NS_PER_S);
    CU_ASSERT_EQUAL(s->told[0].input.notify_ack.message, 5);
    CU_ASSERT(s->told[0].input.notify_ack.delivered);
    const struct in_person_decision *in = &s->told[1].input.person_decision;
    CU_ASSERT_EQUAL(s->told[1].at, 11 * NS_PER_S);
    CU_ASSERT_EQUAL(in->message, 5);
    CU_ASSERT_EQUAL(in->answer, ANSWER_YES);
    CU_ASSERT_EQUAL(in->approval, 1);
    CU_ASSERT_EQUAL(in->plan.b[0], 77);
    CU_ASSERT_EQUAL(in->service.v, 1);
    CU_ASSERT_EQUAL(small_records(s, REC_message_delivered, 0, NULL), 1);
    CU_ASSERT_EQUAL(small_records(s, REC_person_answered, 0, NULL), 1);
    small_close(s);
}

static void a_level_up_is_the_next_person_and_the_last_one_stays(void) {
    struct small_world *s = open_people(2);
    tell(s, 1, FORM_CONFIRM, 1);
    tell(s, 2, FORM_TAKE_OVER, 3);
    tell(s, 3, FORM_CONFIRM, 0);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL_FATAL(s->told_count, 6);
    CU_ASSERT_EQUAL(s->told[3].input.person_decision.message, 3);
    CU_ASSERT_EQUAL(s->told[3].input.person_decision.approval, 1);
    CU_ASSERT_EQUAL(s->told[4].input.person_decision.answer, ANSWER_CORRECTION);
    CU_ASSERT_EQUAL(s->told[4].input.person_decision.service.v, 2);
    CU_ASSERT_EQUAL(s->told[4].input.person_decision.approval, 2);
    CU_ASSERT_EQUAL(s->told[4].input.person_decision.person.v, 1);
    CU_ASSERT_EQUAL(s->told[5].input.person_decision.answer, ANSWER_NO);
    CU_ASSERT_EQUAL(s->told[5].input.person_decision.approval, 0);
    small_close(s);
}

static void who_is_told_or_never_reads_does_not_answer(void) {
    struct small_world *s = open_people(3);
    tell(s, 1, FORM_TELL, 0);
    tell(s, 2, FORM_CONFIRM, 2);
    small_run(s, NS_PER_HOUR);
    CU_ASSERT_EQUAL(s->told_count, 2);
    CU_ASSERT_EQUAL(small_records(s, REC_person_answered, 0, NULL), 0);
    CU_ASSERT_EQUAL(small_records(s, REC_message_delivered, 0, NULL), 2);
    small_close(s);
}

static void nobody_on_call_is_a_lost_message(void) {
    struct small_world *s = open_people(0);
    tell(s, 1, FORM_TAKE_OVER, 0);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL_FATAL(s->told_count, 1);
    CU_ASSERT(!s->told[0].input.notify_ack.delivered);
    CU_ASSERT_EQUAL(small_records(s, REC_message_lost, 0, NULL), 1);
    small_close(s);
}

TEST_MAIN("people", TEST(delivers_then_decides),
          TEST(a_level_up_is_the_next_person_and_the_last_one_stays),
          TEST(who_is_told_or_never_reads_does_not_answer), TEST(nobody_on_call_is_a_lost_message))
