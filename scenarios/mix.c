/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Incidents of several kinds: when they come, which of a mix each is, whom it hits and how hard is
 * drawn when the plan is made, as incidents.c does of one kind. They come as a Poisson process
 * whose rate follows the hour of the day, by thinning (Lewis and Shedler, 1979). Each has a stream
 * of its own, so that what it is does not hang on how many draws those before it took.
 */
#include "engine/base/check.h"
#include "engine/base/ratio.h"
#include "scenarios/loading.h"

#define MIX_MAX              32
#define WEIGHT_MAX           1000
#define PATCHES_PER_INCIDENT 6
#define DAY_HOURS            24
#define CANDIDATES_MAX       1000000 /* looked at, also those that hit nobody */

struct cause { /* of the mix */
    const char *name;
    int64_t weight;
    uint32_t over_count;
    struct plan_fault *low, *high; /* what befalls each service, at the ends of the ranges */
};

struct mix {
    const struct scn_stream *stream;
    time_ns apart_ns;
    int64_t hours[DAY_HOURS];
    struct cause *causes;
    uint32_t cause_count;
};

static bool gets_requests(const struct plan *plan, uint32_t s) {
    enum topo_kind kind = plan->topology->services[s].kind;
    return (kind == TOPO_SERVICE || kind == TOPO_FRONTEND) && plan->visits_ppm[s] > 0;
}

static void refuse_falling(struct scn_loading *l, struct yaml_node *node,
                           const struct plan_fault *low, const struct plan_fault *high) {
    const char *key = low->value > high->value         ? "value"
                      : low->lasts_ns > high->lasts_ns ? "for"
                                                       : NULL;
    if (key) yaml_error(l->doc, yaml_key(l->doc, node, key), "a range begins with its lower end");
}

/* False after a message. */
static bool add_place(struct scn_loading *l, struct yaml_node *node, struct cause *c,
                      struct svc_id service) {
    struct plan_fault *low = &c->low[c->over_count], *high = &c->high[c->over_count];
    if (service.v == NONE_ID || !scn_read_cause(l, node, service, false, low)) return false;
    if (!scn_read_cause(l, node, service, true, high)) return false;
    uint32_t errors = l->doc->diags->errors;
    refuse_falling(l, node, low, high);
    c->over_count++;
    return l->doc->diags->errors == errors;
}

static void read_cause(struct scn_loading *l, struct yaml_node *node, struct yaml_node *over_all,
                       struct cause *c) {
    uint32_t services = l->plan->topology->service_count;
    struct yaml_node *own = yaml_key(l->doc, node, "over");
    struct yaml_node *over = yaml_is_null(own) ? over_all : own;
    uint32_t stated = scn_count(l, over, services, "services");
    c->weight = yaml_int(l->doc, yaml_key(l->doc, node, "weight"), 1, WEIGHT_MAX, 1);
    c->name = scn_name(l, scn_required(l, node, "name", "a cause in a mix"), "");
    c->low = ARENA_NEW(l->arena, struct plan_fault, services);
    c->high = ARENA_NEW(l->arena, struct plan_fault, services);
    for (uint32_t k = 0; k < stated; k++)
        if (!add_place(l, node, c, scn_service(l, over->items[k]))) return;
    for (uint32_t s = 0; yaml_is_null(over) && s < services; s++)
        if (gets_requests(l->plan, s) && !add_place(l, node, c, (struct svc_id){s})) return;
    if (c->over_count == 0) yaml_error(l->doc, node, "expected at least one service");
}

static void read_hours(struct scn_loading *l, struct yaml_node *list, struct mix *m) {
    int64_t sum = 0;
    uint32_t count = scn_count(l, list, DAY_HOURS, "hours");
    for (uint32_t h = 0; h < DAY_HOURS; h++) m->hours[h] = 1;
    if (yaml_is_null(list)) return;
    if (count != DAY_HOURS) {
        yaml_error(l->doc, list, "expected a weight for each of the 24 hours of the day, UTC");
        return;
    }
    for (uint32_t h = 0; h < DAY_HOURS; h++)
        sum += m->hours[h] = yaml_int(l->doc, list->items[h], 0, WEIGHT_MAX, 1);
    if (sum == 0) yaml_error(l->doc, list, "some hour has a weight above 0");
}

