/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of keys that the command line puts over the file's: "incidents.rate=5/min,engines=3". They
 * go into the document before anything of it is read, so that whatever reads a key says what is
 * wrong with its value, too. A section of a policy goes over the policy, as "policy_overrides"
 * does.
 */
#include "scenarios/loading.h"

#define ORIGIN  "--set"
#define KEY_MAX 200

static const char *const own[] = {"duration", "settle",        "scrape",  "evaluate",
                                  "start",    "scrape_offset", "engines", "lock_expiry_slack",
                                  "roles",    "load",          "faults",  "service_times",
                                  "patches",  "people",        "history", "incidents"};

static bool among(const char *const *names, size_t count, const char *text, size_t len) {
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0) return true;
    return false;
}

/* What a matrix may set besides: the command line has options for some, and judges nothing. */
static const char *const further[] = {"expect",   "must_not",     "seed",
                                      "topology", "policy",       "metrics",
                                      "rules",    "alertmanager", "target_guards"};

const char *scn_settable(struct scn_loading *l, const char *key, bool in_file, const char **near) {
    const char *names[POLICY_SECTIONS_MAX + ARRAY_LEN(own) + ARRAY_LEN(further)];
    size_t len = strcspn(key, "."), count = policy_sections(l->arena, names);
    *near = NULL;
    if (among(own, ARRAY_LEN(own), key, len)) return key;
    if (in_file && among(further, ARRAY_LEN(further), key, len)) return key;
    if (among(names, count, key, len)) return scn_format(l->arena, "policy_overrides.%.400s", key);
    memcpy(names + count, own, sizeof own);
    count += ARRAY_LEN(own);
    if (in_file) memcpy(names + count, further, sizeof further);
    if (in_file) count += ARRAY_LEN(further);
    *near = nearest_name(key, len, names, count);
    return NULL;
}

/* The path from the scenario's root; NULL, with a message, if nothing begins so. */
static const char *rooted(struct scn_loading *l, const char *key) {
    const char *near, *path = scn_settable(l, key, false, &near);
    if (path) return path;
    char shown[81];
    printable(shown, sizeof shown, key, strcspn(key, "."));
    diag_error(l->doc->diags, ORIGIN, 0, 0,
               "no key \"%s\" of a scenario or section of a policy that can be set%s%s%s", shown,
               near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return NULL;
}

static void set_one(struct scn_loading *l, const char *text, size_t len) {
    const char *equals = memchr(text, '=', len);
    size_t key_len = equals ? (size_t)(equals - text) : 0;
    if (key_len == 0 || key_len > KEY_MAX || key_len + 1 == len) {
        char shown[81];
        printable(shown, sizeof shown, text, len);
        diag_error(l->doc->diags, ORIGIN, 0, 0,
                   "expected such as \"incidents.rate=5/min\", got \"%s\"", shown);
        return;
    }
    const char *key = arena_text(l->arena, text, key_len);
    const char *value = arena_text(l->arena, equals + 1, len - key_len - 1);
    const char *path = rooted(l, key);
    const char *why = path ? yaml_set(l->doc, l->root, path, value, ORIGIN) : NULL;
    if (why) diag_error(l->doc->diags, ORIGIN, 0, 0, "%s: %s", key, why);
}

void scn_set(struct scn_loading *l, const char *text) {
    for (;;) {
        size_t len = strcspn(text, ",");
        set_one(l, text, len);
        if (text[len] == '\0') return;
        text += len + 1;
    }
}
