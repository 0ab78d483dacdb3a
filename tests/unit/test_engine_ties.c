/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several things at one nanosecond, in every order. A story is told step by step. At each answer
 * that is under way (a grant, a renewal, a deployment, a query, an acknowledgement) it is held back
 * until the very nanosecond at which some timer falls due (a reply's, a lease's end, a state's
 * limit, a look), and beside the two one or two more things happen then: a person cancels, pauses,
 * freezes, says yes or no, the cause goes away, the engine dies and comes back. Each such set is
 * told in each of its orders, from the beginning. What comes of it may differ by order; what must
 * hold does not.
 *
 * What a host may do is done: a timer that was cancelled by the input before it is delivered all
 * the same, for it fired already.
 */
#include "engine/base/ratio.h"
#include "tests/support/engine_test.h"

#define S        NS_PER_S
#define AWAY_MAX (60 * S) /* an answer is held back no longer: the log forgets what was before */

enum beside { CANCEL, PAUSE, FREEZE, YES, NO, HEAL, CRASH, BESIDE_COUNT };
#define NOTHING BESIDE_COUNT
static const char *const beside_names[] = {"cancel", "pause", "freeze", "yes",
                                           "no",     "heal",  "crash",  "-"};

/* ---- stories ---- */

struct story {
    const char *name;
    void (*begin)(struct rig *rig); /* turns knobs; the engine is not there yet */
};

static enum rig_answer queue_at_the_lock(struct rig *rig, const struct eng_effect *e,
                                         struct eng_input *answer) {
    if (e->kind != EFF_lock_acquire || e->lock_acquire.scope != SCOPE_SERVICE) return RIG_FRIENDLY;
    rig_friendly(rig, e, answer);
    rig_later(rig, answer, 2 * S); /* the grant */
    answer->lock_reply.result = LOCK_REPLY_HELD;
    answer->lock_reply.holder = (struct op_id){4711};
    return RIG_MINE;
}

static void heals(struct rig *rig) { (void)rig; }
static void goes_back(struct rig *rig) { rig->patched_share_ppm = 250000; }
static void waits(struct rig *rig) { rig->hook = queue_at_the_lock; }
/* No figures of the error budget: its gate asks a person. */
static void asks(struct rig *rig) { rig->micro[QUERY_BUDGET_ERRORS] = INT64_C(90000000) * PPM_ONE; }
/* Renewals every second, so that leases, renewals and looks fall together. */
static void renews(struct rig *rig) {
    rig->config.locking.ttl_ns = 6 * S;
    rig->config.locking.renew_interval_ns = S;
}

static const struct story stories[] = {{"heals", heals},
                                       {"goes back", goes_back},
                                       {"waits", waits},
                                       {"asks", asks},
                                       {"renews", renews}};

/* ---- telling ---- */

static time_ns evaluated;

static void begin(struct rig *rig, const struct story *story) {
    rig_open(rig);
    rig->config.gates.cooldown_ns = 0;
    story->begin(rig);
    rig_start(rig);
    evaluated = 0;
}

static void clock_to(struct rig *rig, time_ns mono) {
    rig->wall += mono - rig->mono;
    rig->mono = mono;
}

static bool failing(const struct rig *rig) {
    return ID_EQ(rig->serving, (struct revision_id){1}) && !rig->unpatched_gone;
}

/* The alert is evaluated each second; between, whatever is due. */
static void step(struct rig *rig) {
    if (rig->mono - evaluated >= S) {
        evaluated = rig->mono;
        rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, failing(rig));
    } else if (!rig_next(rig)) {
        clock_to(rig, evaluated + S);
    }
}

static struct rig_event *next_event(struct rig *rig) {
    struct rig_event *first = NULL;
    for (uint32_t k = 0; k < rig->event_count; k++) {
        struct rig_event *e = &rig->events[k];
        if (!first || e->due_mono < first->due_mono ||
            (e->due_mono == first->due_mono && e->order < first->order))
            first = e;
    }
    return first;
}

static struct op_id newest_op(const struct rig *rig) {
    return rig->op_count ? rig_op(rig, rig->op_count - 1) : ID_NONE64(op_id);
}

