/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/engine_rig_parts.h"

#include "engine/base/ratio.h"

int64_t rig_own_share(const struct rig *rig, struct svc_id service) {
    if (!ID_EQ(service, rig->culprit) || rig->unpatched_gone) return 3000;
    bool patched = !ID_EQ(rig->serving, RIG_OLD);
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
    int which = ID_EQ(q->revision, RIG_OLD) ? 1 : 0;
    count_requests(rig);
    if (in->kind != VALUE_NUMBER) return;
    switch ((enum query_kind)q->query) {
    case QUERY_OWN_ERROR_SHARE:
        in->micro = q->offset_ns > 0 ? 3000 : rig_own_share(rig, q->service);
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

static void answer_remedy(struct rig *rig, const struct eff_remedy *r, struct in_deployment *in) {
    if (r->remedy == REMEDY_DRAIN) rig->drained ^= INT64_C(1) << r->pod;
    *in = (struct in_deployment){.request = r->request,
                                 .op = r->op,
                                 .service = r->service,
                                 .status = DEPLOY_DONE,
                                 .serving = rig->serving,
                                 .pods_total = 20,
                                 .pods_done = 20,
                                 .drained = rig->drained};
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
                                                .share_ppm = rig->share_ppm,
                                                .pods_total = 20,
                                                .former = rig->former,
                                                .drained = rig->drained};
        return true;
    case EFF_deploy_stage:
        in->kind = IN_deployment;
        answer_deploy(rig, &e->deploy_stage, &in->deployment);
        return true;
    case EFF_roll_back:
        in->kind = IN_deployment;
        answer_back(rig, &e->roll_back, &in->deployment);
        return true;
    case EFF_remedy:
        in->kind = IN_deployment;
        answer_remedy(rig, &e->remedy, &in->deployment);
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
        const struct eff_audit_append *kept = rig_entry(rig, e->audit_read.sequence);
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
