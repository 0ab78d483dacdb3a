/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

#include <sodium/crypto_hash_sha256.h>

/*
 * From an incident to its cause: logs, traces and per-service figures are asked at once; when all
 * have answered, or are late, the candidates are ranked (root_cause.h). Too few sources: a person
 * is told and nothing is guessed. Not sure enough: a person confirms. Hardly sure: it is a
 * person's.
 */

/* A service that has an incident of its own explains that one, not this. */
static bool explained(const struct engine *e, const struct incident *i, struct svc_id service) {
    for (uint32_t k = 0; k < e->config->limits.incidents; k++) {
        const struct incident *other = &e->incidents[k];
        if (other != i && other->in_use && other->symptom == i->symptom &&
            ID_EQ(other->service, service))
            return true;
    }
    return false;
}

static void add_candidate(const struct engine *e, struct incident *i, struct svc_id service) {
    if (explained(e, i, service)) return;
    for (uint32_t k = 0; k < i->candidate_count; k++)
        if (ID_EQ(i->candidate[k].service, service)) return;
    if (i->candidate_count < CANDIDATES_MAX)
        i->candidate[i->candidate_count++] = (struct candidate){.service = service};
}

static void note_changes(struct engine *e, struct incident *i) {
    for (uint32_t c = 0; c < e->change_count; c++) {
        const struct recent_change *change = &e->changes[c];
        time_ns age = e->mono - change->at_mono;
        if (age > e->config->root_cause.change_window_ns) continue;
        add_candidate(e, i, change->service);
        for (uint32_t k = 0; k < i->candidate_count; k++) {
            struct candidate *candidate = &i->candidate[k];
            if (!ID_EQ(candidate->service, change->service)) continue;
            if (!candidate->changed_deployment || age < candidate->change_age_ns)
                candidate->change_age_ns = age;
            candidate->changed_deployment = true;
        }
    }
}

static void ask_candidates(struct engine *e, struct incident *i) {
    time_ns window = e->config->detection.rate_window_ns;
    time_ns before = incident_lasts(e, i) + window + e->config->detection.sample_interval_ns;
    enum query_kind query =
        i->symptom == SYMPTOM_LATENCY ? QUERY_LATENCY_P95 : QUERY_OWN_ERROR_SHARE;
    uint32_t index = incident_index(e, i);
    struct revision_id all = {0};
    i->figure_before_ns = before;
    /* own latency of others is not known without their callees': only the alerted one is asked */
    uint32_t count = i->symptom == SYMPTOM_LATENCY ? 1 : i->candidate_count;
    for (uint32_t k = 0; k < count; k++) {
        struct svc_id service = i->candidate[k].service;
        if (ask_metrics(e, OWNER_INCIDENT, index, (int64_t)i->id.v, 2 * k, query, service, all,
                        window, 0))
            i->answers_due++;
        if (ask_metrics(e, OWNER_INCIDENT, index, (int64_t)i->id.v, 2 * k + 1, query, service, all,
                        window, before))
            i->answers_due++;
    }
}

static void ask_source(struct engine *e, struct incident *i, enum source_kind source) {
    emit(e, EFF_ask_evidence)->ask_evidence = (struct eff_ask_evidence){
        next_request(e), i->id, i->alerted, source, e->config->evidence.window_ns};
}

void diagnose_begin(struct engine *e, struct incident *i) {
    static const struct gate_number nothing = {VALUE_UNAVAILABLE, 0, 0};
    if (e->mode == MODE_OBSERVE) return;
    for (uint32_t k = 0; k < CANDIDATES_MAX; k++) i->figure[k][0] = i->figure[k][1] = nothing;
    add_candidate(e, i, i->alerted);
    uint32_t first = e->graph.out_offset[i->alerted.v];
    uint32_t last = e->graph.out_offset[i->alerted.v + 1];
    for (uint32_t k = first; k < last && i->candidate_count < CANDIDATES_MAX / 2; k++)
        add_candidate(e, i, (struct svc_id){e->graph.out_target[k]});
    note_changes(e, i);
    ask_candidates(e, i);
    ask_source(e, i, SOURCE_LOGS);
    ask_source(e, i, SOURCE_TRACES);
    incident_timer_arm(e, i, e->config->evidence.timeout_ns);
}

static bool source_present(const struct incident *i, enum source_kind source) {
    return i->source_answered[source] &&
           (i->source[source] == REPLY_OK || i->source[source] == REPLY_ABSENT);
}

/* What it adds by itself: own now less own before; of latency as a share of the limit. */
static void excess_of(const struct engine *e, struct incident *i, uint32_t k) {
    const struct gate_number *now = &i->figure[k][0], *before = &i->figure[k][1];
    struct candidate *candidate = &i->candidate[k];
    candidate->own_known = now->kind == VALUE_NUMBER;
    if (!candidate->own_known) return;
    int64_t excess = now->micro - (before->kind == VALUE_NUMBER ? before->micro : 0);
    if (i->symptom == SYMPTOM_LATENCY)
        excess = ppm_of(excess, e->config->detection.latency_limit_micro);
    candidate->own_excess_ppm = excess > 0 ? excess : 0;
}

