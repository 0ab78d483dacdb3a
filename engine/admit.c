/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * May this operation run beside the others? It states its intent (the store numbers it), reads all
 * intents and goes on only if no conflicting one has a lower number, so two engines can neither
 * both pass nor both back off. The check repeats under the lock. After any wait the cause is looked
 * at again, and the patch's base too: the world moves on while one waits.
 */

time_ns mono_of(const struct engine *e, time_ns wall) {
    return e->wall > wall ? e->mono - (e->wall - wall) : e->mono;
}

void remember_change(struct engine *e, struct svc_id service, struct op_id op, time_ns at_wall,
                     bool running) {
    for (uint32_t k = 0; k < e->change_count; k++)
        if (ID_EQ(e->changes[k].service, service) && ID_EQ(e->changes[k].op, op)) {
            e->changes[k].at_mono = mono_of(e, at_wall);
            e->changes[k].running = running;
            return;
        }
    uint32_t k = e->change_count;
    if (k == CHANGES_MAX) { /* full: the oldest is forgotten */
        k = 0;
        for (uint32_t j = 1; j < CHANGES_MAX; j++)
            if (e->changes[j].at_mono < e->changes[k].at_mono) k = j;
    } else
        e->change_count++;
    e->changes[k] = (struct recent_change){
        .service = service, .op = op, .at_mono = mono_of(e, at_wall), .running = running};
}

void remember_revision(struct engine *e, const struct in_change *in) {
    remember_change(e, in->service, in->op, in->at_wall, !in->ended);
    for (uint32_t k = 0; k < e->change_count; k++) {
        struct recent_change *c = &e->changes[k];
        if (!ID_EQ(c->service, in->service) || !ID_EQ(c->op, in->op)) continue;
        c->kind = (enum op_kind)in->kind;
        c->revision = in->revision;
    }
}

void admit_on_change(struct engine *e, const struct in_change *in) {
    if (op_by_id(e, in->op)) return; /* our own, and it has not ended */
    remember_revision(e, in);
}

static void read_registry(struct engine *e, struct op *op, enum op_step step) {
    op->step = step;
    op->request = next_request(e);
    emit(e, EFF_registry_read)->registry_read = (struct eff_registry_read){op->request, op->id};
    op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
}

void admit_begin(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    if (e->suspended) { /* nothing is begun; looked at again later */
        op->step = STEP_COOLDOWN;
        op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_max_ns);
        return;
    }
    op->step = STEP_REGISTER;
    op->registered = true;
    op->request = next_request(e);
    emit(e, EFF_registry_register)->registry_register =
        (struct eff_registry_register){op->request,
                                       op->id,
                                       op->kind,
                                       op->service,
                                       i->id,
                                       op->plan,
                                       e->config->states.limit_ns[STATE_PAUSED]};
    op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
}

void admit_recheck(struct engine *e, struct op *op) { read_registry(e, op, STEP_REREAD); }

static void audit_conflicts(struct engine *e, const struct op *op, const struct conflicts *found) {
    const struct incident *i = &e->incidents[op->incident];
    for (uint32_t k = 0; k < found->count; k++) {
        struct text explanation, recommendation;
        conflict_explain(&found->list[k], &explanation, &recommendation);
        audit(e, CATEGORY_CONFLICT_DETECTION, found->list[k].severity, op, i,
              conflict_name(found->list[k].type), &explanation);
    }
}

struct planned admit_planned(const struct op *op) {
    return (struct planned){.op = op->id,
                            .kind = op->kind,
                            .service = op->service,
                            .changes_shared = op->changes_shared,
                            .undoes = op->remedy == REMEDY_ROLL_BACK_CHANGE,
                            .undone_mono = op->undone_mono};
}

static void detect(struct engine *e, struct op *op, const struct intents *intents,
                   bool include_direct, struct conflicts *found) {
    const struct planned planned = admit_planned(op);
    conflict_detect(e->search, e->config, &planned, intents, op->registry_number, include_direct,
                    e->changes, e->change_count, e->mono, found);
    struct conflicts all = *found;
    bool approved = op_is_approved(e, op, REASON_CONFLICT);
    if (approved) conflict_waive(found, &op->shown);
    struct admission admission = {intents, include_direct, approved, &all, found};
    admit_record(e, op, &admission);
    audit_conflicts(e, op, &all);
}

static void ask_about(struct engine *e, struct op *op, const struct conflicts *found) {
    conflict_show(found, &op->shown);
    op_pause(e, op, REASON_CONFLICT, FORM_CONFIRM, "it conflicts with another operation");
}

static void wait_in_init(struct engine *e, struct op *op, time_ns wait) {
    op->step = STEP_COOLDOWN;
    op->waited = true;
    op_timer_arm(e, op, TIMER_WAIT, wait > 0 ? wait : e->config->locking.backoff_max_ns);
}

/* Whoever changes all services at once holds SYSTEM, and no SERVICE lock to queue at. */
static bool blocked_by_maintenance(const struct conflicts *found) {
    for (uint32_t k = 0; k < found->count; k++)
        if (found->list[k].type == CONFLICT_DIRECT && found->list[k].action == ACTION_BLOCK &&
            found->list[k].figure == OPKIND_MAINTENANCE)
            return true;
    return false;
}

static void before_lock(struct engine *e, struct op *op, const struct intents *intents) {
    struct conflicts found;
    detect(e, op, intents, true, &found);
    if (found.action >= ACTION_PAUSE)
        ask_about(e, op, &found);
    else if (blocked_by_maintenance(&found))
        wait_in_init(e, op, 0);
    else if (found.action == ACTION_DELAY)
        wait_in_init(e, op, found.list[found.deciding].until_mono - e->mono);
    else
        lock_begin(e, op); /* allow, warn; block: the SERVICE lock serialises it */
}

