/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/policy_table.h"
#include "tests/support/policy_desk.h"
#include <stdlib.h>

static void told(uint32_t index, bool warning, int line, int column, const char *message) {
    CU_ASSERT_FATAL(index < diags.count);
    const struct diag *d = &diags.list[index];
    CU_ASSERT_EQUAL(d->warning, warning);
    CU_ASSERT_EQUAL(d->line, line);
    CU_ASSERT_EQUAL(d->column, column);
    CU_ASSERT_STRING_EQUAL(d->message, message);
    if (strcmp(d->message, message) != 0) printf("\n  %d:%d %s\n", d->line, d->column, d->message);
}
static void refused(const char *text, int line, int column, const char *message) {
    CU_ASSERT_FALSE(load(text));
    CU_ASSERT_EQUAL(diags.errors, 1);
    told(0, false, line, column, message);
}
static void warned(const char *text, int line, int column, const char *message) {
    CU_ASSERT_TRUE(load(text));
    CU_ASSERT_EQUAL(diags.count, 1);
    told(0, true, line, column, message);
}

static char *file_text(const char *name) {
    char path[300];
    snprintf(path, sizeof(path), "%s/policies/%s", FIREDRILL_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    CU_ASSERT_FATAL(f != NULL);
    char *text = calloc(1, 1 << 16);
    CU_ASSERT_FATAL(text && fread(text, 1, (1 << 16) - 1, f) > 0);
    fclose(f);
    return text;
}
static char *printed(const struct policy *p) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    policy_print(p, out);
    fclose(out);
    return text;
}

static void an_empty_file_is_the_defaults(void) {
    struct policy defaults;
    struct eng_config config;
    policy_init(&defaults);
    policy_defaults(&config);
    CU_ASSERT_EQUAL(config.locking.ttl_ns, 300 * NS_PER_S);
    CU_ASSERT_FALSE(load(""));
    CU_ASSERT_TRUE(load("{}"));
    CU_ASSERT_EQUAL(memcmp(&policy, &defaults, sizeof(policy)), 0);
    CU_ASSERT_TRUE(load("locking:\n# all commented out\n"));
    CU_ASSERT_EQUAL(memcmp(&policy, &defaults, sizeof(policy)), 0);
}

static void figures_are_the_specifications(void) {
    struct eng_config c;
    policy_defaults(&c);
    CU_ASSERT_EQUAL(c.mode, MODE_ACT);
    CU_ASSERT_EQUAL(c.detection.critical_error_ppm, 300000);
    CU_ASSERT_EQUAL(c.detection.latency_limit_micro, 500000);
    CU_ASSERT_EQUAL(c.locking.renew_interval_ns, 60 * NS_PER_S);
    CU_ASSERT_EQUAL(c.locking.backoff_multiplier_ppm, 2000000);
    CU_ASSERT_EQUAL(c.conflicts.type[CONFLICT_DIRECT].action, ACTION_BLOCK);
    CU_ASSERT_EQUAL(c.conflicts.type[CONFLICT_DIRECT].severity, SEVERITY_CRITICAL);
    CU_ASSERT_EQUAL(c.conflicts.type[CONFLICT_TIMING].action, ACTION_DELAY);
    CU_ASSERT_EQUAL(c.gates.budget_ppm, 20000);
    CU_ASSERT_EQUAL(c.gates.budget_window_ns, 24 * NS_PER_HOUR);
    CU_ASSERT_EQUAL(c.gates.action[GATE_PATCH], ACTION_REJECT);
    CU_ASSERT_EQUAL(c.gates.action[GATE_ERROR_BUDGET], ACTION_PAUSE);
    CU_ASSERT_TRUE(c.gates.enabled[GATE_TIME_WINDOWS]);
    CU_ASSERT_EQUAL(c.gates.risk_hour_ppm_by_hour[3], 1000000);
    CU_ASSERT_EQUAL(c.gates.risk_hour_ppm_by_hour[9], 200000);
    CU_ASSERT_EQUAL(c.human.escalation_ns[3], NS_PER_HOUR);
    CU_ASSERT_EQUAL(c.states.limit_ns[STATE_PAUSED], 7200 * NS_PER_S);
    CU_ASSERT_EQUAL(c.states.limit_ns[STATE_COMPLETED], 0);
    CU_ASSERT_EQUAL(c.canary.looks_max, 8 + 8 + 8);
    CU_ASSERT_EQUAL(c.limits.operations, 64);
    CU_ASSERT_EQUAL(c.limits.operations_per_incident, 6);
}

