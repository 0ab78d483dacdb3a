/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_WORDS_WORDS_H
#define ENGINE_WORDS_WORDS_H
/*
 * Every table of words.def as an enum, a count and a name function:
 *   enum op_state { STATE_INIT, ... }; STATE_COUNT; state_name(v); state_meaning(v)
 * Header only, no dependency; engine, world, judge and reports all include it.
 */
#include "engine/words/words.def"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WORD_TEXT_(NAME, text, meaning)    text,
#define WORD_MEANING_(NAME, text, meaning) meaning,

/* clang-format off */
#define WORD_FUNCTIONS_(name, TABLE, COUNT)                                                        \
    static inline const char *name##_name(int64_t v) {                                             \
        static const char *const texts[] = {TABLE(WORD_TEXT_)};                                    \
        return v >= 0 && v < COUNT ? texts[v] : "?";                                               \
    }                                                                                              \
    static inline const char *name##_meaning(int64_t v) {                                          \
        static const char *const texts[] = {TABLE(WORD_MEANING_)};                                 \
        return v >= 0 && v < COUNT ? texts[v] : "?";                                               \
    }                                                                                              \
    /* -1 when unknown */                                                                          \
    static inline int name##_of(const char *s, size_t len) {                                       \
        for (int i = 0; i < COUNT; i++) {                                                          \
            const char *t = name##_name(i);                                                        \
            if (strlen(t) == len && memcmp(t, s, len) == 0) return i;                              \
        }                                                                                          \
        return -1;                                                                                 \
    }

#define WORD_STATE_(NAME, text, meaning) STATE_##NAME,
enum op_state { WORDS_STATE(WORD_STATE_) STATE_COUNT };
WORD_FUNCTIONS_(state, WORDS_STATE, STATE_COUNT)

#define WORD_CANCEL_(NAME, text, meaning) CANCEL_##NAME,
enum cancel_reason { WORDS_CANCEL(WORD_CANCEL_) CANCEL_COUNT };
WORD_FUNCTIONS_(cancel, WORDS_CANCEL, CANCEL_COUNT)

#define WORD_SYMPTOM_(NAME, text, meaning) SYMPTOM_##NAME,
enum symptom { WORDS_SYMPTOM(WORD_SYMPTOM_) SYMPTOM_COUNT };
WORD_FUNCTIONS_(symptom, WORDS_SYMPTOM, SYMPTOM_COUNT)

#define WORD_OPKIND_(NAME, text, meaning) OPKIND_##NAME,
enum op_kind { WORDS_OPKIND(WORD_OPKIND_) OPKIND_COUNT };
WORD_FUNCTIONS_(opkind, WORDS_OPKIND, OPKIND_COUNT)

#define WORD_REMEDY_(NAME, text, meaning) REMEDY_##NAME,
enum remedy { WORDS_REMEDY(WORD_REMEDY_) REMEDY_COUNT };
WORD_FUNCTIONS_(remedy, WORDS_REMEDY, REMEDY_COUNT)

#define WORD_SCOPE_(NAME, text, meaning) SCOPE_##NAME,
enum lock_scope { WORDS_SCOPE(WORD_SCOPE_) SCOPE_COUNT };
WORD_FUNCTIONS_(scope, WORDS_SCOPE, SCOPE_COUNT)

#define WORD_CONFLICT_(NAME, text, meaning) CONFLICT_##NAME,
enum conflict_type { WORDS_CONFLICT(WORD_CONFLICT_) CONFLICT_COUNT };
WORD_FUNCTIONS_(conflict, WORDS_CONFLICT, CONFLICT_COUNT)

#define WORD_ACTION_(NAME, text, meaning) ACTION_##NAME,
enum action { WORDS_ACTION(WORD_ACTION_) ACTION_COUNT };
WORD_FUNCTIONS_(action, WORDS_ACTION, ACTION_COUNT)

#define WORD_GATE_(NAME, text, meaning) GATE_##NAME,
enum gate { WORDS_GATE(WORD_GATE_) GATE_COUNT };
WORD_FUNCTIONS_(gate, WORDS_GATE, GATE_COUNT)

#define WORD_SEVERITY_(NAME, text, meaning) SEVERITY_##NAME,
enum severity { WORDS_SEVERITY(WORD_SEVERITY_) SEVERITY_COUNT };
WORD_FUNCTIONS_(severity, WORDS_SEVERITY, SEVERITY_COUNT)

#define WORD_CATEGORY_(NAME, text, meaning) CATEGORY_##NAME,
enum category { WORDS_CATEGORY(WORD_CATEGORY_) CATEGORY_COUNT };
WORD_FUNCTIONS_(category, WORDS_CATEGORY, CATEGORY_COUNT)

#define WORD_DECISION_(NAME, text, meaning) DECISION_##NAME,
enum decision_kind { WORDS_DECISION(WORD_DECISION_) DECISION_COUNT };
WORD_FUNCTIONS_(decision, WORDS_DECISION, DECISION_COUNT)

