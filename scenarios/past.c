/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is on call, and what was before the run: baselines, budgets and cooldowns need a past. */
#include "scenarios/loading.h"
#include "engine/base/ratio.h"

#define READS_DEFAULT (5 * NS_PER_MIN)
#define SPAN_DEFAULT  (24 * NS_PER_HOUR)

/* ---- People ---- */

static time_ns read_answers_after(struct scn_loading *l, struct yaml_node *node) {
    if (node && node->kind == YAML_SCALAR && strcmp(node->text, "never") == 0) return TIME_NEVER;
    return yaml_duration(l->doc, node, 0, SCN_DURATION_MAX, READS_DEFAULT);
}

/* [FROM, TO], of the day: whole hours up to minutes as durations */
static void read_shift(struct scn_loading *l, struct yaml_node *node, struct plan_person *p) {
    if (yaml_is_null(node)) return;
    if (scn_count(l, node, 2, "ends of a shift") != 2) {
        yaml_error(l->doc, node, "expected when a shift begins and ends: [8h, 20h]");
        return;
    }
    p->shift_from_ns = yaml_duration(l->doc, node->items[0], 0, 24 * NS_PER_HOUR, 0);
    p->shift_to_ns = yaml_duration(l->doc, node->items[1], 0, 24 * NS_PER_HOUR, 0);
    if (p->shift_from_ns == p->shift_to_ns && l->doc->diags->errors == 0)
        yaml_error(l->doc, node, "a shift ends at another time than it begins");
}

static void read_person(struct scn_loading *l, struct yaml_node *node, struct plan_person *p) {
    static const char *const confirms[] = {"yes", "no", "correction"};
    static const enum answer confirm_values[] = {ANSWER_YES, ANSWER_NO, ANSWER_CORRECTION};
    static const char *const approvals[] = {"fresh", "reused", "another_plan"};
    static const char *const take_overs[] = {"taken_over", "no"};
    static const enum answer take_over_values[] = {ANSWER_TAKEN_OVER, ANSWER_NO};
    struct yaml_doc *doc = l->doc;
    *p = (struct plan_person){.correction = ID_NONE(svc_id)};
    p->name = scn_name(l, yaml_key(doc, node, "name"), "on-call");
    p->team = scn_name(l, yaml_key(doc, node, "team"), "sre");
    p->role = scn_name(l, yaml_key(doc, node, "role"), "on-call");
    p->reads_ns = read_answers_after(l, yaml_key(doc, node, "answers_after"));
    p->confirm = confirm_values[yaml_choice(doc, yaml_key(doc, node, "confirm"), confirms,
                                            ARRAY_LEN(confirms), 0)];
    p->take_over = take_over_values[yaml_choice(doc, yaml_key(doc, node, "take_over"), take_overs,
                                                ARRAY_LEN(take_overs), 0)];
    p->off_call = !yaml_bool(doc, yaml_key(doc, node, "on_call"), true);
    read_shift(l, yaml_key(doc, node, "shift"), p);
    p->approval = (enum plan_approval)yaml_choice(doc, yaml_key(doc, node, "approval"), approvals,
                                                  ARRAY_LEN(approvals), APPROVAL_FRESH);
    p->approval_age_ns =
        yaml_duration(doc, yaml_key(doc, node, "approval_age"), 0, SCN_DURATION_MAX, 0);
    if (p->confirm == ANSWER_CORRECTION)
        p->correction = scn_service(l, scn_required(l, node, "correction", "a correcting person"));
    yaml_unknown_keys(doc, node, "person");
}

void scn_read_people(struct scn_loading *l) {
    struct yaml_node *list = yaml_key(l->doc, l->root, "people");
    uint32_t count = scn_count(l, list, SCN_PEOPLE_MAX, "people");
    if (yaml_is_null(list)) count = 1; /* somebody is on call, with every default */
    struct plan_person *people = ARENA_NEW(l->arena, struct plan_person, count);
    for (uint32_t i = 0; i < count; i++) {
        struct yaml_node *node = yaml_is_null(list) ? NULL : list->items[i];
        read_person(l, node, &people[i]);
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(people[j].name, people[i].name) == 0)
                yaml_error(l->doc, node, "person \"%s\" stands twice, first in line %d",
                           people[i].name, list->items[j]->line);
    }
    l->plan->people = people;
    l->plan->person_count = count;
}

/* ---- History ---- */

static struct plan_history_series usual(const struct plan *plan, uint32_t s) {
    return (struct plan_history_series){.service = {s},
                                        .rate_milli =
                                            ppm_mul(plan->entry_rate_milli, plan->visits_ppm[s]),
                                        .error_ppm = plan->topology->services[s].error_ppm};
}

