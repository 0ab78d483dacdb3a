/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs for a trace viewer (ui.perfetto.dev, chrome://tracing), in the Trace Event Format:
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 * Of each run a process for each of its engines (operations and decisions), its incidents, locks,
 * deployments, faults and people; of each lane a thread, or several where spans overlap without
 * one lying in the other, which the format forbids. Every slice is complete ("X"), those that had
 * not ended with the run end there. Flows lead from a wait to its grant, and from an operation to
 * what it let serve. Times are microseconds.
 */
#include "engine/base/check.h"
#include "reports/decisions.h"
#include "reports/forms/forms.h"
#include "reports/forms/json_parts.h"
#include "reports/forms/naming.h"
#include "reports/spans.h"
#include <stdlib.h>

#define ROWS_MAX         32
#define DECISIONS_THREAD 1  /* 0 is an idle processor's to a viewer */
#define PROCESSES_MAX    64 /* of a run: kinds, then engines */

struct tracks {
    FILE *out;
    const struct report_run *run;
    struct spans spans;
    uint32_t *threads; /* of each span */
    int64_t first_process, flows, next_thread;
    bool begun;
};

static void emit(struct tracks *t, json_t *event) {
    char *text = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);
    ASSERT(text != NULL);
    fprintf(t->out, "%s\n%s", t->begun ? "," : "", text);
    t->begun = true;
    free(text);
    json_decref(event);
}

/* Exact to the nanosecond as a number with three decimals, which doubles hold for 100 days. */
static void set_micros(json_t *o, const char *key, time_ns ns) {
    json_set(o, key, ns % 1000 == 0 ? json_integer(ns / 1000) : json_real((double)ns / 1000.0));
}

static json_t *event_of(const char *phase, int64_t process, int64_t thread, time_ns at) {
    json_t *o = json_object();
    json_set(o, "ph", json_string(phase));
    json_set_int(o, "pid", process);
    json_set_int(o, "tid", thread);
    set_micros(o, "ts", at);
    return o;
}

static void name_it(struct tracks *t, const char *what, int64_t process, int64_t thread,
                    const char *name) {
    json_t *o = event_of("M", process, thread, 0), *arguments = json_object();
    json_set(o, "name", json_string(what));
    json_set_text(arguments, "name", name);
    json_set(o, "args", arguments);
    emit(t, o);
}

static int64_t process_of(const struct tracks *t, const struct span_lane *lane) {
    bool engine = lane->kind == SPAN_operation && lane->engine >= 0;
    int64_t of = engine ? SPAN_COUNT + lane->engine : (int64_t)lane->kind;
    return t->first_process + (of < PROCESSES_MAX ? of : PROCESSES_MAX - 1);
}

static void name_processes(struct tracks *t) {
    static const char *const kinds[] = {
        [SPAN_phase] = "incidents", [SPAN_operation] = "operators",    [SPAN_held] = "locks",
        [SPAN_wait] = "locks",      [SPAN_deployment] = "deployments", [SPAN_fault] = "faults",
        [SPAN_person] = "people"};
    bool named[PROCESSES_MAX] = {false};
    char title[256], name[320];
    run_title(title, sizeof title, t->run);
    EACH(t->run->facts, engine, e) {
        struct span_lane lane = {.kind = SPAN_operation, .engine = e->engine};
        int64_t process = process_of(t, &lane);
        if (named[process - t->first_process]) continue;
        named[process - t->first_process] = true;
        snprintf(name, sizeof name, "%s: engine %lld", title, (long long)e->engine);
        name_it(t, "process_name", process, 0, name);
        name_it(t, "thread_name", process, DECISIONS_THREAD, "decisions");
    }
    for (uint32_t k = 0; k < t->spans.lane_count; k++) {
        int64_t process = process_of(t, &t->spans.lanes[k]);
        if (named[process - t->first_process]) continue;
        named[process - t->first_process] = true;
        snprintf(name, sizeof name, "%s: %s", title, kinds[t->spans.lanes[k].kind]);
        name_it(t, "process_name", process, 0, name);
    }
}

/* ---- slices ---- */

/* The first row of the lane that is free at the span's begin; the last one takes what is left. */
static uint32_t row_of(time_ns ends[ROWS_MAX], const struct span *s) {
    uint32_t row = 0;
    while (row < ROWS_MAX - 1 && ends[row] > s->from) row++;
    ends[row] = s->to;
    return row;
}

