/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit chain: an effect waits for its own entry; silence and mismatch suspend. Full tables and
 * what is no sense at all are refused by name. */
#include "tests/support/engine_test.h"
#include "engine/entry.h"

#define S NS_PER_S

/* The entry that says a stage is deployed; 0: none yet. */
static int64_t deployment_entry(const struct rig *rig) {
    for (uint32_t k = rig->log_count; k > 0; k--) {
        const struct eng_effect *e = &rig->log[k - 1].effect;
        if (e->kind == EFF_audit_append && e->audit_append.category == CATEGORY_DEPLOYMENT)
            return e->audit_append.sequence;
    }
    return 0;
}

static enum rig_answer keeps_the_deployments_ack(struct rig *rig, const struct eng_effect *effect,
                                                 struct eng_input *answer) {
    (void)rig, (void)answer;
    bool kept =
        effect->kind == EFF_audit_append && effect->audit_append.category == CATEGORY_DEPLOYMENT;
    return kept ? RIG_SILENT : RIG_FRIENDLY;
}

static void open_until_the_stage_is_audited(struct rig *rig) {
    rig->hook = keeps_the_deployments_ack;
    rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(rig, S);
    CU_ASSERT_TRUE_FATAL(deployment_entry(rig) > 0);
}

static void acknowledge(struct rig *rig, int64_t sequence, enum audit_result result) {
    struct eng_input ack = {.kind = IN_audit_ack};
    ack.audit_ack =
        (struct in_audit_ack){.sequence = sequence, .result = result, .head = rig->chain_head};
    rig_feed(rig, &ack);
}

static void a_stage_leaves_with_its_own_acknowledgement(void) {
    RIG(rig);
    open_until_the_stage_is_audited(&rig);
    int64_t own = deployment_entry(&rig);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    acknowledge(&rig, own - 1, AUDIT_REPLY_OK); /* again */
    acknowledge(&rig, own + 1, AUDIT_REPLY_OK); /* of none */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    acknowledge(&rig, own, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    acknowledge(&rig, own, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    CLOSE(rig);
}

/* The network turned two acknowledgements round: the effect still leaves with its own. */
static void an_acknowledgement_overtaken_counts(void) {
    RIG(rig);
    open_until_the_stage_is_audited(&rig);
    int64_t own = deployment_entry(&rig);
    rig.silent[EFF_audit_append] = true;
    rig_command(&rig, COMMAND_FREEZE, "", ID_NONE64(op_id)); /* refused: makes more entries */
    acknowledge(&rig, own + 1, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    acknowledge(&rig, own, AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 1);
    CLOSE(rig);
}

static void a_silent_log_suspends(void) {
    RIG(rig);
    open_until_the_stage_is_audited(&rig);
    rig_run(&rig, 6 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_CHAIN_BROKEN), 1);
    acknowledge(&rig, deployment_entry(&rig), AUDIT_REPLY_OK); /* too late: dropped */
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CLOSE(rig);
}

static void a_refused_entry_suspends(void) {
    static const enum audit_result results[] = {AUDIT_REPLY_HEAD_MISMATCH, AUDIT_REPLY_UNAVAILABLE};
    for (size_t k = 0; k < ARRAY_LEN(results); k++) {
        RIG(rig);
        open_until_the_stage_is_audited(&rig);
        acknowledge(&rig, deployment_entry(&rig), results[k]);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
        CLOSE(rig);
    }
}

/* Frozen between the entry and its acknowledgement: the stage does not leave, nor is it believed to
 * serve; lifted, it is ordered anew. */
static void frozen_in_between_the_stage_stays(void) {
    RIG(rig);
    open_until_the_stage_is_audited(&rig);
    rig_command(&rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id));
    acknowledge(&rig, deployment_entry(&rig), AUDIT_REPLY_OK);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    rig_command(&rig, COMMAND_CANCEL, "sre", rig_op(&rig, 0));
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_FAILED); /* the table has no way to CANCELLED */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_roll_back), 0);
    CLOSE(rig);
}