static void die_and_come_back(struct rig *rig) {
    struct eng_input input = {.kind = IN_recovered};
    rig->event_count = 0; /* answers and timers die with it */
    rig->suspended = false;
    eng_restart(rig->engine);
    input.recovered = (struct in_recovered){++rig->incarnation, rig->chain_length, rig->chain_head};
    rig_feed(rig, &input);
}

static void happen(struct rig *rig, enum beside what) {
    switch (what) {
    case CANCEL: rig_command(rig, COMMAND_CANCEL, "sre", newest_op(rig)); break;
    case PAUSE: rig_command(rig, COMMAND_PAUSE, "sre", newest_op(rig)); break;
    case FREEZE: rig_command(rig, COMMAND_FREEZE, "sre", ID_NONE64(op_id)); break;
    case YES:
        if (!rig_decide(rig, FORM_CONFIRM, ANSWER_YES)) rig_decide(rig, FORM_TAKE_OVER, ANSWER_YES);
        break;
    case NO:
        if (!rig_decide(rig, FORM_CONFIRM, ANSWER_NO)) rig_decide(rig, FORM_TAKE_OVER, ANSWER_NO);
        break;
    case HEAL:
        rig->unpatched_gone = true;
        rig_alert(rig, PAYMENT, SYMPTOM_ERRORS, false);
        break;
    case CRASH: die_and_come_back(rig); break;
    case BESIDE_COUNT: break;
    }
}

/* ---- what must hold, whatever the order ---- */

struct past { /* at the tie */
    struct op_id cancelled;
    uint32_t began, log_count; /* of the log: when the tie began, when it was cancelled */
    bool crashed;
};

static bool stage_of(const struct eng_effect *e, struct op_id op) {
    return e->kind == EFF_deploy_stage && ID_EQ(e->deploy_stage.op, op);
}

/* Shares of one operation's stages only grow; the same again only when it was not done. */
static const char *stages_grow(const struct rig *rig) {
    for (uint32_t o = 0; o < rig->op_count; o++) {
        int64_t share = 0;
        for (uint32_t k = 0; k < rig->log_count; k++) {
            const struct eng_effect *e = &rig->log[k].effect;
            if (!stage_of(e, rig->ops[o].id)) continue;
            if (e->deploy_stage.share_ppm < share) return "a stage went back without a rollback";
            share = e->deploy_stage.share_ppm;
        }
    }
    return NULL;
}

/* Each hold of the store's is given back by its token, or its operation lives. */
static const char *locks_end(const struct rig *rig) {
    for (int64_t token = 1; token <= rig->next_token; token++) {
        bool seen = false;
        for (uint32_t k = 0; k < rig->log_count && !seen; k++) {
            const struct eng_effect *e = &rig->log[k].effect;
            seen = e->kind == EFF_lock_release && e->lock_release.token_number == token;
        }
        if (!seen) return "a lock was never given back";
    }
    return NULL;
}

static const char *law_broken(struct rig *rig, const struct past *past) {
    struct eng_summary now;
    eng_summarise(rig->engine, &now);
    if (rig->broken) return rig->broken;
    for (uint32_t k = past->log_count; past->cancelled.v != 0 && k < rig->log_count; k++)
        if (stage_of(&rig->log[k].effect, past->cancelled))
            return "deployed after it was cancelled";
    if (rig_reported(rig, REPORT_CLOSED_RESOLVED) +
            rig_reported(rig, REPORT_CLOSED_HEALED_BY_ANOTHER) >
        rig_reported(rig, REPORT_OPENED))
        return "closed twice";
    if (now.operations_open == 0 && now.locks_held != 0) return "locks without an operation";
    if (now.operations_open == 0 && rig->candidate.v != 0 && !now.suspended)
        return "a canary serves that nobody looks after";
    if (now.operations_open == 0 && !past->crashed && locks_end(rig)) return locks_end(rig);
    if (now.operations_open > 0 && rig_state(rig) != STATE_PAUSED && !now.suspended)
        return "an operation goes on for ever";
    if (failing(rig) && now.incidents_open == 0 && !now.suspended)
        return "an open cause is forgotten";
    if (failing(rig) && rig_count(rig, EFF_notify) == 0) return "nobody was told of an open cause";
    return stages_grow(rig);
}

