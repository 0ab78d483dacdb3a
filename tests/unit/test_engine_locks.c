/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locks: waiting, grants that come late, twice or at the same instant; a silent store; leases. */
#include "tests/support/engine_test.h"

#define MS NS_PER_MS
#define S  NS_PER_S

static const struct op_id stranger = {(UINT64_C(7) << 48) + 4711}; /* another engine's */

static struct in_lock_reply reply_to(const struct eff_lock_acquire *a, enum lock_result result) {
    return (struct in_lock_reply){.request = a->request,
                                  .op = a->op,
                                  .scope = a->scope,
                                  .name = a->name,
                                  .result = result,
                                  .generation = a->generation,
                                  .holder = stranger,
                                  .expires_in_ns = 300 * S,
                                  .place = 1};
}

/* The SERVICE lock is another's; grants are the test's to make. */
static enum rig_answer service_held(struct rig *rig, const struct eng_effect *effect,
                                    struct eng_input *answer) {
    (void)rig;
    if (effect->kind != EFF_lock_acquire || effect->lock_acquire.scope != SCOPE_SERVICE)
        return RIG_FRIENDLY;
    answer->kind = IN_lock_reply;
    answer->lock_reply = reply_to(&effect->lock_acquire, LOCK_REPLY_HELD);
    return RIG_MINE;
}

static struct eng_input grant_of(const struct rig *rig) {
    const struct eng_effect *asked = rig_last(rig, EFF_lock_acquire);
    struct eng_input input = {.kind = IN_lock_reply};
    input.lock_reply = reply_to(&asked->lock_acquire, LOCK_REPLY_GRANTED);
    input.lock_reply.token_epoch = 1;
    input.lock_reply.token_number = 900;
    return input;
}

/* Up to the wait for the SERVICE lock. */
static void open_and_wait(struct rig *rig) {
    rig->hook = service_held;
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, S);
    CU_ASSERT_TRUE_FATAL(rig_audited(rig, CATEGORY_LOCK_OPERATION, "queued"));
}

static void in_order_and_with_tokens(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    int64_t scope = 0, asked = 0;
    for (uint32_t k = 0; k < rig.log_count; k++) {
        const struct eng_effect *e = &rig.log[k].effect;
        if (e->kind != EFF_lock_acquire) continue;
        CU_ASSERT_TRUE(e->lock_acquire.scope > scope);
        scope = e->lock_acquire.scope;
        asked++;
    }
    CU_ASSERT_EQUAL(asked, 3);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_deploy_stage)->deploy_stage.token_epoch, 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_deploy_stage)->deploy_stage.token_number, 1);
    CLOSE(rig);
}

static void a_grant_after_a_wait_is_renewed_before_it_is_believed(void) {
    RIG(rig);
    open_and_wait(&rig);
    rig_run(&rig, 10 * S);
    rig.silent[EFF_lock_renew] = true;
    struct eng_input grant = grant_of(&rig);
    rig_feed(&rig, &grant);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_lock_renew)->lock_renew.token_number, 900);
    rig_feed(&rig, &grant); /* the same again: a copy proves nothing */
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 1);
    struct eng_input renewed = grant;
    renewed.lock_reply.result = LOCK_REPLY_RENEWED;
    rig_feed(&rig, &renewed); /* not the answer to the renewal */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 1);
    renewed.lock_reply.request = rig_last(&rig, EFF_lock_renew)->lock_renew.request;
    rig_feed(&rig, &renewed);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 2); /* INCIDENT is next */
    CLOSE(rig);
}

/* It expired while its message was under way: the store says so, and the place in the list is gone.
 */
static void a_grant_that_the_store_takes_back_is_waited_for_again(void) {
    RIG(rig);
    open_and_wait(&rig);
    rig.silent[EFF_lock_renew] = true;
    struct eng_input grant = grant_of(&rig);
    rig_feed(&rig, &grant);
    struct eng_input refused = grant;
    refused.lock_reply.result = LOCK_REPLY_NOT_HOLDER;
    refused.lock_reply.request = rig_last(&rig, EFF_lock_renew)->lock_renew.request;
    rig_feed(&rig, &refused);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_leave), 1);
    rig_run(&rig, 6 * S); /* the first backoff */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 2);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CLOSE(rig);
}

/* Ended between the grant and its renewal: what the store holds for it is given back by token. */
static void a_grant_not_yet_believed_is_given_back_at_the_end(void) {
    RIG(rig);
    open_and_wait(&rig);
    rig.silent[EFF_lock_renew] = true;
    struct eng_input grant = grant_of(&rig);
    rig_feed(&rig, &grant);
    rig_command(&rig, COMMAND_CANCEL, "sre", rig_op(&rig, 0));
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_lock_release)->lock_release.token_number, 900);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CLOSE(rig);
}

