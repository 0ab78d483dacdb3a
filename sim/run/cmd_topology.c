/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/command.h"
#include "topologies/generate.h"

#include <stdio.h>

static const struct option_spec options[] = {
    {"kind", "tree|tiers|small_world|scale_free", "the shape of its graph; tiers unless given"},
    {"services", "N", "how many, 2 to 4000; 20 unless given"},
    {"seed", "N", "another seed, another topology; 1 unless given"},
    {NULL, NULL, NULL}};

static bool read_kind(const struct arguments *a, enum topo_shape *shape) {
    static const char *const names[] = {TOPO_SHAPES(TOPO_SHAPE_WORD)};
    const char *asked = argument(a, "kind");
    *shape = TOPO_TIERS;
    for (size_t k = 0; asked && k < ARRAY_LEN(names); k++) {
        *shape = (enum topo_shape)k;
        if (strcmp(names[k], asked) == 0) asked = NULL;
    }
    if (!asked) return true;
    char shown[96];
    printable(shown, sizeof shown, asked, strlen(asked));
    const char *nearest = nearest_name(asked, strlen(asked), names, ARRAY_LEN(names));
    fprintf(stderr, "firedrill topology: --kind: there is no \"%s\"", shown);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fprintf(stderr, "\nexpected tree, tiers, small_world or scale_free\n");
    return false;
}

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    struct topo_recipe recipe;
    int64_t services, seed;
    if (!arguments_read(&a, &command_topology, argc, argv, &status)) return status;
    if (a.operand_count != 1 || strcmp(a.operands[0], "generate") != 0) {
        command_help(&command_topology, stderr);
        return STATUS_BAD_INPUT;
    }
    if (!read_kind(&a, &recipe.shape) ||
        !argument_int(&a, "services", TOPO_GENERATED_MIN, TOPO_GENERATED_MAX, 20, &services) ||
        !argument_int(&a, "seed", 0, INT64_MAX, 1, &seed))
        return STATUS_BAD_INPUT;
    recipe.services = (uint32_t)services;
    recipe.seed = (uint64_t)seed;
    struct arena arena;
    size_t len;
    arena_open(&arena);
    const char *text = topo_generate(&arena, &recipe, &len);
    fwrite(text, 1, len, stdout);
    arena_close(&arena);
    return STATUS_OK;
}

const struct command command_topology = {
    "topology",
    "generate",
    "prints a random topology as YAML",
    "firedrill topology generate --kind tiers --services 40 --seed 7 > tiers.yaml",
    options,
    run};
