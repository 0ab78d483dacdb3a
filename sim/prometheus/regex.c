/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/regex.h"
#include "engine/base/text.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

/* PCRE2's heap begins at 20 KiB and doubles; none is given back: 20 + 40 + 80 + 160 fit. */
#define SCRATCH_BYTES ((size_t)384 << 10)
#define EMPTY_BYTES   ((size_t)48 << 10) /* enough to match the empty text */
#define HEAP_LIMIT_KB 160
#define MATCH_LIMIT   100000
#define DEPTH_LIMIT   1000

struct regex {
    pcre2_code *code;
    bool matches_empty;
};

struct regex_scratch {
    uint8_t *bytes;
    size_t size, used;
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

/* ---- PCRE2's memory: from the arena, given back with it ---- */

static void *take_from_arena(size_t size, void *arena) { return arena_take(arena, size, 1); }
static void give_nothing(void *memory, void *context) { (void)memory, (void)context; }

static void *take_from_scratch(size_t size, void *context) {
    struct regex_scratch *scratch = context;
    size = (size + 15) & ~(size_t)15;
    if (size > scratch->size - scratch->used) return NULL;
    scratch->used += size;
    return scratch->bytes + scratch->used - size;
}

static void scratch_open(struct regex_scratch *scratch, void *bytes, size_t size) {
    *scratch = (struct regex_scratch){.bytes = bytes, .size = size};
    pcre2_general_context *memory =
        pcre2_general_context_create(take_from_scratch, give_nothing, scratch);
    scratch->data = pcre2_match_data_create(REGEX_GROUPS, memory);
    scratch->limits = pcre2_match_context_create(memory);
    pcre2_set_heap_limit(scratch->limits, HEAP_LIMIT_KB);
    pcre2_set_match_limit(scratch->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(scratch->limits, DEPTH_LIMIT);
}

struct regex_scratch *regex_scratch_new(struct arena *arena) {
    struct regex_scratch *scratch = ARENA_NEW(arena, struct regex_scratch, 1);
    scratch_open(scratch, arena_take(arena, SCRATCH_BYTES, 1), SCRATCH_BYTES);
    return scratch;
}

/* ---- RE2's language ---- */

/* What the escape c is in PCRE2 but not in RE2; NULL when both agree. */
static const char *escape_refused(char c) {
    if (c >= '1' && c <= '9') return "backreferences are not in RE2's syntax";
    if (c && strchr("kg", c)) return "backreferences are not in RE2's syntax";
    if (c && strchr("GKZXRHhNVceo", c)) return "an escape that is not in RE2's syntax";
    return NULL;
}

/* What follows "(?": flags, a name, or only a group. */
static const char *group_refused(const char *s, size_t len) {
    if (len == 0) return NULL; /* PCRE2 says what is missing */
    if (s[0] == '=' || s[0] == '!') return "lookahead is not in RE2's syntax";
    if (s[0] == '<' && len > 1 && (s[1] == '=' || s[1] == '!'))
        return "lookbehind is not in RE2's syntax";
    if (s[0] == 'P' && len > 1 && s[1] != '<') return "backreferences are not in RE2's syntax";
    if (s[0] == 'P' || s[0] == '<') return NULL;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == ':' || s[i] == ')') return NULL;
        if (!strchr("imsU-", s[i])) return "a group that is not in RE2's syntax";
    }
    return NULL;
}

static bool is_quantifier_end(const char *s, size_t at) {
    return s[at] == '*' || s[at] == '+' || s[at] == '?' || s[at] == '}';
}

/* The first thing that RE2 would not read as PCRE2 does; NULL when there is none. */
static const char *refused(const char *s, size_t len, size_t *where) {
    bool in_class = false;
    const char *why = NULL;
    for (size_t i = 0; i < len && !why; i++) {
        *where = i;
        if (s[i] == '\\') {
            if (i + 1 < len && s[i + 1] == 'Q') { /* literal up to \E */
                while (i + 1 < len && !(s[i] == '\\' && s[i + 1] == 'E')) i++;
            } else if (i + 1 < len) {
                why = escape_refused(s[i + 1]);
            }
            i++;
        } else if (in_class) {
            if (s[i] == '[' && i + 1 < len && s[i + 1] == ':')
                i++; /* [[:alpha:]] */
            else if (s[i] == ']' && !(i > 0 && s[i - 1] == ':'))
                in_class = false;
        } else if (s[i] == '[') {
            in_class = true;
            if (i + 1 < len && s[i + 1] == '^') i++;
            if (i + 1 < len && s[i + 1] == ']') i++; /* first in a class: itself */
        } else if (s[i] == '(' && i + 1 < len && s[i + 1] == '?') {
            why = group_refused(s + i + 2, len - i - 2);
            i++;
        } else if (s[i] == '(' && i + 1 < len && s[i + 1] == '*') {
            why = "verbs are not in RE2's syntax";
        } else if (s[i] == '+' && i > 0 && is_quantifier_end(s, i - 1) &&
                   !(i > 1 && s[i - 2] == '\\')) {
            why = "possessive repetition is not in RE2's syntax";
        }
    }
    return why;
}

/* ---- compiling and matching ---- */

bool regex_matches_empty(const struct regex *regex) { return regex->matches_empty; }

