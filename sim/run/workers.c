/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/workers.h"

#include "engine/base/check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WINDOW 8 /* units a process: one that takes long does not keep the others idle at once */

struct unit { /* one of the window, in the place of its number modulo the window */
    bool runs, ended;
    int pipe;
    struct worked worked;
};
struct crew {
    const struct work *work;
    struct unit *units;
    struct pollfd *polled; /* room for all that run */
    uint32_t window, running;
    uint64_t started, answered;
};

static struct unit *unit_of(const struct crew *c, uint64_t number) {
    return &c->units[number % c->window];
}

static _Noreturn void give_up(void) {
    perror("firedrill: no process for a run can be made");
    exit(STATUS_BUG);
}

/* ---- the unit's process ---- */

static bool write_all(int file, const uint8_t *bytes, size_t len) {
    while (len > 0) {
        ssize_t written = write(file, bytes, len);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

static _Noreturn void work_unit(const struct work *work, uint64_t number, int pipe, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(STATUS_BUG); /* it ended before that was said */
    struct bytes answer = {0};
    enum status status = work->run(work->context, number, &answer);
    if (!write_all(pipe, answer.bytes, answer.len)) status = STATUS_BUG;
    fflush(stdout);
    _exit((int)status);
}

static void start(struct crew *c) {
    struct unit *u = unit_of(c, c->started);
    pid_t parent = getpid();
    int ends[2];
    *u = (struct unit){0};
    fflush(stdout);
    if (pipe(ends) != 0 || (u->worked.process = fork()) < 0) give_up();
    if (u->worked.process == 0) {
        close(ends[0]);
        work_unit(c->work, c->started, ends[1], parent);
    }
    close(ends[1]);
    u->pipe = ends[0];
    u->runs = true;
    c->started++;
    c->running++;
}

/* ---- the parent ---- */

static void end(struct crew *c, struct unit *u) {
    int status;
    while (waitpid(u->worked.process, &status, 0) < 0)
        if (errno != EINTR) give_up();
    close(u->pipe);
    u->runs = false;
    u->ended = true;
    u->worked.status = WIFEXITED(status) ? (enum status)WEXITSTATUS(status) : STATUS_BUG;
    c->running--;
}

static void hear(struct crew *c, struct unit *u) {
    uint8_t heard[16384];
    ssize_t len = read(u->pipe, heard, sizeof heard);
    if (len > 0)
        bytes_sink(&u->worked.answer, heard, (size_t)len);
    else if (len == 0 || errno != EINTR)
        end(c, u);
}

static void wait_for_any(struct crew *c) {
    nfds_t count = 0;
    for (uint64_t n = c->answered; n < c->started; n++)
        if (unit_of(c, n)->runs)
            c->polled[count++] = (struct pollfd){.fd = unit_of(c, n)->pipe, .events = POLLIN};
    if (poll(c->polled, count, -1) < 0) {
        if (errno == EINTR) return;
        give_up();
    }
    nfds_t at = 0;
    for (uint64_t n = c->answered; n < c->started; n++) {
        struct unit *u = unit_of(c, n);
        if (u->runs && c->polled[at++].revents != 0) hear(c, u);
    }
}

static bool answer_next(struct crew *c) {
    struct unit *u = unit_of(c, c->answered);
    bool wanted = c->work->done(c->work->context, c->answered, &u->worked);
    bytes_free(&u->worked.answer);
    c->answered++;
    return wanted;
}

static void stop(struct crew *c) {
    for (uint64_t n = c->answered; n < c->started; n++) {
        struct unit *u = unit_of(c, n);
        if (u->runs) {
            kill(u->worked.process, SIGKILL);
            end(c, u);
        }
        bytes_free(&u->worked.answer);
    }
}

bool work_run(const struct work *work) {
    struct crew c = {.work = work, .window = WINDOW * work->at_once};
    bool wanted = true;
    c.units = calloc(c.window, sizeof *c.units);
    c.polled = calloc(work->at_once, sizeof *c.polled);
    ASSERT(c.units != NULL && c.polled != NULL);
    while (wanted && c.answered < work->count) {
        while (c.running < work->at_once && c.started < work->count &&
               c.started - c.answered < c.window)
            start(&c);
        wait_for_any(&c);
        while (wanted && c.answered < c.started && unit_of(&c, c.answered)->ended)
            wanted = answer_next(&c);
    }
    stop(&c);
    free(c.units);
    free(c.polled);
    return wanted;
}
