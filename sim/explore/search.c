/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Depth first, one event at a time, each state put back for its next event. A state is left when it
 * was followed at least as deep before, in whatever way it was reached.
 */
#include "sim/explore/state.h"
#include <stdio.h>
#include <stdlib.h>

#define EVENTS_MAX 128

enum event_kind { DELIVER, LOSE, FIRE, END_LEASE, PAUSE, RESUME, CRASH };
struct event {
    enum event_kind kind;
    uint32_t index, engine;
};

struct seen {
    uint64_t digest; /* 0: free */
    uint8_t left;    /* events that were followed from it */
};
struct search {
    struct explorer x;
    struct seen *seen;
    uint64_t seen_size, seen_count;
    struct x_state *saved; /* per depth */
    uint8_t *memory;       /* of all engines, per depth */
    size_t memory_bytes;
    char path[EXPLORE_DEPTH_MAX][96];
};

/* ---- states that were met ---- */

static struct seen *seen_place(struct seen *table, uint64_t size, uint64_t digest) {
    uint64_t at = digest & (size - 1);
    while (table[at].digest != 0 && table[at].digest != digest) at = (at + 1) & (size - 1);
    return &table[at];
}

static void seen_grow(struct search *s) {
    uint64_t size = s->seen_size ? 2 * s->seen_size : 1u << 16;
    struct seen *larger = calloc(size, sizeof *larger);
    if (!larger) crash(__FILE__, __LINE__, "out of memory");
    for (uint64_t i = 0; i < s->seen_size; i++)
        if (s->seen[i].digest != 0) *seen_place(larger, size, s->seen[i].digest) = s->seen[i];
    free(s->seen);
    s->seen = larger;
    s->seen_size = size;
}

/* True when it was followed as deep before. */
static bool seen_before(struct search *s, uint32_t left) {
    if (s->seen_count * 3 >= s->seen_size * 2) seen_grow(s);
    uint64_t digest = state_digest(&s->x);
    struct seen *place = seen_place(s->seen, s->seen_size, digest ? digest : 1);
    bool known = place->digest != 0;
    if (known && place->left >= left) return true;
    if (!known) s->x.result->states = ++s->seen_count;
    *place = (struct seen){digest ? digest : 1, (uint8_t)left};
    return false;
}

/* ---- what can happen ---- */

static time_ns next_due(const struct x_state *s) {
    time_ns due = TIME_NEVER;
    for (uint32_t k = 0; k < EXPLORE_ENGINES_MAX; k++)
        for (uint32_t i = 0;
             s->nodes[k].alive && !s->nodes[k].paused && i < s->nodes[k].timer_count; i++)
            if (s->nodes[k].timers[i].due < due) due = s->nodes[k].timers[i].due;
    for (uint32_t i = 0; i < s->hold_count; i++)
        if (s->holds[i].ends < due) due = s->holds[i].ends;
    return due;
}

static void add(struct event *list, uint32_t *count, enum event_kind kind, uint32_t index,
                uint32_t engine) {
    ASSERT(*count < EVENTS_MAX);
    list[(*count)++] = (struct event){kind, index, engine};
}

/* A connection keeps the order of what goes over it, one way. */
static bool first_of_link(const struct x_state *s, uint32_t i) {
    for (uint32_t k = 0; k < i; k++)
        if (message_link(&s->messages[k]) == message_link(&s->messages[i])) return false;
    return true;
}

static bool can_arrive(const struct search *search, uint32_t i) {
    const struct x_state *s = search->x.now;
    const struct x_message *m = &s->messages[i];
    bool stands = m->to_engine && s->nodes[m->engine].paused;
    return !stands && (search->x.options->reorder || first_of_link(s, i));
}

static void add_arrivals(const struct search *search, struct event *list, uint32_t *count) {
    const struct x_state *s = search->x.now;
    for (uint32_t i = 0; i < s->message_count; i++)
        if (can_arrive(search, i)) add(list, count, DELIVER, i, s->messages[i].engine);
    for (uint32_t i = 0; i < s->message_count && s->lost < search->x.options->losses; i++)
        add(list, count, LOSE, i, s->messages[i].engine);
}

