/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field by field, since padding has no fixed bytes. */
#include "scenarios/scenario.h"
#include "engine/base/check.h"
#include "engine/base/digest.h"
#include <stdlib.h>

static void add_int(struct digest *d, int64_t v) { digest_add_u64(d, (uint64_t)v); }

/* With its length, so that "ab", "c" is not "a", "bc". */
static void add_bytes(struct digest *d, const void *bytes, size_t len) {
    digest_add_u64(d, len);
    digest_add(d, bytes, len);
}
static void add_text(struct digest *d, const char *s) { add_bytes(d, s, strlen(s)); }

#define ADD_INTS(d, ...)                                                                           \
    do {                                                                                           \
        const int64_t values_[] = {__VA_ARGS__};                                                   \
        for (size_t i_ = 0; i_ < ARRAY_LEN(values_); i_++) add_int(d, values_[i_]);                \
    } while (0)

static void add_system(struct digest *d, const struct plan *p) {
    const struct plan_times *t = &p->times;
    ADD_INTS(d, (int64_t)p->seed, p->start_wall, p->duration_ns, p->settle_ns, p->scrape_ns,
             p->evaluate_ns, p->scrape_offset_ns, p->entry_rate_milli, p->arrivals,
             p->lock_expiry_slack_ns, p->trace_requests, p->lock_backend);
    if (p->target_unguarded) add_text(d, "unguarded");
    if (p->scale_most_ppm > 0) ADD_INTS(d, p->scale_most_ppm);
    ADD_INTS(d, t->pod_start_ns);
    ADD_INTS(d, t->logs_ns, t->traces_ns, t->patch_ns, t->checks_ns, t->rollout_ns, t->rollback_ns,
             t->metrics_ns, t->lock_store_ns, t->log_store_ns, t->notify_ns, t->link_ns);
    add_int(d, p->topology->service_count);
    for (uint32_t s = 0; s < p->topology->service_count; s++)
        ADD_INTS(d, p->services[s].replicas, p->services[s].slots,
                 p->services[s].memory_limit_bytes, p->services[s].criticality_ppm,
                 p->visits_ppm[s]);
    add_int(d, p->engine_count);
    for (uint32_t i = 0; i < p->engine_count; i++) {
        add_text(d, p->engines[i].name);
        add_int(d, p->engines[i].symptoms);
    }
}

static void add_faults(struct digest *d, const struct plan *p) {
    add_int(d, p->fault_count);
    for (uint32_t i = 0; i < p->fault_count; i++) {
        const struct plan_fault *f = &p->faults[i];
        add_text(d, f->name);
        ADD_INTS(d, f->kind, f->at, f->lasts_ns, f->service.v, f->from, f->to, f->value, f->symptom,
                 f->line);
        ADD_INTS(d, f->trigger, f->trigger_of.v, f->trigger_nth, f->trigger_after_ns, f->step_count,
                 f->step_every_ns, f->keeps_ns, f->waits_ns, f->pods, f->down_ns, f->burst);
        for (uint32_t k = 0; k < f->step_count; k++) add_int(d, f->step_ppm[k]);
        for (uint32_t k = 0; k < f->held_count; k++) add_int(d, f->held[k]);
        for (uint32_t k = 0; f->side && k < p->topology->service_count; k++) add_int(d, f->side[k]);
        add_int(d, f->resets);
        add_text(d, f->exception);
        add_text(d, f->file);
        if (f->kind != FAULT_COMMAND) continue;
        ADD_INTS(d, f->command.kind, f->command.person, f->command.engine, f->command.severity,
                 f->command.mode);
        add_text(d, f->command.reason);
    }
}

static void add_answers(struct digest *d, const struct plan *p) {
    add_int(d, p->answer_count);
    for (uint32_t i = 0; i < p->answer_count; i++) {
        const struct plan_answer *a = &p->answers[i];
        ADD_INTS(d, a->reply, a->service.v, a->symptom, a->fixes, a->error_ppm, a->latency_ns,
                 a->loop_ppm, a->loop_ns, a->leak_bytes, a->calls_ppm, a->calls_from_ppm,
                 a->bad_from_ppm, a->bad_ppm, a->size_lines, a->changes_shared, a->retry_after_ns,
                 a->syntax, a->analysis, a->dependencies, a->tests_run, a->tests_failed, a->repeat);
        add_text(d, a->finding);
    }
}

static void add_people(struct digest *d, const struct plan *p) {
    add_int(d, p->person_count);
    for (uint32_t i = 0; i < p->person_count; i++) {
        const struct plan_person *person = &p->people[i];
        add_text(d, person->name);
        add_text(d, person->team);
        add_text(d, person->role);
        ADD_INTS(d, person->reads_ns, person->confirm, person->take_over, person->correction.v,
                 person->off_call, person->approval, person->approval_age_ns);
        if (person->shift_from_ns != person->shift_to_ns)
            ADD_INTS(d, person->shift_from_ns, person->shift_to_ns);
    }
}

static void add_history(struct digest *d, const struct plan_history *h) {
    ADD_INTS(d, h->span_ns, h->series_count, h->operation_count, h->change_count, h->audit_entries);
    for (uint32_t i = 0; i < h->series_count; i++)
        ADD_INTS(d, h->series[i].service.v, h->series[i].rate_milli, h->series[i].error_ppm);
    for (uint32_t i = 0; i < h->operation_count; i++)
        ADD_INTS(d, h->operations[i].service.v, h->operations[i].kind, h->operations[i].failed,
                 h->operations[i].before_ns);
    for (uint32_t i = 0; i < h->change_count; i++) {
        ADD_INTS(d, h->changes[i].service.v, h->changes[i].kind, h->changes[i].before_ns);
        add_text(d, h->changes[i].author);
    }
}

static void add_expectations(struct digest *d, const struct plan *p) {
    ADD_INTS(d, p->expect_count, p->bound_count, p->must_not_count);
    for (uint32_t i = 0; i < p->expect_count; i++) {
        const struct plan_expect *e = &p->expects[i];
        add_text(d, e->name);
        add_text(d, e->reaction);
        add_text(d, e->outcome);
        ADD_INTS(d, e->fault, e->mttr_min_ns, e->mttr_max_ns);
    }
    for (uint32_t i = 0; i < p->bound_count; i++) {
        ADD_INTS(d, p->bounds[i].expect, p->bounds[i].value);
        add_text(d, p->bounds[i].key);
    }
    for (uint32_t i = 0; i < p->must_not_count; i++) {
        add_text(d, p->must_nots[i].what);
        add_int(d, p->must_nots[i].service.v);
    }
}

/* As it is printed: every effective value, and none that the engine does not know. */
static void add_policy(struct digest *d, const struct policy *policy) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ASSERT(out);
    policy_print(policy, out);
    ASSERT(fclose(out) == 0);
    add_bytes(d, text, len);
    free(text);
}

/* Names of files are left out: where a scenario lay does not change what it is. */
uint64_t scn_plan_digest(const struct scenario *scenario) {
    const struct plan *p = &scenario->plan;
    struct digest d;
    digest_init(&d);
    for (uint32_t i = 0; i < p->source_count; i++) {
        add_text(&d, p->sources[i].kind);
        add_bytes(&d, p->sources[i].bytes, p->sources[i].len);
    }
    add_text(&d, p->name);
    add_text(&d, p->title);
    add_system(&d, p);
    add_faults(&d, p);
    add_answers(&d, p);
    add_people(&d, p);
    add_history(&d, &p->history);
    add_expectations(&d, p);
    add_policy(&d, &scenario->policy);
    return digest_value(&d);
}
