/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_PROMETHEUS_H
#define SIM_PROMETHEUS_PROMETHEUS_H
/*
 * A Prometheus inside the simulation: a series store, PromQL, rule groups with alert states. A
 * library of its own: it knows neither world nor engine. Times are milliseconds since the epoch, as
 * in Prometheus (int64); values are doubles, computed with + - * / and sqrt (-ffp-contract=off) and
 * correctly rounded functions, in a fixed order (series by sorted labels), so results are the same
 * on every processor. Window semantics are Prometheus 3.x: lookback (t-5m, t], range (t-d, t],
 * left-open; those of 2.x, closed, by option.
 * Staleness: a stale marker (bit pattern 0x7ff0000000000002) ends a series for instant selectors at
 * once.
 *
 * Memory: everything is taken from the arena; capacity by options; a full store refuses the sample
 * and counts it. (Series are registered before the arena is sealed, or up to series_max at run time
 * within the memory reserved.)
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"

struct prom;
struct prom_label {
    const char *name, *value;
}; /* __name__ is a label as any other */

/* Prometheus changed what some expressions mean: with 3.0 windows became left-open and names free,
 * with 2.51 where counters meet zero, after 3.5 what type and unit labels do to matching. */
#define PROM_VERSION(major, minor) ((uint32_t)(major)*1000u + (uint32_t)(minor))
/* "3" (the newest), "2" (2.42), "2.53". False for anything else. */
bool prom_version_read(const char *text, uint32_t *version) MUST_CHECK;

struct prom_options {
    uint32_t series_max;         /* scraped, rule-made and ALERTS series */
    uint32_t samples_per_series; /* ring: the oldest fall out; 0: all are kept, while the arena is
                                    open */
    int64_t retention_ms;
    int64_t lookback_ms; /* 300000 */
    uint32_t rules_max;
    uint32_t version;         /* whose semantics: PROM_VERSION(2, 42); 0: the newest */
    int64_t subquery_step_ms; /* of x[1h:]: the global evaluation interval; 0: a minute */
    bool delayed_names;       /* names fall at the end, as behind a flag of Prometheus' */
    uint32_t subquery_steps;  /* most steps of subqueries in one evaluation; 0: a million */
    int64_t scrape_ms; /* rules whose ranges are too short for such scrapes are warned of; 0: not
                          known */
};
struct prom *prom_open(struct arena *arena, const struct prom_options *options);

/* Series by labels (any order; copied). The same labels give the same reference. UINT32_MAX when
 * full. */
uint32_t prom_series(struct prom *p, const struct prom_label *labels, uint32_t count);
/* The same with room for `samples` (at least those of the options), for a history before the run;
 * only before the arena is sealed. */
uint32_t prom_series_sized(struct prom *p, const struct prom_label *labels, uint32_t count,
                           uint32_t samples);
/* Appends; at_ms must be later than the series' newest (else refused: false, out of order). */
bool prom_append(struct prom *p, uint32_t series, int64_t at_ms, double value);
void prom_stale(struct prom *p, uint32_t series, int64_t at_ms);
uint64_t prom_sample_count(const struct prom *p);  /* appended, stale markers included */
uint64_t prom_refused_count(const struct prom *p); /* out of order, or of a series refused */

/* ---- expressions ---- */
enum prom_type { PROM_SCALAR, PROM_VECTOR, PROM_MATRIX, PROM_STRING };
struct prom_expr; /* parsed, typed; in the arena */
/* Parses and type-checks. On error NULL and one diagnostic with line and column inside the text,
 * offset by (line, column) where the text stands in its file. Depth <= 100, nodes <= 2000, length
 * <= 64 KiB. */
struct prom_expr *prom_parse(struct arena *arena, const char *file, int line, int column,
                             const char *text, size_t len, struct diags *diags);
enum prom_type prom_expr_type(const struct prom_expr *e);
/* For queries: an expression may be a range vector. *unsupported (may be NULL): on error the name
 * of the feature of Prometheus that is refused, NULL when something else is wrong. */
