/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/generate.h"
#include "engine/base/check.h"
#include "engine/base/prng.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdio.h>

#define CALLS_MAX     5 /* of one service, so that the graph fits into its arrays and the file */
#define TREE_CALLS    4
#define RING_CALLS    2
#define REWIRED_PPM   100000
#define OVER_TIER_PPM 150000
#define STORE_PPM     400000 /* of the services that call nobody */
#define LINE_BYTES    112    /* of a service or a call, at most */
#define HEAD_BYTES    512

struct draft {
    const struct topo_recipe *recipe;
    struct prng random;
    uint32_t count;
    uint32_t (*callee)[CALLS_MAX];
    uint32_t *calls, *callers;
    bool *store;
};

const char *topo_shape_name(enum topo_shape shape) {
    static const char *const words[] = {TOPO_SHAPES(TOPO_SHAPE_WORD)};
    return words[shape];
}

static uint32_t below(struct draft *d, uint32_t bound) {
    return (uint32_t)prng_below(&d->random, bound);
}

/* False: it is there already, would be to itself, or the caller has no room. */
static bool call(struct draft *d, uint32_t from, uint32_t to) {
    bool there = from == to || d->calls[from] == CALLS_MAX;
    for (uint32_t k = 0; k < d->calls[from] && !there; k++) there = d->callee[from][k] == to;
    if (there) return false;
    d->callee[from][d->calls[from]++] = to;
    d->callers[to]++;
    return true;
}

/* ---- the shapes ---- */

static void draw_tree(struct draft *d) {
    for (uint32_t s = 1; s < d->count; s++) {
        uint32_t parent = below(d, s);
        while (d->calls[parent] >= TREE_CALLS) parent = (parent + 1) % s;
        (void)call(d, parent, s);
    }
}

/* Where tiers begin: an eighth are frontends, a quarter stores, the rest two tiers of services. */
static void tier_bounds(uint32_t count, uint32_t bound[5]) {
    const uint32_t eighths[5] = {0, 1, 3, 6, 8};
    for (uint32_t t = 0; t < 5; t++) bound[t] = count * eighths[t] / 8;
    for (uint32_t t = 1; t < 4; t++)
        if (bound[t] <= bound[t - 1] && bound[t - 1] < count) bound[t] = bound[t - 1] + 1;
}

static uint32_t in_tier(struct draft *d, const uint32_t bound[5], uint32_t tier) {
    return bound[tier] + below(d, bound[tier + 1] - bound[tier]);
}

static void draw_tiers(struct draft *d) {
    uint32_t bound[5];
    tier_bounds(d->count, bound);
    for (uint32_t tier = 0; tier < 3; tier++)
        for (uint32_t s = bound[tier]; s < bound[tier + 1]; s++)
            for (uint32_t k = 1 + below(d, 2); k > 0; k--) {
                bool over = prng_chance(&d->random, OVER_TIER_PPM) && tier < 2;
                uint32_t down = tier + 1 + over;
                if (bound[down] < bound[down + 1]) (void)call(d, s, in_tier(d, bound, down));
            }
    for (uint32_t tier = 1; tier < 4; tier++) /* who has no caller yet gets one above it */
        for (uint32_t s = bound[tier]; s < bound[tier + 1]; s++) {
            uint32_t from = in_tier(d, bound, tier - 1);
            for (uint32_t n = 0; n < d->count && d->callers[s] == 0; n++)
                if (!call(d, from, s)) from = from + 1 < bound[tier] ? from + 1 : bound[tier - 1];
        }
    for (uint32_t s = bound[3]; s < d->count; s++) d->store[s] = true;
}

/* The ring itself stays, so that everybody is reached; its chords are rewired. */
static void draw_small_world(struct draft *d) {
    for (uint32_t s = 0; s < d->count; s++) (void)call(d, s, (s + 1) % d->count);
    for (uint32_t s = 0; s < d->count; s++)
        for (uint32_t k = 2; k <= RING_CALLS; k++) {
            bool rewired = prng_chance(&d->random, REWIRED_PPM);
            (void)call(d, s, rewired ? below(d, d->count) : (s + k) % d->count);
        }
}

/* The end of a call that is there, drawn evenly, is a service drawn by its callers; half of the
 * draws are among all, so that those without callers can get some. */
static void draw_scale_free(struct draft *d, struct arena *scratch) {
    uint32_t *ends = ARENA_NEW(scratch, uint32_t, 2 * (size_t)d->count), end_count = 0;
    for (uint32_t s = 1; s < d->count; s++)
        for (uint32_t k = 0; k < 2; k++) {
            bool popular = below(d, 2) == 0 && end_count > 0;
            uint32_t to = popular ? ends[below(d, end_count)] : below(d, s);
            if (call(d, s, to)) ends[end_count++] = to;
        }
}

static void draw_random(struct draft *d) {
    draw_tree(d);
    for (uint32_t k = 0; k < d->count / 2; k++) {
        uint32_t from = below(d, d->count), to = below(d, d->count);
        (void)call(d, from, to);
    }
}

/* ---- as YAML ---- */

static bool is_entry(const struct draft *d, uint32_t s) {
    bool round = d->recipe->shape == TOPO_SMALL_WORLD || d->recipe->shape == TOPO_RANDOM;
    return round ? s == 0 : d->callers[s] == 0;
}

/* Names of one length: their order as bytes is that of the numbers, and a smaller topology of the
 * same kind has the same names. */
