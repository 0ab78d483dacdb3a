/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_APP_PARTS_H
#define SIM_WORLD_APP_PARTS_H
/*
 * The application's state, for the files app*.c alone. Flat arrays, linked by index; what one visit
 * touches stands together: a call is one cache line, a pod's queue and clock another. Everything is
 * taken when the app is opened.
 *
 * One visit costs one event, the end of its slot: calls have no latency of their own, so a callee
 * begins, and a reply is taken, within the event that causes it.
 */
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "sim/world/app.h"
#include "sim/world/fact.h"

#define APP_NONE            UINT32_MAX
#define APP_QUEUE_MAX       1000 /* requests that wait for one pod's slots; more are refused */
#define APP_DEPTH_MAX       64   /* a call deeper than this is refused: the graph may have cycles */
#define APP_REVISIONS_EXTRA 1024 /* builds a run may make */
#define APP_LOG_LINES       (1u << 17) /* the newest failures; older lines are gone, as in any log */
#define APP_HISTOGRAM       176        /* log-linear, eight cells an octave, see truth.c */

/* How a visit ends; 0 is the good end. */
enum app_code { APP_OK, APP_OWN, APP_CALLEE_FAILED, APP_OVERLOADED, APP_CALLEE_TIMEOUT, APP_CODES };
static inline int app_http(enum app_code code) {
    static const int http[APP_CODES] = {HTTP_OK, HTTP_OWN_FAILURE, HTTP_CALLEE_FAILED,
                                        HTTP_OVERLOADED, HTTP_CALLEE_TIMEOUT};
    return http[code];
}
static inline bool app_own(enum app_code code) { return code == APP_OWN || code == APP_OVERLOADED; }

/* How a call ended for its caller. */
enum app_outcome { APP_ANSWERED, APP_FAILED, APP_TIMED_OUT, APP_OUTCOMES };

/* Upper bounds of the duration buckets; one more holds the rest. */
#define APP_BUCKETS 11
static const time_ns app_bucket_bounds[APP_BUCKETS - 1] = {
    5 * NS_PER_MS,   10 * NS_PER_MS,  25 * NS_PER_MS, 50 * NS_PER_MS,   100 * NS_PER_MS,
    250 * NS_PER_MS, 500 * NS_PER_MS, NS_PER_S,       2500 * NS_PER_MS, 5 * NS_PER_S,
};

/* A visit of one request at one service. */
struct app_call {
    time_ns arrived_at, deadline; /* deadline: its caller's, while it has one that waits */
    uint32_t pod;
    uint32_t parent, child; /* the visit that waits for this one; the one this waits for */
    uint32_t caller_edge;   /* the edge it came over; none: from a user */
    uint32_t edge;          /* of its own calls: which edge it is at, ... */
    uint32_t left;          /* how many more go over that edge */
    uint32_t attempts;      /* retries used for the present one */
    uint32_t before, after; /* among the calls that are awaited over caller_edge, oldest first */
    uint32_t next;          /* in its pod's queue; free calls: the next free one */
    uint32_t culprit;       /* service where what failed it began */
    uint8_t code, depth;
    bool lost; /* on its way: nobody works on it, its caller waits */
};

/* Counts that outlive their pod. */
struct app_past {
    uint64_t codes[APP_CODES], busy_ns;
    int64_t area_ns, sojourn_ns;
};

struct app_pod {
    uint32_t service, revision, position;
    uint32_t slots, busy, queued, queue_head, queue_tail;
    uint32_t in_flight;   /* accepted and not answered */
    uint32_t next;        /* among its service's retired pods; free pods: the next free one */
    bool retired, killed; /* killed: what it has in hand fails */
    time_ns ready_at;     /* it takes requests from then on */
    time_ns counted_at;   /* area and busy time are counted up to here */
    uint64_t busy_ns;     /* slots in use, over time */
    int64_t area_ns, sojourn_ns; /* queue and slots together */
    int64_t duration_ns;         /* of all visits, from arrival to answer */
    uint64_t arrived_sum;        /* arrival times of those in flight, modulo 2^64 */
    uint64_t abandoned;          /* requests whose callers gave up */
    uint64_t busy_told_ns;       /* busy time up to the last truth record */
    time_ns born_at;
    time_ns heap_period_ns, heap_phase_ns; /* its garbage collector's cycle */
    uint64_t codes[APP_CODES];             /* visits by their end */
    uint64_t buckets[APP_BUCKETS];         /* visits by duration, each in one bucket */
};

