/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/authority.h"

bool said_of(const struct seen_input *input, struct said *out) {
    const struct in_person_command *c = &input->in.person_command;
    const struct in_person_decision *d = &input->in.person_decision;
    if (input->in.kind == IN_person_command)
        *out = (struct said){input, c->person, &c->team, &c->role, true};
    else if (input->in.kind == IN_person_decision)
        *out = (struct said){input, d->person, &d->team, &d->role, false};
    else
        return false;
    return true;
}

static bool view_is(struct rec_view view, const struct text *text) {
    return view.len == text->len && memcmp(view.bytes, text->s, text->len) == 0;
}

/* An empty one stands for any. */
static bool view_covers(struct rec_view view, const struct text *text) {
    return view.len == 0 || view_is(view, text);
}

static bool known(const struct facts *f, const struct said *said) {
    EACH(f, person, p) {
        if (ID_EQ(p->person, said->person) && view_is(p->team, said->team) &&
            view_is(p->role, said->role))
            return true;
    }
    return false;
}

bool said_authorised(const struct facts *f, const struct said *said) {
    if (!known(f, said)) return false;
    if (f->authority.count == 0) return true;
    EACH(f, authority, a) {
        bool does = said->command ? a->commands : a->approves;
        if (does && view_covers(a->team, said->team) && view_covers(a->role, said->role))
            return true;
    }
    return false;
}

bool truth_authorised(const struct facts *f, const struct in_person_command *c) {
    struct said said = {NULL, c->person, &c->team, &c->role, true};
    return c->reason.len > 0 && said_authorised(f, &said); /* one that says not why binds nobody */
}

/* Effects stand in the order of their records, behind the input of their step. */
const struct seen_effect *step_begin(const struct facts *f, const struct seen_input *input) {
    size_t low = 0, high = f->effect.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->effects[middle].record < input->record)
            low = middle + 1;
        else
            high = middle;
    }
    return f->effects + low;
}

bool in_step(const struct facts *f, const struct seen_input *input,
             const struct seen_effect *effect) {
    if (effect >= f->effects + f->effect.count) return false;
    return f->effect.items[effect - f->effects].step == f->input.items[input - f->inputs].step;
}

bool person_may_approve(const struct facts *f, struct person_id person) {
    if (f->authority.count == 0) return true;
    EACH(f, person, p) {
        if (!ID_EQ(p->person, person)) continue;
        struct text team, role;
        text_setn(&team, p->team.bytes, p->team.len);
        text_setn(&role, p->role.bytes, p->role.len);
        struct said said = {NULL, person, &team, &role, false};
        return said_authorised(f, &said);
    }
    return false;
}

/* ---- approvals ---- */

struct shown { /* an approval as it crossed */
    int64_t number;
    const struct hash *plan;
    time_ns issued_wall;
};

static bool shows_approval(const struct seen_input *i, struct shown *out) {
    const struct in_person_command *c = &i->in.person_command;
    const struct in_person_decision *d = &i->in.person_decision;
    if (i->in.kind == IN_person_command && c->command == COMMAND_RESUME)
        *out = (struct shown){c->approval, &c->plan, c->issued_wall};
    else if (i->in.kind == IN_person_decision &&
             (d->answer == ANSWER_YES || d->answer == ANSWER_CORRECTION))
        *out = (struct shown){d->approval, &d->plan, d->issued_wall};
    else
        return false;
    return true;
}

static bool of_another_plan(const struct facts *f, const struct seen_input *i,
                            const struct hash *plan) {
    if (i->in.kind != IN_person_decision) return false;
    EACH_EFFECT(f, e) {
        if (e->engine == i->engine && e->out.kind == EFF_notify &&
            e->out.notify.message == i->in.person_decision.message)
            return memcmp(&e->out.notify.plan, plan, sizeof *plan) != 0;
    }
    return false;
}

static bool approval_void(const struct facts *f, const struct seen_input *i) {
    struct shown shown, former;
    if (!shows_approval(i, &shown)) return false;
    time_ns age = f->input.items[i - f->inputs].wall - shown.issued_wall;
    if (age >= f->limits.approval_life_ns || of_another_plan(f, i, shown.plan)) return true;
    for (const struct seen_input *p = f->inputs; p < i; p++)
        if (shows_approval(p, &former) && former.number == shown.number) return true;
    return false;
}

static bool entry_stored(const struct facts *f, const struct seen_effect *e) {
    EACH(f, audit_stored, a) {
        if (a->engine == e->engine && a->sequence == e->out.audit_append.sequence &&
            a->result == AUDIT_REPLY_OK)
            return true;
    }
    return false;
}

int64_t authority_refused(const struct facts *f, time_ns until) {
    int64_t count = 0;
    EACH_INPUT(f, i) {
        struct said said;
        if (i->at > until || !said_of(i, &said)) continue;
        if (said_authorised(f, &said) && !approval_void(f, i)) continue;
        bool audited = false;
        for (const struct seen_effect *e = step_begin(f, i); in_step(f, i, e); e++)
            audited |= e->out.kind == EFF_audit_append &&
                       e->out.audit_append.category == CATEGORY_MANUAL_INTERVENTION &&
                       entry_stored(f, e);
        count += audited;
    }
    return count;
}
