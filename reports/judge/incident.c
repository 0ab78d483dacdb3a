/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/truth.h"
#include "engine/base/ratio.h"
#include <stdlib.h>

bool incident_has_id(const struct incident *incident, struct incident_id id) {
    for (uint32_t i = 0; i < incident->id_count; i++)
        if (ID_EQ(incident->ids[i], id)) return true;
    return false;
}

bool incident_has_op(const struct facts *facts, const struct incident *incident, struct op_id op) {
    const struct seen_op *seen = facts_op(facts, op);
    return seen && incident_has_id(incident, seen->incident);
}

bool incident_has_revision(const struct incident *incident, struct revision_id revision) {
    for (uint32_t i = 0; i < incident->revision_count; i++)
        if (ID_EQ(incident->revisions[i], revision)) return true;
    return false;
}

bool incident_concerns(const struct incident *incident, struct incident_id id) {
    return !real64(id.v) || incident_has_id(incident, id);
}

/* ---- the causes ---- */

static struct incident incident_new(int64_t fault, struct rec_view name, struct svc_id service,
                                    int64_t symptom) {
    struct incident n = {
        .fault = fault,
        .service = service,
        .symptom = symptom,
        .onset = TIME_NEVER,
        .fault_ends = TIME_NEVER,
        .detected = TIME_NEVER,
        .closed = TIME_NEVER,
        .ends = TIME_NEVER,
    };
    printable(n.name, sizeof n.name, name.bytes, name.len);
    return n;
}

static struct judged *judged_of_fault(struct judged *list, uint32_t count, int64_t fault) {
    for (uint32_t i = 0; i < count; i++)
        if (list[i].incident.fault == fault) return &list[i];
    return NULL;
}

static void add_causes(const struct facts *f, struct judged *list, uint32_t *count) {
    EACH(f, fault_planned, p) {
        if (!real_service(p->service) || judged_of_fault(list, *count, p->fault)) continue;
        list[(*count)++].incident = incident_new(p->fault, p->name, p->service, p->symptom);
    }
}

/* What the scenario says of an incident; several may name one cause, or none. */
static void add_expectations(const struct facts *f, struct judged *list, uint32_t *count) {
    EACH(f, expect, e) {
        struct judged *j = judged_of_fault(list, *count, e->fault);
        if (!j || j->expected) {
            list[*count].incident =
                j              ? j->incident
                : e->fault < 0 ? incident_new(e->fault, e->name, ID_NONE(svc_id), e->symptom)
                               : incident_new(e->fault, e->name, e->service, e->symptom);
            j = &list[(*count)++];
        }
        printable(j->incident.name, sizeof j->incident.name, e->name.bytes, e->name.len);
        printable(j->expected_reaction, sizeof j->expected_reaction, e->reaction.bytes,
                  e->reaction.len);
        printable(j->expected_outcome, sizeof j->expected_outcome, e->outcome.bytes,
                  e->outcome.len);
        j->expected = true;
        j->number = e->incident;
        j->mttr_min = e->mttr_min_ns;
        j->mttr_max = e->mttr_max_ns;
    }
}

static void learn_fault(const struct facts *f, struct incident *n) {
    if (n->fault < 0) {
        n->onset = 0;
        n->acted = true;
        return;
    }
    EACH(f, fault_on, on) {
        if (on->fault != n->fault || n->onset != TIME_NEVER) continue;
        n->onset = on->at;
        n->value = on->value;
        n->baseline = on->baseline;
    }
    EACH(f, fault_off, off) {
        if (off->fault != n->fault) continue;
        if (off->fired > 0) n->acted = true;
        if (!off->healed && off->at < n->fault_ends) n->fault_ends = off->at;
    }
}

/* A trace cut before its heal has no count of how often the fault acted: the truth then shows it,
 * by own failures well beyond the former share or a 95th percentile well beyond the former. */
static void learn_acted(const struct facts *f, struct incident *n) {
    if (n->acted || n->onset == TIME_NEVER || n->fault < 0) return;
    time_ns until = n->fault_ends < f->heals_at ? n->fault_ends : f->heals_at;
    struct truth_sum sum = truth_over(f, n->service, (struct revision_id){0}, n->onset, until);
    if (n->symptom == SYMPTOM_LATENCY)
        n->acted = sum.p95_worst > n->baseline + n->value / 2;
    else
        n->acted = sum.own_failed > 2 * (1 + ppm_mul(sum.requests, n->baseline));
}

/* ---- the engines' names for them ---- */

struct named { /* an engine's incident */
    struct incident_id id;
    struct svc_id service;
    int64_t symptom;
    time_ns at;
    bool opened;
};

/* How sure it is that an engine's incident is about this cause; 0: it is not. */
static int match(const struct facts *f, const struct named *named, const struct incident *n) {
    if (n->fault < 0) return 1;
    if (n->onset == TIME_NEVER || named->at < n->onset) return 0;
    if (ID_EQ(named->service, n->service)) return named->symptom == n->symptom ? 5 : 4;
    EACH_EFFECT(f, e) {
        if (e->out.kind == EFF_ask_patch && ID_EQ(e->out.ask_patch.incident, named->id) &&
            ID_EQ(e->out.ask_patch.service, n->service))
            return 3;
    }
    return facts_reaches(f, named->service, n->service) ? 2 : 1;
}

/* The surest cause; of equals, the one that began last; of those, the lowest fault. Copies for
 * further expectations of one cause get the same ids. */
