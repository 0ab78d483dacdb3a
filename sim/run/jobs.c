/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/jobs.h"

#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/terminal.h"
#include "sim/run/workers.h"

struct jobs {
    struct job *list;
    uint32_t count;
};

static enum status run_job(void *context, uint64_t unit, struct bytes *answer) {
    const struct jobs *jobs = context;
    struct run_result result;
    struct diags diags = {0};
    if (run_scenario(jobs->list[unit].scenario, bytes_sink, answer, &result, &diags))
        return STATUS_OK;
    return bad_input(&diags);
}

enum status job_write(const struct job *job, const char *path) {
    struct diags diags = {0};
    struct file_out out;
    if (!file_begin(&out, path, &diags)) return bad_input(&diags);
    fwrite(job->trace.bytes, 1, job->trace.len, out.stream);
    return file_commit(&out, &diags) ? STATUS_OK : bad_input(&diags);
}

static bool job_done(void *context, uint64_t unit, const struct worked *worked) {
    const struct jobs *jobs = context;
    struct job *job = &jobs->list[unit];
    job->status = worked->status;
    if (job->status == STATUS_OK) {
        bytes_sink(&job->trace, worked->answer.bytes, worked->answer.len);
        if (job->path[0]) job->status = job_write(job, job->path);
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
