/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/caret.h"

#define LINE_SHOWN 100 /* bytes of a line, around the place */
#define BEFORE     60

static bool find_line(const char *text, size_t len, int line, const char **start, size_t *size) {
    const char *at = text, *end = text + len;
    for (int i = 1; i < line; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) return false;
        at = newline + 1;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    *start = at;
    *size = (size_t)((newline ? newline : end) - at);
    if (*size > 0 && at[*size - 1] == '\r') --*size;
    return true;
}

/* Tabs stand as they are in both lines, so that the caret stands right under its place. */
static void show(const char *line, size_t size, size_t at, FILE *out) {
    size_t from = at > BEFORE ? at - BEFORE : 0, to = from + LINE_SHOWN;
    if (to > size) to = size;
    while (from > 0 && from < size && ((uint8_t)line[from] & 0xC0) == 0x80) from--;
    while (to < size && ((uint8_t)line[to] & 0xC0) == 0x80) to++;
    fputs("    ", out);
    for (size_t i = from; i < to; i++) {
        bool plain = (uint8_t)line[i] >= 0x20 && line[i] != 0x7F;
        fputc(plain || line[i] == '\t' ? line[i] : '?', out);
    }
    fputs("\n    ", out);
    for (size_t i = from; i < at; i++) {
        if (i < size && ((uint8_t)line[i] & 0xC0) == 0x80) continue;
        fputc(i < size && line[i] == '\t' ? '\t' : ' ', out);
    }
    fputs("^\n", out);
}

static bool stands_before(const struct diag *a, const struct diag *b) {
    if (strcmp(a->file, b->file) != 0) return false;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static void sort_by_place(struct diags *diags) {
    for (uint32_t i = 1; i < diags->count; i++) {
        struct diag moved = diags->list[i];
        uint32_t at = i;
        for (; at > 0 && stands_before(&moved, &diags->list[at - 1]); at--)
            diags->list[at] = diags->list[at - 1];
        diags->list[at] = moved;
    }
}

void diag_print_source(const struct diags *diags, const char *file, const char *text, size_t len,
                       FILE *out) {
    struct diags sorted = *diags;
    sort_by_place(&sorted);
    for (uint32_t i = 0; i < sorted.count; i++) {
        const struct diag *d = &sorted.list[i];
        struct diags one = {.count = 1, .list = {*d}};
        diag_print(&one, out);
        const char *line;
        size_t size;
        bool placed = d->line > 0 && d->column > 0 && strcmp(d->file, file) == 0;
        if (placed && find_line(text, len, d->line, &line, &size) && (size_t)d->column <= size + 1)
            show(line, size, (size_t)d->column - 1, out);
    }
    struct diags rest = {.dropped = diags->dropped};
    diag_print(&rest, out);
}
