/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shared vocabulary: each word has a name of its own that leads back to it, and a meaning; what
 * is no word is said to be none; and the state machine's table against the sentences of its
 * specification. */
#include "engine/words/contract.h"
#include "tests/runner.h"

struct table {
    const char *what;
    int count;
    const char *(*name)(int64_t);
    const char *(*meaning)(int64_t);
    int (*of)(const char *, size_t);
};
#define TABLE(name, COUNT)                                                                         \
    { #name, COUNT, name##_name, name##_meaning, name##_of }
static const struct table tables[] = {TABLE(state, STATE_COUNT),
                                      TABLE(cancel, CANCEL_COUNT),
                                      TABLE(symptom, SYMPTOM_COUNT),
                                      TABLE(opkind, OPKIND_COUNT),
                                      TABLE(remedy, REMEDY_COUNT),
                                      TABLE(scope, SCOPE_COUNT),
                                      TABLE(conflict, CONFLICT_COUNT),
                                      TABLE(action, ACTION_COUNT),
                                      TABLE(gate, GATE_COUNT),
                                      TABLE(severity, SEVERITY_COUNT),
                                      TABLE(category, CATEGORY_COUNT),
                                      TABLE(decision, DECISION_COUNT),
                                      TABLE(form, FORM_COUNT),
                                      TABLE(channel, CHANNEL_COUNT),
                                      TABLE(reason, REASON_COUNT),
                                      TABLE(source, SOURCE_COUNT),
                                      TABLE(reply, REPLY_COUNT),
                                      TABLE(value, VALUE_COUNT),
                                      TABLE(query, QUERY_COUNT),
                                      TABLE(lock_reply, LOCK_REPLY_COUNT),
                                      TABLE(deploy, DEPLOY_COUNT),
                                      TABLE(answer, ANSWER_COUNT),
                                      TABLE(command, COMMAND_COUNT),
                                      TABLE(mode, MODE_COUNT),
                                      TABLE(report, REPORT_COUNT),
                                      TABLE(flaw, FLAW_COUNT),
                                      TABLE(audit_reply, AUDIT_REPLY_COUNT),
                                      TABLE(backend, BACKEND_COUNT)};

static void each_word_leads_back_to_itself(void) {
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (int k = 0; k < tables[t].count; k++) {
            const char *name = tables[t].name(k);
            CU_ASSERT_EQUAL(tables[t].of(name, strlen(name)), k);
            CU_ASSERT_TRUE(strlen(name) > 0 && strcmp(name, "?") != 0);
            CU_ASSERT_TRUE(strlen(tables[t].meaning(k)) > 0);
        }
}

static void what_is_no_word_is_none(void) {
    static const int64_t none[] = {-1, INT64_MIN, INT64_MAX};
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        const char *name = tables[t].name(0);
        CU_ASSERT_EQUAL(tables[t].of("", 0), -1);
        CU_ASSERT_EQUAL(tables[t].of(name, strlen(name) - 1), -1);
        CU_ASSERT_STRING_EQUAL(tables[t].name(tables[t].count), "?");
        CU_ASSERT_STRING_EQUAL(tables[t].meaning(tables[t].count), "?");
        for (size_t k = 0; k < ARRAY_LEN(none); k++) {
            CU_ASSERT_STRING_EQUAL(tables[t].name(none[k]), "?");
            CU_ASSERT_STRING_EQUAL(tables[t].meaning(none[k]), "?");
        }
    }
    CU_ASSERT_STRING_EQUAL(input_name(-1), "?");
    CU_ASSERT_STRING_EQUAL(input_name(IN_COUNT), "?");
    CU_ASSERT_STRING_EQUAL(input_name(IN_alert), "alert");
    CU_ASSERT_STRING_EQUAL(effect_name(-1), "?");
    CU_ASSERT_STRING_EQUAL(effect_name(EFF_COUNT), "?");
    CU_ASSERT_STRING_EQUAL(effect_name(EFF_query), "query");
}

/* Nothing leaves an end; every state but the first is reached; each leads to an end; and no way to
 * acting, but from a pause, leaves out the locks or the gates. */
static void the_state_machine_is_sound(void) {
    bool ends[STATE_COUNT] = {false};
    for (int round = 0; round < STATE_COUNT; round++)
        for (int from = 0; from < STATE_COUNT; from++) {
            ends[from] |= state_is_final((enum op_state)from);
            for (int to = 0; to < STATE_COUNT; to++)
                ends[from] |= ends[to] && state_may_follow((enum op_state)from, (enum op_state)to);
        }
    for (int s = 0; s < STATE_COUNT; s++) {
        bool reached = s == STATE_INIT;
        for (int t = 0; t < STATE_COUNT; t++) {
            reached |= state_may_follow((enum op_state)t, (enum op_state)s);
            if (state_is_final((enum op_state)s))
                CU_ASSERT_FALSE(state_may_follow((enum op_state)s, (enum op_state)t));
            if (state_may_follow((enum op_state)t, STATE_IN_PROGRESS))
                CU_ASSERT_TRUE(t == STATE_SAFETY_CHECK || t == STATE_PAUSED);
            if (state_may_follow((enum op_state)t, STATE_SAFETY_CHECK))
                CU_ASSERT_TRUE(t == STATE_LOCKED || t == STATE_PAUSED);
        }
        CU_ASSERT_TRUE(reached);
        CU_ASSERT_TRUE(ends[s]);
        CU_ASSERT_FALSE(state_may_follow((enum op_state)s, (enum op_state)s));
    }
    CU_ASSERT_FALSE(state_may_follow(STATE_IN_PROGRESS, STATE_CANCELLED)); /* it goes back */
}

TEST_MAIN("words", TEST(each_word_leads_back_to_itself), TEST(what_is_no_word_is_none),
          TEST(the_state_machine_is_sound))
