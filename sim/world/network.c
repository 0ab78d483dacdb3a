/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/pool.h"
#include "engine/base/prng.h"
#include "engine/base/ratio.h"

#define NOTICE_TIMEOUT (5 * NS_PER_S) /* of a connection to the endpoint of a message */

#define NODE_NAME_MAX 24

struct route {
    enum plan_node node;
    time_ns takes_ns;
    node_serve serve;
    void *part;
};
enum { ROUTE_TRACES = EFF_COUNT, ROUTE_COUNT };

struct message {
    uint32_t from, to;
    const struct route *route; /* NULL: an input for an engine */
    union {
        struct eng_effect effect;
        struct eng_input input;
    };
};

struct rule {
    bool on;
    struct link_rule link;
    uint64_t touched;
};

struct network {
    struct world *world;
    struct route routes[ROUTE_COUNT];
    struct pool messages;
    struct rule *rules;  /* one for each fault of the plan */
    struct prng *losses; /* a stream for each directed link */
    char (*names)[NODE_NAME_MAX];
    uint32_t node_count;
    uint16_t deliver_kind;
};

void network_serve(struct world *world, enum effect_kind kind, enum plan_node node,
                   time_ns takes_ns, node_serve serve, void *part) {
    ASSERT(world->network->routes[kind].serve == NULL);
    world->network->routes[kind] = (struct route){node, takes_ns, serve, part};
}

void network_serve_traces(struct world *world, time_ns takes_ns, node_serve serve, void *part) {
    world->network->routes[ROUTE_TRACES] = (struct route){NODE_TRACES, takes_ns, serve, part};
}

static const struct route *route_of(const struct network *net, const struct eng_effect *effect) {
    bool traces = effect->kind == EFF_ask_evidence && effect->ask_evidence.source == SOURCE_TRACES;
    return &net->routes[traces ? ROUTE_TRACES : (int)effect->kind];
}

static bool rule_matches(const struct link_rule *link, uint32_t from, uint32_t to) {
    if ((link->from == from || link->from == NODE_ANY) && link->to == to) return true;
    return link->both_ways && link->from == to && link->to == from;
}

static bool rule_drops(struct network *net, const struct link_rule *link, uint32_t from,
                       uint32_t to) {
    if (link->loss_ppm <= 0) return false;
    if (link->loss_ppm >= PPM_ONE) return true;
    return prng_chance(&net->losses[from * net->node_count + to], link->loss_ppm);
}

/* False: dropped. */
static bool link_passes(struct network *net, uint32_t from, uint32_t to, time_ns *delay_ns) {
    *delay_ns = net->world->plan->times.link_ns;
    for (uint32_t i = 0; i < net->world->plan->fault_count; i++) {
        struct rule *rule = &net->rules[i];
        if (!rule->on || !rule_matches(&rule->link, from, to)) continue;
        bool drops = rule_drops(net, &rule->link, from, to);
        if (drops || rule->link.slow_ns > 0) rule->touched++;
        if (drops) return false;
        *delay_ns = time_add(*delay_ns, rule->link.slow_ns);
    }
    return true;
}

void network_dropped(struct world *world, uint32_t from, uint32_t to, const char *what) {
    const struct network *net = world->network;
    fact_dropped(world->trace, sim_now(world->sim),
                 &(struct rec_dropped){.from = REC_STR(net->names[from]),
                                       .to = REC_STR(net->names[to]),
                                       .what = REC_STR(what)});
}

static struct message *message_new(struct network *net, uint32_t from, uint32_t to,
                                   time_ns delay_ns) {
    ASSERT(net->messages.in_use < NETWORK_MESSAGES_MAX);
    struct pool_handle handle;
    struct message *message = pool_take(&net->messages, &handle);
    message->from = from;
    message->to = to;
    sim_at(net->world->sim, time_add(sim_now(net->world->sim), delay_ns), SIM_DELIVERY, to,
           net->deliver_kind, handle.index, handle.generation);
    return message;
}

/* Whoever carries messages for the engine waits for the endpoint, gives up, and says so. */
static void give_up_notice(struct world *world, uint32_t engine, const struct eff_notify *sent) {
    fact_message_lost(world->trace, sim_now(world->sim),
                      &(struct rec_message_lost){engine, sent->message});
    struct message *message = message_new(world->network, engine, engine, NOTICE_TIMEOUT);
    message->input = (struct eng_input){.kind = IN_notify_ack};
    message->input.notify_ack = (struct in_notify_ack){sent->message, false, sent->channels};
}

