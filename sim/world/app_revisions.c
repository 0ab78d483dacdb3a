/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

static int64_t bit(uint32_t fault) { return INT64_C(1) << fault; }

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t share_of(const struct app *app, const struct app_revision *r) {
    const struct app_service *s = &app->services[r->service];
    uint32_t id = (uint32_t)(r - app->revisions);
    return id == s->candidate ? s->share_ppm : id == s->stable ? PPM_ONE - s->share_ppm : 0;
}

/* Works out what a revision does, from what it carries, what it serves, and which faults are on. */
static void revision_refresh(struct app *app, struct app_revision *r) {
    const struct topo_service *service = &app->plan->topology->services[r->service];
    r->natural_ppm = larger(r->own_ppm, service->error_ppm);
    if (r->bad_from_ppm > 0 && share_of(app, r) >= r->bad_from_ppm)
        r->natural_ppm = larger(r->natural_ppm, r->bad_ppm);
    r->failing_calls_ppm = share_of(app, r) >= r->calls_from_ppm ? r->calls_ppm : 0;
    r->error_ppm = r->natural_ppm;
    r->cause = APP_NONE;
    r->wait_ns = r->own_wait_ns;
    r->waits = 0;
    r->slots_max = APP_NONE;
    r->fills_ns = 0;
    for (uint64_t bits = (uint64_t)r->defects; bits; bits &= bits - 1) {
        uint32_t f = (uint32_t)__builtin_ctzll(bits);
        const struct plan_fault *fault = &app->plan->faults[f];
        if (!app->fault_on[f]) continue;
        if (fault->kind == FAULT_LATENCY) {
            r->wait_ns = time_add(r->wait_ns, fault->value);
            r->waits |= bit(f);
        } else if (fault->kind == FAULT_MEMORY_LEAK) {
            if (r->fills_ns > 0 && r->fills_ns <= fault->value) continue;
            r->fills_ns = fault->value;
            r->fills_by = f;
        } else if (fault->kind == FAULT_POOL_EXHAUSTED && fault->value < r->slots_max) {
            r->slots_max = (uint32_t)fault->value;
            r->slots_by = f;
        } else if (fault->kind == FAULT_ERROR_RATE && fault->value > r->error_ppm) {
            r->error_ppm = fault->value;
            r->cause = f;
        }
    }
}

static struct revision_id revision_add(struct app *app, struct app_revision revision) {
    ASSERT(app->revision_count < app->revision_max); /* APP_REVISIONS_EXTRA builds in one run */
    uint32_t id = app->revision_count++;
    app->revisions[id] = revision;
    revision_refresh(app, &app->revisions[id]);
    return (struct revision_id){id};
}

void revisions_open(struct app *app, struct arena *arena) {
    app->revision_max = 1 + app->service_count + APP_REVISIONS_EXTRA;
    app->revisions = ARENA_NEW(arena, struct app_revision, app->revision_max);
    app->histograms = ARENA_NEW(arena, uint32_t, (size_t)app->revision_max * APP_HISTOGRAM);
    app->revision_count = 1;
    for (uint32_t s = 0; s < app->service_count; s++)
        app->services[s].stable =
            revision_add(app, (struct app_revision){.service = s, .own_ppm = -1}).v;
}

static const struct app_revision *revision_of(const struct app *app, struct revision_id id) {
    ASSERT(id.v > 0 && id.v < app->revision_count);
    return &app->revisions[id.v];
}

struct revision_id app_serving(const struct app *app, struct svc_id service) {
    return (struct revision_id){app->services[service.v].stable};
}

struct revision_id app_candidate(const struct app *app, struct svc_id service, int64_t *share_ppm) {
    *share_ppm = app->services[service.v].share_ppm;
    return (struct revision_id){app->services[service.v].candidate};
}

