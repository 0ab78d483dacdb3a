/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H
/*
 * The engine's state. Private to engine/; the verbs that its parts share are core.h's.
 *
 *   incident: what was noticed, what is known of it, what is being done about it
 *   op:       one operation, from its plan to its end; owns locks, an intent, timers
 */
#include "engine/engine.h"
#include "engine/base/ratio.h"
#include "engine/chain_check.h"
#include "engine/compare.h"
#include "engine/conflict.h"
#include "engine/gate.h"
#include "engine/graph.h"
#include "engine/growth.h"
#include "engine/remedy.h"
#include "engine/root_cause.h"

#define NO_INDEX    UINT32_MAX
#define OP_LOCKS    3   /* SERVICE, INCIDENT, DEPLOYMENT: the canonical order of a deployment */
#define CHANGES_MAX 64  /* recent changes remembered, oldest forgotten */
#define PAST_MAX    64  /* ended operations remembered */
#define QUERIES_MAX 256 /* queries under way */

/* What an operation is doing now; finer than its state, and never audited. */
enum op_step {
    STEP_BASE,        /* asked which revision serves, to patch that */
    STEP_PATCH,       /* asked for a patch */
    STEP_RETRY_AFTER, /* told to come back later */
    STEP_CHECKS,      /* CI is checking */
    STEP_REGISTER,    /* stated its intent */
    STEP_COOLDOWN,    /* waits until a recent change is old enough */
    STEP_LOCK,        /* asked for a lock, or queued at it */
    STEP_BACKOFF,     /* a lock wait timed out */
    STEP_PERSIST,     /* holds all locks; does the cause persist? */
    STEP_REBASE,      /* does the patch's base still serve? */
    STEP_REREAD,      /* the registry again, under the lock */
    STEP_GATES,       /* figures for the gates are under way */
    STEP_ORDER,       /* a stage was ordered */
    STEP_REORDER,     /* it stopped at pods out of reach: ordered again in a while */
    STEP_SOAK,        /* a stage serves its share */
    STEP_WATCH,       /* 100 %: verification */
    STEP_BACK,        /* a rollback was ordered */
    STEP_BACK_CHECK,  /* asked whether the former revision serves */
    STEP_PERSON,      /* a person decides */
    STEP_RECOVER,     /* taken up after a restart: asked what serves */
    STEP_PLAN,        /* figures to weigh the remedies by are under way */
    STEP_REMEDY,      /* one beside the patch was ordered */
};

/* Timers of an operation; an incident has one. Each has a generation: a stale one is discarded. */
enum op_timer {
    TIMER_STATE, /* the state's limit */
    TIMER_REPLY, /* a store or service owes an answer */
    TIMER_WAIT,  /* lock wait, backoff, cooldown, Retry-After */
    TIMER_RENEW, /* locks are renewed */
    TIMER_STORE, /* the store owes the answer to a renewal */
    TIMER_LEASE, /* locks end, less the margin */
    TIMER_LOOK,  /* the next look at the canary */
    TIMER_ASK,   /* nobody answered: more people are asked */
    TIMER_COUNT
};
enum engine_timer {
    ENGINE_TIMER_AUDIT,    /* the log store owes an acknowledgement */
    ENGINE_TIMER_ROUND,    /* the next of a round */
    ENGINE_TIMER_CHAIN,    /* the log store owes an entry read back */
    ENGINE_TIMER_SCRUB,    /* the whole chain is verified again */
    ENGINE_TIMER_NOTICE,   /* a message is due: a channel is silent, a retry, an escalation */
    ENGINE_TIMER_RECOVER,  /* the next of what a former incarnation left is taken up */
    ENGINE_TIMER_FADING,   /* incidents that others may have healed are looked at again */
    ENGINE_TIMER_WITHDRAW, /* the lock store owes word that an intent is gone */
    ENGINE_TIMER_COUNT
};

struct question {     /* a person owes an answer */
    int64_t message;  /* 0: none is open */
    int64_t decision; /* to ask it */
    int64_t level;    /* of escalation that was asked */
    time_ns asked_mono;
    enum message_form form;
    enum severity severity;
    enum reason why;
    struct hash plan;
    const char *what;
};

/* Which answer a question got; a later one that differs is told from the first by it. */
struct answer_given {
    int64_t message; /* 0: none yet */
    enum answer answer;
};

