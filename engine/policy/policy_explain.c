/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The effective policy with where each value came from, as a policy: what is printed loads again,
 * to the same values.
 */
#include "engine/policy/policy_table.h"

/* Names of the sections that two paths share. */
static size_t shared(const char *a, const char *b) {
    size_t depth = 0;
    for (size_t k = 0; a[k] && a[k] == b[k]; k++) depth += a[k] == '.';
    return depth;
}

static void indent(size_t depth, FILE *out) {
    for (size_t k = 0; k < depth; k++) fputs("  ", out);
}

/* The sections that this path opens after the former one; returns the name of the key itself. */
static const char *open_sections(const char *former, const char *path, size_t *depth, FILE *out) {
    size_t known = shared(former, path);
    *depth = 0;
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1, (*depth)++) {
        if (*depth < known) continue;
        indent(*depth, out);
        fprintf(out, "%.*s:\n", (int)(dot - path), path);
    }
    return path;
}

static void print_unused(const struct policy_loader *l, FILE *out) {
    if (!l->unused) return;
    fputs("\n# stated, and not used:\n", out);
    for (const struct policy_unused *u = l->unused; u; u = u->next) {
        char shown[161];
        printable(shown, sizeof(shown), u->path, strlen(u->path));
        fprintf(out, "# %s:%d: %s: %s\n", l->doc->file, u->line, shown, u->why);
    }
}

static void reverse(struct policy_loader *l) {
    struct policy_unused *turned = NULL, *next;
    for (struct policy_unused *u = l->unused; u; u = next) {
        next = u->next;
        u->next = turned;
        turned = u;
    }
    l->unused = turned;
}

bool policy_explain(struct policy *policy, struct yaml_doc *doc, FILE *out) {
    struct policy_loader l = {.policy = policy, .doc = doc, .sections = doc->root};
    policy_init(policy);
    if (!policy_read(&l)) return false;
    const char *former = "";
    for (uint32_t k = 0; k < policy_key_count; k++) {
        const struct policy_key *key = &policy_keys[k];
        if (key->type == KEY_UNUSED) continue;
        size_t depth;
        const char *name = open_sections(former, key->path, &depth, out);
        indent(depth, out);
        fprintf(out, "%s: ", name);
        policy_print_value(policy, key, out);
        if (l.stated[k])
            fprintf(out, " # %s:%d\n", doc->file, l.stated[k]->line);
        else
            fputs(" # default\n", out);
        former = key->path;
    }
    reverse(&l);
    print_unused(&l, out);
    return true;
}
