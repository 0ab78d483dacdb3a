/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/audit_log.h"

#include "reports/judge/facts.h"
#include "sim/run/files.h"

#include <stdio.h>

/* ---- growing ---- */

static struct audit_line *line_add(struct audit_log *log, struct arena *arena) {
    if (log->count == log->capacity) {
        uint32_t capacity = log->capacity ? 2 * log->capacity : 256;
        struct audit_line *lines = ARENA_NEW(arena, struct audit_line, capacity);
        if (log->count) memcpy(lines, log->lines, log->count * sizeof *lines);
        log->lines = lines;
        log->capacity = capacity;
    }
    struct audit_line *line = &log->lines[log->count++];
    memset(line, 0, sizeof *line);
    return line;
}

/* In the order of their sequences, whatever the order in the file. */
static struct audit_checkpoint *checkpoint_add(struct audit_log *log, struct arena *arena,
                                               int64_t sequence) {
    if (log->checkpoint_count == log->checkpoint_capacity) {
        uint32_t capacity = log->checkpoint_capacity ? 2 * log->checkpoint_capacity : 64;
        struct audit_checkpoint *list = ARENA_NEW(arena, struct audit_checkpoint, capacity);
        if (log->checkpoint_count)
            memcpy(list, log->checkpoints, log->checkpoint_count * sizeof *list);
        log->checkpoints = list;
        log->checkpoint_capacity = capacity;
    }
    uint32_t at = log->checkpoint_count++;
    for (; at > 0 && log->checkpoints[at - 1].sequence > sequence; at--)
        log->checkpoints[at] = log->checkpoints[at - 1];
    log->checkpoints[at] = (struct audit_checkpoint){.sequence = sequence};
    return &log->checkpoints[at];
}

static void judge_signature(struct audit_checkpoint *c, const struct hash *key) {
    c->good =
        (!key || hash_eq(key, &c->key)) && sign_good(c->key.b, (uint64_t)c->engine, c->sequence,
                                                     &c->hash, c->signature.b, c->signature.len);
}

/* ---- from a file of lines ---- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_read(const char *s, size_t len, uint8_t *out, size_t bytes) {
    if (len != 2 * bytes) return false;
    for (size_t k = 0; k < len; k++) {
        int value = hex_digit(s[k]);
        if (value < 0) return false;
        out[k / 2] = (uint8_t)(k % 2 ? out[k / 2] << 4 | value : value);
    }
    return true;
}

/* What is no entry keeps its place, and its bytes as far as they fit: no hash will fit them. */
static bool line_read(struct audit_line *line, const char *text, size_t len) {
    if (entry_import(text, len, &line->previous, &line->hash, &line->body)) return true;
    memset(line, 0, sizeof *line);
    line->body.len = (uint16_t)(len < BLOB_MAX ? len : BLOB_MAX);
    memcpy(line->body.b, text, line->body.len);
    return false;
}

/* The next line without its end; false after the last. */
static bool next_line(const char **at, const char *end, const char **line, size_t *len) {
    if (*at >= end) return false;
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    *line = *at;
    *len = (size_t)((newline ? newline : end) - *at);
    *at = newline ? newline + 1 : end;
    return true;
}

bool audit_log_lines(struct audit_log *log, struct arena *arena, const char *file,
                     const char *bytes, size_t len, struct diags *diags) {
    const char *at = bytes, *text;
    size_t size;
    bool any = false;
    for (uint32_t number = 1; next_line(&at, bytes + len, &text, &size); number++) {
        if (log->count == AUDIT_LINES_MAX) {
            diag_error(diags, file, (int)number, 1, "more than %d entries", AUDIT_LINES_MAX);
            return false;
        }
        struct audit_line *line = line_add(log, arena);
        if (line_read(line, text, size)) any = true;
        line->line = number;
    }
    if (any) return true;
    diag_error(diags, file, 1, 1, "expected a trace, or audit entries as JSON lines; %s",
               log->count > 0 ? "it is no audit log: no line is an entry" : "it is empty");
    return false;
}