struct op_lock {
    enum lock_scope scope;
    int64_t name, token_epoch, token_number, generation;
    bool held, asked;
    bool granted;       /* after a wait: not believed, and not held, until it was renewed */
    int64_t renewal;    /* the request of the newest renewal, while it is not answered */
    time_ns lease_mono; /* ours until then, by our own monotonic clock, counted from the request */
    time_ns asked_mono, since_mono;
    int64_t renewals, failures; /* of renewals: refused, or not answered before the next */
};

struct stage_sample { /* one look: counters of the pods that live now */
    int64_t requests, errors, failures, slow, abandoned;
    int64_t in_flight; /* no counter: with the requests, all that ever came */
    uint32_t known;    /* how many of them are */
    time_ns told_wall; /* when the last of them was learnt; 0: they are zero by themselves */
};
#define STAGE_COUNTERS 5

struct stage_gauges { /* of the same look */
    struct gate_number latency, cpu, in_flight, in_flight_age, floor;
};

struct canary {
    uint32_t stage;
    time_ns first_mono; /* when the first stage was ordered: before it nothing served */
    time_ns began_mono,
        held_since_mono; /* of the stage; of the first look without data, 0 = none */
    bool baseline_known;
    struct stage_sample first[2], last[2], now[2]; /* candidate, stable: looks of this stage */
    struct stage_gauges gauges[2];
    struct gate_number pods_lost;
    struct growth growth[2]; /* of memory, in this stage */
    time_ns floor_mono;      /* when a window of it was last taken */
    uint32_t answers_due;
};

/* Failures that pass through a service under verification, and whose they are. */
#define SPIKE_CALLEES 4
struct spike_callee {
    struct svc_id service;          /* somebody changed it since the patch first served */
    struct gate_number now, before; /* its own error share */
};
struct spike {
    struct gate_number all, own, all_before, own_before; /* of the patched service */
    time_ns before_ns[2]; /* how long before: of its own figures, of its callees' */
    bool asked;           /* for whose they are */
    uint32_t count;
    struct spike_callee callee[SPIKE_CALLEES];
};

/* Looks at whether somebody else took the cause away (fading.c). */
struct gone_look {
    struct gate_number own, rate; /* of the newest look */
    struct gate_number before;    /* of latency: what it was */
    uint32_t answers_due;
    time_ns began_mono, asked_mono;   /* the first of a row of looks; the newest */
    int64_t seen_micro, failed_micro; /* requests by all of them, and own failures, in millionths */
};

struct op {
    bool in_use;
    struct op_id id;
    uint32_t incident; /* index */
    struct svc_id service;
    enum op_kind kind;
    enum op_state state, paused_from;
    enum op_step step, paused_step;
    enum op_step unlocked_step; /* what it did when it found that its locks were gone */
    enum reason paused_why;
    struct revision_id base, revision;
    enum remedy remedy;
    bool planned, cures; /* cures: what it eases does not come back */
    struct remedy_facts weighed;
    time_ns plan_mono, plan_offset_ns; /* when these were asked for; and how far back is before */
    int64_t amount, pod, pods_before, drained_before;
    struct revision_id former; /* what served before base */
    time_ns undone_mono;       /* of the change that may be undone */
    int64_t size_lines, patch_requests, patch_attempt;
    bool changes_shared, checks_known, syntax, analysis, dependencies;
    bool served, served_before; /* a stage may serve: it left; and the same before the last one */
    bool taken_up;              /* after a restart of the engine */
    bool registered;            /* an intent of it stands in the registry, or soon will */
    int64_t tests_run, tests_failed;
    struct text feedback;
    struct hash plan;
    int64_t registry_number;
    struct op_lock lock[OP_LOCKS];
    uint32_t lock_next; /* the one asked for now; OP_LOCKS when all are held */
    int64_t lock_attempt;
    bool waited; /* after any wait the cause is looked at again: */
    struct gone_look gone;
    bool gone_asked; /* a person was asked whether it persists */
    struct gate_facts facts;
    struct gate_verdicts verdicts;
    uint32_t answers_due;                      /* queries this step still waits for */
    time_ns gates_mono;                        /* when the gates passed */
    time_ns gates_offset_ns, gates_asked_mono; /* how long ago the incident's own begins; asked */
    struct canary canary;
    int64_t watch_extended;
    struct gate_number watched[2]; /* verification: the own figure, the other symptom */
    struct spike spike;
    time_ns back_since_mono; /* the first order of a rollback; 0: none is being tried */
    bool held;               /* by a person's word: nothing but a resume by command lets it go on */
    struct answer_given answered;
    bool approved; /* a person approved this very plan, and what paused_why names of it, once */
    time_ns approved_mono;
    struct shown_conflicts shown; /* to the person who was asked about conflicts */
    int64_t shown_failures;       /* in a row, when the gates judged */
    struct question question;
    int64_t request;                         /* the one request whose reply the step waits for */
    time_ns state_began_mono, state_left_ns; /* of the state's limit; left while paused */
    struct op_id holder;                     /* who held the lock when we queued */
    int64_t decided[DECISION_COUNT];         /* its newest decision of each type; 0: none */
    int64_t timer_generation[TIMER_COUNT];
};

