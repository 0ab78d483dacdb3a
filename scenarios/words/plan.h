/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SCENARIOS_WORDS_PLAN_H
#define SCENARIOS_WORDS_PLAN_H
/*
 * A plan: one scenario with every name resolved and every default filled in; what a world is built
 * from. Plain data, read-only, in the loader's arena. It states causes; expectations are beside
 * them for the judge, and nothing that runs ever reads them.
 */
#include "engine/words/words.h"
#include "topologies/topology.h"

#define FAULT(NAME, text, target, value, meaning) FAULT_##NAME,
enum fault_kind {
#include "scenarios/words/fault.def"
    FAULT_COUNT
};
#undef FAULT
enum fault_target {
    FAULT_TARGET_SERVICE,
    FAULT_TARGET_LINK,
    FAULT_TARGET_LOCK,
    FAULT_TARGET_PODS,
    FAULT_TARGET_FEED,
    FAULT_TARGET_NONE,
    FAULT_TARGET_ENGINE,
    FAULT_TARGET_NODE,
    FAULT_TARGET_COMMAND,
    FAULT_TARGET_ROLLOUT,
    FAULT_TARGET_MACHINE,
    FAULT_TARGET_PART
};
enum fault_value {
    FAULT_VALUE_SHARE,
    FAULT_VALUE_DURATION,
    FAULT_VALUE_NOTHING,
    FAULT_VALUE_COUNT,
    FAULT_VALUE_WRITES,
    FAULT_VALUE_OFFSET,
    FAULT_VALUE_PPM,
    FAULT_VALUE_FACTOR
};
struct fault_entry {
    const char *name, *meaning;
    enum fault_target target;
    enum fault_value value;
};
static inline const struct fault_entry *fault_entry(enum fault_kind kind) {
#define FAULT(NAME, text, target, value, meaning)                                                  \
    {text, meaning, FAULT_TARGET_##target, FAULT_VALUE_##value},
    static const struct fault_entry table[] = {
#include "scenarios/words/fault.def"
    };
#undef FAULT
    return &table[kind];
}

/* What a service shows. Of its code: revisions carry it until a patch takes it out. Of what it runs
 * on or of what comes to it: every revision has it, and no patch takes it out. */
static inline bool fault_is_code(enum fault_kind kind) {
    return fault_entry(kind)->target == FAULT_TARGET_SERVICE;
}
static inline bool fault_is_shown(enum fault_kind kind) {
    return fault_is_code(kind) || fault_entry(kind)->target == FAULT_TARGET_MACHINE;
}

#define PLAN_DEFECTS_MAX 62 /* faults a revision can carry: bits of an int64 */

/* Nodes of the simulated network, by number: engines 0..n-1, by the names the scenario gives them,
 * then these, in this order. N(NODE, "name in files") */
#define PLAN_NODES(N)                                                                              \
    N(METRICS, "metrics")                                                                          \
    N(LOCK_STORE, "lock-store")                                                                    \
    N(DEPLOY_TARGET, "deploy-target")                                                              \
    N(PATCH, "patch")                                                                              \
    N(CI, "ci")                                                                                    \
    N(LOGS, "logs")                                                                                \
    N(TRACES, "traces")                                                                            \
    N(CHANGES, "changes")                                                                          \
    N(LOG_STORE, "log-store")                                                                      \
    N(PEOPLE, "people")
#define PLAN_NODE_(NODE, name)      NODE_##NODE,
#define PLAN_NODE_NAME_(NODE, name) name,
enum plan_node { PLAN_NODES(PLAN_NODE_) NODE_SERVICE_COUNT };
static inline const char *plan_node_name(enum plan_node node) {
    static const char *const names[] = {PLAN_NODES(PLAN_NODE_NAME_)};
    return names[node];
}

struct plan_command { /* of a fault that is one; its service: whose operation or lock */
    enum command_kind kind;
    uint32_t person, engine; /* engine: its number; NONE_ID: all of them */
    enum severity severity;
    enum mode mode; /* of set_mode */
    const char *reason;
};

#define TRIGGER(NAME, text, meaning) TRIGGER_##NAME,
enum plan_trigger {
    TRIGGER_AT, /* at its time */
#include "scenarios/words/trigger.def"
    TRIGGER_COUNT
};
#undef TRIGGER
static inline const char *plan_trigger_name(int trigger) {
#define TRIGGER(NAME, text, meaning) text,
    static const char *const names[] = {
        "at",
#include "scenarios/words/trigger.def"
    };
#undef TRIGGER
    return names[trigger];
}

#define PLAN_STEPS_MAX 8 /* of a rollout */

#define PLAN_HELD_MAX 2 /* scopes of a service that an operator may lock */
struct plan_fault {
    enum fault_kind kind;
    const char *name;         /* as the scenario calls it, or its kind */
    time_ns at, lasts_ns;     /* lasts: TIME_NEVER until the heal */
    int trigger;              /* enum plan_trigger; unless AT, "at" is TIME_NEVER */
    struct svc_id trigger_of; /* service that it is about; none: any */
    int64_t trigger_nth;      /* from 1 */
    time_ns trigger_after_ns;
    uint32_t step_count; /* of a rollout: shares, one every so often */
    int64_t step_ppm[PLAN_STEPS_MAX];
    time_ns step_every_ns;
    uint32_t held_count; /* of lock_held: what is asked for, one every so often; 0: SERVICE */
    enum lock_scope held[PLAN_HELD_MAX];
    struct svc_id service;        /* SERVICE, LOCK, PODS and FEED targets */
    uint32_t from, to;            /* LINK targets: node numbers; ENGINE and NODE targets: from */
    int64_t value;                /* ppm, ns or a count */
    enum symptom symptom;         /* of a defect: how it shows */
    const char *exception, *file; /* what logs say of a defect; "" = nothing */
    int64_t line;
    const uint8_t *side;        /* of services that are parted: on which one each stands */
    bool resets;                /* calls between them fail at once, rather than by their timeouts */
    uint32_t pods;              /* of those that befall single pods: so many, from the first */
    uint32_t burst;             /* of losses: so many messages on the mean */
    time_ns down_ns;            /* of a process that dies: until it takes requests again */
    time_ns keeps_ns, waits_ns; /* of a lock held by hand: so long from its grant, and waited for so
                                   long at most; 0: as long as the fault lasts */
    struct plan_command command;
};

/* What the patch service makes on its n-th request for a service (answers in order; the last
 * repeats only if repeat). */
struct plan_answer {
    enum reply_kind reply; /* OK, RATE_LIMITED, ... */
    struct svc_id service; /* none: any service */
    int symptom;           /* -1: any */
    bool fixes;        /* takes out the defect asked about (the one that shows the symptom there) */
    int64_t error_ppm; /* -1: nothing; else the new revision's own error share is this, whatever
                          else it carries */
    time_ns latency_ns; /* > 0: every request waits this much */
    int64_t loop_ppm;   /* this share of requests is caught in a loop, ... */
    time_ns loop_ns;    /* ... which holds its slot and burns CPU for so long; 0: none */
    int64_t leak_bytes; /* each of its pods loses so much memory a minute; 0: none */
    int64_t calls_ppm, calls_from_ppm; /* of its calls this share fails, whatever the callee does,
                                          once it serves so much; 0: none */
    int64_t bad_from_ppm, bad_ppm; /* once the new revision serves this share or more, it fails by
                                      bad_ppm of its own; 0: never */
    int64_t size_lines;
    bool changes_shared;
    time_ns retry_after_ns;
    bool syntax, analysis, dependencies;
    int64_t tests_run, tests_failed;
    const char *finding; /* what CI says when a check fails */
    bool repeat;
};

struct plan_times { /* stated service times; all default to those of the demonstration (scenario
                       file: service_times) */
    time_ns logs_ns, traces_ns, patch_ns, checks_ns, rollout_ns, rollback_ns, metrics_ns,
        lock_store_ns, log_store_ns, notify_ns;
    time_ns link_ns;      /* one-way latency of every control-plane link, default 0 */
    time_ns pod_start_ns; /* of a pod that is restarted or added, until it takes requests */
};
enum plan_approval { APPROVAL_FRESH, APPROVAL_REUSED, APPROVAL_OTHER_PLAN };
struct plan_person {
    const char *name, *team, *role;
    time_ns reads_ns;                   /* from delivery to an answer; TIME_NEVER: never answers */
    enum answer confirm, take_over;     /* answer to a CONFIRM; to a TAKE_OVER (TAKEN_OVER) */
    struct svc_id correction;           /* with CORRECTION */
    bool off_call;                      /* gets no message; may still command */
    time_ns shift_from_ns, shift_to_ns; /* of the day, UTC, when messages reach them, over midnight
                                           if it ends before it begins; alike: always */
    enum plan_approval approval;        /* what approvals of theirs are */
    time_ns approval_age_ns;            /* given so long before they arrive */
};
struct plan_engine {
    const char *name;
    uint32_t symptoms;
};                    /* bit by enum symptom: alerts routed here */
struct plan_service { /* beside the topology's, by service id; 0 = the topology's figure */
    uint32_t replicas, slots;
    bool slots_stated;          /* by whom ever; else the load may have raised them */
    int64_t memory_limit_bytes; /* of a pod */
    int64_t criticality_ppm;
    const char *role; /* that the scenario gave it by the graph; "": none */
};
enum plan_arrivals {
    ARRIVALS_POISSON,
    ARRIVALS_UNIFORM,
    ARRIVALS_ERLANG2
}; /* interarrival times: exponential, fixed, Erlang-2 */
struct plan_history_series {
    struct svc_id service;
    int64_t rate_milli, error_ppm;
}; /* over the history, requests/s in thousandths */
struct plan_history_operation {
    struct svc_id service;
    enum op_kind kind;
    bool failed;
    time_ns before_ns;
}; /* ended that long before t = 0 */
struct plan_history_change {
    struct svc_id service;
    enum op_kind kind;
    const char *author;
    time_ns before_ns;
};
struct plan_history {
    time_ns span_ns; /* default 24h */
    uint32_t series_count, operation_count, change_count;
    int64_t audit_entries; /* of each engine's log, before t = 0 */
    const struct plan_history_series
        *series; /* default: every service at its load's rate and its own error share */
    const struct plan_history_operation *operations;
    const struct plan_history_change *changes;
};

struct plan_expect {
    const char *name, *reaction, *outcome; /* words of SPEC §3 */
    int64_t fault;                         /* which fault's incident; -1: a run without one */
    time_ns mttr_min_ns, mttr_max_ns;      /* 0: no bound */
};
struct plan_bound {
    int64_t expect;
    const char *key;
    int64_t value;
};
struct plan_must_not {
    const char *what;
    struct svc_id service;
};

struct plan_load_step {
    time_ns from_ns; /* of the run; until the next step's */
    int64_t rate_milli;
};

struct plan_source {
    const char *kind, *name;
    const char *bytes;
    size_t len;
};

struct plan {
    const char *title, *name, *file;
    uint64_t seed;
    time_ns start_wall, duration_ns;
    time_ns settle_ns; /* how long a run goes on after everything is healed and the load is off */
    time_ns scrape_ns, evaluate_ns, scrape_offset_ns; /* default 1s, 1s, 0 */
    const struct topology *topology;
    const struct plan_service *services; /* topology->service_count */
    int64_t entry_rate_milli; /* requests/s entering, in thousandths, over all entrypoints in equal
                                 shares */
    const struct plan_load_step *load_steps; /* what enters over time, none over that rate; none:
                                                that rate all the time */
    uint32_t load_step_count;
    const int64_t *visits_ppm; /* per service, per entering request */
    enum plan_arrivals arrivals;
    uint32_t drawn_count; /* of the faults, the last so many were drawn */
    uint32_t engine_count, fault_count, answer_count, person_count, expect_count, bound_count,
        must_not_count, source_count;
    const struct plan_engine *engines;
    const struct plan_fault *faults;
    const struct plan_answer *answers;
    const struct plan_person *people;
    const struct plan_expect *expects;
    const struct plan_bound *bounds;
    const struct plan_must_not *must_nots;
    const struct plan_source *sources; /* all files, whole, for the trace */
    struct plan_times times;
    struct plan_history history;
    enum backend lock_backend; /* the policy's */
    time_ns lock_expiry_slack_ns;
    bool target_unguarded;  /* the deploy target looks at neither token nor base */
    int64_t scale_most_ppm; /* of its replicas, what a service may be scaled to; 0: it may not be */
    bool trace_requests;
};

/* What can bring a new build: faults, but for hands on a lock, and patches. */
static inline uint32_t plan_causes(const struct plan *plan) {
    uint32_t causes = plan->answer_count;
    for (uint32_t f = 0; f < plan->fault_count; f++)
        causes += fault_entry(plan->faults[f].kind)->target != FAULT_TARGET_LOCK;
    return causes;
}

#endif
