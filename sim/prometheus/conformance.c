/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/conformance_parts.h"
#include "sim/prometheus/eval.h"

#define LOOKBACK_MS 300000
#define VALUES_MAX  8000000

/* A series of a `load`; where it stands in the script decides nothing but the order. */
struct loaded {
    struct notation notation;
    int64_t step_ms;
    struct loaded *next;
};

struct script {
    const char *file;
    const struct conformance_options *options;
    struct conformance *counts;
    struct diags *diags;
    struct arena texts; /* the script's */
    struct arena store; /* the Prometheus', made anew after a load */
    char **lines;
    uint32_t line_count, at;
    struct loaded *first, **last;
    uint64_t values;
    const char *unsupported_load; /* a load that is not understood: what depends on it is skipped */
    struct prom *prom;            /* NULL: to be made */
    bool *is_histogram;           /* by set */
};

/* ---- lines ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* Comments are blank lines here, as in the original. */
static void split(struct script *s, const char *text, size_t len) {
    uint32_t count = 1;
    for (size_t i = 0; i < len; i++) count += text[i] == '\n';
    s->lines = ARENA_NEW(&s->texts, char *, count);
    for (size_t at = 0; at <= len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t length = end ? (size_t)(end - text) - at : len - at;
        char *line = arena_text(&s->texts, text + at, length);
        size_t first = 0;
        while (is_blank(line[first])) first++;
        while (length > first && is_blank(line[length - 1])) line[--length] = '\0';
        if (line[first] == '#' || line[first] == '\0') line[0] = '\0';
        s->lines[s->line_count++] = line;
        at += (end ? (size_t)(end - text) - at : len - at) + 1;
    }
}

static const char *next_of_block(struct script *s) {
    if (s->at + 1 >= s->line_count || s->lines[s->at + 1][0] == '\0') return NULL;
    return s->lines[++s->at];
}

static bool is_command(const char *line) {
    while (is_blank(*line)) line++;
    return strncmp(line, "eval", 4) == 0 || strncmp(line, "load ", 5) == 0 ||
           strcmp(line, "clear") == 0;
}

/* Series of a load are indented, and may stand apart from it and each other. */
static const char *next_of_load(struct script *s) {
    for (uint32_t at = s->at + 1; at < s->line_count; at++) {
        if (s->lines[at][0] == '\0') continue;
        bool apart = at != s->at + 1;
        if (apart && (!is_blank(s->lines[at][0]) || is_command(s->lines[at]))) return NULL;
        s->at = at;
        return s->lines[at];
    }
    return NULL;
}

static int line_number(const struct script *s) { return (int)s->at + 1; }

/* ---- load ---- */

static void forget(struct script *s) {
    s->first = NULL;
    s->last = &s->first;
    s->values = 0;
    s->unsupported_load = NULL;
    s->prom = NULL;
}

static void add(struct script *s, const struct notation *notation, int64_t step_ms) {
    struct loaded *loaded = ARENA_NEW(&s->texts, struct loaded, 1);
    *loaded = (struct loaded){*notation, step_ms, NULL};
    *s->last = loaded;
    s->last = &loaded->next;
    s->prom = NULL;
}

/* Beside each x_bucket{le=...} the native histogram x that Prometheus would make of it. */
static void add_native(struct script *s, const struct notation *classic) {
    static const char end[] = "_bucket";
    struct notation native = {.has_histogram = true};
    struct prom_label *labels = ARENA_NEW(&s->texts, struct prom_label, classic->label_count + 1);
    for (uint32_t i = 0; i < classic->label_count; i++) {
        struct prom_label label = classic->labels[i];
        if (strcmp(label.name, "le") == 0) continue;
        size_t len = strlen(label.value);
        if (strcmp(label.name, METRIC_NAME) == 0) {
            if (len < strlen(end) || strcmp(label.value + len - strlen(end), end) != 0) return;
            label.value = arena_text(&s->texts, label.value, len - strlen(end));
        }
        labels[native.label_count++] = label;
    }
    native.labels = labels;
    add(s, &native, 1);
}

