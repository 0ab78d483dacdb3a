/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include <stdio.h>
#include <stdlib.h>

static crash_hook current_hook;
static void *current_context;

void crash_hook_set(crash_hook hook, void *context) {
    current_hook = hook;
    current_context = context;
}

_Noreturn void crash(const char *file, int line, const char *fact) {
    crash_hook hook = current_hook;
    if (hook) {
        current_hook = NULL; /* a hook that crashes itself falls through to the default */
        hook(current_context, file, line, fact);
        _Exit(3); /* no exit handlers: they may rest on what just proved broken */
    }
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, fact);
    abort();
}
