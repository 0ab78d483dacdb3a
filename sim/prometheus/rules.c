/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation of rule groups: recording, and the way from a result to a rule's labels. */
#include "sim/prometheus/rules.h"
#include "engine/base/text.h"

struct rules *rules_new(struct arena *arena, const struct prom *p) {
    struct rules *r = ARENA_NEW(arena, struct rules, 1);
    r->max = r->group_max = p->options.rules_max;
    r->alert_max = p->options.series_max;
    r->list = ARENA_NEW(arena, struct rule, r->max);
    r->groups = ARENA_NEW(arena, struct rule_group, r->group_max);
    r->alerts = ARENA_NEW(arena, struct alert, r->alert_max);
    r->free_alert = NO_ALERT;
    return r;
}

/* ---- templates ---- */

/* The label that "{{ $labels.NAME }}" at s names, and how long it all is; 0 when it is none. */
static size_t read_template(const char *s, const char **name, size_t *name_len) {
    static const char open[] = "{{", variable[] = "$labels.", close[] = "}}";
    const char *at = s + strlen(open);
    at += strspn(at, "- \t");
    if (strncmp(at, variable, strlen(variable)) != 0) return 0;
    *name = at += strlen(variable);
    *name_len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    at += *name_len;
    at += strspn(at, " \t");
    if (*name_len == 0 || strncmp(at, close, strlen(close)) != 0) return 0;
    return (size_t)(at - s) + strlen(close);
}

bool template_is_known(const char *text) {
    const char *name;
    size_t len, used;
    for (const char *at = text; (at = strstr(at, "{{")); at += used)
        if ((used = read_template(at, &name, &len)) == 0) return false;
    return true;
}

static const char *value_of(const struct prom *p, uint32_t set, const char *name, size_t len) {
    const struct label_set *s = &p->labels.sets[set];
    for (uint32_t i = 0; i < s->count; i++)
        if (strncmp(s->labels[i].name, name, len) == 0 && s->labels[i].name[len] == '\0')
            return s->labels[i].value;
    return "";
}

bool template_expand(const struct prom *p, const char *text, uint32_t set, char *out) {
    struct writer w = writer_of(out, TEXT_OF_RULE);
    for (const char *next; (next = strstr(text, "{{"));) {
        const char *name = "";
        size_t len = 0, used = read_template(next, &name, &len);
        write_bytes(&w, text, (size_t)(next - text));
        write_text(&w, value_of(p, set, name, len));
        text = next + used;
    }
    write_text(&w, text);
    return !w.overflow;
}

/* ---- labels of results ---- */

uint32_t set_with(struct prom *p, uint32_t set, const struct prom_label *pairs, uint32_t count) {
    struct prom_label all[2 * LABELS_MAX];
    uint32_t used = 0;
    const struct label_set *s = &p->labels.sets[set];
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t j = 0;
        while (j < count && strcmp(s->labels[i].name, pairs[j].name) != 0) j++;
        if (j == count) all[used++] = s->labels[i];
    }
    for (uint32_t i = 0; i < count; i++) all[used++] = pairs[i];
    return labels_set(&p->labels, all, used);
}

static uint32_t identity_of(struct prom *p, const struct rule *rule, uint32_t set) {
    struct prom_label pairs[LABELS_MAX];
    uint32_t used = 0;
    char text[TEXT_OF_RULE];
    pairs[used++] = (struct prom_label){METRIC_NAME, rule->is_alert ? "" : rule->name};
    if (rule->is_alert) pairs[used++] = (struct prom_label){"alertname", rule->name};
    for (uint32_t i = 0; i < rule->label_count && used < LABELS_MAX; i++) {
        if (!template_expand(p, rule->labels[i].value, set, text)) return NO_SET;
        const char *value = labels_intern(&p->labels, text, strlen(text));
        if (!value) return NO_SET;
        pairs[used++] = (struct prom_label){rule->labels[i].name, value};
    }
    return set_with(p, set, pairs, used);
}

bool rule_identify(struct prom *p, struct rule *rule, struct vector *v) {
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t set = v->at[i].labels;
        if (rule->identities[set] == 0) {
            uint32_t identity = identity_of(p, rule, set);
            if (identity == NO_SET) return eval_fail_memory(p);
            rule->identities[set] = identity + 1;
        }
        v->at[i].labels = rule->identities[set] - 1;
    }
    return vector_order(p, v);
}

/* ---- recording ---- */