/* ---- one tie ---- */

struct tie {
    const struct story *story;
    uint32_t steps; /* until the answer that is held back is the next to come */
    int64_t timer;  /* up to whose due time */
    uint32_t count; /* of what happens: 0 the answer, 1 the timer, from 2 on beside[] */
    enum beside beside[2];
};
#define TIE_MAX 4

/* Takes the event out; the answer is let go of when the timer that it is to meet is due. */
static struct eng_input take(struct rig *rig, struct rig_event *event) {
    struct eng_input input = event->input;
    *event = rig->events[--rig->event_count];
    return input;
}

static struct rig_event *timer_event(struct rig *rig, int64_t timer) {
    for (uint32_t k = 0; k < rig->event_count; k++)
        if (rig->events[k].is_timer && rig->events[k].input.timer_fired.timer == timer)
            return &rig->events[k];
    return NULL;
}

/* It was cancelled, or armed anew, since then. */
static bool is_stale(const struct rig *rig, int64_t timer, uint32_t since) {
    for (uint32_t k = since; k < rig->log_count; k++) {
        const struct eng_effect *e = &rig->log[k].effect;
        if (e->kind == EFF_cancel_timer && e->cancel_timer.timer == timer) return true;
        if (e->kind == EFF_arm_timer && e->arm_timer.timer == timer) return true;
    }
    return false;
}

static void fire(struct rig *rig, const struct eng_input *timer, struct past *past) {
    bool stale = is_stale(rig, timer->timer_fired.timer, past->began);
    rig_feed(rig, timer);
    if (stale && rig->out->count > 0) rig->broken = "a timer acts that was cancelled before";
}

static void at_once(struct rig *rig, const struct tie *tie, const uint32_t *order,
                    const struct eng_input *answer, const struct eng_input *timer,
                    struct past *past) {
    past->began = rig->log_count;
    for (uint32_t k = 0; k < tie->count; k++) {
        uint32_t what = order[k];
        if (what == 0) rig_feed(rig, answer);
        if (what == 1 && timer && !past->crashed) fire(rig, timer, past); /* it died with it */
        if (what < 2) continue;
        struct op_id op = newest_op(rig);
        happen(rig, tie->beside[what - 2]);
        past->crashed |= tie->beside[what - 2] == CRASH;
        if (tie->beside[what - 2] != CANCEL || op.v == 0) continue;
        past->cancelled = op;
        past->log_count = rig->log_count;
    }
}

/* All is done; or, a minute on, a person's. */
static bool is_over(const struct rig *rig, time_ns since) {
    struct eng_summary now;
    eng_summarise(rig->engine, &now);
    bool ended = now.operations_open == 0, persons = ended || rig_state(rig) == STATE_PAUSED;
    return (ended && now.incidents_open == 0 && since > 3 * S) || (persons && since > 60 * S);
}

static const char *tell_tie(struct rig *rig, const struct tie *tie, const uint32_t *order) {
    struct past past = {0};
    begin(rig, tie->story);
    for (uint32_t k = 0; k < tie->steps; k++) step(rig);
    struct rig_event *held = next_event(rig), *timer = timer_event(rig, tie->timer);
    time_ns due = timer ? timer->due_mono : held->due_mono;
    struct eng_input answer = take(rig, held), fired;
    while ((held = next_event(rig)) && held->due_mono < due) step(rig);
    timer = timer_event(rig, tie->timer);
    bool is_due = timer && timer->due_mono == due;
    if (is_due) fired = take(rig, timer);
    if (due > rig->mono) clock_to(rig, due);
    at_once(rig, tie, order, &answer, is_due ? &fired : NULL, &past);
    time_ns end = rig->mono + 300 * S;
    while (rig->mono < end && !is_over(rig, rig->mono - due)) step(rig);
    const char *broken = law_broken(rig, &past);
    rig_close(rig);
    return broken;
}

/* ---- every order of every tie ---- */

static uint64_t told;

