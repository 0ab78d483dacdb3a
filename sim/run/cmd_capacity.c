/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where does it break? One key of a scenario or its policy is varied, or two. */
#include "reports/forms/capacity_forms.h"
#include "reports/precision.h"
#include "sim/run/capacity_key.h"
#include "sim/run/capacity_runs.h"
#include "sim/run/folder.h"
#include "sim/run/form_files.h"
#include "sim/run/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define CURVE_SEEDS 20 /* a point of the curve, unless --seeds is less */

static const struct option_spec options[] = {
    {"vary", "KEY=LOW..HIGH",
     "a key of the scenario or its policy, and its range; given twice: both as a grid"},
    {"vary", "KEY=LOW..HIGH", NULL},
    {"until", "LIMIT",
     "what marks the knee, such as \"contention.rate > 10%\"; and how well it is to be known: \", "
     "ci(knee) < 2%\""},
    {"seeds", "N|A..B", "seeds a point, at most; default: 100, of a grid 20"},
    {"points", "N", "points of the curve (default 9), or a side of the grid (5)"},
    {"topology", "NAME|FILE", "run on this topology instead of the scenario's"},
    {"policy", "NAME|FILE", "use this policy instead of the scenario's"},
    {"set", "KEY=VALUE,...", "other values of keys of the scenario or its policy"},
    {"jobs", "N", "processes at a time; default: as many as processors"},
    {"out", "DIR", "curve.svg, capacity.json and capacity.csv in this folder"},
    {"json", "FILE", "write it as JSON"},
    {"csv", "FILE", "write it as CSV: a point a line"},
    {"svg", "FILE", "draw it"},
    {NULL, NULL, NULL}};

static void json(const void *c, FILE *out) { capacity_json(c, out); }
static void csv(const void *c, FILE *out) { capacity_csv(c, out); }
static void svg(const void *c, FILE *out) { capacity_svg(c, out); }
static const struct form form_table[] = {
    {"json", "capacity.json", json}, {"csv", "capacity.csv", csv}, {"svg", "curve.svg", svg}};
static const struct form_list forms = {form_table, ARRAY_LEN(form_table)};

struct seeking {
    struct capacity_runs runs;
    struct capacity out;
    uint32_t seeds, points, row; /* row: the point of y that is measured */
};

/* ---- what is asked ---- */

/* "contention.rate > 10%, ci(knee) < 2%" */
static bool read_until(struct capacity *c, struct arena *arena, const char *text,
                       struct diags *diags) {
    static const char *const knee[] = {"knee"};
    struct precision precision;
    struct demands demands;
    const char *comma = text ? strchr(text, ',') : NULL;
    if (!text) {
        diag_error(diags, "--until", 0, 0, "expected such as \"contention.rate > 10%%\", got none");
        return false;
    }
    size_t len = comma ? (size_t)(comma - text) : strlen(text);
    if (!demands_read(&demands, arena_text(arena, text, len), "--until", diags)) return false;
    c->demand = demands.list[0];
    if (c->demand.relative) {
        diag_error(diags, "--until", 0, 0, "\"%s\": there is no base to be a multiple of",
                   c->demand.text);
        return false;
    }
    if (comma &&
        !precision_read(&precision, comma + 1, strlen(comma + 1), knee, 1, "--until", diags))
        return false;
    c->precision = comma ? precision.share : 0;
    return true;
}

static bool read_axes(struct seeking *s, const struct arguments *a, struct diags *diags) {
    const char *first = argument(a, "vary"), *second = argument_again(a, "vary");
    if (!capacity_key_read(&s->out.x, first ? first : "", diags) ||
        (second && !capacity_key_read(&s->out.y, second, diags)))
        return false;
    if (second && strcmp(s->out.x.key, s->out.y.key) == 0) {
        diag_error(diags, "--vary", 0, 0, "\"%s\" is varied already", s->out.y.key);
        return false;
    }
    if (second && s->out.precision > 0) {
        diag_error(diags, "--until", 0, 0,
                   "a grid of two keys has no one knee to be precise about");
        return false;
    }
    return true;
}

static bool read_numbers(struct seeking *s, const struct arguments *a) {
    int64_t at_once, points;
    uint64_t seeds;
    bool grid = s->out.y.key[0];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (!argument_int(a, "jobs", 1, 1024, processors > 0 ? processors : 1, &at_once) ||
        !argument_int(a, "points", 3, grid ? CAPACITY_SIDE_MAX : KNEE_CURVE_MAX, grid ? 5 : 9,
                      &points) ||
        !argument_seeds(a, grid ? "20" : "100", &s->runs.first_seed, &seeds))
        return false;
    if (seeds < 2 || seeds > 100000) {
        fprintf(stderr, "firedrill capacity: --seeds: expected 2 to 100000\n");
        return false;
    }
    s->runs.at_once = (uint32_t)at_once;
    s->points = (uint32_t)points;
    s->seeds = (uint32_t)seeds;
    return true;
}

