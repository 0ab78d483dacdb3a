/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/rules_test.h"
#include "engine/base/text.h"
#include "sim/prometheus/number.h"
#include <math.h>

#define SERIES_MADE 4096u /* room for what rules write */
#define TEXT_BYTES  ((size_t)16 << 10)

/* An alert or a sample as text, whose order and equality are those of the thing itself. */
struct seen {
    const char *name, *text; /* name: of the alert */
    double value;
};
struct seen_list {
    struct seen *at;
    uint32_t count, room;
};

struct rig {
    struct arena arena;
    struct prom *prom;
    const struct suite *suite;
    const struct suite_test *test;
    uint32_t *series, *next; /* of input series: the store's, and the value that comes next */
    uint32_t *order;         /* groups as they are evaluated */
    FILE *out;
    int32_t failed;
    int64_t at_ms;
    bool collects, broken; /* broken: a rule failed, and the test ends */
    struct seen_list firing;
};

static struct seen_list list_new(struct arena *arena, uint32_t room) {
    return (struct seen_list){ARENA_NEW(arena, struct seen, room + 1), 0, room};
}

/* In order of their texts; those that are equal as they came. */
static void list_add(struct arena *arena, struct seen_list *list, struct seen seen) {
    if (list->count == list->room) {
        struct seen_list larger = list_new(arena, 2 * list->room + 16);
        memcpy(larger.at, list->at, list->count * sizeof *list->at);
        larger.count = list->count;
        *list = larger;
    }
    uint32_t at = list->count++;
    for (; at > 0 && strcmp(list->at[at - 1].text, seen.text) > 0; at--)
        list->at[at] = list->at[at - 1];
    list->at[at] = seen;
}

/* ---- texts, as promtool prints them ---- */

static void write_pair(struct writer *w, bool *first, const char *name, const char *value,
                       size_t len) {
    if (!*first) write_text(w, ", ");
    *first = false;
    write_text(w, name);
    write_text(w, "=");
    write_json_string(w, value, len);
}

static const char *finish(struct rig *rig, const char *text, const struct writer *w) {
    return arena_text(&rig->arena, text, w->len);
}

static const char *expected_text(struct rig *rig, const struct alert_case *asked,
                                 const struct expected_alert *e) {
    char text[TEXT_BYTES];
    struct writer w = writer_of(text, sizeof text);
    bool first = true, named = false;
    write_text(&w, "Labels:{");
    for (uint32_t i = 0; i <= e->labels.count; i++) {
        const struct suite_text *l = i < e->labels.count ? &e->labels.at[i] : NULL;
        if (!named && (!l || strcmp(l->name, "alertname") >= 0)) {
            write_pair(&w, &first, "alertname", asked->alert, strlen(asked->alert));
            named = true;
        }
        if (l && strcmp(l->name, "alertname") != 0)
            write_pair(&w, &first, l->name, l->value, strlen(l->value));
    }
    write_text(&w, "}\nAnnotations:{");
    first = true;
    for (uint32_t i = 0; i < e->annotations.count; i++)
        write_pair(&w, &first, e->annotations.at[i].name, e->annotations.at[i].value,
                   strlen(e->annotations.at[i].value));
    write_text(&w, "}");
    return finish(rig, text, &w);
}

static void on_alert(void *context, const struct prom_alert *alert) {
    struct rig *rig = context;
    char text[TEXT_BYTES], value[TEXT_BYTES / 4];
    struct writer w = writer_of(text, sizeof text);
    bool first = true;
    if (!rig->collects || !alert->firing) return;
    write_text(&w, "Labels:{");
    for (uint32_t i = 0; i < alert->label_count; i++)
        write_pair(&w, &first, alert->labels[i].name, alert->labels[i].value,
                   strlen(alert->labels[i].value));
    write_text(&w, "}\nAnnotations:{");
    first = true;
    for (uint32_t i = 0; i < prom_annotation_count(alert); i++) {
        const char *name;
        size_t len = prom_annotation(rig->prom, alert, i, &name, value, sizeof value);
        write_pair(&w, &first, name, value, len);
    }
    write_text(&w, "}");
    list_add(&rig->arena, &rig->firing, (struct seen){alert->name, finish(rig, text, &w), 0});
}

