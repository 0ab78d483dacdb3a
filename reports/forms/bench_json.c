/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/check.h"
#include "reports/forms/bench_forms.h"
#include "reports/forms/json_parts.h"

#include <sodium/crypto_hash_sha256.h>
#include <stdlib.h>

#define FORMAT   1
#define SEAL_LEN (2 * crypto_hash_sha256_BYTES)

static void set_digest(json_t *object, const char *key, uint64_t digest) {
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)digest);
    json_set_text(object, key, text);
}

/* ---- writing ---- */

static json_t *scenario(const struct sweep_part *part, const struct sweep_figures *f) {
    json_t *o = json_object();
    json_set_text(o, "scenario", part->scenario);
    json_set_text(o, "topology", part->topology);
    set_digest(o, "plan", part->plan);
    json_set_int(o, "runs", f->runs);
    json_set_int(o, "passed", f->passed);
    json_set_int(o, "violations", f->violations);
    json_set_int(o, "incidents", f->mttr.incidents);
    json_set(o, "mttr", json_distribution(&f->mttr.repaired));
    json_set_int(o, "lock_requests", f->lock_requests);
    json_set_int(o, "lock_timeouts", f->lock_timeouts);
    json_set(o, "indicators", json_indicators(&f->indicators));
    return o;
}

static json_t *one_run(const struct bench_run *run) {
    json_t *o = json_object();
    json_set_int(o, "scenario", run->scenario);
    json_set_int(o, "seed", (int64_t)run->seed);
    json_set_text(o, "verdict", run_status_name(run->status));
    set_digest(o, "digest", run->digest);
    return o;
}

static json_t *part(const struct bench_part *p) {
    json_t *o = json_object(), *scenarios = json_array(), *runs = json_array();
    for (uint32_t k = 0; k < p->plan.part_count; k++)
        json_array_append_new(scenarios, scenario(&p->plan.parts[k], &p->sweep.parts[k]));
    for (uint64_t k = 0; k < p->run_count; k++) json_array_append_new(runs, one_run(&p->runs[k]));
    json_set_text(o, "part", p->name);
    json_set_text(o, "what", p->what);
    json_set_int(o, "first_seed", (int64_t)p->plan.first_seed);
    json_set(o, "scenarios", scenarios);
    json_set(o, "runs", runs);
    return o;
}

static void seal_of(const json_t *object, char seal[SEAL_LEN + 1]) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    ASSERT(text != NULL);
    crypto_hash_sha256(hash, (const uint8_t *)text, strlen(text));
    free(text);
    for (size_t k = 0; k < sizeof hash; k++) snprintf(seal + 2 * k, 3, "%02x", hash[k]);
}

