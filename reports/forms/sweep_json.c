/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include "reports/forms/json_parts.h"
#include "reports/forms/sweep_forms.h"

static json_t *trouble(const struct sweep_trouble *t) {
    json_t *o = json_object();
    json_set_int(o, "seed", (int64_t)t->seed);
    json_set_text(o, "verdict", run_status_name(t->status));
    json_set_text(o, "why", t->why);
    json_set_text(o, "reproduce", t->reproduce);
    json_set(o, "trace", t->trace[0] ? json_string(t->trace) : json_null());
    return o;
}

static json_t *scenario(const struct sweep_part *part, const struct sweep_figures *f) {
    json_t *o = json_object(), *troubles = json_array();
    for (uint32_t k = 0; k < f->trouble_count; k++)
        json_array_append_new(troubles, trouble(&f->troubles[k]));
    json_set_text(o, "scenario", part->scenario);
    json_set_text(o, "topology", part->topology);
    json_set_int(o, "runs", f->runs);
    json_set_int(o, "passed", f->passed);
    json_set_int(o, "failed", f->failed);
    json_set_int(o, "inconclusive", f->inconclusive);
    json_set_int(o, "crashed", f->crashed);
    json_set_int(o, "violations", f->violations);
    json_set(o, "mttr", json_mttr(&f->mttr));
    json_set_int(o, "lock_requests", f->lock_requests);
    json_set_int(o, "lock_timeouts", f->lock_timeouts);
    json_set(o, "lock_wait", json_distribution(&f->lock_wait));
    json_set(o, "indicators", json_indicators(&f->indicators));
    json_set(o, "not_passed", troubles);
    json_set_int(o, "not_passed_dropped", (int64_t)f->troubles_dropped);
    return o;
}

void sweep_json(const struct sweep *sweep, FILE *out) {
    json_t *o = json_object(), *scenarios = json_array();
    for (uint32_t k = 0; k < sweep->plan->part_count; k++)
        json_array_append_new(scenarios, scenario(&sweep->plan->parts[k], &sweep->parts[k]));
    json_set_int(o, "schema", 1);
    json_set_text(o, "version", sweep->plan->version);
    json_set_text(o, "verdict", run_status_name(sweep->status));
    json_set_int(o, "first_seed", (int64_t)sweep->plan->first_seed);
    json_set_int(o, "runs", (int64_t)sweep->runs);
    json_set(o, "scenarios", scenarios);
    ASSERT(o != NULL);
    json_dumpf(o, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    json_decref(o);
}