static const char *sample_text(struct rig *rig, const struct prom_label *labels, uint32_t count) {
    char text[TEXT_BYTES];
    struct writer w = writer_of(text, sizeof text);
    const char *metric = "";
    bool first = true;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(labels[i].name, "__name__") == 0) metric = labels[i].value;
    write_text(&w, metric);
    if (count > (metric[0] != '\0') || !metric[0]) {
        write_text(&w, "{");
        for (uint32_t i = 0; i < count; i++)
            if (strcmp(labels[i].name, "__name__") != 0)
                write_pair(&w, &first, labels[i].name, labels[i].value, strlen(labels[i].value));
        write_text(&w, "}");
    }
    return finish(rig, text, &w);
}

/* ---- comparing ---- */

static void print_indented(FILE *out, const char *text, const char *indent) {
    for (const char *s = text; *s; s++) {
        fputc(*s, out);
        if (*s == '\n') fputs(indent, out);
    }
}

static void print_alerts(FILE *out, const struct seen_list *list, const char *name) {
    uint32_t shown = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->at[i].name, name) != 0) continue;
        fprintf(out, "%s            %u:\n              ", shown == 0 ? "[\n" : ",\n", shown);
        print_indented(out, list->at[i].text, "              ");
        shown++;
    }
    fputs(shown == 0 ? "[]" : "\n            ]", out);
}

/* The next one of this name from i on; the count when there is none. */
static uint32_t next_named(const struct seen_list *list, uint32_t i, const char *name) {
    while (i < list->count && strcmp(list->at[i].name, name) != 0) i++;
    return i;
}

static bool same_alerts(const struct seen_list *a, const struct seen_list *b, const char *name) {
    uint32_t i = next_named(a, 0, name), j = next_named(b, 0, name);
    while (i < a->count && j < b->count && strcmp(a->at[i].text, b->at[j].text) == 0) {
        i = next_named(a, i + 1, name);
        j = next_named(b, j + 1, name);
    }
    return i == a->count && j == b->count;
}

static void begin_failure(struct rig *rig) {
    rig->failed++;
    if (rig->test->name[0]) fprintf(rig->out, "    name: %s,\n", rig->test->name);
}

static void compare_alerts(struct rig *rig, const struct alert_case *asked) {
    struct seen_list expected = list_new(&rig->arena, asked->expected_count);
    for (uint32_t i = 0; i < asked->expected_count; i++)
        list_add(&rig->arena, &expected,
                 (struct seen){asked->alert, expected_text(rig, asked, &asked->expected[i]), 0});
    if (same_alerts(&expected, &rig->firing, asked->alert)) return;
    begin_failure(rig);
    fprintf(rig->out, "    alertname: %s, time: %s, \n        exp:", asked->alert, asked->time);
    print_alerts(rig->out, &expected, asked->alert);
    fputs(", \n        got:", rig->out);
    print_alerts(rig->out, &rig->firing, asked->alert);
    fputs("\n\n", rig->out);
}

/* Fuzzy, as promtool: one of the two doubles beside it will do. */
static bool same_value(double a, double b, bool fuzzy) {
    if (a == b || (isnan(a) && isnan(b))) return true;
    return fuzzy && (nextafter(a, INFINITY) == b || nextafter(a, -INFINITY) == b);
}

static bool same_samples(const struct seen_list *a, const struct seen_list *b, bool fuzzy) {
    if (a->count != b->count) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (strcmp(a->at[i].text, b->at[i].text) != 0 ||
            !same_value(a->at[i].value, b->at[i].value, fuzzy))
            return false;
    return true;
}

