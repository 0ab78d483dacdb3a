/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a TZif file: refused, or a zone whose every answer fits the others. */
#include "engine/base/check.h"
#include "engine/policy/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct zone zone;
    arena_open(&arena);
    if (!zone_read(&zone, &arena, data, size)) {
        for (int64_t utc = -4000000000; utc < 8000000000; utc += 99999937) {
            struct zone_instants at = zone_instants(&zone, utc + zone_offset(&zone, utc));
            ASSERT(!at.skipped && at.earliest <= utc && utc <= at.latest);
        }
    }
    arena_close(&arena);
    return 0;
}
