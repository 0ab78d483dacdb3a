/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/query.h"
#include "sim/prometheus/eval.h"

/* ---- answers ---- */

static const char *copy_text(struct arena *arena, const char *text) {
    return arena_text(arena, text, strlen(text));
}

static void finish(struct prom *p, struct arena *arena, bool good, struct prom_answer *out) {
    const struct notes *notes = &p->notes;
    if (!good) out->error = copy_text(arena, p->error);
    out->warnings = notes->warnings;
    out->infos = notes->infos;
    out->warning = notes->warnings > 0 ? copy_text(arena, notes->warning) : NULL;
    out->info = notes->infos > 0 ? copy_text(arena, notes->info) : NULL;
}

static void line_of_set(struct prom *p, uint32_t set, struct prom_line *line) {
    line->labels = p->labels.sets[set].labels;
    line->label_count = p->labels.sets[set].count;
}

/* ---- at an instant ---- */

static void answer_vector(struct prom *p, struct arena *arena, const struct vector *v,
                          int64_t at_ms, struct prom_answer *out) {
    struct prom_line *lines = ARENA_NEW(arena, struct prom_line, v->count + 1);
    struct prom_point *points = ARENA_NEW(arena, struct prom_point, v->count + 1);
    for (uint32_t i = 0; i < v->count; i++) {
        points[i] = (struct prom_point){at_ms, v->at[i].value};
        lines[i] = (struct prom_line){.points = &points[i], .count = 1};
        line_of_set(p, v->at[i].labels, &lines[i]);
    }
    out->lines = lines;
    out->count = v->count;
}

static bool answer_matrix(struct prom *p, struct arena *arena, const struct prom_expr *e,
                          int64_t at_ms, struct prom_answer *out) {
    struct evaluation evaluation = {p, at_ms, at_ms, at_ms, NULL};
    struct matrix m;
    struct value whole;
    /* binds the expression and empties the stacks; a matrix itself is opened below */
    if (!expression_eval(p, e, at_ms, &whole) || !matrix_open(&evaluation, e->root, &m))
        return false;
    labels_rank(&p->labels);
    struct prom_line *lines = ARENA_NEW(arena, struct prom_line, m.count + 1);
    uint64_t *keys = ARENA_NEW(arena, uint64_t, 2 * (size_t)m.count + 1);
    for (uint32_t i = 0; i < m.count; i++) {
        struct element series;
        matrix_window(&m, i, &series);
        keys[i] = (uint64_t)p->labels.rank[series.labels] << 32 | i;
    }
    sort_keys(keys, keys + m.count, m.count, NULL, NULL);
    for (uint32_t i = 0; i < m.count; i++) {
        struct element series;
        struct window w = matrix_window(&m, (uint32_t)keys[i], &series);
        struct prom_point *points = ARENA_NEW(arena, struct prom_point, w.count + 1);
        for (uint32_t k = 0; k < w.count; k++)
            points[k] = (struct prom_point){w.times[k], w.values[k]};
        if (w.count == 0) continue;
        lines[out->count] = (struct prom_line){.points = points, .count = w.count};
        line_of_set(p, series.labels, &lines[out->count++]);
    }
    matrix_close(&m);
    out->lines = lines;
    return true;
}

void prom_query_instant(struct prom *p, struct arena *arena, const struct prom_expr *e,
                        int64_t at_ms, struct prom_answer *out) {
    struct value value;
    *out = (struct prom_answer){.type = e->root->type, .at_ms = at_ms};
    if (out->type == PROM_MATRIX) {
        finish(p, arena, answer_matrix(p, arena, e, at_ms, out), out);
        return;
    }
    bool good = expression_eval(p, e, at_ms, &value);
    if (good && out->type == PROM_VECTOR) answer_vector(p, arena, &value.vector, at_ms, out);
    if (out->type == PROM_STRING) out->string = e->root->as.string;
    out->scalar = value.scalar;
    finish(p, arena, good, out);
}

/* ---- over a range ---- */

/* What each step found, as it comes. */
struct found {
    struct arena *arena;
    struct prom_point *points;
    uint32_t *sets;
    size_t count, capacity;
};

static void found_push(struct found *f, uint32_t set, int64_t at_ms, double value) {
    if (f->count == f->capacity) {
        size_t capacity = f->capacity > 0 ? 2 * f->capacity : 1024;
        struct prom_point *points = ARENA_NEW(f->arena, struct prom_point, capacity);
        uint32_t *sets = ARENA_NEW(f->arena, uint32_t, capacity);
        if (f->count > 0) {
            memcpy(points, f->points, f->count * sizeof *points);
            memcpy(sets, f->sets, f->count * sizeof *sets);
        }
        *f = (struct found){f->arena, points, sets, f->count, capacity};
    }
    f->points[f->count] = (struct prom_point){at_ms, value};
    f->sets[f->count++] = set;
}

/* Counted by set, then dealt to each set's place; sets in label order. */
static void answer_lines(struct prom *p, const struct found *f, struct prom_answer *out) {
    struct labels *labels = &p->labels;
    labels_rank(labels);
    uint32_t *counts = ARENA_NEW(f->arena, uint32_t, labels->set_count);
    size_t *places = ARENA_NEW(f->arena, size_t, labels->set_count), place = 0;
    for (size_t i = 0; i < f->count; i++)
        if (counts[f->sets[i]]++ == 0) out->count++;
    struct prom_line *line = ARENA_NEW(f->arena, struct prom_line, out->count + 1);
    struct prom_point *points = ARENA_NEW(f->arena, struct prom_point, f->count + 1);
    out->lines = line;
    for (uint32_t i = 0; i < labels->set_count; i++) {
        uint32_t set = labels->order[i];
        if (counts[set] == 0) continue;
        *line = (struct prom_line){.points = points + place, .count = counts[set]};
        line_of_set(p, set, line++);
        places[set] = place;
        place += counts[set];
    }
    for (size_t i = 0; i < f->count; i++) points[places[f->sets[i]]++] = f->points[i];
}

void prom_query_range(struct prom *p, struct arena *arena, const struct prom_expr *e,
                      int64_t start_ms, int64_t end_ms, int64_t step_ms, struct prom_answer *out) {
    struct found found = {.arena = arena};
    *out = (struct prom_answer){.type = PROM_MATRIX, .at_ms = end_ms};
    p->notes = (struct notes){0};
    bool good = true;
    if (e->root->type == PROM_STRING || e->root->type == PROM_MATRIX)
        good = eval_fail(p, "a range query needs a scalar or an instant vector");
    else if ((end_ms - start_ms) / step_ms >= QUERY_STEPS_MAX)
        good = eval_fail(p, "a range query has at most 11000 steps");
    for (int64_t at_ms = start_ms; good && at_ms <= end_ms; at_ms += step_ms) {
        struct value value;
        good = expression_eval_step(p, e, at_ms, start_ms, end_ms, &value);
        if (good && value.type == PROM_SCALAR) found_push(&found, EMPTY_SET, at_ms, value.scalar);
        for (uint32_t i = 0; good && value.type == PROM_VECTOR && i < value.vector.count; i++)
            found_push(&found, value.vector.at[i].labels, at_ms, value.vector.at[i].value);
    }
    if (good) answer_lines(p, &found, out);
    finish(p, arena, good, out);
}
