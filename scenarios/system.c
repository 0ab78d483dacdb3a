/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system that runs: its clock, the engines, and the services with the load they carry. */
#include "scenarios/loading.h"
#include "engine/base/ratio.h"

#define BUSY_MAX_PPM   (PPM_ONE / 2)
#define SLOTS_MAX      1000000
#define LATENCY_MAX    NS_PER_HOUR
#define START_WALL     (INT64_C(1767603600) * NS_PER_S) /* 2026-01-05T09:00:00Z */
#define LOCK_SLACK_MAX NS_PER_HOUR

static time_ns duration(struct scn_loading *l, struct yaml_node *mapping, const char *key,
                        time_ns low, time_ns high, time_ns otherwise) {
    return yaml_duration(l->doc, yaml_key(l->doc, mapping, key), low, high, otherwise);
}

/* By which a store may be late: etcd looks for leases that ended every half second. */
static const time_ns expiry_slack[] = {[BACKEND_ETCD] = NS_PER_S / 2, [BACKEND_FILE] = 0};

/* ---- Clock ---- */

/* The policy holds its own sample interval against the window; a scenario may scrape less often. */
static void check_scrape(struct scn_loading *l) {
    struct yaml_node *node = yaml_key(l->doc, l->root, "scrape");
    time_ns window = l->scenario->policy.config.detection.rate_window_ns;
    char held[32], apart[32];
    if (yaml_is_null(node) || window >= 2 * l->plan->scrape_ns) return;
    duration_format(held, sizeof held, window);
    duration_format(apart, sizeof apart, l->plan->scrape_ns);
    yaml_error(l->doc, node,
               "the policy's detection.rate_window, %s, holds fewer than two samples %s apart, so "
               "that no rate has a value",
               held, apart);
}

static void read_clock(struct scn_loading *l) {
    struct plan *plan = l->plan;
    time_ns sampled = l->scenario->policy.config.detection.sample_interval_ns;
    plan->start_wall = yaml_wall(l->doc, yaml_key(l->doc, l->root, "start"), START_WALL);
    plan->duration_ns = yaml_duration(l->doc, scn_required(l, l->root, "duration", "a scenario"),
                                      NS_PER_S, SCN_DURATION_MAX, SCN_DURATION_MAX);
    plan->settle_ns =
        duration(l, l->root, "settle", NS_PER_S, SCN_DURATION_MAX, SCN_SETTLE_DEFAULT);
    plan->scrape_ns = duration(l, l->root, "scrape", NS_PER_MS, NS_PER_HOUR, sampled);
    check_scrape(l);
    plan->evaluate_ns = duration(l, l->root, "evaluate", NS_PER_MS, NS_PER_HOUR, plan->scrape_ns);
    plan->scrape_offset_ns = duration(l, l->root, "scrape_offset", 0, plan->scrape_ns - 1, 0);
    plan->lock_backend = l->scenario->policy.backend;
    plan->lock_expiry_slack_ns = duration(l, l->root, "lock_expiry_slack", 0, LOCK_SLACK_MAX,
                                          expiry_slack[plan->lock_backend]);
    const struct eng_remedies *remedies = &l->scenario->policy.config.remedies;
    for (uint32_t k = 0; k < remedies->count; k++)
        if (remedies->order[k] == REMEDY_SCALE_OUT) plan->scale_most_ppm = remedies->scale_most_ppm;
    plan->target_unguarded = !yaml_bool(l->doc, yaml_key(l->doc, l->root, "target_guards"), true);
}

