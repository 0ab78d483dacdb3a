/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/audit_forms.h"
#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/folder.h"
#include "sim/run/needed.h"

#include <stdlib.h>

/*
 * Checks, asks and hands on an audit log: "verify" says what was done to it and names the first bad
 * entry, "query" and "stats" read it, "export" writes it as others take it. A log is a trace's, or
 * a file that was exported.
 */

static const struct option_spec options[] = {
    {"engine", "N", "of a trace: which engine's log, counted from 0; default 0"},
    {"checkpoints", "FILE", "signed checkpoints; default FILE.checkpoints.jsonl, if it is there"},
    {"key", "HEX", "the public key that checkpoints have to be signed by; default the stated one"},
    {"category", "NAME", "query: of this category"},
    {"severity", "NAME", "query: of this severity at least: INFO, WARNING, ERROR, CRITICAL"},
    {"service", "NAME", "query: of this service, by its name (of a trace) or number"},
    {"actor", "NAME", "query: engine, or person/N"},
    {"correlation", "ID", "query: of this incident, as engine/incarnation/number"},
    {"operation", "ID", "query: of this operation"},
    {"since", "TIME", "query: not before, as 2026-01-05T09:00:30Z"},
    {"until", "TIME", "query: before"},
    {"json", NULL, "query: whole lines, as they were exported"},
    {"form", "NAME",
     "export: chain (default), checkpoints, elasticsearch, loki; to standard output"},
    {"out", "DIR", "export: chain and checkpoints of every engine, as engine-N.jsonl"},
    {NULL, NULL, NULL}};

static bool wrong_word(const char *option, const char *said, const char *const *names,
                       size_t count) {
    char shown[96];
    printable(shown, sizeof shown, said, strlen(said));
    const char *nearest = nearest_name(said, strlen(said), names, count);
    fprintf(stderr, "firedrill audit: %s: nothing is called \"%s\"", option, shown);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fputc('\n', stderr);
    return false;
}

/* ---- query ---- */

static bool read_word(const struct arguments *a, const char *option, const char *(*name)(int64_t),
                      int64_t count, int64_t *out) {
    const char *said = argument(a, option + 2), *names[CATEGORY_COUNT];
    *out = -1;
    if (!said) return true;
    for (int64_t k = 0; k < count; k++) {
        names[k] = name(k);
        if (strcmp(names[k], said) == 0) *out = k;
    }
    return *out >= 0 || wrong_word(option, said, names, (size_t)count);
}

static bool read_time(const struct arguments *a, const char *option, time_ns otherwise,
                      time_ns *out) {
    const char *said = argument(a, option);
    *out = otherwise;
    if (!said || wall_parse(said, strlen(said), out)) return true;
    char shown[96];
    printable(shown, sizeof shown, said, strlen(said));
    fprintf(stderr,
            "firedrill audit: --%s: expected a time as \"2026-01-05T09:00:30Z\", got \"%s\"\n",
            option, shown);
    return false;
}

static bool read_service(const struct arguments *a, const struct audit_log *log, int64_t *out) {
    const char *said = argument(a, "service");
    *out = -1;
    for (uint32_t k = 0; said && k < log->service_count; k++)
        if (strcmp(log->services[k], said) == 0) *out = k;
    if (!said || *out >= 0) return true;
    if (said[0] >= '0' && said[0] <= '9') return argument_int(a, "service", 0, UINT32_MAX, -1, out);
    return wrong_word("--service", said, log->services, log->service_count);
}

