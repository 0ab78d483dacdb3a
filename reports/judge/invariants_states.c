/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An operation's and an incident's life, as their reports cross the boundary. */
#include "reports/judge/authority.h"
#include "reports/judge/invariants.h"
#include "reports/judge/outcome.h"
#include "reports/judge/reaction.h"

#define OP(id) ((unsigned long long)(id).v)

static bool is_state(const struct eng_effect *e) {
    return e->kind == EFF_report && e->report.kind == REPORT_STATE;
}

/* The report of the operation's state before this one; NULL: this is its first. */
static const struct seen_effect *former_state(const struct facts *f, const struct seen_effect *e) {
    for (const struct seen_effect *p = e; p > f->effects;) {
        p--;
        if (is_state(&p->out) && ID_EQ(p->out.report.op, e->out.report.op)) return p;
    }
    return NULL;
}

/* ---- legal_transitions: the specification's table, written out a second time ---- */

static bool may_follow(int64_t from, int64_t to) {
    static const char *const table[] = {
        [STATE_INIT] = "LPFX",        [STATE_LOCKED] = "SPFX",    [STATE_SAFETY_CHECK] = "IPFX",
        [STATE_IN_PROGRESS] = "CPFR", [STATE_PAUSED] = "NLSIXFR", [STATE_FAILED] = "R",
        [STATE_COMPLETED] = "",       [STATE_ROLLED_BACK] = "",   [STATE_CANCELLED] = "",
    };
    static const char letters[] = {
        [STATE_INIT] = 'N',        [STATE_LOCKED] = 'L',      [STATE_SAFETY_CHECK] = 'S',
        [STATE_IN_PROGRESS] = 'I', [STATE_COMPLETED] = 'C',   [STATE_PAUSED] = 'P',
        [STATE_FAILED] = 'F',      [STATE_ROLLED_BACK] = 'R', [STATE_CANCELLED] = 'X',
    };
    bool known = from >= 0 && from < STATE_COUNT && to >= 0 && to < STATE_COUNT;
    return known && strchr(table[from], letters[to]) != NULL;
}

static bool working(int64_t state) {
    return state == STATE_INIT || state == STATE_LOCKED || state == STATE_SAFETY_CHECK ||
           state == STATE_IN_PROGRESS;
}

void invariant_legal_transitions(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        if (!is_state(&e->out)) continue;
        int64_t to = e->out.report.detail;
        const struct seen_effect *p = former_state(f, e);
        const struct seen_effect *paused_in = p ? former_state(f, p) : NULL;
        int64_t from = p ? p->out.report.detail : STATE_INIT;
        bool legal = p ? may_follow(from, to) : to == STATE_INIT;
        if (p && from == STATE_PAUSED && working(to) && paused_in)
            legal = to == paused_in->out.report.detail;
        if (!legal)
            violated(found, "legal_transitions", e->at, e->record, "operation %llu goes %s to %s",
                     OP(e->out.report.op), p ? state_name(from) : "from nowhere", state_name(to));
    }
}

/* ---- human_pause ---- */

static bool changes_something(const struct eng_effect *e, struct op_id *op) {
    switch (e->kind) {
#define OF(name)                                                                                   \
    case EFF_##name: *op = e->name.op; return true;
        OF(deploy_stage)
        OF(remedy)
        OF(ask_patch)
        OF(ask_checks)
        OF(lock_acquire)
#undef OF
    default: return false;
    }
}

static int64_t state_at(const struct facts *f, struct op_id op, const struct seen_effect *e) {
    int64_t state = -1;
    for (const struct seen_effect *p = f->effects; p < e; p++)
        if (is_state(&p->out) && ID_EQ(p->out.report.op, op)) state = p->out.report.detail;
    return state;
}

/* By which a paused operation goes on. */
struct leave {
    const struct seen_input *input; /* NULL: nobody let it */
    int64_t number;                 /* 0: the yes has none */
    const struct hash *plan;
    time_ns issued_wall;
};

static bool yes_to(const struct facts *f, const struct seen_input *i, struct op_id op,
                   struct leave *out) {
    const struct in_person_decision *d = &i->in.person_decision;
    struct said said;
    if (i->in.kind != IN_person_decision || d->answer != ANSWER_YES) return false;
    if (!said_of(i, &said) || !said_authorised(f, &said)) return false;
    EACH_EFFECT(f, e) {
        if (e->engine != i->engine || e->out.kind != EFF_notify ||
            e->out.notify.message != d->message || !ID_EQ(e->out.notify.op, op))
            continue;
        *out = (struct leave){i, d->approval, &d->plan, d->issued_wall};
        return true;
    }
    return false;
}