bool network_send(struct world *world, uint32_t engine, const struct eng_effect *effect) {
    struct network *net = world->network;
    const struct route *route = route_of(net, effect);
    if (!route->serve) return false;
    uint32_t to = world_node(world, route->node);
    time_ns delay_ns;
    if (!link_passes(net, engine, to, &delay_ns)) {
        network_dropped(world, engine, to, effect_name(effect->kind));
        if (effect->kind == EFF_notify) give_up_notice(world, engine, &effect->notify);
        return true;
    }
    struct message *message = message_new(net, engine, to, time_add(delay_ns, route->takes_ns));
    message->route = route;
    message->effect = *effect;
    return true;
}

void network_reply(struct world *world, enum plan_node node, uint32_t engine,
                   const struct eng_input *input) {
    struct network *net = world->network;
    uint32_t from = world_node(world, node);
    ASSERT(engine < world->plan->engine_count);
    time_ns delay_ns;
    if (!link_passes(net, from, engine, &delay_ns)) {
        network_dropped(world, from, engine, input_name(input->kind));
        return;
    }
    message_new(net, from, engine, delay_ns)->input = *input;
}

void network_local(struct world *world, uint32_t engine, const struct eng_input *input) {
    message_new(world->network, engine, engine, 0)->input = *input;
}

void network_hand_over(struct world *world, uint32_t engine, const struct eng_input *input) {
    if (!process_hears(world, engine, input)) return;
    struct eng_input told = *input;
    told.wall = world_wall(world, engine);
    told.mono = world_mono(world, engine);
    world->hooks.input(world->hooks.context, engine, &told);
}

static void deliver(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct network *net = context;
    struct pool_handle handle = {(uint32_t)event->a, (uint32_t)event->b};
    const struct message *message = pool_get(&net->messages, handle);
    ASSERT(message != NULL);
    ASSERT(message->to == event->owner);
    if (message->route)
        message->route->serve(message->route->part, message->from, &message->effect);
    else
        network_hand_over(net->world, message->to, &message->input);
    pool_give(&net->messages, handle);
}

void network_bend(struct world *world, uint32_t rule, const struct link_rule *link) {
    ASSERT(rule < world->plan->fault_count);
    ASSERT(!world->network->rules[rule].on);
    ASSERT((link->from < world->network->node_count || link->from == NODE_ANY) &&
           link->to < world->network->node_count);
    world->network->rules[rule] = (struct rule){.on = true, .link = *link};
}

uint64_t network_heal(struct world *world, uint32_t rule) {
    ASSERT(rule < world->plan->fault_count);
    world->network->rules[rule].on = false;
    return world->network->rules[rule].touched;
}

static void node_name_write(char *name, const struct plan *plan, uint32_t node) {
    struct writer w = writer_of(name, NODE_NAME_MAX);
    if (node < plan->engine_count) {
        write_text(&w, "engine-");
        write_int(&w, node);
    } else
        write_text(&w, plan_node_name((enum plan_node)(node - plan->engine_count)));
}

/* Independent of how many engines there are: one more shifts nobody's draws. */
static uint64_t node_key(const struct plan *plan, uint32_t node) {
    return node < plan->engine_count ? NODE_SERVICE_COUNT + (uint64_t)node
                                     : node - plan->engine_count;
}

void network_open(struct world *world, struct arena *arena) {
    const struct plan *plan = world->plan;
    struct network *net = ARENA_NEW(arena, struct network, 1);
    uint32_t nodes = world_node_count(plan);
    net->world = world;
    net->node_count = nodes;
    pool_init(&net->messages, arena, NETWORK_MESSAGES_MAX, sizeof(struct message));
    net->rules = ARENA_NEW(arena, struct rule, plan->fault_count);
    net->names = arena_take(arena, nodes, NODE_NAME_MAX);
    net->losses = ARENA_NEW(arena, struct prng, (size_t)nodes * nodes);
    net->deliver_kind = sim_kind(world->sim, deliver, net);
    for (uint32_t from = 0; from < nodes; from++) {
        node_name_write(net->names[from], plan, from);
        for (uint32_t to = 0; to < nodes; to++)
            net->losses[from * nodes + to] = prng_named(
                plan->seed, "link-loss", node_key(plan, from) << 32 | node_key(plan, to));
    }
    world->network = net;
}
