/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/rca/recording.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

#define METRICS_MAX 256
#define COLUMNS_MAX 64
#define FIELD_MAX   256
#define UNKNOWN_MAX (DIAG_MAX / 2) /* so that an error after them is still told */

enum column { COLUMN_TIME, COLUMN_SERVICE, COLUMN_METRIC, COLUMN_VALUE, COLUMN_COUNT };
static const char *const column_names[COLUMN_COUNT] = {"time", "service", "metric", "value"};

struct row {
    uint32_t service, metric, order;
    double time, value;
};

struct reader {
    struct arena *arena;
    const struct topology *topology;
    struct diags *diags;
    const char *file, *at, *end;
    int line;
    int column_of[COLUMN_COUNT]; /* position in a row */
    const char *metrics[METRICS_MAX];
    uint32_t metric_count;
    struct row *rows;
    uint32_t row_count;
    const char *unknown[UNKNOWN_MAX]; /* services that were warned of, once each */
    uint32_t unknown_count;
};

/* One row's fields, unquoted into text; how many there were. -1: a quote that does not end. */
struct fields {
    char text[COLUMNS_MAX][FIELD_MAX];
    int place[COLUMNS_MAX]; /* the column of the file where each begins, from 1 */
    int count;
};

static void put(struct fields *f, size_t *n, char c) {
    if (f->count < COLUMNS_MAX && *n < FIELD_MAX - 1) f->text[f->count][(*n)++] = c;
}

static void end_field(struct fields *f, size_t n) {
    if (f->count >= COLUMNS_MAX) return;
    while (n > 0 && f->text[f->count][n - 1] == ' ') n--;
    f->text[f->count++][n] = '\0';
}

static bool read_quoted(struct reader *r, struct fields *f, size_t *n) {
    int began = r->line;
    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at != '"') {
            if (*r->at == '\n') r->line++;
            put(f, n, *r->at);
        } else if (r->at + 1 < r->end && r->at[1] == '"')
            put(f, n, *r->at++);
        else {
            r->at++;
            return true;
        }
    }
    diag_error(r->diags, r->file, began, f->place[f->count], "a quote that does not end");
    return false;
}

static bool read_fields(struct reader *r, struct fields *f) {
    const char *begin = r->at;
    f->count = 0;
    while (f->count < COLUMNS_MAX) {
        size_t n = 0;
        while (r->at < r->end && *r->at == ' ') r->at++;
        f->place[f->count] = (int)(r->at - begin) + 1;
        if (r->at < r->end && *r->at == '"' && !read_quoted(r, f, &n)) return false;
        for (; r->at < r->end && *r->at != ',' && *r->at != '\n'; r->at++)
            if (*r->at != '\r') put(f, &n, *r->at);
        end_field(f, n);
        if (r->at >= r->end || *r->at == '\n') break;
        r->at++;
    }
    while (r->at < r->end && *r->at != '\n') r->at++;
    if (r->at < r->end) r->at++;
    return true;
}

static bool read_header(struct reader *r) {
    struct fields f;
    if (!read_fields(r, &f)) return false;
    for (int k = 0; k < COLUMN_COUNT; k++) {
        r->column_of[k] = -1;
        for (int i = 0; i < f.count; i++)
            if (strcmp(f.text[i], column_names[k]) == 0) r->column_of[k] = i;
        if (r->column_of[k] >= 0) continue;
        diag_error(r->diags, r->file, 1, 1,
                   "expected a first line \"time,service,metric,value\", found no column \"%s\"",
                   column_names[k]);
        return false;
    }
    return true;
}

static bool missing(const char *text) {
    static const char *const words[] = {"", "nan", "null", "none", "na", "n/a"};
    char low[8] = "";
    for (size_t k = 0; text[k]; k++) {
        if (k == sizeof low - 1) return false;
        low[k] = (char)tolower((unsigned char)text[k]);
    }
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (strcmp(low, words[k]) == 0) return true;
    return false;
}

