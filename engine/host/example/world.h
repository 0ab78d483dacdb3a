/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_HOST_EXAMPLE_WORLD_H
#define ENGINE_HOST_EXAMPLE_WORLD_H
/* What a real host would call, in miniature: metrics, logs, a patch service, CI, a lock store, a
 * deploy target. Two services; cart calls payment, of whose requests 15.2% fail until a patch
 * serves. */
#include "engine/engine.h"

extern const struct eng_graph world_graph;
const char *world_service(struct svc_id service); /* NULL: of none */

/* How long it takes to answer the effect, and the answer; -1: it is only told, or not known here.
 */
time_ns world_answer(const struct eng_effect *effect, time_ns mono, struct eng_input *answer);

#endif
