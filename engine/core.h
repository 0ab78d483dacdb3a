/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_CORE_H
#define ENGINE_CORE_H
/*
 * The engine's state and the few verbs its parts share. Private to engine/.
 *
 *   incident: what was noticed, what is known of it, what is being done about it
 *   op:       one operation, from its plan to its end; owns locks, an intent, timers
 *
 * One part a file: incident.c notices, diagnose.c finds the cause, patch.c gets a checked patch,
 * admit.c registers and detects conflicts, lock.c locks, lock_watch.c looks at that, gates.c
 * judges, canary.c rolls out, verify.c watches, rollback.c goes back, people.c obeys, messages.c
 * asks, audit.c chains, chain.c verifies, operation.c moves states, round.c visits all, door.c lets
 * in. They meet here and only here.
 */
#include "engine/engine.h"
#include "engine/base/ratio.h"
#include "engine/chain_check.h"
#include "engine/compare.h"
#include "engine/conflict.h"
#include "engine/gate.h"
#include "engine/graph.h"
#include "engine/growth.h"
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
    ENGINE_TIMER_AUDIT, /* the log store owes an acknowledgement */
    ENGINE_TIMER_ROUND, /* the next of a round */
    ENGINE_TIMER_CHAIN, /* the log store owes an entry read back */
    ENGINE_TIMER_SCRUB, /* the whole chain is verified again */
    ENGINE_TIMER_COUNT
};

struct question {    /* a person owes an answer */
    int64_t message; /* 0: none is open */
    int64_t level;   /* of escalation that was asked */
    time_ns asked_mono;
    enum message_form form;
    enum severity severity;
    enum reason why;
    struct hash plan;
    const char *what;
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
    int64_t requests, errors, slow, abandoned;
    uint32_t known; /* how many of them are */
};
#define STAGE_COUNTERS 4

struct stage_gauges { /* of the same look */
    struct gate_number latency, cpu, in_flight, in_flight_age, floor;
};

struct canary {
    uint32_t stage;
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
    int64_t size_lines, patch_requests, patch_attempt;
    bool changes_shared, checks_known, syntax, analysis, dependencies;
    bool served, served_before; /* a stage may serve: it left; and the same before the last one */
    bool registered;            /* an intent of it stands in the registry, or soon will */
    int64_t tests_run, tests_failed;
    struct text feedback;
    struct hash plan;
    int64_t registry_number;
    struct op_lock lock[OP_LOCKS];
    uint32_t lock_next; /* the one asked for now; OP_LOCKS when all are held */
    int64_t lock_attempt;
    bool waited; /* after any wait the cause is looked at again */
    struct gate_facts facts;
    struct gate_verdicts verdicts;
    uint32_t answers_due; /* queries this step still waits for */
    time_ns gates_mono;   /* when the gates passed */
    struct canary canary;
    int64_t watch_extended;
    struct gate_number watched[2]; /* verification: the own figure, the other symptom */
    bool approved; /* a person approved this very plan, and what paused_why names of it, once */
    time_ns approved_mono;
    struct shown_conflicts shown; /* to the person who was asked about conflicts */
    int64_t shown_failures;       /* in a row, when the gates judged */
    struct question question;
    int64_t request;                         /* the one request whose reply the step waits for */
    time_ns state_began_mono, state_left_ns; /* of the state's limit; left while paused */
    struct op_id holder;                     /* who held the lock when we queued */
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
    enum reply_kind source[SOURCE_COUNT];
    bool source_answered[SOURCE_COUNT];
    struct text exception, file;
    int64_t line;
    struct svc_id culprit;
    int64_t culprit_share_ppm;
    struct candidate candidate[CANDIDATES_MAX];
    int64_t candidate_baseline[CANDIDATES_MAX];
    uint32_t candidate_count, answers_due;
    struct diagnosis diagnosis;
    uint32_t op;                   /* index of the operation at work; NO_INDEX */
    int64_t operations, rollbacks; /* tried for it so far */
    struct text feedback;          /* what the last attempt taught */
    struct question question;
    struct hash plan; /* of the diagnosis that a person is asked to confirm */
    bool waits;       /* for its timer, then the next operation is opened */
    bool waited;      /* for somebody else's: that may have healed it */
    int64_t timer_generation;
    time_ns closed_wall; /* 0 while open; a closed one is remembered until its place is needed */
};

