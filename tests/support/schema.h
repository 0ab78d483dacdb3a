/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_SCHEMA_H
#define TESTS_SUPPORT_SCHEMA_H
/* As much of JSON Schema as our schemas use: every property is required, and others are allowed
 * only where additionalProperties says what they are. */
#include "engine/base/base.h"
#include "tests/runner.h"
#include <jansson.h>
#include <string.h>

/* Of reports/forms/NAME.schema.json. */
static inline json_t *schema_of(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/reports/forms/%s.schema.json", FIREDRILL_SOURCE_DIR, name);
    json_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_FATAL(schema != NULL);
    return schema;
}

static inline bool is_type(const json_t *v, const char *type) {
    return (strcmp(type, "object") == 0 && json_is_object(v)) ||
           (strcmp(type, "array") == 0 && json_is_array(v)) ||
           (strcmp(type, "string") == 0 && json_is_string(v)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(v)) ||
           (strcmp(type, "number") == 0 && json_is_number(v)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(v)) ||
           (strcmp(type, "null") == 0 && json_is_null(v));
}
static inline bool of_type(const json_t *v, const json_t *types) {
    if (json_is_string(types)) return is_type(v, json_string_value(types));
    for (size_t i = 0; i < json_array_size(types); i++)
        if (is_type(v, json_string_value(json_array_get(types, i)))) return true;
    return false;
}
static inline bool is_one_of(const json_t *v, const json_t *words) {
    for (size_t i = 0; i < json_array_size(words); i++)
        if (json_equal(v, json_array_get(words, i))) return true;
    return false;
}
static inline bool conforms(const json_t *v, const json_t *schema, const json_t *defs);
static inline bool object_conforms(const json_t *v, const json_t *schema, const json_t *defs) {
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *required = json_object_get(schema, "required");
    const json_t *others = json_object_get(schema, "additionalProperties");
    const char *key;
    const json_t *member;
    for (size_t i = 0; i < json_array_size(required); i++)
        if (!json_object_get(v, json_string_value(json_array_get(required, i)))) {
            fprintf(stderr, "  no \"%s\"\n", json_string_value(json_array_get(required, i)));
            return false;
        }
    json_object_foreach((json_t *)(uintptr_t)v, key, member) {
        const json_t *of = json_object_get(properties, key);
        if (!of && json_is_object(others)) of = others;
        if (!of || !conforms(member, of, defs)) {
            fprintf(stderr, "  at \"%s\"\n", key);
            return false;
        }
    }
    return json_object_size(properties) == json_array_size(required);
}
static inline bool conforms(const json_t *v, const json_t *schema, const json_t *defs) {
    const json_t *words = json_object_get(schema, "enum");
    const char *ref = json_string_value(json_object_get(schema, "$ref"));
    if (ref) return conforms(v, json_object_get(defs, ref + strlen("#/$defs/")), defs);
    if (!of_type(v, json_object_get(schema, "type"))) return false;
    if (words && !is_one_of(v, words)) return false;
    if (json_is_object(v)) return object_conforms(v, schema, defs);
    for (size_t i = 0; json_is_array(v) && i < json_array_size(v); i++)
        if (!conforms(json_array_get(v, i), json_object_get(schema, "items"), defs)) return false;
    return true;
}

#endif
