/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/graph.h"
#include "engine/base/check.h"
#include "engine/base/ratio.h"

/* Stamps instead of flags: a node is in a set when its stamp equals the set's epoch, so emptying a
 * set is one increment. Epochs have 64 bits and never wrap. */
struct eng_search {
    const struct eng_graph *graph;
    uint32_t services;              /* nodes that are services: the whole of a share */
    uint32_t *group_offset, *group; /* the groups that a node stands in, ascending */
    uint64_t epoch;
    uint64_t *seen;                  /* reached by the walk that runs now */
    uint64_t *in_blast, blast_epoch; /* the set of one blast radius */
    uint64_t *in_first;              /* the former of a joint one */
    uint32_t *queue, queue_length;
    uint32_t *affected, affected_count; /* the same set as a list */
};

static void list_groups(struct eng_search *search, struct arena *arena,
                        const struct eng_graph *graph) {
    if (graph->group_count == 0) return;
    uint32_t members = graph->group_offset[graph->group_count];
    uint32_t *offset = ARENA_NEW(arena, uint32_t, (size_t)graph->service_count + 2);
    search->group = ARENA_NEW(arena, uint32_t, members);
    search->group_offset = offset;
    for (uint32_t m = 0; m < members; m++) offset[graph->group_member[m] + 2]++;
    for (uint32_t s = 0; s < graph->service_count; s++) offset[s + 2] += offset[s + 1];
    for (uint32_t g = 0; g < graph->group_count; g++) /* moves each start to its end: the next's */
        for (uint32_t m = graph->group_offset[g]; m < graph->group_offset[g + 1]; m++)
            search->group[offset[graph->group_member[m] + 1]++] = g;
}

struct eng_search *search_open(struct arena *arena, const struct eng_graph *graph) {
    struct eng_search *search = ARENA_NEW(arena, struct eng_search, 1);
    size_t nodes = graph->service_count;
    search->graph = graph;
    for (uint32_t s = 0; s < graph->service_count; s++) search->services += graph->is_service[s];
    search->seen = ARENA_NEW(arena, uint64_t, nodes);
    search->in_blast = ARENA_NEW(arena, uint64_t, nodes);
    search->in_first = ARENA_NEW(arena, uint64_t, nodes);
    search->queue = ARENA_NEW(arena, uint32_t, nodes);
    search->affected = ARENA_NEW(arena, uint32_t, nodes);
    list_groups(search, arena, graph);
    return search;
}

static void walk_begin(struct eng_search *search, struct svc_id start) {
    ASSERT(start.v < search->graph->service_count);
    search->epoch++;
    search->seen[start.v] = search->epoch;
    search->queue[0] = start.v;
    search->queue_length = 1;
}

/* False if the walk has been there. A node enters the queue once, so the queue cannot overflow. */
static bool walk_reach(struct eng_search *search, uint32_t node) {
    if (search->seen[node] == search->epoch) return false;
    search->seen[node] = search->epoch;
    search->queue[search->queue_length++] = node;
    return true;
}

/* The nodes one call further than queue[begin .. end) join the queue. */
static void walk_level(struct eng_search *search, const uint32_t *offset, const uint32_t *target,
                       uint32_t begin, uint32_t end) {
    for (uint32_t q = begin; q < end; q++) {
        uint32_t node = search->queue[q];
        for (uint32_t e = offset[node]; e < offset[node + 1]; e++) walk_reach(search, target[e]);
    }
}

int graph_hops(struct eng_search *search, struct svc_id a, struct svc_id b, int64_t max_depth) {
    const struct eng_graph *graph = search->graph;
    ASSERT(b.v < graph->service_count);
    walk_begin(search, a);
    if (ID_EQ(a, b)) return 0;
    uint32_t begin = 0;
    for (int depth = 1; depth <= max_depth && begin < search->queue_length; depth++) {
        uint32_t end = search->queue_length;
        walk_level(search, graph->out_offset, graph->out_target, begin, end);
        if (search->seen[b.v] == search->epoch) return depth;
        begin = end;
    }
    return -1;
}

int graph_shared_group(const struct eng_search *search, struct svc_id a, struct svc_id b) {
    if (!search->group_offset) return -1;
    uint32_t i = search->group_offset[a.v], i_end = search->group_offset[a.v + 1];
    uint32_t k = search->group_offset[b.v], k_end = search->group_offset[b.v + 1];
    while (i < i_end && k < k_end) {
        if (search->group[i] == search->group[k]) return (int)search->group[i];
        if (search->group[i] < search->group[k])
            i++;
        else
            k++;
    }
    return -1;
}

