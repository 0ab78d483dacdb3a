/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/policy/policy.h"
#include "sim/explore/explore.h"
#include "sim/run/command.h"
#include "sim/run/loading.h"

#include <inttypes.h>

/* A renewal, a wait and a lease are over within a few timers: only their order matters here. */
static void quicken(struct eng_config *config) {
    struct eng_locking *c = &config->locking;
    config->canary.look_interval_ns = NS_PER_S;
    config->verification.watch_ns = 2 * NS_PER_S;
    c->ttl_ns = 10 * NS_PER_S;
    c->renew_interval_ns = 4 * NS_PER_S;
    c->reply_timeout_ns = 3 * NS_PER_S;
    c->wait_timeout_ns = 6 * NS_PER_S;
    c->backoff_initial_ns = 2 * NS_PER_S;
    c->backoff_max_ns = 4 * NS_PER_S;
}

static const struct option_spec options[] = {
    {"engines", "N", "2 or 3 (default 2); with a file its own, as its policy"},
    {"resources", "M",
     "1: all on one service; 2: on two services, one of which calls the other (default 1)"},
    {"depth", "D", "events on a path, at most (default 12)"},
    {"delays", "N",
     "messages that are late on a path: time passes although they could arrive (default 1)"},
    {"losses", "N", "messages that may be lost on a path (default 0)"},
    {"expiries", "N", "leases that may end early on a path (default 0)"},
    {"pauses", "N", "how often an engine may stand still on a path (default 0)"},
    {"crashes", "N", "engines that may end on a path (default 0)"},
    {"reorder", NULL, "messages of one connection overtake each other, too"},
    {"states", "N", "give up after so many states (default 20000000)"},
    {0}};

static bool read_options(const struct arguments *a, struct explore_options *o) {
    int64_t engines, resources, depth, delays, losses, expiries, pauses, crashes, states;
    if (!argument_int(a, "engines", 2, EXPLORE_ENGINES_MAX, 2, &engines) ||
        !argument_int(a, "resources", 1, EXPLORE_SERVICES_MAX, 1, &resources) ||
        !argument_int(a, "depth", 1, EXPLORE_DEPTH_MAX, 12, &depth) ||
        !argument_int(a, "delays", 0, 99, 1, &delays) ||
        !argument_int(a, "losses", 0, 9, 0, &losses) ||
        !argument_int(a, "expiries", 0, 9, 0, &expiries) ||
        !argument_int(a, "pauses", 0, 9, 0, &pauses) ||
        !argument_int(a, "crashes", 0, EXPLORE_ENGINES_MAX, 0, &crashes) ||
        !argument_int(a, "states", 1, 1000000000, 20000000, &states))
        return false;
    *o = (struct explore_options){.engines = (uint32_t)engines,
                                  .resources = (uint32_t)resources,
                                  .depth = (uint32_t)depth,
                                  .delays = (uint32_t)delays,
                                  .losses = (uint32_t)losses,
                                  .expiries = (uint32_t)expiries,
                                  .pauses = (uint32_t)pauses,
                                  .crashes = (uint32_t)crashes,
                                  .states_max = (uint64_t)states};
    o->reorder = argument(a, "reorder") != NULL;
    policy_defaults(&o->config);
    quicken(&o->config);
    return true;
}

/* Policy and engines of a scenario; two of its services when one calls the other. */
static bool read_scenario(struct arena *arena, const char *named, struct explore_options *o) {
    struct diags diags = {0};
    const char *path, *bytes;
    size_t len;
    struct scenario *list;
    uint32_t count;
    if (!scenario_file(arena, named, &path, &bytes, &len, &diags) ||
        !scenarios_load(arena, path, bytes, len, NULL, &diags, &list, &count)) {
        bad_input(&diags);
        return false;
    }
    const struct plan *plan = &list[0].plan;
    o->config = list[0].policy.config;
    quicken(&o->config);
    o->engines = plan->engine_count < 2                     ? 2
                 : plan->engine_count > EXPLORE_ENGINES_MAX ? EXPLORE_ENGINES_MAX
                                                            : plan->engine_count;
    o->resources = 1;
    for (uint32_t a = 0; a < plan->fault_count; a++)
        for (uint32_t b = 0; b < plan->fault_count; b++) {
            struct svc_id from = plan->faults[a].service, to = plan->faults[b].service;
            for (uint32_t c = 0; c < plan->topology->call_count; c++)
                if (ID_EQ(plan->topology->calls[c].from, from) &&
                    ID_EQ(plan->topology->calls[c].to, to) && !ID_EQ(from, to))
                    o->resources = 2;
        }
    return true;
}

static void print(const struct explore_options *o, const struct explore_result *r) {
    printf("%u engines, %u service%s; on a path at most %u late, %u lost, %u early ends of "
           "leases, %u "
           "pauses, %u crashes\n",
           o->engines, o->resources, o->resources == 1 ? "" : "s", o->delays, o->losses,
           o->expiries, o->pauses, o->crashes);
    printf("%" PRIu64 " states, %" PRIu64 " transitions, depth %u%s\n", r->states, r->transitions,
           r->deepest,
           r->cut_by_states  ? ": given up, there are more states"
           : r->cut_by_depth ? ": every order of events up to there"
                             : ": complete, nothing goes on from the last");
    fputs("reached:", stdout);
    for (uint32_t k = 0; k < REACHED_COUNT; k++)
        printf("%s %s %" PRIu64, k ? "," : "", explore_reached_names[k], r->reached[k]);
    putchar('\n');
    if (!r->broken) {
        fputs("held:", stdout);
        for (uint32_t k = 0; k < explore_invariant_count; k++) printf(" %s", explore_invariants[k]);
        putchar('\n');
        return;
    }
    printf("\nbroken: %s: %s\n", r->broken, r->why);
    for (uint32_t k = 0; k < r->path_len; k++) printf("  %2u %s\n", k + 1, r->path[k]);
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    struct explore_options o;
    enum status status;
    if (!arguments_read(&a, &command_explore, argc, argv, &status)) return status;
    if (a.operand_count > 1) {
        command_help(&command_explore, stderr);
        return STATUS_BAD_INPUT;
    }
    struct arena arena;
    arena_open(&arena);
    bool read = read_options(&a, &o);
    if (read && a.operand_count == 1) read = read_scenario(&arena, a.operands[0], &o);
    if (!read) {
        arena_close(&arena);
        return STATUS_BAD_INPUT;
    }
    static struct explore_result result;
    explore_run(&o, &result);
    arena_close(&arena);
    print(&o, &result);
    if (result.broken) return STATUS_FAILED;
    return result.cut_by_states ? STATUS_INCONCLUSIVE : STATUS_OK;
}

const struct command command_explore = {
    "explore",
    "[FILE|NAME]",
    "follows every order of events of a few engines at the lock store and registry",
    "firedrill explore --engines 2 --depth 14 --pauses 1",
    options,
    run};
