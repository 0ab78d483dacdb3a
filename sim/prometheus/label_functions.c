/* SPDX-License-Identifier: GPL-3.0-or-later */
/* label_replace and label_join: what a call makes of a label set depends on nothing but the set, so
 * it is remembered. */
#include "engine/base/text.h"
#include "sim/prometheus/rules.h"

#define VALUE_MAX 4096 /* bytes of a label value that is made */

static const char *text_argument(const struct node *node, uint32_t n) {
    return node->as.call.arguments[n]->as.string;
}

static const char *value_or_empty(struct prom *p, uint32_t set, const char *name) {
    const char *interned = labels_intern(&p->labels, name, strlen(name));
    const char *value = interned ? labels_value(&p->labels, set, interned) : NULL;
    return value ? value : "";
}

static bool replaced(struct prom *p, const struct node *node, uint32_t set, struct writer *out,
                     bool *changed) {
    struct regex_groups groups;
    const char *source = value_or_empty(p, set, text_argument(node, 3));
    const char *replacement = text_argument(node, 2);
    enum regex_result result =
        regex_find(node->as.call.regex, p->regex, source, strlen(source), 0, &groups);
    if (result == REGEX_TOO_HARD)
        return eval_fail(p, "a regular expression needs too many steps for a label's value");
    *changed = result == REGEX_MATCHES;
    if (*changed)
        regex_expand(node->as.call.regex, &groups, source, replacement, strlen(replacement), out);
    return true;
}

static void joined(struct prom *p, const struct node *node, uint32_t set, struct writer *out) {
    for (uint32_t i = 3; i < node->as.call.count; i++) {
        if (i > 3) write_text(out, text_argument(node, 2));
        write_text(out, value_or_empty(p, set, text_argument(node, i)));
    }
}

static bool change(struct prom *p, const struct node *node, uint32_t set, uint32_t *out) {
    char value[VALUE_MAX + 1];
    struct writer w = writer_of(value, VALUE_MAX);
    bool changed = true;
    if (node->as.call.function->whole == WHOLE_LABEL_JOIN)
        joined(p, node, set, &w);
    else if (!replaced(p, node, set, &w, &changed))
        return false;
    if (w.overflow) return eval_fail(p, "a label's new value is longer than 4096 bytes");
    value[w.len] = '\0';
    const struct prom_label pair = {text_argument(node, 1), value};
    *out = changed ? set_with(p, set, &pair, 1) : set;
    return *out != NO_SET || eval_fail_memory(p);
}

/* Until Prometheus 3 a label's name was a word. */
static bool is_word(const char *name) {
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return !(name[0] >= '0' && name[0] <= '9') && name[strspn(name, bytes)] == '\0';
}

static bool names_are_words(struct prom *p, const struct node *node) {
    bool join = node->as.call.function->whole == WHOLE_LABEL_JOIN;
    if (!is_word(text_argument(node, 1))) return eval_fail(p, "this is no label name");
    for (uint32_t i = 3; join && i < node->as.call.count; i++)
        if (!is_word(text_argument(node, i))) return eval_fail(p, "this is no label name");
    return true;
}

bool eval_label_function(struct evaluation *e, struct node *node, struct vector *out) {
    struct prom *p = e->prom;
    if (prom_before(p, PROM_VERSION(3, 0)) && !names_are_words(p, node)) return false;
    uint32_t *memo = node->as.call.transform->memo;
    bool names_metric = strcmp(text_argument(node, 1), METRIC_NAME) == 0;
    struct value in;
    if (!eval_node(e, node->as.call.arguments[0], &in)) return false;
    for (uint32_t i = 0; i < in.vector.count; i++) {
        uint32_t set = in.vector.at[i].labels, changed;
        if (memo && memo[set]) {
            changed = memo[set] - 1;
        } else {
            if (!change(p, node, set, &changed)) return false;
            if (memo) memo[set] = changed + 1;
        }
        in.vector.at[i].labels = changed;
        if (names_metric) in.vector.at[i].nameless = false;
    }
    *out = in.vector;
    return vector_order(p, out);
}
