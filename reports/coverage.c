/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/coverage.h"

#include "engine/base/check.h"
#include "scenarios/words/plan.h"

/* A group is a table of rows and columns; most have one column. */
struct group {
    const char *name, *meaning;
    uint32_t rows, columns;
    const char *(*row)(int64_t);
    const char *(*column)(int64_t);                /* NULL: one column */
    bool (*possible)(int64_t row, int64_t column); /* NULL: all are */
};

static const char *fault_name(int64_t kind) { return fault_entry((enum fault_kind)kind)->name; }

static bool transition_possible(int64_t from, int64_t to) {
    return state_may_follow((enum op_state)from, (enum op_state)to);
}

/* An operation that has ended meets no fault. */
static bool may_meet(int64_t fault, int64_t state) {
    (void)fault;
    return !state_is_final((enum op_state)state);
}

enum group_number {
    TRANSITION,
    DECISION,
    FAULT,
    FAULT_STATE,
    MESSAGE,
    REASON,
    EFFECT_KIND,
    INPUT_KIND,
    REPORT,
    PATCH_REPLY,
    LOCK_ANSWER,
    DEPLOY_ANSWER,
    GROUP_COUNT
};
static const struct group groups[GROUP_COUNT] = {
    [TRANSITION] = {"transition", "from one state of an operation to another", STATE_COUNT,
                    STATE_COUNT, state_name, state_name, transition_possible},
    [DECISION] = {"decision", "kinds of decisions in the log", DECISION_COUNT, 1, decision_name,
                  NULL, NULL},
    [FAULT] = {"fault", "faults that changed something", FAULT_COUNT, 1, fault_name, NULL, NULL},
    [FAULT_STATE] = {"fault_state", "a fault was on while an operation was in that state",
                     FAULT_COUNT, STATE_COUNT, fault_name, state_name, may_meet},
    [MESSAGE] = {"message", "forms of messages delivered", FORM_COUNT, 1, form_name, NULL, NULL},
    [REASON] = {"reason", "reasons of messages", REASON_COUNT, 1, reason_name, NULL, NULL},
    [EFFECT_KIND] = {"effect", "what engines wanted", EFF_COUNT, 1, effect_name, NULL, NULL},
    [INPUT_KIND] = {"input", "what engines were told", IN_COUNT, 1, input_name, NULL, NULL},
    [REPORT] = {"report", "what was reported of incidents", REPORT_COUNT, 1, report_name, NULL,
                NULL},
    [PATCH_REPLY] = {"patch", "how the patch service answered", REPLY_COUNT, 1, reply_name, NULL,
                     NULL},
    [LOCK_ANSWER] = {"lock", "how the lock store answered", LOCK_REPLY_COUNT, 1, lock_reply_name,
                     NULL, NULL},
    [DEPLOY_ANSWER] = {"deploy", "how orders were taken", DEPLOY_COUNT, 1, deploy_name, NULL, NULL},
};
const uint32_t cover_group_count = GROUP_COUNT;

struct cover_group cover_group(uint32_t group) {
    struct cover_group out = {groups[group].name, groups[group].meaning, 0,
                              groups[group].rows * groups[group].columns};
    for (uint32_t g = 0; g < group; g++) out.first += groups[g].rows * groups[g].columns;
    return out;
}

uint32_t cover_count(void) {
    struct cover_group last = cover_group(GROUP_COUNT - 1);
    ASSERT(last.first + last.count <= COVER_MAX);
    return last.first + last.count;
}

bool cover_name(uint32_t item, char out[COVER_NAME]) {
    for (uint32_t k = 0; k < GROUP_COUNT; k++) {
        const struct group *g = &groups[k];
        struct cover_group place = cover_group(k);
        if (item >= place.first + place.count) continue;
        uint32_t row = (item - place.first) / g->columns,
                 column = (item - place.first) % g->columns;
        snprintf(out, COVER_NAME, "%s %s%s%s", g->name, g->row(row), g->column ? ">" : "",
                 g->column ? g->column(column) : "");
        return !g->possible || g->possible(row, column);
    }
    return false;
}

/* ---- of one run ---- */

static void reach(uint8_t *hit, enum group_number group, int64_t row, int64_t column) {
    const struct group *g = &groups[group];
    if (row < 0 || row >= g->rows || column < 0 || column >= g->columns) return;
    hit[cover_group(group).first + (uint32_t)row * g->columns + (uint32_t)column] = 1;
}

static time_ns off_at(const struct facts *f, const struct fact_fault_on *on) {
    EACH(f, fault_off, off) if (off->fault == on->fault && off->record > on->record) return off->at;
    return f->ends_at;
}

static void meet_faults(const struct facts *f, int64_t state, time_ns from, time_ns to,
                        uint8_t *hit) {
    EACH(f, fault_on, on) {
        bool planned = on->fault >= 0 && (uint64_t)on->fault < f->fault_planned.count;
        if (planned && on->at <= to && off_at(f, on) >= from)
            reach(hit, FAULT_STATE, f->fault_planned.items[on->fault].kind, state);
    }
}

/* One operation's states, each from its report to the next. */
static void walk_operation(const struct facts *f, struct op_id op, uint8_t *hit) {
    int64_t state = -1;
    time_ns since = 0;
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || r->kind != REPORT_STATE || !ID_EQ(r->op, op)) continue;
        if (state >= 0) {
            reach(hit, TRANSITION, state, r->detail);
            meet_faults(f, state, since, e->at, hit);
        }
        state = r->detail;
        since = e->at;
    }
    if (state >= 0) meet_faults(f, state, since, f->ends_at, hit);
}

static void take_crossings(const struct facts *f, uint8_t *hit) {
    EACH_EFFECT(f, e) {
        reach(hit, EFFECT_KIND, (int64_t)e->out.kind, 0);
        if (e->out.kind == EFF_report) reach(hit, REPORT, e->out.report.kind, 0);
        if (e->out.kind == EFF_record_decision)
            reach(hit, DECISION, e->out.record_decision.kind, 0);
    }
    EACH_INPUT(f, i) {
        reach(hit, INPUT_KIND, (int64_t)i->in.kind, 0);
        if (i->in.kind == IN_lock_reply) reach(hit, LOCK_ANSWER, i->in.lock_reply.result, 0);
    }
}

void coverage_of(const struct facts *f, uint8_t *hit) {
    memset(hit, 0, COVER_MAX);
    take_crossings(f, hit);
    for (size_t k = 0; k < f->op_count; k++) walk_operation(f, f->ops[k].op, hit);
    EACH(f, fault_off, off)
    if (off->fired > 0 && off->fault >= 0 && (uint64_t)off->fault < f->fault_planned.count)
        reach(hit, FAULT, f->fault_planned.items[off->fault].kind, 0);
    EACH(f, message_delivered, m) {
        reach(hit, MESSAGE, m->form, 0);
        reach(hit, REASON, m->reason, 0);
    }
    EACH(f, patch_made, p) reach(hit, PATCH_REPLY, p->reply, 0);
    EACH(f, deploy_order, o) reach(hit, DEPLOY_ANSWER, o->status, 0);
    EACH(f, deploy_done, o) reach(hit, DEPLOY_ANSWER, o->status, 0);
}
