/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_HOST_JSON_H
#define ENGINE_HOST_JSON_H
/* The few things that the JSON payloads share. Private to engine/host. */
#include "engine/host/payload.h"

#include <jansson.h>

static inline json_t *json_text(const char *s) { return json_string(s); }

/* {"type": type, "text": text} */
static inline json_t *json_typed(const char *type, const char *text) {
    json_t *o = json_object();
    json_object_set_new(o, "type", json_text(type));
    json_object_set_new(o, "text", json_text(text));
    return o;
}

/* Takes o. 0: it does not fit, or was not made for want of memory. */
static inline size_t json_written(json_t *o, char *out, size_t size) {
    size_t len = o ? json_dumpb(o, out, size, JSON_COMPACT | JSON_PRESERVE_ORDER) : 0;
    json_decref(o);
    if (len == 0 || len >= size) return 0;
    out[len] = '\0';
    return len;
}

/* A link that a form may carry: http or https, of printable ASCII. */
static inline bool link_good(const char *link) {
    if (!link || (strncmp(link, "https://", 8) != 0 && strncmp(link, "http://", 7) != 0))
        return false;
    for (const char *c = link; *c; c++)
        if (*c <= ' ' || *c > '~') return false;
    return strlen(link) <= 2000;
}

#endif
