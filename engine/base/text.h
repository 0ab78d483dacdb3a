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

/* Builds text into a caller's buffer without printf; the only formatter the engine uses. Overflow
 * is remembered, nothing is written past the end. */
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

#endif
