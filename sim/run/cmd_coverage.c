/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "sim/run/cover_file.h"
#include "sim/run/terminal.h"

#include <inttypes.h>
#include <sys/stat.h>

static const struct option_spec options[] = {
    {"all", NULL, "what was reached, too: in how many runs, and first by which seed"},
    {NULL, NULL, NULL}};

static void show_group(const struct cover_file *c, struct cover_group g, bool all) {
    char name[COVER_NAME];
    uint32_t reached = 0, possible = 0;
    for (uint32_t k = g.first; k < g.first + g.count; k++) {
        bool counts = cover_name(k, name);
        possible += counts;
        reached += counts && c->runs[k] > 0;
    }
    printf("%s: %u of %u reached (%s)\n", g.name, reached, possible, g.meaning);
    for (uint32_t k = g.first; all && k < g.first + g.count; k++)
        if (cover_name(k, name) && c->runs[k] > 0)
            printf("  %8" PRIu64 " runs, first seed %" PRIu64 ": %s\n", c->runs[k],
                   c->first_seed[k], name + strlen(g.name) + 1);
    if (reached == possible) return;
    int at = printf("  never: ");
    for (uint32_t k = g.first; k < g.first + g.count; k++) {
        if (!cover_name(k, name) || c->runs[k] > 0) continue;
        const char *item = name + strlen(g.name) + 1;
        int len = (int)strlen(item);
        if (at > 9 && at + len + 1 >= terminal_width(stdout)) at = printf("\n         ") - 1;
        at += printf("%s%s", at > 9 ? " " : "", item);
    }
    printf("\n");
}

static enum status run(int argc, char **argv) {
    static struct cover_file cover;
    struct arguments a;
    enum status status;
    struct diags diags = {0};
    struct stat there;
    if (!arguments_read(&a, &command_coverage, argc, argv, &status)) return status;
    if (a.operand_count != 1) {
        command_help(&command_coverage, stderr);
        return STATUS_BAD_INPUT;
    }
    char path[1024];
    snprintf(path, sizeof path, "%s/coverage.tsv", a.operands[0]);
    if (stat(path, &there) != 0) diag_error(&diags, path, 0, 0, "is not there: fuzz writes it");
    cover_file_open(&cover);
    if (diags.errors > 0 || !cover_file_read(&cover, a.operands[0], &diags))
        return bad_input(&diags);
    for (uint32_t g = 0; g < cover_group_count; g++)
        show_group(&cover, cover_group(g), argument(&a, "all") != NULL);
    printf("%u of %u reached\n", cover.reached, cover.possible);
    return STATUS_OK;
}

const struct command command_coverage = {"coverage",
                                         "DIR",
                                         "says what fuzzing reached, and what it never did",
                                         "firedrill coverage hunt",
                                         options,
                                         run};
