/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * The decision log: one line of JSON a decision, with the factors it was made from. A line is
 * bounded (BLOB_MAX); factors that would not fit are left out and "cut" says so, so that it stays
 * readable JSON.
 */

#define ROOM_FOR_THE_END                                                                           \
    320 /* reasoning (escaped TEXT_MAX would be the most) and closing braces                       \
         */

struct decision_note decide(struct engine *e, enum decision_kind kind, const struct incident *i,
                            const struct op *op) {
    struct decision_note d = {.effect = emit(e, EFF_record_decision), .first_factor = true};
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

void decide_factor(struct decision_note *d, const char *name, int64_t value_micro,
                   const char *why) {
    if (d->body.len + strlen(name) + 2 * strlen(why) + 64 + ROOM_FOR_THE_END > BLOB_MAX) return;
    if (!d->first_factor) write_text(&d->body, ",");
    d->first_factor = false;
    write_text(&d->body, "{\"name\":");
    write_json_string(&d->body, name, strlen(name));
    write_text(&d->body, ",\"value\":");
    write_micro(&d->body, value_micro);
    write_text(&d->body, ",\"explanation\":");
    write_json_string(&d->body, why, strlen(why));
    write_text(&d->body, "}");
}

void decide_end(struct decision_note *d, const char *choice, int64_t confidence_ppm,
                const char *reasoning) {
    struct eff_record_decision *r = &d->effect->record_decision;
    struct text reason;
    text_set(&reason, reasoning);
    text_set(&r->choice, choice);
    r->confidence_ppm = confidence_ppm;
    write_text(&d->body, "],\"decision\":");
    write_json_string(&d->body, choice, strlen(choice));
    write_text(&d->body, ",\"confidence\":");
    write_micro(&d->body, confidence_ppm);
    write_text(&d->body, ",\"reasoning\":");
    write_json_string(&d->body, reason.s, reason.len);
    write_text(&d->body, "}");
    r->body.len = d->body.overflow ? 0 : (uint16_t)d->body.len;
}
