/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes: the reader gives a recording or says why not, and whatever it gives can be ranked. */
#include "engine/base/check.h"
#include "reports/rca/analysis.h"

#include <gsl/gsl_errno.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char topology_text[] =
    "name: t\nentrypoints: [a]\nservices: [{name: a}, {name: b}, {name: c}]\n"
    "calls: [{from: a, to: b, protocol: http}, {from: b, to: c, protocol: http},\n"
    "  {from: c, to: b, protocol: http}]\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct diags diags;
    struct arena arena;
    struct rca_recording recording;
    gsl_set_error_handler_off();
    arena_open(&arena);
    diags = (struct diags){0};
    const struct topology *t =
        topo_load(&arena, "t.yaml", topology_text, strlen(topology_text), &diags);
    ASSERT(t);
    bool read =
        rca_recording_read(&recording, &arena, t, "m.csv", (const char *)data, size, &diags);
    ASSERT(read == (diags.errors == 0));
    if (read) {
        struct rca_request q = {.topology = t,
                                .recording = &recording,
                                .service = topo_service_named(t, "a"),
                                .at = recording.from + (recording.to - recording.from) / 2};
        struct rca_result result;
        rca_analyse(&arena, &q, &result);
        for (uint32_t k = 0; k < result.count; k++)
            ASSERT(result.ranked[k].score > 0 && result.ranked[k].score <= 1 + 1e-9);
    }
    arena_close(&arena);
    return 0;
}
