/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/gate.h"
#include "engine/base/ratio.h"
#include "tests/runner.h"

static struct eng_config config;
static struct gate_facts facts;
static struct gate_verdicts verdicts;
static const time_ns now = 10 * NS_PER_HOUR;

#define NUMBER(v) ((struct gate_number){VALUE_NUMBER, (v), 0})

static void set_limits(void) {
    struct eng_gates *g = &config.gates;
    for (int gate = 0; gate < GATE_COUNT; gate++) {
        g->enabled[gate] = true;
        g->action[gate] = ACTION_PAUSE;
    }
    g->action[GATE_COOLDOWN] = g->action[GATE_RESOURCE_CAPACITY] = ACTION_DELAY;
    g->action[GATE_TIME_WINDOWS] = ACTION_DELAY;
    g->action[GATE_PATCH] = ACTION_REJECT;
    g->budget_ppm = 20000;
    g->blast_ppm = 200000;
    g->blast_count = 10;
    g->blast_share_from = 4;
    g->failures_max = 3;
    g->cooldown_ns = 300 * NS_PER_S;
    g->cpu_headroom_ppm = g->memory_headroom_ppm = 200000;
    g->disk_headroom_ppm = 300000;
    g->incidents_max = 5;
    g->risk_max_ppm = 700000;
    g->risk_criticality_ppm = 400000;
    g->risk_change_ppm = 300000;
    g->risk_severity_ppm = 200000;
    g->risk_hour_ppm = 100000;
    g->risk_lines_full = 200;
}

/* Every gate passes. */
static void begin(void) {
    memset(&config, 0, sizeof config);
    set_limits();
    config.detection.critical_error_ppm = 300000;
    facts = (struct gate_facts){.budget_requests = NUMBER(1000000 * INT64_C(1000000)),
                                .budget_errors = NUMBER(1000 * INT64_C(1000000)),
                                .cpu_share = NUMBER(500000),
                                .memory_share = NUMBER(500000),
                                .disk_share = NUMBER(500000),
                                .checks_known = true,
                                .syntax = true,
                                .analysis = true,
                                .dependencies = true,
                                .tests_run = 3,
                                .now_wall = now};
}

static const struct gate_verdict *judged(enum gate gate) {
    gate_judge(&config, &facts, &verdicts);
    return &verdicts.gate[gate];
}
/* Passes, or is the only one that fails. */
static bool passes(enum gate gate) {
    bool pass = judged(gate)->pass;
    CU_ASSERT_EQUAL(verdicts.pass, pass);
    CU_ASSERT_EQUAL(verdicts.deciding, pass ? GATE_COUNT : gate);
    CU_ASSERT_EQUAL(verdicts.action, pass ? ACTION_ALLOW : config.gates.action[gate]);
    return pass;
}
static bool lacks_data(enum gate gate) { return !passes(gate) && verdicts.gate[gate].no_data; }

static void error_budget(void) {
    begin();
    facts.budget_errors = NUMBER(20000 * INT64_C(1000000));
    CU_ASSERT(passes(GATE_ERROR_BUDGET)); /* exactly 2 % */
    facts.budget_errors.micro += 1;
    CU_ASSERT(!passes(GATE_ERROR_BUDGET));
    CU_ASSERT_EQUAL(judged(GATE_ERROR_BUDGET)->figure, 20001);
    facts.budget_errors = (struct gate_number){VALUE_NONE, 0, 0};
    CU_ASSERT(lacks_data(GATE_ERROR_BUDGET));
    facts.budget_errors = NUMBER(0);
    CU_ASSERT(passes(GATE_ERROR_BUDGET));
    facts.budget_requests = NUMBER(0);
    CU_ASSERT(lacks_data(GATE_ERROR_BUDGET));
    facts.budget_requests = (struct gate_number){VALUE_UNAVAILABLE, 1000000, 0};
    CU_ASSERT(lacks_data(GATE_ERROR_BUDGET));
}