/* An alert whose service may only pass failures on: own excess is being looked at. */
struct suspect {
    bool in_use;
    struct svc_id service;
    enum symptom symptom;
    time_ns since_wall;
    int64_t own, worst_callee, rate_micro; /* rate: requests a second */
    bool own_seen;
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
    bool started, suspended, frozen;
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
    int64_t approvals[PAST_MAX]; /* that served: none serves twice */
    uint32_t approval_count;

    int64_t audit_sequence, audit_acked;
    struct hash audit_head;
    struct pending_effect *pending; /* config->limits.audit_pending */
    struct chain_piece piece;
    bool verifying;       /* at start, until the chain was read back: nothing is begun */
    int64_t checkpointed; /* the newest one's sequence */
    struct last_entry *op_entries, *incident_entries; /* beside ops and incidents */
    char chain_finding[96];
    int64_t timer_generation[ENGINE_TIMER_COUNT];
    uint32_t round; /* whom the round under way visits next: operations, then incidents */
};

/* ---- door.c ---- */
/* Why this input is not let in; NULL when it is. */
const char *door_refuses(const struct engine *e, const struct eng_input *input);

/* ---- emit.c: effects, requests, timers, queries ---- */
struct eng_effect *emit(struct engine *e, enum effect_kind kind); /* zeroed, in the out list */
int64_t next_request(struct engine *e);
void refuse(struct engine *e, const char *what, int64_t limit);
uint32_t op_index(const struct engine *e, const struct op *op);
uint32_t incident_index(const struct engine *e, const struct incident *i);
bool op_timer_armed(const struct op *op, enum op_timer timer);
void op_timer_arm(struct engine *e, struct op *op, enum op_timer timer, time_ns after);
void op_timer_cancel(struct engine *e, struct op *op, enum op_timer timer);
void incident_timer_arm(struct engine *e, struct incident *i, time_ns after);
void incident_timer_cancel(struct engine *e, struct incident *i);
void engine_timer_arm(struct engine *e, enum engine_timer timer, time_ns after);
void engine_timer_cancel(struct engine *e, enum engine_timer timer);
enum timer_owner { TIMER_OF_OP, TIMER_OF_INCIDENT, TIMER_OF_ENGINE, TIMER_STALE };
/* Whose timer fired; stale when its generation is not the newest. timer: enum op_timer or
 * engine_timer. */
enum timer_owner timer_owner(struct engine *e, const struct in_timer_fired *in, uint32_t *index,
                             uint32_t *timer);
/* False when QUERIES_MAX are under way (traced as refused). */
bool ask_metrics(struct engine *e, enum query_owner owner, uint32_t index, int64_t generation,
                 uint32_t part, enum query_kind query, struct svc_id service,
                 struct revision_id revision, time_ns window, time_ns offset);
bool take_query(struct engine *e, int64_t request, struct query_slot *out);
void drop_queries(struct engine *e, enum query_owner owner, uint32_t index);

/* ---- audit.c ---- */
/* Appends one entry; text becomes its "what". Returns its sequence. */
int64_t audit(struct engine *e, enum category category, enum severity severity, const struct op *op,
              const struct incident *i, const char *what, const struct text *detail);
int64_t audit_figures(struct engine *e, enum category category, enum severity severity,
                      const struct op *op, const struct incident *i, const char *what,
                      const struct text *detail, const struct entry_figure *figures,
                      uint32_t figure_count);
/* Audits and emits effect in the step that receives the acknowledgement, if its operation may still
 * act then. */
void act_when_audited(struct engine *e, enum category category, struct op *op,
                      const struct eng_effect *effect, const char *what);
void audit_on_ack(struct engine *e, const struct in_audit_ack *in);
void audit_on_silence(struct engine *e);
void drop_pending(struct engine *e, struct op_id op);

/* ---- chain.c ---- */
void chain_on_start(struct engine *e, const struct in_recovered *in);
void chain_on_ack(struct engine *e, const struct in_audit_ack *in);
void chain_on_record(struct engine *e, const struct in_audit_record *in);
void chain_on_checkpoint(struct engine *e, const struct in_checkpoint *in);
/* Suspends, and names the first bad entry. */
void chain_broken(struct engine *e, enum flaw flaw, int64_t sequence);
void chain_on_silence(struct engine *e);
void chain_scrub(struct engine *e);

