/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/policy_table.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

#define FIELD(field) offsetof(struct policy, field), sizeof(((struct policy *)0)->field)
#define KEY(path, type, low, high, otherwise, field)                                               \
    { path, KEY_##type, low, high, otherwise, FIELD(field), NULL, NULL }
#define SWITCH(path, otherwise, field)  KEY(path, BOOL, 0, 1, otherwise, field)
#define SHARE(path, otherwise, field)   KEY(path, SHARE, 0, PPM_ONE, otherwise, field)
#define PERCENT(path, otherwise, field) KEY(path, PERCENT, 0, PPM_ONE, otherwise, field)
#define RULED(path, type, value)                                                                   \
    { path, KEY_##type, value, value, value, 0, 0, NULL, NULL }
#define SPECIAL(path, special)                                                                     \
    { path, KEY_SPECIAL, 0, 0, 0, 0, 0, &(special), NULL }
#define UNUSED(path, why)                                                                          \
    { path, KEY_UNUSED, 0, 0, 0, 0, 0, NULL, why }

#define PC  (PPM_ONE / 100)
#define MS  NS_PER_MS
#define S   NS_PER_S
#define MIN NS_PER_MIN
#define H   NS_PER_HOUR
#define DAY (24 * H)

#define RETRIES "timeouts.retries."
#define CONFLICT_TYPE(NAME, how_severe, what)                                                      \
    SWITCH("conflict_detection.conflict_types." #NAME ".enabled", true,                            \
           switches.conflict_enabled[CONFLICT_##NAME]),                                            \
        KEY("conflict_detection.conflict_types." #NAME ".severity", SEVERITY, 0, 0,                \
            SEVERITY_##how_severe, config.conflicts.type[CONFLICT_##NAME].severity),               \
        KEY("conflict_detection.conflict_types." #NAME ".action", CONFLICT_ACTION, 0, 0,           \
            ACTION_##what, switches.conflict_action[CONFLICT_##NAME]),                             \
        UNUSED("conflict_detection.conflict_types." #NAME ".notify",                               \
               "who is told follows from the action, and from notifications.routing")
#define GATE_ENABLED(name, NAME)                                                                   \
    SWITCH("safety_gates." name ".enabled", true, config.gates.enabled[GATE_##NAME])
#define GATE(name, NAME, what)                                                                     \
    GATE_ENABLED(name, NAME), KEY("safety_gates." name ".action", GATE_ACTION, 0, 0,               \
                                  ACTION_##what, config.gates.action[GATE_##NAME])
#define ESCALATION(n, minutes)                                                                     \
    KEY("human_override.escalation.level_" #n ".timeout_minutes", MINUTES, 0, 7 * DAY,             \
        (minutes)*MIN, config.human.escalation_ns[n - 1]),                                         \
        UNUSED("human_override.escalation.level_" #n ".notify",                                    \
               "a message states its level: whom that reaches is the host's to know"),             \
                                                                                                   \
        SPECIAL("human_override.escalation.level_" #n ".approvers", policy_approvers_##n)
#define STATE_LIMIT(NAME, name, seconds)                                                           \
    KEY("state_machine.timeouts." name, LIMIT, 0, 7 * DAY, (seconds)*S,                            \
        config.states.limit_ns[STATE_##NAME])
#define ROUTE(NAME, carried_by, throttle, escalate)                                                \
    KEY("notifications.routing." #NAME ".channels", CHANNELS, 0, 0, carried_by,                    \
        switches.channels[SEVERITY_##NAME]),                                                       \
        KEY("notifications.routing." #NAME ".throttle_minutes", MINUTES, 0, DAY, (throttle)*MIN,   \
            config.notices.route[SEVERITY_##NAME].throttle_ns),                                    \
        KEY("notifications.routing." #NAME ".escalate_after_minutes", MINUTES, 0, DAY,             \
            (escalate)*MIN, config.notices.route[SEVERITY_##NAME].escalate_after_ns)

#define TO_SLACK (1 << CHANNEL_SLACK)
#define TO_MAIL  (TO_SLACK | 1 << CHANNEL_EMAIL)
#define TO_PAGER (TO_MAIL | 1 << CHANNEL_PAGERDUTY)
#define TO_ALL   (TO_PAGER | 1 << CHANNEL_TEAMS)

/* clang-format off */
const struct policy_key policy_keys[] = {
    KEY("mode", MODE, 0, 0, MODE_ACT, config.mode),

    SHARE("detection.error_rate", 5 * PC, config.detection.own_error_limit_ppm),
    SHARE("detection.critical_error_rate", 30 * PC, config.detection.critical_error_ppm),
    KEY("detection.latency_p95", LATENCY, 1000, H / 1000, 500000, config.detection.latency_limit_micro),
    KEY("detection.cascade_services", COUNT, 2, 1000, 3, config.detection.cascade_services),
    SHARE("detection.alpha", 1 * PC, config.detection.alpha_ppm),
    KEY("detection.rate_window", DURATION, S, H, 60 * S, config.detection.rate_window_ns),
    KEY("detection.sample_interval", DURATION, 100 * MS, H, 15 * S, config.detection.sample_interval_ns),
    KEY("detection.query_timeout", DURATION, 100 * MS, H, 5 * S, config.detection.query_timeout_ns),
    SPECIAL("detection.rules", policy_rules),
    SPECIAL("detection.queries", policy_queries),

    KEY("evidence.min_sources", COUNT, 1, 3, 2, config.evidence.min_sources),
    KEY("evidence.timeout", DURATION, 100 * MS, H, 30 * S, config.evidence.timeout_ns),
    KEY("evidence.window", DURATION, S, DAY, 60 * S, config.evidence.window_ns),

    SHARE("root_cause.weights.recent_commit", 30 * PC, config.root_cause.weight_commit),
    SHARE("root_cause.weights.recent_deployment", 25 * PC, config.root_cause.weight_deployment),
    SHARE("root_cause.weights.error_frequency", 20 * PC, config.root_cause.weight_frequency),
    SHARE("root_cause.weights.severity", 15 * PC, config.root_cause.weight_severity),
    SHARE("root_cause.weights.proximity", 10 * PC, config.root_cause.weight_proximity),
    SHARE("root_cause.confirm_below", 80 * PC, config.root_cause.confirm_below_ppm),
    SHARE("root_cause.hand_over_below", 40 * PC, config.root_cause.hand_over_below_ppm),
    KEY("root_cause.change_window", DURATION, S, 30 * DAY, H, config.root_cause.change_window_ns),

    SPECIAL("remedies.order", policy_remedies),
    SWITCH("remedies.mitigate_first", false, config.remedies.mitigate_first),
    SHARE("remedies.min_score", 50 * PC, config.remedies.min_score_ppm),
    SHARE("remedies.weights.evidence", 60 * PC, config.remedies.weight_evidence_ppm),
    SHARE("remedies.weights.preference", 15 * PC, config.remedies.weight_preference_ppm),
    SHARE("remedies.weights.cost", 25 * PC, config.remedies.weight_cost_ppm),
    SHARE("remedies.costs.patch", 60 * PC, config.remedies.cost_ppm[REMEDY_PATCH]),
    SHARE("remedies.costs.roll_back_change", 30 * PC, config.remedies.cost_ppm[REMEDY_ROLL_BACK_CHANGE]),
    SHARE("remedies.costs.restart", 40 * PC, config.remedies.cost_ppm[REMEDY_RESTART]),
    SHARE("remedies.costs.scale_out", 30 * PC, config.remedies.cost_ppm[REMEDY_SCALE_OUT]),
    SHARE("remedies.costs.drain", 20 * PC, config.remedies.cost_ppm[REMEDY_DRAIN]),
    SHARE("remedies.costs.wait", 10 * PC, config.remedies.cost_ppm[REMEDY_WAIT]),
    KEY("remedies.undo_window", DURATION, S, 30 * DAY, 10 * MIN, config.remedies.undo_window_ns),
    SHARE("remedies.cpu_high", 85 * PC, config.remedies.cpu_high_ppm),
    SHARE("remedies.rate_rise", 20 * PC, config.remedies.rate_rise_ppm),
    SHARE("remedies.memory_high", 85 * PC, config.remedies.memory_high_ppm),
    KEY("remedies.in_flight_age", LATENCY, 1000, H / 1000, 30000000, config.remedies.in_flight_age_micro),
    SHARE("remedies.scale_step", 50 * PC, config.remedies.scale_step_ppm),
    KEY("remedies.scale_most", FACTOR, PPM_ONE, 10 * PPM_ONE, 2 * PPM_ONE, config.remedies.scale_most_ppm),

    KEY("patch.max_requests", COUNT, 1, 10, 2, config.patch.max_requests),
    KEY("patch.timeout", DURATION, S, DAY, 120 * S, config.patch.timeout_ns),
    KEY("patch.check_timeout", DURATION, S, DAY, 600 * S, config.patch.check_timeout_ns),

    SPECIAL("locking.backend", policy_backend),
    UNUSED("locking.redis", "where the store is: the host connects"),
    UNUSED("locking.etcd", "where the store is: the host connects"),
    UNUSED("locking.kubernetes", "leases of Kubernetes are no lock store here"),
    UNUSED("locking.file", "where the store is: the host opens it"),
    KEY("locking.default_ttl_seconds", SECONDS, S, DAY, 300 * S, config.locking.ttl_ns),
    KEY("locking.max_ttl_seconds", SECONDS, S, 7 * DAY, 3600 * S, config.locking.ttl_max_ns),
    KEY("locking.wait_timeout_seconds", SECONDS, 0, H, 30 * S, config.locking.wait_timeout_ns),
    SWITCH("locking.auto_renew", true, switches.auto_renew),
    KEY("locking.renew_interval_seconds", SECONDS, 100 * MS, DAY, 60 * S, switches.renew_interval_ns),
    KEY("locking.reply_timeout_seconds", SECONDS, 100 * MS, 10 * MIN, 5 * S, config.locking.reply_timeout_ns),
    KEY("locking.margin", SHARE, 0, 50 * PC, 10 * PC, config.locking.margin_ppm),
    KEY("locking.margin_min", DURATION, 0, H, S, config.locking.margin_min_ns),
    RULED("locking.lock_ordering.SYSTEM", RANK, SCOPE_SYSTEM),
    RULED("locking.lock_ordering.SERVICE", RANK, SCOPE_SERVICE),
    RULED("locking.lock_ordering.INCIDENT", RANK, SCOPE_INCIDENT),
    RULED("locking.lock_ordering.DEPLOYMENT", RANK, SCOPE_DEPLOYMENT),
    RULED("locking.alphabetical_ordering_within_scope", TRUE, true),
    SWITCH("locking.deadlock_detection.enabled", true, config.locking.deadlock_watch),
    SWITCH("locking.deadlock_detection.force_release_on_deadlock", true, config.locking.deadlock_release),
    UNUSED("locking.deadlock_detection.check_interval_seconds", "looked for at each wait, not from time to time"),
    UNUSED("locking.deadlock_detection.max_wait_time_seconds", "wait_timeout_seconds says how long a wait may last"),

    SWITCH("conflict_detection.dependency_aware", true, switches.dependency_aware),
    UNUSED("conflict_detection.neo4j", "the graph is the topology's, and comes by input"),
    CONFLICT_TYPE(DIRECT, CRITICAL, BLOCK),
    CONFLICT_TYPE(DEPENDENCY, ERROR, PAUSE),
    CONFLICT_TYPE(UPSTREAM, ERROR, PAUSE),
    CONFLICT_TYPE(DOWNSTREAM, WARNING, WARN),
    CONFLICT_TYPE(SHARED_RESOURCE, ERROR, PAUSE),
    CONFLICT_TYPE(CASCADE, ERROR, PAUSE),
    CONFLICT_TYPE(TIMING, WARNING, DELAY),
    SPECIAL("conflict_detection.resource_groups", policy_groups),
    RULED("conflict_detection.blast_radius.include_downstream", TRUE, true),
    KEY("conflict_detection.blast_radius.max_depth", COUNT, 1, 16, 3, config.conflicts.max_depth),
    SHARE("conflict_detection.blast_radius.weights.direct_dependencies", 100 * PC, config.conflicts.weight_direct_ppm),
    SHARE("conflict_detection.blast_radius.weights.downstream_dependencies", 50 * PC, config.conflicts.weight_downstream_ppm),
    SHARE("conflict_detection.blast_radius.weights.shared_resources", 80 * PC, config.conflicts.weight_shared_ppm),
    SHARE("conflict_detection.blast_radius.weights.upstream_dependencies", 30 * PC, config.conflicts.weight_upstream_ppm),

    GATE_ENABLED("error_budget", ERROR_BUDGET),
    KEY("safety_gates.error_budget.action", GATE_ACTION, 0, 0, ACTION_PAUSE, switches.budget_action),
    PERCENT("safety_gates.error_budget.max_error_budget_pct", 2 * PC, config.gates.budget_ppm),
    KEY("safety_gates.error_budget.check_window_hours", HOURS, MIN, 90 * DAY, 24 * H, config.gates.budget_window_ns),
    SWITCH("safety_gates.error_budget.block_if_exceeded", true, switches.budget_blocks),
    GATE("blast_radius", BLAST_RADIUS, PAUSE),
    PERCENT("safety_gates.blast_radius.max_blast_radius_pct", 20 * PC, config.gates.blast_ppm),
    KEY("safety_gates.blast_radius.max_absolute_services", COUNT, 0, 1000000, 10, config.gates.blast_count),
    KEY("safety_gates.blast_radius.share_binds_from", COUNT, 0, 1000000, 4, config.gates.blast_share_from),
    GATE("recent_failures", RECENT_FAILURES, PAUSE),
    KEY("safety_gates.recent_failures.max_failures_in_window", COUNT, 1, 1000000, 3, config.gates.failures_max),
    KEY("safety_gates.recent_failures.window_hours", HOURS, MIN, 90 * DAY, H, config.gates.failures_window_ns),
    GATE("cooldown", COOLDOWN, DELAY),
    KEY("safety_gates.cooldown.min_seconds_between_ops", SECONDS, 0, 7 * DAY, 300 * S, config.gates.cooldown_ns),
    RULED("safety_gates.cooldown.per_service", TRUE, true),
    GATE("resource_capacity", RESOURCE_CAPACITY, DELAY),
    PERCENT("safety_gates.resource_capacity.min_cpu_pct", 20 * PC, config.gates.cpu_headroom_ppm),
    PERCENT("safety_gates.resource_capacity.min_memory_pct", 20 * PC, config.gates.memory_headroom_ppm),
    PERCENT("safety_gates.resource_capacity.min_disk_pct", 30 * PC, config.gates.disk_headroom_ppm),
    GATE("incident_rate", INCIDENT_RATE, PAUSE),
    KEY("safety_gates.incident_rate.max_incidents_per_hour", COUNT, 0, 1000000, 5, config.gates.incidents_max),
    GATE("time_based", TIME_WINDOWS, DELAY),
    SPECIAL("safety_gates.time_based.maintenance_windows", policy_maintenance),
    SPECIAL("safety_gates.time_based.blackout_windows", policy_blackouts),
    GATE("patch", PATCH, REJECT),
    GATE("risk", RISK, PAUSE),
    GATE("slo", SLO, PAUSE),
    SPECIAL("safety_gates.slo.burn_rates", policy_burn_rates),
    KEY("safety_gates.validity_seconds", SECONDS, S, DAY, 60 * S, config.gates.valid_ns),

    SHARE("risk.max", 70 * PC, config.gates.risk_max_ppm),
    SHARE("risk.weights.criticality", 40 * PC, config.gates.risk_criticality_ppm),
    SHARE("risk.weights.change_size", 30 * PC, config.gates.risk_change_ppm),
    SHARE("risk.weights.error_severity", 20 * PC, config.gates.risk_severity_ppm),
    SHARE("risk.weights.hour", 10 * PC, config.gates.risk_hour_ppm),
    KEY("risk.lines_full", COUNT, 1, 1000000, 200, config.gates.risk_lines_full),
    SPECIAL("risk.hours", policy_hours),

    RULED("human_override.enabled", TRUE, true),
    SPECIAL("human_override.teams", policy_teams),
    KEY("human_override.max_affected_services", COUNT, 0, 1000000, 10, config.human.blast_services),
    KEY("human_override.failures_in_row", COUNT, 1, 1000, 2, config.human.failures_in_row),
    KEY("human_override.approval_life_seconds", SECONDS, S, DAY, 900 * S, config.human.approval_life_ns),
    UNUSED("human_override.pause_conditions", "each condition has a key of its own: gates, conflicts, failures_in_row, max_affected_services"),
    ESCALATION(1, 0),
    ESCALATION(2, 15),
    ESCALATION(3, 30),
    ESCALATION(4, 60),
    UNUSED("human_override.auto_resume", "only a person lets a paused operation go on"),

    STATE_LIMIT(INIT, "INIT", 1800),
    STATE_LIMIT(LOCKED, "LOCKED", 60),
    STATE_LIMIT(SAFETY_CHECK, "SAFETY_CHECK", 30),
    STATE_LIMIT(IN_PROGRESS, "IN_PROGRESS", 600),
    STATE_LIMIT(PAUSED, "PAUSED_FOR_HUMAN_REVIEW", 7200),
    UNUSED("state_machine.auto_transitions", "the table of transitions is fixed"),
    SPECIAL("state_machine.allowed_transitions", policy_transitions),

    SPECIAL("canary.stages", policy_stages),
    KEY("canary.look_interval", DURATION, 100 * MS, H, 15 * S, config.canary.look_interval_ns),
    KEY("canary.alpha", SHARE, 1, 50 * PC, 5 * PC, config.canary.alpha_ppm),
    SHARE("canary.min_effect", 2 * PC, config.canary.min_effect_ppm),
    KEY("canary.max_latency_ratio", FACTOR, PPM_ONE, 100 * PPM_ONE, 1500000, config.canary.latency_ratio_ppm),
    SHARE("canary.max_cpu", 90 * PC, config.canary.cpu_max_ppm),
    SHARE("canary.min_slow", 1 * PC, config.canary.min_slow_ppm),
    SHARE("canary.max_rate_drop", 20 * PC, config.canary.rate_drop_ppm),
    KEY("canary.min_in_flight", COUNT, 1, 100000, 10, config.canary.in_flight_min),
    KEY("canary.memory_window", DURATION, S, H, 10 * S, config.canary.memory_window_ns),
    KEY("canary.memory_horizon", DURATION, S, 100 * DAY, H, config.canary.memory_horizon_ns),
    KEY("canary.hold_max", DURATION, 0, DAY, 120 * S, config.canary.hold_max_ns),

    KEY("verification.watch", DURATION, S, DAY, 300 * S, config.verification.watch_ns),
    SHARE("verification.error_rate", 5 * PC, config.verification.error_limit_ppm),
    SHARE("verification.margin", 20 * PC, config.verification.margin_ppm),
    KEY("verification.extend", DURATION, S, DAY, 15 * S, config.verification.extend_ns),
    KEY("verification.max_extensions", COUNT, 0, 100, 3, config.verification.extensions_max),

    UNUSED("audit_logging.backends", "where the log is kept: the host's"),
    RULED("audit_logging.hash_chain.enabled", TRUE, true),
    SPECIAL("audit_logging.hash_chain.algorithm", policy_algorithm),
    SWITCH("audit_logging.hash_chain.verify_on_startup", true, config.audit.verify_on_start),
    KEY("audit_logging.hash_chain.verify_chunk", COUNT, 1, 100000, 256, config.audit.verify_chunk),
    KEY("audit_logging.hash_chain.verify_interval_hours", HOURS, 0, 8760 * H, 24 * H, config.audit.verify_interval_ns),
    KEY("audit_logging.hash_chain.checkpoint_every", COUNT, 1, 100000, 16, config.audit.checkpoint_every),
    UNUSED("audit_logging.log_categories", "every category is logged: a chain with gaps proves nothing"),
    UNUSED("audit_logging.min_severity", "every severity is logged: a chain with gaps proves nothing"),
    UNUSED("audit_logging.correlation", "entries always carry incident, operation and parent"),

    KEY("notifications.enabled_channels", CHANNELS, 0, 0, TO_ALL, switches.channels_enabled),
    UNUSED("notifications.slack", "addresses and credentials: the host sends"),
    UNUSED("notifications.email", "addresses and credentials: the host sends"),
    UNUSED("notifications.pagerduty", "addresses and credentials: the host sends"),
    UNUSED("notifications.teams", "addresses and credentials: the host sends"),
    SPECIAL("notifications.templates", policy_message_templates),
    ROUTE(INFO, TO_SLACK, 5, 0),
    ROUTE(WARNING, TO_MAIL, 2, 0),
    ROUTE(ERROR, TO_PAGER, 0, 0),
    ROUTE(CRITICAL, TO_ALL, 0, 15),
    KEY("notifications.delivery.timeout_seconds", SECONDS, 100 * MS, H, 10 * S, config.notices.reply_ns),
    KEY("notifications.delivery.max_attempts", COUNT, 1, 100, 3, config.notices.attempts),
    KEY("notifications.delivery.retry_seconds", SECONDS, 100 * MS, H, 2 * S, config.notices.retry_ns),
    KEY("notifications.delivery.max_pending", COUNT, 1, 65536, 64, config.notices.messages_kept),

    KEY(RETRIES "max_attempts", COUNT, 1, 100, 3, config.locking.attempts),
    KEY(RETRIES "initial_delay_seconds", SECONDS, 0, H, 5 * S, config.locking.backoff_initial_ns),
    KEY(RETRIES "backoff_multiplier", FACTOR, PPM_ONE, 100 * PPM_ONE, 2 * PPM_ONE, config.locking.backoff_multiplier_ppm),
    KEY(RETRIES "max_delay_seconds", SECONDS, 0, DAY, 60 * S, config.locking.backoff_max_ns),
    UNUSED("timeouts.*", "the engine's times stand with what they are of: locking, evidence, patch, detection"),

    KEY("performance.max_concurrent_operations", COUNT, 1, 65536, 64, config.limits.operations),
    KEY("performance.max_incidents", COUNT, 1, 65536, 64, config.limits.incidents),
    KEY("performance.audit_pending", COUNT, 1, 65536, 256, config.limits.audit_pending),
    KEY("performance.max_operations_per_incident", COUNT, 1, 1000, 6, config.limits.operations_per_incident),
    UNUSED("performance.*", "of a host's process; the engine's limits are the keys beside"),

    SPECIAL("slos", policy_slos),

    KEY("slo.mttr", DURATION, S, DAY, 60 * S, slo.mttr_ns),
    SHARE("slo.healing_success", 95 * PC, slo.healing_success_ppm),
    SHARE("slo.false_positives", 5 * PC, slo.false_positives_ppm),
    SHARE("slo.lock_contention", 10 * PC, slo.lock_contention_ppm),
    SHARE("slo.gate_rejections_low", 20 * PC, slo.gate_rejections_low_ppm),
    SHARE("slo.gate_rejections_high", 30 * PC, slo.gate_rejections_high_ppm),
    SHARE("slo.human_intervention", 15 * PC, slo.human_intervention_ppm),
    SHARE("slo.wrong_rollbacks", 5 * PC, slo.wrong_rollbacks_ppm),
    SHARE("slo.canaries_promoted", 90 * PC, slo.canaries_promoted_ppm),

    UNUSED("integration", "the host's"),
    UNUSED("development", "the host's"),
};
/* clang-format on */
const uint32_t policy_key_count = ARRAY_LEN(policy_keys);

const struct policy_key *policy_key_of(const char *path) {
    for (uint32_t i = 0; i < policy_key_count; i++)
        if (strcmp(policy_keys[i].path, path) == 0) return &policy_keys[i];
    return NULL;
}

int64_t policy_get(const struct policy *policy, const struct policy_key *key) {
    const uint8_t *field = (const uint8_t *)policy + key->offset;
    uint8_t narrow;
    uint32_t half;
    int64_t wide;
    switch (key->width) {
    case 0: return key->otherwise;
    case sizeof(narrow): memcpy(&narrow, field, sizeof(narrow)); return narrow;
    case sizeof(half): memcpy(&half, field, sizeof(half)); return half;
    case sizeof(wide): memcpy(&wide, field, sizeof(wide)); return wide;
    default: UNREACHABLE();
    }
}

void policy_set(struct policy *policy, const struct policy_key *key, int64_t value) {
    uint8_t *field = (uint8_t *)policy + key->offset;
    uint8_t narrow = (uint8_t)value;
    uint32_t half = (uint32_t)value;
    switch (key->width) {
    case 0: break;
    case sizeof(narrow): memcpy(field, &narrow, sizeof(narrow)); break;
    case sizeof(half): memcpy(field, &half, sizeof(half)); break;
    case sizeof(value): memcpy(field, &value, sizeof(value)); break;
    default: UNREACHABLE();
    }
}

static const struct policy_word conflict_actions[] = {
    {"allow", ACTION_ALLOW}, {"warn", ACTION_WARN},   {"delay", ACTION_DELAY},
    {"block", ACTION_BLOCK}, {"pause", ACTION_PAUSE}, {"pause_for_review", ACTION_PAUSE}};
static const struct policy_word gate_actions[] = {{"warn", ACTION_WARN},
                                                  {"delay", ACTION_DELAY},
                                                  {"pause", ACTION_PAUSE},
                                                  {"pause_for_review", ACTION_PAUSE},
                                                  {"reject", ACTION_REJECT}};
static const struct policy_word severities[] = {{"low", SEVERITY_INFO},
                                                {"medium", SEVERITY_WARNING},
                                                {"high", SEVERITY_ERROR},
                                                {"critical", SEVERITY_CRITICAL}};
static const struct policy_word modes[] = {
    {"observe", MODE_OBSERVE}, {"advise", MODE_ADVISE}, {"act", MODE_ACT}};
static const struct policy_word channels[] = {{"slack", CHANNEL_SLACK},
                                              {"email", CHANNEL_EMAIL},
                                              {"pagerduty", CHANNEL_PAGERDUTY},
                                              {"teams", CHANNEL_TEAMS}};

#define WORDS(table) (*count = ARRAY_LEN(table), (table))
const struct policy_word *policy_words(enum policy_type type, size_t *count) {
    switch (type) {
    case KEY_CONFLICT_ACTION: return WORDS(conflict_actions);
    case KEY_GATE_ACTION: return WORDS(gate_actions);
    case KEY_SEVERITY: return WORDS(severities);
    case KEY_MODE: return WORDS(modes);
    case KEY_CHANNELS: return WORDS(channels);
    default: UNREACHABLE();
    }
}