/* Every value starts out wrong; the file alone has to put each right. */
static void the_default_file_states_everything(void) {
    struct policy defaults;
    struct yaml_doc doc;
    char *text = file_text("default.yaml");
    policy_init(&defaults);
    CU_ASSERT_TRUE(load("{}"));
    for (uint32_t i = 0; i < policy_key_count; i++)
        policy_set(&policy, &policy_keys[i], policy_keys[i].otherwise ^ 1);
    memset(&policy.config.canary.stage, 0xFF, sizeof(policy.config.canary.stage));
    memset(policy.config.gates.risk_hour_ppm_by_hour, 0xFF, 24 * sizeof(int64_t));
    policy.config.human.teams.count = 0;
    policy.config.human.approvers[1] = policy.config.human.approvers[2] =
        defaults.config.human.teams;
    CU_ASSERT_TRUE(yaml_read(&doc, &arena, &diags, "d", text, strlen(text), NULL, NULL));
    CU_ASSERT_TRUE(policy_override(&policy, &doc, doc.root));
    CU_ASSERT_EQUAL(diags.count, 0);
    for (uint32_t i = 0; i < policy_key_count; i++) {
        const struct policy_key *key = &policy_keys[i];
        bool equal = policy_get(&policy, key) == policy_get(&defaults, key);
        if (!equal) printf("\n  %s\n", key->path);
        CU_ASSERT_TRUE(equal);
    }
    char *a = printed(&policy), *b = printed(&defaults);
    CU_ASSERT_STRING_EQUAL(a, b);
    /* people are as printed, and stand elsewhere */
    policy.config.human.teams = defaults.config.human.teams;
    memset(policy.config.human.approvers, 0, sizeof(policy.config.human.approvers));
    CU_ASSERT_EQUAL(memcmp(&policy.config, &defaults.config, sizeof(policy.config)), 0);
    free(a);
    free(b);
    free(text);
}

static void the_fast_file_changes_a_few(void) {
    char *text = file_text("fast.yaml");
    CU_ASSERT_TRUE(load(text));
    CU_ASSERT_EQUAL(diags.count, 0);
    const struct eng_config *c = &policy.config;
    CU_ASSERT_EQUAL(c->detection.rate_window_ns, 5 * NS_PER_S);
    CU_ASSERT_EQUAL(c->canary.stage_count, 3);
    CU_ASSERT_EQUAL(c->canary.stage[1].share_ppm, 500000);
    CU_ASSERT_EQUAL(c->canary.stage[1].soak_ns, 3 * NS_PER_S);
    CU_ASSERT_EQUAL(c->canary.stage[2].share_ppm, 1000000);
    CU_ASSERT_EQUAL(c->canary.looks_max, 3 + 3 + 30);
    CU_ASSERT_EQUAL(c->verification.watch_ns, 6 * NS_PER_S);
    CU_ASSERT_EQUAL(c->gates.cooldown_ns, 300 * NS_PER_S);
    free(text);
}

static void reads_each_unit(void) {
    CU_ASSERT_TRUE(load("locking: {default_ttl_seconds: \"${TTL:-120}\", margin: 20%}\n"
                        "safety_gates:\n"
                        "  error_budget: {max_error_budget_pct: 0.25, check_window_hours: 1.5}\n"
                        "human_override: {escalation: {level_2: {timeout_minutes: 0.5}}}\n"
                        "detection: {latency_p95: 250ms}\n"
                        "timeouts: {retries: {backoff_multiplier: 1.5}}\n"
                        "state_machine: {timeouts: {INIT: 20m, SAFETY_CHECK: 45}}\n"
                        "mode: advise\n"));
    const struct eng_config *c = &policy.config;
    CU_ASSERT_EQUAL(c->locking.ttl_ns, 120 * NS_PER_S);
    CU_ASSERT_EQUAL(c->locking.margin_ppm, 200000);
    CU_ASSERT_EQUAL(c->gates.budget_ppm, 2500);
    CU_ASSERT_EQUAL(c->gates.budget_window_ns, 90 * NS_PER_MIN);
    CU_ASSERT_EQUAL(c->human.escalation_ns[1], 30 * NS_PER_S);
    CU_ASSERT_EQUAL(c->detection.latency_limit_micro, 250000);
    CU_ASSERT_EQUAL(c->locking.backoff_multiplier_ppm, 1500000);
    CU_ASSERT_EQUAL(c->states.limit_ns[STATE_INIT], 1200 * NS_PER_S);
    CU_ASSERT_EQUAL(c->states.limit_ns[STATE_SAFETY_CHECK], 45 * NS_PER_S);
    CU_ASSERT_EQUAL(c->mode, MODE_ADVISE);
}

