/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

#include <sodium/crypto_hash_sha256.h>

/*
 * A checked patch, before any lock is taken: ask which revision serves, ask for a patch of it, let
 * CI check it. A rejected patch is asked for again, with the failure as feedback, up to
 * max_requests; then a person. Told to come back later, the engine comes back then: Retry-After
 * outranks backoff.
 */

static void put_number(uint8_t *bytes, uint64_t v) {
    for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)(v >> (8 * k));
}

void plan_hash(struct op *op) {
    uint8_t bytes[56];
    put_number(bytes, op->id.v);
    put_number(bytes + 8, op->service.v);
    put_number(bytes + 16, op->revision.v);
    put_number(bytes + 24, op->base.v);
    put_number(bytes + 32, (uint64_t)op->kind | (uint64_t)op->remedy << 32);
    put_number(bytes + 40, (uint64_t)op->amount);
    put_number(bytes + 48, (uint64_t)op->pod);
    bool patch = op->remedy == REMEDY_PATCH;
    crypto_hash_sha256(op->plan.b, bytes, patch ? 40 : sizeof bytes);
}

void patch_begin(struct engine *e, struct op *op) {
    op->step = STEP_BASE;
    op->request = next_request(e);
    emit(e, EFF_ask_deployment)->ask_deployment =
        (struct eff_ask_deployment){op->request, op->id, op->service};
    op_timer_arm(e, op, TIMER_REPLY, e->config->locking.reply_timeout_ns);
}

void patch_on_deployment(struct engine *e, struct op *op, const struct in_deployment *in) {
    op_timer_cancel(e, op, TIMER_REPLY);
    op->base = in->serving;
    patch_request(e, op);
}

void patch_request(struct engine *e, struct op *op) {
    const struct incident *i = &e->incidents[op->incident];
    op->step = STEP_PATCH;
    op->request = next_request(e);
    op->patch_attempt++;
    struct eff_ask_patch *ask = &emit(e, EFF_ask_patch)->ask_patch;
    *ask = (struct eff_ask_patch){.request = op->request,
                                  .incident = i->id,
                                  .op = op->id,
                                  .service = op->service,
                                  .symptom = i->symptom,
                                  .base = op->base,
                                  .attempt = op->patch_attempt,
                                  .exception = i->exception,
                                  .file = i->file,
                                  .line = i->line,
                                  .feedback = op->feedback};
    op_timer_arm(e, op, TIMER_REPLY, e->config->patch.timeout_ns);
}

static void no_patch(struct engine *e, struct op *op) {
    incident_hand_over(e, &e->incidents[op->incident], REASON_PATCH_UNAVAILABLE,
                       "the patch service has no answer");
}

void patch_on_timeout(struct engine *e, struct op *op) { no_patch(e, op); }

void patch_on_reply(struct engine *e, const struct in_patch_reply *in) {
    struct op *op = op_by_id(e, in->op);
    if (!op || op->step != STEP_PATCH || op->request != in->request) return;
    op_timer_cancel(e, op, TIMER_REPLY);
    const struct incident *i = &e->incidents[op->incident];
    if (in->reply == REPLY_RATE_LIMITED) {
        op->step = STEP_RETRY_AFTER;
        op_timer_arm(e, op, TIMER_WAIT,
                     in->retry_after_ns > 0 ? in->retry_after_ns
                                            : e->config->locking.backoff_initial_ns);
        return;
    }
    if (in->reply != REPLY_OK || in->revision.v == 0) {
        no_patch(e, op);
        return;
    }
    op->patch_requests++;
    op->revision = in->revision;
    op->base = in->base;
    op->size_lines = in->size_lines;
    op->changes_shared = in->changes_shared;
    plan_hash(op);
    audit(e, CATEGORY_PATCH_GENERATION, SEVERITY_INFO, op, i, "patch received", &in->summary);
    report(e, REPORT_PATCHED, i, op, (int64_t)in->revision.v);
    op->step = STEP_CHECKS;
    op->request = next_request(e);
    emit(e, EFF_ask_checks)->ask_checks =
        (struct eff_ask_checks){op->request, i->id, op->id, op->service, op->revision};
    op_timer_arm(e, op, TIMER_REPLY, e->config->patch.check_timeout_ns);
}

static void rejected(struct engine *e, struct op *op, const struct text *finding) {
    struct incident *i = &e->incidents[op->incident];
    audit(e, CATEGORY_SAFETY_GATES, SEVERITY_WARNING, op, i, "patch rejected by its checks",
          finding);
    op->feedback = *finding;
    if (op->patch_requests < e->config->patch.max_requests) {
        patch_request(e, op);
        return;
    }
    op_end(e, op, STATE_CANCELLED, CANCEL_REJECTED, "no patch passed the checks");
    incident_hand_over(e, i, REASON_PATCH_REJECTED, "no patch passed the checks");
}

void patch_on_checks(struct engine *e, const struct in_check_results *in) {
    struct op *op = op_by_id(e, in->op);
    if (!op || op->step != STEP_CHECKS || op->request != in->request) return;
    op_timer_cancel(e, op, TIMER_REPLY);
    if (in->reply != REPLY_OK) { /* that says nothing of the patch */
        no_patch(e, op);
        return;
    }
    op->checks_known = ID_EQ(in->revision, op->revision);
    op->syntax = in->syntax;
    op->analysis = in->analysis;
    op->dependencies = in->dependencies;
    op->tests_run = in->tests_run;
    op->tests_failed = in->tests_failed;
    bool good = op->checks_known && in->syntax && in->analysis && in->dependencies &&
                in->tests_failed == 0 && in->tests_run > 0;
    if (good)
        admit_begin(e, op);
    else
        rejected(e, op, &in->finding);
}
