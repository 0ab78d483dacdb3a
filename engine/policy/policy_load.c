/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/policy.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "engine/policy/policy_table.h"
#include <stdio.h>

#define PATH_MAX_LEN 128
#define PATH_COUNT   64 /* known names of one level */

/* Keys of one section that only matter to a live deployment. */
struct unused {
    const struct yaml_node *first;
    char names[300];
    size_t len;
    uint32_t more;
};

struct walk {
    struct policy_loader *loader;
    struct unused unused;
};

static int64_t unit_of(enum policy_type type) {
    switch (type) {
    case KEY_SECONDS: return NS_PER_S;
    case KEY_MINUTES: return NS_PER_MIN;
    case KEY_HOURS: return NS_PER_HOUR;
    case KEY_PERCENT: return PPM_ONE / 100;
    default: return PPM_ONE; /* a factor is in millionths already */
    }
}

/* A plain number in the key's unit: 1.5 hours. The range is told in the same unit. */
static int64_t read_number(struct policy_loader *l, struct yaml_node *node,
                           const struct policy_key *key, int64_t current) {
    int64_t unit = unit_of(key->type), absent = INT64_MIN;
    int64_t micro = yaml_decimal(l->doc, node, muldiv(key->low, PPM_ONE, unit),
                                 muldiv(key->high, PPM_ONE, unit), absent);
    return micro == absent ? current : muldiv(micro, unit, PPM_ONE);
}

static bool is_plain_number(const struct yaml_node *node) {
    return node->kind == YAML_SCALAR && node->len > 0 &&
           node->len == strspn(node->text, "0123456789.");
}

static int64_t read_limit(struct policy_loader *l, struct yaml_node *node,
                          const struct policy_key *key, int64_t current) {
    if (yaml_is_null(node) || !is_plain_number(node))
        return yaml_duration(l->doc, node, key->low, key->high, current);
    struct policy_key seconds = *key;
    seconds.type = KEY_SECONDS;
    return read_number(l, node, &seconds, current);
}

static int64_t read_latency(struct policy_loader *l, struct yaml_node *node,
                            const struct policy_key *key, int64_t current) {
    return yaml_duration(l->doc, node, key->low * NS_PER_US, key->high * NS_PER_US,
                         current * NS_PER_US) /
           NS_PER_US;
}

static int64_t read_word(struct policy_loader *l, struct yaml_node *node, enum policy_type type,
                         int64_t current) {
    const char *names[8];
    size_t count;
    const struct policy_word *words = policy_words(type, &count);
    for (size_t i = 0; i < count; i++) names[i] = words[i].name;
    int found = yaml_choice(l->doc, node, names, count, -1);
    return found < 0 ? current : words[found].value;
}

static int64_t read_channels(struct policy_loader *l, struct yaml_node *list, int64_t current) {
    if (yaml_is_null(list)) return current;
    int64_t bits = 0;
    for (uint32_t i = 0, count = yaml_count(l->doc, list); i < count; i++) {
        int64_t channel = read_word(l, list->items[i], KEY_CHANNELS, -1);
        if (channel >= 0) bits |= INT64_C(1) << channel;
    }
    return bits;
}

static void read_rank(struct policy_loader *l, struct yaml_node *node,
                      const struct policy_key *key) {
    int64_t rank = yaml_int(l->doc, node, INT64_MIN, INT64_MAX, key->otherwise);
    if (rank == key->otherwise) return;
    yaml_error(l->doc, node, "the lock order is fixed: %s is %d", strrchr(key->path, '.') + 1,
               (int)key->otherwise);
}

static int64_t read_value(struct policy_loader *l, struct yaml_node *node,
                          const struct policy_key *key) {
    int64_t current = policy_get(l->policy, key);
    switch (key->type) {
    case KEY_BOOL: return yaml_bool(l->doc, node, current);
    case KEY_COUNT: return yaml_int(l->doc, node, key->low, key->high, current);
    case KEY_SHARE: return yaml_share(l->doc, node, key->low, key->high, current);
    case KEY_DURATION: return yaml_duration(l->doc, node, key->low, key->high, current);
    case KEY_LIMIT: return read_limit(l, node, key, current);
    case KEY_LATENCY: return read_latency(l, node, key, current);
    case KEY_CHANNELS: return read_channels(l, node, current);
    case KEY_CONFLICT_ACTION:
    case KEY_GATE_ACTION:
    case KEY_SEVERITY:
    case KEY_MODE: return read_word(l, node, key->type, current);
    case KEY_PERCENT:
    case KEY_FACTOR:
    case KEY_SECONDS:
    case KEY_MINUTES:
    case KEY_HOURS: return read_number(l, node, key, current);
    case KEY_TRUE:
        if (!yaml_bool(l->doc, node, true))
            yaml_error(l->doc, node, "only true is supported in this version");
        return current;
    case KEY_RANK: read_rank(l, node, key); return current;
    case KEY_SPECIAL: key->special->read(l, node); return current;
    case KEY_UNUSED: break;
    }
    UNREACHABLE();
}

static void add_unused(struct walk *w, const struct yaml_node *key, const char *path,
                       const char *why) {
    struct policy_loader *l = w->loader;
    struct policy_unused *kept = ARENA_NEW(l->doc->arena, struct policy_unused, 1);
    *kept = (struct policy_unused){arena_text(l->doc->arena, path, strlen(path)), why, key->line,
                                   l->unused};
    l->unused = kept;
    struct unused *u = &w->unused;
    if (!u->first) u->first = key;
    const char *below = strchr(path, '.');
    const char *name = below ? below + 1 : "all of it";
    size_t room = sizeof(u->names) - u->len, need = strlen(name) + (u->len ? 2 : 0);
    if (need >= room) {
        u->more++;
        return;
    }
    u->len += (size_t)snprintf(u->names + u->len, room, "%s%s", u->len ? ", " : "", name);
}

