/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/remedy.h"

#include "engine/base/ratio.h"

#define HALF        (PPM_ONE / 2)
#define CPU_ALONE   (3 * PPM_ONE / 10)
#define HANGS       (8 * PPM_ONE / 10)
#define IN_THE_CODE (6 * PPM_ONE / 10) /* what logs name a place for is patched rather */
#define BEING_MOVED (7 * PPM_ONE / 10)
#define PODS_LEFT   2

static const struct {
    const char *pro, *con;
    enum op_kind kind;
} words[REMEDY_COUNT] = {
    [REMEDY_PATCH] = {"it takes the cause out", "it takes longest", OPKIND_DEPLOYMENT},
    [REMEDY_ROLL_BACK_CHANGE] = {"what served before is known", "what the change was for is lost",
                                 OPKIND_ROLLBACK},
    [REMEDY_RESTART] = {"what fills and what hangs is gone", "what is in hand is lost",
                        OPKIND_RESTART},
    [REMEDY_SCALE_OUT] = {"more pods share the load", "it hides what is slow", OPKIND_SCALING},
    [REMEDY_DRAIN] = {"the bad pod harms nobody", "fewer pods share the load", OPKIND_SCALING},
    [REMEDY_WAIT] = {"nothing is changed", "users bear it meanwhile", OPKIND_VERIFICATION},
};

const char *remedy_pro(enum remedy remedy) { return words[remedy].pro; }
const char *remedy_con(enum remedy remedy) { return words[remedy].con; }
enum op_kind remedy_kind(enum remedy remedy) { return words[remedy].kind; }

bool remedy_of_pods(enum remedy remedy) {
    return remedy == REMEDY_RESTART || remedy == REMEDY_SCALE_OUT || remedy == REMEDY_DRAIN;
}

bool remedy_allowed(const struct eng_remedies *policy, enum remedy remedy) {
    for (uint32_t k = 0; k < policy->count; k++)
        if (policy->order[k] == remedy) return true;
    return false;
}

bool remedies_beside(const struct eng_remedies *policy) {
    for (uint32_t k = 0; k < policy->count; k++)
        if (policy->order[k] != REMEDY_PATCH) return true;
    return false;
}

static bool known(const struct gate_number *n) { return n->kind == VALUE_NUMBER; }
static bool over(const struct gate_number *n, int64_t limit) {
    return known(n) && n->micro >= limit;
}

/* ---- evidence ---- */

static int64_t change_evidence(const struct eng_remedies *policy, const struct remedy_facts *f) {
    time_ns age = f->change_age_ns > 0 ? f->change_age_ns : 0;
    if (!f->changed || age > policy->undo_window_ns) return 0;
    return PPM_ONE - muldiv(HALF, age, policy->undo_window_ns);
}

static int64_t restart_evidence(const struct eng_remedies *policy, const struct remedy_facts *f) {
    if (over(&f->memory, policy->memory_high_ppm)) return f->located ? IN_THE_CODE : PPM_ONE;
    bool hangs = over(&f->in_flight_age, policy->in_flight_age_micro) && known(&f->cpu) &&
                 f->cpu.micro < policy->cpu_high_ppm;
    return hangs && !f->located ? HANGS : 0;
}

static int64_t scale_evidence(const struct eng_remedies *policy, const struct remedy_facts *f) {
    if (f->located || !over(&f->cpu, policy->cpu_high_ppm)) return 0;
    bool rose = known(&f->rate) && known(&f->rate_before) && f->rate_before.micro > 0 &&
                f->rate.micro >=
                    f->rate_before.micro + ppm_mul(f->rate_before.micro, policy->rate_rise_ppm);
    return rose ? PPM_ONE : CPU_ALONE;
}

static int64_t drain_evidence(const struct remedy_facts *f) {
    if (f->pod < 0 || f->pods <= PODS_LEFT || !over(&f->pod_worst, f->limit)) return 0;
    if (f->limit <= 0 || !known(&f->pod_next) || f->pod_next.micro >= f->limit / 2) return 0;
    return ppm_of(f->pod_worst.micro - f->pod_next.micro, f->pod_worst.micro);
}

static int64_t wait_evidence(const struct remedy_facts *f) {
    if (known(&f->own) && f->own.micro < f->limit) return PPM_ONE;
    return f->changing ? BEING_MOVED : 0;
}

