/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/invariant_case.h"
#include <sodium/crypto_sign_ed25519.h>

static void skips_the_locks(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    tb_state(t, TB_S(40), 0, 6, STATE_INIT);
    tb_state(t, TB_S(40), 0, 6, STATE_IN_PROGRESS);
}
static void an_illegal_transition(void) { BREAKS("legal_transitions", skips_the_locks); }

/* Ann's, or somebody's who says to be of another team. */
static struct in_person_decision yes(const char *team, time_ns issued) {
    struct in_person_decision d = {
        .message = 3, .answer = ANSWER_YES, .approval = 11, .issued_wall = issued};
    text_set(&d.team, team);
    text_set(&d.role, "lead");
    return d;
}
static void paused_and(struct tb *t, struct in_person_decision said, int64_t resumed_to) {
    tb_state(t, TB_S(24), 0, 5, STATE_PAUSED);
    TB_WANTS(t, TB_S(24), 0, notify, .message = 3, .form = FORM_CONFIRM, .op = {5});
    tb_told(t, TB_S(24), 0,
            (struct eng_input){.kind = IN_person_decision, .person_decision = said});
    TB_WANTS(t, TB_S(24), 0, audit_append, .category = CATEGORY_MANUAL_INTERVENTION);
    tb_state(t, TB_S(24), 0, 5, resumed_to);
}
static void paused(struct tb *t, int64_t resumed_to) {
    paused_and(t, yes("payments", TB_S(23)), resumed_to);
}
static void resumes_elsewhere(struct tb *t, enum act act) {
    if (act == ACT_HALF) paused(t, STATE_INIT);
}
static void resumes_where_it_was(struct tb *t, enum act act) {
    if (act == ACT_HALF) paused(t, STATE_IN_PROGRESS);
}
static void a_pause_returns_where_it_was(void) {
    /* to INIT, and from there to COMPLETED */
    CU_ASSERT_EQUAL(violations_of("legal_transitions", resumes_elsewhere), 2);
    HOLDS("legal_transitions", resumes_where_it_was);
    HOLDS("human_pause", resumes_where_it_was);
}

