/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/*
 * A visit: queue, slot, its own failure or not, an added wait, its calls one after the other, its
 * answer. No step recurses: an answer walks up from callee to caller in one loop, so neither deep
 * graphs nor cycles can exhaust the stack.
 */

/* What a visit does next, beside the ways it can end. */
enum { GO_ON = APP_CODES, UNDER_WAY };

static uint32_t owner_of(const struct app *app, uint32_t service) {
    return app->first_owner + service;
}

/* ---- calls ---- */

static uint32_t call_take(struct app *app) {
    uint32_t i = app->call_free;
    if (i != APP_NONE) {
        app->call_free = app->calls[i].next;
        return i;
    }
    return app->call_fresh < app->call_max ? app->call_fresh++ : APP_NONE;
}

static void call_give(struct app *app, uint32_t i) {
    app->calls[i].next = app->call_free;
    app->call_free = i;
}

/* ---- slots ---- */

static void slot_begin(struct app *app, struct app_pod *pod, uint32_t i, time_ns now) {
    struct app_service *s = &app->services[pod->service];
    pod->busy++;
    const struct app_revision *r = &app->revisions[pod->revision];
    time_ns takes = s->times ? quantile_draw(s->times, &s->service_time, s->mean_ns) : s->mean_ns;
    if (r->loop_ns > 0 && prng_chance(&s->loop, r->loop_ppm)) takes = time_add(takes, r->loop_ns);
    if (r->fills_ns > 0) takes = memory_slows(app, pod, takes);
    if (pod->position < s->trouble.slow_pods) {
        takes = time_add(takes, takes * (s->trouble.slow - 1));
        app->fault_count[s->trouble.slow_by]++;
    }
    sim_at(app->sim, now + takes, SIM_DELIVERY, owner_of(app, pod->service), app->slot_end, i, 0);
}

static void queue_push(struct app *app, struct app_pod *pod, uint32_t i) {
    app->calls[i].next = APP_NONE;
    if (pod->queued++ == 0)
        pod->queue_head = i;
    else
        app->calls[pod->queue_tail].next = i;
    pod->queue_tail = i;
}

static uint32_t queue_pop(struct app *app, struct app_pod *pod) {
    uint32_t i = pod->queue_head;
    pod->queue_head = app->calls[i].next;
    pod->queued--;
    return i;
}

/* ---- the calls that are awaited over an edge ---- */

static void await(struct app *app, uint32_t e, uint32_t i, time_ns now) {
    struct app_edge *edge = &app->edges[e];
    struct app_call *call = &app->calls[i];
    call->deadline = now + edge->timeout_ns;
    call->before = edge->newest;
    call->after = APP_NONE;
    if (edge->newest == APP_NONE)
        edge->oldest = i;
    else
        app->calls[edge->newest].after = i;
    edge->newest = i;
    if (edge->armed) return;
    edge->armed = true;
    sim_at(app->sim, call->deadline, SIM_TIMER, owner_of(app, edge->from), app->expire, e, 0);
}

static void await_end(struct app *app, struct app_call *call) {
    struct app_edge *edge = &app->edges[call->caller_edge];
    if (call->before == APP_NONE)
        edge->oldest = call->after;
    else
        app->calls[call->before].after = call->after;
    if (call->after == APP_NONE)
        edge->newest = call->before;
    else
        app->calls[call->after].before = call->before;
    app->calls[call->parent].child = APP_NONE;
    call->parent = APP_NONE;
}

/* ---- a visit's begin and end ---- */

static void visit_count(struct app *app, uint32_t p, uint32_t caller_edge, enum app_code code,
                        time_ns arrived_at) {
    truth_count(app, p, code, arrived_at);
    if (!app->plan->trace_requests) return;
    uint32_t caller = caller_edge == APP_NONE ? NONE_ID : app->edges[caller_edge].from;
    fact_request(app->trace, sim_now(app->sim),
                 &(struct rec_request){
                     .service = {app->pods[p].service},
                     .revision = {app->pods[p].revision},
                     .caller = {caller},
                     .arrived_at = arrived_at,
                     .status = app_http(code),
                     .own = app_own(code),
                 });
}

static uint32_t slots_of(const struct app *app, const struct app_pod *pod) {
    uint32_t most = app->revisions[pod->revision].slots_max;
    return most < pod->slots ? most : pod->slots;
}

