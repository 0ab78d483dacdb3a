/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H
/*
 * The scenario language: a YAML file becomes plans. A scenario states causes and expectations,
 * never outcomes. docs/SCENARIOS.md has every key with its unit and default.
 *
 * A file holds one scenario or several, as YAML documents, and is loaded all or not at all: each
 * name resolved, each default filled in, each figure in the kernel's units. Whatever cannot be run
 * or judged is an error with file, line, column, what was expected and the nearest known name;
 * errors inside a topology or policy name that file. Nothing is opened here: the caller hands in
 * the files that a scenario names.
 *
 * All that a plan was made from stands in plan.sources, whole, and scn_reload makes the same plan
 * of it: that is how a trace replays from itself. Edge code: never inside a run.
 */
#include "engine/policy/policy.h"
#include "scenarios/words/plan.h"

/* Where the files come from that a scenario names. kind: "topology", "policy", "rules",
 * "alertmanager" or "profile"; name: as written, a catalogue name such as "shop" or "fast", or a
 * path relative to the scenario's file. */
struct scn_files {
    void *context;
    /* Fills bytes and len, and name if messages should call the file otherwise; all of it belongs
     * to the callee and lives as long as the arena. False: no such file; bytes, unless NULL, is a
     * text that says why: "cannot be read: ...". */
    bool (*read)(void *context, const char *kind, const char *name, struct plan_source *out);
    /* The catalogue's names of that kind, for the nearest one; may be NULL. */
    const char *const *(*list)(void *context, const char *kind, uint32_t *count);
};

/* What the command line says instead of the file. */
struct scn_options {
    bool seed_given;
    uint64_t seed;
    const char *topology, *policy; /* names, or NULL */
    bool trace_requests;
    const char *without; /* a fault that never begins, "all" of them, or NULL */
    const char *set;     /* values of keys, "KEY=VALUE,..." (set.c), or NULL */
    const char *variant; /* of a scenario with a matrix this one alone; NULL: all */
    bool leave_out; /* a scenario with a role that nobody of its topology can play is no error: a
                       warning, and marked as uncast */
};

struct scenario {
    struct plan plan;
    struct policy policy; /* the file's, the scenario's overrides applied; its weekly windows laid
                             out over the run; its graph is left to whoever builds the engine */
    const char *topology_name, *policy_name; /* as written, or the option */
    const char *variant;                     /* which of its matrix; NULL: it has none */
    bool uncast;              /* asked for by leave_out: a role has nobody, and it cannot be run */
    const char *const *rules; /* names of rule files; their bytes are sources */
    uint32_t rule_count;
};

/* Loads every scenario of a file into the arena, which has to outlive them, as has text. False, and
 * nothing in the list, if any error was reported. options may be NULL. */
bool scn_load(struct arena *arena, const char *file, const char *text, size_t len,
              const struct scn_files *files, const struct scn_options *options, struct diags *diags,
              struct scenario **out_list, uint32_t *out_count) MUST_CHECK;

/* Where a policy's document names that rules file, under detection.rules; NULL: nowhere. */
const struct yaml_node *scn_rules_place(struct yaml_doc *doc, struct yaml_node *policy,
                                        const char *rules);

/* The scenario that was made from these sources, options included. */
bool scn_reload(struct arena *arena, const struct plan_source *sources, uint32_t count,
                struct diags *diags, struct scenario **out) MUST_CHECK;

/* The same scenario with this seed, as if the command line had said so. */
bool scn_reseed(struct arena *arena, const struct scenario *scenario, uint64_t seed,
                struct diags *diags, struct scenario **out) MUST_CHECK;

/* A digest of the sources' bytes and of every resolved value: equal plans have equal ones. */
uint64_t scn_plan_digest(const struct scenario *scenario);

#endif
