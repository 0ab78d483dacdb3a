/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_DECISION_STORY_H
#define TESTS_SUPPORT_DECISION_STORY_H
/*
 * A decision that holds, and what breaks it: another choice, another score, an alternative or an
 * input that is missing, a figure that nobody told. A story is its lines of the decision log; a
 * twist replaces one piece of them by another.
 */
#include "tests/support/invariant_case.h"

struct story {
    enum decision_kind kind;
    const char *choice;
    int64_t confidence_ppm;
    const char *head, *details[4];
    void (*told)(struct tb *t);
    uint64_t op;
};

#define AT TB_S(16)
#define HEAD(type, factors, choice, confidence)                                                    \
    "{\"type\":\"" type "\",\"wall_ns\":16000000000,\"factors\":[" factors                         \
    "],\"decision\":\"" choice "\",\"confidence\":" confidence                                     \
    ",\"duration\":0,\"reasoning\":\"so it is\"}"
#define FACTOR(name, value)                                                                        \
    "{\"name\":\"" name "\",\"value\":" value ",\"weight\":1,\"explanation\":\"pass\"}"
#define IN(name, value, source, more)                                                              \
    "{\"name\":\"" name "\",\"value\":" value ",\"source\":\"" source                              \
    "\",\"time\":16000000000" more "}"
#define WAS(choice, score)                                                                         \
    "{\"choice\":\"" choice "\",\"score\":" score ",\"pros\":\"\",\"cons\":\"\",\"rejected\":"     \
    "null}"
#define NOT(choice, score)                                                                         \
    "{\"choice\":\"" choice "\",\"score\":" score                                                  \
    ",\"pros\":\"\",\"cons\":\"\",\"rejected\":\"worse\"}"
#define ALSO(name)    "{\"name\":\"" name "\",\"satisfied\":true,\"blocking\":true}"
#define INPUTS(list)  "{\"decision\":1,\"inputs\":[" list "]}"
#define WEIGHED(list) "{\"decision\":1,\"alternatives\":[" list "]}"

static inline void replace(char *out, size_t size, const char *text, const char *piece,
                           const char *by) {
    const char *at = piece ? strstr(text, piece) : NULL;
    if (at)
        snprintf(out, size, "%.*s%s%s", (int)(at - text), text, by, at + strlen(piece));
    else
        snprintf(out, size, "%s", text);
}

static inline struct blob line(const char *text, const char *piece, const char *by) {
    static char room[4096];
    struct blob b = {0};
    replace(room, sizeof room, text, piece, by);
    CU_ASSERT_FATAL(strlen(room) <= BLOB_MAX);
    b.len = (uint16_t)strlen(room);
    memcpy(b.b, room, b.len);
    return b;
}

/* A twist of the choice stands in quotes. */
static inline uint32_t tell(const struct story *s, const char *piece, const char *by) {
    struct tb t;
    char choice[64], quoted[64];
    struct text chosen;
    tb_begin(&t);
    tb_plan(&t, NULL, NULL);
    tb_reports(&t, AT, 0, REPORT_OPENED, 1, 0, 0);
    tb_reports(&t, AT, 0, REPORT_STATE, 1, 5, STATE_INIT);
    if (s->told) s->told(&t);
    TB_TOLD(&t, AT, 0, timer_fired, .timer = 1);
    snprintf(quoted, sizeof quoted, "\"%s\"", s->choice);
    bool other = piece && strcmp(piece, quoted) == 0;
    snprintf(choice, sizeof choice, "%s", s->choice);
    if (other) snprintf(choice, sizeof choice, "%.*s", (int)strlen(by) - 2, by + 1);
    text_set(&chosen, choice);
    TB_WANTS(&t, AT, 0, record_decision, .decision = 1, .kind = s->kind, .incident = {1},
             .op = {s->op}, .confidence_ppm = s->confidence_ppm, .choice = chosen,
             .body = line(s->head, piece, by));
    for (size_t k = 0; k < ARRAY_LEN(s->details); k++)
        if (s->details[k])
            TB_WANTS(&t, AT, 0, decision_detail, .decision = 1,
                     .body = line(s->details[k], piece, by));
    tb_end_of(&t, TB_S(75));
    return violations_in(&t, "decision_recomputes");
}

#define FOLLOWS(story)         CU_ASSERT_EQUAL(tell(&(story), NULL, NULL), 0)
#define LIES(story, piece, by) CU_ASSERT_EQUAL(tell(&(story), piece, by), 1)

#endif
