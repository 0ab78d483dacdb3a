/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/fuzz.h"

#include "engine/base/check.h"
#include "sim/run/loading.h"
#include "sim/run/run.h"
#include "topologies/generate.h"

#include <inttypes.h>
#include <stdlib.h>

#define SERVICES_MAX   12
#define FUZZ_FILE_NAME "fuzz.yaml"

static bool may_be_hot(const struct topology *t, const int64_t *visits, uint32_t s) {
    return t->services[s].kind == TOPO_SERVICE && visits[s] > 50000;
}

/* Few, so that operations meet each other. */
static void draw_hot(struct fuzz_drawing *d, struct arena *scratch) {
    const struct topology *t = d->topology;
    int64_t *visits = ARENA_NEW(scratch, int64_t, t->service_count);
    uint32_t *fit = ARENA_NEW(scratch, uint32_t, t->service_count), count = 0;
    bool finite = topo_visit_ratios(t, visits);
    for (uint32_t s = 0; finite && s < t->service_count; s++)
        if (may_be_hot(t, visits, s)) fit[count++] = s;
    int64_t different = fuzz_between(d, 1, (int64_t)ARRAY_LEN(d->hot));
    for (size_t k = 0; k < ARRAY_LEN(d->hot); k++)
        d->hot[k].v = count > 0 ? fit[prng_below(&d->random, count)] : 0;
    for (size_t k = (size_t)different; k < ARRAY_LEN(d->hot); k++)
        d->hot[k] = d->hot[k - (size_t)different];
}

static void draw_topology(struct fuzz_drawing *d, const struct fuzz_space *space,
                          struct arena *scratch) {
    if (space->topology) {
        d->topology = space->loaded;
        fprintf(d->out, "topology: %s\n", space->topology);
        return;
    }
    struct diags diags = {0};
    struct topo_recipe recipe = {.shape = (enum topo_shape)prng_below(&d->random, TOPO_SHAPE_COUNT),
                                 .services = (uint32_t)fuzz_between(d, 4, SERVICES_MAX),
                                 .seed = (uint64_t)fuzz_between(d, 1, 999)};
    size_t len;
    const char *text = topo_generate(scratch, &recipe, &len);
    d->topology = topo_load(scratch, FUZZ_FILE_NAME, text, len, &diags);
    ASSERT(d->topology);
    fprintf(d->out, "topology: {kind: %s, services: %" PRIu32 ", seed: %" PRIu64 "}\n",
            topo_shape_name(recipe.shape), recipe.services, recipe.seed);
}

const char *fuzz_draw(struct arena *arena, const struct fuzz_space *space, uint64_t seed,
                      uint32_t attempt, size_t *len) {
    struct arena scratch;
    char *text = NULL;
    struct fuzz_drawing d = {.random = prng_named(seed, "fuzz", attempt)};
    d.out = open_memstream(&text, len);
    ASSERT(d.out);
    arena_open(&scratch);
    fprintf(d.out, "name: fuzz-%" PRIu64 "\ntitle: Drawn by fuzz, seed %" PRIu64 "\n", seed, seed);
    draw_topology(&d, space, &scratch);
    draw_hot(&d, &scratch);
    d.duration_ms = fuzz_between(&d, 60, 180) * 1000;
    d.engines = (uint32_t)fuzz_between(&d, 1, 3);
    d.people = (uint32_t)fuzz_between(&d, 1, 3);
    fuzz_draw_policy(&d);
    fprintf(d.out, "seed: %lld\nduration: %lldms\n", (long long)fuzz_between(&d, 1, 1000000),
            (long long)d.duration_ms);
    fuzz_draw_system(&d);
    fuzz_draw_faults(&d);
    fuzz_draw_patches(&d);
    fuzz_draw_people(&d);
    fprintf(d.out, "expect:\n- {invariants: true}\n");
    ASSERT(fclose(d.out) == 0);
    arena_close(&scratch);
    const char *kept = arena_text(arena, text, *len);
    free(text);
    return kept;
}

static bool load(struct arena *arena, struct fuzzed *f, struct diags *diags) {
    struct scenario *list;
    uint32_t count;
    if (!scenarios_load(arena, FUZZ_FILE_NAME, f->text, f->len, NULL, diags, &list, &count))
        return false;
    f->scenario = &list[0];
    return true;
}

/* Long enough for the judge to demand that everything has ended. */
static void add_settle(struct arena *arena, struct fuzzed *f) {
    char line[64];
    int64_t seconds = plan_settles_within(f->scenario) / NS_PER_S + 5;
    size_t more = (size_t)snprintf(line, sizeof line, "settle: %" PRId64 "s\n", seconds);
    char *text = arena_take(arena, f->len + more + 1, 1);
    memcpy(text, f->text, f->len);
    memcpy(text + f->len, line, more);
    f->text = text;
    f->len += more;
}

bool fuzz_scenario(struct arena *arena, const struct fuzz_space *space, uint64_t seed,
                   struct fuzzed *out, struct diags *diags) {
    for (uint32_t attempt = 0; attempt < FUZZ_ATTEMPTS; attempt++) {
        *diags = (struct diags){0};
        *out = (struct fuzzed){.attempts = attempt + 1};
        out->text = fuzz_draw(arena, space, seed, attempt, &out->len);
        if (!load(arena, out, diags)) continue;
        add_settle(arena, out);
        return load(arena, out, diags);
    }
    return false;
}
