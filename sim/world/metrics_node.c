/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metrics node: a Prometheus that scrapes the services, evaluates rules, answers queries and
 * sends each alert to the engines that are in charge of its symptom, at once or as an Alertmanager
 * beside it notifies. */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "sim/prometheus/views.h"

struct metrics_node {
    struct world *world;
    struct app_metrics *scraped;
    uint16_t scrape_kind, evaluate_kind, notify_kind;
    struct sim_handle notify; /* when the Alertmanager is due */
};

static int64_t now_ms(const struct world *world) {
    return (world->plan->start_wall + sim_now(world->sim)) / NS_PER_MS;
}

/* To each engine that is in charge; and as faults have it. */
static void send_alert(struct world *world, struct eng_input *input) {
    struct in_alert *alert = &input->alert;
    ASSERT(alert->symptom >= 0 && alert->symptom < SYMPTOM_COUNT);
    uint32_t flaps = fault_found(world, FAULT_ALERT_FLAPPING, alert->service);
    uint32_t again = fault_found(world, FAULT_ALERT_DUPLICATED, alert->service);
    int64_t times = again == NONE_ID ? 1 : 1 + world_fault(world, again)->value;
    if (again != NONE_ID) fault_acts(world, again);
    if (flaps != NONE_ID && alert->firing) {
        time_ns since = sim_now(world->sim) - fault_began_at(world, flaps);
        alert->firing = since / world_fault(world, flaps)->value % 2 == 0;
        if (!alert->firing) fault_acts(world, flaps);
    }
    for (uint32_t e = 0; e < world->plan->engine_count; e++)
        for (int64_t k = 0; k < times && world->plan->engines[e].symptoms >> alert->symptom & 1;
             k++)
            network_reply(world, NODE_METRICS, e, input);
}

static void route_alert(void *context, const struct prom_alert *alert) {
    struct world *world = context;
    struct eng_input input = {.kind = IN_alert};
    if (!world->hooks.alert(world->hooks.context, alert, &input.alert)) return;
    send_alert(world, &input);
}

/* Errors of services that have none, as a rule gone wrong tells of them. */
static void cry_wolf(struct world *world) {
    const struct topology *t = world->plan->topology;
    uint32_t fault = fault_found(world, FAULT_ALERT_STORM, ID_NONE(svc_id));
    if (fault == NONE_ID) return;
    int64_t left = world_fault(world, fault)->value;
    for (uint32_t s = 0; s < t->service_count && left > 0; s++) {
        enum topo_kind kind = t->services[s].kind;
        if (kind != TOPO_SERVICE && kind != TOPO_FRONTEND) continue;
        struct eng_input input = {.kind = IN_alert};
        input.alert = (struct in_alert){.service = {s},
                                        .symptom = SYMPTOM_ERRORS,
                                        .firing = true,
                                        .value_micro = PPM_ONE / 2,
                                        .active_since_wall =
                                            world->plan->start_wall + fault_began_at(world, fault)};
        text_set(&input.alert.rule, "storm");
        send_alert(world, &input);
        fault_acts(world, fault);
        left--;
    }
}

/* A notification's alerts reach engines as an alert does. */
static void route_notification(void *context, const struct alertmanager_notification *n) {
    for (uint32_t i = 0; i < n->alert_count; i++) {
        const struct alertmanager_notified *told = &n->alerts[i];
        struct prom_alert alert = {.name = "",
                                   .labels = told->labels,
                                   .label_count = told->label_count,
                                   .value = told->value,
                                   .active_at_ms = told->starts_ms,
                                   .fired_at_ms = told->starts_ms,
                                   .firing = told->firing};
        for (uint32_t k = 0; k < told->label_count; k++)
            if (strcmp(told->labels[k].name, "alertname") == 0) alert.name = told->labels[k].value;
        route_alert(context, &alert);
    }
}