static bool checkpoint_read(struct audit_checkpoint *c, const struct blob *body) {
    struct text hash = entry_text(body, "hash"), key = entry_text(body, "key");
    char digits[2 * SIGN_SIGNATURE_BYTES + 3];
    /* a signature is longer than a text may be */
    const char *s = (const char *)body->b;
    for (size_t k = 0; k + sizeof digits + 12 <= body->len; k++) {
        if (memcmp(s + k, "\"signature\":\"", 13) != 0) continue;
        c->signature.len = SIGN_SIGNATURE_BYTES;
        if (!hex_read(s + k + 13, sizeof digits - 3, c->signature.b, SIGN_SIGNATURE_BYTES))
            return false;
    }
    return entry_number(body, "engine", &c->engine) && c->signature.len > 0 &&
           hex_read(hash.s, hash.len, c->hash.b, sizeof c->hash.b) &&
           hex_read(key.s, key.len, c->key.b, sizeof c->key.b);
}

bool audit_log_checkpoints(struct audit_log *log, struct arena *arena, const char *file,
                           const char *bytes, size_t len, const struct hash *key,
                           struct diags *diags) {
    const char *at = bytes, *text;
    size_t size;
    for (uint32_t number = 1; next_line(&at, bytes + len, &text, &size); number++) {
        struct blob body = {.len = (uint16_t)(size < BLOB_MAX ? size : BLOB_MAX)};
        struct audit_checkpoint read = {0};
        memcpy(body.b, text, body.len);
        read.sequence = entry_sequence(&body);
        if (read.sequence == 0 || !checkpoint_read(&read, &body) ||
            log->checkpoint_count == AUDIT_CHECKPOINTS_MAX) {
            diag_error(diags, file, (int)number, 1,
                       "expected a checkpoint: {\"engine\":0,\"sequence\":64,\"hash\":\"..\","
                       "\"key\":\"..\",\"signature\":\"..\"}");
            return false;
        }
        judge_signature(&read, key);
        *checkpoint_add(log, arena, read.sequence) = read;
    }
    return true;
}

/* ---- from a trace ---- */

static void keep(struct audit_log *log, struct arena *arena, const struct hash *previous,
                 const struct hash *hash, struct rec_view body) {
    struct audit_line *line = line_add(log, arena);
    line->previous = *previous;
    line->hash = *hash;
    line->body.len = (uint16_t)(body.len < BLOB_MAX ? body.len : BLOB_MAX);
    if (line->body.len) memcpy(line->body.b, body.bytes, line->body.len);
}

static void tamper(struct audit_log *log, struct arena *arena,
                   const struct fact_audit_tampered *t) {
    if (t->how == AUDIT_GONE && t->sequence >= 1 && t->sequence <= (int64_t)log->count)
        log->count = (uint32_t)t->sequence - 1;
    if (t->how == AUDIT_APPENDED) keep(log, arena, &t->previous, &t->hash, t->body);
    if (t->how != AUDIT_REPLACED || t->sequence < 1 || t->sequence > (int64_t)log->count) return;
    struct audit_line *line = &log->lines[t->sequence - 1];
    line->body.len = (uint16_t)(t->body.len < BLOB_MAX ? t->body.len : BLOB_MAX);
    if (line->body.len) memcpy(line->body.b, t->body.bytes, line->body.len);
}

static void names_of(struct audit_log *log, struct arena *arena, const struct facts *f) {
    const char **names = ARENA_NEW(arena, const char *, f->service.count + 1);
    for (uint32_t k = 0; k < f->service.count; k++) {
        const char *name = facts_service(f, (struct svc_id){k});
        names[k] = arena_text(arena, name, strlen(name));
    }
    log->services = names;
    log->service_count = (uint32_t)f->service.count;
    EACH(f, engine, e)
    if (e->engine == log->engine) log->engine_name = arena_text(arena, e->name.bytes, e->name.len);
}

