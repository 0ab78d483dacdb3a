/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/engine.h"

#include "engine/base/check.h"
#include "engine/core.h"

/* The door: memory once, then one input in, its effects out. All that happens is in the parts. */

struct engine *eng_open(struct arena *arena, const struct eng_config *config) {
    struct engine *e = ARENA_NEW(arena, struct engine, 1);
    e->config = config;
    e->graph = config->graph;
    e->mode = config->mode;
    e->search = search_open(arena, &e->graph);
    e->ops = ARENA_NEW(arena, struct op, config->limits.operations);
    e->incidents = ARENA_NEW(arena, struct incident, config->limits.incidents);
    e->suspect_count = config->limits.incidents;
    e->suspects = ARENA_NEW(arena, struct suspect, e->suspect_count);
    e->pending = ARENA_NEW(arena, struct pending_effect, config->limits.audit_pending);
    e->sent = ARENA_NEW(arena, struct eff_audit_append, config->limits.audit_pending);
    e->op_entries = ARENA_NEW(arena, struct last_entry, config->limits.operations);
    e->incident_entries = ARENA_NEW(arena, struct last_entry, config->limits.incidents);
    e->notices = ARENA_NEW(arena, struct notice, config->notices.messages_kept);
    e->throttles = ARENA_NEW(arena, struct throttle, config->notices.messages_kept);
    e->trail_ops = ARENA_NEW(arena, struct trail_op, config->limits.operations);
    e->trail_incidents = ARENA_NEW(arena, struct trail_incident, config->limits.incidents);
    return e;
}

void eng_restart(struct engine *e) {
    const struct eng_config *config = e->config;
    struct engine fresh = {.config = config,
                           .mode = config->mode,
                           .graph = config->graph,
                           .search = e->search,
                           .ops = e->ops,
                           .incidents = e->incidents,
                           .suspects = e->suspects,
                           .suspect_count = e->suspect_count,
                           .pending = e->pending,
                           .sent = e->sent,
                           .op_entries = e->op_entries,
                           .incident_entries = e->incident_entries,
                           .notices = e->notices,
                           .throttles = e->throttles,
                           .trail_ops = e->trail_ops,
                           .trail_incidents = e->trail_incidents};
    memset(e->ops, 0, config->limits.operations * sizeof *e->ops);
    memset(e->incidents, 0, config->limits.incidents * sizeof *e->incidents);
    memset(e->suspects, 0, e->suspect_count * sizeof *e->suspects);
    memset(e->pending, 0, config->limits.audit_pending * sizeof *e->pending);
    memset(e->op_entries, 0, config->limits.operations * sizeof *e->op_entries);
    memset(e->incident_entries, 0, config->limits.incidents * sizeof *e->incident_entries);
    memset(e->notices, 0, config->notices.messages_kept * sizeof *e->notices);
    memset(e->throttles, 0, config->notices.messages_kept * sizeof *e->throttles);
    memset(e->trail_ops, 0, config->limits.operations * sizeof *e->trail_ops);
    memset(e->trail_incidents, 0, config->limits.incidents * sizeof *e->trail_incidents);
    *e = fresh;
}

static void on_recovered(struct engine *e, const struct in_recovered *in) {
    e->started = true;
    e->incarnation = (uint32_t)in->incarnation;
    /* what was asked by a former incarnation is no answer to this one */
    e->next_request = e->next_message = e->next_decision = in->incarnation << 40;
    e->audit_sequence = e->audit_acked = in->sequence;
    e->audit_head = in->head;
    chain_on_start(e, in);
    audit(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_INFO, NULL, NULL, "engine started", NULL);
}

static void on_past_operation(struct engine *e, const struct in_past_operation *in) {
    e->past[e->past_count++ % PAST_MAX] = (struct past_op){in->ended_wall, in->failed};
    remember_change(e, in->service, in->op, in->ended_wall, false);
}

static void on_op_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                         uint32_t part) {
    switch (op->state == STATE_PAUSED ? op->paused_step : op->step) {
    case STEP_PLAN: plan_on_metric(e, op, in, part); break;
    case STEP_PERSIST: persist_on_metric(e, op, in, part); break;
    case STEP_GATES: gates_on_metric(e, op, in, part); break;
    case STEP_SOAK: canary_on_metric(e, op, in, part); break;
    case STEP_WATCH: verify_on_metric(e, op, in, part); break;
    default: break; /* the step it was for is over */
    }
}

static void on_metric(struct engine *e, const struct in_query_result *in) {
    struct query_slot slot;
    if (!take_query(e, in->request, &slot)) return;
    switch (slot.owner) {
    case OWNER_SUSPECT:
        if (e->suspects[slot.index].in_use) suspect_on_metric(e, slot.index, in, slot.part);
        break;
    case OWNER_INCIDENT: {
        struct incident *i = &e->incidents[slot.index];
        if (i->in_use && (int64_t)i->id.v == slot.generation)
            diagnose_on_metric(e, i, in, slot.part);
        break;
    }
    default: {
        struct op *op = &e->ops[slot.index];
        if (op->in_use && (int64_t)op->id.v == slot.generation) on_op_metric(e, op, in, slot.part);
        break;
    }
    }
}

