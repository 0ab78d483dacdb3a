/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/narrator.h"

#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/judge/truth.h"
#include "scenarios/words/plan.h"
#include "sim/run/decision_text.h"
#include "sim/run/manual.h"

#include <stdarg.h>

static const char *clock_of(const struct narrator *n, char *text, size_t size) {
    text[0] = '+';
    duration_format(text + 1, size - 1, n->live->now - n->incident->onset);
    return text;
}

static const char *exact(char *text, size_t size, time_ns ns) {
    duration_format(text, size, ns);
    return text;
}

PRINTF_LIKE(4, 5)
static void tell(const struct narrator *n, const char *colour, const char *tag, const char *format,
                 ...) {
    char text[960], clock[32];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    live_tell(n->live, clock_of(n, clock, sizeof clock), colour, tag, text);
}

static const char *name_of(const struct narrator *n, struct svc_id service) {
    return facts_service(n->facts, service);
}

/* ---- the world's truth, second by second ---- */

struct errors {
    int64_t now, sum; /* share in the last second; failed requests since the onset */
};
static struct errors errors_of(const struct narrator *n) {
    const struct incident *i = n->incident;
    time_ns now = n->live->now;
    struct truth_sum last =
        truth_over(n->facts, i->service, (struct revision_id){0}, now - TRUTH_NS, now);
    struct truth_sum all = truth_over(n->facts, i->service, (struct revision_id){0}, i->onset, now);
    return (struct errors){last.requests > 0 ? ppm_of(last.failed, last.requests) : 0, all.failed};
}

static void show_errors(const struct narrator *n) {
    static const char bar[] = "########################################";
    char text[512], clock[32], share[24];
    struct errors errors = errors_of(n);
    const struct manual_step *step = manual_step_at(n->live->now - n->incident->onset);
    snprintf(text, sizeof text, "%6s  errors %5s  failed %5lld  by hand: %s, to %lld min  %.*s",
             clock_of(n, clock, sizeof clock), figure_share(share, sizeof share, errors.now),
             (long long)errors.sum, step->name, (long long)(step->ends / NS_PER_MIN),
             (int)(errors.now / (PPM_ONE / 100)), bar);
    live_beneath(n->live, text);
}

/* ---- phases ---- */

static void end_phase(struct narrator *n, enum phase phase, const char *what) {
#define PHASE_(NAME, tag, text, step) tag,
    static const char *const tags[] = {PHASES(PHASE_)};
#undef PHASE_
    char share[24];
    if (n->ended[phase] != TIME_NEVER) return; /* of a second attempt */
    struct errors errors = errors_of(n);
    n->ended[phase] = n->live->now;
    n->failed[phase] = errors.sum;
    tell(n, LIVE_BOLD LIVE_GREEN, tags[phase], "%s; errors now %s, %lld failed so far", what,
         figure_share(share, sizeof share, errors.now), (long long)errors.sum);
}

static const char *symptom_figure(int64_t symptom, int64_t value, char *text, size_t size) {
    return symptom == SYMPTOM_LATENCY ? figure_time(text, size, muldiv(value, 1000, 1))
                                      : figure_share(text, size, value);
}

static void tell_closed(struct narrator *n, const struct eff_report *r) {
    char what[160], seen[24], after[24];
    time_ns now = n->live->now;
    struct truth_sum truth = truth_over(n->facts, n->incident->service, (struct revision_id){0},
                                        now, time_add(now, 30 * NS_PER_S));
    snprintf(what, sizeof what, "closed, %s after it was detected",
             exact(seen, sizeof seen, r->detail));
    end_phase(n, PHASE_VERIFIED, what);
    if (truth.requests > 0)
        tell(n, LIVE_FAINT, "truth", "over the next 30 s %s of %lld requests fail",
             figure_share(after, sizeof after, ppm_of(truth.failed, truth.requests)),
             (long long)truth.requests);
}

