/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/*
 * Pods stand at numbered positions of their service: the stable revision's first, the candidate's
 * after them. A change of shares replaces just the pods at positions that change hands.
 */

void pods_open(struct app *app, struct arena *arena, uint32_t positions) {
    app->pods = ARENA_NEW(arena, struct app_pod, app->pod_max);
    app->pod_free = APP_NONE;
    app->position_pod = ARENA_NEW(arena, uint32_t, positions);
    app->place_drained = ARENA_NEW(arena, bool, positions);
    for (uint32_t i = 0; i < positions; i++) app->position_pod[i] = APP_NONE;
}

static uint32_t pod_take(struct app *app) {
    uint32_t p = app->pod_free;
    if (p != APP_NONE) {
        app->pod_free = app->pods[p].next;
        return p;
    }
    ASSERT(app->pod_fresh < app->pod_max); /* more retired pods at one time than app_sizes allows */
    return app->pod_fresh++;
}

static uint32_t pod_new(struct app *app, uint32_t service, uint32_t position, uint32_t revision) {
    uint32_t p = pod_take(app);
    app->pods[p] = (struct app_pod){
        .service = service,
        .revision = revision,
        .position = position,
        .slots = app->services[service].slots,
        .counted_at = sim_now(app->sim),
        .born_at = sim_now(app->sim),
    };
    memory_begin(app, &app->pods[p]);
    return p;
}

/* A pod's counts outlive it in its service's. */
static void pod_free(struct app *app, uint32_t p) {
    struct app_pod *pod = &app->pods[p];
    struct app_past *past = &app->services[pod->service].past;
    for (int c = 0; c < APP_CODES; c++) past->codes[c] += pod->codes[c];
    past->busy_ns += pod->busy_ns;
    past->area_ns += pod->area_ns;
    past->sojourn_ns += pod->sojourn_ns;
    pod->next = app->pod_free;
    app->pod_free = p;
}

static void retired_remove(struct app *app, uint32_t p) {
    uint32_t *link = &app->services[app->pods[p].service].retired;
    while (*link != p) link = &app->pods[*link].next;
    *link = app->pods[p].next;
}

/* The pod takes no more requests; it is freed when it has answered those it has. */
static void pod_retire(struct app *app, uint32_t p) {
    struct app_pod *pod = &app->pods[p];
    if (pod->in_flight == 0) {
        pod_free(app, p);
        return;
    }
    struct app_service *s = &app->services[pod->service];
    pod->retired = true;
    pod->next = s->retired;
    s->retired = p;
}

void pods_answered(struct app *app, uint32_t p) {
    struct app_pod *pod = &app->pods[p];
    if (--pod->in_flight > 0 || !pod->retired) return;
    retired_remove(app, p);
    pod_free(app, p);
}

static uint32_t at_least_one(uint32_t n) { return n > 0 ? n : 1; }

static uint32_t pods_of_share(const struct app_service *s, int64_t share_ppm) {
    return share_ppm > 0 ? at_least_one((uint32_t)ppm_mul(s->replicas, share_ppm)) : 0;
}

/* The smallest share that has so many pods. */
static int64_t share_of_pods(const struct app_service *s, uint32_t pods) {
    return (pods * PPM_ONE + s->replicas - 1) / s->replicas;
}

static void pods_divide(struct app_service *s) {
    uint32_t n = s->replicas;
    s->stable_turn = s->candidate_turn = 0;
    s->stable_pods = n;
    s->candidate_pods = 0;
    if (s->candidate == 0) return;
    s->candidate_pods = pods_of_share(s, s->share_ppm);
    s->stable_pods = at_least_one(n - s->candidate_pods);
}

void pods_place(struct app *app, uint32_t service) {
    struct app_service *s = &app->services[service];
    pods_divide(s);
    uint32_t positions = app_positions(app->plan, service);
    for (uint32_t i = 0; i < positions; i++) {
        uint32_t revision = i < s->stable_pods                       ? s->stable
                            : i < s->stable_pods + s->candidate_pods ? s->candidate
                                                                     : 0;
        uint32_t *pod = &app->position_pod[s->first_position + i];
        if (*pod != APP_NONE && app->pods[*pod].revision == revision) continue;
        if (*pod != APP_NONE) pod_retire(app, *pod);
        *pod = revision ? pod_new(app, service, i, revision) : APP_NONE;
    }
}

/* Of those that take requests, by turns or by the request's key; one that does not, where none
 * does.
 */
static uint32_t pods_turn(struct app *app, struct app_service *s, uint32_t first, uint32_t n,
                          uint32_t *turn) {
    time_ns now = sim_now(app->sim);
    uint32_t at = s->trouble.keys > 0 ? trouble_key(app, s, n) : *turn;
    for (uint32_t tried = 0;; tried++) {
        uint32_t p = app->position_pod[first + at];
        at = at + 1 < n ? at + 1 : 0;
        bool takes = app->pods[p].ready_at <= now && !pod_is_drained(app, &app->pods[p]);
        if (!takes && tried < n) continue;
        *turn = at;
        return p;
    }
}

