/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_CONFIG_H
#define ENGINE_CONFIG_H
/*
 * Everything the engine may be told before it starts: the policy as numbers, and the dependency
 * graph as plain adjacency. Read-only and owned by the caller for the engine's life. Filled from a
 * policy file by engine/policy; each field's key in the file is named beside it. Durations in
 * nanoseconds, shares in millionths. Nothing of SPEC's figures is hard-coded elsewhere in the
 * engine.
 */
#include "engine/base/id.h"
#include "engine/base/simtime.h"
#include "engine/words/words.h"

struct eng_detection {          /* detection: */
    int64_t critical_error_ppm; /* critical_error_rate, 30% */
    int64_t
        own_error_limit_ppm; /* error_rate, 5%: an own excess over this is a breach of its own */
    int64_t latency_limit_micro; /* latency_p95, in micro seconds of value scale (0.5s = 500000) */
    int64_t cascade_services;    /* cascade_services, 3 */
    int64_t
        alpha_ppm; /* alpha, 1%: an own error share counts as over its limit when its lower bound
                    * (Wilson, one-sided, at this level) is; a handful of requests is no incident */
    time_ns rate_window_ns;     /* rate_window, 5s fast, 60s default */
    time_ns sample_interval_ns; /* sample_interval: scrape interval of the services, 1s fast, 15s
                                   default */
    time_ns query_timeout_ns;   /* query_timeout, 5s */
};
struct eng_evidence {    /* evidence: */
    int64_t min_sources; /* min_sources, 2 of metrics, logs, traces */
    time_ns timeout_ns;  /* timeout, 30s: a source that is later counts as unavailable */
    time_ns window_ns;   /* window, 60s: how far back logs and traces are asked */
};
struct eng_root_cause { /* root_cause: */
    int64_t weight_commit, weight_deployment, weight_frequency, weight_severity,
        weight_proximity;        /* weights{...}, ppm, sum 1e6 */
    int64_t confirm_below_ppm;   /* confirm_below, 80% */
    int64_t hand_over_below_ppm; /* hand_over_below, 40% */
    time_ns change_window_ns;    /* change_window, 1h: a change older than this is not recent */
};
struct eng_remedies {                /* remedies: (engine/remedy.h says how they are weighed) */
    uint32_t count;                  /* order [patch]: what may be done, ... */
    enum remedy order[REMEDY_COUNT]; /* ... what is preferred first */
    bool mitigate_first;             /* mitigate_first, false: ease the symptom before the patch */
    int64_t min_score_ppm;           /* min_score 50%: what eases is not done first below it */
    int64_t weight_evidence_ppm, weight_preference_ppm,
        weight_cost_ppm;            /* weights{evidence, preference, cost}, 60 15 25%, sum 1 */
    int64_t cost_ppm[REMEDY_COUNT]; /* costs.REMEDY */
    time_ns undo_window_ns;         /* undo_window, 10m: an older change is not to blame */
    int64_t cpu_high_ppm;           /* cpu_high 85% of the limit: saturated */
    int64_t rate_rise_ppm;          /* rate_rise 20%: so many more requests are a rise */
    int64_t memory_high_ppm;        /* memory_high 85% of the limit: it fills */
    int64_t in_flight_age_micro;    /* in_flight_age 30s on average: it hangs */
    int64_t scale_step_ppm;         /* scale_step 50% of the pods are added at a time */
    int64_t scale_most_ppm;         /* scale_most 2: so many times the pods there are, at most */
};
struct eng_patch {            /* patch: */
    int64_t max_requests;     /* max_requests, 2: first and once again with feedback */
    time_ns timeout_ns;       /* timeout, 120s */
    time_ns check_timeout_ns; /* check_timeout, 600s */
};
struct eng_locking {                /* locking: */
    time_ns ttl_ns, ttl_max_ns;     /* default_ttl_seconds 300, max_ttl_seconds 3600 */
    time_ns wait_timeout_ns;        /* wait_timeout_seconds 30 */
    time_ns renew_interval_ns;      /* renew_interval_seconds 60; 0 = auto_renew false */
    time_ns reply_timeout_ns;       /* reply_timeout_seconds 5: no answer = unreachable */
    int64_t margin_ppm;             /* margin, 10% of TTL, at least margin_min_ns */
    time_ns margin_min_ns;          /* margin_min, 1s */
    int64_t attempts;               /* timeouts.retries.max_attempts 3 */
    time_ns backoff_initial_ns;     /* timeouts.retries.initial_delay_seconds 5 */
    int64_t backoff_multiplier_ppm; /* timeouts.retries.backoff_multiplier 2 */
    time_ns backoff_max_ns;         /* timeouts.retries.max_delay_seconds 60 */
    bool deadlock_watch;            /* deadlock_detection.enabled */
    bool deadlock_release; /* deadlock_detection.force_release_on_deadlock: else a person */
};
struct eng_conflicts { /* conflict_detection: */
    struct {
        enum severity severity;
        enum action action;
    } type[CONFLICT_COUNT]; /* conflict_types{TYPE{severity, action}} */
    int64_t max_depth;      /* blast_radius.max_depth 3 */
    int64_t weight_direct_ppm, weight_downstream_ppm, weight_shared_ppm,
        weight_upstream_ppm; /* blast_radius.weights */
};
/* An objective of one service: such a share of its requests, over the window, is good. What may be
 * bad is its error budget; burnt at rate 1 it lasts for just the window. */
