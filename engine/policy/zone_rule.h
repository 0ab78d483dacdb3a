/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_POLICY_ZONE_RULE_H
#define ENGINE_POLICY_ZONE_RULE_H
/* The footer of a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX.1-2017, 8.3, with the times of RFC
 * 9636: -167 to 167 hours). Private to engine/policy. */
#include "engine/policy/zone.h"

#define ZONE_RULE_UNTIL       2200
#define ZONE_RULE_CHANGES_MAX (2u * (ZONE_RULE_UNTIL - 1900))

/* Adds what the rule says of the years after the last change; changes has room. NULL, or what is
 * wrong with it. An empty rule says nothing. */
const char *zone_rule_add(struct zone *zone, struct zone_change *changes, const char *rule,
                          size_t len);

#endif
