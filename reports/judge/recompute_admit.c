/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conflicts once more: SPEC's seven types by brute force, over the intents and changes that the
 * decision names. And waiting for a lock. */
#include "engine/base/ratio.h"
#include "reports/judge/recompute.h"
#include <stdlib.h>

struct type {
    int64_t severity, action;
};
static struct type type_of(const struct limits *l, int type) {
    const struct type types[CONFLICT_COUNT] = {
        [CONFLICT_DIRECT] = {l->direct_severity, l->direct_action},
        [CONFLICT_DEPENDENCY] = {l->dependency_severity, l->dependency_action},
        [CONFLICT_UPSTREAM] = {l->upstream_severity, l->upstream_action},
        [CONFLICT_DOWNSTREAM] = {l->downstream_severity, l->downstream_action},
        [CONFLICT_SHARED_RESOURCE] = {l->shared_severity, l->shared_action},
        [CONFLICT_CASCADE] = {l->cascade_severity, l->cascade_action},
        [CONFLICT_TIMING] = {l->timing_severity, l->timing_action}};
    return types[type];
}

struct conflicts_found {
    int64_t of_type[CONFLICT_COUNT], said_of_type[CONFLICT_COUNT];
    int64_t severity, action; /* of the most severe that stands */
    int64_t asking[ACTION_COUNT];
};

/* Of the constraints of a type the next, which says whether this one was waived. */
static bool stands(const struct recomputing *r, int type, int64_t nth) {
    for (uint32_t k = 0; k < r->said->constraint_count; k++) {
        const struct said_constraint *c = &r->said->constraints[k];
        if (strcmp(c->name, conflict_name(type)) == 0 && nth-- == 0)
            return c->blocking || !said_count(r->said, "approved");
    }
    return true;
}

static void hold(const struct recomputing *r, struct conflicts_found *c, int type) {
    struct type t = type_of(&r->facts->limits, type);
    int64_t nth = c->of_type[type]++;
    if (t.action == ACTION_PAUSE && !stands(r, type, nth)) return;
    if (t.action >= 0 && t.action < ACTION_COUNT) c->asking[t.action]++;
    if (t.severity < c->severity || (t.severity == c->severity && t.action <= c->action)) return;
    c->severity = t.severity;
    c->action = t.action;
}

static bool over_blast(const struct facts *f, int64_t own, bool shared, int64_t other) {
    struct reach a = reach_of(f, own, shared), b = reach_of(f, other, false);
    int64_t common = 0, count = 0, services = 0;
    for (size_t s = 0; a.affected && b.affected && s < f->service.count; s++) {
        common += a.affected[s] && b.affected[s];
        count += a.affected[s] || b.affected[s];
        services += f->service.items[s].is_service;
    }
    free(a.affected);
    free(b.affected);
    const struct limits *l = &f->limits;
    int64_t share = services > 0 ? ppm_of(count, services) : 0;
    return common > 0 && (count > l->joint_blast_count ||
                          (count >= l->blast_share_from && share > l->joint_blast_share_ppm));
}

static bool reads_only(int kind) {
    return kind == OPKIND_VERIFICATION || kind == OPKIND_PATCH_GENERATION;
}

static void against_intent(const struct recomputing *r, struct conflicts_found *c,
                           const struct said_input *in) {
    const struct facts *f = r->facts;
    int64_t own = r->said->service.v, other = in->service;
    int kind = opkind_of(in->name, strlen(in->name));
    int64_t mine = said_count(r->said, "registry_number");
    bool shared = said_count(r->said, "changes_shared") != 0,
         maintenance = kind == OPKIND_MAINTENANCE;
    if (kind < 0 || reads_only(kind) || (mine != 0 && in->micro / PPM_ONE >= mine)) return;
    if (maintenance || (own == other && said_count(r->said, "direct_counts")))
        hold(r, c, CONFLICT_DIRECT);
    if (own == other) return;
    int64_t most = f->limits.blast_depth > 1 ? f->limits.blast_depth : 1;
    int64_t calls = reach_hops(f, own, other, most), called = reach_hops(f, other, own, most);
    if (calls == 1 || called == 1) hold(r, c, CONFLICT_DEPENDENCY);
    if (calls >= 2) hold(r, c, CONFLICT_UPSTREAM);
    if (called >= 2) hold(r, c, CONFLICT_DOWNSTREAM);
    if (reach_shares_group(f, own, other)) hold(r, c, CONFLICT_SHARED_RESOURCE);
    if (over_blast(f, own, shared, other)) hold(r, c, CONFLICT_CASCADE);
}

static void against_change(const struct recomputing *r, struct conflicts_found *c,
                           const struct said_input *in) {
    int64_t own = r->said->service.v, other = in->service;
    if (strcmp(in->name, "undoes") == 0) return; /* what it takes back is no reason to wait */
    if (in->micro * NS_PER_US >= r->facts->limits.timing_cooldown_ns) return;
    if (own == other || reach_hops(r->facts, own, other, 1) == 1 ||
        reach_hops(r->facts, other, own, 1) == 1)
        hold(r, c, CONFLICT_TIMING);
}

static void conflicts(struct recomputing *r) {
    struct conflicts_found c = {.severity = -1, .action = ACTION_ALLOW};
    for (uint32_t k = 0; k < r->said->input_count; k++) {
        const struct said_input *in = &r->said->inputs[k];
        if (in->service < 0) continue;
        if (strcmp(in->source, "store") == 0) against_intent(r, &c, in);
        if (strcmp(in->source, "changes") == 0) against_change(r, &c, in);
    }
    for (uint32_t k = 0; k < r->said->factor_count; k++) {
        int type = conflict_of(r->said->factors[k].name, strlen(r->said->factors[k].name));
        if (type >= 0) c.said_of_type[type]++;
    }
    for (int type = 0; type < CONFLICT_COUNT; type++)
        if (c.of_type[type] != c.said_of_type[type])
            recompute_wrong(r, "says %lld conflicts of type %s, its inputs give %lld",
                            (long long)c.said_of_type[type], conflict_name(type),
                            (long long)c.of_type[type]);
    recompute_choice(r, action_name(c.action));
    for (int action = 0; action < ACTION_COUNT; action++)
        recompute_score(r, action_name(action), c.asking[action] * PPM_ONE, 0);
}

/* ---- a lock that is held ---- */

static void waiting(struct recomputing *r) {
    const struct said_input *held = said_input(r->said, lock_reply_name(LOCK_REPLY_HELD), 0);
    if (!held || held->of == 0) {
        recompute_wrong(r, "says wait, and not for whom");
        return;
    }
    recompute_factor(r, "place", held->micro, 0);
    recompute_factor(r, "expires_in_s", said_micro(r->said, "expires_in"), 0);
    recompute_choice(r, "wait");
    recompute_score(r, "wait", PPM_ONE, 0);
    recompute_score(r, "go on", 0, 0);
    recompute_score(r, "give up", 0, 0);
}

void recompute_concurrency(struct recomputing *r) {
    if (said_input(r->said, "registry_number", 0))
        conflicts(r);
    else
        waiting(r);
}
