/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/text.h"

void text_set(struct text *t, const char *s) { text_setn(t, s, strlen(s)); }

void text_setn(struct text *t, const char *s, size_t len) {
    size_t kept = len <= TEXT_MAX ? len : TEXT_MAX - 1;
    memset(t, 0, sizeof *t);
    if (kept > 0) memcpy(t->s, s, kept);
    if (kept < len) t->s[kept++] = '~';
    t->len = (uint16_t)kept;
}

bool text_eq(const struct text *a, const struct text *b) {
    return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

bool text_is(const struct text *a, const char *s) {
    return a->len == strlen(s) && memcmp(a->s, s, a->len) == 0;
}

struct writer writer_of(void *buffer, size_t size) {
    struct writer w = {.buffer = buffer, .size = size};
    if (size > 0) w.buffer[0] = '\0';
    return w;
}

void write_bytes(struct writer *w, const char *s, size_t len) {
    if (w->overflow || len > w->size - w->len) {
        w->overflow = true;
        return;
    }
    if (len > 0) memcpy(w->buffer + w->len, s, len);
    w->len += len;
    if (w->len < w->size) w->buffer[w->len] = '\0';
}

void write_text(struct writer *w, const char *s) { write_bytes(w, s, strlen(s)); }

static void write_unsigned(struct writer *w, uint64_t v) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    write_bytes(w, digits + at, sizeof digits - at);
}

static uint64_t magnitude_of(int64_t v) { return v < 0 ? 0 - (uint64_t)v : (uint64_t)v; }

void write_int(struct writer *w, int64_t v) {
    if (v < 0) write_text(w, "-");
    write_unsigned(w, magnitude_of(v));
}

/* v / 10^places with as few decimals as are exact. */
static void write_scaled(struct writer *w, int64_t v, int places) {
    uint64_t one = 1, rest = magnitude_of(v);
    for (int i = 0; i < places; i++) one *= 10;
    if (v < 0) write_text(w, "-");
    write_unsigned(w, rest / one);
    rest %= one;
    if (rest > 0) write_text(w, ".");
    for (; rest > 0; rest %= one) {
        one /= 10;
        char digit = (char)('0' + rest / one);
        write_bytes(w, &digit, 1);
    }
}

void write_micro(struct writer *w, int64_t micro) { write_scaled(w, micro, 6); }

void write_share(struct writer *w, int64_t ppm) {
    write_scaled(w, ppm, 4);
    write_text(w, "%");
}

static const char hex[] = "0123456789abcdef";

void write_hex(struct writer *w, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        char pair[2] = {hex[bytes[i] >> 4], hex[bytes[i] & 15]};
        write_bytes(w, pair, sizeof pair);
    }
}

static void write_json_control(struct writer *w, uint8_t c) {
    static const char names[] = "\bb\tt\nn\ff\rr";
    for (size_t i = 0; i + 1 < sizeof names; i += 2) {
        if (c != (uint8_t)names[i]) continue;
        char pair[2] = {'\\', names[i + 1]};
        write_bytes(w, pair, sizeof pair);
        return;
    }
    write_text(w, "\\u00");
    write_hex(w, &c, 1);
}

void write_json_string(struct writer *w, const char *s, size_t len) {
    write_text(w, "\"");
    while (len > 0) {
        uint8_t c = (uint8_t)*s;
        size_t used = utf8_sequence(s, len);
        if (used == 0) {
            write_text(w, "\xEF\xBF\xBD");
            used = 1;
        } else if (c < 0x20 || c == 0x7F) {
            write_json_control(w, c);
        } else {
            if (c == '"' || c == '\\') write_text(w, "\\");
            write_bytes(w, s, used);
        }
        s += used;
        len -= used;
    }
    write_text(w, "\"");
}

size_t read_decimal(const char *s, size_t len, int places, int128 *value) {
    size_t at = 0, digits = 0;
    int decimals = -1; /* none: no point yet */
    int128 v = 0;
    for (; at < len; at++) {
        if (s[at] == '.' && digits > 0 && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (s[at] < '0' || s[at] > '9') break;
        if (++digits > 24 || (decimals >= 0 && ++decimals > places)) return 0;
        v = v * 10 + (s[at] - '0');
    }
    if (digits == 0 || decimals == 0) return 0;
    for (int i = decimals < 0 ? 0 : decimals; i < places; i++) v *= 10;
    *value = v;
    return at;
}

size_t utf8_sequence(const char *s, size_t len) {
    if (len == 0) return 0;
    const uint8_t *b = (const uint8_t *)s;
    if (b[0] < 0x80) return 1;
    size_t need = b[0] >= 0xC2 && b[0] <= 0xDF   ? 2
                  : b[0] >= 0xE0 && b[0] <= 0xEF ? 3
                  : b[0] >= 0xF0 && b[0] <= 0xF4 ? 4
                                                 : 0;
    if (need == 0 || need > len) return 0;
    /* the second byte alone tells overlong forms, surrogates and what is beyond U+10FFFF */
    uint8_t low = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
    uint8_t high = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;
    if (b[1] < low || b[1] > high) return 0;
    for (size_t i = 2; i < need; i++)
        if (b[i] < 0x80 || b[i] > 0xBF) return 0;
    return need;
}
