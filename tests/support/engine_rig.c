/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/engine_rig.h"

#include "engine/base/ratio.h"
#include "engine/policy/policy.h"
#include <stdio.h>
#include <stdlib.h>

#define RIG_WALL (INT64_C(1767607200) * NS_PER_S) /* 2026-01-05T10:00:00Z, a Monday */
#define OLD      ((struct revision_id){1})

/* ---- opening ---- */

static void demand(struct rig *rig, bool holds, const char *what) {
    if (!holds && !rig->broken) rig->broken = what;
}

/* Read once: a fuzzer opens a rig a thousand times a second. */
static const struct policy *fast_policy(void) {
    static char text[1 << 14];
    static struct diags diags;
    static struct policy policy;
    static struct arena arena;
    static bool good;
    if (good) return &policy;
    FILE *file = fopen(FIREDRILL_SOURCE_DIR "/policies/fast.yaml", "rb");
    size_t len = file ? fread(text, 1, sizeof text, file) : 0;
    if (file) fclose(file);
    arena_open(&arena);
    good = len > 0 && policy_load(&policy, &arena, "fast.yaml", text, len, &diags);
    return good ? &policy : NULL;
}

/* The large tables go from rig to rig as they are: counts say what is valid. */
struct rig_memory {
    struct rig_memory *next;
    struct eng_effects out;
    struct rig_logged log[RIG_LOG_MAX];
    struct rig_event events[RIG_EVENTS_MAX];
};
static struct rig_memory *spare;

static struct rig_memory *memory_take(void) {
    struct rig_memory *memory = spare;
    if (memory)
        spare = memory->next;
    else
        memory = calloc(1, sizeof *memory);
    if (!memory) abort();
    return memory;
}

void rig_open(struct rig *rig) {
    *rig = (struct rig){.wall = RIG_WALL,
                        .mono = NS_PER_S,
                        .answers_after = NS_PER_MS,
                        .own_share_ppm = 152000,
                        .patched_share_ppm = 3000,
                        .rate = 1250,
                        .culprit = PAYMENT,
                        .serving = OLD,
                        .incarnation = 1,
                        .next_revision = 100};
    arena_open(&rig->arena);
    struct rig_memory *memory = memory_take();
    rig->out = &memory->out;
    rig->log = memory->log;
    rig->events = memory->events;
    rig->memory = memory;
    const struct policy *fast = fast_policy();
    demand(rig, fast != NULL, "policies/fast.yaml does not load");
    if (fast) rig->config = fast->config;
    rig->graph.nodes = 5;
    rig->graph.call[0][1] = rig->graph.call[1][2] = true;
    for (uint32_t s = 0; s < 5; s++) {
        rig->graph.is_service[s] = 1;
        rig->graph.criticality_ppm[s] = 500000;
    }
    rig->micro[QUERY_LATENCY_P95] = 120000;
    rig->micro[QUERY_CPU_SHARE] = 400000;
    rig->micro[QUERY_MEMORY_SHARE] = 500000;
    rig->micro[QUERY_DISK_SHARE] = 300000;
    rig->micro[QUERY_BUDGET_REQUESTS] = INT64_C(100000000) * PPM_ONE;
    rig->micro[QUERY_BUDGET_ERRORS] = INT64_C(300000) * PPM_ONE;
}

void rig_start(struct rig *rig) {
    rig->config.graph = small_graph_adjacency(&rig->graph);
    rig->engine = eng_open(&rig->arena, &rig->config);
    struct eng_input input = {.kind = IN_recovered};
    input.recovered = (struct in_recovered){rig->incarnation, rig->chain_length, rig->chain_head};
    rig_feed(rig, &input);
}

void rig_close(struct rig *rig) {
    rig->memory->next = spare;
    spare = rig->memory;
    arena_close(&rig->arena);
}

/* ---- what must always hold ---- */

static struct rig_op *op_of(struct rig *rig, struct op_id id) {
    for (uint32_t k = 0; k < rig->op_count; k++)
        if (ID_EQ(rig->ops[k].id, id)) return &rig->ops[k];
    return NULL;
}

