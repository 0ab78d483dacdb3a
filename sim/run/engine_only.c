/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/engine_only.h"

#include "reports/judge/trace_reader.h"
#include "sim/bind/bind.h"
#include "sim/run/effect_text.h"
#include "sim/run/run.h"

#include <stdlib.h>

#define SHOWN_MAX 5 /* differing steps of which both versions are shown */

struct crossing {
    uint8_t bytes[CROSSING_MAX];
    size_t len;
};
struct step { /* the one that is being read: what its engine wanted then */
    int64_t engine, number;
    time_ns at;
    enum input_kind input;
    struct trace_record wanted[EFFECTS_MAX];
    uint32_t wanted_count;
};
struct feeding {
    const struct scenario *scenario;
    struct engine **engines;
    struct eng_config *configs;
    struct eng_effects *effects; /* of today's step */
    uint64_t *steps, *differing; /* by engine */
    uint64_t shown;
    struct step step;
};

static void engines_open(struct feeding *f, struct arena *arena) {
    const struct plan *plan = &f->scenario->plan;
    struct eng_graph graph =
        bind_graph(arena, plan, run_groups(arena, f->scenario), f->scenario->policy.group_count);
    f->engines = ARENA_NEW(arena, struct engine *, plan->engine_count);
    f->configs = ARENA_NEW(arena, struct eng_config, plan->engine_count);
    f->effects = ARENA_NEW(arena, struct eng_effects, 1);
    f->steps = ARENA_NEW(arena, uint64_t, plan->engine_count);
    f->differing = ARENA_NEW(arena, uint64_t, plan->engine_count);
    for (uint32_t k = 0; k < plan->engine_count; k++) {
        f->configs[k] = f->scenario->policy.config;
        f->configs[k].engine = k;
        f->configs[k].graph = graph;
        f->engines[k] = eng_open(arena, &f->configs[k]);
    }
}

/* ---- one step, then and now ---- */

static void encode(const struct eng_effect *effect, struct crossing *out) {
    struct eng_effect unsigned_one = *effect;
    if (effect->kind == EFF_checkpoint)
        memset(&unsigned_one.checkpoint.signature, 0, sizeof unsigned_one.checkpoint.signature);
    out->len = crossing_effect(&unsigned_one, out->bytes, sizeof out->bytes);
}

static bool same_effect(const struct trace_record *then, const struct eng_effect *now) {
    struct eng_effect was;
    struct crossing a, b;
    const char *wrong;
    size_t at;
    if (then->effect.kind != (int64_t)now->kind) return false;
    if (!trace_effect(&then->effect, &was, &wrong, &at)) return false;
    encode(&was, &a);
    encode(now, &b);
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static bool same_step(const struct feeding *f) {
    if (f->step.wanted_count != f->effects->count) return false;
    for (uint32_t k = 0; k < f->effects->count; k++)
        if (!same_effect(&f->step.wanted[k], &f->effects->list[k])) return false;
    return true;
}

static void print_then(const struct trace_record *then) {
    struct eng_effect effect;
    const char *wrong;
    size_t at;
    if (trace_effect(&then->effect, &effect, &wrong, &at))
        effect_print(&effect, stdout);
    else
        puts(wrong);
}

/* Effects that both versions have, in their places, are left out. */
static void show(const struct feeding *f) {
    const struct step *step = &f->step;
    uint32_t most = step->wanted_count > f->effects->count ? step->wanted_count : f->effects->count;
    char at[32];
    duration_format(at, sizeof at, step->at);
    printf("engine %lld, step %lld at %s, told %s:\n", (long long)step->engine,
           (long long)step->number, at, input_name(step->input));
    for (uint32_t k = 0; k < most; k++) {
        bool then = k < step->wanted_count, now = k < f->effects->count;
        if (then && now && same_effect(&step->wanted[k], &f->effects->list[k])) continue;
        fputs("  was: ", stdout);
        if (then)
            print_then(&step->wanted[k]);
        else
            puts("nothing more");
        fputs("  now: ", stdout);
        if (now)
            effect_print(&f->effects->list[k], stdout);
        else
            puts("nothing more");
    }
}

static void step_ends(struct feeding *f) {
    if (f->step.engine < 0 || same_step(f)) return;
    f->differing[f->step.engine]++;
    if (f->shown++ < SHOWN_MAX) show(f);
}

static bool step_begins(struct feeding *f, const struct trace_record *record) {
    struct eng_input input;
    const char *wrong;
    size_t at;
    int64_t engine = record->input.engine;
    if (engine < 0 || engine >= (int64_t)f->scenario->plan.engine_count) return false;
    if (!trace_input(&record->input, &input, &wrong, &at)) return false;
    f->step = (struct step){.engine = engine,
                            .number = record->input.step,
                            .at = record->at,
                            .input = (enum input_kind)record->input.kind};
    f->steps[engine]++;
    eng_step(f->engines[engine], &input, f->effects);
    return true;
}

/* ---- all of them ---- */

static enum status summary(const struct feeding *f) {
    enum status status = STATUS_OK;
    for (uint32_t k = 0; k < f->scenario->plan.engine_count; k++) {
        printf("engine %u: %llu steps, %llu of them want something else\n", k,
               (unsigned long long)f->steps[k], (unsigned long long)f->differing[k]);
        if (f->differing[k] > 0) status = STATUS_FAILED;
    }
    return status;
}

enum status engine_only(struct arena *arena, const struct scenario *scenario,
                        const struct trace_file *file) {
    struct feeding *f = ARENA_NEW(arena, struct feeding, 1);
    struct trace_reader reader;
    struct trace_record record;
    *f = (struct feeding){.scenario = scenario, .step.engine = -1};
    engines_open(f, arena);
    trace_reader_open(&reader, file->bytes, file->len);
    reader.passed = trace_file_passed;
    while (trace_next(&reader, &record) == TRACE_RECORD) {
        if (record.kind == REC_input) {
            step_ends(f);
            if (!step_begins(f, &record)) {
                fprintf(stderr, "firedrill replay: record %llu: no input of this plan's engines\n",
                        (unsigned long long)record.number);
                return STATUS_BAD_INPUT;
            }
        }
        if (record.kind == REC_effect && f->step.wanted_count < EFFECTS_MAX)
            f->step.wanted[f->step.wanted_count++] = record;
    }
    step_ends(f);
    return summary(f);
}