static enum status query(const struct arguments *a, const struct audit_log *log) {
    struct audit_query q = {.actor = argument(a, "actor"),
                            .correlation = argument(a, "correlation")};
    if (!read_word(a, "--category", category_name, CATEGORY_COUNT, &q.category) ||
        !read_word(a, "--severity", severity_name, SEVERITY_COUNT, &q.least_severity) ||
        !read_service(a, log, &q.service) ||
        !argument_int(a, "operation", 0, INT64_MAX, -1, &q.operation) ||
        !read_time(a, "since", INT64_MIN, &q.since) || !read_time(a, "until", INT64_MAX, &q.until))
        return STATUS_BAD_INPUT;
    for (uint32_t k = 0; k < log->count; k++) {
        char text[ENTRY_LINE_MAX];
        const struct audit_line *line = &log->lines[k];
        if (!audit_log_matches(line, &q)) continue;
        if (argument(a, "json")) {
            fwrite(text, 1, entry_export(&line->previous, &line->hash, &line->body, text), stdout);
            fputc('\n', stdout);
        } else
            audit_write_row(log, line, stdout);
    }
    return STATUS_OK;
}

/* ---- verify ---- */

static void say_anchor(const struct audit_log *log, const struct audit_finding *found) {
    if (log->checkpoint_count == 0)
        printf("; no checkpoint: a tail that was cut off or a chain written anew would not show\n");
    else
        printf(", by signed checkpoints up to entry %lld\n", (long long)found->anchored);
}

static enum status verify(const struct audit_log *log, const char *file) {
    struct audit_finding found;
    char shown[256];
    audit_log_verify(log, &found);
    printable(shown, sizeof shown, file, strlen(file));
    if (found.forged > 0)
        printf("%s: the checkpoint at entry %lld is not signed by the key\n", shown,
               (long long)found.forged);
    if (found.flaw == FLAW_NONE) {
        if (found.forged > 0) return STATUS_FAILED;
        printf("%s: the chain of %u entries holds", shown, log->count);
        say_anchor(log, &found);
        return STATUS_OK;
    }
    printf("%s: broken at entry %lld", shown, (long long)found.first_bad);
    if (found.first_bad >= 1 && found.first_bad <= (int64_t)log->count &&
        log->lines[found.first_bad - 1].line > 0)
        printf(" (line %u)", log->lines[found.first_bad - 1].line);
    printf(": %s: %s\n", flaw_name(found.flaw), flaw_meaning(found.flaw));
    return STATUS_FAILED;
}

/* ---- export ---- */

static const struct {
    const char *name;
    void (*write)(const struct audit_log *log, FILE *out);
} forms[] = {{"chain", audit_write_chain},
             {"checkpoints", audit_write_checkpoints},
             {"elasticsearch", audit_write_elasticsearch},
             {"loki", audit_write_loki}};

struct exported {
    char *bytes;
    size_t len;
};

static struct exported as_bytes(const struct audit_log *log,
                                void (*write)(const struct audit_log *log, FILE *out)) {
    struct exported e;
    FILE *out = open_memstream(&e.bytes, &e.len);
    if (!out) abort();
    write(log, out);
    if (fclose(out) != 0) abort();
    return e;
}

/* The same log may be exported again; another one would be lost. */
static bool may_be_replaced(struct arena *arena, const char *path, const struct exported *by,
                            struct diags *diags) {
    struct diags not_there = {0};
    const char *bytes;
    size_t len;
    if (!file_read(arena, path, &bytes, &len, &not_there)) return true;
    if (len == by->len && memcmp(bytes, by->bytes, len) == 0) return true;
    diag_error(diags, path, 0, 0,
               "is there already, of another log; choose another --out, or remove it");
    return false;
}

static bool write_file(const struct audit_log *log, struct arena *arena, const char *folder,
                       const char *ending, void (*write)(const struct audit_log *log, FILE *out),
                       struct diags *diags) {
    char path[480];
    struct file_out out;
    int len = snprintf(path, sizeof path, "%s/engine-%u%s", folder, log->engine, ending);
    if (len < 0 || (size_t)len >= sizeof path) {
        diag_error(diags, "--out", 0, 0, "the name is too long");
        return false;
    }
    struct exported e = as_bytes(log, write);
    bool good = needed_spared("out", path, diags) && may_be_replaced(arena, path, &e, diags) &&
                file_begin(&out, path, diags);
    if (good) {
        fwrite(e.bytes, 1, e.len, out.stream);
        good = file_commit(&out, diags);
    }
    free(e.bytes);
    return good;
}