static void look_at_state(struct rig *rig, const struct eff_report *r) {
    enum op_state to = (enum op_state)r->detail;
    struct rig_op *op = op_of(rig, r->op);
    if (!op) {
        demand(rig, to == STATE_INIT, "an operation begins in INIT");
        /* the oldest is forgotten: what it does from then on is not followed */
        if (rig->op_count == RIG_OPS_MAX)
            memmove(rig->ops, rig->ops + 1, --rig->op_count * sizeof *rig->ops);
        rig->ops[rig->op_count++] = (struct rig_op){r->op, to};
        return;
    }
    demand(rig, state_may_follow(op->state, to), "a transition that the table does not have");
    op->state = to;
}

/* The audit entry of that sequence among what was logged. */
static const struct eff_audit_append *entry(const struct rig *rig, int64_t sequence) {
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
    const struct eff_audit_append *own = acked ? entry(rig, input->audit_ack.sequence) : NULL;
    demand(rig, own && ID_EQ(own->op, op) && own->category == category,
           "a world effect without its own entry's acknowledgement");
    demand(rig, !rig->suspended, "a world effect while suspended");
    struct rig_op *known = op_of(rig, op);
    if (category == CATEGORY_DEPLOYMENT && known)
        demand(rig, known->state == STATE_IN_PROGRESS, "a stage by an operation not in progress");
}

/* The very same entry. */
static bool sent_again(const struct rig *rig, const struct eff_audit_append *a) {
    const struct eff_audit_append *former =
        a->sequence <= rig->chain_length ? entry(rig, a->sequence) : NULL;
    return former && memcmp(&former->hash, &a->hash, sizeof a->hash) == 0 &&
           memcmp(&former->body, &a->body, sizeof a->body) == 0;
}

static void look_at(struct rig *rig, const struct eng_input *input, const struct eng_effect *e) {
    switch (e->kind) {
    case EFF_report:
        if (e->report.kind == REPORT_STATE) look_at_state(rig, &e->report);
        break;
    case EFF_suspend: rig->suspended = e->suspend.on; break;
    case EFF_lock_acquire:
    case EFF_registry_register: demand(rig, !rig->suspended, "begun while suspended"); break;
    case EFF_deploy_stage:
        look_at_world_effect(rig, input, e->deploy_stage.op, CATEGORY_DEPLOYMENT);
        break;
    case EFF_roll_back: look_at_world_effect(rig, input, e->roll_back.op, CATEGORY_ROLLBACK); break;
    case EFF_audit_append:
        if (sent_again(rig, &e->audit_append)) break;
        demand(rig, e->audit_append.sequence == rig->chain_length + 1, "a gap in the audit chain");
        demand(rig, memcmp(&e->audit_append.previous, &rig->chain_head, sizeof(struct hash)) == 0,
               "an audit entry that does not follow the former");
        rig->chain_length = e->audit_append.sequence;
        rig->chain_head = e->audit_append.hash;
        break;
    default: break;
    }
}

/* ---- the friendly world ---- */

static void schedule(struct rig *rig, const struct eng_input *input, time_ns after, bool timer) {
    demand(rig, rig->event_count < RIG_EVENTS_MAX, "the rig has no room for another event");
    if (rig->event_count == RIG_EVENTS_MAX) return;
    rig->events[rig->event_count++] = (struct rig_event){time_add(rig->mono, after > 0 ? after : 0),
                                                         rig->next_order++, timer, *input};
}

static void timer_forget(struct rig *rig, int64_t timer) {
    for (uint32_t k = 0; k < rig->event_count; k++)
        if (rig->events[k].is_timer && rig->events[k].input.timer_fired.timer == timer) {
            rig->events[k] = rig->events[--rig->event_count];
            return;
        }
}

static int64_t own_share(const struct rig *rig, struct svc_id service) {
    if (!ID_EQ(service, rig->culprit) || rig->unpatched_gone) return 3000;
    bool patched = !ID_EQ(rig->serving, OLD);
    int64_t now = patched ? rig->patched_share_ppm : rig->own_share_ppm;
    return now + ppm_mul(rig->share_ppm, rig->patched_share_ppm - now);
}

/* Counters of candidate and stable run on from the last time they were looked at. */
static void count_requests(struct rig *rig) {
    int64_t since = rig->mono - rig->counted_mono;
    rig->counted_mono = rig->mono;
    int64_t all = muldiv(rig->rate * PPM_ONE, since, NS_PER_S);
    int64_t seen[2] = {ppm_mul(all, rig->share_ppm), ppm_mul(all, PPM_ONE - rig->share_ppm)};
    int64_t failing[2] = {rig->patched_share_ppm, rig->own_share_ppm};
    for (int which = 0; which < 2; which++) {
        rig->requests[which] += seen[which];
        rig->errors[which] += ppm_mul(seen[which], failing[which]);
    }
}

