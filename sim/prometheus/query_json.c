/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers in the form of Prometheus' HTTP API. */
#include "engine/base/text.h"
#include "sim/prometheus/number.h"
#include "sim/prometheus/query.h"

static void put_string(FILE *out, const char *text) {
    size_t len = strlen(text);
    char piece[512];
    fputc('"', out);
    /* in pieces of whole characters; the quotes around each piece are left out */
    for (size_t at = 0; at < len;) {
        size_t used = 0;
        while (used < 64 && at + used < len) {
            size_t character = utf8_sequence(text + at + used, len - at - used);
            used += character > 0 ? character : 1;
        }
        struct writer w = writer_of(piece, sizeof piece);
        write_json_string(&w, text + at, used);
        fwrite(piece + 1, 1, w.len - 2, out);
        at += used;
    }
    fputc('"', out);
}

static void put_metric(FILE *out, const struct prom_line *line) {
    fputs("\"metric\":{", out);
    for (uint32_t i = 0; i < line->label_count; i++) {
        if (i > 0) fputc(',', out);
        put_string(out, line->labels[i].name);
        fputc(':', out);
        put_string(out, line->labels[i].value);
    }
    fputc('}', out);
}

/* Seconds, with milliseconds where there are any. */
static void put_time(FILE *out, int64_t ms) {
    int64_t whole = ms / 1000, rest = ms % 1000;
    if (ms < 0) fputc('-', out);
    fprintf(out, "%lld", (long long)(whole < 0 ? -whole : whole));
    if (rest != 0) fprintf(out, ".%03lld", (long long)(rest < 0 ? -rest : rest));
}

static void put_point(FILE *out, int64_t at_ms, double value) {
    char text[NUMBER_TEXT];
    number_json(text, value);
    fputc('[', out);
    put_time(out, at_ms);
    fprintf(out, ",\"%s\"]", text);
}

static void put_line(FILE *out, const struct prom_line *line, bool vector) {
    fputc('{', out);
    put_metric(out, line);
    fputs(vector ? ",\"value\":" : ",\"values\":[", out);
    for (uint32_t i = 0; i < line->count; i++) {
        if (i > 0) fputc(',', out);
        put_point(out, line->points[i].at_ms, line->points[i].value);
    }
    fputs(vector ? "}" : "]}", out);
}

static void put_result(FILE *out, const struct prom_answer *a) {
    static const char *const types[] = {
        [PROM_SCALAR] = "scalar",
        [PROM_VECTOR] = "vector",
        [PROM_MATRIX] = "matrix",
        [PROM_STRING] = "string",
    };
    fprintf(out, "{\"resultType\":\"%s\",\"result\":", types[a->type]);
    if (a->type == PROM_SCALAR) {
        put_point(out, a->at_ms, a->scalar);
    } else if (a->type == PROM_STRING) {
        fputc('[', out);
        put_time(out, a->at_ms);
        fputc(',', out);
        put_string(out, a->string);
        fputc(']', out);
    } else {
        fputc('[', out);
        for (uint32_t i = 0; i < a->count; i++) {
            if (i > 0) fputc(',', out);
            put_line(out, &a->lines[i], a->type == PROM_VECTOR);
        }
        fputc(']', out);
    }
    fputc('}', out);
}

static void put_note(FILE *out, const char *key, const char *note) {
    if (!note) return;
    fprintf(out, ",\"%s\":[", key);
    put_string(out, note);
    fputc(']', out);
}

void prom_answer_write(const struct prom_answer *a, FILE *out) {
    if (a->error) {
        fputs("{\"status\":\"error\",\"errorType\":\"execution\",\"error\":", out);
        put_string(out, a->error);
    } else {
        fputs("{\"status\":\"success\",\"data\":", out);
        put_result(out, a);
    }
    put_note(out, "warnings", a->warning);
    put_note(out, "infos", a->info);
    fputs("}\n", out);
}
