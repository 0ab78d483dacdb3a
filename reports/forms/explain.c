/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/explain.h"
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/naming.h"
#include "reports/forms/page.h"
#include "reports/judge/truth.h"
#include <stdarg.h>

#define TOLD_MAX 400

struct telling {
    struct page page;
    const struct facts *facts;
    const struct explained *asked;
    struct decisions decisions;
    const struct incident *incident; /* the one that is told; NULL: of no cause */
    uint32_t told;                   /* decisions and alternatives that were asked for */
};

PRINTF_LIKE(4, 5)
static void tell(const struct telling *t, time_ns at, const char *indent, const char *format, ...) {
    char text[TOLD_MAX], clock[24] = "";
    va_list arguments;
    va_start(arguments, format);
    int len = at == TIME_NEVER
                  ? 0
                  : snprintf(text, sizeof text, "%s ", figure_clock(clock, sizeof clock, at));
    vsnprintf(text + len, sizeof text - (size_t)len, format, arguments);
    va_end(arguments);
    page_sentence(&t->page, indent, text);
}

static const char *name_of(const struct telling *t, struct svc_id service) {
    return facts_service(t->facts, service);
}

/* Text of an engine's or the world's, made printable. */
static const char *plain(char *out, size_t size, const struct text *text) {
    printable(out, size, text->s, text->len);
    return out;
}

/* ---- decisions ---- */

static bool is_about(const struct telling *t, struct incident_id incident, struct op_id op) {
    if (!t->incident) return !real64(incident.v) && !real64(op.v);
    return incident_has_id(t->incident, incident) || incident_has_op(t->facts, t->incident, op);
}

static bool is_asked(const struct telling *t, const struct decision *d) {
    const struct explained *a = t->asked;
    return (a->decision < 0 || a->decision == d->number) &&
           (a->engine < 0 || a->engine == d->engine);
}

static void tell_alternatives(struct telling *t, const struct decision *d, bool heading) {
    struct alternative list[ALTERNATIVES_MAX];
    uint32_t count = alternatives_of(t->facts, d, list);
    for (uint32_t k = 0; k < count; k++) {
        const char *only = t->asked->why_not;
        if (only && strcmp(list[k].choice, only) != 0) continue;
        if (only && heading)
            tell(t, d->at, "", "decision %lld.%lld, %s: %s", (long long)d->engine,
                 (long long)d->number, decision_name(d->kind), d->choice);
        heading = false;
        tell(t, TIME_NEVER, "      ", "for \"%s\": %s", list[k].choice, list[k].needs);
        if (only) t->told++;
    }
}

static void tell_decision(struct telling *t, const struct decision *d) {
    char share[24];
    if (t->asked->why_not) {
        tell_alternatives(t, d, true);
        return;
    }
    t->told++;
    tell(t, d->at, "", "decision %lld.%lld on %s, %s: %s", (long long)d->engine,
         (long long)d->number, name_of(t, d->service), decision_name(d->kind), d->choice);
    tell(t, TIME_NEVER, "    ", "because %s; confidence %s",
         d->reasoning[0] ? d->reasoning : "it says no more",
         figure_share(share, sizeof share, d->confidence_ppm));
    for (uint32_t k = 0; k < d->factor_count; k++) {
        char figure[32];
        tell(t, TIME_NEVER, "      ", "%s %s: %s", d->factors[k].name,
             factor_figure(figure, sizeof figure, d, &d->factors[k]), d->factors[k].explanation);
    }
    tell_alternatives(t, d, false);
}

/* ---- what was seen, and what was done ---- */

static void tell_evidence(const struct telling *t, time_ns at, const struct in_evidence *i) {
    char exception[128], file[128], share[24];
    if (i->reply != REPLY_OK)
        tell(t, at, "", "seen: %s: %s", source_name(i->source), reply_name(i->reply));
    else if (i->source == SOURCE_LOGS)
        tell(t, at, "", "seen: logs: %s in %s:%lld, %lld times",
             plain(exception, sizeof exception, &i->exception), plain(file, sizeof file, &i->file),
             (long long)i->line, (long long)i->count);
    else
        tell(t, at, "", "seen: %s: %s of failing spans begin in %s", source_name(i->source),
             figure_share(share, sizeof share, i->culprit_share_ppm), name_of(t, i->culprit));
}

static void tell_checks(const struct telling *t, time_ns at, const struct in_check_results *i) {
    static const char *const words[] = {"fails", "passes"};
    char finding[128];
    tell(t, at, "",
         "seen: CI on revision %u: syntax %s, analysis %s, dependencies %s, %lld of %lld tests "
         "failed%s%s",
         i->revision.v, words[i->syntax != 0], words[i->analysis != 0], words[i->dependencies != 0],
         (long long)i->tests_failed, (long long)i->tests_run, i->finding.len > 0 ? ": " : "",
         plain(finding, sizeof finding, &i->finding));
}

