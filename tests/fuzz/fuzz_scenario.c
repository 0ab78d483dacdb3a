/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a scenario, beside a small topology and a policy of defaults: the loader gives plans
 * or says why not; what it gives is whole, and loads again from its own sources as the same. */
#include "engine/base/check.h"
#include "scenarios/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool serve(void *context, const char *kind, const char *name, struct plan_source *out) {
    static const char topology[] =
        "name: kiosk\nentrypoints: [web]\nroles: {payment: pay, order: orders}\n"
        "services: [{name: web}, {name: orders}, {name: pay}]\n"
        "calls: [{from: web, to: orders}, {from: orders, to: pay}]\n";
    (void)context;
    if (strcmp(name, "none") == 0) return false;
    bool is_topology = strcmp(kind, "topology") == 0;
    *out = (struct plan_source){.bytes = is_topology ? topology : "",
                                .len = is_topology ? sizeof topology - 1 : 0};
    return true;
}

static bool known(const struct plan *p, struct svc_id s) {
    return s.v == NONE_ID || s.v < p->topology->service_count;
}

static void is_whole(const struct plan *p) {
    uint32_t nodes = p->engine_count + NODE_SERVICE_COUNT;
    ASSERT(p->name[0] && p->title[0] && p->duration_ns > 0 && p->scrape_ns > 0);
    ASSERT(p->scrape_offset_ns < p->scrape_ns && p->evaluate_ns > 0 && p->engine_count > 0);
    for (uint32_t s = 0; s < p->topology->service_count; s++)
        ASSERT(p->services[s].replicas > 0 && p->services[s].slots > 0 && p->visits_ppm[s] >= 0);
    for (uint32_t f = 0; f < p->fault_count; f++) {
        const struct plan_fault *fault = &p->faults[f];
        bool link = fault_entry(fault->kind)->target == FAULT_TARGET_LINK;
        ASSERT(link ? fault->from < nodes && fault->to < nodes && fault->from != fault->to
                    : fault->service.v < p->topology->service_count);
        ASSERT(fault->at >= 0 && fault->at < p->duration_ns && fault->lasts_ns > 0);
    }
    for (uint32_t a = 0; a < p->answer_count; a++) ASSERT(known(p, p->answers[a].service));
    for (uint32_t i = 0; i < p->person_count; i++)
        ASSERT(p->people[i].confirm != ANSWER_CORRECTION ||
               p->people[i].correction.v < p->topology->service_count);
    ASSERT(p->expect_count > 0);
    for (uint32_t e = 0; e < p->expect_count; e++)
        ASSERT(p->expects[e].fault >= -1 && p->expects[e].fault < p->fault_count &&
               p->expects[e].reaction && p->expects[e].outcome);
    for (uint32_t b = 0; b < p->bound_count; b++)
        ASSERT(p->bounds[b].expect >= 0 && p->bounds[b].expect < p->expect_count);
    for (uint32_t m = 0; m < p->must_not_count; m++) ASSERT(known(p, p->must_nots[m].service));
}

static void loads_again_as_the_same(struct arena *arena, const struct scenario *s) {
    static struct diags diags;
    struct scenario *again;
    diags = (struct diags){0};
    ASSERT(scn_reload(arena, s->plan.sources, s->plan.source_count, &diags, &again));
    ASSERT(scn_plan_digest(again) == scn_plan_digest(s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct diags diags;
    struct scn_files files = {.read = serve};
    struct arena arena;
    struct scenario *list;
    uint32_t count;
    arena_open(&arena);
    diags = (struct diags){0};
    bool ok = scn_load(&arena, "fuzz.yaml", (const char *)data, size, &files, NULL, &diags, &list,
                       &count);
    ASSERT(ok == (diags.errors == 0) && ok == (list != NULL) && ok == (count > 0));
    for (uint32_t i = 0; i < count; i++) {
        is_whole(&list[i].plan);
        loads_again_as_the_same(&arena, &list[i]);
    }
    arena_close(&arena);
    return 0;
}
