/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/shrink.h"

#include "reports/forms/forms.h"
#include "reports/judge/invariants.h"
#include "reports/judge/judge.h"
#include "scenarios/loading.h"
#include "sim/run/command.h"
#include "sim/run/files.h"
#include "sim/run/loading.h"
#include "sim/run/needed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define STORY_LINES 60

static const struct option_spec options[] = {
    {"seed", "N", "of a FILE: the seed with which it fails, instead of its own"},
    {"invariant", "NAME", "that has to fail; the first that does, unless given"},
    {"time", "DURATION", "try no more after so long; 1m unless given"},
    {"out", "FILE", "what is left; SCENARIO-shrunk.yaml unless given"},
    {"jobs", "N", "processes at a time; default: as many as processors"},
    {NULL, NULL, NULL}};

/* ---- what is shrunk ---- */

/* The scenario, topology or policy that a trace carries under that kind; NULL. */
static const char *source_in(struct arena *arena, const char *bytes, size_t len, const char *kind,
                             size_t *out_len, const char **name) {
    struct trace_reader reader;
    struct trace_record record;
    trace_reader_open(&reader, bytes, len);
    while (trace_next(&reader, &record) == TRACE_RECORD) {
        const struct rec_source *s = &record.source;
        if (record.kind != REC_source || s->kind.len != strlen(kind) ||
            memcmp(s->kind.bytes, kind, s->kind.len) != 0)
            continue;
        *out_len = s->bytes.len;
        *name = arena_text(arena, s->name.bytes, s->name.len);
        return arena_text(arena, s->bytes.bytes, s->bytes.len);
    }
    return NULL;
}

static void leave_out(struct knot *root, const char *without) {
    struct knot *faults = knot_key(root, "faults");
    for (uint32_t k = 0; faults && k < faults->count; k++) {
        struct knot *name = knot_key(faults->items[k], "name");
        if (!name) name = knot_key(faults->items[k], "kind");
        if (strcmp(without, "all") == 0 || (name && strcmp(name->text, without) == 0))
            faults->items[k]->off = true;
    }
}

/* What the command line of the run said becomes part of the scenario. */
static bool fold_options(struct shrinking *s, const char *bytes, size_t len, struct diags *diags) {
    struct plan_source source = {.kind = "options", .name = "options"};
    struct scn_options given = {0};
    source.bytes = source_in(s->arena, bytes, len, "options", &source.len, &source.name);
    if (!source.bytes) return true;
    if (!scn_read_options(s->arena, &source, diags, &given)) return false;
    if (given.set) {
        diag_error(diags, "--set", 0, 0,
                   "the trace is of a run with --set; write \"%s\" into the scenario to shrink it",
                   given.set);
        return false;
    }
    if (given.variant) {
        diag_error(diags, s->file, 0, 0,
                   "the trace is of variant \"%.80s\" of a matrix; write what it sets into the "
                   "scenario to "
                   "shrink it",
                   given.variant);
        return false;
    }
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, given.seed);
    if (given.seed_given)
        knot_set(s->arena, s->root, "seed", arena_text(s->arena, seed, strlen(seed)));
    if (given.topology) knot_set(s->arena, s->root, "topology", given.topology);
    if (given.policy) knot_set(s->arena, s->root, "policy", given.policy);
    if (given.without) leave_out(s->root, given.without);
    return true;
}

/* Names that are paths are relative to the file that they stood in. */
static void make_absolute(struct shrinking *s, const char *key, const char *file) {
    struct knot *k = knot_key(s->root, key);
    const char *slash = strrchr(file, '/');
    char whole[2048], here[1024] = ".";
    if (!k || k->kind != YAML_SCALAR || !file_is_path(k->text) || k->text[0] == '/') return;
    bool relative = file[0] != '/' && getcwd(here, sizeof here);
    snprintf(whole, sizeof whole, "%s%s%.*s%s", relative ? here : "", relative ? "/" : "",
             slash ? (int)(slash - file + 1) : 0, file, k->text);
    k->text = arena_text(s->arena, whole, strlen(whole));
}

