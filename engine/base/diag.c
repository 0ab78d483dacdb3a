/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/diag.h"
#include "engine/base/check.h"
#include "engine/base/text.h"
#include <stdarg.h>

#define NAME_MAX_COMPARED 64

enum status status_worse(enum status a, enum status b) {
    static const int rank[] = {
        [STATUS_OK] = 0,        [STATUS_INCONCLUSIVE] = 1, [STATUS_FAILED] = 2,
        [STATUS_BAD_INPUT] = 3, [STATUS_BUG] = 4,
    };
    return rank[b] > rank[a] ? b : a;
}

/* Whatever the caller put into the message, nothing reaches a terminal but printable text. */
static void add(struct diags *d, bool warning, const char *file, int line, int column,
                const char *format, va_list arguments) {
    if (!warning) d->errors++;
    if (d->count == DIAG_MAX) {
        d->dropped++;
        return;
    }
    struct diag *diag = &d->list[d->count++];
    char message[sizeof diag->message];
    int len = vsnprintf(message, sizeof message, format, arguments);
    ASSERT(len >= 0);
    printable(diag->message, sizeof diag->message, message, strlen(message));
    printable(diag->file, sizeof diag->file, file, strlen(file));
    diag->line = line;
    diag->column = column;
    diag->warning = warning;
}

void diag_error(struct diags *d, const char *file, int line, int column, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(d, false, file, line, column, format, arguments);
    va_end(arguments);
}

void diag_warning(struct diags *d, const char *file, int line, int column, const char *format,
                  ...) {
    va_list arguments;
    va_start(arguments, format);
    add(d, true, file, line, column, format, arguments);
    va_end(arguments);
}

static void print_one(const struct diag *diag, FILE *out) {
    fprintf(out, "%s:", diag->file);
    if (diag->line > 0) fprintf(out, "%d:", diag->line);
    if (diag->line > 0 && diag->column > 0) fprintf(out, "%d:", diag->column);
    fprintf(out, " %s: %s\n", diag->warning ? "warning" : "error", diag->message);
}

static bool holds(const struct diags *d, const struct diag *diag) {
    for (uint32_t i = 0; i < d->count; i++) {
        const struct diag *there = &d->list[i];
        if (there->line == diag->line && there->column == diag->column &&
            there->warning == diag->warning && strcmp(there->file, diag->file) == 0 &&
            strcmp(there->message, diag->message) == 0)
            return true;
    }
    return false;
}

void diag_print_once(const struct diags *d, struct diags *said, FILE *out) {
    for (uint32_t i = 0; i < d->count; i++) {
        if (holds(said, &d->list[i])) continue;
        print_one(&d->list[i], out);
        if (said->count < DIAG_MAX) said->list[said->count++] = d->list[i];
    }
    if (d->dropped > 0) fprintf(out, "and %u more\n", d->dropped);
}

void diag_print(const struct diags *d, FILE *out) {
    for (uint32_t i = 0; i < d->count; i++) print_one(&d->list[i], out);
    if (d->dropped > 0) fprintf(out, "and %u more\n", d->dropped);
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Optimal string alignment: insert, delete, replace, swap neighbours, each once at a place. */
static uint32_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    uint32_t rows[3][NAME_MAX_COMPARED + 1];
    uint32_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (uint32_t j = 0; j <= b_len; j++) last[j] = before[j] = j;
    for (uint32_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (uint32_t j = 1; j <= b_len; j++) {
            row[j] = smaller(last[j] + 1, row[j - 1] + 1);
            row[j] = smaller(row[j], last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        uint32_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_len];
}

const char *nearest_name(const char *s, size_t len, const char *const *names, size_t count) {
    if (len > NAME_MAX_COMPARED) return NULL;
    const char *nearest = NULL;
    uint32_t best = len < 6 ? 2 : (uint32_t)len / 3 + 1; /* one more than is allowed */
    for (size_t i = 0; i < count; i++) {
        size_t name_len = strlen(names[i]);
        if (name_len > NAME_MAX_COMPARED) continue;
        uint32_t distance = edit_distance(s, len, names[i], name_len);
        if (distance >= best) continue;
        best = distance;
        nearest = names[i];
    }
    return nearest;
}

void printable(char *out, size_t size, const char *s, size_t len) {
    static const char hex[] = "0123456789ABCDEF";
    if (size == 0) return;
    struct writer w = writer_of(out, size - 1);
    while (len > 0 && !w.overflow) {
        size_t used = utf8_sequence(s, len);
        uint8_t c = (uint8_t)*s;
        /* U+0080..U+009F are control characters too, in two bytes */
        bool control = c < 0x20 || c == 0x7F || (c == 0xC2 && used == 2 && (uint8_t)s[1] < 0xA0);
        if (used == 0 || control) {
            char escape[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};
            write_bytes(&w, escape, sizeof escape);
            used = 1;
        } else {
            write_bytes(&w, s, used);
        }
        s += used;
        len -= used;
    }
    out[w.len] = '\0';
}