static void slice(struct tracks *t, const struct span *s, int64_t process, int64_t thread) {
    json_t *o = event_of("X", process, thread, s->from), *arguments = json_object();
    char label[OP_LABEL];
    set_micros(o, "dur", s->to - s->from);
    json_set(o, "cat", json_string(span_name(s->kind)));
    json_set_text(o, "name", s->text);
    if (real64(s->op.v)) json_set_text(arguments, "operation", op_label(label, s->op));
    if (s->open) json_set(arguments, "open", json_true());
    json_set(o, "args", arguments);
    emit(t, o);
}

static void lane(struct tracks *t, uint32_t index) {
    const struct span_lane *l = &t->spans.lanes[index];
    time_ns ends[ROWS_MAX] = {0};
    bool named[ROWS_MAX] = {false};
    for (uint32_t k = 0; k < t->spans.count; k++) {
        const struct span *s = &t->spans.list[k];
        if (s->lane != index) continue;
        uint32_t row = row_of(ends, s);
        if (row == ROWS_MAX - 1) continue; /* more at once than anyone could follow */
        t->threads[k] = (uint32_t)t->next_thread + row;
        if (!named[row]) name_it(t, "thread_name", process_of(t, l), t->threads[k], l->name);
        named[row] = true;
        slice(t, s, process_of(t, l), t->threads[k]);
    }
    t->next_thread += ROWS_MAX;
}

/* ---- flows ---- */

static void flow(struct tracks *t, uint32_t from, uint32_t to, time_ns at, const char *name) {
    const uint32_t ends[] = {from, to};
    if (t->threads[from] == 0 || t->threads[to] == 0) return;
    t->flows++;
    for (int k = 0; k < 2; k++) {
        const struct span *s = &t->spans.list[ends[k]];
        json_t *o = event_of(k == 0 ? "s" : "f", process_of(t, &t->spans.lanes[s->lane]),
                             t->threads[ends[k]], k == 0 ? at : s->from);
        json_set(o, "cat", json_string("flow"));
        json_set(o, "name", json_string(name));
        json_set_int(o, "id", t->flows);
        if (k == 1) json_set(o, "bp", json_string("e"));
        emit(t, o);
    }
}

/* From where it began to wait to where it got what it waited for; from an operation's state to what
 * it let serve meanwhile. */
static void flows(struct tracks *t) {
    for (uint32_t b = 0; b < t->spans.count; b++) {
        const struct span *to = &t->spans.list[b];
        if (!real64(to->op.v)) continue;
        for (uint32_t a = 0; a < t->spans.count; a++) {
            const struct span *from = &t->spans.list[a];
            if (!ID_EQ(from->op, to->op)) continue;
            if (to->kind == SPAN_held && from->kind == SPAN_wait && from->lane == to->lane &&
                !from->open && from->to == to->from)
                flow(t, a, b, from->from, "granted");
            if (to->kind == SPAN_deployment && from->kind == SPAN_operation &&
                from->from <= to->from && to->from < from->to)
                flow(t, a, b, to->from, "serves");
        }
    }
}

static void decisions(struct tracks *t) {
    struct decisions all = decisions_of(t->run->facts);
    for (uint32_t k = 0; k < all.count; k++) {
        const struct decision *d = &all.list[k];
        struct span_lane of = {.kind = SPAN_operation, .engine = d->engine};
        json_t *o = event_of("i", process_of(t, &of), DECISIONS_THREAD, d->at),
               *arguments = json_object();
        char name[192];
        snprintf(name, sizeof name, "%s: %s", decision_name(d->kind), d->choice);
        json_set_text(o, "name", name);
        json_set(o, "cat", json_string("decision"));
        json_set(o, "s", json_string("t"));
        json_set_text(arguments, "reasoning", d->reasoning);
        for (uint32_t i = 0; i < d->factor_count; i++)
            json_set(arguments, d->factors[i].name, json_real((double)d->factors[i].micro / 1e6));
        json_set(o, "args", arguments);
        emit(t, o);
    }
    decisions_free(&all);
}

void report_perfetto(const struct report *report, FILE *out) {
    struct tracks t = {.out = out};
    fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[", out);
    for (uint32_t r = 0; r < report->run_count; r++) {
        t.run = &report->runs[r];
        t.first_process = 1 + (int64_t)r * PROCESSES_MAX;
        t.next_thread = DECISIONS_THREAD + 1;
        t.spans = spans_of(t.run);
        t.threads = calloc(t.spans.count + 1u, sizeof *t.threads);
        ASSERT(t.threads != NULL);
        name_processes(&t);
        for (uint32_t k = 0; k < t.spans.lane_count; k++) lane(&t, k);
        flows(&t);
        decisions(&t);
        free(t.threads);
        spans_free(&t.spans);
    }
    fputs("\n]}\n", out);
}
