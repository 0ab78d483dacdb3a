/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "load: {recorded: FILE}": what entered on a real day, as lines "seconds,requests a second". From
 * each line's time on its rate holds; the first line is the run's beginning, the last one's rate
 * holds to its end. Blank lines, a first line of words and what follows a "#" are read over.
 */
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include "scenarios/loading.h"

#define STEPS_MAX  200000u
#define DECIMALS   9
#define SECONDS_AT (NS_PER_S / 1000000000) /* of a number's last decimal */

struct table {
    struct scn_loading *l;
    const char *file;
    int line;
    struct plan_load_step *steps;
    uint32_t count;
    time_ns first;
};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* A number of at most 12 digits before its point, in billionths; false when it is none. */
static bool number(const char **at, const char *end, int64_t *billionths) {
    int128 value;
    while (*at < end && is_blank(**at)) ++*at;
    size_t used = read_decimal(*at, (size_t)(end - *at), DECIMALS, &value);
    if (used == 0 || value > INT64_MAX) return false;
    *at += used;
    while (*at < end && is_blank(**at)) ++*at;
    *billionths = (int64_t)value;
    return true;
}

static void wrong(const struct table *t, const char *begin, const char *at, const char *what) {
    diag_error(t->l->doc->diags, t->file, t->line, (int)(at - begin) + 1, "%s", what);
}

static void add_step(struct table *t, const char *begin, time_ns at, int64_t rate) {
    time_ns from = at - t->first;
    if (t->count > 0 && from <= t->steps[t->count - 1].from_ns)
        wrong(t, begin, begin, "expected a time later than the line before");
    else if (t->count == STEPS_MAX)
        wrong(t, begin, begin, "more than 200000 lines");
    else if (rate / NS_PER_S > SCN_RATE_MAX)
        wrong(t, begin, begin, "more than 1000000 requests a second");
    else
        t->steps[t->count++] = (struct plan_load_step){from, rate / (NS_PER_S / 1000)};
}

static void read_line(struct table *t, const char *begin, const char *end) {
    const char *at = begin, *comment = memchr(begin, '#', (size_t)(end - begin));
    int64_t seconds, rate;
    if (comment) end = comment;
    while (at < end && is_blank(*at)) at++;
    if (at == end) return;
    bool words = t->line == 1 && !(*at >= '0' && *at <= '9');
    if (words) return;
    if (!number(&at, end, &seconds)) {
        wrong(t, begin, at, "expected seconds, such as 60 or 1767603600.5");
        return;
    }
    if (at == end || *at != ',') {
        wrong(t, begin, at, "expected a comma and requests a second");
        return;
    }
    at++;
    if (!number(&at, end, &rate) || at < end) {
        wrong(t, begin, at, "expected requests a second, such as 1250 or 0.5, and nothing after");
        return;
    }
    if (t->count == 0) t->first = seconds * SECONDS_AT;
    add_step(t, begin, seconds * SECONDS_AT, rate);
}

static int64_t peak_of(const struct table *t) {
    int64_t peak = 0;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->steps[i].rate_milli > peak) peak = t->steps[i].rate_milli;
    return peak;
}

static bool ends_in(const char *name, const char *end) {
    size_t len = strlen(name), tail = strlen(end);
    return len > tail && strcmp(name + len - tail, end) == 0;
}

int64_t scn_read_recorded(struct scn_loading *l, struct yaml_node *node) {
    struct table t = {.l = l};
    uint32_t errors = l->doc->diags->errors;
    const char *name = scn_text(l, node, SCN_TITLE_BYTES, NULL);
    if (name && !strchr(name, '/') && !ends_in(name, ".csv") && !ends_in(name, ".om")) {
        yaml_error(l->doc, node, "expected a file such as day.csv or day.om");
        return 0;
    }
    t.file = name ? scn_read_file(l, node, "recording", name) : NULL;
    if (!t.file) return 0;
    const struct plan_source *source = &l->sources[l->plan->source_count - 1];
    const char *at = source->bytes, *end = at + source->len;
    uint32_t lines = 1;
    for (const char *s = at; s < end; s++) lines += *s == '\n';
    t.steps = ARENA_NEW(l->arena, struct plan_load_step, lines < STEPS_MAX ? lines : STEPS_MAX);
    while (at < end && l->doc->diags->errors == errors) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        t.line++;
        read_line(&t, at, newline ? newline : end);
        at = newline ? newline + 1 : end;
    }
    if (l->doc->diags->errors == errors && peak_of(&t) == 0)
        diag_error(l->doc->diags, t.file, 0, 0, "records no request");
    l->plan->load_steps = t.steps;
    l->plan->load_step_count = t.count;
    return l->doc->diags->errors == errors ? peak_of(&t) : 0;
}

/* A rate that is stated is the recording's peak. */
void scn_scale_recorded(struct scn_loading *l, int64_t peak_milli) {
    struct plan *plan = l->plan;
    struct plan_load_step *steps =
        ARENA_NEW(l->arena, struct plan_load_step, plan->load_step_count);
    for (uint32_t i = 0; i < plan->load_step_count && peak_milli > 0; i++)
        steps[i] = (struct plan_load_step){
            plan->load_steps[i].from_ns,
            muldiv(plan->load_steps[i].rate_milli, plan->entry_rate_milli, peak_milli)};
    plan->load_steps = steps;
}
