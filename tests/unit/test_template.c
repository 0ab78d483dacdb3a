/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "promql_load.h"
#include "sim/prometheus/template.h"
#include "tests/runner.h"

#define OUT_MAX 8192

static const struct prom_label labels[] = {
    {"__name__", "up"}, {"instance", "db-1.example.org:9100"}, {"job", "node exporter"}};
static const struct prom_label external[] = {{"cluster", "eu"}};

/* What it gives for value, or where it fails: "parse 3: ..." or "run 3: ...". */
static void expand(struct bench *b, const char *text, double value, char *out) {
    struct template_error error = {0};
    struct template *t = template_parse(&b->arena, text, strlen(text), &error);
    struct writer w = writer_of(out, OUT_MAX - 1);
    const struct template_data data = {
        .prom = b->prom,
        .room = template_room_new(&b->arena),
        .at_ms = 60000,
        .labels = labels,
        .label_count = ARRAY_LEN(labels),
        .external_labels = external,
        .external_label_count = ARRAY_LEN(external),
        .external_url = "http://p:9090/prom",
        .value = value,
    };
    if (!t)
        snprintf(out, OUT_MAX, "parse %zu: %s", error.at, error.why);
    else if (template_run(t, &data, &w, &error))
        out[w.len] = '\0';
    else
        snprintf(out, OUT_MAX, "run %zu: %s", error.at, error.why);
}

struct expansion {
    const char *text;
    double value;
    const char *expected;
};

static void check(const struct expansion *cases, size_t count) {
    static char out[OUT_MAX];
    struct bench b;
    bench_open(&b);
    bench_load(&b,
               "disk{host=\"b\", mount=\"/x\"} 2 2 2 2 2 2 2\n"
               "disk{host=\"a\", mount=\"/y\"} 0.5x6",
               0, 10000);
    for (size_t i = 0; i < count; i++) {
        expand(&b, cases[i].text, cases[i].value, out);
        CU_ASSERT_STRING_EQUAL(out, cases[i].expected);
        if (strcmp(out, cases[i].expected) != 0) printf("\n%s\n-> %s\n", cases[i].text, out);
    }
    bench_close(&b);
}
#define CHECK(...)                                                                                 \
    static const struct expansion cases[] = {__VA_ARGS__};                                         \
    check(cases, ARRAY_LEN(cases))

static void data_is_reached(void) {
    CHECK({"plain {text} }}", 0, "plain {text} }}"},
          {"{{ $labels.job }} {{ .Labels.instance }} {{ $.Labels.job }}", 0,
           "node exporter db-1.example.org:9100 node exporter"},
          {"[{{ $labels.absent }}]", 0, "[]"},
          {"{{ $value }} {{ .Value }} {{$value}}", 1e6, "1e+06 1e+06 1e+06"},
          {"{{ $value }}", 999999, "999999"}, {"{{ $value }}", 0.00001, "1e-05"},
          {"{{ $externalLabels.cluster }} {{ .ExternalLabels.cluster }} {{ $externalURL }} "
           "{{ externalURL }} {{ pathPrefix }}",
           0, "eu eu http://p:9090/prom http://p:9090/prom /prom"},
          {"{{ $labels }}", 0, "map[__name__:up instance:db-1.example.org:9100 job:node exporter]"},
          {"{{ true }} {{ 1 }} {{ 0x1F }} {{ 1.50 }} {{ 'a' }} {{ \"a\\tb\\u00e9\" }} {{ `\\n` }}",
           0, "true 1 31 1.5 97 a\tb\303\251 \\n"}, );
}

