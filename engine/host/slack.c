/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/host/json.h"

enum { HEADER_MAX = 150, SECTION_MAX = 3000, FIELD_MAX = 2000, FIELDS_MAX = 10 };

/* &, < and > begin what Slack would read: an entity, a mention, a link. Cut by whole characters, at
 * most max of them as they stand in the payload. */
static void escaped(char *out, size_t size, const char *s, size_t max) {
    char clean[WORDING_BODY_MAX];
    size_t len = 0, count = 0, used;
    wording_clean(clean, sizeof clean, s, strlen(s), max);
    for (const char *c = clean; *c; c += used) {
        used = utf8_sequence(c, strlen(c));
        const char *piece = *c == '&' ? "&amp;" : *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : NULL;
        size_t bytes = piece ? strlen(piece) : used;
        if (count + (piece ? bytes : 1) > max || len + bytes >= size) break;
        memcpy(out + len, piece ? piece : c, bytes);
        len += bytes;
        count += piece ? bytes : 1;
    }
    out[len] = '\0';
}

static json_t *plain_text(const char *s, size_t max) {
    char text[WORDING_BODY_MAX * 2];
    escaped(text, sizeof text, s, max);
    json_t *o = json_typed("plain_text", text[0] ? text : "-"); /* an empty one is refused */
    json_object_set_new(o, "emoji", json_false());
    return o;
}

static json_t *block(const char *type, const char *key, json_t *value) {
    json_t *o = json_object();
    json_object_set_new(o, "type", json_text(type));
    json_object_set_new(o, key, value);
    return o;
}

static json_t *fields(const struct wording *w) {
    json_t *list = json_array();
    for (uint32_t k = 0; k < w->fact_count && k < FIELDS_MAX; k++) {
        char text[WORDING_VALUE_MAX + 32] = "";
        struct writer line = writer_of(text, sizeof text);
        write_text(&line, w->fact[k].name);
        write_text(&line, "\n");
        write_text(&line, w->fact[k].value);
        json_array_append_new(list, plain_text(text, FIELD_MAX));
    }
    return list;
}

static json_t *button(const char *link) {
    json_t *o = block("button", "text", plain_text("Open", 75));
    json_object_set_new(o, "url", json_text(link));
    json_t *list = json_array();
    json_array_append_new(list, o);
    return list;
}

size_t slack_payload(const struct told *told, const char *channel, char *out, size_t size) {
    struct wording w;
    char notification[2 * WORDING_TITLE_MAX];
    wording_of(told, &w);
    json_t *o = json_object();
    if (channel && json_object_set_new(o, "channel", json_text(channel)) != 0) { /* no UTF-8 */
        json_decref(o);
        return 0;
    }
    json_t *blocks = json_array();
    escaped(notification, sizeof notification, w.title, sizeof w.title);
    json_object_set_new(o, "text", json_text(notification));
    json_object_set_new(o, "mrkdwn", json_false());
    json_array_append_new(blocks, block("header", "text", plain_text(w.title, HEADER_MAX)));
    json_array_append_new(blocks, block("section", "text", plain_text(w.body, SECTION_MAX)));
    json_array_append_new(blocks, block("section", "fields", fields(&w)));
    if (link_good(told->link))
        json_array_append_new(blocks, block("actions", "elements", button(told->link)));
    json_object_set_new(o, "blocks", blocks);
    return json_written(o, out, size);
}