static void input_of(struct decision_note *d, const char *name, const char *source,
                     struct svc_id service, struct gate_number figure) {
    decide_input(d, &(struct decision_input){.name = name,
                                             .source = source,
                                             .figure = figure,
                                             .of_service = true,
                                             .service = service});
}

/* What is known of a candidate, before they are put in order. */
static void inputs_of(const struct engine *e, struct decision_note *d, const struct incident *i,
                      uint32_t k) {
    enum query_kind query =
        i->symptom == SYMPTOM_LATENCY ? QUERY_LATENCY_P95 : QUERY_OWN_ERROR_SHARE;
    const struct candidate *c = &i->candidate[k];
    for (int past = 0; past < 2; past++)
        if (i->figure[k][past].told_wall != 0)
            decide_input(d, &(struct decision_input){.name = query_name(query),
                                                     .source = source_name(SOURCE_METRICS),
                                                     .figure = i->figure[k][past],
                                                     .of_service = true,
                                                     .service = c->service,
                                                     .window = e->config->detection.rate_window_ns,
                                                     .offset = past ? i->figure_before_ns : 0});
    if (c->changed_deployment)
        input_of(d, "changed_before", INPUT_OF_CHANGES, c->service,
                 (struct gate_number){VALUE_NUMBER, c->change_age_ns / NS_PER_US, 0});
    if (ID_EQ(c->service, i->culprit))
        input_of(d, "failing_traces", INPUT_OF_TRACES, c->service,
                 (struct gate_number){VALUE_NUMBER, i->culprit_share_ppm, i->culprit_wall});
}

static void judge_candidates(struct engine *e, struct incident *i, struct decision_note *d) {
    for (uint32_t k = 0; k < i->candidate_count; k++) {
        excess_of(e, i, k);
        if (ID_EQ(i->candidate[k].service, i->culprit))
            i->candidate[k].trace_share_ppm = i->culprit_share_ppm;
        inputs_of(e, d, i, k);
    }
    i->own_baseline = i->figure[0][1].kind == VALUE_NUMBER ? i->figure[0][1].micro : 0;
    root_cause_rank(e->search, e->config, i->alerted, i->candidate, i->candidate_count,
                    &i->diagnosis);
}

static void weigh(struct decision_note *d, const struct incident *i) {
    input_of(d, "alerted", INPUT_OF_ENGINE, i->alerted, (struct gate_number){VALUE_NUMBER, 0, 0});
    for (uint32_t k = 0; k < i->candidate_count; k++)
        input_of(d, "hops", INPUT_OF_GRAPH, i->candidate[k].service,
                 (struct gate_number){VALUE_NUMBER, i->candidate[k].hops * PPM_ONE, 0});
    for (uint32_t k = 0; k < i->candidate_count && k < 3; k++) {
        decide_factor(d, "score", i->candidate[k].score_ppm, "of a candidate, best first");
        decide_factor(d, "own_excess", i->candidate[k].own_excess_ppm, "what it adds itself");
    }
    decide_constraint(d, "sources", true, true);
    for (uint32_t k = 0; k < i->candidate_count; k++) {
        const struct candidate *c = &i->candidate[k];
        char room[24];
        struct writer w = writer_of(room, sizeof room - 1);
        write_text(&w, "service ");
        write_int(&w, c->service.v);
        room[w.len] = 0;
        bool best = ID_EQ(c->service, i->diagnosis.service);
        decide_alternative(
            d, room, c->score_ppm, c->own_excess_ppm > 0 ? "it fails by itself" : "",
            c->changed_deployment && c->own_excess_ppm == 0 ? "it changed, and does not fail" : "",
            best ? NULL : "a lower score");
    }
}

static void diagnose(struct engine *e, struct incident *i) {
    const struct diagnosis *diagnosis = &i->diagnosis;
    struct decision_note d = decide(e, DECISION_RCA_ANALYSIS, i, NULL);
    decide_since(&d, i->opened_mono);
    judge_candidates(e, i, &d);
    weigh(&d, i);
    i->decided[DECISION_RCA_ANALYSIS] =
        decide_end(&d, "cause", diagnosis->confidence_ppm,
                   diagnosis->misleading_change ? "a recent change points elsewhere than own excess"
                                                : "own excess points here and no change disagrees");
    audit(e, CATEGORY_ROOT_CAUSE_ANALYSIS, SEVERITY_INFO, NULL, i, "root cause ranked", NULL);
    if (i->file.len) {
        struct text place = {0};
        struct writer w = writer_of(place.s, TEXT_MAX);
        write_bytes(&w, i->file.s, i->file.len);
        write_text(&w, ":");
        write_int(&w, i->line);
        place.len = (uint16_t)w.len;
        audit(e, CATEGORY_CODE_LOCALIZATION, SEVERITY_INFO, NULL, i, "localised", &place);
    }
    report(e, REPORT_DIAGNOSED, i, NULL, diagnosis->confidence_ppm);
}

