/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/host/wording.h"
#include "engine/base/text.h"

/* ---- clean text ---- */

/* U+202A..202E and U+2066..2069: what follows would be written the other way round. */
static bool turns_direction(const unsigned char *c, size_t len) {
    if (len != 3 || c[0] != 0xE2) return false;
    return (c[1] == 0x80 && c[2] >= 0xAA && c[2] <= 0xAE) ||
           (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9);
}

/* C0 and C1 controls, DEL, and the separators of lines and paragraphs: a space. */
static bool is_control(const unsigned char *c, size_t len) {
    if (len == 1) return c[0] < 0x20 || c[0] == 0x7F;
    if (len == 2) return c[0] == 0xC2 && c[1] < 0xA0;
    return len == 3 && c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9);
}

struct cleaning {
    char *out;
    size_t size, len, characters, max;
    size_t cut_at; /* where "..." would still fit */
};

static bool put(struct cleaning *c, const char *s, size_t len) {
    if (c->characters == c->max || c->len + len >= c->size) return false;
    if (c->characters + 3 <= c->max && c->len + 3 < c->size) c->cut_at = c->len;
    memcpy(c->out + c->len, s, len);
    c->len += len;
    c->characters++;
    return true;
}

size_t wording_clean(char *out, size_t size, const char *s, size_t len, size_t max) {
    struct cleaning c = {.out = out, .size = size, .max = max};
    bool fits = true;
    for (size_t i = 0, used; fits && i < len; i += used) {
        size_t sequence = utf8_sequence(s + i, len - i);
        const unsigned char *u = (const unsigned char *)s + i;
        used = sequence ? sequence : 1;
        if (!sequence || turns_direction(u, sequence))
            fits = put(&c, "\xEF\xBF\xBD", 3);
        else
            fits = is_control(u, sequence) ? put(&c, u[0] == '\n' ? "\n" : " ", 1)
                                           : put(&c, s + i, sequence);
    }
    if (!fits && max >= 3 && size > 3) {
        memcpy(out + c.cut_at, "...", 3);
        c.len = c.cut_at + 3;
    }
    out[c.len] = '\0';
    return c.len;
}

size_t wording_characters(const char *s) {
    size_t count = 0;
    for (; *s; s++) count += ((unsigned char)*s & 0xC0) != 0x80;
    return count;
}

/* ---- what is known of a message, by name ---- */

static bool known_id(uint64_t id) { return id != 0 && id != NONE_ID64; }

static void write_id(struct writer *w, uint64_t id) {
    uint8_t bytes[8];
    for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)(id >> (56 - 8 * k));
    if (known_id(id)) write_hex(w, bytes, sizeof bytes);
}

static void write_word(struct writer *w, const struct told *t, enum policy_template_word word) {
    const struct eff_notify *n = t->notify;
    char wall[40];
    switch (word) {
    case WORD_SEVERITY: write_text(w, severity_name(n->severity)); break;
    case WORD_SERVICE: write_text(w, t->service ? t->service : "the engine"); break;
    case WORD_REASON: write_text(w, reason_name(n->reason)); break;
    case WORD_MEANING: write_text(w, reason_meaning(n->reason)); break;
    case WORD_ASKS: write_text(w, form_meaning(n->form)); break;
    case WORD_BODY: write_bytes(w, n->body.s, n->body.len); break;
    case WORD_INCIDENT: write_id(w, n->incident.v); break;
    case WORD_OPERATION: write_id(w, n->op.v); break;
    case WORD_PLAN:
        if (n->form != FORM_TELL) write_hex(w, n->plan.b, sizeof n->plan.b);
        break;
    case WORD_MESSAGE: write_int(w, n->message); break;
    case WORD_LEVEL: write_int(w, n->level); break;
    case WORD_HELD_BACK: write_int(w, n->held_back); break;
    case WORD_ENGINE: write_text(w, t->engine); break;
    case WORD_TIME:
        wall_format(wall, sizeof wall, t->wall);
        write_text(w, wall);
        break;
    case WORD_COUNT: break;
    }
}

/* ---- templates ---- */

static const struct policy_template *template_named(const struct told *t, const char *name) {
    for (uint32_t k = 0; k < t->templates.count; k++)
        if (strcmp(t->templates.list[k].name, name) == 0) return &t->templates.list[k];
    return NULL;
}