static void on_deployment(struct engine *e, const struct in_deployment *in) {
    struct op *op = op_by_id(e, in->op);
    if (!op || in->request != op->request) return;
    if (op_step_of(op) == STEP_REMEDY) {
        remedy_on_deployment(e, op, in);
        return;
    }
    switch (op->step) {
    case STEP_PLAN: plan_on_deployment(e, op, in); break;
    case STEP_BASE: patch_on_deployment(e, op, in); break;
    case STEP_REBASE: rebase_on_deployment(e, op, in); break;
    case STEP_PERSON:
    case STEP_ORDER: canary_on_deployment(e, op, in); break;
    case STEP_RECOVER: recover_on_deployment(e, op, in); break;
    case STEP_BACK:
    case STEP_BACK_CHECK: rollback_on_deployment(e, op, in); break;
    default: break;
    }
}

static void on_engine_timer(struct engine *e, enum engine_timer timer) {
    switch (timer) {
    case ENGINE_TIMER_AUDIT: audit_on_silence(e); break;
    case ENGINE_TIMER_ROUND: round_on_timer(e); break;
    case ENGINE_TIMER_CHAIN: chain_on_silence(e); break;
    case ENGINE_TIMER_SCRUB: chain_scrub(e); break;
    case ENGINE_TIMER_NOTICE: notices_on_timer(e); break;
    case ENGINE_TIMER_RECOVER: recover_next(e); break;
    case ENGINE_TIMER_FADING: fading_on_timer(e); break;
    case ENGINE_TIMER_WITHDRAW: withdraw_on_timer(e); break;
    case ENGINE_TIMER_COUNT: UNREACHABLE();
    }
}

static void on_timer(struct engine *e, const struct in_timer_fired *in) {
    uint32_t index = 0, timer = 0;
    switch (timer_owner(e, in, &index, &timer)) {
    case TIMER_OF_OP: op_on_timer(e, &e->ops[index], (enum op_timer)timer); break;
    case TIMER_OF_INCIDENT: diagnose_on_timeout(e, &e->incidents[index]); break;
    case TIMER_OF_ENGINE: on_engine_timer(e, (enum engine_timer)timer); break;
    case TIMER_STALE: break;
    }
}

static void handle(struct engine *e, const struct eng_input *input) {
    e->wall = input->wall;
    e->mono = input->mono;
    e->by_person = true;
    switch (input->kind) {
    case IN_person_command: e->person = input->person_command.person; break;
    case IN_person_decision: e->person = input->person_decision.person; break;
    case IN_acknowledgement: e->person = input->acknowledgement.person; break;
    default: e->by_person = false; break;
    }
    switch (input->kind) {
    case IN_recovered: on_recovered(e, &input->recovered); break;
    case IN_past_operation: on_past_operation(e, &input->past_operation); break;
    case IN_alert: incident_on_alert(e, &input->alert); break;
    case IN_query_result: on_metric(e, &input->query_result); break;
    case IN_evidence: diagnose_on_evidence(e, &input->evidence); break;
    case IN_change: admit_on_change(e, &input->change); break;
    case IN_patch_reply: patch_on_reply(e, &input->patch_reply); break;
    case IN_check_results: patch_on_checks(e, &input->check_results); break;
    case IN_lock_reply: lock_on_reply(e, &input->lock_reply); break;
    case IN_registry_snapshot: admit_on_snapshot(e, &input->registry_snapshot); break;
    case IN_graph_update: break; /* the adjacency is fixed for an incarnation; its age is known */
    case IN_deployment: on_deployment(e, &input->deployment); break;
    case IN_notify_ack: notices_on_ack(e, &input->notify_ack); break;
    case IN_acknowledgement: messages_on_acknowledgement(e, &input->acknowledgement); break;
    case IN_person_decision: people_on_decision(e, &input->person_decision); break;
    case IN_person_command: people_on_command(e, &input->person_command); break;
    case IN_audit_ack: audit_on_ack(e, &input->audit_ack); break;
    case IN_audit_record: chain_on_record(e, &input->audit_record); break;
    case IN_checkpoint: chain_on_checkpoint(e, &input->checkpoint); break;
    case IN_timer_fired: on_timer(e, &input->timer_fired); break;
    case IN_COUNT: UNREACHABLE();
    }
}

void eng_step(struct engine *e, const struct eng_input *input, struct eng_effects *out) {
    out->count = 0;
    e->out = out;
    const char *refused = door_refuses(e, input);
    if (refused)
        refuse(e, refused, 0);
    else
        handle(e, input);
    e->out = NULL;
}

void eng_summarise(const struct engine *e, struct eng_summary *out) {
    *out = (struct eng_summary){.suspended = e->suspended, .suspended_why = e->suspended_why};
    for (uint32_t k = 0; k < e->config->limits.incidents; k++)
        if (e->incidents[k].in_use) out->incidents_open++;
    for (uint32_t k = 0; k < e->config->limits.operations; k++) {
        const struct op *op = &e->ops[k];
        if (!op->in_use) continue;
        out->operations_open++;
        for (int l = 0; l < OP_LOCKS; l++)
            if (op->lock[l].held) out->locks_held++;
        for (int t = 0; t < TIMER_COUNT; t++)
            if (op_timer_armed(op, (enum op_timer)t)) out->timers_armed++;
    }
}

enum op_state eng_op_state(const struct engine *e, struct op_id id) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->ops[k].in_use && ID_EQ(e->ops[k].id, id)) return e->ops[k].state;
    return STATE_CANCELLED;
}
