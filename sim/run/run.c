/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/run.h"

#include "engine/base/check.h"
#include "sim/bind/bind.h"
#include "sim/prometheus/views.h"
#include "sim/world/app.h"
#include "sim/world/fact.h"

#include <stdio.h>
#include <stdlib.h>

#define SEGMENT_BYTES ((size_t)64 * 1024)

void bytes_sink(void *context, const void *bytes, size_t len) {
    struct bytes *b = context;
    if (len == 0) return;
    if (len > b->capacity - b->len) {
        size_t capacity = b->capacity ? b->capacity : SEGMENT_BYTES;
        while (capacity - b->len < len) capacity *= 2;
        uint8_t *grown = realloc(b->bytes, capacity);
        ASSERT(grown);
        b->bytes = grown;
        b->capacity = capacity;
    }
    memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
}

void bytes_free(struct bytes *b) {
    free(b->bytes);
    *b = (struct bytes){0};
}

#define RULE_SERIES_MAX 20000u

/* Series that rules may make: two a service and rule (a record; ALERTS and ALERTS_FOR_STATE). */
static uint32_t rule_series_max(const struct plan *plan) {
    uint32_t rules = 2; /* as much again for a rule's other labels */
    for (uint32_t k = 0; k < plan->source_count; k++)
        if (strcmp(plan->sources[k].kind, "rules") == 0)
            rules += prom_rules_most(plan->sources[k].bytes, plan->sources[k].len);
    uint64_t series = 2 * (uint64_t)rules * plan->topology->service_count;
    return 64 + (series < RULE_SERIES_MAX ? (uint32_t)series : RULE_SERIES_MAX);
}

static uint32_t profile_count(const struct plan *plan) {
    uint32_t count = 0;
    for (uint32_t k = 0; k < plan->source_count; k++)
        count += strcmp(plan->sources[k].kind, "profile") == 0;
    return count;
}

/* Samples a series may have: those of the run, which reach back to the budget's window by the
 * history. */
static struct prom_options prom_options_of(const struct plan *plan) {
    int64_t scrapes = (plan->duration_ns + plan->settle_ns) / plan->scrape_ns + 2;
    return (struct prom_options){
        .series_max =
            app_metrics_series_max(plan) * (1 + profile_count(plan)) + rule_series_max(plan),
        .samples_per_series = (uint32_t)(scrapes < 1024 ? scrapes : 1024),
        .retention_ms = (plan->history.span_ns + plan->duration_ns + NS_PER_HOUR) / NS_PER_MS,
        .lookback_ms = 300000,
        .rules_max = RUN_RULES_MAX,
        .subquery_step_ms = plan->evaluate_ns / NS_PER_MS};
}

/* As many alerts as rules may make; none without an alertmanager.yml, which was checked when the
 * scenario was loaded. */
static struct alertmanager *open_alertmanager(struct arena *arena, const struct plan *plan,
                                              struct diags *diags) {
    for (uint32_t k = 0; k < plan->source_count; k++) {
        const struct plan_source *source = &plan->sources[k];
        if (strcmp(source->kind, "alertmanager") != 0) continue;
        const struct alertmanager_config *config =
            alertmanager_read(arena, source->name, source->bytes, source->len, diags);
        ASSERT(config);
        return alertmanager_open(arena, config, rule_series_max(plan),
                                 plan->start_wall / NS_PER_MS);
    }
    return NULL;
}

/* Profiles were checked when the scenario was loaded. */
static void open_views(struct prom *prom, struct arena *arena, const struct plan *plan,
                       struct diags *diags) {
    for (uint32_t k = 0; k < plan->source_count; k++) {
        const struct plan_source *source = &plan->sources[k];
        if (strcmp(source->kind, "profile") != 0) continue;
        const struct view *view = view_read(arena, source->name, source->bytes, source->len, diags);
        ASSERT(view);
        prom_view(prom, view);
    }
}

static bool load_rules(struct prom *prom, struct arena *arena, const struct plan *plan,
                       struct diags *diags) {
    for (uint32_t k = 0; k < plan->source_count; k++) {
        const struct plan_source *source = &plan->sources[k];
        if (strcmp(source->kind, "rules") != 0) continue;
        if (!prom_rules_load(prom, arena, source->name, source->bytes, source->len, diags))
            return false;
    }
    return true;
}

/* What a crash says: enough to see it again. */
struct place {
    const struct plan *plan;
    const struct sim *sim; /* NULL while the world is built */
};

/* What the arena says (arena.c) is no bug: the machine is too small for what was asked. */
static void refuse_for_memory(const struct plan *plan, const char *fact) {
    uint64_t pods = 0;
    char lasts[32];
    if (strcmp(fact, "out of memory") != 0) return;
    for (uint32_t s = 0; s < plan->topology->service_count; s++) pods += plan->services[s].replicas;
    duration_format(lasts, sizeof lasts, plan->duration_ns);
    fprintf(
        stderr,
        "firedrill: out of memory: scenario %s has %llu pods over %s; fewer replicas, a shorter "
        "duration or fewer --jobs take less\n",
        plan->name, (unsigned long long)pods, lasts);
    _Exit(STATUS_BAD_INPUT);
}

