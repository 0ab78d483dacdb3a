/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_TRACE_BUILDER_H
#define TESTS_SUPPORT_TRACE_BUILDER_H
/*
 * Handmade traces for the judge's tests, written with msgpack-c, so that the judge's own reader is
 * held against an independent writer: tb_truth(&t, at, &(struct rec_truth){...}), one a kind of
 * record; tb_input and tb_effect for crossings. A builder has a small plan of its own (tb_plan) and
 * a few sentences that many stories share (a healthy second, a stage, an audited effect).
 *
 * The plan: services 0 "inventory", 1 "order" (calls payment), 2 "payment" (calls inventory), all
 * of them services; engines 0 and 1; stages 10 %, 50 %, 100 % of 2 s and 20 samples each; Ann on
 * call (person 0, team "payments", role "lead").
 */
#include "engine/words/contract.h"
#include "reports/judge/chain.h"
#include "reports/judge/judge.h"
#include <msgpack.h>

struct tb {
    msgpack_sbuffer bytes;
    msgpack_packer packer;
    int64_t step;
    int64_t sequence[2]; /* of each engine's audit chain */
    struct hash head[2];
    int64_t lock_number;
};

/* ---- values ---- */
static inline void tb_INT(msgpack_packer *p, int64_t v) { msgpack_pack_int64(p, v); }
static inline void tb_BOOL(msgpack_packer *p, bool v) { msgpack_pack_int64(p, v); }
static inline void tb_SVC(msgpack_packer *p, struct svc_id v) { msgpack_pack_int64(p, v.v); }
static inline void tb_REV(msgpack_packer *p, struct revision_id v) { msgpack_pack_int64(p, v.v); }
static inline void tb_PERSON(msgpack_packer *p, struct person_id v) { msgpack_pack_int64(p, v.v); }
static inline void tb_INC(msgpack_packer *p, struct incident_id v) {
    msgpack_pack_int64(p, (int64_t)v.v);
}
static inline void tb_OP(msgpack_packer *p, struct op_id v) { msgpack_pack_int64(p, (int64_t)v.v); }
static inline void tb_bin(msgpack_packer *p, const void *bytes, size_t len) {
    msgpack_pack_bin(p, len);
    msgpack_pack_bin_body(p, bytes, len);
}
static inline void tb_str(msgpack_packer *p, const void *bytes, size_t len) {
    msgpack_pack_str(p, len);
    msgpack_pack_str_body(p, bytes, len);
}
static inline void tb_STR(msgpack_packer *p, struct rec_view v) { tb_str(p, v.bytes, v.len); }
static inline void tb_BYTES(msgpack_packer *p, struct rec_view v) { tb_bin(p, v.bytes, v.len); }
static inline void tb_BODY(msgpack_packer *p, struct rec_view v) { tb_bin(p, v.bytes, v.len); }
static inline void tb_HASH(msgpack_packer *p, struct hash v) { tb_bin(p, v.b, sizeof v.b); }
static inline void tb_TEXT(msgpack_packer *p, struct text v) { tb_str(p, v.s, v.len); }
static inline void tb_BLOB(msgpack_packer *p, struct blob v) { tb_bin(p, v.b, v.len); }
static inline void tb_INTENTS(msgpack_packer *p, struct intents v) {
    msgpack_pack_array(p, v.count);
    for (uint32_t i = 0; i < v.count; i++) {
        msgpack_pack_array(p, 6);
        tb_INT(p, v.list[i].number);
        tb_OP(p, v.list[i].op);
        tb_INT(p, v.list[i].kind);
        tb_SVC(p, v.list[i].service);
        tb_INC(p, v.list[i].incident);
        tb_INT(p, v.list[i].age_ns);
    }
}

