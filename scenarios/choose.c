/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A role that the topology does not map can be chosen by the shape of its graph: so a scenario runs
 * on files of facts too, which know nothing of roles. */
#include "scenarios/loading.h"
#include "engine/base/ratio.h"

enum rule { RULE_LEAF, RULE_CALLER };
static const char *const rules[] = {"leaf", "caller"};

static bool serves_requests(const struct topology *t, uint32_t s) {
    return t->services[s].kind == TOPO_SERVICE || t->services[s].kind == TOPO_FRONTEND;
}

static bool calls_another(const struct topology *t, uint32_t s) {
    for (uint32_t k = t->out_offset[s]; k < t->out_offset[s + 1]; k++)
        if (serves_requests(t, t->out_target[k])) return true;
    return false;
}

/* Of more affected services than these limits allow, a person decides: no engine would act. */
static bool within_blast_radius(const struct scn_loading *l, uint32_t s) {
    const struct topology *t = l->plan->topology;
    const struct eng_config *config = &l->scenario->policy.config;
    int64_t services = 0, depth = config->conflicts.max_depth;
    for (uint32_t i = 0; i < t->service_count; i++) services += serves_requests(t, i);
    int64_t affected = topo_callers_within(t, (struct svc_id){s}, (uint32_t)depth);
    if (affected > config->gates.blast_count) return false;
    return affected < config->gates.blast_share_from ||
           ppm_of(affected, services) <= config->gates.blast_ppm;
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

struct svc_id scn_choose(struct scn_loading *l, const char *role, struct yaml_node *node) {
    int rule = yaml_choice(l->doc, node, rules, ARRAY_LEN(rules), -1);
    struct svc_id mapped = topo_service_named(l->plan->topology, role);
    if (rule < 0 || mapped.v != NONE_ID) return mapped;
    struct svc_id chosen = most_visited(l, (enum rule)rule);
    if (chosen.v == NONE_ID)
        yaml_error(l->doc, node,
                   "no %s of topology \"%s\" is left that gets requests and whose callers are "
                   "within the policy's blast radius",
                   rules[rule], l->scenario->topology_name);
    return chosen;
}
