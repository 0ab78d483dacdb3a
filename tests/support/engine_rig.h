/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_ENGINE_RIG_H
#define TESTS_ENGINE_RIG_H
/*
 * A tiny host for one engine: a small graph, the figures of policies/fast.yaml, and a friendly
 * world that answers every request, so that a test says only what differs. A test may answer a
 * request itself (hook), set a knob, or feed inputs by hand.
 *
 * After every step the rig looks at what must always hold: no more effects than fit, legal
 * transitions, an audit chain without gap, a world effect only in the step that receives its own
 * entry's acknowledgement, nothing new taken or deployed while suspended, nothing deployed by a
 * paused operation. The first fact that does not hold stands in "broken".
 *
 *   frontend(0) -> payment(1) -> bank(2)      search(3), profile(4): nobody's callers
 */
#include "engine/engine.h"
#include "tests/unit/small_graph.h"

#define RIG_EVENTS_MAX 2048  /* answers under way and timers armed */
#define RIG_LOG_MAX    32768 /* effects remembered */
#define RIG_OPS_MAX    1024  /* operations whose states are followed */

#define FRONTEND ((struct svc_id){0})
#define PAYMENT  ((struct svc_id){1})
#define BANK     ((struct svc_id){2})
#define SEARCH   ((struct svc_id){3})
#define PROFILE  ((struct svc_id){4})

struct rig;
enum rig_answer { RIG_FRIENDLY, RIG_MINE, RIG_SILENT };
/* Looks at an effect before the friendly world does. RIG_MINE: answer is delivered as it stands,
 * after the usual time; it comes with its kind unset. */
typedef enum rig_answer (*rig_hook)(struct rig *rig, const struct eng_effect *effect,
                                    struct eng_input *answer);
/* Sees each input, as the engine gets it, before the engine does. */
typedef void (*rig_tap)(void *context, const struct eng_input *input);

struct rig_event {
    time_ns due_mono;
    uint64_t order;
    bool is_timer;
    struct eng_input input;
};
struct rig_logged {
    time_ns mono;
    struct eng_effect effect;
};
struct rig_op {
    struct op_id id;
    enum op_state state;
};

struct rig {
    struct arena arena;
    struct eng_config config; /* change it before rig_start */
    struct small_graph graph;
    struct engine *engine;
    struct eng_effects *out; /* of the last step */
    const char *broken;      /* the first fact that did not hold; NULL */
    time_ns wall, mono;

    rig_hook hook;
    rig_tap tap; /* NULL: none */
    void *tap_context;
    time_ns answers_after;  /* latency of every answer; 1 ms */
    bool silent[EFF_COUNT]; /* requests of these kinds are lost */
    int64_t incarnation;
    int64_t own_share_ppm;      /* payment's, without the patch */
    int64_t patched_share_ppm;  /* the patch's own failures */
    int64_t rate;               /* requests a second */
    int64_t micro[QUERY_COUNT]; /* what other questions are answered with */
    enum value_kind kind[QUERY_COUNT];
    bool alerting;         /* payment's alert is evaluated each second */
    struct svc_id culprit; /* whom traces and the excess point at */
    struct intents others; /* intents in the registry beside the engine's own */
    bool unpatched_gone;   /* the cause went away by itself */

    /* of the friendly world */
    struct revision_id serving, candidate;
    struct revision_id former; /* what served before "serving"; 0: not known */
    int64_t drained;           /* pods kept from traffic, a bit each */
    int64_t share_ppm, next_revision, next_token, next_intent, approvals;
    int64_t requests[2], errors[2]; /* counted so far: candidate, stable */
    time_ns counted_mono;

    struct rig_event *events;
    uint32_t event_count;
    uint64_t next_order;
    struct rig_logged *log;
    uint32_t log_count;
    struct rig_memory *memory;
    struct rig_op ops[RIG_OPS_MAX];
    uint32_t op_count;
    struct hash chain_head;
    int64_t chain_length;
    bool suspended;
};

void rig_open(struct rig *rig);  /* friendly knobs; the engine is not there yet */
void rig_start(struct rig *rig); /* opens the engine and feeds "recovered" */
void rig_close(struct rig *rig);

/* One step with this input, now. Its effects are looked at, logged, and answered later. */
void rig_feed(struct rig *rig, const struct eng_input *input);
/* This input after so long, beside all that is under way. */
void rig_later(struct rig *rig, const struct eng_input *input, time_ns after);
/* What the friendly world would say to an effect; false when it says nothing. */
bool rig_friendly(struct rig *rig, const struct eng_effect *effect, struct eng_input *answer);
/* Answers and timers in order of time, until so much time has passed. */
void rig_run(struct rig *rig, time_ns duration);
/* The next answer or timer alone; false when nothing is due. */
bool rig_next(struct rig *rig);

void rig_alert(struct rig *rig, struct svc_id service, enum symptom symptom, bool firing);
/* Answers the newest message of this form that asks something. False if there is none. */
bool rig_decide(struct rig *rig, enum message_form form, enum answer answer);
/* The same by hand: somebody of that team and role says so, now unless issued_wall says when. */
void rig_says(struct rig *rig, struct in_person_decision said, const char *team, const char *role);
/* Somebody on call of that team, for a reason, and with an approval of the operation's plan. */
void rig_command(struct rig *rig, enum command_kind command, const char *team, struct op_id op);

/* Questions about what the engine did, all over the log. */
uint32_t rig_count(const struct rig *rig, enum effect_kind kind);
const struct eng_effect *rig_last(const struct rig *rig, enum effect_kind kind); /* NULL: none */
uint32_t rig_reported(const struct rig *rig, enum report_kind kind);
uint32_t rig_told(const struct rig *rig, enum message_form form, enum reason why);
bool rig_audited(const struct rig *rig, enum category category, const char *what);
uint32_t rig_entries(const struct rig *rig, enum op_state state); /* how often one was entered */
struct op_id rig_op(const struct rig *rig, uint32_t nth);         /* in order of opening */
enum op_state rig_state(const struct rig *rig);                   /* of the newest operation */

#endif
