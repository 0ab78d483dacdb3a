/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * From alerts to incidents. An alert names who suffers, not who is to blame: a service whose
 * failures are its callees' joins the cause's incident. So an alert is first a suspect, whose own
 * excess is asked of metrics; only own excess opens an incident, keyed by service and symptom.
 */

bool number_of(const struct in_query_result *in, int64_t *micro) {
    if (in->kind != VALUE_NUMBER) return false;
    *micro = in->micro;
    return true;
}

struct incident *incident_by_id(struct engine *e, struct incident_id id) {
    for (uint32_t k = 0; k < e->config->limits.incidents; k++)
        if (e->incidents[k].in_use && ID_EQ(e->incidents[k].id, id)) return &e->incidents[k];
    return NULL;
}

static struct incident *incident_of(struct engine *e, struct svc_id service, enum symptom symptom) {
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        struct incident *i = &e->incidents[k];
        if (i->in_use && i->symptom == symptom &&
            (ID_EQ(i->service, service) || ID_EQ(i->alerted, service)))
            return i;
    }
    return NULL;
}

static struct suspect *suspect_of(struct engine *e, struct svc_id service, enum symptom symptom) {
    struct suspect *free_one = NULL;
    for (uint32_t k = 0; k < e->suspect_count; k++) {
        struct suspect *s = &e->suspects[k];
        if (s->in_use && ID_EQ(s->service, service) && s->symptom == symptom) return s;
        if (!s->in_use && !free_one) free_one = s;
    }
    if (!free_one) {
        refuse(e, "alert: max_incidents suspects are looked at", e->suspect_count);
        return NULL;
    }
    memset(free_one, 0, sizeof *free_one);
    *free_one = (struct suspect){.in_use = true, .service = service, .symptom = symptom};
    return free_one;
}

enum query_kind symptom_query(enum symptom symptom) {
    switch (symptom) {
    case SYMPTOM_ERRORS: return QUERY_OWN_ERROR_SHARE;
    case SYMPTOM_LATENCY: return QUERY_LATENCY_P95;
    default: return QUERY_CPU_SHARE;
    }
}

enum suspect_part { PART_OWN, PART_CALLEE, PART_RATE };

static void suspect_ask(struct engine *e, struct suspect *s) {
    uint32_t index = (uint32_t)(s - e->suspects);
    time_ns window = e->config->detection.rate_window_ns;
    struct revision_id all = {0};
    drop_queries(e, OWNER_SUSPECT, index); /* an answer that never came is not waited for */
    s->asked_mono = e->mono;
    s->own = s->rate = s->worst_callee = (struct gate_number){VALUE_UNAVAILABLE, 0, 0};
    s->answers_due = 0;
    int64_t generation = (int64_t)s->service.v;
    if (ask_metrics(e, OWNER_SUSPECT, index, generation, PART_OWN, symptom_query(s->symptom),
                    s->service, all, window, 0))
        s->answers_due++;
    if (s->symptom == SYMPTOM_ERRORS && ask_metrics(e, OWNER_SUSPECT, index, generation, PART_RATE,
                                                    QUERY_REQUEST_RATE, s->service, all, window, 0))
        s->answers_due++;
    if (s->symptom != SYMPTOM_LATENCY) return;
    /* latency adds up along calls: a slow callee explains a slow caller */
    uint32_t first = e->graph.out_offset[s->service.v];
    uint32_t last = e->graph.out_offset[s->service.v + 1];
    for (uint32_t k = first; k < last && k - first < CANDIDATES_MAX; k++)
        if (ask_metrics(e, OWNER_SUSPECT, index, generation, PART_CALLEE, QUERY_LATENCY_P95,
                        (struct svc_id){e->graph.out_target[k]}, all, window, 0))
            s->answers_due++;
}

static bool overdue(const struct engine *e, time_ns asked_mono) {
    return e->mono - asked_mono >= e->config->detection.query_timeout_ns;
}