static void blocks_run(void) {
    CHECK({"{{ if gt $value 5.0 }}high{{ else if gt $value 2.0 }}mid{{ else }}low{{ end }}", 3,
           "mid"},
          {"{{ if $labels.absent }}a{{ else }}b{{ end }}", 0, "b"},
          {"{{ with $labels.job }}<{{ . }}>{{ end }}", 0, "<node exporter>"},
          {"{{ with $labels.absent }}a{{ else with $labels.job }}{{ . }}{{ end }}", 0,
           "node exporter"},
          {"{{ with $x := $labels.job }}{{ $x }}{{ else }}{{ $x }}{{ end }}", 0, "node exporter"},
          {"{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}", 0,
           "__name__=up;instance=db-1.example.org:9100;job=node exporter;"},
          {"{{ range query \"disk > 3\" }}x{{ else }}none{{ end }}", 0, "none"},
          {"{{ $n := 1 }}{{ range query \"disk\" }}{{ $n = .Value }}{{ end }}{{ $n }}", 0, "2"},
          {"a {{- /* nothing */ -}} b", 0, "ab"}, {"a\n {{- 1 -}} \n b {{ 2 -}} \t c", 0, "a1b 2c"},
          {"{{/* c */}}x{{ if true }}{{/* d */}}y{{ end }}", 0, "xy"},
          {"{{ and 1 0 2 }} {{ or 0 \"\" 3 }} {{ not 0 }} {{ and true (or false 7) }}", 0,
           "0 3 true 7"},
          {"{{ or 1 (first (query \"nope\")) }}", 0, "1"},
          {"{{ if and (ge $value 1.0) (lt $value 2.0) }}in{{ end }}", 1, "in"},
          {"{{ eq \"b\" \"a\" \"b\" }} {{ ne 1 2 }} {{ le 1 1 }}", 0, "true true true"}, );
}

static void functions_answer(void) {
    CHECK(
        {"{{ printf \"%.2f%% of %s, %d %v %q %5.1f|%-5s|%05d\" $value \"x\" 3 true \"q\\\"\" 2.25 "
         "\"ab\" 42 }}",
         12.345, "12.35% of x, 3 true \"q\\\"\"   2.2|ab   |00042"},
        {"{{ printf \"%d\" $value }} {{ printf \"%s\" $value }} {{ printf \"%f\" \"x\" }}", 1.5,
         "%!d(float64=1.5) %!s(float64=1.5) %!f(string=x)"},
        {"{{ printf \"%s %s\" \"a\" }} {{ printf \"a\" 1 }} {{ printf \"100%\" }}", 0,
         "a %!s(MISSING) a%!(EXTRA int=1) 100%!(NOVERB)"},
        {"{{ $value | printf \"%g %v\" 1e6 }}", 1e-7, "1e+06 1e-07"},
        {"{{ reReplaceAll \"(.*):.*\" \"$1\" $labels.instance }}", 0, "db-1.example.org"},
        {"{{ $labels.instance | reReplaceAll \"[.]|$\" \"_\" }}", 0, "db-1_example_org:9100_"},
        {"{{ reReplaceAll \"x*\" \"-\" \"axxb\" }} {{ reReplaceAll \"(?P<n>b)\" \"${n}$n1\" \"ab\" "
         "}}",
         0, "-a-b- ab"},
        {"{{ match \"^db\" $labels.instance }} {{ match \"z\" $labels.instance }}", 0,
         "true false"}, );
}

static void texts_are_changed(void) {
    CHECK({"{{ toUpper \"a_b\" }} {{ toLower \"ABC\" }} {{ title \"high cpu-load x_y\" }}", 0,
           "A_B abc High Cpu-Load X_y"},
          {"{{ stripPort \"a:1\" }} {{ stripPort \"[::1]:80\" }} {{ stripPort \"a\" }} "
           "{{ stripPort \"::1\" }}",
           0, "a ::1 a ::1"},
          {"{{ stripDomain \"db.example.org:80\" }} {{ stripDomain \"10.0.0.1:80\" }} "
           "{{ stripDomain \"db\" }}",
           0, "db:80 10.0.0.1:80 db"},
          {"{{ graphLink \"up == 0\" }} {{ tableLink \"up\" }}", 0,
           "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=up&g0.tab=1"},
          {"{{ len $labels.job }} {{ index $labels \"job\" }} {{ slice \"abcdef\" 1 3 }} "
           "{{ print 1 2 \"a\" 3 }} {{ println \"x\" }}",
           0, "13 node exporter bc 1 2a3 x\n"},
          {"{{ html \"<a&\" }} {{ urlquery \"a b&\" }}", 0, "&lt;a&amp; a+b%26"},
          {"{{ parseDuration \"1h30m\" }} {{ safeHtml \"<\" }}", 0, "5400 <"}, );
}

