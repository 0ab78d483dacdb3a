/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/engine_rig_parts.h"

void rig_demand(struct rig *rig, bool holds, const char *what) {
    if (!holds && !rig->broken) rig->broken = what;
}

static struct rig_op *op_of(struct rig *rig, struct op_id id) {
    for (uint32_t k = 0; k < rig->op_count; k++)
        if (ID_EQ(rig->ops[k].id, id)) return &rig->ops[k];
    return NULL;
}

static void look_at_state(struct rig *rig, const struct eff_report *r) {
    enum op_state to = (enum op_state)r->detail;
    struct rig_op *op = op_of(rig, r->op);
    if (!op) {
        rig_demand(rig, to == STATE_INIT, "an operation begins in INIT");
        /* the oldest is forgotten: what it does from then on is not followed */
        if (rig->op_count == RIG_OPS_MAX)
            memmove(rig->ops, rig->ops + 1, --rig->op_count * sizeof *rig->ops);
        rig->ops[rig->op_count++] = (struct rig_op){r->op, to};
        return;
    }
    rig_demand(rig, state_may_follow(op->state, to), "a transition that the table does not have");
    op->state = to;
}

/* The audit entry of that sequence among what was logged. */
const struct eff_audit_append *rig_entry(const struct rig *rig, int64_t sequence) {
    for (uint32_t k = rig->log_count; k > 0; k--) {
        const struct eng_effect *effect = &rig->log[k - 1].effect;
        if (effect->kind == EFF_audit_append && effect->audit_append.sequence == sequence)
            return &effect->audit_append;
    }
    return NULL;
}

static void look_at_world_effect(struct rig *rig, const struct eng_input *input, struct op_id op,
                                 enum category category) {
    bool acked = input->kind == IN_audit_ack && input->audit_ack.result == AUDIT_REPLY_OK;
    const struct eff_audit_append *own = acked ? rig_entry(rig, input->audit_ack.sequence) : NULL;
    rig_demand(rig, own && ID_EQ(own->op, op) && own->category == category,
               "a world effect without its own entry's acknowledgement");
    rig_demand(rig, !rig->suspended, "a world effect while suspended");
    struct rig_op *known = op_of(rig, op);
    if (category == CATEGORY_DEPLOYMENT && known)
        rig_demand(rig, known->state == STATE_IN_PROGRESS,
                   "a stage by an operation not in progress");
}

/* Another's change is undone as a remedy: ordered as a stage is, not as a way back. */
static bool is_remedy(const struct rig *rig, const struct eng_input *input) {
    const struct eff_audit_append *own =
        input->kind == IN_audit_ack ? rig_entry(rig, input->audit_ack.sequence) : NULL;
    return own && own->category == CATEGORY_DEPLOYMENT;
}

/* The very same entry. */
static bool sent_again(const struct rig *rig, const struct eff_audit_append *a) {
    const struct eff_audit_append *former =
        a->sequence <= rig->chain_length ? rig_entry(rig, a->sequence) : NULL;
    return former && memcmp(&former->hash, &a->hash, sizeof a->hash) == 0 &&
           memcmp(&former->body, &a->body, sizeof a->body) == 0;
}

void rig_look_at(struct rig *rig, const struct eng_input *input, const struct eng_effect *e) {
    switch (e->kind) {
    case EFF_report:
        if (e->report.kind == REPORT_STATE) look_at_state(rig, &e->report);
        break;
    case EFF_suspend: rig->suspended = e->suspend.on; break;
    case EFF_lock_acquire:
    case EFF_registry_register: rig_demand(rig, !rig->suspended, "begun while suspended"); break;
    case EFF_deploy_stage:
        look_at_world_effect(rig, input, e->deploy_stage.op, CATEGORY_DEPLOYMENT);
        break;
    case EFF_roll_back:
        look_at_world_effect(rig, input, e->roll_back.op,
                             is_remedy(rig, input) ? CATEGORY_DEPLOYMENT : CATEGORY_ROLLBACK);
        break;
    case EFF_remedy:
        look_at_world_effect(rig, input, e->remedy.op,
                             e->remedy.undo ? CATEGORY_ROLLBACK : CATEGORY_DEPLOYMENT);
        break;
    case EFF_audit_append:
        if (sent_again(rig, &e->audit_append)) break;
        rig_demand(rig, e->audit_append.sequence == rig->chain_length + 1,
                   "a gap in the audit chain");
        rig_demand(rig,
                   memcmp(&e->audit_append.previous, &rig->chain_head, sizeof(struct hash)) == 0,
                   "an audit entry that does not follow the former");
        rig->chain_length = e->audit_append.sequence;
        rig->chain_head = e->audit_append.hash;
        break;
    default: break;
    }
}