static void blast_radius(void) {
    begin();
    facts.blast = (struct blast_radius){.count = 3, .share_ppm = 900000};
    CU_ASSERT(passes(GATE_BLAST_RADIUS)); /* too few for the share to bind */
    facts.blast = (struct blast_radius){.count = 4, .share_ppm = 200000};
    CU_ASSERT(passes(GATE_BLAST_RADIUS));
    facts.blast.share_ppm = 200001;
    CU_ASSERT(!passes(GATE_BLAST_RADIUS));
    CU_ASSERT_EQUAL(judged(GATE_BLAST_RADIUS)->of, FIGURE_AFFECTED_SHARE);
    facts.blast = (struct blast_radius){.count = 10, .share_ppm = 1000};
    CU_ASSERT(passes(GATE_BLAST_RADIUS));
    facts.blast.count = 11;
    CU_ASSERT(!passes(GATE_BLAST_RADIUS));
    CU_ASSERT_EQUAL(judged(GATE_BLAST_RADIUS)->figure, 11);
}

static void counted_gates(void) {
    begin();
    facts.failed_operations = 2;
    facts.incidents_last_hour = 5;
    CU_ASSERT(passes(GATE_RECENT_FAILURES));
    facts.failed_operations = 3;
    CU_ASSERT(!passes(GATE_RECENT_FAILURES));
    facts.failed_operations = 0;
    facts.incidents_last_hour = 6;
    CU_ASSERT(!passes(GATE_INCIDENT_RATE));
}

static void cooldown(void) {
    begin();
    facts.last_change_wall = now - 1;
    CU_ASSERT(passes(GATE_COOLDOWN)); /* never changed: the instant means nothing */
    facts.changed_before = true;
    CU_ASSERT(!passes(GATE_COOLDOWN));
    CU_ASSERT_EQUAL(judged(GATE_COOLDOWN)->until_wall, now - 1 + 300 * NS_PER_S);
    facts.last_change_wall = now - 300 * NS_PER_S;
    CU_ASSERT(passes(GATE_COOLDOWN));
    facts.last_change_wall += 1;
    CU_ASSERT(!passes(GATE_COOLDOWN));
    facts.last_change_wall = now + NS_PER_HOUR; /* the clock stepped back */
    CU_ASSERT_EQUAL(judged(GATE_COOLDOWN)->until_wall, now + 300 * NS_PER_S);
    config.gates.cooldown_ns = 0;
    CU_ASSERT(passes(GATE_COOLDOWN));
}

static void resource_capacity(void) {
    begin();
    facts.cpu_share = facts.memory_share = NUMBER(800000);
    facts.disk_share = NUMBER(700000);
    CU_ASSERT(passes(GATE_RESOURCE_CAPACITY)); /* each exactly at its limit */
    facts.memory_share.micro++;
    CU_ASSERT(!passes(GATE_RESOURCE_CAPACITY));
    CU_ASSERT_EQUAL(judged(GATE_RESOURCE_CAPACITY)->of, FIGURE_MEMORY_HEADROOM);
    facts.disk_share.micro += 2; /* scarcer still */
    CU_ASSERT_EQUAL(judged(GATE_RESOURCE_CAPACITY)->of, FIGURE_DISK_HEADROOM);
    CU_ASSERT_EQUAL(judged(GATE_RESOURCE_CAPACITY)->figure, 299998);
    facts.memory_share = facts.disk_share = NUMBER(100000);
    facts.cpu_share = (struct gate_number){VALUE_NAN, 0, 0};
    CU_ASSERT(lacks_data(GATE_RESOURCE_CAPACITY));
}

static bool open_at(time_ns wall) {
    facts.now_wall = wall;
    return passes(GATE_TIME_WINDOWS);
}

