/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GraphML by libxml2. A <key> gives a name to what <data> say of nodes and edges; APOC also writes
 * labels as attributes. */
#include "engine/base/ratio.h"
#include "engine/base/text.h"
#include "topologies/import/draft.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>

struct graph_node {
    const char *id;
    uint32_t number; /* of its service */
    xmlNode *element;
};
struct graph {
    struct draft *d;
    xmlNode *root; /* <graphml> */
    struct graph_node *nodes;
    uint32_t node_count;
};

static bool is_element(const xmlNode *n, const char *name) {
    return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0;
}

/* In the arena; NULL: there is none. */
static const char *kept(struct draft *d, xmlChar *value) {
    if (!value) return NULL;
    const char *copy = arena_text(d->arena, (const char *)value, strlen((const char *)value));
    xmlFree(value);
    return copy;
}

static const char *attribute(struct draft *d, xmlNode *n, const char *name) {
    return kept(d, xmlGetProp(n, (const xmlChar *)name));
}

/* libxml2 keeps lines of elements; the column is that of the line's first sign. */
static void wrong(struct draft *d, const xmlNode *n, const char *what, const char *which) {
    long line = n ? xmlGetLineNo(n) : 1;
    int column = 1;
    const char *at = d->text, *end = d->text + d->len;
    for (long k = 1; k < line && at < end; k++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        at = next ? next + 1 : end;
    }
    for (; at < end && (*at == ' ' || *at == '\t'); at++) column++;
    char shown[81];
    printable(shown, sizeof shown, which, strlen(which));
    diag_error(d->diags, d->file, line > 0 ? (int)line : 1, column, "%s%s%s%s", what,
               *which ? " \"" : "", shown, *which ? "\"" : "");
}

/* What a <data> is called: the attr.name of its <key>, or the key itself. */
static const char *data_name(struct graph *g, xmlNode *data) {
    const char *key = attribute(g->d, data, "key");
    for (xmlNode *n = g->root->children; key && n; n = n->next) {
        if (!is_element(n, "key")) continue;
        const char *id = attribute(g->d, n, "id"), *name = attribute(g->d, n, "attr.name");
        if (id && name && strcmp(id, key) == 0) return name;
    }
    return key;
}

/* The value that a node or an edge has under one of these names. */
static const char *value_of(struct graph *g, xmlNode *element, const char *name) {
    for (xmlNode *n = element->children; n; n = n->next) {
        if (!is_element(n, "data")) continue;
        const char *key = data_name(g, n);
        if (key && strcmp(key, name) == 0) return kept(g->d, xmlNodeGetContent(n));
    }
    return attribute(g->d, element, name);
}

static int64_t int_of(struct graph *g, xmlNode *element, const char *name, int64_t high) {
    const char *text = value_of(g, element, name);
    char *end;
    if (!text || !*text) return 0;
    long long v = strtoll(text, &end, 10);
    if (*end == '\0' && v >= 1 && v <= high) return v;
    wrong(g->d, element, "expected a whole number", text);
    return 0;
}

/* ---- nodes ---- */

static const char *const kind_words[] = {"frontend", "datastore", "database", "cache",
                                         "queue",    "topic",     "external", "service"};
static const enum topo_kind kinds[] = {TOPO_FRONTEND, TOPO_DATASTORE, TOPO_DATASTORE, TOPO_CACHE,
                                       TOPO_QUEUE,    TOPO_QUEUE,     TOPO_EXTERNAL,  TOPO_SERVICE};

/* Index of the first word that is part of it, whatever the letters' case. */
static size_t word_in(const char *text) {
    size_t w = 0;
    while (w < ARRAY_LEN(kind_words) &&
           !xmlStrcasestr((const xmlChar *)text, (const xmlChar *)kind_words[w]))
        w++;
    return w;
}

static void no_kind(struct graph *g, xmlNode *node, const char *text) {
    char small[81] = "", what[200];
    for (size_t k = 0; text[k] && k + 1 < sizeof small; k++)
        small[k] = (char)tolower((unsigned char)text[k]);
    const char *near = nearest_name(small, strlen(small), kind_words, ARRAY_LEN(kind_words));
    snprintf(
        what, sizeof what,
        "expected frontend, service, datastore, database, cache, queue, topic or external%s%s%s "
        "as kind, not",
        near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    wrong(g->d, node, what, text);
}

/* A "kind" or "type", or ":Service:Database" of APOC, whose other labels mean nothing here. */
static enum topo_kind kind_of(struct graph *g, xmlNode *node, enum topo_kind otherwise) {
    static const char *const keys[] = {"kind", "type"};
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        const char *text = value_of(g, node, keys[k]);
        if (!text || !*text) continue;
        size_t w = word_in(text);
        if (w < ARRAY_LEN(kind_words)) return kinds[w];
        no_kind(g, node, text);
        return otherwise;
    }
    const char *labels = value_of(g, node, "labels");
    size_t w = labels ? word_in(labels) : ARRAY_LEN(kind_words);
    return w < ARRAY_LEN(kind_words) && kinds[w] != TOPO_SERVICE ? kinds[w] : otherwise;
}

