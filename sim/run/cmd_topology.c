/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/topology_parts.h"
#include "topologies/generate.h"

static const char *const shapes[] = {TOPO_SHAPES(TOPO_SHAPE_WORD)};

static const struct option_spec options[] = {
    {"kind", "tree|tiers|small_world|scale_free|random",
     "generate: the shape of its graph, tiers unless given"},
    {"services", "N", "generate: how many, 2 to 4000; 20 unless given"},
    {"seed", "N", "generate: another seed, another topology; 1 unless given"},
    {"out", "FILE", "generate, import: write it there instead of printing it"},
    {"from", "graphml|kubernetes|compose|jaeger", "import: what FILE is, unless its content tells"},
    {"name", "TEXT", "import: what the topology is called; the file's name unless given"},
    {"svg", "FILE", "show: draw it there"},
    {"dot", "FILE", "show: write it there for Graphviz"},
    {"layout", "sugiyama|kamada-kawai|drl", "show: how it is laid out; in layers unless given"},
    {NULL, NULL, NULL}};

bool topology_choice(const struct arguments *a, const char *option, const char *const *names,
                     size_t count, int otherwise, int *out) {
    const char *asked = argument(a, option);
    *out = otherwise;
    for (size_t k = 0; asked && k < count; k++)
        if (strcmp(names[k], asked) == 0) {
            *out = (int)k;
            return true;
        }
    if (!asked) return true;
    char shown[96];
    printable(shown, sizeof shown, asked, strlen(asked));
    const char *nearest = nearest_name(asked, strlen(asked), names, count);
    fprintf(stderr, "firedrill topology: --%s: there is no \"%s\"", option, shown);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fputs("\nexpected", stderr);
    for (size_t k = 0; k < count; k++)
        fprintf(stderr, "%s %s", k == 0 ? "" : k + 1 == count ? " or" : ",", names[k]);
    fputc('\n', stderr);
    return false;
}

enum status topology_put(const struct arguments *a, const char *text, size_t len) {
    const char *path = argument(a, "out");
    struct diags diags = {0};
    struct file_out out;
    if (!path) {
        fwrite(text, 1, len, stdout);
        return STATUS_OK;
    }
    if (!file_begin(&out, path, &diags)) return bad_input(&diags);
    fwrite(text, 1, len, out.stream);
    return file_commit(&out, &diags) ? STATUS_OK : bad_input(&diags);
}

static enum status generate(const struct arguments *a) {
    struct topo_recipe recipe;
    int64_t services, seed;
    int shape = TOPO_TIERS;
    const char *word = a->operand_count > 1 ? a->operands[1] : NULL;
    for (size_t k = 0; word && k < ARRAY_LEN(shapes); k++)
        if (strcmp(shapes[k], word) == 0) shape = (int)k;
    if (word && strcmp(shapes[shape], word) != 0) {
        char shown[96];
        printable(shown, sizeof shown, word, strlen(word));
        const char *nearest = nearest_name(word, strlen(word), shapes, ARRAY_LEN(shapes));
        fprintf(stderr, "firedrill topology: generate: there is no kind \"%s\"", shown);
        if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
        fputc('\n', stderr);
        return STATUS_BAD_INPUT;
    }
    if (!topology_choice(a, "kind", shapes, ARRAY_LEN(shapes), shape, &shape) ||
        !argument_int(a, "services", TOPO_GENERATED_MIN, TOPO_GENERATED_MAX, 20, &services) ||
        !argument_int(a, "seed", 0, INT64_MAX, 1, &seed))
        return STATUS_BAD_INPUT;
    recipe.shape = (enum topo_shape)shape;
    recipe.services = (uint32_t)services;
    recipe.seed = (uint64_t)seed;
    struct arena arena;
    size_t len;
    arena_open(&arena);
    const char *text = topo_generate(&arena, &recipe, &len);
    enum status status = topology_put(a, text, len);
    arena_close(&arena);
    return status;
}

static const struct {
    const char *verb;
    enum status (*run)(const struct arguments *a);
    uint32_t least, most; /* operands, the verb among them */
} verbs[] = {
    {"generate", generate, 1, 2}, {"show", topology_show, 2, 2}, {"import", topology_import, 2, 2}};

static enum status run(int argc, char **argv) {
    struct arguments a;
    enum status status;
    if (!arguments_read(&a, &command_topology, argc, argv, &status)) return status;
    for (size_t k = 0; k < ARRAY_LEN(verbs) && a.operand_count > 0; k++)
        if (strcmp(verbs[k].verb, a.operands[0]) == 0 && a.operand_count >= verbs[k].least &&
            a.operand_count <= verbs[k].most)
            return verbs[k].run(&a);
    command_help(&command_topology, stderr);
    return STATUS_BAD_INPUT;
}

const struct command command_topology = {
    "topology",
    "generate KIND | show NAME|FILE | import FILE",
    "makes random topologies, draws them, and takes them from what others know of an application",
    "firedrill topology generate tiers --services 40 --seed 7 > tiers.yaml",
    options,
    run};
