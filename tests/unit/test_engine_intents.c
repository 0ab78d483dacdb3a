/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intents in the registry: withdrawn when their operation ends, and when they come too late, or
 * are nobody's. */
#include "tests/support/engine_test.h"

#define S NS_PER_S

static const struct op_id stranger = {(UINT64_C(7) << 48) + 4711}; /* another engine's */

/* A store that is cut off never hears that an operation ended: it is told again until it answers.
 */
static void an_intent_is_withdrawn_until_the_store_says_it_is_gone(void) {
    RIG(rig);
    rig.silent[EFF_registry_remove] = true;
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    uint32_t asked = rig_count(&rig, EFF_registry_remove);
    CU_ASSERT_TRUE(asked > 2);
    rig.silent[EFF_registry_remove] = false;
    rig_run(&rig, rig.config.locking.reply_timeout_ns);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), asked + 1);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), asked + 1);
    CLOSE(rig);
}

/* One of ours that no operation has (a successor of the store brought it back) is taken back by who
 * reads of it; another engine's is not ours. */
static void an_intent_that_nobody_has_is_withdrawn(void) {
    RIG(rig);
    uint64_t mine = (uint64_t)rig.config.engine << 48;
    rig.others = (struct intents){
        .count = 2,
        .list = {{.number = 100, .op = {mine + 99}, .kind = OPKIND_DEPLOYMENT, .service = PROFILE},
                 {.number = 101, .op = stranger, .kind = OPKIND_DEPLOYMENT, .service = PROFILE}}};
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_state(&rig), STATE_COMPLETED);
    uint32_t stray = 0, foreign = 0;
    for (uint32_t k = 0; k < rig.log_count; k++) {
        const struct eng_effect *e = &rig.log[k].effect;
        if (e->kind != EFF_registry_remove) continue;
        stray += e->registry_remove.op.v == mine + 99;
        foreign += ID_EQ(e->registry_remove.op, stranger);
    }
    CU_ASSERT(stray >= 1);
    CU_ASSERT_EQUAL(foreign, 0);
    CLOSE(rig);
}

/* The intent overtook, or outlived, its own withdrawal; another engine's is not ours to withdraw.
 */
static void an_intent_that_arrives_after_its_end_is_withdrawn(void) {
    RIG(rig);
    rig_alert(&rig, PAYMENT, SYMPTOM_ERRORS, true);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 1);
    struct eng_input late = {.kind = IN_registry_snapshot};
    late.registry_snapshot.op = rig_last(&rig, EFF_registry_register)->registry_register.op;
    late.registry_snapshot.number = 7;
    rig_feed(&rig, &late);
    rig_run(&rig, S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 2);
    late.registry_snapshot.op.v ^= UINT64_C(1) << 50;
    rig_feed(&rig, &late);
    rig_run(&rig, 60 * S);
    CU_ASSERT_EQUAL(rig_count(&rig, EFF_registry_remove), 2);
    CLOSE(rig);
}

TEST_MAIN("engine: intents", TEST(an_intent_is_withdrawn_until_the_store_says_it_is_gone),
          TEST(an_intent_that_arrives_after_its_end_is_withdrawn),
          TEST(an_intent_that_nobody_has_is_withdrawn))