void bench_json(const struct bench *bench, FILE *out) {
    json_t *o = json_object(), *parts = json_array();
    char seal[SEAL_LEN + 1];
    for (uint32_t k = 0; k < bench->part_count; k++)
        json_array_append_new(parts, part(&bench->parts[k]));
    json_set_int(o, "firedrill_bench", FORMAT);
    json_set_text(o, "set", BENCH_SET);
    json_set(o, "quick", json_boolean(bench->quick));
    json_set_text(o, "version", bench->parts[0].plan.version);
    set_digest(o, "program", bench->parts[0].plan.program);
    json_set(o, "parts", parts);
    seal_of(o, seal);
    json_set_text(o, "sha256", seal);
    ASSERT(o != NULL);
    json_dumpf(o, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    json_decref(o);
}

/* ---- reading ---- */

static bool digest_at(const json_t *object, const char *key, uint64_t *out) {
    const char *text = json_string_value(json_object_get(object, key));
    char *end;
    if (!text || strlen(text) != 16) return false;
    *out = strtoull(text, &end, 16);
    return *end == '\0';
}

static bool status_at(const json_t *object, enum status *out) {
    static const enum status all[] = {STATUS_OK, STATUS_FAILED, STATUS_INCONCLUSIVE, STATUS_BUG};
    const char *text = json_string_value(json_object_get(object, "verdict"));
    for (size_t k = 0; text && k < ARRAY_LEN(all); k++) {
        *out = all[k];
        if (strcmp(run_status_name(all[k]), text) == 0) return true;
    }
    return false;
}

static bool read_run(const json_t *object, uint32_t scenarios, struct bench_run *out) {
    const json_t *number = json_object_get(object, "scenario");
    const json_t *seed = json_object_get(object, "seed");
    json_int_t which = json_integer_value(number);
    if (!json_is_integer(number) || !json_is_integer(seed) || which < 0 || which >= scenarios)
        return false;
    out->scenario = (uint32_t)which;
    out->seed = (uint64_t)json_integer_value(seed);
    return status_at(object, &out->status) && digest_at(object, "digest", &out->digest);
}

static bool read_part(const json_t *object, struct arena *arena, struct bench_claimed *out) {
    const char *name = json_string_value(json_object_get(object, "part"));
    const json_t *scenarios = json_object_get(object, "scenarios");
    const json_t *runs = json_object_get(object, "runs");
    if (!name || !json_is_array(scenarios) || !json_is_array(runs)) return false;
    snprintf(out->name, sizeof out->name, "%s", name);
    out->scenario_count = (uint32_t)json_array_size(scenarios);
    out->run_count = json_array_size(runs);
    out->plans = ARENA_NEW(arena, uint64_t, out->scenario_count);
    out->runs = ARENA_NEW(arena, struct bench_run, out->run_count);
    for (uint32_t k = 0; k < out->scenario_count; k++)
        if (!digest_at(json_array_get(scenarios, k), "plan", &out->plans[k])) return false;
    for (uint64_t k = 0; k < out->run_count; k++)
        if (!read_run(json_array_get(runs, k), out->scenario_count, &out->runs[k])) return false;
    return true;
}

/* A seal can be made by anybody: what is counted has to be what stands below. */
static bool counted(const json_t *object, const struct bench_claimed *part) {
    const json_t *scenarios = json_object_get(object, "scenarios");
    for (uint32_t s = 0; s < part->scenario_count; s++) {
        json_int_t runs = 0, passed = 0;
        for (uint64_t k = 0; k < part->run_count; k++) {
            if (part->runs[k].scenario != s) continue;
            runs++;
            passed += part->runs[k].status == STATUS_OK;
        }
        const json_t *scenario = json_array_get(scenarios, s);
        if (json_integer_value(json_object_get(scenario, "runs")) != runs ||
            json_integer_value(json_object_get(scenario, "passed")) != passed)
            return false;
    }
    return true;
}

static bool all_counted(const json_t *object, const struct bench_claim *claim) {
    for (uint32_t k = 0; k < claim->part_count; k++)
        if (!counted(json_array_get(json_object_get(object, "parts"), k), &claim->parts[k]))
            return false;
    return true;
}

static bool read_parts(const json_t *object, struct arena *arena, struct bench_claim *out) {
    const json_t *parts = json_object_get(object, "parts");
    const char *version = json_string_value(json_object_get(object, "version"));
    size_t count = json_array_size(parts);
    if (!version || count == 0 || count > BENCH_PARTS_MAX) return false;
    snprintf(out->version, sizeof out->version, "%s", version);
    out->quick = json_is_true(json_object_get(object, "quick"));
    out->part_count = (uint32_t)count;
    for (uint32_t k = 0; k < out->part_count; k++)
        if (!read_part(json_array_get(parts, k), arena, &out->parts[k])) return false;
    return digest_at(object, "program", &out->program);
}

/* Takes the seal off. */
static bool sealed(json_t *object) {
    char given[SEAL_LEN + 1], seal[SEAL_LEN + 1];
    const char *text = json_string_value(json_object_get(object, "sha256"));
    if (!text || strlen(text) != SEAL_LEN) return false;
    memcpy(given, text, sizeof given);
    json_object_del(object, "sha256");
    seal_of(object, seal);
    return memcmp(given, seal, sizeof given) == 0;
}

bool bench_read(const char *bytes, size_t len, struct arena *arena, struct bench_claim *out,
                char *why, size_t size) {
    *out = (struct bench_claim){0};
    json_t *object = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
    const char *set = json_string_value(json_object_get(object, "set"));
    const char *wrong = NULL;
    if (json_integer_value(json_object_get(object, "firedrill_bench")) != FORMAT || !set)
        wrong = "is no results file of \"firedrill bench\"";
    else if (strcmp(set, BENCH_SET) != 0)
        wrong = "is of another set than this program's, " BENCH_SET;
    else if (!sealed(object))
        wrong = "was changed: its seal does not hold";
    else if (!read_parts(object, arena, out))
        wrong = "lacks what a results file has, though its seal holds";
    else if (!all_counted(object, out))
        wrong = "was changed: what it counts are not its runs, though its seal holds";
    json_decref(object);
    snprintf(why, size, "%s", wrong ? wrong : "");
    return wrong == NULL;
}
