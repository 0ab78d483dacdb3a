/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/prometheus/relabel.h"
#include "engine/base/prng.h"
#include "promql_load.h"
#include "sim/prometheus/views.h"
#include "tests/runner.h"
#include <regex.h>

/* ---- one list of steps over one set, as "a=1 b=2", or "dropped" ---- */

static void relabelled(const char *steps, const char *labels, char *out, size_t size) {
    static struct relabel_set set;
    struct arena arena;
    struct diags diags = {0};
    struct yaml_doc doc;
    char copy[256];
    arena_open(&arena);
    bool good = yaml_read(&doc, &arena, &diags, "steps", steps, strlen(steps), NULL, NULL);
    const struct relabelling *list = good ? relabelling_read(&doc, doc.root) : NULL;
    diag_print(&diags, stdout);
    CU_ASSERT_FATAL(list && diags.errors == 0);
    struct regex_scratch *scratch = regex_scratch_new(&arena);
    arena_seal(&arena);
    set.count = 0;
    set.used = 0;
    set.full = false;
    snprintf(copy, sizeof copy, "%s", labels);
    for (char *pair = strtok(copy, " "); pair; pair = strtok(NULL, " ")) {
        char *value = strchr(pair, '=');
        *value++ = '\0';
        relabel_put(&set, pair, value);
    }
    bool kept = relabel(list, scratch, &set);
    CU_ASSERT_FALSE(set.full);
    size_t used = 0;
    for (uint32_t i = 0; i < set.count; i++) /* by name, for the eye */
        for (uint32_t j = i + 1; j < set.count; j++)
            if (strcmp(set.at[j].name, set.at[i].name) < 0) {
                struct prom_label label = set.at[i];
                set.at[i] = set.at[j];
                set.at[j] = label;
            }
    snprintf(out, size, "%s", kept ? "" : "dropped");
    for (uint32_t i = 0; kept && i < set.count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s=%s", i > 0 ? " " : "",
                                 set.at[i].name, set.at[i].value);
    arena_close(&arena);
}

static void expect(const char *steps, const char *labels, const char *expected) {
    char got[512];
    relabelled(steps, labels, got, sizeof got);
    if (strcmp(got, expected) != 0) printf("\n  %s: got \"%s\"\n", steps, got);
    CU_ASSERT_STRING_EQUAL(got, expected);
}

static void each_action(void) {
    static const char set[] = "a=foo b=bar c=baz";
    expect("[{source_labels: [a], regex: 'f(.*)', target_label: d, replacement: 'ch${1}-$1'}]", set,
           "a=foo b=bar c=baz d=choo-oo");
    expect("[{source_labels: [a, b], regex: 'foo;(.*)', target_label: d}]", set,
           "a=foo b=bar c=baz d=bar");
    expect("[{source_labels: [a], regex: 'o', target_label: d}]", set, set); /* anchored */
    expect("[{source_labels: [a], target_label: b, replacement: ''}]", set, "a=foo c=baz");
    expect("[{source_labels: [a], regex: '(.*)', target_label: 'x_$1'}]", set,
           "a=foo b=bar c=baz x_foo=foo");
    expect("[{source_labels: [a], regex: '(.*)', target_label: '$1-'}]", set, set); /* no name */
    expect("[{source_labels: [a], regex: 'f.*', action: keep}]", set, set);
    expect("[{source_labels: [a], regex: 'b.*', action: keep}]", set, "dropped");
    expect("[{source_labels: [nope], regex: '', action: drop}]", set, "dropped");
    expect("[{source_labels: [a], target_label: b, action: keepequal}]", set, "dropped");
    expect("[{source_labels: [a], target_label: b, action: dropequal}]", set, set);
    expect("[{regex: '(b|c)', replacement: 'x_$1', action: labelmap}]", set,
           "a=foo b=bar c=baz x_b=bar x_c=baz");
    expect("[{regex: 'b|c', action: labeldrop}]", set, "a=foo");
    expect("[{regex: 'b|c', action: labelkeep}]", set, "b=bar c=baz");
    expect("[{source_labels: [a], target_label: A, action: uppercase},"
           " {source_labels: [A], target_label: l, action: lowercase}]",
           set, "A=FOO a=foo b=bar c=baz l=foo");
    /* as Prometheus' own test has it */
    expect("[{source_labels: [c], target_label: d, modulus: 1000, action: hashmod}]", set,
           "a=foo b=bar c=baz d=976");
}

