/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/lexer.h"
#include "engine/base/diag.h"
#include <math.h>
#include <stdlib.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }
static bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

static uint32_t hex_value(char c) {
    return is_digit(c) ? (uint32_t)(c - '0') : (uint32_t)(lower(c) - 'a') + 10;
}

static bool same_word(const char *s, size_t len, const char *word) {
    for (size_t i = 0; i < len; i++)
        if (lower(s[i]) != word[i]) return false; /* a shorter word differs at its end */
    return word[len] == '\0';
}

bool token_is(const struct token *token, const char *word) {
    return token->kind == TOKEN_NAME && same_word(token->text, token->len, word);
}

void lexer_open(struct lexer *lexer, const struct origin *origin, const char *text, size_t len) {
    *lexer = (struct lexer){.origin = *origin,
                            .at = text,
                            .end = text + len,
                            .line = origin->line,
                            .column = origin->column};
}

static char peek(const struct lexer *lexer, size_t ahead) {
    return ahead < (size_t)(lexer->end - lexer->at) ? lexer->at[ahead] : '\0';
}

static void skip(struct lexer *lexer, size_t count) {
    for (; count > 0; count--, lexer->at++) {
        lexer->column++;
        if (*lexer->at != '\n') continue;
        lexer->line++;
        lexer->column = 1;
    }
}

static void skip_blanks_and_comments(struct lexer *lexer) {
    while (lexer->at < lexer->end) {
        char c = *lexer->at;
        if (c == '#') {
            while (lexer->at < lexer->end && *lexer->at != '\n') skip(lexer, 1);
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            skip(lexer, 1);
        } else {
            return;
        }
    }
}

static struct token bad(struct lexer *lexer, struct token token, const char *why) {
    token.kind = TOKEN_BAD;
    strncpy(lexer->why, why, sizeof lexer->why - 1);
    return token;
}

/* ---- numbers and durations ---- */

static const struct {
    char name[3];
    int64_t ms;
} duration_units[] = {
    {"y", INT64_C(31536000000)},
    {"w", 604800000},
    {"d", 86400000},
    {"h", 3600000},
    {"m", 60000},
    {"s", 1000},
    {"ms", 1},
};

bool promql_duration(const char *s, size_t len, int64_t *ms) {
    size_t at = 0, unit = 0;
    int64_t sum = 0;
    if (len == 1 && s[0] == '0') return *ms = 0, true;
    while (at < len) {
        int64_t count = 0;
        size_t digits = at;
        for (; at < len && is_digit(s[at]); at++)
            if (__builtin_mul_overflow(count, 10, &count) ||
                __builtin_add_overflow(count, s[at] - '0', &count))
                return false;
        if (at == digits) return false;
        size_t letters = at;
        while (at < len && is_alpha(s[at])) at++;
        while (unit < ARRAY_LEN(duration_units) &&
               !(strlen(duration_units[unit].name) == at - letters &&
                 memcmp(duration_units[unit].name, s + letters, at - letters) == 0))
            unit++;
        if (unit == ARRAY_LEN(duration_units)) return false;
        if (__builtin_mul_overflow(count, duration_units[unit++].ms, &count) ||
            __builtin_add_overflow(sum, count, &sum))
            return false;
    }
    *ms = sum;
    return len > 0;
}

/* Digits with single underscores between them, as Go allows. Returns where they end. */
static size_t scan_digits(const char *s, size_t len, size_t at, bool (*digit)(char)) {
    while (at < len && (digit(s[at]) || (s[at] == '_' && at + 1 < len && digit(s[at + 1])))) at++;
    return at;
}

/* Where the number that starts s ends; 0 when none does. */
static size_t scan_number(const char *s, size_t len) {
    if (len > 2 && s[0] == '0' && lower(s[1]) == 'x') {
        size_t end = scan_digits(s, len, 2, is_hex);
        return end > 2 ? end : 0;
    }
    if (len == 0 || s[0] == '_') return 0;
    size_t at = scan_digits(s, len, 0, is_digit), digits = at;
    if (at < len && s[at] == '.') {
        size_t fraction = scan_digits(s, len, at + 1, is_digit);
        digits += fraction - at - 1;
        at = fraction;
    }
    if (digits == 0) return 0;
    if (at < len && lower(s[at]) == 'e') {
        size_t sign = at + 1 < len && (s[at + 1] == '+' || s[at + 1] == '-') ? 1 : 0;
        size_t exponent = scan_digits(s, len, at + 1 + sign, is_digit);
        if (exponent > at + 1 + sign) at = exponent;
    }
    return at;
}