/* Text that is no UTF-8 matches nothing; every other error is a limit. */
static enum regex_result result_of(int code) {
    if (code >= 0) return REGEX_MATCHES;
    bool plain = code == PCRE2_ERROR_NOMATCH ||
                 (code <= PCRE2_ERROR_UTF8_ERR1 && code >= PCRE2_ERROR_UTF8_ERR21);
    return plain ? REGEX_DIFFERS : REGEX_TOO_HARD;
}

enum regex_result regex_match(const struct regex *regex, struct regex_scratch *scratch,
                              const char *s) {
    return result_of(
        pcre2_match(regex->code, (PCRE2_SPTR)s, strlen(s), 0, 0, scratch->data, scratch->limits));
}

enum regex_result regex_find(const struct regex *regex, struct regex_scratch *scratch,
                             const char *s, size_t len, size_t from, struct regex_groups *groups) {
    int code =
        pcre2_match(regex->code, (PCRE2_SPTR)s, len, from, 0, scratch->data, scratch->limits);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(scratch->data);
    groups->count = code > 0 ? (uint32_t)code : 0;
    for (uint32_t i = 0; i < groups->count; i++) {
        groups->begin[i] = ends[2 * i];
        groups->end[i] = ends[2 * i + 1];
    }
    return result_of(code);
}

static struct regex *compile(struct arena *arena, const char *pattern, size_t len, uint32_t anchors,
                             char *why, size_t why_size, size_t *where) {
    const char *wrong = refused(pattern, len, where);
    if (wrong) return snprintf(why, why_size, "%s", wrong), NULL;
    pcre2_general_context *memory =
        pcre2_general_context_create(take_from_arena, give_nothing, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    pcre2_set_max_pattern_length(context, (size_t)16 << 10);
    pcre2_set_parens_nest_limit(context, 50);
    int error;
    struct regex *regex = ARENA_NEW(arena, struct regex, 1);
    regex->code =
        pcre2_compile((PCRE2_SPTR)pattern, len,
                      PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | anchors, &error,
                      where, context);
    if (!regex->code) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, why_size);
        return NULL;
    }
    uint32_t groups = 0;
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups >= REGEX_GROUPS) return snprintf(why, why_size, "more than 31 groups"), NULL;
    return regex;
}

struct regex *regex_compile(struct arena *arena, const char *pattern, size_t len, char *why,
                            size_t why_size, size_t *where) {
    struct regex *regex =
        compile(arena, pattern, len, PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL, why,
                why_size, where);
    if (!regex) return NULL;
    _Alignas(16) uint8_t bytes[EMPTY_BYTES];
    struct regex_scratch scratch;
    scratch_open(&scratch, bytes, sizeof bytes);
    regex->matches_empty = regex_match(regex, &scratch, "") == REGEX_MATCHES;
    return regex;
}

struct regex *regex_compile_search(struct arena *arena, const char *pattern, size_t len, char *why,
                                   size_t why_size, size_t *where) {
    return compile(arena, pattern, len, 0, why, why_size, where);
}

/* ---- replacements ---- */

static bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The group that "1" or "name" means; UINT32_MAX: none. */
static uint32_t group_of(const struct regex *regex, const char *name, size_t len) {
    char text[64];
    uint32_t number = 0;
    size_t digits = 0;
    while (digits < len && name[digits] >= '0' && name[digits] <= '9' && number < REGEX_GROUPS)
        number = number * 10 + (uint32_t)(name[digits++] - '0');
    if (digits == len) return number;
    if (len >= sizeof text) return UINT32_MAX;
    memcpy(text, name, len);
    text[len] = '\0';
    int named = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)text);
    return named > 0 ? (uint32_t)named : UINT32_MAX;
}

/* Length of the "$name" or "${name}" at s, and its name; 0 when the dollar is only a dollar. */
static size_t reference(const char *s, size_t len, const char **name, size_t *name_len) {
    bool braces = len > 1 && s[1] == '{';
    size_t at = braces ? 2 : 1;
    *name = s + at;
    while (at < len && is_name_byte(s[at])) at++;
    *name_len = (size_t)(s + at - *name);
    if (*name_len == 0 || (braces && (at == len || s[at] != '}'))) return 0;
    return braces ? at + 1 : at;
}

void regex_expand(const struct regex *regex, const struct regex_groups *groups, const char *s,
                  const char *replacement, size_t len, struct writer *out) {
    for (size_t at = 0; at < len;) {
        const char *name, *here = replacement + at;
        size_t name_len, used;
        if (*here != '$') {
            const char *dollar = memchr(here, '$', len - at);
            used = dollar ? (size_t)(dollar - here) : len - at;
            write_bytes(out, here, used);
        } else if (at + 1 < len && here[1] == '$') {
            write_bytes(out, "$", 1);
            used = 2;
        } else if ((used = reference(here, len - at, &name, &name_len)) > 0) {
            uint32_t group = group_of(regex, name, name_len);
            if (group < groups->count && groups->begin[group] != SIZE_MAX)
                write_bytes(out, s + groups->begin[group],
                            groups->end[group] - groups->begin[group]);
        } else {
            write_bytes(out, "$", 1);
            used = 1;
        }
        at += used;
    }
}