static void say_where(void *context, const char *file, int line, const char *fact) {
    const struct place *place = context;
    char at[32];
    refuse_for_memory(place->plan, fact);
    duration_format(at, sizeof at, place->sim ? sim_now(place->sim) : 0);
    fprintf(stderr,
            "firedrill: bug: %s:%d: %s\n"
            "  scenario %s, seed %llu, simulated time %s, event %llu\n"
            "  reproduce: firedrill run %s --seed %llu\n",
            file, line, fact, place->plan->name, (unsigned long long)place->plan->seed, at,
            (unsigned long long)(place->sim ? sim_event_count(place->sim) : 0), place->plan->file,
            (unsigned long long)place->plan->seed);
}

static void key_records(struct trace *trace, const struct bind *bind, uint32_t engines) {
    for (uint32_t k = 0; k < engines; k++) {
        struct rec_audit_key key = {.engine = k};
        memcpy(key.key.b, bind_key(bind, k), sizeof key.key.b);
        fact_audit_key(trace, 0, &key);
    }
}

static void run_phases(const struct plan *plan, struct sim *sim, struct world *world) {
    world_start(world);
    sim_run(sim, plan->duration_ns);
    world_heal(world);
    world_stop_load(world);
    sim_run(sim, plan->duration_ns + plan->settle_ns);
}

static void end_record(struct trace *trace, const struct sim *sim, const struct world *world) {
    struct rec_end end = {.events = (int64_t)sim_event_count(sim),
                          .requests = (int64_t)world_request_count(world),
                          .records = (int64_t)trace_record_count(trace)};
    end.seal = record_seal(trace_digest(trace), sim_now(sim), &end);
    fact_end(trace, sim_now(sim), &end);
}

const struct bind_query *policy_questions(struct arena *arena, const struct policy *policy) {
    struct bind_query *list = ARENA_NEW(arena, struct bind_query, policy->query_count + 1);
    for (uint32_t k = 0; k < policy->query_count; k++) {
        const struct policy_query *q = &policy->queries[k];
        list[k] = (struct bind_query){q->query, q->file, q->text, q->len, q->line, q->column};
    }
    return list;
}

const struct bind_group *run_groups(struct arena *arena, const struct scenario *scenario) {
    struct bind_group *groups =
        ARENA_NEW(arena, struct bind_group, scenario->policy.group_count + 1);
    for (uint32_t k = 0; k < scenario->policy.group_count; k++) {
        const struct policy_group *group = &scenario->policy.groups[k];
        groups[k] = (struct bind_group){group->name, group->count, group->members};
    }
    return groups;
}

bool run_scenario(const struct scenario *scenario, trace_sink sink, void *context,
                  struct run_result *result, struct diags *diags) {
    const struct plan *plan = &scenario->plan;
    struct arena arena;
    struct place place = {plan, NULL};
    crash_hook_set(say_where, &place);
    arena_open(&arena);
    struct trace *trace = trace_open(&arena, SEGMENT_BYTES, sink, context);
    struct sim_options sim_options = world_sim_options(plan);
    struct sim *sim = sim_open(&arena, &sim_options);
    place.sim = sim;
    struct prom_options prom_options = prom_options_of(plan);
    struct prom *prom = prom_open(&arena, &prom_options);
    open_views(prom, &arena, plan, diags);
    const struct bind_group *groups = run_groups(&arena, scenario);
    struct bind_options options = {plan,
                                   &scenario->policy.config,
                                   groups,
                                   scenario->policy.group_count,
                                   policy_questions(&arena, &scenario->policy),
                                   scenario->policy.query_count,
                                   open_alertmanager(&arena, plan, diags)};
    struct bind *bind = load_rules(prom, &arena, plan, diags)
                            ? bind_open(&arena, &options, sim, prom, trace, diags)
                            : NULL;
    if (!bind) {
        crash_hook_set(NULL, NULL);
        arena_close(&arena);
        return false;
    }
    arena_seal(&arena);
    struct world *world = bind_world(bind);
    sink(context, TRACE_MAGIC, TRACE_MAGIC_LEN);
    plan_records(trace, scenario, world_table_digest(world));
    key_records(trace, bind, plan->engine_count);
    run_phases(plan, sim, world);
    end_record(trace, sim, world);
    trace_flush(trace);
    *result = (struct run_result){.digest = trace_digest(trace),
                                  .plan_digest = scn_plan_digest(scenario),
                                  .events = sim_event_count(sim),
                                  .requests = world_request_count(world),
                                  .records = trace_record_count(trace),
                                  .steps = bind_step_count(bind),
                                  .memory = arena.taken};
    crash_hook_set(NULL, NULL);
    arena_close(&arena);
    return true;
}
