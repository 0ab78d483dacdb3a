/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/audit_forms.h"

static size_t exported(const struct audit_line *line, char text[ENTRY_LINE_MAX]) {
    return entry_export(&line->previous, &line->hash, &line->body, text);
}

void audit_write_chain(const struct audit_log *log, FILE *out) {
    char text[ENTRY_LINE_MAX];
    for (uint32_t k = 0; k < log->count; k++) {
        fwrite(text, 1, exported(&log->lines[k], text), out);
        fputc('\n', out);
    }
}

static void hex(FILE *out, const char *name, const uint8_t *bytes, size_t len) {
    fprintf(out, ",\"%s\":\"", name);
    for (size_t k = 0; k < len; k++) fprintf(out, "%02x", bytes[k]);
    fputc('"', out);
}

void audit_write_checkpoints(const struct audit_log *log, FILE *out) {
    for (uint32_t k = 0; k < log->checkpoint_count; k++) {
        const struct audit_checkpoint *c = &log->checkpoints[k];
        fprintf(out, "{\"engine\":%lld,\"sequence\":%lld", (long long)c->engine,
                (long long)c->sequence);
        hex(out, "hash", c->hash.b, sizeof c->hash.b);
        hex(out, "key", c->key.b, sizeof c->key.b);
        hex(out, "signature", c->signature.b, c->signature.len);
        fputs("}\n", out);
    }
}

/* ---- Elasticsearch ---- */

static void wall_of(const struct audit_line *line, int64_t *wall, char text[40]) {
    *wall = 0;
    (void)entry_number(&line->body, "wall_ns", wall);
    wall_format(text, 40, *wall);
}

/* A line whose end is missing is no JSON: it goes as a text. */
static void document(const struct audit_log *log, const struct audit_line *line, FILE *out) {
    char text[ENTRY_LINE_MAX], quoted[6 * ENTRY_LINE_MAX + 3], at[40], number[24];
    int64_t wall;
    size_t len = exported(line, text);
    wall_of(line, &wall, at);
    if (entry_whole(&line->body) && line->body.len > 2 && line->body.b[0] == '{') {
        fprintf(out, "{\"@timestamp\":\"%s\"", at);
        if (log->service_count)
            fprintf(out, ",\"service_name\":\"%s\"", audit_log_service(log, line, number));
        fprintf(out, ",%.*s\n", (int)(len - 1), text + 1);
        return;
    }
    struct writer w = writer_of(quoted, sizeof quoted);
    write_json_string(&w, text, len);
    fprintf(out, "{\"@timestamp\":\"%s\",\"damaged\":%.*s}\n", at, (int)w.len, quoted);
}

void audit_write_elasticsearch(const struct audit_log *log, FILE *out) {
    for (uint32_t k = 0; k < log->count; k++) {
        fprintf(out, "{\"index\":{\"_index\":\"firedrill-audit\",\"_id\":\"engine-%u-%u\"}}\n",
                log->engine, k + 1);
        document(log, &log->lines[k], out);
    }
}

/* ---- Loki ---- */

static bool is_of(const struct audit_line *line, int category, int severity) {
    struct audit_query q = {.category = category,
                            .least_severity = severity,
                            .service = -1,
                            .operation = -1,
                            .since = INT64_MIN,
                            .until = INT64_MAX};
    struct text said = entry_text(&line->body, "severity");
    return audit_log_matches(line, &q) && severity_of(said.s, said.len) == severity;
}

/* Its former values and its own, as [nanoseconds, line]. */
static void value(const struct audit_line *line, bool first, FILE *out) {
    char text[ENTRY_LINE_MAX], quoted[6 * ENTRY_LINE_MAX + 3], at[40];
    int64_t wall;
    wall_of(line, &wall, at);
    struct writer w = writer_of(quoted, sizeof quoted);
    write_json_string(&w, text, exported(line, text));
    fprintf(out, "%s[\"%lld\",%.*s]", first ? "" : ",", (long long)wall, (int)w.len, quoted);
}

