/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/bounds.h"
#include "reports/judge/authority.h"
#include "reports/judge/reaction.h"
#include <stdlib.h>

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

/* As the engine told it; -1: it never named a cause. */
static int64_t confidence_told(const struct facts *f, const struct incident *n) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->at <= n->ends && e->out.kind == EFF_report && r->kind == REPORT_DIAGNOSED &&
            incident_has_id(n, r->incident))
            return r->detail;
    }
    return -1;
}

static int64_t fenced_writes(const struct facts *f, const struct incident *n) {
    int64_t count = 0;
    (void)n;
    EACH(f, deploy_order, d) count += d->status == DEPLOY_STALE_TOKEN;
    return count;
}

static const struct eff_notify *sent(const struct facts *f,
                                     const struct fact_message_delivered *m) {
    EACH_EFFECT(f, e) {
        if (e->engine == m->engine && e->out.kind == EFF_notify &&
            e->out.notify.message == m->message)
            return &e->out.notify;
    }
    return NULL;
}

/* What the first delivered alert of a broken chain calls the entry by; 0: there is none. */
static int64_t named_entry(const struct facts *f, const struct incident *n) {
    static const char before[] = " entry ";
    EACH(f, message_delivered, m) {
        const struct eff_notify *told = sent(f, m);
        if (m->reason != REASON_CHAIN_BROKEN || m->at > n->ends || !told) continue;
        char body[TEXT_MAX + 1] = {0};
        memcpy(body, told->body.s, told->body.len);
        const char *at = strstr(body, before);
        return at ? strtoll(at + strlen(before), NULL, 10) : 0;
    }
    return 0;
}

/* From the first second in which a candidate of the incident used more CPU than a canary may. */
static time_ns cpu_over(const struct facts *f, const struct incident *n) {
    const struct fact_traffic *served, *back = reaction_rollback(f, n, &served);
    EACH(f, truth, t) {
        if (back && t->at <= back->at && incident_has_revision(n, t->revision) &&
            t->cpu_ppm > f->limits.canary_cpu_ppm)
            return back->at - t->at;
    }
    return TIME_NEVER;
}

static int64_t candidate_memory(const struct facts *f, const struct incident *n) {
    int64_t most = 0;
    EACH(f, truth, t) {
        if (incident_has_revision(n, t->revision) && t->memory_ppm > most) most = t->memory_ppm;
    }
    return most;
}

static int64_t commands_refused(const struct facts *f, const struct incident *n) {
    return authority_refused(f, n->ends);
}

/* ---- compared ---- */

static bool at_most(time_ns measured, int64_t bound) { return measured <= bound; }
static bool at_least(time_ns measured, int64_t bound) { return measured >= bound; }
static bool exactly(int64_t measured, int64_t bound) { return measured == bound; }

struct bound_rule {
    const char *key, *meaning;
    int64_t (*measure)(const struct facts *, const struct incident *);
    bool (*holds)(int64_t measured, int64_t bound);
    const char *relation;
};

static const struct bound_rule *rule_of(const char *key) {
#define measure_person_reached_within_ns person_reached, at_most, "at most"
#define measure_restored_within_ns       restored_after, at_most, "at most"
#define measure_lock_wait_min_ns         lock_wait_of, at_least, "at least"
#define measure_lock_wait_max_ns         lock_wait_of, at_most, "at most"
#define measure_canary_pods              first_canary_pods, exactly, "exactly"
#define measure_patch_feedback           patch_feedback, exactly, "exactly"
#define measure_commands_refused         commands_refused, exactly, "exactly"
#define measure_confidence_min_ppm       confidence_told, at_least, "at least"
#define measure_confidence_max_ppm       confidence_told, at_most, "at most"
#define measure_fenced_writes            fenced_writes, exactly, "exactly"
#define measure_named_entry              named_entry, exactly, "exactly"
#define measure_cpu_over_at_most_ns      cpu_over, at_most, "at most"
#define measure_candidate_memory_max_ppm candidate_memory, at_most, "at most"
#define BOUND(key, meaning)              {#key, meaning, measure_##key},
    static const struct bound_rule rules[] = {
#include "reports/judge/bounds.def"
    };
#undef BOUND
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (strcmp(rules[i].key, key) == 0) return &rules[i];
    return NULL;
}

