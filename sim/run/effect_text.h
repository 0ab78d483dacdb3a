/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_EFFECT_TEXT_H
#define SIM_RUN_EFFECT_TEXT_H
/* An effect as one line for a person, with its fields by name: "deploy_stage request=9 ...". Text
 * is made printable; of a hash its first bytes are shown. */
#include "engine/words/contract.h"
#include <stdio.h>

void effect_print(const struct eng_effect *effect, FILE *out);

#endif
