/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/lesson_find.h"

#include "reports/judge/truth.h"
#include "sim/run/lesson_fields.h"
#include "sim/run/lesson_figures.h"

#include <string.h>

struct lesson_run *lesson_run_named(struct lesson_runs *runs, const char *name) {
    for (uint32_t k = 0; k < runs->count; k++)
        if (!name || strcmp(runs->list[k].scenario->plan.name, name) == 0) return &runs->list[k];
    return NULL;
}

static bool wrong(struct lesson_world *w, const struct yaml_node *node, const char *why) {
    yaml_error(&w->lesson->doc, node, "%s", why);
    return false;
}

static bool evaluate(struct lesson_world *w, const struct yaml_node *node, const char *expression,
                     struct lv *out) {
    char why[240];
    struct lv_names names = lesson_names(w);
    return lv_evaluate(&names, expression, out, why, sizeof why) || wrong(w, node, why);
}

static const struct found *found_named(const struct lesson_world *w, const char *name) {
    for (uint32_t k = 0; k < w->done; k++)
        if (strcmp(w->found[k].find->name, name) == 0) return &w->found[k];
    return NULL;
}

/* ---- conditions ---- */

enum holds { HOLDS_NOT, HOLDS, HOLDS_WRONG };

/* "=EXPRESSION" and "!=EXPRESSION" are computed; all else is the word itself, a number, or the name
 * or role of a service. */
static enum holds condition_holds(struct lesson_world *w, const struct found *in,
                                  const struct lesson_condition *c, const struct lv *have) {
    const char *text = c->value->text;
    struct lv want;
    bool unlike = strncmp(text, "!=", 2) == 0, computed = unlike || text[0] == '=';
    if (computed) {
        if (!evaluate(w, c->value, text + (unlike ? 2 : 1), &want)) return HOLDS_WRONG;
        if (want.kind == LV_ABSENT) return HOLDS_NOT;
        return lv_equal(have, &want) != unlike ? HOLDS : HOLDS_NOT;
    }
    if (have->kind != LV_TEXT) {
        if (lv_read(text, have->kind, &want)) return have->n == want.n ? HOLDS : HOLDS_NOT;
        yaml_error(&w->lesson->doc, c->value, "field \"%s\" is a number, not \"%s\"", c->field,
                   text);
        return HOLDS_WRONG;
    }
    if (strcmp(have->text, text) == 0) return HOLDS;
    struct svc_id service = service_named(&in->run->facts, text);
    bool same =
        real_service(service) && strcmp(have->text, facts_service(&in->run->facts, service)) == 0;
    return same ? HOLDS : HOLDS_NOT;
}

static enum holds record_holds(struct lesson_world *w, const struct found *in,
                               const struct fact_ref *ref) {
    for (uint32_t k = 0; k < in->find->condition_count; k++) {
        const struct lesson_condition *c = &in->find->conditions[k];
        struct lv have;
        if (!record_field(&in->run->facts, ref, c->field, &have)) {
            yaml_error(&w->lesson->doc, c->value, "%s has no field \"%s\"", in->find->what,
                       c->field);
            return HOLDS_WRONG;
        }
        enum holds holds = condition_holds(w, in, c, &have);
        if (holds != HOLDS) return holds;
    }
    return HOLDS;
}

/* ---- records, inputs, effects ---- */

static bool kind_wanted(struct lesson_world *w, const struct lesson_find *f, int *kind) {
    const char *nearest = NULL;
    *kind = f->source == LESSON_SOURCE_INPUT    ? input_kind_of(f->what, &nearest)
            : f->source == LESSON_SOURCE_EFFECT ? effect_kind_of(f->what, &nearest)
                                                : record_kind_of(f->what, &nearest);
    if (*kind >= 0) return true;
    yaml_error(&w->lesson->doc, f->node, "no kind of %s is called \"%s\"%s%s%s",
               f->source == LESSON_SOURCE_INPUT    ? "input"
               : f->source == LESSON_SOURCE_EFFECT ? "effect"
                                                   : "record",
               f->what, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
               nearest ? "\"?" : "");
    return false;
}

/* Between the finds that it comes after and before, where they are there at all. */
static bool in_place(const struct lesson_world *w, const struct found *in, size_t place) {
    const struct found *after = in->find->after ? found_named(w, in->find->after) : NULL;
    const struct found *before = in->find->before ? found_named(w, in->find->before) : NULL;
    return (!after || (after->there && place > after->place)) &&
           (!before || (before->there && place < before->place));
}

/* The nth that holds; from the end, the count has to be known first. */
static bool is_nth(const struct found *in, int64_t total) {
    int64_t nth = in->find->nth;
    return in->count == (nth > 0 ? nth : total + nth + 1);
}

/* Of the records that "wanted" takes; decisions, which stand in trace order, have a number. */
typedef bool wanted_fn(const struct found *in, int kind, const struct fact_ref *ref,
                       uint32_t decision);

static bool find_in_order(struct lesson_world *w, struct found *in, int kind, wanted_fn *wanted) {
    const struct facts *f = &in->run->facts;
    int64_t total = 0;
    for (int pass = in->find->nth < 0 ? 0 : 1; pass < 2; pass++) {
        uint32_t decisions = 0;
        in->count = 0;
        for (size_t k = 0; k < f->order_count; k++) {
            const struct fact_ref *ref = &f->order[k];
            uint32_t decision = decisions;
            decisions +=
                ref->kind == REC_effect && f->effects[ref->index].out.kind == EFF_record_decision;
            if (!wanted(in, kind, ref, decision) || !in_place(w, in, k)) continue;
            enum holds holds = record_holds(w, in, ref);
            if (holds == HOLDS_WRONG) return false;
            if (holds == HOLDS_NOT) continue;
            in->count++;
            if (pass == 0 || !is_nth(in, total)) continue;
            in->there = true;
            in->ref = *ref;
            in->index = decision;
            in->place = k;
        }
        total = in->count;
    }
    return true;
}

