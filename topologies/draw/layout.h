/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_DRAW_LAYOUT_H
#define TOPOLOGIES_DRAW_LAYOUT_H
/*
 * Where services and calls stand in a picture, by igraph: layers (Sugiyama, Tagawa, Toda, 1981), a
 * spring model (Kamada and Kawai, 1989) or DrL (Martin et al., 2011). Whole units, and drawn
 * numbers from a fixed seed, so that one version of igraph makes one picture. No igraph type
 * crosses.
 */
#include "topologies/topology.h"

#define DRAW_LAYOUTS(L)                                                                            \
    L(SUGIYAMA, "sugiyama")                                                                        \
    L(KAMADA_KAWAI, "kamada-kawai")                                                                \
    L(DRL, "drl")
#define DRAW_LAYOUT_(NAME, word) DRAW_##NAME,
enum draw_layout { DRAW_LAYOUTS(DRAW_LAYOUT_) DRAW_LAYOUT_COUNT };
#define DRAW_LAYOUT_WORD(NAME, word) word,

struct draw_point {
    int32_t x, y;
};
struct draw_edge { /* one between each two services that are tied by a call */
    uint32_t from, to;
    uint32_t bend_count;
    const struct draw_point *bends; /* around what stands between */
};
struct drawing {
    struct draw_point *services; /* middles */
    struct draw_edge *edges;
    uint32_t edge_count;
    int32_t width, height;
};

/* Middles are at least one step apart: layers go from left to right, a step of across each, and
 * services of a layer stand beneath one another. False if igraph fails. */
bool draw_lay_out(struct arena *arena, const struct topology *t, enum draw_layout layout,
                  struct draw_point step, struct drawing *out) MUST_CHECK;

#endif
