/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/invariants.h"
#include <stdarg.h>

#define INVARIANT(name, meaning) {#name, meaning, invariant_##name},
const struct invariant invariants[] = {
#include "reports/judge/invariants.def"
};
#undef INVARIANT
const size_t invariant_count = ARRAY_LEN(invariants);

const struct invariant *invariant_named(const char *name) {
    for (size_t i = 0; i < invariant_count; i++)
        if (strcmp(invariants[i].name, name) == 0) return &invariants[i];
    return NULL;
}

/* Those found last, less what a fault excuses. */
static void excuse(const struct facts *facts, struct violations *found, uint32_t from) {
    uint32_t kept = from;
    for (uint32_t i = from; i < found->count; i++)
        if (!strained(facts, found->list[i].invariant, found->list[i].at))
            found->list[kept++] = found->list[i];
    found->count = kept;
}

void invariants_check(const struct facts *facts, struct violations *found) {
    for (size_t i = 0; i < invariant_count; i++) {
        uint32_t before = found->count;
        invariants[i].check(facts, found);
        excuse(facts, found, before);
    }
}

void violated(struct violations *found, const char *name, time_ns at, uint64_t record,
              const char *format, ...) {
    if (found->count == VIOLATIONS_MAX) {
        found->dropped++;
        return;
    }
    struct violation *v = &found->list[found->count++];
    const struct invariant *invariant = invariant_named(name);
    char seen[112];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(seen, sizeof seen, format, arguments);
    va_end(arguments);
    v->invariant = invariant ? invariant->name : "?";
    v->at = at;
    v->record = record;
    snprintf(v->why, sizeof v->why, "%s (%s): at %.3f s, record %llu, %s", v->invariant,
             invariant ? invariant->meaning : "?", (double)at / 1e9, (unsigned long long)record,
             seen);
}
