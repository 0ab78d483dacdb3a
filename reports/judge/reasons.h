/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_REASONS_H
#define REPORTS_JUDGE_REASONS_H
/* Why an incident did not pass: a sentence each, in the order in which they were found. A list that
 * is full keeps what it has. */
#include "engine/base/base.h"
#include "engine/base/simtime.h"

#define REASON_TEXT 480
#define REASONS_MAX 12
struct reasons {
    char list[REASONS_MAX][REASON_TEXT];
    uint32_t count;
};

void reason_add(struct reasons *reasons, const char *format, ...) PRINTF_LIKE(2, 3);

/* Appends to a sentence that has len bytes; returns its length, never beyond size - 1. */
size_t sentence_add(char *sentence, size_t size, size_t len, const char *format, ...)
    PRINTF_LIKE(4, 5);

#define REASON_TIME 32
/* "39 s", "38.412 s", "never"; to the millisecond, which is cut off. */
const char *reason_time(char out[REASON_TIME], time_ns ns);

#endif
