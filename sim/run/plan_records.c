/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/run.h"

#include "engine/base/ratio.h"
#include "sim/world/fact.h"

/* The plan as records: with them a trace replays and is judged alone. */

/* A scenario is the same wherever its file stands, so a trace holds the last part of the path. */
static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void sources(struct trace *t, const struct plan *plan) {
    for (uint32_t k = 0; k < plan->source_count; k++) {
        const struct plan_source *s = &plan->sources[k];
        const char *name = strcmp(s->kind, "scenario") == 0 ? last_part(s->name) : s->name;
        fact_source(t, 0,
                    &(struct rec_source){REC_STR(s->kind), REC_STR(name), {s->bytes, s->len}});
    }
}

static const char *role_of(const struct plan *plan, struct svc_id service) {
    const struct topology *topology = plan->topology;
    const char *chosen = plan->services[service.v].role;
    if (chosen && *chosen) return chosen;
    for (uint32_t k = 0; k < topology->role_count; k++)
        if (ID_EQ(topology->roles[k].service, service)) return topology->roles[k].name;
    return "";
}

static void application(struct trace *t, const struct plan *plan) {
    const struct topology *topology = plan->topology;
    for (uint32_t k = 0; k < topology->service_count; k++) {
        const struct topo_service *s = &topology->services[k];
        uint32_t replicas = plan->services[k].replicas ? plan->services[k].replicas : s->replicas;
        struct svc_id id = {k};
        fact_service(t, 0,
                     &(struct rec_service){
                         .service = id,
                         .name = REC_STR(s->name),
                         .kind = REC_STR(topo_kind_name(s->kind)),
                         .replicas = replicas,
                         .criticality_ppm = plan->services[k].criticality_ppm,
                         .role = REC_STR(role_of(plan, id)),
                         .visits_ppm = plan->visits_ppm[k],
                         .rate_milli = ppm_mul(plan->entry_rate_milli, plan->visits_ppm[k]),
                         .is_service = s->kind == TOPO_SERVICE || s->kind == TOPO_FRONTEND});
    }
    for (uint32_t k = 0; k < topology->call_count; k++) {
        const struct topo_call *c = &topology->calls[k];
        fact_call(t, 0,
                  &(struct rec_call){c->from, c->to, c->async, c->per_request_ppm, c->timeout_ns});
    }
    for (uint32_t g = 0; g < topology->group_count; g++)
        for (uint32_t k = 0; k < topology->groups[g].count; k++)
            fact_group(t, 0,
                       &(struct rec_group){g, REC_STR(topology->groups[g].name),
                                           topology->groups[g].users[k]});
}

static void limit(struct trace *t, const char *key, int64_t value) {
    fact_limit(t, 0, &(struct rec_limit){REC_STR(key), value});
}

static time_ns margin(const struct eng_locking *locking) {
    time_ns share = ppm_mul(locking->ttl_ns, locking->margin_ppm);
    return share > locking->margin_min_ns ? share : locking->margin_min_ns;
}

/* The figure of a gate that does not bind is the one that never fails. */
static void gate_limit(struct trace *t, const struct eng_config *c, enum gate gate, const char *key,
                       int64_t value, int64_t never) {
    bool binds = c->gates.enabled[gate] && c->gates.action[gate] > ACTION_WARN;
    limit(t, key, binds ? value : never);
}

static void gate_limits(struct trace *t, const struct eng_config *c) {
    const struct eng_gates *g = &c->gates;
    gate_limit(t, c, GATE_COOLDOWN, "cooldown_ns", g->cooldown_ns, 0);
    gate_limit(t, c, GATE_RECENT_FAILURES, "failures_max", g->failures_max, INT64_MAX);
    limit(t, "failures_window_ns", g->failures_window_ns);
    gate_limit(t, c, GATE_BLAST_RADIUS, "blast_gate_count", g->blast_count, INT64_MAX);
    gate_limit(t, c, GATE_BLAST_RADIUS, "blast_share_ppm", g->blast_ppm, INT64_MAX);
    limit(t, "blast_share_from", g->blast_share_from);
    limit(t, "blast_depth", c->conflicts.max_depth);
    gate_limit(t, c, GATE_ERROR_BUDGET, "budget_ppm", g->budget_ppm, INT64_MAX);
    gate_limit(t, c, GATE_RESOURCE_CAPACITY, "cpu_headroom_ppm", g->cpu_headroom_ppm, INT64_MIN);
    gate_limit(t, c, GATE_RESOURCE_CAPACITY, "memory_headroom_ppm", g->memory_headroom_ppm,
               INT64_MIN);
    gate_limit(t, c, GATE_RESOURCE_CAPACITY, "disk_headroom_ppm", g->disk_headroom_ppm, INT64_MIN);
    gate_limit(t, c, GATE_RISK, "risk_max_ppm", g->risk_max_ppm, INT64_MAX);
    limit(t, "risk_criticality_ppm", g->risk_criticality_ppm);
    limit(t, "risk_change_ppm", g->risk_change_ppm);
    limit(t, "risk_severity_ppm", g->risk_severity_ppm);
    limit(t, "risk_lines_full", g->risk_lines_full);
}

