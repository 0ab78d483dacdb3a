/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rule files in Prometheus' format, also wrapped as a Kubernetes PrometheusRule. */
#include "engine/yaml/yaml.h"
#include "sim/prometheus/rules.h"

struct loader {
    struct prom *prom;
    struct arena *arena;
    struct yaml_doc doc;
    const char *text;
    size_t len;
};

/* ---- where an expression stands ---- */

static const char *line_start(const struct loader *l, int line) {
    const char *at = l->text, *end = l->text + l->len;
    for (int i = 1; i < line && at < end; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    return at;
}

/* The reader gives the place of a block's "|"; its text begins on the line after it, and every line
 * is indented as the first that is not blank. Folded and quoted texts keep their start only.
 */
static struct origin origin_of(const struct loader *l, const struct yaml_node *node) {
    struct origin o = {.file = l->doc.file, .line = node->line, .column = node->column};
    const char *at = line_start(l, node->line), *end = l->text + l->len;
    if (node->column > end - at) return o;
    char style = at[node->column - 1];
    if (style == '"' || style == '\'') o.column++;
    if (style != '|' && style != '>') return o;
    for (int line = node->line + 1;; line++) {
        const char *start = line_start(l, line), *s = start;
        while (s < end && *s == ' ') s++;
        if (s == end) return o;
        if (*s == '\n') continue;
        o.line = node->line + 1;
        o.later_columns = (int)(s - start);
        o.column = 1 + o.later_columns;
        return o;
    }
}

/* ---- fields ---- */

static int64_t read_duration(struct loader *l, struct yaml_node *node) {
    int64_t ms = 0;
    const char *text = yaml_text(&l->doc, node, "0s");
    if (!promql_duration(text, strlen(text), &ms))
        yaml_error(&l->doc, node, "expected a duration like 30s, 5m or 1h30m, got \"%.40s\"", text);
    return ms;
}

static bool is_name(const char *s, bool colons) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    if (!*s || (!strchr(letters, *s) && !(colons && *s == ':'))) return false;
    for (; *s; s++)
        if (!strchr(letters, *s) && !(*s >= '0' && *s <= '9') && !(colons && *s == ':'))
            return false;
    return true;
}

static void read_labels(struct loader *l, struct rule *rule, struct yaml_node *node) {
    uint32_t count = yaml_pairs(&l->doc, node);
    if (count >= LABELS_MAX / 2) {
        yaml_error(&l->doc, node, "more than 31 labels");
        return;
    }
    struct rule_label *labels = ARENA_NEW(l->arena, struct rule_label, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        labels[i].name = node->keys[i]->text;
        labels[i].value = yaml_text(&l->doc, node->items[i], "");
        if (!is_name(labels[i].name, false) || strcmp(labels[i].name, METRIC_NAME) == 0)
            yaml_error(&l->doc, node->keys[i], "\"%.80s\" is no label name", labels[i].name);
        if (!template_is_known(labels[i].value))
            yaml_error(&l->doc, node->items[i],
                       "only {{ $labels.NAME }} is supported in a label's value yet");
    }
    rule->labels = labels;
    rule->label_count = count;
}

static void read_expression(struct loader *l, struct rule *rule, struct yaml_node *rule_node,
                            struct yaml_node *node) {
    const char *text = yaml_text(&l->doc, node, NULL);
    if (!text) {
        if (!node) yaml_error(&l->doc, rule_node, "a rule needs \"expr\"");
        return;
    }
    struct origin origin = origin_of(l, node);
    rule->expr = expression_read(l->arena, &origin, text, node->len, l->doc.diags);
    if (rule->expr && rule->expr->root->type == PROM_STRING)
        yaml_error(&l->doc, node, "a rule's expression must be a vector or a scalar, not a string");
}

static void read_name(struct loader *l, struct rule *rule, struct yaml_node *node) {
    struct yaml_node *alert = yaml_key(&l->doc, node, "alert");
    struct yaml_node *record = yaml_key(&l->doc, node, "record");
    if (!alert == !record) {
        yaml_error(&l->doc, node, "a rule has either \"alert\" or \"record\"");
        return;
    }
    rule->is_alert = alert != NULL;
    rule->name = yaml_text(&l->doc, alert ? alert : record, "");
    if (alert ? rule->name[0] == '\0' : !is_name(rule->name, true))
        yaml_error(&l->doc, alert ? alert : record, "\"%.80s\" is no %s name", rule->name,
                   alert ? "alert" : "metric");
}

static void refuse_for_recording(struct loader *l, const struct rule *rule, struct yaml_node *node,
                                 const char *key) {
    if (node && !rule->is_alert)
        yaml_error(&l->doc, node, "\"%s\" belongs to an alert, not to a recording rule", key);
}

