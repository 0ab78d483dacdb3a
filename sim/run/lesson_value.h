/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LESSON_VALUE_H
#define SIM_RUN_LESSON_VALUE_H
/*
 * Expressions of lessons, and the values that they have. A value is a whole number with a unit, or
 * a text; absent where the run has no such record, and then all that is computed from it is, too.
 *
 *   14  1.5s  20%  'text'  NAME.FIELD  NAME.FIELD.FIELD  + - * /  < <= > >= = !=  ( )
 *
 * Comparisons are 1 or 0. A difference of two instants is a time. Texts are equal or not.
 */
#include "engine/base/base.h"
#include "engine/base/simtime.h"

enum lv_kind {
    LV_ABSENT,
    LV_NUMBER,
    LV_INSTANT, /* ns since the run began */
    LV_TIME,    /* ns */
    LV_SHARE,   /* ppm */
    LV_SCORE,   /* millionths */
    LV_TEXT,    /* n: the number that the text stands for, where it does */
};
#define LV_TEXT_BYTES 200
struct lv {
    enum lv_kind kind;
    int64_t n;
    char text[LV_TEXT_BYTES]; /* of a SCORE: as it is printed; "": by its number */
};
struct lv lv_of(enum lv_kind kind, int64_t n);
struct lv lv_text(const char *text, size_t len, int64_t n); /* made printable */
bool lv_equal(const struct lv *a, const struct lv *b);

/* Where names are looked up. False: there is none such; what is wrong is in why. */
struct lv_names {
    bool (*look_up)(void *context, const char *name, const char *path, struct lv *out, char *why,
                    size_t size);
    void *context;
};
/* False when it is no expression, or a name is unknown: why is one sentence. */
bool lv_evaluate(const struct lv_names *names, const char *expression, struct lv *out, char *why,
                 size_t size) MUST_CHECK;

/* "14s", "00:51.000", "1.9%", "0.712", "5200", or the text. */
const char *lv_print(char *out, size_t size, const struct lv *value);
/* A text in which each {EXPRESSION} stands for its value. *absent: one of them is. */
bool lv_fill(const struct lv_names *names, char *out, size_t size, const char *text, bool *absent,
             char *why, size_t why_size) MUST_CHECK;
/* What a person typed, in the unit of that kind: "14", "14s", "1.9", "1.9%". */
bool lv_read(const char *text, enum lv_kind kind, struct lv *out) MUST_CHECK;

#endif
