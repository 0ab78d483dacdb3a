/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/trace_reader.h"
#include "reports/judge/wire.h"
#include <stdarg.h>
#include <stdio.h>

/* ---- one reader a field type ---- */

static bool read_INT(struct wire *w, int64_t *out) { return wire_int(w, out); }

static bool read_BOOL(struct wire *w, bool *out) {
    int64_t v;
    if (!wire_int(w, &v)) return false;
    if (v != 0 && v != 1) return wire_fail(w, "expected 0 or 1");
    *out = v == 1;
    return true;
}

/* "Nobody" may have been written as an unsigned or as a signed number. */
static bool read_id32(struct wire *w, uint32_t *out) {
    int64_t v;
    if (!wire_int(w, &v)) return false;
    if (v < -1 || v > UINT32_MAX) return wire_fail(w, "expected an id of 32 bits");
    *out = (uint32_t)v;
    return true;
}
static bool read_SVC(struct wire *w, struct svc_id *out) { return read_id32(w, &out->v); }
static bool read_REV(struct wire *w, struct revision_id *out) { return read_id32(w, &out->v); }
static bool read_PERSON(struct wire *w, struct person_id *out) { return read_id32(w, &out->v); }

static bool read_id64(struct wire *w, uint64_t *out) {
    int64_t v;
    if (!wire_int(w, &v)) return false;
    *out = (uint64_t)v;
    return true;
}
static bool read_INC(struct wire *w, struct incident_id *out) { return read_id64(w, &out->v); }
static bool read_OP(struct wire *w, struct op_id *out) { return read_id64(w, &out->v); }

static bool read_STR(struct wire *w, struct rec_view *out) { return wire_bytes(w, out); }
static bool read_BYTES(struct wire *w, struct rec_view *out) { return wire_bytes(w, out); }

static bool read_HASH(struct wire *w, struct hash *out) {
    struct rec_view v;
    if (!wire_bytes(w, &v)) return false;
    if (v.len != sizeof out->b) return wire_fail(w, "expected a hash of 32 bytes");
    memcpy(out->b, v.bytes, sizeof out->b);
    return true;
}

static bool read_BODY(struct wire *w, struct rec_view *out) {
    return wire_at_array(w) ? wire_value(w, out) : wire_bytes(w, out);
}

static bool read_TEXT(struct wire *w, struct text *out) {
    struct rec_view v;
    if (!wire_bytes(w, &v)) return false;
    if (v.len > TEXT_MAX) return wire_fail(w, "a text too long");
    text_setn(out, v.bytes, v.len);
    return true;
}

static bool read_BLOB(struct wire *w, struct blob *out) {
    struct rec_view v;
    if (!wire_bytes(w, &v)) return false;
    if (v.len > BLOB_MAX) return wire_fail(w, "a blob too long");
    if (v.len > 0) memcpy(out->b, v.bytes, v.len);
    out->len = (uint16_t)v.len;
    return true;
}

static bool read_count(struct wire *w, uint32_t expected) {
    uint32_t count;
    if (!wire_array(w, &count)) return false;
    return count == expected ||
           wire_fail(w, "another number of fields than its kind has in this version");
}

static bool read_INTENTS(struct wire *w, struct intents *out) {
    if (!wire_array(w, &out->count)) return false;
    if (out->count > INTENTS_MAX) return wire_fail(w, "too many intents");
    for (uint32_t i = 0; i < out->count; i++) {
        struct intent *t = &out->list[i];
        if (!read_count(w, 6) || !read_INT(w, &t->number) || !read_OP(w, &t->op) ||
            !read_INT(w, &t->kind) || !read_SVC(w, &t->service) || !read_INC(w, &t->incident) ||
            !read_INT(w, &t->age_ns))
            return false;
    }
    return true;
}

/* ---- one decoder a record, an input, an effect ---- */
/* clang-format off */
#define F(name, type) && read_##type(w, &out->name)
#define RECORD(name, meaning, fields)                                                              \
    static bool record_##name(struct wire *w, struct rec_##name *out) { return !w->wrong fields; }
#include "scenarios/words/record.def"
#undef RECORD
#define INPUT(name, meaning, fields)                                                               \
    static bool input_##name(struct wire *w, struct in_##name *out) { return !w->wrong fields; }
#include "engine/words/input.def"
#undef INPUT
#define EFFECT(name, meaning, fields)                                                              \
    static bool effect_##name(struct wire *w, struct eff_##name *out) { return !w->wrong fields; }
#include "engine/words/effect.def"
#undef EFFECT
#undef F

#define F(name, type) + 1
static uint32_t record_fields(enum record_kind kind) {
#define RECORD(name, meaning, fields) 0 fields,
    static const uint32_t counts[] = {
#include "scenarios/words/record.def"
    };
#undef RECORD
    return counts[kind];
}
static uint32_t input_fields(enum input_kind kind) {
#define INPUT(name, meaning, fields) 0 fields,
    static const uint32_t counts[] = {
#include "engine/words/input.def"
    };
#undef INPUT
    return counts[kind];
}
static uint32_t effect_fields(enum effect_kind kind) {
#define EFFECT(name, meaning, fields) 0 fields,
    static const uint32_t counts[] = {
#include "engine/words/effect.def"
    };
#undef EFFECT
    return counts[kind];
}
#undef F

