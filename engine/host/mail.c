/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/host/payload.h"
#include "engine/base/text.h"

/* ---- addresses: what is none is no mail, rather than another header ---- */

static bool address_good(const char *s, size_t len) {
    const char *at = memchr(s, '@', len);
    if (!at || at == s || at + 1 == s + len || len > 254) return false;
    for (size_t k = 0; k < len; k++)
        if (s[k] <= ' ' || s[k] > '~' || strchr("<>()[],;:\\\"", s[k])) return false;
    return !memchr(at + 1, '@', (size_t)(s + len - at - 1));
}

static size_t trimmed(const char **s, size_t len) {
    while (len > 0 && **s == ' ') (*s)++, len--;
    while (len > 0 && (*s)[len - 1] == ' ') len--;
    return len;
}

/* "a@x, b@y", one to a line. False if one is none. */
static bool write_addresses(struct writer *w, const char *header, const char *list) {
    write_text(w, header);
    for (const char *separator = ": ";; separator = ",\r\n ") {
        size_t whole = strcspn(list, ",");
        const char *one = list;
        size_t len = trimmed(&one, whole);
        if (!address_good(one, len)) return false;
        write_text(w, separator);
        write_bytes(w, one, len);
        list += whole;
        if (!*list++) break;
    }
    write_text(w, "\r\n");
    return true;
}

/* ---- headers ---- */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void write_base64(struct writer *w, const char *s, size_t len) {
    for (size_t k = 0; k < len; k += 3) {
        uint32_t bits = 0;
        char four[4];
        for (size_t b = 0; b < 3; b++)
            bits = bits << 8 | (k + b < len ? (unsigned char)s[k + b] : 0U);
        for (size_t d = 0; d < 4; d++) four[d] = base64[bits >> (18 - 6 * d) & 63];
        if (k + 1 >= len) four[2] = '=';
        if (k + 2 >= len) four[3] = '=';
        write_bytes(w, four, sizeof four);
    }
}

/* So much of a word that its line is short enough; a character is never split (RFC 2047, 5). */
enum { ENCODED_BYTES = 39 };

static bool plain(const char *s) {
    for (const char *c = s; *c; c++)
        if (*c < ' ' || *c > '~') return false;
    return strlen(s) <= 60 && !strstr(s, "=?");
}

static void write_subject(struct writer *w, const char *title) {
    size_t left = strlen(title);
    write_text(w, "Subject: ");
    if (plain(title)) {
        write_text(w, title);
        write_text(w, "\r\n");
        return;
    }
    for (const char *s = title; left > 0;) {
        size_t len = 0;
        while (len < left) {
            size_t sequence = utf8_sequence(s + len, left - len);
            if (len + sequence > ENCODED_BYTES) break;
            len += sequence;
        }
        write_text(w, s == title ? "=?UTF-8?B?" : " =?UTF-8?B?");
        write_base64(w, s, len);
        write_text(w, "?=\r\n");
        s += len;
        left -= len;
    }
}

/* "Mon, 05 Jan 2026 09:00:00 +0000" */
static void write_date(struct writer *w, time_ns wall) {
    static const char days[] = "ThuFriSatSunMonTueWed", /* 1970-01-01 was a Thursday */
        months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char iso[40];
    int64_t day = wall / (24 * NS_PER_HOUR);
    wall_format(iso, sizeof iso, wall);
    write_text(w, "Date: ");
    write_bytes(w, days + day % 7 * 3, 3);
    write_text(w, ", ");
    write_bytes(w, iso + 8, 2);
    write_text(w, " ");
    write_bytes(w, months + ((iso[5] - '0') * 10 + iso[6] - '1') * 3, 3);
    write_text(w, " ");
    write_bytes(w, iso, 4);
    write_text(w, " ");
    write_bytes(w, iso + 11, 8);
    write_text(w, " +0000\r\n");
}

static void write_identifiers(struct writer *w, const struct told *told, const char *from) {
    const char *domain = strchr(from, '@') + 1;
    char thread[65];
    wording_thread(told, thread);
    write_text(w, "Message-ID: <");
    write_text(w, thread);
    write_text(w, ".");
    write_int(w, told->notify->message);
    write_text(w, ".");
    write_int(w, told->notify->level);
    write_text(w, "@");
    write_text(w, domain);
    write_text(w, ">\r\nReferences: <");
    write_text(w, thread);
    write_text(w, "@");
    write_text(w, domain);
    write_text(w, ">\r\n");
}

/* ---- the body: quoted-printable (RFC 2045, 6.7) ---- */

struct quoting {
    struct writer *w;
    size_t column;
};
enum { LINE_MAX_QUOTED = 76 };

static void put_piece(struct quoting *q, const char *s, size_t len) {
    if (q->column + len >= LINE_MAX_QUOTED) { /* room for the "=" of a soft break */
        write_text(q->w, "=\r\n");
        q->column = 0;
    }
    write_bytes(q->w, s, len);
    q->column += len;
}

/* A space at the end of a line would be lost, a dot at its beginning doubled, "From " quoted. */
static bool stands_as_it_is(const char *s, size_t column) {
    if (*s == ' ') return s[1] != '\n' && s[1] != '\0';
    if (column == 0 && (*s == '.' || strncmp(s, "From ", 5) == 0)) return false;
    return *s > ' ' && *s <= '~' && *s != '=';
}

static void write_quoted(struct quoting *q, const char *s) {
    static const char hex[] = "0123456789ABCDEF";
    for (; *s; s++) {
        if (*s == '\n') {
            write_text(q->w, "\r\n");
            q->column = 0;
            continue;
        }
        unsigned char byte = (unsigned char)*s;
        char piece[3] = {'=', hex[byte >> 4], hex[byte & 15]};
        bool as_it_is = stands_as_it_is(s, q->column + 1 >= LINE_MAX_QUOTED ? 0 : q->column);
        put_piece(q, as_it_is ? s : piece, as_it_is ? 1 : sizeof piece);
    }
}

static void write_body(struct writer *w, const struct told *told, const struct wording *words) {
    struct quoting q = {.w = w};
    write_quoted(&q, words->body);
    write_quoted(&q, "\n\n");
    for (uint32_t k = 0; k < words->fact_count; k++) {
        char line[WORDING_VALUE_MAX + 32];
        struct writer one = writer_of(line, sizeof line - 1);
        write_text(&one, words->fact[k].name);
        write_text(&one, ": ");
        write_text(&one, words->fact[k].value);
        write_text(&one, "\n");
        write_quoted(&q, line);
    }
    if (told->link) {
        char link[WORDING_BODY_MAX];
        wording_clean(link, sizeof link, told->link, strlen(told->link), sizeof link);
        write_quoted(&q, "\n");
        write_quoted(&q, link);
        write_quoted(&q, "\n");
    }
}

size_t mail_payload(const struct told *told, struct mail_addresses addresses, char *out,
                    size_t size) {
    struct wording words;
    struct writer w = writer_of(out, size);
    if (!address_good(addresses.from, strlen(addresses.from))) return 0; /* one, and no more */
    if (!write_addresses(&w, "From", addresses.from) || !write_addresses(&w, "To", addresses.to))
        return 0;
    wording_of(told, &words);
    write_subject(&w, words.title[0] ? words.title : "-");
    write_date(&w, told->wall);
    write_identifiers(&w, told, addresses.from);
    write_text(&w, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    write_body(&w, told, &words);
    return w.overflow || w.len >= size ? 0 : w.len;
}
