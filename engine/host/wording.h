/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_HOST_WORDING_H
#define ENGINE_HOST_WORDING_H
/*
 * What a message of the engine says in words, before a service's form is put on it: a title, a text
 * and facts, all valid UTF-8 without control characters and without what turns the direction of
 * writing (U+202A..E, U+2066..9), so that a hostile name cannot look like something else.
 *
 * A template states title and body by the first of its name that there is: the reason's
 * ("critical_errors"), the form's ("CONFIRM"), the severity's ("CRITICAL"), "default". {word} is
 * replaced; {{ and }} are braces. A word that is none stays as it stands.
 *
 *   {severity} {service} {reason} {meaning} {asks} {body} {incident} {operation} {plan} {message}
 *   {level} {held_back} {engine} {time}
 */
#include "engine/policy/policy.h"
#include "engine/words/contract.h"

/* What the host knows of a message beside the message itself. Everything is borrowed. */
struct told {
    const struct eff_notify *notify;
    const char *service;               /* of notify->service; NULL: of none */
    const char *engine;                /* who tells: "firedrill-1" */
    const char *link;                  /* https://... to more; NULL: none */
    time_ns wall;                      /* when it was told */
    struct policy_templates templates; /* of the policy */
};

#define WORDING_TITLE_MAX 256
#define WORDING_BODY_MAX  4096
#define WORDING_VALUE_MAX 256
#define WORDING_FACTS_MAX 10
struct wording {
    char title[WORDING_TITLE_MAX], body[WORDING_BODY_MAX]; /* terminated; what is longer is cut */
    uint32_t fact_count;
    struct wording_fact {
        const char *name;
        char value[WORDING_VALUE_MAX];
    } fact[WORDING_FACTS_MAX];
};
void wording_of(const struct told *told, struct wording *out);

/* Copies at most max characters, and what fits into size with its end, clean as above; what was cut
 * ends in "...". Returns the length in bytes. */
size_t wording_clean(char *out, size_t size, const char *s, size_t len, size_t max);
size_t wording_characters(const char *s); /* of valid UTF-8 */

/* The same for all messages of one incident, or of one reason where there is none: at most 64 of
 * ASCII letters, digits, "." and "-". */
void wording_thread(const struct told *told, char out[65]);

#endif