static void resumes_unasked(struct tb *t, enum act act) {
    if (act != ACT_HALF) return;
    tb_state(t, TB_S(24), 0, 5, STATE_PAUSED);
    tb_state(t, TB_S(24), 0, 5, STATE_IN_PROGRESS);
}
static void acts_while_paused(struct tb *t, enum act act) {
    if (act == ACT_FULL) tb_state(t, TB_S(23), 0, 5, STATE_PAUSED);
    if (act == ACT_FULL) TB_WANTS(t, TB_S(28), 0, deploy_stage, .op = {5}, .service = {TB_PAYMENT});
}
static void uses_an_approval_twice(struct tb *t, enum act act) {
    if (act != ACT_HALF) return;
    paused(t, STATE_IN_PROGRESS);
    paused(t, STATE_IN_PROGRESS);
}
static void goes_on_by_a_strangers_yes(struct tb *t, enum act act) {
    if (act == ACT_HALF) paused_and(t, yes("marketing", TB_S(23)), STATE_IN_PROGRESS);
}
static void goes_on_by_an_old_yes(struct tb *t, enum act act) {
    if (act == ACT_HALF) paused_and(t, yes("payments", TB_S(24 - 901)), STATE_IN_PROGRESS);
}
static void goes_on_by_a_yes_to_another_plan(struct tb *t, enum act act) {
    struct in_person_decision said = yes("payments", TB_S(23));
    said.plan.b[0] = 1;
    if (act == ACT_HALF)
        TB_WANTS(t, TB_S(24), 0, registry_register, .op = {5}, .service = {TB_PAYMENT});
    if (act == ACT_HALF) paused_and(t, said, STATE_IN_PROGRESS);
}
/* The policy lets leads of another team approve, and nobody else; Ann may command. */
static void ann_may_not_approve(struct tb *t, enum act act) {
    if (act != ACT_HALF) return;
    paused(t, STATE_IN_PROGRESS);
    tb_authority(t, TB_S(24),
                 &(struct rec_authority){
                     .team = REC_STR("payments"), .role = REC_STR(""), .commands = true});
    tb_authority(
        t, TB_S(24),
        &(struct rec_authority){.team = REC_STR("sre"), .role = REC_STR("lead"), .approves = true});
}
static void ann_resumes(struct tb *t, const char *role) {
    struct eng_input input = {.kind = IN_person_command};
    input.person_command = (struct in_person_command){
        .command = COMMAND_RESUME, .op = {5}, .approval = 4, .issued_wall = TB_S(23)};
    text_set(&input.person_command.team, "payments");
    text_set(&input.person_command.role, role);
    text_set(&input.person_command.reason, "they know better");
    tb_state(t, TB_S(24), 0, 5, STATE_PAUSED);
    tb_told(t, TB_S(24), 0, input);
    TB_WANTS(t, TB_S(24), 0, audit_append, .category = CATEGORY_MANUAL_INTERVENTION);
    tb_state(t, TB_S(24), 0, 5, STATE_IN_PROGRESS);
}
static void resumed_by_command(struct tb *t, enum act act) {
    if (act == ACT_HALF) ann_resumes(t, "lead");
}
static void resumed_by_nobody(struct tb *t, enum act act) {
    if (act == ACT_HALF) ann_resumes(t, "intern");
}
static void who_lets_it_go_on(void) {
    BREAKS("human_pause", goes_on_by_a_strangers_yes);
    BREAKS("human_pause", goes_on_by_an_old_yes);
    BREAKS("human_pause", goes_on_by_a_yes_to_another_plan);
    BREAKS("human_pause", ann_may_not_approve);
    HOLDS("human_pause", resumed_by_command);
    BREAKS("human_pause", resumed_by_nobody);
    HOLDS("commands_authorised", resumes_where_it_was);
    HOLDS("commands_authorised", resumed_by_command);
    BREAKS("commands_authorised", resumed_by_nobody);
    BREAKS("commands_authorised", goes_on_by_a_strangers_yes);
    BREAKS("commands_authorised", ann_may_not_approve);
}

