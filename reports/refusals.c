/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/refusals.h"

#include "reports/decisions.h"

const char *refusal_name(int which) {
    return which < GATE_COUNT ? gate_name(which) : conflict_name(which - GATE_COUNT);
}

int refusal_named(const char *name) {
    for (int k = 0; k < REFUSALS; k++)
        if (strcmp(refusal_name(k), name) == 0) return k;
    return -1;
}

void refusals_of(const struct facts *f, struct refusals *out) {
    struct decisions all = decisions_of(f);
    *out = (struct refusals){0};
    for (uint32_t k = 0; k < all.count; k++) {
        const struct decision *d = &all.list[k];
        for (uint32_t i = 0; i < d->factor_count; i++) {
            int which = refusal_named(d->factors[i].name);
            bool failed = strcmp(d->factors[i].explanation, "fail") == 0;
            if (which < 0) continue;
            out->of[which] += which < GATE_COUNT ? d->kind == DECISION_SAFETY_GATE && failed
                                                 : d->kind == DECISION_CONCURRENCY;
        }
    }
    decisions_free(&all);
}
