/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/conflict.h"
#include "engine/base/check.h"

/* One detection: what is asked, and where the answer grows. */
struct detection {
    struct eng_search *search;
    const struct eng_config *config;
    const struct planned *planned;
    time_ns now_mono;
    struct conflicts *out;
};

static bool changes_something(enum op_kind kind) {
    return kind != OPKIND_VERIFICATION && kind != OPKIND_PATCH_GENERATION;
}

bool conflict_kinds_exclude(enum op_kind a, enum op_kind b) {
    if (a == OPKIND_MAINTENANCE || b == OPKIND_MAINTENANCE) return true;
    return changes_something(a) && changes_something(b);
}

/* Order of the list: negative if a stands before b. Total over everything a conflict can differ in,
 * so that the list does not depend on the order in which changes were learnt. */
static int order(const struct conflict *a, const struct conflict *b) {
    if (a->other_number != b->other_number) return a->other_number < b->other_number ? -1 : 1;
    if (a->type != b->type) return a->type < b->type ? -1 : 1;
    if (a->until_mono != b->until_mono) return a->until_mono > b->until_mono ? -1 : 1;
    if (a->other_service.v != b->other_service.v)
        return a->other_service.v < b->other_service.v ? -1 : 1;
    if (a->other.v != b->other.v) return a->other.v < b->other.v ? -1 : 1;
    return 0;
}

/* Does a decide over b? Of several cooldowns the one that ends last comes first in order. */
static bool outranks(const struct conflict *a, const struct conflict *b) {
    if (a->severity != b->severity) return a->severity > b->severity;
    if (a->action != b->action) return a->action > b->action;
    return order(a, b) < 0;
}

static uint32_t weakest(const struct conflicts *list) {
    uint32_t found = 0;
    for (uint32_t i = 1; i < list->count; i++)
        if (outranks(&list->list[found], &list->list[i])) found = i;
    return found;
}

static void remove_at(struct conflicts *list, uint32_t at) {
    list->count--;
    for (uint32_t i = at; i < list->count; i++) list->list[i] = list->list[i + 1];
}

/* Inserts in order; a full list gives up its weakest, so the one that decides is never lost. */
static void keep(struct conflicts *list, const struct conflict *conflict) {
    if (list->count == CONFLICTS_MAX) {
        uint32_t last = weakest(list);
        if (!outranks(conflict, &list->list[last])) return;
        remove_at(list, last);
    }
    uint32_t at = list->count++;
    for (; at > 0 && order(conflict, &list->list[at - 1]) < 0; at--)
        list->list[at] = list->list[at - 1];
    list->list[at] = *conflict;
}

static void found(struct detection *d, struct conflict conflict) {
    conflict.severity = d->config->conflicts.type[conflict.type].severity;
    conflict.action = d->config->conflicts.type[conflict.type].action;
    keep(d->out, &conflict);
}

static void found_with(struct detection *d, const struct intent *other, enum conflict_type type,
                       int64_t figure, int64_t limit, bool of_share) {
    found(d, (struct conflict){.type = type,
                               .other = other->op,
                               .other_service = other->service,
                               .other_number = other->number,
                               .figure = figure,
                               .limit = limit,
                               .of_share = of_share});
}

static void detect_related(struct detection *d, const struct intent *other) {
    int64_t most = d->config->conflicts.max_depth;
    int64_t nearest = most < 1 ? 1 : most; /* a direct call counts whatever the depth */
    int calls = graph_hops(d->search, d->planned->service, other->service, nearest);
    int called = graph_hops(d->search, other->service, d->planned->service, nearest);
    if (calls == 1 || called == 1) found_with(d, other, CONFLICT_DEPENDENCY, 1, 1, false);
    if (calls >= 2) found_with(d, other, CONFLICT_UPSTREAM, calls, most, false);
    if (called >= 2) found_with(d, other, CONFLICT_DOWNSTREAM, called, most, false);
}

static void detect_shared(struct detection *d, const struct intent *other) {
    int group = graph_shared_group(d->search, d->planned->service, other->service);
    if (group >= 0) found_with(d, other, CONFLICT_SHARED_RESOURCE, group, 0, false);
}

