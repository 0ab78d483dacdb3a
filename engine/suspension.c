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
    const struct entry_figure figures[] = {{"suspended", 1}, {"reason", why}};
    audit_figures(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_CRITICAL, NULL, NULL, what, NULL, figures,
                  ARRAY_LEN(figures));
    tell(e, SEVERITY_CRITICAL, why, NULL, NULL, what);
}

/* What was let go by meanwhile is asked for anew. An entry that is still unacknowledged is waited
 * for again: if the log store is still silent, so is the engine in a moment. */
void suspension_lift(struct engine *e) {
    if (!e->suspended) return;
    e->suspended = false;
    emit(e, EFF_suspend)->suspend = (struct eff_suspend){false, REASON_PERSON_PAUSE};
    audit_figures(e, CATEGORY_SYSTEM_HEALTH, SEVERITY_WARNING, NULL, NULL, "automation goes on",
                  NULL, &(struct entry_figure){"suspended", 0}, 1);
    e->audit_silences = 0;
    round_begin(e);
}
