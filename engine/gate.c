/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/gate.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

/* A verdict on one figure; gate_judge adds judged and action. */
static struct gate_verdict measured(bool pass, enum gate_figure of, int64_t figure, int64_t limit) {
    return (struct gate_verdict){.pass = pass, .of = of, .figure = figure, .limit = limit};
}

static struct gate_verdict missing(enum gate_figure of, int64_t limit) {
    return (struct gate_verdict){.no_data = true, .of = of, .limit = limit};
}

/* Rounded up, so that the figure is over the limit exactly when the share is. A part that seems
 * more than its whole (their samples differ) is all of it. */
static int64_t share_up(int64_t part, int64_t whole) {
    if (part <= 0) return 0;
    return part >= whole ? PPM_ONE : -muldiv(-part, PPM_ONE, whole);
}

static struct gate_verdict judge_error_budget(const struct eng_gates *gates,
                                              const struct gate_facts *facts) {
    struct gate_number requests = facts->budget_requests, errors = facts->budget_errors;
    if (requests.kind != VALUE_NUMBER || errors.kind != VALUE_NUMBER || requests.micro <= 0)
        return missing(FIGURE_BUDGET, gates->budget_ppm);
    int64_t share = share_up(errors.micro, requests.micro);
    return measured(share <= gates->budget_ppm, FIGURE_BUDGET, share, gates->budget_ppm);
}

static struct gate_verdict judge_blast_radius(const struct eng_gates *gates,
                                              const struct gate_facts *facts) {
    const struct blast_radius *blast = &facts->blast;
    enum blast_bound bound = graph_blast_bound(gates, blast->count, blast->share_ppm);
    if (bound == BLAST_OVER_SHARE)
        return measured(false, FIGURE_AFFECTED_SHARE, blast->share_ppm, gates->blast_ppm);
    return measured(bound == BLAST_WITHIN, FIGURE_AFFECTED, blast->count, gates->blast_count);
}

static struct gate_verdict judge_recent_failures(const struct eng_gates *gates,
                                                 const struct gate_facts *facts) {
    return measured(facts->failed_operations < gates->failures_max, FIGURE_FAILED_OPERATIONS,
                    facts->failed_operations, gates->failures_max);
}

/* A change that seems to lie ahead (a wall clock stepped back) was made now: it delays by one
 * cooldown, not for as long as the clock was wrong. */
static struct gate_verdict judge_cooldown(const struct eng_gates *gates,
                                          const struct gate_facts *facts) {
    if (!facts->changed_before) return measured(true, FIGURE_NEVER_CHANGED, 0, gates->cooldown_ns);
    time_ns now = facts->now_wall;
    time_ns changed = facts->last_change_wall < now ? facts->last_change_wall : now;
    struct gate_verdict v = measured(now - changed >= gates->cooldown_ns, FIGURE_SINCE_CHANGE,
                                     now - changed, gates->cooldown_ns);
    if (!v.pass) v.until_wall = time_add(changed, gates->cooldown_ns);
    return v;
}

/* The scarcest of the three, measured from its own limit. */
static struct gate_verdict judge_capacity(const struct eng_gates *gates,
                                          const struct gate_facts *facts) {
    const struct {
        struct gate_number used;
        enum gate_figure of;
        int64_t least;
    } resource[] = {{facts->cpu_share, FIGURE_CPU_HEADROOM, gates->cpu_headroom_ppm},
                    {facts->memory_share, FIGURE_MEMORY_HEADROOM, gates->memory_headroom_ppm},
                    {facts->disk_share, FIGURE_DISK_HEADROOM, gates->disk_headroom_ppm}};
    struct gate_verdict scarcest = {.judged = false};
    bool eases = facts->remedy == REMEDY_RESTART || facts->remedy == REMEDY_SCALE_OUT;
    const size_t first = eases ? 2 : 0;
    for (size_t i = first; i < ARRAY_LEN(resource); i++) {
        if (resource[i].used.kind != VALUE_NUMBER)
            return missing(resource[i].of, resource[i].least);
        int64_t headroom = PPM_ONE - resource[i].used.micro, least = resource[i].least;
        if (i == first || headroom - least < scarcest.figure - scarcest.limit)
            scarcest = measured(headroom >= least, resource[i].of, headroom, least);
    }
    return scarcest;
}

