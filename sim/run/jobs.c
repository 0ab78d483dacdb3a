/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/jobs.h"

#include "sim/run/files.h"
#include "sim/run/terminal.h"
#include "sim/run/workers.h"

#include <unistd.h>

static void file_sink(void *context, const void *bytes, size_t len) {
    struct file_out *out = context;
    fwrite(bytes, 1, len, out->stream); /* an error is seen when the file is committed */
}

struct jobs {
    struct job *list;
    uint32_t count;
};

static enum status run_job(void *context, uint64_t unit, struct bytes *answer) {
    const struct jobs *jobs = context;
    const struct job *job = &jobs->list[unit];
    struct run_result result;
    struct diags diags = {0};
    struct file_out out;
    (void)answer; /* the trace is the answer */
    bool good = file_begin(&out, job->trace, &diags);
    if (good) {
        good = run_scenario(job->scenario, file_sink, &out, &result, &diags);
        if (good)
            good = file_commit(&out, &diags);
        else
            file_abandon(&out);
    }
    diag_print(&diags, stderr);
    return good ? STATUS_OK : STATUS_BAD_INPUT;
}

static bool job_done(void *context, uint64_t unit, const struct worked *worked) {
    const struct jobs *jobs = context;
    struct job *job = &jobs->list[unit];
    job->status = worked->status;
    if (job->status == STATUS_BUG) {
        char half[560];
        file_beside(half, sizeof half, job->trace, (long)worked->process);
        unlink(half);
    }
    progress("%llu of %u runs done", (unsigned long long)unit + 1, jobs->count);
    return true;
}

void jobs_run(struct job *jobs, uint32_t count, uint32_t at_once) {
    struct jobs all = {jobs, count};
    struct work work = {&all, count, at_once, run_job, job_done};
    (void)work_run(&work); /* no job ends it */
    progress_clear();
}
