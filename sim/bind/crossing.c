/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/bind/bind.h"

#include "engine/base/check.h"

#include <msgpack.h>

/* The writer of crossings, expanded from input.def and effect.def; reports/judge/wire.c reads them.
 */

struct bytes_out {
    uint8_t *bytes;
    size_t size, len;
};

static int append(void *context, const char *bytes, size_t len) {
    struct bytes_out *out = context;
    ASSERT(len <= out->size - out->len); /* CROSSING_MAX holds the largest of them */
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
    return 0;
}

static void put_str(msgpack_packer *p, const char *s, size_t len) {
    msgpack_pack_str(p, len);
    msgpack_pack_str_body(p, s, len);
}
static void put_bin(msgpack_packer *p, const void *b, size_t len) {
    msgpack_pack_bin(p, len);
    msgpack_pack_bin_body(p, b, len);
}
static void put_intents(msgpack_packer *p, const struct intents *intents) {
    msgpack_pack_array(p, intents->count);
    for (uint32_t k = 0; k < intents->count; k++) {
        const struct intent *i = &intents->list[k];
        msgpack_pack_array(p, 6);
        msgpack_pack_int64(p, i->number);
        msgpack_pack_int64(p, (int64_t)i->op.v);
        msgpack_pack_int64(p, i->kind);
        msgpack_pack_int64(p, i->service.v);
        msgpack_pack_int64(p, (int64_t)i->incident.v);
        msgpack_pack_int64(p, i->age_ns);
    }
}

#define PUT_INT(v)     msgpack_pack_int64(&p, (v));
#define PUT_BOOL(v)    msgpack_pack_int64(&p, (v) ? 1 : 0);
#define PUT_SVC(id)    msgpack_pack_int64(&p, (id).v);
#define PUT_REV(id)    msgpack_pack_int64(&p, (id).v);
#define PUT_PERSON(id) msgpack_pack_int64(&p, (id).v);
#define PUT_INC(id)    msgpack_pack_int64(&p, (int64_t)(id).v);
#define PUT_OP(id)     msgpack_pack_int64(&p, (int64_t)(id).v);
#define PUT_TEXT(t)    put_str(&p, (t).s, (t).len);
#define PUT_BLOB(v)    put_bin(&p, (v).b, (v).len);
#define PUT_HASH(v)    put_bin(&p, (v).b, sizeof(v).b);
#define PUT_INTENTS(i) put_intents(&p, &(i));

/* clang-format off */
#define F(name, type) +1
#define INPUT(name, meaning, fields) 0 fields,
static const uint8_t input_fields[] = {
#include "engine/words/input.def"
};
#undef INPUT
#define EFFECT(name, meaning, fields) 0 fields,
static const uint8_t effect_fields[] = {
#include "engine/words/effect.def"
};
#undef EFFECT
#undef F

#define F(name, type) PUT_##type(it->name)
size_t crossing_input(const struct eng_input *input, uint8_t *bytes, size_t size) {
    struct bytes_out out = {bytes, size, 0};
    msgpack_packer p;
    msgpack_packer_init(&p, &out, append);
    msgpack_pack_array(&p, input_fields[input->kind]);
    switch (input->kind) {
#define INPUT(name, meaning, fields) case IN_##name: { const struct in_##name *it = &input->name; fields break; }
#include "engine/words/input.def"
#undef INPUT
    case IN_COUNT: UNREACHABLE();
    }
    return out.len;
}

size_t crossing_effect(const struct eng_effect *effect, uint8_t *bytes, size_t size) {
    struct bytes_out out = {bytes, size, 0};
    msgpack_packer p;
    msgpack_packer_init(&p, &out, append);
    msgpack_pack_array(&p, effect_fields[effect->kind]);
    switch (effect->kind) {
#define EFFECT(name, meaning, fields) case EFF_##name: { const struct eff_##name *it = &effect->name; fields break; }
#include "engine/words/effect.def"
#undef EFFECT
    case EFF_COUNT: UNREACHABLE();
    }
    return out.len;
}
#undef F
/* clang-format on */
