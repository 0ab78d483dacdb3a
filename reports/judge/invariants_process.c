/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Engines as processes that stop, die and come back: none acts on a lease that ran out meanwhile,
 * and a new incarnation does not order again what the former one ordered. */
#include "reports/judge/invariants.h"

struct order {
    struct op_id op;
    struct revision_id revision;
    int64_t share_ppm, token_epoch, token_number;
    bool stage;
};

static bool order_of(const struct seen_effect *e, struct order *out) {
    const struct eff_deploy_stage *stage = &e->out.deploy_stage;
    const struct eff_roll_back *back = &e->out.roll_back;
    const struct eff_remedy *pods = &e->out.remedy;
    if (e->out.kind == EFF_deploy_stage)
        *out = (struct order){stage->op,          stage->revision,     stage->share_ppm,
                              stage->token_epoch, stage->token_number, true};
    else if (e->out.kind == EFF_roll_back)
        *out =
            (struct order){back->op, back->from, 0, back->token_epoch, back->token_number, false};
    else if (e->out.kind == EFF_remedy)
        *out = (struct order){
            .op = pods->op, .token_epoch = pods->token_epoch, .token_number = pods->token_number};
    else
        return false;
    return true;
}

/* ---- acts_in_lease ---- */

/* By the engine's clock: when the lease of the token ends at the latest, by what it was told last.
 * The store counts from before it answers, so this is never too early. */
static time_ns lease_ends(const struct facts *f, const struct seen_effect *e, const struct order *o,
                          time_ns *now) {
    time_ns ends = -1;
    EACH_INPUT(f, i) {
        if (i->record > e->record) break;
        if (i->engine != e->engine) continue;
        const struct in_lock_reply *r = &i->in.lock_reply;
        *now = i->in.mono;
        bool holds = i->in.kind == IN_lock_reply && ID_EQ(r->op, o->op) &&
                     r->scope == SCOPE_SERVICE && r->token_epoch == o->token_epoch &&
                     r->token_number == o->token_number &&
                     (r->result == LOCK_REPLY_GRANTED || r->result == LOCK_REPLY_RENEWED);
        if (holds) ends = time_add(i->in.mono, r->expires_in_ns);
    }
    return ends;
}

void invariant_acts_in_lease(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        struct order o;
        time_ns now = 0;
        if (!order_of(e, &o)) continue;
        time_ns ends = lease_ends(f, e, &o, &now);
        if (ends >= 0 && now > ends - f->limits.lock_margin_ns)
            violated(
                found, "acts_in_lease", e->at, e->record,
                "operation %llu orders with %.3f s of its lease left, and the margin is %.3f s",
                (unsigned long long)o.op.v, ((double)ends - (double)now) / 1e9,
                (double)f->limits.lock_margin_ns / 1e9);
    }
}

/* ---- never_twice ---- */

static bool restarted_between(const struct facts *f, uint32_t engine, uint64_t from,
                              uint64_t until) {
    EACH(f, process, p) {
        if (p->engine == engine && p->event == PROCESS_STARTED && p->record > from &&
            p->record < until)
            return true;
    }
    return false;
}

void invariant_never_twice(const struct facts *f, struct violations *found) {
    EACH_EFFECT(f, e) {
        struct order o, former;
        if (!order_of(e, &o) || !o.stage) continue;
        for (const struct seen_effect *p = f->effects; p < e; p++) {
            if (p->engine != e->engine || !order_of(p, &former) || !former.stage) continue;
            if (!ID_EQ(former.op, o.op) || former.share_ppm < o.share_ppm ||
                !restarted_between(f, e->engine, p->record, e->record))
                continue;
            violated(found, "never_twice", e->at, e->record,
                     "operation %llu orders revision %u again, as it did before its engine "
                     "restarted",
                     (unsigned long long)o.op.v, o.revision.v);
            break;
        }
    }
}
