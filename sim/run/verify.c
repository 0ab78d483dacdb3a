/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/verify.h"

#include "reports/judge/judge.h"
#include "sim/run/command.h"

#include <unistd.h>

static void take_violations(const struct violations *all, struct verified *out) {
    out->violations = all->count + all->dropped;
    for (uint32_t k = 0; k < all->count; k++) {
        const struct violation *v = &all->list[k];
        if (out->kinds == VERIFY_KINDS || verified_fails(out, v->invariant)) continue;
        snprintf(out->invariant[out->kinds], sizeof out->invariant[0], "%s", v->invariant);
        snprintf(out->why[out->kinds++], sizeof out->why[0], "%s", v->why);
    }
}

static enum status judge(const struct bytes *trace, struct verified *out) {
    struct facts facts;
    struct verdict verdict;
    struct trace_error error;
    if (!judge_read(trace->bytes, trace->len, &facts, &error)) {
        fprintf(stderr, "firedrill: its own trace cannot be read: record %llu: %s\n",
                (unsigned long long)error.record, error.what);
        return STATUS_BUG;
    }
    bool judged = judge_run(&facts, &verdict);
    if (judged) {
        take_violations(&verdict.violations, out);
        out->simulated = facts.ends_at;
        coverage_of(&facts, out->hit);
        verdict_free(&verdict);
    }
    facts_free(&facts);
    return judged ? STATUS_OK : STATUS_BUG;
}

enum status verify_scenario(const struct scenario *scenario, struct verified *out) {
    struct bytes trace = {0};
    struct run_result result;
    struct diags diags = {0};
    memset(out, 0, sizeof *out);
    alarm(VERIFY_SECONDS);
    enum status status = run_scenario(scenario, bytes_sink, &trace, &result, &diags)
                             ? judge(&trace, out)
                             : bad_input(&diags);
    alarm(0);
    out->digest = status == STATUS_OK ? result.digest : 0;
    bytes_free(&trace);
    return status;
}

bool verified_fails(const struct verified *v, const char *invariant) {
    for (uint32_t k = 0; k < v->kinds; k++)
        if (strcmp(v->invariant[k], invariant) == 0) return true;
    return false;
}