/* ---- the policy in force ---- */

/* Of what policy_print says: what holds operations back, whatever is varied. */
static const char *limits_in_force(struct arena *arena, const struct policy *policy) {
    static const char *const shown[] = {
        "locking.wait_timeout_seconds",
        "locking.default_ttl_seconds",
        "safety_gates.error_budget.max_error_budget_pct",
        "safety_gates.blast_radius.max_blast_radius_pct",
        "safety_gates.blast_radius.max_absolute_services",
        "safety_gates.recent_failures.max_failures_in_window",
        "safety_gates.cooldown.min_seconds_between_ops",
        "safety_gates.incident_rate.max_incidents_per_hour",
        "safety_gates.risk.max",
        "performance.max_concurrent_operations",
    };
    char *text = NULL, kept[2000] = "";
    size_t len = 0, used = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) return "";
    policy_print(policy, out);
    fclose(out);
    for (const char *at = text; *at;) {
        size_t line = strcspn(at, "\n"), key = strcspn(at, " ");
        for (size_t k = 0; k < ARRAY_LEN(shown); k++)
            if (strlen(shown[k]) == key && memcmp(shown[k], at, key) == 0 &&
                used + line + 2 < sizeof kept)
                used += (size_t)snprintf(kept + used, sizeof kept - used, "%.*s\n", (int)line, at);
        at += line + (at[line] == '\n');
    }
    free(text);
    return arena_text(arena, kept, used);
}

static const char *shown_name(struct arena *arena, const char *name) {
    char shown[200];
    printable(shown, sizeof shown, name, strlen(name));
    return arena_text(arena, shown, strlen(shown));
}

static void describe(struct seeking *s) {
    const struct scenario *scenario = capacity_runs_scenario(&s->runs);
    s->out.scenario = shown_name(s->runs.arena, scenario->plan.name);
    s->out.topology = shown_name(s->runs.arena, scenario->plan.topology->name);
    s->out.policy = shown_name(s->runs.arena, scenario->policy_name);
    s->out.limits = limits_in_force(s->runs.arena, &scenario->policy);
}

/* ---- measuring ---- */

static bool measure(void *context, const uint32_t *points, uint32_t count, uint32_t seeds) {
    struct seeking *s = context;
    return capacity_runs_measure(&s->runs, points, count, s->row, seeds);
}

static double figure(void *context, uint32_t point, const uint32_t *seeds, uint32_t count) {
    struct seeking *s = context;
    return capacity_runs_figure(&s->runs, point, s->row, seeds, count);
}

static struct knee_question question_of(struct seeking *s) {
    return (struct knee_question){.context = s,
                                  .measure = measure,
                                  .figure = figure,
                                  .low = s->out.x.low,
                                  .step = s->out.x.step,
                                  .last = s->out.x.last,
                                  .limit = s->out.demand.value,
                                  .curve = s->points,
                                  .seeds_first = s->seeds < CURVE_SEEDS ? s->seeds : CURVE_SEEDS,
                                  .seeds = s->seeds,
                                  .precision = s->out.precision};
}

/* What refused operations there. */
static void look_at(struct seeking *s, uint32_t x, uint32_t y) {
    const struct capacity_cell *cell = capacity_runs_cell(&s->runs, x, y);
    char first[30], second[30];
    snprintf(s->out.looked_at, sizeof s->out.looked_at, "%s%s%s",
             capacity_point(first, sizeof first, &s->out.x, x), s->out.y.key[0] ? ", " : "",
             s->out.y.key[0] ? capacity_point(second, sizeof second, &s->out.y, y) : "");
    s->out.runs_there = cell->count;
    s->out.refusals = cell->refusals;
    for (int k = 0; k < CONFLICT_COUNT; k++) /* a conflict that only warns holds nothing back */
        if (capacity_runs_scenario(&s->runs)->policy.switches.conflict_action[k] == ACTION_WARN)
            s->out.refusals.of[GATE_COUNT + k] = 0;
    for (uint32_t k = 0; k < cell->count; k++) {
        s->out.requests_there += cell->runs[k].requests;
        s->out.timeouts_there += cell->runs[k].timeouts;
    }
}

