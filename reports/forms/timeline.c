/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run as a story: what the world did and what an engine said, one line each, in some thirty
 * lines; a long run is cut. */
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "reports/forms/naming.h"
#include "reports/judge/truth.h"
#include <stdarg.h>

#define LINES_MAX 200

struct tale {
    const struct facts *facts;
    timeline_line each;
    void *context;
    uint32_t lines;
    bool several; /* engines: their names matter */
};

PRINTF_LIKE(4, 5)
static void tell(struct tale *t, time_ns at, int64_t engine, const char *format, ...) {
    char text[400];
    int len = 0;
    va_list arguments;
    if (++t->lines > LINES_MAX) return;
    if (engine == OPERATORS_ENGINE)
        len = snprintf(text, sizeof text, "an operator ");
    else if (t->several && real_engine(engine))
        len = snprintf(text, sizeof text, "engine-%lld ", (long long)engine);
    va_start(arguments, format);
    vsnprintf(text + len, sizeof text - (size_t)len, format, arguments);
    va_end(arguments);
    t->each(t->context, at, text);
}

static const char *figure_of(const struct eff_report *r, char *text, size_t size) {
    return r->symptom == SYMPTOM_LATENCY ? figure_time(text, size, muldiv(r->detail, 1000, 1))
                                         : figure_share(text, size, r->detail);
}

static void tell_state(struct tale *t, const struct seen_effect *e, const char *service) {
    int64_t state = e->out.report.detail;
    bool matters = state == STATE_LOCKED || state == STATE_PAUSED || state == STATE_FAILED ||
                   state == STATE_CANCELLED || state == STATE_ROLLED_BACK;
    if (matters) tell(t, e->at, e->engine, "operation on %s is %s", service, state_name(state));
}

static void tell_report(struct tale *t, const struct seen_effect *e) {
    const struct eff_report *r = &e->out.report;
    const char *service = facts_service(t->facts, r->service);
    char text[24];
    switch (r->kind) {
    case REPORT_OPENED:
        tell(t, e->at, e->engine, "detected %s %s %s", service, symptom_name(r->symptom),
             figure_of(r, text, sizeof text));
        break;
    case REPORT_DIAGNOSED:
        tell(t, e->at, e->engine, "cause is %s, confidence %s", service,
             figure_share(text, sizeof text, r->detail));
        break;
    case REPORT_STATE: tell_state(t, e, service); break;
    case REPORT_GATED: tell(t, e->at, e->engine, "gates passed for %s", service); break;
    case REPORT_MITIGATED:
        tell(t, e->at, e->engine, "mitigated %s by %s", service, remedy_name(r->detail));
        break;
    case REPORT_PROMOTED: tell(t, e->at, e->engine, "promoted %s", service); break;
    case REPORT_CLOSED_RESOLVED:
    case REPORT_CLOSED_HEALED_BY_ANOTHER:
        tell(t, e->at, e->engine, "%s %s, %s after it was detected", report_name(r->kind), service,
             figure_time(text, sizeof text, r->detail));
        break;
    case REPORT_ESCALATED:
        tell(t, e->at, e->engine, "escalated %s: %s", service, reason_name(r->detail));
        break;
    default: break;
    }
}

static void tell_effect(struct tale *t, const struct seen_effect *e) {
    char remedy[REMEDY_WORDS];
    if (e->out.kind == EFF_remedy)
        tell(t, e->at, e->engine, "%s: %s", facts_service(t->facts, e->out.remedy.service),
             remedy_words(remedy, &e->out.remedy));
    if (e->out.kind == EFF_report) tell_report(t, e);
    if (e->out.kind == EFF_suspend)
        tell(t, e->at, e->engine, "automation %s: %s", e->out.suspend.on ? "stops" : "goes on",
             reason_name(e->out.suspend.reason));
}

static void tell_patch(struct tale *t, const struct fact_patch_made *p) {
    const char *service = facts_service(t->facts, p->service);
    char text[24];
    if (p->reply == REPLY_OK)
        tell(t, p->at, p->engine, "patch for %s: revision %u on %u", service, p->revision.v,
             p->base.v);
    else if (p->reply == REPLY_RATE_LIMITED)
        tell(t, p->at, p->engine, "patch for %s: rate limited, retry after %s", service,
             figure_time(text, sizeof text, p->retry_after_ns));
    else
        tell(t, p->at, p->engine, "patch for %s: %s", service, reply_name(p->reply));
}

static void tell_checked(struct tale *t, const struct fact_checked *c) {
    char finding[48];
    printable(finding, sizeof finding, c->finding.bytes, c->finding.len);
    if (c->passed)
        tell(t, c->at, c->engine, "checks passed for revision %u", c->revision.v);
    else
        tell(t, c->at, c->engine, "checks failed for revision %u: %lld of %lld tests, %s",
             c->revision.v, (long long)c->tests_failed, (long long)c->tests_run, finding);
}