static void print_samples(FILE *out, const struct seen_list *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        char value[NUMBER_TEXT];
        number_go(value, list->at[i].value);
        fprintf(out, "%s%s %s", i > 0 ? ", " : "", list->at[i].text, value);
    }
    if (list->count == 0) fputs("nil", out);
}

static void compare_expr(struct rig *rig, const struct expr_case *asked) {
    const struct prom_value *v = prom_eval(rig->prom, asked->expr, asked->at_ms);
    bool good = !v->error && (v->type == PROM_VECTOR || v->type == PROM_SCALAR);
    if (!good) {
        begin_failure(rig);
        fprintf(rig->out, "    expr: \"%s\", time: %s, err: %s\n\n", asked->text, asked->time,
                v->error ? v->error : "the result is not a vector or a scalar");
        return;
    }
    struct seen_list expected = list_new(&rig->arena, asked->expected_count);
    struct seen_list got = list_new(&rig->arena, v->count);
    for (uint32_t i = 0; i < asked->expected_count; i++) {
        const struct expected_sample *e = &asked->expected[i];
        const char *text = sample_text(rig, e->labels, e->label_count);
        list_add(&rig->arena, &expected, (struct seen){"", text, e->value});
    }
    for (uint32_t i = 0; v->type == PROM_VECTOR && i < v->count; i++) {
        const struct prom_sample *s = &v->samples[i];
        const char *text = sample_text(rig, s->labels, s->label_count);
        list_add(&rig->arena, &got, (struct seen){"", text, s->value});
    }
    if (v->type == PROM_SCALAR) list_add(&rig->arena, &got, (struct seen){"", "{}", v->scalar});
    if (same_samples(&expected, &got, rig->suite->fuzzy)) return;
    begin_failure(rig);
    fprintf(rig->out, "    expr: \"%s\", time: %s,\n        exp: ", asked->text, asked->time);
    print_samples(rig->out, &expected);
    fputs("\n        got: ", rig->out);
    print_samples(rig->out, &got);
    fputs("\n\n", rig->out);
}

/* ---- time ---- */

static void on_failure(void *context, const char *rule, const char *why) {
    struct rig *rig = context;
    rig->broken = true;
    begin_failure(rig);
    fprintf(rig->out, "    rule: %s, time: %.10gs, err: %s\n\n", rule, (double)rig->at_ms / 1000,
            why);
}

static void arrive(struct rig *rig, int64_t until_ms) {
    for (uint32_t s = 0; s < rig->test->series_count; s++) {
        const struct notation *n = &rig->test->series[s];
        for (; rig->next[s] < n->value_count; rig->next[s]++) {
            int64_t at_ms = rig->next[s] * rig->test->interval_ms;
            if (at_ms > until_ms) break;
            if (n->values[rig->next[s]].is_gap) continue;
            prom_append(rig->prom, rig->series[s], at_ms, n->values[rig->next[s]].value);
        }
    }
}

static int64_t end_of(const struct suite_test *test) {
    int64_t end_ms = 0;
    for (uint32_t i = 0; i < test->alert_count; i++)
        if (test->alerts[i].at_ms > end_ms) end_ms = test->alerts[i].at_ms;
    for (uint32_t i = 0; i < test->expr_count; i++)
        if (test->exprs[i].at_ms > end_ms) end_ms = test->exprs[i].at_ms;
    return end_ms;
}

static bool is_asked(const struct rig *rig, const struct alert_case *asked) {
    return asked->at_ms >= rig->at_ms && asked->at_ms < rig->at_ms + rig->suite->evaluation_ms;
}

/* What is expected between this evaluation and the next is compared with this one. */
static void evaluate(struct rig *rig) {
    const struct prom_rule_sinks sinks = {on_alert, on_failure, rig};
    rig->collects = false;
    rig->firing.count = 0;
    for (uint32_t i = 0; i < rig->test->alert_count; i++)
        rig->collects |= is_asked(rig, &rig->test->alerts[i]);
    arrive(rig, rig->at_ms);
    for (uint32_t g = 0; g < prom_group_count(rig->prom); g++)
        prom_group_eval(rig->prom, rig->order[g], rig->at_ms, &sinks);
    for (uint32_t i = 0; !rig->broken && i < rig->test->alert_count; i++)
        if (is_asked(rig, &rig->test->alerts[i])) compare_alerts(rig, &rig->test->alerts[i]);
}

