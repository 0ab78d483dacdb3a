/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/reasons.h"
#include <stdarg.h>
#include <stdio.h>

void reason_add(struct reasons *reasons, const char *format, ...) {
    va_list arguments;
    if (reasons->count == REASONS_MAX) return;
    va_start(arguments, format);
    vsnprintf(reasons->list[reasons->count++], REASON_TEXT, format, arguments);
    va_end(arguments);
}

size_t sentence_add(char *sentence, size_t size, size_t len, const char *format, ...) {
    va_list arguments;
    if (len + 1 >= size) return len;
    va_start(arguments, format);
    int more = vsnprintf(sentence + len, size - len, format, arguments);
    va_end(arguments);
    if (more < 0) return len;
    return (size_t)more < size - len ? len + (size_t)more : size - 1;
}

const char *reason_time(char out[REASON_TIME], time_ns ns) {
    if (ns == TIME_NEVER) {
        snprintf(out, REASON_TIME, "never");
        return out;
    }
    long long ms = (long long)(ns / NS_PER_MS);
    int len = snprintf(out, REASON_TIME, "%lld.%03lld", ms / 1000, ms % 1000);
    while (out[len - 1] == '0') len--;
    if (out[len - 1] == '.') len--;
    snprintf(out + len, REASON_TIME - (size_t)len, " s");
    return out;
}
