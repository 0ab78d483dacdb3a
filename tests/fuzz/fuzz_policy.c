/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes: a policy that loads can be printed, laid out over a month, and stated again. */
#include "engine/base/check.h"
#include "engine/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool no_zone(void *context, const char *name, const char **bytes, size_t *len) {
    (void)context, (void)bytes, (void)len;
    ASSERT(zone_name_good(name));
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct diags diags;
    static FILE *nowhere;
    if (!nowhere) nowhere = fopen("/dev/null", "w");
    struct arena arena;
    struct policy policy;
    arena_open(&arena);
    diags = (struct diags){0};
    bool good = policy_load(&policy, &arena, "fuzz.yaml", (const char *)data, size, &diags);
    ASSERT(good == (diags.errors == 0));
    ASSERT(policy.config.canary.looks_max >= 1);
    if (good) {
        uint32_t count;
        struct policy_zone_files files = {NULL, no_zone};
        if (policy_zones_load(&policy, &arena, &diags, &files))
            policy_windows_resolve(&policy, &arena, 0, 30 * 24 * NS_PER_HOUR, &count);
        policy_print(&policy, nowhere);
    }
    arena_close(&arena);
    return 0;
}