enum incident_stage {
    INCIDENT_GATHERING,  /* evidence under way */
    INCIDENT_CONFIRMING, /* a person confirms the diagnosis */
    INCIDENT_HEALING,    /* an operation works on it */
    INCIDENT_HANDED_OVER /* a person's */
};

struct incident {
    bool in_use;
    struct incident_id id;
    enum incident_stage stage;
    struct svc_id alerted, service; /* who alerted; whose fault it is */
    enum symptom symptom;
    enum severity severity;
    time_ns opened_mono, opened_wall, since_wall;
    int64_t own_now, own_baseline; /* errors: own share in ppm; latency: own p95 in micro seconds */
    bool own_due;
    time_ns own_asked_mono;
    bool fading; /* its alert is over, or an operation that was a person's: */
    struct gone_look gone;
    enum reply_kind source[SOURCE_COUNT];
    bool source_answered[SOURCE_COUNT];
    struct text exception, file;
    int64_t line;
    struct svc_id culprit;
    int64_t culprit_share_ppm;
    time_ns culprit_wall; /* when the engine learnt it */
    struct candidate candidate[CANDIDATES_MAX];
    struct gate_number figure[CANDIDATES_MAX][2]; /* of each: own now, own before */
    time_ns figure_before_ns;                     /* how long before */
    uint32_t candidate_count, answers_due;
    struct diagnosis diagnosis;
    uint32_t op;                   /* index of the operation at work; NO_INDEX */
    int64_t operations, rollbacks; /* tried for it so far */
    uint32_t tried;                /* bit by enum remedy: of no use any more */
    bool mitigated;                /* the symptom is gone, its cause is not */
    struct text feedback;          /* what the last attempt taught */
    struct question question;
    int64_t told_by;  /* channels that carried an ERROR or a CRITICAL of it */
    bool advised;     /* what would be done was told; done when the mode is to act */
    struct hash plan; /* of the diagnosis that a person is asked to confirm */
    struct answer_given answered;
    bool waits;  /* for its timer, then the next operation is opened */
    bool waited; /* for somebody else's: that may have healed it */
    int64_t timer_generation;
    int64_t decided[DECISION_COUNT]; /* its newest decision of each type; 0: none */
    time_ns closed_wall; /* 0 while open; a closed one is remembered until its place is needed */
};

/* An alert whose service may only pass failures on: own excess is being looked at. */
struct suspect {
    bool in_use;
    struct svc_id service;
    enum symptom symptom;
    time_ns since_wall;
    struct gate_number own, rate;    /* rate: requests a second */
    struct gate_number worst_callee; /* the highest that was told; 0: none was */
    struct svc_id callee;            /* whose that is */
    uint32_t answers_due;
    time_ns asked_mono;
};

enum query_owner { OWNER_SUSPECT, OWNER_INCIDENT, OWNER_OP };
struct query_slot {
    int64_t request; /* 0: free */
    enum query_owner owner;
    uint32_t index, part; /* which suspect, incident or op; what the answer is for */
    int64_t generation;   /* of the owner's id: a reused slot discards the answer */
};

struct past_op {
    time_ns ended_wall;
    bool failed;
};

struct pending_effect { /* waits for the acknowledgement of its audit entry */
    int64_t sequence;   /* 0: free */
    struct eng_effect effect;
};

struct chain_piece { /* entries being read back and verified */
    int64_t request; /* of the one under way, 0: none */
    int64_t next, last;
    struct hash head; /* which the last must have */
    struct chain_check check;
    int64_t seen;     /* next, when its timer was armed */
    int64_t silences; /* in a row */
};

