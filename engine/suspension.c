/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/core.h"

/*
 * The suspension of all automation: by the engine itself (a store that is silent, a chain that does
 * not verify) or by a person's red button. Only a person lifts it.
 */

/* All automation stops; what runs is left as it is (a person decides), what is watched goes on. */
void suspend(struct engine *e, enum reason why, const char *what) {
    if (e->suspended) return;
    e->suspended = true;
    e->suspended_why = why;
    emit(e, EFF_suspend)->suspend = (struct eff_suspend){true, why};
    audit(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_CRITICAL, NULL, NULL, what, NULL);
    tell(e, SEVERITY_CRITICAL, why, NULL, NULL, what);
}

/* What was let go by meanwhile is asked for anew. An entry that is still unacknowledged is waited
 * for again: if the log store is still silent, so is the engine in a moment. */
void suspension_lift(struct engine *e) {
    if (!e->suspended) return;
    e->suspended = false;
    emit(e, EFF_suspend)->suspend = (struct eff_suspend){false, REASON_PERSON_PAUSE};
    if (e->audit_acked < e->audit_sequence)
        engine_timer_arm(e, ENGINE_TIMER_AUDIT, e->config->locking.reply_timeout_ns);
    round_begin(e);
}
