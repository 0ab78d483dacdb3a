/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that are each in their range and together cannot work. */
#include "engine/policy/policy_table.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include <stdarg.h>
#include <stdio.h>

/* Reports at the first of the paths (separated by spaces) that the file states: a default that no
 * longer fits is told at the value that made it so. The first path leads the message. */
static void refuse(struct policy_loader *l, const char *paths, const char *format, ...)
    PRINTF_LIKE(3, 4);
static void refuse(struct policy_loader *l, const char *paths, const char *format, ...) {
    char message[300], path[128], first[128] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    const struct yaml_node *place = NULL;
    for (const char *p = paths; *p; p += *p == ' ') {
        size_t len = strcspn(p, " ");
        ASSERT(len < sizeof(path));
        memcpy(path, p, len);
        path[len] = '\0';
        p += len;
        if (!first[0]) memcpy(first, path, len + 1);
        const struct policy_key *key = policy_key_of(path);
        ASSERT(key);
        if (!place) place = l->stated[key - policy_keys];
    }
    yaml_error(l->doc, place ? place : l->sections, "%s: %s", first, message);
}

struct spelled {
    char text[32];
};
static struct spelled duration(time_ns ns) {
    struct spelled s;
    duration_format(s.text, sizeof(s.text), ns);
    return s;
}
static struct spelled share(int64_t ppm) {
    struct spelled s;
    share_format(s.text, sizeof(s.text), ppm);
    return s;
}

static void check_locking(struct policy_loader *l) {
    const struct eng_locking *c = &l->policy->config.locking;
    if (c->ttl_ns > c->ttl_max_ns)
        refuse(l, "locking.default_ttl_seconds locking.max_ttl_seconds",
               "%s is longer than max_ttl_seconds, %s", duration(c->ttl_ns).text,
               duration(c->ttl_max_ns).text);
    time_ns share_of_ttl = ppm_mul(c->ttl_ns, c->margin_ppm);
    time_ns margin = share_of_ttl > c->margin_min_ns ? share_of_ttl : c->margin_min_ns;
    time_ns usable = c->ttl_ns - margin;
    if (usable <= 0)
        refuse(l, "locking.margin_min locking.default_ttl_seconds locking.margin",
               "a margin of %s leaves nothing of a lease of %s", duration(margin).text,
               duration(c->ttl_ns).text);
    else if (c->renew_interval_ns >= usable)
        refuse(l, "locking.renew_interval_seconds locking.default_ttl_seconds locking.margin",
               "renewed after %s, but a lease of %s less its margin of %s is given up after %s",
               duration(c->renew_interval_ns).text, duration(c->ttl_ns).text, duration(margin).text,
               duration(usable).text);
    if (c->backoff_initial_ns > c->backoff_max_ns)
        refuse(l, "timeouts.retries.initial_delay_seconds timeouts.retries.max_delay_seconds",
               "%s is longer than max_delay_seconds, %s", duration(c->backoff_initial_ns).text,
               duration(c->backoff_max_ns).text);
}

/* 0 as a state's limit is "none". */
static bool exceeds(time_ns needed, time_ns limit) { return limit > 0 && needed > limit; }

static time_ns lock_waiting(const struct eng_locking *c) {
    time_ns total = c->attempts * c->wait_timeout_ns, delay = c->backoff_initial_ns;
    for (int64_t i = 1; i < c->attempts; i++) {
        total += delay;
        delay = muldiv(delay, c->backoff_multiplier_ppm, PPM_ONE);
        if (delay > c->backoff_max_ns) delay = c->backoff_max_ns;
    }
    return total;
}

static void check_limits(struct policy_loader *l) {
    const struct eng_config *c = &l->policy->config;
    time_ns waiting = lock_waiting(&c->locking), soaks = 0, longest = 0;
    time_ns init = c->states.limit_ns[STATE_INIT];
    time_ns acting = c->states.limit_ns[STATE_IN_PROGRESS];
    time_ns paused = c->states.limit_ns[STATE_PAUSED];
    if (exceeds(waiting, init))
        refuse(l,
               "state_machine.timeouts.INIT locking.wait_timeout_seconds "
               "timeouts.retries.max_attempts",
               "%s is shorter than all lock attempts together, %s", duration(init).text,
               duration(waiting).text);
    for (uint32_t i = 0; i < c->canary.stage_count; i++) soaks += c->canary.stage[i].soak_ns;
    time_ns watch =
        c->verification.watch_ns + c->verification.extensions_max * c->verification.extend_ns;
    if (exceeds(soaks + watch, acting))
        refuse(l,
               "state_machine.timeouts.IN_PROGRESS verification.watch canary.stages "
               "verification.extend verification.max_extensions",
               "%s is shorter than the soaks, %s, and the watch with its extensions, %s",
               duration(acting).text, duration(soaks).text, duration(watch).text);
    for (size_t i = 0; i < ARRAY_LEN(c->human.escalation_ns); i++)
        if (c->human.escalation_ns[i] > longest) longest = c->human.escalation_ns[i];
    if (exceeds(longest, paused))
        refuse(l,
               "state_machine.timeouts.PAUSED_FOR_HUMAN_REVIEW "
               "human_override.escalation.level_4.timeout_minutes "
               "human_override.escalation.level_3.timeout_minutes "
               "human_override.escalation.level_2.timeout_minutes "
               "human_override.escalation.level_1.timeout_minutes",
               "%s ends before the last escalation, after %s", duration(paused).text,
               duration(longest).text);
}