static void answer_query(struct rig *rig, const struct eff_query *q, struct in_query_result *in) {
    *in = (struct in_query_result){.request = q->request,
                                   .query = q->query,
                                   .service = q->service,
                                   .revision = q->revision,
                                   .kind = rig->kind[q->query],
                                   .micro = rig->micro[q->query]};
    int which = ID_EQ(q->revision, OLD) ? 1 : 0;
    count_requests(rig);
    if (in->kind != VALUE_NUMBER) return;
    switch ((enum query_kind)q->query) {
    case QUERY_OWN_ERROR_SHARE:
        in->micro = q->offset_ns > 0 ? 3000 : own_share(rig, q->service);
        break;
    case QUERY_REQUESTS: in->micro = rig->requests[which]; break;
    case QUERY_FAILURES:
    case QUERY_OWN_ERRORS: in->micro = rig->errors[which]; break;
    case QUERY_REQUEST_RATE: in->micro = rig->rate * PPM_ONE; break;
    default: break;
    }
}

static void answer_evidence(const struct rig *rig, const struct eff_ask_evidence *ask,
                            struct in_evidence *in) {
    *in = (struct in_evidence){.request = ask->request,
                               .incident = ask->incident,
                               .service = ask->service,
                               .source = ask->source,
                               .reply = REPLY_OK,
                               .culprit = ID_NONE(svc_id),
                               .count = 40};
    if (ask->source == SOURCE_LOGS) {
        text_set(&in->exception, "java.lang.NullPointerException");
        text_set(&in->file, "PaymentService.java");
        in->line = 237;
    } else {
        in->culprit = rig->culprit;
        in->culprit_share_ppm = 900000;
    }
}

static void answer_snapshot(struct rig *rig, int64_t request, struct op_id op,
                            struct in_registry_snapshot *in) {
    *in = (struct in_registry_snapshot){
        .request = request, .op = op, .number = 100 + rig->next_intent, .intents = rig->others};
}

/* What serves from the moment the target answers. */
static void answer_deploy(struct rig *rig, const struct eff_deploy_stage *d,
                          struct in_deployment *in) {
    count_requests(rig);
    bool whole = d->share_ppm == PPM_ONE;
    if (!ID_EQ(rig->candidate, d->revision)) rig->requests[0] = rig->errors[0] = 0; /* new pods */
    rig->serving = whole ? d->revision : rig->serving;
    rig->candidate = whole ? (struct revision_id){0} : d->revision;
    rig->share_ppm = whole ? 0 : d->share_ppm;
    *in = (struct in_deployment){.request = d->request,
                                 .op = d->op,
                                 .service = d->service,
                                 .status = DEPLOY_DONE,
                                 .serving = rig->serving,
                                 .candidate = rig->candidate,
                                 .share_ppm = d->share_ppm,
                                 .pods_total = 20,
                                 .pods_done = 20};
}

static void answer_back(struct rig *rig, const struct eff_roll_back *b, struct in_deployment *in) {
    count_requests(rig);
    rig->serving = b->to;
    rig->candidate = (struct revision_id){0};
    rig->share_ppm = 0;
    *in = (struct in_deployment){.request = b->request,
                                 .op = b->op,
                                 .service = b->service,
                                 .status = DEPLOY_DONE,
                                 .serving = b->to};
}

