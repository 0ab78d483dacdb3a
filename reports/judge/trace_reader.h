/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef REPORTS_JUDGE_TRACE_READER_H
#define REPORTS_JUDGE_TRACE_READER_H
/*
 * Reads a trace, record by record, from bytes that may come from anywhere: truncated, of wrong
 * types, with absurd counts. Allocates nothing; views point into the caller's bytes, which must
 * outlive what was read. Records and the bodies of crossings are decoded by the tables of
 * scenarios/words/record.def and engine/words/{input,effect}.def, each with exactly its fields.
 */
#include "engine/words/contract.h"
#include "scenarios/words/record.h"

#define TRACE_FILE_MAGIC     "fdrill\x01\n" /* what a trace file begins with */
#define TRACE_FILE_MAGIC_LEN 8

struct trace_record {
    uint64_t number; /* from 0 */
    size_t offset;   /* of its first byte, magic included */
    enum record_kind kind;
    time_ns at;
    union {
        /* clang-format off */
#define RECORD(name, meaning, fields) struct rec_##name name;
#include "scenarios/words/record.def"
#undef RECORD
        /* clang-format on */
    };
};

struct trace_error {
    uint64_t record;
    size_t offset;
    char what[160]; /* one sentence, printable */
};

/* Told now and then that so many bytes lie behind: whoever maps a file may give their memory back.
 * They can still be looked at. */
typedef void (*trace_passed)(const void *bytes, size_t len);
#define TRACE_PASSED_BYTES (1 << 20)

struct trace_reader {
    const uint8_t *bytes;
    size_t len, at;
    uint64_t count;      /* records read so far */
    trace_passed passed; /* NULL: nobody wants to know */
    size_t passed_to;
    struct trace_error error;
};

bool trace_has_magic(const void *bytes, size_t len);
/* With or without the magic; a record never begins with its first byte. */
void trace_reader_open(struct trace_reader *reader, const void *bytes, size_t len);

enum trace_read { TRACE_RECORD, TRACE_DONE, TRACE_BAD };
/* The next record. DONE at the end of the bytes; BAD fills reader->error and is final. */
enum trace_read trace_next(struct trace_reader *reader, struct trace_record *out) MUST_CHECK;

/* Decodes a crossing. False with a reason in *wrong and the offset within the body in *at. wall and
 * mono of the input are the record's. Unused bytes of out are zero. */
bool trace_input(const struct rec_input *record, struct eng_input *out, const char **wrong,
                 size_t *at) MUST_CHECK;
bool trace_effect(const struct rec_effect *record, struct eng_effect *out, const char **wrong,
                  size_t *at) MUST_CHECK;

#endif
