/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What "check --explain" prints is a policy, and the same one; and says where each value is from.
 */
#include "engine/policy/policy.h"
#include "tests/runner.h"
#include <stdlib.h>

static struct arena arena;
static struct diags diags;

static char *explained(const char *file, const char *text, struct policy *policy) {
    char *out = NULL;
    size_t size = 0;
    struct yaml_doc doc;
    memset(&diags, 0, sizeof(diags));
    FILE *stream = open_memstream(&out, &size);
    CU_ASSERT_TRUE_FATAL(yaml_read(&doc, &arena, &diags, file, text, strlen(text), NULL, NULL));
    CU_ASSERT_TRUE_FATAL(policy_explain(policy, &doc, stream));
    fclose(stream);
    return out;
}
static char *values(const struct policy *policy) {
    char *out = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&out, &size);
    policy_print(policy, stream);
    fclose(stream);
    return out;
}

/* Printed, loaded and printed again: the same values, every one of them stated now. */
static char *goes_round(const char *text) {
    struct policy first, second;
    char *once = explained("p.yaml", text, &first), *twice = explained("q.yaml", once, &second);
    CU_ASSERT_PTR_NULL(strstr(twice, "# default"));
    CU_ASSERT_EQUAL(diags.errors, 0);
    char *of_first = values(&first), *of_second = values(&second);
    CU_ASSERT_STRING_EQUAL(of_first, of_second);
    free(of_first);
    free(of_second);
    free(twice);
    return once;
}

static void the_shipped_ones_go_round(void) {
    static const char *const names[] = {"default", "fast"};
    for (size_t k = 0; k < ARRAY_LEN(names); k++) {
        static char text[1 << 16];
        char path[300];
        snprintf(path, sizeof(path), "%s/policies/%s.yaml", FIREDRILL_SOURCE_DIR, names[k]);
        FILE *file = fopen(path, "rb");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        size_t len = fread(text, 1, sizeof(text) - 1, file);
        fclose(file);
        text[len] = '\0';
        free(goes_round(text));
    }
}

static void whatever_a_name_is_it_goes_round(void) {
    free(goes_round(
        "detection: {rules: [\"a: b\", \"yes\", \"1e3\", \"#c\", \"\", \"it's\", "
        "\"\\u00fc\\\"x\"]}\n"
        "conflict_detection: {resource_groups: {\"no\": [\"- a\", \"{b}\"], \"x, y\": []}}\n"
        "human_override: {teams: {\"*\": [\"lead\"], \"a b\": [\"*\", \"true\"]}, escalation:\n"
        "  {level_2: {approvers: [\"a/b\", \"null\", \"*/lead\"]}}}\n"
        "safety_gates: {time_based: {blackout_windows: [{day: fri, start_time: 22:00,\n"
        "  end_time: 04:00, reason: \"50% off: day\"}]}}\n"
        "notifications: {templates: {gate: {title: \"{service}: [x]\", body: \"a\\nb # c\"},\n"
        "  CONFIRM: \"yes\"}}\n"));
}

static void each_says_where_it_is_from(void) {
    char *text = goes_round("mode: advise\nlocking:\n  default_ttl_seconds: 100\n"
                            "  redis: {host: x}\nperformance: {threads: 4}\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "mode: advise # p.yaml:1\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "  default_ttl_seconds: 100 # p.yaml:3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "  max_ttl_seconds: 3600 # default\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "# stated, and not used:\n# p.yaml:4: locking.redis: "
                                        "where the store is: the host connects\n"
                                        "# p.yaml:5: performance.threads: "));
    free(text);
}

static void what_does_not_load_is_not_explained(void) {
    struct policy policy;
    struct yaml_doc doc;
    memset(&diags, 0, sizeof(diags));
    CU_ASSERT_TRUE(yaml_read(&doc, &arena, &diags, "p.yaml", "mod: act\n", 9, NULL, NULL));
    CU_ASSERT_FALSE(policy_explain(&policy, &doc, stdout));
}

static void all(void (*test)(void)) {
    arena_open(&arena);
    test();
    arena_close(&arena);
}
static void shipped(void) { all(the_shipped_ones_go_round); }
static void names(void) { all(whatever_a_name_is_it_goes_round); }
static void places(void) { all(each_says_where_it_is_from); }
static void bad(void) { all(what_does_not_load_is_not_explained); }

static void lists_and_tables_go_round(void) {
    free(goes_round(
        "detection: {queries: {error_share: 'a / b', pods_up: \"sum(up{job='x'})\"}}\n"
        "slos: {pay: {objective: 99.9%}, 'a b': {objective: 95%, window: 7d, indicator: latency}}\n"
        "safety_gates: {slo: {burn_rates: [{factor: 14.4, long: 1h, short: 5m}, {factor: 6, long: "
        "6h, short: 30m}]}}\n"
        "notifications: {templates: {default: 'a {service}', CRITICAL: {title: t, body: b}, "
        "rolled_back: {subject: s}}}\n"
        "human_override: {teams: {sre: [on-call, lead], platform: }, escalation: {level_2: "
        "{approvers: [sre/lead, head]}}}\n"));
    arena_close(&arena);
}

TEST_MAIN("policy: explain", TEST(lists_and_tables_go_round), TEST(shipped), TEST(names),
          TEST(places), TEST(bad))