static void check_escalation(struct policy_loader *l) {
    const struct eng_human *c = &l->policy->config.human;
    for (int i = 1; i < (int)ARRAY_LEN(c->escalation_ns); i++) {
        if (c->escalation_ns[i] >= c->escalation_ns[i - 1]) continue;
        char paths[128];
        snprintf(paths, sizeof(paths),
                 "human_override.escalation.level_%d.timeout_minutes "
                 "human_override.escalation.level_%d.timeout_minutes",
                 i + 1, i);
        refuse(l, paths, "%s is before level_%d, %s", duration(c->escalation_ns[i]).text, i,
               duration(c->escalation_ns[i - 1]).text);
    }
}

/* Each at the first stage at fault: the others mostly follow from it. */
static void check_canary(struct policy_loader *l) {
    const struct eng_canary *c = &l->policy->config.canary;
    uint32_t i = 1;
    while (i < c->stage_count && c->stage[i].share_ppm > c->stage[i - 1].share_ppm) i++;
    if (i < c->stage_count)
        refuse(l, "canary.stages", "stage %u, %s, does not follow %s: shares have to rise", i + 1,
               share(c->stage[i].share_ppm).text, share(c->stage[i - 1].share_ppm).text);
    i = 0;
    while (i < c->stage_count &&
           (c->stage[i].soak_ns == 0 || c->stage[i].soak_ns >= c->look_interval_ns))
        i++;
    if (i < c->stage_count)
        refuse(l, "canary.look_interval canary.stages",
               "%s is longer than the soak of stage %u, %s: nobody would look",
               duration(c->look_interval_ns).text, i + 1, duration(c->stage[i].soak_ns).text);
    int64_t last = c->stage[c->stage_count - 1].share_ppm;
    if (last != PPM_ONE)
        refuse(l, "canary.stages", "the last stage has to be 100%%, not %s", share(last).text);
}

static void check_detection(struct policy_loader *l) {
    const struct eng_detection *c = &l->policy->config.detection;
    if (c->own_error_limit_ppm >= c->critical_error_ppm)
        refuse(l, "detection.error_rate detection.critical_error_rate",
               "%s has to be below critical_error_rate, %s", share(c->own_error_limit_ppm).text,
               share(c->critical_error_ppm).text);
    if (c->rate_window_ns < 2 * c->sample_interval_ns)
        refuse(l, "detection.rate_window detection.sample_interval",
               "%s holds fewer than two samples %s apart, so that no rate has a value",
               duration(c->rate_window_ns).text, duration(c->sample_interval_ns).text);
    const struct eng_root_cause *r = &l->policy->config.root_cause;
    if (r->confirm_below_ppm < r->hand_over_below_ppm)
        refuse(l, "root_cause.confirm_below root_cause.hand_over_below",
               "%s has to be at least hand_over_below, %s", share(r->confirm_below_ppm).text,
               share(r->hand_over_below_ppm).text);
}

static void check_weights(struct policy_loader *l) {
    const struct eng_root_cause *r = &l->policy->config.root_cause;
    const struct eng_gates *g = &l->policy->config.gates;
    int64_t cause = r->weight_commit + r->weight_deployment + r->weight_frequency +
                    r->weight_severity + r->weight_proximity;
    int64_t risk =
        g->risk_criticality_ppm + g->risk_change_ppm + g->risk_severity_ppm + g->risk_hour_ppm;
    if (cause != PPM_ONE)
        refuse(l,
               "root_cause.weights.recent_commit root_cause.weights.recent_deployment "
               "root_cause.weights.error_frequency root_cause.weights.severity "
               "root_cause.weights.proximity",
               "the five root cause weights have to sum to 1, not %s", share(cause).text);
    if (risk != PPM_ONE)
        refuse(l,
               "risk.weights.criticality risk.weights.change_size risk.weights.error_severity "
               "risk.weights.hour",
               "the four risk weights have to sum to 1, not %s", share(risk).text);
}

static void check_remedies(struct policy_loader *l) {
    const struct eng_remedies *c = &l->policy->config.remedies;
    int64_t sum = c->weight_evidence_ppm + c->weight_preference_ppm + c->weight_cost_ppm;
    bool eases = false, scales = false, only_waits = c->count == 1 && c->order[0] == REMEDY_WAIT;
    for (uint32_t k = 0; k < c->count; k++) {
        eases |= c->order[k] != REMEDY_PATCH && c->order[k] != REMEDY_WAIT;
        scales |= c->order[k] == REMEDY_SCALE_OUT;
    }
    if (sum != PPM_ONE)
        refuse(l, "remedies.weights.evidence remedies.weights.preference remedies.weights.cost",
               "the three weights of remedies have to sum to 1, not %s", share(sum).text);
    if (only_waits)
        refuse(l, "remedies.order", "nothing but to wait heals nothing: \"mode: advise\" tells");
    if (c->mitigate_first && !eases)
        refuse(l, "remedies.mitigate_first remedies.order",
               "nothing in remedies.order eases a symptom: roll_back_change, restart, scale_out or "
               "drain would");
    if (scales && c->scale_most_ppm == PPM_ONE)
        refuse(l, "remedies.scale_most remedies.order", "1 leaves scale_out no pod to add");
    if (scales && c->scale_step_ppm == 0)
        refuse(l, "remedies.scale_step remedies.order", "0%% leaves scale_out no pod to add");
}

void policy_check(struct policy_loader *loader) {
    check_remedies(loader);
    check_detection(loader);
    check_weights(loader);
    check_locking(loader);
    check_limits(loader);
    check_escalation(loader);
    check_canary(loader);
}
