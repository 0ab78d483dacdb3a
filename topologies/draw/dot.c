/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "topologies/draw/draw.h"

bool draw_goes_round(const struct draw_view *v, uint32_t from, uint32_t to) {
    return v->component[from] == v->component[to] && v->size[v->component[from]] > 1;
}

bool draw_not_waited_for(const struct draw_view *v, uint32_t from, uint32_t to) {
    const struct topology *t = v->topology;
    bool any = false;
    for (uint32_t c = t->call_offset[from]; c < t->call_offset[from + 1]; c++) {
        if (t->calls[c].to.v != to) continue;
        if (!t->calls[c].async) return false;
        any = true;
    }
    return any;
}

static void quoted(FILE *out, const char *s) {
    fputc('"', out);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') fputc('\\', out);
        fputc(*s, out);
    }
    fputc('"', out);
}

static void node(FILE *out, const struct draw_view *v, uint32_t s) {
    static const char *const shapes[TOPO_KIND_COUNT] = {"box",   "house", "cylinder",
                                                        "box3d", "cds",   "ellipse"};
    const struct topo_service *service = &v->topology->services[s];
    fputs("  ", out);
    quoted(out, service->name);
    fprintf(out, " [shape=%s", shapes[service->kind]);
    if (service->entry) fputs(", penwidth=2", out);
    if (*v->roles[s]) {
        fputs(", xlabel=", out);
        quoted(out, v->roles[s]);
    }
    if (v->size[v->component[s]] > 1) fputs(", color=red", out);
    fputs("];\n", out);
}

/* Services of a zone stand in a box of it. */
static void nodes(FILE *out, const struct draw_view *v) {
    const struct topology *t = v->topology;
    uint32_t clusters = 0;
    for (uint32_t s = 0; s < t->service_count; s++) {
        const char *zone = t->services[s].zone;
        bool first = true;
        if (!*zone) {
            node(out, v, s);
            continue;
        }
        for (uint32_t k = 0; k < s && first; k++) first = strcmp(t->services[k].zone, zone) != 0;
        if (!first) continue;
        fprintf(out, "  subgraph cluster_%u {\n  label=", clusters++);
        quoted(out, zone);
        fputs(";\n", out);
        for (uint32_t k = s; k < t->service_count; k++)
            if (strcmp(t->services[k].zone, zone) == 0) node(out, v, k);
        fputs("  }\n", out);
    }
}

void draw_dot(const struct draw_view *v, FILE *out) {
    const struct topology *t = v->topology;
    fputs("digraph ", out);
    quoted(out, t->name);
    fputs(" {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=11];\n", out);
    nodes(out, v);
    for (uint32_t s = 0; s < t->service_count; s++)
        for (uint32_t k = t->out_offset[s]; k < t->out_offset[s + 1]; k++) {
            uint32_t to = t->out_target[k];
            fputs("  ", out);
            quoted(out, t->services[s].name);
            fputs(" -> ", out);
            quoted(out, t->services[to].name);
            if (draw_not_waited_for(v, s, to)) fputs(" [style=dashed]", out);
            if (draw_goes_round(v, s, to)) fputs(" [color=red]", out);
            fputs(";\n", out);
        }
    fputs("}\n", out);
}
