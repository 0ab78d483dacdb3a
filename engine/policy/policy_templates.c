/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notifications.templates: NAME: "text", or NAME: {title: "...", body: "..."}. A name that no
 * message bears is accepted, since templates of other programs stand in such files, and said.
 */
#include "engine/policy/policy_table.h"

static bool bears(const char *name) {
    size_t len = strlen(name);
    return reason_of(name, len) >= 0 || form_of(name, len) >= 0 || severity_of(name, len) >= 0 ||
           strcmp(name, "default") == 0;
}

static void said(struct policy_loader *l, const struct yaml_node *at, const char *what) {
    char shown[81];
    printable(shown, sizeof(shown), at->text, at->len);
    diag_warning(l->doc->diags, l->doc->file, at->line, at->column, "\"%s\" %s", shown, what);
}

/* What would reach people as it stands, braces and all. */
static void unknown_words(struct policy_loader *l, const struct yaml_node *node, const char *text) {
    const char *s = text ? strchr(text, '{') : NULL;
    while (s) {
        const char *word = s + 1;
        size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz_");
        if (len > 0 && word[len] == '}' && policy_template_word(word, len) == WORD_COUNT)
            diag_warning(l->doc->diags, l->doc->file, node->line, node->column,
                         "{%.*s} is no word of a template and stays as it stands",
                         (int)(len < 60 ? len : 60), word);
        s = strchr(*word == '{' ? word + 1 : word, '{'); /* two are one brace */
    }
}

static const char *one_of(struct policy_loader *l, struct yaml_node *node, const char *const *keys,
                          size_t count) {
    const char *found = NULL;
    for (size_t k = 0; k < count; k++) {
        struct yaml_node *text = yaml_key(l->doc, node, keys[k]);
        if (found || yaml_is_null(text)) continue;
        found = yaml_text(l->doc, text, NULL);
        unknown_words(l, text, found);
    }
    return found;
}

static struct policy_template read_template(struct policy_loader *l, const char *name,
                                            struct yaml_node *node) {
    static const char *const titles[] = {"title", "subject"}, *const bodies[] = {"body", "text"};
    struct policy_template t = {.name = name};
    if (node->kind == YAML_MAPPING) {
        t.title = one_of(l, node, titles, ARRAY_LEN(titles));
        t.body = one_of(l, node, bodies, ARRAY_LEN(bodies));
        yaml_unknown_keys(l->doc, node, "a template");
    } else {
        t.body = yaml_text(l->doc, node, NULL);
        unknown_words(l, node, t.body);
    }
    return t;
}

static void read_templates(struct policy_loader *l, struct yaml_node *mapping) {
    if (yaml_is_null(mapping)) return;
    uint32_t stated = yaml_pairs(l->doc, mapping), count = 0;
    struct policy_template *list = ARENA_NEW(l->doc->arena, struct policy_template, stated);
    for (uint32_t k = 0; k < stated; k++) {
        if (bears(mapping->keys[k]->text))
            list[count++] = read_template(l, mapping->keys[k]->text, mapping->items[k]);
        else
            said(l, mapping->keys[k],
                 "is the template of no message: of a reason, a form, a "
                 "severity, or \"default\"");
    }
    l->policy->templates = (struct policy_templates){count, list};
}

static void print_part(const char *name, const char *text, const char **comma, FILE *out) {
    if (!text) return;
    fprintf(out, "%s%s: ", *comma, name);
    policy_print_text(text, out);
    *comma = ", ";
}

static void print_templates(const struct policy *policy, FILE *out) {
    fputc('{', out);
    for (uint32_t k = 0; k < policy->templates.count; k++) {
        const struct policy_template *t = &policy->templates.list[k];
        const char *comma = "";
        fprintf(out, "%s%s: {", k ? ", " : "", t->name);
        print_part("title", t->title, &comma, out);
        print_part("body", t->body, &comma, out);
        fputc('}', out);
    }
    fputc('}', out);
}
const struct policy_special policy_message_templates = {read_templates, print_templates};
