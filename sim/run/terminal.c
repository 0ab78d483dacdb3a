/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/terminal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int terminal_width(FILE *stream) {
    struct winsize size;
    long width = 120;
    const char *columns = getenv("COLUMNS");
    if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns && strtol(columns, NULL, 10) > 0)
        width = strtol(columns, NULL, 10);
    return (int)(width < 60 ? 60 : width > 400 ? 400 : width);
}

static bool obeys_escapes(FILE *stream) {
    const char *term = getenv("TERM");
    return isatty(fileno(stream)) && term && strcmp(term, "dumb") != 0;
}

bool terminal_colour(FILE *stream) {
    const char *no_color = getenv("NO_COLOR");
    return obeys_escapes(stream) && !(no_color && no_color[0]);
}

void print_wrapped(FILE *out, int at, int indent, const char *text) {
    int width = terminal_width(out);
    bool fresh = true; /* nothing stands before the word that it has to keep apart from */
    for (const char *word = text; *word;) {
        int len = (int)strcspn(word, " ");
        if (at > indent && at + (fresh ? 0 : 1) + len > width) {
            at = fprintf(out, "\n%*s", indent, "") - 1;
            fresh = true;
        }
        at += fprintf(out, "%s%.*s", fresh ? "" : " ", len, word);
        fresh = false;
        word += len;
        word += strspn(word, " ");
    }
    fputc('\n', out);
}

static bool shown;

void progress(const char *format, ...) {
    if (!obeys_escapes(stderr)) return;
    va_list arguments;
    va_start(arguments, format);
    fputs("\r\033[K", stderr);
    vfprintf(stderr, format, arguments);
    fflush(stderr);
    va_end(arguments);
    shown = true;
}

void progress_clear(void) {
    if (shown) fputs("\r\033[K", stderr);
    shown = false;
}
