/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine without the simulator: a host in miniature. It tells the engine that it starts, that
 * an alert fires, and what metrics say, and prints what the engine wants done each time.
 *
 *   cc engine_step.c $(pkg-config --cflags --libs firedrill-engine)
 */
#include "engine/engine.h"
#include "engine/policy/policy.h"

#include <stdio.h>

static const char *const service_name[] = {"cart", "payment"};
enum { CART, PAYMENT, SERVICES };

/* cart calls payment. Rows of compressed adjacency, both ways. */
static const uint32_t out_offset[SERVICES + 1] = {0, 1, 1}, out_target[] = {PAYMENT};
static const uint32_t in_offset[SERVICES + 1] = {0, 0, 1}, in_source[] = {CART};
static const uint8_t is_service[SERVICES] = {1, 1};
static const int64_t criticality_ppm[SERVICES] = {500000, 900000};
static const uint32_t no_groups[1] = {0};

static void print_effect(const struct eng_effect *e) {
    printf("  %s", effect_name(e->kind));
    switch (e->kind) {
    case EFF_query:
        printf(": %s of %s", query_name(e->query.query), service_name[e->query.service.v]);
        break;
    case EFF_ask_evidence:
        printf(": %s of %s", source_name(e->ask_evidence.source),
               service_name[e->ask_evidence.service.v]);
        break;
    case EFF_audit_append:
        printf(": %.*s", e->audit_append.body.len, (const char *)e->audit_append.body.b);
        break;
    case EFF_notify: printf(": %.*s", e->notify.body.len, e->notify.body.s); break;
    default: break;
    }
    putchar('\n');
}

static void step(struct engine *engine, struct eng_input input, struct eng_effects *effects) {
    static time_ns mono = NS_PER_S;
    input.mono = mono += 10 * NS_PER_MS;
    input.wall = INT64_C(1767603600) * NS_PER_S + mono; /* 2026-01-05T09:00:00Z and a little */
    eng_step(engine, &input, effects);
    printf("%s\n", input_name(input.kind));
    for (uint32_t k = 0; k < effects->count; k++) print_effect(&effects->list[k]);
}

/* What a metrics service would say: of 40 requests a second, 15.2% fail. */
static struct eng_input answer(const struct eff_query *query) {
    struct eng_input input = {.kind = IN_query_result};
    input.query_result = (struct in_query_result){.request = query->request,
                                                  .query = query->query,
                                                  .service = query->service,
                                                  .kind = VALUE_NUMBER,
                                                  .micro = 152000};
    if (query->query == QUERY_REQUEST_RATE) input.query_result.micro = 40000000;
    return input;
}

int main(void) {
    struct eng_config config;
    policy_defaults(&config);
    config.graph = (struct eng_graph){.service_count = SERVICES,
                                      .out_offset = out_offset,
                                      .out_target = out_target,
                                      .in_offset = in_offset,
                                      .in_source = in_source,
                                      .is_service = is_service,
                                      .criticality_ppm = criticality_ppm,
                                      .group_offset = no_groups};
    struct arena arena;
    arena_open(&arena);
    struct engine *engine = eng_open(&arena, &config);
    arena_seal(&arena); /* from here on nothing allocates */

    static struct eng_effects asked, wanted;
    step(engine, (struct eng_input){.kind = IN_recovered, .recovered = {.incarnation = 1}},
         &wanted);
    struct eng_input alert = {.kind = IN_alert,
                              .alert = {.service = {PAYMENT},
                                        .symptom = SYMPTOM_ERRORS,
                                        .firing = true,
                                        .value_micro = 152000}};
    text_set(&alert.alert.rule, "HighErrorRate");
    step(engine, alert, &asked);
    for (uint32_t k = 0; k < asked.count; k++)
        if (asked.list[k].kind == EFF_query) step(engine, answer(&asked.list[k].query), &wanted);

    struct eng_summary summary;
    eng_summarise(engine, &summary);
    printf("incidents open: %u\n", summary.incidents_open);
    arena_close(&arena);
    return summary.incidents_open == 1 ? 0 : 1;
}