static void numbers_are_humanized(void) {
    CHECK({"{{ humanize 0.0 }} {{ humanize 1234567.0 }} {{ humanize .12 }} {{ humanize -0.00042 }} "
           "{{ humanize 999.99 }} {{ \"1e10\" | humanize }} {{ humanize 12 }}",
           0, "0 1.235M 120m -420u 1000 10G 12"},
          {"{{ humanize1024 0.5 }} {{ humanize1024 1048576.0 }} {{ humanize1024 -2e13 }}", 0,
           "0.5 1Mi -18.19Ti"},
          {"{{ humanizeDuration 0.0 }} {{ humanizeDuration 1.2345 }} {{ humanizeDuration 61.0 }} "
           "{{ humanizeDuration 3661.0 }} {{ humanizeDuration 90061.0 }} {{ humanizeDuration .05 "
           "}} {{ humanizeDuration -61.0 }}",
           0, "0s 1.234s 1m 1s 1h 1m 1s 1d 1h 1m 1s 50ms -1m 1s"},
          {"{{ $value | humanizePercentage }}", 0.15246, "15.25%"},
          {"{{ $value | humanizeTimestamp }}", 1435065584.128, "2015-06-23 13:19:44.128 +0000 UTC"},
          {"{{ $value | humanizeTimestamp }}", 0, "1970-01-01 00:00:00 +0000 UTC"},
          {"{{ $value | humanizeTimestamp }}", -1.5, "1969-12-31 23:59:58.5 +0000 UTC"},
          {"{{ humanize $value }} {{ humanizeDuration $value }} {{ humanizePercentage $value }}",
           INFINITY, "+Inf +Inf +Inf%"}, );
}

static void queries_are_asked(void) {
    CHECK({"{{ query \"disk{host='b'}\" | first | value }}", 0, "2"},
          {"{{ with query \"sum(disk)\" }}{{ . | first | value | humanize }}{{ end }}", 0, "2.5"},
          {"{{ range sortByLabel \"host\" (query \"disk\") }}{{ .Labels.host }}:{{ .Value }} "
           "{{ label \"mount\" . }},{{ end }}",
           0, "a:0.5 /y,b:2 /x,"},
          {"{{ printf \"disk{host='%s'}\" \"a\" | query | first | label \"mount\" }}", 0, "/y"},
          {"{{ (index (query \"disk\") 1).Value }} {{ len (query \"disk\") }}", 0, "2 2"},
          {"{{ query \"1 + 1\" | first | value }}", 0, "2"}, );
}

static void templates_have_names(void) {
    CHECK({"{{ define \"x\" }}<{{ . }}>{{ end }}a{{ template \"x\" $labels.job }}b", 0,
           "a<node exporter>b"},
          {"{{ template `x` . }}{{ define `x` }}{{ .Labels.job }} {{ $.Value }}{{ end }}", 3,
           "node exporter 3"},
          {"{{ define \"x\" }}[{{ . }}]{{ end }}{{ template \"x\" }}", 0, "[<no value>]"},
          {"{{ $n := 1 }}{{ define \"x\" }}{{ $n := 2 }}{{ $n }}{{ end }}{{ template \"x\" }}{{ $n "
           "}}",
           0, "21"},
          {"{{ block \"x\" $value }}({{ . }}){{ end }} {{ template \"x\" 7 }}", 2, "(2) (7)"},
          {"{{ define \"a\" }}{{ template \"b\" . }}!{{ end }}{{ define \"b\" }}{{ . | toUpper "
           "}}{{ end }}"
           "{{ template \"a\" \"x\" }}",
           0, "X!"},
          {"{{ define \"x\" }} {{ end }}{{ define \"x\" }}y{{ end }}{{ define \"x\" }}{{ end }}"
           "{{ template \"x\" }}",
           0, "y"},
          {"{{ define \"down\" }}{{ if . }}{{ len . }}{{ template \"down\" (slice . 1) }}{{ end "
           "}}{{ end }}"
           "{{ template \"down\" \"abc\" }}",
           0, "321"},
          {"{{ define \"x\" }}{{ range . }}{{ break }}{{ end }}{{ end }}"
           "{{ range $labels }}{{ template \"x\" $labels }}.{{ end }}",
           0, "..."}, );
}

