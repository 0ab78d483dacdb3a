/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/alternatives.h"
#include "engine/base/ratio.h"
#include "engine/base/simtime.h"
#include "reports/forms/figures.h"
#include <stdarg.h>

struct list {
    const struct facts *facts;
    const struct decision *decision;
    struct alternative *out;
    uint32_t count;
};

PRINTF_LIKE(3, 4)
static void add(struct list *l, const char *choice, const char *format, ...) {
    va_list arguments;
    if (l->count == ALTERNATIVES_MAX) return;
    struct alternative *a = &l->out[l->count++];
    snprintf(a->choice, sizeof a->choice, "%s", choice);
    va_start(arguments, format);
    vsnprintf(a->needs, sizeof a->needs, format, arguments);
    va_end(arguments);
}

/* ---- figures in their units ---- */

enum unit { UNIT_NUMBER, UNIT_SHARE, UNIT_TIME };

static enum unit gate_unit(int gate) {
    static const enum unit units[GATE_COUNT] = {[GATE_ERROR_BUDGET] = UNIT_SHARE,
                                                [GATE_COOLDOWN] = UNIT_TIME,
                                                [GATE_RESOURCE_CAPACITY] = UNIT_SHARE};
    return units[gate]; /* counts and the risk's score are numbers */
}

/* Whether the incident's own figure is a time; its limit and what was before are then times, too.
 */
static bool of_latency(const struct decision *d) {
    return decision_factor(d, symptom_name(SYMPTOM_LATENCY)) != NULL;
}

static enum unit unit_of(const struct decision *d, const char *name) {
    static const char *const own[] = {"limit", "before"}; /* in the unit of the symptom's figure */
    static const char *const shares[] = {"errors",     "difference", "low",      "high",
                                         "passed_on",  "slow",       "given_up", "own_excess",
                                         "saturation", "all",        "callee"};
    int gate = gate_of(name, strlen(name));
    if (d->kind == DECISION_SAFETY_GATE && gate >= 0) return gate_unit(gate);
    if (strcmp(name, "latency") == 0 || strcmp(name, "expires_in_s") == 0) return UNIT_TIME;
    for (size_t k = 0; k < ARRAY_LEN(own); k++)
        if (strcmp(name, own[k]) == 0) return of_latency(d) ? UNIT_TIME : UNIT_SHARE;
    for (size_t k = 0; k < ARRAY_LEN(shares); k++)
        if (strcmp(name, shares[k]) == 0) return UNIT_SHARE;
    return UNIT_NUMBER;
}

static const char *written(char *out, size_t size, enum unit unit, int64_t micro) {
    switch (unit) {
    case UNIT_SHARE: return figure_share(out, size, micro);
    case UNIT_TIME: return figure_time(out, size, muldiv(micro, NS_PER_US, 1));
    case UNIT_NUMBER: break;
    }
    return figure_number(out, size, micro);
}

const char *factor_figure(char *out, size_t size, const struct decision *decision,
                          const struct said_factor *factor) {
    return written(out, size, unit_of(decision, factor->name), factor->micro);
}

/* A share of a share would be another figure: shares differ by points. */
static const char *apart_by(char *out, size_t size, enum unit unit, int64_t micro) {
    written(out, size, unit, micro);
    size_t len = strlen(out);
    if (unit == UNIT_SHARE) snprintf(out + len - 1, size - len + 1, " percentage points");
    return out;
}

/* "was 7.4%, 2.4 percentage points more than that" */
static const char *distance(char *out, size_t size, enum unit unit, int64_t was, int64_t limit) {
    char a[24], b[48];
    int128 by = (int128)was - limit, apart = by < 0 ? -by : by;
    int64_t shown = apart > INT64_MAX ? INT64_MAX : (int64_t)apart;
    snprintf(out, size, "was %s, %s %s than that", written(a, sizeof a, unit, was),
             apart_by(b, sizeof b, unit, shown), by > 0 ? "more" : "less");
    return out;
}

/* ---- by kind of decision ---- */

