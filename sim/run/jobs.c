/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/jobs.h"

#include "sim/run/files.h"
#include "sim/run/terminal.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void file_sink(void *context, const void *bytes, size_t len) {
    struct file_out *out = context;
    fwrite(bytes, 1, len, out->stream); /* an error is seen when the file is committed */
}

enum status run_to_file(const struct scenario *scenario, const char *path,
                        struct run_result *result) {
    struct diags diags = {0};
    struct file_out out;
    if (!file_begin(&out, path, &diags)) {
        diag_print(&diags, stderr);
        return STATUS_BAD_INPUT;
    }
    if (!run_scenario(scenario, file_sink, &out, result, &diags)) {
        file_abandon(&out);
        diag_print(&diags, stderr);
        return STATUS_BAD_INPUT;
    }
    if (!file_commit(&out, &diags)) {
        diag_print(&diags, stderr);
        return STATUS_BAD_INPUT;
    }
    return STATUS_OK;
}

struct process {
    pid_t pid;
    int pipe;
    uint32_t job;
    struct timespec began;
};

static void start(struct process *p, struct job *jobs, uint32_t job) {
    int ends[2];
    p->job = job;
    clock_gettime(CLOCK_MONOTONIC, &p->began);
    fflush(NULL);
    if (pipe(ends) != 0 || (p->pid = fork()) < 0) {
        perror("firedrill");
        exit(STATUS_BUG);
    }
    if (p->pid == 0) {
        close(ends[0]);
        struct run_result result = {0};
        enum status status = run_to_file(jobs[job].scenario, jobs[job].trace, &result);
        if (write(ends[1], &result, sizeof result) != (ssize_t)sizeof result) status = STATUS_BUG;
        fflush(NULL);
        _exit((int)status);
    }
    close(ends[1]);
    p->pipe = ends[0];
}

static void finish(struct process *p, struct job *jobs, int wait_status) {
    struct job *job = &jobs[p->job];
    struct run_result result = {0};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    job->seconds =
        (double)(now.tv_sec - p->began.tv_sec) + (double)(now.tv_nsec - p->began.tv_nsec) / 1e9;
    bool told = read(p->pipe, &result, sizeof result) == (ssize_t)sizeof result;
    close(p->pipe);
    if (!WIFEXITED(wait_status) || !told) {
        char half[560];
        file_beside(half, sizeof half, job->trace, (long)p->pid);
        unlink(half);
        job->status = STATUS_BUG;
    } else
        job->status = (enum status)WEXITSTATUS(wait_status);
    job->digest = result.digest;
    job->plan_digest = result.plan_digest;
    job->events = result.events;
    job->requests = result.requests;
    p->pid = 0;
}

void jobs_run(struct job *jobs, uint32_t count, uint32_t at_once) {
    if (at_once > count) at_once = count;
    struct process *processes = calloc(at_once ? at_once : 1, sizeof *processes);
    if (!processes) abort();
    uint32_t started = 0, finished = 0;
    while (finished < count) {
        for (uint32_t k = 0; k < at_once && started < count; k++)
            if (processes[k].pid == 0) start(&processes[k], jobs, started++);
        progress("%u of %u runs done", finished, count);
        int wait_status;
        pid_t pid = wait(&wait_status);
        for (uint32_t k = 0; k < at_once; k++)
            if (pid > 0 && processes[k].pid == pid) {
                finish(&processes[k], jobs, wait_status);
                finished++;
            }
    }
    progress_clear();
    free(processes);
}
