/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RUN_DECISION_TEXT_H
#define SIM_RUN_DECISION_TEXT_H
/* A line of an engine's decision log as a sentence. The arena holds what it was taken apart into.
 * Text comes as it stands in the log: whoever prints it makes it printable. */
#include "engine/base/arena.h"
#include "engine/config.h"
#include "engine/words/contract.h"

/* "promote: soaked, sampled, and better (difference -0.144, samples 240)". False when the body is
 * no decision. */
bool decision_text(char *out, size_t size, struct arena *arena,
                   const struct eff_record_decision *decision);
/* Of a safety gate's decision: "pass: error_budget 0.3% <= 2.0%, ...", each gate's figure in its
 * own unit, beside the limit it was held against. */
bool gates_text(char *out, size_t size, struct arena *arena,
                const struct eff_record_decision *decision, const struct eng_gates *limits);

#endif