static void paused_in_between_the_stage_stays(void) {
    RIG(rig);
    open_until_the_stage_is_audited(&rig);
    rig_command(&rig, COMMAND_PAUSE, "sre", rig_op(&rig, 0));
    acknowledge(&rig, deployment_entry(&rig), AUDIT_REPLY_OK);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    rig.hook = NULL;
    rig_run(&rig, 2 * rig.config.gates.valid_ns); /* the gates' word is too old by now */
    uint32_t asked = rig_count(&rig, EFF_query);
    rig_command(&rig, COMMAND_RESUME, "sre", rig_op(&rig, 0));
    CU_ASSERT_TRUE(rig_count(&rig, EFF_query) > asked);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_GATED), 1);
    rig_run(&rig, 30 * S);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_GATED), 2);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

/* Leases ran out while the log store was slow: looked at once more before the effect leaves. */
static void a_lease_that_ran_out_meanwhile_stops_the_stage(void) {
    RIG_OPEN(rig);
    rig.config.locking.ttl_ns = 3 * S;
    rig.config.locking.margin_min_ns = S;
    rig.config.locking.renew_interval_ns = 0;
    rig_start(&rig);
    open_until_the_stage_is_audited(&rig);
    rig.silent[EFF_audit_append] = true;
    struct eng_input ack = {.kind = IN_audit_ack};
    ack.audit_ack.sequence = deployment_entry(&rig);
    ack.audit_ack.head = rig.chain_head;
    rig_later(&rig, &ack, 3 * S);
    rig_run(&rig, 4 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_LOCK_LOST), 1);
    CLOSE(rig);
}

static enum rig_answer finds_control_characters(struct rig *rig, const struct eng_effect *effect,
                                                struct eng_input *answer) {
    if (effect->kind != EFF_ask_checks || !rig_friendly(rig, effect, answer)) return RIG_FRIENDLY;
    answer->check_results.tests_failed = 1;
    answer->check_results.finding.len = TEXT_MAX;
    memset(answer->check_results.finding.s, 1, TEXT_MAX);
    return RIG_MINE;
}

/* Others' words, each six bytes in JSON, beside ids and numbers as long as they can be. */
static void words_too_long_for_an_entry_are_left_out(void) {
    RIG_OPEN(rig);
    rig.config.engine = 2147516416; /* ids of twenty characters */
    rig.incarnation = UINT16_MAX;
    rig.chain_length = INT64_C(1000000000000000000);
    rig_start(&rig);
    rig.hook = finds_control_characters;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_SAFETY_GATES,
                               "\"patch rejected by its checks\",\"detail\":\"~\"}"));
    CLOSE(rig);
}

static void another_head_suspends(void) {
    RIG(rig);
    open_until_the_stage_is_audited(&rig);
    rig.chain_head.b[0] ^= 1; /* somebody else appended, and the store believes it was us */
    acknowledge(&rig, deployment_entry(&rig), AUDIT_REPLY_OK);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_deploy_stage), 0);
    rig.broken = NULL; /* the rig noticed that too */
    CLOSE(rig);
}

/* A store with a past of 300 entries. */
static struct {
    struct hash hash[301];
    struct blob body[301];
    int64_t cut, altered, archived; /* the first that is gone; one that is not as it was; the last
                                       that is not kept; 0: none */
    int64_t lost;                   /* answers that are lost */
} past;

static enum rig_answer reads_the_past(struct rig *rig, const struct eng_effect *effect,
                                      struct eng_input *answer) {
    (void)rig;
    if (effect->kind != EFF_audit_read || effect->audit_read.sequence > 300) return RIG_FRIENDLY;
    if (past.lost > 0 && past.lost--) return RIG_SILENT;
    int64_t k = effect->audit_read.sequence;
    answer->kind = IN_audit_record;
    answer->audit_record = (struct in_audit_record){.request = effect->audit_read.request,
                                                    .sequence = k,
                                                    .previous = past.hash[k - 1],
                                                    .hash = past.hash[k],
                                                    .body = past.body[k]};
    if (past.cut > 0 && k >= past.cut) answer->audit_record.result = AUDIT_REPLY_END;
    if (k == past.altered) answer->audit_record.body.b[20] ^= 1;
    if (k <= past.archived) {
        answer->audit_record.result = AUDIT_REPLY_UNAVAILABLE;
        answer->audit_record.sequence = past.archived + 1;
    }
    return RIG_MINE;
}

