/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_LAYOUT_H
#define REPORTS_LAYOUT_H
/*
 * Where a topology's services stand in a picture: a layered drawing (Sugiyama, Tagawa, Toda, 1981).
 * Layers by distance from what nobody calls, order within a layer by the mean place of neighbours,
 * swept down and up. Whole numbers and ties by id throughout, so that a picture is the same on
 * every machine; igraph's layouts use floating point and differ between its versions.
 */
#include "reports/judge/facts.h"

struct place {
    uint32_t layer, column; /* from 0 */
};
struct layout {
    struct place *places; /* by position in facts->service */
    uint32_t layers, columns;
};
struct layout layout_of(const struct facts *facts);
void layout_free(struct layout *layout);

/* A service's position in facts->service; -1: it is not there. */
int64_t service_position(const struct facts *facts, struct svc_id service);

#endif
