/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_INTERNAL_H
#define SIM_WORLD_INTERNAL_H
/*
 * How the parts of the control plane see each other; nobody outside sim/world includes this.
 *
 * Nodes are numbered: engines 0 .. n-1, then enum plan_node. Each node is one owner in the kernel's
 * order; one further owner, world_owner(), bends the world and watches it. A part registers the
 * effects it serves with the network (network_serve) and answers by network_reply. Nothing reaches
 * a part, and no answer reaches an engine, but through the network: what it drops is silence.
 *
 * Ties: at one instant a node handles what is delivered before its timers, so a renewal that
 * arrives in the nanosecond in which a lock ends still counts.
 *
 * A link decides about a message when it is sent; what is under way when a link is cut arrives.
 *
 * Every part takes its memory in its open function. A limit reached is a bug that names the limit.
 */
#include "sim/world/app.h"
#include "sim/world/fact.h"
#include "sim/world/world.h"

/* A source of evidence: while one fault or more keeps it down, it answers errors. */
struct source_state {
    uint32_t down;    /* by so many faults */
    uint64_t refused; /* questions, so far */
};

struct world {
    const struct plan *plan;
    struct sim *sim;
    struct prom *prom;
    struct trace *trace;
    struct world_hooks hooks;
    struct dist_tables *tables;
    struct app *app;
    struct network *network;
    struct clocks *clocks;
    struct patch_service *patches;
    struct metrics_node *metrics;
    struct faults *faults;
    struct rollouts *rollouts;
    struct swizzles *swizzles;
    struct lock_store *locks;
    struct people *people;
    struct desk *desk;
    struct source_state sources[SOURCE_COUNT];
    struct log_store *logs;
    struct processes *processes;
    uint16_t truth_kind, begin_kind;
};

static inline uint32_t world_node(const struct world *world, enum plan_node node) {
    return world->plan->engine_count + (uint32_t)node;
}
static inline uint32_t world_node_count(const struct plan *plan) {
    return plan->engine_count + NODE_SERVICE_COUNT;
}
static inline uint32_t world_owner(const struct world *world) {
    return world_node_count(world->plan);
}

/* ---- network.c: the links, and who serves what ---- */
#define NETWORK_MESSAGES_MAX 4096 /* under way at one time */

/* A message arrived and the node's service time is over. */
typedef void (*node_serve)(void *part, uint32_t engine, const struct eng_effect *effect);

void network_open(struct world *world, struct arena *arena);
void network_serve(struct world *world, enum effect_kind kind, enum plan_node node,
                   time_ns takes_ns, node_serve serve, void *part);
/* Evidence is asked of two nodes by one effect; this registers the one for traces. */
void network_serve_traces(struct world *world, time_ns takes_ns, node_serve serve, void *part);
/* False when no node serves it. */
bool network_send(struct world *world, uint32_t engine, const struct eng_effect *effect);
void network_reply(struct world *world, enum plan_node from, uint32_t engine,
                   const struct eng_input *input);
/* Says in the trace that one was lost, for whoever loses it. */
void network_dropped(struct world *world, uint32_t from, uint32_t to, const char *what);
/* From the engine's own host: crosses no link, is never lost. */
void network_local(struct world *world, uint32_t engine, const struct eng_input *input);
/* Fills in the envelope and gives an input to its engine, now. */
void network_hand_over(struct world *world, uint32_t engine, const struct eng_input *input);

#define NODE_ANY UINT32_MAX
/* A rule bends messages from one node to another. Every rule that matches is asked, in order of
 * its number: the first that drops wins, what slows adds up. From and to NODE_ANY: of no link, but
 * of the nodes that it clogs. */
struct link_rule {
    uint32_t from, to; /* from NODE_ANY: whoever sends there */
    bool both_ways;
    int64_t loss_ppm; /* 1e6: a cut, which draws no random number */
    uint32_t burst;   /* losses come in bursts of so many messages on the mean; 0: each by itself */
    time_ns flap_ns;  /* it loses for so long, then nothing for as long, in turns; 0: always */
    time_ns slow_ns;
    time_ns jitter_ns; /* slower by up to so much, each by chance: they overtake each other */
    int64_t twice_ppm; /* share that is delivered twice */
    bool clogs;        /* what is sent is held until it is healed */
};
void network_bend(struct world *world, uint32_t rule, const struct link_rule *link);
/* A rule that clogs does so for this node, too, in both directions; or not any more. */
void network_clog(struct world *world, uint32_t rule, uint32_t node, bool clogs);
uint64_t network_heal(struct world *world, uint32_t rule); /* how many messages it touched */

