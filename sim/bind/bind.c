/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/bind/bind.h"

#include "engine/base/check.h"
#include "engine/entry.h"
#include "engine/host/sign.h"
#include "sim/world/fact.h"

struct bind {
    const struct plan *plan;
    struct sim *sim;
    struct trace *trace;
    struct world *world;
    struct questions *questions;
    struct eng_config *configs; /* one an engine */
    struct sign_key *keys;      /* of each engine's host */
    struct engine **engines;
    struct eng_effects *effects; /* of the step under way */
    uint8_t crossing[CROSSING_MAX];
    uint64_t steps;
    bool stepping;
};

static void write_input(struct bind *b, uint32_t engine, const struct eng_input *input) {
    struct rec_input record = {.engine = engine,
                               .step = (int64_t)b->steps,
                               .wall = input->wall,
                               .mono = input->mono,
                               .kind = input->kind};
    record.body = (struct rec_view){b->crossing, crossing_input(input, b->crossing, CROSSING_MAX)};
    fact_input(b->trace, sim_now(b->sim), &record);
}

static void write_effect(struct bind *b, uint32_t engine, const struct eng_effect *effect) {
    struct rec_effect record = {.engine = engine, .step = (int64_t)b->steps, .kind = effect->kind};
    record.body =
        (struct rec_view){b->crossing, crossing_effect(effect, b->crossing, CROSSING_MAX)};
    fact_effect(b->trace, sim_now(b->sim), &record);
}

static void on_restart(void *context, uint32_t engine) {
    struct bind *b = context;
    eng_restart(b->engines[engine]);
}

/* What a host does with the checkpoints of its engine: it signs them, and believes none that it did
 * not sign. */
static void on_sign(void *context, uint32_t engine, struct eff_checkpoint *out) {
    struct bind *b = context;
    sign_checkpoint(&b->keys[engine], engine, out->sequence, &out->head, &out->signature);
}

static bool genuine(const struct bind *b, uint32_t engine, const struct in_checkpoint *in) {
    return sign_good(b->keys[engine].public, engine, in->sequence, &in->head, in->signature.b,
                     in->signature.len);
}

static void on_input(void *context, uint32_t engine, const struct eng_input *told) {
    struct bind *b = context;
    struct eng_input checkpoint;
    const struct eng_input *input = told;
    if (told->kind == IN_checkpoint) {
        checkpoint = *told;
        checkpoint.checkpoint.genuine = genuine(b, engine, &told->checkpoint);
        input = &checkpoint;
    }
    ASSERT(!b->stepping); /* an effect's answer comes by the kernel, never from within a step */
    b->stepping = true;
    b->steps++;
    write_input(b, engine, input);
    eng_step(b->engines[engine], input, b->effects);
    b->stepping = false;
    for (uint32_t k = 0; k < b->effects->count; k++) {
        struct eng_effect *effect = &b->effects->list[k];
        if (effect->kind == EFF_checkpoint) on_sign(b, engine, &effect->checkpoint);
        write_effect(b, engine, effect);
        world_effect(b->world, engine, effect);
    }
}

static void on_query(void *context, struct prom *prom, int64_t now_ms,
                     const struct eff_query *query, struct in_query_result *out) {
    struct bind *b = context;
    questions_answer(b->questions, prom, now_ms, query, out);
}

static const char *label_of(const struct prom_alert *alert, const char *name) {
    for (uint32_t k = 0; k < alert->label_count; k++)
        if (strcmp(alert->labels[k].name, name) == 0) return alert->labels[k].value;
    return NULL;
}

/* An alert reaches an engine if its labels name a service and a symptom. */
static bool on_alert(void *context, const struct prom_alert *alert, struct in_alert *out) {
    struct bind *b = context;
    const char *service = label_of(alert, "service"), *symptom = label_of(alert, "symptom");
    if (!service || !symptom) return false;
    int kind = symptom_of(symptom, strlen(symptom));
    struct svc_id id = topo_service_named(b->plan->topology, service);
    if (kind < 0 || ID_EQ(id, ID_NONE(svc_id))) return false;
    *out = (struct in_alert){.service = id,
                             .symptom = kind,
                             .firing = alert->firing,
                             .active_since_wall = alert->active_at_ms * NS_PER_MS};
    text_set(&out->rule, alert->name);
    double micro = alert->value * 1e6;
    out->value_micro = micro > -9e18 && micro < 9e18 ? (int64_t)(micro + 0.5) : 0;
    return true;
}

