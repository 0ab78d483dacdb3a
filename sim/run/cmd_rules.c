/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/arena.h"
#include "sim/run/caret.h"
#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/rules_check.h"
#include "sim/run/rules_test.h"
#include <glob.h>
#include <stdlib.h>

#define RULE_FILES_MAX 512

/* ---- test ---- */

struct rule_set {
    struct rule_file files[RULE_FILES_MAX];
    uint32_t count;
};

static bool add_file(struct arena *arena, struct rule_set *set, const char *path,
                     struct diags *diags) {
    if (set->count == RULE_FILES_MAX) {
        diag_error(diags, path, 0, 0, "more than %d rule files", RULE_FILES_MAX);
        return false;
    }
    struct rule_file *file = &set->files[set->count++];
    file->path = arena_text(arena, path, strlen(path));
    return file_read(arena, file->path, &file->bytes, &file->len, diags);
}

/* Patterns stand relative to the file of tests; one that matches nothing is taken as it stands, so
 * that the file it means is said to be missing. */
static bool add_files(struct arena *arena, struct rule_set *set, const char *from,
                      const char *pattern, struct diags *diags) {
    char path[1024];
    const char *slash = strrchr(from, '/');
    int folder = slash && pattern[0] != '/' ? (int)(slash - from) + 1 : 0;
    snprintf(path, sizeof path, "%.*s%s", folder, from, pattern);
    glob_t found;
    if (glob(path, GLOB_NOCHECK, NULL, &found) != 0) return add_file(arena, set, path, diags);
    bool good = true;
    for (size_t i = 0; i < found.gl_pathc && good; i++)
        good = add_file(arena, set, found.gl_pathv[i], diags);
    globfree(&found);
    return good;
}

/* Diagnostics are of the file of tests or of a rule file. */
static void print_diags(const struct diags *diags, const char *file, const char *bytes,
                        const struct rule_set *set) {
    for (uint32_t i = 0; i < diags->count; i++) {
        struct diags one = {.count = 1, .list = {diags->list[i]}};
        const struct rule_file *of = NULL;
        for (uint32_t f = 0; f < set->count; f++)
            if (strcmp(set->files[f].path, diags->list[i].file) == 0) of = &set->files[f];
        if (of && of->bytes)
            diag_print_source(&one, of->path, of->bytes, stderr);
        else
            diag_print_source(&one, file, bytes, stderr);
    }
}

/* The tests' findings go to memory first, so that the verdict stands above them. */
static enum status run_tests(const struct suite *suite, const struct rule_set *set,
                             uint32_t version, struct diags *diags) {
    char *found = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&found, &size);
    int32_t failed = out ? 0 : -1;
    for (uint32_t t = 0; t < suite->test_count && failed >= 0; t++) {
        int32_t more =
            rules_test_run(suite, &suite->tests[t], set->files, set->count, version, out, diags);
        failed = more < 0 ? -1 : failed + more;
    }
    if (out) fclose(out);
    fputs(failed == 0 ? "  SUCCESS\n\n" : "  FAILED:\n", stdout);
    if (failed > 0) fputs(found, stdout);
    free(found);
    return failed < 0 ? STATUS_BAD_INPUT : failed > 0 ? STATUS_FAILED : STATUS_OK;
}

static enum status test_file(struct arena *arena, const char *file, uint32_t version) {
    const char *bytes = "";
    size_t len = 0;
    struct diags diags = {0};
    struct suite suite;
    struct rule_set *set = ARENA_NEW(arena, struct rule_set, 1);
    printf("Unit Testing:  %s\n", file);
    bool good = file_read(arena, file, &bytes, &len, &diags) &&
                suite_read(&suite, arena, file, bytes, len, &diags);
    for (uint32_t i = 0; good && i < suite.rule_file_count; i++)
        good = add_files(arena, set, file, suite.rule_files[i], &diags);
    enum status status = STATUS_BAD_INPUT;
    if (good)
        status = run_tests(&suite, set, version, &diags);
    else
        printf("  FAILED:\n");
    fflush(stdout);
    print_diags(&diags, file, bytes, set);
    return status;
}

static enum status test(const struct arguments *a, uint32_t version) {
    enum status status = STATUS_OK;
    for (uint32_t i = 1; i < a->operand_count; i++) {
        struct arena arena;
        arena_open(&arena);
        status = status_worse(status, test_file(&arena, a->operands[i], version));
        arena_close(&arena);
    }
    return status;
}

/* ---- the command ---- */

static const struct option_spec options[] = {
    {"windows", "VERSION",
     "test: Prometheus' whose semantics: 3 (the newest; the default), 2, or one like 2.53"},
    {"json", NULL, "check: what was found as JSON, instead of text"},
    {NULL, NULL, NULL}};

static enum status check(const struct arguments *a) {
    return (argument(a, "json") ? rule_files_check_json : rule_files_check)(a->operands + 1,
                                                                            a->operand_count - 1);
}

static enum status run(int argc, char **argv) {
    static const char *const words[] = {"check", "test"};
    struct arguments a;
    enum status status;
    uint32_t version;
    if (!arguments_read(&a, &command_rules, argc, argv, &status)) return status;
    if (!argument_prom_version(&a, &version)) return STATUS_BAD_INPUT;
    if (a.operand_count < 2) {
        command_help(&command_rules, stderr);
        return STATUS_BAD_INPUT;
    }
    if (strcmp(a.operands[0], "check") == 0) return check(&a);
    if (strcmp(a.operands[0], "test") == 0 && argument(&a, "json")) {
        fputs("firedrill rules: --json is of check\n", stderr);
        return STATUS_BAD_INPUT;
    }
    if (strcmp(a.operands[0], "test") == 0) return test(&a, version);
    char shown[96];
    printable(shown, sizeof shown, a.operands[0], strlen(a.operands[0]));
    const char *nearest =
        nearest_name(a.operands[0], strlen(a.operands[0]), words, ARRAY_LEN(words));
    fprintf(stderr, "firedrill rules: expected check or test, got \"%s\"%s%s%s\n", shown,
            nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    return STATUS_BAD_INPUT;
}

const struct command command_rules = {
    "rules",
    "check|test FILE...",
    "checks rule files, and runs unit tests of rules in promtool's format",
    "firedrill rules check rules/default.yaml",
    options,
    run};