static bool load(struct script *s, const char *rest, bool with_native) {
    static const char unread[] = "a load that cannot be read";
    int64_t step_ms;
    const char *text;
    while (is_blank(*rest)) rest++;
    if (!script_duration(rest, strlen(rest), &step_ms) || step_ms <= 0) {
        diag_error(s->diags, s->file, line_number(s), 6, "expected a step like 5m after load");
        s->unsupported_load = unread;
        return false;
    }
    while ((text = next_of_load(s))) {
        struct notation notation;
        struct diags diags = {0};
        if (notation_read(&s->texts, s->file, line_number(s), 1, text, strlen(text), &notation,
                          &diags)) {
            uint32_t most = s->options->values_max ? s->options->values_max : VALUES_MAX;
            if ((s->values += notation.value_count) > most) {
                diag_error(s->diags, s->file, line_number(s), 1, "more than %u values loaded",
                           most);
                s->unsupported_load = unread;
                return false;
            }
            add(s, &notation, step_ms);
            if (with_native) add_native(s, &notation);
            continue;
        }
        if (strchr(text, '@')) { /* start timestamps: behind a flag in Prometheus */
            s->unsupported_load = "start timestamps";
            continue;
        }
        diag_error(s->diags, s->file, diags.list[0].line, diags.list[0].column, "%s",
                   diags.list[0].message);
        s->unsupported_load = unread;
        return false;
    }
    return true;
}

/* ---- the store ---- */

/* Samples of one series from several lines are put in order of their times; of two for the same
 * time the later in the script counts. Returns how many are left. */
static uint32_t sort_samples(struct prom_point *points, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        struct prom_point moved = points[i];
        uint32_t to = i;
        for (; to > 0 && points[to - 1].at_ms > moved.at_ms; to--) points[to] = points[to - 1];
        points[to] = moved;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (i + 1 == count || points[i + 1].at_ms != points[i].at_ms) points[kept++] = points[i];
    return kept;
}

static void fill(struct script *s, uint32_t *counts, struct prom_point **points) {
    struct prom *p = s->prom;
    for (struct loaded *l = s->first; l; l = l->next) {
        uint32_t set = labels_set(&p->labels, l->notation.labels, l->notation.label_count);
        if (set == NO_SET) continue;
        s->is_histogram[set] |= l->notation.has_histogram;
        for (uint32_t i = 0; i < l->notation.value_count; i++) {
            if (l->notation.values[i].is_gap) continue;
            if (points[set]) {
                points[set][counts[set]].at_ms = (int64_t)i * l->step_ms;
                memcpy(&points[set][counts[set]].value, &l->notation.values[i].value,
                       sizeof(double));
            }
            counts[set]++;
        }
    }
}

static void make_store(struct script *s) {
    uint32_t series = 1;
    for (struct loaded *l = s->first; l; l = l->next) series++;
    struct prom_options options = {.series_max = series,
                                   .samples_per_series = 2,
                                   .lookback_ms = LOOKBACK_MS,
                                   .rules_max = 1,
                                   .delayed_names = true,
                                   .version = s->options->version,
                                   .subquery_steps = s->options->steps_max};
    arena_close(&s->store);
    arena_open(&s->store);
    s->prom = prom_open(&s->store, &options);
    uint32_t sets = s->prom->labels.set_max;
    s->is_histogram = ARENA_NEW(&s->store, bool, sets);
    uint32_t *counts = ARENA_NEW(&s->store, uint32_t, sets);
    struct prom_point **points = ARENA_NEW(&s->store, struct prom_point *, sets);
    fill(s, counts, points);
    for (uint32_t set = 0; set < sets; set++)
        if (counts[set] > 0) points[set] = ARENA_NEW(&s->store, struct prom_point, counts[set]);
    memset(counts, 0, sets * sizeof *counts);
    fill(s, counts, points);
    for (struct loaded *l = s->first; l; l = l->next) {
        uint32_t set = labels_set(&s->prom->labels, l->notation.labels, l->notation.label_count);
        if (set == NO_SET || s->prom->labels.sets[set].series != UINT32_MAX) continue;
        uint32_t id = series_of_set(s->prom, set, counts[set] > 2 ? counts[set] : 2);
        uint32_t count = sort_samples(points[set], counts[set]);
        for (uint32_t i = 0; i < count; i++)
            prom_append(s->prom, id, points[set][i].at_ms, points[set][i].value);
    }
}

/* ---- eval ---- */

static bool expects_histograms(const struct trial *t) {
    for (uint32_t i = 0; i < t->expected.count; i++)
        if (t->expected.series[i].has_histogram) return true;
    return false;
}

static void skip(struct script *s, const struct trial *t, const char *feature) {
    struct conformance *counts = s->counts;
    counts->skipped++;
    conformance_skip(counts, feature, 1);
    if (s->options->verbose)
        fprintf(s->options->out, "%s:%d: skipped: %s: %s\n", s->file, t->line, feature, t->text);
}

