/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/lesson_fields.h"

#include "engine/base/diag.h"
#include "scenarios/words/plan.h"

#include <string.h>

/* ---- names of kinds ---- */

static int kind_of(const char *name, const char *const *names, size_t count, const char **nearest) {
    for (size_t k = 0; k < count; k++)
        if (strcmp(names[k], name) == 0) return (int)k;
    *nearest = nearest_name(name, strlen(name), names, count);
    return -1;
}

/* clang-format off */
int record_kind_of(const char *name, const char **nearest) {
    static const char *const names[] = {
#define RECORD(name, meaning, fields) #name,
#include "scenarios/words/record.def"
#undef RECORD
    };
    return kind_of(name, names, ARRAY_LEN(names), nearest);
}
int input_kind_of(const char *name, const char **nearest) {
    static const char *const names[] = {
#define INPUT(name, meaning, fields) #name,
#include "engine/words/input.def"
#undef INPUT
    };
    return kind_of(name, names, ARRAY_LEN(names), nearest);
}
int effect_kind_of(const char *name, const char **nearest) {
    static const char *const names[] = {
#define EFFECT(name, meaning, fields) #name,
#include "engine/words/effect.def"
#undef EFFECT
    };
    return kind_of(name, names, ARRAY_LEN(names), nearest);
}
/* clang-format on */

struct svc_id service_named(const struct facts *facts, const char *name) {
    EACH(facts, service, s) {
        if ((s->name.len == strlen(name) && memcmp(s->name.bytes, name, s->name.len) == 0) ||
            (s->role.len == strlen(name) && memcmp(s->role.bytes, name, s->role.len) == 0))
            return s->service;
    }
    return ID_NONE(svc_id);
}

/* ---- words that numbers stand for ---- */

static const char *lock_event_name(int64_t v) {
    static const char *const names[] = {
        [LOCK_GRANTED] = "granted",   [LOCK_QUEUED] = "queued",   [LOCK_RENEWED] = "renewed",
        [LOCK_RELEASED] = "released", [LOCK_EXPIRED] = "expired", [LOCK_LEFT] = "left",
        [LOCK_REFUSED] = "refused",   [LOCK_FORCED] = "forced",   [LOCK_FORGOTTEN] = "forgotten",
        [LOCK_RETURNED] = "returned"};
    return v >= 0 && (size_t)v < ARRAY_LEN(names) ? names[v] : "?";
}
static const char *tampering_name(int64_t v) {
    static const char *const names[] = {
        [AUDIT_REPLACED] = "replaced", [AUDIT_GONE] = "gone", [AUDIT_APPENDED] = "appended"};
    return v >= 0 && (size_t)v < ARRAY_LEN(names) ? names[v] : "?";
}
static const char *fault_name(int64_t v) {
    return v >= 0 && v < FAULT_COUNT ? fault_entry((enum fault_kind)v)->name : "?";
}

static const struct words {
    const char *of, *field;
    const char *(*name)(int64_t v);
} words[] = {
    {"lock", "event", lock_event_name},
    {"lock", "scope", scope_name},
    {"deploy_order", "status", deploy_name},
    {"deploy_done", "status", deploy_name},
    {"patch_made", "reply", reply_name},
    {"checked", "reply", reply_name},
    {"evidence_given", "reply", reply_name},
    {"evidence_given", "source", source_name},
    {"message_delivered", "form", form_name},
    {"message_delivered", "reason", reason_name},
    {"message_delivered", "severity", severity_name},
    {"person_answered", "answer", answer_name},
    {"audit_stored", "category", category_name},
    {"audit_stored", "result", audit_reply_name},
    {"audit_tampered", "how", tampering_name},
    {"fault_planned", "kind", fault_name},
    {"suspend", "reason", reason_name},
    {"report", "kind", report_name},
    {"report", "symptom", symptom_name},
    {"record_decision", "kind", decision_name},
    {"notify", "form", form_name},
    {"notify", "reason", reason_name},
    {"evidence", "source", source_name},
    {"evidence", "reply", reply_name},
    {"person_command", "command", command_name},
    {"person_decision", "answer", answer_name},
    {"patch_reply", "reply", reply_name},
    {"lock_acquire", "scope", scope_name},
};

static const char *kind_name(const struct facts *f, const struct fact_ref *ref) {
    if (ref->kind == REC_input) return input_name(f->inputs[ref->index].in.kind);
    if (ref->kind == REC_effect) return effect_name(f->effects[ref->index].out.kind);
    return record_name(ref->kind);
}

bool record_word(const struct facts *f, const struct fact_ref *ref, const char *field, int64_t n,
                 const char **word) {
    const char *of = kind_name(f, ref);
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (strcmp(words[k].of, of) == 0 && strcmp(words[k].field, field) == 0) {
            *word = words[k].name(n);
            return true;
        }
    if (ref->kind != REC_effect || f->effects[ref->index].out.kind != EFF_report ||
        strcmp(field, "detail") != 0)
        return false; /* a report's detail is what its kind says */
    int64_t kind = f->effects[ref->index].out.report.kind;
    if (kind != REPORT_STATE && kind != REPORT_ESCALATED) return false;
    *word = kind == REPORT_STATE ? state_name(n) : reason_name(n);
    return true;
}