/* ---- incident.c ---- */
void incident_on_alert(struct engine *e, const struct in_alert *in);
void suspect_on_metric(struct engine *e, uint32_t index, const struct in_query_result *in,
                       uint32_t part);
void incident_on_severity(struct engine *e, struct incident *i);
void incident_close(struct engine *e, struct incident *i, enum report_kind how);
void incident_hand_over(struct engine *e, struct incident *i, enum reason why, const char *what);
struct incident *incident_by_id(struct engine *e, struct incident_id id);
bool number_of(const struct in_query_result *in, int64_t *micro); /* false unless a number */

/* Is it one of so many that people have to look at the whole? */
bool incident_in_cascade(const struct engine *e, const struct incident *i);
/* Asks for its own figure, unless that is being asked already. */
void incident_look(struct engine *e, struct incident *i);
void incident_on_look(struct engine *e, struct incident *i, int64_t own);

/* ---- round.c ---- */
void round_begin(struct engine *e);
void round_on_timer(struct engine *e);

/* ---- diagnose.c ---- */
#define PART_SEVERITY UINT32_MAX /* a look at the incident's own figure, not a candidate's */
void diagnose_begin(struct engine *e, struct incident *i);
void diagnose_on_evidence(struct engine *e, const struct in_evidence *in);
void diagnose_on_metric(struct engine *e, struct incident *i, const struct in_query_result *in,
                        uint32_t part);
void diagnose_on_timeout(struct engine *e, struct incident *i);
void diagnose_confirmed(struct engine *e, struct incident *i, struct svc_id service);

/* ---- operation.c ---- */
void op_open(struct engine *e, struct incident *i);
void incident_wait(struct engine *e, struct incident *i,
                   time_ns wait); /* then op_open; 0: as policy says */
void op_move(struct engine *e, struct op *op, enum op_state to,
             const char *why); /* the only writer of op->state */
void op_end(struct engine *e, struct op *op, enum op_state how, enum cancel_reason cancel,
            const char *why);
/* Ends one of which nothing serves. */
void op_give_up(struct engine *e, struct op *op, enum cancel_reason cancel, const char *why);
/* By a person, whatever it does: back if something serves. The incident is the person's then. */
void op_refuse(struct engine *e, struct op *op, const char *why);
void op_pause(struct engine *e, struct op *op, enum reason why, enum message_form form,
              const char *what);
void op_resume(struct engine *e, struct op *op);
void op_go_on(struct engine *e, struct op *op); /* what it waited for is looked at anew */
bool op_stalled(const struct op *op);           /* it waits for nothing that could come */
void op_on_timer(struct engine *e, struct op *op, enum op_timer timer);
struct op *op_by_id(struct engine *e, struct op_id id);
bool op_may_act(const struct engine *e,
                const struct op *op); /* not suspended, all leases held with margin */
bool op_holds_locks(const struct op *op);
/* By our own clock: acting stops a margin before the first lease ends. */
time_ns lock_margin(const struct engine *e);
/* This very plan, this finding of it, and not too long ago. */
bool op_is_approved(const struct engine *e, const struct op *op, enum reason finding);
int64_t failed_operations(const struct engine *e, time_ns window);

/* ---- patch.c ---- */
void patch_begin(struct engine *e, struct op *op);
void patch_request(struct engine *e, struct op *op);
void patch_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);
void patch_on_reply(struct engine *e, const struct in_patch_reply *in);
void patch_on_checks(struct engine *e, const struct in_check_results *in);
void patch_on_timeout(struct engine *e, struct op *op);

/* ---- admit.c ---- */
void admit_begin(struct engine *e, struct op *op);
void admit_on_snapshot(struct engine *e, const struct in_registry_snapshot *in);
void admit_recheck(struct engine *e, struct op *op);
void admit_on_change(struct engine *e, const struct in_change *in);
void remember_change(struct engine *e, struct svc_id service, struct op_id op, time_ns at_wall,
                     bool running);
void persist_check(struct engine *e, struct op *op);
void persist_on_metric(struct engine *e, struct op *op, const struct in_query_result *in);
void rebase_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);

