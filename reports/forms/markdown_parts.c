/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/markdown_parts.h"
#include "engine/base/diag.h"
#include <ctype.h>

static bool within_a_word(const char *text, const char *at) {
    return at > text && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

void markdown_text(FILE *out, const char *raw) {
    char text[1024];
    printable(text, sizeof text, raw, strlen(raw));
    for (const char *c = text; *c; c++) {
        if (strchr("<>&@", *c))
            fprintf(out, "&#%d;", *c);
        else if (strchr("\\|`*[]~#!$", *c) || (*c == '_' && !within_a_word(text, c)))
            fprintf(out, "\\%c", *c);
        else
            fputc(*c, out);
    }
}

void markdown_code(FILE *out, const char *raw) {
    char text[1024];
    size_t fence = 3, run = 0;
    printable(text, sizeof text, raw, strlen(raw));
    for (const char *c = text; *c; c++) {
        run = *c == '`' ? run + 1 : 0;
        if (run >= fence) fence = run + 1;
    }
    for (size_t k = 0; k < fence; k++) fputc('`', out);
    fprintf(out, "sh\n%s\n", text);
    for (size_t k = 0; k < fence; k++) fputc('`', out);
    fputs("\n\n", out);
}

const char *markdown_mark(enum verdict_kind kind) {
    static const char *const marks[] = {"pass", "**FAIL**", "*inconclusive*"};
    return marks[kind];
}
