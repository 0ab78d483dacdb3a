/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of alerts. Pending from the evaluation that first returned it; firing once it has been
 * active for the rule's `for`; gone at the first evaluation without it, unless keep_firing_for
 * holds it. Each evaluation writes ALERTS and ALERTS_FOR_STATE for those that live and stale
 * markers for those that went.
 */
#include "sim/prometheus/rules.h"

/* ---- the pool ---- */

static uint32_t alert_take(struct rules *r) {
    uint32_t id = r->free_alert;
    if (id == NO_ALERT) return r->alert_used < r->alert_max ? r->alert_used++ : NO_ALERT;
    r->free_alert = r->alerts[id].next;
    return id;
}

static void alert_give(struct rules *r, uint32_t id) {
    r->alerts[id].next = r->free_alert;
    r->free_alert = id;
}

static void give_all(struct rules *r, struct rule *rule) {
    while (rule->first_alert != NO_ALERT) {
        uint32_t id = rule->first_alert;
        rule->first_alert = r->alerts[id].next;
        alert_give(r, id);
    }
}

/* ---- its series ---- */

static uint32_t state_series(struct prom *p, uint32_t identity, const char *metric,
                             const char *state) {
    const struct prom_label pairs[] = {{METRIC_NAME, metric}, {"alertstate", state}};
    return series_of_set(p, set_with(p, identity, pairs, state ? 2 : 1),
                         p->options.samples_per_series);
}

static void write_series(const struct rule_run *run, struct alert *a) {
    struct prom *p = run->prom;
    uint32_t *state = &a->state_series[a->state];
    if (*state == UINT32_MAX)
        *state =
            state_series(p, a->identity, "ALERTS", a->state == ALERT_FIRING ? "firing" : "pending");
    if (a->since_series == UINT32_MAX)
        a->since_series = state_series(p, a->identity, "ALERTS_FOR_STATE", NULL);
    rule_write(p, *state, run->sample_ms, 1);
    rule_write(p, a->since_series, run->sample_ms, (double)(a->active_at_ms / 1000));
}

/* ---- one evaluation ---- */

static uint32_t alert_new(const struct rule_run *run, const struct element *e) {
    uint32_t id = alert_take(run->prom->rules);
    if (id == NO_ALERT) return id;
    run->prom->rules->alerts[id] = (struct alert){
        .identity = e->labels,
        .source = run->prom->rules->sources[e->labels],
        .next = NO_ALERT,
        .active_at_ms = run->at_ms,
        .valued_at_ms = run->sample_ms,
        .kept_since_ms = INT64_MIN,
        .value = e->value,
        .state_series = {UINT32_MAX, UINT32_MAX},
        .since_series = UINT32_MAX,
    };
    return id;
}

/* The expression did not return it: gone, unless it fires and is to be kept. */
static void missed(const struct rule_run *run, struct alert *a) {
    if (a->kept_since_ms == INT64_MIN) a->kept_since_ms = run->at_ms;
    if (a->state == ALERT_FIRING && run->at_ms - a->kept_since_ms < run->rule->keep_firing_ms)
        return;
    a->was_firing = a->state == ALERT_FIRING;
    a->state = ALERT_GONE;
}

static void returned(const struct rule_run *run, struct alert *a, const struct element *e) {
    a->value = e->value;
    a->source = run->prom->rules->sources[e->labels];
    a->valued_at_ms = run->sample_ms;
    a->kept_since_ms = INT64_MIN;
}

/* Both the rule's alerts and the vector are in label order: one walk brings them together. */
static void merge(const struct rule_run *run, const struct vector *v) {
    struct prom *p = run->prom;
    uint32_t *link = &run->rule->first_alert;
    uint32_t next = 0;
    while (next < v->count || *link != NO_ALERT) {
        struct alert *a = *link != NO_ALERT ? &p->rules->alerts[*link] : NULL;
        const struct element *e = next < v->count ? &v->at[next] : NULL;
        const uint32_t *rank = p->labels.rank;
        if (a && e && a->identity == e->labels) {
            returned(run, a, e);
            next++;
        } else if (a && (!e || rank[a->identity] < rank[e->labels])) {
            missed(run, a);
        } else {
            uint32_t id = alert_new(run, e);
            next++;
            if (id == NO_ALERT) {
                p->refused++;
                continue;
            }
            p->rules->alerts[id].next = *link;
            *link = id;
        }
        link = &p->rules->alerts[*link].next;
    }
}

static void tell(const struct rule_run *run, const struct alert *a) {
    const struct rules *r = run->prom->rules;
    const struct label_set *set = &run->prom->labels.sets[a->identity];
    const struct prom_alert alert = {
        .name = run->rule->name,
        .label_count = set->count,
        .labels = set->labels,
        .value = a->value,
        .active_at_ms = a->active_at_ms,
        .fired_at_ms = a->fired_at_ms,
        .firing = a->state == ALERT_FIRING,
        .rule = run->rule,
        .state = a,
    };
    if (r->sinks.alert) r->sinks.alert(r->sinks.context, &alert);
}

static bool too_many(const struct rule_run *run) {
    const struct rules *r = run->prom->rules;
    uint32_t active = 0;
    for (uint32_t id = run->rule->first_alert; id != NO_ALERT; id = r->alerts[id].next)
        active += r->alerts[id].state != ALERT_GONE;
    return run->group->limit > 0 && active > run->group->limit;
}

bool alerts_update(const struct rule_run *run, const struct vector *v) {
    struct prom *p = run->prom;
    struct rule *rule = run->rule;
    merge(run, v);
    if (too_many(run)) {
        give_all(p->rules, rule);
        return eval_fail(p, "the rule has more alerts than its group's limit");
    }
    rule_write_begin(p);
    for (uint32_t *link = &rule->first_alert; *link != NO_ALERT;) {
        uint32_t id = *link;
        struct alert *a = &p->rules->alerts[id];
        if (a->state == ALERT_PENDING && run->at_ms - a->active_at_ms >= rule->for_ms) {
            a->state = ALERT_FIRING;
            a->fired_at_ms = run->at_ms;
        }
        if (a->state == ALERT_FIRING || (a->state == ALERT_GONE && a->was_firing)) tell(run, a);
        if (a->state != ALERT_GONE) {
            write_series(run, a);
            link = &a->next;
            continue;
        }
        *link = a->next;
        alert_give(p->rules, id);
    }
    return rule_write_end(p, rule, run->sample_ms);
}

/* ---- annotations ---- */

uint32_t prom_annotation_count(const struct prom_alert *alert) {
    return alert->rule->annotation_count;
}

size_t prom_annotation(struct prom *p, const struct prom_alert *alert, uint32_t i,
                       const char **name, char *out, size_t size) {
    const struct rule_text *text = &alert->rule->annotations[i];
    struct writer w = writer_of(out, size);
    *name = text->name;
    rule_expand(p, text, alert->state->source, alert->state->value, alert->state->valued_at_ms, &w);
    return w.len;
}
