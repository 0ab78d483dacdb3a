/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/bind/bind.h"

#include "engine/base/check.h"
#include "sim/world/fact.h"

struct bind {
    const struct plan *plan;
    struct sim *sim;
    struct trace *trace;
    struct world *world;
    struct questions *questions;
    struct eng_config *configs; /* one an engine */
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

static void on_input(void *context, uint32_t engine, const struct eng_input *input) {
    struct bind *b = context;
    ASSERT(!b->stepping); /* an effect's answer comes by the kernel, never from within a step */
    b->stepping = true;
    b->steps++;
    write_input(b, engine, input);
    eng_step(b->engines[engine], input, b->effects);
    b->stepping = false;
    for (uint32_t k = 0; k < b->effects->count; k++) {
        write_effect(b, engine, &b->effects->list[k]);
        world_effect(b->world, engine, &b->effects->list[k]);
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

struct bind *bind_open(struct arena *arena, const struct bind_options *options, struct sim *sim,
                       struct prom *prom, struct trace *trace, struct diags *diags) {
    const struct plan *plan = options->plan;
    struct bind *b = ARENA_NEW(arena, struct bind, 1);
    b->plan = plan;
    b->sim = sim;
    b->trace = trace;
    b->effects = ARENA_NEW(arena, struct eng_effects, 1);
    b->questions = questions_open(arena, prom, plan, options->config->detection.rate_window_ns,
                                  options->config->gates.budget_window_ns, diags);
    if (!b->questions) return NULL;
    struct world_hooks hooks = {b, on_input, on_query, on_alert};
    b->world = world_open(arena, plan, sim, prom, trace, &hooks);
    b->configs = ARENA_NEW(arena, struct eng_config, plan->engine_count);
    b->engines = ARENA_NEW(arena, struct engine *, plan->engine_count);
    struct eng_graph graph =
        bind_graph(arena, plan->topology, options->groups, options->group_count);
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
uint64_t bind_step_count(const struct bind *b) { return b->steps; }
