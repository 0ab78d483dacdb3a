/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/small_world.h"

static struct small_world *open_people_under(uint32_t count, const struct plan_fault *fault) {
    struct small_world *s = small_new();
    if (fault) s->faults[0] = *fault;
    s->plan.fault_count = fault ? 1 : 0;
    s->plan.person_count = count;
    s->plan.times.notify_ns = NS_PER_S;
    for (uint32_t k = 0; k < 3; k++) s->people[k].team = s->people[k].role = "";
    s->people[0] = (struct plan_person){.name = "first",
                                        .team = "sre",
                                        .role = "lead",
                                        .reads_ns = 10 * NS_PER_S,
                                        .confirm = ANSWER_YES};
    s->people[0].take_over = ANSWER_TAKEN_OVER;
    s->people[1] = (struct plan_person){.name = "second",
                                        .team = "sre",
                                        .role = "on-call",
                                        .reads_ns = 20 * NS_PER_S,
                                        .confirm = ANSWER_CORRECTION,
                                        .correction = {2},
                                        .take_over = ANSWER_NO};
    s->people[2] = (struct plan_person){
        .name = "third", .team = "sre", .role = "manager", .reads_ns = TIME_NEVER};
    small_open(s);
    people_open(&s->world, &s->arena);
    return s;
}

static struct small_world *open_people(uint32_t count) { return open_people_under(count, NULL); }

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

static const struct in_person_decision *answered(struct small_world *s, uint32_t n) {
    return &small_last(s, n)->input.person_decision;
}

static void people_err_as_the_plan_says(void) {
    struct small_world *s = open_people(1);
    time_ns started = s->plan.start_wall;
    tell(s, 1, FORM_CONFIRM, 0);
    small_run(s, NS_PER_MIN);
    CU_ASSERT_EQUAL(answered(s, 0)->approval, 1);
    CU_ASSERT_EQUAL(answered(s, 0)->issued_wall, started + 11 * NS_PER_S);
    CU_ASSERT(text_is(&answered(s, 0)->team, "sre"));
    CU_ASSERT(text_is(&answered(s, 0)->role, "lead"));
    s->people[0].approval = APPROVAL_REUSED;
    s->people[0].approval_age_ns = NS_PER_HOUR;
    tell(s, 2, FORM_CONFIRM, 0);
    small_run(s, 2 * NS_PER_MIN);
    CU_ASSERT_EQUAL(answered(s, 0)->approval, 1);
    CU_ASSERT_EQUAL(answered(s, 0)->plan.b[0], 77);
    CU_ASSERT_EQUAL(answered(s, 0)->issued_wall, started + 71 * NS_PER_S - NS_PER_HOUR);
    s->people[0].approval = APPROVAL_OTHER_PLAN;
    tell(s, 3, FORM_CONFIRM, 0);
    small_run(s, 3 * NS_PER_MIN);
    CU_ASSERT_EQUAL(answered(s, 0)->approval, 2);
    CU_ASSERT_NOT_EQUAL(answered(s, 0)->plan.b[0], 77);
    small_close(s);
}

static void who_is_not_on_call_gets_no_message(void) {
    struct small_world *s = small_new();
    s->plan.person_count = 2;
    s->people[0] = (struct plan_person){.name = "a", .team = "", .role = "", .off_call = true};
    s->people[1] = (struct plan_person){.name = "b", .team = "", .role = "", .confirm = ANSWER_NO};
    small_open(s);
    people_open(&s->world, &s->arena);
    for (int64_t level = 0; level < 3; level++) tell(s, 1 + level, FORM_CONFIRM, level);
    small_run(s, NS_PER_MIN);
    int64_t person = 0;
    CU_ASSERT_EQUAL(small_records(s, REC_message_delivered, 2, &person), 3);
    CU_ASSERT_EQUAL(person, 1);
    small_close(s);
}

static void messages_reach_those_whose_shift_it_is(void) {
    struct small_world *s = small_new();
    s->plan.person_count = 3;
    s->plan.start_wall = 6 * NS_PER_HOUR;
    s->people[0] = (struct plan_person){.name = "day", .team = "", .role = ""};
    s->people[0].shift_from_ns = 8 * NS_PER_HOUR;
    s->people[0].shift_to_ns = 20 * NS_PER_HOUR;
    s->people[1] = (struct plan_person){.name = "night", .team = "", .role = ""};
    s->people[1].shift_from_ns = 20 * NS_PER_HOUR;
    s->people[1].shift_to_ns = 7 * NS_PER_HOUR;
    s->people[2] = (struct plan_person){.name = "off", .team = "", .role = "", .off_call = true};
    small_open(s);
    people_open(&s->world, &s->arena);
    static const int64_t wanted[] = {1, -1, 0, 1}; /* at 6, 7, 19 and 20 o'clock */
    static const time_ns at[] = {0, NS_PER_HOUR, 13 * NS_PER_HOUR, 14 * NS_PER_HOUR};
    uint32_t delivered = 0;
    for (int64_t k = 0; k < (int64_t)ARRAY_LEN(at); k++) {
        int64_t person = -1;
        small_run(s, at[k]);
        tell(s, 1 + k, FORM_TELL, 0);
        small_run(s, at[k] + NS_PER_MIN);
        delivered += wanted[k] >= 0;
        CU_ASSERT_EQUAL(small_records(s, REC_message_delivered, 2, &person), delivered);
        if (wanted[k] >= 0) CU_ASSERT_EQUAL(person, wanted[k]);
    }
    CU_ASSERT_EQUAL(small_records(s, REC_message_lost, 1, &(int64_t){0}), 1);
    small_close(s);
}