static bool resumes(const struct facts *f, const struct seen_input *i, struct op_id op,
                    struct leave *out) {
    const struct in_person_command *c = &i->in.person_command;
    if (i->in.kind != IN_person_command || c->command != COMMAND_RESUME || !ID_EQ(c->op, op) ||
        !truth_authorised(f, c))
        return false;
    *out = (struct leave){i, c->approval, &c->plan, c->issued_wall};
    return true;
}

static bool leaves(const struct facts *f, const struct seen_input *i, struct op_id op,
                   struct leave *out) {
    return yes_to(f, i, op, out) || resumes(f, i, op, out);
}

/* Whether an operation of this engine went on from an earlier pause in which somebody had given
 * this number. No message tells one engine which numbers another has seen: that a number cannot
 * serve for another's operation the plan's hash is for. */
static bool served_before(const struct facts *f, uint32_t engine, int64_t number, uint64_t before) {
    EACH_EFFECT(f, p) {
        if (p->record >= before) break;
        if (p->engine != engine) continue;
        const struct seen_effect *q = is_state(&p->out) ? former_state(f, p) : NULL;
        if (!q || q->out.report.detail != STATE_PAUSED || !working(p->out.report.detail)) continue;
        EACH_INPUT(f, i) {
            struct leave former;
            if (i->record > p->record) break;
            if (i->engine == p->engine && i->record >= q->record &&
                leaves(f, i, p->out.report.op, &former) && former.number == number)
                return true;
        }
    }
    return false;
}

/* Why it does not let the operation go on then; NULL: it does. */
static const char *leave_wrong(const struct facts *f, const struct leave *leave, struct op_id op,
                               const struct seen_effect *paused, const struct seen_effect *e) {
    const struct hash *plan = op_registered_plan(f, op, e->record);
    time_ns wall = f->input.items[leave->input - f->inputs].wall;
    time_ns age = wall - leave->issued_wall + (e->at - leave->input->at);
    if (plan && memcmp(plan, leave->plan, sizeof *plan) != 0) return "of another plan";
    if (age > f->limits.approval_life_ns) return "that is too old";
    return served_before(f, e->engine, leave->number, paused->record) ? "that served before" : NULL;
}

/* The plan that went on: the last one stated before the operation's first stage. NULL: none. */
static const struct hash *plan_deployed(const struct facts *f, struct op_id op) {
    const struct fact_deploy_order *first = op_first_stage(f, op);
    return first ? op_registered_plan(f, op, first->record) : NULL;
}

/* A person who confirms was shown one plan; what serves afterwards must be that one. */
static void look_confirmed(const struct facts *f, const struct fact_person_answered *a,
                           struct violations *found) {
    EACH(f, message_delivered, m) {
        const struct fact_deploy_order *first = op_first_stage(f, m->op);
        const struct hash *plan = plan_deployed(f, m->op);
        if (m->engine != a->engine || m->message != a->message || m->form != FORM_CONFIRM ||
            !plan || first->record < a->record || memcmp(plan, &a->plan, sizeof *plan) == 0 ||
            memcmp(&m->plan, &a->plan, sizeof a->plan) != 0) /* no answer to what was asked */
            continue;
        violated(found, "human_pause", first->at, first->record,
                 "operation %llu acts on another plan than the one approved", OP(m->op));
    }
}

static void look_resumed(const struct facts *f, const struct seen_effect *e,
                         const struct seen_effect *paused, struct violations *found) {
    struct op_id op = e->out.report.op;
    const char *wrong = NULL;
    EACH_INPUT(f, i) {
        struct leave leave;
        if (i->record > e->record) break;
        if (i->engine != e->engine || i->record < paused->record || !leaves(f, i, op, &leave))
            continue;
        wrong = leave_wrong(f, &leave, op, paused, e);
        if (!wrong) return;
    }
    if (wrong)
        violated(found, "human_pause", e->at, e->record, "operation %llu goes on by an approval %s",
                 OP(op), wrong);
    else
        violated(found, "human_pause", e->at, e->record,
                 "operation %llu goes on from its pause without a person's yes", OP(op));
}

/* The operation whose question somebody who may answered with no, or that such a person cancelled.
 */
static bool refused_op(const struct facts *f, const struct seen_input *i, struct op_id *op) {
    struct said said;
    if (!said_of(i, &said) || !said_authorised(f, &said)) return false;
    *op = i->in.person_command.op;
    if (said.command) return i->in.person_command.command == COMMAND_CANCEL;
    if (i->in.person_decision.answer != ANSWER_NO) return false;
    EACH_EFFECT(f, e) {
        if (e->engine != i->engine || e->out.kind != EFF_notify ||
            e->out.notify.message != i->in.person_decision.message)
            continue;
        *op = e->out.notify.op;
        return real64(op->v);
    }
    return false;
}

