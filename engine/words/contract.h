/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_WORDS_CONTRACT_H
#define ENGINE_WORDS_CONTRACT_H
/*
 * The engine's contract as C types, from input.def and effect.def: struct in_alert, struct
 * eff_query,
 * ...; struct eng_input and struct eng_effect hold one of them. Everything is by value, without
 * pointers, so that an input can be recorded and fed again byte by byte.
 *
 * Field types:  INT int64_t | BOOL bool | SVC, REV, INC, OP, PERSON: one-field ids | TEXT struct
 * text | BLOB struct blob | HASH struct hash | INTENTS struct intents
 */
#include "engine/base/id.h"
#include "engine/base/simtime.h"
#include "engine/base/text.h"
#include "engine/words/words.h"

/* What an operation tells the others through the lock store's registry. */
struct intent {
    int64_t number; /* by the store, from 1; lower came first */
    struct op_id op;
    int64_t kind; /* enum op_kind */
    struct svc_id service;
    struct incident_id incident;
    int64_t age_ns; /* since registered, by the store's clock */
};
#define INTENTS_MAX 16
struct intents {
    uint32_t count; /* in order of number */
    struct intent list[INTENTS_MAX];
};

#define CONTRACT_INT     int64_t
#define CONTRACT_BOOL    bool
#define CONTRACT_SVC     struct svc_id
#define CONTRACT_REV     struct revision_id
#define CONTRACT_INC     struct incident_id
#define CONTRACT_OP      struct op_id
#define CONTRACT_PERSON  struct person_id
#define CONTRACT_TEXT    struct text
#define CONTRACT_BLOB    struct blob
#define CONTRACT_HASH    struct hash
#define CONTRACT_INTENTS struct intents

/* clang-format off */
#define F(name, type) CONTRACT_##type name;
#define INPUT(name, meaning, fields) struct in_##name { fields };
#include "engine/words/input.def"
#undef INPUT
#define EFFECT(name, meaning, fields) struct eff_##name { fields };
#include "engine/words/effect.def"
#undef EFFECT
#undef F

#define INPUT(name, meaning, fields) IN_##name,
enum input_kind {
#include "engine/words/input.def"
    IN_COUNT
};
#undef INPUT
#define EFFECT(name, meaning, fields) EFF_##name,
enum effect_kind {
#include "engine/words/effect.def"
    EFF_COUNT
};
#undef EFFECT

struct eng_input {
    enum input_kind kind;
    time_ns wall, mono; /* of the engine's node, when it learnt this */
    union {
#define INPUT(name, meaning, fields) struct in_##name name;
#include "engine/words/input.def"
#undef INPUT
    };
};

struct eng_effect {
    enum effect_kind kind;
    union {
#define EFFECT(name, meaning, fields) struct eff_##name name;
#include "engine/words/effect.def"
#undef EFFECT
    };
};

static inline const char *input_name(int64_t kind) {
#define INPUT(name, meaning, fields) #name,
    static const char *const names[] = {
#include "engine/words/input.def"
    };
#undef INPUT
    return kind >= 0 && kind < IN_COUNT ? names[kind] : "?";
}
static inline const char *effect_name(int64_t kind) {
#define EFFECT(name, meaning, fields) #name,
    static const char *const names[] = {
#include "engine/words/effect.def"
    };
#undef EFFECT
    return kind >= 0 && kind < EFF_COUNT ? names[kind] : "?";
}
/* clang-format on */

#endif