/* ---- clock.c: the nodes' clocks, the engines' timers ---- */
#define CLOCK_TIMERS_MAX 1024 /* armed at one time, per engine */

void clock_open(struct world *world, struct arena *arena);
/* From now on; armed timers follow. Steps are made once; a clock gains so many parts in 1e9 (-1e9:
 * it stands still); it is shown in whole ticks (0: as it is). A monotonic clock never goes back. */
struct clock_bend {
    time_ns wall_step_ns, mono_step_ns;
    int64_t wall_drift_ppb, mono_drift_ppb;
    time_ns wall_tick_ns, mono_tick_ns;
};
void clock_bend(struct world *world, uint32_t node, const struct clock_bend *bend);
/* How often a node read its wall or monotonic clock since a fault began. */
void clock_reads_begin(struct world *world, uint32_t node, uint32_t fault);
uint64_t clock_reads_end(struct world *world, uint32_t node, uint32_t fault, bool mono);
/* clock_faults.c: verbs of the fault table. */
void clock_fault_begin(struct world *world, uint32_t fault);
uint64_t clock_fault_end(struct world *world, uint32_t fault);
/* The first simulated time at which the node's monotonic clock shows mono; TIME_NEVER if beyond. */
time_ns clock_when(const struct world *world, uint32_t node, time_ns mono);
void clock_arm(struct world *world, uint32_t engine, const struct eff_arm_timer *arm);
void clock_forget(struct world *world, uint32_t engine); /* all its timers */
void clock_cancel(struct world *world, uint32_t engine, const struct eff_cancel_timer *cancel);

/* ---- the nodes ---- */
#define LOCKS_HELD_MAX    512
#define LOCKS_WAITING_MAX 512
void lock_store_open(struct world *world, struct arena *arena);
/* An operator asks for a lock by hand, queues when another holds it, and keeps it without a lease
 * until it is given back: that returns how many requests it kept waiting. One for each fault. */
void lock_store_seize(struct world *world, uint32_t fault, enum lock_scope scope, int64_t name);
uint64_t lock_store_give_back(struct world *world, uint32_t fault);
/* An engine's process is gone: what dies with its holder is free. */
void lock_store_process_ended(struct world *world, uint32_t engine);
void lock_store_clock_bent(struct world *world); /* the store's own */
/* lock_faults.c: verbs of the fault table. */
void lock_fault_lose(struct world *world, uint32_t fault); /* the next messages of a kind */
void lock_fault_bend(struct world *world, uint32_t fault); /* looked at where it acts */
uint64_t lock_fault_heal(struct world *world, uint32_t fault);
void lock_fault_failover(struct world *world, uint32_t fault);
uint64_t lock_fault_failed_over(struct world *world, uint32_t fault);
void lock_fault_split(struct world *world, uint32_t fault);
uint64_t lock_fault_joined(struct world *world, uint32_t fault);
void lock_fault_regress(struct world *world, uint32_t fault);
void lock_fault_delete(struct world *world, uint32_t fault);
void deploy_target_open(struct world *world, struct arena *arena);

#define PATCHES_PENDING_MAX 256
#define PATCHES_MADE_MAX    1024
void patch_service_open(struct world *world, struct arena *arena);
/* The answer of the plan that made the revision; NULL when the patch service did not make it. */
const struct plan_answer *patch_service_answer(const struct world *world,
                                               struct revision_id revision);
void ci_service_open(struct world *world);
void evidence_open(struct world *world);

void change_feed_start(struct world *world); /* the plan's history */
void change_feed_publish(struct world *world, const struct in_change *change);
/* A deployment of a service, by other people, that ended so long before this moment. */
void change_feed_past(struct world *world, struct svc_id service, enum op_kind kind,
                      const char *author, time_ns before_ns);

#define LOG_STORE_ENTRIES_MAX                                                                      \
    8192 /* kept for reading back, per engine; older ones are archived                             \
          */
void log_store_open(struct world *world, struct arena *arena);
void log_store_start(struct world *world); /* what stands in the logs from before the run */
/* Where an engine's chain stands; and its newest checkpoint, false if there is none. */
void log_store_head(const struct world *world, uint32_t engine, int64_t *sequence,
                    struct hash *head);
