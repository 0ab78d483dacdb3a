/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H
/*
 * Structural facts are asserted, always, in every build: a broken one is a bug of firedrill's,
 * never handled. The crash hook prints what reproduces it (scenario, seed, time, event, command),
 * set by whoever runs a simulation; the default prints the place and aborts. Conditions that a real
 * system can meet (a timeout, a lost message) are data, not asserts. ASSERT(fact)       always on,
 * cheap UNREACHABLE()      a branch that cannot be COVER("name")      marks a rare branch that
 * campaigns must reach
 */
#include "engine/base/base.h"

typedef void (*crash_hook)(void *context, const char *file, int line, const char *fact);
void crash_hook_set(crash_hook hook,
                    void *context); /* the hook may print; then the process exits 3 */
_Noreturn void crash(const char *file, int line, const char *fact);

#define ASSERT(fact)  ((fact) ? (void)0 : crash(__FILE__, __LINE__, #fact))
#define UNREACHABLE() crash(__FILE__, __LINE__, "unreachable")

#endif
