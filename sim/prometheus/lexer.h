/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROMETHEUS_LEXER_H
#define SIM_PROMETHEUS_LEXER_H
/*
 * PromQL as tokens. Each token knows its line and column (bytes, from 1) in the file that the
 * expression stands in. Keywords are names here: PromQL lets most of them be metric names too, so
 * only the parser can tell. Numbers and durations are read on the way.
 */
#include "engine/base/arena.h"

enum token_kind {
    TOKEN_END,
    TOKEN_BAD, /* lexer.why says what is wrong */
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_DURATION, /* number is in seconds, duration_ms exact */
    TOKEN_STRING,   /* with its quotes; read it with lexer_string */
    TOKEN_LEFT_PAREN,
    TOKEN_RIGHT_PAREN,
    TOKEN_LEFT_BRACE,
    TOKEN_RIGHT_BRACE,
    TOKEN_LEFT_BRACKET,
    TOKEN_RIGHT_BRACKET,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_AT,
    TOKEN_ASSIGN,
    TOKEN_MATCH,
    TOKEN_NOT_MATCH,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_TIMES,
    TOKEN_DIVIDE,
    TOKEN_MODULO,
    TOKEN_POWER,
};

struct token {
    enum token_kind kind;
    const char *text;
    size_t len;
    int line, column;
    double number;
    int64_t duration_ms;
};

/* Where the first byte of the expression stands; its later lines begin in column 1. */
struct origin {
    const char *file;
    int line, column;
};

struct lexer {
    struct origin origin;
    const char *at, *end;
    int line, column;
    bool in_brackets; /* a colon is part of a name, but not in [5m:1m] */
    char why[160];    /* of TOKEN_BAD */
};

void lexer_open(struct lexer *lexer, const struct origin *origin, const char *text, size_t len);
struct token lexer_next(struct lexer *lexer);

/* The value of a TOKEN_STRING: quotes off, escapes resolved; terminated. */
char *lexer_string(struct arena *arena, const struct token *token, size_t *len);

/* "1h30m", "500ms": units y w d h m s ms, largest first, each once. Whole milliseconds. */
bool promql_duration(const char *s, size_t len, int64_t *ms) MUST_CHECK;
/* A whole text as Go's ParseFloat reads it: 0.5, 1e3, 0x1F, +Inf, NaN. */
bool promql_number(const char *s, size_t len, double *out) MUST_CHECK;
/* ASCII, case folded: PromQL's keywords. word is in lower case. */
bool token_is(const struct token *token, const char *word);
/* "the end of the expression", "a duration", "identifier \"x\"": what stands there, for messages.
 */
void token_describe(char *out, size_t size, const struct token *token);

#endif