/* An alert fires again at each evaluation: the first one counts. */
static bool fired_before(const struct telling *t, const struct seen_input *now) {
    EACH_INPUT(t->facts, i) {
        const struct in_alert *a = &i->in.alert;
        if (i >= now) return false;
        if (i->in.kind == IN_alert && a->firing && i->at >= t->incident->onset &&
            ID_EQ(a->service, now->in.alert.service) && a->symptom == now->in.alert.symptom)
            return true;
    }
    return false;
}

static void tell_alert(const struct telling *t, const struct seen_input *i) {
    const struct in_alert *a = &i->in.alert;
    char rule[128], figure[24];
    bool ours = t->incident && t->incident->onset != TIME_NEVER && a->firing &&
                ID_EQ(a->service, t->incident->service) && a->symptom == t->incident->symptom &&
                i->at >= t->incident->onset;
    if (!ours || fired_before(t, i)) return;
    tell(t, i->at, "", "seen: %s fires for %s: %s", plain(rule, sizeof rule, &a->rule),
         name_of(t, a->service),
         a->symptom == SYMPTOM_LATENCY
             ? figure_time(figure, sizeof figure, muldiv(a->value_micro, NS_PER_US, 1))
             : figure_share(figure, sizeof figure, a->value_micro));
}

static void tell_input(const struct telling *t, const struct seen_input *i) {
    const struct eng_input *x = &i->in;
    switch (x->kind) {
    case IN_alert: tell_alert(t, i); break;
    case IN_evidence:
        if (is_about(t, x->evidence.incident, (struct op_id){0}))
            tell_evidence(t, i->at, &x->evidence);
        break;
    case IN_patch_reply:
        if (is_about(t, (struct incident_id){0}, x->patch_reply.op))
            tell(t, i->at, "", "seen: the patch service: %s, revision %u of %lld lines",
                 reply_name(x->patch_reply.reply), x->patch_reply.revision.v,
                 (long long)x->patch_reply.size_lines);
        break;
    case IN_check_results:
        if (is_about(t, (struct incident_id){0}, x->check_results.op))
            tell_checks(t, i->at, &x->check_results);
        break;
    case IN_lock_reply:
        if (is_about(t, (struct incident_id){0}, x->lock_reply.op) &&
            x->lock_reply.result == LOCK_REPLY_HELD)
            tell(t, i->at, "", "seen: lock %s is held, place %lld in its queue",
                 scope_name(x->lock_reply.scope), (long long)x->lock_reply.place);
        break;
    default: break;
    }
}

static void tell_mitigated(const struct telling *t, const struct seen_effect *e) {
    const struct eff_report *r = &e->out.report;
    if (r->kind == REPORT_MITIGATED && is_about(t, r->incident, r->op))
        tell(t, e->at, "", "said: mitigated %s by %s", name_of(t, r->service),
             remedy_name(r->detail));
}

static void tell_effect(struct telling *t, const struct seen_effect *e) {
    const struct eng_effect *x = &e->out;
    char share[24], remedy[REMEDY_WORDS];
    switch (x->kind) {
    case EFF_ask_patch:
        if (is_about(t, x->ask_patch.incident, x->ask_patch.op))
            tell(t, e->at, "", "done: asks for a patch of %s, attempt %lld",
                 name_of(t, x->ask_patch.service), (long long)x->ask_patch.attempt);
        break;
    case EFF_deploy_stage:
        if (is_about(t, x->deploy_stage.incident, x->deploy_stage.op))
            tell(t, e->at, "", "done: lets revision %u serve %s of %s", x->deploy_stage.revision.v,
                 figure_share(share, sizeof share, x->deploy_stage.share_ppm),
                 name_of(t, x->deploy_stage.service));
        break;
    case EFF_roll_back:
        if (is_about(t, x->roll_back.incident, x->roll_back.op))
            tell(t, e->at, "", "done: takes %s back to revision %u",
                 name_of(t, x->roll_back.service), x->roll_back.to.v);
        break;
    case EFF_remedy:
        if (is_about(t, x->remedy.incident, x->remedy.op))
            tell(t, e->at, "", "done: %s: %s", name_of(t, x->remedy.service),
                 remedy_words(remedy, &x->remedy));
        break;
    case EFF_report: tell_mitigated(t, e); break;
    case EFF_notify:
        if (x->notify.form != FORM_TELL && is_about(t, x->notify.incident, x->notify.op))
            tell(t, e->at, "", "done: asks a person, %s: %s", form_name(x->notify.form),
                 reason_meaning(x->notify.reason));
        break;
    case EFF_suspend:
        tell(t, e->at, "", "done: automation %s: %s", x->suspend.on ? "stops" : "goes on",
             reason_meaning(x->suspend.reason));
        break;
    default: break;
    }
}

