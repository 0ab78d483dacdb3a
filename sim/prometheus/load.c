/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rule files in Prometheus' format, also wrapped as Kubernetes' PrometheusRules. */
#include "engine/yaml/yaml.h"
#include "sim/prometheus/rules.h"
#include "sim/prometheus/source.h"
#include "sim/prometheus/sparse.h"

struct loader {
    struct prom *prom;
    struct arena *arena;
    struct yaml_doc doc;
    struct source source;
    bool wrapped; /* in a PrometheusRule */
};

/* ---- fields ---- */

static bool is_name(const char *s, bool colons) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    if (!*s || (!strchr(letters, *s) && !(colons && *s == ':'))) return false;
    for (; *s; s++)
        if (!strchr(letters, *s) && !(*s >= '0' && *s <= '9') && !(colons && *s == ':'))
            return false;
    return true;
}

static const struct template *read_template(struct loader *l, const struct yaml_node *node) {
    struct template_error error;
    if (!node->text || !strstr(node->text, "{{")) return NULL;
    struct template *template = template_parse(l->arena, node->text, node->len, &error);
    if (!template) {
        int line, column;
        source_place(&l->source, node, error.at, &line, &column);
        diag_error(l->doc.diags, l->doc.file, line, column, "template: %s", error.why);
    }
    return template;
}

struct texts {
    struct rule_text *at; /* by name */
    uint32_t count;
};

static void add_text(struct loader *l, struct texts *texts, struct yaml_node *key,
                     struct yaml_node *value, bool templates) {
    struct rule_text text = {.name = key->text, .value = yaml_text(&l->doc, value, "")};
    if (templates) text.template = read_template(l, value);
    for (uint32_t i = 0; i < texts->count; i++)
        if (strcmp(texts->at[i].name, text.name) == 0) { /* a rule's wins over its group's */
            texts->at[i] = text;
            return;
        }
    uint32_t at = texts->count++;
    for (; at > 0 && strcmp(texts->at[at - 1].name, text.name) > 0; at--)
        texts->at[at] = texts->at[at - 1];
    texts->at[at] = text;
}

/* A mapping of names to texts; both may be NULL. what: "label" or "annotation". */
static struct texts read_texts(struct loader *l, struct yaml_node *outer, struct yaml_node *own,
                               const char *what, bool templates) {
    struct yaml_node *nodes[] = {outer, own};
    uint32_t count = yaml_pairs(&l->doc, outer) + yaml_pairs(&l->doc, own);
    struct texts texts = {ARENA_NEW(l->arena, struct rule_text, count + 1), 0};
    if (count >= LABELS_MAX / 2) {
        yaml_error(&l->doc, own ? own : outer, "more than 31 %ss", what);
        return texts;
    }
    for (int n = 0; n < 2; n++) {
        uint32_t pairs = yaml_pairs(&l->doc, nodes[n]);
        for (uint32_t i = 0; i < pairs; i++) {
            const char *name = nodes[n]->keys[i]->text;
            if (!is_name(name, false) || strcmp(name, METRIC_NAME) == 0)
                yaml_error(&l->doc, nodes[n]->keys[i], "\"%.80s\" is no %s name", name, what);
            add_text(l, &texts, nodes[n]->keys[i], nodes[n]->items[i], templates);
        }
    }
    return texts;
}

static void read_expression(struct loader *l, struct rule *rule, struct yaml_node *rule_node,
                            struct yaml_node *node) {
    struct diags found = {0};
    const char *text = yaml_text(&l->doc, node, NULL);
    if (!text) {
        if (yaml_is_null(node))
            yaml_error(&l->doc, node ? node : rule_node, "a rule needs \"expr\"");
        return;
    }
    rule->expr = prom_parse(l->arena, l->doc.file, 1, 1, text, node->len, &found);
    int64_t scrape_ms = l->prom->options.scrape_ms;
    if (rule->expr && scrape_ms > 0) sparse_ranges(rule->expr->root, scrape_ms, &found);
    source_tell(&l->source, &l->doc, node, &found);
    if (!rule->expr) return;
    enum prom_type type = prom_expr_type(rule->expr);
    if (type != PROM_VECTOR && type != PROM_SCALAR)
        yaml_error(&l->doc, node, "a rule's expression must be a vector or a scalar, not a %s",
                   type == PROM_STRING ? "string" : "range vector");
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
                                 const char *key, bool is_set) {
    if (is_set && !rule->is_alert)
        yaml_error(&l->doc, node, "\"%s\" belongs to an alert, not to a recording rule", key);
}

