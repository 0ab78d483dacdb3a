/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_CSV_H
#define TESTS_SUPPORT_CSV_H
/* CSV, read back by RFC 4180. */
#include "engine/base/base.h"
#include <string.h>

#define CSV_CELLS 96
struct csv_read {
    const char *cell[CSV_CELLS];
    uint32_t count;
};
/* The next line, unquoted in place; false at the end, or where it is no CSV. */
static inline bool csv_next(char **at, struct csv_read *line) {
    char *in = *at, *out = in;
    line->count = 0;
    if (*in == '\0') return false;
    for (;;) {
        bool quoted = *in == '"';
        if (line->count == CSV_CELLS) return false;
        line->cell[line->count++] = out;
        if (quoted) in++;
        while (quoted ? *in != '\0' : *in != '\0' && !strchr(",\"\r\n", *in)) {
            if (quoted && *in == '"' && *++in != '"') break;
            *out++ = *in++;
        }
        bool more = *in == ',';
        if (!more && strncmp(in, "\r\n", 2) != 0) return false;
        in += more ? 1 : 2;
        *out++ = '\0';
        if (more) continue;
        *at = in;
        return true;
    }
}
static inline const char *csv_named(const struct csv_read *head, const struct csv_read *line,
                                    const char *name) {
    for (uint32_t k = 0; k < head->count && k < line->count; k++)
        if (strcmp(head->cell[k], name) == 0) return line->cell[k];
    return "no such column";
}

#endif