static void hashes_are_those_of_the_rfc(void) {
    static const struct {
        const char *text, *hash;
    } suite[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    for (size_t i = 0; i < sizeof suite / sizeof *suite; i++) {
        uint8_t hash[16];
        char text[33];
        md5(suite[i].text, strlen(suite[i].text), hash);
        for (size_t k = 0; k < 16; k++) snprintf(text + 2 * k, 3, "%02x", hash[k]);
        CU_ASSERT_STRING_EQUAL(text, suite[i].hash);
    }
}

/* ---- beside a naive model, whose regular expressions are POSIX' ---- */

#define MODEL_LABELS 64
static const char *const names[] = {"a", "b", "c", "d"};
static const char *const values[] = {"x", "y", "xy", "a", "Xb"};
static const char *const patterns[] = {"x", "x|y", "(.*)", "(x)(.*)", "[a-c]", "(.)y?", "c|d"};
static const char *const replacements[] = {"$1", "n$1", "${1}_m", "", "fix"};
static const char *const model_actions[] = {"replace",   "keep",      "drop",
                                            "keepequal", "dropequal", "labelmap",
                                            "labeldrop", "labelkeep", "uppercase"};

struct model {
    char name[MODEL_LABELS][32], value[MODEL_LABELS][64];
    int count;
};
struct model_step {
    const char *action, *source[2], *pattern, *target, *replacement;
    int sources;
};

static const char *model_get(const struct model *m, const char *name) {
    for (int i = 0; i < m->count; i++)
        if (strcmp(m->name[i], name) == 0) return m->value[i];
    return "";
}

static void model_put(struct model *m, const char *name, const char *value) {
    char keep[64];
    snprintf(keep, sizeof keep, "%s", value);
    int i = 0;
    while (i < m->count && strcmp(m->name[i], name) != 0) i++;
    if (!*keep) {
        if (i == m->count) return;
        m->count--;
        memcpy(m->name[i], m->name[m->count], sizeof m->name[i]);
        memcpy(m->value[i], m->value[m->count], sizeof m->value[i]);
        return;
    }
    if (i == MODEL_LABELS) return;
    if (i == m->count) m->count++;
    snprintf(m->name[i], sizeof m->name[i], "%s", name);
    snprintf(m->value[i], sizeof m->value[i], "%s", keep);
}

/* first: what group 1 matched. */
static bool model_match(const char *pattern, const char *text, char first[64]) {
    char anchored[64];
    regex_t compiled;
    regmatch_t at[3];
    snprintf(anchored, sizeof anchored, "^(%s)$", pattern);
    CU_ASSERT_FATAL(regcomp(&compiled, anchored, REG_EXTENDED) == 0);
    bool matches = regexec(&compiled, text, 3, at, 0) == 0;
    bool grouped = strchr(pattern, '(') != NULL && matches && at[2].rm_so >= 0;
    snprintf(first, 64, "%.*s", grouped ? (int)(at[2].rm_eo - at[2].rm_so) : 0,
             grouped ? text + at[2].rm_so : "");
    regfree(&compiled);
    return matches;
}

static void model_expand(const char *replacement, const char *first, char out[64]) {
    const char *marks[] = {"${1}", "$1"};
    for (size_t k = 0; k < 2; k++) {
        const char *mark = strstr(replacement, marks[k]);
        if (!mark) continue;
        int len = snprintf(out, 64, "%.*s%s%s", (int)(mark - replacement), replacement, first,
                           mark + strlen(marks[k]));
        CU_ASSERT_FATAL(len < 64);
        return;
    }
    snprintf(out, 64, "%s", replacement);
}

static bool model_apply(const struct model_step *s, struct model *m) {
    char source[130], first[64], made[64];
    struct model before = *m;
    snprintf(source, sizeof source, "%s%s%s", s->sources > 0 ? model_get(m, s->source[0]) : "",
             s->sources > 1 ? ";" : "", s->sources > 1 ? model_get(m, s->source[1]) : "");
    bool matches = model_match(s->pattern, source, first);
    if (strcmp(s->action, "keep") == 0) return matches;
    if (strcmp(s->action, "drop") == 0) return !matches;
    bool equal = strcmp(source, model_get(m, s->target)) == 0;
    if (strcmp(s->action, "keepequal") == 0) return equal;
    if (strcmp(s->action, "dropequal") == 0) return !equal;
    if (strcmp(s->action, "replace") == 0 && matches) {
        model_expand(s->replacement, first, made);
        model_put(m, s->target, made);
    }
    if (strcmp(s->action, "uppercase") == 0) {
        for (char *c = source; *c; c++)
            if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 32);
        model_put(m, s->target, source);
    }
    for (int i = 0; i < before.count; i++) {
        bool named = model_match(s->pattern, before.name[i], first);
        if (strcmp(s->action, "labelmap") == 0 && named) {
            model_expand(s->replacement, first, made);
            model_put(m, made, before.value[i]);
        }
        if (strcmp(s->action, "labeldrop") == 0 && named) model_put(m, before.name[i], "");
        if (strcmp(s->action, "labelkeep") == 0 && !named) model_put(m, before.name[i], "");
    }
    return true;
}

