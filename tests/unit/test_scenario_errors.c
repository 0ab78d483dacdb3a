/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/runner.h"
#include "tests/unit/scenario_files.h"

/* A scenario of which only the part in question is stated; it begins in line 6. */
#define HEAD      "name: t\ntopology: shop\npolicy: fast\nduration: 100s\nload: {entry: 10/s}\n"
#define NONE      "expect: [{none: true}]\n"
#define FAULT(f)  HEAD "faults:\n- " f "\n"
#define BROKEN    "{name: slow, kind: error_rate, target: payment, at: 1s, value: 9%}\n"
#define EXPECT(e) FAULT(BROKEN) "expect:\n- " e "\n"
#define ON(topology_name)                                                                          \
    "name: t\ntopology: " topology_name "\npolicy: fast\nduration: 100s\nload: {entry: "           \
    "10/s}\n" NONE
#define BY(policy_name)                                                                            \
    "name: t\ntopology: shop\npolicy: " policy_name "\nduration: 100s\nload: {entry: 10/s}\n" NONE

static const struct made_up made_up[] = {
    {"topology", "selfish",
     "name: t\nentrypoints: [a]\nservices:\n- {name: a}\ncalls:\n"
     "- {from: a, to: a}\n"},
    {"topology", "endless",
     "name: t\nentrypoints: [a]\nservices:\n- {name: a}\n- {name: b}\ncalls:\n"
     "- {from: a, to: b, per_request: 1}\n- {from: b, to: a, per_request: 1}\n"},
    {"topology", "island", "name: t\nentrypoints: [a]\nservices:\n- {name: a}\n- {name: b}\n"},
    {"policy", "typo", "detection: {rate_windw: 5s}\n"},
    {"policy", "ruled", "detection: {rules: [mine]}\n"},
    {NULL, NULL, NULL},
};

