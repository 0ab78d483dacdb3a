/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The safety gates once more: each figure from the decision's inputs, then what follows. A gate
 * whose action only warns has no limit in the trace: its figure is held, its verdict is not. */
#include "engine/base/ratio.h"
#include "reports/judge/recompute.h"
#include <math.h>

struct finding {
    int64_t micro, near; /* the figure, as the decision log has it */
    bool pass, unknown;  /* unknown: data is missing; that fails, and has no figure */
};

static int64_t action_of_gate(const struct limits *l, int gate) {
    const int64_t actions[GATE_COUNT] = {
#define ACTION_OF(NAME, name) [GATE_##NAME] = l->gate_##name##_action
        ACTION_OF(ERROR_BUDGET, error_budget),
        ACTION_OF(BLAST_RADIUS, blast_radius),
        ACTION_OF(RECENT_FAILURES, recent_failures),
        ACTION_OF(COOLDOWN, cooldown),
        ACTION_OF(RESOURCE_CAPACITY, resource_capacity),
        ACTION_OF(INCIDENT_RATE, incident_rate),
        ACTION_OF(TIME_WINDOWS, time_windows),
        ACTION_OF(PATCH, patch),
        ACTION_OF(RISK, risk),
        ACTION_OF(SLO, slo),
#undef ACTION_OF
    };
    return actions[gate];
}

static bool number(const struct said_input *in) { return in && in->kind == VALUE_NUMBER; }
static const struct said_input *told(const struct recomputing *r, enum query_kind query,
                                     uint32_t nth) {
    return said_input(r->said, query_name(query), nth);
}

/* Rounded up, so that it is over a limit exactly when the share is. */
static int64_t share_up(int64_t part, int64_t whole) {
    if (part <= 0) return 0;
    return part >= whole ? PPM_ONE : (int64_t)(((int128)part * PPM_ONE + whole - 1) / whole);
}

static struct finding error_budget(const struct recomputing *r) {
    const struct said_input *all = told(r, QUERY_BUDGET_REQUESTS, 0),
                            *failed = told(r, QUERY_BUDGET_ERRORS, 0);
    if (!number(all) || !number(failed) || all->micro <= 0)
        return (struct finding){.unknown = true};
    int64_t share = share_up(failed->micro, all->micro);
    return (struct finding){share, 1, share <= r->facts->limits.budget_ppm, false};
}

static struct finding blast_radius(const struct recomputing *r) {
    const struct limits *l = &r->facts->limits;
    int64_t count = said_count(r->said, "affected"), share = said_micro(r->said, "affected_share");
    bool many = count > l->blast_gate_count;
    bool wide = !many && count >= l->blast_share_from && share > l->blast_share_ppm;
    return (struct finding){wide ? share : count * PPM_ONE, 0, !many && !wide, false};
}

static struct finding recent_failures(const struct recomputing *r) {
    int64_t count = said_count(r->said, "failed_operations");
    return (struct finding){count * PPM_ONE, 0, count < r->facts->limits.failures_max, false};
}

static struct finding cooldown(const struct recomputing *r) {
    const struct said_input *changed = said_input(r->said, "changed_before", 0);
    if (!changed) return (struct finding){0, 0, true, false};
    int64_t age = changed->micro > 0 ? changed->micro : 0;
    return (struct finding){age, 0, age * NS_PER_US >= r->facts->limits.cooldown_ns, false};
}

static struct finding capacity(const struct recomputing *r) {
    const struct limits *l = &r->facts->limits;
    const struct {
        enum query_kind query;
        int64_t least;
    } resources[] = {{QUERY_CPU_SHARE, l->cpu_headroom_ppm},
                     {QUERY_MEMORY_SHARE, l->memory_headroom_ppm},
                     {QUERY_DISK_SHARE, l->disk_headroom_ppm}};
    struct finding scarcest = {.unknown = true};
    int64_t least_over = INT64_MAX;
    int64_t remedy = said_count(r->said, "remedy");
    bool eases = remedy == REMEDY_RESTART || remedy == REMEDY_SCALE_OUT; /* what is short */
    for (size_t k = eases ? 2 : 0; k < ARRAY_LEN(resources); k++) {
        const struct said_input *used = told(r, resources[k].query, 0);
        if (!number(used)) return (struct finding){.unknown = true};
        int64_t headroom = PPM_ONE - used->micro;
        int64_t over = resources[k].least == INT64_MIN ? headroom : headroom - resources[k].least;
        if (over >= least_over) continue;
        least_over = over;
        scarcest = (struct finding){headroom, 0, over >= 0, false};
    }
    return scarcest;
}

