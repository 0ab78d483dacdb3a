/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_CONFLICT_H
#define ENGINE_CONFLICT_H
/*
 * The conflict detector: given one planned operation, the others that are registered and the recent
 * changes, all conflicts that hold, each with explanation, recommendation and action; the most
 * severe decides. Pure. The definitions are SPEC §2's table; kinds: deployment, rollback,
 * configuration, restart, scaling exclude one another on a service; verification and patch
 * generation exclude nothing; maintenance excludes everything.
 */
#include "engine/graph.h"
#include "engine/words/contract.h"

struct recent_change { /* something that changed a service, by anybody */
    struct svc_id service;
    struct op_id op; /* none when by other people */
    time_ns at_mono; /* by this engine's monotonic clock, from when it was told: wall clocks step */
    bool running;    /* a foreign rollout that has not ended */
    enum op_kind kind;
    struct revision_id revision; /* that serves by it; 0: not known, or none */
};
struct planned {
    struct op_id op;
    enum op_kind kind;
    struct svc_id service;
    bool changes_shared;
    bool undoes; /* what others changed, told of then: */
    time_ns undone_mono;
};
/* What an operation takes back is no reason for it to wait. */
static inline bool change_is_undone(const struct recent_change *change,
                                    const struct planned *planned) {
    bool by_an_engine = change->op.v != 0 && change->op.v != NONE_ID64;
    return planned->undoes && !by_an_engine && change->at_mono == planned->undone_mono &&
           ID_EQ(change->service, planned->service);
}

struct conflict {
    enum conflict_type type;
    enum severity severity;
    enum action action;
    struct op_id other; /* none: TIMING by other people */
    struct svc_id other_service;
    int64_t other_number; /* registry number, 0 for changes */
    /* DIRECT: both kinds | DEPENDENCY, UPSTREAM, DOWNSTREAM: hops, most hops | SHARED_RESOURCE:
     * group, - | CASCADE: services affected, or their share in ppm | TIMING: elapsed, cooldown in
     * ns */
    int64_t figure, limit;
    bool of_share;      /* CASCADE: figure and limit are shares */
    time_ns until_mono; /* TIMING: when the cooldown is over, at the earliest; 0 otherwise */
};
#define CONFLICTS_MAX 32
struct conflicts {
    uint32_t count;
    struct conflict list[CONFLICTS_MAX]; /* in order of registry number, then type; if more hold,
                                            the least severe are left out */
    enum action action;                  /* of the most severe; ALLOW when none */
    int64_t deciding;                    /* index of it, -1 when none */
};

/* The most severe decides: by severity, then action, then lowest number, then type.
 * own_number: intents with a lower number (they came first) conflict; higher ones must yield to us.
 * 0: all count. include_direct: the registry's numbered check leaves DIRECT out, since the SERVICE
 * lock serialises it; ask with true to report it. Maintenance is DIRECT with everything and always
 * reported: no SERVICE lock stands between it and an operation. On one service only DIRECT and
 * TIMING are asked; the other types relate two services. An operation that only reads
 * (verification, patch generation) conflicts with maintenance alone. The operation's own intent and
 * changes never count. */
void conflict_detect(struct eng_search *search, const struct eng_config *config,
                     const struct planned *planned, const struct intents *intents,
                     int64_t own_number, bool include_direct, const struct recent_change *changes,
                     uint32_t change_count, time_ns now_mono, struct conflicts *out);
/* What a person was shown of the conflicts that stop an operation. */
struct shown_conflicts {
    uint32_t count;
    struct {
        enum conflict_type type;
        struct op_id other;
    } list[CONFLICTS_MAX];
};
void conflict_show(const struct conflicts *found, struct shown_conflicts *out);
/* Leaves out what a person approved: those that pause and were shown. The rest decides. */
void conflict_waive(struct conflicts *found, const struct shown_conflicts *shown);
bool conflict_kinds_exclude(enum op_kind a, enum op_kind b);
/* One sentence each: why it holds, what to do. */
void conflict_explain(const struct conflict *conflict, struct text *explanation,
                      struct text *recommendation);

#endif
