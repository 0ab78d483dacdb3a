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
    time_ns delay_ns;
    struct pool_handle behind; /* of those that a rule holds */
    const struct route *route; /* NULL: an input for an engine */
    union {
        struct eng_effect effect;
        struct eng_input input;
    };
};

struct rule {
    bool on;
    struct link_rule link;
    time_ns began_at;
    bool bad;               /* of Gilbert's two states */
    uint64_t clogged_nodes; /* bit by node, of the first 64; beside the link's own */
    uint32_t held;          /* messages */
    struct pool_handle held_first, held_last;
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

/* ---- what becomes of a message ---- */

static bool clogged(const struct rule *rule, uint32_t node) {
    return node < 64 && (rule->clogged_nodes >> node & 1) != 0;
}

static bool rule_matches(const struct rule *rule, uint32_t from, uint32_t to) {
    const struct link_rule *link = &rule->link;
    if (rule->clogged_nodes != 0 && (clogged(rule, from) || clogged(rule, to))) return true;
    if (link->to == NODE_ANY) return false; /* of some nodes only */
    if ((link->from == from || link->from == NODE_ANY) && link->to == to) return true;
    return link->both_ways && link->from == to && link->to == from;
}

/* Gilbert's channel: a good state in which all arrive, a bad one in which none does; so long in
 * the bad one on the mean, and so much lost over all. */
static bool burst_drops(struct rule *rule, struct prng *luck) {
    int64_t share = rule->link.loss_ppm, leaves = PPM_ONE / rule->link.burst;
    int64_t enters = share < PPM_ONE ? muldiv(leaves, share, PPM_ONE - share) : PPM_ONE;
    rule->bad = rule->bad ? !prng_chance(luck, leaves)
                          : prng_chance(luck, enters < PPM_ONE ? enters : PPM_ONE);
    return rule->bad;
}

static bool rule_drops(struct rule *rule, struct prng *luck, time_ns now) {
    const struct link_rule *link = &rule->link;
    if (link->loss_ppm <= 0) return false;
    if (link->flap_ns > 0 && (now - rule->began_at) / link->flap_ns % 2 != 0) return false;
    if (link->burst > 0) return burst_drops(rule, luck);
    return link->loss_ppm >= PPM_ONE || prng_chance(luck, link->loss_ppm);
}

struct fate {
    time_ns delay_ns;
    bool dropped, twice;
    struct rule *held_by;
};

static void rule_decides(struct network *net, struct rule *rule, struct prng *luck,
                         struct fate *fate) {
    const struct link_rule *link = &rule->link;
    fate->dropped = rule_drops(rule, luck, sim_now(net->world->sim));
    bool held = link->clogs && !fate->held_by;
    bool twice = link->twice_ppm > 0 && prng_chance(luck, link->twice_ppm);
    time_ns late = link->jitter_ns > 0 ? (time_ns)prng_below(luck, (uint64_t)link->jitter_ns) : 0;
    if (fate->dropped || held || twice || late > 0 || link->slow_ns > 0) rule->touched++;
    if (held) fate->held_by = rule;
    fate->twice |= twice;
    fate->delay_ns = time_add(fate->delay_ns, time_add(link->slow_ns, late));
}

/* A link that is clogged holds so many, and loses what comes then. */
static struct fate fate_of(struct network *net, uint32_t from, uint32_t to) {
    struct fate fate = {.delay_ns = net->world->plan->times.link_ns};
    struct prng *luck = &net->losses[from * net->node_count + to];
    for (uint32_t i = 0; i < net->world->plan->fault_count && !fate.dropped; i++)
        if (net->rules[i].on && rule_matches(&net->rules[i], from, to))
            rule_decides(net, &net->rules[i], luck, &fate);
    if (fate.held_by && net->messages.in_use >= NETWORK_MESSAGES_MAX / 2) fate.dropped = true;
    return fate;
}

void network_dropped(struct world *world, uint32_t from, uint32_t to, const char *what) {
    const struct network *net = world->network;
    fact_dropped(world->trace, sim_now(world->sim),
                 &(struct rec_dropped){.from = REC_STR(net->names[from]),
                                       .to = REC_STR(net->names[to]),
                                       .what = REC_STR(what)});
}

static void message_leaves(struct network *net, struct pool_handle handle) {
    const struct message *message = pool_get(&net->messages, handle);
    sim_at(net->world->sim, time_add(sim_now(net->world->sim), message->delay_ns), SIM_DELIVERY,
           message->to, net->deliver_kind, handle.index, handle.generation);
}

static struct message *message_new(struct network *net, uint32_t from, uint32_t to,
                                   time_ns delay_ns, struct pool_handle *handle) {
    ASSERT(net->messages.in_use < NETWORK_MESSAGES_MAX);
    struct message *message = pool_take(&net->messages, handle);
    message->from = from;
    message->to = to;
    message->delay_ns = delay_ns;
    return message;
}

/* On its way, or held behind those that are. */
static void post(struct network *net, const struct message *content, const struct fate *fate) {
    for (int copies = fate->twice ? 2 : 1; copies > 0; copies--) {
        struct pool_handle handle;
        struct message *message =
            message_new(net, content->from, content->to, fate->delay_ns, &handle);
        struct rule *rule = fate->held_by;
        *message = *content;
        message->delay_ns = time_add(fate->delay_ns, content->delay_ns);
        if (!rule) {
            message_leaves(net, handle);
            continue;
        }
        if (rule->held > 0) {
            struct message *last = pool_get(&net->messages, rule->held_last);
            last->behind = handle;
        } else
            rule->held_first = handle;
        rule->held_last = handle;
        rule->held++;
    }
}

/* What a rule holds and does not match any more leaves, in its order; the rest waits on. */
static void release(struct network *net, struct rule *rule) {
    struct pool_handle handle = rule->held_first;
    uint32_t count = rule->held;
    rule->held = 0;
    for (; count > 0; count--) {
        struct message *message = pool_get(&net->messages, handle);
        struct pool_handle next = message->behind;
        if (!rule->on || !rule_matches(rule, message->from, message->to))
            message_leaves(net, handle);
        else {
            if (rule->held++ == 0)
                rule->held_first = handle;
            else
                ((struct message *)pool_get(&net->messages, rule->held_last))->behind = handle;
            rule->held_last = handle;
        }
        handle = next;
    }
}

/* Within a node: over no link. */
static void post_local(struct world *world, uint32_t engine, const struct eng_input *input,
                       time_ns delay_ns) {
    struct pool_handle handle;
    message_new(world->network, engine, engine, delay_ns, &handle)->input = *input;
    message_leaves(world->network, handle);
}

/* Whoever carries messages for the engine waits for the endpoint, gives up, and says so. */
static void give_up_notice(struct world *world, uint32_t engine, const struct eff_notify *sent) {
    fact_message_lost(world->trace, sim_now(world->sim),
                      &(struct rec_message_lost){engine, sent->message});
    struct eng_input ack = {.kind = IN_notify_ack};
    ack.notify_ack = (struct in_notify_ack){sent->message, false, sent->channels};
    post_local(world, engine, &ack, NOTICE_TIMEOUT);
}

bool network_send(struct world *world, uint32_t engine, const struct eng_effect *effect) {
    struct network *net = world->network;
    const struct route *route = route_of(net, effect);
    if (!route->serve) return false;
    uint32_t to = world_node(world, route->node);
    struct fate fate = fate_of(net, engine, to);
    if (fate.dropped) {
        network_dropped(world, engine, to, effect_name(effect->kind));
        if (effect->kind == EFF_notify) give_up_notice(world, engine, &effect->notify);
        return true;
    }
    struct message message = {.from = engine, .to = to, .delay_ns = route->takes_ns};
    message.route = route;
    message.effect = *effect;
    post(net, &message, &fate);
    return true;
}

void network_reply(struct world *world, enum plan_node node, uint32_t engine,
                   const struct eng_input *input) {
    struct network *net = world->network;
    uint32_t from = world_node(world, node);
    ASSERT(engine < world->plan->engine_count);
    struct fate fate = fate_of(net, from, engine);
    if (fate.dropped) {
        network_dropped(world, from, engine, input_name(input->kind));
        return;
    }
    struct message message = {.from = from, .to = engine};
    message.input = *input;
    post(net, &message, &fate);
}

void network_local(struct world *world, uint32_t engine, const struct eng_input *input) {
    post_local(world, engine, input, 0);
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
           (link->to < world->network->node_count || link->to == NODE_ANY));
    world->network->rules[rule] =
        (struct rule){.on = true, .link = *link, .began_at = sim_now(world->sim)};
}

void network_clog(struct world *world, uint32_t rule, uint32_t node, bool clogs) {
    struct rule *r = &world->network->rules[rule];
    uint64_t bit = node < 64 ? UINT64_C(1) << node : 0;
    ASSERT(r->on && r->link.clogs);
    r->clogged_nodes = clogs ? r->clogged_nodes | bit : r->clogged_nodes & ~bit;
    release(world->network, r);
}

uint64_t network_heal(struct world *world, uint32_t rule) {
    ASSERT(rule < world->plan->fault_count);
    world->network->rules[rule].on = false;
    release(world->network, &world->network->rules[rule]);
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
