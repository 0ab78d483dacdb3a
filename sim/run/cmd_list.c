/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/invariants.h"
#include "sim/run/command.h"
#include "sim/run/loading.h"
#include "sim/run/terminal.h"

/* A name, padded to its column, and what it is beneath a column of its own. */
static void list_line(const char *name, int column, const char *meaning) {
    print_wrapped(stdout, printf("%-*s ", column - 1, name), column, meaning);
}

static void list_names(struct arena *arena, const char *kind) {
    const char *const *names;
    uint32_t count = file_list(arena, kind, &names);
    for (uint32_t k = 0; k < count; k++) puts(names[k]);
}

/* A scenario with its title; one that does not load is listed without. */
static void list_scenarios(struct arena *arena) {
    const char *const *names;
    uint32_t count = file_list(arena, "scenario", &names);
    for (uint32_t k = 0; k < count; k++) {
        struct diags diags = {0};
        const char *path, *suggestion, *bytes, *title = "";
        size_t len;
        struct scenario *list;
        uint32_t loaded;
        if (file_find(arena, "scenario", names[k], NULL, &path, &suggestion) &&
            file_read(arena, path, &bytes, &len, &diags)) {
            if (scenarios_load(arena, path, bytes, len, NULL, &diags, &list, &loaded) && loaded > 0)
                title = list[0].plan.title;
        }
        list_line(names[k], 29, title);
    }
}

static void list_faults(struct arena *arena) {
    (void)arena;
    for (int k = 0; k < FAULT_COUNT; k++) {
        const struct fault_entry *entry = fault_entry((enum fault_kind)k);
        static const char *const targets[] = {"service", "link",    "lock",    "pods",
                                              "feed",    "-",       "engine",  "node",
                                              "command", "rollout", "machine", "part"};
        static const char *const values[] = {"share", "duration", "-",   "count",
                                             "count", "offset",   "ppm", "factor"};
        char left[64];
        snprintf(left, sizeof left, "%-20s target: %-8s value: %-9s", entry->name,
                 targets[entry->target], values[entry->value]);
        list_line(left, 55, entry->meaning);
    }
}

static void list_invariants(struct arena *arena) {
    (void)arena;
    for (uint32_t k = 0; k < invariant_count; k++)
        list_line(invariants[k].name, 29, invariants[k].meaning);
}

static void list_metrics(struct arena *arena) {
    (void)arena;
    for (int k = 0; k < QUERY_COUNT; k++) list_line(query_name(k), 19, query_meaning(k));
}

/* The tables that writer and reader are made of, for people. */
#define F(name, type) " " #name ":" #type
static void list_records(struct arena *arena) {
    (void)arena;
    static const char *const lines[][2] = {
#define RECORD(name, meaning, fields) {#name, meaning ";" fields},
#include "scenarios/words/record.def"
#undef RECORD
    };
    for (size_t k = 0; k < ARRAY_LEN(lines); k++) list_line(lines[k][0], 19, lines[k][1]);
}
static void list_inputs(struct arena *arena) {
    (void)arena;
    static const char *const lines[][2] = {
#define INPUT(name, meaning, fields) {#name, meaning ";" fields},
#include "engine/words/input.def"
#undef INPUT
    };
    for (size_t k = 0; k < ARRAY_LEN(lines); k++) list_line(lines[k][0], 19, lines[k][1]);
}
static void list_effects(struct arena *arena) {
    (void)arena;
    static const char *const lines[][2] = {
#define EFFECT(name, meaning, fields) {#name, meaning ";" fields},
#include "engine/words/effect.def"
#undef EFFECT
    };
    for (size_t k = 0; k < ARRAY_LEN(lines); k++) list_line(lines[k][0], 19, lines[k][1]);
}
#undef F

static const struct option_spec options[] = {{NULL, NULL, NULL}};

static void list_topologies(struct arena *arena) { list_names(arena, "topology"); }
static void list_policies(struct arena *arena) { list_names(arena, "policy"); }

static const char *const kinds[] = {"scenarios", "faults",  "invariants", "topologies", "policies",
                                    "metrics",   "records", "inputs",     "effects"};
static void (*const lists[])(struct arena *arena) = {
    list_scenarios, list_faults,  list_invariants, list_topologies, list_policies,
    list_metrics,   list_records, list_inputs,     list_effects};

static enum status unknown_kind(const char *kind) {
    char shown[96];
    printable(shown, sizeof shown, kind, strlen(kind));
    const char *nearest = nearest_name(kind, strlen(kind), kinds, ARRAY_LEN(kinds));
    fprintf(stderr, "firedrill list: nothing is called \"%s\"", shown);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fputc('\n', stderr);
    return STATUS_BAD_INPUT;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_list, argc, argv, &status)) return status;
    if (a.operand_count != 1) {
        command_help(&command_list, stderr);
        return STATUS_BAD_INPUT;
    }
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        if (strcmp(kinds[k], a.operands[0]) != 0) continue;
        struct arena arena;
        arena_open(&arena);
        lists[k](&arena);
        arena_close(&arena);
        return STATUS_OK;
    }
    return unknown_kind(a.operands[0]);
}

const struct command command_list = {
    "list",
    "KIND",
    "says what there is of a kind: scenarios, faults, invariants, topologies, policies, metrics, "
    "records, inputs, effects",
    "firedrill list faults",
    options,
    run};
