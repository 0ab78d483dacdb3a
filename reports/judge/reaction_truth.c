/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/reaction.h"
#include "reports/judge/authority.h"
#include "reports/judge/chain.h"
#include <stdlib.h>

/* ---- the lock store does not answer ---- */

static bool store_request(const struct eng_effect *e, int64_t *request) {
    switch (e->kind) {
#define ASKS(name)                                                                                 \
    case EFF_##name: *request = e->name.request; return true;
        ASKS(lock_acquire)
        ASKS(lock_renew)
        ASKS(lock_release)
        ASKS(lock_leave)
        ASKS(lock_query)
        ASKS(registry_register)
        ASKS(registry_read)
        ASKS(registry_remove)
#undef ASKS
    default: return false;
    }
}

static bool store_reply(const struct eng_input *in, int64_t *request) {
    if (in->kind == IN_lock_reply)
        *request = in->lock_reply.request;
    else if (in->kind == IN_registry_snapshot)
        *request = in->registry_snapshot.request;
    else
        return false;
    return true;
}

static bool answered(const struct facts *f, uint32_t engine, int64_t request, time_ns from,
                     time_ns until) {
    EACH_INPUT(f, i) {
        int64_t to;
        if (i->at > until) break;
        if (i->engine == engine && i->at >= from && store_reply(&i->in, &to) && to == request)
            return true;
    }
    return false;
}

/* Some request of the engine was unanswered for as long as silence takes to mean "unreachable". */
bool truth_store_silent(const struct facts *f, int64_t engine, time_ns at) {
    EACH_EFFECT(f, e) {
        int64_t request;
        time_ns silent = time_add(e->at, f->limits.lock_reply_timeout_ns);
        if (e->engine != engine || silent > at || !store_request(&e->out, &request)) continue;
        if (!answered(f, e->engine, request, e->at, silent)) return true;
    }
    return false;
}

/* ---- the audit chain does not verify ---- */

/* Somebody else wrote to it, or it took or answered an entry of ours not at all. */
static bool log_failed(const struct facts *f, int64_t engine, time_ns at) {
    EACH(f, audit_tampered, t) if (t->engine == engine && t->at <= at) return true;
    EACH(f, audit_stored, a) {
        if (a->engine == engine && a->at <= at && a->result != AUDIT_REPLY_OK) return true;
    }
    return false;
}

static bool append_answered(const struct facts *f, int64_t engine, int64_t sequence, time_ns from,
                            time_ns until) {
    EACH_INPUT(f, i) {
        if (i->at > until) break;
        if (i->engine == engine && i->at >= from && i->in.kind == IN_audit_ack &&
            i->in.audit_ack.sequence >= sequence)
            return true;
    }
    return false;
}

static bool log_silent(const struct facts *f, int64_t engine, time_ns at) {
    EACH_EFFECT(f, e) {
        time_ns silent = time_add(e->at, f->limits.lock_reply_timeout_ns);
        if (e->engine != engine || e->out.kind != EFF_audit_append || silent > at) continue;
        if (!append_answered(f, engine, e->out.audit_append.sequence, e->at, silent)) return true;
    }
    return false;
}

bool truth_chain_broken(const struct facts *f, int64_t engine, time_ns at) {
    if (log_failed(f, engine, at)) return true;
    const struct in_audit_record *former = NULL; /* entries are read back in order */
    EACH_INPUT(f, i) {
        const struct in_audit_record *r = &i->in.audit_record;
        if (i->at > at) break;
        if (i->in.kind != IN_audit_record || i->engine != engine || r->result != AUDIT_REPLY_OK)
            continue;
        if (!chain_covers(&r->previous, r->body.b, r->body.len, &r->hash)) return true;
        bool next = former && former->sequence == r->sequence - 1;
        if (next && memcmp(&former->hash, &r->previous, sizeof former->hash) != 0) return true;
        former = r;
    }
    return log_silent(f, engine, at);
}

/* ---- fewer than two of metrics, logs, traces ---- */