static struct gate_verdict judge_incident_rate(const struct eng_gates *gates,
                                               const struct gate_facts *facts) {
    return measured(facts->incidents_last_hour <= gates->incidents_max, FIGURE_INCIDENTS,
                    facts->incidents_last_hour, gates->incidents_max);
}

/* What the windows say of one instant: may it run; if not, from when on this reason is gone. */
struct window_state {
    enum gate_figure of;
    time_ns until_wall;
};

static struct window_state windows_at(const struct eng_config *config, time_ns at) {
    struct window_state blackout = {FIGURE_BLACKOUT, at}, closed = {FIGURE_NO_WINDOW, TIME_NEVER};
    bool any_maintenance = false, in_maintenance = false;
    for (uint32_t i = 0; i < config->window_count; i++) {
        const struct eng_window *window = &config->windows[i];
        bool inside = window->begin_wall <= at && at < window->end_wall;
        if (!window->maintenance) {
            if (inside && window->end_wall > blackout.until_wall)
                blackout.until_wall = window->end_wall;
            continue;
        }
        any_maintenance = true;
        in_maintenance |= inside;
        if (window->begin_wall > at && window->begin_wall < closed.until_wall)
            closed = (struct window_state){FIGURE_NO_MAINTENANCE, window->begin_wall};
    }
    if (blackout.until_wall > at) return blackout;
    if (any_maintenance && !in_maintenance) return closed;
    return (struct window_state){FIGURE_OPEN, at};
}

/* The reason that stands now, and the instant at which none does: the end of a blackout may lie in
 * the next one, or outside every maintenance window. Each turn passes an edge of a window, so there
 * are at most as many turns as edges. */
static struct gate_verdict judge_time_windows(const struct eng_config *config,
                                              const struct gate_facts *facts) {
    time_ns now = facts->now_wall;
    struct window_state first = windows_at(config, now), state = first;
    while (state.of != FIGURE_OPEN && state.of != FIGURE_NO_WINDOW)
        state = windows_at(config, state.until_wall);
    if (first.of == FIGURE_OPEN || first.of == FIGURE_NO_WINDOW)
        return measured(first.of == FIGURE_OPEN, first.of, 0, 0);
    struct gate_verdict v = measured(false, first.of, first.until_wall - now, 0);
    v.until_wall = state.of == FIGURE_OPEN ? state.until_wall : 0;
    return v;
}

/* No tests at all is data: a patch may come without, and a remedy without a patch has none. */
static struct gate_verdict judge_patch(const struct gate_facts *facts) {
    if (facts->remedy != REMEDY_PATCH) return measured(true, FIGURE_NO_PATCH, 0, 0);
    if (!facts->checks_known) return missing(FIGURE_CHECKS, 0);
    if (!facts->syntax) return measured(false, FIGURE_SYNTAX, 0, 0);
    if (!facts->analysis) return measured(false, FIGURE_ANALYSIS, 0, 0);
    if (facts->tests_failed > 0) return measured(false, FIGURE_TESTS, facts->tests_failed, 0);
    if (!facts->dependencies) return measured(false, FIGURE_DEPENDENCIES, 0, 0);
    return measured(true, FIGURE_CHECKS, 0, 0);
}

/* part / whole on a scale of 0 to 1. */
static int64_t scale(int64_t part, int64_t whole) {
    if (part <= 0) return 0;
    return part >= whole ? PPM_ONE : ppm_of(part, whole);
}

static int64_t hour_of_day(time_ns wall) {
    time_ns day = 24 * NS_PER_HOUR, in_day = wall % day;
    return (in_day < 0 ? in_day + day : in_day) / NS_PER_HOUR;
}

