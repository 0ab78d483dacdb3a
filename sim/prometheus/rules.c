/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluation of rule groups: recording, and the way from a result to a rule's labels. */
#include "sim/prometheus/rules.h"
#include "engine/base/text.h"

struct rules *rules_new(struct arena *arena, const struct prom *p) {
    struct rules *r = ARENA_NEW(arena, struct rules, 1);
    uint32_t series = p->options.series_max;
    r->max = r->group_max = p->options.rules_max;
    r->alert_max = series;
    r->list = ARENA_NEW(arena, struct rule, r->max);
    r->groups = ARENA_NEW(arena, struct rule_group, r->group_max);
    r->alerts = ARENA_NEW(arena, struct alert, r->alert_max);
    r->free_alert = NO_ALERT;
    r->sources = ARENA_NEW(arena, uint32_t, p->labels.set_max);
    r->writing = (struct match_list){.series = ARENA_NEW(arena, uint32_t, series + 1)};
    r->stamps = ARENA_NEW(arena, uint32_t, series + 1);
    r->room = template_room_new(arena);
    r->external_url = "";
    return r;
}

void prom_external(struct prom *p, const struct prom_label *labels, uint32_t count,
                   const char *url) {
    p->rules->external = labels;
    p->rules->external_count = count;
    p->rules->external_url = url;
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

void rule_expand(struct prom *p, const struct rule_text *text, uint32_t set, double value,
                 int64_t at_ms, struct writer *out) {
    if (!text->template) {
        write_text(out, text->value);
        return;
    }
    const struct label_set *labels = &p->labels.sets[set];
    const struct template_data data = {
        .prom = p,
        .room = p->rules->room,
        .at_ms = at_ms,
        .labels = labels->labels,
        .label_count = labels->count,
        .external_labels = p->rules->external,
        .external_label_count = p->rules->external_count,
        .external_url = p->rules->external_url,
        .value = value,
    };
    struct template_error error;
    size_t before = out->len;
    if (template_run(text->template, &data, out, &error)) return;
    out->len = before;
    out->overflow = false;
    write_text(out, "<error expanding template: ");
    write_text(out, error.why);
    write_text(out, ">");
}

static uint32_t identity_of(const struct rule_run *run, const struct element *e) {
    struct prom *p = run->prom;
    const struct rule *rule = run->rule;
    struct prom_label pairs[LABELS_MAX];
    uint32_t used = 0;
    char text[TEXT_OF_RULE];
    pairs[used++] = (struct prom_label){METRIC_NAME, rule->is_alert ? "" : rule->name};
    for (uint32_t i = 0; i < rule->label_count && used < LABELS_MAX - 1; i++) {
        struct writer w = writer_of(text, sizeof text);
        rule_expand(p, &rule->labels[i], e->labels, e->value, run->sample_ms, &w);
        const char *value = labels_intern(&p->labels, text, w.len);
        if (!value) return NO_SET;
        pairs[used++] = (struct prom_label){rule->labels[i].name, value};
    }
    if (rule->is_alert) pairs[used++] = (struct prom_label){"alertname", rule->name};
    return set_with(p, e->labels, pairs, used);
}

bool rule_identify(const struct rule_run *run, struct vector *v) {
    struct prom *p = run->prom;
    struct rule *rule = run->rule;
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t source = v->at[i].labels, identity;
        if (rule->identity_is_of_labels && rule->identities[source] > 0) {
            identity = rule->identities[source] - 1;
        } else {
            identity = identity_of(run, &v->at[i]);
            if (identity == NO_SET) return eval_fail_memory(p);
            rule->identities[source] = identity + 1;
        }
        v->at[i].labels = identity;
        p->rules->sources[identity] = source;
    }
    return vector_order(p, v);
}

/* ---- writing ---- */

void rule_write_begin(struct prom *p) {
    p->rules->writing.count = 0;
    p->rules->stamp++;
}

void rule_write(struct prom *p, uint32_t series, int64_t at_ms, double value) {
    struct rules *r = p->rules;
    if (!prom_append(p, series, at_ms, value) && series == UINT32_MAX) return;
    if (r->stamps[series] == r->stamp) return;
    r->stamps[series] = r->stamp;
    r->writing.series[r->writing.count++] = series;
}

bool rule_write_end(struct prom *p, struct rule *rule, int64_t at_ms) {
    struct rules *r = p->rules;
    struct match_list *written = &rule->written;
    for (uint32_t i = 0; i < written->count; i++)
        if (r->stamps[written->series[i]] != r->stamp) prom_stale(p, written->series[i], at_ms);
    uint32_t count = r->writing.count;
    if (count > written->capacity) {
        uint32_t capacity = 2 * count;
        uint32_t *series = memory_take(&p->memory, capacity, sizeof *series);
        if (!series) return eval_fail_memory(p);
        *written = (struct match_list){.series = series, .capacity = capacity};
    }
    if (count > 0) memcpy(written->series, r->writing.series, count * sizeof *written->series);
    written->count = count;
    return true;
}

static bool record(const struct rule_run *run, const struct vector *v) {
    struct prom *p = run->prom;
    if (run->group->limit > 0 && v->count > run->group->limit)
        return eval_fail(p, "the rule gives more series than its group's limit");
    rule_write_begin(p);
    for (uint32_t i = 0; i < v->count; i++)
        rule_write(p, series_of_set(p, v->at[i].labels, p->options.samples_per_series),
                   run->sample_ms, v->at[i].value);
    return rule_write_end(p, run->rule, run->sample_ms);
}

/* ---- groups ---- */

static bool run_rule(const struct rule_run *run) {
    struct prom *p = run->prom;
    struct value value;
    if (!expression_eval(p, run->rule->expr, run->sample_ms, &value)) return false;
    if (value.type == PROM_SCALAR) {
        value.vector = vector_here(p);
        if (!vector_room(p, 1)) return false;
        vector_push(p, &value.vector, EMPTY_SET, value.scalar);
    }
    if (!rule_identify(run, &value.vector)) return false;
    return run->rule->is_alert ? alerts_update(run, &value.vector) : record(run, &value.vector);
}

static void run_group(struct prom *p, struct rule_group *group, int64_t at_ms) {
    struct rules *r = p->rules;
    struct rule_run run = {p, group, NULL, at_ms, at_ms - group->query_offset_ms};
    for (uint32_t i = 0; i < group->rule_count; i++) {
        run.rule = &r->list[group->first_rule + i];
        if (run_rule(&run)) continue;
        r->failures++;
        if (r->sinks.failure) r->sinks.failure(r->sinks.context, run.rule->name, p->error);
    }
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
    r->sinks = (struct prom_rule_sinks){.alert = sink, .context = context};
    for (uint32_t g = 0; g < r->group_count; g++)
        if (is_due(&r->groups[g], at_ms)) run_group(p, &r->groups[g], at_ms);
}

void prom_group_eval(struct prom *p, uint32_t group, int64_t at_ms,
                     const struct prom_rule_sinks *sinks) {
    p->rules->sinks = *sinks;
    run_group(p, &p->rules->groups[group], at_ms);
}

uint32_t prom_group_count(const struct prom *p) { return p->rules->group_count; }
const char *prom_group_name(const struct prom *p, uint32_t group) {
    return p->rules->groups[group].name;
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
