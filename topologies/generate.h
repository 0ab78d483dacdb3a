/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_GENERATE_H
#define TOPOLOGIES_GENERATE_H
/*
 * Random topologies, as the YAML that a person would write: whoever uses one reads it like any
 * other file. The text is a function of kind, services and seed alone (our own PRNG and integers;
 * no graph library draws anything). Every service is reached from an entry point.
 *
 *   tree         each service has one caller, drawn among the earlier ones that have room (a random
 *                recursive tree of bounded degree)
 *   tiers        frontends, two tiers of services, stores; calls go down, some over a tier
 *   small_world  a ring whose chords are rewired at random (Watts and Strogatz, Nature 393, 1998):
 *                has cycles
 *   scale_free   each service calls two earlier ones, the more likely the more callers they have
 *                (Barabasi and Albert, Science 286, 1999): few hubs that many depend on
 *   random       each service has a caller drawn among the earlier ones, and half as many calls
 * again go from anyone to anyone (Erdos and Renyi, Publ. Math. 6, 1959): has cycles
 */
#include "engine/base/arena.h"

#define TOPO_SHAPES(S)                                                                             \
    S(TREE, "tree")                                                                                \
    S(TIERS, "tiers")                                                                              \
    S(SMALL_WORLD, "small_world")                                                                  \
    S(SCALE_FREE, "scale_free")                                                                    \
    S(RANDOM, "random")
#define TOPO_SHAPE_(NAME, word) TOPO_##NAME,
enum topo_shape { TOPO_SHAPES(TOPO_SHAPE_) TOPO_SHAPE_COUNT };
#define TOPO_SHAPE_WORD(NAME, word) word,
const char *topo_shape_name(enum topo_shape shape);

#define TOPO_GENERATED_MIN 2
#define TOPO_GENERATED_MAX 4000 /* more do not fit into a file (1 MiB) */

struct topo_recipe {
    enum topo_shape shape;
    uint32_t services; /* TOPO_GENERATED_MIN .. TOPO_GENERATED_MAX */
    uint64_t seed;
};

#define TOPO_GENERATED_NAME 48
/* "tiers-40-7": what the topology is called. */
void topo_generated_name(const struct topo_recipe *recipe, char out[TOPO_GENERATED_NAME]);
/* Terminated, in the arena; len without the zero. */
const char *topo_generate(struct arena *arena, const struct topo_recipe *recipe, size_t *len);

#endif