#define PICK(random, list) (list)[prng_below(random, sizeof(list) / sizeof *(list))]

static void random_steps_agree_with_a_naive_model(void) {
    struct prng random = prng_named(7, "relabel", 0);
    int dropped = 0;
    for (int n = 0; n < 5000; n++) {
        char steps[1024] = "[", labels[256] = "", got[4096], expected[4096] = "";
        struct model m = {.count = 0};
        for (size_t i = 0; i < 3; i++) model_put(&m, names[i], PICK(&random, values));
        for (int i = 0; i < m.count; i++) {
            strcat(strcat(strcat(labels, m.name[i]), "="), m.value[i]);
            strcat(labels, " ");
        }
        bool kept = true;
        for (int k = 0; k < 4; k++) {
            struct model_step s = {.action = PICK(&random, model_actions),
                                   .source = {PICK(&random, names), PICK(&random, names)},
                                   .sources = 1 + (int)prng_below(&random, 2),
                                   .pattern = PICK(&random, patterns),
                                   .target = PICK(&random, names),
                                   .replacement = PICK(&random, replacements)};
            bool maps = strcmp(s.action, "labelmap") == 0;
            if (maps && !*s.replacement) s.replacement = "fix";
            if (maps && strchr(s.replacement, '$') == s.replacement) s.replacement = "n$1";
            snprintf(steps + strlen(steps), sizeof steps - strlen(steps),
                     "{action: %s, source_labels: [%s%s%s], regex: '%s', target_label: %s, "
                     "replacement: '%s'},",
                     s.action, s.source[0], s.sources > 1 ? "," : "",
                     s.sources > 1 ? s.source[1] : "", s.pattern, s.target, s.replacement);
            if (kept) kept = model_apply(&s, &m);
        }
        strcat(steps, "]");
        relabelled(steps, labels, got, sizeof got);
        for (char c = 0; kept && c < 127; c++) /* names by their first letters, then by the rest */
            for (int i = 0; i < m.count; i++) {
                int before = 0;
                for (int j = 0; j < m.count; j++) before += strcmp(m.name[j], m.name[i]) < 0;
                if (before != c) continue;
                snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s%s=%s",
                         *expected ? " " : "", m.name[i], m.value[i]);
            }
        if (!kept) strcpy(expected, "dropped");
        dropped += !kept;
        if (strcmp(got, expected) != 0)
            printf("\n  %s over %s: expected \"%s\", got \"%s\"\n", steps, labels, expected, got);
        CU_ASSERT_STRING_EQUAL_FATAL(got, expected);
    }
    CU_ASSERT(dropped > 500 && dropped < 4500);
}

/* ---- views ---- */

