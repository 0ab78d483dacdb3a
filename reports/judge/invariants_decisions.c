/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decision_recomputes: every decision of every engine carries what SPEC asks of it, was made from
 * what the engine was told, and follows from that (recompute.h). */
#include "engine/base/ratio.h"
#include "reports/judge/recompute.h"
#include <stdarg.h>
#include <stdlib.h>

void recompute_wrong(struct recomputing *r, const char *format, ...) {
    const struct seen_effect *e = r->said->effect;
    char what[96];
    va_list arguments;
    if (r->wrong) return;
    r->wrong = true;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    violated(r->found, "decision_recomputes", e->at, e->record, "%u.%lld %s", e->engine,
             (long long)e->out.record_decision.decision, what);
}

void recompute_choice(struct recomputing *r, const char *follows) {
    if (!said_chose(r->said, follows))
        recompute_wrong(r, "says \"%s\", and \"%s\" follows from its inputs", r->said->choice,
                        follows);
}

static bool near(int64_t a, int64_t b, int64_t apart) {
    int128 by = (int128)a - b;
    return by <= apart && -by <= apart;
}

void recompute_factor(struct recomputing *r, const char *name, int64_t micro, int64_t apart) {
    const struct said_factor *f = said_factor(r->said, name);
    if (!f)
        recompute_wrong(r, "has no factor \"%s\"", name);
    else if (!near(f->micro, micro, apart))
        recompute_wrong(r, "says that %s is %.6f, its inputs give %.6f", name,
                        (double)f->micro / 1e6, (double)micro / 1e6);
}

void recompute_score(struct recomputing *r, const char *choice, int64_t micro, int64_t apart) {
    const struct said_alternative *a = said_alternative(r->said, choice);
    if (!a)
        recompute_wrong(r, "does not weigh \"%s\"", choice);
    else if (!near(a->score_micro, micro, apart))
        recompute_wrong(r, "scores \"%s\" %.6f, its inputs give %.6f", choice,
                        (double)a->score_micro / 1e6, (double)micro / 1e6);
}

const struct made *recompute_made(const struct recomputing *r, int64_t number) {
    const struct seen_effect *e = r->said->effect;
    for (size_t k = r->made_count; number > 0 && k-- > 0;)
        if (r->made[k].engine == e->engine && r->made[k].number == number) return &r->made[k];
    return NULL;
}

/* ---- what each has to carry ---- */

static void carries(struct recomputing *r) {
    const struct said_decision *d = r->said;
    const struct eff_record_decision *head = &d->effect->out.record_decision;
    uint32_t chosen = 0, unexplained = 0;
    if (decision_of(d->type, strlen(d->type)) != head->kind || !text_is(&head->choice, d->choice))
        recompute_wrong(r, "is not the one that its line tells");
    if (d->input_count == 0) recompute_wrong(r, "does not say from what it was made");
    if (!d->reasoning[0] || d->confidence_ppm < 0 || d->confidence_ppm > PPM_ONE ||
        d->confidence_ppm != head->confidence_ppm || d->duration_micro < 0)
        recompute_wrong(r, "does not say why, how sure or how long");
    for (uint32_t k = 0; k < d->input_count; k++)
        if (!*d->inputs[k].name || !*d->inputs[k].source || d->inputs[k].time == TIME_NEVER)
            recompute_wrong(r, "has an input without name, source or time");
    for (uint32_t k = 0; k < d->alternative_count; k++) {
        chosen += d->alternatives[k].chosen;
        unexplained += !d->alternatives[k].chosen && !d->alternatives[k].why;
    }
    /* where each service explains an incident of its own, none is left to name */
    bool names = head->kind == DECISION_RCA_ANALYSIS, nobody = names && !said_input(d, "hops", 0);
    /* all is weighed, and nothing speaks for anything */
    bool nothing = head->kind == DECISION_FIX_GENERATION && said_chose(d, "none") && chosen == 0;
    if (d->alternative_count == 0 && !nobody) recompute_wrong(r, "weighs no alternative");
    if (unexplained > 0) recompute_wrong(r, "rejects an alternative without saying why");
    if (chosen > 1) recompute_wrong(r, "chooses %u alternatives", chosen);
    const struct said_alternative *own = said_alternative(d, d->choice);
    if (!names && !nothing && (!own || !own->chosen))
        recompute_wrong(r, "does not weigh what it chose");
}

static void recompute(struct recomputing *r) {
    static void (*const by_kind[DECISION_COUNT])(struct recomputing *) = {
        [DECISION_INCIDENT_DETECTION] = recompute_detection,
        [DECISION_RCA_ANALYSIS] = recompute_cause,
        [DECISION_FIX_GENERATION] = recompute_remedy,
        [DECISION_SAFETY_GATE] = recompute_gates,
        [DECISION_DEPLOYMENT] = recompute_canary,
        [DECISION_ROLLBACK] = recompute_rollback,
        [DECISION_VERIFICATION] = recompute_verification,
        [DECISION_CONCURRENCY] = recompute_concurrency,
        [DECISION_HUMAN_ESCALATION] = recompute_escalation};
    int64_t kind = r->said->effect->out.record_decision.kind;
    if (kind < 0 || kind >= DECISION_COUNT) {
        recompute_wrong(r, "is of no type");
        return;
    }
    carries(r);
    if (!r->wrong) recompute_inputs(r);
    if (!r->wrong) by_kind[kind](r);
}

/* ---- what came of them ---- */

static void outcome(const struct facts *f, const struct seen_effect *e, const struct made *made,
                    size_t count, struct violations *found) {
    const struct eff_decision_outcome *o = &e->out.decision_outcome;
    for (size_t k = 0; k < count; k++)
        if (made[k].engine == e->engine && made[k].number == o->decision) return;
    (void)f;
    violated(found, "decision_recomputes", e->at, e->record,
             "an outcome of decision %u.%lld, which was never made", e->engine,
             (long long)o->decision);
}

void invariant_decision_recomputes(const struct facts *f, struct violations *found) {
    size_t count = 0, all = 0;
    EACH_EFFECT(f, e) all += e->out.kind == EFF_record_decision;
    struct said_decision *said = all ? malloc(sizeof *said) : NULL;
    struct made *made = all ? calloc(all, sizeof *made) : NULL;
    EACH_EFFECT(f, e) {
        if (e->out.kind == EFF_decision_outcome) outcome(f, e, made, count, found);
        if (e->out.kind != EFF_record_decision || !said || !made) continue;
        struct recomputing r = {f, found, said, made, count, false};
        said_read(f, e, said);
        recompute(&r);
        const struct eff_record_decision *head = &e->out.record_decision;
        struct made *m = &made[count++];
        *m = (struct made){e->engine, e->at, head->decision, head->kind, head->op, ""};
        snprintf(m->choice, sizeof m->choice, "%.15s", said->choice);
    }
    free(said);
    free(made);
}
