/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TOPOLOGIES_DRAW_DRAW_H
#define TOPOLOGIES_DRAW_DRAW_H
/*
 * A topology as a picture (SVG) and for Graphviz (DOT). Kinds, zones, roles, entry points and
 * whatever goes round in a cycle are told apart. Names are escaped: a file's names are no markup.
 */
#include "topologies/draw/layout.h"

struct draw_view {
    const struct topology *topology;
    const char *const *roles;  /* by service; "": none */
    const uint32_t *component; /* by service: those that reach each other have the same number */
    const uint32_t *size;      /* of the component, by its number */
};

bool draw_svg(const struct draw_view *view, enum draw_layout layout, FILE *out) MUST_CHECK;
void draw_dot(const struct draw_view *view, FILE *out);
/* Both services go round in one cycle. */
bool draw_goes_round(const struct draw_view *view, uint32_t from, uint32_t to);
/* Whether all calls from one to the other are of a kind that nobody waits for. */
bool draw_not_waited_for(const struct draw_view *view, uint32_t from, uint32_t to);

#endif