/* ---- lock.c ---- */
void lock_begin(struct engine *e, struct op *op);
void lock_next(struct engine *e, struct op *op);
void lock_on_reply(struct engine *e, const struct in_lock_reply *in);
void lock_on_wait_over(struct engine *e, struct op *op);
void lock_renew_all(struct engine *e, struct op *op);
void lock_lost(struct engine *e, struct op *op, const char *how);
void lock_release_all(struct engine *e, struct op *op);
void store_silent(struct engine *e, struct op *op);
void lock_note(struct engine *e, const struct op *op, enum severity severity, const char *what,
               const struct op_lock *lock, const struct text *detail);
void lock_back_off(struct engine *e, struct op *op);

/* ---- lock_watch.c ---- */
/* Why asking for the lock would break the canonical order; NULL: it would not. */
const struct op_lock *lock_order_broken(const struct op *op, const struct op_lock *wanted,
                                        struct text *why);
void lock_refuse(struct engine *e, struct op *op, const struct op_lock *wanted,
                 const struct text *why);
/* It waits from now: for itself, over others of this engine? */
void lock_watch(struct engine *e, struct op *op);
/* Before the locks are renewed: those whose last renewal nobody answered. */
void lock_health(struct engine *e, struct op *op);

/* ---- gates.c ---- */
void gates_begin(struct engine *e, struct op *op);
void gates_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                     uint32_t part);

/* ---- canary.c, verify.c, rollback.c ---- */
void canary_begin(struct engine *e, struct op *op);
void canary_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);
void canary_look(struct engine *e, struct op *op);
void canary_resume(struct engine *e, struct op *op);
void canary_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                      uint32_t part);
void verify_begin(struct engine *e, struct op *op);
void verify_look(struct engine *e, struct op *op);
void verify_on_silence(struct engine *e, struct op *op);
void verify_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                      uint32_t part);
struct proportion canary_counted_stable(const struct canary *c); /* since the stage began */

/* ---- canary_judge.c ---- */
struct canary_finding {
    struct proportion candidate, stable; /* own failures of what they answered */
    struct comparison errors, slow, abandoned;
    const char *breach; /* why it goes back; NULL */
    bool complete;      /* every figure is known: without that nothing is promoted */
};
void canary_judge(const struct engine *e, const struct op *op, struct canary_finding *out);
/* Takes the floor of memory that this look brought, if a window is over. */
void canary_grow(const struct engine *e, struct canary *c);
/* False when it may not act, or not now: a person is told, or asked. */
bool rollback_begin(struct engine *e, struct op *op, const char *why);
void rollback_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);
void rollback_again(struct engine *e, struct op *op, const char *why);
void rollback_failed(struct engine *e, struct op *op);

/* ---- messages.c ---- */
void tell(struct engine *e, enum severity severity, enum reason why, const struct incident *i,
          const struct op *op, const char *what);
/* A question; it escalates until it is answered. */
void op_ask(struct engine *e, struct op *op, enum message_form form, enum reason why,
            const char *what);
void incident_ask(struct engine *e, struct incident *i, enum message_form form,
                  enum severity severity, enum reason why, const struct hash *plan,
                  const char *what);
void op_unanswered(struct engine *e, struct op *op);
void incident_unanswered(struct engine *e, struct incident *i);
void op_answered(struct engine *e, struct op *op);
void incident_answered(struct engine *e, struct incident *i);
void messages_on_ack(struct engine *e, const struct in_notify_ack *in);

/* ---- people.c ---- */
void people_on_decision(struct engine *e, const struct in_person_decision *in);
void people_on_command(struct engine *e, const struct in_person_command *in);
void suspend(struct engine *e, enum reason why, const char *what);

/* ---- decision.c: the decision log ---- */
struct decision_note { /* a line of the decision log being written */
    struct eng_effect *effect;
    struct writer body;
    bool first_factor;
};
struct decision_note decide(struct engine *e, enum decision_kind kind, const struct incident *i,
                            const struct op *op);
void decide_factor(struct decision_note *d, const char *name, int64_t value_micro, const char *why);
void decide_end(struct decision_note *d, const char *choice, int64_t confidence_ppm,
                const char *reasoning);

void report(struct engine *e, enum report_kind kind, const struct incident *i, const struct op *op,
            int64_t detail);

#endif