static bool read_document(struct shrinking *s, const char *file, const char *bytes, size_t len,
                          struct diags *diags) {
    struct yaml_doc doc;
    if (!yaml_read(&doc, s->arena, diags, file, bytes, len, NULL, NULL)) return false;
    if (doc.document_count != 1 || doc.root->kind != YAML_MAPPING) {
        diag_error(diags, file, 1, 1, "expected one scenario, a mapping of keys to values");
        return false;
    }
    if (!yaml_is_null(yaml_key(&doc, doc.root, "include"))) {
        diag_error(diags, file, 0, 0, "write what it includes into the scenario to shrink it");
        return false;
    }
    s->root = knot_of(s->arena, doc.root);
    return true;
}

static bool read_input(struct shrinking *s, const struct arguments *a, struct diags *diags) {
    const char *named = a->operands[0], *path, *bytes, *name = named;
    size_t len, scenario_len;
    if (!scenario_file(s->arena, named, &path, &bytes, &len, diags)) return false;
    if (!trace_has_magic(bytes, len)) {
        const char *seed = argument(a, "seed");
        if (!read_document(s, path, bytes, len, diags)) return false;
        if (seed) knot_set(s->arena, s->root, "seed", seed);
    } else {
        const char *scenario = source_in(s->arena, bytes, len, "scenario", &scenario_len, &name);
        if (!scenario) {
            diag_error(diags, named, 0, 0, "expected a trace that carries its plan");
            return false;
        }
        if (!read_document(s, name, scenario, scenario_len, diags) ||
            !fold_options(s, bytes, len, diags))
            return false;
        path = name;
    }
    make_absolute(s, "topology", path);
    make_absolute(s, "policy", path);
    struct knot *must_not = knot_key(s->root, "must_not");
    if (must_not) must_not->off = true;
    return true;
}

/* Whatever it expected: what is left says nothing but that the invariants hold. */
static void expect_invariants(struct shrinking *s) {
    static const char text[] = "expect: [{invariants: true}]";
    struct yaml_doc doc;
    struct diags diags = {0};
    struct knot *expect = knot_key(s->root, "expect");
    if (!expect || !yaml_read(&doc, s->arena, &diags, "", text, sizeof text - 1, NULL, NULL))
        return;
    *expect = *knot_key(knot_of(s->arena, doc.root), "expect");
}

/* ---- what is written ---- */

/* Line by line until what failed, as a comment. */
static void write_story(const struct bytes *trace, FILE *out) {
    struct facts facts;
    struct trace_error error;
    char *text = NULL;
    size_t len = 0;
    int lines = 0;
    FILE *story = open_memstream(&text, &len);
    if (!story) return;
    if (judge_read(trace->bytes, trace->len, &facts, &error)) {
        timeline_text(&facts, story);
        facts_free(&facts);
    }
    fclose(story);
    for (char *line = strtok(text, "\n"); line && lines < STORY_LINES; line = strtok(NULL, "\n"))
        lines += fprintf(out, "#   %s\n", line) > 0;
    free(text);
}

static bool write_result(struct shrinking *s, const char *path, const struct verified *v,
                         uint32_t faults, struct diags *diags) {
    struct file_out out;
    size_t len;
    struct scenario *list;
    uint32_t count;
    struct bytes trace = {0};
    struct run_result result;
    char quoted[1100];
    const struct knot *left = knot_key(s->root, "faults");
    const char *text = knot_write(s->arena, s->root, &len);
    if (!file_begin(&out, path, diags)) return false;
    fprintf(out.stream, "# Shrunk: %" PRIu32 " of %" PRIu32 " faults are left.\n",
            left ? knot_live(left) : 0, faults);
    for (uint32_t k = 0; k < v->kinds; k++)
        if (!s->invariant || strcmp(v->invariant[k], s->invariant) == 0)
            fprintf(out.stream, "# fails: %s\n", v->why[k]);
    shell_word(quoted, sizeof quoted, path, strlen(path));
    fprintf(out.stream, "# reproduce: firedrill run %s --timeline\n", quoted);
    if (s->invariant && scenarios_load(s->arena, path, text, len, NULL, diags, &list, &count) &&
        run_scenario(&list[0], bytes_sink, &trace, &result, diags)) {
        fprintf(out.stream, "# what happens:\n");
        write_story(&trace, out.stream);
    }
    bytes_free(&trace);
    fwrite(text, 1, len, out.stream);
    return file_commit(&out, diags);
}

/* ---- the command ---- */