static void tell_traffic(struct tale *t, const struct fact_traffic *x) {
    const char *service = facts_service(t->facts, x->service);
    char text[24];
    if (real_revision(x->candidate))
        tell(t, x->at, x->engine, "%s: revision %u serves %s on %lld pods", service, x->candidate.v,
             figure_share(text, sizeof text, x->share_ppm), (long long)x->candidate_pods);
    else
        tell(t, x->at, x->engine, "%s: revision %u serves everything", service, x->stable.v);
}

static void tell_lock(struct tale *t, const struct fact_lock *l) {
    static const char *const words[] = {[LOCK_QUEUED] = "queued at",
                                        [LOCK_LEFT] = "gave up on",
                                        [LOCK_EXPIRED] = "lost, expired,",
                                        [LOCK_FORCED] = "was forced off",
                                        [LOCK_FORGOTTEN] = "lost, forgotten by the store,",
                                        [LOCK_RETURNED] = "holds again, as the store has it,"};
    if (l->event < 0 || (size_t)l->event >= ARRAY_LEN(words) || !words[l->event]) return;
    bool service = l->scope == SCOPE_SERVICE || l->scope == SCOPE_DEPLOYMENT;
    tell(t, l->at, l->engine, "%s lock %s %s", words[l->event], scope_name(l->scope),
         service && l->name >= 0 && l->name < NONE_ID
             ? facts_service(t->facts, (struct svc_id){(uint32_t)l->name})
             : "");
}

static const char *fault_name(const struct tale *t, int64_t fault, char *name, size_t size) {
    snprintf(name, size, "%lld", (long long)fault);
    EACH(t->facts, fault_planned, p) {
        if (p->fault == fault) printable(name, size, p->name.bytes, p->name.len);
    }
    return name;
}

static void tell_fault(struct tale *t, const struct fact_fault_on *on) {
    char name[48];
    tell(t, on->at, -1, "fault %s begins%s%s", fault_name(t, on->fault, name, sizeof name),
         real_service(on->service) ? " on " : "",
         real_service(on->service) ? facts_service(t->facts, on->service) : "");
}

static void tell_fault_end(struct tale *t, const struct fact_fault_off *off) {
    char name[48];
    if (off->healed) return;
    tell(t, off->at, -1, "fault %s ends", fault_name(t, off->fault, name, sizeof name));
}

static void tell_order(struct tale *t, const struct fact_deploy_order *d) {
    if (d->status != DEPLOY_ACCEPTED && d->status != DEPLOY_DONE)
        tell(t, d->at, d->engine, "deploy target refuses %s: %s",
             facts_service(t->facts, d->service), deploy_name(d->status));
}

static void tell_record(struct tale *t, const struct fact_ref *ref) {
    const struct facts *f = t->facts;
    switch (ref->kind) {
    case REC_fault_on: tell_fault(t, &f->fault_on.items[ref->index]); break;
    case REC_fault_off: tell_fault_end(t, &f->fault_off.items[ref->index]); break;
    case REC_traffic: tell_traffic(t, &f->traffic.items[ref->index]); break;
    case REC_patch_made: tell_patch(t, &f->patch_made.items[ref->index]); break;
    case REC_checked: tell_checked(t, &f->checked.items[ref->index]); break;
    case REC_lock: tell_lock(t, &f->lock.items[ref->index]); break;
    case REC_deploy_order: tell_order(t, &f->deploy_order.items[ref->index]); break;
    case REC_message_delivered: {
        const struct fact_message_delivered *m = &f->message_delivered.items[ref->index];
        tell(t, m->at, m->engine, "person %u: %s %s", m->person.v, form_name(m->form),
             reason_name(m->reason));
        break;
    }
    case REC_person_answered: {
        const struct fact_person_answered *a = &f->person_answered.items[ref->index];
        tell(t, a->at, a->engine, "person %u answers %s", a->person.v, answer_name(a->answer));
        break;
    }
    case REC_effect: tell_effect(t, &f->effects[ref->index]); break;
    case REC_heal:
        tell(t, f->heals_at, -1, "the scenario ends: all its faults are taken out");
        break;
    default: break;
    }
}

uint32_t timeline_each(const struct facts *facts, timeline_line each, void *context) {
    struct tale t = {
        .facts = facts, .each = each, .context = context, .several = facts->engine.count > 1};
    for (size_t i = 0; i < facts->order_count; i++) tell_record(&t, &facts->order[i]);
    return t.lines > LINES_MAX ? t.lines - LINES_MAX : 0;
}

static void print_line(void *context, time_ns at, const char *text) {
    char clock[24];
    fprintf(context, "%s  %s\n", figure_clock(clock, sizeof clock, at), text);
}

void timeline_text(const struct facts *facts, FILE *out) {
    uint32_t more = timeline_each(facts, print_line, out);
    if (more > 0) fprintf(out, "and %u more\n", more);
}
