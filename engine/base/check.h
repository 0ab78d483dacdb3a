/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H
/*
 * Structural facts are asserted, always, in every build: a broken one is a bug of firedrill's,
 * never handled. Conditions that a real system can meet (a timeout, a lost message) are data, not
 * asserts.
 *   ASSERT(fact)   always on, cheap
 *   UNREACHABLE()  a branch that cannot be
 * The crash hook prints what reproduces it (scenario, seed, time, event, command) and is set by
 * whoever runs a simulation; after it the process exits with 3. The default prints the place and
 * aborts.
 */
#include "engine/base/base.h"

typedef void (*crash_hook)(void *context, const char *file, int line, const char *fact);
void crash_hook_set(crash_hook hook, void *context); /* NULL: the default again */
_Noreturn void crash(const char *file, int line, const char *fact);

#define ASSERT(fact)  ((fact) ? (void)0 : crash(__FILE__, __LINE__, #fact))
#define UNREACHABLE() crash(__FILE__, __LINE__, "unreachable")

#endif