static void judge(struct script *s, const struct trial *t, const char *wrong) {
    if (!wrong) {
        s->counts->passed++;
        return;
    }
    s->counts->failed++;
    fprintf(s->options->out, "%s:%d: %s\n    %s\n", s->file, t->line, t->text, wrong);
}

static void ask(struct script *s, struct trial *t, struct prom_expr *e, struct arena *arena) {
    t->over_histograms = selects_any(s->prom, e->root, s->is_histogram);
    const char *wrong = trial_ask(s->prom, arena, t, e);
    /* where histograms are in play they are left out, which often is what is expected */
    if (wrong && t->over_histograms)
        skip(s, t, "native histograms");
    else
        judge(s, t, wrong);
}

static void evaluate(struct script *s, struct trial *t) {
    const char *unsupported;
    struct diags diags = {0};
    struct arena arena;
    if (!s->prom) make_store(s);
    arena_open(&arena);
    struct prom_expr *e = prom_parse_query(&arena, s->file, t->line, t->column, t->text, t->len,
                                           &diags, &unsupported);
    if (!e && unsupported && !t->expected.fail) {
        skip(s, t, unsupported);
    } else if (!e) {
        judge(s, t, t->expected.fail ? NULL : diags.list[0].message);
    } else if (!expression_bind(s->prom, e)) {
        judge(s, t, "the store is too small");
    } else if (s->unsupported_load) {
        skip(s, t, s->unsupported_load);
    } else if (expects_histograms(t)) {
        skip(s, t, "native histograms");
    } else {
        ask(s, t, e, &arena);
    }
    arena_close(&arena);
}

static bool eval(struct script *s, const char *variant) {
    struct trial trial;
    const char *text = s->lines[s->at];
    bool good = trial_read(&s->texts, s->file, line_number(s), text, variant, &trial, s->diags);
    while (good && (text = next_of_block(s)))
        good = trial_read_line(&s->texts, s->file, line_number(s), text, &trial, s->diags);
    if (good)
        evaluate(s, &trial);
    else
        s->counts->failed++;
    return good;
}

/* ---- a script ---- */

static const char *after(const char *line, const char *word) {
    size_t len = strlen(word);
    return strncmp(line, word, len) == 0 ? line + len : NULL;
}

/* What is wrong is told; the script goes on after it. An evaluation that cannot be read has failed,
 * and after a load that cannot be, none can be judged until the next clear. */
static void give_up_block(struct script *s) {
    while (s->at + 1 < s->line_count && s->lines[s->at + 1][0] != '\0') s->at++;
}

static bool command(struct script *s) {
    const char *line = s->lines[s->at], *rest;
    while (is_blank(*line)) line++;
    if (*line == '\0') return true;
    if (strcmp(line, "clear") == 0) return forget(s), true;
    if ((rest = after(line, "load_with_nhcb"))) return load(s, rest, true);
    if ((rest = after(line, "load"))) return load(s, rest, false);
    if ((rest = after(line, "eval"))) return eval(s, rest);
    diag_error(s->diags, s->file, line_number(s), 1, "expected load, eval or clear");
    return false;
}

void conformance_skip(struct conformance *counts, const char *feature, uint32_t times) {
    uint32_t i = 0;
    while (i < SKIPS_MAX - 1 && counts->skips[i].feature &&
           strcmp(counts->skips[i].feature, feature) != 0)
        i++;
    counts->skips[i].feature = i < SKIPS_MAX - 1 ? feature : "others";
    counts->skips[i].count += times;
    for (; i > 0 && counts->skips[i].count > counts->skips[i - 1].count; i--) {
        struct skip_count more = counts->skips[i];
        counts->skips[i] = counts->skips[i - 1];
        counts->skips[i - 1] = more;
    }
}

bool conformance_run(const char *file, const char *text, size_t len,
                     const struct conformance_options *options, struct conformance *counts,
                     struct diags *diags) {
    struct script s = {.file = file, .options = options, .counts = counts, .diags = diags};
    arena_open(&s.texts);
    arena_open(&s.store);
    forget(&s);
    split(&s, text, len);
    bool good = true;
    for (; s.at < s.line_count; s.at++)
        if (!command(&s)) {
            good = false;
            give_up_block(&s);
        }
    arena_close(&s.store);
    arena_close(&s.texts);
    return good;
}