static bool source_failed(const struct facts *f, const struct incident *n, int64_t source,
                          time_ns at) {
    bool asked = false;
    EACH_EFFECT(f, e) {
        const struct eff_ask_evidence *q = &e->out.ask_evidence;
        if (e->at <= at && e->out.kind == EFF_ask_evidence && q->source == source &&
            incident_has_id(n, q->incident))
            asked = true;
    }
    EACH_INPUT(f, i) {
        const struct in_evidence *r = &i->in.evidence;
        bool good = r->reply == REPLY_OK || r->reply == REPLY_ABSENT;
        if (i->at <= at && i->in.kind == IN_evidence && r->source == source &&
            incident_has_id(n, r->incident) && good)
            return false;
    }
    return asked;
}

bool truth_evidence_missing(const struct facts *f, const struct incident *n, time_ns at) {
    return source_failed(f, n, SOURCE_LOGS, at) && source_failed(f, n, SOURCE_TRACES, at);
}

/* ---- a person's pause ---- */

time_ns truth_pause_until(const struct facts *f, int64_t engine, time_ns at) {
    bool stands = false;
    EACH_INPUT(f, i) {
        const struct in_person_command *c = &i->in.person_command;
        if (i->in.kind != IN_person_command || i->engine != engine || !truth_authorised(f, c))
            continue;
        bool begins = c->command == COMMAND_PAUSE || c->command == COMMAND_FREEZE;
        bool lifts = c->command == COMMAND_RESUME || c->command == COMMAND_UNFREEZE;
        if (i->at <= at && begins) stands = true;
        if (i->at <= at && lifts) stands = false;
        if (i->at > at && lifts && stands) return i->at - 1; /* its last instant */
    }
    return stands ? TIME_NEVER : -1;
}

/* ---- what only a person may decide ---- */

/* The first second of a cause lies partly before it shows; two are taken at least. */
static int64_t own_share_since(const struct facts *f, struct svc_id service, time_ns onset,
                               time_ns at) {
    time_ns until = time_add(onset, 2 * TRUTH_NS) > at ? time_add(onset, 2 * TRUTH_NS) : at;
    struct truth_sum sum = truth_over(f, service, (struct revision_id){0}, onset, until);
    return truth_own_share(&sum);
}

bool truth_critical(const struct facts *f, const struct incident *n, time_ns at) {
    return n->onset != TIME_NEVER &&
           own_share_since(f, n->service, n->onset, at) >= f->limits.critical_error_ppm;
}

bool truth_cascade(const struct facts *f, const struct incident *n, time_ns at) {
    int64_t services = 0;
    (void)n;
    EACH(f, service, s) {
        time_ns onset = TIME_NEVER;
        EACH(f, fault_on, on) {
            if (ID_EQ(on->service, s->service) && on->at <= at && onset == TIME_NEVER)
                onset = on->at;
        }
        if (onset != TIME_NEVER &&
            own_share_since(f, s->service, onset, at) >= f->limits.error_limit_ppm)
            services++;
    }
    return services >= f->limits.cascade_services;
}

/* Services that call the target directly or over at most three calls. */
bool truth_blast(const struct facts *f, const struct incident *n) {
    size_t services = f->service.count;
    if (n->service.v >= services) return false;
    int *hops = malloc(services * sizeof *hops);
    if (!hops) return false;
    for (size_t i = 0; i < services; i++) hops[i] = -1;
    hops[n->service.v] = 0;
    int64_t affected = 0;
    for (int hop = 1; hop <= 3; hop++) {
        EACH(f, call, c) {
            if (c->from.v >= services || c->to.v >= services) continue;
            if (hops[c->to.v] != hop - 1 || hops[c->from.v] >= 0) continue;
            hops[c->from.v] = hop;
            if (f->service.items[c->from.v].is_service) affected++;
        }
    }
    free(hops);
    return affected > f->limits.blast_count;
}

bool truth_two_failures(const struct facts *f, time_ns at) {
    int64_t rollbacks = 0;
    EACH(f, deploy_order, d) {
        if (d->at <= at && d->action == 1 && d->status == DEPLOY_ACCEPTED &&
            is_engine(f, d->engine))
            rollbacks++;
    }
    return rollbacks >= 2;
}
