/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as each format that a topology can be imported from: the first byte says which. What
 * comes of it is a topology, or there is an error that says why not. */
#include "engine/base/check.h"
#include "topologies/import/import.h"
#include "topologies/topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct diags diags;
    if (size == 0) return 0;
    struct arena arena;
    size_t len = 0;
    arena_open(&arena);
    diags = (struct diags){0};
    enum topo_format from = (enum topo_format)(data[0] % (TOPO_FORMAT_COUNT + 1));
    char *input = arena_take(&arena, size, 1); /* terminated, as a file is */
    memcpy(input, data + 1, size - 1);
    const char *text = topo_import(&arena, from, "fuzz", "fuzz", input, size - 1, &diags, &len);
    ASSERT(text || diags.errors > 0);
    if (text) {
        struct diags found = {0};
        const struct topology *t = topo_load(&arena, "fuzz.yaml", text, len, &found);
        ASSERT((t != NULL) == (found.errors == 0));
    }
    arena_close(&arena);
    return 0;
}