/* On their way out of Prometheus alerts are relabelled. */
static void tell_engines(void *context, const struct prom_alert *alert) {
    struct world *world = context;
    struct prom_alert told;
    if (prom_alert_relabel(world->prom, alert, &told)) route_alert(world, &told);
}

static void tell_alertmanager(void *context, const struct prom_alert *alert) {
    struct world *world = context;
    struct prom_alert told;
    if (!prom_alert_relabel(world->prom, alert, &told)) return;
    alertmanager_hear(world->hooks.alertmanager, now_ms(world),
                      world->plan->evaluate_ns / NS_PER_MS, &told);
}

/* Behind whatever is evaluated at the same instant, by an owner whose number is higher. */
static void arm_notify(struct metrics_node *node) {
    struct world *world = node->world;
    int64_t due_ms = alertmanager_due(world->hooks.alertmanager);
    sim_cancel(world->sim, node->notify);
    if (due_ms == INT64_MAX) return;
    time_ns at = due_ms * NS_PER_MS - world->plan->start_wall, now = sim_now(world->sim);
    node->notify = sim_at(world->sim, at > now ? at : now, SIM_RULE, world_owner(world),
                          node->notify_kind, 0, 0);
}

static void notify(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    (void)event;
    struct metrics_node *node = context;
    struct world *world = node->world;
    alertmanager_run(world->hooks.alertmanager, now_ms(world), route_notification, world);
    arm_notify(node);
}

static void again(struct world *world, time_ns after_ns, const struct sim_event *event) {
    sim_at(world->sim, time_add(event->at, after_ns), (enum sim_phase)event->phase, event->owner,
           event->kind, 0, 0);
}

static void scrape(void *context, struct sim *sim, const struct sim_event *event) {
    struct metrics_node *node = context;
    app_metrics_scrape(node->scraped, sim_now(sim));
    again(node->world, node->world->plan->scrape_ns, event);
}

static void evaluate(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct metrics_node *node = context;
    struct world *world = node->world;
    bool managed = world->hooks.alertmanager != NULL;
    prom_rules_eval(world->prom, now_ms(world), managed ? tell_alertmanager : tell_engines, world);
    cry_wolf(world);
    if (managed) arm_notify(node);
    again(world, world->plan->evaluate_ns, event);
}

static void serve_query(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct world *world = ((struct metrics_node *)part)->world;
    const struct eff_query *asked = &effect->query;
    struct eng_input input = {.kind = IN_query_result};
    world->hooks.query(world->hooks.context, world->prom, now_ms(world), asked,
                       &input.query_result);
    input.query_result.request = asked->request;
    input.query_result.query = asked->query;
    input.query_result.service = asked->service;
    input.query_result.revision = asked->revision;
    network_reply(world, NODE_METRICS, engine, &input);
}

void metrics_node_open(struct world *world, struct arena *arena) {
    struct metrics_node *node = ARENA_NEW(arena, struct metrics_node, 1);
    ASSERT(world->plan->scrape_ns > 0 && world->plan->evaluate_ns > 0);
    node->world = world;
    node->scraped = app_metrics_open(arena, world->app, world->plan, world->prom);
    node->scrape_kind = sim_kind(world->sim, scrape, node);
    node->evaluate_kind = sim_kind(world->sim, evaluate, node);
    node->notify_kind = sim_kind(world->sim, notify, node);
    network_serve(world, EFF_query, NODE_METRICS, world->plan->times.metrics_ns, serve_query, node);
    world->metrics = node;
}

void metrics_node_start(struct world *world) {
    const struct metrics_node *node = world->metrics;
    uint32_t owner = world_node(world, NODE_METRICS);
    sim_at(world->sim, world->plan->scrape_offset_ns, SIM_SCRAPE, owner, node->scrape_kind, 0, 0);
    sim_at(world->sim, 0, SIM_RULE, owner, node->evaluate_kind, 0, 0);
}

struct app_metrics *metrics_node_scraped(struct world *world) {
    return world->metrics->scraped;
}
