/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_POLICY_POLICY_TABLE_H
#define ENGINE_POLICY_POLICY_TABLE_H
/*
 * The one table of policy keys: path in the file, type, range, default and field. Reading,
 * defaults, printing and the nearest known key all follow from it. Private to engine/policy.
 * Values are int64 in the field's own unit, whatever its width.
 */
#include "engine/policy/policy.h"

enum policy_type {
    KEY_BOOL,
    KEY_COUNT,    /* a whole number */
    KEY_SHARE,    /* "15.2%" or 0.152; millionths */
    KEY_PERCENT,  /* 15.2, as a number; millionths */
    KEY_FACTOR,   /* 1.5; millionths */
    KEY_DURATION, /* "5s" */
    KEY_SECONDS,  /* 5; nanoseconds, as the three below */
    KEY_MINUTES,
    KEY_HOURS,
    KEY_LIMIT,   /* seconds as a number, or "5s"; 0 = none */
    KEY_LATENCY, /* "500ms"; micro seconds */
    KEY_CONFLICT_ACTION,
    KEY_GATE_ACTION,
    KEY_SEVERITY,
    KEY_MODE,
    KEY_CHANNELS, /* a list; bits */
    KEY_TRUE,     /* has to be true: this engine knows no other way */
    KEY_RANK,     /* has to be the default */
    KEY_SPECIAL,  /* read and printed by functions of its own */
    KEY_UNUSED,   /* for a live deployment; whatever stands below it is accepted */
};

struct policy_loader;
struct policy_special {
    void (*read)(struct policy_loader *loader, struct yaml_node *node);
    void (*print)(const struct policy *policy, FILE *out); /* NULL: nothing to print */
};

struct policy_key {
    const char *path; /* "a.b.c"; "a.*": any other key of a */
    enum policy_type type;
    int64_t low, high, otherwise; /* in the field's unit */
    size_t offset, width;         /* of the field in struct policy; width 0: no field */
    const struct policy_special *special;
    const char *why; /* of KEY_UNUSED: why it is not used */
};
extern const struct policy_key policy_keys[];
extern const uint32_t policy_key_count;
const struct policy_key *policy_key_of(const char *path); /* NULL: no such key */

int64_t policy_get(const struct policy *policy, const struct policy_key *key);
void policy_set(struct policy *policy, const struct policy_key *key, int64_t value);

/* A key's value as its file would state it. */
void policy_print_value(const struct policy *policy, const struct policy_key *key, FILE *out);
/* As YAML reads it back: as it stands where that is plain, else in double quotes. */
void policy_print_text(const char *text, FILE *out);

/* What follows from others: switches into config, and canary.looks_max. */
void policy_derive(struct policy *policy);

/* Names of a type that has names, with their values; the first name of a value is the one printed.
 */
struct policy_word {
    const char *name;
    int value;
};
const struct policy_word *policy_words(enum policy_type type, size_t *count);

struct policy_loader {
    struct policy *policy;
    struct yaml_doc *doc;
    struct yaml_node *sections;
    const struct yaml_node **stated; /* by key: where the file states it, or NULL */
    struct policy_unused *unused;    /* what it states and nobody uses, the last first */
};
struct policy_unused {
    const char *path, *why;
    int line;
    struct policy_unused *next;
};

/* Reads the sections over the policy, and checks the whole. False if any error was reported. */
bool policy_read(struct policy_loader *loader) MUST_CHECK;

/* Reports what cannot work, each at a place where the file states it. */
void policy_check(struct policy_loader *loader);

extern const struct policy_special policy_backend, policy_rules, policy_queries, policy_stages,
    policy_hours, policy_groups, policy_blackouts, policy_maintenance, policy_transitions,
    policy_remedies, policy_algorithm, policy_teams, policy_approvers_1, policy_approvers_2,
    policy_approvers_3, policy_approvers_4, policy_message_templates, policy_slos,
    policy_burn_rates;

/* policy_people.c: whoever is on call, a lead or a manager, of any team. */
void policy_default_people(struct eng_human *human);

#endif