/* Whole numbers are read as Go's ParseInt does, so 010 is eight; the rest, and 089, as decimals. */
static bool read_number(const char *s, size_t len, double *out) {
    char plain[128];
    size_t used = 0;
    bool octal = len > 1 && s[0] == '0';
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '_') continue;
        if (used == sizeof plain - 1) return false;
        plain[used++] = s[i];
        octal = octal && s[i] >= '0' && s[i] <= '7';
    }
    plain[used] = '\0';
    if (!octal || used > 20) {
        *out = strtod(plain, NULL);
        return true;
    }
    uint64_t value = 0;
    for (size_t i = 1; i < used; i++) value = value * 8 + (uint64_t)(plain[i] - '0');
    *out = (double)value;
    return true;
}

bool promql_number(const char *s, size_t len, double *out) {
    bool negative = len > 0 && s[0] == '-';
    if (negative || (len > 0 && s[0] == '+')) s++, len--;
    if (same_word(s, len, "inf") || same_word(s, len, "infinity")) {
        *out = INFINITY;
    } else if (same_word(s, len, "nan")) {
        *out = NAN;
    } else {
        char plain[128];
        if (len == 0 || len >= sizeof plain || scan_number(s, len) != len || memchr(s, '_', len))
            return false;
        memcpy(plain, s, len);
        plain[len] = '\0';
        *out = strtod(plain, NULL);
    }
    if (negative) *out = -*out;
    return true;
}

static struct token next_number(struct lexer *lexer, struct token token) {
    size_t len = (size_t)(lexer->end - lexer->at), digits = 0;
    while (digits < len && is_digit(lexer->at[digits])) digits++;
    bool hex = len > 2 && lexer->at[0] == '0' && lower(lexer->at[1]) == 'x';
    token.len = scan_number(lexer->at, len);
    if (!hex && token.len == digits && digits < len && is_alpha(lexer->at[digits])) {
        while (token.len < len &&
               (is_digit(lexer->at[token.len]) || is_alpha(lexer->at[token.len])))
            token.len++;
        token.kind = TOKEN_DURATION;
        if (!promql_duration(token.text, token.len, &token.duration_ms))
            return bad(lexer, token, "bad number or duration; durations are like 5m, 1h30m, 500ms");
        token.number = (double)token.duration_ms / 1000.0;
        return token;
    }
    token.kind = TOKEN_NUMBER;
    if (token.len < len && (is_alpha(lexer->at[token.len]) || is_digit(lexer->at[token.len])))
        return bad(lexer, token, "bad number");
    return read_number(token.text, token.len, &token.number)
               ? token
               : bad(lexer, token, "number of more than 127 digits");
}

/* ---- strings ---- */

/* Length of the escape at s (after the backslash), its value; 0 when there is no such escape. */
static size_t read_escape(const char *s, size_t len, char quote, uint32_t *value, bool *is_byte) {
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    *is_byte = true;
    if (len == 0) return 0;
    const char *letter = s[0] ? strchr(letters, s[0]) : NULL;
    if (letter) return *value = (uint32_t)values[letter - letters], 1;
    if (s[0] == quote) return *value = (uint32_t)quote, 1;
    if (s[0] >= '0' && s[0] <= '7') {
        *value = 0;
        for (size_t i = 0; i < 3; i++) {
            if (i >= len || s[i] < '0' || s[i] > '7') return 0;
            *value = *value * 8 + (uint32_t)(s[i] - '0');
        }
        return *value < 256 ? 3 : 0;
    }
    size_t digits = s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : s[0] == 'U' ? 8 : 0;
    if (digits == 0 || len < 1 + digits) return 0;
    *is_byte = s[0] == 'x';
    *value = 0;
    for (size_t i = 1; i <= digits; i++) {
        if (!is_hex(s[i])) return 0;
        *value = *value * 16 + hex_value(s[i]);
    }
    bool surrogate = *value >= 0xD800 && *value < 0xE000;
    return *is_byte || (*value < 0x110000 && !surrogate) ? 1 + digits : 0;
}

static struct token next_string(struct lexer *lexer, struct token token) {
    size_t len = (size_t)(lexer->end - lexer->at), at = 1;
    char quote = lexer->at[0];
    for (; at < len && lexer->at[at] != quote; at++) {
        if (quote == '`') continue;
        if (lexer->at[at] == '\n') return bad(lexer, token, "a quoted string ends on its line");
        if (lexer->at[at] != '\\') continue;
        uint32_t value;
        bool is_byte;
        size_t used = read_escape(lexer->at + at + 1, len - at - 1, quote, &value, &is_byte);
        if (used == 0) {
            token.column += (int)at;
            return bad(lexer, token, "no such escape in a string; a backslash itself is \\\\");
        }
        at += used;
    }
    if (at >= len) return bad(lexer, token, "string without its closing quote");
    token.kind = TOKEN_STRING;
    token.len = at + 1;
    return token;
}

