/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/authority.h"

static bool is(const char *name, const struct text *said) {
    return !name || (strlen(name) == said->len && memcmp(name, said->s, said->len) == 0);
}

static bool granted(const struct eng_grants *grants, const struct text *team,
                    const struct text *role) {
    for (uint32_t k = 0; k < grants->count; k++)
        if (is(grants->list[k].team, team) && is(grants->list[k].role, role)) return true;
    return false;
}

/* Nobody is of no team. */
static bool named(const struct text *team, const struct text *role) {
    return team->len > 0 && role->len > 0;
}

bool may_command(const struct engine *e, const struct text *team, const struct text *role) {
    return named(team, role) && granted(&e->config->human.teams, team, role);
}

/* Approvers of one level may answer at every level: who was asked first is still there later, and
 * who would be asked later may answer early. */
bool may_approve(const struct engine *e, const struct text *team, const struct text *role) {
    const struct eng_human *human = &e->config->human;
    bool anybody = false;
    for (size_t k = 0; k < ARRAY_LEN(human->approvers); k++) {
        anybody |= human->approvers[k].count > 0;
        if (named(team, role) && granted(&human->approvers[k], team, role)) return true;
    }
    return !anybody && may_command(e, team, role);
}

time_ns approval_age(const struct engine *e, const struct approval *approval) {
    time_ns age = e->wall - approval->issued_wall;
    return age > 0 ? age : 0;
}

static bool served_before(const struct engine *e, int64_t number) {
    uint32_t kept = e->approval_count < PAST_MAX ? e->approval_count : PAST_MAX;
    for (uint32_t k = 0; k < kept; k++)
        if (e->approvals[k].number == number) return true;
    return false;
}

/* Each is remembered as used until it is too old to be used again. */
static bool remember_used(struct engine *e, int64_t number) {
    struct used_approval *oldest = &e->approvals[e->approval_count % PAST_MAX];
    bool full = e->approval_count >= PAST_MAX;
    if (full && e->mono - oldest->used_mono < e->config->human.approval_life_ns) return false;
    *oldest = (struct used_approval){number, e->mono};
    e->approval_count++;
    return true;
}

const char *approval_refused(struct engine *e, const struct approval *approval,
                             const struct hash *plan) {
    if (approval->number <= 0) return "no approval";
    if (!hash_eq(&approval->plan, plan)) return "an approval of another plan";
    if (served_before(e, approval->number)) return "an approval that served before";
    if (approval->issued_wall == 0) return "an approval that does not say when it was given";
    if (approval_age(e, approval) >= e->config->human.approval_life_ns)
        return "an approval that is too old";
    return remember_used(e, approval->number) ? NULL : "too many approvals in one life of them";
}

void person_refused(struct engine *e, const struct op *op, const char *what,
                    const struct text *team, const struct text *role, const char *why) {
    struct text detail = {0};
    struct writer w = writer_of(detail.s, TEXT_MAX);
    write_text(&w, why);
    write_text(&w, "; ");
    write_bytes(&w, team->s, team->len);
    write_text(&w, "/");
    write_bytes(&w, role->s, role->len);
    detail.len = (uint16_t)w.len;
    audit(e, CATEGORY_MANUAL_INTERVENTION, SEVERITY_WARNING, op, NULL, what, &detail);
    tell(e, SEVERITY_WARNING, REASON_COMMAND_REFUSED, NULL, NULL, why);
}
