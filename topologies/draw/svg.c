/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/text.h"
#include "topologies/draw/draw.h"

#define SIGN      7  /* pixels of a letter, at most of a mean one */
#define BOW       50 /* of a call within a layer */
#define HEIGHT    26 /* of a service */
#define ROLE      13 /* more where it plays a role */
#define GAP       12 /* between services of a layer */
#define MARGIN    24
#define SHOWN     26 /* letters of a name */
#define ACROSS    96 /* between layers */
#define LEGEND    74
#define ZONES     6 /* colours; further zones begin with the first again */
#define NARROWEST 720

static const char style[] =
    "svg{--ink:#1c2430;--soft:#5d6b7d;--back:#ffffff;--line:#a7b2c0;--round:#c62f3d;"
    "--service:#e8eefb;--frontend:#dff3e4;--datastore:#fbead2;--cache:#fdf6cf;--queue:#efe3fa;"
    "--external:#f1f2f4;background:var(--back)}\n"
    "@media(prefers-color-scheme:dark){svg{--ink:#e8edf4;--soft:#9aa8ba;--back:#12161c;"
    "--line:#56626f;--round:#ff6b77;--service:#1e2d4d;--frontend:#173d27;--datastore:#4a3413;"
    "--cache:#474012;--queue:#3a2553;--external:#2a3038}}\n"
    "text{font:12px system-ui,sans-serif;fill:var(--ink)}.h{font-size:16px;font-weight:600}"
    ".s{font-size:11px;fill:var(--soft)}.r{font-size:10px;font-weight:600;fill:var(--soft)}\n"
    ".n{stroke:var(--line)}.entry{stroke:var(--ink);stroke-width:2}.cyclic{stroke:var(--round);"
    "stroke-width:2}.service{fill:var(--service)}.frontend{fill:var(--frontend)}"
    ".datastore{fill:var(--datastore)}.cache{fill:var(--cache)}.queue{fill:var(--queue)}"
    ".external{fill:var(--external);stroke-dasharray:4 3}\n"
    ".e{fill:none;stroke:var(--line);marker-end:url(#a)}.async{stroke-dasharray:5 4}"
    ".round{stroke:var(--round);marker-end:url(#b)}.a{fill:var(--line)}.b{fill:var(--round)}\n"
    ".z0{fill:#4477aa}.z1{fill:#ee6677}.z2{fill:#228833}.z3{fill:#ccbb44}.z4{fill:#66ccee}"
    ".z5{fill:#aa3377}\n";

struct canvas {
    FILE *out;
    const struct draw_view *view;
    struct drawing drawing;
    const char **zones; /* distinct, in the order of services */
    uint32_t zone_count;
    int32_t box, left, top, width, height;
};

static void escaped(FILE *out, const char *s, size_t len) {
    for (size_t k = 0; k < len; k++) switch (s[k]) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc(s[k], out);
        }
}

/* Signs of a text, and the bytes of the first "most" of them. */
static uint32_t signs(const char *s, uint32_t most, size_t *bytes) {
    uint32_t count = 0;
    size_t at = 0;
    for (size_t left = strlen(s); left > 0; count++) {
        size_t one = utf8_sequence(s + at, left);
        if (one == 0) one = 1;
        at += one;
        left -= one;
        if (count < most) *bytes = at;
    }
    return count;
}

