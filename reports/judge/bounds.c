/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/bounds.h"
#include "reports/judge/reaction.h"

/* ---- measured ---- */

time_ns lock_wait_of(const struct facts *f, const struct incident *n) {
    time_ns sum = 0, since = TIME_NEVER;
    EACH(f, lock, l) {
        if (l->at > n->ends || !incident_has_op(f, n, l->op)) continue;
        if (l->event == LOCK_QUEUED && since == TIME_NEVER) since = l->at;
        if (l->event != LOCK_GRANTED || since == TIME_NEVER) continue;
        sum += l->at - since;
        since = TIME_NEVER;
    }
    return since == TIME_NEVER ? sum : sum + n->ends - since;
}

static time_ns person_reached(const struct facts *f, const struct incident *n) {
    const struct fact_message_delivered *m = reaction_question(f, n, false);
    return m && n->detected != TIME_NEVER ? m->at - n->detected : TIME_NEVER;
}

static time_ns restored_after(const struct facts *f, const struct incident *n) {
    const struct fact_traffic *served, *back = reaction_rollback(f, n, &served);
    return back ? back->at - served->at : TIME_NEVER;
}

static int64_t first_canary_pods(const struct facts *f, const struct incident *n) {
    EACH(f, traffic, t) {
        if (t->share_ppm > 0 && incident_has_revision(n, t->candidate)) return t->candidate_pods;
    }
    return 0;
}

static bool finding_known(const struct facts *f, const struct incident *n,
                          const struct seen_effect *asked) {
    const struct text *feedback = &asked->out.ask_patch.feedback;
    EACH(f, checked, c) {
        if (c->record < asked->record && !c->passed && c->finding.len > 0 &&
            incident_has_op(f, n, c->op) && c->finding.len == feedback->len &&
            memcmp(c->finding.bytes, feedback->s, feedback->len) == 0)
            return true;
    }
    return false;
}

static int64_t patch_feedback(const struct facts *f, const struct incident *n) {
    int64_t count = 0;
    EACH_EFFECT(f, e) {
        if (e->at <= n->ends && e->out.kind == EFF_ask_patch &&
            incident_has_id(n, e->out.ask_patch.incident))
            count += finding_known(f, n, e);
    }
    return count;
}

/* ---- compared ---- */

static bool at_most(time_ns measured, int64_t bound) { return measured <= bound; }
static bool at_least(time_ns measured, int64_t bound) { return measured >= bound; }
static bool exactly(int64_t measured, int64_t bound) { return measured == bound; }

struct bound_rule {
    const char *key, *meaning;
    int64_t (*measure)(const struct facts *, const struct incident *);
    bool (*holds)(int64_t measured, int64_t bound);
};

static const struct bound_rule *rule_of(const char *key) {
#define measure_person_reached_within_ns person_reached, at_most
#define measure_restored_within_ns       restored_after, at_most
#define measure_lock_wait_min_ns         lock_wait_of, at_least
#define measure_lock_wait_max_ns         lock_wait_of, at_most
#define measure_canary_pods              first_canary_pods, exactly
#define measure_patch_feedback           patch_feedback, exactly
#define BOUND(key, meaning)              {#key, meaning, measure_##key},
    static const struct bound_rule rules[] = {
#include "reports/judge/bounds.def"
    };
#undef BOUND
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (strcmp(rules[i].key, key) == 0) return &rules[i];
    return NULL;
}

static bool mttr_holds(const struct judged *j, char *why, size_t size) {
    if (j->mttr_min == 0 && j->mttr_max == 0) return true;
    if (j->mttr == TIME_NEVER) {
        snprintf(why, size, "its time to repair is bounded, but it did not end");
        return false;
    }
    bool fine = j->mttr >= j->mttr_min && (j->mttr_max == 0 || j->mttr <= j->mttr_max);
    if (!fine)
        snprintf(why, size, "it took %.3f s, expected %.3f to %.3f s", (double)j->mttr / 1e9,
                 (double)j->mttr_min / 1e9, (double)j->mttr_max / 1e9);
    return fine;
}

bool bounds_hold(const struct facts *f, const struct judged *j, char *why, size_t size) {
    if (!mttr_holds(j, why, size)) return false;
    EACH(f, bound, b) {
        char key[48];
        if (b->incident != j->number) continue;
        printable(key, sizeof key, b->key.bytes, b->key.len);
        const struct bound_rule *rule = rule_of(key);
        if (!rule) {
            snprintf(why, size, "nothing is known of a bound \"%s\"", key);
            return false;
        }
        int64_t measured = rule->measure(f, &j->incident);
        if (rule->holds(measured, b->value)) continue;
        if (measured == TIME_NEVER)
            snprintf(why, size, "%s: never happened", key);
        else
            snprintf(why, size, "%s: measured %lld, stated %lld", key, (long long)measured,
                     (long long)b->value);
        return false;
    }
    return true;
}

/* ---- forbidden ---- */

static void forbid(struct verdict *v, const char *what, const char *service, time_ns at,
                   uint64_t record) {
    if (v->forbidden_count == FORBIDDEN_MAX) return;
    snprintf(v->forbidden[v->forbidden_count++], sizeof v->forbidden[0],
             "must not: %s of %s, but at %.3f s (record %llu) there was one", what, service,
             (double)at / 1e9, (unsigned long long)record);
}

static bool order_forbidden(const char *what, int64_t action) {
    return strcmp(what, "effect") == 0 || (strcmp(what, "deployment") == 0 && action == 0) ||
           (strcmp(what, "rollback") == 0 && action == 1);
}

static bool message_forbidden(const char *what, int64_t form) {
    return strcmp(what, "message") == 0 || (strcmp(what, "page") == 0 && form != FORM_TELL);
}

static bool word_known(const char *what) {
#define MUST_NOT(word, meaning)                                                                    \
    if (strcmp(what, #word) == 0) return true;
#include "reports/judge/must_not.def"
#undef MUST_NOT
    return false;
}

static void must_not_one(const struct facts *f, struct verdict *v, const char *what,
                         struct svc_id service) {
    EACH(f, deploy_order, d) {
        if (d->at > f->heals_at || d->status != DEPLOY_ACCEPTED || !is_engine(f, d->engine))
            continue;
        if (real_service(service) && !ID_EQ(service, d->service)) continue;
        if (order_forbidden(what, d->action))
            forbid(v, what, facts_service(f, d->service), d->at, d->record);
    }
    EACH(f, message_delivered, m) {
        if (m->at > f->heals_at) continue;
        if (real_service(service) && !ID_EQ(service, m->service)) continue;
        if (message_forbidden(what, m->form))
            forbid(v, what, facts_service(f, m->service), m->at, m->record);
    }
}

void must_not_check(const struct facts *f, struct verdict *v) {
    EACH(f, must_not, n) {
        char what[32];
        printable(what, sizeof what, n->what.bytes, n->what.len);
        if (word_known(what))
            must_not_one(f, v, what, n->service);
        else if (v->forbidden_count < FORBIDDEN_MAX)
            snprintf(v->forbidden[v->forbidden_count++], sizeof v->forbidden[0],
                     "must not: nothing is known of \"%s\"", what);
    }
}
