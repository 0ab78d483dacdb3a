/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a promqltest script: refused at a place in it, or run to its end. */
#include "engine/base/check.h"
#include "sim/prometheus/conformance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FILE *nowhere;
    if (!nowhere) nowhere = fopen("/dev/null", "w");
    struct conformance_options options = {
        .verbose = true, .values_max = 2000, .steps_max = 200, .out = nowhere};
    struct conformance counts = {0};
    struct diags diags = {0};
    bool good = conformance_run("fuzz", (const char *)data, size, &options, &counts, &diags);
    ASSERT(good == (diags.errors + diags.dropped == 0));
    ASSERT(good || diags.list[0].line >= 1);
    return 0;
}
