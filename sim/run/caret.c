/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/caret.h"
#include "sim/run/source_line.h"

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

void diag_print_source(const struct diags *diags, const char *file, const char *text, FILE *out) {
    struct diags sorted = *diags;
    sort_by_place(&sorted);
    for (uint32_t i = 0; i < sorted.count; i++) {
        const struct diag *d = &sorted.list[i];
        struct diags one = {.count = 1, .list = {*d}};
        diag_print(&one, out);
        if (d->line > 0 && strcmp(d->file, file) == 0)
            source_line_print(out, text, d->line, d->column);
    }
    struct diags rest = {.dropped = diags->dropped};
    diag_print(&rest, out);
}