/* ---- the desk ---- */

static struct small_world *open_desk(enum command_kind command) {
    const struct plan_fault fault = {.kind = FAULT_COMMAND,
                                     .name = "command",
                                     .at = NS_PER_MIN,
                                     .lasts_ns = TIME_NEVER,
                                     .service = {1},
                                     .command = {.kind = command,
                                                 .person = 1,
                                                 .engine = NONE_ID,
                                                 .severity = SEVERITY_ERROR,
                                                 .mode = MODE_ADVISE,
                                                 .reason = "because"}};
    struct small_world *s = open_people_under(2, &fault);
    desk_open(&s->world, &s->arena);
    fault_open(&s->world, &s->arena);
    fault_start(&s->world);
    return s;
}

static void shows(struct small_world *s, uint32_t engine, uint64_t op, enum op_state state) {
    struct eng_effect e = {.kind = EFF_report};
    e.report = (struct eff_report){
        .kind = REPORT_STATE, .op = {op}, .service = {1}, .detail = (int64_t)state};
    desk_show(&s->world, engine, &e);
    e = (struct eng_effect){.kind = EFF_registry_register};
    e.registry_register = (struct eff_registry_register){.op = {op}, .service = {1}};
    e.registry_register.plan.b[0] = (uint8_t)op;
    desk_show(&s->world, engine, &e);
}

static void who_commands_addresses_what_the_desk_shows(void) {
    struct small_world *s = open_desk(COMMAND_RESUME);
    shows(s, 0, 8, STATE_PAUSED);
    shows(s, 1, 9, STATE_COMPLETED); /* nothing to command; engine 2 shows nothing at all */
    small_run(s, 2 * NS_PER_MIN);
    CU_ASSERT_EQUAL_FATAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].engine, 0);
    const struct in_person_command *in = &s->told[0].input.person_command;
    CU_ASSERT_EQUAL(in->command, COMMAND_RESUME);
    CU_ASSERT_EQUAL(in->op.v, 8);
    CU_ASSERT_EQUAL(in->plan.b[0], 8);
    CU_ASSERT_EQUAL(in->approval, 1);
    CU_ASSERT_EQUAL(in->issued_wall, s->plan.start_wall + NS_PER_MIN);
    CU_ASSERT_EQUAL(in->person.v, 1);
    CU_ASSERT_EQUAL(in->severity, SEVERITY_ERROR);
    CU_ASSERT(text_is(&in->team, "sre"));
    CU_ASSERT(text_is(&in->role, "on-call"));
    CU_ASSERT(text_is(&in->reason, "because"));
    fault_heal_all(&s->world);
    int64_t acted = 0;
    small_records(s, REC_fault_off, 1, &acted);
    CU_ASSERT_EQUAL(acted, 1);
    small_close(s);
}

static void the_red_button_and_the_mode_go_to_every_engine(void) {
    struct small_world *s = open_desk(COMMAND_SET_MODE);
    small_run(s, 2 * NS_PER_MIN);
    CU_ASSERT_EQUAL_FATAL(s->told_count, SMALL_ENGINES);
    CU_ASSERT_EQUAL(s->told[2].input.person_command.name, MODE_ADVISE);
    small_close(s);
    s = open_desk(COMMAND_FREEZE);
    s->faults[0].command.engine = 1;
    small_run(s, 2 * NS_PER_MIN);
    CU_ASSERT_EQUAL_FATAL(s->told_count, 1);
    CU_ASSERT_EQUAL(s->told[0].engine, 1);
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
          TEST(who_is_told_or_never_reads_does_not_answer), TEST(nobody_on_call_is_a_lost_message),
          TEST(people_err_as_the_plan_says), TEST(who_is_not_on_call_gets_no_message),
          TEST(messages_reach_those_whose_shift_it_is),
          TEST(who_commands_addresses_what_the_desk_shows),
          TEST(the_red_button_and_the_mode_go_to_every_engine))