static bool read_number(struct reader *r, const struct fields *f, enum column column, double *out) {
    const char *text = f->text[r->column_of[column]];
    char *end, shown[96];
    *out = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*out)) return true;
    printable(shown, sizeof shown, text, strlen(text));
    diag_error(r->diags, r->file, r->line, f->place[r->column_of[column]],
               "%s: expected a number, got \"%s\"", column_names[column], shown);
    return false;
}

/* The metric's index; -1 with a diagnostic if there are too many. */
static int metric_index(struct reader *r, const char *name) {
    for (uint32_t k = 0; k < r->metric_count; k++)
        if (strcmp(r->metrics[k], name) == 0) return (int)k;
    if (r->metric_count == METRICS_MAX) {
        diag_error(r->diags, r->file, r->line, 1, "more than %d different metrics", METRICS_MAX);
        return -1;
    }
    r->metrics[r->metric_count] = arena_text(r->arena, name, strlen(name));
    return (int)r->metric_count++;
}

static void warn_unknown(struct reader *r, const struct fields *f, const char *service) {
    for (uint32_t k = 0; k < r->unknown_count; k++)
        if (strcmp(r->unknown[k], service) == 0) return;
    if (r->unknown_count == UNKNOWN_MAX) return;
    r->unknown[r->unknown_count++] = arena_text(r->arena, service, strlen(service));
    diag_warning(r->diags, r->file, r->line, f->place[r->column_of[COLUMN_SERVICE]],
                 "service \"%.80s\" is not in topology %.80s; its rows are left out", service,
                 r->topology->name);
}

static bool read_row(struct reader *r) {
    struct fields f;
    struct row row = {.order = r->row_count};
    if (!read_fields(r, &f)) return false;
    if (f.count == 1 && f.text[0][0] == '\0') return true;
    for (int k = 0; k < COLUMN_COUNT; k++)
        if (r->column_of[k] >= f.count) {
            diag_error(r->diags, r->file, r->line, 1, "expected a %s in column %d, got %d columns",
                       column_names[k], r->column_of[k] + 1, f.count);
            return false;
        }
    if (missing(f.text[r->column_of[COLUMN_VALUE]])) return true;
    if (!read_number(r, &f, COLUMN_TIME, &row.time) ||
        !read_number(r, &f, COLUMN_VALUE, &row.value))
        return false;
    const char *service = f.text[r->column_of[COLUMN_SERVICE]];
    struct svc_id id = topo_service_named(r->topology, service);
    if (id.v >= r->topology->service_count) {
        warn_unknown(r, &f, service);
        return true;
    }
    int metric = metric_index(r, f.text[r->column_of[COLUMN_METRIC]]);
    if (metric < 0) return false;
    row.service = id.v;
    row.metric = (uint32_t)metric;
    r->rows[r->row_count++] = row;
    return true;
}

