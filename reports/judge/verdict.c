/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/judge.h"
#include "reports/judge/bounds.h"
#include "reports/judge/invariants.h"
#include "reports/judge/outcome.h"
#include "reports/judge/reaction.h"

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

/* A false close fails before anything else is looked at; then what makes a run say nothing; only
 * then what was expected. */
static enum verdict_kind judge_expected(const struct facts *f, struct judged *j,
                                        const char *outcome_why) {
    const char *reaction = reaction_name(j->reaction), *outcome = outcome_name(j->outcome);
    if (j->outcome == OUTCOME_FALSELY_CLOSED) {
        snprintf(j->why, sizeof j->why, "closed while the truth says no: %s", outcome_why);
        return VERDICT_FAIL;
    }
    if (j->incident.onset == TIME_NEVER || !j->incident.acted) {
        snprintf(j->why, sizeof j->why, "its cause did not act");
        return VERDICT_INCONCLUSIVE;
    }
    if (j->outcome == OUTCOME_UNKNOWN) {
        snprintf(j->why, sizeof j->why, "too little data: %s", outcome_why);
        return VERDICT_INCONCLUSIVE;
    }
    bool other = differs(j->expected_reaction, reaction) || j->reaction == REACTION_UNCLASSIFIED;
    if (other || differs(j->expected_outcome, outcome)) {
        snprintf(j->why, sizeof j->why, "expected %s, %s; seen %s, %s%s%s", j->expected_reaction,
                 j->expected_outcome, reaction, outcome, outcome_why[0] ? ": " : "", outcome_why);
        return VERDICT_FAIL;
    }
    if (!bounds_hold(f, j, j->why, sizeof j->why)) return VERDICT_FAIL;
    snprintf(j->why, sizeof j->why, "%s, %s, as expected", reaction, outcome);
    return VERDICT_PASS;
}

static void judge_incident(const struct facts *f, struct judged *j) {
    char why[160];
    j->outcome = outcome_of(f, &j->incident, why, sizeof why);
    j->reaction = reaction_of(f, &j->incident, j->outcome);
    time_ns end = outcome_end(f, &j->incident, j->outcome);
    j->mttr = end == TIME_NEVER || j->incident.fault < 0 ? TIME_NEVER : end - j->incident.onset;
    j->kind = VERDICT_PASS;
    if (j->expected)
        j->kind = judge_expected(f, j, why);
    else
        snprintf(j->why, sizeof j->why, "nothing was expected of it");
}

static void because(struct verdict *v, enum verdict_kind kind, const char *why) {
    if (verdict_worse(v->kind, kind) != v->kind) {
        v->kind = kind;
        snprintf(v->why, sizeof v->why, "%s", why);
    }
}

static bool fault_acted(const struct facts *f, int64_t fault) {
    EACH(f, fault_off, off) if (off->fault == fault && off->fired > 0) return true;
    return false;
}

/* A cause that no service shows makes the run what it is too: a link, a lock, pods. */
static void other_causes(const struct facts *f, struct verdict *v) {
    EACH(f, fault_planned, p) {
        char name[48], why[96];
        if (real_service(p->service) || fault_acted(f, p->fault)) continue;
        printable(name, sizeof name, p->name.bytes, p->name.len);
        snprintf(why, sizeof why, "the fault \"%s\" did not act", name);
        because(v, VERDICT_INCONCLUSIVE, why);
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
    other_causes(facts, verdict);
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
        fprintf(out, "INCIDENT name=\"%s\" verdict=%s reaction=%s outcome=%s mttr_ns=%lld\n",
                j->incident.name, verdict_name(j->kind), reaction_name(j->reaction),
                outcome_name(j->outcome), j->mttr == TIME_NEVER ? -1 : (long long)j->mttr);
    }
}
