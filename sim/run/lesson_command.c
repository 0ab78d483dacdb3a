/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/lesson_command.h"

#include "sim/run/campaign.h"
#include "sim/run/files.h"
#include "sim/run/lesson_tell.h"
#include "sim/run/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_COLUMN 12

static enum status list_lessons(void) {
    struct arena arena;
    const char *const *names;
    enum status status = STATUS_OK;
    arena_open(&arena);
    uint32_t count = file_list(&arena, "lesson", &names);
    for (uint32_t k = 0; k < count; k++) {
        struct diags diags = {0};
        struct lesson lesson;
        if (!lesson_load(&lesson, &arena, names[k], &diags)) {
            status = bad_input(&diags);
            continue;
        }
        int at = printf("%-*s ", NAME_COLUMN - 1, names[k]);
        print_wrapped(stdout, at, NAME_COLUMN, lesson.about);
    }
    arena_close(&arena);
    return count > 0 ? status : STATUS_BAD_INPUT;
}

/* ---- runs ---- */

/* In this process: a lesson is short, and what tells of progress would be a line that is rewritten.
 */
static enum status run_and_judge(struct lesson_run *run, struct job *job) {
    struct diags diags = {0};
    struct run_result result;
    struct trace_error error;
    run->scenario = job->scenario;
    if (!run_scenario(job->scenario, bytes_sink, &job->trace, &result, &diags))
        return bad_input(&diags);
    if (!judge_read(job->trace.bytes, job->trace.len, &run->facts, &error)) {
        fprintf(stderr, "firedrill: bug: record %llu: %s\n", (unsigned long long)error.record,
                error.what);
        return STATUS_BUG;
    }
    if (!judge_run(&run->facts, &run->verdict) || !contention_of(&run->facts, &run->contention))
        abort();
    run->decisions = decisions_of(&run->facts);
    return STATUS_OK;
}

/* Every document of the scenario's file; the first is what the lesson is about. */
static enum status run_all(struct campaign *c, const struct lesson *lesson,
                           struct lesson_runs *runs) {
    enum status status = campaign_add(c, lesson->scenario, NULL);
    if (status != STATUS_OK) return status;
    if (c->job_count > LESSON_RUNS_MAX) {
        fprintf(stderr, "firedrill demo: %s has %u scenarios; a lesson takes %d\n",
                lesson->scenario, c->job_count, LESSON_RUNS_MAX);
        return STATUS_BAD_INPUT;
    }
    for (; runs->count < c->job_count && status == STATUS_OK; runs->count++)
        status = run_and_judge(&runs->list[runs->count], &c->jobs[runs->count]);
    return status;
}

static void free_runs(struct lesson_runs *runs) {
    for (uint32_t k = 0; k < runs->count; k++) {
        struct lesson_run *run = &runs->list[k];
        decisions_free(&run->decisions);
        contention_free(&run->contention);
        verdict_free(&run->verdict);
        facts_free(&run->facts);
    }
}

/* ---- the lesson ---- */

static void print_heading(const struct lesson *lesson, const struct lesson_run *run, bool plain) {
    char text[600];
    fputs(plain ? "" : LIVE_BOLD, stdout);
    print_wrapped(stdout, 0, 0, lesson->title);
    fputs(plain ? "" : "\033[0m", stdout);
    snprintf(text, sizeof text,
             "%s: topology %s, policy %s, seed %llu. The clock counts simulated minutes and "
             "seconds. Every figure is of this run's trace.",
             run->scenario->plan.title, run->scenario->topology_name, run->scenario->policy_name,
             (unsigned long long)run->scenario->plan.seed);
    print_wrapped(stdout, 0, 0, text);
}

static void print_end(const struct lesson_telling *t) {
    const struct lesson *lesson = t->world->lesson;
    putchar('\n');
    if (t->asks && t->waits && t->asked > 0)
        printf("%u of %u right at once.\n\n", t->right, t->asked);
    if (lesson->next_count > 0) puts("Try next");
    for (uint32_t k = 0; k < lesson->next_count; k++) printf("  %s\n", lesson->next[k]);
}

static enum status teach(struct lesson_telling *t, int64_t speed) {
    const struct lesson *lesson = t->world->lesson;
    const struct lesson_runs *runs = t->world->runs;
    bool plain = t->live.plain;
    if (!lesson_find_all(t->world) || !lesson_check(t->world)) return bad_input(lesson->doc.diags);
    print_heading(lesson, &runs->list[0], plain);
    live_open(&t->live, stdout, plain, speed, 0);
    if (lesson_tell(t)) print_end(t);
    live_close(&t->live);
    enum status status = verdict_status(&runs->list[0].verdict);
    return t->missing > 0 ? status_worse(status, STATUS_FAILED) : status;
}

enum status lesson_command(const struct arguments *arguments, const char *named, int64_t speed,
                           bool plain) {
    if (strcmp(named, "list") == 0) return list_lessons();
    struct campaign c;
    struct diags diags = {0};
    struct lesson lesson;
    struct lesson_runs runs = {.count = 0};
    struct lesson_world world = {.lesson = &lesson, .runs = &runs, .arena = &c.arena};
    struct lesson_telling t = {.world = &world,
                               .live = {.plain = plain},
                               .asks = !argument(arguments, "no-questions"),
                               .waits = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
    campaign_open(&c, arguments);
    enum status status =
        lesson_load(&lesson, &c.arena, named, &diags) ? STATUS_OK : bad_input(&diags);
    if (status == STATUS_OK) status = run_all(&c, &lesson, &runs);
    if (status == STATUS_OK) status = teach(&t, speed);
    free_runs(&runs);
    campaign_close(&c);
    return status;
}