struct eng_slo {           /* slos.SERVICE: */
    int64_t objective_ppm; /* objective, 99.9%; 0: the service has none */
    time_ns window_ns;     /* window, 30d */
    bool latency; /* indicator: latency (not over detection.latency_p95), else availability */
};
/* Burnt so fast over both windows: the long one says that it matters, the short one that it is
 * still so (Google, The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate"). */
#define BURN_RATES_MAX 4
struct eng_burn { /* safety_gates.slo.burn_rates: */
    int64_t factor_ppm;
    time_ns long_ns, short_ns;
};
struct eng_gates {                  /* safety_gates: */
    bool enabled[GATE_COUNT];       /* NAME.enabled, default true */
    enum action action[GATE_COUNT]; /* pause, delay or reject, as SPEC's table */
    int64_t budget_ppm;             /* error_budget.max_error_budget_pct 2.0 */
    time_ns budget_window_ns;       /* error_budget.check_window_hours 24 */
    int64_t blast_ppm,
        blast_count;            /* blast_radius.max_blast_radius_pct 20, max_absolute_services 10 */
    int64_t blast_share_from;   /* blast_radius.share_binds_from 4 affected services */
    int64_t failures_max;       /* recent_failures.max_failures_in_window 3 (fewer than) */
    time_ns failures_window_ns; /* recent_failures.window_hours 1 */
    time_ns cooldown_ns;        /* cooldown.min_seconds_between_ops 300 */
    int64_t cpu_headroom_ppm, memory_headroom_ppm,
        disk_headroom_ppm; /* resource_capacity.min_*_pct 20 20 30 */
    int64_t incidents_max; /* incident_rate.max_incidents_per_hour 5 */
    uint32_t burn_count;
    struct eng_burn burn[BURN_RATES_MAX]; /* 14.4 over 1h and 5m, 6 over 6h and 30m */
    time_ns valid_ns;     /* validity_seconds 60: a result older than this is judged again */
    int64_t risk_max_ppm; /* risk.max 0.70 */
    int64_t risk_criticality_ppm, risk_change_ppm, risk_severity_ppm,
        risk_hour_ppm;       /* risk.weights */
    int64_t risk_lines_full; /* risk.lines_full 200: a change of this many lines scores 1 */
    int64_t risk_hour_ppm_by_hour[24]; /* risk.hours: risk of each hour of the day in UTC, 0..1e6 */
};
/* Blackout and maintenance windows, resolved to instants at load (time zones are the loader's). */
struct eng_window {
    time_ns begin_wall, end_wall;
    bool maintenance;
};
struct eng_grant { /* people by team and role; NULL: any */
    const char *team, *role;
};
struct eng_grants {
    uint32_t count;
    const struct eng_grant *list;
};
struct eng_human {                  /* human_override: */
    struct eng_grants teams;        /* teams{TEAM[ROLE]}: who may command; and approve, where ... */
    struct eng_grants approvers[4]; /* ... escalation.level_N.approvers name nobody */
    int64_t blast_services;         /* pause_conditions: more than 10 services affected */
    int64_t failures_in_row;        /* 2 */
    time_ns approval_life_ns;       /* approval_life_seconds 900 */
    time_ns escalation_ns[4];       /* escalation.level_N.timeout_minutes: 0, 15, 30, 60 min */
};
struct eng_states {
    time_ns limit_ns[STATE_COUNT];
};                        /* state_machine.timeouts{STATE}; 0 = none */
struct eng_canary {       /* canary: */
    uint32_t stage_count; /* stages, at most 8; the last is 100% */
    struct {
        int64_t share_ppm;
        time_ns soak_ns;
        int64_t min_samples;
    } stage[8];
    time_ns look_interval_ns; /* look_interval, 1s */
    int64_t
        alpha_ppm; /* alpha, 5%: level over all looks of one canary, split evenly (Bonferroni) */
    int64_t looks_max;         /* derived: looks over all stages with hold_max */
    int64_t min_effect_ppm;    /* min_effect, 2%: error share worse by less is no breach */
    int64_t latency_ratio_ppm; /* max_latency_ratio 1.5 */
    int64_t min_slow_ppm;      /* min_slow, 1%: so many more requests over the latency limit */
    int64_t rate_drop_ppm;     /* max_rate_drop, 20%: of the share of requests it should answer */
    int64_t in_flight_min;     /* min_in_flight, 10: fewer in flight are no figure */
    int64_t cpu_max_ppm;       /* max_cpu 90% */
    time_ns memory_window_ns;  /* memory_window, 10s: longer than a cycle of garbage collection */
    time_ns memory_horizon_ns; /* memory_horizon, 1h: the limit must not be reached within it */
    time_ns hold_max_ns; /* hold_max, 120s: judgement without data waits so long, then goes back */
};
struct eng_verification {    /* verification: */
    time_ns watch_ns;        /* watch, 6s fast, 300s default: after 100% */
    int64_t error_limit_ppm; /* error_rate 5% */
    int64_t margin_ppm;      /* margin 20%: within this of the limit the watch is extended */
    time_ns extend_ns;       /* extend, the same again */
    int64_t extensions_max;  /* max_extensions 3 */
};
struct eng_limits {                  /* performance: */
    uint32_t operations;             /* max_concurrent_operations 64 */
    uint32_t incidents;              /* max_incidents 64 */
    uint32_t audit_pending;          /* 256 */
    int64_t operations_per_incident; /* max_operations_per_incident 6: then it is a person's */
};
struct eng_audit {
    bool verify_on_start;
    int64_t verify_chunk;       /* so many new entries are read back at a time */
    time_ns verify_interval_ns; /* the whole chain again, so often; 0: never */
    int64_t checkpoint_every;   /* entries between two signed checkpoints */
};                              /* audit_logging.hash_chain */

