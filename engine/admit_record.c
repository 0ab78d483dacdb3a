/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/* Which intents and changes an operation was held against, for the decision log, and what was
 * found: also where nothing was. */

static void intents_of(struct decision_note *d, const struct op *op,
                       const struct intents *intents) {
    for (uint32_t k = 0; k < intents->count; k++) {
        const struct intent *other = &intents->list[k];
        if (ID_EQ(other->op, op->id)) continue;
        decide_input(d, &(struct decision_input){
                            .name = opkind_name(other->kind),
                            .source = INPUT_OF_STORE,
                            .figure = {VALUE_NUMBER, muldiv(other->number, PPM_ONE, 1), 0},
                            .of_service = true,
                            .service = other->service,
                            .other = (int64_t)other->op.v});
    }
}

/* Those that may still count: of one that runs, the age is nothing. */
static void changes_of(const struct engine *e, struct decision_note *d, const struct op *op) {
    const struct planned own = admit_planned(op);
    for (uint32_t k = 0; k < e->change_count; k++) {
        const struct recent_change *change = &e->changes[k];
        time_ns age = change->running ? 0 : e->mono - change->at_mono;
        if (ID_EQ(change->op, op->id) || age >= e->config->gates.cooldown_ns) continue;
        bool undone = change_is_undone(change, &own); /* is told, and weighs nothing */
        decide_input(d, &(struct decision_input){.name = undone ? "undoes" : "changed_before",
                                                 .source = INPUT_OF_CHANGES,
                                                 .figure = {VALUE_NUMBER, age / NS_PER_US, 0},
                                                 .of_service = true,
                                                 .service = change->service,
                                                 .other = (int64_t)change->op.v});
    }
}

static int64_t figure_micro(const struct conflict *c) {
    if (c->type == CONFLICT_TIMING) return c->figure / NS_PER_US;
    return c->of_share ? c->figure : c->figure * PPM_ONE;
}

static bool stands(const struct conflicts *left, const struct conflict *c) {
    for (uint32_t k = 0; k < left->count; k++)
        if (left->list[k].type == c->type && ID_EQ(left->list[k].other, c->other)) return true;
    return false;
}

/* Scored by how many conflicts ask for it. */
static void alternatives(struct decision_note *d, const struct conflicts *left) {
    static const struct {
        const char *pro, *con, *rejected;
    } said[ACTION_COUNT] = {
        [ACTION_ALLOW] = {"it heals soonest", "", "a conflict stands"},
        [ACTION_WARN] = {"it heals soonest", "others may feel it", "no conflict is that mild"},
        [ACTION_DELAY] = {"it may pass later", "the incident stands", "no cooldown decides"},
        [ACTION_BLOCK] = {"the lock serialises both", "it waits", "none is on this service"},
        [ACTION_PAUSE] = {"a person sees both", "people are slow", "nothing asks for a person"},
        [ACTION_REJECT] = {"nothing can go wrong", "nobody heals it", "nothing forbids it"}};
    for (int a = 0; a < ACTION_COUNT; a++) {
        int64_t asking = 0;
        for (uint32_t k = 0; k < left->count; k++) asking += (int)left->list[k].action == a;
        decide_alternative(d, action_name(a), asking * PPM_ONE, said[a].pro, said[a].con,
                           a == (int)left->action ? NULL : said[a].rejected);
    }
}

void admit_record(struct engine *e, struct op *op, const struct admission *admission) {
    const struct conflicts *found = admission->found, *left = admission->left;
    struct decision_note d = decide(e, DECISION_CONCURRENCY, &e->incidents[op->incident], op);
    for (uint32_t k = 0; k < found->count; k++)
        decide_factor(&d, conflict_name(found->list[k].type), figure_micro(&found->list[k]),
                      action_name(found->list[k].action));
    decide_count(&d, "registry_number", op->registry_number, INPUT_OF_STORE);
    decide_count(&d, "direct_counts", admission->include_direct, INPUT_OF_ENGINE);
    if (op->remedy == REMEDY_PATCH)
        decide_count(&d, "changes_shared", op->changes_shared, INPUT_OF_PATCH);
    if (admission->approved) decide_count(&d, "approved", 1, INPUT_OF_PEOPLE);
    intents_of(&d, op, admission->intents);
    changes_of(e, &d, op);
    for (uint32_t k = 0; k < found->count; k++)
        decide_constraint(&d, conflict_name(found->list[k].type), false,
                          stands(left, &found->list[k]) && found->list[k].action > ACTION_WARN);
    alternatives(&d, left);
    op->decided[DECISION_CONCURRENCY] = decide_end(&d, action_name(left->action), PPM_ONE,
                                                   left->count ? "the most severe conflict decides"
                                                   : found->count ? "what conflicts was approved"
                                                                  : "no conflict");
}
