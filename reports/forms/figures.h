/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_FORMS_FIGURES_H
#define REPORTS_FORMS_FIGURES_H
/* Figures as people read them, without floating point: the same on every machine. */
#include "engine/base/simtime.h"

/* Behind a word: "s" of any count but one. */
static inline const char *plural(int64_t count) { return count == 1 ? "" : "s"; }

/* "36.000s", "1.2ms" under a second, "45m00s" from ten minutes, "-" for TIME_NEVER or less than 0.
 */
const char *figure_time(char *buffer, size_t size, time_ns ns);
/* "15.2%": one decimal. */
const char *figure_share(char *buffer, size_t size, int64_t ppm);
/* "0.241%": a part of a budget, of which the third decimal matters; "-" for less than 0. */
const char *figure_budget(char *buffer, size_t size, int64_t ppm);
/* "0.354", "3": a score or a number of a decision, rounded to three decimals, which are enough to
 * follow it; the decision log has all six. */
const char *figure_number(char *buffer, size_t size, int64_t micro);
/* "00:36.000", "1:02:03.000" from an hour: since the start. */
const char *figure_clock(char *buffer, size_t size, time_ns at);

#endif
