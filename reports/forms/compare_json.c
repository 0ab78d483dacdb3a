/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/compare_forms.h"
#include "reports/forms/json_parts.h"

#include <math.h>

/* Times in nanoseconds, shares of 1. */
static json_t *number(double v) { return isnan(v) ? json_null() : json_real(v); }

static json_t *figure(const struct compare *c, enum compared which) {
    static const char *const units[] = {"ns", "share", "count"};
    const struct compared_figure *f = &c->of[which];
    json_t *o = json_object();
    json_set_text(o, "figure", compared_name(which));
    json_set_text(o, "meaning", compared_meaning(which));
    json_set_text(o, "unit", units[compared_unit(which)]);
    json_set(o, "base", number(f->base));
    json_set(o, "candidate", number(f->candidate));
    json_set(o, "difference", f->known ? number(f->candidate - f->base) : json_null());
    json_set(o, "low", f->known ? number(f->low) : json_null());
    json_set(o, "high", f->known ? number(f->high) : json_null());
    json_set(o, "p", f->known ? number(f->p) : json_null());
    json_set(o, "p_adjusted", f->known ? number(f->adjusted) : json_null());
    json_set_text(o, "verdict", compared_verdict(c, which));
    return o;
}

static json_t *limit(const struct comparison *c, const struct demand *l) {
    char why[400];
    json_t *o = json_object();
    bool holds = demand_holds(l, c->compare, why, sizeof why);
    json_set_text(o, "limit", l->text);
    json_set(o, "holds", json_boolean(holds));
    json_set_text(o, "why", why);
    return o;
}

void compare_json(const struct comparison *c, FILE *out) {
    json_t *o = json_object(), *figures = json_array(), *limits = json_array();
    for (int k = 0; k < COMPARED_COUNT; k++)
        json_array_append_new(figures, figure(c->compare, (enum compared)k));
    for (uint32_t k = 0; k < c->limits->count; k++)
        json_array_append_new(limits, limit(c, &c->limits->list[k]));
    json_set_int(o, "schema", 1);
    json_set_text(o, "base", c->base);
    json_set_text(o, "candidate", c->candidate);
    json_set_text(o, "changed", c->changed);
    json_set_int(o, "seeds", c->compare->seeds);
    json_set_int(o, "pairs", c->compare->pairs);
    json_set(o, "holds", json_boolean(comparison_holds(c)));
    json_set(o, "figures", figures);
    json_set(o, "limits", limits);
    json_dumpf(o, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12));
    fputc('\n', out);
    json_decref(o);
}
