/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/*
 * What a pod's process holds: the idle heap, something for each request in flight, garbage that
 * grows until the collector takes it away (a sawtooth, each pod with a cycle of its own, so that
 * neither two pods nor two teeth look alike), and what a leaking revision lost since the pod began.
 * A process at its limit gets no more.
 */
#define IDLE_PPM        380000 /* of the limit */
#define GARBAGE_PPM     40000  /* a tooth's height */
#define PER_REQUEST     (64 * 1024)
#define TIGHT_PPM       900000         /* of the limit */
#define SLOWEST         100            /* times as long, at the limit */
#define CYCLE_NS        (5 * NS_PER_S) /* of the collector, and by chance up to half as much more */
#define CYCLE_SPREAD_NS (2500 * NS_PER_MS)

int64_t memory_limit(const struct app *app, uint32_t service) {
    int64_t stated = app->plan->services[service].memory_limit_bytes;
    return stated > 0 ? stated : app->plan->topology->services[service].memory_limit_mb << 20;
}

void memory_begin(const struct app *app, struct app_pod *pod) {
    const char *name = app->plan->topology->services[pod->service].name;
    struct prng luck = prng_named(app->plan->seed, "app.heap",
                                  app_stream_id(name, "", pod->position) + pod->revision);
    pod->heap_period_ns = CYCLE_NS + (time_ns)prng_below(&luck, CYCLE_SPREAD_NS);
    pod->heap_phase_ns = (time_ns)prng_below(&luck, (uint64_t)pod->heap_period_ns);
}

/* By a defect, since it acts and since the process began. */
static int64_t leaked(const struct app *app, const struct app_pod *pod, int64_t limit) {
    const struct app_revision *r = &app->revisions[pod->revision];
    if (r->fills_ns == 0) return 0;
    time_ns began = app->fault_began[r->fills_by];
    time_ns since = sim_now(app->sim) - (pod->born_at > began ? pod->born_at : began);
    return since >= r->fills_ns ? limit : muldiv(limit, since, r->fills_ns);
}

/* The collector runs more often the less there is: twice as long a request takes with a hundredth
 * of the last tenth gone, a hundred times with all of it. */
time_ns memory_slows(struct app *app, const struct app_pod *pod, time_ns takes) {
    const struct app_revision *r = &app->revisions[pod->revision];
    int64_t limit = memory_limit(app, pod->service), tight = ppm_mul(limit, TIGHT_PPM);
    if (r->fills_ns == 0) return takes;
    int64_t over = memory_used(app, pod) - tight;
    if (over <= 0) return takes;
    app->fault_count[r->fills_by]++;
    return time_add(takes, muldiv(takes * (SLOWEST - 1), over, limit - tight));
}

int64_t memory_used(const struct app *app, const struct app_pod *pod) {
    int64_t limit = memory_limit(app, pod->service);
    time_ns age = sim_now(app->sim) - pod->born_at;
    time_ns tooth = (age + pod->heap_phase_ns) % pod->heap_period_ns;
    int64_t garbage = muldiv(ppm_mul(limit, GARBAGE_PPM), tooth, pod->heap_period_ns);
    int64_t lost = muldiv(app->revisions[pod->revision].leak_bytes, age, NS_PER_MIN);
    int64_t used =
        time_add(ppm_mul(limit, IDLE_PPM) + garbage + (int64_t)pod->in_flight * PER_REQUEST, lost);
    used = time_add(used, trouble_memory(app, pod, limit));
    used = time_add(used, leaked(app, pod, limit));
    return used < limit ? used : limit;
}