/* What the log tells of a former incarnation's incidents and operations that did not end. */
struct trail_token {
    int64_t name, epoch, number; /* number 0: none */
};
struct trail_op {
    struct op_id op; /* 0: free */
    struct incident_id incident;
    struct svc_id service;
    enum op_state state;
    bool ordered; /* a stage was about to be, first at: */
    time_ns ordered_wall;
    struct revision_id revision, base;
    enum remedy remedy;
    int64_t amount, pod, pods_before, drained_before;
    struct trail_token token[OP_LOCKS];
};
struct trail_incident {
    struct incident_id incident; /* 0: free */
    struct svc_id service;
    enum symptom symptom;
    int64_t own, operations, rollbacks;
    time_ns opened_wall;
    bool handed_over, taken_up, mitigated;
    uint32_t tried; /* bit by enum remedy */
};

/* A message that was sent and is not done with: not delivered by all its channels, or a critical
 * one that nobody acknowledged. */
struct notice {
    struct eff_notify sent; /* message 0: free */
    int64_t waiting;        /* channels that owe an answer */
    int64_t failed;         /* channels to be tried again */
    time_ns due_mono;       /* when the one is silence, or the other is tried; if there are any */
    bool seen;              /* acknowledged, or needs no acknowledgement */
    time_ns escalates_mono; /* unless seen */
};
/* What was sent lately, so that its like is held back. */
struct throttle {
    bool in_use;
    int64_t severity, reason;
    struct svc_id service;
    time_ns until_mono;
    int64_t held_back;
};

struct withdrawal { /* of the intent of an operation that has ended */
    struct op_id op;
    int64_t request; /* of the newest that asked for it; 0: free */
};

struct last_entry { /* of an operation or incident: its next one's parent */
    uint64_t of;
    int64_t sequence;
};

struct engine {
    const struct eng_config *config;
    struct eng_search *search;
    struct eng_graph graph; /* as the engine knows it */
    time_ns wall, mono;     /* of the input being handled */
    struct eng_effects *out;
    bool by_person; /* the input being handled is a person's */
    struct person_id person;
    uint32_t incarnation;
    uint64_t next_incident, next_op;
    int64_t next_request, next_message, next_decision;
    enum mode mode; /* the policy's, until a person sets it */
    bool started, suspended;
    enum reason suspended_why;

    struct op *ops;
    struct incident *incidents;
    struct suspect *suspects;
    uint32_t suspect_count; /* capacity */
    struct query_slot queries[QUERIES_MAX];
    struct recent_change changes[CHANGES_MAX];
    uint32_t change_count;
    struct past_op past[PAST_MAX];
    uint32_t past_count;
    time_ns incident_walls[PAST_MAX]; /* when the last incidents opened */
    uint32_t incident_wall_count;
    int64_t failures_in_row;
    struct used_approval {
        int64_t number;
        time_ns used_mono;
    } approvals[PAST_MAX]; /* none serves twice */
    uint32_t approval_count;

    int64_t audit_sequence, audit_acked;
    struct hash audit_head;
    struct pending_effect *pending; /* config->limits.audit_pending */
    struct eff_audit_append *sent;  /* as many: entry n at n % audit_pending, to be sent again */
    int64_t audit_silences;         /* in a row */
    int64_t audit_resent;           /* the newest entry when they were last sent again */
    struct chain_piece piece;
    bool verifying;       /* at start, until the chain was read back: nothing is begun */
    int64_t checkpointed; /* the newest one's sequence */
    struct last_entry *op_entries, *incident_entries; /* beside ops and incidents */
    struct trail_op *trail_ops;                       /* limits.operations, .incidents */
    struct trail_incident *trail_incidents;
    bool trail_suspended;
    enum reason trail_reason;
    struct withdrawal withdrawals[INTENTS_MAX]; /* as many as can stand at the store */
    struct notice *notices;                     /* config->notices.messages_kept */
    struct throttle *throttles;                 /* as many */
    time_ns notices_due_mono;                   /* what its timer is armed for; 0: it is not */
    char chain_finding[96];
    int64_t timer_generation[ENGINE_TIMER_COUNT];
    uint32_t round; /* whom the round under way visits next: operations, then incidents */
};

#endif