static void commands(struct tb *t, time_ns at, enum command_kind command, int64_t name,
                     bool audited) {
    struct eng_input input = {.kind = IN_person_command};
    input.person_command = (struct in_person_command){.command = command, .name = name};
    text_set(&input.person_command.team, "payments");
    text_set(&input.person_command.role, "lead");
    text_set(&input.person_command.reason, "they know better");
    tb_told(t, at, 0, input);
    if (audited) TB_WANTS(t, at, 0, audit_append, .category = CATEGORY_MANUAL_INTERVENTION);
}
static void a_command_unaudited(struct tb *t, enum act act) {
    if (act == ACT_OPENED) commands(t, TB_S(12), COMMAND_FREEZE, 0, false);
    if (act == ACT_OPENED) commands(t, TB_S(12), COMMAND_UNFREEZE, 0, true);
}
static void deploys_while_frozen(struct tb *t, enum act act) {
    if (act == ACT_HALF) commands(t, TB_S(24), COMMAND_FREEZE, 0, true);
    if (act == ACT_HALF) TB_WANTS(t, TB_S(24), 0, deploy_stage, .op = {5});
    if (act == ACT_HALF) commands(t, TB_S(24), COMMAND_UNFREEZE, 0, true);
}
static void goes_back_while_it_advises(struct tb *t, enum act act) {
    if (act == ACT_HALF) commands(t, TB_S(24), COMMAND_SET_MODE, MODE_ADVISE, true);
    if (act == ACT_HALF) TB_WANTS(t, TB_S(24), 0, roll_back, .op = {5});
    if (act == ACT_HALF) commands(t, TB_S(24), COMMAND_SET_MODE, MODE_ACT, true);
}
static void deploys_while_it_advises(struct tb *t, enum act act) {
    if (act == ACT_HALF) commands(t, TB_S(24), COMMAND_SET_MODE, MODE_ADVISE, true);
    if (act == ACT_HALF) TB_WANTS(t, TB_S(24), 0, deploy_stage, .op = {5});
    if (act == ACT_HALF) commands(t, TB_S(24), COMMAND_SET_MODE, MODE_ACT, true);
}
/* The story's operation deployed before; number 6 orders this first. */
static void wants_while_it_advises(struct tb *t, enum act act, struct eng_effect order) {
    if (act != ACT_HALF) return;
    commands(t, TB_S(24), COMMAND_SET_MODE, MODE_ADVISE, true);
    tb_wants(t, TB_S(24), 0, order);
    commands(t, TB_S(24), COMMAND_SET_MODE, MODE_ACT, true);
}
static void drains_while_it_advises(struct tb *t, enum act act) {
    wants_while_it_advises(
        t, act,
        (struct eng_effect){.kind = EFF_remedy, .remedy = {.op = {6}, .remedy = REMEDY_DRAIN}});
}
static void lets_a_pod_back_while_it_advises(struct tb *t, enum act act) {
    wants_while_it_advises(
        t, act,
        (struct eng_effect){.kind = EFF_remedy,
                            .remedy = {.op = {6}, .remedy = REMEDY_DRAIN, .undo = true}});
}
static void undoes_a_change_while_it_advises(struct tb *t, enum act act) {
    wants_while_it_advises(t, act,
                           (struct eng_effect){.kind = EFF_roll_back,
                                               .roll_back = {.op = {6}, .from = {2}, .to = {1}}});
}
static void redoes_a_change_while_it_advises(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) TB_WANTS(t, TB_S(20), 0, roll_back, .op = {6}, .from = {2}, .to = {1});
    wants_while_it_advises(t, act,
                           (struct eng_effect){.kind = EFF_roll_back,
                                               .roll_back = {.op = {6}, .from = {1}, .to = {2}}});
}
static void says_no(struct tb *t, const char *team) {
    struct in_person_decision no = yes(team, TB_S(20));
    no.answer = ANSWER_NO;
    TB_WANTS(t, TB_S(20), 0, notify, .message = 3, .form = FORM_CONFIRM, .op = {5});
    tb_told(t, TB_S(20), 0, (struct eng_input){.kind = IN_person_decision, .person_decision = no});
    TB_WANTS(t, TB_S(20), 0, audit_append, .category = CATEGORY_MANUAL_INTERVENTION);
}
static void goes_on_after_a_no(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) says_no(t, "payments");
}
static void drains_after_a_no(struct tb *t, enum act act) {
    if (act != ACT_FULL) return;
    says_no(t, "payments");
    TB_WANTS(t, TB_S(28), 0, remedy, .op = {5}, .remedy = REMEDY_DRAIN);
}
static void goes_on_after_a_strangers_no(struct tb *t, enum act act) {
    if (act == ACT_BEGUN) says_no(t, "marketing");
}
static void a_no_holds(void) {
    BREAKS("human_pause", goes_on_after_a_no);
    BREAKS("human_pause", drains_after_a_no);
    HOLDS("human_pause", goes_on_after_a_strangers_no);
}

static void what_the_mode_forbids(void) {
    BREAKS("commands_authorised", a_command_unaudited);
    BREAKS("mode_respected", deploys_while_frozen);
    BREAKS("mode_respected", deploys_while_it_advises);
    HOLDS("mode_respected", goes_back_while_it_advises);
    BREAKS("mode_respected", drains_while_it_advises);
    HOLDS("mode_respected", lets_a_pod_back_while_it_advises);
    BREAKS("mode_respected", undoes_a_change_while_it_advises);
    HOLDS("mode_respected", redoes_a_change_while_it_advises);
}

static void what_a_pause_forbids(void) {
    BREAKS("human_pause", resumes_unasked);
    BREAKS("human_pause", acts_while_paused);
    BREAKS("human_pause", uses_an_approval_twice);
}