static void time_windows(void) {
    static const struct eng_window windows[] = {{100, 200, true},  {150, 160, false},
                                                {160, 170, false}, {190, 210, false},
                                                {300, 400, true},  {380, 500, false}};
    begin();
    CU_ASSERT(open_at(120)); /* no windows at all */
    config.windows = windows;
    config.window_count = 2;
    CU_ASSERT(!open_at(99));
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].until_wall, 100);
    CU_ASSERT(open_at(100));
    CU_ASSERT(!open_at(150)); /* blackout wins */
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].of, FIGURE_BLACKOUT);
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].until_wall, 160);
    CU_ASSERT(open_at(160));
    CU_ASSERT(!open_at(200)); /* ends are outside; no other window is to come */
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].of, FIGURE_NO_WINDOW);
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].until_wall, 0);
    config.window_count = ARRAY_LEN(windows);
    CU_ASSERT(!open_at(155)); /* one blackout ends where the next begins */
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].until_wall, 170);
    CU_ASSERT(!open_at(195)); /* the blackout ends outside every maintenance window */
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].until_wall, 300);
    CU_ASSERT(!open_at(390)); /* nothing opens after it */
    CU_ASSERT_EQUAL(verdicts.gate[GATE_TIME_WINDOWS].until_wall, 0);
    config.windows = &windows[1];
    config.window_count = 1;
    CU_ASSERT(open_at(99) && !open_at(155)); /* only a blackout is given */
}

static void patch(void) {
    begin();
    CU_ASSERT(passes(GATE_PATCH));
    facts.tests_failed = 1;
    CU_ASSERT(!passes(GATE_PATCH));
    CU_ASSERT(judged(GATE_PATCH)->of == FIGURE_TESTS && judged(GATE_PATCH)->figure == 1);
    facts.tests_failed = 0;
    facts.tests_run = 0;
    CU_ASSERT(passes(GATE_PATCH));
    bool *const checks[] = {&facts.syntax, &facts.analysis, &facts.dependencies};
    const enum gate_figure named[] = {FIGURE_SYNTAX, FIGURE_ANALYSIS, FIGURE_DEPENDENCIES};
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        *checks[i] = false;
        CU_ASSERT(!passes(GATE_PATCH));
        CU_ASSERT_EQUAL(judged(GATE_PATCH)->of, named[i]);
        *checks[i] = true;
    }
    facts.checks_known = false;
    CU_ASSERT(lacks_data(GATE_PATCH));
}

static void risk(void) {
    begin();
    config.gates.risk_hour_ppm_by_hour[10] = 500000;
    facts.criticality_ppm = 900000;
    facts.lines_changed = 50;
    facts.own_excess_ppm = 150000;
    CU_ASSERT(passes(GATE_RISK));
    CU_ASSERT_EQUAL(verdicts.risk_parts_ppm[0], 360000);
    CU_ASSERT_EQUAL(verdicts.risk_parts_ppm[1], 75000);
    CU_ASSERT_EQUAL(verdicts.risk_parts_ppm[2], 100000);
    CU_ASSERT_EQUAL(verdicts.risk_parts_ppm[3], 50000);
    CU_ASSERT_EQUAL(verdicts.gate[GATE_RISK].figure, 585000);
    config.gates.risk_max_ppm = 585000;
    CU_ASSERT(passes(GATE_RISK)); /* at the limit */
    config.gates.risk_max_ppm = 584999;
    CU_ASSERT(!passes(GATE_RISK));
    config.gates.risk_max_ppm = 1000000;
    facts.criticality_ppm = 1000000;
    facts.lines_changed = 5000; /* each part is at most its weight */
    facts.own_excess_ppm = 900000;
    config.gates.risk_hour_ppm_by_hour[23] = 1000000;
    facts.now_wall = -1; /* the last hour of a day before 1970 */
    CU_ASSERT(passes(GATE_RISK));
    CU_ASSERT_EQUAL(verdicts.gate[GATE_RISK].figure, 1000000);
    facts.own_excess_ppm = -5000; /* healthier than before is no risk, and no credit */
    CU_ASSERT(passes(GATE_RISK));
    CU_ASSERT_EQUAL(verdicts.risk_parts_ppm[2], 0);
}

