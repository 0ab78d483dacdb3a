/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/effect_text.h"

#include "engine/base/diag.h"

static void put_int(FILE *out, const char *name, int64_t v) {
    fprintf(out, " %s=%lld", name, (long long)v);
}
static void put_id(FILE *out, const char *name, uint64_t v) {
    fprintf(out, " %s=%llu", name, (unsigned long long)v);
}
static void put_text(FILE *out, const char *name, const void *bytes, size_t len) {
    char text[1200];
    printable(text, sizeof text, bytes, len);
    fprintf(out, " %s=\"%s\"", name, text);
}
static void put_hash(FILE *out, const char *name, const struct hash *hash) {
    fprintf(out, " %s=%02x%02x%02x%02x", name, hash->b[0], hash->b[1], hash->b[2], hash->b[3]);
}

#define PUT_INT(name)    put_int(out, #name, it->name);
#define PUT_BOOL(name)   put_int(out, #name, it->name ? 1 : 0);
#define PUT_SVC(name)    put_id(out, #name, it->name.v);
#define PUT_REV(name)    put_id(out, #name, it->name.v);
#define PUT_INC(name)    put_id(out, #name, it->name.v);
#define PUT_OP(name)     put_id(out, #name, it->name.v);
#define PUT_PERSON(name) put_id(out, #name, it->name.v);
#define PUT_TEXT(name)   put_text(out, #name, it->name.s, it->name.len);
#define PUT_BLOB(name)   put_text(out, #name, it->name.b, it->name.len);
#define PUT_HASH(name)   put_hash(out, #name, &it->name);

void effect_print(const struct eng_effect *effect, FILE *out) {
    fputs(effect_name(effect->kind), out);
    switch (effect->kind) {
        /* clang-format off */
#define F(name, type) PUT_##type(name)
#define EFFECT(name, meaning, fields)                                                              \
    case EFF_##name: { const struct eff_##name *it = &effect->name; (void)it; fields break; }
#include "engine/words/effect.def"
#undef EFFECT
#undef F
        /* clang-format on */
    default: break;
    }
    fputc('\n', out);
}