static bool is_of_kind(const struct found *in, int kind, const struct fact_ref *ref,
                       uint32_t decision) {
    const struct facts *f = &in->run->facts;
    (void)decision;
    if (in->find->source == LESSON_SOURCE_INPUT)
        return ref->kind == REC_input && (int)f->inputs[ref->index].in.kind == kind;
    if (in->find->source == LESSON_SOURCE_EFFECT)
        return ref->kind == REC_effect && (int)f->effects[ref->index].out.kind == kind;
    return (int)ref->kind == kind;
}

static bool is_decision(const struct found *in, int kind, const struct fact_ref *ref,
                        uint32_t decision) {
    return ref->kind == REC_effect &&
           in->run->facts.effects[ref->index].out.kind == EFF_record_decision &&
           (int)in->run->decisions.list[decision].kind == kind;
}

static bool find_records(struct lesson_world *w, struct found *in) {
    int kind;
    return kind_wanted(w, in->find, &kind) && find_in_order(w, in, kind, is_of_kind);
}

static bool find_decision(struct lesson_world *w, struct found *in) {
    int kind = decision_of(in->find->what, strlen(in->find->what));
    if (kind < 0) return wrong(w, in->find->node, "no decision is of that kind");
    return find_in_order(w, in, kind, is_decision);
}

/* ---- the rest ---- */

static bool find_errors(struct lesson_world *w, struct found *in) {
    struct lv from, to;
    if (!evaluate(w, in->find->from, in->find->from->text, &from) ||
        !evaluate(w, in->find->to, in->find->to->text, &to))
        return false;
    struct svc_id service = service_named(&in->run->facts, in->find->what);
    if (!real_service(service)) return wrong(w, in->find->node, "no service or role is called so");
    if (from.kind == LV_ABSENT || to.kind == LV_ABSENT) return true;
    struct truth_sum sum =
        truth_over(&in->run->facts, service, (struct revision_id){0}, from.n, to.n);
    in->requests = sum.requests;
    in->failed = sum.failed;
    in->own = sum.own_failed;
    in->there = sum.requests > 0;
    in->count = in->there;
    return true;
}

static void find_judged(struct found *in) {
    const struct verdict *v = &in->run->verdict;
    if (in->find->source == LESSON_SOURCE_INCIDENT)
        for (uint32_t k = v->count; k-- > 0;) {
            if (strcmp(v->list[k].incident.name, in->find->what) != 0) continue;
            in->index = k;
            in->there = v->list[k].incident.onset != TIME_NEVER;
            in->count++;
        }
    if (in->find->source == LESSON_SOURCE_VIOLATION)
        for (uint32_t k = v->violations.count; k-- > 0;) {
            if (strcmp(v->violations.list[k].invariant, in->find->what) != 0) continue;
            in->index = k;
            in->there = true;
            in->count++;
        }
    if (in->find->source == LESSON_SOURCE_VERDICT || in->find->source == LESSON_SOURCE_LOCKS)
        in->there = true;
}

static bool find_chain(struct lesson_world *w, struct found *in) {
    struct lv engine;
    struct audit_log log;
    if (!lv_read(in->find->what, LV_NUMBER, &engine) || engine.n < 0 ||
        engine.n >= (int64_t)in->run->facts.engine.count)
        return wrong(w, in->find->node, "expected the number of an engine, from 0");
    audit_log_of(&log, w->arena, &in->run->facts, (uint32_t)engine.n);
    audit_log_verify(&log, &in->chain);
    in->entries = log.count;
    in->there = true;
    return true;
}

static bool find_one(struct lesson_world *w, struct found *in) {
    in->run = lesson_run_named(w->runs, in->find->run);
    if (!in->run) return wrong(w, in->find->node, "the scenario's file has no run of that name");
    switch (in->find->source) {
    case LESSON_SOURCE_RECORD:
    case LESSON_SOURCE_INPUT:
    case LESSON_SOURCE_EFFECT: return find_records(w, in);
    case LESSON_SOURCE_DECISION: return find_decision(w, in);
    case LESSON_SOURCE_ERRORS: return find_errors(w, in);
    case LESSON_SOURCE_CHAIN: return find_chain(w, in);
    default: find_judged(in); return true;
    }
}

bool lesson_find_all(struct lesson_world *w) {
    const struct lesson *lesson = w->lesson;
    w->found = ARENA_NEW(w->arena, struct found, lesson->find_count + 1);
    for (w->done = 0; w->done < lesson->find_count; w->done++) {
        w->found[w->done] = (struct found){.find = &lesson->finds[w->done]};
        if (!find_one(w, &w->found[w->done])) return false;
    }
    return true;
}

/* ---- names in expressions ---- */

static bool look_up(void *context, const char *name, const char *path, struct lv *out, char *why,
                    size_t size) {
    struct lesson_world *w = context;
    const struct found *found = found_named(w, name);
    if (!found) {
        snprintf(why, size, "nothing found is called \"%s\"", name);
        return false;
    }
    if (strcmp(path, "count") == 0) {
        *out = lv_of(LV_NUMBER, found->count);
        return true;
    }
    *out = lv_of(LV_ABSENT, 0);
    if (!found->there || found_field(found, path, out)) return true;
    snprintf(why, size, "\"%s\" has no field \"%s\"", name, path);
    return false;
}

struct lv_names lesson_names(struct lesson_world *world) {
    return (struct lv_names){look_up, world};
}
