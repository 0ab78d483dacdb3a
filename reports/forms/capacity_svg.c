/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/capacity_forms.h"

#include <math.h>

#define WIDTH  760
#define HEIGHT 420
#define LEFT   86
#define RIGHT  24
#define TOP    64
#define BOTTOM 62
#define TICKS  6

struct plot {
    const struct capacity *c;
    FILE *out;
    double x_low, x_high, y_high, per_x, per_y;
};

/* Text from files goes into a picture as markup would read it. */
static void text(FILE *out, const char *s) {
    for (; *s; s++)
        if (*s == '<' || *s == '>' || *s == '&' || *s == '"')
            fprintf(out, "&#%d;", *s);
        else
            fputc(*s, out);
}

void capacity_svg_begin(const struct capacity *c, int width, int height, FILE *out) {
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n"
            "<style>\n"
            ":root { --paper: #fff; --ink: #1c1c1c; --faint: #d8d8d8; --dim: #5c5c5c; "
            "--line: #0b5cad; --band: #0b5cad33; --limit: #b3261e; --knee: #8a5a00 }\n"
            "@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #ececec; "
            "--faint: #3a3d42; --dim: #a8abb0; --line: #7ab8ff; --band: #7ab8ff33; --limit: "
            "#ff8a80; --knee: #ffc65c } }\n"
            ".paper { fill: var(--paper) } .ink { fill: var(--ink) } .dim { fill: var(--dim) } "
            ".grid { stroke: var(--faint) } .axis { stroke: var(--ink) }\n"
            ".line { stroke: var(--line); fill: none; stroke-width: 2 } .band { fill: "
            "var(--band) } .dot { fill: var(--line) } .bar { stroke: var(--line) }\n"
            ".limit { stroke: var(--limit); stroke-dasharray: 6 4 } .limit-text { fill: "
            "var(--limit) } .knee { stroke: var(--knee); stroke-width: 2 } .knee-band { fill: "
            "var(--knee); opacity: .18 } .knee-text { fill: var(--knee); font-weight: 600 }\n"
            "</style>\n<title>",
            width, height, width, height);
    text(out, c->demand.text);
    fputs(" on ", out);
    text(out, c->scenario);
    fprintf(out, "</title>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", width, height);
    fputs("<text class=\"ink\" x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"600\">", out);
    text(out, c->scenario);
    fputs(" on ", out);
    text(out, c->topology);
    fputs(", policy ", out);
    text(out, c->policy);
    fputs(": ", out);
    text(out, c->demand.text);
    fputs("</text>\n", out);
}

static double px(const struct plot *p, double x) { return LEFT + (x - p->x_low) * p->per_x; }
static double py(const struct plot *p, double y) {
    double at = HEIGHT - BOTTOM - y * p->per_y;
    return at < TOP ? TOP : at;
}
static double value_at(const struct plot *p, uint32_t point) {
    return p->c->x.low + point * p->c->x.step;
}