/* Whether the pod takes one more; it counts for a fault that it does not. */
static bool has_room(struct app *app, const struct app_pod *pod) {
    const struct app_trouble *t = &app->services[pod->service].trouble;
    if (pod->ready_at > sim_now(app->sim) || pod_is_drained(app, pod)) return false;
    if (pod->position < t->handle_pods && pod->in_flight >= t->handles) {
        app->fault_count[t->handles_by]++;
        return false;
    }
    return pod->busy < pod->slots || pod->queued < APP_QUEUE_MAX;
}

/* The call, or none when the service refuses it. */
static uint32_t visit_begin(struct app *app, uint32_t service, uint32_t caller_edge,
                            uint32_t depth) {
    time_ns now = sim_now(app->sim);
    uint32_t p = pods_choose(app, service);
    struct app_pod *pod = &app->pods[p];
    uint32_t i = has_room(app, pod) && depth <= APP_DEPTH_MAX ? call_take(app) : APP_NONE;
    if (i == APP_NONE) {
        visit_count(app, p, caller_edge, APP_OVERLOADED, now);
        observe_failure(app, service, APP_OVERLOADED, service, APP_NONE);
        return APP_NONE;
    }
    app->calls[i] = (struct app_call){
        .arrived_at = now,
        .pod = p,
        .parent = APP_NONE,
        .child = APP_NONE,
        .caller_edge = caller_edge,
        .edge = app->services[service].first_edge,
        .left = APP_NONE,
        .culprit = service,
        .depth = (uint8_t)depth,
    };
    pod->in_flight++;
    pod->arrived_sum += (uint64_t)now;
    app->revisions[pod->revision].in_flight++;
    pod_count(pod, now);
    if (pod->busy < slots_of(app, pod)) {
        slot_begin(app, pod, i, now);
        return i;
    }
    if (pod->busy < pod->slots) app->fault_count[app->revisions[pod->revision].slots_by]++;
    queue_push(app, pod, i);
    return i;
}

/* Ends a visit; returns the one that waited for it. */
static uint32_t visit_end(struct app *app, uint32_t i, enum app_code code) {
    struct app_call *call = &app->calls[i];
    visit_count(app, call->pod, call->caller_edge, code, call->arrived_at);
    if (code == APP_CALLEE_FAILED || code == APP_CALLEE_TIMEOUT)
        observe_failure(app, app->pods[call->pod].service, code, call->culprit, APP_NONE);
    uint32_t parent = call->parent;
    if (parent != APP_NONE) await_end(app, call);
    app->pods[call->pod].arrived_sum -= (uint64_t)call->arrived_at;
    app->revisions[app->pods[call->pod].revision].in_flight--;
    pods_answered(app, call->pod);
    call_give(app, i);
    return parent;
}

/* ---- a visit's own calls ---- */

/* The answer to the call that a visit waits for. */
static int take_answer(struct app *app, uint32_t i, enum app_outcome outcome, uint32_t culprit) {
    struct app_call *call = &app->calls[i];
    const struct app_edge *edge = &app->edges[call->edge];
    app->edges[edge->counted_as].outcomes[outcome]++;
    if (outcome == APP_ANSWERED) {
        call->left--;
        call->attempts = 0;
        return GO_ON;
    }
    const struct app_trouble *trouble = &app->services[edge->to].trouble;
    if (call->attempts < edge->retries + trouble->tries) {
        if (++call->attempts > edge->retries) app->fault_count[trouble->tries_by]++;
        return GO_ON;
    }
    call->culprit = culprit;
    return outcome == APP_TIMED_OUT ? APP_CALLEE_TIMEOUT : APP_CALLEE_FAILED;
}

/* How many calls go over the edge for one request; one draw always. */
static uint32_t calls_drawn(struct app_edge *edge) {
    return edge->calls + (prng_chance(&edge->draws, edge->chance_ppm) ? 1 : 0);
}

/* A client that its callees no longer understand; no draw by one that they do. */
static bool misunderstood(struct app *app, const struct app_pod *pod) {
    int64_t ppm = app->revisions[pod->revision].failing_calls_ppm;
    return ppm > 0 && prng_chance(&app->services[pod->service].calls, ppm);
}

static void send_async(struct app *app, struct app_call *call, struct app_edge *edge) {
    bool cut = edge->cut_by != APP_NONE;
    if (cut) app->fault_count[edge->cut_by]++;
    bool sent = !cut && visit_begin(app, edge->to, call->edge, call->depth + 1u) != APP_NONE;
    app->edges[edge->counted_as].outcomes[sent ? APP_ANSWERED : APP_FAILED]++;
    call->left--;
}

