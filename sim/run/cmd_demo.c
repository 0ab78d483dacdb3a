/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/judge/truth.h"
#include "reports/mttr.h"
#include "sim/run/campaign.h"
#include "sim/run/lesson_command.h"
#include "sim/run/manual.h"
#include "sim/run/narrator.h"
#include "sim/run/terminal.h"

#include <stdlib.h>
#include <unistd.h>

/*
 * The 36 seconds, told: the scenario runs to a trace in memory and is judged; then the trace is
 * told at the pace of simulated time, while the same incident runs by hand in a process beside it;
 * then both are compared. The exit status is the verdict's.
 */

#define SCENARIO      "demo"
#define SPEED_DEFAULT 4 /* on a terminal: nine seconds for the 36 */
#define SPEED_MAX     1000

struct demo {
    const struct scenario *scenario;
    struct bytes trace;
    struct facts facts;
    struct verdict verdict;
    const struct judged *judged; /* the incident that is told */
    struct live live;
    struct narrator narrator;
    struct manual_result manual;
};

/* ---- before ---- */

static enum status run_and_judge(struct demo *d) {
    struct diags diags = {0};
    struct run_result result;
    struct trace_error error;
    if (!run_scenario(d->scenario, bytes_sink, &d->trace, &result, &diags))
        return bad_input(&diags);
    if (!judge_read(d->trace.bytes, d->trace.len, &d->facts, &error)) {
        fprintf(stderr, "firedrill: bug: record %llu: %s\n", (unsigned long long)error.record,
                error.what);
        return STATUS_BUG;
    }
    if (!judge_run(&d->facts, &d->verdict)) return STATUS_BUG;
    for (uint32_t k = 0; k < d->verdict.count && !d->judged; k++)
        if (d->verdict.list[k].incident.onset != TIME_NEVER) d->judged = &d->verdict.list[k];
    if (d->judged) return verdict_status(&d->verdict);
    fprintf(stderr, "firedrill demo: nothing happened: %s\n", d->verdict.why);
    return verdict_status(&d->verdict);
}

static void print_heading(const struct demo *d) {
    const struct plan *plan = &d->scenario->plan;
    const struct incident *i = &d->judged->incident;
    struct truth_sum before =
        truth_over(&d->facts, i->service, (struct revision_id){0}, 0, i->onset);
    char text[400], share[24];
    int64_t replicas = 0, rate_milli = 0;
    EACH(&d->facts, service, s) {
        if (!ID_EQ(s->service, i->service)) continue;
        replicas = s->replicas;
        rate_milli = s->rate_milli;
    }
    snprintf(text, sizeof text, "%s: topology %s, policy %s, seed %llu.", plan->title,
             d->scenario->topology_name, d->scenario->policy_name, (unsigned long long)plan->seed);
    print_wrapped(stdout, 0, 0, text);
    snprintf(
        text, sizeof text,
        "%s has %lld pods and %lld requests/s; over the %lld s before the fault, %s of %lld "
        "failed. The clock counts simulated seconds from the fault; what is called truth no engine "
        "ever sees.",
        facts_service(&d->facts, i->service), (long long)replicas, (long long)(rate_milli / 1000),
        (long long)(i->onset / NS_PER_S),
        figure_share(share, sizeof share,
                     before.requests > 0 ? ppm_of(before.failed, before.requests) : 0),
        (long long)before.requests);
    print_wrapped(stdout, 0, 0, text);
    putchar('\n');
}

/* ---- after ---- */

/* One half of a row: when something was reached, and how many requests had failed by then. */
static void print_half(time_ns after, time_ns unit, const char *unit_name, int64_t failed) {
    if (after == TIME_NEVER)
        printf("  %7s  %7s", "-", "-");
    else
        printf("  %3lld %-3s  %7lld", (long long)(after / unit), unit_name, (long long)failed);
}

static void print_phases(const struct demo *d) {
#define PHASE_(NAME, tag, text, step) {text, step},
    static const struct {
        const char *name;
        int step;
    } phases[] = {PHASES(PHASE_)};
#undef PHASE_
    printf("\n  %-10s  %7s  %7s  %7s  %7s\n", "", "engine", "failed", "by hand", "failed");
    for (int k = 0; k < PHASE_COUNT; k++) {
        const struct narrator *n = &d->narrator;
        bool reached = n->ended[k] != TIME_NEVER;
        int step = phases[k].step;
        printf("  %-10s", phases[k].name);
        print_half(reached ? n->ended[k] - d->judged->incident.onset : TIME_NEVER, NS_PER_S, "s",
                   n->failed[k]);
        print_half(step < 0 ? TIME_NEVER : manual_steps[step].ends, NS_PER_MIN, "min",
                   step < 0 ? 0 : d->manual.failed[step]);
        putchar('\n');
    }
    putchar('\n');
}