/* What becomes of a message to people: which channels carry it, how often, and how hard is tried.
 */
struct eng_route {             /* notifications.routing.SEVERITY: */
    int64_t channels;          /* channels: 1 << enum channel each, those that are enabled only */
    time_ns throttle_ns;       /* throttle_minutes: one like it in so long; 0: no limit */
    time_ns escalate_after_ns; /* escalate_after_minutes without an acknowledgement; 0: never */
};
struct eng_notices { /* notifications: */
    struct eng_route route[SEVERITY_COUNT];
    int64_t attempts;       /* delivery.max_attempts 3, of each channel */
    time_ns retry_ns;       /* delivery.retry_seconds 2, then twice as long each time */
    time_ns reply_ns;       /* delivery.timeout_seconds 10: a channel silent for so long failed */
    uint32_t messages_kept; /* delivery.max_pending 64, followed at a time */
};

/* Services and stores as the engine knows them. CSR adjacency both ways, targets ascending. */
struct eng_graph {
    uint32_t service_count;
    const uint32_t *out_offset,
        *out_target; /* callees: out_target[out_offset[s] .. out_offset[s + 1]) */
    const uint32_t *in_offset, *in_source; /* callers */
    const uint8_t *is_service;      /* 0: a store or an external; does not count as affected */
    const int64_t *criticality_ppm; /* 0..1e6 */
    uint32_t group_count;           /* shared resources */
    const uint32_t *group_offset, *group_member;
};

struct eng_config {
    uint32_t engine; /* this engine's number, in its ids */
    enum mode mode;
    struct eng_detection detection;
    struct eng_evidence evidence;
    struct eng_root_cause root_cause;
    struct eng_remedies remedies;
    struct eng_patch patch;
    struct eng_locking locking;
    struct eng_conflicts conflicts;
    struct eng_gates gates;
    const struct eng_slo *slos; /* by service; NULL: none has any */
    const struct eng_window *windows;
    uint32_t window_count;
    struct eng_human human;
    struct eng_states states;
    struct eng_canary canary;
    struct eng_verification verification;
    struct eng_limits limits;
    struct eng_audit audit;
    struct eng_notices notices;
    struct eng_graph graph;
};

#endif
