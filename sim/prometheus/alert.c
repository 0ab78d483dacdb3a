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

/* ---- its series ---- */

static uint32_t state_series(struct prom *p, uint32_t identity, const char *metric,
                             const char *state) {
    const struct prom_label pairs[] = {{METRIC_NAME, metric}, {"alertstate", state}};
    return series_of_set(p, set_with(p, identity, pairs, state ? 2 : 1),
                         p->options.samples_per_series);
}

static uint32_t alert_new(struct prom *p, const struct rule *rule, const struct element *e,
                          int64_t at_ms) {
    uint32_t identity = e->labels;
    uint32_t id = alert_take(p->rules);
    if (id == NO_ALERT) return id;
    p->rules->alerts[id] = (struct alert){
        .identity = identity,
        .next = NO_ALERT,
        .active_at_ms = at_ms,
        .kept_since_ms = INT64_MIN,
        .value = e->value,
        .state_series = {rule->for_ms > 0 ? state_series(p, identity, "ALERTS", "pending")
                                          : UINT32_MAX,
                         state_series(p, identity, "ALERTS", "firing")},
        .since_series = state_series(p, identity, "ALERTS_FOR_STATE", NULL),
    };
    return id;
}

/* ---- one evaluation ---- */

/* The expression did not return it: gone, unless it fires and is to be kept. */
static void missed(const struct rule *rule, struct alert *a, int64_t at_ms) {
    if (a->kept_since_ms == INT64_MIN) a->kept_since_ms = at_ms;
    if (a->state == ALERT_FIRING && at_ms - a->kept_since_ms < rule->keep_firing_ms) return;
    a->was_firing = a->state == ALERT_FIRING;
    a->state = ALERT_GONE;
}

static void returned(struct alert *a, double value) {
    a->value = value;
    a->kept_since_ms = INT64_MIN;
}

/* Both the rule's alerts and the vector are in label order: one walk brings them together. */
static void merge(struct prom *p, struct rule *rule, const struct vector *v, int64_t at_ms) {
    uint32_t *link = &rule->first_alert;
    uint32_t next = 0;
    while (next < v->count || *link != NO_ALERT) {
        struct alert *a = *link != NO_ALERT ? &p->rules->alerts[*link] : NULL;
        const struct element *e = next < v->count ? &v->at[next] : NULL;
        const uint32_t *rank = p->labels.rank;
        if (a && e && a->identity == e->labels) {
            returned(a, e->value);
            next++;
        } else if (a && (!e || rank[a->identity] < rank[e->labels])) {
            missed(rule, a, at_ms);
        } else {
            uint32_t id = alert_new(p, rule, e, at_ms);
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

static void tell(struct prom *p, const struct rule *rule, const struct alert *a,
                 prom_alert_sink sink, void *context) {
    const struct label_set *set = &p->labels.sets[a->identity];
    const struct prom_alert alert = {
        .name = rule->name,
        .label_count = set->count,
        .labels = set->labels,
        .value = a->value,
        .active_at_ms = a->active_at_ms,
        .firing = a->state == ALERT_FIRING,
    };
    if (sink) sink(context, &alert);
}

static void write_series(struct prom *p, const struct alert *a, bool began_firing, int64_t at_ms) {
    if (a->state == ALERT_GONE) {
        prom_stale(p, a->state_series[a->was_firing ? ALERT_FIRING : ALERT_PENDING], at_ms);
        prom_stale(p, a->since_series, at_ms);
        return;
    }
    prom_append(p, a->state_series[a->state], at_ms, 1);
    prom_append(p, a->since_series, at_ms, (double)(a->active_at_ms / 1000));
    if (began_firing && a->active_at_ms < at_ms)
        prom_stale(p, a->state_series[ALERT_PENDING], at_ms);
}

void alerts_update(struct prom *p, struct rule *rule, const struct vector *v, int64_t at_ms,
                   prom_alert_sink sink, void *context) {
    merge(p, rule, v, at_ms);
    for (uint32_t *link = &rule->first_alert; *link != NO_ALERT;) {
        uint32_t id = *link;
        struct alert *a = &p->rules->alerts[id];
        bool fires = a->state == ALERT_PENDING && at_ms - a->active_at_ms >= rule->for_ms;
        if (fires) a->state = ALERT_FIRING;
        write_series(p, a, fires, at_ms);
        if (a->state == ALERT_FIRING || (a->state == ALERT_GONE && a->was_firing))
            tell(p, rule, a, sink, context);
        if (a->state != ALERT_GONE) {
            link = &a->next;
            continue;
        }
        *link = a->next;
        alert_give(p->rules, id);
    }
}
