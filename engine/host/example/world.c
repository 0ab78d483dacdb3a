/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/host/example/world.h"

enum { CART, PAYMENT, SERVICES };
static const uint32_t out_offset[] = {0, 1, 1}, out_target[] = {PAYMENT}; /* cart calls payment */
static const uint32_t in_offset[] = {0, 0, 1}, in_source[] = {CART}, no_groups[] = {0};
static const uint8_t is_service[] = {1, 1};
static const int64_t criticality_ppm[] = {500000, 900000};
const struct eng_graph world_graph = {.service_count = SERVICES,
                                      .out_offset = out_offset,
                                      .out_target = out_target,
                                      .in_offset = in_offset,
                                      .in_source = in_source,
                                      .is_service = is_service,
                                      .criticality_ppm = criticality_ppm,
                                      .group_offset = no_groups};

const char *world_service(struct svc_id service) {
    static const char *const names[] = {"cart", "payment"};
    return service.v < SERVICES ? names[service.v] : NULL;
}

static struct revision_id serving = {1}, candidate;
static int64_t share_ppm, tokens, counted[2]; /* requests of candidate and stable so far */
static time_ns counted_mono;

/* 1,000 requests a second, split by share since they were last counted. */
static void count(time_ns mono) {
    int64_t all = (mono - counted_mono) / NS_PER_MS;
    counted[0] += all * share_ppm / 1000000;
    counted[1] += all - all * share_ppm / 1000000;
    counted_mono = mono;
}

static int64_t measured(const struct eff_query *q, time_ns mono) {
    bool of_candidate = q->revision.v != 0 && q->revision.v == candidate.v;
    bool failing = q->service.v == PAYMENT && serving.v == 1 && q->offset_ns == 0;
    count(mono);
    switch (q->query) {
    case QUERY_OWN_ERROR_SHARE: return failing ? 152000 : 3000;
    case QUERY_REQUESTS: return counted[of_candidate ? 0 : 1] * 1000000;
    case QUERY_OWN_ERRORS:
    case QUERY_FAILURES: return of_candidate ? counted[0] * 3000 : counted[1] * 152000;
    case QUERY_REQUEST_RATE: return INT64_C(1000) * 1000000;
    case QUERY_BUDGET_REQUESTS: return INT64_C(90000000) * 1000000;
    case QUERY_BUDGET_ERRORS: return INT64_C(300000) * 1000000;
    case QUERY_CPU_SHARE:
    case QUERY_MEMORY_SHARE:
    case QUERY_DISK_SHARE: return 400000;
    case QUERY_LATENCY_P95: return 120000;
    default: return 0;
    }
}

static struct in_deployment deployed(int64_t request, struct op_id op, enum deploy_status status) {
    return (struct in_deployment){.request = request,
                                  .op = op,
                                  .service = {PAYMENT},
                                  .status = status,
                                  .serving = serving,
                                  .candidate = candidate,
                                  .share_ppm = share_ppm,
                                  .pods_total = 20,
                                  .pods_done = 20};
}

static struct in_deployment deploy(const struct eff_deploy_stage *stage, time_ns mono) {
    bool whole = stage->share_ppm == 1000000;
    count(mono);
    serving = whole ? stage->revision : serving;
    candidate = whole ? (struct revision_id){0} : stage->revision;
    share_ppm = whole ? 0 : stage->share_ppm;
    struct in_deployment done = deployed(stage->request, stage->op, DEPLOY_DONE);
    done.share_ppm = stage->share_ppm;
    return done;
}

static struct in_evidence evidence(const struct eff_ask_evidence *ask) {
    struct in_evidence in = {.request = ask->request,
                             .incident = ask->incident,
                             .service = ask->service,
                             .source = ask->source,
                             .culprit = {PAYMENT},
                             .culprit_share_ppm = 900000,
                             .line = 237,
                             .count = 40};
    text_set(&in.exception, "NullPointerException");
    text_set(&in.file, "PaymentService.java");
    return in;
}

static struct in_lock_reply granted(const struct eff_lock_acquire *ask) {
    return (struct in_lock_reply){.request = ask->request,
                                  .op = ask->op,
                                  .scope = ask->scope,
                                  .name = ask->name,
                                  .result = LOCK_REPLY_GRANTED,
                                  .token_epoch = 1,
                                  .token_number = ++tokens,
                                  .generation = ask->generation,
                                  .expires_in_ns = ask->ttl_ns};
}

#define ANSWER(name, ...)                                                                          \
    (*in = (struct eng_input){.kind = IN_##name, .name = (struct in_##name){__VA_ARGS__}})

time_ns world_answer(const struct eng_effect *e, time_ns mono, struct eng_input *in) {
    const struct eff_query *query = &e->query;
    switch (e->kind) {
    case EFF_query:
        ANSWER(query_result, query->request, query->query, query->service, query->revision,
               VALUE_NUMBER, measured(query, mono), -1);
        return NS_PER_MS;
    case EFF_ask_evidence:
        *in = (struct eng_input){.kind = IN_evidence, .evidence = evidence(&e->ask_evidence)};
        return NS_PER_MS;
    case EFF_ask_patch:
        ANSWER(patch_reply, .request = e->ask_patch.request, .op = e->ask_patch.op, .revision = {2},
               .base = serving, .size_lines = 12);
        return NS_PER_S;
    case EFF_ask_checks:
        ANSWER(check_results, .request = e->ask_checks.request, .op = e->ask_checks.op,
               .revision = e->ask_checks.revision, .syntax = true, .analysis = true,
               .dependencies = true, .tests_run = 40);
        return NS_PER_S;
    case EFF_registry_register: /* the only intent */
        ANSWER(registry_snapshot, .request = e->registry_register.request,
               .op = e->registry_register.op, .number = 1);
        return NS_PER_MS;
    case EFF_registry_read:
        ANSWER(registry_snapshot, .request = e->registry_read.request, .op = e->registry_read.op,
               .number = 1);
        return NS_PER_MS;
    case EFF_lock_acquire:
        *in = (struct eng_input){.kind = IN_lock_reply, .lock_reply = granted(&e->lock_acquire)};
        return NS_PER_MS;
    case EFF_lock_release:
        ANSWER(lock_reply, .request = e->lock_release.request, .op = e->lock_release.op,
               .scope = e->lock_release.scope, .name = e->lock_release.name,
               .result = LOCK_REPLY_RELEASED);
        return NS_PER_MS;
    case EFF_ask_deployment:
        *in = (struct eng_input){
            .kind = IN_deployment,
            .deployment = deployed(e->ask_deployment.request, e->ask_deployment.op, DEPLOY_STATE)};
        return NS_PER_MS;
    case EFF_deploy_stage:
        *in =
            (struct eng_input){.kind = IN_deployment, .deployment = deploy(&e->deploy_stage, mono)};
        return NS_PER_MS;
    default: return -1;
    }
}
