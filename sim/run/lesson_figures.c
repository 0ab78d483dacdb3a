/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/lesson_figures.h"

#include "engine/base/ratio.h"
#include "reports/alternatives.h"
#include "sim/run/lesson_fields.h"

#include <string.h>

struct figure {
    const char *name;
    struct lv value;
};

static bool pick(const struct figure *figures, size_t count, const char *name, struct lv *out) {
    for (size_t k = 0; k < count; k++)
        if (strcmp(figures[k].name, name) == 0) {
            *out = figures[k].value;
            return true;
        }
    return false;
}

static struct lv text_of(const char *text) { return lv_text(text, strlen(text), 0); }
static struct lv number_of(int64_t n) { return lv_of(LV_NUMBER, n); }
/* What did not happen is absent. */
static struct lv when(enum lv_kind kind, time_ns at) {
    return lv_of(at == TIME_NEVER ? LV_ABSENT : kind, at);
}

/* A factor: its figure; "NAME.there": whether it is one of them; "NAME.passes": whether the log
 * says so; "NAME.says": what it says. */
static bool decision_field(const struct found *found, const char *path, struct lv *out) {
    const struct decision *d = &found->run->decisions.list[found->index];
    const struct figure own[] = {
        {"at", lv_of(LV_INSTANT, d->at)},
        {"engine", number_of(d->engine)},
        {"choice", text_of(d->choice)},
        {"reasoning", text_of(d->reasoning)},
        {"confidence", lv_of(LV_SHARE, d->confidence_ppm)},
    };
    if (pick(own, ARRAY_LEN(own), path, out)) return true;
    const char *dot = strchr(path, '.');
    char name[48];
    snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - path) : (int)strlen(path), path);
    const struct said_factor *factor = decision_factor(d, name);
    if (dot && strcmp(dot + 1, "there") == 0) {
        *out = number_of(factor != NULL);
        return true;
    }
    *out = lv_of(factor ? LV_SCORE : LV_ABSENT, factor ? factor->micro : 0);
    if (!factor) return true; /* a decision has the factors that it was made from */
    factor_figure(out->text, sizeof out->text, d, factor);
    if (!dot) return true;
    const struct figure of_it[] = {
        {"passes", number_of(strcmp(factor->explanation, "pass") == 0)},
        {"says", text_of(factor->explanation)},
    };
    return pick(of_it, ARRAY_LEN(of_it), dot + 1, out);
}

static bool incident_field(const struct found *found, const char *path, struct lv *out) {
    const struct judged *j = &found->run->verdict.list[found->index];
    struct mttr_row row = mttr_row_of(&found->run->facts, j);
    const struct figure own[] = {
        {"onset", when(LV_INSTANT, j->incident.onset)},
        {"detected", when(LV_INSTANT, j->incident.detected)},
        {"closed", when(LV_INSTANT, j->incident.closed)},
        {"mttr", when(LV_TIME, j->mttr)},
        {"reaction", text_of(reaction_name(j->reaction))},
        {"outcome", text_of(outcome_name(j->outcome))},
        {"verdict", text_of(verdict_name(j->kind))},
        {"why", text_of(j->why)},
        {"failed", number_of(row.failed)},
        {"pages", number_of(row.pages)},
    };
    if (pick(own, ARRAY_LEN(own), path, out)) return true;
    for (int b = 0; b < BUCKET_COUNT; b++)
        if (strcmp(bucket_name((enum bucket)b), path) == 0) {
            *out = lv_of(LV_TIME, row.timeline.ns[b]);
            return true;
        }
    return false;
}

static bool run_field(const struct found *found, const char *path, struct lv *out) {
    const struct verdict *v = &found->run->verdict;
    const struct contention *c = &found->run->contention;
    const struct figure verdict[] = {{"kind", text_of(verdict_name(v->kind))},
                                     {"why", text_of(v->why)},
                                     {"violations", number_of(v->violations.count)}};
    const struct figure locks[] = {
        {"requests", number_of(c->total.requests)}, {"grants", number_of(c->total.grants)},
        {"timeouts", number_of(c->total.timeouts)}, {"fenced_off", number_of(c->fenced_off)},
        {"edges", number_of(c->wait_edges)},        {"cycles", number_of(c->cycles)},
        {"queue", number_of(c->total.queue_max)}};
    return found->find->source == LESSON_SOURCE_VERDICT
               ? pick(verdict, ARRAY_LEN(verdict), path, out)
               : pick(locks, ARRAY_LEN(locks), path, out);
}

static bool violation_field(const struct found *found, const char *path, struct lv *out) {
    const struct violation *v = &found->run->verdict.violations.list[found->index];
    const struct figure own[] = {{"at", lv_of(LV_INSTANT, v->at)}, {"why", text_of(v->why)}};
    return pick(own, ARRAY_LEN(own), path, out);
}

static bool errors_field(const struct found *found, const char *path, struct lv *out) {
    const struct figure own[] = {
        {"share",
         lv_of(LV_SHARE, found->requests > 0 ? ppm_of(found->failed, found->requests) : 0)},
        {"own", lv_of(LV_SHARE, found->requests > 0 ? ppm_of(found->own, found->requests) : 0)},
        {"failed", number_of(found->failed)},
        {"requests", number_of(found->requests)}};
    return pick(own, ARRAY_LEN(own), path, out);
}

static bool chain_field(const struct found *found, const char *path, struct lv *out) {
    const struct figure own[] = {{"entries", number_of(found->entries)},
                                 {"flaw", text_of(flaw_name(found->chain.flaw))},
                                 {"first_bad", number_of(found->chain.first_bad)},
                                 {"checkpoint", number_of(found->chain.anchored)}};
    return pick(own, ARRAY_LEN(own), path, out);
}

bool found_field(const struct found *found, const char *path, struct lv *out) {
    switch (found->find->source) {
    case LESSON_SOURCE_DECISION: return decision_field(found, path, out);
    case LESSON_SOURCE_ERRORS: return errors_field(found, path, out);
    case LESSON_SOURCE_INCIDENT: return incident_field(found, path, out);
    case LESSON_SOURCE_VIOLATION: return violation_field(found, path, out);
    case LESSON_SOURCE_VERDICT:
    case LESSON_SOURCE_LOCKS: return run_field(found, path, out);
    case LESSON_SOURCE_CHAIN: return chain_field(found, path, out);
    default: return record_field(&found->run->facts, &found->ref, path, out);
    }
}