/* In the order in which it happened. What the heal mended after the run's end is not undone: the
 * log is that of the run. */
static void log_of_facts(struct audit_log *log, struct arena *arena, const struct facts *f,
                         const struct hash *wanted) {
    const struct hash *key = NULL;
    names_of(log, arena, f);
    EACH(f, audit_key, k) if (k->engine == log->engine) key = &k->key;
    for (size_t k = 0; k < f->order_count; k++) {
        struct fact_ref ref = f->order[k];
        if (ref.kind == REC_audit_past) {
            const struct fact_audit_past *p = &f->audit_past.items[ref.index];
            if (p->engine == log->engine) keep(log, arena, &p->previous, &p->hash, p->body);
        } else if (ref.kind == REC_audit_stored) {
            const struct fact_audit_stored *a = &f->audit_stored.items[ref.index];
            if (a->engine == log->engine && a->result == AUDIT_REPLY_OK)
                keep(log, arena, &a->previous, &a->hash, a->body);
        } else if (ref.kind == REC_audit_tampered) {
            const struct fact_audit_tampered *t = &f->audit_tampered.items[ref.index];
            if (t->engine == log->engine && t->at < f->heals_at) tamper(log, arena, t);
        } else if (ref.kind == REC_checkpoint_stored) {
            const struct fact_checkpoint_stored *c = &f->checkpoint_stored.items[ref.index];
            if (c->engine != log->engine) continue;
            struct audit_checkpoint *own = checkpoint_add(log, arena, c->sequence);
            own->engine = c->engine;
            own->hash = c->hash;
            if (key) own->key = *key;
            own->signature.len = (uint16_t)(c->signature.len < BLOB_MAX ? c->signature.len : 0);
            if (own->signature.len)
                memcpy(own->signature.b, c->signature.bytes, own->signature.len);
            judge_signature(own, wanted);
        }
    }
}

void audit_log_of(struct audit_log *log, struct arena *arena, const struct facts *facts,
                  uint32_t engine) {
    *log = (struct audit_log){.engine = engine, .engine_name = ""};
    log_of_facts(log, arena, facts, NULL);
}

static bool log_of_trace(struct audit_log *log, struct arena *arena, const char *file,
                         const char *bytes, size_t len, const struct hash *key,
                         struct diags *diags) {
    struct facts facts;
    struct trace_error error;
    if (!facts_read(bytes, len, &facts, &error)) {
        diag_error(diags, file, 0, 0, "record %llu, byte %zu: %s", (unsigned long long)error.record,
                   error.offset, error.what);
        return false;
    }
    bool known = log->engine < facts.engine.count;
    if (known)
        log_of_facts(log, arena, &facts, key);
    else
        diag_error(diags, file, 0, 0, "there is no engine %u; it has %zu, counted from 0",
                   log->engine, facts.engine.count);
    facts_free(&facts);
    return known;
}

uint32_t audit_log_engines(struct arena *arena, const char *file) {
    struct diags unheard = {0};
    const char *bytes;
    size_t len;
    struct facts facts;
    struct trace_error error;
    if (!file_read(arena, file, &bytes, &len, &unheard) || !trace_has_magic(bytes, len) ||
        !facts_read(bytes, len, &facts, &error))
        return 0;
    uint32_t engines = (uint32_t)facts.engine.count;
    facts_free(&facts);
    return engines;
}

/* ---- either ---- */

static const char *beside(struct arena *arena, const char *file) {
    static const char ending[] = ".jsonl", checkpoints[] = ".checkpoints.jsonl";
    size_t len = strlen(file), cut = sizeof ending - 1;
    if (len > cut && strcmp(file + len - cut, ending) == 0) len -= cut;
    char path[512];
    int size = snprintf(path, sizeof path, "%.*s%s", (int)len, file, checkpoints);
    if (size < 0 || (size_t)size >= sizeof path) return NULL;
    FILE *there = fopen(path, "rb");
    if (!there) return NULL;
    fclose(there);
    return arena_text(arena, path, (size_t)size);
}

