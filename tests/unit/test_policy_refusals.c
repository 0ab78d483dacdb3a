/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists and tables of a policy that cannot be what they say, each at its place. */
#include "engine/policy/policy.h"
#include "tests/runner.h"

static struct arena arena;
static struct diags diags;
static struct policy policy;

static bool load(const char *text) {
    arena_close(&arena);
    arena_open(&arena);
    memset(&diags, 0, sizeof diags);
    return policy_load(&policy, &arena, "p.yaml", text, strlen(text), &diags);
}

struct said {
    const char *text;
    int line, column;
    const char *message;
};

static void expect(const struct said *list, size_t count, bool warnings) {
    for (size_t k = 0; k < count; k++) {
        CU_ASSERT_EQUAL(load(list[k].text), warnings);
        CU_ASSERT_TRUE_FATAL(diags.count >= 1);
        const struct diag *d = &diags.list[0];
        bool same = d->line == list[k].line && d->column == list[k].column &&
                    strcmp(d->message, list[k].message) == 0;
        if (!same)
            fprintf(stderr, "%s\n  %d:%d %s\n", list[k].text, d->line, d->column, d->message);
        CU_ASSERT_TRUE(same);
        CU_ASSERT_EQUAL(d->warning, warnings);
    }
}

static void what_cannot_be_is_refused(void) {
    static const struct said list[] = {
        {"detection: {queries: {error_share: ''}}", 1, 36, "expected a PromQL expression"},
        {"detection: {queries: {error_shar: up}}", 1, 23,
         "unknown name \"error_shar\"; did you mean \"error_share\"?"},
        {"slos: {pay: {window: 1h}}", 1, 13,
         "an SLO needs an objective, such as \"objective: 99.9%\""},
        {"slos: {pay: 3}", 1, 13, "expected a mapping of keys to values, got a single value"},
        {"safety_gates: {slo: {burn_rates: [{factor: 2, long: 1h}]}}", 1, 35,
         "a burn rate is {factor: 14.4, long: 1h, short: 5m}"},
        {"safety_gates: {slo: {burn_rates: [{factor: 2, long: 1h, short: 1h}]}}", 1, 35,
         "its short window is no shorter than the long one"},
        {"safety_gates: {slo: {burn_rates: [{factor: 2, long: 1h, short: 1m}, {factor: 2, long: "
         "1h, "
         "short: 1m}, {factor: 2, long: 1h, short: 1m}, {factor: 2, long: 1h, short: 1m}, {factor: "
         "2, long: 1h, short: 1m}]}}",
         1, 34, "expected at most 4 burn rates, got 5"},
    };
    expect(list, ARRAY_LEN(list), false);
}

static void what_means_nothing_is_warned_of(void) {
    static const struct said list[] = {
        {"notifications: {templates: {weekly_digest: hello}}", 1, 29,
         "\"weekly_digest\" is the template of no message: of a reason, a form, a severity, or "
         "\"default\""},
        {"notifications: {templates: {default: 'about {servce}'}}", 1, 38,
         "{servce} is no word of a template and stays as it stands"},
        {"notifications: {templates: {CRITICAL: {subject: '{{x}} {nothing}', text: a}}}", 1, 49,
         "{nothing} is no word of a template and stays as it stands"},
    };
    expect(list, ARRAY_LEN(list), true);
}

TEST_MAIN("policy: refusals", TEST(what_cannot_be_is_refused),
          TEST(what_means_nothing_is_warned_of))