static void make_past(void) {
    memset(&past, 0, sizeof past);
    for (int k = 1; k <= 300; k++) {
        struct audit_entry entry = {
            .sequence = k, .what = "before", .service = ID_NONE(svc_id), .wall = k};
        entry_write(&entry, &past.body[k]);
        entry_hash(&past.hash[k - 1], &past.body[k], &past.hash[k]);
    }
}

static void start_after_the_past(struct rig *rig) {
    rig->chain_length = 300;
    rig->chain_head = past.hash[300];
    rig->hook = reads_the_past;
    rig_start(rig);
    rig_run(rig, 5 * S);
}

static void a_chain_is_verified_at_start(void) {
    make_past();
    RIG_OPEN(rig);
    start_after_the_past(&rig);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_audit_read), 300);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CLOSE(rig);
}

static void what_is_archived_says_nothing(void) {
    make_past();
    past.archived = 200;
    RIG_OPEN(rig);
    start_after_the_past(&rig);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_audit_read), 101);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CLOSE(rig);
}

/* An incident that comes meanwhile is diagnosed, and its operation is opened after. */
static void nothing_is_begun_before(void) {
    make_past();
    RIG_OPEN(rig);
    rig.answers_after = 100 * NS_PER_MS;
    rig.alerting = true;
    start_after_the_past(&rig);
    CU_ASSERT_EQUAL(rig_reported(&rig, REPORT_DIAGNOSED), 1);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CLOSE(rig);
}

static void what_does_not_verify_is_named(void) {
    static const struct {
        int64_t cut, altered;
        const char *said;
    } cases[] = {{0, 1, "broken at entry 1: altered"},
                 {0, 111, "broken at entry 111: altered"},
                 {0, 300, "broken at entry 300: altered"},
                 {290, 0, "broken at entry 290: cut"},
                 {300, 0, "broken at entry 300: cut"}};
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        make_past();
        past.cut = cases[k].cut;
        past.altered = cases[k].altered;
        RIG_OPEN(rig);
        rig.alerting = true;
        start_after_the_past(&rig);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
        CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_CHAIN_BROKEN), 1);
        CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_SYSTEM_HEALTH, cases[k].said));
        rig_run(&rig, 20 * S);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_ask_patch), 0);
        rig_command(&rig, COMMAND_UNFREEZE, "sre", ID_NONE64(op_id)); /* a person lifts it */
        rig_run(&rig, 40 * S);
        CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
        CLOSE(rig);
    }
}

static void tell_checkpoint(struct rig *rig, int64_t sequence, const struct hash *head,
                            bool genuine) {
    struct eng_input input = {.kind = IN_checkpoint};
    input.checkpoint =
        (struct in_checkpoint){.sequence = sequence, .head = *head, .genuine = genuine};
    rig_feed(rig, &input);
}

/* The store's head is what is left: only the checkpoint knows that there was more. */
static void a_checkpoint_shows_what_the_head_does_not(void) {
    static const struct {
        int64_t kept, sequence;
        bool rewritten, genuine;
        const char *said;
    } cases[] = {{300, 300, false, true, NULL},
                 {300, 256, false, true, NULL},
                 {290, 300, false, true, "broken at entry 291: cut"},
                 {300, 256, true, true, "broken at entry 1: rewritten"},
                 {300, 256, false, false, "broken at entry 256: rewritten"}};
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        make_past();
        struct hash head = past.hash[cases[k].sequence];
        if (cases[k].rewritten) head.b[0] ^= 1;
        past.cut = cases[k].kept + 1;
        RIG_OPEN(rig);
        rig.chain_length = cases[k].kept;
        rig.chain_head = past.hash[cases[k].kept];
        rig.hook = reads_the_past;
        rig_start(&rig);
        tell_checkpoint(&rig, cases[k].sequence, &head, cases[k].genuine);
        rig_run(&rig, 5 * S);
        CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), cases[k].said != NULL);
        if (cases[k].said) CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_SYSTEM_HEALTH, cases[k].said));
        CLOSE(rig);
    }
}

