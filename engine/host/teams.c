/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/host/json.h"

static json_t *run(const char *text, bool bold) {
    json_t *o = json_typed("TextRun", text);
    if (bold) json_object_set_new(o, "weight", json_text("Bolder"));
    return o;
}

static json_t *line(const char *name, const char *text) {
    json_t *o = json_object(), *runs = json_array();
    json_object_set_new(o, "type", json_text("RichTextBlock"));
    if (name) json_array_append_new(runs, run(name, true));
    if (name) json_array_append_new(runs, run(": ", true));
    json_array_append_new(runs, run(text, false));
    json_object_set_new(o, "inlines", runs);
    return o;
}

static json_t *heading(const char *title) {
    json_t *o = line(NULL, ""), *big = run(title, true), *runs = json_array();
    json_object_set_new(big, "size", json_text("Large"));
    json_array_append_new(runs, big);
    json_object_set_new(o, "inlines", runs);
    return o;
}

static json_t *card(const struct told *told, const struct wording *w, size_t characters) {
    char text[WORDING_BODY_MAX];
    json_t *o = json_object(), *body = json_array();
    wording_clean(text, sizeof text, w->body, strlen(w->body), characters);
    json_array_append_new(body, heading(w->title));
    json_array_append_new(body, line(NULL, text));
    for (uint32_t k = 0; k < w->fact_count; k++)
        json_array_append_new(body, line(w->fact[k].name, w->fact[k].value));
    json_object_set_new(o, "$schema",
                        json_text("http://adaptivecards.io/schemas/adaptive-card.json"));
    json_object_set_new(o, "type", json_text("AdaptiveCard"));
    json_object_set_new(o, "version", json_text("1.4"));
    json_object_set_new(o, "body", body);
    if (link_good(told->link)) {
        json_t *actions = json_array(), *open = json_object();
        json_object_set_new(open, "type", json_text("Action.OpenUrl"));
        json_object_set_new(open, "title", json_text("Open"));
        json_object_set_new(open, "url", json_text(told->link));
        json_array_append_new(actions, open);
        json_object_set_new(o, "actions", actions);
    }
    return o;
}

static json_t *message(json_t *content) {
    json_t *o = json_object(), *attachments = json_array(), *one = json_object();
    json_object_set_new(one, "contentType", json_text("application/vnd.microsoft.card.adaptive"));
    json_object_set_new(one, "content", content);
    json_array_append_new(attachments, one);
    json_object_set_new(o, "type", json_text("message"));
    json_object_set_new(o, "attachments", attachments);
    return o;
}

/* The text alone can be long: it is cut until the whole fits. */
size_t teams_payload(const struct told *told, char *out, size_t size) {
    struct wording w;
    wording_of(told, &w);
    for (size_t characters = 2 * WORDING_BODY_MAX; characters > 0; characters /= 2) {
        size_t len = json_written(message(card(told, &w, characters)), out, size);
        if (len > 0 && len <= TEAMS_BYTES_MAX) return len;
    }
    return 0;
}
