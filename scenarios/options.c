/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the command line said is part of what a plan was made from, so it is kept as a source: a
 * small YAML file, as a person would write it. */
#include "scenarios/loading.h"
#include "engine/base/text.h"
#include <inttypes.h>
#include <stdio.h>

static void write_name(struct writer *w, const char *key, const char *name) {
    if (!name) return;
    write_text(w, key);
    write_text(w, ": ");
    write_json_string(w, name, strlen(name));
    write_text(w, "\n");
}

void scn_write_options(struct scn_loading *l) {
    const struct scn_options *o = l->options;
    const char *names[] = {o->topology, o->policy, o->without, o->set, o->variant};
    size_t size = 128;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) size += names[i] ? 6 * strlen(names[i]) : 0;
    struct writer w = writer_of(arena_take(l->arena, size, 1), size);
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, o->seed);
    write_name(&w, "seed", o->seed_given ? seed : NULL);
    write_name(&w, "topology", o->topology);
    write_name(&w, "policy", o->policy);
    write_name(&w, "without", o->without);
    write_name(&w, "set", o->set);
    write_name(&w, "variant", o->variant);
    if (o->trace_requests) write_text(&w, "trace_requests: true\n");
    if (w.len > 0) scn_add_source(l, "options", "options", w.buffer, w.len);
}

/* The whole range of a seed, which is more than a signed number holds. */
static uint64_t read_seed(struct yaml_doc *doc, struct yaml_node *node) {
    const char *digits = yaml_text(doc, node, "0");
    uint64_t seed = 0;
    bool fits = *digits;
    for (const char *s = digits; *s && fits; s++)
        fits = *s >= '0' && *s <= '9' && !__builtin_mul_overflow(seed, 10u, &seed) &&
               !__builtin_add_overflow(seed, (uint64_t)(*s - '0'), &seed);
    if (!fits) yaml_error(doc, node, "expected a seed from 0 to %" PRIu64, UINT64_MAX);
    return fits ? seed : 0;
}

bool scn_read_options(struct arena *arena, const struct plan_source *source, struct diags *diags,
                      struct scn_options *out) {
    struct yaml_doc doc;
    uint32_t errors = diags->errors;
    if (!yaml_read(&doc, arena, diags, source->name, source->bytes, source->len, NULL, NULL))
        return false;
    struct yaml_node *seed = yaml_key(&doc, doc.root, "seed");
    *out = (struct scn_options){
        .seed_given = !yaml_is_null(seed),
        .seed = read_seed(&doc, seed),
        .topology = yaml_text(&doc, yaml_key(&doc, doc.root, "topology"), NULL),
        .policy = yaml_text(&doc, yaml_key(&doc, doc.root, "policy"), NULL),
        .without = yaml_text(&doc, yaml_key(&doc, doc.root, "without"), NULL),
        .set = yaml_text(&doc, yaml_key(&doc, doc.root, "set"), NULL),
        .variant = yaml_text(&doc, yaml_key(&doc, doc.root, "variant"), NULL),
        .trace_requests = yaml_bool(&doc, yaml_key(&doc, doc.root, "trace_requests"), false),
    };
    yaml_unknown_keys(&doc, doc.root, "options");
    return diags->errors == errors;
}
