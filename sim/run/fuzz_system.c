/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The policy, the engines, the patch service and the people of a random scenario. */
#include "sim/run/fuzz.h"

int64_t fuzz_between(struct fuzz_drawing *d, int64_t low, int64_t high) {
    return low + (int64_t)prng_below(&d->random, (uint64_t)(high - low) + 1);
}

bool fuzz_chance(struct fuzz_drawing *d, int64_t percent) {
    return prng_chance(&d->random, percent * 10000);
}

const char *fuzz_hot(struct fuzz_drawing *d) {
    uint64_t k = prng_below(&d->random, ARRAY_LEN(d->hot));
    return d->topology->services[d->hot[k].v].name;
}

static long long between(struct fuzz_drawing *d, int64_t low, int64_t high) {
    return (long long)fuzz_between(d, low, high);
}

static const char *one_of(struct fuzz_drawing *d, const char *const *words, size_t count) {
    return words[prng_below(&d->random, count)];
}
#define ONE_OF(d, ...)                                                                             \
    one_of(d, (const char *const[]){__VA_ARGS__}, ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

/* ---- the policy: within what "check" allows, and such that little load is enough ---- */

static void draw_locking(struct fuzz_drawing *d) {
    bool brief = fuzz_chance(d, 50);
    long long ttl = brief ? between(d, 20, 60) : 300;
    fprintf(d->out,
            "  locking: {backend: %s, default_ttl_seconds: %lld, renew_interval_seconds: %lld, "
            "wait_timeout_seconds: %lld}\n",
            ONE_OF(d, "redis", "redis", "redis", "etcd", "file"), ttl, brief ? ttl / 4 : 60,
            between(d, 5, 30));
    fprintf(d->out, "  timeouts: {retries: {max_attempts: %lld, initial_delay_seconds: %lld}}\n",
            between(d, 1, 4), between(d, 1, 8));
}

static void draw_gates(struct fuzz_drawing *d) {
    static const int cooldowns[] = {0, 0, 5, 20, 60};
    fprintf(d->out,
            "  safety_gates: {cooldown: {min_seconds_between_ops: %d}, "
            "blast_radius: {max_blast_radius_pct: %d}, recent_failures: {max_failures_in_window: "
            "%lld}, incident_rate: {max_incidents_per_hour: %lld}}\n",
            cooldowns[prng_below(&d->random, ARRAY_LEN(cooldowns))], fuzz_chance(d, 80) ? 100 : 20,
            between(d, 2, 8), between(d, 5, 40));
    fprintf(d->out, "  risk: {max: 0.%lld}\n", between(d, 70, 99));
}

static void draw_conflicts(struct fuzz_drawing *d) {
    fprintf(d->out,
            "  conflict_detection: {conflict_types: {DIRECT: {action: %s}, DEPENDENCY: {action: "
            "%s}, UPSTREAM: {action: %s}, DOWNSTREAM: {action: %s}, SHARED_RESOURCE: {action: "
            "%s}}}\n",
            ONE_OF(d, "block", "block", "delay", "pause"),
            ONE_OF(d, "pause", "block", "delay", "allow"), ONE_OF(d, "pause", "delay", "warn"),
            ONE_OF(d, "warn", "allow", "pause"), ONE_OF(d, "pause", "block", "delay", "warn"));
}

static void draw_canary(struct fuzz_drawing *d) {
    long long samples = between(d, 1, 20), share = between(d, 5, 30);
    fprintf(d->out, "  canary: {stages: [{share: %lld%%, soak: %llds, min_samples: %lld}, ", share,
            between(d, 1, 6), samples);
    if (fuzz_chance(d, 60))
        fprintf(d->out, "{share: %lld%%, soak: %llds, min_samples: %lld}, ",
                between(d, share + 1, 90), between(d, 1, 6), samples);
    fprintf(d->out, "{share: 100%%}], look_interval: 1s, hold_max: %llds, min_in_flight: %lld}\n",
            between(d, 5, 15), between(d, 1, 10));
    fprintf(d->out, "  verification: {watch: %llds, extend: %llds, max_extensions: %lld}\n",
            between(d, 3, 12), between(d, 3, 6), between(d, 0, 2));
}

void fuzz_draw_policy(struct fuzz_drawing *d) {
    fprintf(d->out, "policy: fast\npolicy_overrides:\n");
    if (fuzz_chance(d, 10)) fprintf(d->out, "  mode: %s\n", ONE_OF(d, "observe", "advise"));
    fprintf(d->out, "  detection: {critical_error_rate: %lld%%}\n", between(d, 30, 99));
    fprintf(d->out, "  root_cause: {confirm_below: %lld%%, hand_over_below: %lld%%}\n",
            between(d, 30, 80), between(d, 0, 30));
    fprintf(d->out, "  patch: {max_requests: %lld, timeout: %llds, check_timeout: %llds}\n",
            between(d, 1, 3), between(d, 15, 30), between(d, 15, 40));
    draw_locking(d);
    if (fuzz_chance(d, 60)) draw_conflicts(d);
    draw_gates(d);
    fprintf(d->out, "  human_override: {failures_in_row: %lld, approval_life_seconds: %lld}\n",
            between(d, 1, 3), between(d, 10, 900));
    draw_canary(d);
}

/* ---- engines and the time that services take ---- */

void fuzz_draw_system(struct fuzz_drawing *d) {
    static const char *const symptoms[] = {"errors", "latency", "saturation"};
    static const char *const services[] = {"logs",      "traces",  "patch",
                                           "checks",    "rollout", "lock_store",
                                           "log_store", "notify",  "rollback"};
    fprintf(d->out, "load: {entry: %lld/s, arrivals: %s}\n", between(d, 8, 50),
            ONE_OF(d, "poisson", "uniform", "erlang2"));
    fprintf(d->out, "service_times: {link: %lldms", fuzz_chance(d, 50) ? 0 : between(d, 1, 40));
    for (size_t k = 0; k < ARRAY_LEN(services); k++)
        if (fuzz_chance(d, 25))
            fprintf(d->out, ", %s: %lldms", services[k], between(d, 0, k < 5 ? 8000 : 800));
    fprintf(d->out, "}\nengines:\n");
    for (uint32_t e = 0; e < d->engines; e++) {
        bool some = fuzz_chance(d, 30);
        fprintf(d->out, "- {name: engine-%u%s%s%s}\n", e, some ? ", alerts: [" : "",
                some ? symptoms[prng_below(&d->random, 3)] : "", some ? "]" : "");
    }
}

/* ---- what the patch service makes of it ---- */

static void draw_revision(struct fuzz_drawing *d) {
    fprintf(d->out, ", fixes: %s, size_lines: %lld", fuzz_chance(d, 75) ? "true" : "false",
            between(d, 1, 150));
    if (fuzz_chance(d, 12)) fprintf(d->out, ", error_rate: %lld%%", between(d, 5, 90));
    if (fuzz_chance(d, 10)) fprintf(d->out, ", latency: %lldms", between(d, 50, 2000));
    if (fuzz_chance(d, 10))
        fprintf(d->out, ", bad_from: {share: %lld%%, error_rate: %lld%%}", between(d, 20, 100),
                between(d, 10, 80));
    if (fuzz_chance(d, 10)) fprintf(d->out, ", changes_shared: true");
    if (fuzz_chance(d, 10)) fprintf(d->out, ", checks: {tests_failed: 1, finding: one test fails}");
}

void fuzz_draw_patches(struct fuzz_drawing *d) {
    static const char *const replies[] = {"absent", "unavailable", "refused", "malformed"};
    int64_t count = fuzz_between(d, 0, 5);
    fprintf(d->out, "patches:\n");
    for (int64_t k = 0; k < count; k++) {
        fprintf(d->out, "- {");
        if (fuzz_chance(d, 10))
            fprintf(d->out, "reply: rate_limited, retry_after: %llds", between(d, 1, 20));
        else if (fuzz_chance(d, 10))
            fprintf(d->out, "reply: %s", replies[prng_below(&d->random, ARRAY_LEN(replies))]);
        else {
            fprintf(d->out, "reply: ok");
            draw_revision(d);
        }
        fprintf(d->out, "}\n");
    }
    fprintf(d->out, "- {reply: ok");
    draw_revision(d);
    fprintf(d->out, ", repeat: true}\n");
}

/* ---- who is on call ---- */

void fuzz_draw_people(struct fuzz_drawing *d) {
    fprintf(d->out, "people:\n");
    for (uint32_t k = 0; k < d->people; k++) {
        fprintf(d->out, "- {name: person-%u, team: sre, role: %s, ", k,
                ONE_OF(d, "on-call", "lead", "manager", "guest"));
        if (fuzz_chance(d, 20))
            fprintf(d->out, "answers_after: never");
        else
            fprintf(d->out, "answers_after: %lldms", between(d, 100, 40000));
        fprintf(d->out, ", confirm: %s, take_over: %s", ONE_OF(d, "yes", "yes", "no"),
                ONE_OF(d, "taken_over", "no"));
        if (fuzz_chance(d, 20))
            fprintf(d->out, ", approval: %s", ONE_OF(d, "reused", "another_plan"));
        if (fuzz_chance(d, 20)) fprintf(d->out, ", approval_age: %llds", between(d, 1, 1000));
        fprintf(d->out, "}\n");
    }
}
