/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_RULES_H
#define SIM_PROMETHEUS_RULES_H
/*
 * Rule groups, as loaded, and what they remember between evaluations: the alerts of an alerting
 * rule, the series a recording rule wrote. Label sets that a rule gives to its results are
 * remembered by the set of the result, so that steady evaluation interns nothing.
 */
#include "sim/prometheus/eval.h"

#define NO_ALERT     UINT32_MAX
#define TEXT_OF_RULE 1024 /* bytes of a label value after its template */

/* A label that the rule sets; value may hold {{ $labels.NAME }}. */
struct rule_label {
    const char *name, *value;
};

struct rule {
    const char *name; /* of the alert, or the metric recorded */
    bool is_alert;
    const struct prom_expr *expr;
    int64_t for_ms, keep_firing_ms;
    const struct rule_label *labels;
    uint32_t label_count;
    uint32_t *identities;      /* by set of the result: set with the rule's labels, + 1 */
    uint32_t first_alert;      /* in label order */
    struct match_list written; /* recording: series written last time, in label order */
};

enum alert_state { ALERT_PENDING, ALERT_FIRING, ALERT_GONE };
struct alert {
    uint32_t identity, next;
    enum alert_state state;
    bool was_firing;                     /* when it is gone: whether to tell */
    int64_t active_at_ms, kept_since_ms; /* kept: INT64_MIN while the expression returns it */
    double value;
    uint32_t state_series[2], since_series; /* ALERTS by state, ALERTS_FOR_STATE */
};

struct rule_group {
    const char *name;
    int64_t interval_ms; /* 0: each evaluation */
    uint32_t first_rule, rule_count;
    int64_t last_slot;
    bool was_run;
};

struct rules {
    struct rule *list;
    uint32_t count, max;
    struct rule_group *groups;
    uint32_t group_count, group_max;
    struct alert *alerts;
    uint32_t alert_max, alert_used, free_alert;
    uint64_t failures;
};

struct rules *rules_new(struct arena *arena, const struct prom *p);

/* The labels a rule's result gets; the vector's sets are replaced and it is ordered anew. */
bool rule_identify(struct prom *p, struct rule *rule, struct vector *v);
/* set with these pairs, which win over its own. */
uint32_t set_with(struct prom *p, uint32_t set, const struct prom_label *pairs, uint32_t count);

/* Takes a vector of identities over into the rule's alerts and tells. */
void alerts_update(struct prom *p, struct rule *rule, const struct vector *v, int64_t at_ms,
                   prom_alert_sink sink, void *context);

/* Whether a text holds templates we can expand (all {{ $labels.NAME }}), or none. */
bool template_is_known(const char *text);
/* Expands them with the labels of a set, into out of TEXT_OF_RULE bytes; false when too long. */
bool template_expand(const struct prom *p, const char *text, uint32_t set, char *out);

#endif
