/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dependency graph once more, by brute force over the plan's calls. */
#include "engine/base/ratio.h"
#include "reports/judge/recompute.h"
#include <stdlib.h>

static bool known(const struct facts *f, int64_t service) {
    return service >= 0 && service < (int64_t)f->service.count;
}

/* A call further along, against the direction of calls if "back". */
static bool step(const struct facts *f, const bool *from, bool *to, bool back) {
    bool more = false;
    EACH(f, call, c) {
        int64_t a = back ? c->to.v : c->from.v, b = back ? c->from.v : c->to.v;
        if (!known(f, a) || !known(f, b) || !from[a] || to[b]) continue;
        to[b] = more = true;
    }
    return more;
}

static void mates(const struct facts *f, int64_t service, bool *marked) {
    EACH(f, group, own) {
        if (own->service.v != service) continue;
        EACH(f, group, g)
        if (g->group == own->group && known(f, g->service.v)) marked[g->service.v] = true;
    }
}

struct reach reach_of(const struct facts *f, int64_t service, bool changes_shared) {
    size_t size = f->service.count + 1;
    bool *marked = calloc(2 * size, sizeof *marked), *before = marked + size;
    struct reach reach = {marked, 0, 0};
    int64_t services = 0;
    if (!marked || !known(f, service)) return reach;
    marked[service] = true;
    for (int64_t hop = 0; hop < f->limits.blast_depth; hop++) {
        memcpy(before, marked, size * sizeof *marked);
        if (!step(f, before, marked, true)) break;
    }
    if (changes_shared) mates(f, service, marked);
    marked[service] = false;
    EACH(f, service, s) {
        services += s->is_service;
        marked[s->service.v] &= s->is_service;
        reach.count += marked[s->service.v];
    }
    reach.share_ppm = services > 0 ? ppm_of(reach.count, services) : 0;
    return reach;
}

int64_t reach_hops(const struct facts *f, int64_t from, int64_t to, int64_t most) {
    size_t size = f->service.count + 1;
    if (!known(f, from) || !known(f, to)) return -1;
    if (from == to) return 0;
    bool *marked = calloc(2 * size, sizeof *marked);
    int64_t hops = 0;
    if (!marked) return -1;
    marked[from] = true;
    while (!marked[to] && hops < most) {
        memcpy(marked + size, marked, size * sizeof *marked);
        if (!step(f, marked + size, marked, false)) break;
        hops++;
    }
    bool found = marked[to];
    free(marked);
    return found ? hops : -1;
}

bool reach_shares_group(const struct facts *f, int64_t a, int64_t b) {
    EACH(f, group, x) {
        if (x->service.v != a) continue;
        EACH(f, group, y) if (y->group == x->group && y->service.v == b) return true;
    }
    return false;
}

bool reach_known(const struct recomputing *r) {
    EACH_INPUT(r->facts, i) {
        if (i->record > r->said->effect->record) break;
        if (i->in.kind == IN_graph_update && i->engine == r->said->effect->engine) return false;
    }
    return true;
}