static void read_rule(struct loader *l, struct rule *rule, struct yaml_node *node) {
    struct yaml_node *expr = yaml_key(&l->doc, node, "expr");
    struct yaml_node *hold = yaml_key(&l->doc, node, "for");
    struct yaml_node *keep = yaml_key(&l->doc, node, "keep_firing_for");
    struct yaml_node *annotations = yaml_key(&l->doc, node, "annotations");
    *rule = (struct rule){.first_alert = NO_ALERT};
    read_name(l, rule, node);
    read_labels(l, rule, yaml_key(&l->doc, node, "labels"));
    read_expression(l, rule, node, expr);
    rule->for_ms = read_duration(l, hold);
    rule->keep_firing_ms = read_duration(l, keep);
    yaml_pairs(&l->doc, annotations); /* texts for people; nothing here reads them */
    refuse_for_recording(l, rule, hold, "for");
    refuse_for_recording(l, rule, keep, "keep_firing_for");
    refuse_for_recording(l, rule, annotations, "annotations");
    yaml_unknown_keys(&l->doc, node, "rule");
    rule->identities = memory_take(&l->prom->memory, l->prom->labels.set_max, sizeof(uint32_t));
    if (!rule->identities || (rule->expr && !expression_bind(l->prom, rule->expr)))
        yaml_error(&l->doc, node, "too many rules for the memory of this Prometheus");
}

/* ---- groups ---- */

static void read_group(struct loader *l, struct yaml_node *node) {
    struct rules *r = l->prom->rules;
    struct yaml_node *name = yaml_key(&l->doc, node, "name");
    struct yaml_node *rules = yaml_key(&l->doc, node, "rules");
    if (r->group_count == r->group_max) {
        yaml_error(&l->doc, node, "more than %u rule groups", r->group_max);
        return;
    }
    struct rule_group *group = &r->groups[r->group_count];
    *group = (struct rule_group){.name = yaml_text(&l->doc, name, ""), .first_rule = r->count};
    group->interval_ms = read_duration(l, yaml_key(&l->doc, node, "interval"));
    if (group->name[0] == '\0') yaml_error(&l->doc, node, "a group needs \"name\"");
    uint32_t count = yaml_count(&l->doc, rules);
    for (uint32_t i = 0; i < count; i++) {
        if (r->count == r->max) {
            yaml_error(&l->doc, rules->items[i], "more than %u rules", r->max);
            return;
        }
        read_rule(l, &r->list[r->count++], rules->items[i]);
        group->rule_count++;
    }
    yaml_unknown_keys(&l->doc, node, "group");
    r->group_count++;
}

static void refuse_same_names(struct loader *l, struct yaml_node *groups, uint32_t first) {
    const struct rules *r = l->prom->rules;
    for (uint32_t i = first; i < r->group_count; i++)
        for (uint32_t j = first; j < i; j++)
            if (strcmp(r->groups[i].name, r->groups[j].name) == 0)
                yaml_error(&l->doc, groups->items[i - first], "group \"%.80s\" stands here twice",
                           r->groups[i].name);
}

/* The mapping that holds "groups": the root, or the spec of a PrometheusRule. */
static struct yaml_node *group_holder(struct loader *l) {
    struct yaml_node *root = l->doc.root;
    struct yaml_node *kind = yaml_key(&l->doc, root, "kind");
    if (!kind) return root;
    if (strcmp(yaml_text(&l->doc, kind, ""), "PrometheusRule") != 0)
        yaml_error(&l->doc, kind, "expected kind PrometheusRule");
    return yaml_key(&l->doc, root, "spec");
}

bool prom_rules_load(struct prom *p, struct arena *arena, const char *file, const char *text,
                     size_t len, struct diags *diags) {
    struct loader l = {.prom = p, .arena = arena, .text = text, .len = len};
    uint32_t errors = diags->errors, rules = p->rules->count, groups = p->rules->group_count;
    if (!yaml_read(&l.doc, arena, diags, file, text, len, NULL, NULL)) return false;
    struct yaml_node *holder = group_holder(&l);
    struct yaml_node *list = yaml_key(&l.doc, holder, "groups");
    uint32_t count = yaml_count(&l.doc, list);
    if (l.doc.root && !list) yaml_error(&l.doc, l.doc.root, "a rule file needs \"groups\"");
    for (uint32_t i = 0; i < count; i++) read_group(&l, list->items[i]);
    if (diags->errors == errors) refuse_same_names(&l, list, groups);
    if (holder == l.doc.root) yaml_unknown_keys(&l.doc, holder, "rule file");
    if (diags->errors == errors) return true;
    p->rules->count = rules; /* a file is taken as a whole or not at all */
    p->rules->group_count = groups;
    return false;
}