static void read_one_series(struct scn_loading *l, struct yaml_node *node,
                            struct plan_history_series *series, bool *stated) {
    struct svc_id service = scn_service(l, scn_required(l, node, "service", "a series"));
    struct yaml_node *rate = yaml_key(l->doc, node, "rate");
    struct yaml_node *errors = yaml_key(l->doc, node, "error_rate");
    yaml_unknown_keys(l->doc, node, "series");
    if (service.v == NONE_ID) return;
    struct plan_history_series *at = &series[service.v];
    at->rate_milli = scn_rate(l, rate, at->rate_milli);
    at->error_ppm = yaml_share(l->doc, errors, 0, PPM_ONE, at->error_ppm);
    if (stated[service.v])
        yaml_error(l->doc, node, "the series of \"%s\" stands twice",
                   l->plan->topology->services[service.v].name);
    stated[service.v] = true;
}

/* One for each service; those that the scenario states replace what is usual. */
static void read_series(struct scn_loading *l, struct yaml_node *list) {
    struct plan *plan = l->plan;
    uint32_t services = plan->topology->service_count;
    struct plan_history_series *series = ARENA_NEW(l->arena, struct plan_history_series, services);
    bool *stated = ARENA_NEW(l->arena, bool, services);
    for (uint32_t s = 0; s < services; s++) series[s] = usual(plan, s);
    uint32_t count = scn_count(l, list, SCN_HISTORY_MAX, "series");
    for (uint32_t i = 0; i < count; i++) read_one_series(l, list->items[i], series, stated);
    plan->history.series = series;
    plan->history.series_count = services;
}

static time_ns read_before(struct scn_loading *l, struct yaml_node *node, const char *whose) {
    return yaml_duration(l->doc, scn_required(l, node, "before", whose), 0,
                         l->plan->history.span_ns, 0);
}

static enum op_kind read_kind(struct scn_loading *l, struct yaml_node *node) {
    return (enum op_kind)scn_word(l, yaml_key(l->doc, node, "kind"), opkind_name, OPKIND_COUNT,
                                  OPKIND_DEPLOYMENT);
}

static void read_operations(struct scn_loading *l, struct yaml_node *list) {
    uint32_t count = scn_count(l, list, SCN_HISTORY_MAX, "operations");
    struct plan_history_operation *o = ARENA_NEW(l->arena, struct plan_history_operation, count);
    for (uint32_t i = 0; i < count; i++) {
        struct yaml_node *node = list->items[i];
        o[i].service = scn_service(l, scn_required(l, node, "service", "a past operation"));
        o[i].kind = read_kind(l, node);
        o[i].failed = yaml_bool(l->doc, yaml_key(l->doc, node, "failed"), false);
        o[i].before_ns = read_before(l, node, "a past operation");
        yaml_unknown_keys(l->doc, node, "past operation");
    }
    l->plan->history.operations = o;
    l->plan->history.operation_count = count;
}

static void read_changes(struct scn_loading *l, struct yaml_node *list) {
    uint32_t count = scn_count(l, list, SCN_HISTORY_MAX, "changes");
    struct plan_history_change *c = ARENA_NEW(l->arena, struct plan_history_change, count);
    for (uint32_t i = 0; i < count; i++) {
        struct yaml_node *node = list->items[i];
        c[i].service = scn_service(l, scn_required(l, node, "service", "a past change"));
        c[i].kind = read_kind(l, node);
        c[i].author = scn_text(l, yaml_key(l->doc, node, "author"), SCN_TEXT_BYTES, "somebody");
        c[i].before_ns = read_before(l, node, "a past change");
        yaml_unknown_keys(l->doc, node, "past change");
    }
    l->plan->history.changes = c;
    l->plan->history.change_count = count;
}

void scn_read_history(struct scn_loading *l) {
    struct yaml_node *node = yaml_key(l->doc, l->root, "history");
    l->plan->history.span_ns = yaml_duration(l->doc, yaml_key(l->doc, node, "span"), NS_PER_S,
                                             SCN_DURATION_MAX, SPAN_DEFAULT);
    read_series(l, yaml_key(l->doc, node, "series"));
    read_operations(l, yaml_key(l->doc, node, "operations"));
    read_changes(l, yaml_key(l->doc, node, "changes"));
    l->plan->history.audit_entries =
        yaml_int(l->doc, yaml_key(l->doc, node, "audit_entries"), 0, SCN_AUDIT_ENTRIES_MAX, 0);
    yaml_unknown_keys(l->doc, node, "history");
}