/* Asks for its own figure, unless that is being asked already. */
static void look_at_severity(struct engine *e, struct incident *i) {
    if (i->own_due && !overdue(e, i->own_asked_mono)) return;
    i->own_asked_mono = e->mono;
    i->own_due = ask_metrics(e, OWNER_INCIDENT, incident_index(e, i), (int64_t)i->id.v,
                             PART_SEVERITY, symptom_query(i->symptom), i->service,
                             (struct revision_id){0}, e->config->detection.rate_window_ns, 0);
}

/* One that people have is theirs to heal; when its alert is over, and its figures say so too, it is
 * closed, and what comes next is a new one. */
static void alert_resolved(struct engine *e, const struct in_alert *in, struct incident *i) {
    for (uint32_t k = 0; k < e->suspect_count; k++) {
        struct suspect *s = &e->suspects[k];
        if (!s->in_use || !ID_EQ(s->service, in->service) || (int64_t)s->symptom != in->symptom)
            continue;
        s->in_use = false;
        drop_queries(e, OWNER_SUSPECT, k);
    }
    if (i) fading_begin(e, i);
}

void incident_on_alert(struct engine *e, const struct in_alert *in) {
    enum symptom symptom = (enum symptom)in->symptom;
    struct incident *i = incident_of(e, in->service, symptom);
    if (!in->firing) {
        alert_resolved(e, in, i);
        return;
    }
    if (i) { /* a rate window fills slowly: severity is judged again until something is deployed */
        i->fading = false;
        if (i->stage != INCIDENT_HANDED_OVER && ID_EQ(i->service, in->service))
            look_at_severity(e, i);
        return;
    }
    struct suspect *s = suspect_of(e, in->service, symptom);
    if (!s || (s->answers_due > 0 && !overdue(e, s->asked_mono))) return;
    s->since_wall = in->active_since_wall;
    suspect_ask(e, s);
}

int64_t breach_limit(const struct engine *e, enum symptom symptom) {
    switch (symptom) {
    case SYMPTOM_ERRORS: return e->config->detection.own_error_limit_ppm;
    case SYMPTOM_LATENCY: return e->config->detection.latency_limit_micro;
    default: return PPM_ONE - e->config->gates.cpu_headroom_ppm;
    }
}

int64_t incidents_in_breach(const struct engine *e) {
    int64_t in_breach = 0;
    for (uint32_t k = 0; k < e->config->limits.incidents; k++)
        if (e->incidents[k].in_use && e->incidents[k].symptom == SYMPTOM_ERRORS) in_breach++;
    return in_breach;
}

bool incident_in_cascade(const struct engine *e, const struct incident *i) {
    if (i->symptom != SYMPTOM_ERRORS || i->stage == INCIDENT_HANDED_OVER) return false;
    return incidents_in_breach(e) >= e->config->detection.cascade_services;
}

struct incident *incident_slot(struct engine *e) {
    uint32_t k = 0;
    while (k < e->config->limits.incidents && e->incidents[k].in_use) k++;
    if (k == e->config->limits.incidents) return NULL;
    struct incident *i = &e->incidents[k];
    int64_t generation = i->timer_generation;
    memset(i, 0, sizeof *i);
    i->timer_generation = generation;
    i->in_use = true;
    i->opened_mono = e->mono;
    i->op = NO_INDEX;
    i->culprit = ID_NONE(svc_id);
    i->severity = SEVERITY_ERROR;
    return i;
}

/* One failure of ten requests is ten percent, and says next to nothing. */
static int64_t surely(const struct engine *e, const struct suspect *s) {
    if (s->symptom != SYMPTOM_ERRORS) return s->own.micro;
    int64_t rate = s->rate.kind == VALUE_NUMBER ? s->rate.micro : 0;
    struct proportion seen = {.total = requests_micro(e, rate) / PPM_ONE};
    seen.errors = ppm_mul(seen.total, s->own.micro);
    int64_t low, high;
    wilson_bounds(seen, compare_z_milli(e->config->detection.alpha_ppm, 1), &low, &high);
    return low;
}