/* Counts the services in queue[begin .. end) and adds them to the blast radius. */
static int64_t blast_add(struct eng_search *search, uint32_t begin, uint32_t end) {
    int64_t services = 0;
    for (uint32_t q = begin; q < end; q++) {
        uint32_t node = search->queue[q];
        if (!search->graph->is_service[node]) continue;
        services++;
        if (search->in_blast[node] == search->blast_epoch) continue;
        search->in_blast[node] = search->blast_epoch;
        search->affected[search->affected_count++] = node;
    }
    return services;
}

/* Each blast_x gives that relation's part of the score. A service that stands in two relations can
 * be hurt in two ways: it scores in both, and is counted once. */
static int64_t blast_callers(struct eng_search *search, const struct eng_conflicts *weights,
                             struct svc_id target) {
    const struct eng_graph *graph = search->graph;
    int64_t score = 0;
    uint32_t begin = 0;
    walk_begin(search, target);
    for (int64_t depth = 1; depth <= weights->max_depth && begin < search->queue_length; depth++) {
        uint32_t end = search->queue_length;
        walk_level(search, graph->in_offset, graph->in_source, begin, end);
        score += blast_add(search, end, search->queue_length) *
                 (depth == 1 ? weights->weight_direct_ppm : weights->weight_downstream_ppm);
        begin = end;
    }
    return score;
}

static int64_t blast_mates(struct eng_search *search, const struct eng_conflicts *weights,
                           struct svc_id target) {
    const struct eng_graph *graph = search->graph;
    walk_begin(search, target);
    if (!search->group_offset) return 0;
    for (uint32_t i = search->group_offset[target.v]; i < search->group_offset[target.v + 1]; i++) {
        uint32_t g = search->group[i];
        for (uint32_t m = graph->group_offset[g]; m < graph->group_offset[g + 1]; m++)
            walk_reach(search, graph->group_member[m]);
    }
    return blast_add(search, 1, search->queue_length) * weights->weight_shared_ppm;
}

/* Callees weigh in the score, since a change may load them; they are not affected by a failure. */
static int64_t blast_callees(struct eng_search *search, const struct eng_conflicts *weights,
                             struct svc_id target) {
    const struct eng_graph *graph = search->graph;
    int64_t services = 0;
    walk_begin(search, target);
    walk_level(search, graph->out_offset, graph->out_target, 0, 1);
    for (uint32_t q = 1; q < search->queue_length; q++)
        services += graph->is_service[search->queue[q]];
    return services * weights->weight_upstream_ppm;
}

static int64_t share_of_services(const struct eng_search *search, uint32_t count) {
    return search->services > 0 ? ppm_of(count, search->services) : 0;
}

void graph_blast(struct eng_search *search, const struct eng_conflicts *weights,
                 struct svc_id target, bool changes_shared, struct blast_radius *out) {
    search->blast_epoch++;
    search->affected_count = 0;
    int64_t score = blast_callers(search, weights, target);
    if (changes_shared) score += blast_mates(search, weights, target);
    score += blast_callees(search, weights, target);
    *out = (struct blast_radius){.count = search->affected_count,
                                 .share_ppm = share_of_services(search, search->affected_count),
                                 .score_ppm = score,
                                 .affected = search->affected};
}

void graph_joint_blast(struct eng_search *search, const struct eng_conflicts *weights,
                       struct blast_target a, struct blast_target b, struct joint_blast *out) {
    struct blast_radius blast;
    graph_blast(search, weights, a.service, a.changes_shared, &blast);
    uint64_t first = search->blast_epoch;
    uint32_t total = blast.count, common = 0;
    for (uint32_t i = 0; i < blast.count; i++) search->in_first[blast.affected[i]] = first;

    graph_blast(search, weights, b.service, b.changes_shared, &blast);
    for (uint32_t i = 0; i < blast.count; i++)
        common += search->in_first[blast.affected[i]] == first;
    total += blast.count - common;
    *out = (struct joint_blast){
        .common = common, .count = total, .share_ppm = share_of_services(search, total)};
}

enum blast_bound graph_blast_bound(const struct eng_gates *limits, uint32_t count,
                                   int64_t share_ppm) {
    if (count > limits->blast_count) return BLAST_OVER_COUNT;
    if (count >= limits->blast_share_from && share_ppm > limits->blast_ppm) return BLAST_OVER_SHARE;
    return BLAST_WITHIN;
}