static const struct bad_file {
    const char *text;
    const char *file; /* NULL: the scenario's */
    int line, column;
    const char *message;
} bad_files[] = {
    /* the file as a whole */
    {"", NULL, 0, 0, "expected 1 to 64 scenarios, got 0"},
    {"- a\n", NULL, 1, 1, "expected a mapping of keys to values, got a list"},
    {HEAD NONE "---\nplain\n", NULL, 8, 1,
     "expected a mapping of keys to values, got a single value"},
    {HEAD NONE "---\n" HEAD NONE, NULL, 8, 1, "scenario \"t\" stands twice, first in line 1"},
    {"\x01\x02\xff", NULL, 1, 1, "not UTF-8 text: control characters are not allowed (0x01)"},
    {"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", NULL, 2, 8, "aliases are not supported"},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", NULL, 1, 33,
     "nested deeper than the limit of 32 levels"},

    /* incidents of a mix, and shifts; they begin in line 7 */
    {HEAD NONE "incidents: {rate: 3/week, mix: [{name: a, kind: latency, value: 1s}]}\n", NULL, 7,
     19, "expected a rate above 0 such as \"1250/s\" or \"3/min\", got \"3/week\""},
    {HEAD NONE "incidents: {rate: 3/day, mix: []}\n", NULL, 7, 31, "expected at least one cause"},
    {HEAD NONE "incidents: {rate: 3/day, mix: [{kind: latency, value: 1s}]}\n", NULL, 7, 32,
     "a cause in a mix needs the key \"name\""},
    {HEAD NONE "incidents: {rate: 3/day, mix: [{name: a, kind: latency, value: [2s, 1s]}]}\n", NULL,
     7, 64, "a range begins with its lower end"},
    {HEAD NONE "incidents: {rate: 3/day, mix: [{name: a, kind: latency, value: [2s]}]}\n", NULL, 7,
     64, "expected a value, or a range as its two ends"},
    {HEAD NONE "incidents: {rate: 3/day, mix: [{name: a, kind: error_rate, value: 0.1%}]}\n", NULL,
     7, 67, "changes nothing: \"analytics-service\" fails 0.1% while healthy"},
    {HEAD NONE "incidents: {rate: 3/day, mix: [{name: a, kind: latency, at: 1s, value: 1s}]}\n",
     NULL, 7, 57, "unknown key \"at\" in fault of kind latency"},
    {HEAD NONE "incidents: {rate: 3/day, hours: [1], mix: [{name: a, kind: latency, value: 1s}]}\n",
     NULL, 7, 33, "expected a weight for each of the 24 hours of the day, UTC"},
    {HEAD NONE "incidents: {rate: 100/s, mix: [{name: a, kind: latency, value: 1s}]}\n", NULL, 7,
     19, "some 10000 incidents; at most 62 fit into a run, four deviations over the mean"},
    {FAULT("{kind: latency, target: payment, at: 1s, value: [1s, 2s]}") NONE, NULL, 7, 51,
     "expected a duration such as \"250ms\", \"36s\" or \"5m\", got a list"},
    {HEAD NONE "people: [{shift: [8h]}]\n", NULL, 7, 18,
     "expected when a shift begins and ends: [8h, 20h]"},
    {HEAD NONE "people: [{shift: [8h, 8h]}]\n", NULL, 7, 18,
     "a shift ends at another time than it begins"},

    /* head */
    {"topology: shop\npolicy: fast\nduration: 1s\nload: {entry: 1/s}\n" NONE, NULL, 1, 1,
     "a scenario needs the key \"name\""},
    {"name: a b\n"
     "topology: shop\npolicy: fast\nduration: 1s\nload: {entry: 1/s}\n" NONE,
     NULL, 1, 7, "expected a name of letters, digits, \"_\", \".\" and \"-\", got \"a b\""},
    {HEAD NONE "seed: -1\n", NULL, 7, 7, "expected a whole number of at least 0, got \"-1\""},
    {HEAD NONE "start: yesterday\n", NULL, 7, 8,
     "expected a time in UTC such as \"2026-01-05T09:00:00Z\", got \"yesterday\""},
    {HEAD NONE "scrpe: 1s\n", NULL, 7, 1,
     "unknown key \"scrpe\" in scenario; did you mean \"scrape\"?"},
    {HEAD NONE "scrape_offset: 1s\n", NULL, 7, 16,
     "expected a duration from 0s to 999.999999ms, got \"1s\""},
    {"name: t\ntopology: shop\npolicy: fast\nload: {entry: 1/s}\n" NONE, NULL, 1, 1,
     "a scenario needs the key \"duration\""},
    {"name: t\ntopology: shop\npolicy: fast\nduration: 100\nload: {entry: 1/s}\n" NONE, NULL, 4, 11,
     "expected a duration such as \"250ms\", \"36s\" or \"5m\", got \"100\""},

    /* files referred to */
    {ON("shp"), NULL, 2, 11, "no topology \"shp\"; did you mean \"shop\"?"},
    {BY("quick"), NULL, 3, 9, "no policy \"quick\"; known: default, fast"},
    {BY("ruled"), "ruled", 1, 21, "no rules \"mine\"; known: default, fast"},
    {HEAD NONE "rules: [fats]\n", NULL, 7, 9, "no rules \"fats\"; did you mean \"fast\"?"},
    {ON("selfish"), "selfish", 6, 3, "service \"a\" calls itself"},
    {ON("endless"), NULL, 1, 1,
     "topology \"endless\" feeds back without end: its calls make ever more calls"},
    {BY("typo"), "typo", 1, 13,
     "unknown key \"rate_windw\" in detection; did you mean \"rate_window\"?"},
    {HEAD NONE "policy_overrides: {canry: {}}\n", NULL, 7, 20,
     "unknown key \"canry\" in policy; did you mean \"canary\"?"},
    {HEAD NONE "policy_overrides: {locking: {renew_interval_seconds: 400}}\n", NULL, 7, 54,
     "locking.renew_interval_seconds: renewed after 400s, but a lease of 300s less its margin of "
     "30s is given up after 270s"},

    /* the system */
    {HEAD NONE "service_times: {log: 1s}\n", NULL, 7, 17,
     "unknown key \"log\" in service_times; did you mean \"logs\"?"},
    {HEAD NONE "engines: [{name: a}, {name: a}]\n", NULL, 7, 22, "engine \"a\" stands twice"},
    {HEAD NONE "engines: [{alerts: [error]}]\n", NULL, 7, 21,
     "unknown name \"error\"; did you mean \"errors\"?"},
    {HEAD NONE "roles: {paymnt: {replicas: 2}}\n", NULL, 7, 9,
     "no service or role \"paymnt\"; did you mean \"payment\"?"},
    {HEAD NONE "roles: {pay: {service: payment-servic}}\n", NULL, 7, 24,
     "no service or role \"payment-servic\"; did you mean \"payment-service\"?"},
    {HEAD NONE "roles: {cash: {choose: laef}}\n", NULL, 7, 24,
     "unknown name \"laef\"; did you mean \"leaf\"?"},
    {ON("island") "roles: {cash: {choose: caller}}\n", NULL, 7, 24,
     "no caller of topology \"island\" is left that gets requests and whose callers are within the "
     "policy's blast radius"},
    {HEAD NONE "roles: {payment: {replicas: 0}}\n", NULL, 7, 29,
     "expected a whole number from 1 to 5000, got \"0\""},
    {HEAD NONE "roles: {payment: {replicas: 100000}}\n", NULL, 7, 29,
     "expected a whole number from 1 to 5000, got \"100000\""},
    {HEAD NONE "roles: {order: {replicas: 2}, payment: {replicas: 5000}}\n", NULL, 7, 51,
     "5081 pods in all services together; expected at most 5000"},
    {"name: t\ntopology: shop\npolicy: fast\nduration: 100s\nload: {entry: 0/s}\nfaults: [{kind: "
     "latency, target: order, at: 1s, value: 1s}]\n" NONE,
     NULL, 6, 34, "no request ever meets this fault: the load is 0/s"},
    {HEAD NONE "roles: {payment: {rate: 5/s}}\n", NULL, 5, 15,
     "a second rate: line 7 states one, and the others follow from it"},
    {"name: t\ntopology: shop\npolicy: fast\nduration: 1s\n" NONE, NULL, 1, 1,
     "no load: state the \"rate\" of a role, or \"entry\" or \"recorded\" of \"load\""},
    {"name: t\ntopology: shop\npolicy: fast\nduration: 1s\nload: {entry: 10 a second}\n" NONE, NULL,
     5, 15, "expected a rate such as \"1250/s\" or \"3/min\", got \"10 a second\""},
    {"name: t\ntopology: shop\npolicy: fast\nduration: 1s\nload: {entry: 2000000/s}\n" NONE, NULL,
     5, 15, "expected a rate of at most 1000000/s, got \"2000000/s\""},
    {"name: t\ntopology: shop\npolicy: fast\nduration: 1s\nroles: {payment: {replicas: 2, rate: "
     "1250/s}}\n" NONE,
     NULL, 5, 38,
     "\"payment-service\" would be 62.5% busy, and no service may be over 50%: less load, or more "
     "replicas or slots for it"},
    {"name: t\ntopology: island\npolicy: fast\nduration: 1s\nroles: {b: {rate: 1/s}}\n" NONE, NULL,
     5, 19, "no request that enters ever reaches \"b\""},

    /* faults */
    {FAULT("{kind: eror_rate}") NONE, NULL, 7, 10,
     "unknown name \"eror_rate\"; did you mean \"error_rate\"?"},
    {FAULT("{target: payment}") NONE, NULL, 7, 3, "a fault needs the key \"kind\""},
    {FAULT("{kind: error_rate, target: pament, at: 1s, value: 9%}") NONE, NULL, 7, 30,
     "no service or role \"pament\"; did you mean \"payment\"?"},
    {FAULT("{kind: error_rate, target: payment, at: 1s, value: 9s}") NONE, NULL, 7, 54,
     "expected a share such as \"15.2%\" or 0.152, got \"9s\""},
    {FAULT("{kind: error_rate, target: payment, at: 1s, value: 0.3%}") NONE, NULL, 7, 54,
     "changes nothing: \"payment-service\" fails 0.3% while healthy"},
    {FAULT("{kind: latency, target: payment, at: 1s, value: 9%}") NONE, NULL, 7, 51,
     "expected a duration such as \"250ms\", \"36s\" or \"5m\", got \"9%\""},
    {FAULT("{kind: error_rate, target: payment, at: 100s, value: 9%}") NONE, NULL, 7, 43,
     "100s is not before the run's end at 100s"},
    {FAULT("{kind: error_rate, target: payment, at: 50s, for: 51s, value: 9%}") NONE, NULL, 7, 53,
     "\"51s\" from 50s on is beyond the run's end at 100s; without \"for\" it lasts until "
     "everything is healed"},
    {FAULT(BROKEN "- " BROKEN) NONE, NULL, 8, 3,
     "fault \"slow\" stands twice, first in line 7; give each a \"name\""},
    {FAULT("{kind: partition, from: engine-1, to: lock-store, at: 1s}") NONE, NULL, 7, 27,
     "no node \"engine-1\"; did you mean \"engine-0\"?"},
    {FAULT("{kind: partition, from: metrics, to: metrics, at: 1s}") NONE, NULL, 7, 40,
     "a link goes to another node"},
    {FAULT("{kind: partition, from: metrics, to: [metrics], at: 1s}") NONE, NULL, 7, 40,
     "expected a text, got a list"},
    {FAULT("{kind: partition, from: metrics, to: people, at: 1s, value: 9%}") NONE, NULL, 7, 56,
     "unknown key \"value\" in fault of kind partition"},

    {FAULT("{kind: lock_held, target: payment, at: 1s, locks: [SERVICE, SERVICE]}") NONE, NULL, 7,
     63, "the same lock stands twice"},
    {FAULT("{kind: lock_held, target: payment, at: 1s, locks: [SERVISE]}") NONE, NULL, 7, 54,
     "unknown name \"SERVISE\"; did you mean \"SERVICE\"?"},
    {FAULT("{kind: restart_loop, target: payment, at: 1s, value: 1ns, down: 0s}") NONE, NULL, 7, 56,
     "expected a duration from 1s to 3600s, got \"1ns\""},
    {FAULT("{kind: memory_exhausted, target: payment, at: 1s, value: 999ms}") NONE, NULL, 7, 60,
     "expected a duration from 1s to 3600s, got \"999ms\""},
    {FAULT("{kind: lock_held, target: payment, at: 1s, every: 2s}") NONE, NULL, 7, 46,
     "unknown key \"every\" in fault of kind lock_held"},
    {FAULT("{kind: lock_held, at: 1s}") NONE, NULL, 7, 3, "a fault needs the key \"target\""},
    {FAULT("{kind: lock_held, target: payment, at: 1s, log: {line: 1}}") NONE, NULL, 7, 46,
     "unknown key \"log\" in fault of kind lock_held"},
    {FAULT("{kind: pods_unreachable, target: payment, at: 1s, value: 21}") NONE, NULL, 7, 60,
     "expected a whole number from 1 to 20, got \"21\""},
    {FAULT("{kind: lock_held, target: payment, at: 1s}") "expect: [{incident: lock_held, reaction: "
                                                         "none, outcome: none}]\n",
     NULL, 8, 21, "fault \"lock_held\" is no incident: no service shows it"},

    {FAULT("{kind: command, at: 1s, command: stop, by: on-call}") NONE, NULL, 7, 36,
     "expected one of \"pause\", \"resume\", \"cancel\", \"freeze\", \"unfreeze\", "
     "\"force_release\", \"set_mode\", got \"stop\""},
    {FAULT("{kind: command, at: 1s, command: pause, by: on-cal, target: payment}") NONE, NULL, 7,
     47, "no person \"on-cal\"; did you mean \"on-call\"?"},
    {FAULT("{kind: command, at: 1s, command: pause, by: on-call}") NONE, NULL, 7, 3,
     "this command needs the key \"target\""},
    {FAULT("{kind: command, at: 1s, command: freeze, by: on-call, target: payment}") NONE, NULL, 7,
     57, "unknown key \"target\" in fault of kind command"},
    {FAULT("{kind: command, at: 1s, command: set_mode, by: on-call}") NONE, NULL, 7, 3,
     "this command needs the key \"mode\""},
    {FAULT("{kind: logs_down, at: 1s, target: payment}") NONE, NULL, 7, 29,
     "unknown key \"target\" in fault of kind logs_down"},

    /* patches, people, history */
    {HEAD NONE "patches: [{bad_from: {share: 50%}}]\n", NULL, 7, 22,
     "bad_from needs the key \"error_rate\""},
    {HEAD NONE "patches: [{reply: okay}]\n", NULL, 7, 19,
     "expected one of \"ok\", \"absent\", \"unavailable\", \"rate_limited\", \"refused\", "
     "\"malformed\", got \"okay\""},
    {HEAD NONE "patches: [{reply: rate_limited}]\n", NULL, 7, 11,
     "a rate-limited patch needs the key \"retry_after\""},
    {HEAD NONE "patches: [{reply: absent, fixes: true}]\n", NULL, 7, 27,
     "unknown key \"fixes\" in patch with reply absent"},
    {HEAD NONE "patches: [{checks: {tests_run: 2, tests_failed: 3}}]\n", NULL, 7, 49,
     "more tests fail than the 2 that run"},
    {HEAD NONE "people: [{name: ann}, {name: ann}]\n", NULL, 7, 23,
     "person \"ann\" stands twice, first in line 7"},
    {HEAD NONE "people: [{confirm: correction}]\n", NULL, 7, 10,
     "a correcting person needs the key \"correction\""},
    {HEAD NONE "history: {operations: [{service: order, before: 25h}]}\n", NULL, 7, 49,
     "expected a duration from 0s to 86400s, got \"25h\""},
    {HEAD NONE "history: {series: [{service: order}, {service: order-service}]}\n", NULL, 7, 38,
     "the series of \"order-service\" stands twice"},

    /* expectations */
    {HEAD, NULL, 1, 1,
     "a scenario expects something: state \"expect\", as \"- {none: true}\" for a run in which "
     "nothing is to be seen"},
    {EXPECT("{incident: slwo, reaction: auto_fix, outcome: resolved}"), NULL, 10, 14,
     "no fault \"slwo\"; did you mean \"slow\"?"},
    {EXPECT("{incident: slow, reaction: autofix, outcome: resolved}"), NULL, 10, 30,
     "unknown name \"autofix\"; did you mean \"auto_fix\"?"},
    {EXPECT("{incident: slow, reaction: auto_fix}"), NULL, 10, 3,
     "an expectation needs the key \"outcome\""},
    {EXPECT("{incident: slow, reaction: auto_fix, outcome: resolved, mttr: {max: 70s}}"), NULL, 10,
     71, "a close at 71s is judged over the 30s after it: expected a duration of at least 101s"},
    {EXPECT("{incident: slow, reaction: auto_fix, outcome: resolved, mttr: {min: 9s, max: 8s}}"),
     NULL, 10, 80, "the maximum is below the minimum"},
    {EXPECT(
         "{incident: slow, reaction: auto_fix, outcome: resolved, bounds: {restored_wihin: 8s}}"),
     NULL, 10, 68, "unknown key \"restored_wihin\" in bounds; did you mean \"restored_within\"?"},
    {EXPECT("{none: true}\n- {none: true}"), NULL, 11, 3,
     "the expectation of \"none\" stands twice, first in line 10"},
    {FAULT(
         "{kind: partition, from: metrics, to: people, at: 1s}") "expect:\n- {incident: partition, "
                                                                 "reaction: none, outcome: none}\n",
     NULL, 9, 14, "fault \"partition\" is no incident: no service shows it"},
    {HEAD NONE "must_not: [rolback]\n", NULL, 7, 12,
     "unknown name \"rolback\"; did you mean \"rollback\"?"},
    {HEAD NONE "must_not: [{service: order}]\n", NULL, 7, 12, "a must_not needs the key \"what\""},
};