#define WORD_FORM_(NAME, text, meaning) FORM_##NAME,
enum message_form { WORDS_FORM(WORD_FORM_) FORM_COUNT };
WORD_FUNCTIONS_(form, WORDS_FORM, FORM_COUNT)

#define WORD_CHANNEL_(NAME, text, meaning) CHANNEL_##NAME,
enum channel { WORDS_CHANNEL(WORD_CHANNEL_) CHANNEL_COUNT };
WORD_FUNCTIONS_(channel, WORDS_CHANNEL, CHANNEL_COUNT)

#define WORD_REASON_(NAME, text, meaning) REASON_##NAME,
enum reason { WORDS_REASON(WORD_REASON_) REASON_COUNT };
WORD_FUNCTIONS_(reason, WORDS_REASON, REASON_COUNT)

#define WORD_SOURCE_(NAME, text, meaning) SOURCE_##NAME,
enum source_kind { WORDS_SOURCE(WORD_SOURCE_) SOURCE_COUNT };
WORD_FUNCTIONS_(source, WORDS_SOURCE, SOURCE_COUNT)

#define WORD_REPLY_(NAME, text, meaning) REPLY_##NAME,
enum reply_kind { WORDS_REPLY(WORD_REPLY_) REPLY_COUNT };
WORD_FUNCTIONS_(reply, WORDS_REPLY, REPLY_COUNT)

#define WORD_VALUE_(NAME, text, meaning) VALUE_##NAME,
enum value_kind { WORDS_VALUE(WORD_VALUE_) VALUE_COUNT };
WORD_FUNCTIONS_(value, WORDS_VALUE, VALUE_COUNT)

#define WORD_QUERY_(NAME, text, meaning) QUERY_##NAME,
enum query_kind { WORDS_QUERY(WORD_QUERY_) QUERY_COUNT };
WORD_FUNCTIONS_(query, WORDS_QUERY, QUERY_COUNT)

#define WORD_LOCK_REPLY_(NAME, text, meaning) LOCK_REPLY_##NAME,
enum lock_result { WORDS_LOCK_REPLY(WORD_LOCK_REPLY_) LOCK_REPLY_COUNT };
WORD_FUNCTIONS_(lock_reply, WORDS_LOCK_REPLY, LOCK_REPLY_COUNT)

#define WORD_DEPLOY_(NAME, text, meaning) DEPLOY_##NAME,
enum deploy_status { WORDS_DEPLOY(WORD_DEPLOY_) DEPLOY_COUNT };
WORD_FUNCTIONS_(deploy, WORDS_DEPLOY, DEPLOY_COUNT)

#define WORD_ANSWER_(NAME, text, meaning) ANSWER_##NAME,
enum answer { WORDS_ANSWER(WORD_ANSWER_) ANSWER_COUNT };
WORD_FUNCTIONS_(answer, WORDS_ANSWER, ANSWER_COUNT)

#define WORD_COMMAND_(NAME, text, meaning) COMMAND_##NAME,
enum command_kind { WORDS_COMMAND(WORD_COMMAND_) COMMAND_COUNT };
WORD_FUNCTIONS_(command, WORDS_COMMAND, COMMAND_COUNT)

#define WORD_MODE_(NAME, text, meaning) MODE_##NAME,
enum mode { WORDS_MODE(WORD_MODE_) MODE_COUNT };
WORD_FUNCTIONS_(mode, WORDS_MODE, MODE_COUNT)

#define WORD_REPORT_(NAME, text, meaning) REPORT_##NAME,
enum report_kind { WORDS_REPORT(WORD_REPORT_) REPORT_COUNT };
WORD_FUNCTIONS_(report, WORDS_REPORT, REPORT_COUNT)

#define WORD_FLAW_(NAME, text, meaning) FLAW_##NAME,
enum flaw { WORDS_FLAW(WORD_FLAW_) FLAW_COUNT };
WORD_FUNCTIONS_(flaw, WORDS_FLAW, FLAW_COUNT)

#define WORD_AUDIT_REPLY_(NAME, text, meaning) AUDIT_REPLY_##NAME,
enum audit_result { WORDS_AUDIT_REPLY(WORD_AUDIT_REPLY_) AUDIT_REPLY_COUNT };
WORD_FUNCTIONS_(audit_reply, WORDS_AUDIT_REPLY, AUDIT_REPLY_COUNT)

#define WORD_BACKEND_(NAME, text, meaning) BACKEND_##NAME,
enum backend { WORDS_BACKEND(WORD_BACKEND_) BACKEND_COUNT };
WORD_FUNCTIONS_(backend, WORDS_BACKEND, BACKEND_COUNT)

/* clang-format on */

static inline bool state_may_follow(enum op_state from, enum op_state to) {
#define WORD_TRANSITION_(FROM, TO)                                                                 \
    if (from == STATE_##FROM && to == STATE_##TO) return true;
    STATE_TRANSITIONS(WORD_TRANSITION_)
#undef WORD_TRANSITION_
    return false;
}
static inline bool state_is_final(enum op_state s) {
    return s == STATE_COMPLETED || s == STATE_ROLLED_BACK || s == STATE_CANCELLED;
}

#endif
