/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_FUZZ_H
#define SIM_RUN_FUZZ_H
/*
 * Random scenarios: what goes wrong, where and when, under which policy, on which topology. Each is
 * an ordinary scenario, as text that a person can read, run and shrink; it expects that the
 * invariants hold, and nothing else. Faults come from the fault table, by swarm testing (Groce et
 * al., ISSTA 2012): each run first draws which kinds there are, then how much of them, so that
 * kinds that hide each other's effects are also tried apart. After the safety phase everything is
 * healed, the load stops, and the run goes on for longer than the judge's bound of liveness.
 */
#include "engine/base/prng.h"
#include "scenarios/scenario.h"

#include <stdio.h>

struct fuzz_space {
    const char *topology;          /* a name in the catalogue or a path; NULL: generated */
    const struct topology *loaded; /* that one */
};

/* A function of space, seed and attempt. Terminated, in the arena. */
const char *fuzz_draw(struct arena *arena, const struct fuzz_space *space, uint64_t seed,
                      uint32_t attempt, size_t *len);

/* What loads: an attempt may ask of a lock store what it cannot suffer, for one. False, with the
 * last attempt's diagnostics, if none of FUZZ_ATTEMPTS does. */
#define FUZZ_ATTEMPTS 64
struct fuzzed {
    const char *text;
    size_t len;
    uint32_t attempts;
    struct scenario *scenario;
};
bool fuzz_scenario(struct arena *arena, const struct fuzz_space *space, uint64_t seed,
                   struct fuzzed *out, struct diags *diags) MUST_CHECK;

/* ---- fuzz_system.c: the parts beside the faults ---- */
struct fuzz_drawing {
    struct prng random;
    FILE *out;
    const struct topology *topology;
    int64_t duration_ms;
    uint32_t engines, people;
    struct svc_id hot[4]; /* the services that most is about */
};
int64_t fuzz_between(struct fuzz_drawing *d, int64_t low, int64_t high);
bool fuzz_chance(struct fuzz_drawing *d, int64_t percent);
const char *fuzz_hot(struct fuzz_drawing *d); /* name of one of them */
void fuzz_draw_policy(struct fuzz_drawing *d);
void fuzz_draw_system(struct fuzz_drawing *d);
void fuzz_draw_patches(struct fuzz_drawing *d);
void fuzz_draw_people(struct fuzz_drawing *d);
/* ---- fuzz_faults.c ---- */
void fuzz_draw_faults(struct fuzz_drawing *d);

#endif
