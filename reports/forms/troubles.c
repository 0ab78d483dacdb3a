/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/troubles.h"
#include "reports/forms/figures.h"
#include <stdio.h>

static struct trouble of_incident(const struct judged *j, uint32_t reason) {
    bool ended = j->incident.onset != TIME_NEVER;
    return (struct trouble){.kind = j->kind,
                            .what = "expectation",
                            .subject = j->incident.name,
                            .why = j->reasons.list[reason],
                            .at = ended ? j->incident.ends : TIME_NEVER};
}

static struct trouble of_violation(const struct violation *v) {
    return (struct trouble){
        .kind = VERDICT_FAIL, .what = v->invariant, .subject = "", .why = v->why, .at = v->at};
}

static bool listed(const struct verdict *v, uint32_t index, struct trouble *out) {
    for (uint32_t i = 0; i < v->count; i++) {
        const struct judged *j = &v->list[i];
        if (index < j->reasons.count) {
            *out = of_incident(j, index);
            return true;
        }
        index -= j->reasons.count;
    }
    if (index < v->forbidden_count) {
        *out = (struct trouble){.kind = VERDICT_FAIL,
                                .what = "must_not",
                                .subject = "",
                                .why = v->forbidden[index],
                                .at = TIME_NEVER};
        return true;
    }
    index -= v->forbidden_count;
    if (index >= v->violations.count) return false;
    *out = of_violation(&v->violations.list[index]);
    return true;
}

/* What makes the whole run say nothing stands in no list: a cause that no service shows, or
 * nothing expected. */
static bool explained(const struct verdict *v, uint32_t *count) {
    struct trouble t;
    bool found = false;
    for (*count = 0; listed(v, *count, &t); ++*count)
        if (t.kind == v->kind) found = true;
    return found;
}

bool trouble_at(const struct report_run *run, uint32_t index, struct trouble *out) {
    const struct verdict *v = run->verdict;
    uint32_t count;
    if (v->kind == VERDICT_PASS) return false;
    if (listed(v, index, out)) return true;
    if (explained(v, &count) || index > count) return false;
    *out = (struct trouble){
        .kind = v->kind, .what = "run", .subject = "", .why = v->why, .at = TIME_NEVER};
    return true;
}

bool trouble_first(const struct report_run *run, struct trouble *out) {
    for (uint32_t index = 0; trouble_at(run, index, out); index++)
        if (out->kind == run->verdict->kind) return true;
    return false;
}

const char *trouble_sentence(char *out, size_t size, const struct trouble *t) {
    char clock[24];
    bool timed = t->subject[0] && t->at != TIME_NEVER;
    snprintf(out, size, "%s%s%s%s%s", t->subject, timed ? ", judged at " : "",
             timed ? figure_clock(clock, sizeof clock, t->at) : "", t->subject[0] ? ": " : "",
             t->why);
    return out;
}
