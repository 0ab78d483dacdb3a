/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What should be seen of each cause, within which bounds, and what must not happen at all. */
#include "scenarios/loading.h"
#include "engine/base/ratio.h"
#include "scenarios/words/expect.def"

#define COUNT_MAX 1000000

#define WORD_(word, meaning) #word,
static const char *const reactions[] = {EXPECT_REACTIONS(WORD_)};
static const char *const outcomes[] = {EXPECT_OUTCOMES(WORD_)};
static const char *const must_nots[] = {EXPECT_MUST_NOTS(WORD_)};

enum bound_unit { BOUND_DURATION, BOUND_COUNT, BOUND_SHARE };
#define DURATION_BOUND_(word, meaning) {#word, #word "_ns", BOUND_DURATION},
#define COUNT_BOUND_(word, meaning)    {#word, #word, BOUND_COUNT},
#define SHARE_BOUND_(word, meaning)    {#word, #word "_ppm", BOUND_SHARE},
static const struct bound_word {
    const char *word, *key;
    enum bound_unit unit;
} bound_words[] = {EXPECT_BOUNDS(DURATION_BOUND_, COUNT_BOUND_, SHARE_BOUND_)};

struct expecting {
    struct plan_expect *expects;
    struct plan_bound *bounds;
};

/* NULL, with a message, when it is absent or none of them. */
static const char *required_word(struct scn_loading *l, struct yaml_node *mapping, const char *key,
                                 const char *const *words, size_t count) {
    struct yaml_node *node = scn_required(l, mapping, key, "an expectation");
    int i = yaml_choice(l->doc, node, words, count, -1);
    return i < 0 ? NULL : words[i];
}

/* ---- Whose incident ---- */

/* -1, with a message, when there is no such fault or it is not one that a service shows. */
static int64_t read_incident(struct scn_loading *l, struct yaml_node *expectation) {
    struct yaml_node *node = scn_required(l, expectation, "incident", "an expectation");
    if (!yaml_text(l->doc, node, NULL)) return -1;
    int64_t f = scn_fault(l, l->doc->file, node);
    if (f < 0 || fault_is_shown(l->plan->faults[f].kind) ||
        l->plan->faults[f].kind == FAULT_ROLLOUT)
        return f;
    yaml_error(l->doc, node, "fault \"%s\" is no incident: no service shows it",
               l->plan->faults[f].name);
    return -1;
}

/* ---- Bounds ---- */

static time_ns read_limit(struct scn_loading *l, struct yaml_node *node, const char *key) {
    return yaml_duration(l->doc, yaml_key(l->doc, node, key), 1, SCN_DURATION_MAX, 0);
}

/* A close that comes too late cannot be judged, so that a bound beyond that bounds nothing. */
static void refuse_unjudged(struct scn_loading *l, struct yaml_node *node,
                            const struct plan_expect *e) {
    if (e->fault < 0 || l->plan->faults[e->fault].trigger != TRIGGER_AT || !e->outcome ||
        strcmp(e->outcome, "resolved") != 0)
        return;
    time_ns latest = time_add(l->plan->faults[e->fault].at, e->mttr_max_ns);
    time_ns needed = time_add(latest, SCN_JUDGED_AFTER);
    char close[32], long_enough[32];
    duration_format(close, sizeof close, latest);
    duration_format(long_enough, sizeof long_enough, needed);
    if (needed > l->plan->duration_ns)
        yaml_error(l->doc, node,
                   "a close at %s is judged over the 30s after it: expected a duration of at "
                   "least %s",
                   close, long_enough);
}

static void read_mttr(struct scn_loading *l, struct yaml_node *node, struct plan_expect *e) {
    struct yaml_node *max = yaml_key(l->doc, node, "max");
    e->mttr_min_ns = read_limit(l, node, "min");
    e->mttr_max_ns = read_limit(l, node, "max");
    yaml_unknown_keys(l->doc, node, "mttr");
    if (e->mttr_max_ns > 0 && e->mttr_min_ns > e->mttr_max_ns)
        yaml_error(l->doc, max, "the maximum is below the minimum");
    else if (e->mttr_max_ns > 0)
        refuse_unjudged(l, max, e);
}

static int64_t read_bound(struct scn_loading *l, struct yaml_node *value, enum bound_unit unit) {
    switch (unit) {
    case BOUND_DURATION: return yaml_duration(l->doc, value, 0, SCN_DURATION_MAX, 0);
    case BOUND_SHARE: return yaml_share(l->doc, value, 0, PPM_ONE, 0);
    default: return yaml_int(l->doc, value, 0, COUNT_MAX, 0);
    }
}