static void tell_all(struct telling *t) {
    const struct facts *f = t->facts;
    bool chain = !t->asked->why_not && t->asked->decision < 0;
    uint32_t next = 0;
    for (size_t k = 0; k < f->order_count; k++) {
        const struct fact_ref *ref = &f->order[k];
        if (ref->kind == REC_input && chain) tell_input(t, &f->inputs[ref->index]);
        if (ref->kind != REC_effect) continue;
        const struct seen_effect *e = &f->effects[ref->index];
        if (e->out.kind != EFF_record_decision) {
            if (chain) tell_effect(t, e);
            continue;
        }
        const struct decision *d = &t->decisions.list[next++];
        if (is_about(t, d->incident, d->op) && is_asked(t, d)) tell_decision(t, d);
    }
}

/* ---- incidents ---- */

/* "0.1": the first engine's first. */
static bool has_number(const struct incident *n, const char *number) {
    for (uint32_t k = 0; k < n->id_count; k++) {
        char text[48];
        uint64_t id = n->ids[k].v;
        snprintf(text, sizeof text, "%llu.%llu", (unsigned long long)(id >> 48),
                 (unsigned long long)(id & 0xffffffff));
        if (strcmp(text, number) == 0) return true;
    }
    return false;
}

static bool is_selected(const struct telling *t, const struct incident *n) {
    const char *asked = t->asked->incident;
    return !asked || strcmp(n->name, asked) == 0 || has_number(n, asked);
}

static void heading(const struct telling *t, const struct judged *j) {
    char from[24], to[24], mttr[24], seen[64];
    const struct incident *n = &j->incident;
    if (t->asked->why_not || t->asked->decision >= 0) return;
    if (real_service(n->service))
        tell(t, TIME_NEVER, "", "%s on %s, %s: %s", n->name, name_of(t, n->service),
             symptom_name(n->symptom), seen_words(seen, sizeof seen, j));
    else
        tell(t, TIME_NEVER, "", "%s: the whole run", n->name);
    if (n->onset == TIME_NEVER || !real_service(n->service)) return;
    tell(t, TIME_NEVER, "  ",
         "in truth the cause acts from %s, which no engine sees; it is judged until %s, time to "
         "repair %s",
         figure_clock(from, sizeof from, n->onset), figure_clock(to, sizeof to, n->ends),
         figure_time(mttr, sizeof mttr, j->mttr));
}

static const char *nearest_incident(const struct verdict *v, const char *asked) {
    const char *names[64];
    size_t count = 0;
    for (uint32_t i = 0; i < v->count && count < ARRAY_LEN(names); i++)
        names[count++] = v->list[i].incident.name;
    return nearest_name(asked, strlen(asked), names, count);
}

/* Of all choices that any decision could have been. */
static const char *nearest_choice(const struct telling *t) {
    static char kept[256][48]; /* outlives the call, as the caller is told */
    const char *names[256];
    size_t count = 0;
    for (uint32_t k = 0; k < t->decisions.count; k++) {
        struct alternative list[ALTERNATIVES_MAX];
        uint32_t found = alternatives_of(t->facts, &t->decisions.list[k], list);
        for (uint32_t a = 0; a < found && count < ARRAY_LEN(kept); a++, count++) {
            memcpy(kept[count], list[a].choice, sizeof kept[count]);
            names[count] = kept[count];
        }
    }
    const char *asked = t->asked->why_not;
    return nearest_name(asked, strlen(asked), names, count);
}

bool explain(const struct facts *facts, const struct verdict *verdict,
             const struct explained *asked, FILE *out, int width, const char **nearest) {
    struct telling t = {.page = {out, width < 60 ? 60 : width, false},
                        .facts = facts,
                        .asked = asked,
                        .decisions = decisions_of(facts)};
    uint32_t selected = 0;
    *nearest = NULL;
    for (uint32_t i = 0; i < verdict->count; i++) {
        t.incident = &verdict->list[i].incident;
        if (!is_selected(&t, t.incident)) continue;
        if (selected++ > 0 && !asked->why_not && asked->decision < 0) fputc('\n', out);
        heading(&t, &verdict->list[i]);
        tell_all(&t);
    }
    bool given = selected > 0 && (t.told > 0 || (!asked->why_not && asked->decision < 0));
    if (selected == 0 && asked->incident) *nearest = nearest_incident(verdict, asked->incident);
    if (selected > 0 && t.told == 0 && asked->why_not) *nearest = nearest_choice(&t);
    decisions_free(&t.decisions);
    return given;
}