static void read_times(struct scn_loading *l) {
    struct plan_times *t = &l->plan->times;
    *t = (struct plan_times){.logs_ns = 4 * NS_PER_S,
                             .traces_ns = 6 * NS_PER_S,
                             .patch_ns = 10 * NS_PER_S,
                             .checks_ns = 3 * NS_PER_S,
                             .rollout_ns = NS_PER_S,
                             .rollback_ns = NS_PER_S,
                             .pod_start_ns = 3 * NS_PER_S};
    const struct {
        const char *key;
        time_ns *ns;
    } times[] = {
        {"logs", &t->logs_ns},           {"traces", &t->traces_ns},
        {"patch", &t->patch_ns},         {"checks", &t->checks_ns},
        {"rollout", &t->rollout_ns},     {"rollback", &t->rollback_ns},
        {"metrics", &t->metrics_ns},     {"lock_store", &t->lock_store_ns},
        {"log_store", &t->log_store_ns}, {"notify", &t->notify_ns},
        {"link", &t->link_ns},           {"pod_start", &t->pod_start_ns},
    };
    struct yaml_node *node = yaml_key(l->doc, l->root, "service_times");
    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        *times[i].ns = duration(l, node, times[i].key, 0, LATENCY_MAX, *times[i].ns);
    yaml_unknown_keys(l->doc, node, "service_times");
}

/* ---- Engines ---- */

static uint32_t read_alerts(struct scn_loading *l, struct yaml_node *list) {
    if (yaml_is_null(list)) return (1u << SYMPTOM_COUNT) - 1;
    uint32_t bits = 0;
    for (uint32_t i = 0, count = yaml_count(l->doc, list); i < count; i++) {
        int symptom = scn_word(l, list->items[i], symptom_name, SYMPTOM_COUNT, -1);
        if (symptom >= 0) bits |= 1u << symptom;
    }
    return bits;
}

static void read_engines(struct scn_loading *l) {
    struct yaml_node *list = yaml_key(l->doc, l->root, "engines");
    bool number = list && list->kind == YAML_SCALAR;
    uint32_t stated = number ? 0 : scn_count(l, list, SCN_ENGINES_MAX, "engines");
    uint32_t count =
        stated ? stated : (uint32_t)yaml_int(l->doc, number ? list : NULL, 1, SCN_ENGINES_MAX, 1);
    struct plan_engine *engines = ARENA_NEW(l->arena, struct plan_engine, count);
    for (uint32_t i = 0; i < count; i++) {
        struct yaml_node *node = stated ? list->items[i] : NULL;
        const char *usual = scn_format(l->arena, "engine-%u", i);
        engines[i].name = scn_name(l, yaml_key(l->doc, node, "name"), usual);
        engines[i].symptoms = read_alerts(l, yaml_key(l->doc, node, "alerts"));
        yaml_unknown_keys(l->doc, node, "engine");
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(engines[j].name, engines[i].name) == 0)
                yaml_error(l->doc, node, "engine \"%s\" stands twice", engines[i].name);
    }
    l->plan->engines = engines;
    l->plan->engine_count = count;
}

/* ---- Roles and load ---- */

struct load {
    const struct yaml_node *place; /* where it is stated; NULL: nowhere yet */
    struct svc_id service;         /* whose rate it is; none: what enters */
    int64_t rate_milli;
    int64_t recorded_milli; /* peak of a recording; 0: none */
};

static void state_load(struct scn_loading *l, struct load *load, struct yaml_node *node,
                       struct svc_id service) {
    if (yaml_is_null(node)) return;
    int64_t milli = scn_rate(l, node, 0);
    if (load->place)
        yaml_error(l->doc, node, "a second rate: line %d states one, and the others follow from it",
                   load->place->line);
    else
        *load = (struct load){.place = node, .service = service, .rate_milli = milli};
}

static void state_count(struct scn_loading *l, struct yaml_node *mapping, const char *key,
                        uint32_t high, uint32_t *count) {
    struct yaml_node *node = yaml_key(l->doc, mapping, key);
    *count = (uint32_t)yaml_int(l->doc, node, 1, high, *count);
}

