/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/judge.h"
#include "reports/judge/bounds.h"
#include "reports/judge/invariants.h"
#include "reports/judge/outcome.h"
#include "reports/judge/reaction.h"
#include "reports/judge/seen.h"

const char *reaction_name(enum reaction reaction) {
    static const char *const words[] = {REACTIONS(JUDGE_WORD_)};
    return (unsigned)reaction < REACTION_COUNT ? words[reaction] : "?";
}

const char *outcome_name(enum outcome outcome) {
    static const char *const words[] = {OUTCOMES(JUDGE_WORD_)};
    return (unsigned)outcome < OUTCOME_COUNT ? words[outcome] : "?";
}

const char *verdict_name(enum verdict_kind kind) {
    static const char *const words[] = {"pass", "fail", "inconclusive"};
    return (unsigned)kind < ARRAY_LEN(words) ? words[kind] : "?";
}

enum verdict_kind verdict_worse(enum verdict_kind a, enum verdict_kind b) {
    if (a == VERDICT_FAIL || b == VERDICT_FAIL) return VERDICT_FAIL;
    return a == VERDICT_INCONCLUSIVE || b == VERDICT_INCONCLUSIVE ? VERDICT_INCONCLUSIVE
                                                                  : VERDICT_PASS;
}

bool judge_read(const void *bytes, size_t len, struct facts *facts, struct trace_error *error) {
    return facts_read(bytes, len, facts, error);
}

static bool differs(const char *expected, const char *seen) {
    return expected[0] != '\0' && strcmp(expected, seen) != 0;
}

/* What the scenario says of reaction and outcome. A false close and a reaction without a name fail
 * whatever it says. */
static void check_words(const struct facts *f, struct judged *j, const char *outcome_why) {
    const char *reaction = reaction_name(j->reaction), *outcome = outcome_name(j->outcome);
    const char *wanted = j->expected_reaction[0] ? j->expected_reaction : "one that has a name";
    bool unclassified = j->reaction == REACTION_UNCLASSIFIED;
    char why[400];
    if (j->outcome == OUTCOME_FALSELY_CLOSED)
        reason_add(&j->reasons, "closed while the truth says no: %s", outcome_why);
    if (unclassified) {
        seen_unclassified(f, &j->incident, j->outcome, why, sizeof why);
        reason_add(&j->reasons, "reaction: unclassified, expected %s: %s", wanted, why);
    } else if (differs(j->expected_reaction, reaction))
        reason_add(&j->reasons, "reaction: %s, expected %s", reaction, wanted);
    if (j->outcome != OUTCOME_FALSELY_CLOSED && differs(j->expected_outcome, outcome))
        reason_add(&j->reasons, "outcome: %s, expected %s%s%s", outcome, j->expected_outcome,
                   outcome_why[0] ? ": " : "", outcome_why);
}

/* Of a run in which nothing was to happen there is one thing to say: what did. */
static void check_nothing(const struct facts *f, struct judged *j) {
    char why[240];
    if (!differs(j->expected_reaction, reaction_name(j->reaction)) &&
        !differs(j->expected_outcome, outcome_name(j->outcome)))
        return;
    seen_instead_of_nothing(f, &j->incident, why, sizeof why);
    reason_add(&j->reasons, "expected nothing, but %s", why);
}

static bool fault_acted(const struct facts *f, int64_t fault) {
    EACH(f, fault_off, off) if (off->fault == fault && off->fired > 0) return true;
    return false;
}

/* A cause that no service shows, a link, a lock, pods, is part of what is proved: where one did not
 * act, what came out as expected proves nothing. */
static void check_other_causes(const struct facts *f, struct reasons *reasons) {
    EACH(f, fault_planned, p) {
        char name[48];
        if (real_service(p->service) || fault_acted(f, p->fault)) continue;
        printable(name, sizeof name, p->name.bytes, p->name.len);
        reason_add(reasons, "the fault \"%s\" did not act", name);
    }
}

/* What makes a run say nothing comes before what was expected, but for a false close. */
static bool says_nothing(struct judged *j, const char *outcome_why) {
    if (j->outcome == OUTCOME_FALSELY_CLOSED) return false;
    if (j->incident.onset == TIME_NEVER || !j->incident.acted)
        reason_add(&j->reasons, "its cause did not act");
    else if (j->outcome == OUTCOME_UNKNOWN)
        reason_add(&j->reasons, "too little data: %s", outcome_why);
    return j->reasons.count > 0;
}

bool judged_by_invariants(const struct judged *j) {
    return j->expected && j->incident.fault < 0 && !j->expected_reaction[0];
}