static struct gate_verdict judge_risk(const struct eng_config *config,
                                      const struct gate_facts *facts, int64_t parts[4]) {
    const struct eng_gates *gates = &config->gates;
    int64_t hour_ppm = gates->risk_hour_ppm_by_hour[hour_of_day(facts->now_wall)];
    int64_t change_ppm = scale(facts->lines_changed, gates->risk_lines_full);
    int64_t severity_ppm = scale(facts->own_excess_ppm, config->detection.critical_error_ppm);
    parts[0] = ppm_mul(gates->risk_criticality_ppm, facts->criticality_ppm);
    parts[1] = ppm_mul(gates->risk_change_ppm, change_ppm);
    parts[2] = ppm_mul(gates->risk_severity_ppm, severity_ppm);
    parts[3] = ppm_mul(gates->risk_hour_ppm, hour_ppm);
    int64_t score = parts[0] + parts[1] + parts[2] + parts[3];
    return measured(score <= gates->risk_max_ppm, FIGURE_RISK, score, gates->risk_max_ppm);
}

/* A share of bad requests as a multiple of what the objective allows, rounded up. */
static int64_t burnt(const struct gate_number *bad, int64_t allowed_ppm) {
    return bad->micro <= 0 ? 0 : -muldiv(-bad->micro, PPM_ONE, allowed_ppm);
}

static int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }

/* All of it used up; or, while some is left, burnt too fast over both windows of a pair. */
static struct gate_verdict judge_slo(const struct eng_gates *gates,
                                     const struct gate_facts *facts) {
    int64_t allowed = PPM_ONE - facts->slo.objective_ppm;
    if (facts->slo_bad.kind != VALUE_NUMBER) return missing(FIGURE_SLO_BUDGET, PPM_ONE);
    int64_t used = burnt(&facts->slo_bad, allowed);
    struct gate_verdict v = measured(used <= PPM_ONE, FIGURE_SLO_BUDGET, used, PPM_ONE);
    for (uint32_t k = 0; v.pass && k < gates->burn_count; k++) {
        const struct gate_number *over[] = {&facts->burn_long[k], &facts->burn_short[k]};
        int64_t limit = gates->burn[k].factor_ppm;
        if (over[0]->kind != VALUE_NUMBER || over[1]->kind != VALUE_NUMBER)
            return missing(FIGURE_BURN_RATE, limit);
        int64_t rate = lesser(burnt(over[0], allowed), burnt(over[1], allowed));
        if (rate > limit) v = measured(false, FIGURE_BURN_RATE, rate, limit);
    }
    return v;
}

static struct gate_verdict judge(const struct eng_config *config, const struct gate_facts *facts,
                                 enum gate gate, int64_t risk_parts[4]) {
    switch (gate) {
    case GATE_ERROR_BUDGET: return judge_error_budget(&config->gates, facts);
    case GATE_BLAST_RADIUS: return judge_blast_radius(&config->gates, facts);
    case GATE_RECENT_FAILURES: return judge_recent_failures(&config->gates, facts);
    case GATE_COOLDOWN: return judge_cooldown(&config->gates, facts);
    case GATE_RESOURCE_CAPACITY: return judge_capacity(&config->gates, facts);
    case GATE_INCIDENT_RATE: return judge_incident_rate(&config->gates, facts);
    case GATE_TIME_WINDOWS: return judge_time_windows(config, facts);
    case GATE_PATCH: return judge_patch(facts);
    case GATE_RISK: return judge_risk(config, facts, risk_parts);
    case GATE_SLO: return judge_slo(&config->gates, facts);
    case GATE_COUNT: break;
    }
    UNREACHABLE();
}

void gate_judge(const struct eng_config *config, const struct gate_facts *facts,
                struct gate_verdicts *out) {
    memset(out, 0, sizeof *out);
    out->action = ACTION_ALLOW;
    out->deciding = GATE_COUNT;
    for (int g = 0; g < GATE_COUNT; g++) {
        struct gate_verdict *v = &out->gate[g];
        v->pass = true;
        if (!config->gates.enabled[g] || (g == GATE_SLO && facts->slo.objective_ppm == 0)) continue;
        *v = judge(config, facts, (enum gate)g, out->risk_parts_ppm);
        v->judged = true;
        v->action = v->pass ? ACTION_ALLOW : config->gates.action[g];
        if (v->pass || (out->deciding != GATE_COUNT && v->action <= out->action)) continue;
        out->action = v->action;
        out->deciding = (enum gate)g;
    }
    out->pass = out->action <= ACTION_WARN;
}

