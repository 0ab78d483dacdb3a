/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/yaml/yaml.h"
#include "engine/base/check.h"
#include "engine/yaml/yaml_expand.h"
#include "engine/yaml/yaml_shared.h"
#include <stdlib.h>
#include <yaml.h>

#define DEPTH_MAX  32
#define SCALAR_MAX ((size_t)64 << 10)
#define BOM        "\xEF\xBB\xBF" /* which some editors put before UTF-8 */
#define BOM_LEN    (sizeof(BOM) - 1)

struct limits {
    size_t bytes;
    uint32_t nodes;
};
static const struct limits own = {(size_t)1 << 20, 200000};
static const struct limits others = {(size_t)4 << 20, 500000};

struct builder {
    yaml_parser_t parser;
    const struct limits *limits;
    struct yaml_anchors *anchors; /* NULL: aliases are refused, and "${" expanded */
    struct yaml_doc *doc;
    const char *text;
    size_t len;
    yaml_env lookup;
    void *context;
    uint32_t nodes;
    /* Finished children whose parents are still open; the innermost parent's are on top. */
    struct yaml_node **stack;
    uint32_t top, capacity;
};

static struct yaml_node *build(struct builder *b, const yaml_event_t *event, int depth);

#define REFUSE(b, mark, ...)                                                                       \
    diag_error((b)->doc->diags, (b)->doc->file, (int)(mark).line + 1, (int)(mark).column + 1,      \
               __VA_ARGS__)

/* libyaml tells where a bad byte is by offset only. */
static yaml_mark_t mark_of_offset(const struct builder *b, size_t offset) {
    yaml_mark_t mark = {0, 0, 0};
    for (size_t i = 0; i < offset && i < b->len; i++) {
        bool starts_character = ((unsigned char)b->text[i] & 0xC0) != 0x80;
        if (b->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (starts_character) {
            mark.column++;
        }
    }
    return mark;
}

static void refuse_syntax(struct builder *b) {
    const yaml_parser_t *p = &b->parser;
    const char *problem = p->problem ? p->problem : "out of memory";
    yaml_mark_t mark = p->problem_mark;
    if (p->error == YAML_READER_ERROR) mark = mark_of_offset(b, p->problem_offset);
    if (p->error == YAML_READER_ERROR && p->problem_value >= 0)
        REFUSE(b, mark, "not UTF-8 text: %s (0x%02X)", problem, (unsigned)p->problem_value);
    else if (p->context)
        REFUSE(b, mark, "not YAML: %s %s", p->context, problem);
    else
        REFUSE(b, mark, "not YAML: %s", problem);
}

static bool next_event(struct builder *b, yaml_event_t *event) {
    if (yaml_parser_parse(&b->parser, event)) return true;
    refuse_syntax(b);
    return false;
}

static void push(struct builder *b, struct yaml_node *node) {
    if (b->top == b->capacity) {
        uint32_t larger = b->capacity ? 2 * b->capacity : 64;
        struct yaml_node **stack = ARENA_NEW(b->doc->arena, struct yaml_node *, larger);
        if (b->top) memcpy(stack, b->stack, b->top * sizeof(stack[0]));
        b->stack = stack;
        b->capacity = larger;
    }
    b->stack[b->top++] = node;
}

static bool set_scalar(struct builder *b, struct yaml_node *node, const yaml_event_t *event,
                       bool is_key) {
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (len > SCALAR_MAX || memchr(text, '\0', len)) {
        REFUSE(b, event->start_mark, "%s",
               len > SCALAR_MAX ? "a text is longer than the limit of 65536 bytes"
                                : "a text may not hold a NUL character");
        return false;
    }
    if (is_key || b->anchors || !memchr(text, '$', len)) {
        node->text = arena_text(b->doc->arena, text, len);
        node->len = len;
        return true;
    }
    if (!yaml_expand(NULL, &node->len, SCALAR_MAX, text, len, b->lookup, b->context)) {
        REFUSE(b, event->start_mark, "\"${NAME:-\" without its closing \"}\"");
        return false;
    }
    if (node->len > SCALAR_MAX) {
        REFUSE(b, event->start_mark, "a text expands beyond the limit of 65536 bytes");
        return false;
    }
    char *expanded = ARENA_NEW(b->doc->arena, char, node->len + 1);
    bool again = yaml_expand(expanded, &node->len, SCALAR_MAX, text, len, b->lookup, b->context);
    ASSERT(again);
    node->text = expanded;
    return true;
}

/* Position settles ties, so the order is total and the later of two equal keys is the one told. */
static int by_text_then_place(const void *a, const void *b) {
    const struct yaml_node *x = *(struct yaml_node *const *)a, *y = *(struct yaml_node *const *)b;
    int order = strcmp(x->text, y->text);
    if (order == 0) order = (x->line > y->line) - (x->line < y->line);
    return order ? order : (x->column > y->column) - (x->column < y->column);
}

static void refuse_duplicate_keys(struct builder *b, const struct yaml_node *mapping) {
    if (mapping->count < 2) return;
    size_t bytes = mapping->count * sizeof(mapping->keys[0]);
    struct yaml_node **sorted = malloc(bytes);
    ASSERT(sorted);
    memcpy(sorted, mapping->keys, bytes);
    qsort(sorted, mapping->count, sizeof(sorted[0]), by_text_then_place);
    for (uint32_t i = 1; i < mapping->count; i++) {
        if (strcmp(sorted[i]->text, sorted[i - 1]->text) != 0) continue;
        char name[81];
        printable(name, sizeof(name), sorted[i]->text, sorted[i]->len);
        yaml_error(b->doc, sorted[i], "duplicate key \"%s\"; it stands on line %d already", name,
                   sorted[i - 1]->line);
    }
    free(sorted);
}

static bool key_is_fit(struct builder *b, const yaml_event_t *event) {
    if (event->type != YAML_SCALAR_EVENT && event->type != YAML_ALIAS_EVENT) {
        REFUSE(b, event->start_mark, "a key must be a plain text");
        return false;
    }
    bool merge = event->type == YAML_SCALAR_EVENT &&
                 event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                 strcmp((const char *)event->data.scalar.value, "<<") == 0 && !b->anchors;
    if (merge) REFUSE(b, event->start_mark, "merge keys (\"<<\") are not supported");
    return !merge;
}

static void set_children(struct builder *b, struct yaml_node *node, uint32_t base) {
    bool mapping = node->kind == YAML_MAPPING;
    uint32_t step = mapping ? 2 : 1;
    for (uint32_t i = base; i < b->top; i++) {
        node->weight += b->stack[i]->weight;
        if (b->stack[i]->height >= node->height) node->height = (uint8_t)(b->stack[i]->height + 1);
    }
    node->count = (b->top - base) / step;
    struct yaml_node **items = ARENA_NEW(b->doc->arena, struct yaml_node *, node->count);
    struct yaml_node **keys =
        mapping ? ARENA_NEW(b->doc->arena, struct yaml_node *, node->count) : NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        items[i] = b->stack[base + i * step + step - 1];
        if (mapping) keys[i] = b->stack[base + i * step];
    }
    node->items = items;
    node->keys = keys;
    if (mapping) node->asked = ARENA_NEW(b->doc->arena, uint8_t, node->count);
    b->top = base;
}