static void defer(struct engine *e, struct op *op, const char *why) {
    struct incident *i = &e->incidents[op->incident];
    op_end(e, op, STATE_CANCELLED, CANCEL_DEFERRED, why);
    op_open(e, i);
}

static void under_lock(struct engine *e, struct op *op, const struct intents *intents) {
    struct conflicts found;
    detect(e, op, intents, false, &found);
    if (found.action == ACTION_DELAY)
        defer(e, op, "something related changed meanwhile");
    else if (blocked_by_maintenance(&found))
        defer(e, op, "maintenance has begun");
    else if (found.action >= ACTION_PAUSE)
        ask_about(e, op, &found);
    else
        gates_begin(e, op);
}

/* All lock attempts are used up: whoever holds it is alive as long as its intent stands. */
static void after_attempts(struct engine *e, struct op *op, const struct intents *intents) {
    for (uint32_t k = 0; k < intents->count; k++)
        if (ID_EQ(intents->list[k].op, op->holder)) {
            op->step = STEP_BACKOFF;
            op->lock_attempt = 0;
            op_timer_arm(e, op, TIMER_WAIT, e->config->locking.backoff_max_ns);
            return;
        }
    struct incident *i = &e->incidents[op->incident];
    if (op->served) { /* it lost its locks under way and cannot have them back */
        op_pause(e, op, REASON_LOCK_TIMEOUT, FORM_TAKE_OVER, "the lock could not be had again");
        return;
    }
    op_give_up(e, op, CANCEL_REFUSED, "all lock attempts are used up");
    incident_hand_over(e, i, REASON_LOCK_TIMEOUT, "the lock could not be had");
}

void admit_on_snapshot(struct engine *e, const struct in_registry_snapshot *in) {
    struct op *op = op_by_id(e, in->op);
    if (!op) withdraw_on_snapshot(e, in);
    if (!op || op->request != in->request) return;
    withdraw_strays(e, &in->intents);
    if (op->step == STEP_REGISTER) {
        op_timer_cancel(e, op, TIMER_REPLY);
        op->registry_number = in->number;
        before_lock(e, op, &in->intents);
    } else if (op->step == STEP_REREAD) {
        op_timer_cancel(e, op, TIMER_REPLY);
        under_lock(e, op, &in->intents);
    } else if (op->step == STEP_BACKOFF) {
        op_timer_cancel(e, op, TIMER_REPLY);
        after_attempts(e, op, &in->intents);
    }
}

/* ---- under the lock: does the cause persist, and is the patch still of what serves? ---- */

static void ask_serving(struct engine *e, struct op *op) {
    op->step = STEP_REBASE;
    op->request = next_request(e);
    emit(e, EFF_ask_deployment)->ask_deployment =
        (struct eff_ask_deployment){op->request, op->id, op->service};
    op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
}

void persist_check(struct engine *e, struct op *op) {
    /* of one that was eased nothing is seen, and its cause is there */
    if (!op->waited || e->incidents[op->incident].mitigated) {
        ask_serving(e, op);
        return;
    }
    gone_begin(&op->gone, e->mono);
    persist_again(e, op);
}

void persist_again(struct engine *e, struct op *op) {
    op->step = STEP_PERSIST;
    gone_ask(e, OWNER_OP, op_index(e, op), (int64_t)op->id.v, &e->incidents[op->incident],
             &op->gone);
    op_timer_arm(e, op, TIMER_REPLY, e->config->detection.query_timeout_ns); /* asked or refused */
}

/* Too little was seen to tell: a window later there is more, but locks are not held for ever, and a
 * person who was asked and let it go on is not asked again. */
static void persist_unsure(struct engine *e, struct op *op) {
    time_ns window = e->config->detection.rate_window_ns;
    time_ns looked = e->mono - op->gone.began_mono;
    time_ns left = op->state_left_ns - (e->mono - op->state_began_mono);
    if (op->gone_asked)
        ask_serving(e, op);
    else if (looked + window <= e->config->canary.hold_max_ns &&
             (op->state_left_ns == 0 || window < left))
        op_timer_arm(e, op, TIMER_WAIT, window);
    else {
        op->gone_asked = true;
        op_pause(e, op, REASON_NO_DATA, FORM_TAKE_OVER, "metrics do not say whether it persists");
    }
}

void persist_on_metric(struct engine *e, struct op *op, const struct in_query_result *in,
                       uint32_t part) {
    struct incident *i = &e->incidents[op->incident];
    if (!gone_on_metric(e, &op->gone, in, part)) return;
    op_timer_cancel(e, op, TIMER_REPLY);
    switch (gone_judge(e, i, &op->gone)) {
    case GONE_NO: ask_serving(e, op); break;
    case GONE_UNSURE: persist_unsure(e, op); break;
    case GONE_YES:
        op_end(e, op, STATE_CANCELLED, CANCEL_HEALED_BY_ANOTHER, "the cause is gone");
        incident_close(e, i, REPORT_CLOSED_HEALED_BY_ANOTHER);
    }
}

void rebase_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    op_timer_cancel(e, op, TIMER_REPLY);
    if (!ID_EQ(in->serving, op->base) || in->candidate.v != 0)
        defer(e, op, "another revision serves than the patch was made on");
    else
        admit_recheck(e, op);
}
