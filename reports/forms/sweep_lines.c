/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/sweep_lines.h"
#include "engine/base/check.h"
#include "reports/forms/json_parts.h"

static void set_digest(json_t *object, const char *key, uint64_t digest) {
    char text[17];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)digest);
    json_set_text(object, key, text);
}

static char *line_of(json_t *object) {
    char *line = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    ASSERT(line != NULL);
    json_decref(object);
    return line;
}

/* ---- writing ---- */

char *sweep_head_line(const struct sweep_plan *plan) {
    json_t *o = json_object(), *parts = json_array();
    json_set_int(o, "firedrill_sweep", SWEEP_FORMAT);
    json_set_text(o, "version", plan->version);
    set_digest(o, "program", plan->program);
    json_set_int(o, "first_seed", (int64_t)plan->first_seed);
    if (plan->shards > 0)
        json_set(o, "shard",
                 json_pack("{s:I,s:I,s:I}", "index", (json_int_t)plan->shard + 1, "of",
                           (json_int_t)plan->shards, "seeds", (json_int_t)plan->seeds));
    for (uint32_t k = 0; k < plan->part_count; k++) {
        json_t *part = json_object();
        json_set_text(part, "scenario", plan->parts[k].scenario);
        json_set_text(part, "topology", plan->parts[k].topology);
        set_digest(part, "plan", plan->parts[k].plan);
        json_array_append_new(parts, part);
    }
    json_set(o, "scenarios", parts);
    return line_of(o);
}

static json_t *incident(const struct mttr_row *row) {
    json_t *o = json_object(), *buckets = json_object();
    json_set(o, "repaired", json_boolean(row->repaired));
    json_set(o, "escalated", json_boolean(row->escalated));
    json_set_int(o, "mttr_ns", row->mttr);
    json_set_int(o, "seen_ns", row->seen);
    json_set_int(o, "failed", row->failed);
    json_set_int(o, "pages", row->pages);
    for (int k = 0; k < BUCKET_COUNT; k++) /* most are 0 */
        if (row->timeline.ns[k] != 0)
            json_set_int(buckets, bucket_name((enum bucket)k), row->timeline.ns[k]);
    json_set(o, "buckets_ns", buckets);
    return o;
}

static json_t *shares(const struct indicators *indicators) {
    json_t *o = json_object();
    for (int k = 0; k < INDICATOR_COUNT; k++)
        json_set(o, indicator_name((enum indicator)k),
                 json_pack("[I,I]", (json_int_t)indicators->of[k].part,
                           (json_int_t)indicators->of[k].whole));
    return o;
}

static void set_refusals(json_t *o, const struct refusals *refusals) {
    json_t *refused = json_object();
    for (int k = 0; k < REFUSALS; k++) /* most are 0 */
        if (refusals->of[k] != 0) json_set_int(refused, refusal_name(k), refusals->of[k]);
    if (json_object_size(refused) > 0)
        json_set(o, "refused", refused);
    else
        json_decref(refused);
}

static void set_figures(json_t *o, const struct run_summary *run) {
    json_t *incidents = json_array();
    for (uint32_t i = 0; i < run->incident_count; i++)
        json_array_append_new(incidents, incident(&run->incidents[i]));
    set_digest(o, "digest", run->digest);
    json_set_int(o, "violations", run->violations);
    json_set_int(o, "lock_requests", run->lock_requests);
    json_set_int(o, "lock_timeouts", run->lock_timeouts);
    json_set_int(o, "lock_wait_ns", run->lock_wait);
    json_set(o, "indicators", shares(&run->indicators));
    set_refusals(o, &run->refusals);
    json_set(o, "incidents", incidents);
}

char *sweep_run_line(const struct run_summary *run) {
    json_t *o = json_object();
    json_set_int(o, "seed", (int64_t)run->seed);
    json_set_int(o, "scenario", run->part);
    json_set_text(o, "verdict", run_status_name(run->status));
    if (run->status != STATUS_OK) {
        json_set_text(o, "why", run->why);
        json_set_text(o, "reproduce", run->reproduce);
        json_set_text(o, "trace", run->trace);
    }
    if (run->status != STATUS_BUG) set_figures(o, run);
    return line_of(o);
}