/* Time passes: what could have arrived and has not is late from now on. */
static bool may_pass(const struct search *search) {
    const struct x_state *s = search->x.now;
    uint32_t late = s->delayed;
    for (uint32_t i = 0; i < s->message_count; i++)
        late += can_arrive(search, i) && !s->messages[i].late;
    return late <= search->x.options->delays || next_due(s) <= s->now;
}
static void pass(struct search *search, const struct event *e) {
    struct x_state *s = search->x.now;
    bool ends = e->kind == END_LEASE && s->holds[e->index].ends == next_due(s);
    if ((e->kind != FIRE && !ends) || next_due(s) <= s->now) return;
    for (uint32_t i = 0; i < s->message_count; i++)
        if (can_arrive(search, i) && !s->messages[i].late) {
            s->messages[i].late = true;
            s->delayed++;
        }
}

/* What is due next, if time may pass. */
static void add_due(const struct search *search, struct event *list, uint32_t *count) {
    const struct x_state *s = search->x.now;
    time_ns due = next_due(s);
    for (uint32_t i = 0; i < s->hold_count; i++)
        if (s->holds[i].ends == due) add(list, count, END_LEASE, i, s->holds[i].engine);
    for (uint32_t k = 0; k < search->x.options->engines; k++)
        for (uint32_t i = 0;
             s->nodes[k].alive && !s->nodes[k].paused && i < s->nodes[k].timer_count; i++)
            if (s->nodes[k].timers[i].due == due) add(list, count, FIRE, i, k);
}

static uint32_t events_of(const struct search *search, struct event *list) {
    const struct x_state *s = search->x.now;
    const struct explore_options *o = search->x.options;
    uint32_t count = 0;
    add_arrivals(search, list, &count);
    if (may_pass(search)) add_due(search, list, &count);
    for (uint32_t i = 0; i < s->hold_count && s->expired < o->expiries; i++)
        if (s->holds[i].ends != next_due(s)) add(list, &count, END_LEASE, i, s->holds[i].engine);
    for (uint32_t k = 0; k < o->engines; k++) {
        if (!s->nodes[k].alive) continue;
        if (s->nodes[k].paused) add(list, &count, RESUME, 0, k);
        if (!s->nodes[k].paused && s->paused < o->pauses) add(list, &count, PAUSE, 0, k);
        if (s->crashed < o->crashes) add(list, &count, CRASH, 0, k);
    }
    return count;
}

/* ---- making it happen ---- */

static void message_drop(struct x_state *s, uint32_t i) {
    s->message_count--;
    memmove(&s->messages[i], &s->messages[i + 1], (s->message_count - i) * sizeof s->messages[0]);
}

static const char *content(const struct x_message *m) {
    if (!m->to_engine) return effect_name(m->effect.kind);
    return m->input.kind == IN_lock_reply ? lock_reply_name(m->input.lock_reply.result)
                                          : input_name(m->input.kind);
}

static void deliver(struct explorer *x, uint32_t i) {
    struct x_message m = x->now->messages[i];
    message_drop(x->now, i);
    if (m.to_engine)
        host_feed(x, m.engine, &m.input);
    else
        service_handle(x, m.engine, &m.effect);
}

static void fire(struct explorer *x, uint32_t engine, uint32_t i) {
    struct x_node *node = &x->now->nodes[engine];
    struct x_timer timer = node->timers[i];
    node->timers[i] = node->timers[--node->timer_count];
    if (timer.due > x->now->now) x->now->now = timer.due;
    struct eng_input input = {.kind = IN_timer_fired};
    input.timer_fired = (struct in_timer_fired){timer.timer, timer.generation};
    host_feed(x, engine, &input);
}

static void end_lease(struct explorer *x, uint32_t i) {
    struct x_state *s = x->now;
    x->result->reached[REACHED_LEASE_ENDED]++;
    if (s->holds[i].ends == next_due(s)) {
        if (s->holds[i].ends > s->now) s->now = s->holds[i].ends;
    } else
        s->expired++; /* before its time */
    service_end_hold(x, i);
}

static void die(struct explorer *x, uint32_t engine) {
    struct x_state *s = x->now;
    s->crashed++;
    s->nodes[engine].alive = false;
    for (uint32_t i = s->message_count; i > 0; i--)
        if (s->messages[i - 1].to_engine && s->messages[i - 1].engine == engine)
            message_drop(s, i - 1);
}

