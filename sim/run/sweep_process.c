/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sweep_process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char **as_argv(const char *const *words) { return (char **)(uintptr_t)words; }

static void sweep_here(int count, const char *const *words, FILE *said) {
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0 ||
        (said && dup2(fileno(said), STDERR_FILENO) < 0))
        _Exit(STATUS_BAD_INPUT);
    enum status status = command_sweep.run(count, as_argv(words));
    fflush(NULL);
    _Exit((int)status);
}

static void repeat(FILE *said) {
    rewind(said);
    for (int c = getc(said); c != EOF; c = getc(said)) putc(c, stderr);
}

enum status sweep_process(int count, const char *const *words, bool quiet) {
    FILE *said = quiet ? tmpfile() : NULL; /* none: it is not quiet */
    int state;
    fflush(NULL);
    pid_t process = fork();
    if (process == 0) sweep_here(count, words, said);
    enum status status = STATUS_BUG;
    if (process > 0 && waitpid(process, &state, 0) == process && WIFEXITED(state))
        status = (enum status)WEXITSTATUS(state);
    if (said && (status == STATUS_BAD_INPUT || status == STATUS_BUG)) repeat(said);
    if (said) fclose(said);
    return status;
}

bool sweep_process_request(int count, const char *const *words, struct arena *arena,
                           struct sweep_request *request) {
    struct arguments *a = ARENA_NEW(arena, struct arguments, 1);
    enum status status;
    return arguments_read(a, &command_sweep, count, as_argv(words), &status) &&
           sweep_request_read(request, arena, a);
}
