/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * What becomes of a message once somebody has said it. Its severity says by which channels it goes
 * and how often its like may be sent; a channel that fails, or is silent, is tried again; a
 * critical message that wants no answer still wants to be seen, and goes to the next person while
 * nobody acknowledges it. A failed channel never holds healing up: all of this only tells.
 *
 * Questions are never held back, and escalate by themselves (messages.c).
 */

#define ONE_STEP 12 /* messages looked at in a step: each may take several effects */

static const struct eng_notices *rules(const struct engine *e) { return &e->config->notices; }
static const struct eng_route *route_of(const struct engine *e, const struct eff_notify *n) {
    return &rules(e)->route[n->severity];
}

static void note(struct engine *e, enum severity severity, const struct eff_notify *n,
                 const char *what, int64_t channels) {
    const struct entry_figure figures[] = {{"message", n->message}, {"reason", n->reason},
                                           {"level", n->level},     {"attempt", n->attempt},
                                           {"channels", channels},  {"held_back", n->held_back}};
    struct op *op = op_by_id(e, n->op);
    struct incident *i = incident_by_id(e, n->incident);
    audit_figures(e, CATEGORY_NOTIFICATION, severity, op, i, what, NULL, figures,
                  ARRAY_LEN(figures));
}

/* ---- the one timer: whatever is due first ---- */

static void sooner(time_ns *first, bool counts, time_ns due) {
    if (counts && (*first == 0 || due < *first)) *first = due;
}

static void arm_for_the_first(struct engine *e) {
    time_ns first = 0;
    for (uint32_t k = 0; k < rules(e)->messages_kept; k++) {
        const struct notice *n = &e->notices[k];
        if (n->sent.message == 0) continue;
        sooner(&first, (n->waiting | n->failed) != 0, n->due_mono);
        sooner(&first, !n->seen, n->escalates_mono);
    }
    if (first == e->notices_due_mono) return;
    e->notices_due_mono = first;
    if (first == 0)
        engine_timer_cancel(e, ENGINE_TIMER_NOTICE);
    else
        engine_timer_arm(e, ENGINE_TIMER_NOTICE, first - e->mono);
}

/* ---- sending ---- */

static void forget_if_done(struct notice *n) {
    if (n->seen && (n->waiting | n->failed) == 0) n->sent.message = 0;
}

static void put(struct engine *e, struct notice *n, int64_t channels) {
    n->sent.channels = channels;
    n->waiting = channels;
    n->failed = 0;
    n->due_mono = time_add(e->mono, rules(e)->reply_ns);
    emit(e, EFF_notify)->notify = n->sent;
}

/* The place of this message, a free one, or that of the oldest, which is followed no longer. */
static struct notice *place_for(struct engine *e, const struct eff_notify *sent) {
    struct notice *best = &e->notices[0];
    for (uint32_t k = 0; k < rules(e)->messages_kept; k++) {
        struct notice *n = &e->notices[k];
        if (n->sent.message == sent->message) return n;
        if (n->sent.message < best->sent.message) best = n; /* 0, a free one, is the least */
    }
    if (best->sent.message != 0)
        note(e, SEVERITY_WARNING, &best->sent, "too many messages: not followed any more",
             best->waiting | best->failed);
    return best;
}

/* ---- holding back ---- */

/* Of messages of that severity, about that, at that service; the one that ends soonest when there
 * is none and no room: what was held back of it stands in the audit log only. */
static struct throttle *throttle_of(struct engine *e, const struct eff_notify *n) {
    struct throttle *best = &e->throttles[0];
    for (uint32_t k = 0; k < rules(e)->messages_kept; k++) {
        struct throttle *t = &e->throttles[k];
        if (t->in_use && t->severity == n->severity && t->reason == n->reason &&
            ID_EQ(t->service, n->service))
            return t;
        if (best->in_use && (!t->in_use || t->until_mono < best->until_mono)) best = t;
    }
    *best = (struct throttle){.in_use = true,
                              .severity = n->severity,
                              .reason = n->reason,
                              .service = n->service,
                              .until_mono = e->mono};
    return best;
}

static bool held_back(struct engine *e, struct eff_notify *n) {
    const struct eng_route *route = route_of(e, n);
    bool everywhere = (n->channels & ~route->channels) != 0; /* a heal that closes a page */
    time_ns once_in = route->throttle_ns;
    if (n->form != FORM_TELL || once_in == 0 || everywhere) return false;
    struct throttle *t = throttle_of(e, n);
    if (e->mono < t->until_mono) {
        t->held_back++;
        return true;
    }
    n->held_back = t->held_back;
    t->held_back = 0;
    t->until_mono = time_add(e->mono, once_in);
    return false;
}