static void read_rule(struct loader *l, struct rule *rule, struct yaml_node *node,
                      struct yaml_node *group_labels) {
    struct yaml_node *hold = yaml_key(&l->doc, node, "for");
    struct yaml_node *keep = yaml_key(&l->doc, node, "keep_firing_for");
    struct yaml_node *notes = yaml_key(&l->doc, node, "annotations");
    *rule = (struct rule){.first_alert = NO_ALERT, .identity_is_of_labels = true};
    read_name(l, rule, node);
    struct texts labels =
        read_texts(l, group_labels, yaml_key(&l->doc, node, "labels"), "label", rule->is_alert);
    struct texts annotations = read_texts(l, NULL, notes, "annotation", rule->is_alert);
    rule->labels = labels.at;
    rule->label_count = labels.count;
    rule->annotations = annotations.at;
    rule->annotation_count = annotations.count;
    for (uint32_t i = 0; i < labels.count; i++)
        if (labels.at[i].template && !template_is_of_labels(labels.at[i].template))
            rule->identity_is_of_labels = false;
    read_expression(l, rule, node, yaml_key(&l->doc, node, "expr"));
    rule->for_ms = source_duration(&l->doc, hold, 0);
    rule->keep_firing_ms = source_duration(&l->doc, keep, 0);
    refuse_for_recording(l, rule, hold, "for", rule->for_ms != 0);
    refuse_for_recording(l, rule, keep, "keep_firing_for", rule->keep_firing_ms != 0);
    refuse_for_recording(l, rule, notes, "annotations", annotations.count > 0);
    yaml_unknown_keys(&l->doc, node, "rule");
    rule->identities = memory_take(&l->prom->memory, l->prom->labels.set_max, sizeof(uint32_t));
    if (!rule->identities || (rule->expr && !expression_bind(l->prom, rule->expr)))
        yaml_error(&l->doc, node, "too many rules for the memory of this Prometheus");
}

/* ---- groups ---- */

static void read_group(struct loader *l, struct yaml_node *node, uint32_t first_group) {
    struct rules *r = l->prom->rules;
    struct yaml_node *name = yaml_key(&l->doc, node, "name");
    struct yaml_node *rules = yaml_key(&l->doc, node, "rules");
    struct yaml_node *labels = yaml_key(&l->doc, node, "labels");
    if (r->group_count == r->group_max) {
        yaml_error(&l->doc, node, "more than %u rule groups", r->group_max);
        return;
    }
    struct rule_group *group = &r->groups[r->group_count];
    *group = (struct rule_group){
        .name = yaml_text(&l->doc, name, ""), .file = l->doc.file, .first_rule = r->count};
    group->interval_ms = source_duration(&l->doc, yaml_key(&l->doc, node, "interval"), 0);
    group->query_offset_ms = source_duration(&l->doc, yaml_key(&l->doc, node, "query_offset"), 0);
    group->limit = (uint32_t)yaml_int(&l->doc, yaml_key(&l->doc, node, "limit"), 0, INT32_MAX, 0);
    if (l->wrapped) yaml_key(&l->doc, node, "partial_response_strategy"); /* Thanos' */
    if (group->name[0] == '\0') yaml_error(&l->doc, node, "a group needs \"name\"");
    for (uint32_t i = first_group; i < r->group_count; i++)
        if (strcmp(r->groups[i].name, group->name) == 0)
            yaml_error(&l->doc, name ? name : node, "group \"%.80s\" stands here twice",
                       group->name);
    uint32_t count = yaml_count(&l->doc, rules);
    for (uint32_t i = 0; i < count; i++) {
        if (r->count == r->max) {
            yaml_error(&l->doc, rules->items[i], "more than %u rules", r->max);
            return;
        }
        read_rule(l, &r->list[r->count++], rules->items[i], labels);
        group->rule_count++;
    }
    yaml_unknown_keys(&l->doc, node, "group");
    r->group_count++;
}

