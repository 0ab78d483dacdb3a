/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/host/json.h"

enum { SUMMARY_MAX = 1024 };

static const char *their_severity(const struct eff_notify *n) {
    switch ((enum severity)n->severity) {
    case SEVERITY_INFO: return "info";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_ERROR: return "error";
    default: return "critical";
    }
}

/* What every event has; NULL: there is no key to send it by. */
static json_t *event(const struct told *told, const char *routing_key, const char *action) {
    char thread[65];
    if (!routing_key || !routing_key[0]) return NULL;
    wording_thread(told, thread);
    json_t *o = json_object();
    if (json_object_set_new(o, "routing_key", json_text(routing_key)) != 0) { /* no UTF-8 */
        json_decref(o);
        return NULL;
    }
    json_object_set_new(o, "event_action", json_text(action));
    json_object_set_new(o, "dedup_key", json_text(thread));
    return o;
}

static void add_payload(json_t *o, const struct told *told, const struct wording *w) {
    char summary[SUMMARY_MAX + 1], source[WORDING_VALUE_MAX], wall[40];
    json_t *payload = json_object(), *details = json_object();
    wording_clean(summary, sizeof summary, w->title, strlen(w->title), SUMMARY_MAX);
    wording_clean(source, sizeof source, told->engine, strlen(told->engine), sizeof source);
    wall_format(wall, sizeof wall, told->wall);
    json_object_set_new(payload, "summary", json_text(summary[0] ? summary : "-"));
    json_object_set_new(payload, "source", json_text(source[0] ? source : "firedrill"));
    json_object_set_new(payload, "severity", json_text(their_severity(told->notify)));
    json_object_set_new(payload, "timestamp", json_text(wall));
    for (uint32_t k = 0; k < w->fact_count; k++) {
        if (strcmp(w->fact[k].name, "Service") == 0)
            json_object_set_new(payload, "component", json_text(w->fact[k].value));
        json_object_set_new(details, w->fact[k].name, json_text(w->fact[k].value));
    }
    json_object_set_new(payload, "class", json_text(reason_name(told->notify->reason)));
    json_object_set_new(details, "Text", json_text(w->body));
    json_object_set_new(payload, "custom_details", details);
    json_object_set_new(o, "payload", payload);
}

static void add_link(json_t *o, const char *link) {
    if (!link_good(link)) return;
    json_t *links = json_array(), *one = json_object();
    json_object_set_new(one, "href", json_text(link));
    json_object_set_new(one, "text", json_text("Open"));
    json_array_append_new(links, one);
    json_object_set_new(o, "links", links);
}

size_t pagerduty_payload(const struct told *told, const char *routing_key, char *out, size_t size) {
    struct wording w;
    bool over = told->notify->reason == REASON_RESOLVED;
    json_t *o = event(told, routing_key, over ? "resolve" : "trigger");
    if (!o) return 0;
    wording_of(told, &w);
    add_payload(o, told, &w);
    add_link(o, told->link);
    return json_written(o, out, size);
}

size_t pagerduty_acknowledge(const struct told *told, const char *routing_key, char *out,
                             size_t size) {
    return json_written(event(told, routing_key, "acknowledge"), out, size);
}