/* What engines wrote before the run: an incident a day or so, each told of in a few lines. */
static void on_past_entry(void *context, uint32_t engine, time_ns wall,
                          struct eff_audit_append *out) {
    static const struct {
        enum category category;
        enum severity severity;
        const char *what;
    } story[] = {{CATEGORY_INCIDENT_DETECTION, SEVERITY_ERROR, "incident opened"},
                 {CATEGORY_NOTIFICATION, SEVERITY_WARNING, "incident_opened"},
                 {CATEGORY_ROOT_CAUSE_ANALYSIS, SEVERITY_INFO, "root cause ranked"},
                 {CATEGORY_INCIDENT_DETECTION, SEVERITY_CRITICAL, "handed to a person"},
                 {CATEGORY_MANUAL_INTERVENTION, SEVERITY_INFO, "taken_over"},
                 {CATEGORY_INCIDENT_DETECTION, SEVERITY_INFO, "closed: healed by another"}};
    const struct bind *b = context;
    int64_t lines = (int64_t)ARRAY_LEN(story), line = (out->sequence - 1) % lines;
    int64_t number = (out->sequence - 1) / lines + 1;
    struct audit_entry entry = {
        .sequence = out->sequence,
        .parent = line ? out->sequence - 1 : 0,
        .wall = wall,
        .engine = engine,
        .incarnation = UINT16_MAX,
        .category = story[line].category,
        .severity = story[line].severity,
        .incident = {(uint64_t)engine << 48 | (uint64_t)UINT16_MAX << 32 | (uint64_t)number},
        .service = {(uint32_t)(number % b->plan->topology->service_count)},
        .what = story[line].what};
    entry_write(&entry, &out->body);
    entry_hash(&out->previous, &out->body, &out->hash);
    out->category = entry.category;
    out->severity = entry.severity;
    out->service = entry.service;
    out->incident = entry.incident;
}

static void keys_open(struct bind *b, struct arena *arena) {
    b->keys = ARENA_NEW(arena, struct sign_key, b->plan->engine_count);
    for (uint32_t k = 0; k < b->plan->engine_count; k++) {
        uint8_t seed[32];
        sign_seed(b->plan->seed, k, seed);
        sign_key_from(seed, &b->keys[k]);
    }
}

struct bind *bind_open(struct arena *arena, const struct bind_options *options, struct sim *sim,
                       struct prom *prom, struct trace *trace, struct diags *diags) {
    const struct plan *plan = options->plan;
    struct bind *b = ARENA_NEW(arena, struct bind, 1);
    b->plan = plan;
    b->sim = sim;
    b->trace = trace;
    b->effects = ARENA_NEW(arena, struct eng_effects, 1);
    b->questions = questions_open(arena, options, diags);
    if (!b->questions) return NULL;
    struct world_hooks hooks = {.context = b,
                                .input = on_input,
                                .query = on_query,
                                .alert = on_alert,
                                .past_entry = on_past_entry,
                                .restart = on_restart,
                                .sign = on_sign,
                                .alertmanager = options->alertmanager};
    b->world = world_open(arena, plan, sim, prom, trace, &hooks);
    keys_open(b, arena);
    b->configs = ARENA_NEW(arena, struct eng_config, plan->engine_count);
    b->engines = ARENA_NEW(arena, struct engine *, plan->engine_count);
    struct eng_graph graph = bind_graph(arena, plan, options->groups, options->group_count);
    for (uint32_t k = 0; k < plan->engine_count; k++) {
        b->configs[k] = *options->config;
        b->configs[k].engine = k;
        b->configs[k].graph = graph;
        b->engines[k] = eng_open(arena, &b->configs[k]);
    }
    return b;
}

struct world *bind_world(struct bind *b) {
    return b->world;
}
struct engine *bind_engine(struct bind *b, uint32_t engine) {
    return b->engines[engine];
}
const uint8_t *bind_key(const struct bind *b, uint32_t engine) { return b->keys[engine].public; }
uint64_t bind_step_count(const struct bind *b) { return b->steps; }
