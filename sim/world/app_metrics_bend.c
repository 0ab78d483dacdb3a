/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults in the path of a scrape: what is stored differs from what pods count. All of it is
 * integers; what ends leaves counters where they are shown, so that they never seem to jump by
 * healing, but frozen ones, which catch up. */
#include "sim/world/app_metrics_parts.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

static bool bends(enum fault_kind kind) {
    return kind == FAULT_SCRAPE_GAP || kind == FAULT_METRICS_FROZEN ||
           kind == FAULT_METRICS_RESET || kind == FAULT_METRICS_NAN || kind == FAULT_METRICS_LATE ||
           kind == FAULT_METRICS_NOISE || kind == FAULT_METRICS_MISLABELLED;
}

void metrics_bend_open(struct app_metrics *m, struct arena *arena) {
    const struct plan *plan = m->app->plan;
    bool any = false;
    for (uint32_t f = 0; f < plan->fault_count; f++) any |= bends(plan->faults[f].kind);
    if (!any) return;
    m->bent = ARENA_NEW(arena, struct bent_service, m->app->service_count);
    m->bent_places = ARENA_NEW(arena, struct bent_place, app_sizes(plan).positions);
    for (uint32_t s = 0; s < m->app->service_count; s++)
        m->bent[s].noise = prng_named(plan->seed, "metrics_noise", s);
}

uint64_t app_metrics_bend(struct app_metrics *m, struct svc_id service, enum metrics_bend how,
                          int64_t value) {
    ASSERT(m->bent);
    struct bent_service *b = &m->bent[service.v];
    b->on[how]++;
    b->value[how] += value;
    if (how == BEND_RESET) b->resets++;
    return b->acted[how];
}

uint64_t app_metrics_unbend(struct app_metrics *m, struct svc_id service, enum metrics_bend how,
                            int64_t value) {
    struct bent_service *b = &m->bent[service.v];
    b->on[how]--;
    b->value[how] -= value;
    return b->acted[how];
}

/* Counters begin again at nothing, as after a restart that nobody sees. */
static void reset(struct bent_service *b, struct bent_place *place, const int64_t *counts) {
    if (place->resets == b->resets) return;
    place->resets = b->resets;
    b->acted[BEND_RESET]++;
    for (int i = 0; i < OF_UP; i++)
        if (is_counter(i)) place->offset[i] = -counts[i];
}

/* A share of what was added, or of what a gauge shows, more or less. */
static void make_noise(struct bent_service *b, struct bent_place *place, int64_t *counts) {
    int64_t most = b->value[BEND_NOISE] < PPM_ONE ? b->value[BEND_NOISE] : PPM_ONE;
    b->acted[BEND_NOISE]++;
    for (int i = 0; i < OF_UP; i++) {
        int64_t share = (int64_t)prng_below(&b->noise, (uint64_t)(2 * most + 1)) - most;
        int64_t of = is_counter(i) ? counts[i] - place->last[i] : counts[i];
        int64_t more = (share < 0 ? -1 : 1) * muldiv(of, share < 0 ? -share : share, PPM_ONE);
        if (is_counter(i))
            place->offset[i] += more;
        else
            counts[i] += more;
    }
}

static void freeze(struct bent_service *b, struct bent_place *place, int64_t *counts) {
    if (!place->is_frozen) memcpy(place->frozen, counts, sizeof place->frozen);
    place->is_frozen = true;
    memcpy(counts, place->frozen, sizeof place->frozen);
    b->acted[BEND_FROZEN]++;
}

bool metrics_bend(struct app_metrics *m, const struct app_pod *pod, uint32_t position,
                  int64_t counts[OF_UP], int64_t *at_ms, bool *is_nan) {
    struct bent_service *b = &m->bent[pod->service];
    struct bent_place *place = &m->bent_places[position];
    if (place->revision != pod->revision)
        *place = (struct bent_place){.revision = pod->revision, .resets = b->resets};
    if (b->on[BEND_GAP] > 0) {
        b->acted[BEND_GAP]++;
        return false;
    }
    int64_t really[OF_UP];
    memcpy(really, counts, sizeof really);
    reset(b, place, counts);
    if (b->on[BEND_NOISE] > 0) make_noise(b, place, counts);
    memcpy(place->last, really, sizeof really);
    for (int i = 0; i < OF_UP; i++) counts[i] += place->offset[i];
    if (b->on[BEND_FROZEN] > 0)
        freeze(b, place, counts);
    else
        place->is_frozen = false;
    if (b->on[BEND_LATE] > 0) {
        b->acted[BEND_LATE]++;
        *at_ms -= b->value[BEND_LATE] / NS_PER_MS;
    }
    *is_nan = b->on[BEND_NAN] > 0;
    b->acted[BEND_NAN] += *is_nan;
    return true;
}

uint32_t metrics_shown_revision(struct app_metrics *m, const struct app_pod *pod) {
    uint32_t stable = m->app->services[pod->service].stable;
    if (!m->bent || m->bent[pod->service].on[BEND_MISLABELLED] == 0) return pod->revision;
    m->bent[pod->service].acted[BEND_MISLABELLED] += pod->revision != stable;
    return stable;
}