/* Is more of it better? */
static bool wants_more(enum gate gate) {
    return gate == GATE_COOLDOWN || gate == GATE_RESOURCE_CAPACITY;
}

/* A score is shown in hundredths. It weighs an error share that is measured anew over seconds: what
 * differs by less than is shown is no worse. */
#define SCORE_SHOWN_PPM (PPM_ONE / 100)

static bool no_worse(enum gate gate, int64_t now, int64_t shown) {
    if (gate == GATE_RISK) return now < shown + SCORE_SHOWN_PPM;
    return wants_more(gate) ? now >= shown : now <= shown;
}

static bool waived(enum gate gate, const struct gate_verdict *now,
                   const struct gate_verdict *shown) {
    bool same = shown->judged && !shown->pass && now->action == ACTION_PAUSE &&
                now->of == shown->of && now->no_data == shown->no_data;
    return same && no_worse(gate, now->figure, shown->figure);
}

enum gate gate_after_approval(const struct gate_verdicts *now, const struct gate_verdicts *shown) {
    enum gate deciding = GATE_COUNT;
    for (int g = 0; g < GATE_COUNT; g++) {
        const struct gate_verdict *v = &now->gate[g];
        if (!v->judged || v->pass || waived((enum gate)g, v, &shown->gate[g])) continue;
        if (deciding == GATE_COUNT || v->action > now->gate[deciding].action)
            deciding = (enum gate)g;
    }
    return deciding;
}

enum unit { UNIT_NONE, UNIT_COUNT, UNIT_SHARE, UNIT_SCORE, UNIT_TIME };

#define FIGURE_ROW(NAME, text, unit) {text, UNIT_##unit},
static const struct {
    const char *text;
    enum unit unit;
} figures[] = {GATE_FIGURES(FIGURE_ROW)};
#undef FIGURE_ROW

int64_t gate_figure_micro(const struct gate_verdict *verdict) {
    switch (figures[verdict->of].unit) {
    case UNIT_COUNT: return verdict->figure * PPM_ONE;
    case UNIT_TIME: return verdict->figure / NS_PER_US;
    default: return verdict->figure;
    }
}

static void write_figure(struct writer *w, enum unit unit, int64_t v) {
    switch (unit) {
    case UNIT_NONE: break;
    case UNIT_COUNT: write_int(w, v); break;
    case UNIT_SHARE: write_share(w, v); break;
    case UNIT_SCORE: write_micro(w, v); break;
    case UNIT_TIME:
        write_micro(w, v / NS_PER_US);
        write_text(w, "s");
        break;
    }
}

/* How a figure stands to its limit when the gate passes. */
static const char *wanted(enum gate gate) {
    switch (gate) {
    case GATE_RECENT_FAILURES: return "fewer than ";
    default: return wants_more(gate) ? "at least " : "at most ";
    }
}

static void write_finding(struct writer *w, enum gate gate, const struct gate_verdict *v) {
    enum unit unit = figures[v->of].unit;
    if (unit != UNIT_NONE && !v->no_data) {
        write_figure(w, unit, v->figure);
        write_text(w, " ");
    }
    write_text(w, figures[v->of].text);
    if (v->no_data) write_text(w, ": no data");
    if (unit == UNIT_NONE || gate == GATE_TIME_WINDOWS) return;
    write_text(w, ", ");
    write_text(w, wanted(gate));
    write_figure(w, unit, v->limit);
}

void gate_explain(enum gate gate, const struct gate_verdict *verdict, struct text *out) {
    char line[256];
    struct writer w = writer_of(line, sizeof line);
    write_text(&w, gate_name(gate));
    write_text(&w, !verdict->judged ? " is disabled" : verdict->pass ? " passes: " : " fails: ");
    if (verdict->judged) write_finding(&w, gate, verdict);
    text_setn(out, line, w.len);
}