/* What was written last time but not now ends at once. */
static void stale_missing(struct prom *p, const struct match_list *written, const struct vector *v,
                          int64_t at_ms) {
    const uint32_t *rank = p->labels.rank;
    uint32_t next = 0;
    for (uint32_t i = 0; i < written->count; i++) {
        uint32_t set = p->series[written->series[i]].labels;
        while (next < v->count && rank[v->at[next].labels] < rank[set]) next++;
        if (next == v->count || v->at[next].labels != set) prom_stale(p, written->series[i], at_ms);
    }
}

static bool record(struct prom *p, struct rule *rule, const struct vector *v, int64_t at_ms) {
    struct match_list *written = &rule->written;
    stale_missing(p, written, v, at_ms);
    if (v->count > written->capacity) {
        uint32_t capacity = 2 * v->count;
        uint32_t *series = memory_take(&p->memory, capacity, sizeof *series);
        if (!series) return eval_fail_memory(p);
        *written = (struct match_list){.series = series, .capacity = capacity};
    }
    written->count = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t series = series_of_set(p, v->at[i].labels, p->options.samples_per_series);
        prom_append(p, series, at_ms, v->at[i].value);
        if (series != UINT32_MAX) written->series[written->count++] = series;
    }
    return true;
}

/* ---- groups ---- */

static bool run_rule(struct prom *p, struct rule *rule, int64_t at_ms, prom_alert_sink sink,
                     void *context) {
    struct value value;
    if (!expression_eval(p, rule->expr, at_ms, &value)) return false;
    if (value.type == PROM_SCALAR) {
        value.vector = vector_here(p);
        if (!vector_room(p, 1)) return false;
        vector_push(p, &value.vector, EMPTY_SET, value.scalar);
    }
    if (!rule_identify(p, rule, &value.vector)) return false;
    if (!rule->is_alert) return record(p, rule, &value.vector, at_ms);
    alerts_update(p, rule, &value.vector, at_ms, sink, context);
    return true;
}

/* Slots are counted from the epoch, so that a group runs at the same times whenever it starts. */
static bool is_due(struct rule_group *group, int64_t at_ms) {
    if (group->interval_ms == 0) return true;
    int64_t slot = at_ms / group->interval_ms;
    bool due = !group->was_run || slot != group->last_slot;
    group->was_run = true;
    group->last_slot = slot;
    return due;
}

void prom_rules_eval(struct prom *p, int64_t at_ms, prom_alert_sink sink, void *context) {
    struct rules *r = p->rules;
    for (uint32_t g = 0; g < r->group_count; g++) {
        struct rule_group *group = &r->groups[g];
        if (!is_due(group, at_ms)) continue;
        for (uint32_t i = 0; i < group->rule_count; i++)
            if (!run_rule(p, &r->list[group->first_rule + i], at_ms, sink, context)) r->failures++;
    }
}

uint32_t prom_rule_count(const struct prom *p) { return p->rules->count; }
uint64_t prom_rule_failures(const struct prom *p) { return p->rules->failures; }

/* ---- check ---- */

static bool selector_is_empty(struct prom *p, struct selector *s, int64_t at_ms) {
    const struct evaluation now = {p, at_ms, at_ms, at_ms, NULL};
    int64_t to_ms = shifted_ms(&now, &s->shift);
    int64_t from_ms = to_ms - (s->range_ms > 0 ? s->range_ms : p->options.lookback_ms);
    if (!selector_find(p, s)) return true;
    for (uint32_t i = 0; i < s->found.count; i++)
        if (series_window(p, s->found.series[i], from_ms, to_ms).count > 0) return false;
    return true;
}

static bool selects_nothing(struct prom *p, struct node *node, int64_t at_ms) {
    struct node *child;
    if (node->kind == NODE_SELECTOR && selector_is_empty(p, &node->as.selector, at_ms)) return true;
    for (uint32_t i = 0; (child = node_child(node, i)); i++)
        if (selects_nothing(p, child, at_ms)) return true;
    return false;
}

void prom_rules_unmatched(struct prom *p, int64_t at_ms,
                          void (*sink)(void *context, const char *rule), void *context) {
    for (uint32_t i = 0; i < p->rules->count; i++) {
        const struct rule *rule = &p->rules->list[i];
        bool bound = rule->expr->root->bound == p || expression_bind(p, rule->expr);
        if (bound && selects_nothing(p, rule->expr->root, at_ms)) sink(context, rule->name);
    }
}
