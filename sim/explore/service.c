/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lock store, registry and deploy target, as small as their contract allows: what a request does
 * when it arrives, and the answer that is then under way. */
#include "sim/explore/state.h"

static struct x_message *message_new(struct x_state *s, uint32_t engine, bool to_engine) {
    ASSERT(s->message_count < MESSAGES_MAX);
    struct x_message *m = &s->messages[s->message_count++];
    memset(m, 0, sizeof *m);
    m->engine = engine;
    m->to_engine = to_engine;
    return m;
}
void send_effect(struct explorer *x, uint32_t engine, const struct eng_effect *effect) {
    message_new(x->now, engine, false)->effect = *effect;
}
void send_input(struct explorer *x, uint32_t engine, const struct eng_input *input) {
    if (x->now->nodes[engine].alive) message_new(x->now, engine, true)->input = *input;
}

/* ---- locks ---- */

struct x_hold *hold_of(struct x_state *s, int64_t scope, int64_t name) {
    for (uint32_t i = 0; i < s->hold_count; i++)
        if (s->holds[i].scope == scope && s->holds[i].name == name) return &s->holds[i];
    return NULL;
}

static void say(struct explorer *x, const struct x_wait *who, enum lock_result result,
                int64_t place) {
    const struct x_hold *h = hold_of(x->now, who->scope, who->name);
    bool own = h && ID_EQ(h->op, who->op);
    struct eng_input input = {.kind = IN_lock_reply};
    input.lock_reply = (struct in_lock_reply){.request = who->request,
                                              .op = who->op,
                                              .scope = who->scope,
                                              .name = who->name,
                                              .result = result,
                                              .token_epoch = own ? 1 : 0,
                                              .token_number = own ? h->token : 0,
                                              .generation = who->generation,
                                              .holder = h ? h->op : ID_NONE64(op_id),
                                              .expires_in_ns = h ? h->ends - x->now->now : 0,
                                              .place = place};
    send_input(x, who->engine, &input);
}

static void grant(struct explorer *x, const struct x_wait *who) {
    struct x_state *s = x->now;
    ASSERT(s->hold_count < HOLDS_MAX);
    s->holds[s->hold_count++] = (struct x_hold){
        who->scope, who->name, ++s->token_last, who->op, who->engine, time_add(s->now, who->ttl)};
    say(x, who, LOCK_REPLY_GRANTED, 0);
}

void service_end_hold(struct explorer *x, uint32_t hold) {
    struct x_state *s = x->now;
    struct x_hold former = s->holds[hold];
    s->holds[hold] = s->holds[--s->hold_count];
    for (uint32_t i = 0; i < s->wait_count; i++) {
        struct x_wait next = s->waits[i];
        if (next.scope != former.scope || next.name != former.name) continue;
        memmove(&s->waits[i], &s->waits[i + 1], (--s->wait_count - i) * sizeof next);
        x->result->reached[REACHED_HANDED_ON]++;
        grant(x, &next);
        return;
    }
}

static uint32_t wait_of(const struct x_state *s, const struct x_wait *who) {
    uint32_t i = 0;
    while (i < s->wait_count && (s->waits[i].scope != who->scope || s->waits[i].name != who->name ||
                                 !ID_EQ(s->waits[i].op, who->op)))
        i++;
    return i;
}

static void acquire(struct explorer *x, uint32_t engine, const struct eff_lock_acquire *e) {
    struct x_state *s = x->now;
    struct x_wait who = {e->scope, e->name, e->op, engine, e->request, e->generation, e->ttl_ns};
    struct x_hold *h = hold_of(s, e->scope, e->name);
    if (!h) {
        grant(x, &who);
    } else if (ID_EQ(h->op, e->op)) {
        h->ends = time_add(s->now, e->ttl_ns);
        say(x, &who, LOCK_REPLY_GRANTED, 0);
    } else {
        uint32_t i = wait_of(s, &who);
        ASSERT(i < WAITS_MAX);
        if (i == s->wait_count) s->wait_count++;
        s->waits[i] = who;
        x->result->reached[REACHED_QUEUED]++;
        say(x, &who, LOCK_REPLY_HELD, (int64_t)i + 1);
    }
}

static struct x_hold *own_hold(struct x_state *s, int64_t scope, int64_t name, int64_t token) {
    struct x_hold *h = hold_of(s, scope, name);
    return h && h->token == token ? h : NULL;
}

static void renew(struct explorer *x, uint32_t engine, const struct eff_lock_renew *e) {
    struct x_wait who = {
        .scope = e->scope, .name = e->name, .op = e->op, .engine = engine, .request = e->request};
    struct x_hold *h = own_hold(x->now, e->scope, e->name, e->token_number);
    if (h) h->ends = time_add(x->now->now, e->ttl_ns);
    x->result->reached[REACHED_RENEWED] += h != NULL;
    say(x, &who, h ? LOCK_REPLY_RENEWED : LOCK_REPLY_NOT_HOLDER, 0);
}

static void release(struct explorer *x, uint32_t engine, const struct eff_lock_release *e) {
    struct x_wait who = {
        .scope = e->scope, .name = e->name, .op = e->op, .engine = engine, .request = e->request};
    struct x_hold *h = own_hold(x->now, e->scope, e->name, e->token_number);
    if (h) service_end_hold(x, (uint32_t)(h - x->now->holds));
    say(x, &who, h ? LOCK_REPLY_RELEASED : LOCK_REPLY_NOT_HOLDER, 0);
}