static bool stream(const struct audit_log *log, int category, int severity, bool first, FILE *out) {
    bool begun = false;
    for (uint32_t k = 0; k < log->count; k++) {
        if (!is_of(&log->lines[k], category, severity)) continue;
        if (!begun)
            fprintf(out,
                    "%s{\"stream\":{\"job\":\"firedrill\",\"engine\":\"%u\",\"category\":\"%s\","
                    "\"severity\":\"%s\"},\"values\":[",
                    first ? "" : ",\n", log->engine, category_name(category),
                    severity_name(severity));
        value(&log->lines[k], !begun, out);
        begun = true;
    }
    if (begun) fputs("]}", out);
    return begun;
}

/* Entries that say no category or severity any more are in no stream: their place shows in the
 * numbers of the others, and verification names them. */
void audit_write_loki(const struct audit_log *log, FILE *out) {
    bool first = true;
    fputs("{\"streams\":[", out);
    for (int category = 0; category < CATEGORY_COUNT; category++)
        for (int severity = 0; severity < SEVERITY_COUNT; severity++)
            if (stream(log, category, severity, first, out)) first = false;
    fputs("]}\n", out);
}

/* ---- for people ---- */

static void text_print(FILE *out, int width, const struct text *text) {
    char shown[4 * TEXT_MAX + 1];
    printable(shown, sizeof shown, text->s, text->len);
    fprintf(out, "%-*s", width, shown);
}

void audit_write_row(const struct audit_log *log, const struct audit_line *line, FILE *out) {
    static const struct {
        const char *name;
        int width;
    } columns[] = {{"severity", 9}, {"category", 20}, {"actor", 9}, {"correlation", 12}};
    char at[40], number[24];
    int64_t wall;
    wall_of(line, &wall, at);
    fprintf(out, "%6lld  %-30s  ", (long long)entry_sequence(&line->body), at);
    for (size_t k = 0; k < ARRAY_LEN(columns); k++) {
        struct text said = entry_text(&line->body, columns[k].name);
        text_print(out, columns[k].width, &said);
        fputs("  ", out);
    }
    fprintf(out, "%-16s  ", audit_log_service(log, line, number));
    struct text what = entry_text(&line->body, "what"), detail = entry_text(&line->body, "detail");
    text_print(out, 0, &what);
    if (detail.len) {
        fputs(": ", out);
        text_print(out, 0, &detail);
    }
    fputc('\n', out);
}

struct tally {
    uint32_t category[CATEGORY_COUNT], severity[SEVERITY_COUNT], people, unreadable;
    int64_t first, last;
};

static void count_line(struct tally *t, const struct audit_line *line) {
    struct text category = entry_text(&line->body, "category");
    struct text severity = entry_text(&line->body, "severity");
    struct text actor = entry_text(&line->body, "actor");
    int c = category_of(category.s, category.len), s = severity_of(severity.s, severity.len);
    int64_t wall;
    if (c >= 0) t->category[c]++;
    if (s >= 0) t->severity[s]++;
    if (actor.len > 7 && memcmp(actor.s, "person/", 7) == 0) t->people++;
    if (c < 0 || s < 0 || !entry_number(&line->body, "wall_ns", &wall)) {
        t->unreadable++;
        return;
    }
    if (t->first == 0 || wall < t->first) t->first = wall;
    if (wall > t->last) t->last = wall;
}

void audit_write_statistics(const struct audit_log *log, FILE *out) {
    struct tally t = {0};
    char from[40], until[40];
    for (uint32_t k = 0; k < log->count; k++) count_line(&t, &log->lines[k]);
    wall_format(from, sizeof from, t.first);
    wall_format(until, sizeof until, t.last);
    fprintf(out, "%u entries from %s to %s; %u by people; %u checkpoints", log->count, from, until,
            t.people, log->checkpoint_count);
    if (t.unreadable) fprintf(out, "; %u unreadable", t.unreadable);
    fputs("\n\n", out);
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        fprintf(out, "%-22s %6u\n", severity_name(s), t.severity[s]);
    fputc('\n', out);
    for (int c = 0; c < CATEGORY_COUNT; c++)
        fprintf(out, "%-22s %6u\n", category_name(c), t.category[c]);
}
