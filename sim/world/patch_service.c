/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes revisions, as the plan says: each request takes the next answer that fits its service and
 * symptom. What a revision does once it serves comes from the application's truth; the service only
 * says which defects it takes out and which it brings. A rate limit holds for everybody until it is
 * over.
 */
#include "sim/world/internal.h"
#include "engine/base/check.h"
#include "engine/base/pool.h"

struct job {
    uint32_t engine;
    const struct plan_answer *answer; /* NULL: nothing fits */
    struct eff_ask_patch asked;
};

struct made {
    struct revision_id revision;
    uint32_t answer;
};

struct patch_service {
    struct world *world;
    bool *used; /* per answer of the plan */
    time_ns limited_until_at;
    struct pool jobs;
    struct made *made; /* ascending by revision: they are made one after the other */
    uint32_t made_count;
    uint16_t finish_kind;
};

static bool answer_fits(const struct plan_answer *answer, const struct eff_ask_patch *asked) {
    bool service = answer->service.v == NONE_ID || ID_EQ(answer->service, asked->service);
    return service && (answer->symptom < 0 || answer->symptom == asked->symptom);
}

static const struct plan_answer *answer_take(struct patch_service *p,
                                             const struct eff_ask_patch *asked) {
    const struct plan *plan = p->world->plan;
    for (uint32_t i = 0; i < plan->answer_count; i++) {
        if (p->used[i] || !answer_fits(&plan->answers[i], asked)) continue;
        p->used[i] = !plan->answers[i].repeat;
        return &plan->answers[i];
    }
    return NULL;
}

/* The defects of the base that show the symptom asked about. */
static int64_t defects_shown(const struct world *world, const struct eff_ask_patch *asked) {
    int64_t defects = app_revision_defects(world->app, asked->base), shown = 0;
    for (uint32_t f = 0; f < world->plan->fault_count && f < PLAN_DEFECTS_MAX; f++) {
        const struct plan_fault *fault = &world->plan->faults[f];
        if (fault_is_code(fault->kind) && ID_EQ(fault->service, asked->service) &&
            (int64_t)fault->symptom == asked->symptom)
            shown |= defects & (INT64_C(1) << f);
    }
    return shown;
}

static struct revision_id revision_make(struct patch_service *p, const struct job *job) {
    struct world *world = p->world;
    const struct plan_answer *answer = job->answer;
    struct revision_id revision =
        app_revision_make(world->app, job->asked.service, job->asked.base,
                          answer->fixes ? defects_shown(world, &job->asked) : 0, answer->error_ppm,
                          answer->latency_ns);
    app_revision_burden(world->app, revision, answer->loop_ppm, answer->loop_ns,
                        answer->leak_bytes);
    app_revision_failing_calls(world->app, revision, answer->calls_ppm, answer->calls_from_ppm);
    if (answer->bad_from_ppm > 0)
        app_revision_bad_from(world->app, revision, answer->bad_from_ppm, answer->bad_ppm);
    ASSERT(p->made_count < PATCHES_MADE_MAX);
    ASSERT(p->made_count == 0 || p->made[p->made_count - 1].revision.v < revision.v);
    p->made[p->made_count++] = (struct made){revision, (uint32_t)(answer - world->plan->answers)};
    fact_revision_made(
        world->trace, sim_now(world->sim),
        &(struct rec_revision_made){.revision = revision,
                                    .service = job->asked.service,
                                    .base = job->asked.base,
                                    .defects = app_revision_defects(world->app, revision),
                                    .error_ppm = answer->error_ppm,
                                    .op = job->asked.op,
                                    .incident = job->asked.incident,
                                    .harm = answer->loop_ns > 0 || answer->leak_bytes > 0 ||
                                            answer->calls_ppm > 0});
    return revision;
}

const struct plan_answer *patch_service_answer(const struct world *world,
                                               struct revision_id revision) {
    const struct patch_service *p = world->patches;
    uint32_t low = 0, high = p->made_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->made[middle].revision.v < revision.v)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < p->made_count && ID_EQ(p->made[low].revision, revision);
    return found ? &world->plan->answers[p->made[low].answer] : NULL;
}

