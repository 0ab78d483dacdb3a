/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Did somebody else heal it? Asked of an incident that is a person's and whose alert is over, and
 * of one that waited. A window without failures says little where hardly anybody asks, and an alert
 * ends as well when nobody does: it is gone when as many requests as a canary's first stage takes
 * were seen, and the upper bound of the share that failed (Wilson, one-sided, at the level at which
 * incidents open) is under the limit. Each look sees a rate window of its own, so what they saw is
 * added up; one that is over the limit begins anew, and so does one in whose window the service was
 * changed. A quantile of few requests comes and goes about a limit that it is near, and histograms
 * are coarse: latency is gone only when it is nearer to what it was before than to the limit, and
 * where requests do not fail instead. What another engine deployed and still watches may be taken
 * back: until then nobody has healed it.
 */

enum gone_part { GONE_OWN, GONE_RATE, GONE_BEFORE, GONE_PARTS };

void gone_begin(struct gone_look *look, time_ns mono) {
    *look = (struct gone_look){.began_mono = mono};
}

void gone_ask(struct engine *e, enum query_owner owner, uint32_t index, int64_t generation,
              const struct incident *i, struct gone_look *look) {
    static const struct gate_number nothing = {VALUE_UNAVAILABLE, 0, 0};
    static const struct revision_id all = {0};
    time_ns window = e->config->detection.rate_window_ns;
    time_ns past = incident_lasts(e, i) + window + e->config->detection.sample_interval_ns;
    enum query_kind figure = symptom_query(i->symptom);
    const enum query_kind queries[GONE_PARTS] = {figure, QUERY_REQUEST_RATE, figure};
    uint32_t parts = i->symptom == SYMPTOM_LATENCY ? GONE_PARTS : GONE_BEFORE;
    drop_queries(e, owner, index);
    look->own = look->rate = look->before = nothing;
    look->answers_due = 0;
    look->asked_mono = e->mono;
    for (uint32_t part = 0; part < parts; part++)
        if (ask_metrics(e, owner, index, generation, PART_GONE + part, queries[part], i->service,
                        all, window, part == GONE_BEFORE ? past : 0))
            look->answers_due++;
}

bool gone_on_metric(const struct engine *e, struct gone_look *look,
                    const struct in_query_result *in, uint32_t part) {
    struct gate_number *figure = part == PART_GONE + GONE_OWN    ? &look->own
                                 : part == PART_GONE + GONE_RATE ? &look->rate
                                                                 : &look->before;
    *figure = (struct gate_number){(enum value_kind)in->kind, in->micro, e->wall};
    if (look->answers_due > 0) look->answers_due--;
    return look->answers_due == 0;
}

int64_t requests_micro(const struct engine *e, int64_t rate_micro) {
    return muldiv(rate_micro, e->config->detection.rate_window_ns, NS_PER_S);
}

/* Rates are no whole numbers of requests: the sum is, failures rounded up. */
static struct proportion whole(const struct gone_look *look) {
    return (struct proportion){(look->failed_micro + PPM_ONE - 1) / PPM_ONE,
                               look->seen_micro / PPM_ONE};
}

/* Another revision served for a part of what was looked at: a fix that was taken back since, say.
 */
static bool changed_in_window(const struct engine *e, const struct incident *i,
                              const struct gone_look *look) {
    time_ns from = look->asked_mono - e->config->detection.rate_window_ns;
    for (uint32_t k = 0; k < e->change_count; k++)
        if (ID_EQ(e->changes[k].service, i->service) && e->changes[k].at_mono > from) return true;
    return false;
}

/* Of latency, half way back to what it was; nothing is known of that: half of the limit. */
static bool near_limit(const struct gone_look *look, int64_t limit) {
    int64_t before = look->before.kind == VALUE_NUMBER ? look->before.micro : 0;
    return before < limit && look->own.micro >= before + (limit - before) / 2;
}

static enum gone begins_anew(struct gone_look *look, enum gone so_far) {
    look->seen_micro = look->failed_micro = 0;
    return so_far;
}