static void loops_are_left(void) {
    CHECK(
        {"{{ range $k, $v := $labels }}{{ if eq $k \"instance\" }}{{ continue }}{{ end }}{{ $k }},"
         "{{ end }}",
         0, "__name__,job,"},
        {"{{ range $k, $v := $labels }}{{ if eq $k \"job\" }}{{ break }}{{ end }}{{ $k }},{{ end "
         "}}.",
         0, "__name__,instance,."},
        {"{{ range $labels }}{{ range $labels }}{{ break }}{{ else }}{{ end }}x{{ end }}", 0,
         "xxx"},
        {"{{ break }}", 0, "parse 3: {{break}} outside {{range}}"},
        {"{{ range $labels }}{{ else }}{{ continue }}{{ end }}", 0,
         "parse 32: {{continue}} outside {{range}}"},
        {"{{ range $labels }}{{ block \"x\" . }}{{ break }}{{ end }}{{ end }}", 0,
         "parse 39: {{break}} outside {{range}}"},
        {"{{ range $labels }}{{ break 1 }}{{ end }}", 0, "parse 28: unexpected \"1\" in break"}, );
}

static void names_have_errors(void) {
    CHECK(
        {"ab{{ template \"x\" . }}", 0, "run 5: template \"x\" not defined"},
        {"{{ if false }}{{ template \"x\" }}{{ end }}ok", 0, "ok"},
        {"{{ define \"x\" }}{{ $labels.job }}{{ end }}", 0,
         "parse 19: undefined variable \"$labels\""},
        {"{{ define \"x\" }}a{{ end }}{{ define \"x\" }}b{{ end }}", 0,
         "parse 29: multiple definition of template \"x\""},
        {"{{ if true }}{{ define \"x\" }}{{ end }}{{ end }}", 0,
         "parse 16: unexpected {{define}} inside of another action"},
        {"{{ define x }}{{ end }}", 0, "parse 10: unexpected \"x\" in define"},
        {"{{ template }}", 0, "parse 12: unexpected \"}}\" in template"},
        {"{{ block \"x\" }}{{ end }}", 0, "parse 13: missing value for block"},
        {"{{ define \"x\" }}a", 0,
         "parse 17: unexpected end of the text: {{define}} has no {{end}}"},
        {"{{ define \"x\" }}{{ else }}{{ end }}", 0, "parse 24: unexpected {{else}} in {{define}}"},
        {"{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}", 0,
         "run 19: templates and blocks nest more than 200 deep"},
        {"{{ define \"x\" }}{{ template \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
         0, "run 19: templates and blocks nest more than 200 deep"},
        {"{{ define \"x\" }}{{ .Nope }}{{ end }}{{ template \"x\" . }}", 0,
         "run 19: can't evaluate field Nope in type struct"}, );
}