/* ---- records ---- */
/* clang-format off */
#define F(name, type) + 1
#define RECORD(name, meaning, fields) enum { tb_fields_##name = 0 fields };
#include "scenarios/words/record.def"
#undef RECORD
#define INPUT(name, meaning, fields) enum { tb_input_fields_##name = 0 fields };
#include "engine/words/input.def"
#undef INPUT
#define EFFECT(name, meaning, fields) enum { tb_effect_fields_##name = 0 fields };
#include "engine/words/effect.def"
#undef EFFECT
#undef F

#define F(name, type) tb_##type(&t->packer, r->name);
#define RECORD(name, meaning, fields)                                                              \
    static inline void tb_##name(struct tb *t, time_ns at, const struct rec_##name *r) {           \
        msgpack_pack_array(&t->packer, 2 + tb_fields_##name);                                      \
        msgpack_pack_int64(&t->packer, REC_##name);                                                \
        msgpack_pack_int64(&t->packer, at);                                                        \
        fields                                                                                     \
    }
#include "scenarios/words/record.def"
#undef RECORD
#undef F

/* ---- crossings: the body is an array of the fields ---- */
#define F(name, type) tb_##type(p, r->name);
static inline void tb_input_body(msgpack_packer *p, const struct eng_input *in) {
    switch (in->kind) {
#define INPUT(name, meaning, fields) case IN_##name: {                                             \
        const struct in_##name *r = &in->name;                                                     \
        msgpack_pack_array(p, tb_input_fields_##name);                                             \
        fields                                                                                     \
        break;                                                                                     \
    }
#include "engine/words/input.def"
#undef INPUT
    case IN_COUNT: break;
    }
}
static inline void tb_effect_body(msgpack_packer *p, const struct eng_effect *e) {
    switch (e->kind) {
#define EFFECT(name, meaning, fields) case EFF_##name: {                                           \
        const struct eff_##name *r = &e->name;                                                     \
        msgpack_pack_array(p, tb_effect_fields_##name);                                            \
        fields                                                                                     \
        break;                                                                                     \
    }
#include "engine/words/effect.def"
#undef EFFECT
    case EFF_COUNT: break;
    }
}
#undef F
/* clang-format on */

/* A told input (bytes wrapped in a bin) and a wanted effect (array in place): the reader takes
 * both. */
static inline void tb_told(struct tb *t, time_ns at, uint32_t engine, struct eng_input in) {
    msgpack_sbuffer body;
    msgpack_packer packer;
    msgpack_sbuffer_init(&body);
    msgpack_packer_init(&packer, &body, msgpack_sbuffer_write);
    tb_input_body(&packer, &in);
    t->step++;
    tb_input(t, at,
             &(struct rec_input){.engine = engine,
                                 .step = t->step,
                                 .wall = at,
                                 .mono = at,
                                 .kind = in.kind,
                                 .body = {body.data, body.size}});
    msgpack_sbuffer_destroy(&body);
}
static inline void tb_wants(struct tb *t, time_ns at, uint32_t engine, struct eng_effect e) {
    msgpack_pack_array(&t->packer, 2 + tb_fields_effect);
    msgpack_pack_int64(&t->packer, REC_effect);
    msgpack_pack_int64(&t->packer, at);
    msgpack_pack_int64(&t->packer, engine);
    msgpack_pack_int64(&t->packer, t->step);
    msgpack_pack_int64(&t->packer, e.kind);
    tb_effect_body(&t->packer, &e);
}
#define TB_TOLD(t, at, engine, name, ...)                                                          \
    tb_told(t, at, engine, (struct eng_input){.kind = IN_##name, .name = {__VA_ARGS__}})
#define TB_WANTS(t, at, engine, name, ...)                                                         \
    tb_wants(t, at, engine, (struct eng_effect){.kind = EFF_##name, .name = {__VA_ARGS__}})

/* ---- sentences ---- */

enum { TB_INVENTORY, TB_ORDER, TB_PAYMENT };
#define TB_S(seconds) ((time_ns)((seconds)*1e9))

static inline void tb_begin(struct tb *t) {
    memset(t, 0, sizeof *t);
    msgpack_sbuffer_init(&t->bytes);
    msgpack_packer_init(&t->packer, &t->bytes, msgpack_sbuffer_write);
}

/* What a plan calls things; bytes as they stand, however odd. */
struct tb_names {
    const char *scenario, *file, *topology, *service, *fault, *incident;
};
#define TB_PLAIN_NAMES                                                                             \
    (struct tb_names) {                                                                            \
        .scenario = "story", .file = "story.yaml", .service = "payment", .fault = "null pointer",  \
        .incident = "payment errors"                                                               \
    }

static inline void tb_service_named(struct tb *t, uint32_t id, const char *name) {
    tb_service(t, 0,
               &(struct rec_service){.service = {id},
                                     .name = REC_STR(name),
                                     .kind = REC_STR("service"),
                                     .replicas = 20,
                                     .criticality_ppm = 500000,
                                     .role = REC_STR(name),
                                     .visits_ppm = 1000000,
                                     .rate_milli = 100000,
                                     .is_service = true});
}

/* The plan, with one fault: error_rate on payment, 152000 ppm, from 10 s on. */
static inline void tb_plan_named(struct tb *t, const struct tb_names *names, const char *reaction,
                                 const char *outcome) {
    static const int64_t shares[] = {100000, 500000, 1000000};
    tb_run(t, 0,
           &(struct rec_run){.version = REC_STR("0.1.0"),
                             .scenario = REC_STR(names->scenario),
                             .file = REC_STR(names->file),
                             .seed = 7,
                             .duration_ns = 120 * NS_PER_S,
                             .topology = REC_STR(names->topology ? names->topology : "")});
    if (names->topology)
        tb_source(
            t, 0,
            &(struct rec_source){.kind = REC_STR("topology"), .name = REC_STR(names->topology)});
    tb_service_named(t, TB_INVENTORY, "inventory");
    tb_service_named(t, TB_ORDER, "order");
    tb_service_named(t, TB_PAYMENT, names->service);
    tb_call(t, 0, &(struct rec_call){.from = {TB_ORDER}, .to = {TB_PAYMENT}});
    tb_call(t, 0, &(struct rec_call){.from = {TB_PAYMENT}, .to = {TB_INVENTORY}});
    tb_engine(t, 0, &(struct rec_engine){.engine = 0, .name = REC_STR("engine-0")});
    tb_engine(t, 0, &(struct rec_engine){.engine = 1, .name = REC_STR("engine-1")});
    tb_limit(t, 0, &(struct rec_limit){.key = REC_STR("watch_ns"), .value = 6 * NS_PER_S});
    for (int i = 0; i < 3; i++)
        tb_stage(
            t, 0,
            &(struct rec_stage){
                .index = i, .share_ppm = shares[i], .soak_ns = 2 * NS_PER_S, .min_samples = 20});
    tb_person(t, 0,
              &(struct rec_person){
                  .name = REC_STR("Ann"), .team = REC_STR("payments"), .role = REC_STR("lead")});
    tb_fault_planned(t, 0,
                     &(struct rec_fault_planned){.fault = 0,
                                                 .name = REC_STR(names->fault),
                                                 .service = {TB_PAYMENT},
                                                 .value = 152000,
                                                 .begins_at = 10 * NS_PER_S,
                                                 .ends_at = TIME_NEVER,
                                                 .symptom = SYMPTOM_ERRORS});
    if (reaction)
        tb_expect(t, 0,
                  &(struct rec_expect){.name = REC_STR(names->incident),
                                       .fault = 0,
                                       .service = {TB_PAYMENT},
                                       .symptom = SYMPTOM_ERRORS,
                                       .reaction = REC_STR(reaction),
                                       .outcome = REC_STR(outcome)});
    tb_plan_end(t, 0, &(struct rec_plan_end){.services = 3, .engines = 2, .faults = 1});
}

static inline void tb_plan(struct tb *t, const char *reaction, const char *outcome) {
    tb_plan_named(t, &TB_PLAIN_NAMES, reaction, outcome);
}

/* Truth of one service and revision over whole seconds from..to: 100 requests a second. */
static inline void tb_seconds(struct tb *t, int from, int to, uint32_t service, uint32_t revision,
                              int64_t own_failed) {
    for (int s = from + 1; s <= to; s++)
        tb_truth(t, s * NS_PER_S,
                 &(struct rec_truth){.service = {service},
                                     .revision = {revision},
                                     .requests = 100,
                                     .failed = own_failed,
                                     .own_failed = own_failed,
                                     .p95_ns = 50 * NS_PER_MS,
                                     .mean_ns = 20 * NS_PER_MS});
}

/* The engine stores an entry and learns of it, in one instant: what follows is in that step. */
static inline void tb_audited(struct tb *t, time_ns at, uint32_t engine, int64_t category,
                              uint64_t op, uint64_t incident) {
    struct hash previous = t->head[engine];
    char body[40];
    int len = snprintf(body, sizeof body, "entry %lld", (long long)++t->sequence[engine]);
    chain_hash(&previous, body, (size_t)len, &t->head[engine]);
    tb_audit_stored(t, at,
                    &(struct rec_audit_stored){.engine = engine,
                                               .sequence = t->sequence[engine],
                                               .category = category,
                                               .result = AUDIT_REPLY_OK,
                                               .op = {op},
                                               .incident = {incident},
                                               .service = {TB_PAYMENT},
                                               .previous = previous,
                                               .hash = t->head[engine],
                                               .body = {body, (size_t)len}});
    TB_TOLD(t, at, engine, audit_ack, .sequence = t->sequence[engine], .result = AUDIT_REPLY_OK,
            .head = t->head[engine]);
}

static inline void tb_reports(struct tb *t, time_ns at, uint32_t engine, int64_t kind,
                              uint64_t incident, uint64_t op, int64_t detail) {
    TB_WANTS(t, at, engine, report, .kind = kind, .incident = {incident}, .op = {op},
             .service = {TB_PAYMENT}, .symptom = SYMPTOM_ERRORS, .detail = detail);
}

/* A lock granted at once, with the next token. */
static inline void tb_granted(struct tb *t, time_ns at, uint32_t engine, uint64_t op, int64_t scope,
                              int64_t name) {
    TB_WANTS(t, at, engine, lock_acquire, .request = 1, .op = {op}, .scope = scope, .name = name,
             .ttl_ns = 300 * NS_PER_S, .attempt = 1);
    tb_lock(t, at,
            &(struct rec_lock){.engine = engine,
                               .op = {op},
                               .scope = scope,
                               .name = name,
                               .event = LOCK_GRANTED,
                               .holder = {op},
                               .token_epoch = 1,
                               .token_number = ++t->lock_number,
                               .expires_at = at + TB_S(300),
                               .attempt = 1});
    TB_TOLD(t, at, engine, lock_reply, .request = 1, .op = {op}, .scope = scope, .name = name,
            .result = LOCK_REPLY_GRANTED, .token_epoch = 1, .token_number = t->lock_number,
            .expires_in_ns = TB_S(60));
}
static inline void tb_released(struct tb *t, time_ns at, uint32_t engine, uint64_t op,
                               int64_t scope, int64_t name, int64_t number) {
    tb_lock(t, at,
            &(struct rec_lock){.engine = engine,
                               .op = {op},
                               .scope = scope,
                               .name = name,
                               .event = LOCK_RELEASED,
                               .token_epoch = 1,
                               .token_number = number});
}

/* An audited stage that the target accepts and carries out at once. */
static inline void tb_staged(struct tb *t, time_ns at, uint32_t engine, uint64_t op,
                             uint64_t incident, uint32_t base, uint32_t revision, int64_t share,
                             int64_t token) {
    bool all = share == 1000000;
    tb_audited(t, at, engine, CATEGORY_DEPLOYMENT, op, incident);
    TB_WANTS(t, at, engine, deploy_stage, .incident = {incident}, .op = {op},
             .service = {TB_PAYMENT}, .revision = {revision}, .base = {base}, .share_ppm = share,
             .token_epoch = 1, .token_number = token);
    tb_deploy_order(t, at,
                    &(struct rec_deploy_order){.engine = engine,
                                               .op = {op},
                                               .incident = {incident},
                                               .service = {TB_PAYMENT},
                                               .revision = {revision},
                                               .base = {base},
                                               .serving = {base},
                                               .share_ppm = share,
                                               .token_epoch = 1,
                                               .token_number = token,
                                               .status = DEPLOY_ACCEPTED});
    tb_traffic(t, at,
               &(struct rec_traffic){.service = {TB_PAYMENT},
                                     .stable = {all ? revision : base},
                                     .candidate = {all ? 0 : revision},
                                     .share_ppm = all ? 0 : share,
                                     .candidate_pods = 2,
                                     .op = {op},
                                     .engine = engine,
                                     .token_epoch = 1,
                                     .token_number = token});
    tb_deploy_done(t, at,
                   &(struct rec_deploy_done){.engine = engine,
                                             .op = {op},
                                             .service = {TB_PAYMENT},
                                             .revision = {revision},
                                             .share_ppm = share,
                                             .status = DEPLOY_DONE,
                                             .pods_done = 20,
                                             .pods_total = 20});
}
static inline void tb_rolled_back(struct tb *t, time_ns at, uint32_t engine, uint64_t op,
                                  uint64_t incident, uint32_t from, uint32_t to, int64_t token) {
    tb_audited(t, at, engine, CATEGORY_ROLLBACK, op, incident);
    TB_WANTS(t, at, engine, roll_back, .incident = {incident}, .op = {op}, .service = {TB_PAYMENT},
             .from = {from}, .to = {to}, .token_epoch = 1, .token_number = token);
    tb_deploy_order(t, at,
                    &(struct rec_deploy_order){.engine = engine,
                                               .op = {op},
                                               .incident = {incident},
                                               .service = {TB_PAYMENT},
                                               .action = 1,
                                               .revision = {from},
                                               .base = {to},
                                               .serving = {to},
                                               .token_epoch = 1,
                                               .token_number = token,
                                               .status = DEPLOY_ACCEPTED});
    tb_traffic(t, at,
               &(struct rec_traffic){.service = {TB_PAYMENT},
                                     .stable = {to},
                                     .op = {op},
                                     .engine = engine,
                                     .token_epoch = 1,
                                     .token_number = token});
    tb_deploy_done(t, at,
                   &(struct rec_deploy_done){.engine = engine,
                                             .op = {op},
                                             .service = {TB_PAYMENT},
                                             .revision = {from},
                                             .status = DEPLOY_DONE,
                                             .pods_done = 20,
                                             .pods_total = 20});
}
static inline void tb_message(struct tb *t, time_ns at, uint32_t engine, int64_t message,
                              int64_t form, int64_t reason, uint64_t incident, uint64_t op) {
    TB_WANTS(t, at, engine, notify, .message = message, .form = form, .severity = SEVERITY_ERROR,
             .reason = reason, .service = {TB_PAYMENT}, .incident = {incident}, .op = {op});
    tb_message_delivered(t, at,
                         &(struct rec_message_delivered){.engine = engine,
                                                         .message = message,
                                                         .form = form,
                                                         .severity = SEVERITY_ERROR,
                                                         .reason = reason,
                                                         .service = {TB_PAYMENT},
                                                         .incident = {incident},
                                                         .op = {op}});
}

/* Sealed over what was built so far: nothing may come after it, or be changed before it. */
static inline void tb_end_of(struct tb *t, time_ns at) {
    struct rec_end end = {.events = 1};
    struct digest digest;
    digest_init(&digest);
    digest_add(&digest, t->bytes.data, t->bytes.size);
    end.seal = record_seal(digest_value(&digest), at, &end);
    tb_end(t, at, &end);
}
static inline void tb_free(struct tb *t) { msgpack_sbuffer_destroy(&t->bytes); }

#endif
