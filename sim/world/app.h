/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_APP_H
#define SIM_WORLD_APP_H
/*
 * The simulated application: services with pods and revisions, request by request. Requests arrive
 * from users at the entrypoints, are balanced over pods, wait for one of a pod's slots first-in
 * first-out, hold it for the service time, then call the service's callees one after the other
 * (without holding the slot); asynchronous calls are sent and forgotten. A call that fails or times
 * out makes its caller fail too (status 502 or 504), after the call's retries. A revision fails by
 * its own share (500); a full queue refuses (503). Statuses are counted where they happen. A
 * request fails by itself after its slot and before it calls anybody; one whose caller gave up runs
 * to its end and answers nobody; a call more than 64 deep is refused, since the graph may have
 * cycles. Links between services take no time of their own.
 *
 * Random streams are named by purpose and by the services' names: adding a service, or changing a
 * share, shifts nobody else's draws.
 *
 * A revision carries defects (faults of the plan, by number). A defect acts while its fault is on
 * and a revision that carries it serves. own error share = max of the service's, the revision's
 * own, and those of its active defects; latency defects add a wait that holds no slot.
 *
 * Traffic: "stable" serves 1 - share, "candidate" share. Pods follow: candidate pods = max(1,
 * floor(replicas * share)), at least one stable pod while share < 1. A moved pod is a new pod with
 * its own counters; the old one finishes what it has.
 */
#include "scenarios/words/plan.h"
#include "sim/kernel/sim.h"
#include "sim/world/dist.h"

struct app;
struct trace;

struct app *
app_open(struct arena *arena, const struct plan *plan, const struct dist_tables *tables,
         struct sim *sim, struct trace *trace,
         uint32_t first_owner); /* owners used: app_owner_count(plan) from first_owner */
uint32_t app_owner_count(const struct plan *plan);
uint32_t app_kind_count(void); /* kernel handlers it registers */
uint32_t app_events_max(const struct plan *plan);
void app_start(struct app *app);     /* arrivals begin */
void app_stop_load(struct app *app); /* no further arrivals; those under way finish */

/* ---- revisions and traffic ---- */
struct revision_id app_serving(const struct app *app, struct svc_id service); /* stable */
struct revision_id app_candidate(const struct app *app, struct svc_id service,
                                 int64_t *share_ppm); /* v = 0: none */
/* A build made on base: carries base's defects less those in fixes, fails by error_ppm if >= 0,
 * waits latency_ns more. */
struct revision_id app_revision_make(struct app *app, struct svc_id service,
                                     struct revision_id base, int64_t fixes, int64_t error_ppm,
                                     time_ns latency_ns);
/* Once it serves share_ppm or more, the revision fails by error_ppm of its own: as a build does
 * that meets its real load only then. */
void app_revision_bad_from(struct app *app, struct revision_id revision, int64_t share_ppm,
                           int64_t error_ppm);
/* A share of its requests falls into a loop that burns CPU in its slot for loop_ns; each of its
 * pods loses leak_bytes of memory a minute, until its limit is reached. */
void app_revision_burden(struct app *app, struct revision_id revision, int64_t loop_ppm,
                         time_ns loop_ns, int64_t leak_bytes);
/* Of its calls this share fails whatever the callee does, once it serves from_ppm or more: as a
 * client does that its callees no longer understand. */
void app_revision_failing_calls(struct app *app, struct revision_id revision, int64_t ppm,
                                int64_t from_ppm);
/* Whether there is such a build of the service; what follows holds for builds there are. */
bool app_revision_known(const struct app *app, struct svc_id service, struct revision_id revision);
struct svc_id app_revision_service(const struct app *app, struct revision_id revision);
struct revision_id app_revision_base(const struct app *app, struct revision_id revision);
int64_t app_revision_defects(const struct app *app, struct revision_id revision);
/* candidate serves share from now on; share 1e6 makes it stable. candidate 0 with share 0 takes the
 * candidate out. */
void app_shift(struct app *app, struct svc_id service, struct revision_id candidate,
               int64_t share_ppm);
uint32_t app_pods(const struct app *app, struct svc_id service, struct revision_id revision);

/* ---- pods that deploy target and metrics cannot reach, while callers can ---- */
/* count pods, from the middle place of the service on; 0: all can be reached again. */
void app_unreach(struct app *app, struct svc_id service, uint32_t count);
/* Whether the deploy target reaches the pod at a place; where not, that stops it, and is counted.
 */
bool app_reached(struct app *app, struct svc_id service, uint32_t place);
/* How often that stopped an order or made a scrape fail, since the start. */
uint64_t app_unreached_count(const struct app *app, struct svc_id service);
/* The share that the candidate gets when it is rolled out to share_ppm now. A rollout takes places
 * from the last to the first, gives them back from the first to the last, and stops at one that it
 * cannot reach. */
int64_t app_reach(struct app *app, struct svc_id service, struct revision_id candidate,
                  int64_t share_ppm);
/* Pods that the revision has when it serves the share. */
uint32_t app_pods_at(const struct app *app, struct svc_id service, int64_t share_ppm);

