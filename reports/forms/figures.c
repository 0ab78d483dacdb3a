/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/forms/figures.h"
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include <stdio.h>

const char *figure_time(char *buffer, size_t size, time_ns ns) {
    long long v = (long long)ns;
    if (ns == TIME_NEVER || ns < 0)
        snprintf(buffer, size, "-");
    else if (ns == 0)
        snprintf(buffer, size, "0");
    else if (ns < NS_PER_S)
        snprintf(buffer, size, "%lld.%lldms", v / NS_PER_MS, v % NS_PER_MS / (NS_PER_MS / 10));
    else if (ns < 10 * NS_PER_MIN)
        snprintf(buffer, size, "%lld.%03llds", v / NS_PER_S, v % NS_PER_S / NS_PER_MS);
    else
        snprintf(buffer, size, "%lldm%02llds", v / NS_PER_MIN, v % NS_PER_MIN / NS_PER_S);
    return buffer;
}

const char *figure_share(char *buffer, size_t size, int64_t ppm) {
    int64_t tenths = ppm / 1000 + (ppm % 1000 >= 500) - (ppm % 1000 <= -500);
    int64_t size_of = tenths < 0 ? -tenths : tenths;
    snprintf(buffer, size, "%s%lld.%lld%%", tenths < 0 ? "-" : "", (long long)(size_of / 10),
             (long long)(size_of % 10));
    return buffer;
}

const char *figure_budget(char *buffer, size_t size, int64_t ppm) {
    if (ppm < 0)
        snprintf(buffer, size, "-");
    else
        snprintf(buffer, size, "%lld.%03lld%%", (long long)((ppm + 5) / 10000),
                 (long long)((ppm + 5) / 10 % 1000));
    return buffer;
}

const char *figure_number(char *buffer, size_t size, int64_t micro) {
    struct writer w = writer_of(buffer, size - 1);
    int64_t thousandths = micro / 1000 + (micro % 1000 >= 500) - (micro % 1000 <= -500);
    write_micro(&w, muldiv(thousandths, 1000, 1));
    buffer[w.len] = '\0';
    return buffer;
}

const char *figure_clock(char *buffer, size_t size, time_ns at) {
    long long ms = (long long)(at / NS_PER_MS), hours = ms / 3600000;
    if (hours > 0)
        snprintf(buffer, size, "%lld:%02lld:%02lld.%03lld", hours, ms / 60000 % 60, ms / 1000 % 60,
                 ms % 1000);
    else
        snprintf(buffer, size, "%02lld:%02lld.%03lld", ms / 60000, ms / 1000 % 60, ms % 1000);
    return buffer;
}
