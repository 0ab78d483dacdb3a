/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any sequence of inputs: a friendly world whose answers get lost, come twice, late or changed, and
 * beside them inputs of every kind with ids that are right, old, or rubbish. Whatever comes, the
 * engine trips no assert, touches no memory but its own, and breaks none of the rig's rules.
 */
#include "engine/base/check.h"
#include "tests/support/engine_rig.h"
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *at, *end;
};
static struct bytes in;

static uint8_t next_byte(void) { return in.at < in.end ? *in.at++ : 0; }

static int64_t any_int(void) {
    uint64_t v = 0;
    for (int k = 0; k < 8; k++) v = v << 8 | next_byte();
    int64_t s;
    memcpy(&s, &v, sizeof s);
    return s;
}

/* The first number of a recent effect: what a request, a message, an entry or a timer was called.
 */
static int64_t recent_number(const struct rig *rig) {
    uint32_t back = next_byte();
    if (back >= rig->log_count) return 0;
    int64_t number;
    memcpy(&number, &rig->log[rig->log_count - 1 - back].effect.query, sizeof number);
    return number;
}

static int64_t pick_int(const struct rig *rig) {
    switch (next_byte() % 8) {
    case 0: return 0;
    case 1: return 1;
    case 2: return -1;
    case 3: return next_byte();
    case 4: return recent_number(rig);
    case 5: return (int64_t)next_byte() << (next_byte() % 56);
    case 6: return next_byte() % 2 ? INT64_MAX : INT64_MIN;
    default: return any_int();
    }
}

static struct op_id pick_op(const struct rig *rig) {
    if (next_byte() % 4 == 0 || rig->op_count == 0) return (struct op_id){(uint64_t)any_int()};
    return rig_op(rig, next_byte() % rig->op_count);
}

static struct incident_id pick_incident(const struct rig *rig) {
    const struct eng_effect *asked = rig_last(rig, EFF_ask_evidence);
    if (asked && next_byte() % 4 != 0) return asked->ask_evidence.incident;
    return (struct incident_id){(uint64_t)any_int()};
}

static struct hash pick_hash(const struct rig *rig) {
    const struct eng_effect *asked = rig_last(rig, EFF_notify);
    struct hash hash = {{next_byte()}};
    return asked && next_byte() % 4 != 0 ? asked->notify.plan : hash;
}

static void fill_text(char *s, size_t room, uint16_t *len) {
    size_t wanted = next_byte();
    for (size_t k = 0; k < wanted && k < room; k++) s[k] = (char)next_byte();
    *len = (uint16_t)(next_byte() == 255 ? 65535 : wanted < room ? wanted : room);
}

static void fill_intents(const struct rig *rig, struct intents *intents) {
    uint8_t wanted = next_byte();
    intents->count = wanted < 200 ? wanted % 4 : wanted;
    for (uint32_t k = 0; k < intents->count && k < INTENTS_MAX; k++)
        intents->list[k] = (struct intent){.number = pick_int(rig),
                                           .op = pick_op(rig),
                                           .kind = pick_int(rig),
                                           .service = {next_byte() % 8}};
}

#define FILL_INT(to)     to = pick_int(rig);
#define FILL_BOOL(to)    to = next_byte() % 2 != 0;
#define FILL_SVC(to)     to = (struct svc_id){next_byte() % 8 ? next_byte() % 6 : (uint32_t)any_int()};
#define FILL_REV(to)     to = (struct revision_id){next_byte() % 2 ? next_byte() : rig->serving.v};
#define FILL_PERSON(to)  to = (struct person_id){next_byte()};
#define FILL_OP(to)      to = pick_op(rig);
#define FILL_INC(to)     to = pick_incident(rig);
#define FILL_HASH(to)    to = pick_hash(rig);
#define FILL_TEXT(to)    fill_text((to).s, TEXT_MAX, &(to).len);
#define FILL_BLOB(to)    (to).len = next_byte();
#define FILL_INTENTS(to) fill_intents(rig, &(to));