static void switches_act(void) {
    CU_ASSERT_TRUE(load("locking: {auto_renew: false, renew_interval_seconds: 900}\n"
                        "conflict_detection:\n"
                        "  dependency_aware: false\n"
                        "  conflict_types:\n"
                        "    TIMING: {enabled: false}\n"
                        "    SHARED_RESOURCE: {action: pause_for_review, severity: critical}\n"
                        "  resource_groups: {db: [a, b]}\n"
                        "safety_gates: {error_budget: {block_if_exceeded: false},\n"
                        "  time_based: {enabled: false}}\n"
                        "notifications: {routing: {INFO: {channels: [teams, email]}}}\n"
                        "detection: {rules: [a.yaml, b.yaml]}\n"));
    const struct eng_config *c = &policy.config;
    CU_ASSERT_EQUAL(c->locking.renew_interval_ns, 0);
    CU_ASSERT_EQUAL(c->conflicts.type[CONFLICT_TIMING].action, ACTION_ALLOW);
    CU_ASSERT_EQUAL(c->conflicts.type[CONFLICT_UPSTREAM].action, ACTION_ALLOW);
    CU_ASSERT_EQUAL(c->conflicts.type[CONFLICT_DIRECT].action, ACTION_BLOCK);
    CU_ASSERT_EQUAL(c->conflicts.type[CONFLICT_SHARED_RESOURCE].severity, SEVERITY_CRITICAL);
    CU_ASSERT_EQUAL(c->gates.action[GATE_ERROR_BUDGET], ACTION_WARN);
    CU_ASSERT_FALSE(c->gates.enabled[GATE_TIME_WINDOWS]);
    CU_ASSERT_EQUAL(policy.config.notices.route[SEVERITY_INFO].channels,
                    1 << CHANNEL_TEAMS | 1 << CHANNEL_EMAIL);
    CU_ASSERT_EQUAL(policy.rule_count, 2);
    CU_ASSERT_STRING_EQUAL(policy.rules[1], "b.yaml");
    CU_ASSERT_EQUAL(policy.group_count, 1);
    CU_ASSERT_STRING_EQUAL(policy.groups[0].members[1], "b");
}

static void an_override_keeps_the_rest(void) {
    char *text = file_text("fast.yaml");
    const char *more = "safety_gates: {cooldown: {min_seconds_between_ops: 0}}\n";
    struct yaml_doc doc;
    CU_ASSERT_TRUE(load(text));
    CU_ASSERT_TRUE(yaml_read(&doc, &arena, &diags, "s", more, strlen(more), NULL, NULL));
    CU_ASSERT_TRUE(policy_override(&policy, &doc, doc.root));
    CU_ASSERT_EQUAL(policy.config.gates.cooldown_ns, 0);
    CU_ASSERT_EQUAL(policy.config.verification.watch_ns, 6 * NS_PER_S);
    free(text);
}

static void words_no_template_knows_are_said(void) {
    CU_ASSERT(load("notifications:\n  templates:\n    gate: {title: '{service} {{x}} {servce}'}\n"
                   "    default: '{time} { } {plan_} {'\n"));
    CU_ASSERT_EQUAL(diags.count, 2);
    told(0, true, 3, 19, "{servce} is no word of a template and stays as it stands");
    told(1, true, 4, 14, "{plan_} is no word of a template and stays as it stands");
}

static void unused_keys_are_one_warning_a_section(void) {
    CU_ASSERT_TRUE(
        load("locking:\n"
             "  backend: redis\n"
             "  redis: {host: \"${REDIS_HOST:-localhost}\", password: \"${P}\", pool: {max: 9}}\n"
             "  etcd: {hosts: [a]}\n"
             "  deadlock_detection: {enabled: true, check_interval_seconds: 10}\n"
             "integration: {anything: {at: all}}\n"
             "timeouts: {operation_timeout_seconds: 600, retries: {max_attempts: 2}}\n"));
    CU_ASSERT_EQUAL(diags.count, 3);
    told(0, true, 3, 3,
         "locking: not used in this version: redis, etcd, "
         "deadlock_detection.check_interval_seconds");
    told(1, true, 6, 1, "integration: not used in this version: all of it");
    told(2, true, 7, 12, "timeouts: not used in this version: operation_timeout_seconds");
    CU_ASSERT_EQUAL(policy.config.locking.attempts, 2);
    warned("human_override:\n  pause_conditions: [high_risk]\n  auto_resume: {enabled: false}\n", 2,
           3, "human_override: not used in this version: pause_conditions, auto_resume");
}