static void look_refused(const struct facts *f, const struct seen_input *i, struct op_id op,
                         struct violations *found) {
    for (const struct seen_effect *e = step_begin(f, i); e < f->effects + f->effect.count; e++) {
        struct op_id of;
        if (!orders_change(f, e, &of) || !ID_EQ(of, op)) continue;
        violated(found, "human_pause", e->at, e->record,
                 "operation %llu goes on with %s after a person's no", OP(op),
                 effect_name(e->out.kind));
        return;
    }
}

void invariant_human_pause(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        struct op_id op;
        if (changes_something(&e->out, &op) && state_at(f, op, e) == STATE_PAUSED)
            violated(found, "human_pause", e->at, e->record, "%s by operation %llu while paused",
                     effect_name(e->out.kind), OP(op));
        if (!is_state(&e->out) || !working(e->out.report.detail)) continue;
        const struct seen_effect *p = former_state(f, e);
        if (p && p->out.report.detail == STATE_PAUSED) look_resumed(f, e, p, found);
    }
    EACH(f, person_answered, a) if (a->answer == ANSWER_YES) look_confirmed(f, a, found);
    EACH_INPUT(f, i) {
        struct op_id op;
        if (refused_op(f, i, &op)) look_refused(f, i, op, found);
    }
}

/* ---- closed_means_healed ---- */

static void look_closed(const struct facts *f, const struct incident *n, struct violations *found) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        char why[112];
        if (e->out.kind != EFF_report || !incident_says_healed(n, r) ||
            !incident_has_id(n, r->incident) || e->at > f->heals_at)
            continue;
        if (!outcome_healed(f, n, e->at, why, sizeof why))
            violated(found, "closed_means_healed", e->at, e->record, "%s: %s",
                     facts_service(f, n->service), why);
    }
}

void invariant_closed_means_healed(const struct facts *f, struct violations *found) {
    uint32_t count;
    struct judged *list = incidents_of(f, &count);
    for (uint32_t i = 0; i < count; i++)
        if (list[i].incident.fault >= 0 && list[i].incident.onset != TIME_NEVER)
            look_closed(f, &list[i].incident, found);
    incidents_free(list);
}

/* ---- mttr_adds_up ---- */

/* The last report of the kind for the incident before the record; -1: none. */
static time_ns milestone(const struct facts *f, struct incident_id incident, int64_t kind,
                         uint64_t before) {
    time_ns at = -1;
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->record < before && e->out.kind == EFF_report && r->kind == kind &&
            ID_EQ(r->incident, incident))
            at = e->at;
    }
    return at;
}

/* What the engine says of its time to repair must reach back to its own detection at least, and
 * not before the run; and an incident resolved has all the milestones before, in their order. */
void invariant_mttr_adds_up(const struct facts *f, struct violations *found) {
    static const int64_t by_patch[] = {REPORT_OPENED, REPORT_DIAGNOSED, REPORT_PATCHED,
                                       REPORT_GATED, REPORT_PROMOTED};
    static const int64_t by_remedy[] = {REPORT_OPENED, REPORT_DIAGNOSED, REPORT_GATED,
                                        REPORT_REMEDIED};
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || r->kind != REPORT_CLOSED_RESOLVED) continue;
        time_ns last = -1;
        bool remedy = milestone(f, r->incident, REPORT_REMEDIED, e->record) >
                      milestone(f, r->incident, REPORT_PROMOTED, e->record);
        const int64_t *order = remedy ? by_remedy : by_patch;
        for (size_t k = 0; k < (remedy ? ARRAY_LEN(by_remedy) : ARRAY_LEN(by_patch)); k++) {
            time_ns at = milestone(f, r->incident, order[k], e->record);
            if (at < last || at < 0)
                violated(found, "mttr_adds_up", e->at, e->record,
                         "incident %llu is resolved, but \"%s\" %s",
                         (unsigned long long)r->incident.v, report_name(order[k]),
                         at < 0 ? "never happened" : "is not in its order");
            if (at > last) last = at;
        }
        time_ns opened = milestone(f, r->incident, REPORT_OPENED, e->record);
        if (opened >= 0 && (r->detail < e->at - opened || r->detail > e->at))
            violated(found, "mttr_adds_up", e->at, e->record,
                     "it says %.3f s to repair, detected %.3f s ago", (double)r->detail / 1e9,
                     (double)(e->at - opened) / 1e9);
    }
}
