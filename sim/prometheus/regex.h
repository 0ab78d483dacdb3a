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

/* ---- searching and replacing: templates' match and reReplaceAll, label_replace ---- */

/* As regex_compile, but the expression may match any part of a text. */
struct regex *regex_compile_search(struct arena *arena, const char *pattern, size_t len, char *why,
                                   size_t why_size, size_t *where);

#define REGEX_GROUPS 32 /* the whole match among them */
struct regex_groups {
    uint32_t count;
    size_t begin[REGEX_GROUPS], end[REGEX_GROUPS]; /* SIZE_MAX: took no part */
};
/* The leftmost match from `from` on. */
enum regex_result regex_find(const struct regex *regex, struct regex_scratch *scratch,
                             const char *s, size_t len, size_t from, struct regex_groups *groups);

struct writer;
/* Writes a replacement as Go's Regexp.Expand does: $1, ${1}, $name, ${name}, "$$" for a dollar; a
 * name goes as far as letters, digits and "_" do, and a group that is not there is empty. */
void regex_expand(const struct regex *regex, const struct regex_groups *groups, const char *s,
                  const char *replacement, size_t len, struct writer *out);

#endif