struct revision_id app_revision_make(struct app *app, struct svc_id service,
                                     struct revision_id base, int64_t fixes, int64_t error_ppm,
                                     time_ns latency_ns) {
    const struct app_revision *b = revision_of(app, base);
    ASSERT(b->service == service.v && latency_ns >= 0);
    return revision_add(app, (struct app_revision){
                                 .service = service.v,
                                 .base = base.v,
                                 .defects = b->defects & ~fixes,
                                 .own_ppm = error_ppm >= 0 ? error_ppm : b->own_ppm,
                                 .own_wait_ns = time_add(b->own_wait_ns, latency_ns),
                                 .loop_ppm = b->loop_ppm,
                                 .loop_ns = b->loop_ns,
                                 .leak_bytes = b->leak_bytes,
                                 .calls_ppm = b->calls_ppm,
                                 .calls_from_ppm = b->calls_from_ppm,
                             });
}

void app_revision_bad_from(struct app *app, struct revision_id revision, int64_t share_ppm,
                           int64_t error_ppm) {
    ASSERT(revision.v > 0 && revision.v < app->revision_count);
    struct app_revision *r = &app->revisions[revision.v];
    r->bad_from_ppm = share_ppm;
    r->bad_ppm = error_ppm;
    revision_refresh(app, r);
}

void app_revision_burden(struct app *app, struct revision_id revision, int64_t loop_ppm,
                         time_ns loop_ns, int64_t leak_bytes) {
    ASSERT(revision.v > 0 && revision.v < app->revision_count);
    struct app_revision *r = &app->revisions[revision.v];
    r->loop_ppm = loop_ppm;
    r->loop_ns = loop_ns;
    r->leak_bytes = leak_bytes;
}

void app_revision_failing_calls(struct app *app, struct revision_id revision, int64_t ppm,
                                int64_t from_ppm) {
    ASSERT(revision.v > 0 && revision.v < app->revision_count);
    struct app_revision *r = &app->revisions[revision.v];
    r->calls_ppm = ppm;
    r->calls_from_ppm = from_ppm;
    revision_refresh(app, r);
}

void revisions_shifted(struct app *app, uint32_t service) {
    const struct app_service *s = &app->services[service];
    revision_refresh(app, &app->revisions[s->stable]);
    if (s->candidate != 0) revision_refresh(app, &app->revisions[s->candidate]);
}

bool app_revision_known(const struct app *app, struct svc_id service, struct revision_id revision) {
    return revision.v > 0 && revision.v < app->revision_count &&
           app->revisions[revision.v].service == service.v;
}

struct svc_id app_revision_service(const struct app *app, struct revision_id revision) {
    return (struct svc_id){revision_of(app, revision)->service};
}

struct revision_id app_revision_base(const struct app *app, struct revision_id revision) {
    return (struct revision_id){revision_of(app, revision)->base};
}

int64_t app_revision_defects(const struct app *app, struct revision_id revision) {
    return revision_of(app, revision)->defects;
}

static const struct plan_fault *defect(const struct app *app, uint32_t fault) {
    ASSERT(fault < app->plan->fault_count && fault < PLAN_DEFECTS_MAX);
    ASSERT(fault_is_shown(app->plan->faults[fault].kind));
    return &app->plan->faults[fault];
}

static void defect_set(struct app *app, uint32_t fault, bool on) {
    uint32_t service = defect(app, fault)->service.v;
    app->fault_on[fault] = on;
    for (uint32_t id = 1; id < app->revision_count; id++) {
        struct app_revision *r = &app->revisions[id];
        if (r->service != service) continue;
        if (on) r->defects |= bit(fault);
        revision_refresh(app, r);
    }
    troubles_refresh(app, service);
}

void app_defect_on(struct app *app, uint32_t fault) {
    defect_set(app, fault, true);
    trouble_begin(app, fault);
}
void app_defect_off(struct app *app, uint32_t fault) {
    defect_set(app, fault, false);
    trouble_end(app, fault);
}
uint64_t app_defect_count(const struct app *app, uint32_t fault) {
    defect(app, fault);
    return app->fault_count[fault];
}
