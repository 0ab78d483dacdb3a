/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/json_parts.h"
#include "engine/base/diag.h"

void json_set(json_t *object, const char *key, json_t *value) {
    json_object_set_new(object, key, value ? value : json_null());
}
void json_set_int(json_t *object, const char *key, int64_t v) {
    json_set(object, key, json_integer(v));
}
json_t *json_text(const char *text) {
    char shown[1024];
    printable(shown, sizeof shown, text, strlen(text)); /* a cut text may end within a character */
    return json_string(shown);
}
void json_set_text(json_t *object, const char *key, const char *text) {
    json_set(object, key, json_text(text));
}
void json_set_time(json_t *object, const char *key, time_ns at) {
    json_set(object, key, at == TIME_NEVER || at < 0 ? json_null() : json_integer(at));
}

json_t *json_distribution(const struct distribution *d) {
    json_t *o = json_object();
    const struct {
        const char *name;
        const struct estimate *e;
    } figures[] = {{"mean", &d->mean}, {"p50", &d->p50}, {"p95", &d->p95}, {"p99", &d->p99}};
    json_set_int(o, "count", d->count);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        json_t *e = json_object();
        json_set_int(e, "value_ns", figures[i].e->value);
        json_set_int(e, "low_ns", figures[i].e->low);
        json_set_int(e, "high_ns", figures[i].e->high);
        json_set(o, figures[i].name, e);
    }
    json_set_int(o, "min_ns", d->min);
    json_set_int(o, "max_ns", d->max);
    return o;
}

json_t *json_buckets(const time_ns ns[BUCKET_COUNT]) {
    json_t *o = json_object();
    for (int k = 0; k < BUCKET_COUNT; k++) json_set_int(o, bucket_name((enum bucket)k), ns[k]);
    return o;
}

json_t *json_mttr(const struct mttr *m) {
    json_t *o = json_object();
    json_set_int(o, "incidents", m->incidents);
    json_set_int(o, "escalated", m->escalated);
    json_set_int(o, "unresolved", m->unresolved);
    json_set_int(o, "failed_requests", m->failed);
    json_set_int(o, "pages", m->pages);
    json_set_int(o, "budget_burnt_ppm", m->budget_ppm);
    json_set(o, "repaired", json_distribution(&m->repaired));
    json_set(o, "buckets_ns", json_buckets(m->buckets));
    json_set_int(o, "manual_ns", MANUAL_NS);
    json_set_int(o, "target_ns", MTTR_TARGET_NS);
    return o;
}

json_t *json_indicators(const struct indicators *indicators) {
    json_t *o = json_object();
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        json_t *i = json_object();
        json_set_int(i, "part", indicators->of[k].part);
        json_set_int(i, "whole", indicators->of[k].whole);
        json_set_text(i, "formula", indicator_formula((enum indicator)k));
        json_set_text(i, "target", indicator_target((enum indicator)k));
        json_set(o, indicator_name((enum indicator)k), i);
    }
    return o;
}
