/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/shard.h"

#include <errno.h>
#include <stdlib.h>

static bool whole_number(const char *text, char end, int64_t *out, const char **after) {
    char *stop;
    errno = 0;
    *out = text && *text >= '0' && *text <= '9' ? strtoll(text, &stop, 10) : -1;
    if (*out < 0 || errno != 0 || *stop != end) return false;
    *after = stop + 1;
    return true;
}

static bool environment(const char *name, int64_t *out) {
    const char *after;
    return whole_number(getenv(name), '\0', out, &after);
}

/* From 1. count: what the scheduler says, or what was given beside it. */
static const char *scheduled(int64_t *index, int64_t *count) {
    int64_t least = 0, of = 0;
    if (environment("SLURM_ARRAY_TASK_ID", index) && environment("SLURM_ARRAY_TASK_COUNT", &of)) {
        (void)environment("SLURM_ARRAY_TASK_MIN", &least);
        *index -= least - 1;
        *count = of;
        return "SLURM_ARRAY_TASK_ID";
    }
    if (environment("CI_NODE_INDEX", index) && environment("CI_NODE_TOTAL", &of)) {
        *count = of;
        return "CI_NODE_INDEX";
    }
    if (*count > 0 && environment("JOB_COMPLETION_INDEX", index)) {
        (*index)++;
        return "JOB_COMPLETION_INDEX";
    }
    return NULL;
}

static bool refuse(const char *text, const char *why) {
    char shown[96];
    printable(shown, sizeof shown, text, strlen(text));
    fprintf(stderr, "firedrill: --shard %s: %s\n", shown, why);
    return false;
}

bool shard_read(const char *text, struct sweep_plan *plan, uint64_t seeds) {
    int64_t index = 0, count = 0;
    const char *after = NULL, *said = NULL;
    if (text && text[0] != '/') {
        if (!whole_number(text, '/', &index, &after) || !whole_number(after, '\0', &count, &after))
            return refuse(text, "expected such as 3/8, the third of eight");
    } else {
        int64_t given = 0;
        if (text && !whole_number(text + 1, '\0', &given, &after))
            return refuse(text, "expected such as /8, with JOB_COMPLETION_INDEX set");
        count = given;
        said = scheduled(&index, &count);
        if (text && !said) return refuse(text, "no scheduler says which of them this is");
        if (text && count != given)
            return refuse(text, "the scheduler says another number of shards");
        if (!said) return true;
        fprintf(stderr, "firedrill: shard %lld of %lld, as %s says\n", (long long)index,
                (long long)count, said);
    }
    if (count < 1 || count > SWEEP_SHARDS_MAX || index < 1 || index > count)
        return refuse(
            text ? text : said,
            "expected an index from 1 to the number of shards, of which there are at most 100000");
    if (count == 1) return true;
    plan->shard = (uint32_t)(index - 1);
    plan->shards = (uint32_t)count;
    plan->seeds = seeds;
    return true;
}