static void reject_outranks_pause_outranks_delay(void) {
    begin();
    facts.disk_share = NUMBER(990000);
    CU_ASSERT(!passes(GATE_RESOURCE_CAPACITY));
    facts.failed_operations = 9;
    facts.incidents_last_hour = 9;
    judged(GATE_PATCH);
    CU_ASSERT(verdicts.action == ACTION_PAUSE && verdicts.deciding == GATE_RECENT_FAILURES);
    facts.syntax = false;
    judged(GATE_PATCH);
    CU_ASSERT(verdicts.action == ACTION_REJECT && verdicts.deciding == GATE_PATCH);
    config.gates.action[GATE_PATCH] = ACTION_WARN;
    facts.failed_operations = facts.incidents_last_hour = 0;
    facts.disk_share = NUMBER(0);
    judged(GATE_PATCH);
    CU_ASSERT(verdicts.pass && !verdicts.gate[GATE_PATCH].pass);
    CU_ASSERT(verdicts.action == ACTION_WARN && verdicts.deciding == GATE_PATCH);
}

static void a_disabled_gate_is_not_judged(void) {
    begin();
    memset(&facts, 0, sizeof facts);
    for (int gate = 0; gate < GATE_COUNT; gate++) config.gates.enabled[gate] = false;
    gate_judge(&config, &facts, &verdicts);
    CU_ASSERT(verdicts.pass && verdicts.deciding == GATE_COUNT);
    for (int gate = 0; gate < GATE_COUNT; gate++)
        CU_ASSERT(!verdicts.gate[gate].judged && verdicts.gate[gate].pass);
}

static bool explained(enum gate gate, const char *sentence) {
    struct text text;
    gate_explain(gate, judged(gate), &text);
    return text_is(&text, sentence);
}

static void explanations(void) {
    begin();
    facts.changed_before = true;
    facts.last_change_wall = now - 12500 * NS_PER_MS;
    facts.budget_errors.kind = VALUE_NONE;
    facts.failed_operations = 3;
    CU_ASSERT(explained(GATE_ERROR_BUDGET, "error_budget fails: requests failed in the budget's "
                                           "window: no data, at most 2%"));
    CU_ASSERT(explained(GATE_RECENT_FAILURES,
                        "recent_failures fails: 3 operations failed in the window, fewer than 3"));
    CU_ASSERT(explained(GATE_COOLDOWN, "cooldown fails: 12.5s since the last change of this "
                                       "service, at least 300s"));
    CU_ASSERT(explained(GATE_TIME_WINDOWS, "time_windows passes: no window forbids it"));
    CU_ASSERT(explained(GATE_RISK, "risk passes: 0 risk score, at most 0.7"));
    config.gates.enabled[GATE_RISK] = false;
    CU_ASSERT(explained(GATE_RISK, "risk is disabled"));
}

/* A risk of 0.75 was shown and approved; what deciding gate is left when it is judged anew. */
static enum gate left_at_risk(int64_t risk_ppm, int64_t failures) {
    begin();
    config.gates.risk_criticality_ppm = PPM_ONE;
    config.gates.risk_change_ppm = config.gates.risk_severity_ppm = 0;
    config.gates.risk_hour_ppm = 0;
    facts.criticality_ppm = 750000;
    facts.failed_operations = 4;
    gate_judge(&config, &facts, &verdicts);
    struct gate_verdicts shown = verdicts;
    facts.criticality_ppm = risk_ppm;
    facts.failed_operations = failures;
    gate_judge(&config, &facts, &verdicts);
    return gate_after_approval(&verdicts, &shown);
}

static void an_approval_waives_what_is_no_worse(void) {
    CU_ASSERT_EQUAL(left_at_risk(750000, 4), GATE_COUNT);
    CU_ASSERT_EQUAL(left_at_risk(720000, 3), GATE_COUNT);
    CU_ASSERT_EQUAL(left_at_risk(759999, 4), GATE_COUNT); /* as it was shown: 0.75 */
    CU_ASSERT_EQUAL(left_at_risk(760000, 4), GATE_RISK);
    CU_ASSERT_EQUAL(left_at_risk(750000, 5), GATE_RECENT_FAILURES); /* counts are exact */
}

TEST_MAIN("gate", TEST(error_budget), TEST(blast_radius), TEST(counted_gates), TEST(cooldown),
          TEST(resource_capacity), TEST(time_windows), TEST(patch), TEST(risk),
          TEST(reject_outranks_pause_outranks_delay), TEST(a_disabled_gate_is_not_judged),
          TEST(explanations), TEST(an_approval_waives_what_is_no_worse))
