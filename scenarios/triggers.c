/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a fault begins, and what of it goes on in steps. */
#include "scenarios/loading.h"
#include "engine/base/ratio.h"

#define STEP_EVERY_DEFAULT (5 * NS_PER_S)
#define TRIGGER_NTH_MAX    1000

static int read_state(struct scn_loading *l, struct yaml_node *node) {
    const char *names[TRIGGER_COUNT];
    for (int t = 0; t < TRIGGER_COUNT; t++) names[t] = plan_trigger_name(t);
    int state = yaml_choice(l->doc, node, names + 1, TRIGGER_COUNT - 1, -1);
    return state < 0 ? TRIGGER_AT : state + 1;
}

/* "on: verification", or {state, of, nth, after}. */
static void read_on(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    f->at = TIME_NEVER;
    f->trigger_nth = 1;
    if (node->kind != YAML_MAPPING) {
        f->trigger = read_state(l, node);
        return;
    }
    f->trigger = read_state(l, scn_required(l, node, "state", "on"));
    f->trigger_of = scn_any_service(l, node, "of");
    f->trigger_nth = yaml_int(l->doc, yaml_key(l->doc, node, "nth"), 1, TRIGGER_NTH_MAX, 1);
    f->trigger_after_ns =
        yaml_duration(l->doc, yaml_key(l->doc, node, "after"), 0, SCN_DURATION_MAX, 0);
    yaml_unknown_keys(l->doc, node, "on");
}

static void read_end(struct scn_loading *l, struct yaml_node *lasts, const struct plan_fault *f) {
    time_ns end = l->plan->duration_ns;
    char begins[32], ends[32];
    duration_format(begins, sizeof begins, f->at);
    duration_format(ends, sizeof ends, end);
    if (f->lasts_ns != TIME_NEVER && f->lasts_ns > end - f->at)
        yaml_error(l->doc, lasts,
                   "\"%.80s\" from %s on is beyond the run's end at %s; without \"for\" it lasts "
                   "until everything is healed",
                   lasts->text, begins, ends);
}

void scn_read_span(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    struct yaml_node *on = yaml_key(l->doc, node, "on"), *at = yaml_key(l->doc, node, "at");
    struct yaml_node *lasts = yaml_key(l->doc, node, "for");
    f->trigger_of = ID_NONE(svc_id);
    f->lasts_ns = yaml_duration(l->doc, lasts, 1, TIME_NEVER, TIME_NEVER);
    if (!yaml_is_null(on)) {
        read_on(l, on, f);
        if (!yaml_is_null(at))
            yaml_error(l->doc, at, "a fault begins at a time or on a state, not both");
        return;
    }
    at = scn_required(l, node, "at", "a fault");
    f->at = yaml_duration(l->doc, at, 0, TIME_NEVER, 0);
    if (f->at < l->plan->duration_ns) {
        read_end(l, lasts, f);
        return;
    }
    char begins[32], ends[32];
    duration_format(begins, sizeof begins, f->at);
    duration_format(ends, sizeof ends, l->plan->duration_ns);
    yaml_error(l->doc, at, "%s is not before the run's end at %s", begins, ends);
}

void scn_read_every(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    f->step_every_ns = yaml_duration(l->doc, yaml_key(l->doc, node, "every"), 1, SCN_DURATION_MAX,
                                     STEP_EVERY_DEFAULT);
}

void scn_read_rollout(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    struct yaml_node *steps = yaml_key(l->doc, node, "steps");
    uint32_t count = scn_count(l, steps, PLAN_STEPS_MAX, "steps");
    f->service = scn_service(l, scn_required(l, node, "target", "a fault"));
    scn_read_every(l, node, f);
    f->step_count = count > 0 ? count : 1;
    f->step_ppm[0] = PPM_ONE;
    for (uint32_t k = 0; k < count; k++) {
        f->step_ppm[k] = yaml_share(l->doc, steps->items[k], 1, PPM_ONE, PPM_ONE);
        if (k > 0 && f->step_ppm[k] <= f->step_ppm[k - 1])
            yaml_error(l->doc, steps->items[k], "the steps of a rollout have to rise");
    }
}

/* The locks that an operator takes, in his own order: nobody refuses a stranger. */
void scn_read_held(struct scn_loading *l, struct yaml_node *node, struct plan_fault *f) {
    static const char *const scopes[] = {"SERVICE", "DEPLOYMENT"};
    static const enum lock_scope values[] = {SCOPE_SERVICE, SCOPE_DEPLOYMENT};
    struct yaml_node *locks = yaml_key(l->doc, node, "locks");
    uint32_t count = scn_count(l, locks, PLAN_HELD_MAX, "locks");
    f->held_count = count;
    for (uint32_t k = 0; k < count; k++) {
        int scope = yaml_choice(l->doc, locks->items[k], scopes, ARRAY_LEN(scopes), 0);
        f->held[k] = values[scope];
        if (k > 0 && f->held[k] == f->held[0])
            yaml_error(l->doc, locks->items[k], "the same lock stands twice");
    }
    if (count > 1 && (f->keeps_ns > 0 || f->waits_ns > 0))
        yaml_error(l->doc, locks, "hands that come and go are on one lock");
    if (count > 1) scn_read_every(l, node, f);
}
