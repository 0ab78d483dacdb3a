/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What another choice would have needed is the limit, and how far the figure was from it. */
#include "reports/alternatives.h"
#include "tests/runner.h"
#include <string.h>

static struct facts facts_with_limits(void) {
    struct facts f = {0};
#define LIMIT(key, standard, meaning) f.limits.key = standard;
#include "reports/judge/limits.def"
#undef LIMIT
    return f;
}

static void add(struct decision *d, const char *name, int64_t micro, const char *explanation) {
    struct said_factor *factor = &d->factors[d->factor_count++];
    snprintf(factor->name, sizeof factor->name, "%s", name);
    snprintf(factor->explanation, sizeof factor->explanation, "%s", explanation);
    factor->micro = micro;
}

static struct alternative list[ALTERNATIVES_MAX];
static const char *needs(const struct facts *f, const struct decision *d, const char *choice) {
    uint32_t count = alternatives_of(f, d, list);
    for (uint32_t k = 0; k < count; k++)
        if (strcmp(list[k].choice, choice) == 0) return list[k].needs;
    return "no such choice";
}

static void a_detection_is_held_against_its_limits(void) {
    struct facts f = facts_with_limits();
    struct decision d = {.kind = DECISION_INCIDENT_DETECTION};
    add(&d, "errors", 73616, "");
    add(&d, "limit", 50000, "");
    CU_ASSERT_STRING_EQUAL(
        needs(&f, &d, "no incident"),
        "errors at or under 5.0%; it was 7.4%, 2.4 percentage points more than that");
    CU_ASSERT_STRING_EQUAL(
        needs(&f, &d, "a person takes over"),
        "errors of 30.0% or more; it was 7.4%, 22.6 percentage points less than that");
}

static void a_latency_is_a_time(void) {
    struct facts f = facts_with_limits();
    struct decision d = {.kind = DECISION_INCIDENT_DETECTION};
    add(&d, "latency", 684400, "");
    add(&d, "limit", 500000, "");
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "no incident"),
                           "latency at or under 500.0ms; it was 684.4ms, 184.4ms more than that");
}

static void a_diagnosis_by_margin_and_confidence(void) {
    struct facts f = facts_with_limits();
    struct decision d = {.kind = DECISION_RCA_ANALYSIS, .confidence_ppm = 740000};
    add(&d, "score", 353857, "");
    add(&d, "own_excess", 71372, "");
    add(&d, "score", 1707, "");
    CU_ASSERT_STRING_EQUAL(
        needs(&f, &d, "another service"),
        "a score over 0.354 for the second best; it was 0.002, 0.352 less than that");
    CU_ASSERT_STRING_EQUAL(
        needs(&f, &d, "go on"),
        "a confidence of at least 80.0%; it was 74.0%, 6.0 percentage points less than that");
    d.confidence_ppm = 900000;
    CU_ASSERT_STRING_EQUAL(
        needs(&f, &d, "a person confirms"),
        "a confidence under 80.0%; it was 90.0%, 10.0 percentage points more than that");
}

static void gates_in_their_units(void) {
    struct facts f = facts_with_limits();
    struct decision d = {.kind = DECISION_SAFETY_GATE};
    add(&d, "error_budget", 3000, "pass");
    add(&d, "blast_radius", 12000000, "fail");
    add(&d, "cooldown", 60000000, "fail");
    add(&d, "risk", 495803, "pass");
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "error_budget fails"),
                           "over 2.0%; it was 0.3%, 1.7 percentage points less than that");
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "blast_radius passes"),
                           "not over 10; it was 12, 2 more than that");
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "cooldown passes"),
                           "not under 300.000s; it was 60.000s, 240.000s less than that");
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "risk fails"),
                           "over 0.7; it was 0.496, 0.204 less than that");
    f.limits.budget_ppm = f.limits.blast_gate_count = INT64_MAX;
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "error_budget fails"),
                           "a policy in which this gate binds");
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "blast_radius passes"),
                           "a policy in which this gate binds");
}

static void a_verification_by_the_smaller_limit(void) {
    struct facts f = facts_with_limits();
    struct decision d = {.kind = DECISION_VERIFICATION, .choice = "healed"};
    add(&d, "errors", 2820, "");
    add(&d, "limit", 50000, "");
    add(&d, "before", 40000, "");
    CU_ASSERT_STRING_EQUAL(
        needs(&f, &d, "go back"),
        "errors at or over 4.0%; it was 0.3%, 3.7 percentage points less than that");
    CU_ASSERT_STRING_EQUAL(needs(&f, &d, "watch on"),
                           "errors over 4.0%, near to the limit; it was 0.3%, 3.7 percentage "
                           "points less than that; or no data");
}

static void factors_in_their_units(void) {
    static const struct {
        const char *name;
        int64_t micro;
        const char *figure;
    } cases[] = {
        {"cpu", 35120, "0.035"},     {"all", 3100, "0.3%"},         {"callee", 61000, "6.1%"},
        {"passed_on", 2000, "0.2%"}, {"slow", -11000, "-1.1%"},     {"given_up", 500, "0.1%"},
        {"score", 353857, "0.354"},  {"samples", 240000000, "240"}, {"score", -500, "-0.001"}};
    struct decision d = {.kind = DECISION_VERIFICATION};
    char figure[32];
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        struct said_factor factor = {.micro = cases[k].micro};
        snprintf(factor.name, sizeof factor.name, "%s", cases[k].name);
        CU_ASSERT_STRING_EQUAL(factor_figure(figure, sizeof figure, &d, &factor), cases[k].figure);
    }
}

/* Figures and limits of a hostile trace may be anything. */
static void the_largest_numbers_are_numbers(void) {
    static const int64_t extremes[] = {INT64_MIN, -1, 0, INT64_MAX};
    static const char *const names[] = {"errors", "latency",  "limit",       "before",
                                        "score",  "low",      "high",        "difference",
                                        "risk",   "cooldown", "blast_radius"};
    struct facts f = facts_with_limits();
    for (size_t a = 0; a < ARRAY_LEN(extremes); a++) {
        for (size_t b = 0; b < ARRAY_LEN(extremes); b++) {
#define LIMIT(key, standard, meaning) f.limits.key = extremes[b];
#include "reports/judge/limits.def"
#undef LIMIT
            for (int64_t kind = -1; kind <= DECISION_COUNT; kind++) {
                struct decision d = {.kind = kind, .confidence_ppm = extremes[a]};
                char figure[32];
                for (size_t k = 0; k < ARRAY_LEN(names); k++)
                    add(&d, names[k], extremes[a], "pass");
                CU_ASSERT_TRUE(alternatives_of(&f, &d, list) <= ALTERNATIVES_MAX);
                for (uint32_t k = 0; k < d.factor_count; k++)
                    CU_ASSERT_TRUE(strlen(factor_figure(figure, sizeof figure, &d, &d.factors[k])) >
                                   0);
            }
        }
    }
}

TEST_MAIN("alternatives", TEST(a_detection_is_held_against_its_limits), TEST(a_latency_is_a_time),
          TEST(a_diagnosis_by_margin_and_confidence), TEST(gates_in_their_units),
          TEST(a_verification_by_the_smaller_limit), TEST(factors_in_their_units),
          TEST(the_largest_numbers_are_numbers))
