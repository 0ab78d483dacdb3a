/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/truth.h"
#include "reports/judge/authority.h"
#include "engine/base/ratio.h"

size_t truth_index(const struct facts *facts, time_ns from) {
    size_t low = 0, high = facts->truth.count;
    time_ns ends = time_add(from, TRUTH_NS);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (facts->truth.items[middle].at < ends)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct truth_sum truth_over(const struct facts *facts, struct svc_id service,
                            struct revision_id revision, time_ns from, time_ns to) {
    struct truth_sum sum = {0};
    time_ns last = -1;
    for (size_t i = truth_index(facts, from); i < facts->truth.count; i++) {
        const struct fact_truth *t = &facts->truth.items[i];
        if (t->at > to) break;
        if (!ID_EQ(t->service, service)) continue;
        if (real_revision(revision) && !ID_EQ(t->revision, revision)) continue;
        if (t->at != last) sum.seconds++;
        last = t->at;
        sum.requests += t->requests;
        sum.failed += t->failed;
        sum.own_failed += t->own_failed;
        sum.p95_weighted += (int128)t->p95_ns * t->requests;
        if (t->p95_ns > sum.p95_worst) sum.p95_worst = t->p95_ns;
    }
    return sum;
}

int64_t truth_own_share(const struct truth_sum *sum) {
    return sum->requests > 0 ? muldiv(sum->own_failed, PPM_ONE, sum->requests) : 0;
}

time_ns truth_p95(const struct truth_sum *sum) {
    return sum->requests > 0 ? (time_ns)(sum->p95_weighted / sum->requests) : 0;
}

const struct fact_traffic *traffic_at(const struct facts *facts, struct svc_id service,
                                      time_ns at) {
    const struct fact_traffic *last = NULL;
    EACH(facts, traffic, t) {
        if (t->at > at) break;
        if (ID_EQ(t->service, service)) last = t;
    }
    return last;
}

const struct fact_traffic *traffic_reached(const struct facts *facts, struct revision_id revision,
                                           int64_t ppm) {
    EACH(facts, traffic, t) if (traffic_share(t, revision) >= ppm) return t;
    return NULL;
}

bool is_engine(const struct facts *facts, int64_t engine) {
    EACH(facts, engine, e) if (e->engine == engine) return true;
    return false;
}

const struct fact_deploy_order *order_after(const struct facts *facts, time_ns after,
                                            time_ns until) {
    EACH(facts, deploy_order, d) {
        if (d->at > after && d->at <= until && d->status == DEPLOY_ACCEPTED &&
            is_engine(facts, d->engine))
            return d;
    }
    return NULL;
}

const struct fact_traffic *traffic_before(const struct facts *facts, struct svc_id service,
                                          uint64_t record) {
    const struct fact_traffic *last = NULL;
    EACH(facts, traffic, t) {
        if (t->record > record) break;
        if (ID_EQ(t->service, service)) last = t;
    }
    return last;
}

/* ---- operations ---- */

const struct fact_deploy_order *op_first_stage(const struct facts *facts, struct op_id op) {
    EACH(facts, deploy_order, d) {
        if (ID_EQ(d->op, op) && d->action == 0 && d->status == DEPLOY_ACCEPTED &&
            is_engine(facts, d->engine))
            return d;
    }
    return NULL;
}

bool op_begins(const struct facts *facts, const struct fact_deploy_order *order) {
    EACH(facts, deploy_order, d) {
        if (ID_EQ(d->op, order->op) && d->status == DEPLOY_ACCEPTED && is_engine(facts, d->engine))
            return d == order;
    }
    return false;
}

/* An operation that rolls back first of all has nothing of its own to take back. Ordered again, it
 * names the same revision to go away. */
static bool takes_back(const struct facts *facts, const struct seen_effect *effect) {
    const struct eff_roll_back *back = &effect->out.roll_back;
    EACH_EFFECT(facts, e) {
        const struct eff_roll_back *r = &e->out.roll_back;
        if (e->record >= effect->record) break;
        if (e->out.kind == EFF_deploy_stage && ID_EQ(e->out.deploy_stage.op, back->op)) return true;
        if (e->out.kind == EFF_roll_back && ID_EQ(r->op, back->op))
            return !ID_EQ(r->from, back->from);
    }
    return false;
}

bool orders_change(const struct facts *facts, const struct seen_effect *effect, struct op_id *op) {
    const struct eng_effect *e = &effect->out;
    switch (e->kind) {
    case EFF_deploy_stage: *op = e->deploy_stage.op; return true;
    case EFF_remedy: *op = e->remedy.op; return !e->remedy.undo;
    case EFF_roll_back: *op = e->roll_back.op; return !takes_back(facts, effect);
    default: return false;
    }
}

const struct hash *op_registered_plan(const struct facts *facts, struct op_id op, uint64_t before) {
    const struct hash *plan = NULL;
    EACH_EFFECT(facts, e) {
        if (e->record >= before) break;
        if (e->out.kind == EFF_registry_register && ID_EQ(e->out.registry_register.op, op))
            plan = &e->out.registry_register.plan;
    }
    return plan;
}

bool op_approved(const struct facts *facts, struct op_id op, uint64_t before) {
    const struct hash *plan = op_registered_plan(facts, op, before);
    EACH(facts, person_answered, a) {
        if (a->record >= before || a->answer != ANSWER_YES) continue;
        if (!person_may_approve(facts, a->person)) continue;
        if (plan && memcmp(plan, &a->plan, sizeof *plan) != 0) continue;
        EACH(facts, message_delivered, m) {
            if (m->engine == a->engine && m->message == a->message && ID_EQ(m->op, op)) return true;
        }
    }
    return false;
}

bool engine_suspended(const struct facts *facts, int64_t engine, uint64_t record) {
    bool on = false;
    EACH_EFFECT(facts, e) {
        if (e->record > record) break;
        if (e->engine == engine && e->out.kind == EFF_suspend) on = e->out.suspend.on;
    }
    return on;
}

bool services_call(const struct facts *facts, struct svc_id a, struct svc_id b) {
    EACH(facts, call, c) {
        if ((ID_EQ(c->from, a) && ID_EQ(c->to, b)) || (ID_EQ(c->from, b) && ID_EQ(c->to, a)))
            return true;
    }
    return false;
}
