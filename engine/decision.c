/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Lines of the decision log. Each is bounded (BLOB_MAX), and readable JSON by itself: factors that
 * do not fit the first go on in the details, of which there are as many as it takes.
 */

#define ROOM_FOR_THE_END                                                                           \
    340 /* reasoning (escaped TEXT_MAX would be the most), duration and closing braces             \
         */
#define ROOM_FOR_MORE 24 /* to begin another list in a detail, and to close it */

struct decision_note decide(struct engine *e, enum decision_kind kind, const struct incident *i,
                            const struct op *op) {
    struct decision_note d = {.engine = e,
                              .effect = emit(e, EFF_record_decision),
                              .first_factor = true,
                              .since_mono = e->mono};
    struct eff_record_decision *r = &d.effect->record_decision;
    r->decision = ++e->next_decision;
    r->kind = kind;
    if (i) r->incident = i->id;
    if (op) r->op = op->id;
    d.body = writer_of(r->body.b, BLOB_MAX);
    write_text(&d.body, "{\"type\":");
    write_json_string(&d.body, decision_name(kind), strlen(decision_name(kind)));
    write_text(&d.body, ",\"wall_ns\":");
    write_int(&d.body, e->wall);
    write_text(&d.body, ",\"factors\":[");
    return d;
}

void decide_since(struct decision_note *d, time_ns mono) { d->since_mono = mono; }

static void write_name(struct writer *w, const char *key, const char *text) {
    write_text(w, key);
    write_json_string(w, text, strlen(text));
}

/* ---- details: an item is written apart, then put where it fits ---- */

static void open_section(struct decision_note *d, const char *before, enum section section) {
    static const char *const names[] = {"factors", "inputs", "constraints", "alternatives"};
    write_name(&d->more, before, names[section]);
    write_text(&d->more, ":[");
    d->section = section;
}

static void close_detail(struct decision_note *d) {
    if (!d->detail) return;
    write_text(&d->more, "]}");
    d->detail->decision_detail.body.len = (uint16_t)d->more.len;
    d->detail = NULL;
}

static void begin_detail(struct decision_note *d, enum section section) {
    close_detail(d);
    d->detail = emit(d->engine, EFF_decision_detail);
    struct eff_decision_detail *detail = &d->detail->decision_detail;
    detail->decision = d->effect->record_decision.decision;
    d->more = writer_of(detail->body.b, BLOB_MAX);
    write_text(&d->more, "{\"decision\":");
    write_int(&d->more, detail->decision);
    open_section(d, ",", section);
}

static void add_item(struct decision_note *d, enum section section, const struct writer *item) {
    if (!d->detail || section < d->section || d->more.len + item->len + ROOM_FOR_MORE > BLOB_MAX)
        begin_detail(d, section);
    else if (section != d->section)
        open_section(d, "],", section);
    else
        write_text(&d->more, ",");
    write_bytes(&d->more, item->buffer, item->len);
}

/* ---- factors ---- */

#define ITEM_MAX 600

static void factor(struct decision_note *d, const char *name, int64_t value_micro,
                   int64_t weight_ppm, const char *why) {
    char room[ITEM_MAX];
    struct writer w = writer_of(room, sizeof room);
    write_name(&w, "{\"name\":", name);
    write_text(&w, ",\"value\":");
    write_micro(&w, value_micro);
    write_text(&w, ",\"weight\":");
    write_micro(&w, weight_ppm);
    write_name(&w, ",\"explanation\":", why);
    write_text(&w, "}");
    if (d->body.len + w.len + 1 + ROOM_FOR_THE_END > BLOB_MAX) {
        add_item(d, SECTION_FACTORS, &w);
        return;
    }
    if (!d->first_factor) write_text(&d->body, ",");
    d->first_factor = false;
    write_bytes(&d->body, w.buffer, w.len);
}

void decide_factor(struct decision_note *d, const char *name, int64_t value_micro,
                   const char *why) {
    factor(d, name, value_micro, PPM_ONE, why);
}

void decide_weighed(struct decision_note *d, const char *name, int64_t value_micro,
                    int64_t weight_ppm, const char *why) {
    factor(d, name, value_micro, weight_ppm, why);
}

/* ---- inputs, constraints, alternatives ---- */

static void write_seconds(struct writer *w, const char *key, time_ns ns) {
    if (ns == 0) return;
    write_text(w, key);
    write_micro(w, ns / NS_PER_US);
}

