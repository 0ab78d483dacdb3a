/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Groups of alerts and what they were last notified of. An alert is its label set; what a group has
 * to do with one is a membership, which lives while the alert is in the group or its last
 * notification told of it.
 */
#include "sim/prometheus/alertmanager.h"
#include "engine/base/check.h"
#include "sim/prometheus/alertmanager_parts.h"

#define NONE              UINT32_MAX
#define MAINTENANCE_MS    (30 * INT64_C(1000))
#define RESEND_MS         (60 * INT64_C(1000)) /* Prometheus' --rules.alert.resend-delay */
#define RESENDS_TO_END    4
#define MEMBERS_PER_ALERT 4u
#define BYTES_PER_ALERT   ((size_t)1024)

struct tracked {
    bool known;
    int64_t starts_ms, ends_ms;
    int64_t sent_ms; /* by Prometheus; INT64_MIN: not since it last resolved */
    double value;
};

struct member {
    uint32_t alert, next;
    bool held;                       /* in the group */
    bool told_firing, told_resolved; /* in its last notification */
    bool resolved, muted;            /* now, while the group is looked at */
};

struct am_group {
    const struct am_route *route;
    uint32_t labels, next_of_labels;
    bool lives, flushed;
    int64_t next_ms;
    uint32_t first_member;
    int64_t notified_ms; /* INT64_MIN: never */
};

struct alertmanager {
    const struct alertmanager_config *config;
    struct regex_scratch *regex;
    struct memory memory;
    struct labels labels;
    struct tracked *alerts; /* by set */
    uint32_t *known;        /* sets of alerts, in the order of their coming */
    uint32_t known_count, alerts_max;
    struct am_group *groups;
    uint32_t *groups_of; /* by set of a group's labels, + 1 */
    uint32_t group_count, group_max;
    struct member *members;
    uint32_t member_used, member_max, free_member;
    struct alertmanager_notified *notified;
    uint64_t *keys, *scratch;
    int64_t maintained_ms;
    uint64_t refused;
};

struct alertmanager *alertmanager_open(struct arena *arena,
                                       const struct alertmanager_config *config,
                                       uint32_t alerts_max, int64_t start_ms) {
    struct alertmanager *am = ARENA_NEW(arena, struct alertmanager, 1);
    uint32_t sets = 2 * alerts_max + 2;
    am->config = config;
    am->regex = regex_scratch_new(arena);
    memory_open(&am->memory, arena, BYTES_PER_ALERT * alerts_max);
    labels_open(&am->labels, &am->memory, sets);
    am->alerts = ARENA_NEW(arena, struct tracked, sets);
    am->known = ARENA_NEW(arena, uint32_t, alerts_max);
    am->alerts_max = am->group_max = alerts_max;
    am->groups = ARENA_NEW(arena, struct am_group, am->group_max);
    am->groups_of = ARENA_NEW(arena, uint32_t, sets);
    am->member_max = MEMBERS_PER_ALERT * alerts_max;
    am->members = ARENA_NEW(arena, struct member, am->member_max);
    am->free_member = NONE;
    am->notified = ARENA_NEW(arena, struct alertmanager_notified, alerts_max);
    am->keys = ARENA_NEW(arena, uint64_t, alerts_max);
    am->scratch = ARENA_NEW(arena, uint64_t, alerts_max);
    am->maintained_ms = start_ms;
    return am;
}

uint64_t alertmanager_refused(const struct alertmanager *am) { return am->refused; }

/* ---- members ---- */

static struct member *member_of(struct alertmanager *am, struct am_group *g, uint32_t alert) {
    for (uint32_t i = g->first_member; i != NONE; i = am->members[i].next)
        if (am->members[i].alert == alert) return &am->members[i];
    uint32_t id = am->free_member;
    if (id != NONE)
        am->free_member = am->members[id].next;
    else if (am->member_used < am->member_max)
        id = am->member_used++;
    else
        return NULL;
    am->members[id] = (struct member){.alert = alert, .next = g->first_member};
    g->first_member = id;
    return &am->members[id];
}

static void members_tidy(struct alertmanager *am, struct am_group *g) {
    for (uint32_t *link = &g->first_member; *link != NONE;) {
        struct member *m = &am->members[*link];
        if (m->held || m->told_firing || m->told_resolved) {
            link = &m->next;
            continue;
        }
        uint32_t id = *link;
        *link = m->next;
        m->next = am->free_member;
        am->free_member = id;
    }
}