static void closes_while_it_burns(struct tb *t, enum act act) {
    if (act == ACT_OPENED) tb_reports(t, TB_S(13), 0, REPORT_CLOSED_RESOLVED, 1, 0, TB_S(1));
}
static void closes_as_anothers_work(struct tb *t, enum act act) {
    if (act == ACT_OPENED)
        tb_reports(t, TB_S(13), 0, REPORT_CLOSED_HEALED_BY_ANOTHER, 1, 0, TB_S(1));
}
static void closes_as_anothers_work_once_healed(struct tb *t, enum act act) {
    if (act == ACT_CLOSED)
        tb_reports(t, TB_S(40), 0, REPORT_CLOSED_HEALED_BY_ANOTHER, 1, 0, TB_S(28));
}
/* The errors of a patch that was taken back are over; the cause is another symptom's. */
static void closes_the_other_symptom(struct tb *t, enum act act) {
    if (act == ACT_OPENED)
        TB_WANTS(t, TB_S(13), 0, report, .kind = REPORT_CLOSED_HEALED_BY_ANOTHER, .incident = {1},
                 .service = {TB_PAYMENT}, .symptom = SYMPTOM_LATENCY, .detail = TB_S(1));
}
static void a_close_that_is_not_true(void) {
    BREAKS("closed_means_healed", closes_while_it_burns);
    BREAKS("closed_means_healed", closes_as_anothers_work);
    HOLDS("closed_means_healed", closes_as_anothers_work_once_healed);
    HOLDS("closed_means_healed", closes_the_other_symptom);
}

static void too_short_a_time(struct tb *t, enum act act) {
    if (act == ACT_CLOSED) tb_reports(t, TB_S(40), 0, REPORT_CLOSED_RESOLVED, 1, 0, TB_S(2));
}
static void no_milestones(struct tb *t, enum act act) {
    if (act == ACT_OPENED) tb_reports(t, TB_S(13), 0, REPORT_CLOSED_RESOLVED, 1, 0, TB_S(1));
}
static void times_that_do_not_add_up(void) {
    BREAKS("mttr_adds_up", too_short_a_time);
    CU_ASSERT_EQUAL(violations_of("mttr_adds_up", no_milestones), 4);
}

/* ---- audit ---- */

static struct rec_audit_stored entry(struct tb *t, int64_t sequence) {
    struct rec_audit_stored a = {.sequence = sequence,
                                 .category = CATEGORY_DEPLOYMENT,
                                 .previous = t->head[0],
                                 .body = REC_STR("forged")};
    chain_hash(&a.previous, a.body.bytes, a.body.len, &a.hash);
    return a;
}
static void forks(struct tb *t, enum act act) {
    struct rec_audit_stored a = entry(t, 4);
    memset(&a.previous, 7, sizeof a.previous);
    chain_hash(&a.previous, a.body.bytes, a.body.len, &a.hash);
    if (act == ACT_CLOSED) tb_audit_stored(t, TB_S(40), &a);
}
static void leaves_one_out(struct tb *t, enum act act) {
    struct rec_audit_stored a = entry(t, 5);
    if (act == ACT_CLOSED) tb_audit_stored(t, TB_S(40), &a);
}
static void hashes_something_else(struct tb *t, enum act act) {
    struct rec_audit_stored a = entry(t, 4);
    a.body = REC_STR("other");
    if (act == ACT_CLOSED) tb_audit_stored(t, TB_S(40), &a);
}
static void appends(struct tb *t, enum act act) {
    struct rec_audit_stored a = entry(t, 4);
    if (act == ACT_CLOSED) tb_audit_stored(t, TB_S(40), &a);
}
static void writes(struct tb *t, int64_t sequence, uint8_t previous, uint8_t hash) {
    TB_WANTS(t, TB_S(40), 0, audit_append, .sequence = sequence, .previous = {{previous}},
             .hash = {{hash}});
}
static void writes_two_beside(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    writes(t, 4, 3, 4);
    writes(t, 5, 3, 5);
}
static void writes_one_after_the_other(struct tb *t, enum act act) {
    if (act != ACT_CLOSED) return;
    writes(t, 4, 3, 4);
    writes(t, 5, 4, 5);
}
static void chains_that_do_not_hold(void) {
    BREAKS("audit_chain", writes_two_beside);
    HOLDS("audit_chain", writes_one_after_the_other);
    BREAKS("audit_chain", forks);
    BREAKS("audit_chain", leaves_one_out);
    BREAKS("audit_chain", hashes_something_else);
    HOLDS("audit_chain", appends);
}