static void a_read_that_was_lost_is_asked_again(void) {
    make_past();
    past.lost = 1;
    RIG_OPEN(rig);
    start_after_the_past(&rig);
    rig_run(&rig, 10 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_audit_read), 301);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CLOSE(rig);
}

static void a_store_that_reads_nothing_back_suspends(void) {
    make_past();
    past.lost = INT64_MAX;
    RIG_OPEN(rig);
    start_after_the_past(&rig);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_CHAIN_BROKEN), 1);
    CLOSE(rig);
}

/* Altered long after it was verified: the whole chain is read again from time to time. */
static void an_old_entry_altered_later_is_found(void) {
    make_past();
    RIG_OPEN(rig);
    rig.config.audit.verify_interval_ns = 600 * S;
    start_after_the_past(&rig);
    rig_run(&rig, 590 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_audit_read), 300);
    past.altered = 7;
    rig_run(&rig, 20 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 1);
    CU_ASSERT_TRUE(rig_audited(&rig, CATEGORY_SYSTEM_HEALTH, "broken at entry 7: altered"));
    CLOSE(rig);
}

static void checkpoints_come_every_so_often(void) {
    RIG_OPEN(rig);
    rig.config.audit.checkpoint_every = 4;
    rig_start(&rig);
    rig.alerting = true;
    rig_run(&rig, 60 * S);
    CU_ASSERT_TRUE(rig_count(&rig, EFF_checkpoint) >= 3);
    const struct eff_checkpoint *last = &rig_last(&rig, EFF_checkpoint)->checkpoint;
    CU_ASSERT_TRUE(last->sequence > rig.chain_length - 16);
    CU_ASSERT_EQUAL(last->signature.len, 0); /* the host's */
    CLOSE(rig);
}

/* What follows from what: an operation's entries one from the other, the first from its incident's.
 */
static void entries_name_their_parent(void) {
    RIG(rig);
    rig.alerting = true;
    rig_run(&rig, 60 * S);
    int64_t incident = 0, operation = 0;
    for (uint32_t k = 0; k < rig.log_count; k++) {
        const struct eff_audit_append *a = &rig.log[k].effect.audit_append;
        int64_t parent;
        if (rig.log[k].effect.kind != EFF_audit_append) continue;
        CU_ASSERT_TRUE(entry_number(&a->body, "parent", &parent));
        struct text correlation = entry_text(&a->body, "correlation");
        CU_ASSERT_TRUE(a->incident.v == 0 ? correlation.len == 0 : text_is(&correlation, "0/1/1"));
        if (a->op.v != 0) {
            CU_ASSERT_EQUAL(parent, operation ? operation : incident);
            operation = a->sequence;
        } else if (a->incident.v != 0 && operation == 0)
            CU_ASSERT_EQUAL(parent, incident);
        if (a->incident.v != 0) incident = a->sequence;
    }
    CU_ASSERT_TRUE(operation > 10);
    CLOSE(rig);
}

/* From then on, piece by piece. */
static void what_was_acknowledged_is_read_back(void) {
    RIG_OPEN(rig);
    rig.config.audit.verify_chunk = 8;
    rig_start(&rig);
    rig.alerting = true;
    rig_run(&rig, 40 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    CU_ASSERT_TRUE(rig_count(&rig, EFF_audit_read) >= 16);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_suspend), 0);
    CLOSE(rig);
}