static void leave(struct explorer *x, uint32_t engine, const struct eff_lock_leave *e) {
    struct x_state *s = x->now;
    struct x_wait who = {.scope = e->scope,
                         .name = e->name,
                         .op = e->op,
                         .engine = engine,
                         .request = e->request,
                         .generation = e->generation};
    uint32_t i = wait_of(s, &who);
    bool waits = i < s->wait_count && s->waits[i].generation == e->generation;
    if (waits) memmove(&s->waits[i], &s->waits[i + 1], (--s->wait_count - i) * sizeof who);
    say(x, &who, waits ? LOCK_REPLY_CANCELLED : LOCK_REPLY_NOT_HOLDER, 0);
}

/* ---- intents ---- */

static uint32_t intent_of(const struct x_state *s, struct op_id op) {
    uint32_t i = 0;
    while (i < s->intent_count && !ID_EQ(s->intents[i].op, op)) i++;
    return i;
}

static void tell_intents(struct explorer *x, uint32_t engine, int64_t request, struct op_id op) {
    const struct x_state *s = x->now;
    struct eng_input input = {.kind = IN_registry_snapshot};
    struct in_registry_snapshot *in = &input.registry_snapshot;
    uint32_t own = intent_of(s, op);
    *in = (struct in_registry_snapshot){
        .request = request, .op = op, .number = own < s->intent_count ? s->intents[own].number : 0};
    in->intents.count = s->intent_count;
    memcpy(in->intents.list, s->intents, s->intent_count * sizeof s->intents[0]);
    send_input(x, engine, &input);
}

static void state_intent(struct explorer *x, uint32_t engine,
                         const struct eff_registry_register *e) {
    struct x_state *s = x->now;
    uint32_t i = intent_of(s, e->op);
    if (i == s->intent_count) {
        ASSERT(i < INTENTS_KEPT);
        s->intent_engine[i] = engine;
        s->intents[s->intent_count++] = (struct intent){.number = ++s->intent_last,
                                                        .op = e->op,
                                                        .kind = e->kind,
                                                        .service = e->service,
                                                        .incident = e->incident};
    }
    tell_intents(x, engine, e->request, e->op);
}

static void remove_intent(struct explorer *x, uint32_t engine,
                          const struct eff_registry_remove *e) {
    struct x_state *s = x->now;
    uint32_t i = intent_of(s, e->op);
    if (i < s->intent_count) {
        s->intent_count--;
        memmove(&s->intents[i], &s->intents[i + 1], (s->intent_count - i) * sizeof s->intents[0]);
        memmove(&s->intent_engine[i], &s->intent_engine[i + 1],
                (s->intent_count - i) * sizeof s->intent_engine[0]);
    }
    tell_intents(x, engine, e->request, e->op);
}

/* ---- the deploy target ---- */

/* An operation that comes back to a service after another one acted on it. */
static void accept(struct explorer *x, struct x_service *service, struct op_id op) {
    uint32_t n = service->taker_count;
    if (n > 0 && ID_EQ(service->takers[n - 1], op)) return;
    for (uint32_t i = 0; i < n; i++)
        if (ID_EQ(service->takers[i], op))
            breach(x, "mutual_exclusion", "operation %llx acts again after another did",
                   (unsigned long long)op.v);
    ASSERT(n < TAKERS_MAX);
    service->takers[service->taker_count++] = op;
}

static enum deploy_status judge_order(struct x_service *service, int64_t token,
                                      struct revision_id base, struct revision_id to) {
    if (token < service->token) return DEPLOY_STALE_TOKEN;
    service->token = token;
    return ID_EQ(service->serving, base) || ID_EQ(service->serving, to) ? DEPLOY_DONE
                                                                        : DEPLOY_STALE_BASE;
}

static void order(struct explorer *x, uint32_t engine, int64_t request, struct op_id op,
                  struct svc_id id, int64_t token, struct revision_id base, struct revision_id to,
                  bool heals) {
    struct x_service *service = &x->now->services[id.v];
    enum deploy_status status = judge_order(service, token, base, to);
    if (status == DEPLOY_DONE) {
        accept(x, service, op);
        service->serving = to;
        service->healed = heals;
    }
    x->result->reached[status == DEPLOY_DONE          ? REACHED_ORDER_ACCEPTED
                       : status == DEPLOY_STALE_TOKEN ? REACHED_ORDER_FENCED
                                                      : REACHED_STALE_BASE]++;
    struct eng_input input = {.kind = IN_deployment};
    input.deployment = (struct in_deployment){.request = request,
                                              .op = op,
                                              .service = id,
                                              .status = status,
                                              .serving = service->serving,
                                              .share_ppm = 1000000,
                                              .pods_total = 10,
                                              .pods_done = 10};
    send_input(x, engine, &input);
}

void service_handle(struct explorer *x, uint32_t engine, const struct eng_effect *effect) {
    const struct eff_deploy_stage *d = &effect->deploy_stage;
    const struct eff_roll_back *r = &effect->roll_back;
    switch (effect->kind) {
    case EFF_lock_acquire: acquire(x, engine, &effect->lock_acquire); break;
    case EFF_lock_renew: renew(x, engine, &effect->lock_renew); break;
    case EFF_lock_release: release(x, engine, &effect->lock_release); break;
    case EFF_lock_leave: leave(x, engine, &effect->lock_leave); break;
    case EFF_registry_register: state_intent(x, engine, &effect->registry_register); break;
    case EFF_registry_read:
        tell_intents(x, engine, effect->registry_read.request, effect->registry_read.op);
        break;
    case EFF_registry_remove: remove_intent(x, engine, &effect->registry_remove); break;
    case EFF_deploy_stage:
        order(x, engine, d->request, d->op, d->service, d->token_number, d->base, d->revision,
              true);
        break;
    case EFF_roll_back:
        order(x, engine, r->request, r->op, r->service, r->token_number, r->from, r->to, false);
        break;
    default: UNREACHABLE();
    }
}
