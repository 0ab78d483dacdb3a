/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_COMMAND_H
#define SIM_RUN_COMMAND_H
/*
 * Commands and their options. One file a command (cmd_NAME.c), one table of all (main.c). Options
 * are
 * "--name VALUE", "--name=VALUE" or "--name"; everything else is an operand. An unknown option is
 * an error with the nearest known one, exit 2.
 */
#include "engine/base/diag.h"

struct option_spec {
    const char *name;  /* without dashes */
    const char *value; /* NULL: a switch; else what --help calls its value */
    const char *help;  /* of an option that stands twice, which may be given twice: the first's */
};

struct command {
    const char *name, *operands, *summary, *example;
    const struct option_spec *options; /* ends with a NULL name */
    enum status (*run)(int argc, char **argv);
};

#define OPERANDS_MAX 4096
struct arguments {
    const struct command *command;
    const char *value[32]; /* by position in the option table; switches hold "" */
    const char *operands[OPERANDS_MAX];
    uint32_t operand_count;
};

/* False after a message on stderr, or after --help (then *status is OK). */
bool arguments_read(struct arguments *a, const struct command *command, int argc, char **argv,
                    enum status *status);
/* NULL when not given. */
const char *argument(const struct arguments *a, const char *option);
/* Of an option that stands twice in the table, and may be given twice. */
const char *argument_again(const struct arguments *a, const char *option);
/* A whole number in [low, high]; otherwise if absent. False after a message. */
bool argument_int(const struct arguments *a, const char *option, int64_t low, int64_t high,
                  int64_t otherwise, int64_t *out);
/* "--seeds N" is 1..N, "--seeds A..B" as it says; otherwise (or NULL) if absent. False after a
 * message. */
bool argument_seeds(const struct arguments *a, const char *otherwise, uint64_t *first,
                    uint64_t *count);
/* "--windows": Prometheus' version, see prom_options. False after a message. */
bool argument_prom_version(const struct arguments *a, uint32_t *version);
void command_help(const struct command *command, FILE *out);
/* A word that a shell reads as this text: as it stands if it is plain, else quoted as $'...'. */
void shell_word(char *out, size_t size, const char *text, size_t len);
/* Prints diagnostics on stderr; STATUS_BAD_INPUT. */
enum status bad_input(const struct diags *diags);

#define COMMAND(name) extern const struct command command_##name;
#include "sim/run/commands.def"
#undef COMMAND
extern const struct command *const commands[];

#endif
