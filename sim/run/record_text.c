/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/record_text.h"

#include "engine/base/diag.h"

static void print_int(FILE *out, const char *name, int64_t v) {
    fprintf(out, " %s=%lld", name, (long long)v);
}
static void print_id(FILE *out, const char *name, uint64_t v) {
    if (v == NONE_ID || v == NONE_ID64)
        fprintf(out, " %s=-", name);
    else
        fprintf(out, " %s=%llu", name, (unsigned long long)v);
}
static void print_text(FILE *out, const char *name, struct rec_view v) {
    char shown[96];
    printable(shown, sizeof shown, v.bytes, v.len);
    fprintf(out, " %s=\"%s\"", name, shown);
}
static void print_bytes(FILE *out, const char *name, const uint8_t *bytes, size_t len) {
    fprintf(out, " %s=%zu:", name, len);
    for (size_t k = 0; k < len && k < 8; k++) fprintf(out, "%02x", bytes[k]);
}

#define PRINT_INT(name, v)        print_int(out, name, v);
#define PRINT_BOOL(name, v)       print_int(out, name, v);
#define PRINT_SVC(name, field)    print_id(out, name, (field).v);
#define PRINT_REV(name, field)    print_id(out, name, (field).v);
#define PRINT_PERSON(name, field) print_id(out, name, (field).v);
#define PRINT_INC(name, field)    print_id(out, name, (field).v);
#define PRINT_OP(name, field)     print_id(out, name, (field).v);
#define PRINT_STR(name, v)        print_text(out, name, v);
#define PRINT_BYTES(name, field)  print_bytes(out, name, (field).bytes, (field).len);
#define PRINT_BODY(name, field)   print_bytes(out, name, (field).bytes, (field).len);
#define PRINT_HASH(name, field)   print_bytes(out, name, (field).b, sizeof(field).b);

void record_print(const struct trace_record *record, FILE *out) {
    fprintf(out, "%02lld:%02lld.%09lld %s", (long long)(record->at / NS_PER_MIN),
            (long long)(record->at / NS_PER_S % 60), (long long)(record->at % NS_PER_S),
            record_name(record->kind));
    if (record->kind == REC_input) fprintf(out, " %s", input_name(record->input.kind));
    if (record->kind == REC_effect) fprintf(out, " %s", effect_name(record->effect.kind));
    /* clang-format off */
    switch (record->kind) {
#define F(name, type) PRINT_##type(#name, it->name)
#define RECORD(name, meaning, fields) case REC_##name: { const struct rec_##name *it = &record->name; fields break; }
#include "scenarios/words/record.def"
#undef RECORD
#undef F
    case REC_COUNT: break;
    }
    /* clang-format on */
    fputc('\n', out);
}
