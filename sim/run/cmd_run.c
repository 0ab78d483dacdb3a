/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/campaign.h"

static const struct option_spec options[] = {
    CAMPAIGN_OPTIONS, {"trace", "FILE", "write the trace here; one run only"}, {NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_run, argc, argv, &status)) return status;
    if (a.operand_count == 0) {
        command_help(&command_run, stderr);
        return STATUS_BAD_INPUT;
    }
    struct campaign c;
    campaign_open(&c, &a);
    for (uint32_t k = 0; k < a.operand_count && status == STATUS_OK; k++)
        status = campaign_add(&c, a.operands[k], NULL);
    if (status == STATUS_OK && argument(&a, "trace") && c.job_count != 1) {
        fprintf(stderr, "firedrill run: --trace is for one run, this makes %u\n", c.job_count);
        status = STATUS_BAD_INPUT;
    }
    if (status == STATUS_OK) status = campaign_run(&c, argument(&a, "trace"));
    campaign_close(&c);
    return status;
}

const struct command command_run = {"run",
                                    "FILE|NAME...",
                                    "runs scenarios and judges them",
                                    "firedrill run 01_high_error_rate --seed 7 --timeline",
                                    options,
                                    run};