static int64_t evidence(const struct eng_remedies *policy, const struct remedy_facts *f,
                        enum remedy remedy) {
    switch (remedy) {
    case REMEDY_PATCH: return f->located ? PPM_ONE : HALF;
    case REMEDY_ROLL_BACK_CHANGE: return change_evidence(policy, f);
    case REMEDY_RESTART: return restart_evidence(policy, f);
    case REMEDY_SCALE_OUT: return scale_evidence(policy, f);
    case REMEDY_DRAIN: return drain_evidence(f);
    case REMEDY_WAIT: return wait_evidence(f);
    default: return 0;
    }
}

/* ---- the choice ---- */

static bool eases(enum remedy remedy) { return remedy != REMEDY_PATCH && remedy != REMEDY_WAIT; }

static void score(const struct eng_remedies *policy, const struct remedy_facts *f, uint32_t place,
                  struct remedy_option *o) {
    enum remedy remedy = policy->order[place];
    o->allowed = true;
    o->evidence_ppm = evidence(policy, f, remedy);
    o->preference_ppm = ppm_of(policy->count - place, policy->count);
    o->score_ppm = ppm_mul(o->evidence_ppm, policy->weight_evidence_ppm) +
                   ppm_mul(o->preference_ppm, policy->weight_preference_ppm) +
                   ppm_mul(PPM_ONE - policy->cost_ppm[remedy], policy->weight_cost_ppm);
    if (o->evidence_ppm == 0) o->score_ppm = 0;
}

/* Why it cannot be chosen at all; NULL: it can. */
static const char *ruled_out(const struct remedy_facts *f, enum remedy remedy,
                             const struct remedy_option *o) {
    if (!o->allowed) return "the policy does not name it";
    if (f->mitigated && remedy != REMEDY_PATCH) return "the symptom is gone: its cause is next";
    if (f->tried >> remedy & 1) return "it was tried for this incident";
    return o->evidence_ppm == 0 ? "nothing speaks for it" : NULL;
}

/* The best of the order, of those that ease or of all. */
static bool best(const struct eng_remedies *policy, const struct remedy_facts *f, bool easing,
                 struct remedy_choice *out) {
    for (uint32_t k = 0; k < policy->count; k++) {
        enum remedy remedy = policy->order[k];
        const struct remedy_option *o = &out->option[remedy];
        if (ruled_out(f, remedy, o)) continue;
        if (easing && (!eases(remedy) || o->score_ppm < policy->min_score_ppm)) continue;
        if (out->any && o->score_ppm <= out->option[out->chosen].score_ppm) continue;
        out->chosen = remedy;
        out->any = true;
    }
    return out->any;
}

static const char *not_chosen(const struct eng_remedies *policy, enum remedy remedy,
                              const struct remedy_option *o, bool easing) {
    if (!easing) return "another scores higher";
    if (!eases(remedy)) return "the symptom comes first";
    return o->score_ppm < policy->min_score_ppm ? "it scores less than min_score"
                                                : "another scores higher";
}

/* Rounded up: a half of one pod is one. */
static int64_t pods_to_add(const struct eng_remedies *policy, int64_t pods) {
    int64_t step = (pods * policy->scale_step_ppm + PPM_ONE - 1) / PPM_ONE;
    int64_t most = ppm_mul(pods, policy->scale_most_ppm - PPM_ONE);
    return step < most ? step : most;
}

void remedy_weigh(const struct eng_remedies *policy, const struct remedy_facts *facts,
                  struct remedy_choice *out) {
    *out = (struct remedy_choice){.pod = -1};
    for (uint32_t k = 0; k < policy->count; k++)
        score(policy, facts, k, &out->option[policy->order[k]]);
    bool easing = policy->mitigate_first && !facts->mitigated && best(policy, facts, true, out);
    if (!easing) best(policy, facts, false, out);
    for (int r = 0; r < REMEDY_COUNT; r++) {
        struct remedy_option *o = &out->option[r];
        if (out->any && r == (int)out->chosen) continue;
        o->rejected = ruled_out(facts, (enum remedy)r, o);
        if (!o->rejected) o->rejected = not_chosen(policy, (enum remedy)r, o, easing);
    }
    if (!out->any) return;
    /* what filled once fills again; what hung may not */
    out->cures = out->chosen != REMEDY_RESTART || !over(&facts->memory, policy->memory_high_ppm);
    if (out->chosen == REMEDY_SCALE_OUT) out->amount = pods_to_add(policy, facts->pods);
    if (out->chosen == REMEDY_DRAIN) out->pod = facts->pod;
}