/* The revision by chance, one draw always. */
uint32_t pods_choose(struct app *app, uint32_t service) {
    struct app_service *s = &app->services[service];
    if (prng_chance(&s->traffic, s->share_ppm))
        return pods_turn(app, s, s->first_position + s->stable_pods, s->candidate_pods,
                         &s->candidate_turn);
    return pods_turn(app, s, s->first_position, s->stable_pods, &s->stable_turn);
}

void pods_kill(struct app *app, uint32_t service, uint32_t place, time_ns down_ns, uint32_t fault) {
    uint32_t *at = &app->position_pod[app->services[service].first_position + place];
    uint32_t killed = *at;
    if (killed == APP_NONE) return;
    *at = pod_new(app, service, place, app->pods[killed].revision);
    app->pods[*at].ready_at = time_add(sim_now(app->sim), down_ns);
    app->pods[killed].killed = true;
    if (fault != APP_NONE) app->fault_count[fault]++;
    pod_retire(app, killed);
    calls_drop_queue(app, killed, fault);
}

uint32_t app_pods(const struct app *app, struct svc_id service, struct revision_id revision) {
    const struct app_service *s = &app->services[service.v];
    if (revision.v == s->stable) return s->stable_pods;
    return s->candidate != 0 && revision.v == s->candidate ? s->candidate_pods : 0;
}

void app_shift(struct app *app, struct svc_id service, struct revision_id candidate,
               int64_t share_ppm) {
    ASSERT(service.v < app->service_count && share_ppm >= 0 && share_ppm <= PPM_ONE);
    ASSERT(candidate.v == 0 || ID_EQ(app_revision_service(app, candidate), service));
    struct app_service *s = &app->services[service.v];
    bool whole = share_ppm == PPM_ONE, none = share_ppm == 0 || candidate.v == s->stable;
    ASSERT(candidate.v != 0 || none);
    if (whole && s->stable != candidate.v) s->former = s->stable;
    if (whole) s->stable = candidate.v;
    s->candidate = whole || none ? 0 : candidate.v;
    s->share_ppm = whole || none ? 0 : share_ppm;
    pods_place(app, service.v);
    revisions_shifted(app, service.v);
}

/* ---- reach ---- */

static uint32_t unreachable_first(const struct app_service *s) {
    uint32_t middle = s->replicas / 2, last = s->replicas - s->unreachable;
    return middle < last ? middle : last;
}

bool pods_reachable(const struct app_service *s, uint32_t place) {
    uint32_t first = unreachable_first(s);
    return place < first || place >= first + s->unreachable;
}

void app_unreach(struct app *app, struct svc_id service, uint32_t count) {
    ASSERT(service.v < app->service_count && count <= app->services[service.v].replicas);
    app->services[service.v].unreachable = count;
}

uint64_t app_unreached_count(const struct app *app, struct svc_id service) {
    return app->services[service.v].unreached;
}

bool app_reached(struct app *app, struct svc_id service, uint32_t place) {
    struct app_service *s = &app->services[service.v];
    bool reached = pods_reachable(s, place);
    if (!reached) s->unreached++;
    return reached;
}

uint32_t app_pods_at(const struct app *app, struct svc_id service, int64_t share_ppm) {
    return pods_of_share(&app->services[service.v], share_ppm);
}

int64_t app_reach(struct app *app, struct svc_id service, struct revision_id candidate,
                  int64_t share_ppm) {
    struct app_service *s = &app->services[service.v];
    uint32_t has = candidate.v == s->candidate ? s->candidate_pods : 0;
    uint32_t wanted = pods_of_share(s, share_ppm);
    while (has != wanted) {
        bool grows = has < wanted;
        if (!pods_reachable(s, grows ? s->replicas - 1 - has : s->replicas - has)) break;
        has = grows ? has + 1 : has - 1;
    }
    if (has == wanted) return share_ppm;
    s->unreached++;
    return share_of_pods(s, has);
}

/* ---- totals ---- */

static void totals_add_pod(const struct app *app, uint32_t p, struct app_past *sum,
                           struct app_totals *out) {
    struct app_pod pod = app->pods[p];
    pod_count(&pod, sim_now(app->sim));
    for (int c = 0; c < APP_CODES; c++) sum->codes[c] += pod.codes[c];
    sum->busy_ns += pod.busy_ns;
    sum->area_ns += pod.area_ns;
    sum->sojourn_ns += pod.sojourn_ns;
    out->in_flight += pod.in_flight;
}

void app_totals(const struct app *app, struct svc_id service, struct app_totals *out) {
    const struct app_service *s = &app->services[service.v];
    struct app_past sum = s->past;
    *out = (struct app_totals){0};
    for (uint32_t i = 0; i < s->stable_pods + s->candidate_pods; i++)
        totals_add_pod(app, app->position_pod[s->first_position + i], &sum, out);
    for (uint32_t p = s->retired; p != APP_NONE; p = app->pods[p].next)
        totals_add_pod(app, p, &sum, out);
    for (int c = 0; c < APP_CODES; c++) out->requests += sum.codes[c];
    out->failed = out->requests - sum.codes[APP_OK];
    out->own_failed = sum.codes[APP_OWN] + sum.codes[APP_OVERLOADED];
    out->busy_slot_ns = sum.busy_ns;
    out->area_ns = sum.area_ns;
    out->sojourn_sum_ns = sum.sojourn_ns;
}
