/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/entry.h"

#include "engine/base/check.h"

#include <sodium/crypto_hash_sha256.h>

_Static_assert(sizeof(struct hash) == crypto_hash_sha256_BYTES, "a link is one SHA-256");

#define PREVIOUS ",\"previous\":\""
#define HASH     "\",\"hash\":\""
#define END      "\"}"
enum { HEX = 2 * crypto_hash_sha256_BYTES };
enum { TAIL = sizeof PREVIOUS - 1 + HEX + sizeof HASH - 1 + HEX + sizeof END - 1 };

void entry_hash(const struct hash *previous, const struct blob *body, struct hash *out) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, previous->b, sizeof previous->b);
    crypto_hash_sha256_update(&state, body->b, body->len);
    crypto_hash_sha256_final(&state, out->b);
}

/* ---- writing ---- */

static void write_name(struct writer *w, const char *name) {
    write_text(w, ",\"");
    write_text(w, name);
    write_text(w, "\":");
}
static void write_field(struct writer *w, const char *name, const char *value) {
    write_name(w, name);
    write_json_string(w, value, strlen(value));
}
static void write_number(struct writer *w, const char *name, int64_t value) {
    write_name(w, name);
    write_int(w, value);
}

static void write_actor(struct writer *w, const struct audit_entry *entry) {
    write_text(w, ",\"actor\":\"");
    write_text(w, entry->by_person ? "person/" : "engine");
    if (entry->by_person && entry->person.v == NONE_ID)
        write_text(w, "?");
    else if (entry->by_person)
        write_int(w, entry->person.v);
    write_text(w, "\"");
}

/* An id's three parts, so that no reader's floating point swallows its last digits. */
static void write_correlation(struct writer *w, struct incident_id incident) {
    write_text(w, ",\"correlation\":\"");
    if (incident.v != 0) {
        write_int(w, (int64_t)(incident.v >> 48));
        write_text(w, "/");
        write_int(w, (int64_t)(incident.v >> 32 & UINT16_MAX));
        write_text(w, "/");
        write_int(w, (int64_t)(incident.v & UINT32_MAX));
    }
    write_text(w, "\"");
}

/* Somebody else's words: escaped, they may be six times as long, and then they are left out. */
static void write_detail(struct writer *w, const struct text *detail) {
    struct writer before = *w;
    write_name(w, "detail");
    write_json_string(w, detail->s, detail->len);
    if (!w->overflow && w->len < w->size) return; /* a brace follows */
    *w = before;
    write_text(w, ",\"detail\":\"~\"");
}

void entry_write(const struct audit_entry *entry, struct blob *body) {
    struct writer w = writer_of(body->b, BLOB_MAX);
    write_text(&w, "{\"sequence\":");
    write_int(&w, entry->sequence);
    write_number(&w, "wall_ns", entry->wall);
    write_number(&w, "engine", entry->engine);
    write_number(&w, "incarnation", entry->incarnation);
    write_field(&w, "category", category_name(entry->category));
    write_field(&w, "severity", severity_name(entry->severity));
    write_actor(&w, entry);
    write_correlation(&w, entry->incident);
    write_number(&w, "parent", entry->parent);
    write_number(&w, "incident", (int64_t)entry->incident.v);
    write_number(&w, "operation", (int64_t)entry->op.v);
    write_number(&w, "service", entry->service.v);
    write_field(&w, "what", entry->what);
    for (uint32_t k = 0; k < entry->figure_count; k++)
        write_number(&w, entry->figures[k].name, entry->figures[k].value);
    if (entry->detail && entry->detail->len) write_detail(&w, entry->detail);
    write_text(&w, "}");
    ASSERT(!w.overflow);
    memset(body->b + w.len, 0, BLOB_MAX - w.len);
    body->len = (uint16_t)w.len;
}

/* ---- reading ---- */

/* Where the value of a name begins; NULL: there is none. Names are ours: a quoted text cannot hold
 * one, since its own quotes are escaped. */
static const char *value_at(const struct blob *body, const char *name) {
    size_t len = strlen(name);
    const char *s = (const char *)body->b, *end = s + body->len;
    for (const char *at = s; at + len + 4 <= end; at++)
        if ((at[0] == ',' || at[0] == '{') && at[1] == '"' && memcmp(at + 2, name, len) == 0 &&
            at[len + 2] == '"' && at[len + 3] == ':')
            return at + len + 4;
    return NULL;
}

bool entry_number(const struct blob *body, const char *name, int64_t *value) {
    const char *at = value_at(body, name), *end = (const char *)body->b + body->len;
    bool negative = at && at < end && *at == '-';
    int128 read;
    if (negative) at++;
    if (!at || read_decimal(at, (size_t)(end - at), 0, &read) == 0) return false;
    if (negative) read = -read;
    if (read < INT64_MIN || read > INT64_MAX) return false;
    *value = (int64_t)read;
    return true;
}

struct text entry_text(const struct blob *body, const char *name) {
    struct text text = {0};
    const char *at = value_at(body, name), *end = (const char *)body->b + body->len;
    if (!at || at >= end || *at++ != '"') return text;
    const char *close = at;
    while (close < end && *close != '"') close += *close == '\\' ? 2 : 1;
    if (close < end) text_setn(&text, at, (size_t)(close - at));
    return text;
}

int64_t entry_sequence(const struct blob *body) {
    int64_t sequence;
    return entry_number(body, "sequence", &sequence) && sequence > 0 ? sequence : 0;
}

bool entry_whole(const struct blob *body) { return body->len > 0 && body->b[body->len - 1] == '}'; }

/* ---- exporting ---- */

size_t entry_export(const struct hash *previous, const struct hash *hash, const struct blob *body,
                    char line[ENTRY_LINE_MAX]) {
    struct writer w = writer_of(line, ENTRY_LINE_MAX);
    bool whole = entry_whole(body);
    write_bytes(&w, (const char *)body->b, whole ? body->len - 1u : body->len);
    write_text(&w, PREVIOUS);
    write_hex(&w, previous->b, sizeof previous->b);
    write_text(&w, HASH);
    write_hex(&w, hash->b, sizeof hash->b);
    write_text(&w, whole ? END : "\"");
    return w.len;
}

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hash(const char *s, struct hash *out) {
    for (size_t k = 0; k < sizeof out->b; k++) {
        int high = digit(s[2 * k]), low = digit(s[2 * k + 1]);
        if (high < 0 || low < 0) return false;
        out->b[k] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* A torn line has no closing brace, and gets none. */
bool entry_import(const char *line, size_t len, struct hash *previous, struct hash *hash,
                  struct blob *body) {
    bool whole = len > 0 && line[len - 1] == '}';
    size_t tail = whole ? TAIL : TAIL - 1;
    if (len < tail || len - tail + whole > BLOB_MAX) return false;
    const char *at = line + len - tail;
    if (memcmp(at, PREVIOUS, sizeof PREVIOUS - 1) != 0) return false;
    if (!read_hash(at + sizeof PREVIOUS - 1, previous)) return false;
    at += sizeof PREVIOUS - 1 + HEX;
    if (memcmp(at, HASH, sizeof HASH - 1) != 0) return false;
    if (!read_hash(at + sizeof HASH - 1, hash)) return false;
    if (at[sizeof HASH - 1 + HEX] != '"') return false;
    memset(body, 0, sizeof *body);
    body->len = (uint16_t)(len - tail + whole);
    memcpy(body->b, line, len - tail);
    if (whole) body->b[body->len - 1] = '}';
    return true;
}