static bool answer_store(struct rig *rig, const struct eng_effect *e, struct eng_input *in) {
    in->kind = IN_lock_reply;
    struct in_lock_reply *r = &in->lock_reply;
    switch (e->kind) {
    case EFF_lock_acquire:
        *r = (struct in_lock_reply){.request = e->lock_acquire.request,
                                    .op = e->lock_acquire.op,
                                    .scope = e->lock_acquire.scope,
                                    .name = e->lock_acquire.name,
                                    .result = LOCK_REPLY_GRANTED,
                                    .token_epoch = 1,
                                    .token_number = ++rig->next_token,
                                    .generation = e->lock_acquire.generation,
                                    .expires_in_ns = e->lock_acquire.ttl_ns};
        return true;
    case EFF_lock_renew:
        *r = (struct in_lock_reply){.request = e->lock_renew.request,
                                    .op = e->lock_renew.op,
                                    .scope = e->lock_renew.scope,
                                    .name = e->lock_renew.name,
                                    .result = LOCK_REPLY_RENEWED,
                                    .token_epoch = e->lock_renew.token_epoch,
                                    .token_number = e->lock_renew.token_number,
                                    .expires_in_ns = e->lock_renew.ttl_ns};
        return true;
    case EFF_lock_release:
        *r = (struct in_lock_reply){.request = e->lock_release.request,
                                    .op = e->lock_release.op,
                                    .scope = e->lock_release.scope,
                                    .name = e->lock_release.name,
                                    .result = LOCK_REPLY_RELEASED};
        return true;
    case EFF_lock_leave:
        *r = (struct in_lock_reply){.request = e->lock_leave.request,
                                    .op = e->lock_leave.op,
                                    .scope = e->lock_leave.scope,
                                    .name = e->lock_leave.name,
                                    .result = LOCK_REPLY_CANCELLED,
                                    .generation = e->lock_leave.generation};
        return true;
    default: return false;
    }
}

bool rig_friendly(struct rig *rig, const struct eng_effect *e, struct eng_input *in) {
    switch (e->kind) {
    case EFF_query:
        in->kind = IN_query_result;
        answer_query(rig, &e->query, &in->query_result);
        return true;
    case EFF_ask_evidence:
        in->kind = IN_evidence;
        answer_evidence(rig, &e->ask_evidence, &in->evidence);
        return true;
    case EFF_ask_patch:
        in->kind = IN_patch_reply;
        in->patch_reply = (struct in_patch_reply){.request = e->ask_patch.request,
                                                  .op = e->ask_patch.op,
                                                  .reply = REPLY_OK,
                                                  .revision = {(uint32_t)rig->next_revision++},
                                                  .base = e->ask_patch.base,
                                                  .size_lines = 12};
        return true;
    case EFF_ask_checks:
        in->kind = IN_check_results;
        in->check_results = (struct in_check_results){.request = e->ask_checks.request,
                                                      .op = e->ask_checks.op,
                                                      .reply = REPLY_OK,
                                                      .revision = e->ask_checks.revision,
                                                      .syntax = true,
                                                      .analysis = true,
                                                      .dependencies = true,
                                                      .tests_run = 40};
        return true;
    case EFF_registry_register:
        in->kind = IN_registry_snapshot;
        rig->next_intent++;
        answer_snapshot(rig, e->registry_register.request, e->registry_register.op,
                        &in->registry_snapshot);
        return true;
    case EFF_registry_remove:
        in->kind = IN_registry_snapshot;
        answer_snapshot(rig, e->registry_remove.request, e->registry_remove.op,
                        &in->registry_snapshot);
        in->registry_snapshot.number = 0;
        return true;
    case EFF_registry_read:
        in->kind = IN_registry_snapshot;
        answer_snapshot(rig, e->registry_read.request, e->registry_read.op, &in->registry_snapshot);
        return true;
    case EFF_ask_deployment:
        in->kind = IN_deployment;
        in->deployment = (struct in_deployment){.request = e->ask_deployment.request,
                                                .op = e->ask_deployment.op,
                                                .service = e->ask_deployment.service,
                                                .status = DEPLOY_STATE,
                                                .serving = rig->serving,
                                                .candidate = rig->candidate,
                                                .share_ppm = rig->share_ppm};
        return true;
    case EFF_deploy_stage:
        in->kind = IN_deployment;
        answer_deploy(rig, &e->deploy_stage, &in->deployment);
        return true;
    case EFF_roll_back:
        in->kind = IN_deployment;
        answer_back(rig, &e->roll_back, &in->deployment);
        return true;
    case EFF_notify:
        in->kind = IN_notify_ack;
        in->notify_ack = (struct in_notify_ack){e->notify.message, true, e->notify.channels};
        return true;
    case EFF_audit_append:
        in->kind = IN_audit_ack;
        in->audit_ack =
            (struct in_audit_ack){e->audit_append.sequence, AUDIT_REPLY_OK, e->audit_append.hash};
        return true;
    case EFF_audit_read: {
        const struct eff_audit_append *kept = entry(rig, e->audit_read.sequence);
        in->kind = IN_audit_record;
        in->audit_record =
            (struct in_audit_record){.request = e->audit_read.request,
                                     .result = kept ? AUDIT_REPLY_OK : AUDIT_REPLY_UNAVAILABLE,
                                     .sequence = e->audit_read.sequence};
        if (!kept) return true;
        in->audit_record.previous = kept->previous;
        in->audit_record.hash = kept->hash;
        in->audit_record.body = kept->body;
        return true;
    }
    default: return answer_store(rig, e, in);
    }
}