/* 1, 2 or 5 times a power of ten, so that a range has about six of them. */
static double tick_of(double range) {
    double ten = pow(10, floor(log10(range / TICKS))), part = range / TICKS / ten;
    return ten * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static struct plot plot_of(const struct capacity *c, FILE *out) {
    struct plot p = {.c = c, .out = out};
    p.x_low = c->x.low;
    p.x_high = c->x.low + c->x.last * c->x.step;
    p.y_high = c->demand.value;
    for (uint32_t k = 0; k < c->knee.count; k++) {
        const struct knee_point *point = &c->knee.list[k];
        p.y_high = fmax(p.y_high, isnan(point->high) ? point->value : point->high);
    }
    p.y_high = p.y_high > 0 ? 1.08 * p.y_high : 1;
    p.per_x = (WIDTH - LEFT - RIGHT) / (p.x_high - p.x_low);
    p.per_y = (HEIGHT - TOP - BOTTOM) / p.y_high;
    return p;
}

static void axes(const struct plot *p) {
    double step = tick_of(p->y_high);
    char label[48];
    for (int k = 0; k * step <= p->y_high; k++) {
        double y = k * step;
        fprintf(p->out,
                "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text "
                "class=\"dim\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                LEFT, WIDTH - RIGHT, py(p, y), py(p, y), LEFT - 8, py(p, y) + 4,
                compared_text(label, sizeof label, p->c->demand.figure, y));
    }
    step = tick_of(p->x_high - p->x_low);
    double first = ceil(p->x_low / step) * step;
    for (int k = 0; first + k * step <= p->x_high + step * 1e-9; k++) {
        double x = first + k * step;
        fprintf(p->out,
                "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/><text "
                "class=\"dim\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.6g%s</text>\n",
                px(p, x), px(p, x), HEIGHT - BOTTOM, HEIGHT - BOTTOM + 5, px(p, x),
                HEIGHT - BOTTOM + 20, x, p->c->x.unit);
    }
    fprintf(p->out, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", LEFT,
            WIDTH - RIGHT, HEIGHT - BOTTOM, HEIGHT - BOTTOM);
    fprintf(p->out, "<text class=\"ink\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16);
    text(p->out, p->c->x.key);
    fprintf(p->out, "</text>\n<text class=\"ink\" x=\"16\" y=\"50\">%s</text>\n",
            compared_name(p->c->demand.figure));
}

static void band(const struct plot *p) {
    const struct knee *k = &p->c->knee;
    fputs("<polygon class=\"band\" points=\"", p->out);
    for (uint32_t i = 0; i < k->count; i++)
        if (!isnan(k->list[i].high))
            fprintf(p->out, "%.1f,%.1f ", px(p, value_at(p, k->list[i].point)),
                    py(p, k->list[i].high));
    for (uint32_t i = k->count; i > 0; i--)
        if (!isnan(k->list[i - 1].low))
            fprintf(p->out, "%.1f,%.1f ", px(p, value_at(p, k->list[i - 1].point)),
                    py(p, k->list[i - 1].low));
    fputs("\"/>\n<polyline class=\"line\" points=\"", p->out);
    for (uint32_t i = 0; i < k->count; i++)
        fprintf(p->out, "%.1f,%.1f ", px(p, value_at(p, k->list[i].point)),
                py(p, k->list[i].value));
    fputs("\"/>\n", p->out);
}

static void dots(const struct plot *p) {
    const struct knee *k = &p->c->knee;
    char value[32], at[48];
    for (uint32_t i = 0; i < k->count; i++) {
        const struct knee_point *point = &k->list[i];
        fprintf(p->out,
                "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>%s: %s, %u "
                "seeds</title></circle>\n",
                px(p, value_at(p, point->point)), py(p, point->value), point->curve ? "3.5" : "2",
                capacity_point(at, sizeof at, &p->c->x, point->point),
                compared_text(value, sizeof value, p->c->demand.figure, point->value),
                point->seeds);
    }
}

static void limit(const struct plot *p) {
    double y = py(p, p->c->demand.value);
    char value[32];
    fprintf(p->out,
            "<line class=\"limit\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text "
            "class=\"limit-text\" x=\"%d\" y=\"%.1f\">limit %s</text>\n",
            LEFT, WIDTH - RIGHT, y, y, LEFT + 6, y - 5,
            compared_text(value, sizeof value, p->c->demand.figure, p->c->demand.value));
}

/* Left of the band or right of it, where there is room; else over it. */
static void knee_text(const struct plot *p, double low, double high) {
    const struct knee *k = &p->c->knee;
    char at[48], from[48], to[48], text[160];
    int len = snprintf(text, sizeof text, "knee %s [%s, %s]",
                       capacity_value(at, sizeof at, &p->c->x, k->at, 1),
                       capacity_value(from, sizeof from, &p->c->x, k->low, 1),
                       capacity_value(to, sizeof to, &p->c->x, k->high, 1));
    double width = 8.0 * len + 8;
    bool left = low - width >= LEFT, right = high + width <= WIDTH - RIGHT;
    fprintf(p->out, "<text class=\"knee-text\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
            left    ? low - 8
            : right ? high + 8
                    : WIDTH - RIGHT - 8,
            TOP + 14, left || !right ? "end" : "start", text);
}

/* The interval may be narrower than a line: then the line is it. */
static void knee(const struct plot *p) {
    const struct knee *k = &p->c->knee;
    double at = px(p, k->at), low = fmax(px(p, k->low), LEFT),
           high = fmin(px(p, k->high), WIDTH - RIGHT);
    fprintf(p->out,
            "<rect class=\"knee-band\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/><line "
            "class=\"knee\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
            low, TOP, fmax(high - low, 1), HEIGHT - TOP - BOTTOM, at, at, TOP, HEIGHT - BOTTOM);
    knee_text(p, low, high);
}

void capacity_svg(const struct capacity *c, FILE *out) {
    if (c->y.key[0]) {
        capacity_map_svg(c, out);
        return;
    }
    struct plot p = plot_of(c, out);
    capacity_svg_begin(c, WIDTH, HEIGHT, out);
    axes(&p);
    band(&p);
    limit(&p);
    if (c->knee.status == KNEE_FOUND) knee(&p);
    dots(&p);
    fputs("</svg>\n", out);
}