static void tell_report(struct narrator *n, const struct eff_report *r) {
    char what[160], figure[24];
    const char *service = name_of(n, r->service);
    switch (r->kind) {
    case REPORT_OPENED:
        snprintf(what, sizeof what, "%s: %s %s", service, symptom_name(r->symptom),
                 symptom_figure(r->symptom, r->detail, figure, sizeof figure));
        end_phase(n, PHASE_DETECTED, what);
        break;
    case REPORT_DIAGNOSED:
        snprintf(what, sizeof what, "%s, confidence %s", service,
                 figure_share(figure, sizeof figure, r->detail));
        end_phase(n, PHASE_ROOT_CAUSE, what);
        break;
    case REPORT_PATCHED: end_phase(n, PHASE_PATCH, "it is here, and not yet trusted"); break;
    case REPORT_GATED:
        end_phase(n, PHASE_GATES, "checks, conflicts, locks and gates passed");
        break;
    case REPORT_STATE: tell(n, "", "state", "operation is %s", state_name(r->detail)); break;
    case REPORT_CLOSED_RESOLVED: tell_closed(n, r); break;
    case REPORT_CLOSED_HEALED_BY_ANOTHER: tell(n, "", "closed", "healed by another"); break;
    case REPORT_ESCALATED:
        tell(n, LIVE_RED, "escalated", "to a person: %s", reason_name(r->detail));
        break;
    default: break;
    }
}

/* ---- what engines decide and want ---- */

/* Both revisions under the last share, by the world's truth: what the decision is to be held
 * against. */
static void tell_measured(struct narrator *n) {
    time_ns now = n->live->now;
    const struct fact_traffic *t = traffic_at(n->facts, n->incident->service, now);
    char a[24], b[24];
    if (!t || !real_revision(t->candidate)) return;
    struct truth_sum canary = truth_over(n->facts, t->service, t->candidate, t->at, now);
    struct truth_sum stable = truth_over(n->facts, t->service, t->stable, t->at, now);
    tell(n, LIVE_FAINT, "truth", "canary fails %s of %lld requests, the former revision %s of %lld",
         figure_share(a, sizeof a, truth_own_share(&canary)), (long long)canary.requests,
         figure_share(b, sizeof b, truth_own_share(&stable)), (long long)stable.requests);
}

static void tell_decision(struct narrator *n, const struct eff_record_decision *d) {
    char text[900];
    if (d->kind == DECISION_DEPLOYMENT) tell_measured(n);
    if (d->kind == DECISION_SAFETY_GATE && gates_text(text, sizeof text, &n->arena, d, n->gates))
        tell(n, "", "gates", "%s", text);
    else if (decision_text(text, sizeof text, &n->arena, d))
        tell(n, LIVE_CYAN, "decision", "%s -> %s", decision_name(d->kind), text);
}

static void tell_effect(struct narrator *n, const struct eng_effect *e) {
    switch (e->kind) {
    case EFF_report: tell_report(n, &e->report); break;
    case EFF_record_decision: tell_decision(n, &e->record_decision); break;
    case EFF_ask_patch: {
        const struct eff_ask_patch *a = &e->ask_patch;
        if (a->file.len > 0)
            tell(n, LIVE_BOLD, "localised", "%.*s in %.*s:%lld; a patch is asked for",
                 a->exception.len, a->exception.s, a->file.len, a->file.s, (long long)a->line);
        else
            tell(n, "", "patch", "asked for, without a place in the code");
        break;
    }
    case EFF_suspend:
        tell(n, LIVE_RED, "automation", "%s: %s", e->suspend.on ? "stops" : "goes on",
             reason_name(e->suspend.reason));
        break;
    default: break;
    }
}

/* ---- what engines are told ---- */

static void tell_evidence(const struct narrator *n, const struct in_evidence *i) {
    const char *source = source_name(i->source);
    char share[24];
    if (i->reply != REPLY_OK)
        tell(n, LIVE_YELLOW, source, "%s", reply_name(i->reply));
    else if (i->source == SOURCE_LOGS)
        tell(n, "", source, "%.*s in %.*s:%lld, %lld times", i->exception.len, i->exception.s,
             i->file.len, i->file.s, (long long)i->line, (long long)i->count);
    else
        tell(n, "", source, "%s of failing spans begin in %s",
             figure_share(share, sizeof share, i->culprit_share_ppm), name_of(n, i->culprit));
}