/* A heal goes wherever somebody was told to look at it now: a page that nobody closes stays. */
static int64_t channels_of(struct engine *e, const struct eff_notify *n) {
    int64_t channels = route_of(e, n)->channels;
    struct incident *i = incident_by_id(e, n->incident);
    if (!i) return channels;
    if (n->severity >= SEVERITY_ERROR) i->told_by |= channels;
    return n->reason == REASON_RESOLVED ? channels | i->told_by : channels;
}

bool notice_send(struct engine *e, const struct eff_notify *notice) {
    struct eff_notify sent = *notice;
    const struct eng_route *route = route_of(e, &sent);
    sent.attempt = 1;
    sent.channels = channels_of(e, &sent);
    if (held_back(e, &sent)) {
        note(e, (enum severity)sent.severity, &sent, "held back: its like was sent lately", 0);
        return false;
    }
    note(e, (enum severity)sent.severity, &sent, reason_name(sent.reason), sent.channels);
    if (sent.channels == 0) return true; /* the policy sends such to nobody */
    struct notice *n = place_for(e, &sent);
    *n = (struct notice){.sent = sent, .seen = true};
    if (sent.form == FORM_TELL && route->escalate_after_ns > 0) {
        n->seen = false;
        n->escalates_mono = time_add(e->mono, route->escalate_after_ns);
    }
    put(e, n, sent.channels);
    arm_for_the_first(e);
    return true;
}

/* ---- delivery ---- */

/* All channels of this attempt have answered, or were silent. */
static void attempt_over(struct engine *e, struct notice *n) {
    if (n->failed != 0 && n->sent.attempt >= rules(e)->attempts) {
        note(e, SEVERITY_ERROR, &n->sent, "a message was lost", n->failed);
        n->failed = 0;
    } else if (n->failed != 0) {
        note(e, SEVERITY_WARNING, &n->sent, "a message was not delivered; it is sent again",
             n->failed);
        time_ns after = rules(e)->retry_ns;
        for (int64_t k = 1; k < n->sent.attempt && after < NS_PER_HOUR; k++) after *= 2;
        n->due_mono = time_add(e->mono, after);
    }
    forget_if_done(n);
}

static struct notice *notice_of(struct engine *e, int64_t message) {
    for (uint32_t k = 0; message != 0 && k < rules(e)->messages_kept; k++)
        if (e->notices[k].sent.message == message) return &e->notices[k];
    return NULL;
}

void notices_on_ack(struct engine *e, const struct in_notify_ack *in) {
    struct notice *n = notice_of(e, in->message);
    if (!n) return; /* told twice, or forgotten for newer ones */
    int64_t named = in->channels != 0 ? in->channels : n->sent.channels;
    int64_t of_these = named & n->waiting;
    if (in->delivered) n->failed &= ~named; /* late, but there */
    n->waiting &= ~of_these;
    if (!in->delivered) n->failed |= of_these;
    if (n->waiting == 0 && (of_these != 0 || n->failed == 0)) attempt_over(e, n);
    arm_for_the_first(e);
}

bool notice_acknowledged(struct engine *e, int64_t message) {
    struct notice *n = notice_of(e, message);
    if (!n || n->seen) return false;
    n->seen = true;
    forget_if_done(n);
    arm_for_the_first(e);
    return true;
}

/* ---- what is due ---- */

static void try_again(struct engine *e, struct notice *n) {
    if (n->waiting != 0) { /* silence */
        n->failed |= n->waiting;
        n->waiting = 0;
        attempt_over(e, n);
        return;
    }
    n->sent.attempt++;
    put(e, n, n->failed);
}

/* To the next person, by all channels, as if new; the last one is not asked twice. */
static void next_level(struct engine *e, struct notice *n) {
    const struct eng_route *route = route_of(e, &n->sent);
    n->sent.level++;
    n->sent.attempt = 1;
    n->seen = n->sent.level + 1 >= (int64_t)ARRAY_LEN(e->config->human.escalation_ns);
    n->escalates_mono = time_add(e->mono, route->escalate_after_ns);
    note(e, (enum severity)n->sent.severity, &n->sent, "nobody acknowledged it: to the next",
         route->channels);
    put(e, n, route->channels);
}

void notices_on_timer(struct engine *e) {
    uint32_t looked_at = 0;
    e->notices_due_mono = 0;
    for (uint32_t k = 0; k < rules(e)->messages_kept && looked_at < ONE_STEP; k++) {
        struct notice *n = &e->notices[k];
        if (n->sent.message == 0) continue;
        bool escalates = !n->seen && n->escalates_mono <= e->mono;
        bool due = (n->waiting | n->failed) != 0 && n->due_mono <= e->mono;
        if (escalates)
            next_level(e, n);
        else if (due)
            try_again(e, n);
        looked_at += escalates || due;
    }
    arm_for_the_first(e); /* at once, for those that are left */
}