enum gone gone_judge(const struct engine *e, const struct incident *i, struct gone_look *look) {
    enum symptom symptom = i->symptom;
    int64_t limit = breach_limit(e, symptom), low, high;
    if (look->own.kind != VALUE_NUMBER) return GONE_UNSURE;
    if (look->own.micro >= limit) return begins_anew(look, GONE_NO);
    if (changed_in_window(e, i, look)) return begins_anew(look, GONE_UNSURE);
    if (symptom == SYMPTOM_LATENCY && near_limit(look, limit))
        return begins_anew(look, GONE_UNSURE);
    if (symptom == SYMPTOM_SATURATION) return GONE_YES; /* a gauge: true though nobody asks */
    if (look->rate.kind != VALUE_NUMBER) return GONE_UNSURE;
    int64_t requests = requests_micro(e, look->rate.micro);
    look->seen_micro += requests;
    if (symptom == SYMPTOM_ERRORS) look->failed_micro += ppm_mul(requests, look->own.micro);
    struct proportion seen = whole(look);
    if (seen.total < e->config->canary.stage[0].min_samples) return GONE_UNSURE;
    wilson_bounds(seen, compare_z_milli(e->config->detection.alpha_ppm, 1), &low, &high);
    return symptom != SYMPTOM_ERRORS || high < limit ? GONE_YES : GONE_UNSURE;
}

static bool anothers(const struct engine *e, struct op_id op) {
    return op.v != 0 && op.v != NONE_ID64 && op.v >> 48 != e->config->engine;
}

/* Somebody changes the service, or watches what was changed: of other engines' operations the feed
 * tells when they serve everything, not when they are verified. */
static bool under_way(const struct engine *e, struct svc_id service) {
    const struct eng_verification *v = &e->config->verification;
    time_ns watched =
        v->watch_ns + v->extensions_max * v->extend_ns + e->config->detection.rate_window_ns;
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->ops[k].in_use && e->ops[k].served && ID_EQ(e->ops[k].service, service)) return true;
    for (uint32_t k = 0; k < e->change_count; k++) {
        const struct recent_change *change = &e->changes[k];
        if (!ID_EQ(change->service, service)) continue;
        if (change->running || (anothers(e, change->op) && change->at_mono > e->mono - watched))
            return true;
    }
    return false;
}

/* A person's to heal, or anybody's while the engine only watches. */
bool fading_may(const struct engine *e, const struct incident *i) {
    return i->op == NO_INDEX &&
           (i->stage == INCIDENT_HANDED_OVER || i->advised || e->mode == MODE_OBSERVE);
}

static void look(struct engine *e, struct incident *i) {
    i->own_due = false; /* whatever was asked before is asked again */
    gone_ask(e, OWNER_INCIDENT, incident_index(e, i), (int64_t)i->id.v, i, &i->gone);
}

static bool fades(const struct engine *e, const struct incident *i) {
    return i->in_use && i->fading && fading_may(e, i);
}

/* One timer for all of them: due when the first of them is. */
static void arm_for_next(struct engine *e) {
    time_ns window = e->config->detection.rate_window_ns, after = TIME_NEVER;
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        const struct incident *i = &e->incidents[k];
        time_ns left = window - (e->mono - i->gone.asked_mono);
        if (fades(e, i) && left < after) after = left;
    }
    if (after != TIME_NEVER) engine_timer_arm(e, ENGINE_TIMER_FADING, after);
}

void fading_begin(struct engine *e, struct incident *i) {
    if (!fading_may(e, i)) return;
    i->fading = true;
    gone_begin(&i->gone, e->mono);
    look(e, i);
    arm_for_next(e);
}

/* One a step, as in a round: a step's effects are bounded. */
void fading_on_timer(struct engine *e) {
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        struct incident *i = &e->incidents[k];
        if (!fades(e, i) || e->mono - i->gone.asked_mono < e->config->detection.rate_window_ns)
            continue;
        look(e, i);
        break;
    }
    arm_for_next(e);
}

void fading_on_metric(struct engine *e, struct incident *i, const struct in_query_result *in,
                      uint32_t part) {
    if (!gone_on_metric(e, &i->gone, in, part) || !fades(e, i)) return;
    if (gone_judge(e, i, &i->gone) == GONE_YES && !under_way(e, i->service))
        incident_close(e, i, REPORT_CLOSED_HEALED_BY_ANOTHER);
}