static void tell_unused(struct walk *w, const char *section) {
    const struct unused *u = &w->unused;
    if (!u->first) return;
    char more[32] = "";
    if (u->more) snprintf(more, sizeof(more), " and %u more", u->more);
    diag_warning(w->loader->doc->diags, w->loader->doc->file, u->first->line, u->first->column,
                 "%s: not used in this version: %s%s", section, u->names, more);
}

static bool is_inner(const char *path) {
    size_t len = strlen(path);
    for (uint32_t i = 0; i < policy_key_count; i++)
        if (strncmp(policy_keys[i].path, path, len) == 0 && policy_keys[i].path[len] == '.')
            return true;
    return false;
}

/* The names known right below a path, each once: equal ones stand together in the table. */
static size_t names_below(struct arena *arena, const char *parent, const char *names[PATH_COUNT]) {
    size_t len = strlen(parent), count = 0;
    for (uint32_t i = 0; i < policy_key_count && count < PATH_COUNT; i++) {
        const char *path = policy_keys[i].path;
        if (len > 0 && (strncmp(path, parent, len) != 0 || path[len] != '.')) continue;
        const char *name = path + (len > 0 ? len + 1 : 0);
        size_t name_len = strcspn(name, ".");
        bool again = count > 0 && strlen(names[count - 1]) == name_len &&
                     strncmp(names[count - 1], name, name_len) == 0;
        if (!again && name[0] != '*') names[count++] = arena_text(arena, name, name_len);
    }
    return count;
}

size_t policy_sections(struct arena *arena, const char *names[POLICY_SECTIONS_MAX]) {
    const char *all[PATH_COUNT];
    size_t count = names_below(arena, "", all);
    ASSERT(count <= POLICY_SECTIONS_MAX);
    memcpy(names, all, count * sizeof *names);
    return count;
}

/* Where any further key is allowed, one that is nearly a known name is still a slip. */
static void refuse_or_leave(struct walk *w, const struct yaml_node *key, const char *parent,
                            const char *path) {
    struct yaml_doc *doc = w->loader->doc;
    const char *names[PATH_COUNT];
    size_t count = names_below(doc->arena, parent, names);
    const char *near = nearest_name(key->text, key->len, names, count);
    char shown[81], any[PATH_MAX_LEN + 2];
    printable(shown, sizeof(shown), key->text, key->len);
    snprintf(any, sizeof(any), "%s.*", parent);
    const char *where = parent[0] ? parent : "policy";
    if (near)
        yaml_error(doc, key, "unknown key \"%s\" in %s; did you mean \"%s\"?", shown, where, near);
    else if (policy_key_of(any))
        add_unused(w, key, path, policy_key_of(any)->why);
    else
        yaml_error(doc, key, "unknown key \"%s\" in %s", shown, where);
}

static void walk_keys(struct walk *w, struct yaml_node *mapping, const char *parent);

static void read_key(struct walk *w, const struct yaml_node *name, struct yaml_node *node,
                     const char *parent) {
    struct policy_loader *l = w->loader;
    char path[PATH_MAX_LEN];
    int len = snprintf(path, sizeof(path), "%s%s%s", parent, parent[0] ? "." : "", name->text);
    bool fits = len >= 0 && len < (int)sizeof(path) && !strchr(name->text, '.') &&
                strcmp(name->text, "*") != 0;
    const struct policy_key *key = fits ? policy_key_of(path) : NULL;
    if (key && key->type == KEY_UNUSED) {
        add_unused(w, name, path, key->why);
    } else if (key) {
        l->stated[key - policy_keys] = node;
        policy_set(l->policy, key, read_value(l, node, key));
    } else if (fits && is_inner(path)) {
        walk_keys(w, node, path);
    } else {
        refuse_or_leave(w, name, parent, path);
    }
}

static void walk_keys(struct walk *w, struct yaml_node *mapping, const char *parent) {
    for (uint32_t i = 0, count = yaml_pairs(w->loader->doc, mapping); i < count; i++) {
        if (!parent[0]) w->unused = (struct unused){0};
        read_key(w, mapping->keys[i], mapping->items[i], parent);
        if (!parent[0]) tell_unused(w, mapping->keys[i]->text);
    }
}

bool policy_read(struct policy_loader *l) {
    uint32_t errors_before = l->doc->diags->errors;
    struct walk walk = {.loader = l};
    l->stated = ARENA_NEW(l->doc->arena, const struct yaml_node *, policy_key_count);
    walk_keys(&walk, l->sections, "");
    policy_derive(l->policy);
    /* A value that was not understood kept its default: what follows from it would mislead. */
    if (l->doc->diags->errors == errors_before) policy_check(l);
    return l->doc->diags->errors == errors_before;
}

bool policy_override(struct policy *policy, struct yaml_doc *doc, struct yaml_node *sections) {
    struct policy_loader loader = {.policy = policy, .doc = doc, .sections = sections};
    return policy_read(&loader);
}

bool policy_load(struct policy *policy, struct arena *arena, const char *file, const char *text,
                 size_t len, struct diags *diags) {
    struct yaml_doc doc;
    policy_init(policy);
    if (!yaml_read(&doc, arena, diags, file, text, len, NULL, NULL)) return false;
    if (doc.document_count > 1) {
        yaml_error(&doc, doc.documents[1], "a policy is one document; here a second begins");
        return false;
    }
    if (!doc.root) {
        diag_error(diags, file, 1, 1,
                   "expected a policy, got an empty one; \"{}\" is all defaults");
        return false;
    }
    return policy_override(policy, &doc, doc.root);
}