static bool is_empty(const struct alertmanager *am, const struct am_group *g) {
    for (uint32_t i = g->first_member; i != NONE; i = am->members[i].next)
        if (am->members[i].held) return false;
    return true;
}

/* ---- groups ---- */

static uint32_t group_labels(struct alertmanager *am, const struct am_route *route,
                             uint32_t alert) {
    const struct label_set *set = &am->labels.sets[alert];
    struct prom_label kept[LABELS_MAX];
    uint32_t count = 0;
    if (route->by_all) return alert;
    for (uint32_t i = 0; i < set->count; i++)
        for (uint32_t k = 0; k < route->by_count; k++)
            if (strcmp(route->by[k], set->labels[i].name) == 0) kept[count++] = set->labels[i];
    return labels_set(&am->labels, kept, count);
}

static struct am_group *group_of(struct alertmanager *am, const struct am_route *route,
                                 uint32_t alert) {
    uint32_t labels = group_labels(am, route, alert);
    if (labels == NO_SET) return NULL;
    for (uint32_t id = am->groups_of[labels]; id; id = am->groups[id - 1].next_of_labels)
        if (am->groups[id - 1].route == route) return &am->groups[id - 1];
    if (am->group_count == am->group_max) return NULL;
    struct am_group *g = &am->groups[am->group_count++];
    *g = (struct am_group){.route = route,
                           .labels = labels,
                           .next_of_labels = am->groups_of[labels],
                           .first_member = NONE,
                           .notified_ms = INT64_MIN};
    am->groups_of[labels] = am->group_count;
    return g;
}

static void dispatch_to(struct alertmanager *am, const struct am_route *route, uint32_t alert,
                        int64_t now_ms) {
    struct am_group *g = group_of(am, route, alert);
    struct member *m = g ? member_of(am, g, alert) : NULL;
    if (!m) {
        am->refused++;
        return;
    }
    m->held = true;
    if (!g->lives) {
        g->lives = true;
        g->flushed = false;
        g->next_ms = now_ms + route->wait_ms;
    }
    if (!g->flushed && am->alerts[alert].starts_ms + route->wait_ms < now_ms) g->next_ms = now_ms;
}

/* The deepest routes that match; a route's siblings are asked no further unless it continues. */
static bool dispatch(struct alertmanager *am, const struct am_route *route, uint32_t alert,
                     int64_t now_ms) {
    const struct label_set *set = &am->labels.sets[alert];
    bool by_child = false;
    if (!am_matches(&route->matchers, set->labels, set->count, am->regex)) return false;
    for (const struct am_route *child = route->child; child; child = child->next)
        if (dispatch(am, child, alert, now_ms)) {
            by_child = true;
            if (!child->continues) break;
        }
    if (!by_child) dispatch_to(am, route, alert, now_ms);
    return true;
}

/* ---- alerts ---- */

/* Two reports that overlap in time are of one alert, which began at the earlier beginning; one that
 * says that it has ended is believed. */
static void merge(struct tracked *old, int64_t now_ms, int64_t starts_ms, int64_t ends_ms,
                  bool timeout) {
    bool overlap = old->known && ((ends_ms > old->starts_ms && ends_ms < old->ends_ms) ||
                                  (starts_ms > old->starts_ms && starts_ms < old->ends_ms));
    if (overlap && old->starts_ms < starts_ms) starts_ms = old->starts_ms;
    if (overlap && ends_ms <= now_ms && old->ends_ms <= now_ms && old->ends_ms > ends_ms)
        ends_ms = old->ends_ms;
    if (overlap && ends_ms > now_ms && old->ends_ms > ends_ms && !timeout) ends_ms = old->ends_ms;
    old->starts_ms = starts_ms;
    old->ends_ms = ends_ms;
}

static uint32_t alert_of(struct alertmanager *am, const struct prom_label *labels, uint32_t count) {
    uint32_t set = labels_set(&am->labels, labels, count);
    if (set == NO_SET || am->alerts[set].known) return set;
    if (am->known_count == am->alerts_max) return NO_SET;
    return set;
}

