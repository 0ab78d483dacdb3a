/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's command as a cause: who, what, of which operation or lock, to whom, and why. */
#include "scenarios/loading.h"

static uint32_t person_named(struct scn_loading *l, struct yaml_node *node) {
    const struct plan *plan = l->plan;
    const char *name = yaml_text(l->doc, node, NULL);
    const char **names = ARENA_NEW(l->arena, const char *, plan->person_count);
    if (!name) return 0;
    for (uint32_t i = 0; i < plan->person_count; i++) {
        names[i] = plan->people[i].name;
        if (strcmp(names[i], name) == 0) return i;
    }
    scn_unknown(l, node, "person", names, plan->person_count);
    return 0;
}

static uint32_t engine_named(struct scn_loading *l, struct yaml_node *node) {
    const struct plan *plan = l->plan;
    const char *names[SCN_ENGINES_MAX];
    if (yaml_is_null(node)) return NONE_ID;
    for (uint32_t i = 0; i < plan->engine_count; i++) names[i] = plan->engines[i].name;
    int i = yaml_choice(l->doc, node, names, plan->engine_count, -1);
    return i < 0 ? NONE_ID : (uint32_t)i;
}

/* The red button and the mode are an engine's; all else is about a service. */
static bool has_target(enum command_kind kind) {
    return kind != COMMAND_FREEZE && kind != COMMAND_UNFREEZE && kind != COMMAND_SET_MODE;
}

void scn_read_command(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    struct plan_command *c = &f->command;
    struct yaml_node *command = scn_required(l, node, "command", "a command");
    int kind = scn_word(l, command, command_name, COMMAND_COUNT, -1);
    c->person = person_named(l, scn_required(l, node, "by", "a command"));
    c->engine = engine_named(l, yaml_key(l->doc, node, "engine"));
    c->severity = (enum severity)scn_word(l, yaml_key(l->doc, node, "severity"), severity_name,
                                          SEVERITY_COUNT, SEVERITY_WARNING);
    c->reason = scn_text(l, yaml_key(l->doc, node, "reason"), SCN_TEXT_BYTES, "");
    if (kind < 0) return; /* told; what else a command has follows from its kind */
    c->kind = (enum command_kind)kind;
    f->value = kind;
    if (has_target(c->kind))
        f->service = scn_service(l, scn_required(l, node, "target", "this command"));
    if (c->kind == COMMAND_SET_MODE)
        c->mode = (enum mode)scn_word(l, scn_required(l, node, "mode", "this command"), mode_name,
                                      MODE_COUNT, MODE_ACT);
}