static bool is_text(struct builder *b, const struct yaml_node *key) {
    if (key->kind == YAML_SCALAR) return true;
    yaml_error(b->doc, key, "a key must be a plain text");
    return false;
}

/* The children up to the end event, which libyaml guarantees to match the start. */
static bool build_children(struct builder *b, struct yaml_node *node, int depth) {
    uint32_t base = b->top;
    for (bool ended = false; !ended;) {
        yaml_event_t event;
        if (!next_event(b, &event)) return false;
        ended = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        if (!ended) {
            bool is_key = node->kind == YAML_MAPPING && (b->top - base) % 2 == 0;
            struct yaml_node *child = NULL;
            if (!is_key || key_is_fit(b, &event)) child = build(b, &event, is_key ? -1 : depth + 1);
            yaml_event_delete(&event);
            if (!child || (is_key && !is_text(b, child))) return false;
            push(b, child);
        } else {
            yaml_event_delete(&event);
        }
    }
    set_children(b, node, base);
    if (node->kind != YAML_MAPPING) return true;
    refuse_duplicate_keys(b, node);
    return !b->anchors || yaml_merge(b->doc, node);
}

static bool has_tag(const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT: return event->data.mapping_start.tag;
    default: return false;
    }
}

#define TOO_DEEP "nested deeper than the limit of 32 levels"

static bool spend(struct builder *b, const yaml_event_t *event, uint32_t nodes) {
    if (nodes <= b->limits->nodes - b->nodes) {
        b->nodes += nodes;
        return true;
    }
    REFUSE(b, event->start_mark, "more than the limit of %u values", b->limits->nodes);
    return false;
}

static bool event_is_fit(struct builder *b, const yaml_event_t *event, int depth) {
    const char *refusal = NULL;
    if (event->type == YAML_ALIAS_EVENT && !b->anchors)
        refusal = "aliases are not supported";
    else if (has_tag(event))
        refusal = "tags are not supported";
    else if (depth > DEPTH_MAX)
        refusal = TOO_DEEP;
    if (refusal) REFUSE(b, event->start_mark, "%s", refusal);
    return !refusal && spend(b, event, 1);
}

static const char *anchor_of(const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return (const char *)event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT: return (const char *)event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT: return (const char *)event->data.mapping_start.anchor;
    default: return NULL;
    }
}