static bool is_list(const char *kind) {
    return strcmp(kind, "List") == 0 || strcmp(kind, "PrometheusRuleList") == 0;
}

/* The mapping that holds "groups": the document, or the spec of a PrometheusRule, which may stand
 * in a list, as kubectl writes several. */
static void read_document(struct loader *l, struct yaml_node *root, bool listed) {
    struct yaml_node *kind = yaml_key(&l->doc, root, "kind"), *holder = root;
    uint32_t first = l->prom->rules->group_count;
    l->wrapped = kind != NULL;
    if (l->wrapped) {
        const char *name = yaml_text(&l->doc, kind, "");
        if (is_list(name) && !listed) {
            struct yaml_node *items = yaml_key(&l->doc, root, "items");
            uint32_t count = yaml_count(&l->doc, items);
            for (uint32_t i = 0; i < count; i++) read_document(l, items->items[i], true);
            return;
        }
        if (strcmp(name, "PrometheusRule") != 0)
            yaml_error(&l->doc, kind, "expected kind PrometheusRule, or a list of them");
        holder = yaml_key(&l->doc, root, "spec");
    }
    struct yaml_node *list = yaml_key(&l->doc, holder, "groups");
    if (!list) yaml_error(&l->doc, root, "a rule file needs \"groups\"");
    uint32_t count = yaml_count(&l->doc, list);
    for (uint32_t i = 0; i < count; i++) read_group(l, list->items[i], first);
    if (!l->wrapped) yaml_unknown_keys(&l->doc, holder, "rule file");
}

static bool is_counted(const char *word) {
    return memcmp(word, "expr", 4) == 0 || memcmp(word, "name", 4) == 0;
}

static uint32_t keys_below(const struct yaml_node *node) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_MAPPING && node->keys[i]->len == 4)
            count += is_counted(node->keys[i]->text);
        count += keys_below(node->items[i]);
    }
    return count;
}

/* Aliases make more rules than there are words. */
static uint32_t rules_by_alias(const char *text, size_t len) {
    struct arena arena;
    struct diags diags = {0};
    struct yaml_doc doc;
    uint32_t count = 1;
    arena_open(&arena);
    if (yaml_read_others(&doc, &arena, &diags, "", text, len))
        for (uint32_t i = 0; i < doc.document_count; i++) count += keys_below(doc.documents[i]);
    arena_close(&arena);
    return count;
}

/* Every rule has its "expr"; a group without rules has at least its "name". */
uint32_t prom_rules_most(const char *text, size_t len) {
    uint32_t count = 1;
    for (size_t i = 0; i + 4 <= len; i++) count += is_counted(text + i);
    uint32_t by_alias = len > 0 && memchr(text, '&', len) ? rules_by_alias(text, len) : 0;
    return by_alias > count ? by_alias : count;
}

bool prom_rules_load(struct prom *p, struct arena *arena, const char *file, const char *text,
                     size_t len, struct diags *diags) {
    struct loader l = {.prom = p, .arena = arena, .source = {text, len}};
    uint32_t errors = diags->errors, rules = p->rules->count, groups = p->rules->group_count;
    if (!yaml_read_others(&l.doc, arena, diags, file, text, len)) return false;
    for (uint32_t i = 0; i < l.doc.document_count; i++)
        read_document(&l, l.doc.documents[i], false);
    if (diags->errors == errors) return true;
    p->rules->count = rules; /* a file is taken as a whole or not at all */
    p->rules->group_count = groups;
    return false;
}
