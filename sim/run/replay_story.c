/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/replay_story.h"

#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "sim/run/live.h"
#include "sim/run/terminal.h"

#include <stdlib.h>

#define SPEED_MAX 1000

bool replay_story_read(struct replay_story *story, const struct arguments *a) {
    const char *speed = argument(a, "speed"), *until = argument(a, "until");
    *story = (struct replay_story){.told = speed || until || argument(a, "step"),
                                   .until = TIME_NEVER,
                                   .step = argument(a, "step") != NULL};
    if (until && (!duration_parse(until, strlen(until), &story->until) || story->until < 0)) {
        fputs("firedrill replay: --until: expected a time such as 45s\n", stderr);
        return false;
    }
    if (!speed || strcmp(speed, "max") == 0) return true;
    char *end;
    story->speed = strtol(speed, &end, 10);
    if (end != speed && *end == '\0' && story->speed >= 1 && story->speed <= SPEED_MAX) return true;
    fprintf(stderr, "firedrill replay: --speed: expected a number from 1 to %d, or max\n",
            SPEED_MAX);
    return false;
}

struct telling {
    const struct replay_story *story;
    struct live live;
    bool over;
};

/* The end of the input, as of a pipe, is no wish to stop. */
static void wait_for_return(struct telling *t) {
    int c;
    fflush(t->live.out);
    do c = getchar();
    while (c != '\n' && c != EOF && !live_interrupted());
}

static void tell(void *context, time_ns at, const char *text) {
    struct telling *t = context;
    char clock[24], shown[600];
    if (t->over || at > t->story->until || !live_wait(&t->live, at)) {
        t->over = true;
        return;
    }
    printable(shown, sizeof shown, text, strlen(text));
    int column = printf("%s  ", figure_clock(clock, sizeof clock, at));
    print_wrapped(t->live.out, column, column, shown);
    if (t->story->step) wait_for_return(t);
}

enum status replay_story_tell(const struct replay_story *story, const struct trace_file *file,
                              struct diags *diags) {
    struct facts facts;
    struct telling t = {.story = story};
    if (!trace_file_facts(file, &facts, diags)) return bad_input(diags);
    live_open(&t.live, stdout, true, story->speed, 0);
    timeline_each(&facts, tell, &t);
    live_close(&t.live);
    facts_free(&facts);
    return STATUS_OK;
}
