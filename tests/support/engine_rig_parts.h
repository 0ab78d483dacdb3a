/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_ENGINE_RIG_PARTS_H
#define TESTS_ENGINE_RIG_PARTS_H
/* What the rig's files share. engine_rig.c: opening, steps, time, people; engine_rig_laws.c: what
 * must always hold; engine_rig_world.c: the friendly world; engine_rig_log.c: questions. */
#include "tests/support/engine_rig.h"

#define RIG_OLD ((struct revision_id){1}) /* what serves before any patch */

/* ---- engine_rig_laws.c ---- */
void rig_demand(struct rig *rig, bool holds, const char *what);
void rig_look_at(struct rig *rig, const struct eng_input *input, const struct eng_effect *e);
/* The audit entry of that sequence among what was logged; NULL: none. */
const struct eff_audit_append *rig_entry(const struct rig *rig, int64_t sequence);

/* ---- engine_rig_world.c ---- */
/* Of the service's own requests that fail now, all revisions together. */
int64_t rig_own_share(const struct rig *rig, struct svc_id service);

#endif
