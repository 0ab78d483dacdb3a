/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_RULES_H
#define SIM_PROMETHEUS_RULES_H
/*
 * Rule groups, as loaded, and what they remember between evaluations: the alerts of an alerting
 * rule, the series that a rule wrote. Label sets that a rule gives to its results are remembered by
 * the set of the result, so that steady evaluation interns nothing.
 */
#include "sim/prometheus/eval.h"
#include "sim/prometheus/template.h"

#define NO_ALERT     UINT32_MAX
#define TEXT_OF_RULE 2048 /* bytes of a label's value after its template */

/* A label or an annotation; an alert's may be templates. */
struct rule_text {
    const char *name, *value;
    const struct template *template; /* NULL: the value is what it is */
};

struct rule {
    const char *name; /* of the alert, or the metric recorded */
    bool is_alert;
    const struct prom_expr *expr;
    int64_t for_ms, keep_firing_ms;
    const struct rule_text *labels, *annotations;
    uint32_t label_count, annotation_count;
    bool identity_is_of_labels; /* no template among the labels asks for more than labels */
    uint32_t *identities;       /* by set of the result: set with the rule's labels, + 1 */
    uint32_t first_alert;       /* in label order */
    struct match_list written;  /* series written last time */
};

enum alert_state { ALERT_PENDING, ALERT_FIRING, ALERT_GONE };
struct alert {
    uint32_t identity, next;
    uint32_t source; /* labels of the result that it is of */
    enum alert_state state;
    bool was_firing; /* when it is gone: whether to tell */
    int64_t active_at_ms, fired_at_ms;
    int64_t kept_since_ms; /* INT64_MIN while the expression returns it */
    int64_t valued_at_ms;  /* the evaluation that its value is of */
    double value;
    uint32_t state_series[2], since_series; /* ALERTS by state, ALERTS_FOR_STATE; as needed */
};

struct rule_group {
    const char *name, *file;
    int64_t interval_ms; /* 0: each evaluation */
    int64_t query_offset_ms;
    uint32_t limit; /* alerts or series of each rule; 0: none */
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
    uint32_t *sources;         /* by identity: the result's set, in the rule that is evaluated */
    struct match_list writing; /* series that the rule writes now; room for all */
    uint32_t *stamps, stamp;   /* by series: the evaluation of a rule that last wrote it */
    struct template_room *room;
    const struct prom_label *external;
    uint32_t external_count;
    const char *external_url;
    struct prom_rule_sinks sinks;
};

/* One evaluation of one rule. */
struct rule_run {
    struct prom *prom;
    struct rule_group *group;
    struct rule *rule;
    int64_t at_ms;     /* of the group's evaluation */
    int64_t sample_ms; /* of what is read and written: less the group's query offset */
};

struct rules *rules_new(struct arena *arena, const struct prom *p);

/* The labels a rule's result gets; the vector's sets are replaced, it is ordered anew, and
 * rules->sources knows where each comes from. */
bool rule_identify(const struct rule_run *run, struct vector *v);
/* set with these pairs, which win over its own. */
uint32_t set_with(struct prom *p, uint32_t set, const struct prom_label *pairs, uint32_t count);
/* A template's result, or, as Prometheus has it, a text that says why there is none. */
void rule_expand(struct prom *p, const struct rule_text *text, uint32_t set, double value,
                 int64_t at_ms, struct writer *out);

/* Takes a vector of identities over into the rule's alerts, writes their series and tells. False
 * when they are more than the group's limit: then all are forgotten. */
bool alerts_update(const struct rule_run *run, const struct vector *v);

/* What a rule writes: series by series, between begin and end; end stales what was written the time
 * before and not now. */
void rule_write_begin(struct prom *p);
void rule_write(struct prom *p, uint32_t series, int64_t at_ms, double value);
bool rule_write_end(struct prom *p, struct rule *rule, int64_t at_ms);

#endif
