/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "sim/run/lesson.h"
#include "sim/run/loading.h"
#include "sim/run/run.h"
#include "sim/bind/bind.h"
#include "sim/prometheus/alertmanager.h"
#include "sim/prometheus/views.h"

/*
 * What is wrong with a file, and where. What kind of file it is shows in its keys: rules have
 * groups, topologies services and calls, scenarios expectations, an alertmanager.yml a route, a
 * metrics profile relabelling, lessons steps; the rest are policies.
 */

enum file_kind {
    FILE_SCENARIO,
    FILE_TOPOLOGY,
    FILE_POLICY,
    FILE_RULES,
    FILE_ALERTMANAGER,
    FILE_PROFILE,
    FILE_LESSON
};

static bool has_key(const struct yaml_node *mapping, const char *key) {
    if (!mapping || mapping->kind != YAML_MAPPING) return false;
    for (uint32_t k = 0; k < mapping->count; k++)
        if (strcmp(mapping->keys[k]->text, key) == 0) return true;
    return false;
}

static enum file_kind kind_of(const struct yaml_node *root) {
    if (has_key(root, "expect") || has_key(root, "faults")) return FILE_SCENARIO;
    if (has_key(root, "steps")) return FILE_LESSON;
    if (has_key(root, "groups")) return FILE_RULES;
    if (has_key(root, "relabel_configs") || has_key(root, "metric_relabel_configs") ||
        has_key(root, "alert_relabel_configs"))
        return FILE_PROFILE;
    if (has_key(root, "route") || has_key(root, "receivers")) return FILE_ALERTMANAGER;
    if (has_key(root, "services") && has_key(root, "calls")) return FILE_TOPOLOGY;
    if (has_key(root, "topology")) return FILE_SCENARIO;
    return has_key(root, "services") ? FILE_TOPOLOGY : FILE_POLICY;
}

static bool check_rules(struct arena *arena, const char *file, const char *bytes, size_t len,
                        struct diags *diags) {
    int64_t count = rules_check(arena, file, bytes, len, 0, diags);
    if (count >= 0) printf("%s: ok: rules, %lld of them\n", file, (long long)count);
    return count >= 0;
}

static bool check_alertmanager(struct arena *arena, const char *file, const char *bytes, size_t len,
                               struct diags *diags) {
    const struct alertmanager_config *config = alertmanager_read(arena, file, bytes, len, diags);
    if (!config) return false;
    struct alertmanager_counts counts = alertmanager_counts(config);
    printf("%s: ok: Alertmanager, %u routes, %u receivers, %u inhibition rules; whom receivers "
           "would tell is not read: engines hear what they would\n",
           file, counts.routes, counts.receivers, counts.inhibitions);
    return true;
}

static bool check_profile(struct arena *arena, const char *file, const char *bytes, size_t len,
                          struct diags *diags) {
    if (!view_read(arena, file, bytes, len, diags)) return false;
    printf("%s: ok: metrics profile\n", file);
    return true;
}

static bool check_scenario(struct arena *arena, const char *file, const char *bytes, size_t len,
                           struct diags *diags) {
    struct scenario *list;
    uint32_t count;
    if (!scenarios_load(arena, file, bytes, len, NULL, diags, &list, &count)) return false;
    for (uint32_t k = 0; k < count; k++)
        printf("%s: ok: scenario %s on %s, policy %s, %u faults, plan %016llx\n", file,
               list[k].plan.name, list[k].topology_name, list[k].policy_name,
               list[k].plan.fault_count, (unsigned long long)scn_plan_digest(&list[k]));
    return true;
}

static bool check_topology(struct arena *arena, const char *file, const char *bytes, size_t len,
                           struct diags *diags) {
    const struct topology *t = topo_load(arena, file, bytes, len, diags);
    struct topo_facts facts;
    if (!t || !topo_facts(arena, t, &facts)) return false;
    printf("%s: ok: topology %s, %u services, %u calls, %u parts, %u cycles\n", file, t->name,
           t->service_count, t->call_count, facts.components, facts.cycles_in);
    return true;
}

static bool check_lesson(struct arena *arena, const char *file, struct diags *diags) {
    struct lesson lesson;
    const char *path, *bytes;
    size_t len;
    if (!lesson_load(&lesson, arena, file, diags) ||
        !scenario_file(arena, lesson.scenario, &path, &bytes, &len, diags))
        return false;
    printf("%s: ok: lesson, %u steps, %u questions, on %s\n", file, lesson.step_count,
           lesson.question_count, lesson.scenario);
    return true;
}