static void detection(struct list *l) {
    const struct decision *d = l->decision;
    const struct said_factor *own = d->factor_count > 0 ? &d->factors[0] : NULL;
    const struct said_factor *limit = decision_factor(d, "limit");
    char figure[24], far[120];
    if (!own || !limit) return;
    enum unit unit = unit_of(d, own->name);
    add(l, "no incident", "%s at or under %s; it %s", own->name,
        written(figure, sizeof figure, unit, limit->micro),
        distance(far, sizeof far, unit, own->micro, limit->micro));
    if (unit != UNIT_SHARE) return;
    int64_t critical = l->facts->limits.critical_error_ppm;
    add(l, "a person takes over", "%s of %s or more; it %s", own->name,
        written(figure, sizeof figure, unit, critical),
        distance(far, sizeof far, unit, own->micro, critical));
    add(l, "cascade", "%lld services or more in breach by their own excess",
        (long long)l->facts->limits.cascade_services);
}

/* Scores come best first, each followed by the candidate's own excess. */
static void root_cause(struct list *l) {
    const struct said_factor *scores[2] = {NULL, NULL};
    uint32_t found = 0;
    char figure[24], far[120];
    for (uint32_t k = 0; k < l->decision->factor_count && found < 2; k++)
        if (strcmp(l->decision->factors[k].name, "score") == 0)
            scores[found++] = &l->decision->factors[k];
    if (found == 2)
        add(l, "another service", "a score over %s for the second best; it %s",
            written(figure, sizeof figure, UNIT_NUMBER, scores[0]->micro),
            distance(far, sizeof far, UNIT_NUMBER, scores[1]->micro, scores[0]->micro));
    int64_t sure = l->decision->confidence_ppm;
    const struct limits *limits = &l->facts->limits;
    add(l, sure < limits->confirm_below_ppm ? "go on" : "a person confirms",
        "a confidence %s %s; it %s", sure < limits->confirm_below_ppm ? "of at least" : "under",
        figure_share(figure, sizeof figure, limits->confirm_below_ppm),
        distance(far, sizeof far, UNIT_SHARE, sure, limits->confirm_below_ppm));
    add(l, "a person takes over", "a confidence under %s; it %s",
        figure_share(figure, sizeof figure, limits->hand_over_below_ppm),
        distance(far, sizeof far, UNIT_SHARE, sure, limits->hand_over_below_ppm));
}

struct gate_limit {
    int64_t micro;
    const char *beyond; /* a figure that does not pass is this; NULL: no one limit */
    bool binds;
};

/* A policy that does not let a gate bind has the figure that never fails. */
static struct gate_limit counted(int64_t limit, const char *beyond) {
    return (struct gate_limit){muldiv(limit, PPM_ONE, 1), beyond, limit != INT64_MAX};
}

static struct gate_limit gate_limit(const struct limits *limits, int gate) {
    switch (gate) {
    case GATE_ERROR_BUDGET:
        return (struct gate_limit){limits->budget_ppm, "over", limits->budget_ppm != INT64_MAX};
    case GATE_BLAST_RADIUS: return counted(limits->blast_gate_count, "over");
    case GATE_RECENT_FAILURES: return counted(limits->failures_max, "at least");
    case GATE_COOLDOWN:
        return (struct gate_limit){limits->cooldown_ns / NS_PER_US, "under",
                                   limits->cooldown_ns > 0};
    case GATE_RISK:
        return (struct gate_limit){limits->risk_max_ppm, "over", limits->risk_max_ppm != INT64_MAX};
    default: return (struct gate_limit){0, NULL, true};
    }
}

static void gate_alternative(struct list *l, const struct said_factor *factor) {
    int gate = gate_of(factor->name, strlen(factor->name));
    bool passed = strcmp(factor->explanation, "pass") == 0;
    char choice[64], figure[24], far[120];
    if (gate < 0) return;
    struct gate_limit limit = gate_limit(&l->facts->limits, gate);
    bool never = gate == GATE_COOLDOWN && factor->micro == 0 && passed;
    enum unit unit = gate_unit(gate);
    snprintf(choice, sizeof choice, "%s %s", factor->name, passed ? "fails" : "passes");
    if (!limit.binds)
        add(l, choice, "a policy in which this gate binds");
    else if (!limit.beyond)
        add(l, choice, "%s: %s", passed ? "what does not pass" : "what passes", gate_meaning(gate));
    else
        add(l, choice, "%s%s %s; it %s", passed ? "" : "not ", limit.beyond,
            written(figure, sizeof figure, unit, limit.micro),
            never ? "was never changed"
                  : distance(far, sizeof far, unit, factor->micro, limit.micro));
}

