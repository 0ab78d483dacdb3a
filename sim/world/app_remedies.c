/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/app_parts.h"

/*
 * Pods one by one. A place out of traffic keeps its pod, and a rollout's new pod there stays out
 * too: what was wrong may be its node. A service is never left with a queue that nobody serves: a
 * request that meets only places that are out is refused.
 */

struct revision_id app_former(const struct app *app, struct svc_id service) {
    return (struct revision_id){app->services[service.v].former};
}

uint32_t app_replicas_now(const struct app *app, struct svc_id service) {
    return app->services[service.v].replicas;
}

uint32_t app_replicas_limit(const struct app *app, struct svc_id service) {
    return app_replicas_most(app->plan, service.v);
}

static void keep(struct app *app, uint32_t service, uint32_t place, bool drained) {
    struct app_service *s = &app->services[service];
    bool *state = &app->place_drained[s->first_position + place];
    if (drained && !*state) s->drained++;
    if (!drained && *state) s->drained--;
    *state = drained;
}

void app_scale(struct app *app, struct svc_id service, uint32_t replicas) {
    struct app_service *s = &app->services[service.v];
    ASSERT(replicas > 0 && replicas <= app_replicas_limit(app, service));
    for (uint32_t place = replicas; place < s->replicas; place++)
        keep(app, service.v, place, false);
    s->replicas = replicas;
    pods_place(app, service.v);
}

void app_drain(struct app *app, struct svc_id service, uint32_t place, bool out) {
    ASSERT(place < app->services[service.v].replicas);
    keep(app, service.v, place, out);
}

uint32_t app_drained(const struct app *app, struct svc_id service) {
    return app->services[service.v].drained;
}

void app_restart(struct app *app, struct svc_id service, uint32_t place, time_ns start_ns) {
    ASSERT(place < app->services[service.v].replicas);
    pods_kill(app, service.v, place, start_ns, APP_NONE);
}