/* Whether the other changes a shared resource is not registered; its callers are what is known. */
static void detect_cascade(struct detection *d, const struct intent *other) {
    const struct eng_gates *limits = &d->config->gates;
    struct blast_target own = {d->planned->service, d->planned->changes_shared};
    struct blast_target others = {other->service, false};
    struct joint_blast joint;
    graph_joint_blast(d->search, &d->config->conflicts, own, others, &joint);
    if (joint.common == 0) return;
    switch (graph_blast_bound(limits, joint.count, joint.share_ppm)) {
    case BLAST_WITHIN: break;
    case BLAST_OVER_COUNT:
        found_with(d, other, CONFLICT_CASCADE, joint.count, limits->blast_count, false);
        break;
    case BLAST_OVER_SHARE:
        found_with(d, other, CONFLICT_CASCADE, joint.share_ppm, limits->blast_ppm, true);
        break;
    }
}

static bool in_graph(const struct detection *d, struct svc_id service) {
    return service.v < d->config->graph.service_count;
}

static void detect_intent(struct detection *d, const struct intent *other, bool include_direct) {
    enum op_kind own = d->planned->kind, kind = (enum op_kind)other->kind;
    bool same = ID_EQ(other->service, d->planned->service);
    bool maintenance = own == OPKIND_MAINTENANCE || kind == OPKIND_MAINTENANCE;
    if (!conflict_kinds_exclude(own, kind)) return;
    if (maintenance || (same && include_direct))
        found_with(d, other, CONFLICT_DIRECT, kind, own, false);
    if (same || !changes_something(own) || !changes_something(kind)) return;
    /* a service the graph does not know yet relates to none */
    if (!in_graph(d, other->service) || !in_graph(d, d->planned->service)) return;
    detect_related(d, other);
    detect_shared(d, other);
    detect_cascade(d, other);
}

static bool same_or_neighbour(struct detection *d, struct svc_id service) {
    struct svc_id own = d->planned->service;
    if (ID_EQ(service, own)) return true;
    if (!in_graph(d, service) || !in_graph(d, own)) return false;
    return graph_hops(d->search, own, service, 1) == 1 ||
           graph_hops(d->search, service, own, 1) == 1;
}

/* One that still runs is being made now. */
static void detect_timing(struct detection *d, const struct recent_change *change) {
    time_ns cooldown = d->config->gates.cooldown_ns;
    time_ns changed = change->running ? d->now_mono : change->at_mono;
    if (d->now_mono - changed >= cooldown || !same_or_neighbour(d, change->service)) return;
    if (change_is_undone(change, d->planned)) return;
    found(d, (struct conflict){.type = CONFLICT_TIMING,
                               .other = change->op,
                               .other_service = change->service,
                               .figure = d->now_mono - changed,
                               .limit = cooldown,
                               .until_mono = time_add(changed, cooldown)});
}

static void decide_among(struct conflicts *found) {
    found->deciding = -1;
    for (uint32_t i = 0; i < found->count; i++)
        if (found->deciding < 0 || outranks(&found->list[i], &found->list[found->deciding]))
            found->deciding = i;
    found->action = found->deciding < 0 ? ACTION_ALLOW : found->list[found->deciding].action;
}

void conflict_show(const struct conflicts *found, struct shown_conflicts *out) {
    out->count = 0;
    for (uint32_t i = 0; i < found->count; i++) {
        if (found->list[i].action < ACTION_PAUSE) continue;
        out->list[out->count].type = found->list[i].type;
        out->list[out->count++].other = found->list[i].other;
    }
}

static bool was_shown(const struct conflict *c, const struct shown_conflicts *shown) {
    for (uint32_t i = 0; i < shown->count; i++)
        if (shown->list[i].type == c->type && ID_EQ(shown->list[i].other, c->other)) return true;
    return false;
}

void conflict_waive(struct conflicts *found, const struct shown_conflicts *shown) {
    for (uint32_t i = found->count; i > 0; i--)
        if (found->list[i - 1].action == ACTION_PAUSE && was_shown(&found->list[i - 1], shown))
            remove_at(found, i - 1);
    decide_among(found);
}