static void read_role(struct scn_loading *l, const struct yaml_node *key, struct yaml_node *node,
                      struct load *load) {
    struct yaml_node *stands_for = yaml_key(l->doc, node, "service");
    struct yaml_node *rule = yaml_key(l->doc, node, "choose");
    struct yaml_node role = *key; /* the key itself names the service unless it says otherwise */
    struct svc_id service = !yaml_is_null(stands_for) ? scn_service(l, stands_for)
                            : !yaml_is_null(rule)     ? scn_choose(l, key->text, rule)
                                                      : scn_service(l, &role);
    struct plan_service unused = {0}, *s = service.v == NONE_ID ? &unused : &l->services[service.v];
    state_count(l, node, "replicas", SCN_PODS_MAX, &s->replicas);
    state_count(l, node, "slots", SLOTS_MAX, &s->slots);
    s->memory_limit_bytes =
        yaml_size(l->doc, yaml_key(l->doc, node, "memory_limit"), s->memory_limit_bytes);
    s->criticality_ppm =
        yaml_share(l->doc, yaml_key(l->doc, node, "criticality"), 0, PPM_ONE, s->criticality_ppm);
    s->slots_stated |= !yaml_is_null(yaml_key(l->doc, node, "slots"));
    state_load(l, load, yaml_key(l->doc, node, "rate"), service);
    if (!yaml_is_null(rule)) scn_gave_role(l, key->text, service);
    yaml_unknown_keys(l->doc, node, "role");
    l->roles[l->role_count++] = (struct scn_role){key->text, service};
}

/* Every pod has its series in the simulated Prometheus. Told where most pods are stated. */
static void refuse_too_many_pods(struct scn_loading *l, struct yaml_node *roles) {
    uint64_t pods = 0;
    for (uint32_t s = 0; s < l->plan->topology->service_count; s++)
        pods += l->plan->services[s].replicas;
    if (pods <= SCN_PODS_MAX) return;
    const struct yaml_node *place = yaml_key(l->doc, l->root, "topology");
    uint32_t most = 0;
    for (uint32_t i = 0; i < l->role_count; i++) {
        struct yaml_node *stated = yaml_key(l->doc, roles->items[i], "replicas");
        struct svc_id s = l->roles[i].service;
        if (yaml_is_null(stated) || s.v == NONE_ID || l->plan->services[s.v].replicas <= most)
            continue;
        most = l->plan->services[s.v].replicas;
        place = stated;
    }
    yaml_error(l->doc, place, "%llu pods in all services together; expected at most %d",
               (unsigned long long)pods, SCN_PODS_MAX);
}

static void read_roles(struct scn_loading *l, struct load *load) {
    const struct topology *t = l->plan->topology;
    l->services = ARENA_NEW(l->arena, struct plan_service, t->service_count);
    for (uint32_t s = 0; s < t->service_count; s++)
        l->services[s] =
            (struct plan_service){.replicas = t->services[s].replicas,
                                  .slots = t->services[s].slots,
                                  .slots_stated = t->services[s].slots_stated,
                                  .memory_limit_bytes = t->services[s].memory_limit_mb << 20,
                                  .criticality_ppm = t->services[s].criticality_ppm,
                                  .role = ""};
    l->plan->services = l->services;
    struct yaml_node *roles = yaml_key(l->doc, l->root, "roles");
    uint32_t count = yaml_pairs(l->doc, roles);
    l->roles = ARENA_NEW(l->arena, struct scn_role, count);
    for (uint32_t i = 0; i < count; i++) read_role(l, roles->keys[i], roles->items[i], load);
    refuse_too_many_pods(l, roles);
}

static void read_load(struct scn_loading *l, struct load *load) {
    static const char *const arrivals[] = {"poisson", "uniform", "erlang2"};
    struct yaml_node *node = yaml_key(l->doc, l->root, "load");
    state_load(l, load, yaml_key(l->doc, node, "entry"), ID_NONE(svc_id));
    l->plan->arrivals =
        (enum plan_arrivals)yaml_choice(l->doc, yaml_key(l->doc, node, "arrivals"), arrivals,
                                        ARRAY_LEN(arrivals), ARRIVALS_POISSON);
    struct yaml_node *recorded = yaml_key(l->doc, node, "recorded");
    if (!yaml_is_null(recorded)) load->recorded_milli = scn_read_recorded(l, recorded);
    if (load->recorded_milli > 0 && !load->place) {
        load->place = recorded;
        load->service = ID_NONE(svc_id);
        load->rate_milli = load->recorded_milli;
    }
    yaml_unknown_keys(l->doc, node, "load");
    if (!load->place && yaml_is_null(recorded))
        yaml_error(
            l->doc, node ? node : l->root,
            "no load: state the \"rate\" of a role, or \"entry\" or \"recorded\" of \"load\"");
}

