/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides what comes next: sets are added up, so that their order in memory does not count. */
#include "engine/base/digest.h"
#include "sim/explore/state.h"

static uint64_t of(const int64_t *values, size_t count) {
    struct digest d;
    digest_init(&d);
    for (size_t i = 0; i < count; i++) digest_add_u64(&d, (uint64_t)values[i]);
    return digest_value(&d);
}
#define OF(...) of((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8)

static uint64_t of_intents(const struct intent *list, uint32_t count) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum = sum * 31 + OF(list[i].number, (int64_t)list[i].op.v, list[i].kind, list[i].service.v);
    return sum;
}

/* Requests count back from the newest: what they are called does not matter. */
static uint64_t of_effect(const struct eng_effect *e, int64_t last) {
    const struct eff_lock_acquire *a = &e->lock_acquire;
    const struct eff_lock_renew *r = &e->lock_renew;
    const struct eff_lock_release *l = &e->lock_release;
    const struct eff_lock_leave *v = &e->lock_leave;
    const struct eff_deploy_stage *d = &e->deploy_stage;
    const struct eff_roll_back *b = &e->roll_back;
    switch (e->kind) {
    case EFF_lock_acquire:
        return OF(1, last - a->request, (int64_t)a->op.v, a->scope, a->name, a->generation);
    case EFF_lock_renew:
        return OF(2, last - r->request, (int64_t)r->op.v, r->scope, r->name, r->token_number);
    case EFF_lock_release: return OF(3, (int64_t)l->op.v, l->scope, l->name, l->token_number);
    case EFF_lock_leave: return OF(4, (int64_t)v->op.v, v->scope, v->name, v->generation);
    case EFF_registry_register:
        return OF(5, last - e->registry_register.request, (int64_t)e->registry_register.op.v);
    case EFF_registry_read:
        return OF(6, last - e->registry_read.request, (int64_t)e->registry_read.op.v);
    case EFF_registry_remove: return OF(7, (int64_t)e->registry_remove.op.v);
    case EFF_deploy_stage:
        return OF(8, last - d->request, (int64_t)d->op.v, d->service.v, d->revision.v, d->base.v,
                  d->token_number);
    default:
        return OF(9, last - b->request, (int64_t)b->op.v, b->service.v, b->from.v, b->to.v,
                  b->token_number);
    }
}

static uint64_t of_input(const struct eng_input *in, int64_t last) {
    const struct in_lock_reply *r = &in->lock_reply;
    const struct in_registry_snapshot *s = &in->registry_snapshot;
    const struct in_deployment *d = &in->deployment;
    switch (in->kind) {
    case IN_lock_reply:
        return OF(11, last - r->request, (int64_t)r->op.v, r->scope, r->name, r->result,
                  r->token_number, r->generation, (int64_t)r->holder.v, r->expires_in_ns, r->place);
    case IN_registry_snapshot:
        return OF(12, last - s->request, (int64_t)s->op.v, s->number,
                  (int64_t)of_intents(s->intents.list, s->intents.count));
    default: return OF(13, last - d->request, (int64_t)d->op.v, d->status, d->serving.v);
    }
}

static uint64_t of_node(const struct explorer *x, uint32_t k) {
    const struct x_node *node = &x->now->nodes[k];
    uint64_t sum = 0;
    if (!node->alive) return 1;
    for (uint32_t i = 0; i < node->timer_count; i++)
        sum += OF(node->timers[i].timer, node->timers[i].due - x->now->now);
    return (uint64_t)OF(node->paused, (int64_t)sum, (int64_t)eng_fingerprint(x->engines[k]));
}

static uint64_t of_store(const struct x_state *s) {
    uint64_t sum = 0, queue = 0;
    for (uint32_t i = 0; i < s->hold_count; i++) {
        const struct x_hold *h = &s->holds[i];
        sum += OF(h->scope, h->name, h->token, (int64_t)h->op.v, h->ends - s->now);
    }
    for (uint32_t i = 0; i < s->wait_count; i++) {
        const struct x_wait *w = &s->waits[i];
        queue = queue * 31 + OF(w->scope, w->name, (int64_t)w->op.v, w->generation);
    }
    return OF((int64_t)sum, (int64_t)queue, s->token_last, s->intent_last,
              (int64_t)of_intents(s->intents, s->intent_count));
}

static uint64_t of_service(const struct x_service *s) {
    uint64_t takers = 0;
    for (uint32_t i = 0; i < s->taker_count; i++) takers = takers * 31 + s->takers[i].v;
    return OF(s->serving.v, s->healed, s->token, (int64_t)takers);
}

uint64_t state_digest(const struct explorer *x) {
    const struct x_state *s = x->now;
    uint64_t messages = 0, link[LINKS] = {0}, nodes = 0, services = 0;
    for (uint32_t i = 0; i < s->message_count; i++) {
        const struct x_message *m = &s->messages[i];
        int64_t last = eng_newest_request(x->engines[m->engine]);
        uint64_t content = m->to_engine ? of_input(&m->input, last) : of_effect(&m->effect, last);
        uint64_t *way = &link[message_link(m)];
        content = content * 2 + m->late;
        *way = x->options->reorder ? *way + content : *way * 31 + content;
    }
    for (uint32_t k = 0; k < LINKS; k++) messages = messages * 31 + link[k];
    for (uint32_t k = 0; k < x->options->engines; k++) nodes = nodes * 31 + of_node(x, k);
    for (uint32_t k = 0; k < x->options->resources; k++)
        services = services * 31 + of_service(&s->services[k]);
    return OF((int64_t)messages, (int64_t)nodes, (int64_t)services, (int64_t)of_store(s),
              s->delayed, s->lost, s->expired, s->paused, s->crashed, s->revision_last);
}
