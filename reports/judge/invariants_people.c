/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People: whoever may not changes nothing; what somebody says is audited; nothing is done beyond
 * the mode, and nothing at all while the red button is pressed. */
#include "reports/judge/authority.h"
#include "reports/judge/invariants.h"

/* ---- commands_authorised ---- */

/* Refusing somebody is said and written down, and changes nothing else. */
static bool harmless(const struct eng_effect *e) {
    switch (e->kind) {
    case EFF_audit_append:
    case EFF_arm_timer:
    case EFF_cancel_timer: return true;
    case EFF_notify: return e->notify.form == FORM_TELL;
    default: return false;
    }
}

static void look_said(const struct facts *f, const struct said *said, struct violations *found) {
    const struct seen_input *i = said->input;
    bool may = said_authorised(f, said), audited = false;
    const char *what = said->command ? command_name(i->in.person_command.command)
                                     : answer_name(i->in.person_decision.answer);
    for (const struct seen_effect *e = step_begin(f, i); in_step(f, i, e); e++) {
        audited |= e->out.kind == EFF_audit_append &&
                   e->out.audit_append.category == CATEGORY_MANUAL_INTERVENTION;
        if (may || harmless(&e->out)) continue;
        violated(found, "commands_authorised", e->at, e->record,
                 "\"%s\" by person %u, who may not, leads to %s", what, said->person.v,
                 effect_name(e->out.kind));
        return;
    }
    if (!audited)
        violated(found, "commands_authorised", i->at, i->record,
                 "\"%s\" by person %u is not audited", what, said->person.v);
}

void invariant_commands_authorised(const struct facts *f, struct violations *found) {
    EACH_INPUT(f, i) {
        struct said said;
        if (said_of(i, &said)) look_said(f, &said, found);
    }
}

/* ---- mode_respected ---- */

struct stand { /* of one engine, by the policy and by what people who may have commanded */
    int64_t mode;
    bool frozen;
};

static struct stand stand_at(const struct facts *f, int64_t engine, uint64_t record) {
    struct stand stand = {f->limits.mode, false};
    EACH_INPUT(f, i) {
        const struct in_person_command *c = &i->in.person_command;
        if (i->record > record) break;
        if (i->in.kind != IN_person_command || i->engine != engine || !truth_authorised(f, c))
            continue;
        if (c->command == COMMAND_FREEZE) stand.frozen = true;
        if (c->command == COMMAND_UNFREEZE) stand.frozen = false;
        if (c->command == COMMAND_SET_MODE) stand.mode = c->name;
    }
    return stand;
}

void invariant_mode_respected(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        struct op_id op;
        if (e->out.kind != EFF_deploy_stage && e->out.kind != EFF_roll_back &&
            e->out.kind != EFF_remedy)
            continue;
        struct stand stand = stand_at(f, e->engine, e->record);
        if (stand.frozen)
            violated(found, "mode_respected", e->at, e->record,
                     "%s while the red button is pressed", effect_name(e->out.kind));
        else if (stand.mode != MODE_ACT && orders_change(f, e, &op))
            violated(found, "mode_respected", e->at, e->record, "%s while the mode is to %s",
                     effect_name(e->out.kind), mode_name(stand.mode));
    }
}
