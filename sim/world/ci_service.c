/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/internal.h"

static void serve_checks(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct world *world = part;
    const struct eff_ask_checks *e = &effect->ask_checks;
    const struct plan_answer *answer = patch_service_answer(world, e->revision);
    struct eng_input input = {.kind = IN_check_results};
    struct in_check_results *in = &input.check_results;
    in->request = e->request;
    in->op = e->op;
    in->reply = answer ? REPLY_OK : REPLY_ABSENT;
    in->revision = e->revision;
    const char *finding = "";
    bool passed = false;
    if (answer) {
        in->syntax = answer->syntax;
        in->analysis = answer->analysis;
        in->dependencies = answer->dependencies;
        in->tests_run = answer->tests_run;
        in->tests_failed = answer->tests_failed;
        passed = in->syntax && in->analysis && in->dependencies && in->tests_failed == 0;
        if (!passed && answer->finding) finding = answer->finding;
    }
    text_set(&in->finding, finding);
    fact_checked(world->trace, sim_now(world->sim),
                 &(struct rec_checked){.engine = engine,
                                       .op = e->op,
                                       .revision = e->revision,
                                       .reply = in->reply,
                                       .passed = passed,
                                       .tests_run = in->tests_run,
                                       .tests_failed = in->tests_failed,
                                       .finding = REC_STR(finding)});
    network_reply(world, NODE_CI, engine, &input);
}

void ci_service_open(struct world *world) {
    network_serve(world, EFF_ask_checks, NODE_CI, world->plan->times.checks_ns, serve_checks,
                  world);
}