static const struct policy_template *template_of(const struct told *t) {
    const struct eff_notify *n = t->notify;
    const char *const names[] = {reason_name(n->reason), form_name(n->form),
                                 severity_name(n->severity), "default"};
    const struct policy_template *found = NULL;
    for (size_t k = 0; !found && k < ARRAY_LEN(names); k++) found = template_named(t, names[k]);
    return found;
}

/* A value is cut where the writer is full: it is cleaned, and cut by characters, afterwards. */
static void fill(struct writer *w, const char *pattern, const struct told *t) {
    while (*pattern) {
        const char *end = *pattern == '{' ? strchr(pattern, '}') : NULL;
        enum policy_template_word word =
            end ? policy_template_word(pattern + 1, (size_t)(end - pattern) - 1) : WORD_COUNT;
        if (word != WORD_COUNT) {
            write_word(w, t, word);
            pattern = end + 1;
            continue;
        }
        bool doubled = (*pattern == '{' || *pattern == '}') && pattern[1] == pattern[0];
        write_bytes(w, pattern, 1);
        pattern += doubled ? 2 : 1;
    }
}

static void worded(char *out, size_t size, const char *pattern, const struct told *t) {
    char raw[4 * WORDING_BODY_MAX];
    struct writer w = writer_of(raw, sizeof raw);
    fill(&w, pattern, t);
    wording_clean(out, size, raw, w.len, size);
}

static const char *built_in_body(const struct eff_notify *n) {
    if (n->held_back > 0) return "{body}\n{held_back} more like it before were held back.";
    return "{body}";
}

/* ---- facts ---- */

static void fact(struct wording *out, const struct told *t, const char *name,
                 enum policy_template_word word) {
    char raw[2 * WORDING_VALUE_MAX];
    struct writer w = writer_of(raw, sizeof raw);
    write_word(&w, t, word);
    if (w.len == 0 && !w.overflow) return;
    struct wording_fact *f = &out->fact[out->fact_count++];
    f->name = name;
    if (word == WORD_SERVICE && w.overflow) /* longer than any fact: its beginning */
        wording_clean(f->value, sizeof f->value, t->service, strlen(t->service), sizeof f->value);
    else
        wording_clean(f->value, sizeof f->value, raw, w.len, sizeof f->value);
}

void wording_of(const struct told *t, struct wording *out) {
    const struct policy_template *template = template_of(t);
    const char *title = template ? template->title : NULL, *body = template ? template->body : NULL;
    memset(out, 0, sizeof *out);
    worded(out->title, sizeof out->title, title ? title : "{severity}: {service}: {meaning}", t);
    worded(out->body, sizeof out->body, body ? body : built_in_body(t->notify), t);
    for (char *c = out->title; *c; c++) /* a title is one line */
        if (*c == '\n') *c = ' ';
    fact(out, t, "Severity", WORD_SEVERITY);
    if (t->service) fact(out, t, "Service", WORD_SERVICE);
    fact(out, t, "Reason", WORD_REASON);
    if (t->notify->form != FORM_TELL) fact(out, t, "Asks", WORD_ASKS);
    fact(out, t, "Incident", WORD_INCIDENT);
    fact(out, t, "Operation", WORD_OPERATION);
    fact(out, t, "Plan", WORD_PLAN);
    fact(out, t, "Message", WORD_MESSAGE);
    fact(out, t, "Engine", WORD_ENGINE);
    fact(out, t, "Time", WORD_TIME);
}

/* Letters, digits, "." and "-" of a name, at most so many: it may become part of an identifier. */
static void write_plain(struct writer *w, const char *s, size_t max) {
    for (; *s && max > 0; s++) {
        bool plain = (*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') ||
                     (*s >= 'A' && *s <= 'Z') || *s == '-' || *s == '.';
        if (!plain) continue;
        write_bytes(w, s, 1);
        max--;
    }
}

void wording_thread(const struct told *t, char out[65]) {
    struct writer w = writer_of(out, 65);
    write_plain(&w, t->engine, 24);
    if (known_id(t->notify->incident.v)) {
        write_text(&w, "-incident-");
        write_id(&w, t->notify->incident.v);
        return;
    }
    write_text(&w, "-");
    for (const char *c = reason_name(t->notify->reason); *c; c++)
        write_bytes(&w, *c == '_' ? "-" : c, 1);
}