static void a_view_is_what_is_scraped_under_other_names(void) {
    static const char profile[] =
        "relabel_configs:\n"
        "- {source_labels: [__meta_kubernetes_pod_name], regex: '(.*)-[0-9]+', target_label: app}\n"
        "- {source_labels: [pod], regex: 'b-.*', action: drop}\n"
        "metric_relabel_configs:\n"
        "- {source_labels: [__name__], regex: 'seconds', action: keep}\n"
        "- {target_label: __name__, replacement: milliseconds}\n"
        "- {target_label: __scale__, replacement: '1e3'}\n"
        "- {regex: 'service|job', action: labeldrop}\n"
        "alert_relabel_configs:\n"
        "- {source_labels: [alertname], regex: 'Not.*', action: drop}\n"
        "- {source_labels: [app], target_label: service}\n";
    struct bench b;
    char got[512];
    bench_open(&b);
    const struct view *view = view_read(&b.arena, "p.yml", profile, sizeof profile - 1, &b.diags);
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    prom_view(b.prom, view);
    struct prom_label labels[] = {{"__name__", "seconds"}, {"service", "a"}, {"pod", "a-1"}};
    uint32_t a = prom_series(b.prom, labels, 3);
    labels[0].value = "up";
    uint32_t up = prom_series(b.prom, labels, 3);
    labels[0].value = "other";
    uint32_t other = prom_series(b.prom, labels, 3);
    labels[0].value = "seconds";
    labels[2].value = "b-1";
    uint32_t dropped = prom_series(b.prom, labels, 3);
    const uint32_t all[] = {a, up, other, dropped};
    for (size_t i = 0; i < 4; i++) prom_append(b.prom, all[i], 1000, 1.5);
    bench_eval(&b, "milliseconds", 1000, got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, "{__name__=\"milliseconds\", app=\"a\", instance=\"a-1:8080\", "
                                "pod=\"a-1\"} 1500");
    bench_eval(&b, "up{instance!=\"\"}", 1000, got, sizeof got); /* of the target alone */
    CU_ASSERT_STRING_EQUAL(got, "{__name__=\"up\", app=\"a\", instance=\"a-1:8080\", "
                                "job=\"services\", pod=\"a-1\", service=\"a\"} 1.5");
    bench_eval(&b, "count(seconds{instance=\"\"}) + count({instance!=\"\"})", 1000, got,
               sizeof got);
    CU_ASSERT_STRING_EQUAL(got, "{} 4"); /* two scraped; the two views above */
    prom_stale(b.prom, a, 2000);
    bench_eval(&b, "milliseconds", 2000, got, sizeof got);
    CU_ASSERT_STRING_EQUAL(got, "");
    struct prom_alert alert = {.name = "Bad", .labels = labels, .label_count = 0}, out;
    const struct prom_label bad[] = {{"alertname", "Bad"}, {"app", "a"}};
    alert.labels = bad;
    alert.label_count = 2;
    CU_ASSERT_FATAL(prom_alert_relabel(b.prom, &alert, &out));
    CU_ASSERT_STRING_EQUAL(out.name, "Bad");
    CU_ASSERT_EQUAL_FATAL(out.label_count, 3);
    CU_ASSERT_STRING_EQUAL(out.labels[2].name, "service");
    CU_ASSERT_STRING_EQUAL(out.labels[2].value, "a");
    const struct prom_label not [] = {{"alertname", "NotBad"}};
    alert.labels = not ;
    alert.label_count = 1;
    CU_ASSERT_FALSE(prom_alert_relabel(b.prom, &alert, &out));
    bench_close(&b);
}

static void expect_error(const char *text, int line, int column, const char *message) {
    struct arena arena;
    struct diags diags = {0};
    arena_open(&arena);
    CU_ASSERT_PTR_NULL(view_read(&arena, "p.yml", text, strlen(text), &diags));
    CU_ASSERT_FATAL(diags.errors > 0);
    const struct diag *got = &diags.list[0];
    if (got->line != line || got->column != column || !strstr(got->message, message))
        printf("\n  got %d:%d %s\n", got->line, got->column, got->message);
    CU_ASSERT_EQUAL(got->line, line);
    CU_ASSERT_EQUAL(got->column, column);
    CU_ASSERT_PTR_NOT_NULL(strstr(got->message, message));
    arena_close(&arena);
}

static void errors_name_their_place(void) {
    expect_error("metric_relabel_config: []\n", 1, 1, "metric_relabel_configs");
    expect_error("relabel_configs:\n- {action: replce}\n", 2, 12, "replace");
    expect_error("relabel_configs:\n- {source_labels: [a]}\n", 2, 3, "target_label");
    expect_error("relabel_configs:\n- {action: hashmod, target_label: a}\n", 2, 3, "modulus");
    expect_error("relabel_configs:\n- {regex: '(a', action: labeldrop}\n", 2, 11, "regular");
    expect_error("relabel_configs:\n- {source_labels: [1a], target_label: b}\n", 2, 20, "1a");
    expect_error("relabel_configs:\n- {target_lable: b}\n", 2, 3, "target_label");
}

TEST_MAIN("relabel", TEST(each_action), TEST(hashes_are_those_of_the_rfc),
          TEST(random_steps_agree_with_a_naive_model),
          TEST(a_view_is_what_is_scraped_under_other_names), TEST(errors_name_their_place))
