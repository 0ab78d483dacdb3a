/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_INVARIANT_CASE_H
#define TESTS_SUPPORT_INVARIANT_CASE_H
/* Runs one invariant over a twisted story, or over a trace of one's own. */
#include "reports/judge/invariants.h"
#include "tests/runner.h"
#include "tests/support/whole_story.h"

/* How often the invariant is violated in what was built, which is freed; the first sentence is
 * printed, so that it is read. */
static inline uint32_t violations_in(struct tb *t, const char *name) {
    static struct violations found;
    struct facts facts;
    struct trace_error error;
    memset(&found, 0, sizeof found);
    bool read = facts_read(t->bytes.data, t->bytes.size, &facts, &error);
    if (!read) fprintf(stderr, "record %llu: %s\n", (unsigned long long)error.record, error.what);
    const struct invariant *invariant = invariant_named(name);
    CU_ASSERT_FATAL(read && invariant != NULL);
    invariant->check(&facts, &found);
    if (found.count > 0) fprintf(stderr, "  %s\n", found.list[0].why);
    for (uint32_t i = 0; i < found.count; i++)
        CU_ASSERT_STRING_EQUAL(found.list[i].invariant, name);
    facts_free(&facts);
    tb_free(t);
    return found.count;
}
static inline uint32_t violations_of(const char *name, story_twist twist) {
    struct tb t;
    whole_story(&t, twist);
    return violations_in(&t, name);
}

#define HOLDS(name, twist)  CU_ASSERT_EQUAL(violations_of(name, twist), 0)
#define BREAKS(name, twist) CU_ASSERT_EQUAL(violations_of(name, twist), 1)

#endif