static void errors_have_a_place(void) {
    CHECK(
        {"ab {{ $label.x }}", 0,
         "parse 6: undefined variable \"$label\"; did you mean \"$labels\"?"},
        {"{{ humanise 1 }}", 0,
         "parse 3: function \"humanise\" not defined; did you mean \"humanize\"?"},
        {"{{ if true }}", 0, "parse 13: unexpected end of the text: {{if}} has no {{end}}"},
        {"{{ end }}", 0, "parse 3: unexpected {{end}}"},
        {"{{ $value ", 0, "parse 10: unclosed action: \"}}\" is missing"},
        {"{{ }}", 0, "parse 3: missing value for command"},
        {"{{ if }}x{{ end }}", 0, "parse 6: missing value for if"},
        {"{{ $value | 1 }}", 0, "parse 12: non executable command in a pipeline"},
        {"{{ \"abc }}", 0, "parse 3: unterminated quoted string"},
        {"{{ query \"sum(\" }}", 0,
         "parse 9: in this query: expected a metric, a number, a function or \"(\", got the end of "
         "the expression"},
        {"{{ match \"(\" \"x\" }}", 0,
         "parse 9: bad regular expression: missing closing parenthesis"},
        {"{{ (1 }}", 0, "parse 6: unexpected \"}}\" in a command"},
        {"{{ humanize }}", 0, "run 3: wrong number of args for humanize: want 1 got 0"},
        {"{{ and }}", 0, "run 3: wrong number of args for and: want at least 1 got 0"},
        {"{{ printf or }}", 0, "run 10: wrong number of args for or: want at least 1 got 0"},
        {"{{ toUpper 1 }}", 0, "run 3: wrong type for value of toUpper; expected string; got int"},
        {"{{ gt $value 5 }}", 0, "run 3: incompatible types for comparison: float64 and int"},
        {"{{ query \"nope\" | first }}", 0, "run 18: first() called on vector with no elements"},
        {"{{ humanize \"x\" }}", 0, "run 3: strconv.ParseFloat: parsing \"x\": invalid syntax"},
        {"{{ .Nope }}", 0, "run 3: can't evaluate field Nope in type struct"},
        {"{{ range $value }}{{ end }}", 0, "run 9: range can't iterate over float64"},
        {"{{ match $labels.job \"x\" }}", 0,
         "run 3: the pattern must stand here as a literal text"}, );
}

static bool depends_on_labels_alone(const char *text) {
    struct bench b;
    struct template_error error;
    bench_open(&b);
    struct template *t = template_parse(&b.arena, text, strlen(text), &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    bool alone = template_is_of_labels(t);
    bench_close(&b);
    return alone;
}

static void dependence_is_known(void) {
    CU_ASSERT(depends_on_labels_alone("x {{ $labels.a | toUpper }} {{ .Labels.b }}"));
    CU_ASSERT(depends_on_labels_alone("{{ if eq $labels.a \"b\" }}c{{ end }}"));
    CU_ASSERT_FALSE(depends_on_labels_alone("{{ $value }}"));
    CU_ASSERT_FALSE(depends_on_labels_alone("{{ .Value }}"));
    CU_ASSERT_FALSE(depends_on_labels_alone("{{ query \"up\" }}"));
    CU_ASSERT_FALSE(depends_on_labels_alone("{{ $ }}"));
    CU_ASSERT(
        depends_on_labels_alone("{{ define \"x\" }}a{{ end }}{{ template \"x\" $labels.a }}"));
    CU_ASSERT_FALSE(depends_on_labels_alone("{{ define \"x\" }}a{{ end }}{{ template \"x\" . }}"));
}

static void it_cannot_run_away(void) {
    static char text[40000], out[OUT_MAX];
    struct bench b;
    bench_open(&b);
    size_t used =
        0; /* a loop in a loop, as deep as may be: the square of the labels again and again */
    for (int i = 0; i < 20; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "{{ range $labels }}");
    used += (size_t)snprintf(text + used, sizeof text - used, "{{ $labels }}");
    for (int i = 0; i < 20; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "{{ end }}");
    expand(&b, text, 0, out);
    CU_ASSERT(strstr(out, "the result is too long") != NULL);
    text[used = 0] = '\0';
    for (int i = 0; i < 60; i++) used += (size_t)snprintf(text + used, 3, "%s", i ? "(" : "{{");
    expand(&b, text, 0, out);
    CU_ASSERT(strstr(out, "nested too deeply") != NULL);
    bench_close(&b);
}

TEST_MAIN("Templates", TEST(data_is_reached), TEST(blocks_run), TEST(functions_answer),
          TEST(texts_are_changed), TEST(numbers_are_humanized), TEST(queries_are_asked),
          TEST(templates_have_names), TEST(loops_are_left), TEST(names_have_errors),
          TEST(errors_have_a_place), TEST(dependence_is_known), TEST(it_cannot_run_away))
