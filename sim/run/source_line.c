/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/source_line.h"

#include "engine/base/diag.h"

void source_line_print(FILE *out, const char *text, int line, int column) {
    for (; line > 1; line--) {
        text = strchr(text, '\n');
        if (!text) return;
        text++;
    }
    size_t len = strcspn(text, "\n");
    if (column < 1 || (size_t)column > len + 1) return;
    char shown[1024], before[1024];
    printable(shown, sizeof shown, text, len);
    printable(before, sizeof before, text, (size_t)column - 1);
    int width = 0; /* in characters: continuation bytes take no room */
    for (const char *s = before; *s; s++) width += (*s & 0xC0) != 0x80;
    fprintf(out, "    %s\n    %*s^\n", shown, width, "");
}