/* ---- pods one by one: restarted, added, kept from requests (app_remedies.c) ---- */
/* What served all before the present stable revision; v = 0: nothing. */
struct revision_id app_former(const struct app *app, struct svc_id service);
uint32_t app_replicas_now(const struct app *app, struct svc_id service);
/* A service may be scaled to so many. */
uint32_t app_replicas_limit(const struct app *app, struct svc_id service);
/* So many pods stand from now on; those that are new take requests at once. */
void app_scale(struct app *app, struct svc_id service, uint32_t replicas);
/* The pod at that place is kept from requests, or gets them again; what it has it answers. */
void app_drain(struct app *app, struct svc_id service, uint32_t place, bool out);
uint32_t app_drained(const struct app *app, struct svc_id service);
/* The process at that place ends and begins anew: memory, counters and what was under way are
 * gone, and it takes requests after start_ns. */
void app_restart(struct app *app, struct svc_id service, uint32_t place, time_ns start_ns);

/* ---- faults ---- */
void app_defect_on(struct app *app,
                   uint32_t fault); /* all revisions of the service that exist now carry it */
void app_defect_off(struct app *app, uint32_t fault);
uint64_t app_defect_count(const struct app *app,
                          uint32_t fault); /* requests that failed or waited because of it */

/* Calls between the two sides of a fault's cut are lost from now on, or not any more; then how many
 * were. */
void app_part(struct app *app, uint32_t fault);
uint64_t app_join(struct app *app, uint32_t fault);

/* ---- what can be observed, over the window that ends now. Lines of failed requests only: the
 * newest 131,072 of the whole application are kept ---- */
struct app_log {
    uint64_t own_failures;
    uint32_t top_fault;
    uint64_t top_count;
}; /* top_fault UINT32_MAX: failures without a cause in the plan */
void app_log(const struct app *app, struct svc_id service, time_ns window_ns, struct app_log *out);
/* Where failing requests that pass through service begin: the service where most of them do, their
 * share of all failing there in ppm, and their number; none when nothing failed. A request that
 * timed out began to fail at the deepest call that was open. */
struct svc_id app_trace_culprit(const struct app *app, struct svc_id service, time_ns window_ns,
                                int64_t *share_ppm, uint64_t *count);

/* ---- truth, each second, in the trace; and counts ---- */
/* Writes a record per service and revision that did anything since the last, then starts anew.
 * Durations are from arrival to answer; timeouts are calls to the revision that callers gave up;
 * cpu and memory are shares of the limits of its pods that take requests. */
void app_truth(struct app *app);
uint64_t app_request_count(const struct app *app); /* from users; visits are in the totals */
struct app_totals {
    uint64_t requests, failed, own_failed, in_flight;
    int64_t sojourn_sum_ns;
    uint64_t busy_slot_ns;
    int64_t area_ns;
};
/* Of a service since the start; area = integral of the number in the service (queue + slots), for
 * Little's law. sojourn: queue + slot time. in_flight: accepted and not answered, so also those
 * that wait for callees. */
void app_totals(const struct app *app, struct svc_id service, struct app_totals *out);

/* ---- metrics: the pods' counters as the scrape sees them ---- */
struct prom;
struct app_metrics;
/* Registers series, appends the history before t = 0, then scrape() appends one sample for each
 * series of each pod that lives. Names and labels: http_requests_total{service,pod,revision,code},
 * http_request_duration_seconds_bucket{...,le} with _sum and _count,
 * http_client_requests_total{service,callee,outcome="ok|failed|timeout"},
 * process_cpu_seconds_total{service,pod,revision}, process_resident_memory_bytes,
 * container_cpu_limit_cores, container_memory_limit_bytes, container_disk_used_ratio,
 * http_requests_in_flight, http_requests_in_flight_seconds (their ages, added up),
 * http_requests_abandoned_total (their callers gave up: the connection was closed),
 * up{job="services",...}, which is 0 and alone while a pod cannot be reached. All codes are there
 * from a pod's start, at 0. Pods are called SERVICE-rREVISION-PLACE, revisions rREVISION; a place
 * that changes hands ends the former pod's series with stale markers. The history is
 * http_requests_total of pod "history", codes 200 and 500, in steps of five minutes, stale from t =
 * 0. One scrape an instant. */
/* The label "le" of the smallest bucket of durations that is not below the limit. */
const char *app_metrics_bucket(time_ns limit);
struct app_metrics *app_metrics_open(struct arena *arena, struct app *app, const struct plan *plan,
                                     struct prom *prom);
uint32_t app_metrics_series_max(const struct plan *plan);
void app_metrics_scrape(struct app_metrics *metrics, time_ns now);

/* Faults in the path of a service's scrapes, from now on until it is taken back with the same
 * value; a reset happens once. Both return how many scrapes of pods it has bent so far. Only where
 * the plan has such a fault. */
enum metrics_bend {
    BEND_GAP,         /* no scrape takes place */
    BEND_FROZEN,      /* every value stays */
    BEND_RESET,       /* counters begin at 0 */
    BEND_NAN,         /* no value is a number */
    BEND_LATE,        /* value: ns that samples are said to be older than they are */
    BEND_NOISE,       /* value: ppm of each step, more or less */
    BEND_MISLABELLED, /* a candidate's samples carry the stable revision */
    BEND_COUNT
};
uint64_t app_metrics_bend(struct app_metrics *metrics, struct svc_id service, enum metrics_bend how,
                          int64_t value);
uint64_t app_metrics_unbend(struct app_metrics *metrics, struct svc_id service,
                            enum metrics_bend how, int64_t value);

#endif
