/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_POLICY_POLICY_H
#define ENGINE_POLICY_POLICY_H
/*
 * A policy file becomes an engine configuration (all but its graph and engine number). Keys are
 * SPEC §6's; the file overrides the built-in defaults, which are SPEC §2's figures. Keys that
 * matter to a live deployment only (hosts, passwords, pools) are accepted and reported as unused
 * (warning). What cannot work is an error: renewal longer than TTL, soaks and watches beyond
 * IN_PROGRESS, last escalation beyond PAUSED.
 */
#include "engine/base/diag.h"
#include "engine/config.h"
#include "engine/yaml/yaml.h"

void policy_defaults(struct eng_config *config);
/* Named resource groups of the policy, added to the topology's. */
struct policy_group {
    const char *name;
    uint32_t count;
    const char *const *members;
};
struct policy {
    struct eng_config config;
    uint32_t group_count;
    const struct policy_group *groups;
    const char *backend;      /* "redis" */
    const char *const *rules; /* rule files named by the policy: detection.rules */
    uint32_t rule_count;
};
bool policy_load(struct policy *policy, struct arena *arena, const char *file, const char *text,
                 size_t len, struct diags *diags) MUST_CHECK;

#endif