static void a_grant_of_a_wait_that_is_over_is_given_back(void) {
    RIG(rig);
    open_and_wait(&rig);
    struct eng_input old = grant_of(&rig);
    rig_run(&rig, 32 * S); /* timeout; not yet asked anew */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 1);
    rig_feed(&rig, &old);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 1);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_lock_release)->lock_release.token_number, 900);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_renew), 0);
    CLOSE(rig);
}

/* The store has one hold for the operation, and grants it again to the request under way: what
 * belongs to the older one is neither believed nor given back. Found by "firedrill explore". */
static void a_grant_of_an_older_wait_is_left_to_the_newer(void) {
    RIG(rig);
    open_and_wait(&rig);
    struct eng_input old = grant_of(&rig);
    rig_run(&rig, 40 * S); /* timeout, backoff, asked anew */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 2);
    rig_feed(&rig, &old);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 0);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_renew), 0);
    struct eng_input again = grant_of(&rig);
    rig_feed(&rig, &again);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_renew), 1);
    CLOSE(rig);
}

static void a_grant_for_nobody_is_given_back(void) {
    RIG(rig);
    struct eng_input grant = {.kind = IN_lock_reply};
    grant.lock_reply = (struct in_lock_reply){.op = {99},
                                              .scope = SCOPE_SERVICE,
                                              .name = 1,
                                              .result = LOCK_REPLY_GRANTED,
                                              .token_epoch = 1,
                                              .token_number = 5};
    rig_feed(&rig, &grant);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 1);
    CLOSE(rig);
}

static void waits_time_out_and_back_off_twice_as_long(void) {
    RIG(rig);
    open_and_wait(&rig);
    time_ns asked[4] = {0};
    rig.others = (struct intents){
        .count = 1,
        .list = {{.number = 1, .op = stranger, .kind = OPKIND_DEPLOYMENT, .service = PAYMENT}}};
    rig_run(&rig, 200 * S);
    int count = 0;
    for (uint32_t k = 0; k < rig.log_count && count < 4; k++)
        if (rig.log[k].effect.kind == EFF_lock_acquire) asked[count++] = rig.log[k].mono;
    CU_ASSERT_EQUAL(count, 4);
    /* wait 30 s, and 5 s; wait 30 s, and 10 s; then the holder is seen alive: 60 s more */
    CU_ASSERT_EQUAL((asked[1] - asked[0]) / S, 35);
    CU_ASSERT_EQUAL((asked[2] - asked[1]) / S, 40);
    CU_ASSERT_EQUAL((asked[3] - asked[2]) / S, 90);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_INIT); /* no failure */
    CLOSE(rig);
}

static void attempts_used_up_and_no_holder_alive_is_a_persons(void) {
    RIG(rig);
    open_and_wait(&rig);
    rig_run(&rig, 120 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_LOCK_TIMEOUT), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 1);
    CLOSE(rig);
}

/* Grant, wait timeout and cancel at the same nanosecond, in every order: exactly one hold or none,
 * and a hold that is not wanted goes back. */
static void grant_timeout_and_cancel_at_the_same_instant(void) {
    for (int order = 0; order < 6; order++) {
        static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        RIG(rig);
        open_and_wait(&rig);
        struct eng_input grant = grant_of(&rig);
        struct eng_input timeout = {.kind = IN_timer_fired};
        for (uint32_t k = 0; k < rig.event_count; k++) /* the wait's timer is due in 30 s */
            if (rig.events[k].is_timer && rig.events[k].due_mono - rig.mono > 28 * S &&
                rig.events[k].due_mono - rig.mono <= 30 * S)
                timeout = rig.events[k].input;
        CU_ASSERT_NOT_EQUAL(timeout.timer_fired.generation, 0);
        for (int k = 0; k < 3; k++) switch (orders[order][k]) {
            case 0: rig_feed(&rig, &grant); break;
            case 1: rig_feed(&rig, &timeout); break;
            default: rig_command(&rig, COMMAND_CANCEL, "sre", rig_op(&rig, 0)); break;
            }
        rig_run(&rig, S);
        CU_ASSERT_EQUAL(rig_state(&rig), STATE_CANCELLED);
        /* whatever came first: the token is given back once */
        uint32_t back = 0;
        for (uint32_t k = 0; k < rig.log_count; k++)
            back += rig.log[k].effect.kind == EFF_lock_release &&
                    rig.log[k].effect.lock_release.token_number == 900;
        CU_ASSERT_EQUAL(back, 1);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
        struct eng_summary left;
        eng_summarise(rig.engine, &left);
        CU_ASSERT_EQUAL(left.locks_held, 0);
        CU_ASSERT_EQUAL(left.timers_armed, 0);
        CLOSE(rig);
    }
}

