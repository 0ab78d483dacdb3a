/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_POLICY_DESK_H
#define TESTS_POLICY_DESK_H
/* A policy from text; what was loaded, and what was said of it, lives until the next is. */
#include "engine/policy/policy.h"
#include "tests/runner.h"

static struct arena arena;
static struct diags diags;
static struct policy policy;

static inline bool load(const char *text) {
    arena_close(&arena);
    arena_open(&arena);
    diags = (struct diags){0};
    return policy_load(&policy, &arena, "p.yaml", text, strlen(text), &diags);
}

#endif
