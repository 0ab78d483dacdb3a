/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from the loader, so that a host which makes messages needs no YAML. */
#include "engine/policy/policy.h"
#include <string.h>

enum policy_template_word policy_template_word(const char *s, size_t len) {
    static const char *const names[WORD_COUNT] = {
        "severity",  "service", "reason",  "meaning", "asks",      "body",   "incident",
        "operation", "plan",    "message", "level",   "held_back", "engine", "time"};
    for (enum policy_template_word k = 0; k < WORD_COUNT; k++)
        if (strlen(names[k]) == len && memcmp(names[k], s, len) == 0) return k;
    return WORD_COUNT;
}