static void take_node(struct graph *g, xmlNode *node) {
    const char *id = attribute(g->d, node, "id"), *name = value_of(g, node, "name");
    if (!id || !*id) {
        wrong(g->d, node, "a node needs an id", "");
        return;
    }
    if (!name || !*name) name = id;
    uint32_t before = g->d->service_count, number = draft_service(g->d, name, strlen(name));
    if (number != before) wrong(g->d, node, "two nodes are called", name);
    struct draft_service *s = &g->d->services[number];
    const char *language = value_of(g, node, "language");
    s->kind = kind_of(g, node, s->kind);
    s->published = s->kind == TOPO_FRONTEND;
    s->replicas = int_of(g, node, "replicas", 100000);
    s->cpu_millicores = int_of(g, node, "cpu_limit_millicores", 1000000000);
    s->memory_mb = int_of(g, node, "memory_limit_mb", 1000000000);
    s->port = int_of(g, node, "port", 65535);
    s->language = language ? language : "";
    g->nodes[g->node_count++] = (struct graph_node){id, number, node};
}

/* Then as they stand in the file, which is how services are numbered. */
static int by_id(const void *a, const void *b) {
    const struct graph_node *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* An edge to an id of two nodes would be to either. What is called the same has been told. */
static void sort_nodes(struct graph *g) {
    if (g->node_count > 0) qsort(g->nodes, g->node_count, sizeof *g->nodes, by_id);
    for (uint32_t k = 1; k < g->node_count; k++) {
        const struct graph_node *before = &g->nodes[k - 1], *one = &g->nodes[k];
        if (one->number != before->number && strcmp(one->id, before->id) == 0)
            wrong(g->d, one->element, "two nodes have the id", one->id);
    }
}

/* ---- edges ---- */

static int is_at(const void *id, const void *node) {
    return strcmp(id, ((const struct graph_node *)node)->id);
}

static uint32_t end_of(struct graph *g, xmlNode *edge, const char *which) {
    const char *id = attribute(g->d, edge, which);
    const struct graph_node *found =
        id && g->node_count > 0 ? bsearch(id, g->nodes, g->node_count, sizeof *g->nodes, is_at)
                                : NULL;
    if (found) return found->number;
    wrong(g->d, edge, "an edge whose end is no node:", id ? id : which);
    return UINT32_MAX;
}

/* CALLS says what every edge does. */
static const char *role_of(struct graph *g, xmlNode *edge) {
    static const char *const plain[] = {"CALLS", "DEPENDS_ON", "USES"};
    const char *label = value_of(g, edge, "label");
    for (size_t k = 0; label && k < ARRAY_LEN(plain); k++)
        if (strcmp(label, plain[k]) == 0) return "";
    return label ? label : "";
}

static void take_edge(struct graph *g, xmlNode *edge) {
    struct draft_call call = {.from = end_of(g, edge, "source"),
                              .to = end_of(g, edge, "target"),
                              .role = role_of(g, edge),
                              .per_request_ppm = -1};
    const char *protocol = value_of(g, edge, "protocol"), *often = value_of(g, edge, "per_request");
    int128 ppm = 0;
    call.protocol = protocol ? protocol : "";
    if (often && *often) {
        if (read_decimal(often, strlen(often), 6, &ppm) != strlen(often) || ppm < 0 ||
            ppm > DRAFT_SHARE_MAX)
            wrong(g->d, edge, "expected a number of calls from 0 to 1000", often);
        else
            call.per_request_ppm = (int64_t)ppm;
    }
    if (call.from != UINT32_MAX && call.to != UINT32_MAX) draft_call(g->d, &call);
}

static void take_graph(struct graph *g, xmlNode *graph) {
    const char *direction = attribute(g->d, graph, "edgedefault");
    uint32_t elements = 0;
    if (direction && strcmp(direction, "undirected") == 0)
        wrong(g->d, graph, "who calls whom has a direction: expected edgedefault=", "directed");
    for (xmlNode *n = graph->children; n; n = n->next) elements++;
    g->nodes = ARENA_NEW(g->d->arena, struct graph_node, elements);
    for (xmlNode *n = graph->children; n; n = n->next)
        if (is_element(n, "node")) take_node(g, n);
    sort_nodes(g);
    for (xmlNode *n = graph->children; n; n = n->next)
        if (is_element(n, "edge")) take_edge(g, n);
}

static void syntax_error(struct draft *d) {
    const xmlError *e = xmlGetLastError();
    char shown[200] = "no XML";
    int line = e && e->line > 0 ? e->line : 1, column = e && e->int2 > 0 ? e->int2 : 1;
    if (e && e->message) printable(shown, sizeof shown, e->message, strcspn(e->message, "\n"));
    diag_error(d->diags, d->file, line, column, "no GraphML: %s", shown);
}

void import_graphml(struct draft *d) {
    xmlDoc *doc = d->len > INT32_MAX ? NULL
                                     : xmlReadMemory(d->text, (int)d->len, d->file, NULL,
                                                     XML_PARSE_NONET | XML_PARSE_NOERROR |
                                                         XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES);
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL, *graph = NULL;
    if (!root) {
        syntax_error(d);
    } else {
        for (xmlNode *n = root->children; n && !graph; n = n->next)
            if (is_element(n, "graph")) graph = n;
        if (is_element(root, "graphml") && graph)
            take_graph(&(struct graph){.d = d, .root = root}, graph);
        else
            wrong(d, root, "expected <graphml> with a <graph> in it", "");
    }
    xmlFreeDoc(doc);
}