static struct finding incident_rate(const struct recomputing *r) {
    int64_t count = said_count(r->said, "incidents");
    return (struct finding){count * PPM_ONE, 0, count <= r->facts->limits.incidents_max, false};
}

/* The gates judge the instant at which their figures were asked. */
static time_ns asked_wall(const struct recomputing *r) {
    return r->said->wall - r->said->duration_micro * NS_PER_US;
}

/* Figure: left of a blackout, or to the next maintenance window. */
static struct finding time_windows(const struct recomputing *r) {
    time_ns now = asked_wall(r), blackout = now, next = TIME_NEVER;
    bool any = false, inside = false;
    EACH(r->facts, window, w) {
        bool in = w->begins_wall <= now && now < w->ends_wall;
        if (!w->maintenance && in && w->ends_wall > blackout) blackout = w->ends_wall;
        any |= w->maintenance;
        inside |= w->maintenance && in;
        if (w->maintenance && w->begins_wall > now && w->begins_wall < next) next = w->begins_wall;
    }
    if (blackout > now) return (struct finding){(blackout - now) / NS_PER_US, 2000, false, false};
    if (any && !inside)
        return (struct finding){next == TIME_NEVER ? 0 : (next - now) / NS_PER_US, 2000, false,
                                false};
    return (struct finding){0, 0, true, false};
}

static struct finding patch(const struct recomputing *r) {
    const struct said_decision *d = r->said;
    if (said_count(d, "remedy") != REMEDY_PATCH) return (struct finding){0, 0, true, false};
    if (said_count(d, "checks_known") == 0) return (struct finding){.unknown = true};
    bool first = said_count(d, "syntax") && said_count(d, "analysis");
    int64_t failed = said_count(d, "tests_failed");
    bool pass = first && failed == 0 && said_count(d, "dependencies");
    return (struct finding){first && failed > 0 ? failed * PPM_ONE : 0, 0, pass, false};
}

static int64_t hour_risk(const struct facts *f, time_ns wall) {
    int64_t hour = wall / NS_PER_HOUR % 24;
    EACH(f, risk_hour, h) if (h->hour == (hour < 0 ? hour + 24 : hour)) return h->ppm;
    return 0;
}

static double part(double figure, double whole) {
    if (figure <= 0) return 0;
    return figure >= whole ? 1 : figure / whole;
}

static struct finding risk(struct recomputing *r) {
    const struct limits *l = &r->facts->limits;
    const struct said_decision *d = r->said;
    const double parts[] = {
        (double)l->risk_criticality_ppm * (double)said_micro(d, "criticality") / 1e6,
        (double)l->risk_change_ppm *
            part((double)said_count(d, "lines_changed"), (double)l->risk_lines_full),
        (double)l->risk_severity_ppm *
            part((double)said_micro(d, "own_excess"), (double)l->critical_error_ppm),
        (double)l->risk_hour_ppm * (double)hour_risk(r->facts, asked_wall(r)) / 1e6};
    static const char *const names[] = {"risk_criticality", "risk_change", "risk_severity",
                                        "risk_hour"};
    double score = 0;
    for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
        recompute_factor(r, names[k], (int64_t)parts[k], 2);
        score += floor(parts[k]);
    }
    const struct said_factor *said = said_factor(d, gate_name(GATE_RISK));
    int64_t weighed = said && fabs((double)said->micro - score) <= 8 ? said->micro : (int64_t)score;
    return (struct finding){weighed, 8, weighed <= l->risk_max_ppm, false};
}

/* A share of bad requests as a multiple of what may be, rounded up. */
static int64_t burnt(int64_t bad, int64_t allowed) {
    if (bad <= 0) return 0;
    return (int64_t)(((int128)bad * PPM_ONE + allowed - 1) / allowed);
}

