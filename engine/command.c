/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/authority.h"

/*
 * What people command, unasked. Whoever commands is of a team and role that may, and says why; what
 * lets an operation go on needs an approval of its plan beside. What is refused changes nothing: it
 * is audited, with who and why, and somebody is told.
 */

static const char *resume_refused(struct engine *e, const struct op *op,
                                  const struct in_person_command *in) {
    struct approval approval = {in->approval, in->plan, in->issued_wall};
    const char *why = op_resume_refused(e, op);
    if (!why && e->suspended) why = "automation is suspended: that is lifted first";
    return why ? why : approval_refused(e, &approval, &op->plan);
}

/* Why it is refused; NULL: it is obeyed. */
static const char *command_refused(struct engine *e, const struct op *op,
                                   const struct in_person_command *in) {
    if (!may_command(e, &in->team, &in->role)) return "not of a team and role that may command";
    if (in->reason.len == 0) return "it does not say why";
    switch ((enum command_kind)in->command) {
    case COMMAND_PAUSE:
    case COMMAND_CANCEL: return op ? NULL : "no such operation";
    case COMMAND_RESUME: return op ? resume_refused(e, op, in) : "no such operation";
    case COMMAND_SET_MODE: return in->name >= 0 && in->name < MODE_COUNT ? NULL : "no such mode";
    case COMMAND_FORCE_RELEASE:
        return in->scope > SCOPE_NONE && in->scope < SCOPE_COUNT ? NULL : "no such lock";
    default: return NULL;
    }
}

/* One that is paused for a question already is held all the same: no answer lets it go on. */
static void pause(struct engine *e, struct op *op) {
    bool asks = op->state == STATE_PAUSED;
    op->held = true;
    if (asks)
        tell(e, SEVERITY_WARNING, REASON_PERSON_PAUSE, &e->incidents[op->incident], op,
             "a person holds what was paused");
    else
        op_pause(e, op, REASON_PERSON_PAUSE, FORM_TELL, "a person paused it");
}

static void obey(struct engine *e, struct op *op, const struct in_person_command *in) {
    switch ((enum command_kind)in->command) {
    case COMMAND_FREEZE: suspend(e, REASON_PERSON_PAUSE, "a person froze all automation"); break;
    case COMMAND_UNFREEZE: suspension_lift(e); break;
    case COMMAND_PAUSE: pause(e, op); break;
    case COMMAND_RESUME: /* findings are not waived by a command: they are judged anew */
        op->held = false;
        op_resume(e, op);
        break;
    case COMMAND_CANCEL: op_refuse(e, op, "a person cancelled it"); break;
    case COMMAND_SET_MODE: mode_set(e, (enum mode)in->name); break;
    case COMMAND_FORCE_RELEASE: /* its holder finds out by its next renewal, and stops acting */
        emit(e, EFF_lock_force)->lock_force =
            (struct eff_lock_force){next_request(e), in->scope, in->name};
        break;
    case COMMAND_COUNT: break;
    }
}

void people_on_command(struct engine *e, const struct in_person_command *in) {
    struct op *op = op_by_id(e, in->op);
    const char *why = command_refused(e, op, in);
    if (why) {
        person_refused(e, op, "command refused", &in->team, &in->role, why);
        return;
    }
    audit(e, CATEGORY_MANUAL_INTERVENTION, (enum severity)in->severity, op, NULL,
          command_name(in->command), &in->reason);
    obey(e, op, in);
}
