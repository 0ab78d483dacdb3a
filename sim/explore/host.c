/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Engines and what answers them at once: metrics, evidence, patches, checks, the audit log,
 * people's mailboxes. What goes to the lock store or the deploy target is only put under way here.
 */
#include "engine/base/ratio.h"
#include "sim/explore/state.h"

#define ANSWERS_MAX    128
#define HEALTHY_PPM    3000
#define BROKEN_PPM     152000
#define FIRST_REVISION 1

/* ---- timers ---- */

static void timer_forget(struct x_node *node, int64_t timer) {
    for (uint32_t i = 0; i < node->timer_count; i++)
        if (node->timers[i].timer == timer) {
            node->timers[i] = node->timers[--node->timer_count];
            return;
        }
}

static void timer_arm(struct explorer *x, struct x_node *node, const struct eff_arm_timer *arm) {
    timer_forget(node, arm->timer);
    ASSERT(node->timer_count < TIMERS_MAX);
    time_ns after = arm->after_ns > 0 ? arm->after_ns : 0;
    node->timers[node->timer_count++] =
        (struct x_timer){arm->timer, arm->generation, time_add(x->now->now, after)};
}

/* ---- what is answered at once ---- */

static struct eng_input *answer(struct explorer *x, enum input_kind kind) {
    ASSERT(x->answer_count < ANSWERS_MAX);
    struct eng_input *in = &x->answers[x->answer_count++];
    memset(in, 0, sizeof *in);
    in->kind = kind;
    return in;
}

static int64_t metric(const struct explorer *x, const struct eff_query *q) {
    const struct x_service *service = &x->now->services[q->service.v];
    switch ((enum query_kind)q->query) {
    case QUERY_ERROR_SHARE:
    case QUERY_OWN_ERROR_SHARE:
        return q->offset_ns > 0 || service->healed ? HEALTHY_PPM : BROKEN_PPM;
    case QUERY_REQUESTS: return 100000 * PPM_ONE;
    case QUERY_OWN_ERRORS: return 300 * PPM_ONE;
    case QUERY_LATENCY_P95:
    case QUERY_LATENCY_P99: return 100000;
    case QUERY_CPU_SHARE:
    case QUERY_MEMORY_SHARE:
    case QUERY_DISK_SHARE: return PPM_ONE / 5;
    case QUERY_BUDGET_REQUESTS: return INT64_C(100000000) * PPM_ONE;
    case QUERY_BUDGET_ERRORS: return INT64_C(300000) * PPM_ONE;
    case QUERY_REQUEST_RATE: return 1000 * PPM_ONE;
    default: return 0;
    }
}

static void answer_query(struct explorer *x, const struct eff_query *q) {
    answer(x, IN_query_result)->query_result = (struct in_query_result){.request = q->request,
                                                                        .query = q->query,
                                                                        .service = q->service,
                                                                        .revision = q->revision,
                                                                        .kind = VALUE_NUMBER,
                                                                        .micro = metric(x, q)};
}

static void answer_evidence(struct explorer *x, const struct eff_ask_evidence *ask) {
    struct in_evidence *in = &answer(x, IN_evidence)->evidence;
    *in = (struct in_evidence){.request = ask->request,
                               .incident = ask->incident,
                               .service = ask->service,
                               .source = ask->source,
                               .reply = REPLY_OK,
                               .culprit = ask->service,
                               .culprit_share_ppm = 900000,
                               .line = 1,
                               .count = 40};
    text_set(&in->exception, "Exception");
    text_set(&in->file, "Service.java");
}

static void answer_patch(struct explorer *x, const struct eff_ask_patch *ask) {
    answer(x, IN_patch_reply)->patch_reply =
        (struct in_patch_reply){.request = ask->request,
                                .op = ask->op,
                                .reply = REPLY_OK,
                                .revision = {++x->now->revision_last},
                                .base = ask->base,
                                .size_lines = 12};
}

static void answer_checks(struct explorer *x, const struct eff_ask_checks *ask) {
    answer(x, IN_check_results)->check_results =
        (struct in_check_results){.request = ask->request,
                                  .op = ask->op,
                                  .reply = REPLY_OK,
                                  .revision = ask->revision,
                                  .syntax = true,
                                  .analysis = true,
                                  .dependencies = true,
                                  .tests_run = 3};
}

static void answer_serving(struct explorer *x, const struct eff_ask_deployment *ask) {
    answer(x, IN_deployment)->deployment =
        (struct in_deployment){.request = ask->request,
                               .op = ask->op,
                               .service = ask->service,
                               .status = DEPLOY_STATE,
                               .serving = x->now->services[ask->service.v].serving};
}

/* Delivered, and whoever gets it looks into it at once. */
static void answer_notice(struct explorer *x, const struct eff_notify *n) {
    answer(x, IN_notify_ack)->notify_ack = (struct in_notify_ack){n->message, true, n->channels};
    if (n->form != FORM_TELL || n->severity != SEVERITY_CRITICAL) return;
    struct in_acknowledgement *in = &answer(x, IN_acknowledgement)->acknowledgement;
    in->message = n->message;
    text_set(&in->team, "sre");
    text_set(&in->role, "on-call");
}