/* Logs of other engines would be taken for the same trace's; with anything else they are not mixed
 * up. */
static bool is_log_of(const void *engines, const char *name) {
    unsigned engine;
    int len = 0;
    if (strncmp(name, "engine-", 7) != 0) return true;
    if (sscanf(name, "engine-%u%n", &engine, &len) != 1 || engine >= *(const uint32_t *)engines)
        return false;
    return strcmp(name + len, ".jsonl") == 0 || strcmp(name + len, ".checkpoints.jsonl") == 0;
}

static bool export_folder(const struct arguments *a, struct arena *arena, const char *folder,
                          struct diags *diags) {
    uint32_t engines = audit_log_engines(arena, a->operands[1]);
    if (engines == 0) engines = 1;
    struct folder_use use = {folder, is_log_of, &engines};
    if (!folder_fits(&use, diags) || !folder_make(folder)) return false;
    for (uint32_t k = 0; k < engines; k++) {
        struct audit_log log;
        if (!audit_log_read(&log, arena, a->operands[1], argument(a, "checkpoints"),
                            argument(a, "key"), k, diags) ||
            !write_file(&log, arena, folder, ".jsonl", audit_write_chain, diags) ||
            !write_file(&log, arena, folder, ".checkpoints.jsonl", audit_write_checkpoints, diags))
            return false;
    }
    return true;
}

static enum status export(const struct arguments *a, const struct audit_log *log) {
    const char *form = argument(a, "form"), *names[ARRAY_LEN(forms)];
    for (size_t k = 0; k < ARRAY_LEN(forms); k++){
        names[k] = forms[k].name; if (strcmp(forms[k].name, form ? form : "chain") != 0) continue;
        forms[k].write(log, stdout); return STATUS_OK;}
wrong_word("--form", form, names, ARRAY_LEN(names));
return STATUS_BAD_INPUT;
}

/* ---- the command ---- */

static enum status answer(const struct arguments *a, struct arena *arena, struct diags *diags) {
    static const char *const verbs[] = {"verify", "query", "stats", "export"};
    const char *verb = a->operands[0], *file = a->operands[1];
    size_t k = 0;
    while (k < ARRAY_LEN(verbs) && strcmp(verbs[k], verb) != 0) k++;
    if (k == ARRAY_LEN(verbs)) {
        wrong_word("verb", verb, verbs, ARRAY_LEN(verbs));
        return STATUS_BAD_INPUT;
    }
    const char *folder = argument(a, "out");
    if (k == 3 && folder)
        return export_folder(a, arena, folder, diags) ? STATUS_OK : bad_input(diags);
    struct audit_log log;
    int64_t engine;
    if (!argument_int(a, "engine", 0, UINT16_MAX, 0, &engine)) return STATUS_BAD_INPUT;
    if (!audit_log_read(&log, arena, file, argument(a, "checkpoints"), argument(a, "key"),
                        (uint32_t)engine, diags))
        return bad_input(diags);
    switch (k) {
    case 0: return verify(&log, file);
    case 1: return query(a, &log);
    case 2: audit_write_statistics(&log, stdout); return STATUS_OK;
    default: return export(a, &log);
    }
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_audit, argc, argv, &status)) return status;
    if (a.operand_count != 2) {
        command_help(&command_audit, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    status = answer(&a, &arena, &diags);
    arena_close(&arena);
    return status;
}

const struct command command_audit = {
    "audit",
    "verify|query|stats|export FILE",
    "checks an audit log and names its first bad entry, asks it, hands it on; FILE is a trace, or "
    "a "
    "log that was exported",
    "firedrill audit verify out/audit_log_corruption@shop-1.trace",
    options,
    run};