static bool ends_in(const char *key, const char *unit) {
    size_t len = strlen(key), tail = strlen(unit);
    return len > tail && strcmp(key + len - tail, unit) == 0;
}

/* The measured figure and what it should have been, under the word that files have for it. A time
 * is told to the millisecond, on the side of the bound on which it is. */
static void add_figure(struct reasons *reasons, const char *key, const char *relation,
                       int64_t measured, int64_t bound) {
    char seen[REASON_TIME], stated[REASON_TIME];
    int word = (int)strlen(key);
    if (ends_in(key, "_ppm")) {
        reason_add(reasons, "%.*s: %.4g %%, expected %s %.4g %%", word - 4, key,
                   (double)measured / 1e4, relation, (double)bound / 1e4);
    } else if (!ends_in(key, "_ns")) {
        reason_add(reasons, "%s: %lld, expected %s %lld", key, (long long)measured, relation,
                   (long long)bound);
    } else {
        if (measured > bound && measured != TIME_NEVER)
            measured = time_add(measured, NS_PER_MS - 1);
        reason_add(reasons, "%.*s: %s, expected %s %s", word - 3, key, reason_time(seen, measured),
                   relation, reason_time(stated, bound));
    }
}

static void check_mttr(const struct judged *j, struct reasons *reasons) {
    char seen[REASON_TIME], least[REASON_TIME], most[REASON_TIME];
    bool fine = j->mttr >= j->mttr_min && (j->mttr_max == 0 || j->mttr <= j->mttr_max);
    if ((j->mttr_min == 0 && j->mttr_max == 0) || (fine && j->mttr != TIME_NEVER)) return;
    if (j->mttr_min > 0 && j->mttr_max > 0)
        reason_add(reasons, "mttr: %s, expected at least %s and at most %s",
                   reason_time(seen, j->mttr), reason_time(least, j->mttr_min),
                   reason_time(most, j->mttr_max));
    else if (j->mttr_min > 0)
        add_figure(reasons, "mttr_ns", "at least", j->mttr, j->mttr_min);
    else
        add_figure(reasons, "mttr_ns", "at most", j->mttr, j->mttr_max);
}

static void check_bound(const struct facts *f, const struct judged *j, const char *key,
                        int64_t bound, struct reasons *reasons) {
    const struct bound_rule *rule = rule_of(key);
    if (!rule) {
        reason_add(reasons, "nothing is known of a bound \"%s\"", key);
        return;
    }
    int64_t measured = rule->measure(f, &j->incident);
    if (rule->holds(measured, bound)) return;
    add_figure(reasons, key, rule->relation, measured, bound);
}

void bounds_check(const struct facts *f, const struct judged *j, struct reasons *reasons) {
    check_mttr(j, reasons);
    EACH(f, bound, b) {
        char key[48];
        if (b->incident != j->number) continue;
        printable(key, sizeof key, b->key.bytes, b->key.len);
        check_bound(f, j, key, b->value, reasons);
    }
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

static void must_not_diagnose(const struct facts *f, struct verdict *v, struct svc_id service) {
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->at > f->heals_at) break;
        if (e->out.kind != EFF_report || r->kind != REPORT_DIAGNOSED) continue;
        if (!real_service(service) || ID_EQ(service, r->service))
            forbid(v, "diagnosis", facts_service(f, r->service), e->at, e->record);
    }
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
    if (strcmp(what, "diagnosis") == 0) must_not_diagnose(f, v, service);
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