static void full_tables_refuse_by_name(void) {
    RIG_OPEN(rig);
    rig.config.limits.incidents = 1;
    rig.config.limits.operations = 1;
    rig.config.limits.audit_pending = 1;
    rig_start(&rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_alert(&rig, SEARCH, SYMPTOM_ERRORS, true); /* two suspects at once */
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_refused), 1);
    CU_ASSERT_TRUE(text_is(&rig_last(&rig, EFF_refused)->refused.what,
                           "alert: max_incidents suspects are looked at"));
    rig.silent[EFF_ask_patch] = true;
    rig_run(&rig, S);
    rig.culprit = SEARCH;
    rig_alert(&rig, SEARCH, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    CU_ASSERT_TRUE(
        text_is(&rig_last(&rig, EFF_refused)->refused.what, "incident: max_incidents are open"));
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TELL, REASON_CAPACITY), 1);
    CLOSE(rig);
}

static void more_operations_than_fit_are_a_persons(void) {
    RIG_OPEN(rig);
    rig.config.limits.operations = 1;
    rig_start(&rig);
    rig.silent[EFF_ask_patch] = true;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    rig.culprit = SEARCH;
    rig_alert(&rig, SEARCH, SYMPTOM_ERRORS, true);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_told(&rig, FORM_TAKE_OVER, REASON_CAPACITY), 1);
    CU_ASSERT_TRUE(text_is(&rig_last(&rig, EFF_refused)->refused.what,
                           "operation: max_concurrent_operations run"));
    CLOSE(rig);
}

static void the_door_refuses_what_makes_no_sense(void) {
    RIG(rig);
    struct eng_input wrong[] = {
        {.kind = IN_COUNT},
        {.kind = IN_recovered},
        {.kind = IN_alert, .alert = {.service = {5}}},
        {.kind = IN_alert, .alert = {.symptom = -1}},
        {.kind = IN_query_result, .query_result = {.kind = VALUE_COUNT}},
        {.kind = IN_query_result, .query_result = {.micro = INT64_MIN}},
        {.kind = IN_change, .change = {.at_wall = INT64_MIN}},
        {.kind = IN_change, .change = {.service = ID_NONE(svc_id)}},
        {.kind = IN_patch_reply, .patch_reply = {.retry_after_ns = -1}},
        {.kind = IN_lock_reply, .lock_reply = {.place = INT64_MAX}},
        {.kind = IN_registry_snapshot,
         .registry_snapshot = {.intents = {.count = INTENTS_MAX + 1}}},
        {.kind = IN_person_decision, .person_decision = {.notes = {.len = TEXT_MAX + 1}}}};
    for (size_t k = 0; k < ARRAY_LEN(wrong); k++) {
        rig_feed(&rig, &wrong[k]);
        CU_ASSERT_EQUAL(rig.out->count, 1);
        CU_ASSERT_EQUAL(rig.out->list[0].kind, EFF_refused);
    }
    CU_ASSERT_TRUE(text_is(&rig.log[rig.log_count - 10].effect.refused.what,
                           "a service that the graph does not know"));
    CLOSE(rig);
}

TEST_MAIN("engine: audit, capacity, door", TEST(a_stage_leaves_with_its_own_acknowledgement),
          TEST(an_acknowledgement_overtaken_counts), TEST(a_silent_log_suspends),
          TEST(a_refused_entry_suspends), TEST(frozen_in_between_the_stage_stays),
          TEST(paused_in_between_the_stage_stays),
          TEST(a_lease_that_ran_out_meanwhile_stops_the_stage),
          TEST(words_too_long_for_an_entry_are_left_out), TEST(another_head_suspends),
          TEST(a_chain_is_verified_at_start), TEST(what_is_archived_says_nothing),
          TEST(nothing_is_begun_before), TEST(what_does_not_verify_is_named),
          TEST(a_checkpoint_shows_what_the_head_does_not),
          TEST(a_read_that_was_lost_is_asked_again), TEST(a_store_that_reads_nothing_back_suspends),
          TEST(an_old_entry_altered_later_is_found), TEST(checkpoints_come_every_so_often),
          TEST(entries_name_their_parent), TEST(what_was_acknowledged_is_read_back),
          TEST(full_tables_refuse_by_name), TEST(more_operations_than_fit_are_a_persons),
          TEST(the_door_refuses_what_makes_no_sense))