static void decision_limits(struct trace *t, const struct eng_config *c) {
    const struct eng_root_cause *w = &c->root_cause;
    limit(t, "detection_alpha_ppm", c->detection.alpha_ppm);
    limit(t, "saturation_headroom_ppm", c->gates.cpu_headroom_ppm);
    limit(t, "change_window_ns", w->change_window_ns);
    limit(t, "weight_commit_ppm", w->weight_commit);
    limit(t, "weight_deployment_ppm", w->weight_deployment);
    limit(t, "weight_frequency_ppm", w->weight_frequency);
    limit(t, "weight_severity_ppm", w->weight_severity);
    limit(t, "weight_proximity_ppm", w->weight_proximity);
    limit(t, "confirm_below_ppm", w->confirm_below_ppm);
    limit(t, "hand_over_below_ppm", w->hand_over_below_ppm);
    limit(t, "looks_max", c->canary.looks_max);
    limit(t, "min_slow_ppm", c->canary.min_slow_ppm);
    limit(t, "rate_drop_ppm", c->canary.rate_drop_ppm);
    limit(t, "in_flight_min", c->canary.in_flight_min);
    limit(t, "latency_ratio_ppm", c->canary.latency_ratio_ppm);
    limit(t, "memory_window_ns", c->canary.memory_window_ns);
    limit(t, "memory_horizon_ns", c->canary.memory_horizon_ns);
    limit(t, "hold_max_ns", c->canary.hold_max_ns);
    limit(t, "verify_margin_ppm", c->verification.margin_ppm);
    limit(t, "extensions_max", c->verification.extensions_max);
    limit(t, "paused_limit_ns", c->states.limit_ns[STATE_PAUSED]);
    limit(t, "operations_per_incident", c->limits.operations_per_incident);
    limit(t, "incidents_max", c->gates.incidents_max);
    limit(t, "risk_hour_ppm", c->gates.risk_hour_ppm);
    limit(t, "timing_cooldown_ns", c->gates.cooldown_ns);
    limit(t, "joint_blast_count", c->gates.blast_count);
    limit(t, "joint_blast_share_ppm", c->gates.blast_ppm);
}

static void remedy_limits(struct trace *t, const struct eng_remedies *remedies) {
    char key[48];
    int64_t order = 0;
    for (uint32_t k = 0; k < remedies->count; k++) order = order * 10 + remedies->order[k] + 1;
    limit(t, "remedy_order", order);
    limit(t, "mitigate_first", remedies->mitigate_first);
    limit(t, "mitigate_score_ppm", remedies->min_score_ppm);
    limit(t, "weight_evidence_ppm", remedies->weight_evidence_ppm);
    limit(t, "weight_preference_ppm", remedies->weight_preference_ppm);
    limit(t, "weight_cost_ppm", remedies->weight_cost_ppm);
    for (int k = 0; k < REMEDY_COUNT; k++) {
        snprintf(key, sizeof key, "cost_%s_ppm", remedy_name(k));
        limit(t, key, remedies->cost_ppm[k]);
    }
    limit(t, "undo_window_ns", remedies->undo_window_ns);
    limit(t, "cpu_high_ppm", remedies->cpu_high_ppm);
    limit(t, "rate_rise_ppm", remedies->rate_rise_ppm);
    limit(t, "memory_high_ppm", remedies->memory_high_ppm);
    limit(t, "in_flight_age_ns", remedies->in_flight_age_micro * NS_PER_US);
}

static void actions(struct trace *t, const struct eng_config *c) {
    static const char *const conflicts[CONFLICT_COUNT] = {
        "direct", "dependency", "upstream", "downstream", "shared", "cascade", "timing"};
    char key[48];
    for (int g = 0; g < GATE_COUNT; g++) {
        snprintf(key, sizeof key, "gate_%s_action", gate_name(g));
        limit(t, key, c->gates.enabled[g] ? (int64_t)c->gates.action[g] : -1);
    }
    for (int k = 0; k < CONFLICT_COUNT; k++) {
        snprintf(key, sizeof key, "%s_action", conflicts[k]);
        limit(t, key, c->conflicts.type[k].action);
        snprintf(key, sizeof key, "%s_severity", conflicts[k]);
        limit(t, key, c->conflicts.type[k].severity);
    }
}

