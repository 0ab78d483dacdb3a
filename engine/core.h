/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_CORE_H
#define ENGINE_CORE_H
/*
 * The few verbs that the engine's parts share, on its state (state.h). Private to engine/.
 *
 * One part a file: incident.c notices, diagnose.c finds the cause, plan.c weighs the remedies,
 * patch.c gets a checked patch, mitigate.c carries out what is no patch,
 * admit.c registers and detects conflicts, fading.c says what others healed, lock.c locks,
 * lock_watch.c looks at that, gates.c judges, canary.c rolls out, verify.c watches, rollback.c goes
 * back, authority.c knows people, people.c hears their answers, command.c obeys, mode.c says how
 * far it may go, suspension.c stops all, messages.c asks, notify.c delivers, audit.c chains,
 * chain.c verifies, recover.c takes up what a crash left, operation.c moves states, round.c visits
 * all, door.c lets in. They meet here and only here.
 */
#include "engine/decision.h"
#include "engine/state.h"

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
struct incident *incident_slot(struct engine *e); /* a free one; NULL: all are in use */
void incident_on_alert(struct engine *e, const struct in_alert *in);
void suspect_on_metric(struct engine *e, uint32_t index, const struct in_query_result *in,
                       uint32_t part);
void incident_on_severity(struct engine *e, struct incident *i);
void incident_close(struct engine *e, struct incident *i, enum report_kind how);
void incident_hand_over(struct engine *e, struct incident *i, enum reason why, const char *what);
struct incident *incident_by_id(struct engine *e, struct incident_id id);
bool number_of(const struct in_query_result *in, int64_t *micro); /* false unless a number */

/* Is it one of so many that people have to look at the whole? */
int64_t incidents_in_breach(const struct engine *e);
/* Since its alert's first sample over the limit. A wall clock that stepped back since says less. */
static inline time_ns incident_lasts(const struct engine *e, const struct incident *i) {
    return e->wall > i->since_wall ? e->wall - i->since_wall : 0;
}
bool incident_in_cascade(const struct engine *e, const struct incident *i);
/* By which its symptom is measured, and over which it is a breach. */
enum query_kind symptom_query(enum symptom symptom);
int64_t breach_limit(const struct engine *e, enum symptom symptom);
void incident_on_look(struct engine *e, struct incident *i, int64_t own);

/* ---- fading.c: did somebody else heal it? ---- */
#define PART_GONE (UINT32_MAX - 3) /* its questions, of incidents and operations alike */
enum gone { GONE_NO, GONE_UNSURE, GONE_YES };
void gone_begin(struct gone_look *look, time_ns mono);
void gone_ask(struct engine *e, enum query_owner owner, uint32_t index, int64_t generation,
              const struct incident *i, struct gone_look *look);
bool gone_on_metric(const struct engine *e, struct gone_look *look,
                    const struct in_query_result *in, uint32_t part);  /* true: all have answered */
enum gone gone_judge(const struct engine *e, const struct incident *i, /* once a look */
                     struct gone_look *look);
int64_t requests_micro(const struct engine *e,
                       int64_t rate_micro); /* in a rate window, in millionths */
/* Is it one that others heal? It is then looked at until they did, or its alert fires again. */
bool fading_may(const struct engine *e, const struct incident *i);
void fading_begin(struct engine *e, struct incident *i);
void fading_on_timer(struct engine *e);
void fading_on_metric(struct engine *e, struct incident *i, const struct in_query_result *in,
                      uint32_t part);

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
struct op *op_take(struct engine *e); /* a free one; NULL: all are in use */
void op_limit_arm(struct engine *e, struct op *op, time_ns limit);
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
/* Why it cannot go on, whoever says so; NULL: it can. */
const char *op_resume_refused(const struct engine *e, const struct op *op);
void op_resume(struct engine *e, struct op *op);
/* What it does beside waiting for a person, while it does: what serves is watched on. */
enum op_step op_step_of(const struct op *op);
void op_step_set(struct op *op, enum op_step step);
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

/* What an approval, a gate's result and an intent are bound to. */
void plan_hash(struct op *op);

/* ---- plan.c, plan_record.c: which remedy ---- */
void plan_begin(struct engine *e, struct op *op);
void plan_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                    uint32_t part);
void plan_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);
void plan_on_silence(struct engine *e, struct op *op);
void plan_record(struct engine *e, struct op *op, const struct remedy_choice *choice);
/* Where the policy has nothing else, and nothing is asked. */
void plan_of_patch(struct engine *e, struct op *op);

/* ---- mitigate.c: a remedy beside the patch ---- */
void remedy_begin(struct engine *e, struct op *op);
void remedy_order(struct engine *e, struct op *op);
void remedy_order_back(struct engine *e, struct op *op, const char *why);
void remedy_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);
void remedy_helped(struct engine *e, struct op *op);
/* Of one that leaves nothing to take back; false: there is something. */
bool remedy_gives_up(struct engine *e, struct op *op, const char *why);
bool remedy_is_back(const struct op *op, const struct in_deployment *in);
void remedy_taken_back(struct engine *e, struct op *op);
/* Whether that carries it out (rather than take it back). */
bool remedy_is_order(const struct op *op, const struct eng_effect *effect);