/* Over an edge that is cut: refused at once, or a call that nobody works on, until the caller gives
 * up. */
static uint32_t call_lost(struct app *app, uint32_t e, uint32_t depth) {
    const struct app_edge *edge = &app->edges[e];
    app->fault_count[edge->cut_by]++;
    uint32_t i = app->plan->faults[edge->cut_by].resets ? APP_NONE : call_take(app);
    if (i == APP_NONE) return APP_NONE;
    app->calls[i] = (struct app_call){.arrived_at = sim_now(app->sim),
                                      .pod = APP_NONE,
                                      .parent = APP_NONE,
                                      .child = APP_NONE,
                                      .caller_edge = e,
                                      .culprit = edge->to,
                                      .depth = (uint8_t)depth,
                                      .lost = true};
    return i;
}

/* The call over an edge, or none when it fails at once. */
static uint32_t call_begin(struct app *app, uint32_t e, uint32_t depth) {
    const struct app_edge *edge = &app->edges[e];
    bool cut = edge->cut_by != APP_NONE;
    return cut ? call_lost(app, e, depth) : visit_begin(app, edge->to, e, depth);
}

/* Makes calls until one is under way, or until there are no more, or one fails at once. */
static int call_next(struct app *app, uint32_t i) {
    struct app_call *call = &app->calls[i];
    if (app->pods[call->pod].killed) return APP_OVERLOADED;
    uint32_t end = app->services[app->pods[call->pod].service].end_edge;
    for (; call->edge < end; call->edge++, call->left = APP_NONE) {
        struct app_edge *edge = &app->edges[call->edge];
        if (call->left == APP_NONE) call->left = calls_drawn(edge);
        while (call->left > 0) {
            if (edge->async) {
                send_async(app, call, edge);
                continue;
            }
            bool lost = misunderstood(app, &app->pods[call->pod]);
            uint32_t child = lost ? APP_NONE : call_begin(app, call->edge, call->depth + 1u);
            if (child != APP_NONE) {
                call->child = child;
                app->calls[child].parent = i;
                await(app, call->edge, child, sim_now(app->sim));
                return UNDER_WAY;
            }
            int next = take_answer(app, i, APP_FAILED, edge->to);
            if (next != GO_ON) return next;
        }
    }
    return APP_OK;
}

/* Takes a visit on from what just happened to it, and those above it as far as that goes. */
static void carry_on(struct app *app, uint32_t i, int next) {
    for (;;) {
        if (next == GO_ON) next = call_next(app, i);
        if (next == UNDER_WAY) return;
        enum app_code code = (enum app_code)next;
        uint32_t culprit = app->calls[i].culprit;
        i = visit_end(app, i, code);
        if (i == APP_NONE) return;
        next = take_answer(app, i, code == APP_OK ? APP_ANSWERED : APP_FAILED, culprit);
    }
}

/* ---- events ---- */

/* Whether the service itself fails this request; one draw always. */
static bool fails_itself(struct app *app, const struct app_pod *pod) {
    const struct app_revision *r = &app->revisions[pod->revision];
    int64_t draw = (int64_t)prng_below(&app->services[pod->service].own_failure, PPM_ONE);
    if (draw >= r->error_ppm) return false;
    uint32_t cause = draw < r->natural_ppm ? APP_NONE : r->cause;
    if (cause != APP_NONE) app->fault_count[cause]++;
    observe_failure(app, pod->service, APP_OWN, pod->service, cause);
    return true;
}

static void count_waits(struct app *app, int64_t waits) {
    for (uint64_t bits = (uint64_t)waits; bits; bits &= bits - 1)
        app->fault_count[__builtin_ctzll(bits)]++;
}

static void on_slot_end(void *context, struct sim *sim, const struct sim_event *event) {
    struct app *app = context;
    uint32_t i = (uint32_t)event->a;
    struct app_call *call = &app->calls[i];
    struct app_pod *pod = &app->pods[call->pod];
    pod_count(pod, event->at);
    pod->sojourn_ns += event->at - call->arrived_at;
    pod->busy--;
    while (pod->queued > 0 && pod->busy < slots_of(app, pod))
        slot_begin(app, pod, queue_pop(app, pod), event->at);
    call->code = fails_itself(app, pod) ? APP_OWN : APP_OK;
    if (pod->killed) {
        carry_on(app, i, APP_OVERLOADED);
        return;
    }
    const struct app_revision *r = &app->revisions[pod->revision];
    if (r->wait_ns > 0) {
        count_waits(app, r->waits);
        sim_at(sim, event->at + r->wait_ns, SIM_DELIVERY, event->owner, app->wait_end, i, 0);
        return;
    }
    carry_on(app, i, call->code == APP_OK ? GO_ON : APP_OWN);
}