static bool read_mix(struct scn_loading *l, struct mix *m) {
    uint32_t errors = l->doc->diags->errors;
    struct yaml_node *node = m->stream->node, *list = yaml_key(l->doc, node, "mix");
    struct yaml_node *over = yaml_key(l->doc, node, "over");
    struct yaml_node *apart = yaml_key(l->doc, node, "apart");
    m->apart_ns = yaml_duration(l->doc, apart, 0, SCN_DURATION_MAX, 0);
    read_hours(l, yaml_key(l->doc, node, "hours"), m);
    m->cause_count = scn_count(l, list, MIX_MAX, "causes in the mix");
    m->causes = ARENA_NEW(l->arena, struct cause, m->cause_count);
    for (uint32_t k = 0; k < m->cause_count; k++)
        read_cause(l, list->items[k], over, &m->causes[k]);
    if (m->cause_count == 0 && l->doc->diags->errors == errors)
        yaml_error(l->doc, list, "expected at least one cause");
    yaml_unknown_keys(l->doc, node, "incidents");
    if (l->doc->diags->errors == errors)
        scn_refuse_rate(l, m->stream, (int64_t)PLAN_DEFECTS_MAX - l->plan->fault_count);
    return l->doc->diags->errors == errors;
}

/* ---- Draws ---- */

static int64_t between(struct prng *p, int64_t low, int64_t high) {
    uint64_t draw = prng_next(p);
    if (low == high) return low;
    return low + (int64_t)(((uint128)draw * ((uint64_t)(high - low) + 1)) >> 64);
}

static uint32_t weighted(struct prng *p, const int64_t *weights, uint32_t count) {
    int64_t sum = 0;
    for (uint32_t k = 0; k < count; k++) sum += weights[k];
    int64_t at = (int64_t)prng_below(p, (uint64_t)sum);
    for (uint32_t k = 0; k < count; k++)
        if ((at -= weights[k]) < 0) return k;
    UNREACHABLE();
}

/* Which of the cause's services, of those that had no incident for long enough; over_count: none.
 */
static uint32_t place(struct prng *p, const struct cause *c, const time_ns *free_from, time_ns at) {
    uint32_t ready = 0;
    for (uint32_t k = 0; k < c->over_count; k++) ready += free_from[c->low[k].service.v] <= at;
    if (ready == 0) return c->over_count;
    uint64_t chosen = prng_below(p, ready);
    for (uint32_t k = 0; k < c->over_count; k++)
        if (free_from[c->low[k].service.v] <= at && chosen-- == 0) return k;
    UNREACHABLE();
}

/* False: it hits nobody. */
static bool draw(const struct scn_loading *l, const struct mix *m, time_ns *free_from,
                 uint32_t number, time_ns at, struct plan_fault *out) {
    int64_t weights[MIX_MAX];
    struct prng p = prng_named(l->plan->seed, "incident", number);
    for (uint32_t k = 0; k < m->cause_count; k++) weights[k] = m->causes[k].weight;
    const struct cause *c = &m->causes[weighted(&p, weights, m->cause_count)];
    uint32_t k = place(&p, c, free_from, at);
    if (k == c->over_count) return false;
    *out = c->low[k];
    out->at = at;
    out->value = between(&p, c->low[k].value, c->high[k].value);
    out->lasts_ns = between(&p, c->low[k].lasts_ns, c->high[k].lasts_ns);
    if (out->lasts_ns > l->plan->duration_ns - at) out->lasts_ns = TIME_NEVER;
    out->name = scn_format(l->arena, "%.40s-%u", c->name, number + 1);
    free_from[out->service.v] = time_add(at, m->apart_ns);
    return true;
}

static bool stands(const struct plan_fault *faults, uint32_t count, const char *name) {
    for (uint32_t k = 0; k < count; k++)
        if (strcmp(faults[k].name, name) == 0) return true;
    return false;
}

