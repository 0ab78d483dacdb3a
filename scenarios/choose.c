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

/* Calls for one request, as far as the caller waits for them. */
static int64_t awaited(const struct topology *t, struct svc_id from, struct svc_id to) {
    int64_t calls = 0;
    for (uint32_t k = t->call_offset[from.v]; k < t->call_offset[from.v + 1]; k++)
        if (ID_EQ(t->calls[k].to, to) && !t->calls[k].async) calls += t->calls[k].per_request_ppm;
    return calls;
}

/* Who calls it most often for each request of its own; of those, the most visited. */
static struct svc_id chief_caller(struct scn_loading *l, struct svc_id callee) {
    const struct topology *t = l->plan->topology;
    struct svc_id best = ID_NONE(svc_id);
    int64_t *visits = ARENA_NEW(l->arena, int64_t, t->service_count);
    if (callee.v == NONE_ID || !topo_visit_ratios(t, visits)) return best;
    for (uint32_t s = 0; s < t->service_count; s++) {
        int64_t calls = awaited(t, (struct svc_id){s}, callee);
        int64_t most = best.v == NONE_ID ? 0 : awaited(t, best, callee);
        bool better = calls > most || (calls == most && calls > 0 && visits[s] > visits[best.v]);
        if (t->services[s].kind == TOPO_SERVICE && better && within_blast_radius(l, s)) best.v = s;
    }
    return best;
}

static struct svc_id choose_caller(struct scn_loading *l, struct yaml_node *rule) {
    struct yaml_node *of = scn_required(l, rule, "caller_of", "choose");
    struct svc_id callee = scn_service(l, of), chosen = chief_caller(l, callee);
    yaml_unknown_keys(l->doc, rule, "choose");
    if (chosen.v == NONE_ID && callee.v != NONE_ID)
        yaml_error(l->doc, of, "nobody who is within the policy's blast radius calls \"%s\"",
                   l->plan->topology->services[callee.v].name);
    return chosen;
}

struct svc_id scn_choose(struct scn_loading *l, const char *role, struct yaml_node *node) {
    if (node->kind == YAML_MAPPING) return choose_caller(l, node);
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