static void read_bounds(struct scn_loading *l, struct yaml_node *node, int64_t expect,
                        struct plan_bound *bounds) {
    for (size_t i = 0; i < ARRAY_LEN(bound_words); i++) {
        const struct bound_word *word = &bound_words[i];
        struct yaml_node *value = yaml_key(l->doc, node, word->word);
        if (yaml_is_null(value)) continue;
        int64_t v = read_bound(l, value, word->unit);
        bounds[l->plan->bound_count++] = (struct plan_bound){expect, word->key, v};
    }
    yaml_unknown_keys(l->doc, node, "bounds");
}

/* ---- Expectations ---- */

static void read_expect(struct scn_loading *l, struct yaml_node *node, const struct expecting *x) {
    int64_t number = l->plan->expect_count++;
    struct plan_expect *e = &x->expects[number];
    *e = (struct plan_expect){.name = "none", .reaction = "none", .outcome = "none", .fault = -1};
    struct yaml_node *none = yaml_key(l->doc, node, "none");
    struct yaml_node *invariants = yaml_key(l->doc, node, "invariants");
    if (!yaml_is_null(invariants)) {
        e->name = "invariants";
        e->reaction = e->outcome = "";
        if (!yaml_bool(l->doc, invariants, true))
            yaml_error(l->doc, invariants, "only true can stand here: the invariants hold");
    } else if (!yaml_is_null(none)) {
        if (!yaml_bool(l->doc, none, true))
            yaml_error(l->doc, none, "only true can stand here: nothing is to be seen");
    } else {
        e->fault = read_incident(l, node);
        if (e->fault >= 0) e->name = l->plan->faults[e->fault].name;
        e->reaction = required_word(l, node, "reaction", reactions, ARRAY_LEN(reactions));
        e->outcome = required_word(l, node, "outcome", outcomes, ARRAY_LEN(outcomes));
        read_mttr(l, yaml_key(l->doc, node, "mttr"), e);
    }
    read_bounds(l, yaml_key(l->doc, node, "bounds"), number, x->bounds);
    yaml_unknown_keys(l->doc, node, "expectation");
}

static void refuse_repeated(struct scn_loading *l, struct yaml_node *list,
                            const struct plan_expect *e) {
    for (uint32_t i = 1; i < l->plan->expect_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (e[i].fault == e[j].fault)
                yaml_error(l->doc, list->items[i],
                           "the expectation of \"%s\" stands twice, first in line %d", e[i].name,
                           list->items[j]->line);
}

static void read_expects(struct scn_loading *l, struct yaml_node *list) {
    uint32_t errors = l->doc->diags->errors;
    uint32_t count = scn_count(l, list, SCN_EXPECTS_MAX, "expectations");
    struct expecting x = {
        ARENA_NEW(l->arena, struct plan_expect, count),
        ARENA_NEW(l->arena, struct plan_bound, count * ARRAY_LEN(bound_words)),
    };
    for (uint32_t i = 0; i < count; i++) read_expect(l, list->items[i], &x);
    l->plan->expects = x.expects;
    l->plan->bounds = x.bounds;
    if (l->doc->diags->errors > errors) return; /* a fault that is not known is nobody's twice */
    if (count == 0)
        yaml_error(l->doc, list ? list : l->root,
                   "a scenario expects something: state \"expect\", as \"- {none: true}\" for "
                   "a run in which nothing is to be seen");
    refuse_repeated(l, list, x.expects);
}

/* ---- What must not happen ---- */

static void read_must_nots(struct scn_loading *l, struct yaml_node *list) {
    uint32_t count = scn_count(l, list, SCN_FORBIDDEN_MAX, "things that must not happen");
    struct plan_must_not *m = ARENA_NEW(l->arena, struct plan_must_not, count);
    for (uint32_t i = 0; i < count; i++) {
        struct yaml_node *node = list->items[i], *what = node;
        m[i].service = ID_NONE(svc_id);
        if (node->kind == YAML_MAPPING) {
            what = scn_required(l, node, "what", "a must_not");
            m[i].service = scn_any_service(l, node, "service");
            yaml_unknown_keys(l->doc, node, "must_not");
        } else if (yaml_is_null(node)) {
            yaml_error(l->doc, node, "expected what must not happen");
        }
        m[i].what = must_nots[yaml_choice(l->doc, what, must_nots, ARRAY_LEN(must_nots), 0)];
    }
    l->plan->must_nots = m;
    l->plan->must_not_count = count;
}

void scn_read_expectations(struct scn_loading *l) {
    read_expects(l, yaml_key(l->doc, l->root, "expect"));
    read_must_nots(l, yaml_key(l->doc, l->root, "must_not"));
}
