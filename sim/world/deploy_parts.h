/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_DEPLOY_PARTS_H
#define SIM_WORLD_DEPLOY_PARTS_H
/* The deploy target's state, for deploy_target.c (revisions) and deploy_remedies.c (pods). */
#include "sim/world/internal.h"

enum deploy_action { ACTION_STAGE, ACTION_ROLL_BACK, ACTION_REMEDY };

struct token {
    int64_t epoch, number;
};

struct order {
    enum deploy_action action;
    uint32_t engine;
    int64_t request;
    struct op_id op;
    struct incident_id incident;
    struct svc_id service;
    struct revision_id revision, base; /* rollback: "from", "to" */
    int64_t share_ppm;
    struct token token;
    uint32_t left; /* pods it had still to change when it stopped */
    /* of a remedy: */
    enum remedy remedy;
    bool undo;
    int64_t amount, pod;
    uint32_t next_place; /* of a restart: the first that was not begun anew */
};

struct target {
    struct token seen;    /* highest */
    struct op_id rolling; /* whose candidate serves, while there is one */
    bool busy;
    struct order under_way;
    struct sim_handle finish;
    bool remedied;       /* the last remedy was carried out, and not undone: */
    struct order remedy; /* that */
};

struct deploy_target {
    struct world *world;
    struct target *targets; /* per service */
    uint16_t finish_kind;
};

/* ---- deploy_remedies.c ---- */
enum deploy_status remedy_judge(const struct deploy_target *d, const struct order *o);
/* How long until its next step is done. */
time_ns remedy_takes(const struct deploy_target *d, const struct order *o);
/* Whether the order is the former one again, which stopped at a pod out of reach. */
bool remedy_goes_on(const struct order *former, const struct order *o);
/* Goes on with it; true when it is carried out, and the world was told, or when it stopped with
 * pods left. */
bool remedy_step(struct deploy_target *d, struct order *o);

#endif
