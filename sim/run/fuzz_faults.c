/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The faults of a random scenario: from the table, each kind by what it is of and what its value is
 * in, so that a new kind takes part as soon as it stands in the table. */
#include "sim/run/fuzz.h"

#include "engine/base/text.h"

#define FAULTS_MAX 12

/* Values that say something: much larger or smaller ones only hide the other faults. */
static const struct {
    enum fault_kind kind;
    int64_t low, high; /* percent, ms, number, ppm: what its values are in */
} ranges[] = {
    {FAULT_ERROR_RATE, 8, 80},
    {FAULT_LATENCY, 300, 2500},
    {FAULT_LINK_LOSS, 2, 60},
    {FAULT_LINK_LATENCY, 10, 6000},
    {FAULT_PODS_UNREACHABLE, 1, 2},
    {FAULT_MISLEADING_CHANGE, 1000, 1800000},
    {FAULT_AUDIT_ALTERED, 1, 40},
    {FAULT_AUDIT_CUT, 1, 6},
    {FAULT_LOCK_RENEWAL_LOST, 1, 5},
    {FAULT_LOCK_RENEWAL_REPLY_LOST, 1, 5},
    {FAULT_LOCK_GRANT_LOST, 1, 3},
    {FAULT_LOCK_EXPIRY_EARLY, 1000, 60000},
    {FAULT_LOCK_EXPIRY_LATE, 500, 60000},
    {FAULT_LOCK_STORE_SLOW, 50, 8000},
    {FAULT_LOCK_STALE_READ, 100, 20000},
    {FAULT_LINK_LOSS_BURSTS, 2, 60},
    {FAULT_LINK_DUPLICATES, 5, 100},
    {FAULT_LINK_REORDERS, 10, 3000},
    {FAULT_LINK_FLAPPING, 500, 8000},
    {FAULT_SWIZZLE, 2, 6},
    {FAULT_ALERT_STORM, 1, 8},
    {FAULT_ALERT_FLAPPING, 500, 8000},
    {FAULT_GRAPH_STALE, 1, 1},
    {FAULT_ENGINE_ZOMBIE, 1000, 60000},
    {FAULT_POOL_EXHAUSTED, 1, 4},
    {FAULT_MEMORY_LEAK, 10000, 300000},
    {FAULT_SLOW_CPU, 2, 50},
    {FAULT_HANDLES_EXHAUSTED, 1, 6},
    {FAULT_MEMORY_EXHAUSTED, 3000, 60000},
    {FAULT_RESTART_LOOP, 2000, 60000},
    {FAULT_HOT_KEY, 1, 200},
    {FAULT_RETRY_STORM, 1, 5},
    {FAULT_LOAD_BURST, 2, 6},
};

static int64_t drawn_value(struct fuzz_drawing *d, enum fault_kind kind, int64_t low,
                           int64_t high) {
    for (size_t k = 0; k < ARRAY_LEN(ranges); k++)
        if (ranges[k].kind == kind) return fuzz_between(d, ranges[k].low, ranges[k].high);
    return fuzz_between(d, low, high);
}

/* Without 0, which changes nothing. */
static long long value_signed(struct fuzz_drawing *d, int64_t most) {
    int64_t v = fuzz_between(d, 1, most);
    return fuzz_chance(d, 50) ? v : -v;
}

static void draw_value(struct fuzz_drawing *d, enum fault_kind kind) {
    switch (fault_entry(kind)->value) {
    case FAULT_VALUE_SHARE:
        fprintf(d->out, ", value: %lld%%", (long long)drawn_value(d, kind, 1, 90));
        break;
    case FAULT_VALUE_DURATION:
        fprintf(d->out, ", value: %lldms", (long long)drawn_value(d, kind, 10, 10000));
        break;
    case FAULT_VALUE_COUNT:
        fprintf(d->out, ", value: %lld", (long long)drawn_value(d, kind, 1, 8));
        break;
    case FAULT_VALUE_WRITES:
        fprintf(d->out, ", value: %lld",
                fuzz_chance(d, 40) ? 0LL : (long long)fuzz_between(d, 1, 8));
        break;
    case FAULT_VALUE_OFFSET: fprintf(d->out, ", value: %lldms", value_signed(d, 300000)); break;
    case FAULT_VALUE_PPM: fprintf(d->out, ", value: %lld", value_signed(d, 200000)); break;
    case FAULT_VALUE_FACTOR:
        fprintf(d->out, ", value: %lld", (long long)drawn_value(d, kind, 2, 10));
        break;
    case FAULT_VALUE_NOTHING: break;
    }
}