/* What an alias stands for; an anchor is known once its node is whole, so none holds itself. */
static struct yaml_node *follow(struct builder *b, const yaml_event_t *event, int depth) {
    const char *name = (const char *)event->data.alias.anchor;
    struct yaml_node *node = yaml_anchored(b->anchors, name);
    char shown[81];
    printable(shown, sizeof(shown), name, strlen(name));
    if (!node)
        REFUSE(b, event->start_mark, "no anchor \"&%s\" stands before this", shown);
    else if (depth + node->height > DEPTH_MAX)
        REFUSE(b, event->start_mark, TOO_DEEP);
    else if (spend(b, event, node->weight))
        return node;
    return NULL;
}

/* depth: 1 for a document's root; -1 for a key, which is a scalar and stays unexpanded. */
static struct yaml_node *build(struct builder *b, const yaml_event_t *event, int depth) {
    if (!event_is_fit(b, event, depth)) return NULL;
    if (event->type == YAML_ALIAS_EVENT) return follow(b, event, depth);
    struct yaml_node *node = ARENA_NEW(b->doc->arena, struct yaml_node, 1);
    node->weight = 1;
    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    bool scalar = event->type == YAML_SCALAR_EVENT;
    if (!scalar)
        node->kind = event->type == YAML_MAPPING_START_EVENT ? YAML_MAPPING : YAML_SEQUENCE;
    if (scalar ? !set_scalar(b, node, event, depth < 0) : !build_children(b, node, depth))
        return NULL;
    const char *anchor = anchor_of(event);
    if (!anchor || !b->anchors || yaml_anchor(b->anchors, b->doc->arena, anchor, node)) return node;
    REFUSE(b, event->start_mark, "more than the limit of %d anchors", ANCHORS_MAX);
    return NULL;
}

/* Documents stay on the stack, as children of the file; empty ones (a closing "---") are left out.
 */
static bool build_documents(struct builder *b) {
    for (bool ended = false, fit = true; !ended;) {
        yaml_event_t event;
        if (!next_event(b, &event)) return false;
        ended = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && b->anchors) b->anchors->count = 0;
        if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT ||
            event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT) {
            struct yaml_node *root = build(b, &event, 1);
            fit = root;
            if (fit && !yaml_is_null(root)) push(b, root);
        }
        yaml_event_delete(&event);
        if (!fit) return false;
    }
    return true;
}

/* libyaml compares each tag directive with all before it: a file of nothing else takes it many
 * seconds. Since no tag is supported, no directive reaches it. */
static bool has_tag_directive(const struct builder *b, yaml_mark_t *mark) {
    static const char directive[] = "%TAG";
    size_t len = sizeof(directive) - 1;
    *mark = (yaml_mark_t){0, 0, 0};
    for (size_t i = 0; i + len <= b->len; i++) {
        bool line_starts = i == 0 || b->text[i - 1] == '\n' || b->text[i - 1] == '\r';
        if (line_starts && memcmp(b->text + i, directive, len) == 0) return true;
        if (b->text[i] == '\n') mark->line++;
    }
    return false;
}

static bool read_text(struct builder *b, const char *text, size_t len) {
    struct yaml_doc *doc = b->doc;
    if (len > b->limits->bytes) {
        diag_error(doc->diags, doc->file, 0, 0, "%zu bytes are more than the limit of %zu", len,
                   b->limits->bytes);
        return false;
    }
    if (len >= BOM_LEN &&
        memcmp(text, BOM, BOM_LEN) == 0) { /* else its line begins a column late */
        text += BOM_LEN;
        len -= BOM_LEN;
    }
    b->text = text;
    b->len = len;
    uint32_t errors_before = doc->diags->errors;
    yaml_mark_t mark;
    if (has_tag_directive(b, &mark)) {
        REFUSE(b, mark, "tags are not supported");
        return false;
    }
    int initialised = yaml_parser_initialize(&b->parser);
    ASSERT(initialised);
    yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b->parser, (const unsigned char *)text, len);
    bool read = build_documents(b);
    yaml_parser_delete(&b->parser);
    if (!read || doc->diags->errors != errors_before) return false;
    doc->documents = b->stack;
    doc->document_count = b->top;
    doc->root = b->top ? b->stack[0] : NULL;
    return true;
}

bool yaml_read(struct yaml_doc *doc, struct arena *arena, struct diags *diags, const char *file,
               const char *text, size_t len, yaml_env lookup, void *context) {
    *doc = (struct yaml_doc){.file = file, .arena = arena, .diags = diags};
    struct builder b = {.doc = doc, .limits = &own, .lookup = lookup, .context = context};
    return read_text(&b, text, len);
}

bool yaml_read_others(struct yaml_doc *doc, struct arena *arena, struct diags *diags,
                      const char *file, const char *text, size_t len) {
    *doc = (struct yaml_doc){.file = file, .arena = arena, .diags = diags};
    struct yaml_anchors anchors = {.count = 0};
    struct builder b = {.doc = doc, .limits = &others, .anchors = &anchors};
    return read_text(&b, text, len);
}