static void tell_patch(const struct narrator *n, const struct in_patch_reply *i) {
    if (i->reply == REPLY_OK)
        tell(n, "", "patch", "revision %u made on %u, %lld lines: %.*s", i->revision.v, i->base.v,
             (long long)i->size_lines, i->summary.len, i->summary.s);
    else
        tell(n, LIVE_YELLOW, "patch", "%s", reply_name(i->reply));
}

static void tell_checks(const struct narrator *n, const struct in_check_results *i) {
    static const char *const words[] = {"fails", "ok"};
    if (i->reply != REPLY_OK)
        tell(n, LIVE_YELLOW, "checks", "%s", reply_name(i->reply));
    else
        tell(n, "", "checks",
             "syntax %s, static analysis %s, dependencies %s, %lld of %lld tests passed%s%.*s",
             words[i->syntax], words[i->analysis], words[i->dependencies],
             (long long)(i->tests_run - i->tests_failed), (long long)i->tests_run,
             i->finding.len > 0 ? ": " : "", i->finding.len, i->finding.s);
}

static void tell_input(struct narrator *n, const struct eng_input *i) {
    char figure[24];
    switch (i->kind) {
    case IN_alert: /* it fires again each second */
        if (n->alerted || !i->alert.firing || !ID_EQ(i->alert.service, n->incident->service)) break;
        n->alerted = true;
        tell(n, LIVE_YELLOW, "alert", "%.*s fires: %s", i->alert.rule.len, i->alert.rule.s,
             symptom_figure(i->alert.symptom, i->alert.value_micro, figure, sizeof figure));
        break;
    case IN_evidence: tell_evidence(n, &i->evidence); break;
    case IN_patch_reply: tell_patch(n, &i->patch_reply); break;
    case IN_check_results: tell_checks(n, &i->check_results); break;
    default: break;
    }
}

/* ---- what the world does ---- */

static void tell_fault(const struct narrator *n, const struct fact_fault_on *on) {
    EACH(n->facts, fault_planned, p) {
        char name[64], before[24], after[24];
        if (p->fault != on->fault) continue;
        printable(name, sizeof name, p->name.bytes, p->name.len);
        bool share = fault_entry((enum fault_kind)p->kind)->value == FAULT_VALUE_SHARE;
        tell(n, LIVE_RED, "fault", "%s begins on %s%s%s%s%s", name, name_of(n, on->service),
             share ? ": " : "", share ? figure_share(before, sizeof before, on->baseline) : "",
             share ? " -> " : "", share ? figure_share(after, sizeof after, on->value) : "");
    }
}

static void tell_lock(const struct narrator *n, const struct fact_lock *l) {
    static const char *const events[] = {
        [LOCK_GRANTED] = "granted", [LOCK_QUEUED] = "queued",       [LOCK_RELEASED] = "released",
        [LOCK_EXPIRED] = "expired", [LOCK_LEFT] = "given up",       [LOCK_REFUSED] = "refused",
        [LOCK_FORCED] = "forced",   [LOCK_FORGOTTEN] = "forgotten", [LOCK_RETURNED] = "returned"};
    char name[64], until[24];
    if ((size_t)l->event >= ARRAY_LEN(events) || !events[l->event]) return; /* renewals */
    if (l->scope == SCOPE_INCIDENT)
        snprintf(name, sizeof name, "%lld", (long long)l->name);
    else
        snprintf(name, sizeof name, "%s", name_of(n, (struct svc_id){(uint32_t)l->name}));
    if (l->event == LOCK_GRANTED)
        tell(n, "", "lock", "%s %s granted for %s, fencing token %lld.%lld", scope_name(l->scope),
             name, exact(until, sizeof until, l->expires_at - l->at), (long long)l->token_epoch,
             (long long)l->token_number);
    else
        tell(n, "", "lock", "%s %s %s", scope_name(l->scope), name, events[l->event]);
}