static size_t write_utf8(char *out, uint32_t code) {
    if (code < 0x80) return out[0] = (char)code, 1;
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
    for (size_t i = more; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[more] | code);
    return more + 1;
}

char *lexer_string(struct arena *arena, const struct token *token, size_t *len) {
    const char *s = token->text + 1, *end = token->text + token->len - 1;
    char *out = arena_take(arena, token->len, 1); /* no escape is shorter than what it means */
    size_t used = 0;
    while (s < end) {
        if (*s != '\\' || *token->text == '`') {
            out[used++] = *s++;
            continue;
        }
        uint32_t value = 0;
        bool is_byte;
        s += 1 + read_escape(s + 1, (size_t)(end - s - 1), *token->text, &value, &is_byte);
        if (is_byte)
            out[used++] = (char)value;
        else
            used += write_utf8(out + used, value);
    }
    *len = used;
    return out;
}

/* ---- tokens ---- */

static struct token next_name(struct lexer *lexer, struct token token) {
    char c;
    while ((c = peek(lexer, token.len)) != '\0' &&
           (is_alpha(c) || is_digit(c) || (c == ':' && !lexer->in_brackets)))
        token.len++;
    token.kind = TOKEN_NAME;
    return token;
}

static struct token next_sign(struct lexer *lexer, struct token token) {
    static const struct {
        char text[3];
        enum token_kind kind;
    } signs[] = {
        {"=~", TOKEN_MATCH},      {"==", TOKEN_EQUAL},       {"!~", TOKEN_NOT_MATCH},
        {"!=", TOKEN_NOT_EQUAL},  {"<=", TOKEN_LESS_EQUAL},  {">=", TOKEN_GREATER_EQUAL},
        {"(", TOKEN_LEFT_PAREN},  {")", TOKEN_RIGHT_PAREN},  {"{", TOKEN_LEFT_BRACE},
        {"}", TOKEN_RIGHT_BRACE}, {"[", TOKEN_LEFT_BRACKET}, {"]", TOKEN_RIGHT_BRACKET},
        {",", TOKEN_COMMA},       {":", TOKEN_COLON},        {"@", TOKEN_AT},
        {"=", TOKEN_ASSIGN},      {"<", TOKEN_LESS},         {">", TOKEN_GREATER},
        {"+", TOKEN_PLUS},        {"-", TOKEN_MINUS},        {"*", TOKEN_TIMES},
        {"/", TOKEN_DIVIDE},      {"%", TOKEN_MODULO},       {"^", TOKEN_POWER},
    };
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        token.len = strlen(signs[i].text);
        token.kind = signs[i].kind;
        if (peek(lexer, 0) == signs[i].text[0] &&
            (token.len == 1 || peek(lexer, 1) == signs[i].text[1]))
            return token;
    }
    return bad(lexer, token, "character that PromQL does not know");
}

static struct token scan(struct lexer *lexer, struct token token) {
    char c = *lexer->at;
    if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1)))) return next_number(lexer, token);
    if (is_alpha(c) || (c == ':' && !lexer->in_brackets)) return next_name(lexer, token);
    if (c == '"' || c == '\'' || c == '`') return next_string(lexer, token);
    return next_sign(lexer, token);
}

struct token lexer_next(struct lexer *lexer) {
    skip_blanks_and_comments(lexer);
    struct token token = {.text = lexer->at, .line = lexer->line, .column = lexer->column};
    if (lexer->at == lexer->end) return token;
    token = scan(lexer, token);
    if (token.kind == TOKEN_BAD) return token;
    if (token.kind == TOKEN_LEFT_BRACKET) lexer->in_brackets = true;
    if (token.kind == TOKEN_RIGHT_BRACKET) lexer->in_brackets = false;
    skip(lexer, token.len);
    return token;
}

void token_describe(char *out, size_t size, const struct token *token) {
    char text[48];
    printable(text, sizeof text, token->text, token->len);
    const char *what = token->kind == TOKEN_NAME       ? "name "
                       : token->kind == TOKEN_NUMBER   ? "number "
                       : token->kind == TOKEN_DURATION ? "duration "
                                                       : "";
    const char *quote = token->kind == TOKEN_STRING ? "" : "\"";
    if (token->kind == TOKEN_END)
        snprintf(out, size, "the end of the expression");
    else
        snprintf(out, size, "%s%s%s%s", what, quote, text, quote);
}