/* ---- withdraw.c ---- */
void withdraw(struct engine *e, struct op_id op); /* whose intent may stand, and which has ended */
void withdraw_on_timer(struct engine *e);
void withdraw_on_snapshot(struct engine *e, const struct in_registry_snapshot *in);
void withdraw_strays(struct engine *e, const struct intents *intents);

/* ---- admit.c ---- */
void admit_begin(struct engine *e, struct op *op);
void admit_on_snapshot(struct engine *e, const struct in_registry_snapshot *in);
/* admit_record.c: what an operation was held against, what was found, what of it stands */
struct admission {
    const struct intents *intents;
    bool include_direct, approved; /* approved: a person, who was shown conflicts */
    const struct conflicts *found, *left;
};
void admit_record(struct engine *e, struct op *op, const struct admission *admission);
struct planned admit_planned(const struct op *op);
void admit_recheck(struct engine *e, struct op *op);
void admit_on_change(struct engine *e, const struct in_change *in);
/* When that was by the clock of this incarnation, which may not have run yet; now at the latest. */
time_ns mono_of(const struct engine *e, time_ns wall);
void remember_change(struct engine *e, struct svc_id service, struct op_id op, time_ns at_wall,
                     bool running);
/* The same, and what of it may be undone. */
void remember_revision(struct engine *e, const struct in_change *in);
void persist_check(struct engine *e, struct op *op);
void persist_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                       uint32_t part);
void persist_again(struct engine *e, struct op *op);
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

/* ---- recover.c: what a former incarnation left ---- */
void recover_on_entry(struct engine *e, const struct blob *body); /* verified, oldest first */
void recover_forget(struct engine *e); /* of a log that does not verify: nothing is taken up */
void recover_next(struct engine *e);
void recover_look(struct engine *e, struct op *op);
void recover_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);
void recover_restored(struct engine *e, struct incident *i);

/* ---- gates.c ---- */
void gates_begin(struct engine *e, struct op *op);
void gates_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                     uint32_t part);
/* ---- gates_record.c ---- */
struct gates_decision {
    enum action action;                /* ALLOW: it passes */
    bool approved;                     /* by a person, who was shown: */
    const struct gate_verdicts *shown; /* that, and so many failures in a row */
    int64_t shown_failures;
};
void gates_record(struct engine *e, struct op *op, const struct gates_decision *decision);

/* ---- canary.c, verify.c, rollback.c ---- */
void canary_begin(struct engine *e, struct op *op);
void canary_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in);
void canary_refused(struct engine *e, struct op *op, int64_t status);
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
    struct comparison errors, passed_on, slow, abandoned;
    const char *breach; /* why it goes back; NULL */
    bool complete;      /* every figure is known: without that nothing is promoted */
};
void canary_judge(const struct engine *e, const struct op *op, struct canary_finding *out);
void canary_record(struct engine *e, struct op *op, const struct canary_finding *found,
                   const char *choice, const char *why);
/* Takes the floor of memory that this look brought, if a window is over. */
void canary_grow(const struct engine *e, struct canary *c);

/* ---- spike.c: failures that pass through while a patch is verified ---- */
#define SPIKE_PART 16 /* its questions about callees begin here */
void spike_ask_before(struct engine *e, struct op *op, uint32_t part, enum query_kind query,
                      struct svc_id service, bool before);
bool spike_is_new(const struct engine *e, const struct spike *spike);
/* Asks about callees that others changed; false when there are none to ask about. */
bool spike_look_for_cause(struct engine *e, struct op *op);
void spike_on_metric(const struct engine *e, struct op *op, const struct in_query_result *in,
                     uint32_t part);
/* Who fails by itself more than before, after somebody's change; NULL: nobody. */
const struct spike_callee *spike_explained_by(const struct engine *e, const struct spike *spike);

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
void messages_on_acknowledgement(struct engine *e, const struct in_acknowledgement *in);

/* ---- notify.c: what becomes of a message ---- */
/* Routed by its severity, held back if its like was sent lately, followed until it is delivered
 * and, where the policy asks for that, acknowledged. Returns false when it was held back. */
bool notice_send(struct engine *e, const struct eff_notify *notice);
bool notice_acknowledged(struct engine *e, int64_t message); /* false: not one that is followed */
void notices_on_ack(struct engine *e, const struct in_notify_ack *in);
void notices_on_timer(struct engine *e);

/* ---- people.c, command.c; authority.h: who may ---- */
void people_on_decision(struct engine *e, const struct in_person_decision *in);
void people_on_command(struct engine *e, const struct in_person_command *in);
/* ---- mode.c ---- */
void mode_set(struct engine *e, enum mode mode);
/* In another mode than act nothing is deployed: what would have been is told. False: go on. */
bool mode_advises(struct engine *e, struct op *op);
/* What runs when the mode is no longer to act. True when it did something (of a round). */
bool mode_visit(struct engine *e, struct op *op);

/* ---- suspension.c ---- */
void suspension_lift(struct engine *e);
void suspend(struct engine *e, enum reason why, const char *what);

void report(struct engine *e, enum report_kind kind, const struct incident *i, const struct op *op,
            int64_t detail);

#endif
