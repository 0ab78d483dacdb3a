/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/topology.h"
#include "engine/base/ratio.h"
#include "topologies/roles.h"

/*
 * Visits are worked out in units of 1e-12 of a visit. What has arrived at a service and not yet
 * been passed on waits there; services pass on in reverse postorder of the calls, so that a graph
 * without cycles needs one sweep however deep it is, and one with cycles as many as it takes for
 * what goes round to fall below one unit (each pass floors, so it does, or it grows without bound).
 */
#define UNITS_PER_PPM 1000000
#define VISIT         ((int128)PPM_ONE * UNITS_PER_PPM)
#define MAX_VISITS    1000000
#define MAX_SWEEPS    10000

/* Depth-first from every service, without recursion: next[] is the position in each row. */
static void reverse_postorder(struct arena *scratch, const struct topology *t, uint32_t *order) {
    uint32_t n = t->service_count, depth = 0, left = n;
    uint32_t *path = ARENA_NEW(scratch, uint32_t, n);
    uint32_t *next = ARENA_NEW(scratch, uint32_t, n);
    bool *seen = ARENA_NEW(scratch, bool, n);
    memcpy(next, t->out_offset, sizeof *next * n);
    for (uint32_t root = 0; root < n; root++) {
        if (seen[root]) continue;
        seen[root] = true;
        path[depth++] = root;
        while (depth > 0) {
            uint32_t s = path[depth - 1];
            if (next[s] == t->out_offset[s + 1]) {
                order[--left] = s;
                depth--;
                continue;
            }
            uint32_t callee = t->out_target[next[s]++];
            if (seen[callee]) continue;
            seen[callee] = true;
            path[depth++] = callee;
        }
    }
}

static void enter(const struct topology *t, int128 *waiting) {
    uint32_t entries = 0, nth = 0;
    for (uint32_t s = 0; s < t->service_count; s++) entries += t->services[s].entry;
    for (uint32_t s = 0; s < t->service_count; s++) {
        if (!t->services[s].entry) continue;
        /* The units that do not divide go to the first, so that one request enters in total. */
        waiting[s] = VISIT / entries + (nth++ < (uint32_t)(VISIT % entries));
    }
}

/* One sweep; false when some service's visits pass the limit. */
static bool pass_on(const struct topology *t, const uint32_t *order, int128 *waiting,
                    int128 *visits, bool *moved) {
    *moved = false;
    for (uint32_t i = 0; i < t->service_count; i++) {
        uint32_t s = order[i];
        int128 now = waiting[s];
        if (now == 0) continue;
        *moved = true;
        waiting[s] = 0;
        visits[s] += now;
        if (visits[s] > VISIT * MAX_VISITS) return false;
        for (uint32_t c = t->call_offset[s]; c < t->call_offset[s + 1]; c++)
            waiting[t->calls[c].to.v] += now * t->calls[c].per_request_ppm / PPM_ONE;
    }
    return true;
}

bool topo_visit_ratios(const struct topology *t, int64_t *visits_ppm) {
    struct arena scratch;
    arena_open(&scratch);
    int128 *waiting = ARENA_NEW(&scratch, int128, t->service_count);
    int128 *visits = ARENA_NEW(&scratch, int128, t->service_count);
    uint32_t *order = ARENA_NEW(&scratch, uint32_t, t->service_count);
    reverse_postorder(&scratch, t, order);
    enter(t, waiting);
    bool finite = true, moved = true;
    for (uint32_t sweep = 0; finite && moved && sweep < MAX_SWEEPS; sweep++)
        finite = pass_on(t, order, waiting, visits, &moved);
    for (uint32_t s = 0; finite && s < t->service_count; s++)
        visits_ppm[s] = (int64_t)((visits[s] + UNITS_PER_PPM / 2) / UNITS_PER_PPM);
    arena_close(&scratch);
    return finite && !moved;
}

/* Breadth first against the calls; stores and externals are not counted but passed through. */
uint32_t topo_callers_within(const struct topology *t, struct svc_id s, uint32_t depth) {
    struct arena scratch;
    arena_open(&scratch);
    uint32_t *queue = ARENA_NEW(&scratch, uint32_t, t->service_count);
    bool *seen = ARENA_NEW(&scratch, bool, t->service_count);
    uint32_t head = 0, tail = 0, found = 0;
    queue[tail++] = s.v;
    seen[s.v] = true;
    for (uint32_t hop = 0; hop < depth && head < tail; hop++) {
        for (uint32_t level_end = tail; head < level_end; head++) {
            uint32_t callee = queue[head];
            for (uint32_t i = t->in_offset[callee]; i < t->in_offset[callee + 1]; i++) {
                uint32_t caller = t->in_source[i];
                if (seen[caller]) continue;
                seen[caller] = true;
                queue[tail++] = caller;
                found += topo_serves(t, caller);
            }
        }
    }
    arena_close(&scratch);
    return found;
}
