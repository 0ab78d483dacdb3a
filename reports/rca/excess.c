/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/rca/excess.h"
#include "engine/base/ratio.h"

#include <math.h>

#define SUSPECTED      0.4 /* of a service's own excess may be a callee's that says nothing */
#define ROUNDS_GUESSED 4   /* so many in a row that say nothing */
#define ROUNDS         32 /* of a fixed point that cycles approach and trees reach at their depth */

static double calls_of(const struct topo_call *call) {
    return (double)call->per_request_ppm / (double)PPM_ONE;
}

static void requests_by_visits(struct arena *arena, const struct topology *t, double *requests) {
    int64_t *visits = ARENA_NEW(arena, int64_t, t->service_count);
    bool known = topo_visit_ratios(t, visits);
    for (uint32_t s = 0; s < t->service_count; s++)
        requests[s] = known && visits[s] > 0 ? (double)visits[s] / (double)PPM_ONE : 1;
}

/* One round over the calls; whether somebody became known. */
static bool requests_from_callers(const struct topology *t, double *requests, double *sum) {
    bool more = false;
    for (uint32_t s = 0; s < t->service_count; s++) sum[s] = 0;
    for (uint32_t k = 0; k < t->call_count; k++)
        if (!isnan(requests[t->calls[k].from.v]))
            sum[t->calls[k].to.v] += requests[t->calls[k].from.v] * calls_of(&t->calls[k]);
    for (uint32_t s = 0; s < t->service_count; s++)
        if (isnan(requests[s]) && sum[s] > 0) {
            requests[s] = sum[s];
            more = true;
        }
    return more;
}

void requests_fill(struct arena *arena, const struct topology *t, double *requests) {
    double least = INFINITY;
    for (uint32_t s = 0; s < t->service_count; s++) least = fmin(least, requests[s]);
    if (isinf(least)) {
        requests_by_visits(arena, t, requests);
        return;
    }
    double *sum = ARENA_NEW(arena, double, t->service_count);
    while (requests_from_callers(t, requests, sum)) {}
    for (uint32_t s = 0; s < t->service_count; s++)
        if (isnan(requests[s])) requests[s] = least;
}

void call_shares(const struct topology *t, const double *requests, double *shares) {
    for (uint32_t k = 0; k < t->call_count; k++) {
        const struct topo_call *call = &t->calls[k];
        double all = 0;
        for (uint32_t i = 0; i < t->call_count; i++)
            if (t->calls[i].to.v == call->to.v)
                all += requests[t->calls[i].from.v] * calls_of(&t->calls[i]);
        double mine = requests[call->from.v] * calls_of(call);
        shares[k] = call->async || !(all > 0) ? 0 : mine / all;
    }
}

void guess_excess(const struct topology *t, const double *shares, const bool *seen,
                  double *excess) {
    for (int round = 0; round < ROUNDS_GUESSED; round++)
        for (uint32_t s = 0; s < t->service_count; s++) {
            double sum = 0;
            for (uint32_t k = t->call_offset[s]; k < t->call_offset[s + 1]; k++)
                sum += shares[k] * excess[t->calls[k].to.v];
            if (!seen[s]) excess[s] = sum;
        }
}

/* Takes from the callee of call k what its caller still needs and the callee can still give. */
static void take(double wanted, double *need, double *left, double *flow) {
    double taken = fmin(fmax(0, wanted), fmin(*need, *left));
    *need -= taken;
    *left -= taken;
    *flow += taken;
}

void explain_excess(const struct topology *t, const double *shares, const double *excess,
                    const double *capacity, double *own, double *flow) {
    for (uint32_t s = 0; s < t->service_count; s++) own[s] = excess[s];
    for (uint32_t k = 0; k < t->call_count; k++) {
        double left = capacity[t->calls[k].to.v];
        flow[k] = 0;
        take(shares[k] * excess[t->calls[k].to.v], &own[t->calls[k].from.v], &left, &flow[k]);
    }
    for (uint32_t c = 0; c < t->service_count; c++) {
        double left = capacity[c], needed = 0;
        for (uint32_t k = 0; k < t->call_count; k++)
            if (t->calls[k].to.v == c && shares[k] > 0) {
                left -= flow[k];
                needed += own[t->calls[k].from.v];
            }
        double part = needed > 0 ? fmin(1, fmax(0, left) / needed) : 0;
        for (uint32_t k = 0; k < t->call_count; k++) {
            double *need = &own[t->calls[k].from.v];
            if (t->calls[k].to.v == c && shares[k] > 0) take(part * *need, need, &left, &flow[k]);
        }
    }
}

static void pass_on(const struct topology *t, uint32_t s, double amount, const double *excess,
                    const double *own, const double *flow, const bool *seen, double *next,
                    double *contribution) {
    uint32_t first = t->call_offset[s], end = t->call_offset[s + 1], silent = 0;
    double kept = excess[s] > 0 ? amount * own[s] / excess[s] : amount;
    for (uint32_t k = first; k < end; k++) silent += !t->calls[k].async && !seen[t->calls[k].to.v];
    for (uint32_t k = first; k < end; k++) {
        uint32_t c = t->calls[k].to.v;
        if (excess[s] > 0) next[c] += amount * flow[k] / excess[s];
        if (!t->calls[k].async && !seen[c]) contribution[c] += kept * SUSPECTED / silent;
    }
    contribution[s] += silent > 0 ? kept * (1 - SUSPECTED) : kept;
}

void trace_excess(const struct topology *t, const double *excess, const double *own,
                  const double *flow, const bool *seen, struct svc_id service, double *scratch,
                  double *contribution) {
    double *here = scratch, *next = scratch + t->service_count;
    for (uint32_t s = 0; s < t->service_count; s++) contribution[s] = here[s] = 0;
    here[service.v] = excess[service.v];
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t s = 0; s < t->service_count; s++) next[s] = 0;
        for (uint32_t s = 0; s < t->service_count; s++)
            if (here[s] > 0) pass_on(t, s, here[s], excess, own, flow, seen, next, contribution);
        double *swap = here;
        here = next;
        next = swap;
    }
    /* what still goes round in a cycle that explains itself stays where it is */
    for (uint32_t s = 0; s < t->service_count; s++) contribution[s] += here[s];
}