static struct diags diags;

static bool loads(const char *text, size_t len, const struct scn_options *options) {
    struct arena arena;
    arena_open(&arena);
    struct catalogue catalogue = {&arena, made_up};
    struct scn_files files = catalogue_files(&catalogue);
    struct scenario *list;
    uint32_t count;
    diags = (struct diags){0};
    bool ok = scn_load(&arena, "t.yaml", text, len, &files, options, &diags, &list, &count);
    CU_ASSERT_EQUAL(ok, list != NULL);
    CU_ASSERT_EQUAL(ok, diags.errors == 0);
    arena_close(&arena);
    return ok;
}

static void each_bad_file_is_told_once_and_where(void) {
    for (size_t i = 0; i < ARRAY_LEN(bad_files); i++) {
        const struct bad_file *bad = &bad_files[i];
        CU_ASSERT_FALSE(loads(bad->text, strlen(bad->text), NULL));
        const struct diag *told = &diags.list[0];
        bool right = diags.count == 1 && told->line == bad->line && told->column == bad->column &&
                     strcmp(told->file, bad->file ? bad->file : "t.yaml") == 0 &&
                     strcmp(told->message, bad->message) == 0;
        if (!right) {
            fprintf(stderr, "\n%s expected %d:%d: %s\n", bad->text, bad->line, bad->column,
                    bad->message);
            diag_print(&diags, stderr);
        }
        CU_ASSERT_TRUE(right);
    }
}