struct prom_expr *prom_parse_query(struct arena *arena, const char *file, int line, int column,
                                   const char *text, size_t len, struct diags *diags,
                                   const char **unsupported);

struct prom_sample {
    uint32_t label_count;
    const struct prom_label *labels;
    double value;
};
struct prom_value {
    enum prom_type type;
    double scalar;
    uint32_t count; /* vector elements, valid until the next evaluation: in series order, but those
                       of a sort, topk or bottomk by value */
    const struct prom_sample *samples;
    const char
        *error; /* NULL, or why evaluation failed (many-to-many, duplicate series, too many) */
};
/* Instant evaluation at at_ms. No allocation in steady state (scratch is reserved in prom_open). */
const struct prom_value *prom_eval(struct prom *p, const struct prom_expr *e, int64_t at_ms);
/* The one number: scalar, or the single element of a vector. False when there is none, more than
 * one, or an error. */
bool prom_eval_number(struct prom *p, const struct prom_expr *e, int64_t at_ms, double *out);
/* The same, and whose it is: the value of that label, NULL where it has none. */
bool prom_eval_labelled(struct prom *p, const struct prom_expr *e, int64_t at_ms, const char *label,
                        double *out, const char **whose);

/* A prepared expression: every matcher written as name="$place" is for this value from now on;
 * NULL: for any. False when memory for the value is out. */
bool prom_place(struct prom *p, struct prom_expr *e, const char *place, const char *value);

/* ---- rules ---- */
/* Reads a rule file (groups: name, interval, limit, query_offset, labels, rules: record|alert,
 * expr, for, keep_firing_for, labels, annotations), or Kubernetes' PrometheusRules, as many as the
 * file has. A file is taken as a whole or not at all. */
bool prom_rules_load(struct prom *p, struct arena *arena, const char *file, const char *text,
                     size_t len, struct diags *diags);
/* No file holds more rules or groups than this: for rules_max. */
uint32_t prom_rules_most(const char *text, size_t len);
/* What templates see as external labels (sorted by name) and URL; both must outlive p. */
void prom_external(struct prom *p, const struct prom_label *labels, uint32_t count,
                   const char *url);

struct prom_alert {
    const char *name; /* alertname */
    uint32_t label_count;
    const struct prom_label
        *labels; /* result labels less the name, plus the rule's, plus alertname */
    double value;
    int64_t active_at_ms; /* pending since */
    int64_t fired_at_ms;  /* firing since */
    bool firing;          /* false: it was firing and is resolved now */
    const struct rule *rule;
    const struct alert *state;
};
typedef void (*prom_alert_sink)(void *context, const struct prom_alert *alert);
/* The annotations of an alert, by name, within the sink alone. Each is expanded when it is asked
 * for, at the evaluation that its value is of. Returns the length; what is too long is cut. */
uint32_t prom_annotation_count(const struct prom_alert *alert);
size_t prom_annotation(struct prom *p, const struct prom_alert *alert, uint32_t i,
                       const char **name, char *out, size_t size);

/* Evaluates every group that is due at at_ms (interval 0: each call), rules in order, recording
 * results visible to the next; writes ALERTS and ALERTS_FOR_STATE; calls the sink for each alert
 * that fires (every evaluation) and once when resolved. */
void prom_rules_eval(struct prom *p, int64_t at_ms, prom_alert_sink sink, void *context);

/* Group by group, whether due or not: for tests of rules. */
struct prom_rule_sinks {
    prom_alert_sink alert;
    void (*failure)(void *context, const char *rule, const char *why); /* may be NULL */
    void *context;
};
uint32_t prom_group_count(const struct prom *p);
const char *prom_group_name(const struct prom *p, uint32_t group);
void prom_group_eval(struct prom *p, uint32_t group, int64_t at_ms,
                     const struct prom_rule_sinks *sinks);

uint32_t prom_rule_count(const struct prom *p);
uint64_t prom_rule_failures(const struct prom *p);
/* Rules and selectors that select nothing at at_ms, for "check" (calls the sink with rule name). */
void prom_rules_unmatched(struct prom *p, int64_t at_ms,
                          void (*sink)(void *context, const char *rule), void *context);

#endif