/* At each step at which the store owes an answer: suspended, one TELL, and nothing more. */
static void a_silent_store_suspends_everything(void) {
    static const enum effect_kind silent[] = {EFF_registry_register, EFF_lock_acquire,
                                              EFF_registry_read};
    for (size_t k = 0; k < ARRAY_LEN(silent); k++) {
        RIG(rig);
        rig.silent[silent[k]] = true;
        rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
        rig_run(&rig, S);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
        rig_run(&rig, 5 * S);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
        CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_STORE_UNREACHABLE), 1);
        uint32_t stores = rig_count(&rig, silent[k]), asked = rig_count(&rig, EFF_ask_patch);
        rig_run(&rig, 25 * S);
        CU_ASSERT_EQUAL(rig_count(&rig, silent[k]), stores);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), asked);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
        CLOSE(rig);
    }
}

static void a_lifted_suspension_goes_on(void) {
    RIG(rig);
    rig.alerting = true;
    rig.silent[EFF_lock_acquire] = true;
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
    rig.silent[EFF_lock_acquire] = false;
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, 40 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* A grant that comes while suspended is not taken; it is asked for anew afterwards. */
static void nothing_is_taken_while_suspended(void) {
    RIG(rig);
    open_and_wait(&rig);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    struct eng_input grant = grant_of(&rig);
    rig_feed(&rig, &grant);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_release), 1);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), 1);
    rig.hook = NULL;
    rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id));
    rig_run(&rig, 40 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* 20 s of lease, renewed each 5 s; soaks of a minute. */
static void short_leases(struct rig *rig) {
    rig->config.locking.ttl_ns = 20 * S;
    rig->config.locking.renew_interval_ns = 5 * S;
    for (int k = 0; k < 2; k++) rig->config.canary.stage[k].soak_ns = 60 * S;
}

static void leases_are_renewed_while_it_acts_and_while_it_is_paused(void) {
    RIG_OPEN(rig);
    short_leases(&rig);
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 50 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    uint32_t renewals = rig_count(&rig, EFF_lock_renew);
    rig_run(&rig, 50 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_TRUE(rig_count(&rig, EFF_lock_renew) >= renewals + 27);
    CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "lock lost"));
    CLOSE(rig);
}

/* The store grants, and renews, for eight seconds only, whatever it was asked for. */
static enum rig_answer grants_for_less(struct rig *rig, const struct eng_effect *effect,
                                       struct eng_input *answer) {
    (void)rig;
    if (effect->kind != EFF_lock_acquire) return RIG_FRIENDLY;
    answer->kind = IN_lock_reply;
    answer->lock_reply = reply_to(&effect->lock_acquire, LOCK_REPLY_GRANTED);
    answer->lock_reply.token_epoch = 1;
    answer->lock_reply.token_number = 900 + effect->lock_acquire.scope;
    answer->lock_reply.expires_in_ns = 8 * S;
    return RIG_MINE;
}

static void the_stores_record_says_how_long(void) {
    RIG_OPEN(rig);
    short_leases(&rig);
    rig.config.locking.renew_interval_ns = 15 * S; /* in time for 20 s, too late for 8 s */
    rig_start(&rig);
    rig.hook = grants_for_less;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 5 * S);
    CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "lock lost"));
    rig_run(&rig, 5 * S); /* of 8 s, less a margin of 2 s */
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "lock lost"));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

/* Renewal is answered for two of three locks: that silence is noticed, too. */
static enum rig_answer forgets_the_deployment_lock(struct rig *rig, const struct eng_effect *effect,
                                                   struct eng_input *answer) {
    (void)rig, (void)answer;
    bool lost = effect->kind == EFF_lock_renew && effect->lock_renew.scope == SCOPE_DEPLOYMENT;
    return lost ? RIG_SILENT : RIG_FRIENDLY;
}

static void one_silent_renewal_of_three_is_noticed(void) {
    RIG_OPEN(rig);
    short_leases(&rig);
    rig.config.locking.renew_interval_ns = 8 * S; /* longer than the store may take */
    rig_start(&rig);
    rig.hook = forgets_the_deployment_lock;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 15 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
    /* a margin of 2 s before 20 s: it says that it stops */
    CU_ASSERT_FALSE(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "lock lost"));
    rig_run(&rig, 4 * S);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_LOCK_OPERATION, "lock lost"));
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_LOCK_LOST), 1);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CLOSE(rig);
}

