/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may command, and who may approve: human_override.teams is TEAM: [ROLE, ...], where "*" stands
 * for any; an approver is a team, a role, or TEAM/ROLE.
 */
#include "engine/policy/policy_table.h"
#include "engine/base/text.h"

static const struct eng_grant anybody_on_call[] = {
    {NULL, "on-call"}, {NULL, "lead"}, {NULL, "manager"}};

void policy_default_people(struct eng_human *human) {
    human->teams = (struct eng_grants){ARRAY_LEN(anybody_on_call), anybody_on_call};
}

static const char *any_or(const char *name) { return strcmp(name, "*") == 0 ? NULL : name; }

/* A name crosses the engine's boundary as a text. NULL, with a message, when it is none. */
static const char *read_name(struct policy_loader *l, struct yaml_node *node, const char *what) {
    const char *text = yaml_text(l->doc, node, NULL);
    if (text && *text && strlen(text) < TEXT_MAX) return text;
    if (!node || node->kind == YAML_SCALAR)
        yaml_error(l->doc, node, "expected the name of a %s, of 1 to %d bytes", what, TEXT_MAX - 1);
    return NULL;
}

static void read_teams(struct policy_loader *l, struct yaml_node *mapping) {
    if (yaml_is_null(mapping)) return;
    uint32_t teams = yaml_pairs(l->doc, mapping), count = 0, most = 0;
    for (uint32_t t = 0; t < teams; t++) most += yaml_count(l->doc, mapping->items[t]);
    struct eng_grant *grants = ARENA_NEW(l->doc->arena, struct eng_grant, most);
    for (uint32_t t = 0; t < teams; t++) {
        struct yaml_node *roles = mapping->items[t];
        for (uint32_t r = 0; roles->kind == YAML_SEQUENCE && r < roles->count; r++) {
            const char *role = read_name(l, roles->items[r], "role");
            if (role)
                grants[count++] = (struct eng_grant){any_or(mapping->keys[t]->text), any_or(role)};
        }
    }
    l->policy->config.human.teams = (struct eng_grants){count, grants};
    if (most == 0)
        yaml_error(l->doc, mapping, "nobody could resume, cancel or freeze anything: name a team");
}

static void print_name(FILE *out, const char *name) { policy_print_text(name ? name : "*", out); }

static void print_teams(const struct policy *policy, FILE *out) {
    const struct eng_grants *teams = &policy->config.human.teams;
    fputc('{', out);
    for (uint32_t i = 0; i < teams->count; i++) {
        const struct eng_grant *g = &teams->list[i];
        const struct eng_grant *former = i > 0 ? g - 1 : NULL;
        bool same = former && (former->team == g->team ||
                               (former->team && g->team && strcmp(former->team, g->team) == 0));
        if (!same) {
            if (former) fputs("], ", out);
            print_name(out, g->team);
            fputs(": [", out);
        } else
            fputs(", ", out);
        print_name(out, g->role);
    }
    fputs(teams->count ? "]}" : "}", out);
}
const struct policy_special policy_teams = {read_teams, print_teams};

/* One name alone may be a team's or a role's: whoever bears it in either way approves. */
static void read_approvers(struct policy_loader *l, struct yaml_node *list,
                           struct eng_grants *out) {
    if (yaml_is_null(list)) return;
    uint32_t stated = yaml_count(l->doc, list), count = 0;
    struct eng_grant *grants = ARENA_NEW(l->doc->arena, struct eng_grant, 2 * stated);
    for (uint32_t i = 0; i < stated; i++) {
        const char *name = read_name(l, list->items[i], "team or role");
        const char *slash = name ? strchr(name, '/') : NULL;
        if (!name) continue;
        if (slash) {
            const char *team = arena_text(l->doc->arena, name, (size_t)(slash - name));
            grants[count++] = (struct eng_grant){any_or(team), any_or(slash + 1)};
            continue;
        }
        grants[count++] = (struct eng_grant){any_or(name), NULL};
        grants[count++] = (struct eng_grant){NULL, any_or(name)};
    }
    *out = (struct eng_grants){count, grants};
}

static void print_approvers(const struct eng_grants *approvers, FILE *out) {
    const char *comma = "";
    fputc('[', out);
    for (uint32_t i = 0; i < approvers->count; i++) {
        const struct eng_grant *g = &approvers->list[i];
        if (!g->team && g->role && i > 0 && approvers->list[i - 1].team == g->role) continue;
        fputs(comma, out);
        char name[2 * TEXT_MAX + 4];
        snprintf(name, sizeof(name), "%s%s%s", g->team ? g->team : "*", g->role ? "/" : "",
                 g->role ? g->role : "");
        policy_print_text(name, out);
        comma = ", ";
    }
    fputc(']', out);
}

#define LEVEL(n)                                                                                   \
    static void read_level_##n(struct policy_loader *l, struct yaml_node *list) {                  \
        read_approvers(l, list, &l->policy->config.human.approvers[n - 1]);                        \
    }                                                                                              \
    static void print_level_##n(const struct policy *policy, FILE *out) {                          \
        print_approvers(&policy->config.human.approvers[n - 1], out);                              \
    }                                                                                              \
    const struct policy_special policy_approvers_##n = {read_level_##n, print_level_##n};
LEVEL(1)
LEVEL(2)
LEVEL(3)
LEVEL(4)
