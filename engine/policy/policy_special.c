/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys that hold more than one value, or a name that not every version knows. */
#include "engine/policy/policy_table.h"
#include "engine/base/ratio.h"
#include <stdio.h>

/* Names known to policies, of which this version has only the one. */
static void read_only_one(struct policy_loader *l, struct yaml_node *node, const char *only,
                          const char *const *others, size_t count) {
    const char *text = yaml_text(l->doc, node, only);
    if (strcmp(text, only) == 0) return;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, others[i]) != 0) continue;
        yaml_error(l->doc, node, "\"%s\" is not available in this version; use \"%s\"", text, only);
        return;
    }
    char shown[81];
    printable(shown, sizeof(shown), text, strlen(text));
    yaml_error(l->doc, node, "expected \"%s\", got \"%s\"", only, shown);
}

static void read_backend(struct policy_loader *l, struct yaml_node *node) {
    const char *names[BACKEND_COUNT];
    for (int k = 0; k < BACKEND_COUNT; k++) names[k] = backend_name(k);
    if (strcmp(yaml_text(l->doc, node, ""), "kubernetes") == 0)
        yaml_error(
            l->doc, node,
            "a Kubernetes lease is not supported as a lock store; use \"redis\", \"etcd\" or "
            "\"file\"");
    else
        l->policy->backend =
            (enum backend)yaml_choice(l->doc, node, names, BACKEND_COUNT, (int)l->policy->backend);
}
static void print_backend(const struct policy *policy, FILE *out) {
    fputs(backend_name(policy->backend), out);
}
const struct policy_special policy_backend = {read_backend, print_backend};

static void read_algorithm(struct policy_loader *l, struct yaml_node *node) {
    static const char *const others[] = {"sha1", "sha384", "sha512", "md5", "blake2b"};
    const char *text = yaml_text(l->doc, node, "sha256");
    if (strcmp(text, "SHA256") == 0 || strcmp(text, "SHA-256") == 0) return;
    read_only_one(l, node, "sha256", others, ARRAY_LEN(others));
}
static void print_algorithm(const struct policy *policy, FILE *out) {
    (void)policy;
    fputs("sha256", out);
}
const struct policy_special policy_algorithm = {read_algorithm, print_algorithm};

/* What may be done, what is preferred first. */
static void read_remedies(struct policy_loader *l, struct yaml_node *list) {
    struct eng_remedies *c = &l->policy->config.remedies;
    const char *names[REMEDY_COUNT];
    bool stated[REMEDY_COUNT] = {false};
    for (int i = 0; i < REMEDY_COUNT; i++) names[i] = remedy_name(i);
    uint32_t count = yaml_count(l->doc, list);
    c->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        int remedy = yaml_choice(l->doc, list->items[i], names, REMEDY_COUNT, -1);
        if (remedy < 0) continue;
        if (stated[remedy]) {
            yaml_error(l->doc, list->items[i], "\"%s\" stands here twice", names[remedy]);
            continue;
        }
        stated[remedy] = true;
        c->order[c->count++] = (enum remedy)remedy;
    }
    if (count == 0)
        yaml_error(l->doc, list, "nothing may be done: \"mode: advise\" says that plainer");
}
static void print_remedies(const struct policy *policy, FILE *out) {
    const struct eng_remedies *c = &policy->config.remedies;
    for (uint32_t k = 0; k < c->count; k++)
        fprintf(out, "%s%s", k ? ", " : "[", remedy_name(c->order[k]));
    fputc(']', out);
}
const struct policy_special policy_remedies = {read_remedies, print_remedies};

static const char *const *read_texts(struct policy_loader *l, struct yaml_node *list,
                                     uint32_t *count) {
    *count = yaml_count(l->doc, list);
    const char **texts = ARENA_NEW(l->doc->arena, const char *, *count);
    for (uint32_t i = 0; i < *count; i++) {
        texts[i] = yaml_text(l->doc, list->items[i], "");
        if (yaml_is_null(list->items[i]))
            yaml_error(l->doc, list->items[i], "expected a text, got nothing");
    }
    return texts;
}
static void print_texts(const char *const *texts, uint32_t count, FILE *out) {
    fputc('[', out);
    for (uint32_t i = 0; i < count; i++) {
        fputs(i ? ", " : "", out);
        policy_print_text(texts[i], out);
    }
    fputc(']', out);
}

static void read_rules(struct policy_loader *l, struct yaml_node *list) {
    l->policy->rules = read_texts(l, list, &l->policy->rule_count);
}
static void print_rules(const struct policy *policy, FILE *out) {
    print_texts(policy->rules, policy->rule_count, out);
}
const struct policy_special policy_rules = {read_rules, print_rules};

static void read_groups(struct policy_loader *l, struct yaml_node *mapping) {
    uint32_t count = yaml_pairs(l->doc, mapping);
    struct policy_group *groups = ARENA_NEW(l->doc->arena, struct policy_group, count);
    for (uint32_t i = 0; i < count; i++) {
        groups[i].name = mapping->keys[i]->text;
        groups[i].members = read_texts(l, mapping->items[i], &groups[i].count);
    }
    l->policy->groups = groups;
    l->policy->group_count = count;
}
static void print_groups(const struct policy *policy, FILE *out) {
    fputc('{', out);
    for (uint32_t i = 0; i < policy->group_count; i++) {
        fputs(i ? ", " : "", out);
        policy_print_text(policy->groups[i].name, out);
        fputs(": ", out);
        print_texts(policy->groups[i].members, policy->groups[i].count, out);
    }
    fputc('}', out);
}
const struct policy_special policy_groups = {read_groups, print_groups};

