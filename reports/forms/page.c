/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/page.h"
#include "reports/forms/width.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define PLAIN  "\033[0m"

void page_heading(const struct page *p, const char *title) {
    fprintf(p->out, "\n%s%s%s\n", p->colour ? BOLD : "", title, p->colour ? PLAIN : "");
}

void page_sentence(const struct page *p, const char *indent, const char *text) {
    int room = p->width - (int)strlen(indent), used = 0;
    char word[1024];
    while (*text) {
        size_t len = strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, text);
        int columns = columns_of(word), needs = columns < room ? columns : room;
        if (used > 0 && used + 1 + needs > room) used = 0, fputc('\n', p->out);
        if (used == 0)
            fputs(indent, p->out);
        else
            used++, fputc(' ', p->out);
        used += print_cut(p->out, word, room);
        text += len;
        while (*text == ' ') text++;
    }
    fputc('\n', p->out);
}

const char *page_paint(enum verdict_kind kind) {
    static const char *const paints[] = {GREEN, RED, YELLOW};
    return paints[kind];
}

void page_verdict(const struct page *p, enum verdict_kind kind) {
    fprintf(p->out, "%s%s%s", p->colour ? page_paint(kind) : "", verdict_name(kind),
            p->colour ? PLAIN : "");
}