static void on_wait_end(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct app *app = context;
    uint32_t i = (uint32_t)event->a;
    carry_on(app, i, app->calls[i].code == APP_OK ? GO_ON : APP_OWN);
}

/* Where a call that is still open hangs: at the deepest one that it waits for. */
static uint32_t open_at(const struct app *app, uint32_t i) {
    while (app->calls[i].child != APP_NONE) i = app->calls[i].child;
    if (app->calls[i].lost) return app->calls[i].culprit;
    return app->pods[app->calls[i].pod].service;
}

/* The caller gives up; the callee does not know and runs to its end, answering nobody. */
static void give_up(struct app *app, uint32_t i) {
    struct app_call *call = &app->calls[i];
    uint32_t parent = call->parent, culprit = open_at(app, i);
    if (!call->lost) {
        app->pods[call->pod].abandoned++;
        app->revisions[app->pods[call->pod].revision].timeouts++;
    }
    await_end(app, call);
    if (call->lost) call_give(app, i);
    carry_on(app, parent, take_answer(app, parent, APP_TIMED_OUT, culprit));
}

/* One timer an edge, set for the call that was the oldest; it may have been answered since. */
static void on_expire(void *context, struct sim *sim, const struct sim_event *event) {
    struct app *app = context;
    uint32_t e = (uint32_t)event->a;
    struct app_edge *edge = &app->edges[e];
    while (edge->oldest != APP_NONE && app->calls[edge->oldest].deadline <= event->at)
        give_up(app, edge->oldest);
    edge->armed = edge->oldest != APP_NONE;
    if (edge->armed)
        sim_at(sim, app->calls[edge->oldest].deadline, SIM_TIMER, event->owner, app->expire, e, 0);
}

/* Those that wait for a slot of a process that was killed; they are its last, or not. */
void calls_drop_queue(struct app *app, uint32_t p, uint32_t fault) {
    struct app_pod *pod = &app->pods[p];
    pod_count(pod, sim_now(app->sim));
    for (uint32_t left = pod->queued; left > 0; left--) {
        uint32_t i = queue_pop(app, pod);
        observe_failure(app, pod->service, APP_OVERLOADED, pod->service, fault);
        carry_on(app, i, APP_OVERLOADED);
    }
}

void calls_enter(struct app *app, uint32_t service) {
    app->request_count++;
    visit_begin(app, service, APP_NONE, 1);
}

/* ---- opening ---- */

static void edge_open(struct app *app, uint32_t e) {
    const struct topology *t = app->plan->topology;
    const struct topo_call *call = &t->calls[e];
    uint32_t first = e, nth = 0;
    for (uint32_t other = t->call_offset[call->from.v]; other < e; other++) {
        if (!ID_EQ(t->calls[other].to, call->to)) continue;
        if (nth++ == 0) first = other;
    }
    uint64_t id = app_stream_id(t->services[call->from.v].name, t->services[call->to.v].name, nth);
    app->edges[e] = (struct app_edge){
        .draws = prng_named(app->plan->seed, "app.calls", id),
        .from = call->from.v,
        .to = call->to.v,
        .counted_as = first,
        .calls = (uint32_t)(call->per_request_ppm / PPM_ONE),
        .chance_ppm = call->per_request_ppm % PPM_ONE,
        .retries = call->retries,
        .async = call->async,
        .timeout_ns = call->timeout_ns,
        .cut_by = APP_NONE,
        .oldest = APP_NONE,
        .newest = APP_NONE,
    };
}

void calls_open(struct app *app, struct arena *arena) {
    app->calls = ARENA_NEW(arena, struct app_call, app->call_max);
    app->call_free = APP_NONE;
    app->edges = ARENA_NEW(arena, struct app_edge, app->edge_count);
    for (uint32_t e = 0; e < app->edge_count; e++) edge_open(app, e);
    app->slot_end = sim_kind(app->sim, on_slot_end, app);
    app->wait_end = sim_kind(app->sim, on_wait_end, app);
    app->expire = sim_kind(app->sim, on_expire, app);
}