/* ---- reading: the first thing that is not as it should be is kept in "expected" ---- */

struct values {
    json_t *object;
    const char *expected;
};

static void refuse(struct values *s, const char *expected) {
    if (!s->expected) s->expected = expected;
}

static int64_t get_int(struct values *s, const char *key) {
    json_t *v = json_object_get(s->object, key);
    if (!json_is_integer(v)) refuse(s, key);
    return json_integer_value(v);
}

static bool get_bool(struct values *s, const char *key) {
    json_t *v = json_object_get(s->object, key);
    if (!json_is_boolean(v)) refuse(s, key);
    return json_is_true(v);
}

static void get_text(struct values *s, const char *key, char *out, size_t size) {
    json_t *v = json_object_get(s->object, key);
    if (!json_is_string(v) || json_string_length(v) >= size)
        refuse(s, key);
    else
        snprintf(out, size, "%s", json_string_value(v));
}

static uint64_t get_digest(struct values *s, const char *key) {
    static const char digits[] = "0123456789abcdef";
    char text[17] = "";
    uint64_t digest = 0;
    get_text(s, key, text, sizeof text);
    if (strlen(text) != 16 || strspn(text, digits) != 16) refuse(s, key);
    for (const char *c = text; *c; c++)
        digest = digest << 4 | (uint64_t)(strchr(digits, *c) - digits);
    return digest;
}

static json_t *get_list(struct values *s, const char *key, size_t most) {
    json_t *v = json_object_get(s->object, key);
    if (!json_is_array(v) || json_array_size(v) > most) refuse(s, key);
    return v;
}

static struct values values_of(const char *line, size_t len) {
    struct values s = {.object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL)};
    if (!json_is_object(s.object)) refuse(&s, "a JSON object");
    return s;
}

/* Frees the object; true if all was as expected. */
static bool all_read(struct values *s, const char **expected) {
    json_decref(s->object);
    *expected = s->expected;
    return s->expected == NULL;
}

static void get_shard(struct values *s, struct sweep_plan *out) {
    struct values shard = {.object = json_object_get(s->object, "shard")};
    if (!shard.object) return;
    int64_t index = get_int(&shard, "index"), of = get_int(&shard, "of");
    int64_t seeds = get_int(&shard, "seeds");
    if (index < 1 || index > of || of > SWEEP_SHARDS_MAX || seeds < 1) refuse(&shard, "shard");
    if (shard.expected) {
        refuse(s, shard.expected);
        return;
    }
    out->shard = (uint32_t)(index - 1);
    out->shards = (uint32_t)of;
    out->seeds = (uint64_t)seeds;
}

bool sweep_head_read(const char *line, size_t len, struct arena *arena, struct sweep_plan *out,
                     const char **expected) {
    struct values s = values_of(line, len);
    *out = (struct sweep_plan){0};
    if (get_int(&s, "firedrill_sweep") != SWEEP_FORMAT)
        refuse(&s, "results of a sweep in format 1");
    get_text(&s, "version", out->version, sizeof out->version);
    out->program = get_digest(&s, "program");
    out->first_seed = (uint64_t)get_int(&s, "first_seed");
    get_shard(&s, out);
    json_t *parts = get_list(&s, "scenarios", UINT32_MAX);
    out->part_count = (uint32_t)json_array_size(parts);
    out->parts = ARENA_NEW(arena, struct sweep_part, out->part_count + 1);
    for (uint32_t k = 0; k < out->part_count; k++) {
        struct values part = {.object = json_array_get(parts, k)};
        get_text(&part, "scenario", out->parts[k].scenario, sizeof out->parts[k].scenario);
        get_text(&part, "topology", out->parts[k].topology, sizeof out->parts[k].topology);
        out->parts[k].plan = get_digest(&part, "plan");
        if (part.expected) refuse(&s, part.expected);
    }
    return all_read(&s, expected);
}

