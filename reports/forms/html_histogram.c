/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/base/ratio.h"
#include "reports/forms/figures.h"
#include "reports/forms/html_parts.h"
#include <stdlib.h>

#define BINS   12
#define HEIGHT 96
#define BAR    40

static int by_time(const void *a, const void *b) {
    time_ns x = *(const time_ns *)a, y = *(const time_ns *)b;
    return x < y ? -1 : x > y;
}

/* A width of 1, 2 or 5 times a power of ten milliseconds, so that BINS of them hold all. */
static time_ns bin_width(time_ns longest) {
    static const time_ns steps[] = {1, 2, 5};
    for (time_ns power = NS_PER_MS;; power *= 10)
        for (size_t k = 0; k < ARRAY_LEN(steps); k++)
            if (steps[k] * power * BINS > longest) return steps[k] * power;
}

static void bars(FILE *out, const uint32_t counts[BINS], time_ns width, uint32_t most) {
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=img aria-hidden=true>", BINS * BAR, HEIGHT + 34);
    for (int k = 0; k < BINS; k++) {
        char text[24];
        int height = (int)((uint64_t)counts[k] * HEIGHT / most);
        if (counts[k] > 0 && height == 0) height = 1;
        fprintf(out, "<rect x=%d y=%d width=%d height=%d class=bin />", k * BAR + 2,
                HEIGHT + 14 - height, BAR - 4, height);
        if (counts[k] > 0)
            fprintf(out, "<text x=%d y=%d text-anchor=middle>%u</text>", k * BAR + BAR / 2,
                    HEIGHT + 10 - height, counts[k]);
        if (k % 3 == 0)
            fprintf(out, "<text x=%d y=%d class=axis>%s</text>", k * BAR, HEIGHT + 30,
                    figure_time(text, sizeof text, k * width));
    }
    fputs("</svg>\n", out);
}

static void table(FILE *out, const uint32_t counts[BINS], time_ns width) {
    fputs("<details><summary>As a table</summary><table><thead><tr><th scope=col>from</th><th "
          "scope=col>to under</th><th scope=col>count</th></tr></thead><tbody>\n",
          out);
    for (int k = 0; k < BINS; k++) {
        if (counts[k] == 0) continue;
        fputs("<tr>", out);
        html_time(out, k * width);
        html_time(out, (k + 1) * width);
        fprintf(out, "<td class=n>%u</td></tr>\n", counts[k]);
    }
    fputs("</tbody></table></details>\n", out);
}

void html_histogram(FILE *out, const char *title, const char *id, time_ns *samples, size_t count) {
    uint32_t counts[BINS] = {0}, most = 0;
    if (count == 0) return;
    qsort(samples, count, sizeof *samples, by_time);
    time_ns width = bin_width(samples[count - 1]);
    for (size_t k = 0; k < count; k++) {
        uint32_t *bin = &counts[samples[k] / width];
        if (++*bin > most) most = *bin;
    }
    fprintf(out, "<figure class=histogram id=%s><figcaption>%s (%zu)</figcaption>\n", id, title,
            count);
    bars(out, counts, width, most);
    table(out, counts, width);
    fputs("</figure>\n", out);
}