/* clang-format off */
#define F(name, type) FILL_##type(it->name)
#define INPUT(name, meaning, fields) case IN_##name: { struct in_##name *it = &input->name; fields break; }
static void fill(const struct rig *rig, struct eng_input *input) {
    switch (input->kind) {
#include "engine/words/input.def"
    default: break;
    }
}
#undef INPUT
/* One field of an answer that was right, or none. */
#undef F
#define F(name, type) if (which-- == 0) { FILL_##type(it->name) }
#define INPUT(name, meaning, fields) case IN_##name: { struct in_##name *it = &input->name; fields break; }
static void spoil(const struct rig *rig, struct eng_input *input) {
    int which = next_byte() % 12;
    switch (input->kind) {
#include "engine/words/input.def"
    default: break;
    }
}
#undef INPUT
#undef F
/* clang-format on */

static enum rig_answer answers(struct rig *rig, const struct eng_effect *effect,
                               struct eng_input *answer) {
    uint8_t how = next_byte();
    if (in.at == in.end || how < 200) return RIG_FRIENDLY;
    if (how < 215) return RIG_SILENT;
    if (!rig_friendly(rig, effect, answer)) return RIG_FRIENDLY;
    if (how < 235) {
        spoil(rig, answer);
        return RIG_MINE;
    }
    if (how < 245) rig_later(rig, answer, (time_ns)next_byte() * NS_PER_MS); /* twice */
    if (how >= 250) {
        rig_later(rig, answer, (time_ns)next_byte() * NS_PER_S); /* late */
        return RIG_SILENT;
    }
    return RIG_MINE;
}

static void turn_a_knob(struct rig *rig) {
    uint8_t knob = next_byte();
    switch (knob % 8) {
    case 0: rig->silent[next_byte() % EFF_COUNT] ^= true; break;
    case 1:
        rig->kind[next_byte() % QUERY_COUNT] = (enum value_kind)(next_byte() % VALUE_COUNT);
        break;
    case 2: rig->micro[next_byte() % QUERY_COUNT] = pick_int(rig); break;
    case 3: rig->own_share_ppm = next_byte() * INT64_C(4000); break;
    case 4: rig->patched_share_ppm = next_byte() * INT64_C(4000); break;
    case 5: rig->unpatched_gone ^= true; break;
    case 6:
        fill_intents(rig, &rig->others);
        rig->others.count %= INTENTS_MAX;
        break;
    default: rig->culprit = (struct svc_id){next_byte() % 5}; break;
    }
}

static void act(struct rig *rig) {
    struct eng_input input = {.kind = IN_COUNT};
    uint8_t what = next_byte();
    switch (what % 10) {
    case 0:
        input.kind = (enum input_kind)(next_byte() % (IN_COUNT + 1));
        fill(rig, &input);
        rig_feed(rig, &input);
        break;
    case 1:
        rig_alert(rig, (struct svc_id){next_byte() % 5}, (enum symptom)(what / 10 % 3), what < 200);
        break;
    case 2:
        rig_decide(rig, (enum message_form)(what / 10 % 2),
                   (enum answer)(next_byte() % ANSWER_COUNT));
        break;
    case 3:
        rig_command(rig, (enum command_kind)(next_byte() % COMMAND_COUNT), what < 30 ? "" : "sre",
                    pick_op(rig));
        break;
    case 4: turn_a_knob(rig); break;
    case 5: rig_run(rig, (time_ns)next_byte() * 20 * NS_PER_MS); break;
    case 6: rig_run(rig, (time_ns)next_byte() * NS_PER_S); break;
    default:
        for (uint8_t k = next_byte() % 32; k > 0; k--) rig_next(rig);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct rig rig;
    in = (struct bytes){data, data + (size < 4096 ? size : 4096)};
    rig_open(&rig);
    uint8_t small = next_byte();
    if (small % 2) rig.config.limits = (struct eng_limits){2, 2, 2, 3};
    rig.config.mode = (enum mode)(small / 2 % 8 < 6 ? MODE_ACT : small / 2 % 3);
    rig_start(&rig);
    rig.hook = answers;
    while (in.at < in.end) act(&rig);
    if (rig.broken) fprintf(stderr, "%s\n", rig.broken);
    ASSERT(rig.broken == NULL);
    rig_close(&rig);
    return 0;
}
