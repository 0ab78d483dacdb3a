/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/lesson_tell.h"

#include "reports/forms/figures.h"
#include "reports/forms/forms.h"
#include "sim/run/terminal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SAID_MAX   4000
#define INDENT     4
#define LETTER_GAP 7 /* "    a) " */

/* ---- texts and expressions of a step ---- */

static bool complain(struct lesson_world *w, const struct yaml_node *node, const char *why) {
    yaml_error(&w->lesson->doc, node, "%s", why);
    return false;
}

static bool fill(struct lesson_world *w, const struct yaml_node *node, char text[SAID_MAX],
                 bool *absent) {
    char why[240];
    struct lv_names names = lesson_names(w);
    return lv_fill(&names, text, SAID_MAX, node->text, absent, why, sizeof why) ||
           complain(w, node, why);
}

static bool value(struct lesson_world *w, const struct yaml_node *node, struct lv *out) {
    char why[240];
    struct lv_names names = lesson_names(w);
    return lv_evaluate(&names, node->text, out, why, sizeof why) || complain(w, node, why);
}

/* The figure that a question wants, in the form of its answer. */
static bool choice_is(struct lesson_world *w, const struct lesson_step *s, uint32_t k,
                      const struct lv *answer) {
    struct lv is;
    return value(w, s->choices[k].is, &is) && is.kind != LV_ABSENT && lv_equal(&is, answer);
}

static uint32_t right_choices(struct lesson_world *w, const struct lesson_step *s,
                              const struct lv *answer) {
    uint32_t right = 0;
    for (uint32_t k = 0; k < s->choice_count; k++) right += choice_is(w, s, k, answer);
    return right;
}

/* All of it is there; a question of choices has one that is right. */
enum step_state { STEP_WRONG, STEP_UNSAID, STEP_MISSING, STEP_READY };

static enum step_state question_state(struct lesson_world *w, const struct lesson_step *s) {
    char text[SAID_MAX];
    struct lv answer, v;
    bool absent;
    if (!value(w, s->answer, &answer) || (s->within && !value(w, s->within, &v)) ||
        !fill(w, s->explain, text, &absent))
        return STEP_WRONG;
    if (absent || answer.kind == LV_ABSENT) return STEP_MISSING;
    for (uint32_t k = 0; k < s->choice_count; k++) {
        if (!fill(w, s->choices[k].text, text, &absent) || !value(w, s->choices[k].is, &v))
            return STEP_WRONG;
        if (absent || v.kind == LV_ABSENT) return STEP_MISSING;
    }
    return s->choice_count > 0 && right_choices(w, s, &answer) == 0 ? STEP_MISSING : STEP_READY;
}

static enum step_state step_state(struct lesson_world *w, const struct lesson_step *s) {
    char text[SAID_MAX];
    struct lv v;
    bool absent = false;
    if (s->when) {
        if (!value(w, s->when, &v)) return STEP_WRONG;
        if (v.kind == LV_ABSENT || v.n == 0) return STEP_UNSAID;
    }
    if (s->kind == LESSON_TELL) {
        if (!lesson_run_named(w->runs, s->run)) {
            complain(w, s->text, "the scenario's file has no run of that name");
            return STEP_WRONG;
        }
        if (!value(w, s->text, &v)) return STEP_WRONG;
        if (v.kind == LV_ABSENT) return STEP_MISSING;
        if (s->from && !value(w, s->from, &v)) return STEP_WRONG;
        return v.kind == LV_ABSENT ? STEP_MISSING : STEP_READY;
    }
    if (!fill(w, s->text, text, &absent)) return STEP_WRONG;
    if (absent) return STEP_MISSING;
    return s->kind == LESSON_ASK ? question_state(w, s) : STEP_READY;
}

bool lesson_check(struct lesson_world *w) {
    for (uint32_t k = 0; k < w->lesson->step_count; k++)
        if (step_state(w, &w->lesson->steps[k]) == STEP_WRONG) return false;
    return true;
}

/* ---- telling ---- */

static const char *colour(const struct lesson_telling *t, const char *code) {
    return t->live.plain ? "" : code;
}
static const char *plain(const struct lesson_telling *t) { return t->live.plain ? "" : "\033[0m"; }

/* One paragraph, or one point of a list, which begins with two blanks: as wide as there is room. */
static void say_part(const struct lesson_telling *t, const char *code, int indent,
                     const char *part) {
    bool point = part[0] == ' ';
    int at = indent + (point ? 2 : 0);
    printf("%*s%s", at, "", colour(t, code));
    print_wrapped(stdout, at, at + (point ? 2 : 0), part + strspn(part, " "));
    fputs(code[0] ? plain(t) : "", stdout);
}