bool audit_log_read(struct audit_log *log, struct arena *arena, const char *file,
                    const char *checkpoints, const char *key, uint32_t engine,
                    struct diags *diags) {
    const char *bytes;
    size_t len;
    struct hash wanted;
    *log = (struct audit_log){.engine = engine, .engine_name = ""};
    if (key && !hex_read(key, strlen(key), wanted.b, sizeof wanted.b)) {
        diag_error(diags, "--key", 0, 0, "expected 64 hex digits");
        return false;
    }
    const struct hash *pinned = key ? &wanted : NULL;
    if (!file_read(arena, file, &bytes, &len, diags)) return false;
    bool trace = trace_has_magic(bytes, len);
    bool read = trace ? log_of_trace(log, arena, file, bytes, len, pinned, diags)
                      : audit_log_lines(log, arena, file, bytes, len, diags);
    if (!checkpoints && !trace) checkpoints = beside(arena, file);
    if (!read || !checkpoints) return read;
    return file_read(arena, checkpoints, &bytes, &len, diags) &&
           audit_log_checkpoints(log, arena, checkpoints, bytes, len, pinned, diags);
}

/* ---- questions ---- */

void audit_log_verify(const struct audit_log *log, struct audit_finding *out) {
    struct chain_check check;
    uint32_t next = 0;
    *out = (struct audit_finding){0};
    for (uint32_t k = 0; k < log->checkpoint_count; k++)
        if (!log->checkpoints[k].good && out->forged == 0)
            out->forged = log->checkpoints[k].sequence;
    chain_check_open(&check);
    for (uint32_t k = 0; k <= log->count; k++) {
        while (next < log->checkpoint_count && check.trusted >= check.anchor.sequence) {
            const struct audit_checkpoint *c = &log->checkpoints[next++];
            if (c->good) chain_check_anchor(&check, c->sequence, &c->hash);
        }
        if (k < log->count && !chain_check_entry(&check, &log->lines[k].previous,
                                                 &log->lines[k].hash, &log->lines[k].body))
            break;
    }
    chain_check_end(&check);
    out->flaw = check.flaw;
    out->first_bad = check.first_bad;
    out->anchored = check.trusted;
}

static bool text_matches(const struct audit_line *line, const char *name, const char *wanted) {
    struct text said = entry_text(&line->body, name);
    return !wanted || text_is(&said, wanted);
}

static bool number_matches(const struct audit_line *line, const char *name, int64_t wanted) {
    int64_t said;
    return wanted < 0 || (entry_number(&line->body, name, &said) && said == wanted);
}

bool audit_log_matches(const struct audit_line *line, const struct audit_query *q) {
    struct text category = entry_text(&line->body, "category");
    struct text severity = entry_text(&line->body, "severity");
    int64_t wall = 0;
    (void)entry_number(&line->body, "wall_ns", &wall);
    return (q->category < 0 || category_of(category.s, category.len) == q->category) &&
           (q->least_severity < 0 || severity_of(severity.s, severity.len) >= q->least_severity) &&
           number_matches(line, "service", q->service) &&
           number_matches(line, "operation", q->operation) &&
           text_matches(line, "actor", q->actor) &&
           text_matches(line, "correlation", q->correlation) && wall >= q->since && wall < q->until;
}

const char *audit_log_service(const struct audit_log *log, const struct audit_line *line,
                              char buffer[24]) {
    int64_t service;
    if (!entry_number(&line->body, "service", &service) || service == NONE_ID) return "-";
    if (service >= 0 && service < log->service_count) return log->services[service];
    snprintf(buffer, 24, "%lld", (long long)service);
    return buffer;
}