static bool may(const struct eng_grants *grants, const char *team, const char *role) {
    for (uint32_t k = 0; k < grants->count; k++) {
        const struct eng_grant *g = &grants->list[k];
        if ((!g->team || strcmp(g->team, team) == 0) && (!g->role || strcmp(g->role, role) == 0))
            return true;
    }
    return false;
}

static void people_by_team_and_role(void) {
    const struct eng_human *human = &policy.config.human;
    CU_ASSERT_TRUE(load("{}"));
    CU_ASSERT_TRUE(may(&human->teams, "any", "on-call"));
    CU_ASSERT_FALSE(may(&human->teams, "any", "intern"));
    CU_ASSERT_TRUE(load("human_override:\n  teams: {sre: [lead], \"*\": [boss], dev: [\"*\"]}\n"
                        "  escalation: {level_2: {approvers: [payments, sre/lead]}}\n"));
    CU_ASSERT_EQUAL(diags.count, 0);
    CU_ASSERT_TRUE(may(&human->teams, "sre", "lead"));
    CU_ASSERT_FALSE(may(&human->teams, "sre", "on-call"));
    CU_ASSERT_TRUE(may(&human->teams, "any", "boss"));
    CU_ASSERT_TRUE(may(&human->teams, "dev", "intern"));
    CU_ASSERT_EQUAL(human->approvers[0].count, 0);
    CU_ASSERT_TRUE(may(&human->approvers[1], "payments", "intern")); /* a team's name ... */
    CU_ASSERT_TRUE(may(&human->approvers[1], "any", "payments"));    /* ... or a role's */
    CU_ASSERT_TRUE(may(&human->approvers[1], "sre", "lead"));
    CU_ASSERT_FALSE(may(&human->approvers[1], "sre", "on-call"));
    char *text = printed(&policy);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "teams = {sre: [lead], \"*\": [boss], dev: [\"*\"]}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "level_2.approvers = [payments, sre/lead]"));
    free(text);
    refused("human_override: {teams: {}}\n", 1, 25,
            "nobody could resume, cancel or freeze anything: name a team");
    refused("human_override: {teams: {sre: [\"\"]}}\n", 1, 32,
            "expected the name of a role, of 1 to 125 bytes");
}

static void a_misspelt_key_is_an_error(void) {
    refused("lokcing: {}\n", 1, 1, "unknown key \"lokcing\" in policy; did you mean \"locking\"?");
    refused("locking:\n  default_ttl: 3\n", 2, 3, "unknown key \"default_ttl\" in locking");
    refused("conflict_detection:\n  conflict_types:\n    TIMNG: {action: warn}\n", 3, 5,
            "unknown key \"TIMNG\" in conflict_detection.conflict_types; did you mean \"TIMING\"?");
    refused("performance: {max_incident: 3}\n", 1, 15,
            "unknown key \"max_incident\" in performance; did you mean \"max_incidents\"?");
    refused("locking.backend: redis\n", 1, 1, "unknown key \"locking.backend\" in policy");
    warned("timeouts: {\"*\": 1}\n", 1, 12, "timeouts: not used in this version: *");
}

