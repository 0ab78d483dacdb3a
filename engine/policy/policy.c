/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/policy.h"
#include "engine/base/ratio.h"
#include "engine/policy/policy_table.h"

static const struct eng_canary default_canary = {
    .stage_count = 3,
    .stage = {{10 * PPM_ONE / 100, 120 * NS_PER_S, 100},
              {50 * PPM_ONE / 100, 120 * NS_PER_S, 100},
              {PPM_ONE, 0, 0}}, /* the watch of verification follows at once */
};

/* By the people at hand: office hours in UTC, the edges of the day, the night. */
static int64_t default_hour_risk(int hour) {
    if (hour >= 8 && hour < 18) return PPM_ONE / 5;
    return hour >= 6 && hour < 22 ? PPM_ONE / 2 : PPM_ONE;
}

void policy_init(struct policy *policy) {
    memset(policy, 0, sizeof(*policy)); /* padding too: equal policies are equal bytes */
    policy->config.canary = default_canary;
    for (int hour = 0; hour < 24; hour++)
        policy->config.gates.risk_hour_ppm_by_hour[hour] = default_hour_risk(hour);
    policy->config.remedies.count = 1; /* the patch, which is its order's 0 */
    policy->config.gates.burn_count = 2;
    policy->config.gates.burn[0] =
        (struct eng_burn){14400000, NS_PER_HOUR, 5 * NS_PER_MIN}; /* 2% of 30 days' in an hour */
    policy->config.gates.burn[1] =
        (struct eng_burn){6 * PPM_ONE, 6 * NS_PER_HOUR, 30 * NS_PER_MIN}; /* 5% in six */
    policy->backend = BACKEND_REDIS;
    policy_default_people(&policy->config.human);
    for (uint32_t i = 0; i < policy_key_count; i++)
        policy_set(policy, &policy_keys[i], policy_keys[i].otherwise);
    policy_derive(policy);
}

void policy_defaults(struct eng_config *config) {
    struct policy policy;
    policy_init(&policy);
    *config = policy.config;
}

static bool needs_graph(enum conflict_type type) {
    return type == CONFLICT_DEPENDENCY || type == CONFLICT_UPSTREAM ||
           type == CONFLICT_DOWNSTREAM || type == CONFLICT_CASCADE;
}

/* Looks over which a canary's alpha is spread: those of every soak, and those of one hold that
 * lasts as long as it may, since a held stage soaks anew. */
static int64_t looks_of(const struct eng_canary *canary) {
    if (canary->look_interval_ns <= 0) return 1;
    int64_t looks = canary->hold_max_ns / canary->look_interval_ns;
    for (uint32_t i = 0; i < canary->stage_count; i++)
        looks += canary->stage[i].soak_ns / canary->look_interval_ns;
    return looks > 0 ? looks : 1;
}

void policy_derive(struct policy *policy) {
    const struct policy_switches *s = &policy->switches;
    struct eng_config *c = &policy->config;
    c->locking.renew_interval_ns = s->auto_renew ? s->renew_interval_ns : 0;
    c->gates.action[GATE_ERROR_BUDGET] = s->budget_blocks ? s->budget_action : ACTION_WARN;
    for (enum conflict_type t = 0; t < CONFLICT_COUNT; t++) {
        bool looked_for = s->conflict_enabled[t] && (s->dependency_aware || !needs_graph(t));
        c->conflicts.type[t].action = looked_for ? s->conflict_action[t] : ACTION_ALLOW;
    }
    for (enum severity v = 0; v < SEVERITY_COUNT; v++)
        c->notices.route[v].channels = s->channels[v] & s->channels_enabled;
    c->canary.looks_max = looks_of(&c->canary);
}