/* A checkpoint at the third entry, the last one of the story. */
static void puts_a_checkpoint(struct tb *t, int64_t engine, uint8_t damage) {
    static const uint8_t seed[32] = {1};
    uint8_t secret[64], signature[64], text[80] = "firedrill audit checkpoint 1\n";
    struct rec_audit_key key = {.engine = 0};
    struct rec_checkpoint_stored c = {
        .engine = engine, .sequence = 3, .hash = t->head[0], .signature = {signature, 64}};
    c.hash.b[0] ^= damage;
    crypto_sign_ed25519_seed_keypair(key.key.b, secret, seed);
    size_t at = strlen((const char *)text);
    text[at + 15] = 3; /* engine 0, entry 3 */
    memcpy(text + at + 16, c.hash.b, 32);
    crypto_sign_ed25519_detached(signature, NULL, text, at + 48, secret);
    tb_audit_key(t, TB_S(40), &key);
    tb_checkpoint_stored(t, TB_S(40), &c);
}
static void anchors_well(struct tb *t, enum act act) {
    if (act == ACT_CLOSED) puts_a_checkpoint(t, 0, 0);
}
static void anchors_something_else(struct tb *t, enum act act) {
    if (act == ACT_CLOSED) puts_a_checkpoint(t, 0, 1);
}
static void signs_for_another(struct tb *t, enum act act) {
    if (act == ACT_CLOSED) puts_a_checkpoint(t, 1, 0);
}
static void checkpoints_that_are_not_what_was_stored(void) {
    HOLDS("audit_chain", anchors_well);
    BREAKS("audit_chain", anchors_something_else);
    CU_ASSERT_EQUAL(violations_of("audit_chain", signs_for_another), 2); /* no such chain either */
}

static void is_tampered_with(struct tb *t) {
    struct rec_audit_tampered r = {.sequence = 1, .how = AUDIT_REPLACED, .body = REC_STR("forged")};
    tb_audit_tampered(t, 0, &r);
    TB_TOLD(t, 0, 0, recovered, .sequence = 1);
}
static void goes_on_all_the_same(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) is_tampered_with(t);
}
static void goes_on_when_a_person_says_so(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) is_tampered_with(t);
    if (act == ACT_OPENED) TB_TOLD(t, TB_S(12), 0, person_command, .command = COMMAND_UNFREEZE);
}
static void a_log_tampered_with_stops_its_engine(void) {
    CU_ASSERT_EQUAL(violations_of("tampering_stops", goes_on_all_the_same), 3);
    HOLDS("tampering_stops", goes_on_when_a_person_says_so);
}

static void acts_unaudited(struct tb *t, enum act act) {
    if (act != ACT_BEGUN) return;
    TB_TOLD(t, TB_S(20), 0, timer_fired, .timer = 1);
    TB_WANTS(t, TB_S(20), 0, deploy_stage, .op = {5}, .service = {TB_PAYMENT});
}
static void acts_twice_on_one_entry(struct tb *t, enum act act) {
    if (act != ACT_BEGUN) return;
    tb_audited(t, TB_S(20), 0, CATEGORY_DEPLOYMENT, 5, 1);
    TB_WANTS(t, TB_S(20), 0, deploy_stage, .op = {5}, .service = {TB_PAYMENT});
    TB_WANTS(t, TB_S(20), 0, deploy_stage, .op = {5}, .service = {TB_PAYMENT});
}
static void acts_on_another_category(struct tb *t, enum act act) {
    if (act != ACT_BEGUN) return;
    tb_audited(t, TB_S(20), 0, CATEGORY_VERIFICATION, 5, 1);
    TB_WANTS(t, TB_S(20), 0, deploy_stage, .op = {5}, .service = {TB_PAYMENT});
}
static void effects_without_their_entry(void) {
    BREAKS("audit_before_effect", acts_unaudited);
    BREAKS("audit_before_effect", acts_twice_on_one_entry);
    BREAKS("audit_before_effect", acts_on_another_category);
}