bool log_store_checkpoint(const struct world *world, uint32_t engine, struct in_checkpoint *out);
/* Faults: each returns, when it ends, how often it showed. */
void log_store_alter(struct world *world, uint32_t fault);
uint64_t log_store_mend(struct world *world, uint32_t fault);
void log_store_cut(struct world *world, uint32_t fault);
uint64_t log_store_was_cut(struct world *world, uint32_t fault);
void log_store_intrude(struct world *world, uint32_t fault);
uint64_t log_store_intruded(struct world *world, uint32_t fault);
void log_store_refuse(struct world *world, uint32_t fault);
uint64_t log_store_accept(struct world *world, uint32_t fault);

/* ---- process.c: engines as processes ---- */
void processes_open(struct world *world, struct arena *arena);
/* Whether it hears this now; if it is stopped, it will later. */
bool process_hears(struct world *world, uint32_t engine, const struct eng_input *input);
/* Whether this leaves it now; if it is stopped, it will later. */
bool process_sends(struct world *world, uint32_t engine, const struct eng_effect *effect);
void process_entry_stored(struct world *world, uint32_t engine, enum category category);
int64_t process_incarnation(const struct world *world, uint32_t engine);
void process_crash(struct world *world, uint32_t fault);
uint64_t process_revive(struct world *world, uint32_t fault);
void process_trap_entry(struct world *world, uint32_t fault);
uint64_t process_spring_entry(struct world *world, uint32_t fault);
void process_trap_order(struct world *world, uint32_t fault);
uint64_t process_spring_order(struct world *world, uint32_t fault);
void process_trap_zombie(struct world *world, uint32_t fault);
uint64_t process_lay_zombie(struct world *world, uint32_t fault);
void process_stop(struct world *world, uint32_t fault);
uint64_t process_go_on(struct world *world, uint32_t fault);
/* world.c: what a new incarnation is told first. */
void world_tell_past(struct world *world, uint32_t engine);

#define PEOPLE_READING_MAX 256
void people_open(struct world *world, struct arena *arena);
/* An approval of that plan as this person gives one: its number, when it was given, and perhaps
 * another plan than meant. */
void people_approve(struct world *world, uint32_t person, struct hash *plan, int64_t *number,
                    int64_t *issued_wall);

/* ---- desk.c: where people see what engines do, and command ---- */
void desk_open(struct world *world, struct arena *arena);
void desk_show(struct world *world, uint32_t engine, const struct eng_effect *effect);
void desk_command(struct world *world, uint32_t fault);  /* as the plan says of the fault */
uint64_t desk_told(struct world *world, uint32_t fault); /* how many engines were */

void metrics_node_open(struct world *world, struct arena *arena);
void metrics_node_start(struct world *world);
struct app_metrics *metrics_node_scraped(struct world *world); /* where its samples come from */

/* ---- fault.c ---- */
void fault_open(struct world *world, struct arena *arena);
void fault_start(struct world *world);
bool fault_is_on(const struct world *world, uint32_t fault);
time_ns fault_began_at(const struct world *world, uint32_t fault);
static inline const struct plan_fault *world_fault(const struct world *world, uint32_t fault) {
    return &world->plan->faults[fault];
}
uint32_t fault_heal_all(struct world *world); /* how many were on */
/* It ended by itself, before its time. */
void fault_over(struct world *world, uint32_t fault);
/* Whether a fault of the kind is on at the service; it acted then. */
bool fault_spoils(struct world *world, enum fault_kind kind, struct svc_id service);
/* The first fault of the kind that is on, of that service or of none; NONE_ID: there is none.
 * Whoever lets it act says so. */
uint32_t fault_found(const struct world *world, enum fault_kind kind, struct svc_id service);
void fault_acts(struct world *world, uint32_t fault);
/* Faults that begin on what an engine reports or orders. */
void fault_on_effect(struct world *world, const struct eng_effect *effect);

/* ---- rollout.c: verbs of the fault table ---- */
/* ---- swizzle.c: verbs of the fault table ---- */
void swizzle_open(struct world *world, struct arena *arena);
void swizzle_begin(struct world *world, uint32_t fault);

void rollout_open(struct world *world, struct arena *arena);
void rollout_begin(struct world *world, uint32_t fault);
uint64_t rollout_take_back(struct world *world, uint32_t fault); /* how many steps were made */

#endif