static void objectives(struct trace *t, const struct plan *plan, const struct eng_config *c) {
    for (uint32_t s = 0; c->slos && s < plan->topology->service_count; s++)
        if (c->slos[s].objective_ppm != 0)
            fact_slo(t, 0,
                     &(struct rec_slo){
                         {s}, c->slos[s].objective_ppm, c->slos[s].window_ns, c->slos[s].latency});
    for (uint32_t k = 0; k < c->gates.burn_count; k++)
        fact_burn_rate(t, 0,
                       &(struct rec_burn_rate){c->gates.burn[k].factor_ppm,
                                               c->gates.burn[k].long_ns,
                                               c->gates.burn[k].short_ns});
    for (int hour = 0; hour < 24; hour++)
        if (c->gates.risk_hour_ppm_by_hour[hour] != 0)
            fact_risk_hour(t, 0,
                           &(struct rec_risk_hour){hour, c->gates.risk_hour_ppm_by_hour[hour]});
}

/* Those that the run may meet: zones are laid out for centuries. Of maintenance that is to come,
 * the first: until then it waits. */
static void windows(struct trace *t, const struct plan *plan, const struct eng_config *c) {
    time_ns from = plan->start_wall - NS_PER_HOUR;
    time_ns to = time_add(plan->start_wall + NS_PER_HOUR, plan->duration_ns);
    const struct eng_window *next = NULL;
    for (uint32_t k = 0; k < c->window_count; k++) {
        const struct eng_window *w = &c->windows[k];
        bool later = w->begin_wall >= to;
        if (w->maintenance && later && (!next || w->begin_wall < next->begin_wall)) next = w;
        if (!later && w->end_wall > from)
            fact_window(t, 0, &(struct rec_window){w->begin_wall, w->end_wall, w->maintenance});
    }
    if (next) fact_window(t, 0, &(struct rec_window){next->begin_wall, next->end_wall, true});
}

/* What an incident may take with nobody to disturb it: as many tries as the policy has, each with
 * patch, checks and the longest canary, held for want of data, and watch. */
static time_ns liveness_bound(const struct plan *plan, const struct eng_config *c) {
    time_ns once = plan->times.logs_ns + plan->times.traces_ns + plan->times.patch_ns +
                   plan->times.checks_ns + plan->times.rollback_ns + c->canary.hold_max_ns +
                   c->verification.watch_ns +
                   c->verification.extensions_max * c->verification.extend_ns;
    for (uint32_t k = 0; k < c->canary.stage_count; k++)
        once += c->canary.stage[k].soak_ns + plan->times.rollout_ns;
    time_ns unheard = c->patch.timeout_ns + c->patch.check_timeout_ns; /* asked, and no answer */
    return 60 * NS_PER_S + unheard + c->human.failures_in_row * once;
}

static void limits(struct trace *t, const struct plan *plan, const struct eng_config *c) {
    limit(t, "critical_error_ppm", c->detection.critical_error_ppm);
    limit(t, "error_limit_ppm", c->detection.own_error_limit_ppm);
    limit(t, "latency_limit_ns", c->detection.latency_limit_micro * 1000);
    limit(t, "cascade_services", c->detection.cascade_services);
    limit(t, "rate_window_ns", c->detection.rate_window_ns);
    limit(t, "watch_ns", c->verification.watch_ns);
    limit(t, "lock_ttl_ns", c->locking.ttl_ns);
    limit(t, "lock_margin_ns", margin(&c->locking));
    limit(t, "lock_ttl_slack_ns", plan->lock_expiry_slack_ns);
    limit(t, "lock_reply_timeout_ns", c->locking.reply_timeout_ns);
    limit(t, "wait_timeout_ns", c->locking.wait_timeout_ns);
    limit(t, "backoff_initial_ns", c->locking.backoff_initial_ns);
    limit(t, "blast_count", c->human.blast_services);
    limit(t, "min_effect_ppm", c->canary.min_effect_ppm);
    limit(t, "alpha_ppm", c->canary.alpha_ppm);
    limit(t, "scrape_ns", plan->scrape_ns);
    limit(t, "verification_error_ppm", c->verification.error_limit_ppm);
    limit(t, "gate_valid_ns", c->gates.valid_ns);
    limit(t, "look_interval_ns", c->canary.look_interval_ns);
    limit(t, "failures_in_row", c->human.failures_in_row);
    limit(t, "canary_cpu_ppm", c->canary.cpu_max_ppm);
    limit(t, "approval_life_ns", c->human.approval_life_ns);
    limit(t, "mode", c->mode);
    limit(t, "liveness_bound_ns", liveness_bound(plan, c));
    gate_limits(t, c);
    decision_limits(t, c);
    remedy_limits(t, &c->remedies);
    actions(t, c);
    for (uint32_t k = 0; k < c->canary.stage_count; k++)
        fact_stage(t, 0,
                   &(struct rec_stage){k, c->canary.stage[k].share_ppm, c->canary.stage[k].soak_ns,
                                       c->canary.stage[k].min_samples});
}

