/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * Whose failures are these? While a patch is verified, failures may begin to pass through its
 * service: calls of it that fail. Own figures leave them out; users do not. They are new when more
 * of them pass than before the patch first served. They are another's when the change feed tells of
 * somebody else's change, since then, to a service that this one calls, and that service fails by
 * itself more than before: a change alone is a coincidence, and an excess alone may be what the
 * patch asks of it. What is new and nobody else's is the patch's.
 */

static time_ns served_for(const struct engine *e, const struct op *op) {
    return e->mono - op->canary.first_mono;
}

/* Somebody else's, since the patch first served, where calls of its service can go. */
static bool may_explain(const struct engine *e, const struct op *op,
                        const struct recent_change *change) {
    bool since = change->running || e->mono - change->at_mono <= served_for(e, op);
    return since && !ID_EQ(change->op, op->id) &&
           graph_hops(e->search, op->service, change->service, e->config->conflicts.max_depth) > 0;
}

static void add_callee(struct spike *spike, struct svc_id service) {
    for (uint32_t k = 0; k < spike->count; k++)
        if (ID_EQ(spike->callee[k].service, service)) return;
    if (spike->count < SPIKE_CALLEES)
        spike->callee[spike->count++] = (struct spike_callee){.service = service};
}

void spike_ask_before(struct engine *e, struct op *op, uint32_t part, enum query_kind query,
                      struct svc_id service, bool before) {
    time_ns offset = before ? served_for(e, op) : 0;
    if (before) op->spike.before_ns[op->spike.asked] = offset;
    if (ask_metrics(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, part, query, service,
                    (struct revision_id){0}, e->config->detection.rate_window_ns, offset))
        op->answers_due++;
}

bool spike_is_new(const struct engine *e, const struct spike *spike) {
    if (spike->all.kind != VALUE_NUMBER || spike->own.kind != VALUE_NUMBER) return false;
    int64_t passed = spike->all.micro - spike->own.micro, before = 0;
    if (spike->all_before.kind == VALUE_NUMBER && spike->own_before.kind == VALUE_NUMBER)
        before = spike->all_before.micro - spike->own_before.micro;
    return passed - before >= e->config->canary.min_effect_ppm;
}

bool spike_look_for_cause(struct engine *e, struct op *op) {
    struct spike *spike = &op->spike;
    spike->asked = true;
    for (uint32_t k = 0; k < e->change_count; k++)
        if (may_explain(e, op, &e->changes[k])) add_callee(spike, e->changes[k].service);
    for (uint32_t k = 0; k < spike->count; k++) {
        struct svc_id service = spike->callee[k].service;
        spike_ask_before(e, op, SPIKE_PART + 2 * k, QUERY_OWN_ERROR_SHARE, service, false);
        spike_ask_before(e, op, SPIKE_PART + 2 * k + 1, QUERY_OWN_ERROR_SHARE, service, true);
    }
    return op->answers_due > 0;
}

void spike_on_metric(const struct engine *e, struct op *op, const struct in_query_result *in,
                     uint32_t part) {
    uint32_t k = (part - SPIKE_PART) / 2;
    const struct gate_number number = {(enum value_kind)in->kind, in->micro, e->wall};
    if (k >= op->spike.count) return;
    if ((part - SPIKE_PART) % 2 == 0)
        op->spike.callee[k].now = number;
    else
        op->spike.callee[k].before = number;
}

const struct spike_callee *spike_explained_by(const struct engine *e, const struct spike *spike) {
    for (uint32_t k = 0; k < spike->count; k++) {
        const struct spike_callee *callee = &spike->callee[k];
        if (callee->now.kind != VALUE_NUMBER || callee->before.kind != VALUE_NUMBER) continue;
        if (callee->now.micro - callee->before.micro >= e->config->canary.min_effect_ppm)
            return callee;
    }
    return NULL;
}
