/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of messages: routed, held back, delivered, tried again, acknowledged, escalated. */
#include "engine/base/prng.h"
#include "tests/support/engine_test.h"

#define S         NS_PER_S
#define ALL       ((1 << CHANNEL_COUNT) - 1)
#define A_WARNING (1 << CHANNEL_SLACK | 1 << CHANNEL_EMAIL)

/* A stranger commands: refused, which is told as a WARNING. */
static void refused_command(struct rig *rig) {
    rig_command(rig, COMMAND_FREEZE, "", (struct op_id){0});
}
/* The red button is told as CRITICAL, and wants to be acknowledged. */
static struct eff_notify freeze(struct rig *rig) {
    rig_command(rig, COMMAND_FREEZE, "sre", (struct op_id){0});
    return rig_last(rig, EFF_notify)->notify;
}
static void acknowledge(struct rig *rig, int64_t message, const char *team) {
    struct eng_input input = {.kind = IN_acknowledgement};
    input.acknowledgement.message = message;
    text_set(&input.acknowledgement.team, team);
    text_set(&input.acknowledgement.role, "on-call");
    rig_feed(rig, &input);
}
static void delivered(struct rig *rig, int64_t message, bool good, int64_t channels) {
    struct eng_input input = {.kind = IN_notify_ack};
    input.notify_ack = (struct in_notify_ack){message, good, channels};
    rig_feed(rig, &input);
}
static const struct eff_notify *last(const struct rig *rig) {
    return &rig_last(rig, EFF_notify)->notify;
}

static void goes_by_the_channels_of_its_severity(void) {
    RIG_OPEN(rig);
    rig.config.notices.route[SEVERITY_CRITICAL].channels = 1 << CHANNEL_PAGERDUTY;
    rig_start(&rig);
    refused_command(&rig);
    CU_ASSERT_EQUAL(last(&rig)->channels, A_WARNING);
    CU_ASSERT_EQUAL(freeze(&rig).channels, 1 << CHANNEL_PAGERDUTY);
    CLOSE(rig);
}

static void without_a_channel_it_is_audited_alone(void) {
    RIG_OPEN(rig);
    rig.config.notices.route[SEVERITY_WARNING].channels = 0;
    rig_start(&rig);
    refused_command(&rig);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 0);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_NOTIFICATION, "command_refused"));
    CLOSE(rig);
}

/* The model: sent when the last one that was sent is at least so long ago; and tells of the others.
 */
static void its_like_is_held_back_as_a_model_says(void) {
    RIG_OPEN(rig);
    rig.config.notices.route[SEVERITY_WARNING].throttle_ns = 120 * S;
    rig_start(&rig);
    struct prng random = prng_named(7, "held back", 0);
    time_ns until = 0;
    int64_t held = 0;
    uint32_t sent = 0;
    for (int k = 0; k < 300; k++) {
        if (prng_below(&random, 4) == 0 && until > rig.mono)
            rig_run(&rig, until - rig.mono - (time_ns)prng_below(&random, 2)); /* at its very end */
        else
            rig_run(&rig, (time_ns)prng_below(&random, 60) * S);
        refused_command(&rig);
        if (rig.mono < until) {
            held++;
            CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), sent);
            continue;
        }
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), ++sent);
        CU_ASSERT_EQUAL(last(&rig)->held_back, held);
        until = rig.mono + 120 * S;
        held = 0;
    }
    CU_ASSERT_TRUE(sent > 20 && sent < 250);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_NOTIFICATION, "held back"));
    CLOSE(rig);
}

static void another_reason_or_severity_is_not_its_like(void) {
    RIG(rig);
    refused_command(&rig);
    freeze(&rig);
    rig_command(&rig, COMMAND_UNFREEZE, "sre", (struct op_id){0});
    freeze(&rig); /* CRITICAL: no limit */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 3);
    CLOSE(rig);
}

/* ---- delivery ---- */

static struct {
    struct prng random;
    int64_t tried[CHANNEL_COUNT], reached, message;
} channels;

/* Each channel for itself: delivers, fails, or is silent. */
static enum rig_answer moody(struct rig *rig, const struct eng_effect *e,
                             struct eng_input *answer) {
    (void)answer;
    if (e->kind != EFF_notify || e->notify.message != channels.message) return RIG_FRIENDLY;
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        if (!(e->notify.channels >> c & 1)) continue;
        CU_ASSERT_EQUAL(++channels.tried[c], e->notify.attempt);
        CU_ASSERT_FALSE(channels.reached >> c & 1); /* it is not sent again where it arrived */
        uint64_t mood = prng_below(&channels.random, 3);
        struct eng_input input = {.kind = IN_notify_ack};
        input.notify_ack = (struct in_notify_ack){e->notify.message, mood == 0, 1 << c};
        if (mood == 0) channels.reached |= 1 << c;
        if (mood < 2) rig_later(rig, &input, (time_ns)prng_below(&channels.random, 9) * S + 1);
    }
    return RIG_SILENT;
}

