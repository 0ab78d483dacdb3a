/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/campaign.h"
#include "sim/run/files.h"

#include <stdlib.h>

/* The rows of scenarios/core: files whose names begin with their number. */

static const struct option_spec options[] = {
    {"only", "N,N...", "only these rows"}, CAMPAIGN_OPTIONS, {NULL, NULL, NULL}};

/* The row's number, or -1: files without one belong to no row. */
static long row_of(const char *name) {
    char *end;
    long row = strtol(name, &end, 10);
    return end != name && *end == '_' ? row : -1;
}

static bool wanted(const char *only, long row) {
    while (only && *only) {
        char *end;
        long number = strtol(only, &end, 10);
        if (end != only && number == row) return true;
        only = *end == ',' ? end + 1 : "";
        if (end == only) return false;
    }
    return false;
}

/* Each number of --only must be a row that exists. */
static bool only_is_known(const char *only, const char *const *names, uint32_t count) {
    const char *at = only;
    while (*at) {
        char *end;
        long number = strtol(at, &end, 10);
        bool known = false;
        for (uint32_t k = 0; k < count; k++)
            if (end != at && row_of(names[k]) == number) known = true;
        if (!known || (*end != ',' && *end != '\0')) {
            char shown[96];
            printable(shown, sizeof shown, only, strlen(only));
            fprintf(
                stderr,
                "firedrill matrix: --only: expected numbers of rows such as 1,7, got \"%s\"; rows:",
                shown);
            for (uint32_t k = 0; k < count; k++)
                if (row_of(names[k]) >= 0) fprintf(stderr, " %ld", row_of(names[k]));
            fputc('\n', stderr);
            return false;
        }
        at = *end == ',' ? end + 1 : end;
    }
    return true;
}

static enum status add_rows(struct campaign *c, const char *only, const char *topology) {
    const char *const *names;
    uint32_t count = file_list(&c->arena, "scenario", &names);
    if (only && !only_is_known(only, names, count)) return STATUS_BAD_INPUT;
    enum status status = STATUS_OK;
    for (uint32_t k = 0; k < count && status == STATUS_OK; k++) {
        long row = row_of(names[k]);
        if (row < 0 || (only && !wanted(only, row))) continue;
        status = campaign_add(c, names[k], topology);
    }
    return status;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_matrix, argc, argv, &status)) return status;
    if (a.operand_count > 0) {
        command_help(&command_matrix, stderr);
        return STATUS_BAD_INPUT;
    }
    struct campaign c;
    campaign_open(&c, &a);
    const char *topology = argument(&a, "topology");
    if (topology && strcmp(topology, "all") == 0) {
        const char *const *names;
        uint32_t count = file_list(&c.arena, "topology", &names);
        for (uint32_t k = 0; k < count && status == STATUS_OK; k++)
            status = add_rows(&c, argument(&a, "only"), names[k]);
    } else
        status = add_rows(&c, argument(&a, "only"), NULL);
    if (status == STATUS_OK) status = campaign_run(&c, NULL);
    campaign_close(&c);
    return status;
}

const struct command command_matrix = {"matrix",
                                       "",
                                       "replays the failure-injection matrix and judges it",
                                       "firedrill matrix --only 1,7 --topology online-boutique",
                                       options,
                                       run};