/* All of the budget used; or burnt too fast over both windows of a pair. */
static struct finding slo(const struct recomputing *r, const struct fact_slo *objective) {
    enum query_kind query = objective->latency ? QUERY_SLOW_SHARE : QUERY_BAD_SHARE;
    const struct said_input *bad = told(r, query, 0);
    int64_t allowed = PPM_ONE - objective->objective_ppm;
    uint32_t nth = 1;
    if (!number(bad)) return (struct finding){.unknown = true};
    int64_t used = burnt(bad->micro, allowed);
    struct finding found = {used, 1, used <= PPM_ONE, false};
    EACH(r->facts, burn_rate, b) {
        const struct said_input *over[] = {told(r, query, nth), told(r, query, nth + 1)};
        nth += 2;
        if (!found.pass) break;
        if (!number(over[0]) || !number(over[1])) return (struct finding){.unknown = true};
        int64_t slow = burnt(over[0]->micro, allowed), fast = burnt(over[1]->micro, allowed);
        int64_t rate = slow < fast ? slow : fast;
        if (rate > b->factor_ppm) found = (struct finding){rate, 1, false, false};
    }
    return found;
}

static const struct fact_slo *objective_of(const struct recomputing *r) {
    EACH(r->facts, slo, s) if (ID_EQ(s->service, r->said->service)) return s;
    return NULL;
}

static struct finding find(struct recomputing *r, int gate) {
    switch (gate) {
    case GATE_ERROR_BUDGET: return error_budget(r);
    case GATE_BLAST_RADIUS: return blast_radius(r);
    case GATE_RECENT_FAILURES: return recent_failures(r);
    case GATE_COOLDOWN: return cooldown(r);
    case GATE_RESOURCE_CAPACITY: return capacity(r);
    case GATE_INCIDENT_RATE: return incident_rate(r);
    case GATE_TIME_WINDOWS: return time_windows(r);
    case GATE_PATCH: return patch(r);
    case GATE_RISK: return risk(r);
    default: return slo(r, objective_of(r));
    }
}

/* What the gates together ask for; scores count those that ask for each. */
struct sum {
    int64_t judged, asking[ACTION_COUNT], action;
};

static void look_at(struct recomputing *r, int gate, struct sum *sum) {
    const struct said_factor *said = said_factor(r->said, gate_name(gate));
    const struct said_constraint *stands = said_constraint(r->said, gate_name(gate));
    int64_t action = action_of_gate(&r->facts->limits, gate);
    bool judges = action >= 0 && (gate != GATE_SLO || objective_of(r));
    if (judges != (said != NULL) || judges != (stands != NULL)) {
        recompute_wrong(r, "%s %s",
                        judges ? "leaves out gate" : "judges gate, which is off:", gate_name(gate));
        return;
    }
    if (!judges) return;
    struct finding found = find(r, gate);
    bool passed = strcmp(said->explanation, "pass") == 0;
    if (!found.unknown) recompute_factor(r, gate_name(gate), found.micro, found.near);
    bool follows = action <= ACTION_WARN ? passed : found.pass && !found.unknown;
    if (passed != follows || stands->satisfied != follows) {
        recompute_wrong(r, "says that %s %s, its inputs say that it does not", gate_name(gate),
                        passed ? "passes" : "fails");
        return;
    }
    int64_t asks = follows ? ACTION_ALLOW : action;
    bool waived = asks == ACTION_PAUSE && !stands->blocking && said_count(r->said, "approved");
    sum->judged++;
    sum->asking[asks]++;
    if (!waived && asks > ACTION_WARN && !stands->blocking)
        recompute_wrong(r, "says that %s does not bind, and nobody approved", gate_name(gate));
    if (!waived && asks > sum->action) sum->action = asks;
}

void recompute_gates(struct recomputing *r) {
    static const struct {
        int64_t action;
        const char *choice;
    } choices[] = {{ACTION_ALLOW, "pass"},
                   {ACTION_DELAY, "delay"},
                   {ACTION_PAUSE, "pause"},
                   {ACTION_REJECT, "reject"}};
    struct sum sum = {.action = ACTION_ALLOW};
    for (int gate = 0; gate < GATE_COUNT && !r->wrong; gate++) look_at(r, gate, &sum);
    if (r->wrong) return;
    int64_t in_row = said_count(r->said, "failures_in_row");
    bool shown = said_count(r->said, "approved") && in_row <= said_count(r->said, "failures_shown");
    if (sum.action <= ACTION_WARN && in_row >= r->facts->limits.failures_in_row && !shown)
        sum.action = ACTION_PAUSE;
    for (size_t k = 0; k < ARRAY_LEN(choices); k++) {
        recompute_score(r, choices[k].choice,
                        sum.judged > 0 ? ppm_of(sum.asking[choices[k].action], sum.judged) : 0, 0);
        if (choices[k].action == sum.action ||
            (sum.action == ACTION_WARN && choices[k].action == ACTION_ALLOW))
            recompute_choice(r, choices[k].choice);
    }
}