static void record_detection(struct engine *e, struct incident *i, const struct suspect *s) {
    time_ns window = e->config->detection.rate_window_ns;
    int64_t limit = breach_limit(e, s->symptom), low = surely(e, s);
    bool critical =
        s->symptom == SYMPTOM_ERRORS && s->own.micro >= e->config->detection.critical_error_ppm;
    struct decision_note d = decide(e, DECISION_INCIDENT_DETECTION, i, NULL);
    decide_since(&d, mono_of(e, s->since_wall));
    decide_factor(&d, symptom_name(s->symptom), s->own.micro, "own figure over the window");
    decide_factor(&d, "limit", limit, "a breach is over this");
    if (s->symptom == SYMPTOM_ERRORS)
        decide_factor(&d, "surely", low, "its lower bound, by so many requests");
    decide_told(&d, symptom_query(s->symptom), &s->own, window, 0);
    if (s->symptom == SYMPTOM_ERRORS) decide_told(&d, QUERY_REQUEST_RATE, &s->rate, window, 0);
    if (s->worst_callee.kind == VALUE_NUMBER)
        decide_input(&d, &(struct decision_input){.name = query_name(QUERY_LATENCY_P95),
                                                  .source = source_name(SOURCE_METRICS),
                                                  .figure = s->worst_callee,
                                                  .of_service = true,
                                                  .service = s->callee,
                                                  .window = window});
    decide_constraint(&d, "own_excess", true, true);
    decide_constraint(&d, "no_callee_in_breach", true, true);
    decide_constraint(&d, "no_cause_elsewhere", true, true);
    decide_alternative(&d, "incident", low, "it is looked into", "", NULL);
    decide_alternative(&d, "no incident", limit, "nothing is done", "its users suffer",
                       "the figure is surely over the limit");
    i->decided[DECISION_INCIDENT_DETECTION] =
        decide_end(&d, "incident", PPM_ONE,
                   critical ? "the service exceeds the critical limit by its own excess"
                            : "the service exceeds its limit by its own excess");
}

static void incident_open(struct engine *e, const struct suspect *s) {
    int64_t own = s->own.micro;
    struct incident *i = incident_slot(e);
    if (!i) {
        refuse(e, "incident: max_incidents are open", e->config->limits.incidents);
        tell(e, SEVERITY_CRITICAL, REASON_CAPACITY, NULL, NULL, "too many incidents at once");
        return;
    }
    i->id.v =
        ((uint64_t)e->config->engine << 48) | ((uint64_t)e->incarnation << 32) | ++e->next_incident;
    i->alerted = i->service = s->service;
    i->symptom = s->symptom;
    i->opened_wall = e->wall;
    i->since_wall = s->since_wall;
    i->own_now = own;
    e->incident_walls[e->incident_wall_count++ % PAST_MAX] = e->wall;
    const struct entry_figure figures[] = {
        {"event", REPORT_OPENED}, {"symptom", i->symptom}, {"own", own}};
    audit_figures(e, CATEGORY_INCIDENT_DETECTION, SEVERITY_ERROR, NULL, i, "incident opened", NULL,
                  figures, ARRAY_LEN(figures));
    record_detection(e, i, s);
    report(e, REPORT_OPENED, i, NULL, own);
    tell(e, SEVERITY_WARNING, REASON_INCIDENT_OPENED, i, NULL, "an incident was detected");
    incident_on_severity(e, i);
    if (incident_in_cascade(e, i))
        round_begin(e); /* this one and all others */
    else if (i->stage == INCIDENT_GATHERING)
        diagnose_begin(e, i);
}

/* What one of our own patches does while it serves, and a rate window longer, is looked at by its
 * own operation: a canary that hangs makes its callers slow, whatever it was to cure. */
static bool ours_is_changing(const struct engine *e, struct svc_id service) {
    for (uint32_t k = 0; k < e->config->limits.operations; k++)
        if (e->ops[k].in_use && e->ops[k].served && ID_EQ(e->ops[k].service, service)) return true;
    for (uint32_t k = 0; k < e->change_count; k++) {
        const struct recent_change *change = &e->changes[k];
        time_ns age = e->mono - change->at_mono;
        if (change->op.v >> 48 == e->config->engine && ID_EQ(change->service, service) &&
            age <= e->config->detection.rate_window_ns)
            return true;
    }
    return false;
}

/* Slowness adds up along calls and leaves callers last: while an incident of a service that this
 * one calls is open, or a rate window after it closed, what shows here joins it. Errors need no
 * such rule, own ones are counted apart. */