static void read_hours(struct policy_loader *l, struct yaml_node *list) {
    if (yaml_is_null(list)) return;
    int64_t *hours = l->policy->config.gates.risk_hour_ppm_by_hour;
    uint32_t count = yaml_count(l->doc, list);
    if (list->kind == YAML_SEQUENCE && count != 24)
        yaml_error(l->doc, list, "expected 24 shares, one an hour from 00:00 UTC, got %u", count);
    for (uint32_t i = 0; i < count && i < 24; i++)
        hours[i] = yaml_share(l->doc, list->items[i], 0, PPM_ONE, hours[i]);
}
static void print_hours(const struct policy *policy, FILE *out) {
    for (uint32_t i = 0; i < 24; i++) {
        char share[32];
        share_format(share, sizeof(share), policy->config.gates.risk_hour_ppm_by_hour[i]);
        fprintf(out, "%s%s", i ? ", " : "[", share);
    }
    fputc(']', out);
}
const struct policy_special policy_hours = {read_hours, print_hours};

static void read_stages(struct policy_loader *l, struct yaml_node *list) {
    if (yaml_is_null(list)) return;
    struct eng_canary *canary = &l->policy->config.canary;
    uint32_t count = yaml_count(l->doc, list);
    if (list->kind == YAML_SEQUENCE && (count < 1 || count > ARRAY_LEN(canary->stage)))
        yaml_error(l->doc, list, "expected 1 to %zu stages, got %u", ARRAY_LEN(canary->stage),
                   count);
    memset(canary->stage, 0, sizeof(canary->stage));
    canary->stage_count = 0;
    for (uint32_t i = 0; i < count && i < ARRAY_LEN(canary->stage); i++) {
        struct yaml_node *item = list->items[i];
        struct yaml_node *share = yaml_key(l->doc, item, "share");
        if ((item->kind == YAML_MAPPING || yaml_is_null(item)) && yaml_is_null(share))
            yaml_error(l->doc, item, "a stage needs a share, such as \"share: 10%%\"");
        canary->stage[i].share_ppm = yaml_share(l->doc, share, 1, PPM_ONE, PPM_ONE);
        canary->stage[i].soak_ns =
            yaml_duration(l->doc, yaml_key(l->doc, item, "soak"), 0, 24 * NS_PER_HOUR, 0);
        canary->stage[i].min_samples =
            yaml_int(l->doc, yaml_key(l->doc, item, "min_samples"), 0, 1000000000, 0);
        yaml_unknown_keys(l->doc, item, "a canary stage");
        canary->stage_count++;
    }
}
static void print_stages(const struct policy *policy, FILE *out) {
    const struct eng_canary *canary = &policy->config.canary;
    for (uint32_t i = 0; i < canary->stage_count; i++) {
        char share[32], soak[32];
        share_format(share, sizeof(share), canary->stage[i].share_ppm);
        duration_format(soak, sizeof(soak), canary->stage[i].soak_ns);
        fprintf(out, "%s{share: %s, soak: %s, min_samples: %lld}", i ? ", " : "[", share, soak,
                (long long)canary->stage[i].min_samples);
    }
    fputc(']', out);
}
const struct policy_special policy_stages = {read_stages, print_stages};

/* The engine's table is fixed. A file may state less of it, which changes nothing and is said. */
static void read_transitions_from(struct policy_loader *l, struct yaml_node *name,
                                  struct yaml_node *list, bool stated[STATE_COUNT]) {
    const char *states[STATE_COUNT];
    for (int i = 0; i < STATE_COUNT; i++) states[i] = state_name(i);
    int from = yaml_choice(l->doc, name, states, STATE_COUNT, -1);
    for (uint32_t i = 0, count = yaml_count(l->doc, list); i < count; i++) {
        int to = yaml_choice(l->doc, list->items[i], states, STATE_COUNT, -1);
        if (from < 0 || to < 0) continue;
        stated[to] = true;
        if (!state_may_follow((enum op_state)from, (enum op_state)to))
            yaml_error(l->doc, list->items[i], "the engine has no transition from %s to %s",
                       states[from], states[to]);
    }
    for (int to = 0; from >= 0 && to < STATE_COUNT; to++) {
        if (stated[to] || !state_may_follow((enum op_state)from, (enum op_state)to)) continue;
        diag_warning(l->doc->diags, l->doc->file, name->line, name->column,
                     "%s to %s is not listed; the engine's table is fixed and has it", states[from],
                     states[to]);
        return;
    }
}
static void read_transitions(struct policy_loader *l, struct yaml_node *mapping) {
    for (uint32_t i = 0, count = yaml_pairs(l->doc, mapping); i < count; i++) {
        bool stated[STATE_COUNT] = {false};
        read_transitions_from(l, mapping->keys[i], mapping->items[i], stated);
    }
}
static void print_transitions(const struct policy *policy, FILE *out) {
    (void)policy;
    fputc('{', out);
    for (int from = 0; from < STATE_COUNT; from++) {
        fprintf(out, "%s%s: [", from ? ", " : "", state_name(from));
        const char *comma = "";
        for (int to = 0; to < STATE_COUNT; to++) {
            if (!state_may_follow((enum op_state)from, (enum op_state)to)) continue;
            fprintf(out, "%s%s", comma, state_name(to));
            comma = ", ";
        }
        fputc(']', out);
    }
    fputc('}', out);
}
const struct policy_special policy_transitions = {read_transitions, print_transitions};