/* The rate is that of a whole day on average; most may come in the busiest hour. */
static void draw_all(struct scn_loading *l, const struct mix *m, struct plan_fault *faults,
                     uint32_t *count) {
    const struct scn_stream *s = m->stream;
    int64_t sum = 0, most = 0;
    for (uint32_t h = 0; h < DAY_HOURS; h++) {
        sum += m->hours[h];
        if (m->hours[h] > most) most = m->hours[h];
    }
    time_ns mean = muldiv(s->gap_ns, sum, DAY_HOURS * most), at = s->from_ns;
    time_ns *free_from = ARENA_NEW(l->arena, time_ns, l->plan->topology->service_count);
    struct prng times = prng_named(l->plan->seed, "incidents", 0);
    uint32_t number = 0;
    for (uint32_t seen = 0; seen < CANDIDATES_MAX && *count < PLAN_DEFECTS_MAX; seen++) {
        at = time_add(at, scn_exponential(&times, mean > 0 ? mean : 1));
        int64_t kept = (int64_t)prng_below(&times, (uint64_t)most);
        if (at >= s->until_ns) return;
        if (kept >= m->hours[(l->plan->start_wall + at) / NS_PER_HOUR % DAY_HOURS]) continue;
        if (!draw(l, m, free_from, number++, at, &faults[*count])) continue;
        if (stands(faults, *count, faults[*count].name))
            yaml_error(l->doc, s->node, "a stated fault is called \"%s\", as a drawn one is",
                       faults[*count].name);
        (*count)++;
    }
    yaml_error(l->doc, s->rate, "seed %llu draws more incidents than fit into a run: a lower rate",
               (unsigned long long)l->plan->seed);
}

void scn_draw_mix(struct scn_loading *l, const struct scn_stream *stream) {
    struct mix m = {.stream = stream};
    if (!read_mix(l, &m)) return;
    struct plan_fault *faults = ARENA_NEW(l->arena, struct plan_fault, PLAN_DEFECTS_MAX);
    uint32_t count = l->plan->fault_count;
    if (count > 0) memcpy(faults, l->plan->faults, count * sizeof *faults);
    draw_all(l, &m, faults, &count);
    l->plan->faults = faults;
    l->plan->drawn_count = count - l->plan->fault_count;
    l->plan->fault_count = count;
}

/* As many as the incidents drawn may ask for, behind those that are stated. */
void scn_draw_patches(struct scn_loading *l) {
    struct plan *plan = l->plan;
    struct plan_answer of[MIX_MAX];
    int64_t weights[MIX_MAX];
    struct yaml_node *node = yaml_key(l->doc, l->root, "incidents");
    struct yaml_node *list = yaml_key(l->doc, node, "patches");
    uint32_t count = scn_count(l, list, MIX_MAX, "patches in the mix");
    uint32_t errors = l->doc->diags->errors;
    for (uint32_t k = 0; list && k < count; k++) {
        struct yaml_node *weight = yaml_key(l->doc, list->items[k], "weight");
        weights[k] = yaml_int(l->doc, weight, 1, WEIGHT_MAX, 1);
        scn_read_answer(l, list->items[k], &of[k]);
    }
    if (count == 0 || l->doc->diags->errors > errors) return;
    uint32_t drawn = plan->drawn_count * PATCHES_PER_INCIDENT, stated = plan->answer_count;
    if (drawn > SCN_ANSWERS_MAX - stated) drawn = SCN_ANSWERS_MAX - stated;
    struct plan_answer *answers = ARENA_NEW(l->arena, struct plan_answer, stated + drawn);
    if (stated > 0) memcpy(answers, plan->answers, stated * sizeof *answers);
    for (uint32_t k = 0; k < drawn; k++) {
        struct prng p = prng_named(plan->seed, "patch drawn", k);
        answers[stated + k] = of[weighted(&p, weights, count)];
    }
    plan->answers = answers;
    plan->answer_count = stated + drawn;
}
