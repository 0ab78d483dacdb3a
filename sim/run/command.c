/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "engine/base/text.h"
#include "sim/prometheus/prometheus.h"
#include "sim/run/terminal.h"

#include <errno.h>
#include <stdlib.h>

#define OPTIONS_MAX (int)(sizeof((struct arguments *)0)->value / sizeof(char *))

#define HELP_COLUMN 27

static int option_index(const struct command *c, const char *name, size_t len) {
    for (int k = 0; c->options[k].name; k++)
        if (strlen(c->options[k].name) == len && memcmp(c->options[k].name, name, len) == 0)
            return k;
    return -1;
}

void command_help(const struct command *c, FILE *out) {
    int at = fprintf(out, "usage: firedrill %s [options] ", c->name);
    print_wrapped(out, at, 4, c->operands);
    fputc('\n', out);
    print_wrapped(out, 0, 0, c->summary);
    fputs("\noptions:\n", out);
    for (const struct option_spec *o = c->options; o->name; o++) {
        char left[48];
        if (option_index(c, o->name, strlen(o->name)) != o - c->options)
            continue; /* told already */
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        print_wrapped(out, fprintf(out, "  %-24s ", left), HELP_COLUMN, o->help);
    }
    fprintf(out, "  %-24s %s\n\nexample:\n  %s\n", "--help", "this text", c->example);
}

void shell_word(char *out, size_t size, const char *text, size_t len) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_./@:=+,~-";
    struct writer w = writer_of(out, size - 1);
    bool quoted = len == 0 || text[0] == '~' || strspn(text, plain) < len, strange = false;
    for (size_t k = 0; k < len; k++)
        strange |= text[k] < 0x20 || text[k] >= 0x7F || text[k] == '\'' || text[k] == '\\';
    if (quoted) write_text(&w, strange ? "$'" : "'"); /* the plain one every shell knows */
    for (size_t k = 0; k < len; k++) {
        uint8_t c = (uint8_t)text[k];
        char escape[8] = {text[k]};
        if (strange && (c < 0x20 || c >= 0x7F))
            snprintf(escape, sizeof escape, "\\%03o", (unsigned)c);
        else if (strange && (c == '\'' || c == '\\'))
            snprintf(escape, sizeof escape, "\\%c", c);
        write_text(&w, escape);
    }
    if (quoted) write_text(&w, "'");
    out[w.len] = '\0';
}

static void unknown_option(const struct command *c, const char *name, size_t len) {
    const char *names[32];
    size_t count = 0;
    for (; count < 32 && c->options[count].name; count++) names[count] = c->options[count].name;
    char shown[96];
    printable(shown, sizeof shown, name, len);
    const char *nearest = nearest_name(name, len, names, count);
    fprintf(stderr, "firedrill %s: unknown option --%s", c->name, shown);
    if (nearest) fprintf(stderr, "; did you mean --%s?", nearest);
    fprintf(stderr, "\nsee: firedrill %s --help\n", c->name);
}

static bool read_option(struct arguments *a, int argc, char **argv, int *at) {
    const struct command *c = a->command;
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    int k = option_index(c, name, len);
    if (k < 0 || k >= OPTIONS_MAX) {
        unknown_option(c, name, len);
        return false;
    }
    for (int again = k + 1; a->value[k] && again < OPTIONS_MAX && c->options[again].name; again++)
        if (strcmp(c->options[again].name, c->options[k].name) == 0) k = again;
    if (a->value[k]) {
        fprintf(stderr, "firedrill %s: --%s is given twice\n", c->name, c->options[k].name);
        return false;
    }
    if (!c->options[k].value && equals) {
        fprintf(stderr, "firedrill %s: --%s takes no value\n", c->name, c->options[k].name);
        return false;
    }
    if (!c->options[k].value)
        a->value[k] = "";
    else if (equals)
        a->value[k] = equals + 1;
    else if (*at + 1 < argc)
        a->value[k] = argv[++*at];
    bool empty = c->options[k].value && (!a->value[k] || !*a->value[k]); /* a variable not set */
    if (empty)
        fprintf(stderr, "firedrill %s: --%s needs a value: %s\n", c->name, c->options[k].name,
                c->options[k].value);
    return !empty;
}

