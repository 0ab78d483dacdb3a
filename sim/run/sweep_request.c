/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/sweep.h"

#include "engine/base/digest.h"
#include "sim/run/shard.h"
#include "sim/run/sweep_results.h"

#include <stdlib.h>

#define PARTS_MAX      4096
#define FOLDER_LEN_MAX 256 /* leaves room for the names in it */

static bool is_there(const struct sweep_plan *plan, const struct sweep_part *part) {
    for (uint32_t k = 0; k < plan->part_count; k++)
        if (strcmp(plan->parts[k].scenario, part->scenario) == 0 &&
            strcmp(plan->parts[k].topology, part->topology) == 0)
            return true;
    return false;
}

static bool add_part(struct sweep_request *r, const struct scenario *s, const char *named,
                     const struct scn_options *given) {
    struct sweep_part part = {.plan = scn_plan_digest(s)};
    const char *topology = s->plan.topology->name;
    printable(part.scenario, sizeof part.scenario, s->plan.name, strlen(s->plan.name));
    printable(part.topology, sizeof part.topology, topology, strlen(topology));
    if (is_there(&r->plan, &part))
        fprintf(stderr, "firedrill sweep: there are two scenarios %s on %s\n", part.scenario,
                part.topology);
    else if (r->plan.part_count == PARTS_MAX)
        fprintf(stderr, "firedrill sweep: more than %d scenarios\n", PARTS_MAX);
    else {
        r->swept[r->plan.part_count] = (struct swept){s, named, *given};
        r->swept[r->plan.part_count].given.variant = s->variant;
        r->plan.parts[r->plan.part_count++] = part;
        return true;
    }
    return false;
}

static bool add_file(struct sweep_request *r, struct arena *arena, const struct arguments *a,
                     const char *named, const char *topology) {
    struct diags diags = {0};
    struct scn_options given = {.seed_given = true,
                                .topology = topology,
                                .policy = argument(a, "policy"),
                                .without = argument(a, "without"),
                                .set = argument(a, "set"),
                                .variant = argument(a, "variant")};
    const char *path, *bytes;
    size_t len;
    struct scenario *list;
    uint32_t count = 0;
    bool good = scenario_file(arena, named, &path, &bytes, &len, &diags) &&
                scenarios_load(arena, path, bytes, len, &given, &diags, &list, &count);
    for (uint32_t k = 0; k < count && good; k++) good = add_part(r, &list[k], named, &given);
    diag_print_once(&diags, &r->said, stderr);
    return good;
}

static bool add_files(struct sweep_request *r, struct arena *arena, const struct arguments *a,
                      const char *topology) {
    for (uint32_t k = 0; k < a->operand_count; k++)
        if (!add_file(r, arena, a, a->operands[k], topology)) return false;
    return true;
}

static bool add_all(struct sweep_request *r, struct arena *arena, const struct arguments *a) {
    const char *topology = argument(a, "topology");
    if (!topology || strcmp(topology, "all") != 0) return add_files(r, arena, a, topology);
    const char *const *names;
    uint32_t count = file_list(arena, "topology", &names);
    for (uint32_t k = 0; k < count; k++)
        if (!add_files(r, arena, a, names[k])) return false;
    return true;
}

/* Another build may run otherwise, whatever its version says. */
static bool digest_program(uint64_t *out) {
    struct diags diags = {0};
    struct arena arena;
    const char *bytes;
    size_t len;
    arena_open(&arena);
    bool good = file_read(&arena, "/proc/self/exe", &bytes, &len, &diags);
    if (good) {
        struct digest digest;
        digest_init(&digest);
        digest_add(&digest, bytes, len);
        *out = digest_value(&digest);
    }
    arena_close(&arena);
    diag_print(&diags, stderr);
    return good;
}

bool sweep_request_read(struct sweep_request *r, struct arena *arena, const struct arguments *a) {
    uint64_t seeds;
    *r = (struct sweep_request){.folder = argument(a, "out")};
    snprintf(r->plan.version, sizeof r->plan.version, "%s", FIREDRILL_VERSION);
    r->plan.parts = ARENA_NEW(arena, struct sweep_part, PARTS_MAX);
    r->swept = ARENA_NEW(arena, struct swept, PARTS_MAX);
    if (!r->folder || strlen(r->folder) > FOLDER_LEN_MAX) {
        fprintf(stderr, "firedrill sweep: --out: expected a folder for the results%s\n",
                r->folder ? ", with a shorter name" : "");
        return false;
    }
    if (!argument_seeds(a, NULL, &r->plan.first_seed, &seeds) ||
        !shard_read(argument(a, "shard"), &r->plan, seeds) || !digest_program(&r->plan.program) ||
        !add_all(r, arena, a))
        return false;
    r->units = sweep_unit_count(&r->plan, seeds);
    return true;
}