static void summarise(struct text *summary, const struct eff_ask_patch *asked) {
    char buffer[TEXT_MAX];
    struct writer w = writer_of(buffer, sizeof buffer);
    write_text(&w, "corrects ");
    if (asked->file.len) {
        write_bytes(&w, asked->file.s, asked->file.len);
        write_text(&w, ":");
        write_int(&w, asked->line);
    } else
        write_text(&w, "the service");
    text_setn(summary, buffer, w.len);
}

static void reply(struct patch_service *p, const struct job *job, enum reply_kind kind,
                  time_ns retry_after_ns) {
    struct world *world = p->world;
    const struct eff_ask_patch *asked = &job->asked;
    struct eng_input input = {.kind = IN_patch_reply};
    struct in_patch_reply *in = &input.patch_reply;
    in->request = asked->request;
    in->op = asked->op;
    in->reply = kind;
    in->base = asked->base;
    in->retry_after_ns = retry_after_ns;
    if (kind == REPLY_OK) {
        in->revision = revision_make(p, job);
        in->size_lines = job->answer->size_lines;
        in->changes_shared = job->answer->changes_shared;
        summarise(&in->summary, asked);
    }
    fact_patch_made(world->trace, sim_now(world->sim),
                    &(struct rec_patch_made){.engine = job->engine,
                                             .op = asked->op,
                                             .incident = asked->incident,
                                             .service = asked->service,
                                             .reply = kind,
                                             .revision = in->revision,
                                             .base = asked->base,
                                             .retry_after_ns = retry_after_ns,
                                             .attempt = asked->attempt});
    network_reply(world, NODE_PATCH, job->engine, &input);
}

static void finish(void *context, struct sim *sim, const struct sim_event *event) {
    (void)sim;
    struct patch_service *p = context;
    struct pool_handle handle = {(uint32_t)event->a, (uint32_t)event->b};
    const struct job *job = pool_get(&p->jobs, handle);
    ASSERT(job != NULL);
    reply(p, job, job->answer ? job->answer->reply : REPLY_ABSENT, 0);
    pool_give(&p->jobs, handle);
}

static void serve_ask(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct patch_service *p = part;
    time_ns now = sim_now(p->world->sim);
    struct job asked = {.engine = engine, .asked = effect->ask_patch};
    if (now < p->limited_until_at) {
        reply(p, &asked, REPLY_RATE_LIMITED, p->limited_until_at - now);
        return;
    }
    asked.answer = answer_take(p, &asked.asked);
    if (asked.answer && asked.answer->reply == REPLY_RATE_LIMITED) {
        p->limited_until_at = time_add(now, asked.answer->retry_after_ns);
        reply(p, &asked, REPLY_RATE_LIMITED, asked.answer->retry_after_ns);
        return;
    }
    ASSERT(p->jobs.in_use < PATCHES_PENDING_MAX);
    struct pool_handle handle;
    struct job *job = pool_take(&p->jobs, &handle);
    *job = asked;
    sim_at(p->world->sim, time_add(now, p->world->plan->times.patch_ns), SIM_DELIVERY,
           world_node(p->world, NODE_PATCH), p->finish_kind, handle.index, handle.generation);
}

void patch_service_open(struct world *world, struct arena *arena) {
    struct patch_service *p = ARENA_NEW(arena, struct patch_service, 1);
    p->world = world;
    p->used = ARENA_NEW(arena, bool, world->plan->answer_count);
    p->made = ARENA_NEW(arena, struct made, PATCHES_MADE_MAX);
    pool_init(&p->jobs, arena, PATCHES_PENDING_MAX, sizeof(struct job));
    p->finish_kind = sim_kind(world->sim, finish, p);
    network_serve(world, EFF_ask_patch, NODE_PATCH, 0, serve_ask, p);
    world->patches = p;
}