void decide_input(struct decision_note *d, const struct decision_input *input) {
    char room[ITEM_MAX];
    struct writer w = writer_of(room, sizeof room);
    const struct gate_number *figure = &input->figure;
    write_name(&w, "{\"name\":", input->name);
    write_text(&w, ",\"value\":");
    if (figure->kind == VALUE_NUMBER)
        write_micro(&w, figure->micro);
    else
        write_json_string(&w, value_name(figure->kind), strlen(value_name(figure->kind)));
    write_name(&w, ",\"source\":", input->source);
    write_text(&w, ",\"time\":");
    write_int(&w, figure->told_wall != 0 ? figure->told_wall : d->engine->wall);
    if (input->of_service) {
        write_text(&w, ",\"service\":");
        write_int(&w, input->service.v);
    }
    if (input->revision.v != 0) {
        write_text(&w, ",\"revision\":");
        write_int(&w, input->revision.v);
    }
    write_seconds(&w, ",\"window\":", input->window);
    write_seconds(&w, ",\"offset\":", input->offset);
    if (input->other != 0) {
        write_text(&w, ",\"of\":");
        write_int(&w, input->other);
    }
    write_text(&w, "}");
    add_item(d, SECTION_INPUTS, &w);
}

void decide_told(struct decision_note *d, enum query_kind query, const struct gate_number *figure,
                 time_ns window, time_ns offset) {
    decide_input(d, &(struct decision_input){.name = query_name(query),
                                             .source = source_name(SOURCE_METRICS),
                                             .figure = *figure,
                                             .window = window,
                                             .offset = offset});
}

void decide_known(struct decision_note *d, const char *name, int64_t micro, const char *source) {
    decide_input(d, &(struct decision_input){
                        .name = name, .source = source, .figure = {VALUE_NUMBER, micro, 0}});
}

void decide_count(struct decision_note *d, const char *name, int64_t count, const char *source) {
    decide_known(d, name, muldiv(count, PPM_ONE, 1), source);
}

void decide_about(struct decision_note *d, const char *name, int64_t number, const char *source) {
    decide_input(d, &(struct decision_input){.name = name,
                                             .source = source,
                                             .figure = {VALUE_NUMBER, PPM_ONE, 0},
                                             .other = number});
}

static void write_bool(struct writer *w, const char *key, bool holds) {
    write_text(w, key);
    write_text(w, holds ? "true" : "false");
}

void decide_constraint(struct decision_note *d, const char *name, bool satisfied, bool blocking) {
    char room[ITEM_MAX];
    struct writer w = writer_of(room, sizeof room);
    write_name(&w, "{\"name\":", name);
    write_bool(&w, ",\"satisfied\":", satisfied);
    write_bool(&w, ",\"blocking\":", blocking);
    write_text(&w, "}");
    add_item(d, SECTION_CONSTRAINTS, &w);
}

void decide_alternative(struct decision_note *d, const char *choice, int64_t score_micro,
                        const char *pro, const char *con, const char *rejected) {
    char room[ITEM_MAX];
    struct writer w = writer_of(room, sizeof room);
    write_name(&w, "{\"choice\":", choice);
    write_text(&w, ",\"score\":");
    write_micro(&w, score_micro);
    write_name(&w, ",\"pros\":", pro);
    write_name(&w, ",\"cons\":", con);
    if (rejected)
        write_name(&w, ",\"rejected\":", rejected);
    else
        write_text(&w, ",\"rejected\":null");
    write_text(&w, "}");
    add_item(d, SECTION_ALTERNATIVES, &w);
}

int64_t decide_end(struct decision_note *d, const char *choice, int64_t confidence_ppm,
                   const char *reasoning) {
    struct eff_record_decision *r = &d->effect->record_decision;
    struct text reason;
    text_set(&reason, reasoning);
    text_set(&r->choice, choice);
    r->confidence_ppm = confidence_ppm;
    write_name(&d->body, "],\"decision\":", choice);
    write_text(&d->body, ",\"confidence\":");
    write_micro(&d->body, confidence_ppm);
    write_text(&d->body, ",\"duration\":");
    write_micro(&d->body, (d->engine->mono - d->since_mono) / NS_PER_US);
    write_text(&d->body, ",\"reasoning\":");
    write_json_string(&d->body, reason.s, reason.len);
    write_text(&d->body, "}");
    r->body.len = d->body.overflow ? 0 : (uint16_t)d->body.len;
    close_detail(d);
    return r->decision;
}
