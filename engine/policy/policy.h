/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_POLICY_POLICY_H
#define ENGINE_POLICY_POLICY_H
/*
 * A policy file becomes an engine configuration (all but its graph and engine number). Keys are
 * SPEC §6's; the file overrides the built-in defaults, which are SPEC §2's figures. Keys that
 * matter to a live deployment only (hosts, passwords, pools) are accepted and reported as unused,
 * one warning a section. What cannot work is an error: renewal longer than TTL, soaks and watches
 * beyond IN_PROGRESS, last escalation beyond PAUSED (policy_check.c has them all). Units: keys that
 * end in _seconds, _minutes, _hours and _pct hold plain numbers; ours hold "5s" and "15.2%".
 * Everything a policy points to lives in the arena it was loaded into. Edge code: never in a run.
 */
#include "engine/base/diag.h"
#include "engine/config.h"
#include "engine/policy/zone.h"
#include "engine/yaml/yaml.h"
#include <stdio.h>

/* Named resource groups of the policy, added to the topology's. */
struct policy_group {
    const char *name;
    uint32_t count;
    const char *const *members;
};

/* Weekly, by the clocks of its zone. end_minute over 24 * 60 runs into the next day. */
#define POLICY_ANY_DAY 7
struct policy_window {
    int day; /* 0 Sunday .. 6 Saturday, or POLICY_ANY_DAY */
    int begin_minute, end_minute;
    bool maintenance;        /* else a blackout */
    const char *timezone;    /* a name of the IANA data base */
    const struct zone *zone; /* of that, by policy_zones_load; NULL: UTC, or not loaded */
    const char *reason;      /* "" when none is given */
    struct {
        const char *file;
        int line, column;
    } stated; /* where the zone is named */
};

/* notifications.templates: what messages say, by reason, form, severity or "default"; the host's
 * (engine/host/wording.h says how they are filled in). */
struct policy_template {
    const char *name, *title, *body; /* title or body NULL: the built-in one */
};
/* The words that stand in braces there: {severity}, {service}, ... */
enum policy_template_word {
    WORD_SEVERITY,
    WORD_SERVICE,
    WORD_REASON,
    WORD_MEANING,
    WORD_ASKS,
    WORD_BODY,
    WORD_INCIDENT,
    WORD_OPERATION,
    WORD_PLAN,
    WORD_MESSAGE,
    WORD_LEVEL,
    WORD_HELD_BACK,
    WORD_ENGINE,
    WORD_TIME,
    WORD_COUNT
};
enum policy_template_word policy_template_word(const char *s, size_t len); /* WORD_COUNT: none */

struct policy_templates {
    uint32_t count;
    const struct policy_template *list;
};

/* A question of words.def as the policy asks it: detection.queries. Its text is the host's to
 * understand. */
struct policy_query {
    enum query_kind query;
    const char *file, *text;
    size_t len;
    int line, column; /* where the text begins */
};

/* slos.SERVICE: an objective by name; a policy serves many topologies. */
struct policy_slo_of {
    const char *service;
    struct eng_slo slo;
};

/* slo: what the indicators of a realistic month are held against. */
struct policy_slo {
    time_ns mttr_ns;
    int64_t healing_success_ppm, false_positives_ppm, lock_contention_ppm, gate_rejections_low_ppm,
        gate_rejections_high_ppm, human_intervention_ppm, wrong_rollbacks_ppm,
        canaries_promoted_ppm;
};

/* As the file states them; what follows from them stands in config. */
struct policy_switches {
    bool auto_renew, dependency_aware, budget_blocks;
    bool conflict_enabled[CONFLICT_COUNT];
    enum action conflict_action[CONFLICT_COUNT];
    enum action budget_action;
    int64_t channels_enabled, channels[SEVERITY_COUNT]; /* 1 << enum channel each */
    time_ns renew_interval_ns;
};

struct policy {
    struct eng_config config;
    uint32_t group_count;
    const struct policy_group *groups;
    enum backend backend;     /* locking.backend: the lock store */
    const char *const *rules; /* rule files named by the policy: detection.rules */
    uint32_t rule_count;
    const struct policy_query *queries;
    uint32_t query_count;
    uint32_t window_count;
    const struct policy_window *windows;
    struct policy_slo slo;
    struct policy_templates templates;
    uint32_t slo_count;
    const struct policy_slo_of *slos;
    struct policy_switches switches;
};

void policy_init(struct policy *policy); /* the built-in defaults */
void policy_defaults(struct eng_config *config);

/* Defaults, overridden by the file. False if any error was reported. */
bool policy_load(struct policy *policy, struct arena *arena, const char *file, const char *text,
                 size_t len, struct diags *diags) MUST_CHECK;
/* Names of a policy's sections, in the arena; how many. */
#define POLICY_SECTIONS_MAX 32
size_t policy_sections(struct arena *arena, const char *names[POLICY_SECTIONS_MAX]);
/* Overrides a policy by the sections in a mapping (a scenario's "policy:"), and checks the whole.
 */
bool policy_override(struct policy *policy, struct yaml_doc *doc,
                     struct yaml_node *sections) MUST_CHECK;

/* Reads the zones that windows name. read finds a TZif file (RFC 9636), such as
 * /usr/share/zoneinfo/Europe/Berlin: whoever records a run keeps these bytes, for the data base
 * changes and machines differ. False after a message where the zone is named. */
struct policy_zone_files {
    void *context;
    bool (*read)(void *context, const char *name, const char **bytes, size_t *len);
};
bool policy_zones_load(struct policy *policy, struct arena *arena, struct diags *diags,
                       const struct policy_zone_files *files) MUST_CHECK;

/* The weekly windows as instants; their zones are loaded. What no clock shows, since it was put
 * forward, is the instant of that. What two instants show counts for the more cautious: a blackout
 * begins at the first and ends at the last of them, a maintenance window the other way round. All
 * that touch [from, to), and the week after it, so that a gate knows that maintenance windows
 * exist, and when the next one opens, even if none falls into a run. For config.windows. */
const struct eng_window *policy_windows_resolve(const struct policy *policy, struct arena *arena,
                                                time_ns from_wall, time_ns to_wall,
                                                uint32_t *count);

/* Loads a document as policy_load does, and prints the effective policy as a policy, each value
 * with the place that states it, or "default"; then what is stated and not used, and why. */
bool policy_explain(struct policy *policy, struct yaml_doc *doc, FILE *out) MUST_CHECK;

/* Every effective value as a line "key = value", in the order of policies/default.yaml. */
void policy_print(const struct policy *policy, FILE *out);

#endif