static void hash_diagnosis(const struct incident *i, struct hash *out) {
    struct {
        uint64_t incident, service;
    } what = {i->id.v, i->diagnosis.service.v};
    crypto_hash_sha256(out->b, (const unsigned char *)&what, sizeof what);
}

static void conclude(struct engine *e, struct incident *i) {
    incident_timer_cancel(e, i);
    i->source_answered[SOURCE_METRICS] = i->figure[0][0].kind == VALUE_NUMBER;
    i->source[SOURCE_METRICS] = REPLY_OK;
    int64_t sources = 0;
    for (int s = 0; s < SOURCE_COUNT; s++)
        if (source_present(i, (enum source_kind)s)) sources++;
    if (sources < e->config->evidence.min_sources) {
        i->stage = INCIDENT_HANDED_OVER;
        audit(e, CATEGORY_ROOT_CAUSE_ANALYSIS, SEVERITY_ERROR, NULL, i, "too little evidence",
              NULL);
        report(e, REPORT_ESCALATED, i, NULL, REASON_EVIDENCE_MISSING);
        tell(e, SEVERITY_CRITICAL, REASON_EVIDENCE_MISSING, i, NULL,
             "fewer sources than needed: no root cause is guessed");
        return;
    }
    diagnose(e, i);
    int64_t confidence = i->diagnosis.confidence_ppm;
    if (confidence < e->config->root_cause.hand_over_below_ppm ||
        i->diagnosis.service.v >= e->graph.service_count) {
        incident_hand_over(e, i, REASON_LOW_CONFIDENCE, "the cause is not clear");
    } else if (confidence < e->config->root_cause.confirm_below_ppm) {
        i->stage = INCIDENT_CONFIRMING;
        hash_diagnosis(i, &i->plan);
        incident_ask(e, i, FORM_CONFIRM, SEVERITY_ERROR, REASON_LOW_CONFIDENCE, &i->plan,
                     "is this service the cause?");
    } else
        diagnose_confirmed(e, i, i->diagnosis.service);
}

void diagnose_confirmed(struct engine *e, struct incident *i, struct svc_id service) {
    i->service = service;
    i->stage = INCIDENT_HEALING;
    op_open(e, i);
}

static void conclude_when_complete(struct engine *e, struct incident *i) {
    if (i->stage == INCIDENT_GATHERING && i->answers_due == 0 && i->source_answered[SOURCE_LOGS] &&
        i->source_answered[SOURCE_TRACES])
        conclude(e, i);
}

void diagnose_on_evidence(struct engine *e, const struct in_evidence *in) {
    struct incident *i = incident_by_id(e, in->incident);
    if (!i || i->stage != INCIDENT_GATHERING || in->source <= SOURCE_METRICS ||
        in->source >= SOURCE_COUNT || i->source_answered[in->source])
        return;
    i->source_answered[in->source] = true;
    i->source[in->source] = (enum reply_kind)in->reply;
    if (in->source == SOURCE_LOGS && in->reply == REPLY_OK) {
        i->exception = in->exception;
        i->file = in->file;
        i->line = in->line;
    }
    if (in->source == SOURCE_TRACES && in->reply == REPLY_OK) {
        i->culprit = in->culprit;
        i->culprit_share_ppm = in->culprit_share_ppm;
        i->culprit_wall = e->wall;
        if (in->culprit.v < e->graph.service_count) add_candidate(e, i, in->culprit);
    }
    conclude_when_complete(e, i);
}

void diagnose_on_metric(struct engine *e, struct incident *i, const struct in_query_result *in,
                        uint32_t part) {
    int64_t value;
    bool known = number_of(in, &value);
    if (part == PART_SEVERITY) {
        i->own_due = false;
        if (known) incident_on_look(e, i, value);
        return;
    }
    if (part >= PART_GONE) {
        fading_on_metric(e, i, in, part);
        return;
    }
    uint32_t k = part / 2;
    i->figure[k][part % 2] = (struct gate_number){(enum value_kind)in->kind, in->micro, e->wall};
    if (i->answers_due > 0) i->answers_due--;
    conclude_when_complete(e, i);
}

void diagnose_on_timeout(struct engine *e, struct incident *i) {
    if (i->waits) {
        i->waits = false;
        if (i->stage == INCIDENT_HEALING && i->op == NO_INDEX) op_open(e, i);
    } else if (i->stage == INCIDENT_GATHERING) {
        drop_queries(e, OWNER_INCIDENT, incident_index(e, i));
        i->answers_due = 0;
        i->own_due = false;
        conclude(e, i);
    } else if (i->question.message != 0)
        incident_unanswered(e, i);
}