void conflict_detect(struct eng_search *search, const struct eng_config *config,
                     const struct planned *planned, const struct intents *intents,
                     int64_t own_number, bool include_direct, const struct recent_change *changes,
                     uint32_t change_count, time_ns now_mono, struct conflicts *out) {
    struct detection d = {search, config, planned, now_mono, out};
    ASSERT(intents->count <= INTENTS_MAX);
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < intents->count; i++) {
        const struct intent *other = &intents->list[i];
        bool before = own_number == 0 || other->number < own_number;
        if (before && !ID_EQ(other->op, planned->op)) detect_intent(&d, other, include_direct);
    }
    for (uint32_t i = 0; changes_something(planned->kind) && i < change_count; i++)
        if (!ID_EQ(changes[i].op, planned->op)) detect_timing(&d, &changes[i]);
    decide_among(out);
}

static void write_seconds(struct writer *w, time_ns ns) {
    write_micro(w, ns / NS_PER_US);
    write_text(w, "s");
}

static void write_service(struct writer *w, const struct conflict *c) {
    write_text(w, "service ");
    write_int(w, c->other_service.v);
}

static void write_hops(struct writer *w, const struct conflict *c) {
    write_text(w, " over ");
    write_int(w, c->figure);
    write_text(w, " calls");
}

static void write_cascade(struct writer *w, const struct conflict *c) {
    void (*write_figure)(struct writer *, int64_t) = c->of_share ? write_share : write_int;
    write_text(w, "with the change of ");
    write_service(w, c);
    write_text(w, ", ");
    write_figure(w, c->figure);
    write_text(w, c->of_share ? " of services" : " services");
    write_text(w, " could be affected, limit ");
    write_figure(w, c->limit);
}

static void write_reason(struct writer *w, const struct conflict *c) {
    if (c->type == CONFLICT_CASCADE) {
        write_cascade(w, c);
        return;
    }
    write_service(w, c);
    switch (c->type) {
    case CONFLICT_DIRECT:
        write_text(w, ": its ");
        write_text(w, opkind_name(c->figure));
        write_text(w, " and this ");
        write_text(w, opkind_name(c->limit));
        write_text(w, " exclude each other");
        break;
    case CONFLICT_DEPENDENCY:
        write_text(w, " is being changed; it and this one call directly");
        break;
    case CONFLICT_UPSTREAM:
        write_text(w, " is being changed; this one calls it");
        write_hops(w, c);
        break;
    case CONFLICT_DOWNSTREAM:
        write_text(w, " is being changed; it calls this one");
        write_hops(w, c);
        break;
    case CONFLICT_SHARED_RESOURCE:
        write_text(w, " is being changed; both use shared resource ");
        write_int(w, c->figure);
        break;
    case CONFLICT_TIMING:
        write_text(w, " changed ");
        write_seconds(w, c->figure);
        write_text(w, " ago, cooldown ");
        write_seconds(w, c->limit);
        break;
    case CONFLICT_CASCADE:
    case CONFLICT_COUNT: UNREACHABLE();
    }
}

static void write_advice(struct writer *w, const struct conflict *c) {
    switch (c->action) {
    case ACTION_ALLOW: write_text(w, "go on"); break;
    case ACTION_WARN:
        write_text(w, "go on, and watch ");
        write_service(w, c);
        break;
    case ACTION_DELAY:
        write_text(w, "wait in INIT without a lock");
        if (c->type == CONFLICT_TIMING) {
            write_text(w, ", at least ");
            write_seconds(w, c->limit - c->figure);
        }
        break;
    case ACTION_BLOCK: write_text(w, "queue behind it at the lock"); break;
    case ACTION_PAUSE: write_text(w, "let a person review both"); break;
    case ACTION_REJECT: write_text(w, "do not carry out this plan"); break;
    case ACTION_COUNT: UNREACHABLE();
    }
}

void conflict_explain(const struct conflict *conflict, struct text *explanation,
                      struct text *recommendation) {
    char line[256];
    struct writer w = writer_of(line, sizeof line);
    write_reason(&w, conflict);
    text_setn(explanation, line, w.len);
    w = writer_of(line, sizeof line);
    write_advice(&w, conflict);
    text_setn(recommendation, line, w.len);
}