static void draw_node(struct fuzz_drawing *d, const char *key, bool engine) {
    if (engine)
        fprintf(d->out, ", %s: engine-%llu", key,
                (unsigned long long)prng_below(&d->random, d->engines));
    else
        fprintf(d->out, ", %s: %s", key,
                plan_node_name((enum plan_node)prng_below(&d->random, NODE_SERVICE_COUNT)));
}

static void draw_command(struct fuzz_drawing *d) {
    int64_t kind = fuzz_between(d, 0, COMMAND_COUNT - 1);
    bool whole = kind == COMMAND_FREEZE || kind == COMMAND_UNFREEZE || kind == COMMAND_SET_MODE;
    fprintf(d->out, ", command: %s, by: person-%llu", command_name(kind),
            (unsigned long long)prng_below(&d->random, d->people));
    if (!whole) fprintf(d->out, ", target: %s", fuzz_hot(d));
    if (kind == COMMAND_SET_MODE)
        fprintf(d->out, ", mode: %s", mode_name(fuzz_between(d, 0, MODE_COUNT - 1)));
    if (fuzz_chance(d, 80)) fprintf(d->out, ", reason: drawn");
}

static void draw_target(struct fuzz_drawing *d, enum fault_kind kind) {
    switch (fault_entry(kind)->target) {
    case FAULT_TARGET_NONE: break;
    case FAULT_TARGET_LINK: {
        bool there = fuzz_chance(d, 50);
        draw_node(d, "from", there);
        draw_node(d, "to", !there);
        break;
    }
    case FAULT_TARGET_ENGINE: draw_node(d, "target", true); break;
    case FAULT_TARGET_NODE: draw_node(d, "target", fuzz_chance(d, 85)); break;
    case FAULT_TARGET_COMMAND: draw_command(d); break;
    case FAULT_TARGET_SERVICE:
        fprintf(d->out, ", target: %s, log: {exception: DrawnError, file: Drawn.java, line: 7}",
                fuzz_hot(d));
        break;
    case FAULT_TARGET_ROLLOUT:
        if (kind == FAULT_ROLLOUT && fuzz_chance(d, 60))
            fprintf(d->out, ", steps: [%lld%%, 100%%], every: %lldms",
                    (long long)fuzz_between(d, 10, 90), (long long)fuzz_between(d, 1000, 10000));
        fprintf(d->out, ", target: %s", fuzz_hot(d));
        break;
    case FAULT_TARGET_PART: {
        static const char *const ways[] = {"one", "min_cut", "community"};
        fprintf(d->out, ", by: %s, reset: %s", ways[prng_below(&d->random, ARRAY_LEN(ways))],
                fuzz_chance(d, 50) ? "true" : "false");
        break;
    }
    case FAULT_TARGET_MACHINE:
    case FAULT_TARGET_LOCK:
    case FAULT_TARGET_PODS:
    case FAULT_TARGET_FEED: fprintf(d->out, ", target: %s", fuzz_hot(d)); break;
    }
}

static void draw_fault(struct fuzz_drawing *d, uint32_t number, enum fault_kind kind) {
    const struct fault_entry *entry = fault_entry(kind);
    bool defect = fault_is_shown(kind);
    int64_t at = defect ? fuzz_between(d, 5000, d->duration_ms * 2 / 3)
                        : fuzz_between(d, 0, d->duration_ms - 2000);
    if (kind == FAULT_GRAPH_STALE) at = 0; /* engines are started with it */
    fprintf(d->out, "- {name: %s-%u, kind: %s, at: %lldms", entry->name, number, entry->name,
            (long long)at);
    if (kind != FAULT_GRAPH_STALE && fuzz_chance(d, defect ? 20 : 75))
        fprintf(d->out, ", for: %lldms",
                (long long)fuzz_between(d, 500,
                                        d->duration_ms - at < 60000 ? d->duration_ms - at : 60000));
    draw_target(d, kind);
    draw_value(d, kind);
    fprintf(d->out, "}\n");
}

/* A defect always: where nothing is wrong the engines do little. */
void fuzz_draw_faults(struct fuzz_drawing *d) {
    static const int64_t shares[] = {8, 20, 50};
    enum fault_kind on[FAULT_COUNT];
    uint32_t kinds = 0;
    int64_t share = shares[prng_below(&d->random, ARRAY_LEN(shares))];
    for (int k = 0; k < FAULT_COUNT; k++)
        if (fuzz_chance(d, share)) on[kinds++] = (enum fault_kind)k;
    int64_t count = fuzz_between(d, 0, FAULTS_MAX - 1);
    fprintf(d->out, "faults:\n");
    draw_fault(d, 0, fuzz_chance(d, 65) ? FAULT_ERROR_RATE : FAULT_LATENCY);
    for (int64_t k = 1; k <= count && kinds > 0; k++)
        draw_fault(d, (uint32_t)k, on[prng_below(&d->random, kinds)]);
}
