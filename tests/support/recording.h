/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RECORDING_H
#define TESTS_RECORDING_H
/*
 * Some minutes of an engine's life, as the inputs that it was fed: fixes that heal and fixes that
 * are taken back, queues at a lock, doubts that people settle, commands, a graph that changes, a
 * restart that reads the log back. Every kind of input is in it. Fed again, to an engine of the
 * same configuration, each input does what it did: whoever measures the engine does it on this.
 */
#include "tests/support/engine_rig.h"

struct recording {
    struct rig rig; /* what it was made with; its config is the one to open an engine by */
    struct eng_input *inputs;
    uint32_t count, room;
    uint64_t fingerprint; /* at the end */
};

/* rounds: how often the stories are told, each time a quarter of an hour later. */
void recording_make(struct recording *recording, uint32_t rounds);
void recording_free(struct recording *recording);
/* Before each "recovered" the engine is restarted, as it was. */
void recording_feed(const struct recording *recording, uint32_t index, struct engine *engine,
                    struct eng_effects *out);

#endif
