/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/live.h"

#include "engine/base/diag.h"
#include "engine/base/ratio.h"
#include "sim/run/terminal.h"

#include <signal.h>

#define TEXT_COLUMN 19

static volatile sig_atomic_t interrupted;
static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};

static void interrupt(int signal_number) { interrupted = signal_number; }

static void on_stopping(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler}; /* no SA_RESTART: a wait ends at once */
    sigemptyset(&action.sa_mask);
    for (size_t k = 0; k < ARRAY_LEN(stopping); k++) sigaction(stopping[k], &action, NULL);
}

void live_open(struct live *live, FILE *out, bool plain, int64_t speed, time_ns from) {
    *live = (struct live){.out = out, .plain = plain, .speed = speed, .from = from, .now = from};
    clock_gettime(CLOCK_MONOTONIC, &live->began);
    interrupted = 0;
    on_stopping(interrupt);
}

void live_resume(struct live *live, time_ns from) {
    clock_gettime(CLOCK_MONOTONIC, &live->began);
    live->from = live->now = from;
}

bool live_interrupted(void) { return interrupted != 0; }

/* Until an instant, not for a while: what telling takes is no delay. */
bool live_wait(struct live *live, time_ns at) {
    if (live->speed > 0 && at > live->now) {
        time_ns due = live->began.tv_nsec + (at - live->from) / live->speed;
        struct timespec until = {live->began.tv_sec + (time_t)(due / NS_PER_S),
                                 (long)(due % NS_PER_S)};
        fflush(live->out);
        while (!interrupted && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
            ;
    }
    live->now = at;
    return !interrupted;
}

static void clear(const struct live *live) {
    if (!live->plain) fputs("\r\033[K", live->out);
}

void live_tell(const struct live *live, const char *clock, const char *colour, const char *tag,
               const char *text) {
    char shown[1024];
    printable(shown, sizeof shown, text, strlen(text)); /* names and findings are anybody's */
    bool coloured = !live->plain && colour[0];
    clear(live);
    fprintf(live->out, "%6s  %s%-10s%s ", clock, coloured ? colour : "", tag,
            coloured ? "\033[0m" : "");
    print_wrapped(live->out, TEXT_COLUMN, TEXT_COLUMN, shown);
}

void live_beneath(const struct live *live, const char *text) {
    if (live->plain) return;
    clear(live);
    fprintf(live->out, "%.*s", terminal_width(live->out) - 1, text);
}

void live_close(const struct live *live) {
    clear(live);
    fflush(live->out);
    on_stopping(SIG_DFL);
    if (interrupted) raise(interrupted);
}
