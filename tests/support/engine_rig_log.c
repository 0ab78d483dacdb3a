/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/engine_rig.h"

#define EACH_LOGGED(rig, e)                                                                        \
    for (const struct rig_logged *e = (rig)->log; e < (rig)->log + (rig)->log_count; e++)

uint32_t rig_count(const struct rig *rig, enum effect_kind kind) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e) count += e->effect.kind == kind;
    return count;
}

const struct eng_effect *rig_last(const struct rig *rig, enum effect_kind kind) {
    const struct eng_effect *last = NULL;
    EACH_LOGGED(rig, e) if (e->effect.kind == kind) last = &e->effect;
    return last;
}

uint32_t rig_reported(const struct rig *rig, enum report_kind kind) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e)
    count += e->effect.kind == EFF_report && e->effect.report.kind == (int64_t)kind;
    return count;
}

uint32_t rig_told(const struct rig *rig, enum message_form form, enum reason why) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e)
    count += e->effect.kind == EFF_notify && e->effect.notify.form == (int64_t)form &&
             e->effect.notify.reason == (int64_t)why;
    return count;
}

static bool body_says(const struct blob *body, const char *what) {
    size_t len = strlen(what);
    for (size_t at = 0; at + len <= body->len; at++)
        if (memcmp(body->b + at, what, len) == 0) return true;
    return false;
}

bool rig_audited(const struct rig *rig, enum category category, const char *what) {
    EACH_LOGGED(rig, e)
    if (e->effect.kind == EFF_audit_append &&
        e->effect.audit_append.category == (int64_t)category &&
        body_says(&e->effect.audit_append.body, what))
        return true;
    return false;
}

uint32_t rig_entries(const struct rig *rig, enum op_state state) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e)
    count += e->effect.kind == EFF_report && e->effect.report.kind == REPORT_STATE &&
             e->effect.report.detail == (int64_t)state;
    return count;
}

struct op_id rig_op(const struct rig *rig, uint32_t nth) {
    return nth < rig->op_count ? rig->ops[nth].id : ID_NONE64(op_id);
}

enum op_state rig_state(const struct rig *rig) {
    return rig->op_count ? rig->ops[rig->op_count - 1].state : STATE_COUNT;
}
