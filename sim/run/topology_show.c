/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/terminal.h"
#include "sim/run/topology_parts.h"
#include "reports/forms/page.h"
#include "topologies/draw/draw.h"
#include "topologies/graph.h"
#include "topologies/roles.h"

/* The usual limits of who may be affected, for roles that the file does not give. */
static const struct topo_reach usual_reach = {3, 10, 200000, 4};

struct shown {
    struct arena arena;
    const struct topology *topology;
    struct draw_view view;
    int64_t *visits;
    bool finite; /* its visits */
};

static void take_roles(struct shown *s, const char **roles) {
    const struct topology *t = s->topology;
    struct svc_id usual[TOPO_USUAL_COUNT];
    for (uint32_t k = 0; k < t->service_count; k++) roles[k] = "";
    if (s->finite) {
        topo_usual_roles(t, s->visits, &usual_reach, usual);
        for (int r = 0; r < TOPO_USUAL_COUNT; r++)
            if (usual[r].v != NONE_ID) roles[usual[r].v] = topo_usual_name((enum topo_usual)r);
    }
    for (uint32_t r = 0; r < t->role_count; r++) roles[t->roles[r].service.v] = t->roles[r].name;
}

static bool look_at(struct shown *s, const char *name, struct diags *diags) {
    const char *path, *suggestion, *bytes;
    size_t len;
    if (!file_find(&s->arena, "topology", name, NULL, &path, &suggestion)) {
        char shown[96];
        printable(shown, sizeof shown, name, strlen(name));
        fprintf(stderr, "firedrill topology: no topology \"%s\"%s%s%s\n", shown,
                suggestion ? "; did you mean \"" : "", suggestion ? suggestion : "",
                suggestion ? "\"?" : "");
        return false;
    }
    if (!file_read(&s->arena, path, &bytes, &len, diags)) return false;
    s->topology = topo_load(&s->arena, path, bytes, len, diags);
    if (!s->topology) return false;
    uint32_t n = s->topology->service_count;
    uint32_t *component = ARENA_NEW(&s->arena, uint32_t, n),
             *size = ARENA_NEW(&s->arena, uint32_t, n);
    const char **roles = ARENA_NEW(&s->arena, const char *, n);
    s->visits = ARENA_NEW(&s->arena, int64_t, n);
    s->finite = topo_visit_ratios(s->topology, s->visits);
    take_roles(s, roles);
    if (!topo_strong_components(s->topology, component)) return false;
    for (uint32_t k = 0; k < n; k++) size[component[k]]++;
    s->view = (struct draw_view){s->topology, roles, component, size};
    return true;
}

/* ---- as text ---- */

static void service_row(struct table *table, const struct shown *s, uint32_t k) {
    const struct topology *t = s->topology;
    const struct topo_service *one = &t->services[k];
    struct table_row *row = table_row(table);
    CELL(row, 0, "%.63s", one->name);
    CELL(row, 1, "%s%s", topo_kind_name(one->kind), one->entry ? ", entry" : "");
    CELL(row, 2, "%.63s", s->view.roles[k]);
    CELL(row, 3, "%.63s", one->zone);
    CELL(row, 4, "%u", one->replicas);
    CELL(row, 5, "%u", t->in_offset[k + 1] - t->in_offset[k]);
    CELL(row, 6, "%u", t->out_offset[k + 1] - t->out_offset[k]);
    if (s->finite)
        CELL(row, 7, "%lld.%03lld", (long long)(s->visits[k] / 1000000),
             (long long)(s->visits[k] / 1000 % 1000));
    if (s->view.size[s->view.component[k]] > 1) CELL(row, 8, "%u", s->view.component[k]);
}

static void show_text(struct shown *s) {
    static const struct table_column columns[] = {
        {"service", 0, 16, false}, {"kind", 0, 0, false},  {"role", 0, 8, false},
        {"zone", 3, 8, false},     {"pods", 0, 0, true},   {"callers", 0, 0, true},
        {"calls", 0, 0, true},     {"visits", 2, 0, true}, {"cycle", 0, 0, true}};
    struct table table = {.columns = columns, .column_count = (int)ARRAY_LEN(columns)};
    struct topo_facts facts;
    const struct topology *t = s->topology;
    printf("%s: %s\n%u services, %u calls", t->name, t->title, t->service_count, t->call_count);
    if (topo_facts(&s->arena, t, &facts))
        printf(", %u part%s, %u cycle%s, longest shortest chain %u", facts.components,
               facts.components == 1 ? "" : "s", facts.cycles_in, facts.cycles_in == 1 ? "" : "s",
               facts.diameter);
    printf("%s\n\n", s->finite ? "" : "; its calls feed back without end");
    for (uint32_t k = 0; k < t->service_count; k++) service_row(&table, s, k);
    table_print(&table, stdout, terminal_width(stdout), terminal_colour(stdout));
    table_free(&table);
}

/* ---- as files ---- */

static enum status draw(const struct shown *s, const char *path, bool svg,
                        enum draw_layout layout) {
    struct diags diags = {0};
    struct file_out out;
    bool drawn = true;
    if (!file_begin(&out, path, &diags)) return bad_input(&diags);
    if (svg)
        drawn = draw_svg(&s->view, layout, out.stream);
    else
        draw_dot(&s->view, out.stream);
    if (!drawn) {
        file_abandon(&out);
        fprintf(stderr, "firedrill topology: igraph could not lay it out\n");
        return STATUS_BUG;
    }
    return file_commit(&out, &diags) ? STATUS_OK : bad_input(&diags);
}

enum status topology_show(const struct arguments *a) {
    static const char *const layouts[] = {DRAW_LAYOUTS(DRAW_LAYOUT_WORD)};
    const char *svg = argument(a, "svg"), *dot = argument(a, "dot");
    struct shown s = {.topology = NULL};
    struct diags diags = {0};
    int layout;
    if (!topology_choice(a, "layout", layouts, ARRAY_LEN(layouts), DRAW_SUGIYAMA, &layout))
        return STATUS_BAD_INPUT;
    arena_open(&s.arena);
    enum status status = look_at(&s, a->operands[1], &diags) ? STATUS_OK : STATUS_BAD_INPUT;
    diag_print(&diags, stderr);
    if (status == STATUS_OK && svg) status = draw(&s, svg, true, (enum draw_layout)layout);
    if (status == STATUS_OK && dot) status = draw(&s, dot, false, (enum draw_layout)layout);
    if (status == STATUS_OK && !svg && !dot) show_text(&s);
    arena_close(&s.arena);
    return status;
}