static enum verdict_kind judge_expected(const struct facts *f, struct judged *j,
                                        const char *outcome_why) {
    bool invariants_only = judged_by_invariants(j);
    if (!invariants_only && says_nothing(j, outcome_why)) return VERDICT_INCONCLUSIVE;
    if (j->incident.fault < 0 && j->expected_reaction[0])
        check_nothing(f, j);
    else if (!invariants_only)
        check_words(f, j, outcome_why);
    bounds_check(f, j, &j->reasons);
    bool failed = j->reasons.count > 0;
    check_other_causes(f, &j->reasons);
    if (failed) return VERDICT_FAIL;
    return j->reasons.count > 0 ? VERDICT_INCONCLUSIVE : VERDICT_PASS;
}

static void judge_incident(const struct facts *f, struct judged *j) {
    char why[240];
    j->outcome = outcome_of(f, &j->incident, why, sizeof why);
    j->reaction = reaction_of(f, &j->incident, j->outcome);
    time_ns end = outcome_end(f, &j->incident, j->outcome);
    j->mttr = end == TIME_NEVER || j->incident.fault < 0 ? TIME_NEVER : end - j->incident.onset;
    j->kind = j->expected ? judge_expected(f, j, why) : VERDICT_PASS;
    if (!j->expected)
        snprintf(j->why, sizeof j->why, "nothing was expected of it");
    else if (j->reasons.count > 0)
        snprintf(j->why, sizeof j->why, "%s", j->reasons.list[0]);
    else if (judged_by_invariants(j))
        snprintf(j->why, sizeof j->why, "judged by the invariants alone");
    else
        snprintf(j->why, sizeof j->why, "%s, %s, as expected", reaction_name(j->reaction),
                 outcome_name(j->outcome));
}

static void because(struct verdict *v, enum verdict_kind kind, const char *why) {
    if (verdict_worse(v->kind, kind) != v->kind) {
        v->kind = kind;
        snprintf(v->why, sizeof v->why, "%s", why);
    }
}

static void merge(struct verdict *v) {
    for (uint32_t i = 0; i < v->violations.count; i++)
        because(v, VERDICT_FAIL, v->violations.list[i].why);
    for (uint32_t i = 0; i < v->forbidden_count; i++) because(v, VERDICT_FAIL, v->forbidden[i]);
    for (uint32_t i = 0; i < v->count; i++) {
        const struct judged *j = &v->list[i];
        because(v, j->kind, j->why);
        v->passed += j->expected && j->kind == VERDICT_PASS;
        v->failed += j->expected && j->kind == VERDICT_FAIL;
        v->inconclusive += j->expected && j->kind == VERDICT_INCONCLUSIVE;
    }
    if (v->kind == VERDICT_PASS && v->passed == 0)
        because(v, VERDICT_INCONCLUSIVE, "the scenario expects nothing");
    if (v->kind == VERDICT_PASS) snprintf(v->why, sizeof v->why, "all as expected");
}

bool judge_run(const struct facts *facts, struct verdict *verdict) {
    memset(verdict, 0, sizeof *verdict);
    snprintf(verdict->scenario, sizeof verdict->scenario, "%s", facts->scenario);
    verdict->seed = (uint64_t)facts->run.items[0].seed;
    verdict->list = incidents_of(facts, &verdict->count);
    if (!verdict->list) return false;
    for (uint32_t i = 0; i < verdict->count; i++) judge_incident(facts, &verdict->list[i]);
    invariants_check(facts, &verdict->violations);
    must_not_check(facts, verdict);
    merge(verdict);
    return true;
}

void verdict_free(struct verdict *verdict) {
    incidents_free(verdict->list);
    memset(verdict, 0, sizeof *verdict);
}

enum status verdict_status(const struct verdict *verdict) {
    static const enum status statuses[] = {STATUS_OK, STATUS_FAILED, STATUS_INCONCLUSIVE};
    return statuses[verdict->kind];
}

void verdict_line(const struct verdict *v, FILE *out) {
    fprintf(out, "VERDICT scenario=\"%s\" seed=%llu verdict=%s incidents=%u violations=%u\n",
            v->scenario, (unsigned long long)v->seed, verdict_name(v->kind), v->count,
            v->violations.count + v->violations.dropped + v->forbidden_count);
    for (uint32_t i = 0; i < v->count; i++) {
        const struct judged *j = &v->list[i];
        if (!j->expected) continue;
        bool alone = judged_by_invariants(j);
        fprintf(out, "INCIDENT name=\"%s\" verdict=%s reaction=%s outcome=%s mttr_ns=%lld\n",
                j->incident.name, verdict_name(j->kind), alone ? "-" : reaction_name(j->reaction),
                alone ? "-" : outcome_name(j->outcome),
                j->mttr == TIME_NEVER ? -1 : (long long)j->mttr);
    }
}
