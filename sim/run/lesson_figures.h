/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_LESSON_FIGURES_H
#define SIM_RUN_LESSON_FIGURES_H
/* One figure of what was found, by its name (lesson_find.h). False: it has none such. */
#include "sim/run/lesson_find.h"

bool found_field(const struct found *found, const char *path, struct lv *out);

#endif
