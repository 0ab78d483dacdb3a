/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/decisions.h"
#include "engine/base/check.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

static void text_of(char *out, size_t size, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    printable(out, size, text ? text : "", text ? json_string_length(value) : 0);
}

static int64_t micro_of(const json_t *value) {
    double micro = json_number_value(value) * 1e6;
    if (!(fabs(micro) < 9e18)) return micro > 0 ? INT64_MAX : INT64_MIN;
    return llround(micro);
}

static void take_factors(struct decision *d, const json_t *body) {
    const json_t *factors = json_object_get(body, "factors");
    for (size_t k = 0; k < json_array_size(factors) && d->factor_count < DECISION_FACTORS_MAX;
         k++) {
        const json_t *factor = json_array_get(factors, k);
        struct decision_factor *out = &d->factors[d->factor_count++];
        text_of(out->name, sizeof out->name, factor, "name");
        text_of(out->explanation, sizeof out->explanation, factor, "explanation");
        out->micro = micro_of(json_object_get(factor, "value"));
    }
}

/* The service that the incident's or operation's life was told of. */
static struct svc_id service_of(const struct facts *f, const struct eff_record_decision *r) {
    const struct seen_op *op = facts_op(f, r->op);
    if (op && real_service(op->service)) return op->service;
    EACH_EFFECT(f, e) {
        const struct eff_report *report = &e->out.report;
        if (e->out.kind == EFF_report && real64(r->incident.v) &&
            ID_EQ(report->incident, r->incident) && real_service(report->service))
            return report->service;
    }
    return (struct svc_id){NONE_ID};
}

static struct decision taken_apart(const struct facts *f, const struct seen_effect *e) {
    const struct eff_record_decision *r = &e->out.record_decision;
    struct decision d = {.at = e->at,
                         .record = e->record,
                         .engine = e->engine,
                         .number = r->decision,
                         .kind = r->kind,
                         .incident = r->incident,
                         .op = r->op,
                         .service = service_of(f, r),
                         .confidence_ppm = r->confidence_ppm};
    printable(d.choice, sizeof d.choice, r->choice.s, r->choice.len);
    json_t *body = json_loadb((const char *)r->body.b, r->body.len, 0, NULL);
    text_of(d.reasoning, sizeof d.reasoning, body, "reasoning");
    take_factors(&d, body);
    json_decref(body);
    return d;
}

struct decisions decisions_of(const struct facts *f) {
    struct decisions all = {0};
    EACH_EFFECT(f, e) all.count += e->out.kind == EFF_record_decision;
    all.list = calloc(all.count + 1u, sizeof *all.list);
    ASSERT(all.list != NULL);
    all.count = 0;
    EACH_EFFECT(f, e) {
        if (e->out.kind == EFF_record_decision) all.list[all.count++] = taken_apart(f, e);
    }
    return all;
}

void decisions_free(struct decisions *decisions) {
    free(decisions->list);
    *decisions = (struct decisions){0};
}

const struct decision_factor *decision_factor(const struct decision *d, const char *name) {
    for (uint32_t k = 0; k < d->factor_count; k++)
        if (strcmp(d->factors[k].name, name) == 0) return &d->factors[k];
    return NULL;
}