/* ---- a rig ---- */

static uint32_t place_in_order(const struct rig *rig, uint32_t group) {
    const char *name = prom_group_name(rig->prom, group);
    for (uint32_t i = 0; i < rig->suite->group_order_count; i++)
        if (strcmp(rig->suite->group_order[i], name) == 0) return i;
    return 0; /* as promtool */
}

static void order_groups(struct rig *rig) {
    uint32_t count = prom_group_count(rig->prom);
    rig->order = ARENA_NEW(&rig->arena, uint32_t, count + 1);
    for (uint32_t g = 0; g < count; g++) {
        uint32_t at = g;
        for (; at > 0 && place_in_order(rig, rig->order[at - 1]) > place_in_order(rig, g); at--)
            rig->order[at] = rig->order[at - 1];
        rig->order[at] = g;
    }
}

static uint32_t rules_in(const struct rule_file *files, uint32_t count) {
    uint32_t rules = 1;
    for (uint32_t f = 0; f < count; f++) rules += prom_rules_most(files[f].bytes, files[f].len);
    return rules;
}

static void open_series(struct rig *rig) {
    rig->series = ARENA_NEW(&rig->arena, uint32_t, rig->test->series_count + 1);
    rig->next = ARENA_NEW(&rig->arena, uint32_t, rig->test->series_count + 1);
    for (uint32_t s = 0; s < rig->test->series_count; s++)
        rig->series[s] =
            prom_series(rig->prom, rig->test->series[s].labels, rig->test->series[s].label_count);
}

static void open_external(struct rig *rig) {
    const struct suite_texts *texts = &rig->test->external_labels;
    struct prom_label *labels = ARENA_NEW(&rig->arena, struct prom_label, texts->count + 1);
    for (uint32_t i = 0; i < texts->count; i++)
        labels[i] = (struct prom_label){texts->at[i].name, texts->at[i].value};
    prom_external(rig->prom, labels, texts->count, rig->test->external_url);
}

static bool open_rig(struct rig *rig, const struct rule_file *files, uint32_t file_count,
                     uint32_t version, struct diags *diags) {
    const struct prom_options options = {
        .series_max = 4 * rig->test->series_count + SERIES_MADE,
        .rules_max = rules_in(files, file_count),
        .version = version,
        .subquery_step_ms = rig->suite->evaluation_ms,
    };
    rig->prom = prom_open(&rig->arena, &options);
    rig->firing = list_new(&rig->arena, 64);
    open_series(rig);
    open_external(rig);
    for (uint32_t f = 0; f < file_count; f++)
        if (!prom_rules_load(rig->prom, &rig->arena, files[f].path, files[f].bytes, files[f].len,
                             diags))
            return false;
    order_groups(rig);
    return true;
}

int32_t rules_test_run(const struct suite *suite, const struct suite_test *test,
                       const struct rule_file *files, uint32_t file_count, uint32_t version,
                       FILE *out, struct diags *diags) {
    struct rig rig = {.suite = suite, .test = test, .out = out};
    arena_open(&rig.arena);
    bool opened = open_rig(&rig, files, file_count, version, diags);
    int64_t end_ms = end_of(test);
    for (; opened && rig.at_ms <= end_ms && !rig.broken; rig.at_ms += suite->evaluation_ms)
        evaluate(&rig);
    arrive(&rig, opened ? end_ms : -1);
    for (uint32_t i = 0; opened && !rig.broken && i < test->expr_count; i++)
        compare_expr(&rig, &test->exprs[i]);
    arena_close(&rig.arena);
    return opened ? rig.failed : -1;
}