static void a_wrong_value_is_an_error(void) {
    refused("[1]\n", 1, 1, "expected a mapping of keys to values, got a list");
    refused("locking: 5\n", 1, 10, "expected a mapping of keys to values, got a single value");
    refused("locking:\n  default_ttl_seconds: 300s\n", 2, 24,
            "expected a number without a unit, got \"300s\"");
    refused("locking:\n  default_ttl_seconds: 0\n", 2, 24,
            "expected a number from 1 to 86400, got \"0\"");
    refused("detection: {rate_window: 36 seconds}\n", 1, 26,
            "expected a duration such as \"250ms\", \"36s\" or \"5m\", got \"36 seconds\"");
    refused("safety_gates: {blast_radius: {max_blast_radius_pct: 120}}\n", 1, 53,
            "expected a number from 0 to 100, got \"120\"");
    refused("safety_gates: {cooldown: {action: blok}}\n", 1, 35,
            "expected one of \"warn\", \"delay\", \"pause\", \"pause_for_review\", \"reject\", got "
            "\"blok\"");
    refused("mode: acts\n", 1, 7, "unknown name \"acts\"; did you mean \"act\"?");
    refused("notifications: {enabled_channels: [slak]}\n", 1, 36,
            "unknown name \"slak\"; did you mean \"slack\"?");
    refused("risk: {hours: [1, 1]}\n", 1, 15,
            "expected 24 shares, one an hour from 00:00 UTC, got 2");
    refused("state_machine: {timeouts: {INIT: soon}}\n", 1, 34,
            "expected a duration such as \"250ms\", \"36s\" or \"5m\", got \"soon\"");
    refused("conflict_detection: {resource_groups: {db: [a, ~]}}\n", 1, 48,
            "expected a text, got nothing");
    refused("mode: act\n---\nmode: act\n", 3, 1, "a policy is one document; here a second begins");
}

static void a_lock_store_is_named(void) {
    static const struct {
        const char *text;
        enum backend backend;
    } stores[] = {{"locking: {backend: redis}\n", BACKEND_REDIS},
                  {"locking: {backend: etcd}\n", BACKEND_ETCD},
                  {"locking: {backend: file}\n", BACKEND_FILE},
                  {"locking: {default_ttl_seconds: 200}\n", BACKEND_REDIS}};
    for (size_t i = 0; i < ARRAY_LEN(stores); i++) {
        CU_ASSERT_TRUE(load(stores[i].text));
        CU_ASSERT_EQUAL(policy.backend, stores[i].backend);
    }
}

static void what_this_version_has_not_is_refused_by_name(void) {
    refused("locking: {backend: kubernetes}\n", 1, 20,
            "a Kubernetes lease is not supported as a lock store; use \"redis\", \"etcd\" or "
            "\"file\"");
    refused("locking: {backend: memory}\n", 1, 20,
            "expected one of \"redis\", \"etcd\", \"file\", got \"memory\"");
    refused("locking: {lock_ordering: {SERVICE: 1}}\n", 1, 36,
            "the lock order is fixed: SERVICE is 2");
    refused("audit_logging: {hash_chain: {enabled: no}}\n", 1, 39,
            "only true is supported in this version");
    refused("audit_logging: {hash_chain: {algorithm: md5}}\n", 1, 41,
            "\"md5\" is not available in this version; use \"sha256\"");
    CU_ASSERT_TRUE(load("audit_logging: {hash_chain: {algorithm: SHA-256}}\n"));
}

static void transitions_are_the_engines(void) {
    refused("state_machine:\n  allowed_transitions:\n    FAILED: [ROLLED_BACK, INIT]\n", 3, 27,
            "the engine has no transition from FAILED to INIT");
    refused("state_machine:\n  allowed_transitions:\n    INTI: [LOCKED]\n", 3, 5,
            "unknown name \"INTI\"; did you mean \"INIT\"?");
    warned("state_machine:\n  allowed_transitions:\n    INIT: [LOCKED, FAILED, CANCELLED]\n", 3, 5,
           "INIT to PAUSED_FOR_HUMAN_REVIEW is not listed; the engine's table is fixed and has it");
}

