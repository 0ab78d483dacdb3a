/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/source.h"
#include "sim/prometheus/lexer.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct walk {
    const char *at, *end;
    char style; /* | > " ' or 0: plain */
};

static void skip_blanks(struct walk *w) {
    while (w->at < w->end && is_blank(*w->at)) w->at++;
}

/* To the first byte of the value. */
static struct walk walk_open(const struct source *source, const struct yaml_node *node) {
    struct walk w = {source->text, source->text + source->len, '\0'};
    for (int line = 1; line < node->line && w.at < w.end; line++) {
        const char *newline = memchr(w.at, '\n', (size_t)(w.end - w.at));
        w.at = newline ? newline + 1 : w.end;
    }
    w.at += w.end - w.at < node->column - 1 ? w.end - w.at : node->column - 1;
    char c = w.at < w.end ? *w.at : '\0';
    if (c == '"' || c == '\'') {
        w.style = c;
        w.at++;
    } else if (c == '|' || c == '>') {
        w.style = c;
        while (w.at < w.end && *w.at != '\n') w.at++;
    }
    return w;
}

/* An escape that stands for a blank, or for nothing. */
static bool is_blank_escape(const struct walk *w) {
    return w->style == '"' && w->end - w->at >= 2 && w->at[0] == '\\' &&
           strchr("ntr \t\n\r_NLP", w->at[1]);
}

/* Over what one character of the value is in the file; returns its bytes in the value. */
static size_t step(struct walk *w, const char *value, size_t left) {
    size_t wide = 1;
    while (wide < left && ((uint8_t)value[wide] & 0xC0) == 0x80) wide++;
    bool escaped = w->style == '"' && w->end - w->at >= 2 && w->at[0] == '\\';
    if (escaped) {
        char c = w->at[1];
        w->at += c == 'x' ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2;
    } else if (w->style == '\'' && w->end - w->at >= 2 && w->at[0] == '\'' && w->at[1] == '\'') {
        w->at += 2;
    } else {
        w->at += wide;
    }
    if (w->at > w->end) w->at = w->end;
    return wide;
}

void source_place(const struct source *source, const struct yaml_node *node, size_t offset,
                  int *line, int *column) {
    struct walk w = walk_open(source, node);
    for (size_t i = 0; w.at < w.end;) {
        while (i < offset && is_blank(node->text[i])) i++;
        bool on_blank = i == offset && offset < node->len && is_blank(node->text[offset]);
        if (i == offset && (on_blank || i == node->len)) break;
        skip_blanks(&w);
        while (is_blank_escape(&w)) {
            w.at += 2;
            skip_blanks(&w);
        }
        if (i == offset) break;
        i += step(&w, node->text + i, node->len - i);
        if (i > offset) break;
    }
    *line = 1;
    const char *start = source->text;
    for (const char *s = source->text; s < w.at; s++)
        if (*s == '\n') {
            ++*line;
            start = s + 1;
        }
    *column = (int)(w.at - start) + 1;
}

/* The offset of a place inside a text. */
static size_t offset_of(const char *text, size_t len, int line, int column) {
    size_t at = 0;
    for (int i = 1; i < line; i++) {
        const char *newline = memchr(text + at, '\n', len - at);
        if (!newline) break;
        at = (size_t)(newline - text) + 1;
    }
    at += column > 0 ? (size_t)(column - 1) : 0;
    return at < len ? at : len;
}

void source_tell(const struct source *source, struct yaml_doc *doc, const struct yaml_node *node,
                 const struct diags *found) {
    for (uint32_t i = 0; i < found->count; i++) {
        const struct diag *d = &found->list[i];
        int line, column;
        source_place(source, node, offset_of(node->text, node->len, d->line, d->column), &line,
                     &column);
        if (d->warning)
            diag_warning(doc->diags, doc->file, line, column, "%s", d->message);
        else
            diag_error(doc->diags, doc->file, line, column, "%s", d->message);
    }
}

int64_t source_duration(struct yaml_doc *doc, struct yaml_node *node, int64_t otherwise) {
    int64_t ms = 0;
    const char *text = yaml_text(doc, node, NULL);
    if (!text) return otherwise;
    if (strcmp(text, "0") != 0 && !promql_duration(text, strlen(text), &ms))
        yaml_error(doc, node, "expected a duration like 30s, 5m or 1h30m, got \"%.40s\"", text);
    return ms;
}
