/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/capacity_forms.h"
#include "reports/forms/json_parts.h"

#include <math.h>

/* Times in nanoseconds, shares of 1. */
static json_t *number(double v) { return isfinite(v) ? json_real(v) : json_null(); }

static void set_point(json_t *o, const struct capacity_axis *axis, uint32_t point) {
    char text[48];
    json_set_text(o, axis->key, capacity_point(text, sizeof text, axis, point));
}

static void set_figures(json_t *o, const struct knee_point *p) {
    json_set_int(o, "seeds", p->seeds);
    json_set(o, "value", number(p->value));
    json_set(o, "low", number(p->low));
    json_set(o, "high", number(p->high));
}

static json_t *axis_of(const struct capacity_axis *axis) {
    json_t *o = json_object();
    json_set_text(o, "key", axis->key);
    json_set_text(o, "unit", axis->unit);
    json_set(o, "low", number(axis->low));
    json_set(o, "high", number(axis->low + axis->last * axis->step));
    return o;
}

static json_t *knee(const struct capacity *c) {
    const struct knee *k = &c->knee;
    if (k->status != KNEE_FOUND || c->y.key[0]) return json_null();
    json_t *o = json_object();
    json_set(o, "at", number(k->at));
    json_set(o, "low", number(k->low));
    json_set(o, "high", number(k->high));
    json_set(o, "low_open", json_boolean(k->low_open));
    json_set(o, "high_open", json_boolean(k->high_open));
    json_set_int(o, "seeds", k->seeds);
    json_set(o, "precise", c->precision > 0 ? json_boolean(k->precise) : json_null());
    json_set(o, "monotone", json_boolean(k->against == k->count));
    return o;
}

static json_t *points(const struct capacity *c) {
    json_t *list = json_array();
    for (uint32_t k = 0; k < c->knee.count && !c->y.key[0]; k++) {
        json_t *o = json_object();
        set_point(o, &c->x, c->knee.list[k].point);
        set_figures(o, &c->knee.list[k]);
        json_array_append_new(list, o);
    }
    for (uint32_t r = 0; r < c->rows; r++)
        for (uint32_t k = 0; k < c->columns; k++) {
            json_t *o = json_object();
            set_point(o, &c->x, c->column[k]);
            set_point(o, &c->y, c->row[r]);
            set_figures(o, &c->cell[r][k]);
            json_array_append_new(list, o);
        }
    return list;
}

static json_t *rows(const struct capacity *c) {
    json_t *list = json_array();
    for (uint32_t r = 0; r < c->rows; r++) {
        json_t *o = json_object();
        const struct capacity_row *p = &c->passes[r];
        set_point(o, &c->y, c->row[r]);
        json_set(o, "at", p->known ? number(p->at) : json_null());
        json_set(o, "low", p->known ? number(p->low) : json_null());
        json_set(o, "high", p->known ? number(p->high) : json_null());
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *limits(const struct capacity *c) {
    json_t *o = json_object();
    char key[128], value[256];
    for (const char *at = c->limits; *at;) {
        size_t len = strcspn(at, "\n");
        if (sscanf(at, "%127s = %255[^\n]", key, value) == 2) json_set_text(o, key, value);
        at += len + (at[len] == '\n');
    }
    return o;
}

static json_t *binding(const struct capacity *c) {
    char sentence[400];
    json_t *o = json_object(), *refused = json_object();
    for (int k = 0; k < REFUSALS; k++)
        if (c->refusals.of[k] > 0) json_set_int(refused, refusal_name(k), c->refusals.of[k]);
    capacity_binding(c, sentence, sizeof sentence);
    json_set_text(o, "at", c->looked_at);
    json_set_int(o, "runs", c->runs_there);
    json_set_int(o, "lock_requests", c->requests_there);
    json_set_int(o, "lock_timeouts", c->timeouts_there);
    json_set(o, "refused", refused);
    json_set_text(o, "in_words", sentence);
    return o;
}

void capacity_json(const struct capacity *c, FILE *out) {
    static const char *const units[] = {"ns", "share", "count"};
    json_t *o = json_object(), *axes = json_array();
    json_array_append_new(axes, axis_of(&c->x));
    if (c->y.key[0]) json_array_append_new(axes, axis_of(&c->y));
    json_set_int(o, "schema", 1);
    json_set_text(o, "scenario", c->scenario);
    json_set_text(o, "topology", c->topology);
    json_set_text(o, "policy", c->policy);
    json_set_text(o, "until", c->demand.text);
    json_set_text(o, "figure", compared_name(c->demand.figure));
    json_set_text(o, "unit", units[compared_unit(c->demand.figure)]);
    json_set(o, "limit", number(c->demand.value));
    json_set(o, "vary", axes);
    json_set(o, "knee", knee(c));
    json_set(o, "points", points(c));
    json_set(o, "rows", rows(c));
    json_set(o, "binding", binding(c));
    json_set(o, "limits_in_force", limits(c));
    json_set_int(o, "runs", (int64_t)c->runs);
    json_set_int(o, "not_passed", (int64_t)c->not_passed);
    json_set_int(o, "violations", (int64_t)c->violations);
    json_dumpf(o, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
    fputc('\n', out);
    json_decref(o);
}
