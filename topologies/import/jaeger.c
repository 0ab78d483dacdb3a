/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jaeger's dependencies, as its query service answers: {"data": [{"parent", "child",
 * "callCount"}]}, or the list alone. How often a service is called tells how many calls it makes
 * for a request. */
#include "topologies/import/draft.h"
#include "engine/base/ratio.h"

#include <jansson.h>

#define COUNT_MAX INT64_C(1000000000000) /* millions of them can be added up */

/* The place of the n-th object of the list of them; the text is known to be JSON. */
static void place(const struct draft *d, size_t n, bool wrapped, int *line, int *column) {
    int depth = 0, wanted = wrapped ? 2 : 1;
    *line = *column = 1;
    for (size_t k = 0; k < d->len; k++, ++*column) {
        char c = d->text[k];
        if (c == '{' && depth == wanted && n-- == 0) return;
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
        if (c == '\n') ++*line, *column = 0;
        if (c != '"') continue;
        for (k++, ++*column; k < d->len && d->text[k] != '"'; k++, ++*column)
            if (d->text[k] == '\\') k++, ++*column;
    }
    *line = *column = 1;
}

struct dependency {
    uint32_t from, to;
    int64_t count;
};

static bool refused(struct draft *d, size_t n, bool wrapped, const char *expected) {
    int line, column;
    place(d, n, wrapped, &line, &column);
    diag_error(d->diags, d->file, line, column, "expected %s", expected);
    return false;
}

static bool is_name(const json_t *v) { return json_is_string(v) && json_string_length(v) > 0; }

static bool read_one(struct draft *d, const json_t *item, size_t n, bool wrapped,
                     struct dependency *out) {
    const json_t *parent = json_object_get(item, "parent"), *child = json_object_get(item, "child");
    const json_t *count = json_object_get(item, "callCount");
    int64_t calls = json_integer_value(count);
    if (!is_name(parent) || !is_name(child))
        return refused(d, n, wrapped, "a dependency, with texts as \"parent\" and \"child\"");
    if (count && (!json_is_integer(count) || calls < 0 || calls > COUNT_MAX))
        return refused(d, n, wrapped, "a whole number up to 10^12 as \"callCount\"");
    *out = (struct dependency){
        draft_service(d, json_string_value(parent), json_string_length(parent)),
        draft_service(d, json_string_value(child), json_string_length(child)), calls};
    return true;
}

/* Who calls first has no count of its own requests: its calls stay unstated. */
static void add_calls(struct draft *d, const struct dependency *list, size_t count) {
    int64_t *incoming = ARENA_NEW(d->arena, int64_t, d->service_count);
    for (size_t k = 0; k < count; k++)
        if (list[k].from != list[k].to) incoming[list[k].to] += list[k].count;
    for (size_t k = 0; k < count; k++) {
        const struct dependency *one = &list[k];
        int64_t requests = incoming[one->from], share = -1;
        if (requests > 0 && one->count > 0)
            share = (int64_t)((int128)one->count * PPM_ONE / requests);
        if (share > DRAFT_SHARE_MAX) share = DRAFT_SHARE_MAX;
        draft_call(d, &(struct draft_call){one->from, one->to, "", "", share});
    }
}

static void read_list(struct draft *d, const json_t *list, bool wrapped) {
    size_t count = json_array_size(list), kept = 0;
    struct dependency *dependencies = ARENA_NEW(d->arena, struct dependency, count);
    for (size_t n = 0; n < count && d->diags->count < DIAG_MAX; n++)
        kept += read_one(d, json_array_get(list, n), n, wrapped, &dependencies[kept]);
    if (kept == count && kept > 0) add_calls(d, dependencies, kept);
}

void import_jaeger(struct draft *d) {
    json_error_t error;
    json_t *root = json_loadb(d->text, d->len, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        diag_error(d->diags, d->file, error.line > 0 ? error.line : 1,
                   error.column > 0 ? error.column : 1, "no JSON: %s", error.text);
        return;
    }
    const json_t *list = json_is_object(root) ? json_object_get(root, "data") : root;
    if (json_is_array(list))
        read_list(d, list, json_is_object(root));
    else
        diag_error(d->diags, d->file, 1, 1,
                   "expected Jaeger's dependencies: a list, or an object with a list as \"data\"");
    json_decref(root);
}