static void carry_out(struct explorer *x, uint32_t engine, const struct eng_effect *e) {
    struct x_node *node = &x->now->nodes[engine];
    switch (e->kind) {
    case EFF_arm_timer: timer_arm(x, node, &e->arm_timer); break;
    case EFF_cancel_timer: timer_forget(node, e->cancel_timer.timer); break;
    case EFF_query: answer_query(x, &e->query); break;
    case EFF_ask_evidence: answer_evidence(x, &e->ask_evidence); break;
    case EFF_ask_patch: answer_patch(x, &e->ask_patch); break;
    case EFF_ask_checks: answer_checks(x, &e->ask_checks); break;
    case EFF_ask_deployment: answer_serving(x, &e->ask_deployment); break;
    case EFF_notify: answer_notice(x, &e->notify); break;
    case EFF_audit_append:
        answer(x, IN_audit_ack)->audit_ack =
            (struct in_audit_ack){e->audit_append.sequence, AUDIT_REPLY_OK, e->audit_append.hash};
        break;
    case EFF_lock_acquire:
    case EFF_lock_renew:
    case EFF_lock_release:
    case EFF_lock_leave:
    case EFF_registry_register:
    case EFF_registry_read:
    case EFF_registry_remove:
    case EFF_deploy_stage:
    case EFF_roll_back: send_effect(x, engine, e); break;
    default: break; /* only told */
    }
}

void host_feed(struct explorer *x, uint32_t engine, const struct eng_input *input) {
    x->answer_count = 0;
    struct eng_input next = *input;
    for (uint32_t given = 0;; given++) {
        next.mono = x->now->now;
        next.wall = WALL_START + x->now->now;
        eng_step(x->engines[engine], &next, x->effects);
        for (uint32_t k = 0; k < x->effects->count; k++) {
            look_at_effect(x, engine, &x->effects->list[k]);
            carry_out(x, engine, &x->effects->list[k]);
        }
        if (given == x->answer_count) return;
        next = x->answers[given];
    }
}

/* ---- opening ---- */

/* The first of two services calls the second. */
static const uint32_t calls[] = {1}, callers[] = {0}, out_two[] = {0, 1, 1}, in_two[] = {0, 0, 1},
                      none[] = {0, 0};
static const uint8_t are_services[] = {1, 1};
static const int64_t criticality[] = {500000, 500000};

static struct eng_graph small_graph(uint32_t services) {
    return (struct eng_graph){.service_count = services,
                              .out_offset = services == 1 ? none : out_two,
                              .out_target = calls,
                              .in_offset = services == 1 ? none : in_two,
                              .in_source = callers,
                              .is_service = are_services,
                              .criticality_ppm = criticality,
                              .group_offset = none};
}

/* Capacities as small as this world, so that a state is some kilobytes. */
static void shrink(struct eng_config *c) {
    c->limits.operations = 2;
    c->limits.incidents = 2;
    c->limits.audit_pending = 4;
    c->notices.messages_kept = 4;
    c->canary.stage_count = 1;
    c->canary.stage[0].share_ppm = PPM_ONE;
    c->canary.stage[0].soak_ns = 0;
    c->root_cause.confirm_below_ppm = 0; /* nobody is asked: what is looked at comes after that */
    c->root_cause.hand_over_below_ppm = 0;
    c->gates.cooldown_ns = 0; /* the clock of a day is not what is looked at */
}

static void open_engine(struct explorer *x, uint32_t k) {
    struct eng_input input = {.kind = IN_recovered};
    x->configs[k] = x->options->config;
    shrink(&x->configs[k]);
    x->configs[k].engine = k + 1;
    x->configs[k].graph = small_graph(x->options->resources);
    arena_open(&x->arenas[k]);
    x->engines[k] = eng_open(&x->arenas[k], &x->configs[k]);
    arena_seal(&x->arenas[k]);
    x->now->nodes[k].alive = true;
    input.recovered.incarnation = 1;
    host_feed(x, k, &input);
}

void host_open(struct explorer *x) {
    x->now->now = NS_PER_S;
    x->now->revision_last = FIRST_REVISION;
    for (uint32_t s = 0; s < x->options->resources; s++)
        x->now->services[s].serving.v = FIRST_REVISION;
    for (uint32_t k = 0; k < x->options->engines; k++) open_engine(x, k);
    for (uint32_t k = 0; k < x->options->engines; k++) {
        struct eng_input alert = {.kind = IN_alert};
        alert.alert = (struct in_alert){.service = {k % x->options->resources},
                                        .symptom = SYMPTOM_ERRORS,
                                        .firing = true,
                                        .value_micro = BROKEN_PPM,
                                        .active_since_wall = WALL_START};
        text_set(&alert.alert.rule, "errors");
        host_feed(x, k, &alert);
    }
}
