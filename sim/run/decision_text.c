/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/decision_text.h"

#include "engine/base/ratio.h"
#include "engine/yaml/yaml.h" /* JSON is YAML */
#include "reports/forms/figures.h"

#include <stddef.h>

struct decision {
    struct diags diags;
    struct yaml_doc doc;
    struct yaml_node *factors;
    const char *choice, *reasoning;
};

static bool take_apart(struct decision *d, struct arena *arena,
                       const struct eff_record_decision *e) {
    *d = (struct decision){.choice = ""};
    if (!yaml_read(&d->doc, arena, &d->diags, "decision", (const char *)e->body.b, e->body.len,
                   NULL, NULL))
        return false;
    d->choice = yaml_text(&d->doc, yaml_key(&d->doc, d->doc.root, "decision"), "");
    d->reasoning = yaml_text(&d->doc, yaml_key(&d->doc, d->doc.root, "reasoning"), "");
    d->factors = yaml_key(&d->doc, d->doc.root, "factors");
    return d->diags.errors == 0;
}

struct factor {
    const char *name, *explanation;
    int64_t micro;
};
static struct factor factor_at(struct decision *d, uint32_t index) {
    struct yaml_node *item = d->factors->items[index];
    return (struct factor){
        yaml_text(&d->doc, yaml_key(&d->doc, item, "name"), ""),
        yaml_text(&d->doc, yaml_key(&d->doc, item, "explanation"), ""),
        yaml_decimal(&d->doc, yaml_key(&d->doc, item, "value"), INT64_MIN, INT64_MAX, 0)};
}

bool decision_text(char *out, size_t size, struct arena *arena,
                   const struct eff_record_decision *decision) {
    struct decision d;
    struct writer w = writer_of(out, size - 1);
    char figure[24];
    if (!take_apart(&d, arena, decision)) return false;
    write_text(&w, d.choice);
    write_text(&w, ": ");
    write_text(&w, d.reasoning);
    for (uint32_t k = 0; k < yaml_count(&d.doc, d.factors); k++) {
        struct factor f = factor_at(&d, k);
        write_text(&w, k == 0 ? " (" : ", ");
        write_text(&w, f.name);
        write_text(&w, " ");
        write_text(&w, figure_number(figure, sizeof figure, f.micro));
    }
    if (yaml_count(&d.doc, d.factors) > 0) write_text(&w, ")");
    out[w.len] = '\0';
    return d.diags.errors == 0;
}

/* ---- gates ---- */

/* The unit of a gate's figure when it passes, and its limit. What fails explains itself in the
 * audit chain. */
enum unit { UNIT_NONE, UNIT_COUNT, UNIT_SHARE, UNIT_SCORE, UNIT_TIME };
struct gate_form {
    enum unit unit;
    const char *relation; /* NULL: no single limit */
    size_t limit;         /* in struct eng_gates */
};
#define LIMIT(field) offsetof(struct eng_gates, field)
static const struct gate_form gate_forms[GATE_COUNT] = {
    [GATE_ERROR_BUDGET] = {UNIT_SHARE, "<=", LIMIT(budget_ppm)},
    [GATE_BLAST_RADIUS] = {UNIT_COUNT, "<=", LIMIT(blast_count)},
    [GATE_RECENT_FAILURES] = {UNIT_COUNT, "<", LIMIT(failures_max)},
    [GATE_COOLDOWN] = {UNIT_TIME, ">=", LIMIT(cooldown_ns)},
    [GATE_RESOURCE_CAPACITY] = {UNIT_SHARE, NULL, 0},
    [GATE_INCIDENT_RATE] = {UNIT_COUNT, "<=", LIMIT(incidents_max)},
    [GATE_TIME_WINDOWS] = {UNIT_NONE, NULL, 0},
    [GATE_PATCH] = {UNIT_NONE, NULL, 0},
    [GATE_RISK] = {UNIT_SCORE, "<=", LIMIT(risk_max_ppm)},
    [GATE_SLO] = {UNIT_SHARE, NULL, 0},
};

static void write_figure(struct writer *w, enum unit unit, int64_t figure) {
    char text[24];
    switch (unit) {
    case UNIT_COUNT: write_int(w, figure); break;
    case UNIT_SHARE: write_text(w, figure_share(text, sizeof text, figure)); break;
    case UNIT_SCORE: write_text(w, figure_number(text, sizeof text, figure)); break;
    case UNIT_TIME: write_text(w, figure_time(text, sizeof text, figure)); break;
    case UNIT_NONE: break;
    }
}

static void write_gate(struct writer *w, const struct factor *f, const struct eng_gates *limits) {
    int gate = gate_of(f->name, strlen(f->name));
    bool pass = strcmp(f->explanation, "pass") == 0;
    write_text(w, f->name);
    write_text(w, " ");
    if (gate < 0 || !pass || gate_forms[gate].unit == UNIT_NONE) {
        write_text(w, f->explanation);
        return;
    }
    const struct gate_form *form = &gate_forms[gate];
    if (form->unit == UNIT_TIME && f->micro == 0) { /* it passes, so it is no time since a change */
        write_text(w, "never changed");
        return;
    }
    int64_t figure = form->unit == UNIT_COUNT  ? f->micro / PPM_ONE
                     : form->unit == UNIT_TIME ? f->micro * NS_PER_US
                                               : f->micro;
    write_figure(w, form->unit, figure);
    if (!form->relation) return;
    write_text(w, " ");
    write_text(w, form->relation);
    write_text(w, " ");
    int64_t limit;
    memcpy(&limit, (const char *)limits + form->limit, sizeof limit);
    write_figure(w, form->unit, limit);
}

bool gates_text(char *out, size_t size, struct arena *arena,
                const struct eff_record_decision *decision, const struct eng_gates *limits) {
    struct decision d;
    struct writer w = writer_of(out, size - 1);
    if (!take_apart(&d, arena, decision)) return false;
    write_text(&w, d.choice);
    for (uint32_t k = 0; k < yaml_count(&d.doc, d.factors); k++) {
        struct factor f = factor_at(&d, k);
        if (gate_of(f.name, strlen(f.name)) < 0) continue; /* a part of the risk */
        write_text(&w, k == 0 ? ": " : ", ");
        write_gate(&w, &f, limits);
    }
    out[w.len] = '\0';
    return d.diags.errors == 0;
}