static void what_cannot_work_is_refused(void) {
    refused(
        "locking:\n  renew_interval_seconds: 280\n", 2, 27,
        "locking.renew_interval_seconds: renewed after 280s, but a lease of 300s less its margin "
        "of 30s is given up after 270s");
    refused(
        "locking:\n  default_ttl_seconds: 60\n", 2, 24,
        "locking.renew_interval_seconds: renewed after 60s, but a lease of 60s less its margin of "
        "6s is given up after 54s");
    refused("locking:\n  margin_min: 400s\n", 2, 15,
            "locking.margin_min: a margin of 400s leaves nothing of a lease of 300s");
    refused("locking:\n  max_ttl_seconds: 200\n", 2, 20,
            "locking.default_ttl_seconds: 300s is longer than max_ttl_seconds, 200s");
    refused(
        "verification: {watch: 400s}\n", 1, 23,
        "state_machine.timeouts.IN_PROGRESS: 600s is shorter than the soaks, 240s, and the watch "
        "with its extensions, 445s");
    refused(
        "human_override: {escalation: {level_4: {timeout_minutes: 130}}}\n", 1, 58,
        "state_machine.timeouts.PAUSED_FOR_HUMAN_REVIEW: 7200s ends before the last escalation, "
        "after 7800s");
    refused("human_override: {escalation: {level_3: {timeout_minutes: 10}}}\n", 1, 58,
            "human_override.escalation.level_3.timeout_minutes: 600s is before level_2, 900s");
    refused("state_machine: {timeouts: {INIT: 60}}\n", 1, 34,
            "state_machine.timeouts.INIT: 60s is shorter than all lock attempts together, 105s");
    refused(
        "root_cause: {weights: {proximity: 20%}}\n", 1, 35,
        "root_cause.weights.recent_commit: the five root cause weights have to sum to 1, not 110%");
    refused("risk: {weights: {hour: 0}}\n", 1, 24,
            "risk.weights.criticality: the four risk weights have to sum to 1, not 90%");
    refused("root_cause: {confirm_below: 30%}\n", 1, 29,
            "root_cause.confirm_below: 30% has to be at least hand_over_below, 40%");
    refused(
        "detection: {rate_window: 20s}\n", 1, 26,
        "detection.rate_window: 20s holds fewer than two samples 15s apart, so that no rate has a "
        "value");
    refused("detection: {error_rate: 40%}\n", 1, 25,
            "detection.error_rate: 40% has to be below critical_error_rate, 30%");
    refused("timeouts: {retries: {initial_delay_seconds: 90}}\n", 1, 45,
            "timeouts.retries.initial_delay_seconds: 90s is longer than max_delay_seconds, 60s");
    CU_ASSERT_TRUE(
        load("verification: {watch: 1h}\nstate_machine: {timeouts: {IN_PROGRESS: 0}}\n"));
}

static void stages_rise_to_all(void) {
    refused("canary:\n  stages: [{share: 10%}, {share: 50%}]\n", 2, 11,
            "canary.stages: the last stage has to be 100%, not 50%");
    refused("canary: {stages: [{share: 50%}, {share: 50%}, {share: 1}]}\n", 1, 18,
            "canary.stages: stage 2, 50%, does not follow 50%: shares have to rise");
    refused("canary: {stages: []}\n", 1, 18, "expected 1 to 8 stages, got 0");
    refused("canary: {stages: [~]}\n", 1, 19, "a stage needs a share, such as \"share: 10%\"");
    refused("canary: {stages: [{share: 1, sok: 3s}]}\n", 1, 30,
            "unknown key \"sok\" in a canary stage; did you mean \"soak\"?");
    refused(
        "canary: {look_interval: 150s}\n", 1, 25,
        "canary.look_interval: 150s is longer than the soak of stage 1, 120s: nobody would look");
}

static void windows_are_weekly(void) {
    CU_ASSERT_TRUE(
        load("safety_gates: {time_based: {\n"
             "  maintenance_windows: [{day: Sunday, start_time: 02:00, end_time: \"06:00\"}],\n"
             "  blackout_windows: [{day: fri, start_time: \"22:00\", end_time: \"04:00\",\n"
             "    timezone: UTC, reason: weekend}]}}\n"));
    CU_ASSERT_EQUAL(policy.window_count, 2);
    CU_ASSERT_EQUAL(policy.windows[0].day, 0);
    CU_ASSERT_TRUE(policy.windows[0].maintenance);
    CU_ASSERT_EQUAL(policy.windows[1].day, 5);
    CU_ASSERT_EQUAL(policy.windows[1].end_minute, 28 * 60);
    CU_ASSERT_STRING_EQUAL(policy.windows[1].reason, "weekend");

    time_ns saturday, monday, friday, sunday;
    CU_ASSERT_TRUE(wall_parse("2026-01-10T03:00:00Z", 20, &saturday));
    CU_ASSERT_TRUE(wall_parse("2026-01-09T22:00:00Z", 20, &friday));
    CU_ASSERT_TRUE(wall_parse("2026-01-11T02:00:00Z", 20, &sunday));
    CU_ASSERT_TRUE(wall_parse("2026-01-05T09:00:00Z", 20, &monday));
    uint32_t count;
    const struct eng_window *w =
        policy_windows_resolve(&policy, &arena, saturday, saturday + NS_PER_MIN, &count);
    CU_ASSERT_EQUAL(count, 3); /* the one that runs, Sunday's, next Friday's */
    CU_ASSERT_EQUAL(w[0].begin_wall, friday);
    CU_ASSERT_EQUAL(w[0].end_wall, friday + 6 * NS_PER_HOUR);
    CU_ASSERT_FALSE(w[0].maintenance);
    CU_ASSERT_EQUAL(w[1].begin_wall, sunday);
    CU_ASSERT_EQUAL(w[1].end_wall, sunday + 4 * NS_PER_HOUR);
    policy_windows_resolve(&policy, &arena, monday, monday + 28 * 24 * NS_PER_HOUR, &count);
    CU_ASSERT_EQUAL(count, 10);
    policy_windows_resolve(&policy, &arena, -NS_PER_HOUR, 0, &count);
    CU_ASSERT_EQUAL(count, 2);
}

