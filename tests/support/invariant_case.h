/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_INVARIANT_CASE_H
#define TESTS_SUPPORT_INVARIANT_CASE_H
/* Runs one invariant over a twisted story. */
#include "reports/judge/invariants.h"
#include "tests/runner.h"
#include "tests/support/whole_story.h"

/* How often the invariant is violated; the first sentence is printed, so that it is read. */
static inline uint32_t violations_of(const char *name, story_twist twist) {
    static struct violations found;
    struct tb t;
    struct facts facts;
    struct trace_error error;
    memset(&found, 0, sizeof found);
    whole_story(&t, twist);
    bool read = facts_read(t.bytes.data, t.bytes.size, &facts, &error);
    if (!read) fprintf(stderr, "record %llu: %s\n", (unsigned long long)error.record, error.what);
    const struct invariant *invariant = invariant_named(name);
    CU_ASSERT_FATAL(read && invariant != NULL);
    invariant->check(&facts, &found);
    if (found.count > 0) fprintf(stderr, "  %s\n", found.list[0].why);
    for (uint32_t i = 0; i < found.count; i++)
        CU_ASSERT_STRING_EQUAL(found.list[i].invariant, name);
    facts_free(&facts);
    tb_free(&t);
    return found.count;
}

#define HOLDS(name, twist)  CU_ASSERT_EQUAL(violations_of(name, twist), 0)
#define BREAKS(name, twist) CU_ASSERT_EQUAL(violations_of(name, twist), 1)

#endif
