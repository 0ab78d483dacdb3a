/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/csv_parts.h"
#include "engine/base/diag.h"

void csv_cell(struct csv_line *line, const char *text) {
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0';
    if (line->begun) fputc(',', line->out);
    line->begun = true;
    if (quoted) fputc('"', line->out);
    for (; *text; text++) {
        if (*text == '"') fputc('"', line->out);
        fputc(*text, line->out);
    }
    if (quoted) fputc('"', line->out);
}

void csv_text(struct csv_line *line, const char *text) {
    char copy[1024];
    bool formula = *text != '\0' && strchr("=+-@", *text) != NULL;
    copy[0] = '\'';
    printable(copy + formula, sizeof copy - 1, text, strlen(text));
    csv_cell(line, copy);
}
void csv_int(struct csv_line *line, int64_t v) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)v);
    csv_cell(line, text);
}
void csv_time(struct csv_line *line, time_ns at) {
    if (at == TIME_NEVER || at < 0)
        csv_cell(line, "");
    else
        csv_int(line, at);
}
void csv_end(struct csv_line *line) {
    fputs("\r\n", line->out);
    line->begun = false;
}