static bool option_is_refused(const char *option, struct scn_options options, const char *message) {
    bool refused = !loads(HEAD NONE, strlen(HEAD NONE), &options) && diags.count == 1 &&
                   diags.list[0].line == 0 && strcmp(diags.list[0].file, option) == 0 &&
                   strcmp(diags.list[0].message, message) == 0;
    if (!refused) diag_print(&diags, stderr);
    return refused;
}

static void a_bad_option_has_no_line(void) {
    CU_ASSERT_TRUE(option_is_refused("--topology", (struct scn_options){.topology = "shoop"},
                                     "no topology \"shoop\"; did you mean \"shop\"?"));
    CU_ASSERT_TRUE(option_is_refused("--policy", (struct scn_options){.policy = "fas"},
                                     "no policy \"fas\"; did you mean \"fast\"?"));
    CU_ASSERT_TRUE(option_is_refused("--without", (struct scn_options){.without = "slow"},
                                     "no fault \"slow\""));
}

static void sources_are_not_trusted_either(void) {
    struct arena arena;
    struct scenario *s;
    arena_open(&arena);
    const char *two = HEAD NONE "---\n" HEAD NONE;
    const struct plan_source sources[] = {
        {"options", "options", "seed: 18446744073709551616\n", 27},
        {"scenario", "s.yaml", two, strlen(two)},
    };
    diags = (struct diags){0};
    CU_ASSERT_FALSE(scn_reload(&arena, sources, 0, &diags, &s));
    CU_ASSERT_STRING_EQUAL(diags.list[0].message, "no scenario among the recorded sources");
    CU_ASSERT_FALSE(scn_reload(&arena, sources, 2, &diags, &s));
    CU_ASSERT_STRING_EQUAL(diags.list[1].message, "expected a seed from 0 to 18446744073709551615");
    CU_ASSERT_FALSE(scn_reload(&arena, sources + 1, 1, &diags, &s));
    CU_ASSERT_STRING_EQUAL(diags.list[2].message, "no topology \"shop\"");
    arena_close(&arena);
}

TEST_MAIN("scenario errors", TEST(each_bad_file_is_told_once_and_where),
          TEST(a_bad_option_has_no_line), TEST(sources_are_not_trusted_either))
