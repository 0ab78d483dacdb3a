/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "sim/run/run.h"
#include "sim/run/terminal.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>

const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "sim/run/commands.def"
#undef COMMAND
    NULL};

static void usage(FILE *out) {
    int at = fprintf(out, "firedrill %s: ", FIREDRILL_VERSION);
    print_wrapped(out, at, 0,
                  "a deterministic simulator and test harness for self-healing systems");
    fputs("\nusage: firedrill COMMAND [options] [operands]\n\ncommands:\n", out);
    for (const struct command *const *c = commands; *c; c++)
        print_wrapped(out, fprintf(out, "  %-10s ", (*c)->name), 13, (*c)->summary);
    fputc('\n', out);
    print_wrapped(out, 0, 0,
                  "exit status: 0 all held, 1 an expectation or invariant failed, 2 bad input or "
                  "usage, 3 a bug of firedrill's or a run that does not reproduce, 4 inconclusive");
    fputs("see: firedrill COMMAND --help\n", out);
}

static enum status unknown_command(const char *name) {
    const char *names[32];
    size_t count = 0;
    for (; commands[count]; count++) names[count] = commands[count]->name;
    char shown[96];
    printable(shown, sizeof shown, name, strlen(name));
    const char *nearest = nearest_name(name, strlen(name), names, count);
    fprintf(stderr, "firedrill: unknown command \"%s\"", shown);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fprintf(stderr, "\nsee: firedrill --help\n");
    return STATUS_BAD_INPUT;
}

static enum status call(const char *name, int argc, char **argv) {
    bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0;
    if (help) {
        usage(stdout);
        return STATUS_OK;
    }
    if (strcmp(name, "--version") == 0) {
        printf("firedrill %s\n", FIREDRILL_VERSION);
        return STATUS_OK;
    }
    for (const struct command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0) return (*c)->run(argc, argv);
    return unknown_command(name);
}

int main(int argc, char **argv) {
    gsl_set_error_handler_off(); /* igraph's handlers are replaced where it is included */
    if (argc < 2) {
        usage(stderr);
        return STATUS_BAD_INPUT;
    }
    enum status status = call(argv[1], argc - 2, argv + 2);
    if (fflush(stdout) == 0 && !ferror(stdout)) return (int)status;
    fprintf(stderr, "firedrill: standard output cannot be written\n");
    return (int)status_worse(status, STATUS_BAD_INPUT);
}