static void print_comparison(const struct demo *d) {
    struct mttr_row row = mttr_row_of(&d->facts, d->judged);
    int64_t by_hand = d->manual.failed[MANUAL_STEPS - 1];
    char text[400];
    print_phases(d);
    if (row.repaired && row.mttr > 0 && row.failed > 0) {
        snprintf(text, sizeof text,
                 "%lld s against %lld min: by hand it takes %lld times as long, and %lld times as "
                 "many requests fail.",
                 (long long)(row.mttr / NS_PER_S), (long long)(MANUAL_NS / NS_PER_MIN),
                 (long long)(MANUAL_NS / row.mttr), (long long)(by_hand / row.failed));
        print_wrapped(stdout, 0, 0, text);
    }
    print_wrapped(stdout, 0, 0,
                  "By hand is a model: detect 5, analyse 15, develop 20, deploy and verify 5 "
                  "minutes. Its failed requests are counted, not estimated: the same world ran for "
                  "those 45 minutes from the same seed, with an engine that only watched.");
}

static void print_verdict(const struct demo *d) {
    const struct judged *j = d->judged;
    char text[600], mttr[24];
    snprintf(text, sizeof text, "\n%s: %s, %s, after %s%s%s", verdict_name(d->verdict.kind),
             reaction_name(j->reaction), outcome_name(j->outcome),
             figure_time(mttr, sizeof mttr, j->mttr), d->verdict.why[0] ? "; " : "",
             d->verdict.why);
    print_wrapped(stdout, 0, 0, text);
    puts("\nTry next\n"
         "  firedrill run demo --without all\n"
         "      no cause, no healing: inconclusive, never passed\n"
         "  firedrill run 07_canary_failure --timeline\n"
         "      a patch that makes it worse, and is taken back\n"
         "  firedrill matrix\n"
         "      every row");
}

/* ---- the story ---- */

static bool tell(struct demo *d, struct manual *manual, bool plain, int64_t speed) {
    live_open(&d->live, stdout, plain, speed, d->judged->incident.onset);
    bool told = narrate(&d->narrator, &d->facts, &d->judged->incident,
                        &d->scenario->policy.config.gates, &d->live);
    if (told) {
        live_beneath(&d->live, "by hand: 45 simulated minutes, still running");
        fflush(stdout);
        told = manual_end(manual, &d->manual);
        if (!told && !live_interrupted())
            fprintf(stderr, "firedrill demo: the run by hand ended without a result\n");
    }
    manual_stop(manual);
    live_close(&d->live);
    return told;
}

static enum status demonstrate(struct demo *d, bool plain, int64_t speed) {
    enum status status = run_and_judge(d);
    if (!d->judged) return status;
    struct manual manual;
    print_heading(d);
    if (!manual_begin(&manual, d->scenario, (uint32_t)d->judged->incident.fault)) return STATUS_BUG;
    if (!tell(d, &manual, plain, speed)) return STATUS_BUG;
    print_comparison(d);
    print_verdict(d);
    return status;
}

static const struct option_spec options[] = {
    {"lesson", "NAME|FILE", "a lesson instead, with questions; \"list\": which there are"},
    {"no-questions", NULL, "tell a lesson without asking"},
    {"speed", "N", "N times as fast as real, 0: at once; default: 4 (a lesson: 10) on a terminal"},
    {"seed", "N", "use this seed instead of the scenario's"},
    {"no-color", NULL, "no colour, and no line that is rewritten"},
    {NULL, NULL, NULL}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    struct campaign c;
    enum status status;
    int64_t speed;
    if (!arguments_read(&a, &command_demo, argc, argv, &status)) return status;
    if (a.operand_count > 0) {
        command_help(&command_demo, stderr);
        return STATUS_BAD_INPUT;
    }
    const char *lesson = argument(&a, "lesson");
    int64_t usual = !isatty(STDOUT_FILENO) ? 0 : lesson ? LESSON_SPEED_DEFAULT : SPEED_DEFAULT;
    if (!argument_int(&a, "speed", 0, SPEED_MAX, usual, &speed)) return STATUS_BAD_INPUT;
    bool plain = argument(&a, "no-color") || !terminal_colour(stdout);
    if (lesson) return lesson_command(&a, lesson, speed, plain);
    campaign_open(&c, &a);
    status = campaign_add(&c, SCENARIO, NULL);
    if (status == STATUS_OK) {
        struct demo d = {.scenario = c.jobs[0].scenario};
        status = demonstrate(&d, plain, speed);
        narrator_close(&d.narrator);
        verdict_free(&d.verdict);
        facts_free(&d.facts);
        bytes_free(&d.trace);
    }
    campaign_close(&c);
    return status;
}

const struct command command_demo = {
    "demo",
    "",
    "tells the 36 seconds live, beside the 45 minutes by hand; or a lesson",
    "firedrill demo --speed 1",
    options,
    run};
