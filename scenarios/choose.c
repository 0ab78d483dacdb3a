/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A role that the topology does not map can be chosen by the shape of its graph: so a scenario runs
 * on files of facts too, which know nothing of roles. */
#include "scenarios/loading.h"
#include "engine/base/ratio.h"
#include "topologies/roles.h"

enum rule { RULE_LEAF, RULE_CALLER };
static const char *const rules[] = {"leaf", "caller"};

static bool calls_another(const struct topology *t, uint32_t s) {
    for (uint32_t k = t->out_offset[s]; k < t->out_offset[s + 1]; k++)
        if (topo_serves(t, t->out_target[k])) return true;
    return false;
}

/* Of more affected services than the policy's limits allow, a person decides: no engine would act.
 */
static struct topo_reach reach_of(const struct scn_loading *l) {
    const struct eng_config *config = &l->scenario->policy.config;
    return (struct topo_reach){(uint32_t)config->conflicts.max_depth, config->gates.blast_count,
                               config->gates.blast_ppm, config->gates.blast_share_from};
}

static bool within_blast_radius(const struct scn_loading *l, uint32_t s) {
    const struct topo_reach reach = reach_of(l);
    return topo_within_reach(l->plan->topology, (struct svc_id){s}, &reach);
}

static bool has_a_role(const struct scn_loading *l, uint32_t s) {
    for (uint32_t i = 0; i < l->role_count; i++)
        if (l->roles[i].service.v == s) return true;
    return false;
}

/* The most visited one that fits: its rate then asks least of the others. */
static struct svc_id most_visited(struct scn_loading *l, enum rule rule) {
    const struct topology *t = l->plan->topology;
    struct svc_id best = ID_NONE(svc_id);
    int64_t *visits = ARENA_NEW(l->arena, int64_t, t->service_count);
    if (!topo_visit_ratios(t, visits)) return best;
    for (uint32_t s = 0; s < t->service_count; s++) {
        bool fits = t->services[s].kind == TOPO_SERVICE && visits[s] > 0 &&
                    calls_another(t, s) == (rule == RULE_CALLER) && !has_a_role(l, s);
        bool better = best.v == NONE_ID || (fits && visits[s] > visits[best.v]);
        if (fits && better && within_blast_radius(l, s)) best.v = s;
    }
    return best;
}

/* Who calls it most often for each request of its own; of those, the most visited. */
static struct svc_id chief_caller(struct scn_loading *l, struct svc_id callee, int64_t least) {
    const struct topology *t = l->plan->topology;
    struct svc_id best = ID_NONE(svc_id);
    int64_t *visits = ARENA_NEW(l->arena, int64_t, t->service_count);
    if (callee.v == NONE_ID || !topo_visit_ratios(t, visits)) return best;
    for (uint32_t s = 0; s < t->service_count; s++) {
        int64_t calls = topo_awaited(t, (struct svc_id){s}, callee);
        int64_t most = best.v == NONE_ID ? 0 : topo_awaited(t, best, callee);
        if (calls < least) continue;
        bool better = calls > most || (calls == most && calls > 0 && visits[s] > visits[best.v]);
        if (t->services[s].kind == TOPO_SERVICE && better && within_blast_radius(l, s)) best.v = s;
    }
    return best;
}

static struct svc_id choose_caller(struct scn_loading *l, struct yaml_node *rule) {
    struct yaml_node *of = scn_required(l, rule, "caller_of", "choose");
    int64_t least = yaml_share(l->doc, yaml_key(l->doc, rule, "at_least"), 0, PPM_ONE, 0);
    struct svc_id callee = scn_service(l, of), chosen = chief_caller(l, callee, least);
    char share[32];
    share_format(share, sizeof share, least);
    yaml_unknown_keys(l->doc, rule, "choose");
    if (chosen.v == NONE_ID && callee.v != NONE_ID)
        scn_uncast(l, of, "nobody who is within the policy's blast radius calls \"%s\"%s%s%s",
                   l->plan->topology->services[callee.v].name, least ? " for at least " : "",
                   least ? share : "", least ? " of its requests" : "");
    return chosen;
}

struct svc_id scn_choose(struct scn_loading *l, const char *role, struct yaml_node *node) {
    if (node->kind == YAML_MAPPING) return choose_caller(l, node);
    int rule = yaml_choice(l->doc, node, rules, ARRAY_LEN(rules), -1);
    struct svc_id mapped = topo_service_named(l->plan->topology, role);
    if (rule < 0 || mapped.v != NONE_ID) return mapped;
    struct svc_id chosen = most_visited(l, (enum rule)rule);
    if (chosen.v == NONE_ID)
        scn_uncast(l, node,
                   "no %s of topology \"%s\" is left that gets requests and whose callers are "
                   "within the policy's blast radius",
                   rules[rule], l->scenario->topology_name);
    return chosen;
}

void scn_gave_role(struct scn_loading *l, const char *role, struct svc_id service) {
    const struct topology *t = l->plan->topology;
    if (service.v == NONE_ID || ID_EQ(topo_service_named(t, role), service)) return;
    l->services[service.v].role = role;
}

static int usual_role(const char *name) {
    int role = 0;
    while (role < TOPO_USUAL_COUNT && strcmp(topo_usual_name((enum topo_usual)role), name) != 0)
        role++;
    return role;
}

bool scn_is_usual(const char *name) { return usual_role(name) < TOPO_USUAL_COUNT; }

struct svc_id scn_usual_role(struct scn_loading *l, const char *name) {
    const struct topology *t = l->plan->topology;
    const struct topo_reach reach = reach_of(l);
    struct svc_id roles[TOPO_USUAL_COUNT];
    int role = usual_role(name);
    if (role == TOPO_USUAL_COUNT) return ID_NONE(svc_id);
    int64_t *visits = ARENA_NEW(l->arena, int64_t, t->service_count);
    if (!topo_visit_ratios(t, visits)) return ID_NONE(svc_id);
    topo_usual_roles(t, visits, &reach, roles);
    scn_gave_role(l, topo_usual_name((enum topo_usual)role), roles[role]);
    return roles[role];
}

/* How often the caller calls it on the mean says what of a failing share reaches the caller. */
void scn_seen_by(struct scn_loading *l, struct yaml_node *fault, struct plan_fault *f) {
    const struct topology *t = l->plan->topology;
    struct yaml_node *node = yaml_key(l->doc, fault, "seen_by");
    struct svc_id caller = yaml_is_null(node) ? ID_NONE(svc_id) : scn_service(l, node);
    if (caller.v == NONE_ID || f->service.v == NONE_ID) return;
    int64_t awaited = topo_awaited(t, caller, f->service);
    int128 value = awaited > 0 ? (int128)f->value * PPM_ONE / awaited : PPM_ONE + 1;
    if (value > PPM_ONE)
        yaml_error(l->doc, node, "\"%s\" waits for too few calls of \"%s\" to see so many fail",
                   t->services[caller.v].name, t->services[f->service.v].name);
    else
        f->value = (int64_t)value;
}