/* ---- fields ---- */

static bool ends(const char *name, const char *ending) {
    size_t len = strlen(name), cut = strlen(ending);
    return len >= cut && strcmp(name + len - cut, ending) == 0;
}

static struct lv of_INT(const char *field, int64_t n) {
    return lv_of(ends(field, "_at")      ? LV_INSTANT
                 : ends(field, "_ns")    ? LV_TIME
                 : ends(field, "_ppm")   ? LV_SHARE
                 : ends(field, "_micro") ? LV_SCORE
                                         : LV_NUMBER,
                 n);
}
static struct lv of_view(struct rec_view view) { return lv_text(view.bytes, view.len, 0); }
static struct lv of_hash(const struct hash *hash) {
    char hex[2 * sizeof hash->b + 1];
    for (size_t k = 0; k < sizeof hash->b; k++) snprintf(hex + 2 * k, 3, "%02x", hash->b[k]);
    return lv_text(hex, 12, 0);
}

/* What a field of that type is as a value; r: the record, facts: whose names. */
#define TAKE_INT(x)     of_INT(field, x)
#define TAKE_BOOL(x)    lv_of(LV_NUMBER, x)
#define TAKE_SVC(x)     lv_text(facts_service(f, x), strlen(facts_service(f, x)), (x).v)
#define TAKE_REV(x)     lv_of(LV_NUMBER, (x).v)
#define TAKE_INC(x)     lv_of(LV_NUMBER, (int64_t)(x).v)
#define TAKE_OP(x)      lv_of(LV_NUMBER, (int64_t)(x).v)
#define TAKE_PERSON(x)  lv_of(LV_NUMBER, (x).v)
#define TAKE_STR(x)     of_view(x)
#define TAKE_BYTES(x)   lv_of(LV_NUMBER, (int64_t)(x).len)
#define TAKE_BODY(x)    lv_of(LV_NUMBER, (int64_t)(x).len)
#define TAKE_HASH(x)    of_hash(&(x))
#define TAKE_TEXT(x)    lv_text((x).s, (x).len, 0)
#define TAKE_BLOB(x)    lv_of(LV_NUMBER, (x).len)
#define TAKE_INTENTS(x) lv_of(LV_NUMBER, (x).count)
#define F(name, type)                                                                              \
    if (strcmp(field, #name) == 0) {                                                               \
        *out = TAKE_##type(r->name);                                                               \
        return true;                                                                               \
    }

/* clang-format off */
static bool plain_field(const struct facts *f, const struct fact_ref *ref, const char *field, struct lv *out) {
    switch (ref->kind) {
#define RECORD(name, meaning, fields)                                                              \
    case REC_##name: {                                                                             \
        const struct fact_##name *r = &f->name.items[ref->index];                                  \
        if (strcmp(field, "at") == 0) { *out = lv_of(LV_INSTANT, r->at); return true; }      \
        fields                                                                                     \
        return false;                                                                              \
    }
#include "scenarios/words/record.def"
#undef RECORD
    default: return false;
    }
}

static bool input_field(const struct facts *f, const struct eng_input *in, const char *field, struct lv *out) {
    switch (in->kind) {
#define INPUT(name, meaning, fields)                                                               \
    case IN_##name: { const struct in_##name *r = &in->name; fields return false; }
#include "engine/words/input.def"
#undef INPUT
    default: (void)f; return false;
    }
}

static bool effect_field(const struct facts *f, const struct eng_effect *e, const char *field, struct lv *out) {
    switch (e->kind) {
#define EFFECT(name, meaning, fields)                                                              \
    case EFF_##name: { const struct eff_##name *r = &e->name; fields return false; }
#include "engine/words/effect.def"
#undef EFFECT
    default: (void)f; return false;
    }
}
/* clang-format on */
#undef F

bool record_field(const struct facts *f, const struct fact_ref *ref, const char *field,
                  struct lv *out) {
    bool own = ref->kind == REC_input || ref->kind == REC_effect;
    bool envelope = strcmp(field, "engine") == 0 || strcmp(field, "at") == 0;
    bool found = own && !envelope && ref->kind == REC_input
                     ? input_field(f, &f->inputs[ref->index].in, field, out)
                 : own && !envelope ? effect_field(f, &f->effects[ref->index].out, field, out)
                                    : plain_field(f, ref, field, out);
    if (found && ref->kind == REC_limit && strcmp(field, "value") == 0) { /* its key has the unit */
        struct lv key = of_view(f->limit.items[ref->index].key);
        *out = of_INT(key.text, out->n);
    }
    const char *word;
    if (found && out->kind == LV_NUMBER && record_word(f, ref, field, out->n, &word))
        *out = lv_text(word, strlen(word), out->n);
    return found;
}
