/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/decision.h"
#include "engine/base/diag.h"
#include "engine/base/ratio.h"
#include <jansson.h>
#include <math.h>

/* ---- values ---- */

static void text_of(char *out, size_t size, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    printable(out, size, text ? text : "", text ? json_string_length(value) : 0);
}

static int64_t micro_of(const json_t *object, const char *key) {
    double micro = json_number_value(json_object_get(object, key)) * 1e6;
    if (!(fabs(micro) < 9e18)) return micro > 0 ? INT64_MAX : INT64_MIN;
    return llround(micro);
}

static int64_t whole_of(const json_t *object, const char *key, int64_t absent) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : absent;
}

/* ---- the four lists ---- */

static void take_input(struct said_decision *d, const json_t *item) {
    const json_t *value = json_object_get(item, "value");
    if (d->input_count == SAID_INPUTS_MAX) return;
    struct said_input *in = &d->inputs[d->input_count++];
    text_of(in->name, sizeof in->name, item, "name");
    text_of(in->source, sizeof in->source, item, "source");
    in->kind = VALUE_NUMBER;
    in->micro = 0;
    if (json_is_number(value))
        in->micro = micro_of(item, "value");
    else {
        const char *kind = json_string_value(value);
        int known = kind ? value_of(kind, strlen(kind)) : -1;
        in->kind = known > VALUE_NUMBER ? known : VALUE_UNAVAILABLE;
    }
    in->time = whole_of(item, "time", TIME_NEVER);
    in->service = whole_of(item, "service", -1);
    in->revision = whole_of(item, "revision", 0);
    in->window_us = micro_of(item, "window");
    in->offset_us = micro_of(item, "offset");
    in->of = whole_of(item, "of", 0);
}

static void take_factor(struct said_decision *d, const json_t *item) {
    if (d->factor_count == SAID_ITEMS_MAX) return;
    struct said_factor *f = &d->factors[d->factor_count++];
    text_of(f->name, sizeof f->name, item, "name");
    text_of(f->explanation, sizeof f->explanation, item, "explanation");
    f->micro = micro_of(item, "value");
    f->weight_ppm = micro_of(item, "weight");
}

static void take_constraint(struct said_decision *d, const json_t *item) {
    if (d->constraint_count == SAID_ITEMS_MAX) return;
    struct said_constraint *c = &d->constraints[d->constraint_count++];
    text_of(c->name, sizeof c->name, item, "name");
    c->satisfied = json_is_true(json_object_get(item, "satisfied"));
    c->blocking = json_is_true(json_object_get(item, "blocking"));
}

static void take_alternative(struct said_decision *d, const json_t *item) {
    if (d->alternative_count == SAID_ITEMS_MAX) return;
    struct said_alternative *a = &d->alternatives[d->alternative_count++];
    const json_t *rejected = json_object_get(item, "rejected");
    text_of(a->choice, sizeof a->choice, item, "choice");
    a->score_micro = micro_of(item, "score");
    a->chosen = json_is_null(rejected);
    a->why = json_string_length(rejected) > 0;
}

static void take_lists(struct said_decision *d, const json_t *body) {
    static const struct {
        const char *key;
        void (*take)(struct said_decision *, const json_t *);
    } lists[] = {{"factors", take_factor},
                 {"inputs", take_input},
                 {"constraints", take_constraint},
                 {"alternatives", take_alternative}};
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        const json_t *list = json_object_get(body, lists[k].key);
        for (size_t n = 0; n < json_array_size(list); n++)
            lists[k].take(d, json_array_get(list, n));
    }
}

static json_t *body_of(const struct blob *body) {
    return json_loadb((const char *)body->b, body->len, 0, NULL);
}

/* ---- the whole ---- */

static struct svc_id service_of(const struct facts *f, const struct eff_record_decision *r) {
    const struct seen_op *op = facts_op(f, r->op);
    if (op && real_service(op->service)) return op->service;
    EACH_EFFECT(f, e) {
        const struct eff_report *report = &e->out.report;
        if (e->out.kind == EFF_report && report->kind == REPORT_OPENED && real64(r->incident.v) &&
            ID_EQ(report->incident, r->incident))
            return report->service;
    }
    return (struct svc_id){NONE_ID};
}

void said_read(const struct facts *f, const struct seen_effect *effect, struct said_decision *out) {
    const struct eff_record_decision *r = &effect->out.record_decision;
    const struct seen_effect *end = f->effects + f->effect.count;
    json_t *body = body_of(&r->body);
    memset(out, 0, offsetof(struct said_decision, inputs));
    out->input_count = out->factor_count = out->constraint_count = out->alternative_count = 0;
    out->effect = effect;
    out->service = service_of(f, r);
    text_of(out->type, sizeof out->type, body, "type");
    text_of(out->choice, sizeof out->choice, body, "decision");
    text_of(out->reasoning, sizeof out->reasoning, body, "reasoning");
    out->wall = whole_of(body, "wall_ns", TIME_NEVER);
    out->confidence_ppm = json_object_get(body, "confidence") ? micro_of(body, "confidence") : -1;
    out->duration_micro = json_object_get(body, "duration") ? micro_of(body, "duration") : -1;
    take_lists(out, body);
    json_decref(body);
    for (const struct seen_effect *e = effect + 1;
         e < end && e->engine == effect->engine && e->at == effect->at; e++) {
        const struct eff_decision_detail *detail = &e->out.decision_detail;
        if (e->out.kind != EFF_decision_detail || detail->decision != r->decision) continue;
        body = body_of(&detail->body);
        take_lists(out, body);
        json_decref(body);
    }
}

const struct said_input *said_input(const struct said_decision *d, const char *name, uint32_t nth) {
    for (uint32_t k = 0; k < d->input_count; k++)
        if (strcmp(d->inputs[k].name, name) == 0 && nth-- == 0) return &d->inputs[k];
    return NULL;
}

int64_t said_micro(const struct said_decision *d, const char *name) {
    const struct said_input *in = said_input(d, name, 0);
    return in && in->kind == VALUE_NUMBER ? in->micro : 0;
}

int64_t said_count(const struct said_decision *d, const char *name) {
    return said_micro(d, name) / PPM_ONE;
}

int64_t said_about(const struct said_decision *d, const char *name) {
    const struct said_input *in = said_input(d, name, 0);
    return in ? in->of : 0;
}

const struct said_factor *said_factor(const struct said_decision *d, const char *name) {
    for (uint32_t k = 0; k < d->factor_count; k++)
        if (strcmp(d->factors[k].name, name) == 0) return &d->factors[k];
    return NULL;
}

const struct said_constraint *said_constraint(const struct said_decision *d, const char *name) {
    for (uint32_t k = 0; k < d->constraint_count; k++)
        if (strcmp(d->constraints[k].name, name) == 0) return &d->constraints[k];
    return NULL;
}

const struct said_alternative *said_alternative(const struct said_decision *d, const char *choice) {
    for (uint32_t k = 0; k < d->alternative_count; k++)
        if (strcmp(d->alternatives[k].choice, choice) == 0) return &d->alternatives[k];
    return NULL;
}