struct app_revision {
    uint32_t service, base;
    int64_t defects;               /* bit by fault */
    int64_t own_ppm;               /* its own error share; -1: the service's */
    time_ns own_wait_ns;           /* every request's */
    int64_t bad_from_ppm, bad_ppm; /* its own error share from that share of traffic on; 0: never */
    int64_t loop_ppm;              /* share of requests that a loop catches, ... */
    time_ns loop_ns;               /* ... and for how long */
    int64_t leak_bytes;            /* lost by each pod a minute */
    int64_t calls_ppm, calls_from_ppm; /* share of its calls that fail, from that share on */
    int64_t failing_calls_ppm;         /* now */
    /* what follows from these and the faults that are on */
    int64_t natural_ppm, error_ppm; /* without, with defects */
    uint32_t cause;                 /* the defect that makes the difference */
    time_ns wait_ns;
    int64_t waits;    /* the defects that add to it */
    time_ns fills_ns; /* until it has lost a pod's whole memory; 0: it loses none */
    uint32_t fills_by;
    uint32_t slots_max, slots_by; /* of a pod's slots it uses so many; none: all. By which defect */
    /* since the last truth record */
    uint32_t requests, failed, own_failed, timeouts;
    int64_t duration_ns;
    uint32_t in_flight; /* now */
};

/* What befalls a service beside its code, by which fault of those that are on; the worst counts. */
struct app_trouble {
    uint32_t slow, slow_pods, slow_by;         /* slots are held so many times as long */
    uint32_t handles, handle_pods, handles_by; /* requests at a time */
    uint32_t keys, keys_by;                    /* 0: pods take turns */
    uint32_t tries, tries_by;                  /* more, of a call to it that failed */
    uint32_t fills_pods, fills_by;             /* whose memory fills */
    struct prng draws;                         /* of keys */
};

struct app_service {
    struct app_trouble trouble;
    struct prng service_time, own_failure, traffic, loop, calls;
    const struct quantile_table *times;
    time_ns mean_ns;
    uint32_t slots, replicas;
    uint32_t first_position;
    uint32_t stable_pods, candidate_pods; /* positions: the stable ones first */
    uint32_t stable_turn, candidate_turn; /* round robin */
    uint32_t stable, candidate;           /* revisions; candidate 0: none */
    uint32_t former;                      /* what served all before stable; 0: nothing */
    uint32_t drained;                     /* places kept from requests */
    int64_t share_ppm;
    uint32_t first_edge, end_edge;
    uint32_t retired;     /* pods that finish what they have */
    uint32_t unreachable; /* places, from the middle one on */
    uint64_t unreached;   /* how often that mattered */
    struct app_past past;
};

struct app_edge {
    struct prng draws;
    uint32_t from, to;
    uint32_t counted_as; /* the first edge between the same two */
    uint32_t calls;      /* per request: as many always, and one more by chance */
    int64_t chance_ppm;
    uint32_t retries;
    bool async, armed;
    uint32_t cut_by; /* fault by which what goes over it is lost; none */
    time_ns timeout_ns;
    uint32_t oldest, newest; /* awaited calls; a constant timeout keeps their deadlines in order */
    uint64_t outcomes[APP_OUTCOMES];
};

struct app_entry {
    struct prng draws;
    uint32_t service;
    int64_t arrivals;
    uint32_t step; /* of the recorded load */
    struct sim_handle next;
};

/* Requests that a fault makes users send, at one service. */
struct app_burst {
    struct prng draws;
    struct sim_handle next;
    time_ns interarrival_ns;
};

struct app_log_line {
    time_ns at;
    uint32_t service, origin; /* where it failed, where that began */
    uint32_t fault;           /* of the plan, that caused it; none */
    uint8_t code;
};

struct app {
    const struct plan *plan;
    struct sim *sim;
    struct trace *trace;
    uint32_t first_owner;
    uint16_t arrive, slot_end, wait_end, expire, burst, dies; /* event kinds */

    struct app_service *services;
    struct app_edge *edges;
    uint32_t service_count, edge_count;

    struct app_pod *pods;
    uint32_t pod_max, pod_fresh, pod_free;
    uint32_t *position_pod; /* pod by position; a service's positions stand together */
    bool *place_drained;    /* by position: its pod is kept from requests */

    struct app_call *calls;
    uint32_t call_max, call_fresh, call_free;

    struct app_revision *revisions; /* by id; 0 unused */
    uint32_t revision_max, revision_count;
    uint32_t *histograms; /* APP_HISTOGRAM for each revision */

    bool fault_on[PLAN_DEFECTS_MAX];
    uint64_t fault_count[PLAN_DEFECTS_MAX];
    time_ns fault_began[PLAN_DEFECTS_MAX];
    struct sim_handle fault_next[PLAN_DEFECTS_MAX]; /* death of the processes it kills */
    uint32_t fault_turn[PLAN_DEFECTS_MAX];          /* how many it killed */
    struct app_burst *bursts;                       /* per fault; NULL without such */
    uint64_t *key_weights;                          /* of the first keys, added up */