static void next_order(uint32_t *order, uint32_t count, bool *last) {
    uint32_t i = count - 1, k = count - 1;
    while (i > 0 && order[i - 1] >= order[i]) i--;
    *last = i == 0;
    if (*last) return;
    while (order[k] <= order[i - 1]) k--;
    uint32_t swap = order[i - 1];
    order[i - 1] = order[k];
    order[k] = swap;
    for (k = count - 1; i < k; i++, k--) {
        swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
}

static void in_every_order(struct rig *rig, const struct tie *tie, const struct rig_event *answer) {
    uint32_t order[TIE_MAX] = {0, 1, 2, 3};
    for (bool last = false; !last; next_order(order, tie->count, &last), told++) {
        const char *broken = tell_tie(rig, tie, order);
        if (!broken) continue;
        fprintf(stderr, "%s, step %u, %s held back to timer %lld, beside %s and %s, order",
                tie->story->name, tie->steps, input_name(answer->input.kind), (long long)tie->timer,
                beside_names[tie->count > 2 ? tie->beside[0] : NOTHING],
                beside_names[tie->count > 3 ? tie->beside[1] : NOTHING]);
        for (uint32_t k = 0; k < tie->count; k++) fprintf(stderr, " %u", order[k]);
        fprintf(stderr, ": %s\n", broken);
        CU_FAIL("a tie breaks what must hold");
    }
}

/* Alone, with each thing beside it, and with one of the weightiest pairs, in turn. */
static void beside_everything(struct rig *rig, struct tie tie, const struct rig_event *answer) {
    static const enum beside pairs[][2] = {
        {CANCEL, CRASH}, {CANCEL, HEAL}, {YES, NO}, {HEAL, CRASH}};
    static uint32_t turn;
    tie.count = 2;
    in_every_order(rig, &tie, answer);
    tie.count = 3;
    for (int what = 0; what < BESIDE_COUNT; what++) {
        tie.beside[0] = (enum beside)what;
        in_every_order(rig, &tie, answer);
    }
    tie.count = 4;
    memcpy(tie.beside, pairs[turn++ % ARRAY_LEN(pairs)], sizeof tie.beside);
    in_every_order(rig, &tie, answer);
}

/* What makes two ties the same: the kind of answer, the timer, and what the operation is at. */
struct met {
    enum input_kind kind;
    int64_t timer;
    enum op_state state;
};
#define MET_MAX 1024

static bool is_new(struct met *met, uint32_t *count, struct met now) {
    for (uint32_t k = 0; k < *count; k++)
        if (met[k].kind == now.kind && met[k].timer == now.timer && met[k].state == now.state)
            return false;
    if (*count < MET_MAX) met[(*count)++] = now;
    return true;
}

static void every_tie_of(const struct story *story) {
    static struct rig scout, rig;
    static struct met met[MET_MAX];
    uint32_t met_count = 0;
    begin(&scout, story);
    for (uint32_t steps = 0; scout.mono < 40 * S; steps++, step(&scout)) {
        const struct rig_event *next = next_event(&scout);
        bool at_answer = next && !next->is_timer && scout.mono - evaluated < S;
        for (uint32_t k = 0; at_answer && k < scout.event_count; k++) {
            const struct rig_event *timer = &scout.events[k];
            if (!timer->is_timer || timer->due_mono - scout.mono > AWAY_MAX) continue;
            int64_t number = timer->input.timer_fired.timer;
            if (!is_new(met, &met_count, (struct met){next->input.kind, number, rig_state(&scout)}))
                continue;
            time_ns scouts = evaluated; /* each telling has its own */
            beside_everything(&rig, (struct tie){.story = story, .steps = steps, .timer = number},
                              next);
            evaluated = scouts;
        }
    }
    rig_close(&scout);
    CU_ASSERT_TRUE(met_count > 20);
    fprintf(stderr, "%s: %u ties\n", story->name, met_count);
}

static void whatever_comes_at_once_keeps_the_laws(void) {
    for (size_t k = 0; k < ARRAY_LEN(stories); k++) every_tie_of(&stories[k]);
    CU_ASSERT_TRUE(told > 5000);
    fprintf(stderr, "%llu orders told\n", (unsigned long long)told);
}

TEST_MAIN("engine: ties", TEST(whatever_comes_at_once_keeps_the_laws))