static void people_and_engines(struct trace *t, const struct plan *plan) {
    for (uint32_t k = 0; k < plan->engine_count; k++)
        fact_engine(t, 0, &(struct rec_engine){k, REC_STR(plan->engines[k].name)});
    for (uint32_t k = 0; k < plan->person_count; k++)
        fact_person(t, 0,
                    &(struct rec_person){{k},
                                         REC_STR(plan->people[k].name),
                                         REC_STR(plan->people[k].team),
                                         REC_STR(plan->people[k].role)});
}

static void authority(struct trace *t, const struct eng_grants *grants, bool commands,
                      bool approves) {
    for (uint32_t k = 0; k < grants->count; k++) {
        const struct eng_grant *g = &grants->list[k];
        fact_authority(t, 0,
                       &(struct rec_authority){REC_STR(g->team ? g->team : ""),
                                               REC_STR(g->role ? g->role : ""), commands,
                                               approves});
    }
}

static void authorities(struct trace *t, const struct eng_human *human) {
    bool approvers = false;
    for (size_t k = 0; k < ARRAY_LEN(human->approvers); k++) {
        approvers |= human->approvers[k].count > 0;
        authority(t, &human->approvers[k], false, true);
    }
    authority(t, &human->teams, true, !approvers);
}

/* Other people's release is an incident where the scenario calls it one. */
static bool is_expected(const struct plan *plan, uint32_t fault) {
    for (uint32_t k = 0; k < plan->expect_count; k++)
        if (plan->expects[k].fault == (int64_t)fault) return true;
    return false;
}

static void faults_and_expectations(struct trace *t, const struct plan *plan) {
    for (uint32_t k = 0; k < plan->fault_count; k++) {
        const struct plan_fault *f = &plan->faults[k];
        bool defect = fault_is_shown(f->kind) || is_expected(plan, k);
        fact_fault_planned(t, 0,
                           &(struct rec_fault_planned){
                               k, REC_STR(f->name), f->kind, defect ? f->service : ID_NONE(svc_id),
                               f->value, f->at, time_add(f->at, f->lasts_ns),
                               defect ? (int64_t)f->symptom : -1, f->pods});
    }
    for (uint32_t k = 0; k < plan->expect_count; k++) {
        const struct plan_expect *e = &plan->expects[k];
        const struct plan_fault *f = e->fault >= 0 ? &plan->faults[e->fault] : NULL;
        fact_expect(t, 0,
                    &(struct rec_expect){k, REC_STR(e->name), e->fault,
                                         f ? f->service : ID_NONE(svc_id),
                                         f ? (int64_t)f->symptom : -1, REC_STR(e->reaction),
                                         REC_STR(e->outcome), e->mttr_min_ns, e->mttr_max_ns});
    }
    for (uint32_t k = 0; k < plan->bound_count; k++)
        fact_bound(t, 0,
                   &(struct rec_bound){plan->bounds[k].expect, REC_STR(plan->bounds[k].key),
                                       plan->bounds[k].value});
    for (uint32_t k = 0; k < plan->must_not_count; k++)
        fact_must_not(
            t, 0,
            &(struct rec_must_not){REC_STR(plan->must_nots[k].what), plan->must_nots[k].service});
}

void plan_records(struct trace *t, const struct scenario *scenario, uint64_t table_digest) {
    const struct plan *plan = &scenario->plan;
    fact_run(t, 0,
             &(struct rec_run){.version = REC_STR(FIREDRILL_VERSION),
                               .scenario = REC_STR(plan->name),
                               .file = REC_STR(last_part(plan->file)),
                               .seed = (int64_t)plan->seed,
                               .start_wall = plan->start_wall,
                               .duration_ns = plan->duration_ns,
                               .plan_digest = (int64_t)scn_plan_digest(scenario),
                               .table_digest = (int64_t)table_digest,
                               .level = plan->trace_requests,
                               .topology = REC_STR(plan->topology->name)});
    sources(t, plan);
    application(t, plan);
    people_and_engines(t, plan);
    authorities(t, &scenario->policy.config.human);
    limits(t, plan, &scenario->policy.config);
    objectives(t, plan, &scenario->policy.config);
    windows(t, plan, &scenario->policy.config);
    faults_and_expectations(t, plan);
    fact_plan_end(t, 0,
                  &(struct rec_plan_end){plan->topology->service_count, plan->engine_count,
                                         plan->fault_count});
}

time_ns plan_settles_within(const struct scenario *scenario) {
    const struct eng_config *c = &scenario->policy.config;
    return time_add(liveness_bound(&scenario->plan, c), c->gates.cooldown_ns);
}