static void say(char *line, const struct explorer *x, const struct event *e) {
    const struct x_state *s = x->now;
    static const char *const verbs[] = {"arrives",      "is lost", "a timer fires", "a lease ends",
                                        "stands still", "goes on", "ends"};
    double at = (double)s->now / 1e9;
    if (e->kind == DELIVER || e->kind == LOSE) {
        const struct x_message *m = &s->messages[e->index];
        snprintf(line, 96, "%8.3f s  engine-%u %s store: %s %s", at, e->engine,
                 m->to_engine ? "<-" : "->", content(m), verbs[e->kind]);
    } else
        snprintf(line, 96, "%8.3f s  engine-%u: %s", at, e->engine, verbs[e->kind]);
}

static void happen(struct search *search, const struct event *e) {
    struct explorer *x = &search->x;
    struct x_state *s = x->now;
    x->result->transitions++;
    pass(search, e);
    switch (e->kind) {
    case DELIVER: deliver(x, e->index); break;
    case LOSE:
        s->lost++;
        message_drop(s, e->index);
        break;
    case FIRE: fire(x, e->engine, e->index); break;
    case END_LEASE: end_lease(x, e->index); break;
    case PAUSE:
        s->paused++;
        s->nodes[e->engine].paused = true;
        break;
    case RESUME: s->nodes[e->engine].paused = false; break;
    case CRASH: die(x, e->engine); break;
    }
}

/* ---- one path after the other ---- */

static void save(struct search *s, uint32_t depth) {
    uint8_t *to = s->memory + depth * s->memory_bytes;
    s->saved[depth] = *s->x.now;
    for (uint32_t k = 0; k < s->x.options->engines; to += arena_bytes(&s->x.arenas[k++]))
        arena_save(&s->x.arenas[k], to);
}
static void load(struct search *s, uint32_t depth) {
    const uint8_t *from = s->memory + depth * s->memory_bytes;
    *s->x.now = s->saved[depth];
    for (uint32_t k = 0; k < s->x.options->engines; from += arena_bytes(&s->x.arenas[k++]))
        arena_load(&s->x.arenas[k], from);
}

static void keep_path(struct search *s, uint32_t len) {
    s->x.result->path_len = len;
    memcpy(s->x.result->path, s->path, sizeof s->path);
}

static void follow(struct search *s, uint32_t depth) {
    struct explore_result *r = s->x.result;
    uint32_t left = s->x.options->depth - depth;
    if (depth > r->deepest) r->deepest = depth;
    look_at_state(&s->x);
    if (r->broken) {
        keep_path(s, depth);
        return;
    }
    if (r->states >= s->x.options->states_max) r->cut_by_states = true;
    if (r->cut_by_states || seen_before(s, left)) return;
    struct event events[EVENTS_MAX];
    uint32_t count = events_of(s, events);
    if (left == 0) {
        r->cut_by_depth |= count > 0;
        return;
    }
    save(s, depth);
    for (uint32_t i = 0; i < count && !r->broken && !r->cut_by_states; i++) {
        if (i > 0) load(s, depth);
        say(s->path[depth], &s->x, &events[i]);
        happen(s, &events[i]);
        follow(s, depth + 1);
    }
}

static void *take(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) crash(__FILE__, __LINE__, "out of memory");
    return memory;
}

void explore_run(const struct explore_options *options, struct explore_result *result) {
    struct search *s = take(1, sizeof *s);
    *result = (struct explore_result){0};
    s->x.options = options;
    s->x.result = result;
    s->x.now = take(1, sizeof *s->x.now);
    s->x.effects = take(1, sizeof *s->x.effects);
    s->x.answers = take(EVENTS_MAX, sizeof *s->x.answers);
    host_open(&s->x);
    for (uint32_t k = 0; k < options->engines; k++) s->memory_bytes += arena_bytes(&s->x.arenas[k]);
    s->saved = take(options->depth + 1, sizeof *s->saved);
    s->memory = take(options->depth + 1, s->memory_bytes);
    follow(s, 0);
    for (uint32_t k = 0; k < options->engines; k++) arena_close(&s->x.arenas[k]);
    free(s->seen);
    free(s->saved);
    free(s->memory);
    free(s->x.now);
    free(s->x.effects);
    free(s->x.answers);
    free(s);
}