/* Paragraphs are divided by an empty line; how their lines were broken in the file is nothing. */
static void say(const struct lesson_telling *t, const char *code, int indent, const char *text) {
    char part[SAID_MAX];
    size_t held = 0;
    for (;;) {
        size_t len = strcspn(text, "\n");
        bool ends = !*text || len == 0 || text[0] == ' ';
        if (ends && held > 0) {
            say_part(t, code, indent, part);
            held = 0;
        }
        if (!*text) return;
        if (len == 0 && text[1]) putchar('\n');
        if (len > 0)
            held += (size_t)snprintf(part + held, sizeof part - held, "%s%.*s", held > 0 ? " " : "",
                                     (int)len, text);
        text += len + (text[len] == '\n');
    }
}

struct told {
    struct lesson_telling *telling;
    struct lesson_run *run;
    time_ns from, until;
    uint32_t line;
    bool over, began;
};

static void tell_line(void *context, time_ns at, const char *text) {
    struct told *o = context;
    struct lesson_telling *t = o->telling;
    char clock[24], shown[600];
    if (o->line++ < o->run->told || o->over || at > o->until) return;
    o->run->told = o->line;
    if (at < o->from) return;
    if (!live_wait(&t->live, at)) {
        o->over = true;
        return;
    }
    printable(shown, sizeof shown, text, strlen(text));
    if (!o->began) putchar('\n');
    o->began = true;
    printf("%s%s%s  ", colour(t, LIVE_CYAN), figure_clock(clock, sizeof clock, at), plain(t));
    int column = (int)strlen(clock) + 2;
    print_wrapped(stdout, column, column, shown);
}

/* Time runs from the first line that is told: what was passed over takes none. */
static void tell_until(struct lesson_telling *t, const struct lesson_step *s) {
    struct lv until, from = {.n = 0};
    struct lesson_run *run = lesson_run_named(t->world->runs, s->run);
    if (!value(t->world, s->text, &until) || (s->from && !value(t->world, s->from, &from))) return;
    struct told o = {.telling = t, .run = run, .from = from.n, .until = until.n};
    live_resume(&t->live, from.n > run->told_until ? from.n : run->told_until);
    timeline_each(&run->facts, tell_line, &o);
    run->told_until = until.n;
}

/* ---- asking ---- */

static void show_choices(struct lesson_telling *t, const struct lesson_step *s) {
    for (uint32_t k = 0; k < s->choice_count; k++) {
        char text[SAID_MAX];
        bool absent;
        if (!fill(t->world, s->choices[k].text, text, &absent)) return;
        printf("%*s%c) ", INDENT, "", (char)('a' + k));
        print_wrapped(stdout, LETTER_GAP, LETTER_GAP, text);
    }
}

/* The right answer as a person would give it. */
static void show_answer(struct lesson_telling *t, const struct lesson_step *s,
                        const struct lv *answer) {
    char text[SAID_MAX], figure[LV_TEXT_BYTES];
    bool absent, first = true;
    printf("%*s%sAnswer:%s ", INDENT, "", colour(t, LIVE_BOLD), plain(t));
    if (s->choice_count == 0) puts(lv_print(figure, sizeof figure, answer));
    for (uint32_t k = 0; k < s->choice_count; k++) {
        if (!choice_is(t->world, s, k, answer) ||
            !fill(t->world, s->choices[k].text, text, &absent))
            continue;
        if (!first) printf("%*sor ", INDENT, "");
        printf("%c) ", (char)('a' + k));
        print_wrapped(stdout, INDENT + 11, INDENT + 8, text);
        first = false;
    }
}

/* How far off a typed figure may be: what the way it is shown rounds away. */
static int64_t tolerance(struct lesson_telling *t, const struct lesson_step *s,
                         const struct lv *answer) {
    struct lv within;
    if (s->within && value(t->world, s->within, &within) && within.kind != LV_ABSENT)
        return within.n;
    switch (answer->kind) {
    case LV_TIME: return NS_PER_S / 2;
    case LV_SHARE: return 500; /* of 0.1 % */
    case LV_SCORE: return 5000;
    default: return 0;
    }
}

enum heard { HEARD_RIGHT, HEARD_WRONG, HEARD_UNCLEAR };

