/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_REGEX_H
#define SIM_PROMETHEUS_REGEX_H
/*
 * Prometheus' regular expressions: RE2's language, the whole text must match, dot matches newline.
 * PCRE2 does the matching, under limits; what RE2 has not (lookaround, backreferences, ...) is
 * refused, since such a rule would not load in a real Prometheus.
 */
#include "engine/base/arena.h"

struct regex;
struct regex_scratch; /* memory for matching; one per Prometheus */

/* NULL after writing what is wrong, and where in the pattern (bytes from 0). */
struct regex *regex_compile(struct arena *arena, const char *pattern, size_t len, char *why,
                            size_t why_size, size_t *where);
struct regex_scratch *regex_scratch_new(struct arena *arena);

/* Whether the empty text matches; found once, when it was compiled. */
bool regex_matches_empty(const struct regex *regex);

enum regex_result { REGEX_DIFFERS, REGEX_MATCHES, REGEX_TOO_HARD /* a limit was met */ };
enum regex_result regex_match(const struct regex *regex, struct regex_scratch *scratch,
                              const char *s);

#endif