bool arguments_read(struct arguments *a, const struct command *command, int argc, char **argv,
                    enum status *status) {
    memset(a, 0, sizeof *a);
    a->command = command;
    *status = STATUS_BAD_INPUT;
    bool only_operands = false;
    for (int at = 0; at < argc; at++) {
        const char *word = argv[at];
        if (!only_operands && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            command_help(command, stdout);
            *status = STATUS_OK;
            return false;
        }
        if (!only_operands && strcmp(word, "--") == 0)
            only_operands = true;
        else if (!only_operands && word[0] == '-' && word[1] == '-') {
            if (!read_option(a, argc, argv, &at)) return false;
        } else if (!only_operands && word[0] == '-' && word[1] != '\0') {
            unknown_option(command, word + 1, strlen(word + 1));
            return false;
        } else if (a->operand_count < OPERANDS_MAX)
            a->operands[a->operand_count++] = word;
        else {
            fprintf(stderr, "firedrill %s: more than %d operands\n", command->name, OPERANDS_MAX);
            return false;
        }
    }
    *status = STATUS_OK;
    return true;
}

const char *argument(const struct arguments *a, const char *option) {
    int k = option_index(a->command, option, strlen(option));
    return k < 0 ? NULL : a->value[k];
}

const char *argument_again(const struct arguments *a, const char *option) {
    int k = option_index(a->command, option, strlen(option));
    for (int again = k + 1; k >= 0 && a->command->options[again].name; again++)
        if (strcmp(a->command->options[again].name, option) == 0) return a->value[again];
    return NULL;
}

bool argument_int(const struct arguments *a, const char *option, int64_t low, int64_t high,
                  int64_t otherwise, int64_t *out) {
    const char *text = argument(a, option);
    *out = otherwise;
    if (!text) return true;
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && v >= low && v <= high) {
        *out = v;
        return true;
    }
    char shown[96];
    printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr, "firedrill %s: --%s: expected a whole number from %lld to %lld, got \"%s\"\n",
            a->command->name, option, (long long)low, (long long)high, shown);
    return false;
}

bool argument_prom_version(const struct arguments *a, uint32_t *version) {
    const char *text = argument(a, "windows");
    if (prom_version_read(text ? text : "3", version)) return true;
    char shown[96];
    printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr, "firedrill %s: --windows: expected 2, 3 or a version like 2.53, got \"%s\"\n",
            a->command->name, shown);
    return false;
}

#define SEEDS_MAX 100000000

static bool read_seed(const char **at, int64_t *seed) {
    char *end;
    errno = 0;
    *seed = strtoll(*at, &end, 10);
    bool good = errno == 0 && **at >= '0' && **at <= '9';
    *at = end;
    return good;
}

bool argument_seeds(const struct arguments *a, const char *otherwise, uint64_t *first,
                    uint64_t *count) {
    const char *text = argument(a, "seeds");
    if (!text) text = otherwise;
    const char *at = text;
    int64_t from = 1, to = 0;
    bool good = text && read_seed(&at, &to);
    if (good && strncmp(at, "..", 2) == 0) {
        at += 2;
        from = to;
        good = read_seed(&at, &to);
    }
    if (good && *at == '\0' && to >= from && to - from < SEEDS_MAX) {
        *first = (uint64_t)from;
        *count = (uint64_t)(to - from) + 1;
        return true;
    }
    char shown[96] = "nothing";
    if (text) printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr, "firedrill %s: --seeds: expected such as 1000 or 1001..2000, got %s\n",
            a->command->name, shown);
    return false;
}

enum status bad_input(const struct diags *diags) {
    diag_print(diags, stderr);
    return STATUS_BAD_INPUT;
}