static bool joins_another(struct engine *e, const struct suspect *s) {
    if (s->symptom != SYMPTOM_LATENCY) return false;
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        const struct incident *i = &e->incidents[k];
        bool recent =
            i->closed_wall > 0 && e->wall - i->closed_wall <= e->config->detection.rate_window_ns;
        bool same = i->symptom == s->symptom, ours = ours_is_changing(e, i->service);
        if ((!i->in_use && !recent) || (!same && !ours)) continue;
        if (ours && ID_EQ(i->service, s->service)) return true;
        if (graph_hops(e->search, s->service, i->service, e->config->conflicts.max_depth) > 0)
            return true;
    }
    return false;
}

void suspect_on_metric(struct engine *e, uint32_t index, const struct in_query_result *in,
                       uint32_t part) {
    struct suspect *s = &e->suspects[index];
    const struct gate_number told = {(enum value_kind)in->kind, in->micro, e->wall};
    if (part == PART_OWN)
        s->own = told;
    else if (part == PART_RATE)
        s->rate = told;
    else if (told.kind == VALUE_NUMBER && told.micro > s->worst_callee.micro) {
        s->worst_callee = told;
        s->callee = in->service;
    }
    if (--s->answers_due > 0) return;
    int64_t limit = breach_limit(e, s->symptom);
    /* quantiles do not subtract: while a callee is in breach, this one's own part is not known */
    bool passes_on = s->worst_callee.micro >= limit || joins_another(e, s);
    s->in_use = false; /* the next evaluation of the alert looks again */
    if (s->own.kind == VALUE_NUMBER && surely(e, s) >= limit && !passes_on) incident_open(e, s);
}

void incident_on_severity(struct engine *e, struct incident *i) {
    if (i->symptom != SYMPTOM_ERRORS || i->stage == INCIDENT_HANDED_OVER) return;
    if (i->own_now < e->config->detection.critical_error_ppm) return;
    i->severity = SEVERITY_CRITICAL;
    incident_hand_over(e, i, REASON_CRITICAL_ERRORS, "own error share is critical");
}

void incident_on_look(struct engine *e, struct incident *i, int64_t own) {
    if (i->stage == INCIDENT_HANDED_OVER) return;
    if (i->op != NO_INDEX && e->ops[i->op].served) return; /* what is seen is the patch's already */
    i->own_now = own;
    incident_on_severity(e, i);
}

void incident_hand_over(struct engine *e, struct incident *i, enum reason why, const char *what) {
    if (i->stage == INCIDENT_HANDED_OVER) return;
    i->stage = INCIDENT_HANDED_OVER;
    incident_timer_cancel(e, i);
    audit_figures(e, CATEGORY_INCIDENT_DETECTION, SEVERITY_CRITICAL, NULL, i, "handed to a person",
                  NULL, &(struct entry_figure){"event", REPORT_ESCALATED}, 1);
    report(e, REPORT_ESCALATED, i, NULL, why);
    struct op *op = i->op == NO_INDEX ? NULL : &e->ops[i->op];
    if (op && op->state != STATE_PAUSED)
        op_pause(e, op, why, FORM_TAKE_OVER, what);
    else
        incident_ask(e, i, FORM_TAKE_OVER, SEVERITY_CRITICAL, why, op ? &op->plan : NULL, what);
}

void incident_close(struct engine *e, struct incident *i, enum report_kind how) {
    bool healed = how == REPORT_CLOSED_RESOLVED;
    audit_figures(e, CATEGORY_INCIDENT_DETECTION, SEVERITY_INFO, NULL, i,
                  healed ? "closed: resolved" : "closed: healed by another", NULL,
                  &(struct entry_figure){"event", how}, 1);
    report(e, how, i, NULL, (int64_t)(e->mono - i->opened_mono));
    tell(e, SEVERITY_INFO, REASON_RESOLVED, i, NULL,
         healed ? "healed and verified" : "healed by another");
    decisions_of_incident(e, i, how);
    incident_timer_cancel(e, i);
    drop_queries(e, OWNER_INCIDENT, incident_index(e, i));
    i->closed_wall = e->wall;
    i->in_use = false;
}
