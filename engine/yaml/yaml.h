/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ENGINE_YAML_YAML_H
#define ENGINE_YAML_YAML_H
/*
 * A typed YAML reader: a document becomes a tree of nodes that know their line and column; typed
 * getters report what is wrong, where, what was expected and the nearest known key. Files are
 * hostile: limits on bytes (1 MiB), depth (32), nodes (200,000) and scalar length (64 KiB). UTF-8
 * only. Duplicate keys, tags and NUL characters are errors. So are aliases and merge keys ("<<") in
 * our own files; in others' (yaml_read_others) a value written by alias counts as if written out,
 * so that an alias bomb does not explode. libyaml does the scanning; nothing else includes it.
 * ${NAME:-default} in values expands to its default, unless an environment lookup knows NAME;
 * ${NAME} that nobody knows, and
 * "${1}", stay as they are.
 *
 * Use: yaml_read -> root (NULL on error); walk with yaml_key, or items[0 .. yaml_count); call
 * yaml_unknown_keys after all known keys of a mapping were asked for. Getters return the default
 * when node is NULL or null ("~", "null" or nothing, unquoted) and, on a bad value, report it and
 * return the default. Numbers are decimal: no octal, no hexadecimal, no exponent, no leading zeros.
 */
#include "engine/base/arena.h"
#include "engine/base/diag.h"
#include "engine/base/simtime.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };
struct yaml_name;
struct yaml_node {
    enum yaml_kind kind;
    int line, column; /* from 1 */
    const char *text;
    size_t len; /* scalar: value, terminated; quoted tells "null"/"true" strings apart */
    bool quoted;
    uint32_t count;                 /* items or pairs */
    struct yaml_node *const *items; /* sequence: items; mapping: values in file order */
    struct yaml_node *const *keys;  /* mapping: scalar keys */
    uint8_t *asked;                 /* mapping: which keys were asked for */
    struct yaml_name *absent;       /* mapping: names asked for that are not there, newest first */
    bool kind_told;                 /* its being of the wrong kind was reported already */
    const char *origin; /* NULL: the document's file; else what yaml_set says that it comes from */
    uint8_t height;     /* levels below it */
    uint32_t weight;    /* values in it, itself too, aliases as what they stand for */
};
struct yaml_doc {
    const char *file;
    struct arena *arena;
    struct diags *diags;
    struct yaml_node *root; /* of the first document; NULL when there is none */
    uint32_t document_count;
    struct yaml_node *const *documents; /* those that are not empty: a file can hold several */
};

/* Value of an environment variable, NULL if it is not set. */
typedef const char *(*yaml_env)(void *context, const char *name);
/* Fills doc; everything lives in the arena. False, with root NULL, if anything was reported. */
bool yaml_read(struct yaml_doc *doc, struct arena *arena, struct diags *diags, const char *file,
               const char *text, size_t len, yaml_env lookup, void *context) MUST_CHECK;

/* For files in others' formats, such as rule files: aliases and merge keys are followed,
 * "${NAME:-}" is a text as any other, and the limits are 4 MiB and 500,000 nodes. */
bool yaml_read_others(struct yaml_doc *doc, struct arena *arena, struct diags *diags,
                      const char *file, const char *text, size_t len) MUST_CHECK;

bool yaml_is_null(const struct yaml_node *node); /* absent, or a plain null */
/* Child of a mapping; NULL if absent (or parent null). Reports, once, if parent is no mapping.
 * Marks the key asked; key must live as long as the document. */
struct yaml_node *yaml_key(struct yaml_doc *doc, struct yaml_node *mapping, const char *key);
/* Every key not asked for is an error that names the nearest of those that were. where: "policy",
 * "fault", ... */
void yaml_unknown_keys(struct yaml_doc *doc, struct yaml_node *mapping, const char *where);
/* Items of a sequence (0 if absent); reports if it is no sequence. */
uint32_t yaml_count(struct yaml_doc *doc, struct yaml_node *sequence);
/* Pairs of a mapping whose keys are free (0 if absent); reports if it is no mapping. */
uint32_t yaml_pairs(struct yaml_doc *doc, struct yaml_node *mapping);

const char *yaml_text(struct yaml_doc *doc, struct yaml_node *node, const char *otherwise);
bool yaml_bool(struct yaml_doc *doc, struct yaml_node *node, bool otherwise);
int64_t yaml_int(struct yaml_doc *doc, struct yaml_node *node, int64_t low, int64_t high,
                 int64_t otherwise);
time_ns yaml_duration(struct yaml_doc *doc, struct yaml_node *node, time_ns low, time_ns high,
                      time_ns otherwise);
int64_t yaml_share(struct yaml_doc *doc, struct yaml_node *node, int64_t low_ppm, int64_t high_ppm,
                   int64_t otherwise); /* "15.2%" or 0.152 */
int64_t yaml_decimal(struct yaml_doc *doc, struct yaml_node *node, int64_t low_micro,
                     int64_t high_micro, int64_t otherwise); /* 1.5 -> 1500000 */
int64_t yaml_rate(struct yaml_doc *doc, struct yaml_node *node,
                  int64_t otherwise_milli); /* "1250/s", "3/min" -> in thousandths per second */
/* The same as the mean time between two, which tells small rates apart: "5.25/min", "3/day". Above
 * 0. */
time_ns yaml_gap(struct yaml_doc *doc, struct yaml_node *node, time_ns otherwise);
int64_t yaml_size(struct yaml_doc *doc, struct yaml_node *node,
                  int64_t otherwise_bytes); /* "2GiB", "800MB" */
time_ns yaml_wall(struct yaml_doc *doc, struct yaml_node *node, time_ns otherwise); /* RFC 3339 */
/* Index in names, nearest told on error. */
int yaml_choice(struct yaml_doc *doc, struct yaml_node *node, const char *const *names,
                size_t count, int otherwise);
/* Puts a value where a path of keys leads, "load.entry", and makes the mappings on the way; the
 * item of a list is named by its "name" or its "kind", or is a number from 0. What is put there
 * says that it comes from origin. NULL: done; else a text in the arena: why not. */
const char *yaml_set(struct yaml_doc *doc, struct yaml_node *root, const char *path,
                     const char *value, const char *origin) MUST_CHECK;
/* An error at that node. */
void yaml_error(struct yaml_doc *doc, const struct yaml_node *node, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