static void assign(const struct facts *f, const struct named *named, struct judged *list,
                   uint32_t count) {
    const struct incident *best = NULL;
    int sure = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct incident *n = &list[i].incident;
        int score = match(f, named, n);
        if (score > sure || (score > 0 && score == sure && best && n->onset > best->onset)) {
            best = n;
            sure = score;
        }
    }
    if (!best) return;
    int64_t fault = best->fault;
    for (uint32_t i = 0; i < count; i++) {
        struct incident *n = &list[i].incident;
        if (n->fault == fault && n->id_count < INCIDENT_IDS_MAX) n->ids[n->id_count++] = named->id;
    }
}

static struct incident_id effect_incident(const struct eng_effect *e) {
    switch (e->kind) {
    case EFF_report: return e->report.incident;
    case EFF_ask_patch: return e->ask_patch.incident;
    case EFF_deploy_stage: return e->deploy_stage.incident;
    case EFF_roll_back: return e->roll_back.incident;
    case EFF_remedy: return e->remedy.incident;
    default: return (struct incident_id){0};
    }
}

static bool known(const struct judged *list, uint32_t count, struct incident_id id) {
    for (uint32_t i = 0; i < count; i++)
        if (incident_has_id(&list[i].incident, id)) return true;
    return false;
}

static void learn_ids(const struct facts *f, struct judged *list, uint32_t count) {
    EACH_EFFECT(f, e) {
        struct incident_id id = effect_incident(&e->out);
        if (!real64(id.v) || known(list, count, id)) continue;
        struct named named = {.id = id, .service = ID_NONE(svc_id), .symptom = -1, .at = e->at};
        if (e->out.kind == EFF_report && e->out.report.kind == REPORT_OPENED) {
            named.service = e->out.report.service;
            named.symptom = e->out.report.symptom;
        } else if (e->out.kind == EFF_ask_patch) {
            named.service = e->out.ask_patch.service;
            named.symptom = e->out.ask_patch.symptom;
        }
        assign(f, &named, list, count);
    }
}

/* ---- what belongs to an incident ---- */

static void learn_revision(struct incident *n, struct revision_id revision) {
    if (!real_revision(revision) || incident_has_revision(n, revision)) return;
    if (n->revision_count < INCIDENT_REVISIONS_MAX) n->revisions[n->revision_count++] = revision;
}

static void learn_revisions(const struct facts *f, struct incident *n) {
    EACH(f, revision_made, r) {
        if (incident_has_id(n, r->incident) || incident_has_op(f, n, r->op))
            learn_revision(n, r->revision);
    }
    EACH(f, patch_made, p) {
        if (p->reply == REPLY_OK && incident_has_id(n, p->incident)) learn_revision(n, p->revision);
    }
    EACH(f, deploy_order, d) {
        if (d->action == 0 && incident_has_id(n, d->incident)) learn_revision(n, d->revision);
    }
}

/* A patch that cures latency by failing opens one of errors: that is closed when it is taken back.
 */
static bool of_another_symptom(const struct incident *n, const struct eff_report *r) {
    return (n->symptom == SYMPTOM_LATENCY && r->symptom == SYMPTOM_ERRORS) ||
           (n->symptom == SYMPTOM_ERRORS && r->symptom == SYMPTOM_LATENCY);
}

bool incident_says_healed(const struct incident *n, const struct eff_report *r) {
    if (r->kind == REPORT_CLOSED_RESOLVED) return true;
    return r->kind == REPORT_CLOSED_HEALED_BY_ANOTHER &&
           (n->fault < 0 || (ID_EQ(r->service, n->service) && !of_another_symptom(n, r)));
}

static void learn_life(const struct facts *f, struct incident *n) {
    bool resolved = false;
    EACH_EFFECT(f, e) {
        const struct eff_report *r = &e->out.report;
        if (e->out.kind != EFF_report || !incident_has_id(n, r->incident)) continue;
        if (r->kind == REPORT_OPENED && n->detected == TIME_NEVER) n->detected = e->at;
        bool by_another = r->kind == REPORT_CLOSED_HEALED_BY_ANOTHER;
        if (resolved || !incident_says_healed(n, r)) continue;
        if (by_another && n->closed != TIME_NEVER) continue;
        n->closed = e->at;
        n->closed_record = e->record;
        n->closed_by_another = by_another;
        resolved = !by_another;
    }
    if (n->closed > f->heals_at) n->closed = TIME_NEVER; /* the heal ends the run */
    n->ends = f->ends_at < f->heals_at ? f->ends_at : f->heals_at;
    if (n->closed < n->ends) n->ends = n->closed;
}

struct judged *incidents_of(const struct facts *facts, uint32_t *count) {
    *count = 0;
    size_t room = facts->fault_planned.count + facts->expect.count + 1;
    struct judged *list = calloc(room, sizeof *list);
    if (!list) return NULL;
    add_causes(facts, list, count);
    add_expectations(facts, list, count);
    for (uint32_t i = 0; i < *count; i++) {
        learn_fault(facts, &list[i].incident);
        learn_acted(facts, &list[i].incident);
    }
    learn_ids(facts, list, *count);
    for (uint32_t i = 0; i < *count; i++) {
        learn_revisions(facts, &list[i].incident);
        learn_life(facts, &list[i].incident);
    }
    return list;
}

void incidents_free(struct judged *list) { free(list); }