void rig_later(struct rig *rig, const struct eng_input *input, time_ns after) {
    schedule(rig, input, after, false);
}

static void carry_out(struct rig *rig, const struct eng_effect *e) {
    struct eng_input input = {.kind = IN_COUNT};
    if (e->kind == EFF_arm_timer || e->kind == EFF_cancel_timer) {
        /* one timer has one number: to arm it again is to forget the former */
        timer_forget(rig, e->kind == EFF_arm_timer ? e->arm_timer.timer : e->cancel_timer.timer);
        if (e->kind == EFF_cancel_timer) return;
        input.kind = IN_timer_fired;
        input.timer_fired = (struct in_timer_fired){e->arm_timer.timer, e->arm_timer.generation};
        schedule(rig, &input, e->arm_timer.after_ns, true);
        return;
    }
    enum rig_answer how = rig->hook ? rig->hook(rig, e, &input) : RIG_FRIENDLY;
    if (how == RIG_FRIENDLY && rig->silent[e->kind]) how = RIG_SILENT;
    if (how == RIG_SILENT || (how == RIG_FRIENDLY && !rig_friendly(rig, e, &input))) return;
    rig_later(rig, &input, rig->answers_after);
}

void rig_feed(struct rig *rig, const struct eng_input *input) {
    struct eng_input now = *input;
    now.wall = rig->wall;
    now.mono = rig->mono;
    eng_step(rig->engine, &now, rig->out);
    demand(rig, rig->out->count <= EFFECTS_MAX, "more effects than fit");
    for (uint32_t k = 0; k < rig->out->count; k++) {
        look_at(rig, input, &rig->out->list[k]);
        if (rig->log_count == RIG_LOG_MAX) { /* the older half is forgotten */
            rig->log_count = RIG_LOG_MAX / 2;
            memmove(rig->log, rig->log + rig->log_count, rig->log_count * sizeof *rig->log);
        }
        rig->log[rig->log_count++] = (struct rig_logged){rig->mono, rig->out->list[k]};
    }
    for (uint32_t k = 0; k < rig->out->count; k++) carry_out(rig, &rig->out->list[k]);
}

/* ---- time ---- */

static struct rig_event *earliest(struct rig *rig) {
    struct rig_event *first = NULL;
    for (uint32_t k = 0; k < rig->event_count; k++) {
        struct rig_event *event = &rig->events[k];
        if (!first || event->due_mono < first->due_mono ||
            (event->due_mono == first->due_mono && event->order < first->order))
            first = event;
    }
    return first;
}

static void clocks_to(struct rig *rig, time_ns mono) {
    rig->wall += mono - rig->mono;
    rig->mono = mono;
}

bool rig_next(struct rig *rig) {
    struct rig_event *event = earliest(rig);
    if (!event) return false;
    struct rig_event now = *event;
    *event = rig->events[--rig->event_count];
    clocks_to(rig, now.due_mono);
    rig_feed(rig, &now.input);
    return true;
}

static void run_until(struct rig *rig, time_ns end) {
    for (const struct rig_event *event; (event = earliest(rig)) && event->due_mono <= end;)
        rig_next(rig);
    clocks_to(rig, end);
}

void rig_run(struct rig *rig, time_ns duration) {
    time_ns end = rig->mono + duration;
    while (rig->alerting && rig->mono + NS_PER_S <= end) {
        run_until(rig, rig->mono + NS_PER_S);
        int64_t own = own_share(rig, PAYMENT);
        rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, own > rig->config.detection.own_error_limit_ppm);
    }
    run_until(rig, end);
}

/* ---- people and alerts ---- */

void rig_alert(struct rig *rig, struct svc_id service, enum symptom symptom, bool firing) {
    struct eng_input input = {.kind = IN_alert};
    input.alert = (struct in_alert){.service = service,
                                    .symptom = symptom,
                                    .firing = firing,
                                    .active_since_wall = rig->wall - NS_PER_S};
    rig_feed(rig, &input);
}

