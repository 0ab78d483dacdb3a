/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A template as texts between actions, and an action as tokens. */
#include "sim/prometheus/template_parts.h"

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}
static bool is_name(char c) { return is_letter(c) || is_digit(c); }

static size_t left(const struct template_lexer *l) { return l->len - l->at; }
static bool stands(const struct template_lexer *l, const char *what) {
    size_t len = strlen(what);
    return left(l) >= len && memcmp(l->text + l->at, what, len) == 0;
}

/* ---- texts ---- */

static void skip_blanks(struct template_lexer *l) {
    while (left(l) > 0 && is_blank(l->text[l->at])) l->at++;
}

/* Behind an action's end. */
static bool closes(struct template_lexer *l) {
    bool trims =
        left(l) >= 4 && is_blank(l->text[l->at]) && memcmp(l->text + l->at + 1, "-}}", 3) == 0;
    if (!trims && !stands(l, "}}")) return false;
    l->at += trims ? 4 : 2;
    l->trim_next = trims;
    return true;
}

/* The comment behind "{{"; false when there is none. One that does not end is left to be refused.
 */
static bool comment(struct template_lexer *l) {
    size_t before = l->at;
    if (!stands(l, "/*")) return false;
    for (l->at += 2; left(l) > 0; l->at++) {
        if (!stands(l, "*/")) continue;
        l->at += 2;
        if (closes(l)) return true;
        break;
    }
    l->at = before;
    return false;
}

bool template_text(struct template_lexer *l, const char **text, size_t *len) {
    if (l->trim_next) skip_blanks(l);
    l->trim_next = false;
    const char *from = l->text + l->at;
    const char *open = from;
    const char *end = l->text + l->len;
    while (open < end && !(end - open >= 2 && open[0] == '{' && open[1] == '{')) open++;
    *text = from;
    *len = (size_t)(open - from);
    l->at += *len;
    if (open == end) return false;
    l->at += 2;
    l->fresh = true;
    if (left(l) >= 2 && l->text[l->at] == '-' && is_blank(l->text[l->at + 1])) {
        l->at += 2;
        while (*len > 0 && is_blank(from[*len - 1])) --*len;
    }
    return true;
}

/* ---- quoted ---- */

static int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint8_t first[] = {0, 0xC0, 0xE0, 0xF0};
    for (size_t i = more; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(first[more] | c);
    return more + 1;
}

/* The escape behind a backslash, as bytes; how long it is; 0: there is no such escape. */
static size_t escape(const char *s, size_t len, char quote, char *out, size_t *out_len) {
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    const char *letter = len > 0 && s[0] ? strchr(letters, s[0]) : NULL;
    *out_len = 1;
    if (letter || (len > 0 && s[0] == quote)) {
        out[0] = letter ? values[letter - letters] : quote;
        return 1;
    }
    size_t digits = len == 0 ? 0 : s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : s[0] == 'U' ? 8 : 0;
    uint32_t c = 0;
    if (digits == 0) { /* three octal digits */
        if (len < 3) return 0;
        for (int i = 0; i < 3; i++) {
            if (s[i] < '0' || s[i] > '7') return 0;
            c = c * 8 + (uint32_t)(s[i] - '0');
        }
        out[0] = (char)c;
        return c < 256 ? 3 : 0;
    }
    if (len < digits + 1) return 0;
    for (size_t i = 1; i <= digits; i++) {
        int value = hex_value(s[i]);
        if (value < 0) return 0;
        c = c << 4 | (uint32_t)value;
    }
    if (digits == 2)
        out[0] = (char)c;
    else if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    else
        *out_len = put_utf8(out, c);
    return digits + 1;
}

static struct template_token bad(struct template_lexer *l, struct template_token t,
                                 const char *why) {
    t.kind = PIECE_BAD;
    l->why = why;
    return t;
}