static void tell_order(struct narrator *n, const struct fact_deploy_order *d) {
    bool taken = d->status == DEPLOY_ACCEPTED || d->status == DEPLOY_DONE;
    char what[96];
    if (!taken)
        tell(n, LIVE_RED, "deployment", "refused: %s", deploy_name(d->status));
    else if (d->share_ppm == PPM_ONE && incident_has_revision(n->incident, d->revision)) {
        snprintf(what, sizeof what, "passed, revision %u goes everywhere", d->revision.v);
        end_phase(n, PHASE_CANARY, what);
    }
}

static void tell_traffic(const struct narrator *n, const struct fact_traffic *t) {
    char share[24];
    if (real_revision(t->candidate))
        tell(n, LIVE_YELLOW, "canary", "revision %u serves %s on %lld pods of %s", t->candidate.v,
             figure_share(share, sizeof share, t->share_ppm), (long long)t->candidate_pods,
             name_of(n, t->service));
    else
        tell(n, LIVE_YELLOW, "traffic", "revision %u serves all of %s", t->stable.v,
             name_of(n, t->service));
}

static const char *person_of(const struct narrator *n, struct person_id person, char *name,
                             size_t size) {
    snprintf(name, size, "person %u", person.v);
    EACH(n->facts, person, p) {
        if (ID_EQ(p->person, person)) printable(name, size, p->name.bytes, p->name.len);
    }
    return name;
}

static void tell_message(const struct narrator *n, const struct fact_message_delivered *m) {
    char name[64];
    tell(n, "", "message", "%s to %s: %s", form_name(m->form),
         person_of(n, m->person, name, sizeof name), reason_meaning(m->reason));
}

static void tell_answer(const struct narrator *n, const struct fact_person_answered *a) {
    char name[64];
    tell(n, "", "person", "%s answers: %s", person_of(n, a->person, name, sizeof name),
         answer_meaning(a->answer));
}

static void tell_record(struct narrator *n, const struct fact_ref *ref) {
    const struct facts *f = n->facts;
    switch (ref->kind) {
    case REC_fault_on: tell_fault(n, &f->fault_on.items[ref->index]); break;
    case REC_traffic: tell_traffic(n, &f->traffic.items[ref->index]); break;
    case REC_deploy_order: tell_order(n, &f->deploy_order.items[ref->index]); break;
    case REC_lock: tell_lock(n, &f->lock.items[ref->index]); break;
    case REC_message_delivered: tell_message(n, &f->message_delivered.items[ref->index]); break;
    case REC_person_answered: tell_answer(n, &f->person_answered.items[ref->index]); break;
    case REC_input: tell_input(n, &f->inputs[ref->index].in); break;
    case REC_effect: tell_effect(n, &f->effects[ref->index].out); break;
    default: break;
    }
}

static time_ns record_at(const struct facts *f, const struct fact_ref *ref) {
    switch (ref->kind) {
        /* clang-format off */
#define RECORD(name, meaning, fields) case REC_##name: return f->name.items[ref->index].at;
#include "scenarios/words/record.def"
#undef RECORD
        /* clang-format on */
    default: return 0;
    }
}

bool narrate(struct narrator *n, const struct facts *facts, const struct incident *incident,
             const struct eng_gates *gates, struct live *live) {
    *n = (struct narrator){.facts = facts, .incident = incident, .gates = gates, .live = live};
    for (int k = 0; k < PHASE_COUNT; k++) n->ended[k] = TIME_NEVER;
    arena_open(&n->arena);
    for (size_t k = 0; k < facts->order_count; k++) {
        time_ns at = record_at(facts, &facts->order[k]);
        if (at < incident->onset) continue;
        if (at > incident->ends) break;
        if (at > live->now) show_errors(n);
        if (!live_wait(live, at)) return false;
        tell_record(n, &facts->order[k]);
    }
    return true;
}

void narrator_close(struct narrator *n) { arena_close(&n->arena); }