static bool record_body(struct wire *w, struct trace_record *out) {
    switch (out->kind) {
#define RECORD(name, meaning, fields) case REC_##name: return record_##name(w, &out->name);
#include "scenarios/words/record.def"
#undef RECORD
    case REC_COUNT: break;
    }
    return false;
}
static bool input_body(struct wire *w, struct eng_input *out) {
    switch (out->kind) {
#define INPUT(name, meaning, fields) case IN_##name: return input_##name(w, &out->name);
#include "engine/words/input.def"
#undef INPUT
    case IN_COUNT: break;
    }
    return false;
}
static bool effect_body(struct wire *w, struct eng_effect *out) {
    switch (out->kind) {
#define EFFECT(name, meaning, fields) case EFF_##name: return effect_##name(w, &out->name);
#include "engine/words/effect.def"
#undef EFFECT
    case EFF_COUNT: break;
    }
    return false;
}
/* clang-format on */

/* ---- the reader ---- */

bool trace_has_magic(const void *bytes, size_t len) {
    return len >= TRACE_FILE_MAGIC_LEN &&
           memcmp(bytes, TRACE_FILE_MAGIC, TRACE_FILE_MAGIC_LEN) == 0;
}

void trace_reader_open(struct trace_reader *reader, const void *bytes, size_t len) {
    *reader = (struct trace_reader){.bytes = bytes, .len = len};
    if (trace_has_magic(bytes, len)) reader->at = TRACE_FILE_MAGIC_LEN;
}

PRINTF_LIKE(3, 4)
static enum trace_read bad(struct trace_reader *r, size_t offset, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    r->error.record = r->count;
    r->error.offset = offset;
    vsnprintf(r->error.what, sizeof r->error.what, format, arguments);
    va_end(arguments);
    r->at = r->len;
    return TRACE_BAD;
}

static bool record_head(struct wire *w, uint32_t *count, int64_t *kind, time_ns *at) {
    if (!wire_array(w, count)) return false;
    if (*count < 2) return wire_fail(w, "a record begins with kind and time");
    if (!wire_int(w, kind) || !wire_int(w, at)) return false;
    if (*kind < 0 || *kind >= REC_COUNT) return wire_fail(w, "no such kind of record");
    return true;
}

enum trace_read trace_next(struct trace_reader *r, struct trace_record *out) {
    if (r->error.what[0] != '\0') return TRACE_BAD;
    if (r->at == r->len) return TRACE_DONE;
    struct wire w = {.bytes = r->bytes, .len = r->len, .at = r->at};
    uint32_t count = 0;
    int64_t kind = 0;
    memset(out, 0, sizeof *out);
    out->number = r->count;
    out->offset = r->at;
    if (!record_head(&w, &count, &kind, &out->at))
        return bad(r, w.at, "%s%s", r->at == 0 ? "is no trace: " : "", w.wrong);
    out->kind = (enum record_kind)kind;
    if (count != 2 + record_fields(out->kind))
        return bad(r, r->at, "record \"%s\" has %u values, expected %u", record_name(kind),
                   (unsigned)count, 2 + record_fields(out->kind));
    if (!record_body(&w, out)) return bad(r, w.at, "record \"%s\": %s", record_name(kind), w.wrong);
    r->at = w.at;
    r->count++;
    if (r->passed && r->at - r->passed_to >= TRACE_PASSED_BYTES) {
        r->passed(r->bytes + r->passed_to, r->at - r->passed_to);
        r->passed_to = r->at;
    }
    return TRACE_RECORD;
}

static bool crossing_done(const struct wire *w, bool fine, const char **wrong, size_t *at) {
    *at = w->at;
    *wrong = w->wrong;
    if (fine && w->at != w->len) *wrong = "bytes after the last field";
    return *wrong == NULL;
}

bool trace_input(const struct rec_input *record, struct eng_input *out, const char **wrong,
                 size_t *at) {
    struct wire w = wire_of(record->body.bytes, record->body.len);
    memset(out, 0, sizeof *out);
    out->wall = record->wall;
    out->mono = record->mono;
    bool known = record->kind >= 0 && record->kind < IN_COUNT;
    bool fine = known || wire_fail(&w, "no such kind of input");
    if (known) out->kind = (enum input_kind)record->kind;
    fine = fine && read_count(&w, input_fields(out->kind)) && input_body(&w, out);
    return crossing_done(&w, fine, wrong, at);
}

bool trace_effect(const struct rec_effect *record, struct eng_effect *out, const char **wrong,
                  size_t *at) {
    struct wire w = wire_of(record->body.bytes, record->body.len);
    memset(out, 0, sizeof *out);
    bool known = record->kind >= 0 && record->kind < EFF_COUNT;
    bool fine = known || wire_fail(&w, "no such kind of effect");
    if (known) out->kind = (enum effect_kind)record->kind;
    fine = fine && read_count(&w, effect_fields(out->kind)) && effect_body(&w, out);
    return crossing_done(&w, fine, wrong, at);
}