/* Why there is no knee, on stderr. */
static enum status no_knee(const struct seeking *s) {
    char low[48], high[48], at_low[32], at_high[32], line[400];
    const struct capacity *c = &s->out;
    const struct knee_point *list = c->knee.list;
    if (c->knee.status == KNEE_GIVEN_UP) return s->runs.status;
    const char *name = compared_name(c->demand.figure);
    uint32_t last = c->knee.count - 1;
    capacity_point(low, sizeof low, &c->x, list[0].point);
    capacity_point(high, sizeof high, &c->x, list[last].point);
    compared_text(at_low, sizeof at_low, c->demand.figure, list[0].value);
    compared_text(at_high, sizeof at_high, c->demand.figure, list[last].value);
    uint32_t unknown = 0;
    while (unknown < last && !isnan(list[unknown].value)) unknown++;
    if (c->knee.status == KNEE_NOT_KNOWN)
        fprintf(stderr,
                "firedrill capacity: no knee: %s has no value at %s, where nothing was counted for "
                "it\n",
                name, capacity_point(low, sizeof low, &c->x, list[unknown].point));
    else
        fprintf(
            stderr,
            "firedrill capacity: no knee between %s and %s: %s is %s at %s and %s at %s, both on "
            "one side of the limit\n",
            low, high, name, at_low, low, at_high, high);
    capacity_binding(c, line, sizeof line);
    fprintf(stderr, "%s\n", line);
    return STATUS_BAD_INPUT;
}

static enum status seek(struct seeking *s) {
    struct knee_question q = question_of(s);
    s->out.knee = knee_find(&q);
    if (s->out.knee.status == KNEE_FOUND)
        look_at(s, s->out.knee.list[s->out.knee.nearest].point, 0);
    else if (s->out.knee.count > 0)
        look_at(s, s->out.knee.list[s->out.knee.count - 1].point, 0);
    return s->out.knee.status == KNEE_FOUND ? STATUS_OK : no_knee(s);
}

static uint32_t spread(uint32_t *points, const struct capacity_axis *axis, uint32_t wanted) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < wanted; k++) {
        uint32_t point = (uint32_t)((uint64_t)axis->last * k / (wanted - 1));
        if (count == 0 || points[count - 1] != point) points[count++] = point;
    }
    return count;
}

static enum status map(struct seeking *s) {
    struct capacity *c = &s->out;
    struct knee_question q = question_of(s);
    c->columns = spread(c->column, &c->x, s->points);
    c->rows = spread(c->row, &c->y, s->points);
    for (uint32_t r = 0; r < c->rows; r++) {
        struct capacity_row *passes = &c->passes[r];
        s->row = c->row[r];
        if (!measure(s, c->column, c->columns, s->seeds)) return s->runs.status;
        for (uint32_t k = 0; k < c->columns; k++)
            c->cell[r][k] = knee_point_of(&q, c->column[k], s->seeds);
        passes->known = knee_between(&q, c->column, c->columns, s->seeds, &passes->at, &passes->low,
                                     &passes->high);
    }
    look_at(s, c->x.last, c->y.last);
    return STATUS_OK;
}

static enum status show(struct seeking *s, const struct arguments *a, const char *folder) {
    struct capacity *c = &s->out;
    c->runs = s->runs.runs;
    c->not_passed = s->runs.not_passed;
    c->violations = s->runs.violations;
    memcpy(c->why, s->runs.why, sizeof c->why);
    memcpy(c->reproduce, s->runs.reproduce, sizeof c->reproduce);
    capacity_text(c, stdout, terminal_width(stdout), terminal_colour(stdout));
    enum status written = form_files(forms, c, a, folder);
    return status_worse(c->violations > 0 ? STATUS_FAILED : STATUS_OK, written);
}

static bool prepared(struct seeking *s, const struct arguments *a) {
    struct diags diags = {0};
    bool good = read_until(&s->out, s->runs.arena, argument(a, "until"), &diags) &&
                read_axes(s, a, &diags) && form_files_possible(forms, a, &diags);
    diag_print(&diags, stderr);
    if (!good || !read_numbers(s, a)) return false;
    s->runs.x = s->out.x;
    s->runs.y = s->out.y;
    s->runs.figure = s->out.demand.figure;
    s->runs.given = (struct scn_options){.topology = argument(a, "topology"),
                                         .policy = argument(a, "policy"),
                                         .set = argument(a, "set")};
    return capacity_runs_open(&s->runs, a->operands[0]);
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    struct arena arena;
    static struct seeking s;
    if (!arguments_read(&a, &command_capacity, argc, argv, &status)) return status;
    const char *folder = argument(&a, "out");
    if (a.operand_count != 1) {
        command_help(&command_capacity, stderr);
        return STATUS_BAD_INPUT;
    }
    arena_open(&arena);
    s = (struct seeking){.runs = {.arena = &arena}};
    status = prepared(&s, &a) && (!folder || folder_make(folder)) ? STATUS_OK : STATUS_BAD_INPUT;
    if (status == STATUS_OK) {
        describe(&s);
        status = s.out.y.key[0] ? map(&s) : seek(&s);
        progress_clear();
    }
    if (status == STATUS_OK) status = show(&s, &a, folder);
    capacity_runs_close(&s.runs);
    arena_close(&arena);
    return status;
}

const struct command command_capacity = {
    "capacity",
    "FILE|NAME",
    "where a figure passes its limit, as keys are varied",
    "firedrill capacity lock_load --vary incidents.rate=4/min..16/min --until 'contention.rate > "
    "10%'",
    options,
    run};