static struct template_token quoted(struct template_lexer *l, struct template_token t) {
    char quote = l->text[l->at++];
    size_t span = 0, used = 0;
    while (span < left(l) && l->text[l->at + span] != quote)
        span += l->text[l->at + span] == '\\' ? 2 : 1;
    char *value = arena_take(l->arena, span + 1, 1); /* no escape is shorter than what it means */
    for (; left(l) > 0 && l->text[l->at] != quote && l->text[l->at] != '\n'; l->at++) {
        if (l->text[l->at] != '\\') {
            value[used++] = l->text[l->at];
            continue;
        }
        size_t made, len = escape(l->text + l->at + 1, left(l) - 1, quote, value + used, &made);
        if (len == 0) return bad(l, t, "an escape that Go's quoted texts do not have");
        used += made;
        l->at += len;
    }
    if (left(l) == 0 || l->text[l->at] != quote) return bad(l, t, "unterminated quoted string");
    l->at++;
    t.kind = PIECE_TEXT;
    t.text = value;
    t.text_len = used;
    if (quote == '"') return t;
    size_t len = used > 0 && (uint8_t)value[0] >= 0x80 ? utf8_sequence(value, used) : 1;
    if (used == 0 || len != used) return bad(l, t, "a character constant holds one character");
    static const uint8_t mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    t.character = (uint8_t)value[0] & mask[len];
    for (size_t i = 1; i < len; i++) t.character = t.character << 6 | ((uint8_t)value[i] & 0x3F);
    t.kind = PIECE_CHARACTER;
    return t;
}

static struct template_token raw(struct template_lexer *l, struct template_token t) {
    const char *from = l->text + l->at + 1;
    const char *end = memchr(from, '`', left(l) - 1);
    if (!end) return bad(l, t, "unterminated raw quoted string");
    t.kind = PIECE_TEXT;
    t.text = from;
    t.text_len = (size_t)(end - from);
    l->at += t.text_len + 2;
    return t;
}

/* ---- the rest ---- */

/* A name behind `skip` bytes; variables keep their dollar. */
static struct template_token named(struct template_lexer *l, struct template_token t,
                                   enum piece kind, size_t skip, size_t drop) {
    size_t len = skip;
    while (len < left(l) && is_name(l->text[l->at + len])) len++;
    t.kind = kind;
    t.text_len = len - drop;
    t.text = arena_text(l->arena, l->text + l->at + drop, t.text_len);
    l->at += len;
    return t;
}

static struct template_token number(struct template_lexer *l, struct template_token t) {
    size_t len = 1;
    for (; len < left(l); len++) {
        char c = l->text[l->at + len], before = l->text[l->at + len - 1];
        bool sign = (c == '+' || c == '-') && strchr("eEpP", before);
        if (!is_name(c) && c != '.' && !sign) break;
    }
    t.kind = PIECE_NUMBER;
    t.text = l->text + l->at;
    t.text_len = len;
    l->at += len;
    return t;
}

static struct template_token sign(struct template_lexer *l, struct template_token t,
                                  enum piece kind, size_t len) {
    t.kind = kind;
    l->at += len;
    return t;
}

static struct template_token token(struct template_lexer *l, struct template_token t) {
    char c = l->text[l->at];
    char next = left(l) > 1 ? l->text[l->at + 1] : '\0';
    if (c == '"' || c == '\'') return quoted(l, t);
    if (c == '`') return raw(l, t);
    if (is_digit(c) || ((c == '+' || c == '-' || c == '.') && is_digit(next))) return number(l, t);
    if (c == '.' && is_letter(next)) return named(l, t, PIECE_FIELD, 1, 1);
    if (c == '.') return sign(l, t, PIECE_DOT, 1);
    if (c == '$') return named(l, t, PIECE_VARIABLE, 1, 0);
    if (is_letter(c)) return named(l, t, PIECE_WORD, 0, 0);
    if (c == '|') return sign(l, t, PIECE_PIPE, 1);
    if (c == '(') return sign(l, t, PIECE_LEFT, 1);
    if (c == ')') return sign(l, t, PIECE_RIGHT, 1);
    if (c == ',') return sign(l, t, PIECE_COMMA, 1);
    if (c == ':' && next == '=') return sign(l, t, PIECE_DECLARE, 2);
    if (c == '=') return sign(l, t, PIECE_ASSIGN, 1);
    if (stands(l, "/*")) return bad(l, t, "a comment must stand alone in its action, and end");
    return bad(l, t, "unexpected character in an action");
}

struct template_token template_token(struct template_lexer *l) {
    struct template_token t = {.kind = PIECE_CLOSE, .at = l->at};
    bool first = l->fresh;
    l->fresh = false;
    if (first && comment(l)) {
        t.comment = true;
        return t;
    }
    while (!closes(l)) {
        if (left(l) == 0) {
            t.kind = PIECE_END;
            return t;
        }
        if (!is_blank(l->text[l->at])) {
            t.at = l->at;
            t = token(l, t);
            t.len = l->at - t.at;
            return t;
        }
        t.spaced = true;
        t.at = ++l->at;
    }
    return t;
}