static void post(struct alertmanager *am, uint32_t set, int64_t now_ms, int64_t starts_ms,
                 int64_t ends_ms, double value) {
    struct tracked *alert = &am->alerts[set];
    bool timeout = ends_ms == 0;
    if (timeout) ends_ms = now_ms + am->config->resolve_timeout_ms;
    merge(alert, now_ms, starts_ms, ends_ms, timeout);
    if (!alert->known) {
        alert->known = true;
        alert->sent_ms = INT64_MIN;
        am->known[am->known_count++] = set;
    }
    alert->value = value;
    dispatch(am, am->config->root, set, now_ms);
}

void alertmanager_post(struct alertmanager *am, int64_t now_ms,
                       const struct alertmanager_alert *alert) {
    uint32_t set = alert_of(am, alert->labels, alert->label_count);
    if (set == NO_SET)
        am->refused++;
    else
        post(am, set, now_ms, alert->starts_ms, alert->ends_ms, alert->value);
}

void alertmanager_hear(struct alertmanager *am, int64_t now_ms, int64_t interval_ms,
                       const struct prom_alert *alert) {
    uint32_t set = alert_of(am, alert->labels, alert->label_count);
    if (set == NO_SET) {
        am->refused++;
        return;
    }
    bool first = !am->alerts[set].known || am->alerts[set].sent_ms == INT64_MIN;
    if (alert->firing && !first && now_ms - am->alerts[set].sent_ms <= RESEND_MS) return;
    int64_t resend_ms = interval_ms > RESEND_MS ? interval_ms : RESEND_MS;
    int64_t ends_ms = alert->firing ? now_ms + RESENDS_TO_END * resend_ms : now_ms;
    post(am, set, now_ms, alert->fired_at_ms, ends_ms, alert->value);
    am->alerts[set].sent_ms = alert->firing ? now_ms : INT64_MIN;
}

/* ---- inhibition ---- */

static bool is_equal(const struct am_inhibition *rule, const struct label_set *a,
                     const struct label_set *b) {
    for (uint32_t i = 0; i < rule->equal_count; i++)
        if (strcmp(am_label(a->labels, a->count, rule->equal[i]),
                   am_label(b->labels, b->count, rule->equal[i])) != 0)
            return false;
    return true;
}

static bool inhibits(struct alertmanager *am, const struct am_inhibition *rule, uint32_t target,
                     int64_t now_ms) {
    const struct label_set *t = &am->labels.sets[target];
    if (!am_matches(&rule->target, t->labels, t->count, am->regex)) return false;
    bool is_source = am_matches(&rule->source, t->labels, t->count, am->regex);
    for (uint32_t i = 0; i < am->known_count; i++) {
        const struct label_set *s = &am->labels.sets[am->known[i]];
        if (am->alerts[am->known[i]].ends_ms <= now_ms || !is_equal(rule, s, t) ||
            !am_matches(&rule->source, s->labels, s->count, am->regex))
            continue;
        if (is_source && am_matches(&rule->target, s->labels, s->count, am->regex)) continue;
        return true;
    }
    return false;
}

static bool is_inhibited(struct alertmanager *am, uint32_t alert, int64_t now_ms) {
    for (uint32_t i = 0; i < am->config->inhibition_count; i++)
        if (inhibits(am, &am->config->inhibitions[i], alert, now_ms)) return true;
    return false;
}

/* ---- notifications ---- */

struct look {
    uint32_t seen, firing;          /* not inhibited */
    bool fires_anew, resolved_anew; /* beside the last notification */
    bool told_firing;               /* by it */
};

static struct look look_at(struct alertmanager *am, const struct am_group *g, int64_t now_ms) {
    struct look look = {0};
    for (uint32_t i = g->first_member; i != NONE; i = am->members[i].next) {
        struct member *m = &am->members[i];
        look.told_firing |= m->told_firing;
        if (!m->held) continue;
        m->resolved = am->alerts[m->alert].ends_ms <= now_ms;
        m->muted = is_inhibited(am, m->alert, now_ms);
        if (m->muted) continue;
        look.seen++;
        look.firing += !m->resolved;
        look.fires_anew |= !m->resolved && !m->told_firing;
        look.resolved_anew |= m->resolved && !m->told_resolved;
    }
    return look;
}