static void write_name(struct writer *w, uint32_t s) {
    char name[16];
    snprintf(name, sizeof name, "svc-%04" PRIu32, s);
    write_text(w, name);
}

static void write_list(struct writer *w, const struct draft *d, const uint32_t *list,
                       uint32_t count) {
    for (uint32_t k = 0; k < (list ? count : d->count); k++) {
        if (!list && !is_entry(d, k)) continue;
        if (w->buffer[w->len - 1] != '[') write_text(w, ", ");
        write_name(w, list ? list[k] : k);
    }
    write_text(w, "]");
}

static void write_services(struct writer *w, struct draft *d) {
    write_text(w, "services:\n");
    for (uint32_t s = 0; s < d->count; s++) {
        char line[LINE_BYTES];
        uint32_t replicas = 2 + below(d, 3), ms = 1 + below(d, 8), critical = 2 + below(d, 8);
        write_text(w, "- {name: ");
        write_name(w, s);
        if (d->store[s])
            snprintf(line, sizeof line, ", kind: datastore, slots: 64}\n");
        else
            snprintf(line, sizeof line,
                     "%s, replicas: %" PRIu32 ", service_time: %" PRIu32
                     "ms, criticality: 0.%" PRIu32 "}\n",
                     is_entry(d, s) ? ", kind: frontend" : "", replicas, ms, critical);
        write_text(w, line);
    }
}

static void write_calls(struct writer *w, const struct draft *d) {
    write_text(w, "calls:\n");
    for (uint32_t s = 0; s < d->count; s++)
        for (uint32_t k = 0; k < d->calls[s]; k++) {
            write_text(w, "- {from: ");
            write_name(w, s);
            write_text(w, ", to: ");
            write_name(w, d->callee[s][k]);
            write_text(w, "}\n");
        }
}

/* A store that several services use is a resource they share. */
static void write_shared(struct writer *w, const struct draft *d, uint32_t *users) {
    bool any = false;
    for (uint32_t s = 0; s < d->count; s++) {
        uint32_t count = 0;
        if (!d->store[s] || d->callers[s] < 2) continue;
        for (uint32_t from = 0; from < d->count; from++)
            for (uint32_t k = 0; k < d->calls[from]; k++)
                if (d->callee[from][k] == s) users[count++] = from;
        write_text(w, any ? "- {name: " : "shared_resources:\n- {name: ");
        any = true;
        write_name(w, s);
        write_text(w, ", users: [");
        write_list(w, d, users, count);
        write_text(w, "}\n");
    }
}

void topo_generated_name(const struct topo_recipe *recipe, char out[TOPO_GENERATED_NAME]) {
    snprintf(out, TOPO_GENERATED_NAME, "%s-%" PRIu32 "-%" PRIu64, topo_shape_name(recipe->shape),
             recipe->services, recipe->seed);
}

static void write_topology(struct writer *w, struct draft *d, uint32_t *users) {
    char name[TOPO_GENERATED_NAME], head[HEAD_BYTES];
    topo_generated_name(d->recipe, name);
    snprintf(head, sizeof head,
             "name: %s\ntitle: Generated, %s of %" PRIu32 " services\nentrypoints: [", name,
             topo_shape_name(d->recipe->shape), d->count);
    write_text(w, head);
    write_list(w, d, NULL, 0);
    write_text(w, "\n");
    write_services(w, d);
    write_calls(w, d);
    write_shared(w, d, users);
}

static void draw(struct draft *d, struct arena *scratch) {
    switch (d->recipe->shape) {
    case TOPO_TREE: draw_tree(d); break;
    case TOPO_TIERS: draw_tiers(d); break;
    case TOPO_SMALL_WORLD: draw_small_world(d); break;
    case TOPO_SCALE_FREE: draw_scale_free(d, scratch); break;
    case TOPO_RANDOM: draw_random(d); break;
    case TOPO_SHAPE_COUNT: ASSERT(false);
    }
    for (uint32_t s = 0; s < d->count; s++)
        if (d->calls[s] == 0 && d->callers[s] > 0 && prng_chance(&d->random, STORE_PPM))
            d->store[s] = true;
}

const char *topo_generate(struct arena *arena, const struct topo_recipe *recipe, size_t *len) {
    struct arena scratch;
    uint32_t n = recipe->services, calls = 0;
    char name[TOPO_GENERATED_NAME];
    ASSERT(n >= TOPO_GENERATED_MIN && n <= TOPO_GENERATED_MAX);
    arena_open(&scratch);
    topo_generated_name(recipe, name);
    struct draft d = {.recipe = recipe, .random = prng_named(recipe->seed, name, 0), .count = n};
    d.callee = arena_take(&scratch, n, sizeof *d.callee);
    d.calls = ARENA_NEW(&scratch, uint32_t, n);
    d.callers = ARENA_NEW(&scratch, uint32_t, n);
    d.store = ARENA_NEW(&scratch, bool, n);
    draw(&d, &scratch);
    for (uint32_t s = 0; s < n; s++) calls += d.calls[s];
    size_t size = HEAD_BYTES + LINE_BYTES * ((size_t)n + calls) + 40 * (size_t)n;
    struct writer w = writer_of(arena_take(arena, size, 1), size);
    write_topology(&w, &d, ARENA_NEW(&scratch, uint32_t, n));
    ASSERT(!w.overflow && w.len < size);
    arena_close(&scratch);
    *len = w.len;
    return w.buffer;
}