void rig_says(struct rig *rig, struct in_person_decision said, const char *team, const char *role) {
    struct eng_input input = {.kind = IN_person_decision, .person_decision = said};
    text_set(&input.person_decision.team, team);
    text_set(&input.person_decision.role, role);
    if (said.issued_wall == 0) input.person_decision.issued_wall = rig->wall;
    rig_feed(rig, &input);
}

bool rig_decide(struct rig *rig, enum message_form form, enum answer answer) {
    for (uint32_t k = rig->log_count; k > 0; k--) {
        const struct eff_notify *n = &rig->log[k - 1].effect.notify;
        if (rig->log[k - 1].effect.kind != EFF_notify || n->form != (int64_t)form) continue;
        struct in_person_decision said = {.message = n->message,
                                          .answer = answer,
                                          .service = n->service,
                                          .approval = ++rig->approvals,
                                          .plan = n->plan};
        rig_says(rig, said, "sre", "on-call");
        return true;
    }
    return false;
}

/* As the operation stated it last; zero before. */
static struct hash rig_plan(const struct rig *rig, struct op_id op) {
    for (uint32_t k = rig->log_count; k > 0; k--) {
        const struct eng_effect *e = &rig->log[k - 1].effect;
        if (e->kind == EFF_registry_register && ID_EQ(e->registry_register.op, op))
            return e->registry_register.plan;
        if (e->kind == EFF_notify && ID_EQ(e->notify.op, op)) return e->notify.plan;
    }
    return (struct hash){0};
}

void rig_command(struct rig *rig, enum command_kind command, const char *team, struct op_id op) {
    struct eng_input input = {.kind = IN_person_command};
    input.person_command = (struct in_person_command){.command = command,
                                                      .op = op,
                                                      .severity = SEVERITY_WARNING,
                                                      .approval = ++rig->approvals,
                                                      .plan = rig_plan(rig, op),
                                                      .issued_wall = rig->wall};
    text_set(&input.person_command.team, team);
    text_set(&input.person_command.role, "on-call");
    text_set(&input.person_command.reason, "by a test");
    rig_feed(rig, &input);
}

/* ---- questions ---- */

#define EACH_LOGGED(rig, e)                                                                        \
    for (const struct rig_logged *e = (rig)->log; e < (rig)->log + (rig)->log_count; e++)

uint32_t rig_count(const struct rig *rig, enum effect_kind kind) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e) count += e->effect.kind == kind;
    return count;
}

const struct eng_effect *rig_last(const struct rig *rig, enum effect_kind kind) {
    const struct eng_effect *last = NULL;
    EACH_LOGGED(rig, e) if (e->effect.kind == kind) last = &e->effect;
    return last;
}

uint32_t rig_reported(const struct rig *rig, enum report_kind kind) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e)
    count += e->effect.kind == EFF_report && e->effect.report.kind == (int64_t)kind;
    return count;
}

uint32_t rig_told(const struct rig *rig, enum message_form form, enum reason why) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e)
    count += e->effect.kind == EFF_notify && e->effect.notify.form == (int64_t)form &&
             e->effect.notify.reason == (int64_t)why;
    return count;
}

static bool body_says(const struct blob *body, const char *what) {
    size_t len = strlen(what);
    for (size_t at = 0; at + len <= body->len; at++)
        if (memcmp(body->b + at, what, len) == 0) return true;
    return false;
}

bool rig_audited(const struct rig *rig, enum category category, const char *what) {
    EACH_LOGGED(rig, e)
    if (e->effect.kind == EFF_audit_append &&
        e->effect.audit_append.category == (int64_t)category &&
        body_says(&e->effect.audit_append.body, what))
        return true;
    return false;
}

uint32_t rig_entries(const struct rig *rig, enum op_state state) {
    uint32_t count = 0;
    EACH_LOGGED(rig, e)
    count += e->effect.kind == EFF_report && e->effect.report.kind == REPORT_STATE &&
             e->effect.report.detail == (int64_t)state;
    return count;
}

struct op_id rig_op(const struct rig *rig, uint32_t nth) {
    return nth < rig->op_count ? rig->ops[nth].id : ID_NONE64(op_id);
}

enum op_state rig_state(const struct rig *rig) {
    return rig->op_count ? rig->ops[rig->op_count - 1].state : STATE_COUNT;
}
