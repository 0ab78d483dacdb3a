/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/layout.h"
#include "engine/base/check.h"
#include <stdlib.h>

#define SWEEPS 8
#define WIDEST 9 /* services in a row; a larger layer takes several rows */

int64_t service_position(const struct facts *f, struct svc_id service) {
    EACH(f, service, s) if (ID_EQ(s->service, service)) return s - f->service.items;
    return -1;
}

struct edge {
    int64_t from, to; /* positions */
};
struct drawing {
    struct edge *edges;
    size_t edge_count;
    uint32_t *order; /* all positions, layer by layer, each in its order */
    int64_t *key;    /* by position: what a layer is sorted by */
    struct layout layout;
    uint32_t count;
};

static void take_edges(struct drawing *d, const struct facts *f) {
    EACH(f, call, c) {
        struct edge e = {service_position(f, c->from), service_position(f, c->to)};
        if (e.from >= 0 && e.to >= 0) d->edges[d->edge_count++] = e;
    }
}

/* What nobody calls stands on top, everything else a layer beneath its nearest caller; a circle
 * that nothing calls begins with its first service. */
static void take_layers(struct drawing *d) {
    const uint32_t unknown = UINT32_MAX;
    for (uint32_t k = 0; k < d->count; k++) d->layout.places[k].layer = 0;
    for (size_t e = 0; e < d->edge_count; e++) d->layout.places[d->edges[e].to].layer = unknown;
    for (bool all = false; !all;) {
        for (bool more = true; more;) {
            more = false;
            for (size_t e = 0; e < d->edge_count; e++) {
                uint32_t above = d->layout.places[d->edges[e].from].layer;
                uint32_t *layer = &d->layout.places[d->edges[e].to].layer;
                if (above == unknown || *layer <= above + 1) continue;
                *layer = above + 1;
                more = true;
            }
        }
        all = true;
        for (uint32_t k = 0; k < d->count && all; k++)
            if (d->layout.places[k].layer == unknown) d->layout.places[k].layer = 0, all = false;
    }
}

static bool stands_before(const struct drawing *d, uint32_t a, uint32_t b) {
    const struct place *p = d->layout.places;
    if (p[a].layer != p[b].layer) return p[a].layer < p[b].layer;
    if (d->key[a] != d->key[b]) return d->key[a] < d->key[b];
    return a < b;
}

/* By insertion: from sweep to sweep little moves. */
static void sort(struct drawing *d) {
    for (uint32_t k = 1; k < d->count; k++) {
        uint32_t moved = d->order[k], at = k;
        for (; at > 0 && stands_before(d, moved, d->order[at - 1]); at--)
            d->order[at] = d->order[at - 1];
        d->order[at] = moved;
    }
}

/* Columns in the order of the keys. */
static void place_by_key(struct drawing *d) {
    sort(d);
    for (uint32_t k = 0, column = 0; k < d->count; k++) {
        struct place *p = d->layout.places;
        bool first = k == 0 || p[d->order[k]].layer != p[d->order[k - 1]].layer;
        column = first ? 0 : column + 1;
        p[d->order[k]].column = column;
    }
}

/* The key of a service is the mean column of its neighbours above (or beneath), in thousandths. */
static void sweep(struct drawing *d, bool down) {
    for (uint32_t k = 0; k < d->count; k++) {
        int64_t sum = 0, neighbours = 0;
        for (size_t e = 0; e < d->edge_count; e++) {
            int64_t me = down ? d->edges[e].to : d->edges[e].from;
            int64_t other = down ? d->edges[e].from : d->edges[e].to;
            if (me != k || d->layout.places[other].layer == d->layout.places[k].layer) continue;
            sum += d->layout.places[other].column;
            neighbours++;
        }
        d->key[k] =
            neighbours > 0 ? sum * 1000 / neighbours : (int64_t)d->layout.places[k].column * 1000;
    }
    place_by_key(d);
}

/* Layers become rows: one that is too wide takes several. */
static void fold(struct drawing *d) {
    uint32_t row = 0;
    for (uint32_t k = 0; k < d->count;) {
        uint32_t layer = d->layout.places[d->order[k]].layer, width = 0;
        while (k + width < d->count && d->layout.places[d->order[k + width]].layer == layer)
            width++;
        uint32_t rows = (width + WIDEST - 1) / WIDEST, each = (width + rows - 1) / rows;
        for (uint32_t i = 0; i < width; i++)
            d->layout.places[d->order[k + i]] = (struct place){row + i / each, i % each};
        if (each > d->layout.columns) d->layout.columns = each;
        row += rows;
        k += width;
    }
    d->layout.layers = row;
}

struct layout layout_of(const struct facts *f) {
    struct drawing d = {.count = (uint32_t)f->service.count};
    size_t room = f->service.count + 1;
    d.edges = calloc(f->call.count + 1, sizeof *d.edges);
    d.order = calloc(room, sizeof *d.order);
    d.key = calloc(room, sizeof *d.key);
    d.layout.places = calloc(room, sizeof *d.layout.places);
    ASSERT(d.edges && d.order && d.key && d.layout.places);
    take_edges(&d, f);
    take_layers(&d);
    for (uint32_t k = 0; k < d.count; k++) d.order[k] = k;
    place_by_key(&d);
    for (int k = 0; k < SWEEPS; k++) sweep(&d, k % 2 == 0);
    fold(&d);
    free(d.edges);
    free(d.order);
    free(d.key);
    return d.layout;
}

void layout_free(struct layout *layout) {
    free(layout->places);
    *layout = (struct layout){0};
}
