/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
/* Bounded values that cross the engine's boundary by copy: no pointers, no allocation. Bytes beyond
 * len are zero, so that equal values are equal bytes. Too long a text is cut and ends in "~". */
#include "engine/base/base.h"

#define TEXT_MAX 126
#define BLOB_MAX 1022
struct text {
    uint16_t len;
    char s[TEXT_MAX];
}; /* not terminated */
struct blob {
    uint16_t len;
    uint8_t b[BLOB_MAX];
};
struct hash {
    uint8_t b[32];
}; /* SHA-256 */

void text_set(struct text *t, const char *s);
void text_setn(struct text *t, const char *s, size_t len);
bool text_eq(const struct text *a, const struct text *b);
bool text_is(const struct text *a, const char *s);

/* Builds text into a caller's buffer without printf; the only formatter the engine uses. A piece
 * that does not fit is left out, as is all after it, and overflow says so; a zero follows the text
 * while there is room for one. */
struct writer {
    char *buffer;
    size_t size, len;
    bool overflow;
};
struct writer writer_of(void *buffer, size_t size);
void write_bytes(struct writer *w, const char *s, size_t len);
void write_text(struct writer *w, const char *s);
void write_int(struct writer *w, int64_t v);
void write_micro(struct writer *w, int64_t micro); /* 152000 -> 0.152 */
void write_share(struct writer *w, int64_t ppm);   /* 152000 -> 15.2% */
void write_hex(struct writer *w, const uint8_t *bytes, size_t len);
void write_json_string(struct writer *w, const char *s,
                       size_t len); /* quoted and escaped; invalid UTF-8 as U+FFFD */

/* Reads "12" or "12.345" as a whole number of 10^-places. Returns the bytes used; 0 when it is not
 * a number, has more than that many decimals, or has more than 24 digits. No sign, no exponent. */
size_t read_decimal(const char *s, size_t len, int places, int128 *value);

/* The length of the valid UTF-8 sequence at s (RFC 3629: no surrogates, no overlong forms), or 0.
 */
size_t utf8_sequence(const char *s, size_t len);

#endif