/* A renewal must not forget the answer that the deploy target owes. */
static void a_renewal_leaves_other_timers_alone(void) {
    RIG_OPEN(rig);
    short_leases(&rig);
    rig_start(&rig);
    rig.silent[EFF_deploy_stage] = true;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, rig.config.canary.hold_max_ns + 5 * S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_DEPLOY_REFUSED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CLOSE(rig);
}

static enum rig_answer takes_the_lock_away(struct rig *rig, const struct eng_effect *effect,
                                           struct eng_input *answer) {
    if (effect->kind != EFF_lock_renew || !rig_friendly(rig, effect, answer)) return RIG_FRIENDLY;
    answer->lock_reply.result = LOCK_REPLY_NOT_HOLDER;
    return RIG_MINE;
}

/* Another holds it: stop, say so; a person's yes takes the locks anew before anything is done. */
static void a_lock_lost_while_acting_is_taken_again_on_a_persons_yes(void) {
    RIG_OPEN(rig);
    short_leases(&rig);
    rig_start(&rig);
    rig.hook = takes_the_lock_away;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_PAUSED);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_LOCK_LOST), 1);
    uint32_t acquired = rig_count(&rig, EFF_lock_acquire);
    rig.hook = NULL;
    rig_decide(&rig, FORM_TAKE_OVER, ANSWER_YES);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_lock_acquire), acquired + 3);
    rig_run(&rig, 150 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_EQUAL(rig_last(&rig, EFF_deploy_stage)->deploy_stage.token_number,
                    (int64_t)acquired + 1);
    CLOSE(rig);
}

/* The refusal of something else (a place in a list that was left too late) is not the loss of a
 * lock. */
static void a_refusal_of_another_request_loses_nothing(void) {
    RIG_OPEN(rig);
    short_leases(&rig);
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 2 * S);
    struct eng_input refused = grant_of(&rig);
    refused.lock_reply.result = LOCK_REPLY_NOT_HOLDER;
    rig_feed(&rig, &refused);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_IN_PROGRESS);
    CLOSE(rig);
}

/* Who held the lock had promoted a fix and took it back: the figures of the window are still good.
 * With a window in which nothing was changed it is the cause that decides, here gone after all. */
static void what_a_taken_back_fix_left_in_the_window_heals_nothing(void) {
    RIG(rig);
    open_and_wait(&rig);
    rig.unpatched_gone = true;
    struct eng_input change = {.kind = IN_change}, grant = grant_of(&rig);
    change.change =
        (struct in_change){.service = PAYMENT, .op = stranger, .ended = true, .at_wall = rig.wall};
    rig_feed(&rig, &change);
    rig_feed(&rig, &grant);
    rig_run(&rig, rig.config.detection.rate_window_ns - S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_LOCKED);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_HEALED_BY_ANOTHER), 0);
    rig_run(&rig, 2 * S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_CLOSED_HEALED_BY_ANOTHER), 1);
    CLOSE(rig);
}

TEST_MAIN("engine: locks", TEST(in_order_and_with_tokens),
          TEST(a_grant_after_a_wait_is_renewed_before_it_is_believed),
          TEST(a_grant_that_the_store_takes_back_is_waited_for_again),
          TEST(a_grant_not_yet_believed_is_given_back_at_the_end),
          TEST(a_grant_of_a_wait_that_is_over_is_given_back),
          TEST(a_grant_of_an_older_wait_is_left_to_the_newer),
          TEST(a_grant_for_nobody_is_given_back), TEST(waits_time_out_and_back_off_twice_as_long),
          TEST(attempts_used_up_and_no_holder_alive_is_a_persons),
          TEST(grant_timeout_and_cancel_at_the_same_instant),
          TEST(a_silent_store_suspends_everything), TEST(a_lifted_suspension_goes_on),
          TEST(nothing_is_taken_while_suspended),
          TEST(leases_are_renewed_while_it_acts_and_while_it_is_paused),
          TEST(the_stores_record_says_how_long), TEST(one_silent_renewal_of_three_is_noticed),
          TEST(a_renewal_leaves_other_timers_alone),
          TEST(a_lock_lost_while_acting_is_taken_again_on_a_persons_yes),
          TEST(a_refusal_of_another_request_loses_nothing),
          TEST(what_a_taken_back_fix_left_in_the_window_heals_nothing))