static enum status get_status(struct values *s) {
    static const enum status all[] = {STATUS_OK, STATUS_FAILED, STATUS_INCONCLUSIVE, STATUS_BUG};
    char text[16] = "";
    get_text(s, "verdict", text, sizeof text);
    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        if (strcmp(text, run_status_name(all[k])) == 0) return all[k];
    refuse(s, "verdict");
    return STATUS_BUG;
}

static void get_buckets(struct values *s, struct timeline *t) {
    struct values buckets = {.object = json_object_get(s->object, "buckets_ns")};
    size_t known = 0;
    for (int k = 0; k < BUCKET_COUNT; k++) {
        const char *name = bucket_name((enum bucket)k);
        if (!json_object_get(buckets.object, name)) continue;
        t->ns[k] = get_int(&buckets, name);
        t->total += t->ns[k];
        known++;
    }
    if (!json_is_object(buckets.object) || buckets.expected ||
        known != json_object_size(buckets.object))
        refuse(s, "buckets_ns");
}

static void get_incident(struct values *s, struct mttr_row *row) {
    row->repaired = get_bool(s, "repaired");
    row->escalated = get_bool(s, "escalated");
    row->mttr = get_int(s, "mttr_ns");
    row->seen = get_int(s, "seen_ns");
    row->failed = get_int(s, "failed");
    row->pages = get_int(s, "pages");
    get_buckets(s, &row->timeline);
}

static void get_shares(struct values *s, struct indicators *out) {
    json_t *shares = json_object_get(s->object, "indicators");
    for (int k = 0; k < INDICATOR_COUNT; k++) {
        json_t *share = json_object_get(shares, indicator_name((enum indicator)k));
        json_t *part = json_array_get(share, 0), *whole = json_array_get(share, 1);
        if (!json_is_integer(part) || !json_is_integer(whole)) refuse(s, "indicators");
        out->of[k] = (struct share){json_integer_value(part), json_integer_value(whole)};
    }
}

static void get_refusals(struct values *s, struct refusals *out) {
    struct values refused = {.object = json_object_get(s->object, "refused")};
    const char *name;
    json_t *count;
    json_object_foreach(refused.object, name, count) {
        int which = refusal_named(name);
        if (which < 0 || !json_is_integer(count))
            refuse(s, "refused");
        else
            out->of[which] = json_integer_value(count);
    }
}

static void get_figures(struct values *s, struct run_summary *out) {
    out->digest = get_digest(s, "digest");
    out->violations = (uint32_t)get_int(s, "violations");
    out->lock_requests = get_int(s, "lock_requests");
    out->lock_timeouts = get_int(s, "lock_timeouts");
    out->lock_wait = get_int(s, "lock_wait_ns");
    get_shares(s, &out->indicators);
    get_refusals(s, &out->refusals);
    json_t *incidents = get_list(s, "incidents", SUMMARY_INCIDENTS_MAX);
    for (size_t i = 0; !s->expected && i < json_array_size(incidents); i++) {
        struct values incident = {.object = json_array_get(incidents, i)};
        get_incident(&incident, &out->incidents[out->incident_count++]);
        if (incident.expected) refuse(s, incident.expected);
    }
}

bool sweep_run_read(const char *line, size_t len, struct run_summary *out, const char **expected) {
    struct values s = values_of(line, len);
    *out = (struct run_summary){0};
    int64_t seed = get_int(&s, "seed"), part = get_int(&s, "scenario");
    if (seed < 0) refuse(&s, "seed");
    if (part < 0 || part > UINT32_MAX) refuse(&s, "scenario");
    out->seed = (uint64_t)seed;
    out->part = (uint32_t)part;
    out->status = get_status(&s);
    if (out->status != STATUS_OK) {
        get_text(&s, "why", out->why, sizeof out->why);
        get_text(&s, "reproduce", out->reproduce, sizeof out->reproduce);
        get_text(&s, "trace", out->trace, sizeof out->trace);
    }
    if (out->status != STATUS_BUG) get_figures(&s, out);
    return all_read(&s, expected);
}
