/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists and tables of a policy that cannot be what they say, each at its place. */
#include "tests/support/policy_desk.h"

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

#define ORDER(list) "remedies: {order: [" list "]}"

static void remedies_that_cannot_be_are_refused(void) {
    static const struct said list[] = {
        {ORDER("patch, restat"), 1, 27, "unknown name \"restat\"; did you mean \"restart\"?"},
        {ORDER("patch, 7"), 1, 27,
         "expected one of \"patch\", \"roll_back_change\", \"restart\", \"scale_out\", \"drain\", "
         "\"wait\", got \"7\""},
        {ORDER("patch, restart, patch"), 1, 36, "\"patch\" stands here twice"},
        {ORDER(""), 1, 19, "nothing may be done: \"mode: advise\" says that plainer"},
        {ORDER("wait"), 1, 19,
         "remedies.order: nothing but to wait heals nothing: \"mode: advise\" tells"},
        {"remedies: {ordr: [patch]}", 1, 12,
         "unknown key \"ordr\" in remedies; did you mean \"order\"?"},
        {"remedies: {weights: {evidence: 50%}}", 1, 32,
         "remedies.weights.evidence: the three weights of remedies have to sum to 1, not 90%"},
        {"remedies:\n  weights: {cost: 30%}", 2, 19,
         "remedies.weights.evidence: the three weights of remedies have to sum to 1, not 105%"},
        {"remedies: {weights: {evidnce: 60%}}", 1, 22,
         "unknown key \"evidnce\" in remedies.weights; did you mean \"evidence\"?"},
        {"remedies: {costs: {restart: 101%}}", 1, 29,
         "expected a share from 0% to 100%, got \"101%\""},
        {"remedies: {costs: {reboot: 10%}}", 1, 20, "unknown key \"reboot\" in remedies.costs"},
        {"remedies: {min_score: -1%}", 1, 23,
         "expected a share such as \"15.2%\" or 0.152, got \"-1%\""},
        {"remedies: {mitigate_first: yes}", 1, 28,
         "remedies.mitigate_first: nothing in remedies.order eases a symptom: roll_back_change, "
         "restart, scale_out or drain would"},
        {"remedies: {mitigate_first: yes, order: [patch, wait]}", 1, 28,
         "remedies.mitigate_first: nothing in remedies.order eases a symptom: roll_back_change, "
         "restart, scale_out or drain would"},
        {"remedies: {order: [scale_out, patch], scale_most: 1}", 1, 51,
         "remedies.scale_most: 1 leaves scale_out no pod to add"},
        {"remedies: {scale_step: 0%, order: [scale_out, patch]}", 1, 24,
         "remedies.scale_step: 0% leaves scale_out no pod to add"},
        {"remedies: {scale_most: 0.5}", 1, 24, "expected a number from 1 to 10, got \"0.5\""},
        {"remedies: {undo_window: 0s}", 1, 25,
         "expected a duration from 1s to 2592000s, got \"0s\""},
        {"remedies: {in_flight_age: soon}", 1, 27,
         "expected a duration such as \"250ms\", \"36s\" or \"5m\", got \"soon\""},
    };
    expect(list, ARRAY_LEN(list), false);
    CU_ASSERT_TRUE(load("remedies: {scale_most: 1, scale_step: 0%}")); /* nothing scales out */
    CU_ASSERT_TRUE(load("remedies: {mitigate_first: yes, order: [patch, drain]}"));
    CU_ASSERT_TRUE(load("remedies: {weights: {evidence: 1, preference: 0, cost: 0}}"));
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
          TEST(remedies_that_cannot_be_are_refused), TEST(what_means_nothing_is_warned_of))