/* The model: a channel is tried until it delivers, three times at most; a message of which one
 * channel was given up is lost, and audited as that. */
static void each_channel_is_tried_as_a_model_says(void) {
    int lost = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        RIG(rig);
        rig.hook = moody;
        memset(&channels, 0, sizeof channels);
        channels.random = prng_named(seed, "channels", 0);
        channels.message = (INT64_C(1) << 40) + 1;
        CU_ASSERT_EQUAL(freeze(&rig).message, channels.message);
        rig_run(&rig, 60 * S);
        bool given_up = false;
        for (int c = 0; c < CHANNEL_COUNT; c++) {
            bool there = channels.reached >> c & 1;
            CU_ASSERT_TRUE(there ? channels.tried[c] <= 3 : channels.tried[c] == 3);
            given_up |= !there;
        }
        CU_ASSERT_EQUAL(rig_audited(&rig, CATEGORY_NOTIFICATION, "was lost"), given_up);
        lost += given_up;
        rig.hook = NULL;
        CLOSE(rig);
    }
    CU_ASSERT_TRUE(lost > 5 && lost < 60);
}

static void silence_waits_longer_each_time(void) {
    RIG(rig);
    rig.silent[EFF_notify] = true;
    refused_command(&rig);
    static const int64_t at[] = {10 + 2, 10 + 2 + 10 + 4}; /* seconds: silence, then the delay */
    for (int k = 0; k < 2; k++) {
        rig_run(&rig, at[k] * S - (rig.mono - S) - 1);
        CU_ASSERT_EQUAL(last(&rig)->attempt, k + 1);
        rig_run(&rig, 1);
        CU_ASSERT_EQUAL(last(&rig)->attempt, k + 2);
    }
    rig_run(&rig, 600 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 3);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_NOTIFICATION, "was lost"));
    CLOSE(rig);
}

/* The answer and the end of patience at one nanosecond, in both orders: never lost, never twice. */
static void an_answer_at_the_last_moment(void) {
    for (int timer_first = 0; timer_first < 2; timer_first++) {
        RIG(rig);
        rig.silent[EFF_notify] = true;
        refused_command(&rig);
        int64_t message = last(&rig)->message;
        struct eng_input input = {.kind = IN_notify_ack};
        input.notify_ack = (struct in_notify_ack){message, true, 0};
        if (timer_first) {
            rig_later(&rig, &input, 10 * S);
        } else {
            rig_run(&rig, 10 * S - 1);
            rig.mono++;
            rig.wall++;
            delivered(&rig, message, true, 0);
        }
        rig_run(&rig, 600 * S);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 1);
        CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_NOTIFICATION, "was lost"));
        CLOSE(rig);
    }
}

static void answers_that_fit_nothing_change_nothing(void) {
    RIG(rig);
    rig.silent[EFF_notify] = true;
    refused_command(&rig);
    int64_t message = last(&rig)->message;
    delivered(&rig, message + 1, false, 0);
    delivered(&rig, message, false, 1 << CHANNEL_TEAMS); /* it was not sent there */
    delivered(&rig, 0, true, 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 1);
    CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_NOTIFICATION, "not delivered"));
    delivered(&rig, message, true, 1 << CHANNEL_SLACK);
    delivered(&rig, message, false, 1 << CHANNEL_EMAIL);
    delivered(&rig, message, false, 1 << CHANNEL_EMAIL); /* told twice */
    rig_run(&rig, 3 * S);
    CU_ASSERT_EQUAL(last(&rig)->attempt, 2);
    CU_ASSERT_EQUAL(last(&rig)->channels, 1 << CHANNEL_EMAIL);
    delivered(&rig, message, true, ALL + 1); /* no such channel */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_refused), 1);
    CLOSE(rig);
}

/* ---- acknowledgement ---- */

static void unacknowledged_it_goes_to_the_next(void) {
    RIG(rig);
    struct eff_notify sent = freeze(&rig);
    for (int64_t level = 1; level < 4; level++) {
        rig_run(&rig, 15 * NS_PER_MIN - 1);
        CU_ASSERT_EQUAL(last(&rig)->level, level - 1);
        rig_run(&rig, 1);
        CU_ASSERT_EQUAL(last(&rig)->level, level);
        CU_ASSERT_EQUAL(last(&rig)->message, sent.message);
        CU_ASSERT_EQUAL(last(&rig)->channels, ALL);
    }
    rig_run(&rig, 300 * NS_PER_MIN);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 4);
    CLOSE(rig);
}

static void acknowledged_it_goes_no_further(void) {
    RIG(rig);
    struct eff_notify sent = freeze(&rig);
    rig_run(&rig, 16 * NS_PER_MIN);
    acknowledge(&rig, sent.message, ""); /* a stranger */
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_MANUAL_INTERVENTION, "acknowledgement refused"));
    acknowledge(&rig, sent.message, "sre");
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_MANUAL_INTERVENTION, "looks into"));
    rig_run(&rig, 300 * NS_PER_MIN);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_PERSON_PAUSE), 2);
    acknowledge(&rig, sent.message, "sre");
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_MANUAL_INTERVENTION, "nothing waits"));
    CLOSE(rig);
}

