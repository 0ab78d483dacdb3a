/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/invariants.h"
#include "sim/run/command.h"
#include "sim/run/files.h"

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
            struct file_source source = {arena, path, &diags};
            struct scn_files files = {&source, file_source_read, file_source_list};
            if (scn_load(arena, path, bytes, len, &files, NULL, &diags, &list, &loaded) &&
                loaded > 0)
                title = list[0].plan.title;
        }
        printf("%-28s %s\n", names[k], title);
    }
}

static void list_faults(void) {
    for (int k = 0; k < FAULT_COUNT; k++) {
        const struct fault_entry *entry = fault_entry((enum fault_kind)k);
        static const char *const values[] = {"share", "duration", "-"};
        printf("%-20s target: %-8s value: %-9s %s\n", entry->name,
               entry->target == FAULT_TARGET_SERVICE ? "service" : "link", values[entry->value],
               entry->meaning);
    }
}

static void list_invariants(void) {
    for (uint32_t k = 0; k < invariant_count; k++) {
        const struct invariant *i = &invariants[k];
        printf("%-24s %s\n", i->name, i->meaning);
    }
}

static void list_metrics(void) {
    for (int k = 0; k < QUERY_COUNT; k++) printf("%-18s %s\n", query_name(k), query_meaning(k));
}

static const struct option_spec options[] = {{NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    static const char *const kinds[] = {"scenarios",  "faults",   "invariants",
                                        "topologies", "policies", "metrics"};
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_list, argc, argv, &status)) return status;
    if (a.operand_count != 1) {
        command_help(&command_list, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    arena_open(&arena);
    const char *kind = a.operands[0];
    if (strcmp(kind, "scenarios") == 0)
        list_scenarios(&arena);
    else if (strcmp(kind, "faults") == 0)
        list_faults();
    else if (strcmp(kind, "invariants") == 0)
        list_invariants();
    else if (strcmp(kind, "topologies") == 0)
        list_names(&arena, "topology");
    else if (strcmp(kind, "policies") == 0)
        list_names(&arena, "policy");
    else if (strcmp(kind, "metrics") == 0)
        list_metrics();
    else {
        char shown[96];
        printable(shown, sizeof shown, kind, strlen(kind));
        const char *nearest = nearest_name(kind, strlen(kind), kinds, 6);
        fprintf(stderr, "firedrill list: nothing is called \"%s\"", shown);
        if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
        fputc('\n', stderr);
        status = STATUS_BAD_INPUT;
    }
    arena_close(&arena);
    return status;
}

const struct command command_list = {"list",
                                     "scenarios|faults|invariants|topologies|policies|metrics",
                                     "says what there is",
                                     "firedrill list faults",
                                     options,
                                     run};
