/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/manual.h"

#include "reports/judge/trace_reader.h"
#include "reports/mttr.h"
#include "sim/run/command.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const struct manual_step manual_steps[MANUAL_STEPS] = {
    {"detect", MANUAL_DETECT_NS},
    {"analyse", MANUAL_DETECT_NS + MANUAL_ANALYSE_NS},
    {"develop", MANUAL_DETECT_NS + MANUAL_ANALYSE_NS + MANUAL_DEVELOP_NS},
    {"deploy and verify", MANUAL_NS}};

const struct manual_step *manual_step_at(time_ns since_onset) {
    const struct manual_step *step = manual_steps;
    while (step < manual_steps + MANUAL_STEPS - 1 && since_onset >= step->ends) step++;
    return step;
}

/* The scenario with people in place of the engine: the fault stands until they are done. */
static struct scenario by_hand(const struct scenario *scenario, struct plan_fault *faults,
                               uint32_t fault) {
    struct scenario s = *scenario;
    memcpy(faults, s.plan.faults, s.plan.fault_count * sizeof *faults);
    faults[fault].lasts_ns = MANUAL_NS;
    s.plan.faults = faults;
    s.plan.duration_ns = time_add(faults[fault].at, MANUAL_NS + NS_PER_S);
    s.policy.config.mode = MODE_OBSERVE;
    return s;
}

/* Truth comes a second at a time, at the second's end. */
static bool count_failed(const struct bytes *trace, const struct plan_fault *fault,
                         struct manual_result *result) {
    struct trace_reader reader;
    struct trace_record record;
    enum trace_read got;
    *result = (struct manual_result){0};
    trace_reader_open(&reader, trace->bytes, trace->len);
    while ((got = trace_next(&reader, &record)) == TRACE_RECORD) {
        if (record.kind != REC_truth || !ID_EQ(record.truth.service, fault->service)) continue;
        time_ns since = record.at - fault->at;
        for (int k = 0; k < MANUAL_STEPS; k++)
            if (since > 0 && since <= manual_steps[k].ends)
                result->failed[k] += record.truth.failed;
    }
    return got == TRACE_DONE;
}

static enum status run_by_hand(const struct scenario *scenario, uint32_t fault,
                               struct manual_result *result) {
    struct plan_fault *faults = calloc(scenario->plan.fault_count, sizeof *faults);
    if (!faults) return STATUS_BUG;
    struct scenario s = by_hand(scenario, faults, fault);
    struct bytes trace = {0};
    struct diags diags = {0};
    struct run_result run;
    enum status status = STATUS_OK;
    if (!run_scenario(&s, bytes_sink, &trace, &run, &diags))
        status = bad_input(&diags);
    else if (!count_failed(&trace, &faults[fault], result))
        status = STATUS_BUG;
    bytes_free(&trace);
    free(faults);
    return status;
}

bool manual_begin(struct manual *m, const struct scenario *scenario, uint32_t fault) {
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0 || (m->process = fork()) < 0) {
        perror("firedrill demo: the process by hand cannot be started");
        return false;
    }
    if (m->process == 0) {
        struct manual_result result;
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* however its parent ends */
        close(ends[0]);
        enum status status = run_by_hand(scenario, fault, &result);
        if (status == STATUS_OK && write(ends[1], &result, sizeof result) != sizeof result)
            status = STATUS_BUG;
        _exit((int)status);
    }
    close(ends[1]);
    m->pipe = ends[0];
    return true;
}

bool manual_end(struct manual *m, struct manual_result *result) {
    return read(m->pipe, result, sizeof *result) == (ssize_t)sizeof *result;
}

void manual_stop(struct manual *m) {
    close(m->pipe);
    kill(m->process, SIGKILL); /* it holds nothing that outlives it */
    while (waitpid(m->process, NULL, 0) < 0 && errno == EINTR)
        ;
}
