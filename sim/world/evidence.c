/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log and the trace source. What they say is what the application did in the window; there is
 * nothing to say when nothing failed. */
#include "sim/world/internal.h"

static struct eng_input evidence_input(const struct eff_ask_evidence *asked) {
    struct eng_input input = {.kind = IN_evidence};
    input.evidence.request = asked->request;
    input.evidence.incident = asked->incident;
    input.evidence.service = asked->service;
    input.evidence.source = asked->source;
    input.evidence.reply = REPLY_ABSENT;
    input.evidence.culprit = ID_NONE(svc_id);
    return input;
}

static void give(struct world *world, enum plan_node node, uint32_t engine,
                 const struct eng_input *input) {
    const struct in_evidence *in = &input->evidence;
    fact_evidence_given(world->trace, sim_now(world->sim),
                        &(struct rec_evidence_given){engine, in->incident, in->source, in->reply});
    network_reply(world, node, engine, input);
}

/* Down: an error, as fast as an answer. */
static bool refused(struct world *world, enum plan_node node, uint32_t engine,
                    const struct eff_ask_evidence *asked) {
    struct source_state *source = &world->sources[asked->source];
    if (source->down == 0) return false;
    struct eng_input input = evidence_input(asked);
    input.evidence.reply = REPLY_UNAVAILABLE;
    source->refused++;
    give(world, node, engine, &input);
    return true;
}

static void serve_logs(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct world *world = part;
    const struct eff_ask_evidence *asked = &effect->ask_evidence;
    if (refused(world, NODE_LOGS, engine, asked)) return;
    struct eng_input input = evidence_input(asked);
    struct app_log log;
    app_log(world->app, asked->service, asked->window_ns, &log);
    if (log.top_fault < world->plan->fault_count) {
        const struct plan_fault *fault = &world->plan->faults[log.top_fault];
        input.evidence.reply = REPLY_OK;
        input.evidence.line = fault->line;
        input.evidence.count = (int64_t)log.top_count;
        text_set(&input.evidence.exception, fault->exception ? fault->exception : "");
        text_set(&input.evidence.file, fault->file ? fault->file : "");
        if (input.evidence.exception.len == 0) input.evidence.reply = REPLY_ABSENT;
    }
    give(world, NODE_LOGS, engine, &input);
}

static void serve_traces(void *part, uint32_t engine, const struct eng_effect *effect) {
    struct world *world = part;
    const struct eff_ask_evidence *asked = &effect->ask_evidence;
    if (refused(world, NODE_TRACES, engine, asked)) return;
    struct eng_input input = evidence_input(asked);
    int64_t share_ppm = 0;
    uint64_t count = 0;
    struct svc_id culprit =
        app_trace_culprit(world->app, asked->service, asked->window_ns, &share_ppm, &count);
    if (count > 0 && culprit.v != NONE_ID) {
        input.evidence.reply = REPLY_OK;
        input.evidence.culprit = culprit;
        input.evidence.culprit_share_ppm = share_ppm;
        input.evidence.count = (int64_t)count;
    }
    give(world, NODE_TRACES, engine, &input);
}

void evidence_open(struct world *world) {
    const struct plan_times *times = &world->plan->times;
    network_serve(world, EFF_ask_evidence, NODE_LOGS, times->logs_ns, serve_logs, world);
    network_serve_traces(world, times->traces_ns, serve_traces, world);
}