static int by_place(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    if (x->service != y->service) return x->service < y->service ? -1 : 1;
    if (x->metric != y->metric) return x->metric < y->metric ? -1 : 1;
    if (x->time < y->time || x->time > y->time) return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static bool same_series(const struct row *a, const struct row *b) {
    return a->service == b->service && a->metric == b->metric;
}

/* The rows, sorted, as series; distances between samples go into gaps. */
static void fold(struct reader *r, struct rca_recording *out, double *gaps, size_t *gap_count) {
    double *time = ARENA_NEW(r->arena, double, r->row_count);
    double *value = ARENA_NEW(r->arena, double, r->row_count);
    struct recorded_series *series = ARENA_NEW(r->arena, struct recorded_series, r->row_count);
    uint32_t samples = 0, count = 0;
    for (uint32_t k = 0; k < r->row_count; k++) {
        const struct row *row = &r->rows[k];
        bool opens = k == 0 || !same_series(row, row - 1);
        if (opens)
            series[count++] = (struct recorded_series){row->service, row->metric, 0, time + samples,
                                                       value + samples};
        bool again = !opens && !(row->time > time[samples - 1]);
        if (again) samples--;
        if (!opens && !again) gaps[(*gap_count)++] = row->time - time[samples - 1];
        time[samples] = row->time;
        value[samples++] = row->value;
        series[count - 1].count += !again;
        if (k == 0 || row->time < out->from) out->from = row->time;
        if (k == 0 || row->time > out->to) out->to = row->time;
    }
    out->series = series;
    out->series_count = count;
}

/* Per cent or parts of one shows in the largest value; more than 100 is a count. */
static struct recorded_unit unit_of(const struct reader *r, uint32_t metric,
                                    struct metric_meaning meaning) {
    struct recorded_unit unit = {.whole = 1};
    double largest = 0;
    if (meaning.family != METRIC_ERRORS && meaning.family != METRIC_AVAILABILITY) return unit;
    for (uint32_t k = 0; k < r->row_count; k++)
        if (r->rows[k].metric == metric) largest = fmax(largest, r->rows[k].value);
    unit.reflected = meaning.family == METRIC_AVAILABILITY;
    unit.counted = !unit.reflected && largest > 100.5;
    if (largest > 1.5 && !unit.counted) unit.whole = 100;
    return unit;
}

static void to_parts_that_fail(struct reader *r, const struct recorded_unit *units) {
    for (uint32_t k = 0; k < r->row_count; k++) {
        const struct recorded_unit *unit = &units[r->rows[k].metric];
        double part = r->rows[k].value / unit->whole;
        r->rows[k].value = unit->reflected ? 1 - part : part;
    }
}

static void understand_metrics(struct reader *r, struct rca_recording *out) {
    struct metric_meaning *meanings = ARENA_NEW(r->arena, struct metric_meaning, r->metric_count);
    struct recorded_unit *units = ARENA_NEW(r->arena, struct recorded_unit, r->metric_count);
    const char **metrics = ARENA_NEW(r->arena, const char *, r->metric_count);
    for (uint32_t k = 0; k < r->metric_count; k++) {
        metrics[k] = r->metrics[k];
        meanings[k] = metric_meaning(metrics[k]);
        units[k] = unit_of(r, k, meanings[k]);
    }
    to_parts_that_fail(r, units);
    out->metrics = metrics;
    out->meanings = meanings;
    out->units = units;
    out->metric_count = r->metric_count;
}

double recorded_figure(const struct rca_recording *r, uint32_t metric, double value) {
    const struct recorded_unit *unit = &r->units[metric];
    return (unit->reflected ? 1 - value : value) * unit->whole;
}

static size_t line_count(const char *bytes, size_t len) {
    size_t lines = 1;
    for (size_t k = 0; k < len; k++) lines += bytes[k] == '\n';
    return lines;
}

bool rca_recording_read(struct rca_recording *out, struct arena *arena,
                        const struct topology *topology, const char *file, const char *bytes,
                        size_t len, struct diags *diags) {
    struct reader r = {.arena = arena,
                       .topology = topology,
                       .diags = diags,
                       .file = file,
                       .at = bytes,
                       .end = bytes + len,
                       .line = 1};
    *out = (struct rca_recording){0};
    if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
    if (!read_header(&r)) return false;
    r.rows = ARENA_NEW(arena, struct row, line_count(bytes, len));
    for (r.line = 2; r.at < r.end; r.line++)
        if (!read_row(&r)) return false;
    if (r.row_count == 0) {
        diag_error(diags, file, 0, 0, "expected samples of services of topology %s, found none",
                   topology->name);
        return false;
    }
    understand_metrics(&r, out);
    /* a total order, ending in the row's place: which sort is used decides nothing */
    qsort(r.rows, r.row_count, sizeof *r.rows, by_place);
    double *gaps = ARENA_NEW(arena, double, r.row_count);
    size_t gap_count = 0;
    fold(&r, out, gaps, &gap_count);
    if (gap_count > 0) {
        gsl_sort(gaps, 1, gap_count);
        out->step = gaps[gap_count / 2];
    }
    return true;
}