/* What has to enter for a service to get its rate; to the nearest thousandth. */
static int64_t entry_for(struct scn_loading *l, const struct load *load) {
    if (load->service.v == NONE_ID) return load->rate_milli;
    int64_t visits = l->plan->visits_ppm[load->service.v];
    if (visits > 0) return (int64_t)(((int128)load->rate_milli * PPM_ONE + visits / 2) / visits);
    yaml_error(l->doc, load->place, "no request that enters ever reaches \"%s\"",
               l->plan->topology->services[load->service.v].name);
    return 0;
}

/* Slots that a service holds on the mean at its load, in ppm. */
static int128 held_ppm(const struct plan *plan, uint32_t s) {
    return (int128)plan->entry_rate_milli * plan->visits_ppm[s] / 1000 *
           plan->topology->services[s].service_time_ns / NS_PER_S;
}

/* Share of its slots that a service holds at its load; saturates. */
static int64_t busy_ppm(const struct plan *plan, uint32_t s) {
    int128 slots = (int128)plan->services[s].replicas * plan->services[s].slots;
    int128 busy = held_ppm(plan, s) / slots;
    return busy > INT64_MAX ? INT64_MAX : (int64_t)busy;
}

/* A file of facts says nothing of how much its services can take: they take what this load asks. */
static void give_slots(struct scn_loading *l) {
    for (uint32_t s = 0; s < l->plan->topology->service_count; s++) {
        struct plan_service *service = &l->services[s];
        if (service->slots_stated || busy_ppm(l->plan, s) <= BUSY_MAX_PPM) continue;
        int128 pod_half = (int128)service->replicas * BUSY_MAX_PPM;
        int128 needed = (held_ppm(l->plan, s) + pod_half - 1) / pod_half;
        service->slots = needed > SLOTS_MAX ? SLOTS_MAX : (uint32_t)needed;
    }
}

static void refuse_overload(struct scn_loading *l, const struct load *load) {
    const struct plan *plan = l->plan;
    uint32_t busiest = 0;
    for (uint32_t s = 1; s < plan->topology->service_count; s++)
        if (busy_ppm(plan, s) > busy_ppm(plan, busiest)) busiest = s;
    int64_t busy = busy_ppm(plan, busiest);
    if (busy <= BUSY_MAX_PPM) return;
    char share[32];
    share_format(share, sizeof share, busy / 1000 * 1000);
    yaml_error(l->doc, load->place,
               "\"%s\" would be %s busy, and no service may be over 50%%: less load, or more "
               "replicas or slots for it",
               plan->topology->services[busiest].name, share);
}

static void solve_load(struct scn_loading *l, const struct load *load) {
    struct plan *plan = l->plan;
    int64_t *visits = ARENA_NEW(l->arena, int64_t, plan->topology->service_count);
    plan->visits_ppm = visits;
    if (!topo_visit_ratios(plan->topology, visits)) {
        yaml_error(l->doc, l->root,
                   "topology \"%s\" feeds back without end: its calls make ever "
                   "more calls",
                   l->scenario->topology_name);
        return;
    }
    if (!load->place) return;
    plan->entry_rate_milli = entry_for(l, load);
    if (load->recorded_milli > 0) scn_scale_recorded(l, load->recorded_milli);
    if (plan->entry_rate_milli > SCN_RATE_MAX * INT64_C(1000))
        yaml_error(l->doc, load->place, "more than %d/s would have to enter", SCN_RATE_MAX);
    else {
        give_slots(l);
        refuse_overload(l, load);
    }
}

void scn_read_system(struct scn_loading *l) {
    struct load load = {0};
    read_clock(l);
    read_times(l);
    read_engines(l);
    read_roles(l, &load);
    read_load(l, &load);
    solve_load(l, &load);
}
