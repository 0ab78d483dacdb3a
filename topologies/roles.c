/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/roles.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

#define OFTEN_PPM (3 * PPM_ONE / 5)

static const char *const names[TOPO_USUAL_COUNT] = {"payment", "order", "notification"};

const char *topo_usual_name(enum topo_usual role) {
    ASSERT((unsigned)role < TOPO_USUAL_COUNT);
    return names[role];
}

bool topo_serves(const struct topology *t, uint32_t s) {
    return t->services[s].kind == TOPO_SERVICE || t->services[s].kind == TOPO_FRONTEND;
}

bool topo_within_reach(const struct topology *t, struct svc_id s, const struct topo_reach *reach) {
    int64_t services = 0, affected = topo_callers_within(t, s, reach->depth);
    if (affected > reach->count) return false;
    for (uint32_t i = 0; i < t->service_count; i++) services += topo_serves(t, i);
    return affected < reach->share_count || ppm_of(affected, services) <= reach->share_ppm;
}

int64_t topo_awaited(const struct topology *t, struct svc_id from, struct svc_id to) {
    int64_t calls = 0;
    for (uint32_t k = t->call_offset[from.v]; k < t->call_offset[from.v + 1]; k++)
        if (ID_EQ(t->calls[k].to, to) && !t->calls[k].async) calls += t->calls[k].per_request_ppm;
    return calls;
}

struct choice {
    const struct topology *t;
    const int64_t *visits;
    const struct topo_reach *reach;
    struct svc_id *out;
};

static bool is_free(const struct choice *c, uint32_t s) {
    for (int r = 0; r < TOPO_USUAL_COUNT; r++)
        if (c->out[r].v == s) return false;
    return true;
}

/* Whether it may play the role, which may be its own already. */
static bool fits(const struct choice *c, enum topo_usual role, uint32_t s, enum topo_kind kind) {
    if (c->out[role].v != NONE_ID) return c->out[role].v == s;
    return c->t->services[s].kind == kind && c->visits[s] > 0 && is_free(c, s) &&
           topo_within_reach(c->t, (struct svc_id){s}, c->reach);
}

struct pair {
    struct svc_id order, payment;
    bool often;
    int64_t flow;
};

static void weigh_pair(const struct choice *c, uint32_t order, uint32_t payment,
                       struct pair *best) {
    int64_t awaited = topo_awaited(c->t, (struct svc_id){order}, (struct svc_id){payment});
    int64_t often = awaited > PPM_ONE ? PPM_ONE : awaited; /* the second call is the same request */
    struct pair pair = {{order},
                        {payment},
                        awaited >= OFTEN_PPM,
                        (int64_t)((int128)c->visits[order] * often / PPM_ONE)};
    bool better = pair.often != best->often ? pair.often : pair.flow > best->flow;
    if (pair.flow == 0 || !better) return;
    if (c->out[TOPO_PAYMENT].v == NONE_ID && !fits(c, TOPO_PAYMENT, payment, TOPO_SERVICE)) return;
    *best = pair;
}

/* callers: TOPO_SERVICE, or in a small graph that has no call between services, TOPO_FRONTEND. */
static struct pair best_pair(const struct choice *c, enum topo_kind callers) {
    struct pair best = {ID_NONE(svc_id), ID_NONE(svc_id), false, 0};
    for (uint32_t s = 0; s < c->t->service_count; s++) {
        if (!fits(c, TOPO_ORDER, s, callers)) continue;
        for (uint32_t k = c->t->out_offset[s]; k < c->t->out_offset[s + 1]; k++) {
            uint32_t callee = c->t->out_target[k];
            struct svc_id payment = c->out[TOPO_PAYMENT];
            if (payment.v == NONE_ID || payment.v == callee) weigh_pair(c, s, callee, &best);
        }
    }
    return best;
}

static bool are_tied(const struct topology *t, uint32_t a, struct svc_id b) {
    if (b.v == NONE_ID) return false;
    for (uint32_t k = t->out_offset[a]; k < t->out_offset[a + 1]; k++)
        if (t->out_target[k] == b.v) return true;
    for (uint32_t k = t->in_offset[a]; k < t->in_offset[a + 1]; k++)
        if (t->in_source[k] == b.v) return true;
    return false;
}

static struct svc_id most_visited(const struct choice *c, enum topo_usual role,
                                  enum topo_kind kind) {
    struct svc_id best = ID_NONE(svc_id);
    bool best_apart = false;
    for (uint32_t s = 0; s < c->t->service_count; s++) {
        bool apart =
            !are_tied(c->t, s, c->out[TOPO_PAYMENT]) && !are_tied(c->t, s, c->out[TOPO_ORDER]);
        bool better =
            best.v == NONE_ID || (apart != best_apart ? apart : c->visits[s] > c->visits[best.v]);
        if (!better || !fits(c, role, s, kind)) continue;
        best.v = s;
        best_apart = apart;
    }
    return best;
}

void topo_usual_roles(const struct topology *t, const int64_t *visits,
                      const struct topo_reach *reach, struct svc_id out[TOPO_USUAL_COUNT]) {
    struct choice c = {t, visits, reach, out};
    for (int r = 0; r < TOPO_USUAL_COUNT; r++) out[r] = topo_service_named(t, names[r]);
    if (out[TOPO_PAYMENT].v == NONE_ID || out[TOPO_ORDER].v == NONE_ID) {
        struct pair pair = best_pair(&c, TOPO_SERVICE);
        if (pair.flow == 0) pair = best_pair(&c, TOPO_FRONTEND);
        if (pair.flow > 0) {
            out[TOPO_ORDER] = pair.order;
            out[TOPO_PAYMENT] = pair.payment;
        }
    }
    for (int r = 0; r < TOPO_USUAL_COUNT; r++)
        if (out[r].v == NONE_ID) out[r] = most_visited(&c, (enum topo_usual)r, TOPO_SERVICE);
    if (out[TOPO_NOTIFICATION].v == NONE_ID)
        out[TOPO_NOTIFICATION] = most_visited(&c, TOPO_NOTIFICATION, TOPO_FRONTEND);
}