/* What cannot be run said so where nobody listened. */
static void say_why(struct shrinking *s) {
    struct diags diags = {0};
    struct scenario *list;
    uint32_t count;
    size_t len;
    const char *text = knot_write(s->arena, s->root, &len);
    if (scenarios_load(s->arena, s->file, text, len, NULL, &diags, &list, &count))
        diag_error(&diags, s->file, 0, 0, "cannot be run");
    diag_print(&diags, stderr);
}

static bool begin(struct shrinking *s, const struct arguments *a, struct verified *v) {
    enum status status = shrink_try(s, v);
    const char *wanted = argument(a, "invariant");
    if (status == STATUS_BUG) return true; /* it crashes: that is what has to stay */
    if (status != STATUS_OK)
        say_why(s);
    else if (v->kinds == 0)
        fprintf(stderr, "firedrill shrink: every invariant holds; nothing to shrink\n");
    else if (wanted && !verified_fails(v, wanted))
        fprintf(stderr, "firedrill shrink: %s holds; what fails is %s\n", wanted, v->invariant[0]);
    else {
        s->invariant = wanted ? wanted : v->invariant[0];
        return true;
    }
    return false;
}

static enum status shrink_document(struct shrinking *s, const struct arguments *a, time_ns limit) {
    static struct verified v, last;
    struct diags diags = {0};
    char path[512], word[240];
    const struct knot *faults = knot_key(s->root, "faults"), *name = knot_key(s->root, "name");
    uint32_t before = faults ? knot_live(faults) : 0;
    struct timespec t;
    const char *out = argument(a, "out");
    file_word(word, sizeof word, name ? name->text : "scenario");
    snprintf(path, sizeof path, "%s-shrunk.yaml", word);
    if (!needed_spared("out", out ? out : path, &diags)) return bad_input(&diags);
    expect_invariants(s);
    if (!begin(s, a, &v)) return STATUS_BAD_INPUT;
    clock_gettime(CLOCK_MONOTONIC, &t);
    s->seconds = (double)t.tv_sec + (double)t.tv_nsec / 1e9 + (double)limit / 1e9;
    bool done = shrink(s);
    (void)shrink_try(s, &last);
    if (!write_result(s, out ? out : path, &last, before, &diags)) return bad_input(&diags);
    faults = knot_key(s->root, "faults");
    printf(
        "%s: %" PRIu32 " of %" PRIu32 " faults are left, after %" PRIu32 " runs%s\n%s: fails %s\n",
        out ? out : path, faults ? knot_live(faults) : 0, before, s->tries,
        done ? "" : "; time was out", out ? out : path, s->invariant ? s->invariant : "by a crash");
    return STATUS_OK;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    struct diags diags = {0};
    int64_t at_once, seed;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    time_ns limit = 60 * NS_PER_S;
    if (!arguments_read(&a, &command_shrink, argc, argv, &status)) return status;
    if (a.operand_count != 1) {
        command_help(&command_shrink, stderr);
        return STATUS_BAD_INPUT;
    }
    const char *time = argument(&a, "time"), *invariant = argument(&a, "invariant");
    if (!argument_int(&a, "jobs", 1, 1024, processors > 0 ? processors : 1, &at_once) ||
        !argument_int(&a, "seed", 0, INT64_MAX, 1, &seed))
        return STATUS_BAD_INPUT;
    if (time && (!duration_parse(time, strlen(time), &limit) || limit <= 0)) {
        fprintf(stderr, "firedrill shrink: --time: expected a duration such as 1m\n");
        return STATUS_BAD_INPUT;
    }
    if (invariant && !invariant_named(invariant)) {
        fprintf(stderr, "firedrill shrink: there is no such invariant; see: firedrill list "
                        "invariants\n");
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    arena_open(&arena);
    struct shrinking s = {.arena = &arena, .file = "shrunk.yaml", .at_once = (uint32_t)at_once};
    status = read_input(&s, &a, &diags) ? shrink_document(&s, &a, limit) : bad_input(&diags);
    arena_close(&arena);
    return status;
}

const struct command command_shrink = {
    "shrink",
    "FILE|TRACE",
    "makes a scenario that breaks an invariant small",
    "firedrill shrink hunt/failures/fuzz-14.yaml --out small.yaml",
    options,
    run};