static void an_acknowledgement_at_the_last_moment(void) {
    for (int timer_first = 0; timer_first < 2; timer_first++) {
        RIG(rig);
        struct eff_notify sent = freeze(&rig);
        rig_run(&rig, 15 * NS_PER_MIN - 1);
        if (timer_first)
            rig_run(&rig, 1);
        else {
            rig.mono++;
            rig.wall++;
        }
        acknowledge(&rig, sent.message, "sre");
        rig_run(&rig, 300 * NS_PER_MIN);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 1 + (uint32_t)timer_first);
        CLOSE(rig);
    }
}

/* Whoever looks into a question has the time of the next level from then on. */
static void a_question_acknowledged_waits_longer(void) {
    RIG(rig);
    rig.micro[QUERY_BUDGET_ERRORS] = rig.micro[QUERY_BUDGET_REQUESTS] / 20;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL_FATAL(rig_told(&rig, FORM_CONFIRM, REASON_GATE), 1);
    rig_run(&rig, 10 * NS_PER_MIN);
    acknowledge(&rig, last(&rig)->message, "sre");
    rig_run(&rig, 15 * NS_PER_MIN - S);
    CU_ASSERT_EQUAL(last(&rig)->level, 0);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(last(&rig)->level, 1);
    rig_decide(&rig, FORM_CONFIRM, ANSWER_YES);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* Whoever was paged hears that it is over, whatever the route of that. */
static void a_heal_is_told_where_the_incident_was(void) {
    for (int paged = 0; paged < 2; paged++) {
        RIG(rig);
        if (paged) rig.micro[QUERY_BUDGET_ERRORS] = rig.micro[QUERY_BUDGET_REQUESTS] / 20;
        rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
        rig_run(&rig, S);
        if (paged) CU_ASSERT_TRUE(rig_decide(&rig, FORM_CONFIRM, ANSWER_YES));
        rig_run(&rig, 30 * S);
        CU_ASSERT_EQUAL(last(&rig)->reason, REASON_RESOLVED);
        CU_ASSERT_EQUAL(last(&rig)->channels, paged ? ALL : 1 << CHANNEL_SLACK);
        CLOSE(rig);
    }
}

/* ---- limits ---- */

static void more_than_it_can_follow(void) {
    RIG_OPEN(rig);
    rig.config.notices.messages_kept = 3;
    rig.config.notices.route[SEVERITY_WARNING].throttle_ns = 0;
    rig_start(&rig);
    rig.silent[EFF_notify] = true;
    for (int k = 0; k < 40; k++) refused_command(&rig);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 40);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_NOTIFICATION, "not followed any more"));
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 40 + 3 * 2); /* the three newest, twice again */
    CLOSE(rig);
}

/* All of them due at one nanosecond: in pieces, none left behind. */
static void many_due_at_once(void) {
    RIG_OPEN(rig);
    rig.config.notices.route[SEVERITY_WARNING].throttle_ns = 0;
    rig_start(&rig);
    rig.silent[EFF_notify] = true;
    for (int k = 0; k < 64; k++) refused_command(&rig);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_notify), 64 * 3);
    CLOSE(rig);
}

static void a_new_incarnation_follows_nothing(void) {
    RIG(rig);
    freeze(&rig);
    eng_restart(rig.engine);
    rig.incarnation++;
    struct eng_input input = {.kind = IN_recovered};
    input.recovered = (struct in_recovered){rig.incarnation, rig.chain_length, rig.chain_head};
    rig_feed(&rig, &input);
    uint32_t before = rig_count(&rig, EFF_notify);
    rig_run(&rig, 20 * NS_PER_MIN);
    for (uint32_t k = 0; k < rig.log_count; k++)
        if (rig.log[k].effect.kind == EFF_notify && before-- == 0)
            CU_ASSERT_TRUE(rig.log[k].effect.notify.message > INT64_C(2) << 40);
    CLOSE(rig);
}

TEST_MAIN("engine: notify", TEST(goes_by_the_channels_of_its_severity),
          TEST(without_a_channel_it_is_audited_alone), TEST(its_like_is_held_back_as_a_model_says),
          TEST(another_reason_or_severity_is_not_its_like),
          TEST(each_channel_is_tried_as_a_model_says), TEST(silence_waits_longer_each_time),
          TEST(an_answer_at_the_last_moment), TEST(answers_that_fit_nothing_change_nothing),
          TEST(unacknowledged_it_goes_to_the_next), TEST(acknowledged_it_goes_no_further),
          TEST(an_acknowledgement_at_the_last_moment), TEST(a_question_acknowledged_waits_longer),
          TEST(a_heal_is_told_where_the_incident_was), TEST(more_than_it_can_follow),
          TEST(many_due_at_once), TEST(a_new_incarnation_follows_nothing))