#define WINDOW(fields) "safety_gates: {time_based: {blackout_windows: [{" fields "}]}}\n"
static void bad_windows_are_refused(void) {
    CU_ASSERT_TRUE(load(WINDOW("start_time: 02:00, end_time: 04:00, timezone: Europe/Berlin")));
    refused(WINDOW("start_time: 02:00, end_time: 04:00, timezone: ../Berlin"), 1, 95,
            "\"../Berlin\" is no time zone; expected a name such as Europe/Berlin");
    refused(WINDOW("start_time: 2am, end_time: 04:00"), 1, 61,
            "expected a time of day such as \"02:00\", got \"2am\"");
    refused(WINDOW("start_time: 02:00, end_time: 24:30"), 1, 78,
            "expected a time of day such as \"02:00\", got \"24:30\"");
    refused(WINDOW("start_time: 02:00"), 1, 48, "a window needs \"end_time\", such as \"02:00\"");
    refused(WINDOW("start_time: 02:00, end_time: 02:00"), 1, 48, "the window ends as it starts");
    refused(WINDOW("day: someday, start_time: 02:00, end_time: 03:00"), 1, 54,
            "expected one of \"sunday\", \"monday\", \"tuesday\", \"wednesday\", \"thursday\", "
            "\"friday\", "
            "\"saturday\", \"any\", got \"someday\"");
    CU_ASSERT_FALSE(load("safety_gates: {time_based: {blackout_windows: [~]}}\n"));
    CU_ASSERT_TRUE(load(WINDOW("start_time: 00:00, end_time: 24:00")));
}

static void prints_what_can_be_read_again(void) {
    CU_ASSERT_TRUE(
        load("canary: {stages: [{share: 2.5%, soak: 90s}, {share: 1}]}\n"
             "conflict_detection: {resource_groups: {db: [a, b]}}\n"
             "safety_gates: {time_based: {blackout_windows: [{day: fri, start_time: 22:00,\n"
             "  end_time: 04:00, reason: weekend}]}}\n"
             "locking: {wait_timeout_seconds: 1.5}\n"));
    char *text = printed(&policy);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "mode = act\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "locking.wait_timeout_seconds = 1.5\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text,
                                  "canary.stages = [{share: 2.5%, soak: 90s, min_samples: 0}, "
                                  "{share: 100%, soak: 0s, min_samples: 0}]\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "conflict_detection.resource_groups = {db: [a, b]}\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "blackout_windows = [{day: friday, start_time: 22:00, "
                                        "end_time: 04:00, timezone: UTC, reason: weekend}]\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "detection.latency_p95 = 500ms\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "notifications.routing.INFO.channels = [slack]\n"));
    free(text);
}

TEST_MAIN("policy", TEST(an_empty_file_is_the_defaults), TEST(figures_are_the_specifications),
          TEST(the_default_file_states_everything), TEST(the_fast_file_changes_a_few),
          TEST(reads_each_unit), TEST(switches_act), TEST(an_override_keeps_the_rest),
          TEST(words_no_template_knows_are_said), TEST(unused_keys_are_one_warning_a_section),
          TEST(people_by_team_and_role), TEST(a_misspelt_key_is_an_error),
          TEST(a_wrong_value_is_an_error), TEST(a_lock_store_is_named),
          TEST(what_this_version_has_not_is_refused_by_name), TEST(transitions_are_the_engines),
          TEST(what_cannot_work_is_refused), TEST(stages_rise_to_all), TEST(windows_are_weekly),
          TEST(bad_windows_are_refused), TEST(prints_what_can_be_read_again))