static void label(struct canvas *c, const char *class, int32_t x, int32_t y, const char *s) {
    size_t bytes = 0;
    uint32_t count = signs(s, SHOWN, &bytes);
    fprintf(c->out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
    escaped(c->out, s, bytes);
    fputs(count > SHOWN ? "…</text>" : "</text>", c->out);
}

/* ---- what there is ---- */

static uint32_t zone_of(const struct canvas *c, const char *zone) {
    for (uint32_t z = 0; z < c->zone_count; z++)
        if (strcmp(c->zones[z], zone) == 0) return z;
    return c->zone_count;
}

static void measure(struct arena *arena, struct canvas *c) {
    const struct topology *t = c->view->topology;
    uint32_t longest = 8;
    size_t bytes;
    c->zones = ARENA_NEW(arena, const char *, t->service_count);
    for (uint32_t s = 0; s < t->service_count; s++) {
        uint32_t count = signs(t->services[s].name, SHOWN, &bytes);
        const char *zone = t->services[s].zone;
        if (count > longest) longest = count;
        if (*zone && zone_of(c, zone) == c->zone_count) c->zones[c->zone_count++] = zone;
    }
    c->box = SIGN * (int32_t)(longest > SHOWN ? SHOWN + 1 : longest) + 24;
}

/* ---- calls ---- */

static void curve(struct canvas *c, int32_t x, int32_t y, int32_t end_x, int32_t end_y) {
    int32_t middle = (x + end_x) / 2;
    fprintf(c->out, " C%d %d %d %d %d %d", middle, y, middle, end_y, end_x, end_y);
}

/* A call leaves on the side where its callee stands; to one of the same layer it bows out. */
static void edge(struct canvas *c, const struct draw_edge *e) {
    const struct draw_point from = c->drawing.services[e->from], to = c->drawing.services[e->to];
    const struct topo_service *services = c->view->topology->services;
    int32_t half = c->box / 2, side = to.x < from.x ? -1 : 1, back = to.x == from.x ? 1 : -side;
    int32_t x = c->left + from.x + side * half, y = c->top + from.y;
    int32_t end_x = c->left + to.x + back * (half + 2), end_y = c->top + to.y;
    fprintf(c->out, "<path class=\"e%s%s\" d=\"M%d %d",
            draw_not_waited_for(c->view, e->from, e->to) ? " async" : "",
            draw_goes_round(c->view, e->from, e->to) ? " round" : "", x, y);
    for (uint32_t b = 0; b < e->bend_count && side > 0; b++) {
        int32_t bx = c->left + e->bends[b].x, by = c->top + e->bends[b].y;
        curve(c, x, y, bx - half, by);
        fprintf(c->out, " L%d %d", bx + half, by);
        x = bx + half;
        y = by;
    }
    if (to.x == from.x)
        fprintf(c->out, " C%d %d %d %d %d %d", x + BOW, y, end_x + BOW, end_y, end_x, end_y);
    else
        curve(c, x, y, end_x, end_y);
    fputs("\"><title>", c->out);
    escaped(c->out, services[e->from].name, strlen(services[e->from].name));
    fputs(" calls ", c->out);
    escaped(c->out, services[e->to].name, strlen(services[e->to].name));
    fputs("</title></path>\n", c->out);
}

/* ---- services ---- */

static void box(struct canvas *c, int32_t x, int32_t y, int32_t width, int32_t height,
                enum topo_kind kind, const char *more) {
    int round = kind == TOPO_DATASTORE || kind == TOPO_CACHE ? height / 2 : 5;
    fprintf(c->out,
            "<rect class=\"n %s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>",
            topo_kind_name(kind), more, x, y, width, height, round);
}

static void service(struct canvas *c, uint32_t s) {
    const struct topo_service *one = &c->view->topology->services[s];
    const char *role = c->view->roles[s];
    const struct draw_point at = c->drawing.services[s];
    int32_t height = HEIGHT + (*role ? ROLE : 0), x = c->left + at.x - c->box / 2;
    int32_t y = c->top + at.y - height / 2;
    bool cyclic = c->view->size[c->view->component[s]] > 1;
    fputs("<g><title>", c->out);
    escaped(c->out, one->name, strlen(one->name));
    fprintf(c->out, ": %s, %u pods</title>", topo_kind_name(one->kind), one->replicas);
    box(c, x, y, c->box, height, one->kind, cyclic ? " cyclic" : one->entry ? " entry" : "");
    if (*one->zone)
        fprintf(c->out, "<circle class=\"z%u\" cx=\"%d\" cy=\"%d\" r=\"4\"/>",
                zone_of(c, one->zone) % ZONES, x + c->box - 10, y + 9);
    label(c, "t", x + 12, y + 17, one->name);
    if (*role) label(c, "r", x + 12, y + 31, role);
    fputs("</g>\n", c->out);
}

/* ---- around them ---- */

static void head(struct canvas *c) {
    const struct topology *t = c->view->topology;
    fprintf(c->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
            c->width, c->height, c->width, c->height);
    escaped(c->out, t->title, strlen(t->title));
    fprintf(c->out,
            "</title>\n<style>%s</style>\n<defs><marker id=\"a\" markerWidth=\"8\" "
            "markerHeight=\"8\" refX=\"6\" refY=\"4\" orient=\"auto\"><path class=\"a\" d=\"M0 0L8 "
            "4L0 8z\"/></marker><marker id=\"b\" markerWidth=\"8\" markerHeight=\"8\" refX=\"6\" "
            "refY=\"4\" orient=\"auto\"><path class=\"b\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n",
            style);
    fprintf(c->out, "<text class=\"h\" x=\"%d\" y=\"%d\">", MARGIN, MARGIN + 12);
    escaped(c->out, t->title, strlen(t->title));
    fprintf(c->out, "</text>\n<text class=\"s\" x=\"%d\" y=\"%d\">%u services, %u calls</text>\n",
            MARGIN, MARGIN + 30, t->service_count, t->call_count);
}

static void legend(struct canvas *c) {
    int32_t x = MARGIN, y = c->height - LEGEND + 20;
    for (int kind = 0; kind < TOPO_KIND_COUNT; kind++, x += 92) {
        box(c, x, y - 11, 22, 14, (enum topo_kind)kind, "");
        label(c, "s", x + 28, y, topo_kind_name((enum topo_kind)kind));
    }
    x = MARGIN;
    y += 26;
    fprintf(c->out, "<path class=\"e\" d=\"M%d %dh22\"/>", x, y - 4);
    label(c, "s", x + 28, y, "calls");
    fprintf(c->out, "<path class=\"e async\" d=\"M%d %dh22\"/>", x + 72, y - 4);
    label(c, "s", x + 100, y, "not waited for");
    fprintf(c->out, "<path class=\"e round\" d=\"M%d %dh22\"/>", x + 190, y - 4);
    label(c, "s", x + 218, y, "in a cycle");
    box(c, x + 284, y - 11, 22, 14, TOPO_FRONTEND, " entry");
    label(c, "s", x + 312, y, "entry point");
    for (uint32_t z = 0; z < c->zone_count && z < ZONES; z++) {
        int32_t at = x + 400 + 100 * (int32_t)z;
        fprintf(c->out, "<circle class=\"z%u\" cx=\"%d\" cy=\"%d\" r=\"4\"/>", z, at, y - 4);
        label(c, "s", at + 9, y, c->zones[z]);
    }
    fputc('\n', c->out);
}

bool draw_svg(const struct draw_view *view, enum draw_layout layout, FILE *out) {
    struct arena arena;
    struct canvas c = {.out = out, .view = view};
    arena_open(&arena);
    measure(&arena, &c);
    struct draw_point step = {c.box + ACROSS, HEIGHT + ROLE + GAP};
    bool ok = draw_lay_out(&arena, view->topology, layout, step, &c.drawing);
    if (ok) {
        c.left = MARGIN + c.box / 2;
        c.top = MARGIN + 74;
        c.width = c.drawing.width + c.box + 2 * MARGIN;
        if (c.width < NARROWEST) c.width = NARROWEST;
        c.height = c.top + c.drawing.height + HEIGHT + MARGIN + LEGEND;
        head(&c);
        for (uint32_t e = 0; e < c.drawing.edge_count; e++) edge(&c, &c.drawing.edges[e]);
        for (uint32_t s = 0; s < view->topology->service_count; s++) service(&c, s);
        legend(&c);
        fputs("</svg>\n", out);
    }
    arena_close(&arena);
    return ok;
}