static enum heard hear(struct lesson_telling *t, const struct lesson_step *s, const char *line,
                       const struct lv *answer) {
    struct lv typed;
    if (s->choice_count > 0) {
        int letter = tolower((unsigned char)line[0]) - 'a';
        bool one = line[0] && (line[1] == '\0' || line[1] == ')');
        if (!one || letter < 0 || letter >= (int)s->choice_count) return HEARD_UNCLEAR;
        return choice_is(t->world, s, (uint32_t)letter, answer) ? HEARD_RIGHT : HEARD_WRONG;
    }
    if (answer->kind == LV_TEXT) {
        if (!line[0]) return HEARD_UNCLEAR;
        return strcmp(line, answer->text) == 0 ? HEARD_RIGHT : HEARD_WRONG;
    }
    if (!lv_read(line, answer->kind, &typed)) return HEARD_UNCLEAR;
    int64_t off = typed.n > answer->n ? typed.n - answer->n : answer->n - typed.n;
    return off <= tolerance(t, s, answer) ? HEARD_RIGHT : HEARD_WRONG;
}

static void show_expected(const struct lesson_step *s, const struct lv *answer) {
    if (s->choice_count > 0)
        printf("%*sExpected a letter from a to %c.\n", INDENT, "", 'a' + (char)s->choice_count - 1);
    else
        printf("%*sExpected %s.\n", INDENT, "",
               answer->kind == LV_TIME    ? "seconds, such as 12 or 1.5"
               : answer->kind == LV_SHARE ? "per cent, such as 15.2"
               : answer->kind == LV_TEXT  ? "a word"
                                          : "a number");
}

/* Until there is an answer that can be understood. False at the input's end. */
static bool listen(struct lesson_telling *t, const struct lesson_step *s, const struct lv *answer,
                   enum heard *heard) {
    char *line = NULL;
    size_t size = 0;
    *heard = HEARD_UNCLEAR;
    while (*heard == HEARD_UNCLEAR && !live_interrupted()) {
        printf("%*s%s>%s ", INDENT, "", colour(t, LIVE_BOLD), plain(t));
        fflush(stdout);
        ssize_t len = getline(&line, &size, stdin);
        if (len < 0) break;
        char *from = line + strspn(line, " \t");
        for (size_t end = strlen(from); end > 0 && isspace((unsigned char)from[end - 1]);)
            from[--end] = '\0';
        *heard = hear(t, s, from, answer);
        if (*heard == HEARD_UNCLEAR) show_expected(s, answer);
    }
    free(line);
    return *heard != HEARD_UNCLEAR;
}

static void ask(struct lesson_telling *t, const struct lesson_step *s) {
    char text[SAID_MAX], why[SAID_MAX];
    struct lv answer;
    bool absent;
    enum heard heard = HEARD_UNCLEAR;
    if (!fill(t->world, s->text, text, &absent) || !value(t->world, s->answer, &answer) ||
        !fill(t->world, s->explain, why, &absent))
        return;
    if (!t->asks) { /* what it would have taught is told all the same */
        say(t, "", 0, why);
        return;
    }
    t->asked++;
    printf("%sQuestion %u.%s ", colour(t, LIVE_BOLD LIVE_YELLOW), t->asked, plain(t));
    print_wrapped(stdout, 12, INDENT, text);
    show_choices(t, s);
    if (t->waits && !listen(t, s, &answer, &heard)) {
        t->waits = false;
        putchar('\n');
    }
    if (live_interrupted()) return;
    if (heard == HEARD_RIGHT) {
        t->right++;
        printf("%*s%sRight.%s\n", INDENT, "", colour(t, LIVE_BOLD LIVE_GREEN), plain(t));
    } else {
        if (heard == HEARD_WRONG)
            printf("%*s%sNo.%s\n", INDENT, "", colour(t, LIVE_BOLD LIVE_RED), plain(t));
        show_answer(t, s, &answer);
    }
    say(t, "", INDENT, why);
}

/* ---- steps ---- */

static void tell_missing(struct lesson_telling *t) {
    t->missing++;
    say(t, LIVE_YELLOW, 0,
        "(Here the lesson has something to say that did not happen in this run: its scenario is "
        "another one than it was written for.)");
}

bool lesson_tell(struct lesson_telling *t) {
    const struct lesson *lesson = t->world->lesson;
    for (uint32_t k = 0; k < lesson->step_count && !live_interrupted(); k++) {
        const struct lesson_step *s = &lesson->steps[k];
        enum step_state state = step_state(t->world, s);
        char text[SAID_MAX];
        bool absent;
        if (state == STEP_UNSAID) continue;
        if (state != STEP_READY || s->kind != LESSON_TELL) putchar('\n');
        if (state != STEP_READY)
            tell_missing(t);
        else if (s->kind == LESSON_TELL)
            tell_until(t, s);
        else if (s->kind == LESSON_ASK)
            ask(t, s);
        else if (fill(t->world, s->text, text, &absent))
            say(t, "", 0, text);
    }
    return !live_interrupted();
}
