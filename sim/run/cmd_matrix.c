/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/campaign.h"
#include "sim/run/loading.h"

#include <stdlib.h>

/* The rows of scenarios/core: files whose names begin with their number. */

static const struct option_spec options[] = {
    {"only", "N,N...", "only these rows"}, CAMPAIGN_OPTIONS, {NULL, NULL, NULL}};

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
            if (number >= 0 && end != at && scenario_row(names[k]) == number) known = true;
        if (!known || (*end != ',' && *end != '\0')) {
            char shown[96];
            printable(shown, sizeof shown, only, strlen(only));
            fprintf(
                stderr,
                "firedrill matrix: --only: expected numbers of rows such as 1,7, got \"%s\"; rows:",
                shown);
            for (uint32_t k = 0; k < count; k++)
                if (scenario_row(names[k]) >= 0) fprintf(stderr, " %ld", scenario_row(names[k]));
            fputc('\n', stderr);
            return false;
        }
        at = *end == ',' ? end + 1 : end;
    }
    return true;
}

/* ---- --without ---- */

#define FAULTS_MAX 1024
struct faults { /* of all rows that were looked at */
    const char *names[FAULTS_MAX];
    uint32_t count, rows_without; /* rows_without: that have none of the name asked for */
};

/* Whether a row has a fault to take out. One that does not load is left to whoever runs it. */
static bool has_fault(struct arena *arena, const char *row, const char *without,
                      struct faults *seen) {
    struct diags diags = {0};
    const char *path, *bytes;
    size_t len;
    struct scenario *list;
    uint32_t count;
    if (!scenario_file(arena, row, &path, &bytes, &len, &diags) ||
        !scenarios_load(arena, path, bytes, len, NULL, &diags, &list, &count))
        return true;
    bool has = false;
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t f = 0; f < list[k].plan.fault_count; f++) {
            const char *name = list[k].plan.faults[f].name;
            if (strcmp(name, without) == 0) has = true;
            if (seen->count < FAULTS_MAX) seen->names[seen->count++] = name;
        }
    return has;
}

/* A fault that only some rows have is taken out of those, and they alone are run. */
static enum status say_skipped(const struct faults *seen, const char *without, uint32_t jobs) {
    char shown[96];
    if (seen->rows_without == 0) return STATUS_OK;
    printable(shown, sizeof shown, without, strlen(without));
    if (jobs > 0) {
        fprintf(stderr, "firedrill matrix: %u rows have no fault \"%s\" and are left out\n",
                seen->rows_without, shown);
        return STATUS_OK;
    }
    const char *nearest = nearest_name(without, strlen(without), seen->names, seen->count);
    fprintf(stderr, "firedrill matrix: --without: no row has a fault \"%s\"", shown);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fputc('\n', stderr);
    return STATUS_BAD_INPUT;
}

/* ---- rows ---- */

static enum status add_rows(struct campaign *c, const char *topology, struct faults *seen) {
    const char *only = argument(c->arguments, "only"), *without = argument(c->arguments, "without");
    const char *const *names;
    uint32_t count = file_list(&c->arena, "scenario", &names);
    if (only && !only_is_known(only, names, count)) return STATUS_BAD_INPUT;
    bool some = without && strcmp(without, "all") != 0;
    enum status status = STATUS_OK;
    for (uint32_t k = 0; k < count && status == STATUS_OK; k++) {
        long row = scenario_row(names[k]);
        if (row < 0 || (only && !wanted(only, row))) continue;
        if (some && !has_fault(&c->arena, names[k], without, seen))
            seen->rows_without++;
        else
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
    struct faults seen = {.count = 0};
    campaign_open(&c, &a);
    c.leave_out = true;
    const char *topology = argument(&a, "topology");
    if (topology && strcmp(topology, "all") == 0) {
        const char *const *names;
        uint32_t count = file_list(&c.arena, "topology", &names);
        for (uint32_t k = 0; k < count && status == STATUS_OK; k++)
            status = add_rows(&c, names[k], &seen);
    } else
        status = add_rows(&c, NULL, &seen);
    if (status == STATUS_OK) status = say_skipped(&seen, argument(&a, "without"), c.job_count);
    if (status == STATUS_OK && c.job_count == 0 && c.left_out_count > 0)
        fprintf(stderr, "firedrill matrix: nothing is left to run: no row can be cast\n");
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