static bool is_due(const struct am_group *g, const struct look *look, int64_t now_ms) {
    if (look->seen == 0) return false;
    if (g->notified_ms == INT64_MIN) return look->firing > 0;
    if (look->fires_anew) return true;
    if (look->firing == 0) return look->told_firing;
    if (g->route->receiver->send_resolved && look->resolved_anew) return true;
    return now_ms - g->notified_ms > g->route->repeat_ms;
}

static void add_notified(struct alertmanager *am, const struct member *m,
                         struct alertmanager_notification *n) {
    const struct label_set *set = &am->labels.sets[m->alert];
    const struct tracked *alert = &am->alerts[m->alert];
    am->notified[n->alert_count++] = (struct alertmanager_notified){
        .labels = set->labels,
        .label_count = set->count,
        .firing = !m->resolved,
        .starts_ms = alert->starts_ms,
        .ends_ms = m->resolved ? alert->ends_ms : 0,
        .value = alert->value,
    };
}

/* The log knows of all; the receiver is told of what it wants to hear. */
static void notify(struct alertmanager *am, struct am_group *g, const struct look *look,
                   int64_t now_ms, alertmanager_sink sink, void *context) {
    const struct am_receiver *receiver = g->route->receiver;
    const struct label_set *group = &am->labels.sets[g->labels];
    struct alertmanager_notification n = {.receiver = receiver->name,
                                          .group = group->labels,
                                          .group_count = group->count,
                                          .firing = look->firing > 0,
                                          .alerts = am->notified};
    uint32_t count = 0;
    g->notified_ms = now_ms;
    labels_rank(&am->labels);
    for (uint32_t i = g->first_member; i != NONE; i = am->members[i].next) {
        struct member *m = &am->members[i];
        bool told = m->held && !m->muted;
        m->told_firing = told && !m->resolved;
        m->told_resolved = told && m->resolved;
        if (told && (!m->resolved || receiver->send_resolved))
            am->keys[count++] = (uint64_t)am->labels.rank[m->alert] << 32 | i;
    }
    sort_keys(am->keys, am->scratch, count, NULL, NULL);
    for (uint32_t k = 0; k < count; k++) add_notified(am, &am->members[(uint32_t)am->keys[k]], &n);
    if (receiver->is_somebody && n.alert_count > 0) sink(context, &n);
}

static void flush(struct alertmanager *am, struct am_group *g, int64_t now_ms,
                  alertmanager_sink sink, void *context) {
    struct look look = look_at(am, g, now_ms);
    g->flushed = true;
    g->next_ms = now_ms + g->route->interval_ms;
    if (is_due(g, &look, now_ms)) notify(am, g, &look, now_ms, sink, context);
    for (uint32_t i = g->first_member; i != NONE; i = am->members[i].next)
        if (am->members[i].held && am->members[i].resolved) am->members[i].held = false;
    members_tidy(am, g);
}

/* Of a tick that has gone by nothing is left to do: no group was empty, or it would have been due.
 */
static void maintain(struct alertmanager *am, int64_t now_ms) {
    bool is_tick = (now_ms - am->maintained_ms) % MAINTENANCE_MS == 0;
    am->maintained_ms += (now_ms - am->maintained_ms) / MAINTENANCE_MS * MAINTENANCE_MS;
    for (uint32_t i = 0; is_tick && i < am->group_count; i++)
        if (am->groups[i].lives && is_empty(am, &am->groups[i])) am->groups[i].lives = false;
}

int64_t alertmanager_due(const struct alertmanager *am) {
    int64_t due = INT64_MAX, maintenance_ms = am->maintained_ms + MAINTENANCE_MS;
    for (uint32_t i = 0; i < am->group_count; i++) {
        const struct am_group *g = &am->groups[i];
        if (!g->lives) continue;
        if (g->next_ms < due) due = g->next_ms;
        if (is_empty(am, g) && maintenance_ms < due) due = maintenance_ms;
    }
    return due;
}

void alertmanager_run(struct alertmanager *am, int64_t now_ms, alertmanager_sink sink,
                      void *context) {
    for (uint32_t i = 0; i < am->group_count; i++)
        if (am->groups[i].lives && am->groups[i].next_ms <= now_ms)
            flush(am, &am->groups[i], now_ms, sink, context);
    maintain(am, now_ms);
}