static void cries_unheard(struct tb *t, enum act act) {
    if (act == ACT_OPENED)
        TB_WANTS(t, TB_S(12), 0, notify, .message = 1, .severity = SEVERITY_CRITICAL);
}
static void cries_and_audits_the_loss(struct tb *t, enum act act) {
    cries_unheard(t, act);
    if (act != ACT_OPENED) return;
    TB_TOLD(t, TB_S(13), 0, notify_ack, .message = 1);
    TB_WANTS(t, TB_S(13), 0, audit_append, .category = CATEGORY_NOTIFICATION);
}
static void boasts(struct tb *t, enum act act) {
    if (act == ACT_OPENED) tb_message(t, TB_S(13), 0, 1, FORM_TELL, REASON_RESOLVED, 1, 0);
}
static void messages_lost_or_early(void) {
    BREAKS("notifications", cries_unheard);
    HOLDS("notifications", cries_and_audits_the_loss);
    BREAKS("notifications", boasts);
}

/* ---- end ---- */

static void keeps_a_lock(struct tb *t, enum act act) {
    if (act == ACT_CLOSED) tb_granted(t, TB_S(34), 0, 5, SCOPE_SERVICE, TB_ORDER);
}
static void keeps_its_intent(struct tb *t, enum act act) {
    if (act == ACT_CLOSED)
        tb_registry(t, TB_S(34),
                    &(struct rec_registry){.op = {5}, .number = 2, .service = {TB_PAYMENT}});
}
static void keeps_a_share(struct tb *t, enum act act) {
    if (act == ACT_CLOSED)
        tb_traffic(t, TB_S(34),
                   &(struct rec_traffic){.service = {TB_PAYMENT},
                                         .stable = {2},
                                         .candidate = {3},
                                         .share_ppm = 100000,
                                         .op = {5}});
}
static void breaks_again(struct tb *t, enum act act) {
    if (act == ACT_HEALED) tb_fault_on(t, TB_S(71), &(struct rec_fault_on){.fault = 0});
}
static void what_must_not_be_left(void) {
    BREAKS("clean_end", keeps_a_lock);
    BREAKS("clean_end", keeps_its_intent);
    BREAKS("clean_end", keeps_a_share);
    BREAKS("clean_end", breaks_again);
}

static void must_end_soon(struct tb *t) {
    tb_limit(t, 0, &(struct rec_limit){.key = REC_STR("liveness_bound_ns"), .value = TB_S(4)});
    tb_limit(t, 0, &(struct rec_limit){.key = REC_STR("cooldown_ns"), .value = 0});
}
static void never_ends(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) must_end_soon(t);
    if (act == ACT_CLOSED) tb_state(t, TB_S(40), 0, 6, STATE_INIT);
}
static void is_with_a_person(struct tb *t, enum act act) {
    if (act == ACT_PLANNED) must_end_soon(t);
    if (act != ACT_CLOSED) return;
    tb_reports(t, TB_S(40), 0, REPORT_OPENED, 2, 0, 0);
    tb_message(t, TB_S(41), 0, 2, FORM_TAKE_OVER, REASON_GATE, 2, 0);
}
static void an_operation_that_never_ends(void) {
    BREAKS("liveness", never_ends);
    HOLDS("liveness", is_with_a_person);
}

TEST_MAIN("invariants: life", TEST(an_illegal_transition), TEST(a_pause_returns_where_it_was),
          TEST(what_a_pause_forbids), TEST(who_lets_it_go_on), TEST(what_the_mode_forbids),
          TEST(a_no_holds), TEST(a_close_that_is_not_true), TEST(times_that_do_not_add_up),
          TEST(chains_that_do_not_hold), TEST(checkpoints_that_are_not_what_was_stored),
          TEST(a_log_tampered_with_stops_its_engine), TEST(effects_without_their_entry),
          TEST(messages_lost_or_early), TEST(what_must_not_be_left),
          TEST(an_operation_that_never_ends))