static void gates(struct list *l) {
    for (uint32_t k = 0; k < l->decision->factor_count; k++)
        gate_alternative(l, &l->decision->factors[k]);
}

static void canary(struct list *l) {
    const struct said_factor *low = decision_factor(l->decision, "low");
    const struct said_factor *high = decision_factor(l->decision, "high");
    const struct said_factor *difference = decision_factor(l->decision, "difference");
    char a[24], b[24], c[24];
    if (!low || !high || !difference) return;
    if (strcmp(l->decision->choice, "promote") == 0)
        add(l, "abort",
            "a difference of at least %s with a lower bound over 0; they were %s and %s",
            figure_share(a, sizeof a, l->facts->limits.min_effect_ppm),
            figure_share(b, sizeof b, difference->micro), figure_share(c, sizeof c, low->micro));
    else
        add(l, "promote", "an upper bound of the difference under 0; it was %s",
            figure_share(a, sizeof a, high->micro));
    add(l, "hold", "too few requests, or pods or metrics out of reach");
}

static void verification(struct list *l) {
    const struct decision *d = l->decision;
    const struct said_factor *own = d->factor_count > 0 ? &d->factors[0] : NULL;
    const struct said_factor *limit = decision_factor(d, "limit");
    const struct said_factor *before = decision_factor(d, "before");
    char figure[24], far[120];
    if (!own || !limit || !before) return;
    enum unit unit = unit_of(d, own->name);
    bool healed = strcmp(d->choice, "healed") == 0;
    int64_t binds = limit->micro < before->micro ? limit->micro : before->micro;
    add(l, healed ? "go back" : "healed", "%s %s %s; it %s", own->name,
        healed ? "at or over" : "under", written(figure, sizeof figure, unit, binds),
        distance(far, sizeof far, unit, own->micro, binds));
    int64_t margin = ppm_mul(limit->micro, l->facts->limits.verify_margin_ppm);
    int64_t near = time_add(limit->micro, margin == INT64_MIN ? INT64_MAX : -margin);
    add(l, "watch on", "%s over %s, near to the limit; it %s; or no data", own->name,
        written(figure, sizeof figure, unit, near),
        distance(far, sizeof far, unit, own->micro, near));
}

static void concurrency(struct list *l) {
    const struct decision *d = l->decision;
    if (strcmp(d->choice, "wait") == 0)
        add(l, "go on", "the lock free; it was held by another operation");
    else if (d->factor_count == 0)
        add(l, "pause, delay or block",
            "another operation on this service, one it calls or is called by, or a shared "
            "resource");
    for (uint32_t k = 0; k < d->factor_count; k++) {
        int type = conflict_of(d->factors[k].name, strlen(d->factors[k].name));
        if (type >= 0)
            add(l, "allow", "no %s conflict: %s", d->factors[k].name, conflict_meaning(type));
    }
}

uint32_t alternatives_of(const struct facts *facts, const struct decision *decision,
                         struct alternative out[ALTERNATIVES_MAX]) {
    struct list l = {facts, decision, out, 0};
    switch (decision->kind) {
    case DECISION_INCIDENT_DETECTION: detection(&l); break;
    case DECISION_RCA_ANALYSIS: root_cause(&l); break;
    case DECISION_SAFETY_GATE: gates(&l); break;
    case DECISION_DEPLOYMENT: canary(&l); break;
    case DECISION_VERIFICATION: verification(&l); break;
    case DECISION_CONCURRENCY: concurrency(&l); break;
    default: break; /* it follows from the one before: its reasoning says from which */
    }
    return l.count;
}