    struct app_entry *entries;
    uint32_t entry_count;
    const struct quantile_table *interarrival;
    time_ns interarrival_ns;
    time_ns load_at;
    bool loaded;
    uint64_t request_count;

    struct app_log_line *log;
    uint64_t log_count;
    uint32_t *tally; /* scratch by service, all zero between uses */
};

/* How much of each there can be at one time; from the plan alone. */
struct app_sizes {
    uint32_t positions, pods, calls, entries;
};
struct app_sizes app_sizes(const struct plan *plan);
uint32_t app_replicas(const struct plan *plan, uint32_t service);
uint32_t app_slots(const struct plan *plan, uint32_t service);
uint32_t app_replicas_most(const struct plan *plan, uint32_t service);
uint32_t app_positions(const struct plan *plan, uint32_t service);
int64_t app_rate_milli(const struct plan *plan, uint32_t service); /* visits a second */
/* A stream's id within its purpose: of names, so that other services shift nobody's draws. */
uint64_t app_stream_id(const char *name, const char *other, uint32_t nth);

/* ---- app_pods.c: which pod serves ---- */
void pods_open(struct app *app, struct arena *arena, uint32_t positions);
void pods_place(struct app *app, uint32_t service); /* makes the pods what the shares ask for */
uint32_t pods_choose(struct app *app, uint32_t service);
/* The process at a place of the service is killed, and another one takes requests after so long.
 * fault: by which it is; APP_NONE: by order. */
void pods_kill(struct app *app, uint32_t service, uint32_t place, time_ns down_ns, uint32_t fault);
void pods_answered(struct app *app,
                   uint32_t pod); /* one request less; the last frees it if retired */
static inline bool pod_is_drained(const struct app *app, const struct app_pod *pod) {
    const struct app_service *s = &app->services[pod->service];
    return s->drained > 0 && app->place_drained[s->first_position + pod->position];
}
/* Counts busy and waiting time up to now; before any change of either. */
static inline void pod_count(struct app_pod *pod, time_ns now) {
    int64_t since = now - pod->counted_at;
    pod->counted_at = now;
    pod->busy_ns += (uint64_t)since * pod->busy;
    pod->area_ns += since * (pod->busy + pod->queued);
}

/* ---- app_memory.c: what a pod's process holds ---- */
void memory_begin(const struct app *app, struct app_pod *pod); /* a new pod's cycle */
int64_t memory_limit(const struct app *app, uint32_t service);
int64_t memory_used(const struct app *app, const struct app_pod *pod); /* up to the limit */
/* How long a request holds its slot where little memory is left. */
time_ns memory_slows(struct app *app, const struct app_pod *pod, time_ns takes);

bool pods_reachable(const struct app_service *service, uint32_t place);

/* ---- app_revisions.c ---- */
void revisions_open(struct app *app, struct arena *arena);
void revisions_shifted(struct app *app, uint32_t service); /* shares of its revisions changed */

/* ---- app_calls.c: visits ---- */
void calls_open(struct app *app, struct arena *arena);
void calls_enter(struct app *app, uint32_t service); /* a user's request */
void calls_drop_queue(struct app *app, uint32_t pod, uint32_t fault);

/* ---- app_trouble.c: what befalls a service beside its code ---- */
#define TROUBLE_KINDS 2 /* kernel handlers */
void troubles_open(struct app *app, struct arena *arena);
uint32_t troubles_events_max(const struct plan *plan);
void troubles_refresh(struct app *app, uint32_t service);
void trouble_begin(struct app *app, uint32_t fault);
void trouble_end(struct app *app, uint32_t fault);
/* Which of n pods has the key of the next request. */
uint32_t trouble_key(struct app *app, struct app_service *service, uint32_t n);
/* Of a pod's limit, what fills its memory beside what it needs. */
int64_t trouble_memory(const struct app *app, const struct app_pod *pod, int64_t limit);

/* ---- app_load.c ---- */
void load_open(struct app *app, struct arena *arena, const struct dist_tables *tables);

/* ---- app_truth.c ---- */
/* A visit ended, or was refused the moment it arrived. */
void truth_count(struct app *app, uint32_t pod, enum app_code code, time_ns arrived_at);

/* ---- app_observe.c ---- */
void observe_open(struct app *app, struct arena *arena);
void observe_failure(struct app *app, uint32_t service, enum app_code code, uint32_t origin,
                     uint32_t fault);

#endif
