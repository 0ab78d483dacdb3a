/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/decisions.h"
#include "engine/base/check.h"
#include "reports/judge/decision.h"
#include <stdlib.h>

static void taken_apart(const struct said_decision *said, struct decision *d) {
    const struct seen_effect *e = said->effect;
    const struct eff_record_decision *r = &e->out.record_decision;
    *d = (struct decision){.at = e->at,
                           .record = e->record,
                           .engine = e->engine,
                           .number = r->decision,
                           .kind = r->kind,
                           .incident = r->incident,
                           .op = r->op,
                           .service = said->service,
                           .confidence_ppm = r->confidence_ppm,
                           .factor_count = said->factor_count};
    printable(d->choice, sizeof d->choice, r->choice.s, r->choice.len);
    memcpy(d->reasoning, said->reasoning, sizeof d->reasoning);
    memcpy(d->factors, said->factors, said->factor_count * sizeof *d->factors);
}

struct decisions decisions_of(const struct facts *f) {
    struct decisions all = {0};
    EACH_EFFECT(f, e) all.count += e->out.kind == EFF_record_decision;
    all.list = calloc(all.count + 1u, sizeof *all.list);
    struct said_decision *said = malloc(sizeof *said);
    ASSERT(all.list != NULL && said != NULL);
    all.count = 0;
    EACH_EFFECT(f, e) {
        if (e->out.kind != EFF_record_decision) continue;
        said_read(f, e, said);
        taken_apart(said, &all.list[all.count++]);
    }
    free(said);
    return all;
}

void decisions_free(struct decisions *decisions) {
    free(decisions->list);
    *decisions = (struct decisions){0};
}

const struct said_factor *decision_factor(const struct decision *d, const char *name) {
    for (uint32_t k = 0; k < d->factor_count; k++)
        if (strcmp(d->factors[k].name, name) == 0) return &d->factors[k];
    return NULL;
}