static void no_rules(struct yaml_doc *doc, const char *name, const char *why) {
    const struct yaml_node *place = scn_rules_place(doc, doc->root, name);
    const char *const *names;
    uint32_t count = file_list(doc->arena, "rules", &names);
    const char *nearest = nearest_name(name, strlen(name), names, count);
    if (why)
        yaml_error(doc, place, "rules \"%.80s\" %s", name, why);
    else if (nearest)
        yaml_error(doc, place, "no rules \"%.80s\"; did you mean \"%s\"?", name, nearest);
    else
        yaml_error(doc, place, "no rules \"%.80s\"", name);
}

/* The rule files that a policy names: there, and good. */
static bool check_rules_of(const struct policy *policy, struct yaml_doc *doc) {
    struct file_source source = {doc->arena, doc->file};
    bool good = true;
    for (uint32_t k = 0; k < policy->rule_count; k++) {
        struct plan_source rules = {0};
        bool found = file_source_read(&source, "rules", policy->rules[k], &rules);
        if (!found) no_rules(doc, policy->rules[k], rules.bytes);
        if (!found || rules_check(doc->arena, rules.name, rules.bytes, rules.len,
                                  policy->config.detection.sample_interval_ns, doc->diags) < 0)
            good = false;
    }
    return good;
}

enum shown { SHOW_NOTHING, SHOW_VALUES, SHOW_ORIGINS };

static bool check_zones_of(struct policy *policy, struct yaml_doc *doc) {
    struct file_source source = {doc->arena, doc->file};
    struct policy_zone_files files = {&source, file_zone_read};
    return policy_zones_load(policy, doc->arena, doc->diags, &files);
}

static bool check_policy(struct arena *arena, struct yaml_doc *doc, const char *bytes, size_t len,
                         enum shown shown) {
    struct policy *policy = ARENA_NEW(arena, struct policy, 1);
    if (!policy_load(policy, arena, doc->file, bytes, len, doc->diags) ||
        !check_rules_of(policy, doc) || !check_zones_of(policy, doc) ||
        !questions_check(arena, &policy->config, policy_questions(arena, policy),
                         policy->query_count, doc->diags))
        return false;
    if (shown == SHOW_ORIGINS) { /* what is printed is a policy, and says nothing else */
        struct diags told = {0};
        doc->diags = &told;
        return policy_explain(policy, doc, stdout);
    }
    printf("%s: ok: policy\n", doc->file);
    if (shown == SHOW_VALUES) policy_print(policy, stdout);
    return true;
}

static bool check_file(struct arena *arena, const char *file, enum shown shown,
                       struct diags *diags) {
    const char *bytes;
    size_t len;
    struct yaml_doc doc;
    if (!file_read(arena, file, &bytes, &len, diags) ||
        !yaml_read(&doc, arena, diags, file, bytes, len, NULL, NULL))
        return false;
    if (!doc.root) {
        diag_error(diags, file, 1, 1,
                   "expected a scenario, topology, policy, rules, lesson or Alertmanager file, got "
                   "an empty one");
        return false;
    }
    enum file_kind kind = kind_of(doc.root);
    if (shown == SHOW_ORIGINS && kind != FILE_POLICY) {
        diag_error(diags, file, 1, 1, "--explain is of a policy; this is none");
        return false;
    }
    switch (kind) {
    case FILE_SCENARIO: return check_scenario(arena, file, bytes, len, diags);
    case FILE_TOPOLOGY: return check_topology(arena, file, bytes, len, diags);
    case FILE_RULES: return check_rules(arena, file, bytes, len, diags);
    case FILE_PROFILE: return check_profile(arena, file, bytes, len, diags);
    case FILE_ALERTMANAGER: return check_alertmanager(arena, file, bytes, len, diags);
    case FILE_LESSON: return check_lesson(arena, file, diags);
    case FILE_POLICY: break;
    }
    return check_policy(arena, &doc, bytes, len, shown);
}

static const struct option_spec options[] = {
    {"print", NULL, "also print a policy's effective values"},
    {"explain", NULL, "print a policy as it takes effect, with where each value came from"},
    {NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_check, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_check, stderr);
        return STATUS_BAD_INPUT;
    }
    for (uint32_t k = 0; k < a.operand_count; k++) {
        struct arena arena;
        struct diags diags = {0};
        arena_open(&arena);
        enum shown shown = argument(&a, "explain") ? SHOW_ORIGINS
                           : argument(&a, "print") ? SHOW_VALUES
                                                   : SHOW_NOTHING;
        if (!check_file(&arena, a.operands[k], shown, &diags)) status = STATUS_BAD_INPUT;
        diag_print(&diags, stderr);
        arena_close(&arena);
    }
    return status;
}

const struct command command_check = {
    "check",
    "FILE...",
    "says what is wrong with a scenario, topology, policy, rules or Alertmanager file, and where",
    "firedrill check scenarios/core/01_high_error_rate.yaml",
    options,
    run};
